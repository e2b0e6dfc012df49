//! Every reason code that reaches a person, once. The interface has words of its own for each of them: the tables below
//! become types there, and a code without words does not compile.

/// Why the server or the core refused something, as in [`Refusal::code`](crate::rest::Refusal::code).
pub const REFUSAL_CODES: &[&str] = &[
    "account_in_use",
    "attachment_missing",
    "bad_text",
    "being_sent",
    "busy",
    "disk_full",
    "email_taken",
    "empty",
    "empty_file",
    "file_too_large",
    "file_type",
    "forbidden",
    "in_progress",
    "internal",
    "invalid",
    "invalid_credentials",
    "key_reused",
    "method_not_allowed",
    "not_found",
    "not_reachable",
    "suspended",
    "too_large",
    "too_long",
    "too_many",
    "too_many_logins",
    "too_many_messages",
    "unauthenticated",
    "unknown_recipient",
    "waiting",
    "websocket_needed",
    "wrong_host",
    "wrong_state",
];

/// Why a file cannot be sent.
pub const FILE_CODES: &[&str] = &["empty_file", "file_too_large", "file_type", "too_many"];

/// Why there is no connection, no answer, or no server.
pub const LINK_REASONS: &[&str] = &[
    "busy",
    "closed",
    "dns",
    "garbled",
    "intercepted",
    "keychain_locked",
    "keychain_unavailable",
    "not_guildhall",
    "other",
    "refused",
    "server_restart",
    "silent",
    "timeout",
    "tls",
    "unfit",
];

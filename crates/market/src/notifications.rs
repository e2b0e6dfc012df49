//! Notifications: notices to one person, made once per (person, type, subject, version), read on one device and
//! thereby on all.

/// The types of notice that exist today. Types from a newer server are shown as they come.
pub mod kinds {
    /// Somebody wrote. Subject: the conversation. One unread notice for each conversation.
    pub const MESSAGE_RECEIVED: &str = "message.received";
    /// A notice that an administrator sent to themselves to try the line.
    pub const TEST: &str = "test";
}

/// Longest list of notices in one answer.
pub const PAGE_MAX: i64 = 100;
/// Length of a list of notices when the caller names none.
pub const PAGE_DEFAULT: i64 = 20;

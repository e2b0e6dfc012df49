//! What the interface shows: values made by the core, complete enough that the interface decides nothing.

use guildhall_market::{
    ids::{AttachmentId, MessageId, TokenId, UserId},
    messages::Subject,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Names one conversation on one server: the other person and what it is about. Opaque to the interface.
///
/// Written `7`, `7-job-12` or `7-domain-5`, so that it can stand in an address and in a list's keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct ConversationKey {
    /// The other person.
    pub user: UserId,
    /// What it is about.
    pub subject: Subject,
}

impl std::fmt::Display for ConversationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self.subject.parts() {
            ("", _) => write!(f, "{}", self.user),
            (kind, id) => write!(f, "{}-{kind}-{id}", self.user),
        }
    }
}

impl From<ConversationKey> for String {
    fn from(key: ConversationKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for ConversationKey {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let bad = || format!("not a conversation key: {text:?}, expected such as 7, 7-job-12 or 7-domain-5");
        let mut parts = text.splitn(3, '-');
        let user = parts.next().and_then(|p| p.parse().ok()).ok_or_else(bad)?;
        let subject = match (parts.next(), parts.next()) {
            (None, None) => Subject::None,
            (Some(kind), Some(id)) if !kind.is_empty() => guildhall_market::ids::parse_plain_decimal(id)
                .and_then(|id| Subject::from_parts(kind, id))
                .ok_or_else(bad)?,
            _ => return Err(bad()),
        };
        Ok(Self { user, subject })
    }
}

/// A person as shown in lists and heads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PersonView {
    /// Who.
    pub id: UserId,
    /// The name, or "Deleted user".
    pub name: String,
    /// The trade, such as `Joiner`. People with a trade wear the arch. Absent for clients and bidders.
    pub craft: Option<String>,
    /// Whether the server vouches for them.
    pub verified: bool,
    /// Whether they are an administrator of the server.
    pub admin: bool,
    /// Online now, as far as is known. Unknown while we are offline ourselves.
    pub online: Option<bool>,
    /// When they were last online, server time.
    pub last_seen_at: Option<Timestamp>,
    /// Whether I blocked them.
    pub blocked: bool,
}

/// Who is signed in, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SessionView {
    /// Nobody.
    SignedOut {
        /// Why, when it was not the user's own doing.
        because: Option<SignedOutBecause>,
        /// Waiting messages kept for the next sign-in of the same person.
        kept_messages: u32,
        /// The address offered first: the last one used.
        server_url: Option<String>,
        /// The e-mail address last used there.
        email: Option<String>,
    },
    /// Somebody.
    SignedIn {
        /// Who.
        me: PersonView,
        /// Their e-mail address.
        email: String,
        /// Where, as the user entered it.
        server_url: String,
        /// Whether the server runs inside this app.
        local: bool,
        /// Where the token is kept.
        token_store: TokenStore,
    },
}

/// Why somebody is signed out without having asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SignedOutBecause {
    /// The token was revoked, here or from another device.
    Revoked,
    /// The system's keychain did not give the token back.
    KeychainUnavailable,
}

/// Where the token is kept between starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TokenStore {
    /// In the system's keychain.
    Keychain,
    /// In memory only, because the system has no keychain or it is locked: one must sign in again after a restart.
    SessionOnly,
}

/// A server that can be chosen on the sign-in screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ServerView {
    /// The address.
    pub url: String,
    /// Its name, or the host.
    pub name: String,
}

/// What a look at a server found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ServerCheck {
    /// The address that was looked at, in full form.
    pub url: String,
    /// The name that it gave itself.
    pub name: Option<String>,
    /// Milliseconds for one request on an open connection. Absent when it cannot be reached.
    pub round_trip_ms: Option<u32>,
    /// Why it cannot be reached: `dns`, `refused`, `timeout`, `tls`, `closed`, `not_guildhall`, `other`.
    pub failure: Option<String>,
}

/// What would become of a text that is being written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct MessagePreview {
    /// What would be sent.
    pub body: String,
    /// Whether something that one can see was left out, such as what reads like markup.
    pub shows_less: bool,
    /// How long it is, in characters as they are counted.
    pub length: u32,
    /// How long it may be.
    pub length_max: u32,
    /// Why it would not be taken; one of [`REFUSAL_CODES`](crate::codes::REFUSAL_CODES).
    pub reason: Option<String>,
}

/// A person of the demo market, to sign in as.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DemoPerson {
    /// Their name.
    pub name: String,
    /// Their trade, if any.
    pub craft: Option<String>,
    /// Their e-mail address, which names them in `local_start` and `window_open_as`.
    pub email: String,
}

/// The state of the connection, always in sight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ConnectionView {
    /// The state.
    pub state: ConnectionState,
    /// When this state began, on this machine's clock.
    pub since: Timestamp,
    /// When the next try is made, on this machine's clock, while waiting for one.
    pub retry_at: Option<Timestamp>,
    /// Why the last connection ended or could not be made: `refused`, `timeout`, `silent`, `closed`, `dns`, `tls`,
    /// `server_restart`, `unfit`, `intercepted`, `garbled`, `keychain_locked`, `keychain_unavailable`, `local_server`, `other`.
    pub reason: Option<String>,
    /// Messages in the outbox that are waiting or being sent.
    pub queued: u32,
    /// Messages that failed and wait for the user.
    pub failed: u32,
    /// The last event number that is stored here.
    pub synced_to: i64,
    /// Round trip of the last ping, milliseconds.
    pub round_trip_ms: Option<u32>,
    /// Why what waits is not taken although there is a connection: `busy`, or a word of `reason`. None while it moves.
    pub held_up: Option<String>,
}

/// The states of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Nobody is signed in.
    Idle,
    /// The first connection is being made.
    Connecting,
    /// Connected, fetching what was missed.
    Syncing,
    /// Connected and nothing is missing.
    Online,
    /// No connection. The next try is at `retry_at`.
    Offline,
}

/// One row of the conversation list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ConversationRow {
    /// The key.
    pub key: ConversationKey,
    /// The other person.
    pub person: PersonView,
    /// What it is about.
    pub subject: Subject,
    /// What it is about in words, when known, such as the job's title.
    pub subject_title: Option<String>,
    /// The last message, waiting ones included. Absent in a conversation of only a draft.
    pub last: Option<LastMessage>,
    /// When the row last moved, for the order: latest first.
    pub last_at: Timestamp,
    /// Unread messages.
    pub unread: u32,
    /// The unsent text, when there is one.
    pub draft: Option<String>,
}

/// The last line of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LastMessage {
    /// The text, on one line, at most 200 characters. Empty for one of only files, or a deleted one.
    pub snippet: String,
    /// Whether I wrote it.
    pub mine: bool,
    /// Its state.
    pub state: MessageState,
    /// The name of its first file.
    pub attachment_name: Option<String>,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// The state of a message as its reader or writer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// In the outbox.
    Waiting,
    /// On its way.
    Sending,
    /// The server has it.
    Sent,
    /// A device of the recipient has it.
    Delivered,
    /// The recipient has read it.
    Read,
    /// The server refused it: retry, edit or drop it.
    Failed,
    /// It is from the other person.
    Received,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct MessageView {
    /// Stable from the moment it was written, through sending, to the end. Never reused.
    pub key: String,
    /// The server's id, once it has one.
    pub id: Option<MessageId>,
    /// Ascending place in the conversation; waiting messages come after all others.
    pub order: i64,
    /// Whether I wrote it.
    pub mine: bool,
    /// The text, cleaned. Plain text, never markup. Empty when deleted.
    pub body: String,
    /// `text`, or a word of a newer or foreign server.
    pub message_type: String,
    /// Its files.
    pub attachments: Vec<AttachmentView>,
    /// Its state.
    pub state: MessageState,
    /// Why it failed, in a failed one.
    pub failure: Option<SendFailure>,
    /// When it was written, on the writer's clock.
    pub written_at: Timestamp,
    /// When the server took it.
    pub sent_at: Option<Timestamp>,
    /// When a device of the recipient had it.
    pub delivered_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Option<Timestamp>,
    /// Whether its writer deleted it.
    pub deleted: bool,
    /// Whether the server stored another text than was typed.
    pub changed_by_server: bool,
}

/// Why a message failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SendFailure {
    /// The reason code, such as `too_long`, `empty`, `not_reachable`, `attachment_missing`.
    pub reason: String,
    /// The server's words.
    pub message: String,
}

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AttachmentView {
    /// The server's id. Absent while the file is only here.
    pub id: Option<AttachmentId>,
    /// The id of the chosen file on this device, while it is only here.
    pub local_id: Option<String>,
    /// A safe file name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// Bytes.
    pub size: i64,
}

/// A file chosen for a message that is not sent yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AttachmentDraft {
    /// Names it on this device.
    pub local_id: String,
    /// A safe file name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// Bytes.
    pub size: i64,
}

/// A file that was copied in another program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CopiedFile {
    /// The file's name.
    pub name: String,
    /// The bytes in base64; `None` when they are more than can be sent.
    pub base64: Option<String>,
}

/// The content of a file, for showing in the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AttachmentContent {
    /// The media type by content.
    pub mime: String,
    /// The bytes in base64.
    pub base64: String,
}

/// What lies before the oldest message of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Older {
    /// Nothing: the conversation begins here.
    Beginning,
    /// More messages on this device: ask with `before`.
    Here,
    /// Messages that are not on this device. They are being fetched, and `thread_stale` follows; offline, they come later.
    Gap,
}

/// Part of a conversation, without holes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ThreadView {
    /// Which conversation.
    pub conversation: ConversationKey,
    /// The other person.
    pub person: PersonView,
    /// What it is about in words, when known.
    pub subject_title: Option<String>,
    /// Oldest first.
    pub messages: Vec<MessageView>,
    /// What lies before.
    pub older: Older,
    /// The key of the first unread message, to draw the line above.
    pub first_unread: Option<String>,
    /// The unsent text.
    pub draft: String,
    /// The files chosen for the next message.
    pub attachments: Vec<AttachmentDraft>,
    /// Stretches without a connection during this window's messages, to draw the divider: from, to (still open when absent).
    pub offline: Vec<OfflineSpan>,
}

/// A stretch of time without a connection, on this machine's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OfflineSpan {
    /// When the link was lost.
    pub from: Timestamp,
    /// When it was back. Absent while it is not.
    pub to: Option<Timestamp>,
}

/// Counts for badge, rail and tray.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnreadView {
    /// Unread messages in all conversations.
    pub messages: u32,
    /// Conversations with unread messages.
    pub conversations: u32,
    /// Unread notices, those about messages not counted.
    pub notifications: u32,
}

/// A stored notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct NotificationView {
    /// The server's id.
    pub id: i64,
    /// Its type, such as `message.received`.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub message: String,
    /// The conversation that it leads to, if any.
    pub conversation: Option<ConversationKey>,
    /// The person whom it is about, if any.
    pub person: Option<PersonView>,
    /// When it was made, server time.
    pub created_at: Timestamp,
    /// When it was read.
    pub read_at: Option<Timestamp>,
}

/// A signed-in device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DeviceView {
    /// Its token's id.
    pub id: TokenId,
    /// Its name.
    pub name: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// Whether it is this one.
    pub current: bool,
}

/// All that the user can set on this device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Settings {
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// Stronger lines and text.
    pub more_contrast: bool,
    /// Size of text in percent: 100, 110, 125 or 150.
    pub text_percent: u16,
    /// Enter sends and Shift Enter breaks the line; otherwise Ctrl Enter sends.
    pub enter_sends: bool,
    /// Show notices inside the app.
    pub toasts: bool,
    /// Show notices through the system.
    pub desktop: bool,
    /// A sound with a new message.
    pub sound: bool,
    /// Leave names and texts out of the system's notices.
    pub hide_content: bool,
    /// Quiet every day between two times.
    pub quiet: bool,
    /// Quiet from, minutes after local midnight, 0 to 1439.
    pub quiet_from_min: u16,
    /// Quiet to, minutes after local midnight, 0 to 1439. May be less than `quiet_from_min`: over midnight.
    pub quiet_to_min: u16,
    /// Quiet until this moment, whatever the time of day.
    pub quiet_until: Option<Timestamp>,
    /// Closing the window leaves the app in the tray.
    pub close_to_tray: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            more_contrast: false,
            text_percent: 100,
            enter_sends: true,
            toasts: true,
            desktop: true,
            sound: true,
            hide_content: false,
            quiet: false,
            quiet_from_min: 21 * 60,
            quiet_to_min: 7 * 60,
            quiet_until: None,
            close_to_tray: false,
        }
    }
}

/// The theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What stands on the page about the app itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AboutView {
    /// The version.
    pub version: String,
    /// The folder of this profile's data.
    pub data_dir: String,
    /// Bytes of the cache.
    pub cache_bytes: i64,
    /// Bytes of what is the user's own.
    pub own_bytes: i64,
    /// Whether the system's notification service answers, and its name.
    pub notification_service: Option<String>,
    /// Whether local mode is possible in this host.
    pub local_mode: bool,
    /// The operating system: `linux`, `macos`, `windows` or `web`.
    pub os: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversation_keys_read_back_as_they_are_written() {
        for text in ["7", "7-job-12", "7-domain-5"] {
            let key: ConversationKey = serde_json::from_value(text.into()).expect(text);
            assert_eq!(key.to_string(), text);
        }
        for text in ["", "x", "07", "7-", "7-job", "7-job-", "7-job-0", "7-boat-1", "7--1", "7-job-1-2", "-7"] {
            assert!(serde_json::from_value::<ConversationKey>(text.into()).is_err(), "{text:?}");
        }
    }
}

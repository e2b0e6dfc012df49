//! What the core tells the interface without being asked, in order, over one long-lived stream.

use guildhall_market::{ids::UserId, time::Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::views::{
    AttachmentDraft, ConnectionView, ConversationKey, ConversationRow, MessageView, NotificationView, PersonView,
    SessionView, Settings, UnreadView,
};

/// One change. Rows (`conversations`, `messages`, `notifications`) are whole and replace the row with the same key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)]
pub enum UiEvent {
    /// The stream begins, or the receiver fell behind and events were left out: ask for everything again.
    Reset,
    /// Somebody signed in or out, or the server no longer accepts the token.
    Session {
        /// The new state.
        session: SessionView,
    },
    /// The state of the connection.
    Connection {
        /// The new state.
        connection: ConnectionView,
    },
    /// Conversation rows changed, appeared or went. Newest order is by `last_at` of the row, latest first.
    Conversations {
        /// Whole rows.
        rows: Vec<ConversationRow>,
        /// Keys of rows that are gone.
        removed: Vec<ConversationKey>,
    },
    /// Messages of one conversation changed, appeared or went. Order is by `order`, ascending.
    Messages {
        /// Which conversation.
        conversation: ConversationKey,
        /// Whole messages, by `key`.
        rows: Vec<MessageView>,
        /// Keys of messages that are gone (a waiting one that was dropped).
        removed: Vec<String>,
    },
    /// A conversation's messages must be asked for again: a gap was filled or the cache was rebuilt.
    ThreadStale {
        /// Which conversation.
        conversation: ConversationKey,
    },
    /// The files chosen for the next message of a conversation changed.
    Attachments {
        /// Which conversation.
        conversation: ConversationKey,
        /// All that are chosen now.
        drafts: Vec<AttachmentDraft>,
    },
    /// Somebody is typing, until the given moment or until their message arrives.
    Typing {
        /// Which conversation.
        conversation: ConversationKey,
        /// Who.
        user_id: UserId,
        /// When to stop showing it, on this machine's clock.
        until_ms: Timestamp,
    },
    /// Facts about a person changed: online, name, block.
    Person {
        /// The person.
        person: PersonView,
    },
    /// The counts for badge, rail and tray.
    Unread {
        /// The counts.
        unread: UnreadView,
    },
    /// Notices appeared or changed.
    Notifications {
        /// Whole rows, by `id`.
        rows: Vec<NotificationView>,
        /// Ids of rows that are gone.
        removed: Vec<i64>,
    },
    /// Settings changed, perhaps in another window.
    Settings {
        /// All of them.
        settings: Settings,
    },
    /// Show something briefly.
    Toast {
        /// What.
        toast: Toast,
    },
    /// Go to a conversation: its notification was clicked.
    OpenConversation {
        /// Which.
        conversation: ConversationKey,
    },
}

/// Something worth saying in passing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Toast {
    /// A message arrived in a conversation that is not in view.
    Message {
        /// Where it leads.
        conversation: ConversationKey,
        /// Who wrote.
        name: String,
        /// What, cut to one line. Empty when contents are hidden.
        body: String,
        /// Whether a sound goes with it.
        sound: bool,
    },
    /// The link is back, and so many waiting messages were sent since.
    BackOnline {
        /// Messages sent on return.
        sent: u32,
    },
    /// The cache was damaged, set aside and is being rebuilt from the server. Nothing of the user's own was in it.
    CacheRebuilt,
    /// The file with the user's own unsent things was damaged and set aside, and a copy took its place.
    OwnRestored {
        /// When the copy was made, on this machine's clock; null when there was none and everything unsent is lost.
        copied_at: Option<Timestamp>,
        /// Where the damaged file lies now, as a path to show; empty when there was none any more.
        aside: String,
    },
    /// The disk is full: nothing new can be kept until there is room.
    DiskFull,
    /// The system's notification service does not answer; notices are shown in the app only.
    NoNotificationService,
    /// An attachment was saved.
    Saved {
        /// Where, as a path to show.
        path: String,
    },
}

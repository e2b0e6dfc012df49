//! Conversations: their key, the list, drafts, and who is typing.

use crate::mend::{Mend, read};
use crate::messages::{MessageBody, MessageState};
use crate::people::{PersonView, User};
use guildhall_market::ids::UserId;
use guildhall_market::messages::Subject;
use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use utoipa::ToSchema;

pub use crate::conversation_key::ConversationKey;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! conversations_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// The conversation list, latest first. At most `limit` rows, 1 to 500.
            conversation_list($crate::conversations::ConversationQuery) -> Vec<$crate::conversations::ConversationRow> as person;
            /// One row of the conversation list; made up empty for somebody one has not written to yet.
            conversation_get($crate::conversations::ConversationRef) -> $crate::conversations::ConversationRow as person;
            /// Marks everything in a conversation as read, up to the newest message that is here.
            conversation_read($crate::conversations::ConversationRef) -> $crate::commands::Nothing as person;
            /// Takes a conversation out of the list on this device, until somebody writes in it. Refused (`waiting`) while
            /// something of it waits to be sent. Deletes nothing but the draft.
            conversation_remove($crate::conversations::ConversationRef) -> $crate::commands::Nothing as person;
            /// Tells the other person that I am typing. Call as often as keys are pressed: at most one a second is sent.
            conversation_typing($crate::conversations::ConversationRef) -> $crate::commands::Nothing as person;
            /// Keeps the unsent text of a conversation. An empty text removes it.
            draft_set($crate::conversations::DraftSet) -> $crate::commands::Nothing as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// Somebody types. A client event, relayed to the other person.
            CLIENT_TYPING = "client-typing": $crate::conversations::TypingReceived, on user, for the moment;
        ] $($rest)* }
    };
    (rows $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { rows $with [$($rows)*
            /// Conversation rows changed, appeared or went. Newest order is by `last_at` of the row, latest first.
            Conversations conversations ($crate::conversations::ConversationRow);
        ] $($rest)* }
    };
    (states $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { states $with [$($rows)*
            /// Somebody is typing, until the given moment or until their message arrives.
            Typing typing last {
                /// Who.
                user_id: guildhall_market::ids::UserId,
                /// When to stop showing it, on this machine's clock.
                until_ms: guildhall_market::time::Timestamp,
            } of {
                /// Which conversation.
                conversation: $crate::conversation_key::ConversationKey,
            };
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// One row of the conversation list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Conversation {
    /// The other person.
    pub user: User,
    /// The job it is about.
    pub job_id: Option<i64>,
    /// The domain it is about.
    pub domain_id: Option<i64>,
    /// The last message.
    pub last_message: MessageBody,
    /// Unread messages.
    pub unread_count: i64,
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

/// `client-typing`, as a client sends it on its own channel.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TypingSent {
    /// Whom one is writing to.
    #[schema(value_type = i64)]
    pub recipient_id: UserId,
    /// The job that the conversation is about.
    #[serde(default)]
    pub job_id: Option<i64>,
    /// The domain that the conversation is about.
    #[serde(default)]
    pub domain_id: Option<i64>,
}

/// `client-typing`, as it reaches the other person.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TypingReceived {
    /// Who types.
    #[schema(value_type = i64)]
    pub user_id: UserId,
    /// The job that the conversation is about.
    pub job_id: Option<i64>,
    /// The domain that the conversation is about.
    pub domain_id: Option<i64>,
}

/// `conversation_list`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ConversationQuery {
    /// Only those with unread messages.
    pub unread_only: bool,
    /// Only those whose person's name contains this.
    pub name: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// Names a conversation.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ConversationRef {
    /// Which.
    pub conversation: ConversationKey,
}

/// `draft_set`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DraftSet {
    /// Which conversation.
    pub conversation: ConversationKey,
    /// The text so far.
    pub body: String,
}

impl Mend for Conversation {
    fn mend(row: &Value) -> Option<Self> {
        Some(Self {
            user: read(&row["user"])?,
            job_id: row["job_id"].as_i64(),
            domain_id: row["domain_id"].as_i64(),
            last_message: read(&row["last_message"])?,
            unread_count: row["unread_count"].as_i64().unwrap_or(0),
        })
    }
}

impl crate::rows::Row for ConversationRow {
    type Key = ConversationKey;

    fn key(&self) -> ConversationKey {
        self.key.clone()
    }
}

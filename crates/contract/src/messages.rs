//! Messages: sent, shown, marked and deleted.

use crate::attachments::{Attachment, AttachmentDraft, AttachmentView};
use crate::connection::OfflineSpan;
use crate::conversation_key::ConversationKey;
use crate::lenient;
use crate::mend::{Mend, NO_TIME, UNREADABLE, fit, id};
use crate::people::{Party, PersonView};
use crate::wire_time::WireTime;
use guildhall_market::ids::{AttachmentId, MessageId, UserId};
use guildhall_market::messages::Subject;
use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! messages_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Part of a conversation: the newest messages, or those before `before`. At most `limit`, 1 to 200.
            thread_get($crate::messages::ThreadQuery) -> $crate::messages::ThreadView as person;
            /// What would be sent of a text, and whether it would be taken. Changes nothing.
            message_preview($crate::messages::MessageSend) -> $crate::messages::MessagePreview as person;
            /// Accepts a message: when this answers, it is on disk and will be sent once. Takes the chosen files along.
            message_send($crate::messages::MessageSend) -> $crate::messages::MessageView as person;
            /// Sends a failed message again, with other text if some is given.
            message_retry($crate::messages::MessageRetry) -> $crate::messages::MessageView as person;
            /// Drops a message that is waiting or failed. One that is being sent cannot be dropped.
            message_discard($crate::messages::MessageRef) -> $crate::commands::Nothing as person;
            /// Deletes a sent message of one's own, for both.
            message_delete($crate::messages::MessageDelete) -> $crate::commands::Nothing as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// A message was sent. To both parties.
            MESSAGE_SENT = "message.sent": $crate::messages::MessageBody, on user, in the feed;
            /// Messages were read, the first time only. To both parties.
            MESSAGE_READ = "message.read": $crate::messages::MessageRead, on user, in the feed;
            /// Messages reached a device of the recipient. To the sender.
            MESSAGE_DELIVERED = "message.delivered": $crate::messages::MessageDelivered, on user, in the feed;
            /// A message was deleted by its sender. To both parties.
            MESSAGE_DELETED = "message.deleted": $crate::messages::MessageDeleted, on user, in the feed;
        ] $($rest)* }
    };
    (rows $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { rows $with [$($rows)*
            /// Messages of one conversation changed, appeared or went. Order is by `order`, ascending.
            Messages messages ($crate::messages::MessageView) of conversation: $crate::conversation_key::ConversationKey;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `POST /api/messages`, in either dialect: `recipient_id` and `content`, or `to_user_id` and `body`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct NewMessage {
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub recipient_id: Option<UserId>,
    /// The same, in the other dialect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub to_user_id: Option<UserId>,
    /// The text. At most 16 KiB raw and 1,000 characters cleaned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The same, in the other dialect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `text` unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_type: Option<String>,
    /// The job it is about.
    #[serde(default, deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub job_id: Option<i64>,
    /// The domain it is about.
    #[serde(default, deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<i64>,
    /// Ids of one's own uploaded files that were not sent yet. At most 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<i64>>)]
    pub attachments: Option<Vec<AttachmentId>>,
    /// When it was written, on the writer's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_at: Option<WireTime>,
}

/// A message with the fields of both dialects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageBody {
    /// Increasing per server.
    #[schema(value_type = i64)]
    pub id: MessageId,
    /// Who wrote it.
    #[schema(value_type = i64)]
    pub sender_id: UserId,
    /// Whom it is for.
    #[schema(value_type = i64)]
    pub recipient_id: UserId,
    /// The text. Plain text, never markup.
    pub content: String,
    /// `text`, or another word.
    pub message_type: String,
    /// The job it is about.
    pub job_id: Option<i64>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// Whether the recipient read it.
    pub is_read: bool,
    /// When the server took it.
    pub created_at: WireTime,
    /// Who wrote it.
    pub sender: Party,
    /// As `sender_id`.
    #[schema(value_type = i64)]
    pub from_user_id: UserId,
    /// As `recipient_id`.
    #[schema(value_type = i64)]
    pub to_user_id: UserId,
    /// The domain it is about.
    pub domain_id: Option<i64>,
    /// As `content`.
    pub body: String,
    /// As `sender`.
    pub from_user: Party,
    /// The domain it is about.
    pub domain: Option<Named>,
    /// Whom it is for.
    pub recipient: Party,
    /// When it was written, where the writer said so.
    pub written_at: Option<WireTime>,
    /// When a device of the recipient had it.
    pub delivered_at: Option<WireTime>,
    /// When it was read.
    pub read_at: Option<WireTime>,
    /// When it was deleted.
    pub deleted_at: Option<WireTime>,
    /// The key under which the writer sent it, so that echo and answer are known for one. Only the writer's own devices get it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_key: Option<String>,
}

impl MessageBody {
    /// What the conversation is about.
    pub fn subject(&self) -> Subject {
        use guildhall_market::ids::{DomainId, JobId};
        match (self.job_id, self.domain_id) {
            (Some(id), _) => Subject::Job(JobId(id)),
            (None, Some(id)) => Subject::Domain(DomainId(id)),
            (None, None) => Subject::None,
        }
    }
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Named {
    /// Which.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// `POST /api/messages/read`
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReadUpTo {
    /// The newest message that was read.
    #[schema(value_type = i64)]
    pub up_to: MessageId,
    /// Who wrote them.
    #[schema(value_type = i64)]
    pub user_id: UserId,
    /// Only those about this job.
    #[serde(default, deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub job_id: Option<i64>,
    /// Only those about this domain.
    #[serde(default, deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<i64>,
}

/// `POST /api/messages/delivered`
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeliveredUpTo {
    /// The newest message that is stored on this device.
    #[schema(value_type = i64)]
    pub up_to: MessageId,
}

/// `message.read`. `message_id` is the newest message that became read; all of the conversation's up to it are read.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageRead {
    /// The newest message that was read.
    #[schema(value_type = i64)]
    pub message_id: MessageId,
    /// All messages of this conversation from the writer up to this one are read; absent when only this one is.
    #[schema(value_type = Option<i64>)]
    pub up_to: Option<MessageId>,
    /// When.
    pub read_at: WireTime,
    /// Who wrote it.
    #[schema(value_type = i64)]
    pub from_user_id: UserId,
    /// Who read it.
    #[schema(value_type = i64)]
    pub to_user_id: UserId,
    /// The domain that the conversation is about.
    pub domain_id: Option<i64>,
    /// The job that the conversation is about.
    pub job_id: Option<i64>,
}

/// `message.delivered`: a device of the recipient has all messages from the writer up to this one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageDelivered {
    /// The newest message that arrived.
    #[schema(value_type = i64)]
    pub up_to: MessageId,
    /// When.
    pub delivered_at: WireTime,
    /// Who wrote them.
    #[schema(value_type = i64)]
    pub from_user_id: UserId,
    /// Who has them.
    #[schema(value_type = i64)]
    pub to_user_id: UserId,
}

/// `message.deleted`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageDeleted {
    /// The whole message, its text and files gone.
    #[serde(flatten)]
    pub message: MessageBody,
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

/// Why a message failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SendFailure {
    /// The reason code, such as `too_long`, `empty`, `not_reachable`, `attachment_missing`.
    pub reason: String,
    /// The server's words.
    pub message: String,
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

/// `thread_get`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ThreadQuery {
    /// Which conversation.
    pub conversation: ConversationKey,
    /// Only messages whose `order` is less than this. Absent: the newest.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// `message_send`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageSend {
    /// Which conversation.
    pub conversation: ConversationKey,
    /// The text. May be empty when files are chosen.
    pub body: String,
}

/// `message_retry`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageRetry {
    /// The message.
    pub key: String,
    /// The text to send instead.
    pub body: Option<String>,
}

/// Names a message.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageRef {
    /// Its key.
    pub key: String,
}

/// `message_delete`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MessageDelete {
    /// Its id at the server.
    pub id: MessageId,
}

impl Mend for MessageBody {
    fn mend(row: &Value) -> Option<Self> {
        let (from, to) = (id(row, ["sender_id", "from_user_id"])?, id(row, ["recipient_id", "to_user_id"])?);
        // Names that cannot be read stay empty: what is known of the person stays.
        let party = |id: i64| json!({"id": id, "name": "", "avatar": null});
        let base = json!({
            "id": id(row, ["id", "message_id"])?, "sender_id": from, "recipient_id": to, "from_user_id": from, "to_user_id": to,
            "content": "", "body": "", "message_type": "text", "job_id": null, "domain_id": null, "domain": null,
            "attachments": [], "is_read": false, "created_at": NO_TIME, "sender": party(from), "from_user": party(from),
            "recipient": party(to), "written_at": null, "delivered_at": null, "read_at": null, "deleted_at": null,
        });
        let (mut body, lost) = fit::<Self>(base, row)?;
        let lost = |name: &str| lost.iter().any(|other| other == name);
        let here = |name: &str| row.get(name).is_some() && !lost(name);
        body.content = if here("content") { body.content } else { body.body.clone() };
        body.body.clone_from(&body.content);
        if lost("attachments") {
            let files = row["attachments"].as_array().map(Vec::as_slice).unwrap_or_default();
            body.attachments = files.iter().filter_map(|file| Attachment::deserialize(file).ok()).collect();
        }
        if !here("created_at") {
            body.created_at = body.written_at.or(body.delivered_at).or(body.read_at).unwrap_or(NO_TIME);
        }
        // When is not known, but that it was deleted is: its words are nobody's any more.
        if lost("deleted_at") {
            body.deleted_at = Some(body.created_at);
        }
        let whole = (here("content") || here("body")) && here("attachments");
        if !whole {
            body.message_type = UNREADABLE.into();
        }
        Some(body)
    }
}

impl crate::rows::Row for MessageView {
    type Key = String;

    fn key(&self) -> String {
        self.key.clone()
    }

    fn in_order(rows: &mut [Self]) {
        rows.sort_by_key(|row| row.order);
    }
}

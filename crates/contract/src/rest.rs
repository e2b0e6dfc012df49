//! Bodies of the REST interface. Answers are `{"data": …}`; refusals are [`Refusal`].

use std::collections::BTreeMap;

use guildhall_market::{
    ids::{AttachmentId, MessageId, TokenId, UserId},
    messages::Subject,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{lenient, wire_time::WireTime};

/// `{"data": …}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Data<T> {
    /// The answer.
    pub data: T,
}

/// A page of a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where in the list.
    pub meta: PageMeta,
}

/// Where a page is.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PageMeta {
    /// From 1.
    pub current_page: i64,
    /// 1 to 100.
    pub per_page: i64,
    /// Rows in all pages.
    pub total: i64,
    /// The number of the last page, at least 1.
    pub last_page: i64,
    /// Continue with `before` set to this, while there are more rows.
    pub next: Option<i64>,
}

/// Why a request was not carried out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Refusal {
    /// Words for a person.
    pub message: String,
    /// The reason, for a program.
    pub code: String,
    /// Words for each field that was wrong.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, Vec<String>>,
    /// The present state of the thing, where the state was the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// `POST /api/register`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RegisterBody {
    /// 1 to 100 characters.
    pub name: String,
    /// An e-mail address that no account has.
    pub email: String,
    /// At least 10 characters.
    pub password: String,
    /// Shown in the list of devices.
    #[serde(default)]
    pub device_name: Option<String>,
}

/// `POST /api/login`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct LoginBody {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// Shown in the list of devices.
    #[serde(default)]
    pub device_name: Option<String>,
}

/// The answer to a sign-in. The token is shown this once and stored only as a hash.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// `{id}|{secret}`
    pub token: String,
    /// Who.
    pub user: OwnUser,
}

/// Oneself.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnUser {
    /// The public part.
    #[serde(flatten)]
    pub user: User,
    /// The e-mail address.
    pub email: String,
}

/// A person, as everybody may see them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Who.
    #[schema(value_type = i64)]
    pub id: UserId,
    /// The name, or "Deleted user".
    pub name: String,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// `member` or `admin`.
    #[serde(default)]
    pub role: String,
    /// The trade of an artisan.
    #[serde(default)]
    pub craft: Option<String>,
    /// Whether their identity was verified.
    #[serde(default)]
    pub verified: bool,
    /// When the account was made.
    #[serde(default)]
    pub joined_at: Option<WireTime>,
    /// Whether they are connected now; only for people one has a conversation with.
    #[serde(default)]
    pub online: Option<bool>,
    /// When they were last connected; only for people one has a conversation with.
    #[serde(default)]
    pub last_seen_at: Option<WireTime>,
    /// Whether the asking person blocked them.
    #[serde(default)]
    pub blocked: bool,
}

/// A signed-in device.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Names the token; not its secret.
    #[schema(value_type = i64)]
    pub id: TokenId,
    /// The device's name.
    pub name: String,
    /// When it signed in.
    pub created_at: WireTime,
    /// When it was last used, to the minute.
    pub last_used_at: Option<WireTime>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `GET /api/time`: milliseconds since the epoch with a fraction.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct ServerTime {
    /// When the request was received.
    pub received_at: f64,
    /// When the answer was sent.
    pub sent_at: f64,
}

/// `GET /health`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`, or `unwell` with status 503: what follows is true all the same.
    pub status: String,
    /// Why it is not well, in words for whoever runs it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// `unwell`, where it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// `guildhall`
    pub service: String,
    /// The name of this hall.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// Where realtime connections are made: the key of the app. The host and port are those of the answering listener
    /// unless `realtime_port` says otherwise.
    pub realtime_key: String,
    /// The port of the realtime listener.
    pub realtime_port: Option<u16>,
}

/// One realtime connection, as an administrator sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConnectionRow {
    /// `123.456`
    pub socket_id: String,
    /// The app's id.
    pub app: String,
    /// Where it comes from.
    pub address: String,
    /// What the client says it is, such as `js 8.6.0`.
    pub client: Option<String>,
    /// The person whose token authorised its subscriptions.
    pub user_id: Option<i64>,
    /// That token.
    pub token_id: Option<i64>,
    /// The user who signed in on the connection itself, on an app of somebody else.
    pub signed_in_as: Option<String>,
    /// The channels it listens to.
    pub channels: Vec<String>,
    /// Frames that came from it.
    pub frames_in: u64,
    /// Bytes that wait because it does not read.
    pub waiting_bytes: u64,
    /// When it connected.
    #[schema(value_type = String)]
    pub connected_at: WireTime,
    /// When it was last heard of.
    #[schema(value_type = String)]
    pub heard_at: WireTime,
    /// The last error it was told, the frame as it was sent.
    pub last_error: Option<String>,
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

/// A person in a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Party {
    /// Who.
    #[schema(value_type = i64)]
    pub id: UserId,
    /// The name, or "Deleted user".
    pub name: String,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// The trade of an artisan.
    #[serde(default)]
    pub craft: Option<String>,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Named {
    /// Which.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// Which.
    #[schema(value_type = i64)]
    pub id: AttachmentId,
    /// A safe file name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// Where the asking person can fetch it, for ten minutes.
    pub url: String,
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

/// `{"unread_count": n}`
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct UnreadCount {
    /// Unread ones.
    pub unread_count: i64,
}

/// Unread counts stand in both places: the two systems' clients look in different ones.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct UnreadCountBody {
    /// For clients that read `data`.
    pub data: UnreadCount,
    /// For clients that read the top.
    pub unread_count: i64,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotificationBody {
    /// Stable, the same on every device. A decimal number as text.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub message: String,
    /// What it is about: `conversation_user_id`, `job_id`, … and title and message once more.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
    /// When it was made.
    pub created_at: WireTime,
    /// When it was read.
    pub read_at: Option<WireTime>,
}

/// `POST /broadcasting/auth`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChannelAuthRequest {
    /// The socket, as `pusher:connection_established` named it.
    pub socket_id: String,
    /// The channel.
    pub channel_name: String,
}

/// `POST /broadcasting/user-auth`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UserAuthRequest {
    /// The socket, as `pusher:connection_established` named it.
    pub socket_id: String,
}

/// The answer to [`UserAuthRequest`]: what `pusher:signin` takes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UserAuth {
    /// `key:signature`
    pub auth: String,
    /// The user as JSON text: `id`, `user_info`, and as `watchlist` nobody.
    pub user_data: String,
}

/// The answer to [`ChannelAuthRequest`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChannelAuth {
    /// `key:signature`
    pub auth: String,
    /// The member, on presence channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_data: Option<String>,
}

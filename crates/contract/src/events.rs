//! Bodies of the events on the realtime wire and in the feed, and of the rows of the feed itself.

use guildhall_market::ids::{MessageId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    rest::{MessageBody, NotificationBody},
    wire_time::WireTime,
};

/// One row of a user's feed. `seq` is dense: each row is the one before plus 1.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FeedRow {
    /// The number of the event in this user's feed, from 1.
    pub seq: i64,
    /// The event's name.
    pub event: String,
    /// The channel that it went out on.
    pub channel: String,
    /// The body.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// The rows of a feed and how far it reaches.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FeedPage {
    /// Rows in order.
    pub data: Vec<FeedRow>,
    /// The ends.
    pub meta: FeedMeta,
}

/// The ends of a feed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct FeedMeta {
    /// The last number given out, 0 when there is none.
    pub latest: i64,
    /// The oldest number that is still kept. A client that knows less than the one before it loads everything anew.
    pub oldest: i64,
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

/// `notification.created` and `notification.sent`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NotificationCreated {
    /// The whole notice.
    #[serde(flatten)]
    pub notification: NotificationBody,
}

/// `notification.read`: one notice, or all up to now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NotificationRead {
    /// Which one; absent for all.
    pub id: Option<String>,
    /// Those with an id up to this one, when `id` is absent.
    pub up_to: Option<i64>,
    /// When.
    pub read_at: WireTime,
}

/// `notification.deleted`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NotificationDeleted {
    /// Which one.
    pub id: String,
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

/// `presence.updated`: somebody one has a conversation with came or went.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PresenceUpdated {
    /// Who.
    #[schema(value_type = i64)]
    pub user_id: UserId,
    /// Whether they are online now.
    pub online: bool,
    /// When they were last online.
    pub last_seen_at: Option<WireTime>,
}

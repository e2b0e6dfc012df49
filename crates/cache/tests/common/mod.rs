//! Bodies as a server would send them.
#![allow(dead_code)]

use guildhall_cache::{
    Cache, StoreError,
    known::{Changes, loaded_conversations, loaded_notices},
};
use guildhall_contract::{
    conversations::{Conversation, ConversationKey},
    feed::FeedRow,
    messages::MessageBody,
    notifications::NotificationBody,
};
use guildhall_market::ids::UserId;
use serde_json::{Value, json};

/// Whose cache it is.
pub const ME: UserId = UserId(1);

pub fn key(text: &str) -> ConversationKey {
    ConversationKey::try_from(text.to_owned()).unwrap()
}

pub fn time(ms: i64) -> Value {
    let at = guildhall_contract::wire_time::WireTime(guildhall_market::time::Timestamp(1_700_000_000_000 + ms));
    json!(at.to_string())
}

fn party(id: i64) -> Value {
    json!({"id": id, "name": format!("Person {id}"), "avatar": null, "craft": null})
}

/// A message from one person to another, sent as many milliseconds after the beginning as its id says.
pub fn message(id: i64, from: i64, to: i64, body: &str) -> MessageBody {
    serde_json::from_value(json!({
        "id": id, "sender_id": from, "recipient_id": to, "content": body, "message_type": "text", "job_id": null,
        "attachments": [], "is_read": false, "created_at": time(id), "sender": party(from), "from_user_id": from,
        "to_user_id": to, "domain_id": null, "body": body, "from_user": party(from), "domain": null, "recipient": party(to),
        "written_at": null, "delivered_at": null, "read_at": null, "deleted_at": null
    }))
    .unwrap()
}

pub fn conversation(last: MessageBody, unread: i64) -> Conversation {
    let other = if last.sender_id == ME { last.recipient_id } else { last.sender_id };
    serde_json::from_value(json!({
        "user": {"id": other, "name": format!("Person {other}"), "avatar": null, "role": "member"},
        "job_id": null, "domain_id": null, "last_message": last, "unread_count": unread
    }))
    .unwrap()
}

pub fn row(seq: i64, event: &str, data: impl serde::Serialize) -> FeedRow {
    FeedRow { seq, event: event.into(), channel: "private-user.1".into(), data: serde_json::to_value(data).unwrap() }
}

pub fn sent(seq: i64, body: &MessageBody) -> FeedRow {
    row(seq, "message.sent", body)
}

pub fn read(seq: i64, up_to: i64, writer: i64, reader: i64) -> FeedRow {
    let data = json!({
        "message_id": up_to, "up_to": up_to, "read_at": time(10_000), "from_user_id": writer, "to_user_id": reader,
        "domain_id": null, "job_id": null
    });
    row(seq, "message.read", data)
}

/// Loads everything anew from these lists.
pub async fn reload(
    cache: &Cache,
    me: UserId,
    list: &[Conversation],
    notices: &[NotificationBody],
    latest: i64,
    foreign: bool,
) -> Result<Changes, StoreError> {
    let loaded = [loaded_conversations(list.to_vec()), loaded_notices(notices.to_vec())];
    cache.reload(me, &loaded, latest, foreign).await
}

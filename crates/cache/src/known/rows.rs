//! Rows as they are stored, between the bodies of the wire and the views of the interface.

use guildhall_contract::{
    attachments::AttachmentView,
    conversations::ConversationKey,
    messages::{MessageBody, MessageState, MessageView},
};
use guildhall_market::{
    ids::{AttachmentId, MessageId, UserId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use sqlx::{Row, sqlite::SqliteRow};

use crate::StoreError;

/// A file of a stored message. Its address is not kept: it lives ten minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attached {
    /// The server's id.
    pub id: AttachmentId,
    /// A safe name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// Bytes.
    pub size: i64,
}

/// A message on its way into the table.
pub(super) struct NewRow {
    pub(super) id: i64,
    pub(super) conversation: ConversationKey,
    pub(super) mine: bool,
    pub(super) json: serde_json::Value,
    pub(super) sent_at: i64,
    pub(super) deleted: bool,
}

impl NewRow {
    /// The row for a body; `None` for a message that `me` is no party of, or that is to oneself.
    pub(super) fn new(me: UserId, body: &MessageBody) -> Option<Self> {
        let mine = body.sender_id == me;
        let other = if mine { body.recipient_id } else { body.sender_id };
        if other == me || (!mine && body.recipient_id != me) {
            return None;
        }
        let conversation = ConversationKey { user: other, subject: body.subject() };
        let deleted = body.deleted_at.is_some();
        let attached: Vec<Attached> = if deleted {
            Vec::new()
        } else {
            let file = |a: &guildhall_contract::attachments::Attachment| Attached {
                id: a.id,
                name: a.name.clone(),
                mime: a.mime.clone(),
                size: a.size,
            };
            body.attachments.iter().map(file).collect()
        };
        let at = |time: Option<guildhall_contract::wire_time::WireTime>| time.map(|time| time.0.0);
        let json = serde_json::json!([
            body.id.0,
            conversation.to_string(),
            i64::from(mine),
            if deleted { "" } else { body.content.as_str() },
            body.message_type,
            serde_json::to_string(&attached).expect("plain values"),
            body.created_at.0.0,
            at(body.written_at),
            at(body.delivered_at),
            // A server that does not say when it was read has read it at the latest by now.
            at(body.read_at).or(body.is_read.then_some(body.created_at.0.0)),
            at(body.deleted_at),
            body.client_key.as_ref().filter(|_| mine),
        ]);
        Some(Self { id: body.id.0, conversation, mine, json, sent_at: body.created_at.0.0, deleted })
    }
}

/// The key of a message that was not sent from one of one's own devices with a key.
pub(super) fn plain_key(id: i64) -> String {
    format!("m{id}")
}

/// A stored message as the interface sees it.
pub(super) fn message_view(row: &SqliteRow) -> Result<MessageView, StoreError> {
    let id: i64 = row.try_get("id")?;
    let mine: bool = row.try_get("mine")?;
    let sent_at: i64 = row.try_get("sent_at_ms")?;
    let time = |name: &str| row.try_get::<Option<i64>, _>(name).map(|at| at.map(Timestamp));
    // When messages of somebody else arrived and were read here is theirs to show: no event tells us the first.
    let read_at = time("read_at_ms")?.filter(|_| mine);
    let delivered_at = time("delivered_at_ms")?.filter(|_| mine);
    let state = match (mine, read_at, delivered_at) {
        (false, ..) => MessageState::Received,
        (true, Some(_), _) => MessageState::Read,
        (true, None, Some(_)) => MessageState::Delivered,
        (true, None, None) => MessageState::Sent,
    };
    let attached: Vec<Attached> = serde_json::from_str(row.try_get("attachments")?).map_err(|_| StoreError::Damaged)?;
    let view =
        |a: Attached| AttachmentView { id: Some(a.id), local_id: None, name: a.name, mime: a.mime, size: a.size };
    Ok(MessageView {
        key: row.try_get::<Option<String>, _>("client_key")?.unwrap_or_else(|| plain_key(id)),
        id: Some(MessageId(id)),
        order: id,
        mine,
        body: row.try_get("body")?,
        message_type: row.try_get("message_type")?,
        attachments: attached.into_iter().map(view).collect(),
        state,
        failure: None,
        written_at: time("written_at_ms")?.unwrap_or(Timestamp(sent_at)),
        sent_at: Some(Timestamp(sent_at)),
        delivered_at,
        read_at,
        deleted: time("deleted_at_ms")?.is_some(),
        changed_by_server: row.try_get("changed_by_server")?,
    })
}

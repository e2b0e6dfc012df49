//! Stored rows as the wire spells them.

use guildhall_contract::{
    attachments::Attachment,
    messages::{MessageBody, Named},
    notifications::NotificationBody,
    people::{Party, User},
    wire_time::WireTime,
};
use guildhall_db::{attachments, messages, notifications, people};
use guildhall_market::{
    accounts::DELETED_NAME,
    ids::{AttachmentId, UserId},
    messages::Subject,
    time::{MINUTE_MS, Timestamp},
};
use guildhall_pusher::auth::hmac_hex;

use crate::error::{ApiError, kept};

/// How long an attachment's link lives, milliseconds (domain rule: ten minutes).
pub const LINK_LIFE_MS: i64 = 10 * MINUTE_MS;

fn at(ms: i64) -> WireTime {
    WireTime(Timestamp(ms))
}

/// A moment as the wire writes it, of milliseconds since 1970.
pub fn time(ms: i64) -> WireTime {
    at(ms)
}

/// A person, as everybody may see them.
pub fn user(stored: &people::User) -> User {
    User {
        id: stored.id,
        name: stored.shown_name().to_owned(),
        avatar: stored.avatar.clone().filter(|_| stored.deleted_at_ms.is_none()),
        role: stored.role.code().to_owned(),
        craft: stored.craft.clone().filter(|_| stored.deleted_at_ms.is_none()),
        place: None,
        verified: stored.verified_at_ms.is_some(),
        joined_at: Some(at(stored.created_at_ms)),
        online: None,
        last_seen_at: None,
        blocked: false,
    }
}

fn party(id: UserId, name: &str, avatar: Option<&str>, craft: Option<&str>, deleted: bool) -> Party {
    Party {
        id,
        name: if deleted { DELETED_NAME } else { name }.to_owned(),
        avatar: avatar.filter(|_| !deleted).map(str::to_owned),
        craft: craft.map(str::to_owned),
    }
}

/// A link to a file, bound to its reader and to ten minutes.
pub fn attachment_link(secret: &str, id: AttachmentId, reader: UserId, now: Timestamp) -> String {
    let expires = now.plus_ms(LINK_LIFE_MS).0;
    format!(
        "/api/attachments/{id}?reader={reader}&expires={expires}&signature={}",
        link_signature(secret, id, reader, expires)
    )
}

/// The signature in such a link.
pub fn link_signature(secret: &str, id: AttachmentId, reader: UserId, expires_ms: i64) -> String {
    hmac_hex(secret, format!("attachment:{id}:{reader}:{expires_ms}").as_bytes())
}

/// A file, with a link for `reader`.
pub fn attachment(stored: &attachments::Attachment, secret: &str, reader: UserId, now: Timestamp) -> Attachment {
    let id = stored.id;
    Attachment {
        id,
        name: stored.name.clone(),
        mime: stored.mime.clone(),
        size: stored.size_bytes,
        sha256: stored.sha256.clone(),
        url: attachment_link(secret, id, reader, now),
    }
}

/// A message as `reader` gets it. `files` may hold other messages' files too.
pub fn message(
    stored: &messages::Message,
    files: &[attachments::Attachment],
    secret: &str,
    reader: UserId,
    now: Timestamp,
) -> MessageBody {
    let sender = party(
        stored.sender_id,
        &stored.sender_name,
        stored.sender_avatar.as_deref(),
        stored.sender_craft.as_deref(),
        stored.sender_deleted_at_ms.is_some(),
    );
    let recipient = party(
        stored.recipient_id,
        &stored.recipient_name,
        stored.recipient_avatar.as_deref(),
        stored.recipient_craft.as_deref(),
        stored.recipient_deleted_at_ms.is_some(),
    );
    let (job_id, domain_id) = match stored.subject {
        Subject::None => (None, None),
        Subject::Job(id) => (Some(id.0), None),
        Subject::Domain(id) => (None, Some(id.0)),
    };
    let deleted = stored.deleted_at_ms.is_some();
    let attachments = files
        .iter()
        .filter(|file| !deleted && file.message_id == Some(stored.id))
        .map(|file| attachment(file, secret, reader, now))
        .collect();
    MessageBody {
        id: stored.id,
        sender_id: sender.id,
        recipient_id: recipient.id,
        content: stored.body.clone(),
        message_type: stored.message_type.clone(),
        job_id,
        attachments,
        is_read: stored.read_at_ms.is_some(),
        created_at: at(stored.created_at_ms),
        sender: sender.clone(),
        from_user_id: sender.id,
        to_user_id: recipient.id,
        domain_id,
        body: stored.body.clone(),
        from_user: sender,
        domain: domain_id.map(|id| Named { id, name: format!("#{id}") }),
        recipient,
        written_at: stored.written_at_ms.map(at),
        delivered_at: stored.delivered_at_ms.map(at),
        read_at: stored.read_at_ms.map(at),
        deleted_at: stored.deleted_at_ms.map(at),
        client_key: stored.client_key.clone().filter(|_| stored.sender_id == reader),
    }
}

/// A notice.
///
/// # Errors
/// 500 when its data is no JSON.
pub fn notification(stored: &notifications::Notification) -> Result<NotificationBody, ApiError> {
    let mut data: serde_json::Value = kept(&stored.data, ("notifications", "id", stored.id.0), "data")?;
    if let Some(data) = data.as_object_mut() {
        // The domain system's listeners look for both inside `data`.
        data.insert("title".into(), stored.title.clone().into());
        data.insert("message".into(), stored.body.clone().into());
    }
    Ok(NotificationBody {
        id: stored.id.to_string(),
        kind: stored.kind.clone(),
        title: stored.title.clone(),
        message: stored.body.clone(),
        data,
        created_at: at(stored.created_at_ms),
        read_at: stored.read_at_ms.map(at),
    })
}

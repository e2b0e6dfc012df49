//! The lists of what is general that a person takes along.

use guildhall_contract::notifications::NotificationBody;
use guildhall_db::{departures, notifications, people, tokens};
use guildhall_market::{accounts::DELETED_NAME, ids::UserId, time::Timestamp};
use serde_json::json;

use crate::{audit, error::ApiError, feature::Exported, render};

/// Rows of one page.
const ROWS: i64 = 200;

fn name_of(name: &str) -> &str {
    if name.is_empty() { DELETED_NAME } else { name }
}

/// All of them.
pub const GENERAL: &[Exported] = &[
    Exported {
        name: "account",
        title: "Account",
        page: |c, user, _| {
            Box::pin(async move {
                let stored = people::get(c, user).await?.ok_or_else(ApiError::not_found)?;
                let row = json!({
                    "id": stored.id, "name": stored.name, "email": stored.email, "role": stored.role.code(),
                    "craft": stored.craft, "picture": stored.avatar, "made_at": render::time(stored.created_at_ms),
                    "verified_at": stored.verified_at_ms.map(render::time), "last_seen_at": stored.last_seen_at_ms.map(render::time),
                });
                Ok((vec![row], None))
            })
        },
    },
    Exported {
        name: "messages",
        title: "Messages",
        page: |c, user, after| {
            Box::pin(async move {
                let found = departures::messages(c, user, after, ROWS).await?;
                let next = found.last().map(|last| last.id);
                let row = |message: departures::Written| {
                    json!({
                        "id": message.id, "sent_at": render::time(message.created_at_ms),
                        "from": name_of(&message.sender_name), "from_id": message.sender_id,
                        "to": name_of(&message.recipient_name), "to_id": message.recipient_id, "text": message.body,
                        "subject": if message.subject_kind.is_empty() { String::new() } else { format!("{} {}", message.subject_kind, message.subject_id) },
                        "read_at": message.read_at_ms.map(render::time), "deleted_at": message.deleted_at_ms.map(render::time),
                    })
                };
                Ok((found.into_iter().map(row).collect(), next))
            })
        },
    },
    Exported {
        name: "files",
        title: "Files",
        page: |c, user, after| {
            Box::pin(async move {
                let found = departures::files(c, user, after, ROWS).await?;
                let next = found.last().map(|last| last.id.0);
                let row = |file: guildhall_db::attachments::Attachment| {
                    json!({
                        "id": file.id, "name": file.name, "message_id": file.message_id, "type": file.mime, "bytes": file.size_bytes,
                        "sha256": file.sha256, "file": super::export::place_of(&file),
                    })
                };
                Ok((found.into_iter().map(row).collect(), next))
            })
        },
    },
    Exported {
        name: "notifications",
        title: "Notifications",
        page: |c, user, after| {
            Box::pin(async move {
                // Newest first: the place is the oldest one that was told, and 0 is the beginning.
                let before = (after > 0).then_some(after);
                let found = notifications::list(c, user, before, false, 100, Timestamp(0)).await?;
                let next = found.last().map(|last| last.id.0);
                let bodies = found.iter().map(render::notification).collect::<Result<Vec<NotificationBody>, _>>()?;
                let row = |told: NotificationBody| {
                    json!({
                        "id": told.id, "made_at": told.created_at, "kind": told.kind, "title": told.title, "text": told.message,
                        "read_at": told.read_at,
                    })
                };
                Ok((bodies.into_iter().map(row).collect(), next))
            })
        },
    },
    Exported {
        name: "devices",
        title: "Devices",
        page: |c, user, _| {
            Box::pin(async move {
                let found = tokens::list(c, user).await?;
                let row = |token: tokens::Token| {
                    json!({
                        "id": token.id, "name": token.device_name, "signed_in_at": render::time(token.created_at_ms),
                        "last_used_at": token.last_used_at_ms.map(render::time),
                    })
                };
                Ok((found.into_iter().map(row).collect(), None))
            })
        },
    },
    Exported {
        name: "looks",
        title: "Who looked at your things, and what was decided",
        page: |c, user: UserId, after| {
            Box::pin(async move {
                let found = audit::looks(c, user, (after > 0).then_some(after), ROWS).await?;
                let next = found.last().map(|last| last.id);
                let rows = found.into_iter().map(serde_json::to_value).collect::<Result<_, _>>();
                Ok((rows.map_err(|_| ApiError::broken())?, next))
            })
        },
    },
];

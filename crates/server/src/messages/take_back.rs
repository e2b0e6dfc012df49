//! A deleted message is gone everywhere: whatever repeated its words is rewritten in the same transaction. The sealed copy
//! alone keeps them, for disputes.

use guildhall_contract::{
    events::{MESSAGE_DELETED, MESSAGE_SENT, NOTIFICATION_CREATED, NOTIFICATION_DELETED},
    messages::MessageBody,
    notifications::NotificationDeleted,
    rest::Data,
};
use guildhall_db::{Committed, Connection, attachments, feed, idempotency, messages, notifications};
use guildhall_market::{
    ids::{MessageId, UserId},
    notifications::kinds::MESSAGE_RECEIVED,
    time::Timestamp,
};
use serde_json::Value;

use super::{
    notice::{notice_of, notice_subject},
    reading::facts,
};
use crate::{
    app::App,
    error::{ApiError, kept, written},
    notifications::notify,
    render,
};

/// Deletes a message of `me` for both people.
///
/// # Errors
/// 404 for a stranger or no such message, 403 for the recipient, 409 `wrong_state` when it was deleted before.
pub async fn message(
    c: &mut Connection,
    app: &App,
    me: UserId,
    id: MessageId,
    socket: Option<&str>,
    now: Timestamp,
) -> Result<Committed<Data<MessageBody>>, ApiError> {
    let row = messages::get(c, id).await?.ok_or_else(ApiError::not_found)?;
    facts(&row).may_delete(me)?;
    if !messages::delete(c, id, now).await? {
        return Err(guildhall_market::messages::MessageRefusal::Deleted.into());
    }
    let row = messages::get(c, id).await?.ok_or_else(ApiError::not_found)?;
    let recipient = row.recipient_id;
    let both = [row.sender_id.min(row.recipient_id), row.sender_id.max(row.recipient_id)];
    // Before anything of either feed is touched, or two deletions could wait for each other.
    let feeds = feed::hold(c, &both).await?;
    let mut entries = Vec::with_capacity(4);
    for user in both {
        let shown = render::message(&row, &[], &app.link_secret, user, now);
        let (trace, instead) = (written(&shown)?, serde_json::to_value(&shown).map_err(|_| ApiError::broken())?);
        let sent_at = Timestamp(row.created_at_ms);
        retell(c, user, MESSAGE_SENT, sent_at, |told| told["id"] == id.0, |_| trace.clone()).await?;
        reword(c, user, &format!("\"id\":{id},"), |told| {
            (told["id"] == id.0 && told.get("content").is_some()).then(|| instead.clone())
        })
        .await?;
        let except = if user == me { socket } else { None };
        entries.push(feed::Entry::new(user, MESSAGE_DELETED, trace).except(except));
        if user == recipient {
            entries.extend(notice(c, &row, now).await?);
        }
    }
    let events = feeds.append(c, entries, now).await?;
    let data = render::message(&row, &[], &app.link_secret, me, now);
    for file in attachments::of_messages(c, &[id]).await? {
        // Whoever uploads it again under its key is told that there was a file, and not what it was called.
        reword(c, me, &format!("\"id\":{},", file.id), |told| {
            (told["id"] == file.id.0 && told.get("sha256").is_some()).then(|| {
                let mut told = told.clone();
                told["name"] = "".into();
                told
            })
        })
        .await?;
    }
    Ok(Committed { value: Data { data }, events })
}

/// Takes the message's notice back. Where other unread messages were behind it, the newest of them gets one of its own.
async fn notice(c: &mut Connection, row: &messages::Message, now: Timestamp) -> Result<Vec<feed::Entry>, ApiError> {
    let (sender, recipient) = (row.sender_id, row.recipient_id);
    let subject = notice_subject(sender, row.subject);
    let taken = notifications::take_back(c, recipient, MESSAGE_RECEIVED, &subject, row.id.0, now).await?;
    let Some(taken) = taken else { return Ok(Vec::new()) };
    let made_at = Timestamp(taken.created_at_ms);
    let id = taken.id.to_string();
    let is_it = |told: &Value| told["id"] == *id;
    retell(c, recipient, NOTIFICATION_CREATED, made_at, is_it, |told| without_words(told).to_string()).await?;
    reword(c, recipient, &format!("\"id\":\"{id}\""), |told| is_it(told).then(|| without_words(told.clone()))).await?;
    if taken.deleted_at_ms.is_some() {
        return Ok(Vec::new());
    }
    let gone = NotificationDeleted { id };
    let mut entries = vec![feed::Entry::new(recipient, NOTIFICATION_DELETED, written(&gone)?)];
    if taken.read_at_ms.is_none()
        && let Some(next) = messages::newest_unread(c, (recipient, sender), row.subject).await?
    {
        let files = attachments::of_messages(c, &[next.id]).await?;
        let (subject, text, data) = notice_of(&next, &files);
        let again = notifications::NewNotification {
            user: recipient,
            kind: MESSAGE_RECEIVED,
            subject: &subject,
            version: next.id.0,
            title: &next.sender_name,
            body: &text,
            data: &data,
        };
        entries.extend(notify(c, &again, now).await?);
    }
    Ok(entries)
}

/// A notice that says nothing any more.
fn without_words(mut told: Value) -> Value {
    for place in ["/title", "/message", "/data/title", "/data/message"] {
        if let Some(words) = told.pointer_mut(place) {
            *words = Value::from("");
        }
    }
    told
}

/// Rewrites the answers that are kept under somebody's keys and tell of one thing: whoever asks again is told what became
/// of it. `hold` is what stands in all of them, `words` what stands in their place.
async fn reword(
    c: &mut Connection,
    user: UserId,
    hold: &str,
    words: impl Fn(&Value) -> Option<Value>,
) -> Result<(), ApiError> {
    for (key, answer) in idempotency::holding(c, user, hold).await? {
        let mut told: Value = kept(&answer, ("idempotency", "actor_id", user.0), "answer")?;
        if let Some(data) = told.get_mut("data")
            && let Some(instead) = words(data)
        {
            *data = instead;
            idempotency::reword(c, user, &key, &told.to_string()).await?;
        }
    }
    Ok(())
}

/// Rewrites the rows of one event at one moment that tell of one thing.
async fn retell(
    c: &mut Connection,
    user: UserId,
    event: &str,
    at: Timestamp,
    is_it: impl Fn(&Value) -> bool,
    words: impl Fn(Value) -> String,
) -> Result<(), ApiError> {
    for row in feed::told_at(c, user, event, at).await? {
        let told: Value = kept(&row.data, ("feed", "user_id", user.0), "data")?;
        if is_it(&told) {
            feed::retell(c, user, row.seq, &words(told)).await?;
        }
    }
    Ok(())
}

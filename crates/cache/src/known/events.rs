//! The feed: every event that changes what is known here, applied in order, each once.

use guildhall_contract::{
    conversations::ConversationKey,
    events,
    feed::FeedRow,
    mend::{self, Mend},
    messages::{MessageBody, MessageDelivered, MessageRead},
    notifications::{NotificationBody, NotificationDeleted, NotificationRead},
};
use guildhall_market::{
    ids::{DomainId, JobId, MessageId, UserId, parse_plain_decimal},
    messages::Subject,
};
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

use super::{Applied, Cache, Changes, conversations, messages, meta, notifications, people, set_meta};
use crate::StoreError;

impl Cache {
    /// Applies rows of the feed in order. Numbers that were applied before are skipped; at a missing one it stops.
    ///
    /// # Errors
    /// As the database says: nothing was changed then.
    pub async fn apply(&self, me: UserId, feed: &[FeedRow]) -> Result<Applied, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        let Some(before) = meta(&mut tx, "synced_to").await? else {
            return Ok(Applied { synced_to: None, gap: true, changes });
        };
        let mut synced_to = before;
        let mut gap = false;
        // Messages in a row are taken in together: one statement instead of hundreds.
        let mut run: Vec<MessageBody> = Vec::new();
        for row in feed {
            if row.seq <= synced_to {
                continue;
            }
            if Some(row.seq) != synced_to.checked_add(1) {
                gap = true;
                break;
            }
            synced_to = row.seq;
            if row.event == events::MESSAGE_SENT {
                run.extend(row_of::<MessageBody>(row));
            } else {
                take_run(&mut tx, me, &mut run, &mut changes).await?;
                one(&mut tx, me, row, &mut changes).await?;
            }
        }
        take_run(&mut tx, me, &mut run, &mut changes).await?;
        if synced_to != before {
            set_meta(&mut tx, "synced_to", synced_to).await?;
            tx.commit().await?;
        }
        Ok(Applied { synced_to: Some(synced_to), gap, changes })
    }
}

/// The body of an event that is a row of a list: as much of it as can be read.
fn row_of<T: Mend>(row: &FeedRow) -> Option<T> {
    let read = mend::read(&row.data);
    if read.is_none() {
        tracing::warn!(feed.seq = row.seq, feed.event = %row.event, "nothing of an event can be used");
    }
    read
}

/// The body of an event. One that cannot be read is left out: it is from a newer server, or broken, and asking again would
/// bring the same.
fn body<T: DeserializeOwned>(row: &FeedRow) -> Option<T> {
    T::deserialize(&row.data)
        .inspect_err(|error| tracing::warn!(feed.seq = row.seq, feed.event = %row.event, line = error.line(), "an event cannot be read"))
        .ok()
}

async fn take_run(
    tx: &mut SqliteConnection,
    me: UserId,
    run: &mut Vec<MessageBody>,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    if run.is_empty() {
        return Ok(());
    }
    let bodies: Vec<&MessageBody> = run.iter().collect();
    messages::take_in(tx, me, &bodies, messages::Source::Feed, changes).await?;
    run.clear();
    Ok(())
}

async fn one(tx: &mut SqliteConnection, me: UserId, row: &FeedRow, changes: &mut Changes) -> Result<(), StoreError> {
    match row.event.as_str() {
        events::MESSAGE_READ => match body::<MessageRead>(row) {
            Some(read) => message_read(tx, me, &read, changes).await,
            // Something was read, and what is unknown: the lists say how many are left.
            None => {
                changes.counts_unsure = true;
                Ok(())
            }
        },
        events::MESSAGE_DELIVERED => match body::<MessageDelivered>(row) {
            Some(d) if d.from_user_id == me => {
                people::delivered(tx, changes, d.to_user_id, d.up_to, d.delivered_at.0).await
            }
            _ => Ok(()),
        },
        events::MESSAGE_DELETED => match row_of::<MessageBody>(row) {
            Some(body) => message_deleted(tx, me, &body, changes).await,
            None => Ok(()),
        },
        events::NOTIFICATION_CREATED => match row_of::<NotificationBody>(row) {
            Some(body) => notifications::put(tx, changes, &[&body]).await,
            None => Ok(()),
        },
        events::NOTIFICATION_READ => match body::<NotificationRead>(row) {
            Some(read) => {
                let id = read.id.as_deref().and_then(parse_plain_decimal);
                if read.id.is_some() && id.is_none() {
                    return Ok(());
                }
                notifications::read(tx, changes, id, read.up_to, read.read_at.0).await
            }
            None => Ok(()),
        },
        events::NOTIFICATION_DELETED => {
            match body::<NotificationDeleted>(row).and_then(|gone| parse_plain_decimal(&gone.id)) {
                Some(id) => notifications::delete(tx, changes, id).await,
                None => Ok(()),
            }
        }
        // Of a newer server. Its number counts, what it says does not concern this version.
        _ => Ok(()),
    }
}

async fn message_read(
    tx: &mut SqliteConnection,
    me: UserId,
    read: &MessageRead,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let by_me = read.to_user_id == me;
    let other = if by_me { read.from_user_id } else { read.to_user_id };
    if !by_me && read.from_user_id != me {
        return Ok(());
    }
    let subject = match (read.job_id, read.domain_id) {
        (Some(job), _) => Subject::Job(JobId(job)),
        (None, Some(domain)) => Subject::Domain(DomainId(domain)),
        (None, None) => Subject::None,
    };
    let key = ConversationKey { user: other, subject };
    let counted = conversations::counts_as_unread(tx, read.message_id).await?;
    let rows = sqlx::query(
        "update messages set read_at_ms = ?4, delivered_at_ms = coalesce(delivered_at_ms, ?4)
         where conversation = ?1 and mine = ?2 and read_at_ms is null
           and iif(?5 is null, id = ?3, id <= ?5 and deleted_at_ms is null)
         returning id, conversation",
    )
    .bind(key.to_string())
    .bind(!by_me)
    .bind(read.message_id.0)
    .bind(read.read_at.0.0)
    .bind(read.up_to.map(|up_to| up_to.0))
    .fetch_all(&mut *tx)
    .await?;
    messages::note(changes, &rows)?;
    match (by_me, read.up_to) {
        (true, Some(up_to)) => conversations::read_by_me(tx, changes, &key, up_to).await,
        (true, None) => conversations::fewer_unread(tx, changes, &key, counted.map(i64::from)).await,
        (false, Some(up_to)) => their_read_mark(tx, &key, up_to, read.read_at.0.0).await,
        (false, None) => Ok(()),
    }
}

async fn their_read_mark(
    tx: &mut SqliteConnection,
    key: &ConversationKey,
    up_to: MessageId,
    at_ms: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "update conversations set their_read_to = ?2, their_read_at_ms = ?3 where key = ?1 and their_read_to < ?2",
    )
    .bind(key.to_string())
    .bind(up_to.0)
    .bind(at_ms)
    .execute(tx)
    .await?;
    Ok(())
}

async fn message_deleted(
    tx: &mut SqliteConnection,
    me: UserId,
    body: &MessageBody,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    messages::take_in(tx, me, &[body], messages::Source::Page, changes).await
}

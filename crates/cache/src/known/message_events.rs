//! What the events of the feed say of messages: sent, read, arrived, deleted.

use async_trait::async_trait;
use guildhall_contract::{
    conversations::ConversationKey,
    events,
    feed::FeedRow,
    messages::{MessageBody, MessageDelivered, MessageRead},
};
use guildhall_market::{
    ids::{DomainId, JobId, MessageId, UserId},
    messages::Subject,
};
use sqlx::SqliteConnection;

use super::{
    conversation_rows::{self, ConversationChanges},
    kind::{Changes, Kind, body, row_of},
    messages, people,
};
use crate::StoreError;

/// Conversations and their messages.
pub(super) struct Messages;

#[async_trait]
impl Kind for Messages {
    fn events(&self) -> &'static [&'static str] {
        &[events::MESSAGE_SENT, events::MESSAGE_READ, events::MESSAGE_DELIVERED, events::MESSAGE_DELETED]
    }

    fn probe(&self) -> &'static str {
        "select (select count(*) from (select key from conversations limit 1))
              + (select count(*) from (select id from messages limit 1))
              + (select count(*) from (select from_id from ranges limit 1))"
    }

    async fn apply(
        &self,
        connection: &mut SqliteConnection,
        me: UserId,
        rows: &[&FeedRow],
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        // Messages in a row are taken in together: one statement instead of hundreds.
        let mut run: Vec<MessageBody> = Vec::new();
        for row in rows {
            if row.event == events::MESSAGE_SENT {
                run.extend(row_of::<MessageBody>(row));
            } else {
                take_run(connection, me, &mut run, changes).await?;
                one(connection, me, row, changes).await?;
            }
        }
        take_run(connection, me, &mut run, changes).await
    }

    async fn begin_anew(&self, connection: &mut SqliteConnection, foreign: bool) -> Result<(), StoreError> {
        sqlx::query("delete from ranges").execute(&mut *connection).await?;
        // Events about them may have been missed: what they say may be no longer true.
        sqlx::query("delete from messages").execute(&mut *connection).await?;
        if foreign {
            sqlx::query("delete from conversations").execute(&mut *connection).await?;
            sqlx::query("delete from meta where name = 'acknowledged_to'").execute(connection).await?;
        }
        Ok(())
    }
}

async fn take_run(
    connection: &mut SqliteConnection,
    me: UserId,
    run: &mut Vec<MessageBody>,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    if run.is_empty() {
        return Ok(());
    }
    let bodies: Vec<&MessageBody> = run.iter().collect();
    messages::take_in(connection, me, &bodies, messages::Source::Feed, changes).await?;
    run.clear();
    Ok(())
}

async fn one(
    connection: &mut SqliteConnection,
    me: UserId,
    row: &FeedRow,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    match row.event.as_str() {
        events::MESSAGE_READ => match body::<MessageRead>(row) {
            Some(read) => message_read(connection, me, &read, changes).await,
            // Something was read, and what is unknown: the lists say how many are left.
            None => {
                changes.of_mut::<ConversationChanges>().counts_unsure = true;
                Ok(())
            }
        },
        events::MESSAGE_DELIVERED => match body::<MessageDelivered>(row) {
            Some(d) if d.from_user_id == me => {
                people::delivered(connection, d.to_user_id, d.up_to, d.delivered_at.0).await?;
                messages::delivered(connection, changes, d.to_user_id, d.up_to, d.delivered_at.0).await
            }
            _ => Ok(()),
        },
        _ => match row_of::<MessageBody>(row) {
            Some(body) => messages::take_in(connection, me, &[&body], messages::Source::Page, changes).await,
            None => Ok(()),
        },
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
    let counted = conversation_rows::counts_as_unread(tx, read.message_id).await?;
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
        (true, Some(up_to)) => conversation_rows::read_by_me(tx, changes, &key, up_to).await,
        (true, None) => conversation_rows::fewer_unread(tx, changes, &key, counted.map(i64::from)).await,
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

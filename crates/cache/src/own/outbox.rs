//! The outbox: messages that were accepted from the user and that the server has not taken yet.
//!
//! **Invariant:** a row leaves this table only when the server took the message or the user dropped it.

use guildhall_contract::{conversations::ConversationKey, messages::SendFailure};
use guildhall_market::time::Timestamp;
use sqlx::{Row, sqlite::SqliteRow};

use super::{files::ChosenFile, store::Own};
use crate::StoreError;

/// A message to be accepted.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The idempotency key, new.
    pub key: String,
    /// Where it goes.
    pub conversation: ConversationKey,
    /// The text, cleaned; may be empty when files go along.
    pub body: String,
    /// When it was written, on this machine's clock.
    pub written_at: Timestamp,
}

/// A message in the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place among all waiting messages, ascending.
    pub position: i64,
    /// The idempotency key.
    pub key: String,
    /// Where it goes.
    pub conversation: ConversationKey,
    /// The text.
    pub body: String,
    /// Its state.
    pub state: EntryState,
    /// When it was written, on this machine's clock.
    pub written_at: Timestamp,
    /// Tries that had no answer.
    pub attempts: u32,
    /// Not tried before this moment.
    pub next_try_at: Timestamp,
    /// Why it failed.
    pub failure: Option<SendFailure>,
    /// The files that go along, in order.
    pub files: Vec<ChosenFile>,
}

/// The states of a message in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// It will be sent.
    Waiting,
    /// It is on its way.
    Sending,
    /// The server refused it.
    Failed,
}

/// How full the outbox is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Waiting or on their way.
    pub queued: u32,
    /// Refused.
    pub failed: u32,
}

fn entry(row: &SqliteRow) -> Result<Entry, sqlx::Error> {
    let conversation = ConversationKey::try_from(row.try_get::<String, _>("conversation")?);
    let state = match row.try_get::<&str, _>("state")? {
        "sending" => EntryState::Sending,
        "failed" => EntryState::Failed,
        _ => EntryState::Waiting,
    };
    let reason: Option<String> = row.try_get("failure_reason")?;
    let message: Option<String> = row.try_get("failure_message")?;
    Ok(Entry {
        position: row.try_get("position")?,
        key: row.try_get("key")?,
        conversation: conversation.map_err(|error| sqlx::Error::Decode(error.into()))?,
        body: row.try_get("body")?,
        state,
        written_at: Timestamp(row.try_get("written_at_ms")?),
        attempts: row.try_get("attempts")?,
        next_try_at: Timestamp(row.try_get("next_try_at_ms")?),
        failure: reason.map(|reason| SendFailure { reason, message: message.unwrap_or_default() }),
        files: Vec::new(),
    })
}

impl Own {
    /// Accepts a message: takes the chosen files of its conversation along and removes the draft, in one transaction that
    /// is on the disk when this answers.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room: nothing was changed then.
    pub async fn accept(&self, new: &NewEntry) -> Result<Entry, StoreError> {
        let conversation = new.conversation.to_string();
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into outbox (key, conversation, body, state, written_at_ms)
             values (?1, ?2, ?3, 'waiting', ?4)",
        )
        .bind(&new.key)
        .bind(&conversation)
        .bind(&new.body)
        .bind(new.written_at.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query("update files set message_key = ?1 where conversation = ?2 and message_key is null")
            .bind(&new.key)
            .bind(&conversation)
            .execute(&mut *tx)
            .await?;
        sqlx::query("delete from drafts where conversation = ?1").bind(&conversation).execute(&mut *tx).await?;
        tx.commit().await?;
        self.entry(&new.key).await?.ok_or(StoreError::Damaged)
    }

    /// One message of the outbox.
    ///
    /// # Errors
    /// As the database says.
    pub async fn entry(&self, key: &str) -> Result<Option<Entry>, StoreError> {
        let row = sqlx::query("select * from outbox where key = ?1")
            .bind(key)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut entry = entry(&row)?;
        entry.files = self.files_of_message(key).await?;
        Ok(Some(entry))
    }

    /// The waiting, sent-for and failed messages of a conversation, in order.
    ///
    /// # Errors
    /// As the database says.
    pub async fn entries(&self, conversation: &ConversationKey) -> Result<Vec<Entry>, StoreError> {
        let rows = sqlx::query("select * from outbox where conversation = ?1 order by position")
            .bind(conversation.to_string())
            .fetch_all(&mut *self.read().await?)
            .await?;
        self.with_files(&rows).await
    }

    /// The last message of each conversation that has any in the outbox.
    ///
    /// # Errors
    /// As the database says.
    pub async fn last_entries(&self) -> Result<Vec<Entry>, StoreError> {
        let rows = sqlx::query(
            "select * from outbox
             where position in (select max(position) from outbox group by conversation)
             order by position",
        )
        .fetch_all(&mut *self.read().await?)
        .await?;
        self.with_files(&rows).await
    }

    /// The keys of all messages.
    ///
    /// # Errors
    /// As the database says.
    pub async fn keys(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("select key from outbox").fetch_all(&mut *self.read().await?).await?;
        Ok(rows.iter().map(|row| row.try_get("key")).collect::<Result<_, _>>()?)
    }

    /// The first message that is not failed of each conversation, in order of writing: what a worker may send next.
    ///
    /// # Errors
    /// As the database says.
    pub async fn heads(&self) -> Result<Vec<Entry>, StoreError> {
        let rows = sqlx::query(
            "select * from outbox
             where position in (select min(position) from outbox where state <> 'failed' group by conversation)
             order by position",
        )
        .fetch_all(&mut *self.read().await?)
        .await?;
        self.with_files(&rows).await
    }

    async fn with_files(&self, rows: &[SqliteRow]) -> Result<Vec<Entry>, StoreError> {
        let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        if entries.is_empty() {
            return Ok(entries);
        }
        let mut files = self.files_of_messages().await?;
        for entry in &mut entries {
            entry.files = files.remove(&entry.key).unwrap_or_default();
        }
        Ok(entries)
    }

    /// How many wait and how many failed.
    ///
    /// # Errors
    /// As the database says.
    pub async fn outbox_counts(&self) -> Result<OutboxCounts, StoreError> {
        let row = sqlx::query(
            "select count(*) filter (where state <> 'failed') as queued,
                    count(*) filter (where state = 'failed') as failed
             from outbox",
        )
        .fetch_one(&mut *self.read().await?)
        .await?;
        Ok(OutboxCounts { queued: row.try_get("queued")?, failed: row.try_get("failed")? })
    }

    /// Marks a waiting message as on its way. `false` when it is no longer there or no longer waiting.
    ///
    /// # Errors
    /// As the database says.
    pub async fn start_sending(&self, key: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("update outbox set state = 'sending' where key = ?1 and state = 'waiting'")
            .bind(key)
            .execute(&mut *self.write().await?)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// There was no answer, or one that asks for patience: the message waits until `next_try_at`.
    ///
    /// # Errors
    /// As the database says.
    pub async fn wait_again(&self, key: &str, next_try_at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "update outbox
             set state = 'waiting', attempts = attempts + 1, next_try_at_ms = ?2
             where key = ?1 and state = 'sending'",
        )
        .bind(key)
        .bind(next_try_at.0)
        .execute(&mut *self.write().await?)
        .await?;
        Ok(())
    }

    /// The server refused it for good.
    ///
    /// # Errors
    /// As the database says.
    pub async fn fail(&self, key: &str, failure: &SendFailure) -> Result<(), StoreError> {
        sqlx::query(
            "update outbox
             set state = 'failed', failure_reason = ?2, failure_message = ?3
             where key = ?1 and state <> 'failed'",
        )
        .bind(key)
        .bind(&failure.reason)
        .bind(&failure.message)
        .execute(&mut *self.write().await?)
        .await?;
        Ok(())
    }

    /// The server has it. Call only after the message is stored in the cache. `false` when it was gone already.
    ///
    /// # Errors
    /// As the database says.
    pub async fn done(&self, key: &str) -> Result<bool, StoreError> {
        self.remove(key, "delete from outbox where key = ?1").await
    }

    /// Drops a message that is waiting or failed. `false` when it is being sent or not there.
    ///
    /// # Errors
    /// As the database says.
    pub async fn discard(&self, key: &str) -> Result<bool, StoreError> {
        self.remove(key, "delete from outbox where key = ?1 and state <> 'sending'").await
    }

    async fn remove(&self, key: &str, sql: &'static str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let removed = sqlx::query(sql).bind(key).execute(&mut *tx).await?.rows_affected() == 1;
        if removed {
            sqlx::query("delete from file_bytes where local_id in (select local_id from files where message_key = ?1)")
                .bind(key)
                .execute(&mut *tx)
                .await?;
            sqlx::query("delete from files where message_key = ?1").bind(key).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// Lets a failed or waiting message be tried now, under `new_key` and with another text if one is given: an edited message is
    /// another message. The place stays. `None` when it is being sent or not there.
    ///
    /// # Errors
    /// As the database says.
    pub async fn retry(&self, key: &str, edited: Option<(&str, &str)>) -> Result<Option<Entry>, StoreError> {
        let (new_key, body) = edited.map_or((key, None), |(new_key, body)| (new_key, Some(body)));
        let mut tx = self.begin().await?;
        let changed = sqlx::query(
            "update outbox
             set key = ?2, body = coalesce(?3, body), state = 'waiting', attempts = 0, next_try_at_ms = 0,
                 failure_reason = null, failure_message = null
             where key = ?1 and state <> 'sending'",
        )
        .bind(key)
        .bind(new_key)
        .bind(body)
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(None);
        }
        sqlx::query("update files set message_key = ?2 where message_key = ?1")
            .bind(key)
            .bind(new_key)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        self.entry(new_key).await
    }

    /// Everything that waits may be tried at once: the link is back.
    ///
    /// # Errors
    /// As the database says.
    pub async fn hurry(&self) -> Result<(), StoreError> {
        sqlx::query("update outbox set next_try_at_ms = 0, attempts = 0 where state = 'waiting' and (next_try_at_ms > 0 or attempts > 0)")
            .execute(&mut *self.write().await?)
            .await?;
        Ok(())
    }

    /// What was on its way when the app ended, or when its sending was broken off, waits again under the same key.
    ///
    /// # Errors
    /// As the database says.
    pub async fn recover(&self) -> Result<(), StoreError> {
        sqlx::query("update outbox set state = 'waiting', next_try_at_ms = 0 where state = 'sending'")
            .execute(&mut *self.write().await?)
            .await?;
        Ok(())
    }
}

//! What happened while there was no connection: read marks that wait, and the stretches themselves.

use guildhall_contract::{connection::OfflineSpan, conversations::ConversationKey};
use guildhall_market::{ids::MessageId, time::Timestamp};
use sqlx::Row;

use super::store::Own;
use crate::StoreError;

/// Stretches without a connection that are remembered.
const SPANS_MAX: i64 = 200;

impl Own {
    /// Keeps a read mark until the server has heard of it. A smaller one than is kept changes nothing.
    ///
    /// # Errors
    /// As the database says.
    pub async fn keep_read(&self, conversation: &ConversationKey, up_to: MessageId) -> Result<(), StoreError> {
        sqlx::query(
            "insert into reads (conversation, up_to)
             values (?1, ?2)
             on conflict (conversation) do update set up_to = max(up_to, excluded.up_to)",
        )
        .bind(conversation.to_string())
        .bind(up_to.0)
        .execute(&mut *self.write().await?)
        .await?;
        Ok(())
    }

    /// Read marks that the server has not heard of.
    ///
    /// # Errors
    /// As the database says.
    pub async fn kept_reads(&self) -> Result<Vec<(ConversationKey, MessageId)>, StoreError> {
        let rows = sqlx::query("select conversation, up_to from reads").fetch_all(&mut *self.read().await?).await?;
        let mut reads = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Ok(key) = ConversationKey::try_from(row.try_get::<String, _>("conversation")?) {
                reads.push((key, MessageId(row.try_get("up_to")?)));
            }
        }
        Ok(reads)
    }

    /// The server has heard of a read mark. A greater one that came meanwhile stays.
    ///
    /// # Errors
    /// As the database says.
    pub async fn read_sent(&self, conversation: &ConversationKey, up_to: MessageId) -> Result<(), StoreError> {
        sqlx::query("delete from reads where conversation = ?1 and up_to <= ?2")
            .bind(conversation.to_string())
            .bind(up_to.0)
            .execute(&mut *self.write().await?)
            .await?;
        Ok(())
    }

    /// A stretch without a connection begins. One that lasts already goes on.
    ///
    /// # Errors
    /// As the database says.
    pub async fn link_lost(&self, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "insert into offline (from_ms)
             select ?1
             where not exists (select 1 from offline where to_ms is null)
             on conflict do nothing",
        )
        .bind(at.0)
        .execute(&mut *self.write().await?)
        .await?;
        Ok(())
    }

    /// The stretch without a connection ends. `true` when there was one.
    ///
    /// # Errors
    /// As the database says.
    pub async fn link_back(&self, at: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let ended = sqlx::query("update offline set to_ms = max(from_ms, ?1) where to_ms is null")
            .bind(at.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "delete from offline where from_ms not in (select from_ms from offline order by from_ms desc limit ?1)",
        )
        .bind(SPANS_MAX)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(ended.rows_affected() > 0)
    }

    /// Stretches without a connection that ended after `from`, in order.
    ///
    /// # Errors
    /// As the database says.
    pub async fn offline_spans(&self, from: Timestamp) -> Result<Vec<OfflineSpan>, StoreError> {
        let rows =
            sqlx::query("select from_ms, to_ms from offline where to_ms is null or to_ms >= ?1 order by from_ms")
                .bind(from.0)
                .fetch_all(&mut *self.read().await?)
                .await?;
        let mut spans = Vec::with_capacity(rows.len());
        for row in &rows {
            let to = row.try_get::<Option<i64>, _>("to_ms")?.map(Timestamp);
            spans.push(OfflineSpan { from: Timestamp(row.try_get("from_ms")?), to });
        }
        Ok(spans)
    }
}

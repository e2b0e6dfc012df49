//! Answers of the server by their addresses, as it gave them last: whatever somebody looked at can be read again without a link.

use guildhall_market::time::Timestamp;
use sqlx::Row;

use super::store::Cache;
use crate::StoreError;

/// Answers that are kept: those that were given longest ago go first.
const ANSWERS_MAX: i64 = 400;
/// The largest that is kept, bytes.
const ANSWER_BYTES_MAX: usize = 512 * 1024;

impl Cache {
    /// An answer, and when the server gave it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn answer(&self, path: &str) -> Result<Option<(String, Timestamp)>, StoreError> {
        let row = sqlx::query("select body, said_at_ms from answers where path = ?1")
            .bind(path)
            .fetch_optional(&self.read())
            .await?;
        row.map(|row| Ok((row.try_get("body")?, Timestamp(row.try_get("said_at_ms")?)))).transpose()
    }

    /// Keeps an answer in the place of the one before. One that is larger than half a mebibyte is not kept, and the one before is
    /// not true any more.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room.
    pub async fn put_answer(&self, path: &str, body: &str, said_at: Timestamp) -> Result<(), StoreError> {
        if body.len() > ANSWER_BYTES_MAX {
            return self.forget_answer(path).await;
        }
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into answers (path, body, said_at_ms) values (?1, ?2, ?3)
             on conflict (path) do update set body = excluded.body, said_at_ms = excluded.said_at_ms",
        )
        .bind(path)
        .bind(body)
        .bind(said_at.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "delete from answers where path in (select path from answers order by said_at_ms desc limit -1 offset ?1)",
        )
        .bind(ANSWERS_MAX)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// One may not know of it any more, or it is gone.
    ///
    /// # Errors
    /// As the database says.
    pub async fn forget_answer(&self, path: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query("delete from answers where path = ?1").bind(path).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

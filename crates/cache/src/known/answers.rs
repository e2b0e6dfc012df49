//! Answers of the server by their addresses, as it gave them last: whatever somebody looked at can be read again without a link.

use guildhall_market::time::Timestamp;
use sqlx::Row;

use super::store::Cache;
use crate::StoreError;

/// Answers that are kept: those that were kept longest ago go first, in the order in which they came. A clock may be set.
const ANSWERS_MAX: i64 = 400;
/// The largest that is kept, bytes.
const ANSWER_BYTES_MAX: usize = 512 * 1024;

impl Cache {
    /// An answer, and when the server gave it, by this device's clock.
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
            "insert into answers (path, body, said_at_ms, used)
             values (?1, ?2, ?3, coalesce((select max(used) from answers), 0) + 1)
             on conflict (path) do update
             set body = excluded.body, said_at_ms = excluded.said_at_ms, used = excluded.used",
        )
        .bind(path)
        .bind(body)
        .bind(said_at.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "delete from answers where path in (select path from answers order by used desc limit -1 offset ?1)",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::Cache;

    async fn cache(folder: &std::path::Path) -> Cache {
        Cache::open(folder).await.expect("opens").0
    }

    #[tokio::test]
    async fn a_clock_that_was_ahead_keeps_no_later_answer_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = cache(folder.path()).await;
        let (ahead, now) = (Timestamp(2_000_000_000_000), Timestamp(1_700_000_000_000));
        for n in 0..ANSWERS_MAX {
            cache.put_answer(&format!("/api/jobs/{n}"), "{}", ahead).await.expect("kept");
        }
        cache.put_answer("/api/wallet", "{}", now).await.expect("kept");
        assert_eq!(cache.answer("/api/wallet").await.expect("read"), Some(("{}".to_owned(), now)));
        assert_eq!(cache.answer("/api/jobs/0").await.expect("read"), None, "the one that came first goes");
        assert!(cache.answer("/api/jobs/1").await.expect("read").is_some());
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_kept_nor_what_was_true_before_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = cache(folder.path()).await;
        cache.put_answer("/api/jobs", "[1]", Timestamp(1)).await.expect("kept");
        cache.put_answer("/api/jobs", &"x".repeat(ANSWER_BYTES_MAX + 1), Timestamp(2)).await.expect("forgotten");
        assert_eq!(cache.answer("/api/jobs").await.expect("read"), None);
    }
}

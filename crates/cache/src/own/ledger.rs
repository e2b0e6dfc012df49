//! The ledger of notices: what somebody could have been told of, whether they were, and why not. It holds no words of anybody:
//! what is deleted elsewhere does not live on in it.

use guildhall_contract::notifications::LedgerRow;
use guildhall_market::time::Timestamp;
use sqlx::Row;

use super::store::Own;
use crate::StoreError;

/// Rows that are kept: weeks of an ordinary account.
const ROWS_MAX: i64 = 1_000;

/// A row to be noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When it was decided, on this machine's clock.
    pub at: Timestamp,
    /// The event.
    pub event: String,
    /// What it is about, such as `message 12`.
    pub subject: String,
    /// What its notice opens.
    pub target: String,
    /// What became of it, in one word.
    pub outcome: String,
}

impl Own {
    /// Notes what became of what happened. The oldest rows beyond a thousand go.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room.
    pub async fn note_told(&self, told: &[Told]) -> Result<(), StoreError> {
        if told.is_empty() {
            return Ok(());
        }
        let row = |told: &Told| serde_json::json!([told.at.0, told.event, told.subject, told.target, told.outcome]);
        let rows: Vec<_> = told.iter().map(row).collect();
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into ledger (at_ms, event, subject, target, outcome)
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4
             from json_each(?1)
             order by key",
        )
        .bind(serde_json::Value::from(rows).to_string())
        .execute(&mut *tx)
        .await?;
        sqlx::query("delete from ledger where id <= (select max(id) from ledger) - ?1")
            .bind(ROWS_MAX)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Something else became of it than was decided.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room.
    pub async fn note_outcome(&self, subject: &str, outcome: &str) -> Result<(), StoreError> {
        sqlx::query("update ledger set outcome = ?2 where id = (select max(id) from ledger where subject = ?1)")
            .bind(subject)
            .bind(outcome)
            .execute(&mut *self.write().await?)
            .await?;
        Ok(())
    }

    /// The notice that leads to `target` was taken back.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room.
    pub async fn note_taken_back(&self, target: &str, because: &str, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "update ledger set taken_back = ?2, taken_back_at_ms = ?3
             where id = (select max(id) from ledger where target = ?1 and outcome = 'system') and taken_back is null",
        )
        .bind(target)
        .bind(because)
        .bind(at.0)
        .execute(&mut *self.write().await?)
        .await?;
        Ok(())
    }

    /// At most `limit` rows before one, newest first.
    ///
    /// # Errors
    /// As the database says.
    pub async fn ledger(&self, before: Option<i64>, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        let rows = sqlx::query("select * from ledger where id < coalesce(?1, id + 1) order by id desc limit ?2")
            .bind(before)
            .bind(limit)
            .fetch_all(&mut *self.read().await?)
            .await?;
        let mut ledger = Vec::with_capacity(rows.len());
        for row in &rows {
            ledger.push(LedgerRow {
                id: row.try_get("id")?,
                at: Timestamp(row.try_get("at_ms")?),
                event: row.try_get("event")?,
                subject: row.try_get("subject")?,
                target: row.try_get("target")?,
                outcome: row.try_get("outcome")?,
                taken_back: row.try_get("taken_back")?,
                taken_back_at: row.try_get::<Option<i64>, _>("taken_back_at_ms")?.map(Timestamp),
            });
        }
        Ok(ledger)
    }
}

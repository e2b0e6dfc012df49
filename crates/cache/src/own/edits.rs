//! Edits: what was changed here while the server did not know of it yet. Of one thing only the latest state waits, under a key
//! of its own; what is written instead of it has another.

use guildhall_market::time::Timestamp;
use sqlx::{Row, sqlite::SqliteRow};

use super::store::Own;
use crate::StoreError;

/// A change that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The kind of thing.
    pub kind: String,
    /// Which of them.
    pub subject: String,
    /// Its state, JSON; `None` when it is to be taken away.
    pub body: Option<String>,
    /// The server takes it once under this.
    pub key: String,
    /// Tries so far.
    pub attempts: u32,
    /// Not before this.
    pub next_try_at: Timestamp,
}

fn edit(row: &SqliteRow) -> Result<Edit, StoreError> {
    Ok(Edit {
        kind: row.try_get("kind")?,
        subject: row.try_get("subject")?,
        body: row.try_get("body")?,
        key: row.try_get("key")?,
        attempts: row.try_get("attempts")?,
        next_try_at: Timestamp(row.try_get("next_try_at_ms")?),
    })
}

impl Own {
    /// Keeps a change, in the place of an older one of the same thing.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room.
    pub async fn edit(&self, kind: &str, subject: &str, body: Option<&str>, key: &str) -> Result<(), StoreError> {
        sqlx::query(
            "insert into edits (kind, subject, body, key) values (?1, ?2, ?3, ?4)
             on conflict (kind, subject) do update
             set body = excluded.body, key = excluded.key, attempts = 0, next_try_at_ms = 0",
        )
        .bind(kind)
        .bind(subject)
        .bind(body)
        .bind(key)
        .execute(&mut *self.write().await?)
        .await?;
        Ok(())
    }

    /// All that wait, those of one kind or of all.
    ///
    /// # Errors
    /// As the database says.
    pub async fn edits(&self, kind: Option<&str>) -> Result<Vec<Edit>, StoreError> {
        let rows = sqlx::query("select * from edits where kind = coalesce(?1, kind) order by rowid")
            .bind(kind)
            .fetch_all(&mut *self.read().await?)
            .await?;
        rows.iter().map(edit).collect()
    }

    /// The server has it, or will never take it. A newer change of the same thing stays. Whether it was still there.
    ///
    /// # Errors
    /// As the database says.
    pub async fn end_edit(&self, edit: &Edit) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from edits where kind = ?1 and subject = ?2 and key = ?3")
            .bind(&edit.kind)
            .bind(&edit.subject)
            .bind(&edit.key)
            .execute(&mut *self.write().await?)
            .await?;
        Ok(done.rows_affected() > 0)
    }

    /// It could not be said: again then.
    ///
    /// # Errors
    /// As the database says.
    pub async fn put_off_edit(&self, edit: &Edit, next_try_at: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "update edits set attempts = attempts + 1, next_try_at_ms = ?4 where kind = ?1 and subject = ?2 and key = ?3",
        )
        .bind(&edit.kind)
        .bind(&edit.subject)
        .bind(&edit.key)
        .bind(next_try_at.0)
        .execute(&mut *self.write().await?)
        .await?;
        Ok(())
    }

    /// There is a link again: whatever was put off is tried now.
    ///
    /// # Errors
    /// As the database says.
    pub async fn hurry_edits(&self) -> Result<(), StoreError> {
        sqlx::query("update edits set next_try_at_ms = 0, attempts = 0 where next_try_at_ms > 0")
            .execute(&mut *self.write().await?)
            .await?;
        Ok(())
    }
}

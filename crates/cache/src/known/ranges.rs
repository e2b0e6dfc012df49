//! Which stretches of a conversation are here without holes.
//!
//! The stretch that ends at [`OPEN`] is kept complete by the feed: every message after the applied number arrives as an
//! event. The others came as pages. What lies between two stretches is a gap, and is never shown as continuity.

use guildhall_contract::conversations::ConversationKey;
use sqlx::{Row, SqliteConnection};

use super::store::Cache;
use crate::StoreError;

/// The end of the stretch that the feed keeps growing: greater than any id (2^53).
pub(super) const OPEN: i64 = 9_007_199_254_740_992;

/// Notes that every message of the conversation with an id from `from` to `to` is here.
pub(super) async fn cover(
    connection: &mut SqliteConnection,
    conversation: &str,
    from: i64,
    to: i64,
) -> Result<(), StoreError> {
    if from > to {
        return Ok(());
    }
    let row = sqlx::query(
        "select min(from_id) as from_id, max(to_id) as to_id, count(*) as ranges
         from ranges
         where conversation = ?1 and from_id <= ?3 + 1 and to_id >= ?2 - 1",
    )
    .bind(conversation)
    .bind(from)
    .bind(to)
    .fetch_one(&mut *connection)
    .await?;
    let old_from: Option<i64> = row.try_get("from_id")?;
    let old_to: Option<i64> = row.try_get("to_id")?;
    let (new_from, new_to) = (old_from.unwrap_or(from).min(from), old_to.unwrap_or(to).max(to));
    if row.try_get::<i64, _>("ranges")? == 1 && (old_from, old_to) == (Some(new_from), Some(new_to)) {
        return Ok(());
    }
    sqlx::query("delete from ranges where conversation = ?1 and from_id >= ?2 and to_id <= ?3")
        .bind(conversation)
        .bind(new_from)
        .bind(new_to)
        .execute(&mut *connection)
        .await?;
    sqlx::query("insert into ranges (conversation, from_id, to_id) values (?1, ?2, ?3)")
        .bind(conversation)
        .bind(new_from)
        .bind(new_to)
        .execute(connection)
        .await?;
    Ok(())
}

/// The stretch that holds `id`: where it begins.
pub(super) async fn holding(
    connection: &mut SqliteConnection,
    conversation: &str,
    id: i64,
) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query("select from_id from ranges where conversation = ?1 and from_id <= ?2 and to_id >= ?2")
        .bind(conversation)
        .bind(id)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|row| row.try_get("from_id")).transpose()?)
}

impl Cache {
    /// The stretches of a conversation, ascending, for tests and for looking into.
    ///
    /// # Errors
    /// As the database says.
    pub async fn ranges(&self, conversation: &ConversationKey) -> Result<Vec<(i64, i64)>, StoreError> {
        let rows = sqlx::query("select from_id, to_id from ranges where conversation = ?1 order by from_id")
            .bind(conversation.to_string())
            .fetch_all(&self.read())
            .await?;
        let pair = |row: &sqlx::sqlite::SqliteRow| Ok((row.try_get("from_id")?, row.try_get("to_id")?));
        rows.iter().map(pair).collect::<Result<_, sqlx::Error>>().map_err(Into::into)
    }
}

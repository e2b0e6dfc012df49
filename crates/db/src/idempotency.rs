//! Say it once: the first answer to an accepted command is kept under the client's key and given again.

use guildhall_market::{ids::UserId, time::Timestamp};

use crate::{Connection, DbError, sql::query};

/// What is known about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: the key is now claimed by this transaction, which must [`remember`] an answer or roll back.
    New,
    /// The same command was accepted before. This was the answer: HTTP status and body.
    Same(u16, String),
    /// Another command was accepted under this key.
    Other,
}

/// How long the answer under a key is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Until [`prune`] forgets it.
    #[default]
    AWhile,
    /// Never forgotten: the command may not be carried out a second time, however late it is said again.
    ForEver,
}

/// Claims a key for a command, or finds out what it stands for. A second transaction with the same key waits for the
/// first one.
///
/// # Errors
/// The database's.
pub async fn claim(
    connection: &mut Connection,
    actor: UserId,
    key: &str,
    request_hash: &str,
    now: Timestamp,
    keep: Keep,
) -> Result<Known, DbError> {
    let claimed = query(
        "insert into idempotency (actor_id, key, request_hash, status, answer, created_at_ms, for_ever)
         values ($1, $2, $3, 0, '', $4, $5)
         on conflict do nothing",
    )
    .bind(actor.0)
    .bind(key)
    .bind(request_hash)
    .bind(now.0)
    .bind(i64::from(keep == Keep::ForEver))
    .execute(&mut *connection)
    .await?;
    if claimed > 0 {
        return Ok(Known::New);
    }
    let (hash, status, answer): (String, i64, String) =
        query("select request_hash, status, answer from idempotency where actor_id = $1 and key = $2")
            .bind(actor.0)
            .bind(key)
            .fetch_one(connection)
            .await?;
    if hash != request_hash {
        return Ok(Known::Other);
    }
    // Never told again as something else than it was.
    let status = u16::try_from(status).map_err(|_| DbError::Unreadable {
        table: "idempotency",
        key: "actor_id",
        id: actor.0,
        column: "status",
        found: status.to_string(),
        expected: "an HTTP status",
    })?;
    Ok(Known::Same(status, answer))
}

/// Keeps the answer to a claimed key, in the transaction that claimed it.
///
/// # Errors
/// The database's.
pub async fn remember(
    connection: &mut Connection,
    actor: UserId,
    key: &str,
    status: u16,
    answer: &str,
) -> Result<(), DbError> {
    query("update idempotency set status = $3, answer = $4 where actor_id = $1 and key = $2")
        .bind(actor.0)
        .bind(key)
        .bind(i64::from(status))
        .bind(answer)
        .execute(connection)
        .await?;
    Ok(())
}

/// The answers kept for a person that hold some text, with their keys.
///
/// # Errors
/// The database's.
pub async fn holding(connection: &mut Connection, actor: UserId, text: &str) -> Result<Vec<(String, String)>, DbError> {
    let pattern = format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    query("select key, answer from idempotency where actor_id = $1 and answer like $2 escape '\\'")
        .bind(actor.0)
        .bind(pattern)
        .fetch_all(connection)
        .await
}

/// Puts another answer in the place of the one that is kept, for words that were taken back.
///
/// # Errors
/// The database's.
pub async fn reword(connection: &mut Connection, actor: UserId, key: &str, answer: &str) -> Result<(), DbError> {
    query("update idempotency set answer = $3 where actor_id = $1 and key = $2")
        .bind(actor.0)
        .bind(key)
        .bind(answer)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets answers from before `before`, `most` of them at most, the oldest first; never those that are kept for ever.
/// Returns how many.
///
/// # Errors
/// The database's.
pub async fn prune(connection: &mut Connection, before: Timestamp, most: i64) -> Result<u64, DbError> {
    let last: Option<(i64, i64, String)> = query(
        "select created_at_ms, actor_id, key from idempotency
         where for_ever = 0 and created_at_ms < $1
         order by created_at_ms, actor_id, key
         limit 1 offset $2",
    )
    .bind(before.0)
    .bind(most.max(1) - 1)
    .fetch_optional(&mut *connection)
    .await?;
    let Some((at_ms, actor, key)) = last else {
        // Fewer than that are left.
        return query("delete from idempotency where for_ever = 0 and created_at_ms < $1")
            .bind(before.0)
            .execute(connection)
            .await;
    };
    query("delete from idempotency where for_ever = 0 and (created_at_ms, actor_id, key) <= ($1, $2, $3)")
        .bind(at_ms)
        .bind(actor)
        .bind(key)
        .execute(connection)
        .await
}

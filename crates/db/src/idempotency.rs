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
) -> Result<Known, DbError> {
    let claimed = query(
        "insert into idempotency (actor_id, key, request_hash, status, answer, created_at_ms)
         values ($1, $2, $3, 0, '', $4)
         on conflict do nothing",
    )
    .bind(actor.0)
    .bind(key)
    .bind(request_hash)
    .bind(now.0)
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
    if hash == request_hash { Ok(Known::Same(u16::try_from(status).unwrap_or(200), answer)) } else { Ok(Known::Other) }
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

/// Forgets answers from before `before`. Returns how many.
///
/// # Errors
/// The database's.
pub async fn prune(connection: &mut Connection, before: Timestamp) -> Result<u64, DbError> {
    let gone = query("delete from idempotency where created_at_ms < $1").bind(before.0).execute(connection).await?;
    Ok(gone)
}

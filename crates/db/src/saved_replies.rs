//! Saved replies: a person's own short texts.

use guildhall_market::{ids::UserId, saved_replies::ReplyName, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

rows! {
    /// A saved reply as stored.
    #[derive(Clone, Debug)]
    pub struct SavedReply {
        /// Its name.
        pub key: String,
        /// Its text.
        pub text: String,
        /// When it was changed last.
        pub updated_at_ms: i64,
    }
}

/// All of a person's, by name.
///
/// # Errors
/// The database's.
pub async fn list(connection: &mut Connection, user: UserId) -> Result<Vec<SavedReply>, DbError> {
    query("select key, text, updated_at_ms from saved_replies where user_id = $1 order by key")
        .bind(user.0)
        .fetch_all(connection)
        .await
}

/// One of a person's.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, user: UserId, key: &ReplyName) -> Result<Option<SavedReply>, DbError> {
    query("select key, text, updated_at_ms from saved_replies where user_id = $1 and key = $2")
        .bind(user.0)
        .bind(key.as_str())
        .fetch_optional(connection)
        .await
}

/// How many a person has beside one of that name.
///
/// # Errors
/// The database's.
pub async fn count_others(connection: &mut Connection, user: UserId, key: &ReplyName) -> Result<i64, DbError> {
    query("select count(*) from saved_replies where user_id = $1 and key <> $2")
        .bind(user.0)
        .bind(key.as_str())
        .fetch_one(connection)
        .await
}

/// Keeps a text under a name, in the place of what had it.
///
/// # Errors
/// The database's.
pub async fn put(
    connection: &mut Connection,
    user: UserId,
    key: &ReplyName,
    text: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    query(
        "insert into saved_replies (user_id, key, text, updated_at_ms) values ($1, $2, $3, $4)
         on conflict (user_id, key) do update set text = excluded.text, updated_at_ms = excluded.updated_at_ms",
    )
    .bind(user.0)
    .bind(key.as_str())
    .bind(text)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes all of a person's.
///
/// # Errors
/// The database's.
pub async fn erase(connection: &mut Connection, user: UserId) -> Result<(), DbError> {
    query("delete from saved_replies where user_id = $1").bind(user.0).execute(connection).await?;
    Ok(())
}

/// Deletes one. Whether there was one.
///
/// # Errors
/// The database's.
pub async fn delete(connection: &mut Connection, user: UserId, key: &ReplyName) -> Result<bool, DbError> {
    let rows = query("delete from saved_replies where user_id = $1 and key = $2")
        .bind(user.0)
        .bind(key.as_str())
        .execute(connection)
        .await?;
    Ok(rows > 0)
}

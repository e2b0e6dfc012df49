//! Mail addresses that were changed, as long as the old one may take it back.

use guildhall_market::{email_changes::UNDO_MS, ids::UserId, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

rows! {
    /// A change as stored.
    #[derive(Clone, Debug)]
    pub struct EmailChange of email_changes by id {
        /// Which.
        pub id: i64,
        /// Whose.
        pub user_id: UserId,
        /// The address that it was.
        pub old_email: String,
        /// What the code in the letter is made of, beside the key.
        pub nonce: String,
        /// When.
        pub changed_at_ms: i64,
    }
}

/// Notes a change. Answers with its number.
///
/// # Errors
/// The database's.
pub async fn add(
    connection: &mut Connection,
    user: UserId,
    old_email: &str,
    nonce: &str,
    now: Timestamp,
) -> Result<i64, DbError> {
    query("insert into email_changes (user_id, old_email, nonce, changed_at_ms) values ($1, $2, $3, $4) returning id")
        .bind(user.0)
        .bind(old_email)
        .bind(nonce)
        .bind(now.0)
        .fetch_one(connection)
        .await
}

/// The changes away from an address that may still be taken back, newest first.
///
/// # Errors
/// The database's.
pub async fn of_old(connection: &mut Connection, old_email: &str, now: Timestamp) -> Result<Vec<EmailChange>, DbError> {
    query(
        "select id, user_id, old_email, nonce, changed_at_ms from email_changes
         where old_email = $1 and changed_at_ms > $2
         order by changed_at_ms desc
         limit 20",
    )
    .bind(old_email)
    .bind(now.plus_ms(-UNDO_MS).0)
    .fetch_all(connection)
    .await
}

/// The changes of somebody's address that may still be taken back, newest first.
///
/// # Errors
/// The database's.
pub async fn of(connection: &mut Connection, user: UserId, now: Timestamp) -> Result<Vec<EmailChange>, DbError> {
    query(
        "select id, user_id, old_email, nonce, changed_at_ms from email_changes
         where user_id = $1 and changed_at_ms > $2
         order by changed_at_ms desc
         limit 20",
    )
    .bind(user.0)
    .bind(now.plus_ms(-UNDO_MS).0)
    .fetch_all(connection)
    .await
}

/// A change by its number.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, id: i64) -> Result<Option<EmailChange>, DbError> {
    query("select id, user_id, old_email, nonce, changed_at_ms from email_changes where id = $1")
        .bind(id)
        .fetch_optional(connection)
        .await
}

/// Takes a change for whoever takes it back, with all that came after it. False when somebody else did.
///
/// # Errors
/// The database's.
pub async fn take_from(connection: &mut Connection, change: &EmailChange) -> Result<bool, DbError> {
    let gone = query("delete from email_changes where user_id = $1 and id >= $2")
        .bind(change.user_id.0)
        .bind(change.id)
        .execute(connection)
        .await?;
    Ok(gone > 0)
}

/// Forgets a change: it stands.
///
/// # Errors
/// The database's.
pub async fn forget(connection: &mut Connection, id: i64) -> Result<(), DbError> {
    query("delete from email_changes where id = $1").bind(id).execute(connection).await?;
    Ok(())
}

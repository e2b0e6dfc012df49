//! Accounts that somebody began to make and whose address is not proved yet.

use guildhall_market::time::Timestamp;

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

rows! {
    /// One that was begun.
    #[derive(Clone, Debug)]
    pub struct Registration of registrations by id {
        /// Which.
        pub id: i64,
        /// What its secret is known by.
        pub mark: String,
        /// The address that is to be proved.
        pub address: String,
        /// What the account is to be, sealed.
        pub sealed: String,
        /// What the digits of its code are made of, beside the key.
        pub nonce: String,
        /// Until when its code works.
        pub expires_at_ms: i64,
    }
}

macro_rules! columns {
    () => {
        "id, mark, address, sealed, nonce, expires_at_ms"
    };
}

/// What a new one needs.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// What its secret is known by.
    pub mark: &'a str,
    /// The address that is to be proved.
    pub address: &'a str,
    /// What the account is to be, sealed.
    pub sealed: &'a str,
    /// What the digits of its code are made of, beside the key.
    pub nonce: &'a str,
    /// Until when its code works.
    pub expires_at: Timestamp,
}

/// Keeps one, beside others of the same address. Answers with its number.
///
/// # Errors
/// The database's.
pub async fn add(connection: &mut Connection, new: &New<'_>) -> Result<i64, DbError> {
    query(
        "insert into registrations (mark, address, sealed, nonce, expires_at_ms) values ($1, $2, $3, $4, $5)
         returning id",
    )
    .bind(new.mark)
    .bind(new.address)
    .bind(new.sealed)
    .bind(new.nonce)
    .bind(new.expires_at.0)
    .fetch_one(connection)
    .await
}

/// The one of a secret.
///
/// # Errors
/// The database's.
pub async fn of_mark(connection: &mut Connection, mark: &str) -> Result<Option<Registration>, DbError> {
    query(concat!("select ", columns!(), " from registrations where mark = $1"))
        .bind(mark)
        .fetch_optional(connection)
        .await
}

/// One by its number.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, id: i64) -> Result<Option<Registration>, DbError> {
    query(concat!("select ", columns!(), " from registrations where id = $1")).bind(id).fetch_optional(connection).await
}

/// Its code works until then.
///
/// # Errors
/// The database's.
pub async fn lives_until(connection: &mut Connection, id: i64, expires_at: Timestamp) -> Result<(), DbError> {
    query("update registrations set expires_at_ms = $2 where id = $1")
        .bind(id)
        .bind(expires_at.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes one for whoever makes its account. False when somebody did already.
///
/// # Errors
/// The database's.
pub async fn take(connection: &mut Connection, id: i64) -> Result<bool, DbError> {
    Ok(query("delete from registrations where id = $1").bind(id).execute(connection).await? > 0)
}

/// Forgets those whose codes died before a moment, at most so many. Answers with how many.
///
/// # Errors
/// The database's.
pub async fn forget(connection: &mut Connection, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    query(
        "delete from registrations where id in (
           select id from registrations where expires_at_ms < $1 order by expires_at_ms limit $2
         )",
    )
    .bind(before.0)
    .bind(limit)
    .execute(connection)
    .await
}

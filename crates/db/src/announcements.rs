//! What administrators said to everybody.

use guildhall_market::{ids::UserId, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

rows! {
    /// An announcement as stored.
    #[derive(Clone, Debug)]
    pub struct Announcement of announcements by number {
        /// Counts them.
        pub number: i64,
        /// The words; none where the one before was taken back.
        pub text: Option<String>,
        /// When it was said.
        pub at_ms: i64,
        /// Until when it stands; for ever where there is none.
        pub until_ms: Option<i64>,
        /// Who said it.
        pub by_user: UserId,
    }
}

/// The last one, whether it still stands or not.
///
/// # Errors
/// The database's.
pub async fn last(connection: &mut Connection) -> Result<Option<Announcement>, DbError> {
    query("select number, text, at_ms, until_ms, by_user from announcements order by number desc limit 1")
        .fetch_optional(connection)
        .await
}

/// Keeps the next one, and answers its number.
///
/// # Errors
/// The database's.
pub async fn add(
    connection: &mut Connection,
    by: UserId,
    text: Option<&str>,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Result<i64, DbError> {
    let number = last(connection).await?.map_or(1, |last| last.number + 1);
    query("insert into announcements (number, text, at_ms, until_ms, by_user) values ($1, $2, $3, $4, $5)")
        .bind(number)
        .bind(text)
        .bind(now.0)
        .bind(until.map(|until| until.0))
        .bind(by.0)
        .execute(connection)
        .await?;
    Ok(number)
}

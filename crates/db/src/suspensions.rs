//! Why somebody is kept out. The moment itself stands with the account, where every request looks.

use guildhall_market::{ids::UserId, time::Timestamp};

use crate::{
    Connection, DbError, people,
    sql::{query, rows},
};

rows! {
    /// A suspension as stored.
    #[derive(Clone, Debug)]
    pub struct Suspension of suspensions by id {
        /// Which.
        pub id: i64,
        /// Of whom.
        pub user_id: UserId,
        /// By whom; none: whoever runs the server.
        pub by_id: Option<UserId>,
        /// Why, in words.
        pub reason: String,
        /// When.
        pub at_ms: i64,
        /// The report that it follows from.
        pub report_id: Option<i64>,
        /// What the person said to it.
        pub answer: Option<String>,
        /// When.
        pub answered_at_ms: Option<i64>,
        /// When it was lifted.
        pub lifted_at_ms: Option<i64>,
        /// Why.
        pub lift_reason: Option<String>,
    }
}

/// The columns of [`Suspension`], for `select`.
macro_rules! columns {
    () => {
        "id, user_id, by_id, reason, at_ms, report_id, answer, answered_at_ms, lifted_at_ms, lift_reason"
    };
}

/// Suspends an account that is not suspended.
///
/// # Errors
/// The database's.
pub async fn begin(
    connection: &mut Connection,
    user: UserId,
    by: Option<UserId>,
    reason: &str,
    report: Option<i64>,
    now: Timestamp,
) -> Result<i64, DbError> {
    people::set_suspended(connection, user, Some(now)).await?;
    query("insert into suspensions (user_id, by_id, reason, at_ms, report_id) values ($1, $2, $3, $4, $5) returning id")
        .bind(user.0)
        .bind(by.map(|by| by.0))
        .bind(reason)
        .bind(now.0)
        .bind(report)
        .fetch_one(connection)
        .await
}

/// Lifts the suspension of an account.
///
/// # Errors
/// The database's.
pub async fn lift(connection: &mut Connection, user: UserId, reason: &str, now: Timestamp) -> Result<(), DbError> {
    people::set_suspended(connection, user, None).await?;
    query("update suspensions set lifted_at_ms = $2, lift_reason = $3 where user_id = $1 and lifted_at_ms is null")
        .bind(user.0)
        .bind(now.0)
        .bind(reason)
        .execute(connection)
        .await?;
    Ok(())
}

/// The suspension that stands.
///
/// # Errors
/// The database's.
pub async fn standing(connection: &mut Connection, user: UserId) -> Result<Option<Suspension>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from suspensions where user_id = $1 and lifted_at_ms is null order by id desc limit 1"
    ))
    .bind(user.0)
    .fetch_optional(connection)
    .await
}

/// All of a person's, newest first. At most 100.
///
/// # Errors
/// The database's.
pub async fn list(connection: &mut Connection, user: UserId) -> Result<Vec<Suspension>, DbError> {
    query(concat!("select ", columns!(), " from suspensions where user_id = $1 order by id desc limit 100"))
        .bind(user.0)
        .fetch_all(connection)
        .await
}

/// Keeps what the person says to it, once. False when something was said before.
///
/// # Errors
/// The database's.
pub async fn answer(connection: &mut Connection, id: i64, words: &str, now: Timestamp) -> Result<bool, DbError> {
    let done = query("update suspensions set answer = $2, answered_at_ms = $3 where id = $1 and answer is null")
        .bind(id)
        .bind(words)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(done > 0)
}

/// The administrators who may sign in, held until the commit: nobody takes the role or the account of another meanwhile.
///
/// # Errors
/// The database's.
pub async fn hold_administrators(connection: &mut Connection) -> Result<Vec<UserId>, DbError> {
    let statement = if connection.shares_rows() {
        "select id from users where role = 'admin' and deleted_at_ms is null and suspended_at_ms is null
         order by id for no key update"
    } else {
        "select id from users where role = 'admin' and deleted_at_ms is null and suspended_at_ms is null order by id"
    };
    let ids: Vec<i64> = query(statement).fetch_all(connection).await?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// Administrators who were suspended after `since`.
///
/// # Errors
/// The database's.
pub async fn administrators_suspended_since(
    connection: &mut Connection,
    since: Timestamp,
) -> Result<Vec<UserId>, DbError> {
    let ids: Vec<i64> = query(
        "select id from users
         where role = 'admin' and deleted_at_ms is null and suspended_at_ms is not null and suspended_at_ms > $1
         order by id",
    )
    .bind(since.0)
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// Ends all tokens of a person. How many there were.
///
/// # Errors
/// The database's.
pub async fn end_tokens(connection: &mut Connection, user: UserId, now: Timestamp) -> Result<u64, DbError> {
    query("update tokens set revoked_at_ms = $2 where user_id = $1 and revoked_at_ms is null")
        .bind(user.0)
        .bind(now.0)
        .execute(connection)
        .await
}

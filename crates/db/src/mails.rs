//! Letters that wait, were sent, or came to nothing.

use guildhall_market::{codes::Carrier, ids::UserId, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 100;

rows! {
    /// A letter as stored.
    #[derive(Clone, Debug)]
    pub struct Mail of mails by id {
        /// Which.
        pub id: i64,
        /// Whose it is. Absent: nobody's yet, or nobody's at all, and then it is never sent.
        pub user_id: Option<UserId>,
        /// Where it goes.
        pub address: String,
        /// What it says, one word.
        pub kind: String,
        /// What is inserted, JSON.
        pub data: String,
        /// When it was written.
        pub created_at_ms: i64,
        /// From when on it is of no use.
        pub expires_at_ms: Option<i64>,
        /// How often it was tried.
        pub tries: i64,
        /// When it is tried next; absent once it is over.
        pub next_try_at_ms: Option<i64>,
        /// When it was sent.
        pub sent_at_ms: Option<i64>,
        /// When it was given up.
        pub failed_at_ms: Option<i64>,
        /// What the last try came to.
        pub error: Option<String>,
    }
}

macro_rules! columns {
    () => {
        "id, user_id, address, kind, data, created_at_ms, expires_at_ms, tries, next_try_at_ms, sent_at_ms, failed_at_ms, error"
    };
}

/// What a new letter needs.
#[derive(Clone, Debug)]
pub struct NewMail<'a> {
    /// Whose it is, if somebody's.
    pub user: Option<UserId>,
    /// Whether it is sent. One that is not is kept for a moment, so that a stranger cannot tell by the time.
    pub sent: bool,
    /// Where it goes.
    pub address: &'a str,
    /// How it travels.
    pub carrier: Carrier,
    /// What it says, one word.
    pub kind: &'a str,
    /// What is inserted, JSON.
    pub data: &'a str,
    /// From when on it is of no use.
    pub expires_at: Option<Timestamp>,
}

/// Keeps a letter to be sent. Answers with its number.
///
/// # Errors
/// The database's.
pub async fn queue(connection: &mut Connection, new: &NewMail<'_>, now: Timestamp) -> Result<i64, DbError> {
    query(
        "insert into mails (user_id, address, kind, data, created_at_ms, expires_at_ms, next_try_at_ms, carrier)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         returning id",
    )
    .bind(new.user.map(|user| user.0))
    .bind(new.address)
    .bind(new.kind)
    .bind(new.data)
    .bind(now.0)
    .bind(new.expires_at.map(|at| at.0))
    .bind(new.sent.then_some(now.0))
    .bind(new.carrier.code())
    .fetch_one(connection)
    .await
}

/// Takes back letters of a kind that wait for somebody: one that follows says what they would have said.
///
/// # Errors
/// The database's.
pub async fn take_back(
    connection: &mut Connection,
    user: Option<UserId>,
    kind: &str,
    address: &str,
) -> Result<(), DbError> {
    query("delete from mails where user_id = $1 and kind = $2 and address = $3 and next_try_at_ms is not null")
        .bind(user.map(|user| user.0))
        .bind(kind)
        .bind(address)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes back what waits for somebody at any other address than this one: it is not theirs.
///
/// # Errors
/// The database's.
pub async fn take_back_elsewhere(connection: &mut Connection, user: UserId, address: &str) -> Result<(), DbError> {
    query("delete from mails where user_id = $1 and address <> $2 and next_try_at_ms is not null")
        .bind(user.0)
        .bind(address)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes back what waits for an address that is nobody's yet and says the very same.
///
/// # Errors
/// The database's.
pub async fn take_back_the_same(
    connection: &mut Connection,
    kind: &str,
    address: &str,
    data: &str,
) -> Result<(), DbError> {
    query(
        "delete from mails
         where user_id is null and kind = $1 and address = $2 and data = $3 and next_try_at_ms is not null",
    )
    .bind(kind)
    .bind(address)
    .bind(data)
    .execute(connection)
    .await?;
    Ok(())
}

/// Whether a letter of a kind was written for somebody between two moments. What is forgotten by then counts no more, nor what a
/// clock that was far ahead wrote.
///
/// # Errors
/// The database's.
pub async fn written_between(
    connection: &mut Connection,
    user: Option<UserId>,
    kind: &str,
    (since, until): (Timestamp, Timestamp),
) -> Result<bool, DbError> {
    let found: Option<i64> = query(
        "select id from mails where user_id = $1 and kind = $2 and created_at_ms > $3 and created_at_ms <= $4 limit 1",
    )
    .bind(user.map(|user| user.0))
    .bind(kind)
    .bind(since.0)
    .bind(until.0)
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

/// One of them.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, id: i64) -> Result<Option<Mail>, DbError> {
    query(concat!("select ", columns!(), " from mails where id = $1")).bind(id).fetch_optional(connection).await
}

/// Those of a carrier that are to be tried at `now`, in the order of their times. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn due(
    connection: &mut Connection,
    carrier: Carrier,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Mail>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from mails
         where next_try_at_ms <= $1 and carrier = $3
         order by next_try_at_ms, id
         limit $2"
    ))
    .bind(now.0)
    .bind(crate::bounded(limit, PAGE_MAX))
    .bind(carrier.code())
    .fetch_all(connection)
    .await
}

/// When the first one of a carrier that waits is tried next.
///
/// # Errors
/// The database's.
pub async fn next(connection: &mut Connection, carrier: Carrier) -> Result<Option<Timestamp>, DbError> {
    let next: Option<i64> = query(
        "select next_try_at_ms from mails
         where next_try_at_ms is not null and carrier = $1
         order by next_try_at_ms
         limit 1",
    )
    .bind(carrier.code())
    .fetch_optional(connection)
    .await?;
    Ok(next.map(Timestamp))
}

/// Those that wait, oldest first, from the oldest after `after` on. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn waiting(connection: &mut Connection, after: i64, limit: i64) -> Result<Vec<Mail>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from mails
         where next_try_at_ms is not null and id > $1
         order by id
         limit $2"
    ))
    .bind(after)
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(connection)
    .await
}

/// Those that were given up, newest first, with a number below `before`. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn failed(connection: &mut Connection, before: Option<i64>, limit: i64) -> Result<Vec<Mail>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from mails
         where failed_at_ms is not null and id < $1
         order by id desc
         limit $2"
    ))
    .bind(before.unwrap_or(i64::MAX))
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(connection)
    .await
}

/// To how many different addresses something was written for somebody since `since`, by a carrier. What is forgotten by then
/// counts no more.
///
/// # Errors
/// The database's.
pub async fn addresses_since(
    connection: &mut Connection,
    user: UserId,
    carrier: Carrier,
    since: Timestamp,
) -> Result<Vec<String>, DbError> {
    query("select distinct address from mails where user_id = $1 and carrier = $2 and created_at_ms > $3 limit 100")
        .bind(user.0)
        .bind(carrier.code())
        .bind(since.0)
        .fetch_all(connection)
        .await
}

/// How many wait, and how many were given up.
///
/// # Errors
/// The database's.
pub async fn counts(connection: &mut Connection) -> Result<(i64, i64), DbError> {
    query(
        "select (select count(*) from mails where next_try_at_ms is not null), (select count(*) from mails where failed_at_ms is not null)",
    )
    .fetch_one(connection)
    .await
}

/// What a try came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It was taken.
    Sent,
    /// It was not, and is tried again then.
    Later(Timestamp, String),
    /// It was not, and is given up.
    Failed(String),
}

/// Notes that one is being sent, before it is. It stands in the place of what the last try came to.
///
/// # Errors
/// The database's.
pub async fn begun(connection: &mut Connection, id: i64) -> Result<(), DbError> {
    query("update mails set error = 'being sent' where id = $1").bind(id).execute(connection).await?;
    Ok(())
}

/// Notes what a try came to.
///
/// # Errors
/// The database's.
pub async fn tried(connection: &mut Connection, id: i64, tried: &Tried, now: Timestamp) -> Result<(), DbError> {
    let (next, sent, failed, error) = match tried {
        Tried::Sent => (None, Some(now), None, None),
        Tried::Later(at, error) => (Some(*at), None, None, Some(error.as_str())),
        Tried::Failed(error) => (None, None, Some(now), Some(error.as_str())),
    };
    query(
        "update mails
         set tries = tries + 1, next_try_at_ms = $2, sent_at_ms = $3, failed_at_ms = $4, error = $5
         where id = $1",
    )
    .bind(id)
    .bind(next.map(|at| at.0))
    .bind(sent.map(|at| at.0))
    .bind(failed.map(|at| at.0))
    .bind(error)
    .execute(connection)
    .await?;
    Ok(())
}

/// Has one that was given up tried again, from the beginning. False when there is none, or it is of no use any more.
///
/// # Errors
/// The database's.
pub async fn retry(connection: &mut Connection, id: i64, now: Timestamp) -> Result<bool, DbError> {
    let again = query(
        "update mails
         set tries = 0, next_try_at_ms = $2, failed_at_ms = null
         where id = $1 and failed_at_ms is not null and (expires_at_ms is null or expires_at_ms > $2)",
    )
    .bind(id)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(again > 0)
}

/// Forgets letters that are over and were written before `before`, and those that wait since `waiting_before`, at most so many of
/// each. Answers with how many went.
///
/// # Errors
/// The database's.
pub async fn forget(
    connection: &mut Connection,
    before: Timestamp,
    waiting_before: Timestamp,
    limit: i64,
) -> Result<u64, DbError> {
    // Each by an index of its own.
    let over = "delete from mails where id in (
       select id from mails where created_at_ms < $1 and next_try_at_ms is null order by created_at_ms limit $2
     )";
    let waiting = "delete from mails where id in (
       select id from mails where created_at_ms < $1 and next_try_at_ms is not null order by created_at_ms limit $2
     )";
    let mut gone = 0;
    for (statement, before) in [(over, before), (waiting, waiting_before)] {
        gone += query(statement).bind(before.0).bind(limit).execute(&mut *connection).await?;
    }
    Ok(gone)
}

/// Forgets letters that were written before a moment for an address that is nobody's, at most so many: they were never to be sent.
/// Answers with how many.
///
/// # Errors
/// The database's.
pub async fn forget_nobodys(connection: &mut Connection, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    // But for those to whoever makes an account, who is nobody until the letter was read.
    query(
        "delete from mails where id in (
           select id from mails
           where user_id is null and next_try_at_ms is null and sent_at_ms is null and failed_at_ms is null
             and created_at_ms < $1
           limit $2
         )",
    )
    .bind(before.0)
    .bind(limit)
    .execute(connection)
    .await
}

//! Moments at which something happens by itself: for each kind and subject one, kept until it is carried out. What happens
//! then is the server's business; here is only when.

use guildhall_market::time::Timestamp;

use crate::{
    Connection, DbError,
    sql::{query, query_built, rows},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 1_000;

rows! {
    /// A deadline.
    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub struct Deadline {
        /// When, on the server's clock.
        pub due_at_ms: i64,
        /// What it is, one word of the feature that set it.
        pub kind: String,
        /// The id of what it is about, within its kind.
        pub subject: i64,
    }
}

impl Deadline {
    /// When.
    pub fn due_at(&self) -> Timestamp {
        Timestamp(self.due_at_ms)
    }
}

/// Sets a deadline, in the place of the one that was there.
///
/// # Errors
/// The database's.
pub async fn set(connection: &mut Connection, kind: &str, subject: i64, due_at: Timestamp) -> Result<(), DbError> {
    query(
        "insert into deadlines (kind, subject, due_at_ms) values ($1, $2, $3)
         on conflict (kind, subject) do update set due_at_ms = excluded.due_at_ms,
           given_back_ms = case when deadlines.due_at_ms = excluded.due_at_ms then deadlines.given_back_ms else 0 end",
    )
    .bind(kind)
    .bind(subject)
    .bind(due_at.0)
    .execute(&mut *connection)
    .await?;
    connection.note_deadline();
    Ok(())
}

/// Sets a deadline, unless there is one.
///
/// # Errors
/// The database's.
pub async fn set_first(
    connection: &mut Connection,
    kind: &str,
    subject: i64,
    due_at: Timestamp,
) -> Result<(), DbError> {
    query(
        "insert into deadlines (kind, subject, due_at_ms) values ($1, $2, $3)
         on conflict (kind, subject) do nothing",
    )
    .bind(kind)
    .bind(subject)
    .bind(due_at.0)
    .execute(&mut *connection)
    .await?;
    connection.note_deadline();
    Ok(())
}

/// Takes a deadline away: what it waited for happened. False when there was none.
///
/// # Errors
/// The database's.
pub async fn clear(connection: &mut Connection, kind: &str, subject: i64) -> Result<bool, DbError> {
    let gone = query("delete from deadlines where kind = $1 and subject = $2")
        .bind(kind)
        .bind(subject)
        .execute(connection)
        .await?;
    Ok(gone > 0)
}

/// Takes a deadline for whoever carries it out, in the same transaction. False when somebody else did, or moved it.
///
/// # Errors
/// The database's.
pub async fn take(connection: &mut Connection, deadline: &Deadline) -> Result<bool, DbError> {
    let gone = query("delete from deadlines where kind = $1 and subject = $2 and due_at_ms = $3")
        .bind(&deadline.kind)
        .bind(deadline.subject)
        .bind(deadline.due_at_ms)
        .execute(connection)
        .await?;
    Ok(gone > 0)
}

/// Deadlines that are due at `now`, in the order of their times, those after `after` only. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn due(
    connection: &mut Connection,
    now: Timestamp,
    after: Option<&Deadline>,
    limit: i64,
) -> Result<Vec<Deadline>, DbError> {
    query(
        "select due_at_ms, kind, subject from deadlines
         where due_at_ms <= $1 and due_at_ms >= $2 and (due_at_ms, kind, subject) > ($2, $3, $4)
         order by due_at_ms, kind, subject
         limit $5",
    )
    .bind(now.0)
    .bind(after.map_or(i64::MIN, |after| after.due_at_ms))
    .bind(after.map_or("", |after| after.kind.as_str()))
    .bind(after.map_or(i64::MIN, |after| after.subject))
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(connection)
    .await
}

/// The deadlines of some kinds for one subject that are due at `now`, in the order of their times.
///
/// # Errors
/// The database's.
pub async fn due_for(
    connection: &mut Connection,
    kinds: &[&'static str],
    subject: i64,
    now: Timestamp,
) -> Result<Vec<Deadline>, DbError> {
    if kinds.is_empty() {
        return Ok(Vec::new());
    }
    let statement = query_built(format!(
        "select due_at_ms, kind, subject from deadlines
         where subject = $1 and due_at_ms <= $2 and kind in ({})
         order by due_at_ms, kind",
        crate::places(3..=kinds.len() + 2)
    ));
    kinds
        .iter()
        .fold(statement.bind(subject).bind(now.0), |statement, kind| statement.bind(*kind))
        .fetch_all(connection)
        .await
}

rows! {
    /// A deadline that may be put off.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Waiting {
        /// When, on the server's clock.
        pub due_at_ms: i64,
        /// What it is.
        pub kind: String,
        /// The id of what it is about, within its kind.
        pub subject: i64,
        /// By how much it was put off before, milliseconds.
        pub given_back_ms: i64,
    }
}

/// The deadlines of a kind that are due from `from` to `until`, both with, of subjects above `after`, in their order. At most
/// `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn between(
    connection: &mut Connection,
    kind: &str,
    (from, until): (Timestamp, Timestamp),
    after: i64,
    limit: i64,
) -> Result<Vec<Waiting>, DbError> {
    query(
        "select due_at_ms, kind, subject, given_back_ms from deadlines
         where kind = $1 and subject > $2 and due_at_ms >= $3 and due_at_ms <= $4
         order by subject limit $5",
    )
    .bind(kind)
    .bind(after)
    .bind(from.0)
    .bind(until.0)
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(connection)
    .await
}

/// Puts a deadline off, and keeps by how much. Answers with it as it is then; `None` where it is another one by now, or gone.
///
/// # Errors
/// The database's.
pub async fn put_off(connection: &mut Connection, waiting: &Waiting, by_ms: i64) -> Result<Option<Deadline>, DbError> {
    let moved = query(
        "update deadlines set due_at_ms = due_at_ms + $4, given_back_ms = given_back_ms + $4
         where kind = $1 and subject = $2 and due_at_ms = $3",
    )
    .bind(&waiting.kind)
    .bind(waiting.subject)
    .bind(waiting.due_at_ms)
    .bind(by_ms)
    .execute(&mut *connection)
    .await?;
    connection.note_deadline();
    let now = Deadline { due_at_ms: waiting.due_at_ms + by_ms, kind: waiting.kind.clone(), subject: waiting.subject };
    Ok((moved > 0).then_some(now))
}

/// When the first deadline after `now` is due.
///
/// # Errors
/// The database's.
pub async fn next(connection: &mut Connection, now: Timestamp) -> Result<Option<Timestamp>, DbError> {
    let next: Option<i64> = query("select due_at_ms from deadlines where due_at_ms > $1 order by due_at_ms limit 1")
        .bind(now.0)
        .fetch_optional(connection)
        .await?;
    Ok(next.map(Timestamp))
}

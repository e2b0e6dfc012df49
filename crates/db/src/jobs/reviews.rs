//! How it was, as the two of a job say of each other.

use guildhall_market::{ids::UserId, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{query, query_built, rows},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 200;

rows! {
    /// A review as stored.
    #[derive(Clone, Debug)]
    pub struct Review of reviews by id {
        /// Which.
        pub id: i64,
        /// Of which job.
        pub job_id: i64,
        /// Who wrote it.
        pub author_id: UserId,
        /// Of whom.
        pub subject_id: UserId,
        /// 1 to 5.
        pub stars: i64,
        /// In their words.
        pub words: String,
        /// When.
        pub created_at_ms: i64,
        /// Since when it can be read.
        pub shown_at_ms: Option<i64>,
    }
}

/// The columns of [`Review`], for `select`.
macro_rules! columns {
    () => {
        "id, job_id, author_id, subject_id, stars, words, created_at_ms, shown_at_ms"
    };
}

/// Keeps one.
///
/// # Errors
/// The database's.
pub async fn add(
    connection: &mut Connection,
    job: i64,
    (author, subject): (UserId, UserId),
    (stars, words): (i64, &str),
    now: Timestamp,
) -> Result<(), DbError> {
    query(
        "insert into reviews (job_id, author_id, subject_id, stars, words, created_at_ms) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(job)
    .bind(author.0)
    .bind(subject.0)
    .bind(stars)
    .bind(words)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Those of some jobs, oldest first, also those that cannot be read yet.
///
/// # Errors
/// The database's.
pub async fn of_jobs(connection: &mut Connection, jobs: &[i64]) -> Result<Vec<Review>, DbError> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    query_built(format!(
        "select {} from reviews where job_id in ({}) order by id",
        columns!(),
        crate::list(jobs.iter().copied())
    ))
    .fetch_all(connection)
    .await
}

/// Lets those of a job be read from now on. Answers with those that could not be before.
///
/// # Errors
/// The database's.
pub async fn show(connection: &mut Connection, job: i64, now: Timestamp) -> Result<Vec<Review>, DbError> {
    query(concat!(
        "update reviews set shown_at_ms = $2 where job_id = $1 and shown_at_ms is null returning ",
        columns!()
    ))
    .bind(job)
    .bind(now.0)
    .fetch_all(connection)
    .await
}

/// What can be read of somebody, newest first. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn about(connection: &mut Connection, subject: UserId, limit: i64) -> Result<Vec<Review>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from reviews where subject_id = $1 and shown_at_ms is not null order by id desc limit $2"
    ))
    .bind(subject.0)
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(connection)
    .await
}

/// What somebody wrote, with an id above `after`, oldest first. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn by(connection: &mut Connection, author: UserId, after: i64, limit: i64) -> Result<Vec<Review>, DbError> {
    query(concat!("select ", columns!(), " from reviews where author_id = $1 and id > $2 order by id limit $3"))
        .bind(author.0)
        .bind(after)
        .bind(crate::bounded(limit, PAGE_MAX))
        .fetch_all(connection)
        .await
}

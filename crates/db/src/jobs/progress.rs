//! How far the work is, in the artisan's words.

use guildhall_market::{ids::UserId, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{query, query_built, rows},
};

/// Reports that a job shows itself.
pub const SHOWN: i64 = 20;

rows! {
    /// A report as stored.
    #[derive(Clone, Debug)]
    pub struct Progress of progress_updates by id {
        /// Which.
        pub id: i64,
        /// Of which job.
        pub job_id: i64,
        /// Who says it.
        pub author_id: UserId,
        /// What they say.
        pub note: String,
        /// 0 to 100.
        pub percent: i64,
        /// When.
        pub created_at_ms: i64,
    }
}

/// Adds one.
///
/// # Errors
/// The database's.
pub async fn add(
    connection: &mut Connection,
    (job, author): (i64, UserId),
    (note, percent): (&str, u8),
    now: Timestamp,
) -> Result<i64, DbError> {
    query(
        "insert into progress_updates (job_id, author_id, note, percent, created_at_ms)
         values ($1, $2, $3, $4, $5)
         returning id",
    )
    .bind(job)
    .bind(author.0)
    .bind(note)
    .bind(i64::from(percent))
    .bind(now.0)
    .fetch_one(connection)
    .await
}

/// The last [`SHOWN`] of each of these jobs since it was given to whoever has it, oldest first.
///
/// # Errors
/// The database's.
pub async fn last_of(connection: &mut Connection, jobs: &[i64]) -> Result<Vec<Progress>, DbError> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    query_built(format!(
        "select id, job_id, author_id, note, percent, created_at_ms
         from (
           select p.id, p.job_id, p.author_id, p.note, p.percent, p.created_at_ms,
             row_number() over (partition by p.job_id order by p.id desc) as back
           from progress_updates p
           join jobs j on j.id = p.job_id
           where p.job_id in ({}) and p.created_at_ms >= coalesce(j.assigned_at_ms, 0)
         ) found
         where back <= {SHOWN}
         order by id",
        crate::list(jobs.iter().copied())
    ))
    .fetch_all(connection)
    .await
}

/// How many a job has since a moment.
///
/// # Errors
/// The database's.
pub async fn count(connection: &mut Connection, job: i64, since: Timestamp) -> Result<i64, DbError> {
    query("select count(*) from progress_updates where job_id = $1 and created_at_ms >= $2")
        .bind(job)
        .bind(since.0)
        .fetch_one(connection)
        .await
}

/// Those of a job since a moment, newest first, after `skip` of them. At most `limit`, 1 to 100.
///
/// # Errors
/// The database's.
pub async fn list(
    connection: &mut Connection,
    (job, since): (i64, Timestamp),
    (skip, limit): (i64, i64),
) -> Result<Vec<Progress>, DbError> {
    query(
        "select id, job_id, author_id, note, percent, created_at_ms from progress_updates
         where job_id = $1 and created_at_ms >= $4
         order by id desc
         limit $2 offset $3",
    )
    .bind(job)
    .bind(crate::bounded(limit, 100))
    .bind(skip.max(0))
    .bind(since.0)
    .fetch_all(connection)
    .await
}

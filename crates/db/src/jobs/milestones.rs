//! Milestones: parts of the work as they are planned. How one stands follows from its escrow.

use guildhall_market::time::Timestamp;

use crate::{
    Connection, DbError,
    sql::{query, query_built, rows},
};

rows! {
    /// A milestone as stored.
    #[derive(Clone, Debug)]
    pub struct Milestone of milestones by id {
        /// Which.
        pub id: i64,
        /// Of which job.
        pub job_id: i64,
        /// What is done then.
        pub title: String,
        /// Its price.
        pub amount_minor: i64,
        /// Until when it is wanted.
        pub due_at_ms: Option<i64>,
        /// What holds its money.
        pub escrow_id: Option<i64>,
        /// Since when it is not part of the job.
        pub dropped_at_ms: Option<i64>,
    }
}

/// The columns of [`Milestone`], for `select`.
macro_rules! columns {
    () => {
        "id, job_id, title, amount_minor, due_at_ms, escrow_id, dropped_at_ms"
    };
}

/// Those of some jobs, in their order, without those that were dropped.
///
/// # Errors
/// The database's.
pub async fn of_jobs(connection: &mut Connection, jobs: &[i64]) -> Result<Vec<Milestone>, DbError> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    query_built(format!(
        "select {} from milestones where job_id in ({}) and dropped_at_ms is null order by job_id, position, id",
        columns!(),
        crate::list(jobs.iter().copied())
    ))
    .fetch_all(connection)
    .await
}

/// Adds one behind the others.
///
/// # Errors
/// The database's.
pub async fn add(
    connection: &mut Connection,
    job: i64,
    (title, amount_minor, due_at_ms): (&str, i64, Option<i64>),
    now: Timestamp,
) -> Result<i64, DbError> {
    query(
        "insert into milestones (job_id, position, title, amount_minor, due_at_ms, created_at_ms)
         select $1, coalesce(max(position), 0) + 1, $2, $3, $4, $5 from milestones where job_id = $1
         returning id",
    )
    .bind(job)
    .bind(title)
    .bind(amount_minor)
    .bind(due_at_ms)
    .bind(now.0)
    .fetch_one(connection)
    .await
}

/// Changes one.
///
/// # Errors
/// The database's.
pub async fn set(
    connection: &mut Connection,
    id: i64,
    (title, amount_minor, due_at_ms): (&str, i64, Option<i64>),
) -> Result<(), DbError> {
    query("update milestones set title = $2, amount_minor = $3, due_at_ms = $4 where id = $1")
        .bind(id)
        .bind(title)
        .bind(amount_minor)
        .bind(due_at_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// One, also where it is not part of its job any more.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, id: i64) -> Result<Option<Milestone>, DbError> {
    query(concat!("select ", columns!(), " from milestones where id = $1")).bind(id).fetch_optional(connection).await
}

/// Several, also those that are not part of their jobs any more.
///
/// # Errors
/// The database's.
pub async fn get_many(connection: &mut Connection, ids: &[i64]) -> Result<Vec<Milestone>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = crate::list(ids.iter().copied());
    query_built(format!("select {} from milestones where id in ({list}) order by id", columns!()))
        .fetch_all(connection)
        .await
}

/// What holds the money of one from now on, or waits for it; none: nothing does.
///
/// # Errors
/// The database's.
pub async fn held_by(connection: &mut Connection, id: i64, escrow: Option<i64>) -> Result<(), DbError> {
    query("update milestones set escrow_id = $2 where id = $1").bind(id).bind(escrow).execute(connection).await?;
    Ok(())
}

/// Takes one out of the job. It stays in what was agreed before.
///
/// # Errors
/// The database's.
pub async fn drop_one(connection: &mut Connection, id: i64, now: Timestamp) -> Result<(), DbError> {
    query("update milestones set dropped_at_ms = $2 where id = $1").bind(id).bind(now.0).execute(connection).await?;
    Ok(())
}

/// Takes all of a job out of it.
///
/// # Errors
/// The database's.
pub async fn drop_all(connection: &mut Connection, job: i64, now: Timestamp) -> Result<(), DbError> {
    query("update milestones set dropped_at_ms = $2 where job_id = $1 and dropped_at_ms is null")
        .bind(job)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(())
}

//! Pictures of jobs, and of reports of how far the work is. Those of a job see whoever sees the job, those of a report its two
//! people.

use guildhall_market::ids::{AttachmentId, UserId};

use crate::{
    Connection, DbError, attachments,
    sql::{query, query_built, rows},
};

/// What a file is marked as that belongs to a job.
const SHOWN_AS: &str = "job";

rows! {
    /// A picture.
    #[derive(Clone, Debug)]
    pub struct JobFile of attachments by id {
        /// Which.
        pub id: AttachmentId,
        /// Who uploaded it.
        pub owner_id: UserId,
        /// A safe name.
        pub name: String,
        /// The media type by content.
        pub mime: String,
        /// Bytes.
        pub size_bytes: i64,
        /// SHA-256, hexadecimal.
        pub sha256: String,
        /// Of which job.
        pub job_id: i64,
        /// Of which report; none: of the job itself.
        pub progress_id: Option<i64>,
    }
}

/// Those of some jobs and their reports, in order.
///
/// # Errors
/// The database's.
pub async fn of_jobs(connection: &mut Connection, jobs: &[i64]) -> Result<Vec<JobFile>, DbError> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    query_built(format!(
        "select a.id, a.owner_id, a.name, a.mime, a.size_bytes, a.sha256, f.job_id, f.progress_id
         from job_files f join attachments a on a.id = f.attachment_id
         where f.job_id in ({})
         order by f.job_id, f.position, a.id",
        crate::list(jobs.iter().copied())
    ))
    .fetch_all(connection)
    .await
}

/// Gives an uploaded picture of somebody to a job, or to a report of it. False when it is not theirs, is no picture, or is used.
///
/// # Errors
/// The database's.
pub async fn bind(
    connection: &mut Connection,
    (id, owner): (AttachmentId, UserId),
    (job, progress): (i64, Option<i64>),
    position: usize,
) -> Result<bool, DbError> {
    if !attachments::show(connection, id, owner, SHOWN_AS).await? {
        return Ok(false);
    }
    query("insert into job_files (attachment_id, job_id, progress_id, position) values ($1, $2, $3, $4)")
        .bind(id.0)
        .bind(job)
        .bind(progress)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .execute(connection)
        .await?;
    Ok(true)
}

/// Puts a picture of a job at another place.
///
/// # Errors
/// The database's.
pub async fn place(connection: &mut Connection, id: AttachmentId, position: usize) -> Result<(), DbError> {
    query("update job_files set position = $2 where attachment_id = $1")
        .bind(id.0)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a picture off a job. Its bytes go with all that nobody has.
///
/// # Errors
/// The database's.
pub async fn remove(connection: &mut Connection, id: AttachmentId) -> Result<(), DbError> {
    for statement in ["delete from job_files where attachment_id = $1", "delete from attachments where id = $1"] {
        query(statement).bind(id.0).execute(&mut *connection).await?;
    }
    Ok(())
}

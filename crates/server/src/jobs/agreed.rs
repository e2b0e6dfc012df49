//! What the two of a job agreed, kept under its numbers: a yes to something is a yes to one of them.

use guildhall_db::{
    Connection,
    jobs::proposals::{self, Terms},
};

use super::{change::Change, parts};
use crate::error::{ApiError, written};

/// Keeps what is agreed from now on, under the next number.
///
/// # Errors
/// The database's.
pub async fn keep_terms(c: &mut Connection, change: &mut Change, proposal_id: Option<i64>) -> Result<(), ApiError> {
    change.job.terms_version += 1;
    let planned = parts::planned(&parts::of_jobs(c, &[change.job.id]).await?);
    let terms = Terms {
        version: change.job.terms_version,
        agreed_minor: change.job.agreed_minor.ok_or_else(ApiError::broken)?,
        milestones: written(&planned)?,
        proposal_id,
        at_ms: change.now.0,
        job_id: change.job.id,
    };
    Ok(proposals::keep_terms(c, &terms).await?)
}

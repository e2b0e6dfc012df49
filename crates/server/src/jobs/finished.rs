//! Whether a job is finished: once everything is paid its client is asked, until there is more to do.

use guildhall_db::{Connection, deadlines};
use guildhall_market::{
    jobs::{milestones::is_all_paid, steps::Stage, times::SILENCE_MS},
    notifications::kinds,
};

use super::{
    change::{Change, SILENCE},
    parts,
    says::Say,
};
use crate::error::ApiError;

/// Asks the client whether it is finished, once everything is paid, and stops asking where it is not so any more: asked for wherever a
/// part of the work comes, goes, or is paid.
///
/// # Errors
/// The database's.
pub async fn ask_whether_finished(c: &mut Connection, change: &mut Change) -> Result<(), ApiError> {
    let statuses = parts::statuses(&parts::of_jobs(c, &[change.job.id]).await?);
    let paid = is_all_paid(&statuses) && change.job.stage == Stage::Assigned;
    match (paid, change.job.asked_at_ms) {
        (true, None) => {
            change.job.asked_at_ms = Some(change.now.0);
            deadlines::set(c, SILENCE, change.job.id, change.now.plus_ms(SILENCE_MS)).await?;
            change.tell(change.job.client_id, kinds::JOB_ALL_PAID, Say::AllPaid);
        }
        (false, Some(_)) => {
            change.job.asked_at_ms = None;
            deadlines::clear(c, SILENCE, change.job.id).await?;
        }
        _ => {}
    }
    Ok(())
}

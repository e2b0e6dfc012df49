//! What is due of a job is due of its money as well, and the other way around: a command on either finds both done.

use guildhall_db::jobs::milestones;

use super::{clock::CLOCK, due::OF_A_JOB};
use crate::{app::App, deadlines::carry_out_due, error::ApiError};
use guildhall_market::time::Timestamp;

/// Carries out what is due of a job at that moment, and of the payments of its milestones.
///
/// # Errors
/// The database's, or what a handler failed with.
pub async fn carry_out(app: &App, job: i64, arrived: Timestamp) -> Result<(), ApiError> {
    let parts = milestones::of_jobs(&mut app.db.read().await?, &[job]).await?;
    for escrow in parts.into_iter().filter_map(|part| part.escrow_id) {
        carry_out_due(app, &[CLOCK], escrow, arrived).await?;
    }
    carry_out_due(app, OF_A_JOB, job, arrived).await
}

/// The same for the job of a milestone, and that payment of it, which may be one of before.
///
/// # Errors
/// The database's, or what a handler failed with.
pub async fn carry_out_of(app: &App, (escrow, milestone): (i64, i64), arrived: Timestamp) -> Result<(), ApiError> {
    carry_out_due(app, &[CLOCK], escrow, arrived).await?;
    let part = milestones::get(&mut app.db.read().await?, milestone).await?;
    match part {
        Some(part) => carry_out(app, part.job_id, arrived).await,
        None => Ok(()),
    }
}

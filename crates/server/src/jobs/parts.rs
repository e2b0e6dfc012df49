//! The milestones of jobs as they stand. This is the one place where what is planned and what holds money for it come together.

use axum::http::StatusCode;
use guildhall_contract::{
    amounts::Major,
    jobs::{Milestone as Shown, PlannedMilestone},
};
use guildhall_db::{
    Connection, escrows,
    jobs::{
        Job,
        milestones::{self, Milestone},
    },
};
use guildhall_market::{
    ids::EscrowId,
    jobs::milestones::{Refusal, Status, job_status, status_of},
    money::amounts::major,
    time::Timestamp,
};

use super::{
    bodies::stored_currency,
    standing::{as_it_stands, wrong_state},
};
use crate::error::ApiError;

/// A milestone, and how it stands.
#[derive(Clone, Debug)]
pub struct Part {
    /// As it is planned.
    pub planned: Milestone,
    /// As its money says.
    pub status: Status,
}

/// The milestones of some jobs, in order, without those that were dropped.
///
/// # Errors
/// The database's.
pub async fn of_jobs(c: &mut Connection, jobs: &[i64]) -> Result<Vec<Part>, ApiError> {
    let planned = milestones::of_jobs(c, jobs).await?;
    let ids: Vec<EscrowId> = planned.iter().filter_map(|planned| planned.escrow_id.map(EscrowId)).collect();
    let escrows = escrows::get_many(c, &ids).await?;
    let of = |planned: &Milestone| {
        let id = planned.escrow_id?;
        escrows.iter().map(|kept| &kept.escrow).find(|escrow| escrow.terms.id.0 == id)
    };
    Ok(planned.into_iter().map(|planned| Part { status: status_of(of(&planned)), planned }).collect())
}

/// Those of one job.
pub fn of(parts: &[Part], job: i64) -> Vec<Part> {
    parts.iter().filter(|part| part.planned.job_id == job).cloned().collect()
}

/// How they stand.
pub fn statuses(parts: &[Part]) -> Vec<Status> {
    parts.iter().map(|part| part.status).collect()
}

/// Their prices.
pub fn amounts(parts: &[Part]) -> Vec<i64> {
    parts.iter().map(|part| part.planned.amount_minor).collect()
}

/// How a job stands before people.
pub fn status(job: &Job, parts: &[Part]) -> &'static str {
    job_status(job.stage, &statuses(parts), job.started > 0)
}

/// As everybody sees them who may.
///
/// # Errors
/// 500 for a currency that is none.
pub fn shown(job: &Job, parts: &[Part]) -> Result<Vec<Shown>, ApiError> {
    let currency = stored_currency(&job.currency)?;
    let one = |part: &Part| Shown {
        id: part.planned.id,
        title: part.planned.title.clone(),
        status: part.status.seed_word().to_owned(),
        state: part.status.code().to_owned(),
        amount: Major(major(part.planned.amount_minor, currency)),
        amount_minor: part.planned.amount_minor,
        currency: job.currency.clone(),
        due_at: part.planned.due_at_ms.map(|at| Timestamp(at).into()),
        payment_id: part.planned.escrow_id,
    };
    Ok(parts.iter().map(one).collect())
}

/// As they are kept with what is agreed.
pub fn planned(parts: &[Part]) -> Vec<PlannedMilestone> {
    let one = |part: &Part| PlannedMilestone {
        id: Some(part.planned.id),
        title: part.planned.title.clone(),
        amount_minor: part.planned.amount_minor,
        due_at: part.planned.due_at_ms.map(|at| Timestamp(at).into()),
    };
    parts.iter().map(one).collect()
}

/// Says why something cannot be done with the milestones as they are.
pub fn refused(job: &Job, refusal: Refusal) -> ApiError {
    let words = format!("This cannot be done: {refusal}.");
    match refusal {
        Refusal::WorkOwed | Refusal::NotAllClosed => wrong_state(job, words),
        Refusal::BadAmount => ApiError::field(refusal.code(), "amount", words),
        _ => as_it_stands(ApiError::new(StatusCode::CONFLICT, refusal.code(), words), job),
    }
}

//! The client plans parts of the work within what was agreed.

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    jobs::{Job as Shown, JobCommand, MilestoneAdd, MilestonePatch},
    rest::{Data, Refusal},
};
use guildhall_db::{Connection, jobs::milestones};
use guildhall_market::{
    ids::JobId,
    jobs::{milestones::rest_within, posts::clean_milestone_title, steps::Act},
    notifications::kinds,
};

use super::{
    agreed::keep_terms,
    applying::Ids,
    bodies::{Exact, amount, refused, stored_currency},
    change::Change,
    command::{Asked, on_job},
    finished::ask_whether_finished,
    held::stop_waiting,
    paid::planned as is_planned,
    parts::{self, Part},
    says::Say,
    standing::wrong_state,
};
use crate::{
    app::App,
    error::ApiError,
    request::{Caller, Command, PathId},
};

/// A part that no money is held for.
async fn free(c: &mut Connection, change: &Change, id: i64) -> Result<Part, ApiError> {
    let all = parts::of_jobs(c, &[change.job.id]).await?;
    let part = all.into_iter().find(|part| part.planned.id == id).ok_or_else(ApiError::not_found)?;
    is_planned(&change.job, &part)?;
    Ok(part)
}

/// Checks the plan as it is now, keeps it, and says so.
async fn planned(c: &mut Connection, change: &mut Change, update: &'static str) -> Result<(), ApiError> {
    let all = parts::amounts(&parts::of_jobs(c, &[change.job.id]).await?);
    let agreed = change.job.agreed_minor.unwrap_or_default();
    rest_within(agreed, &all).map_err(|refusal| parts::refused(&change.job, refusal))?;
    keep_terms(c, change, None).await?;
    ask_whether_finished(c, change).await?;
    change.update = Some(update);
    if let Some(artisan) = change.job.artisan_id {
        change.tell(artisan, kinds::JOB_TERMS, Say::PlanChanged);
    }
    Ok(())
}

/// Plans one more part of the work, within what was agreed. At most 20.
#[utoipa::path(post, path = "/api/jobs/{id}/milestones", tag = "jobs", params(("id" = i64, Path)), request_body = MilestoneAdd,
    responses((status = 201, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn add_milestone(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    Exact(command): Exact<MilestoneAdd>,
) -> Result<Response, ApiError> {
    let body = command.body;
    let title = clean_milestone_title(&body.title).map_err(|wrong| refused("title", &wrong))?;
    let asked = Asked { status: StatusCode::CREATED, ..Asked::plain(id, Act::Plan, body.version) };
    on_job(&app, &caller, command.once, asked, move |c, taken| {
        Box::pin(async move {
            let change = &mut taken.change;
            let money = stored_currency(&change.job.currency)?;
            let minor = amount("amount", body.amount.as_ref(), body.amount_minor.as_ref(), money)?;
            let minor = minor.ok_or_else(|| ApiError::invalid("amount", "A milestone needs an `amount`."))?;
            milestones::add(c, id, (&title, minor, body.due_at.map(|at| at.0.0)), change.now).await?;
            planned(c, change, "milestone_added").await?;
            Ok(None)
        })
    })
    .await
}

/// Changes a part of the work that no money is held for.
#[utoipa::path(patch, path = "/api/jobs/{id}/milestones/{mid}", tag = "jobs", params(("id" = i64, Path), ("mid" = i64, Path)),
    request_body = MilestonePatch,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn change_milestone(
    State(app): State<App>,
    caller: Caller,
    Ids(id, mid): Ids,
    Exact(command): Exact<MilestonePatch>,
) -> Result<Response, ApiError> {
    let body = command.body;
    let title = body.title.as_deref().map(clean_milestone_title).transpose();
    let title = title.map_err(|wrong| refused("title", &wrong))?;
    on_job(&app, &caller, command.once, Asked::plain(id, Act::Plan, body.version), move |c, taken| {
        Box::pin(async move {
            let change = &mut taken.change;
            let was = free(c, change, mid).await?.planned;
            if was.escrow_id.is_some() {
                let words = "Its money is being paid in. Cancel the payment first, or wait until it arrived.";
                return Err(wrong_state(&change.job, words));
            }
            let money = stored_currency(&change.job.currency)?;
            let minor = amount("amount", body.amount.as_ref(), body.amount_minor.as_ref(), money)?;
            let due = body.due_at.map_or(was.due_at_ms, |due| due.map(|at| at.0.0));
            let title = title.unwrap_or(was.title);
            milestones::set(c, mid, (&title, minor.unwrap_or(was.amount_minor), due)).await?;
            planned(c, change, "milestone_updated").await?;
            Ok(None)
        })
    })
    .await
}

/// Takes a part that no money is held for out of the job.
#[utoipa::path(delete, path = "/api/jobs/{id}/milestones/{mid}", tag = "jobs", params(("id" = i64, Path), ("mid" = i64, Path)),
    request_body = JobCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn drop_milestone(
    State(app): State<App>,
    caller: Caller,
    Ids(id, mid): Ids,
    command: Command<JobCommand>,
) -> Result<Response, ApiError> {
    on_job(&app, &caller, command.once, Asked::plain(id, Act::Plan, command.body.version), move |c, taken| {
        Box::pin(async move {
            let change = &mut taken.change;
            free(c, change, mid).await?;
            let unpaid = stop_waiting(c, &change.job, Some(mid), change.now).await?;
            change.besides.extend(unpaid);
            milestones::drop_one(c, mid, change.now).await?;
            planned(c, change, "milestone_updated").await?;
            Ok(None)
        })
    })
    .await
}

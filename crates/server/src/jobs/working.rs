//! What the two of a job do with it as a whole: begin, finish, go on, part, or let it be.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::Relaxed},
};

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    jobs::{Job as Shown, JobCommand},
    rest::{Data, Refusal},
};
use guildhall_db::{
    deadlines,
    jobs::{applications, milestones},
};
use guildhall_market::{
    ids::{JobId, UserId},
    jobs::{
        applications::State as Stands,
        milestones::{Status, is_all_paid, may_cancel, may_complete, may_unassign},
        posts::clean_reason,
        steps::{Act, Role},
    },
    notifications::kinds,
    permissions::MarketChannel,
};

use super::{
    bodies::refused,
    change::SILENCE,
    command::{Asked, on_job},
    held::stop_waiting,
    paid::pay_submitted,
    parts,
    says::Say,
    standing::wrong_state,
};
use crate::{
    app::App,
    error::ApiError,
    request::{Caller, Command, PathId},
};

async fn statuses(c: &mut guildhall_db::Connection, id: i64) -> Result<Vec<Status>, ApiError> {
    Ok(parts::statuses(&parts::of_jobs(c, &[id]).await?))
}

/// Says that the work begins.
#[utoipa::path(post, path = "/api/jobs/{id}/start", tag = "jobs", params(("id" = i64, Path)), request_body = JobCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn start_job(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    command: Command<JobCommand>,
) -> Result<Response, ApiError> {
    let asked = Asked::plain(id, Act::Start, command.body.version);
    on_job(&app, &caller, command.once, asked, move |_, taken| {
        Box::pin(async move {
            let change = &mut taken.change;
            if change.job.started > 0 {
                return Err(wrong_state(&change.job, "The work began before."));
            }
            change.job.started = 1;
            change.update = Some("status_changed");
            change.tell_both(kinds::JOB_STARTED, Say::Started);
            Ok(None)
        })
    })
    .await
}

/// Says that the job is done: what was handed in is paid, and what was only planned is not part of it.
#[utoipa::path(post, path = "/api/jobs/{id}/complete", tag = "jobs", params(("id" = i64, Path)), request_body = JobCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn complete_job(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    command: Command<JobCommand>,
) -> Result<Response, ApiError> {
    let asked = Asked::plain(id, Act::Complete, command.body.version);
    on_job(&app, &caller, command.once.for_ever(), asked, move |c, taken| {
        Box::pin(async move {
            let change = &mut taken.change;
            may_complete(&statuses(c, id).await?).map_err(|refusal| parts::refused(&change.job, refusal))?;
            pay_submitted(c, change).await?;
            let unpaid = stop_waiting(c, &change.job, None, change.now).await?;
            change.besides.extend(unpaid);
            for part in parts::of_jobs(c, &[id]).await? {
                if matches!(part.status, Status::Planned | Status::Dropped) {
                    milestones::drop_one(c, part.planned.id, change.now).await?;
                }
            }
            change.update = Some("status_changed");
            change.tell_both(kinds::JOB_COMPLETED, Say::Completed);
            Ok(None)
        })
    })
    .await
}

/// Says that a job of which everything is paid goes on.
#[utoipa::path(post, path = "/api/jobs/{id}/keep-open", tag = "jobs", params(("id" = i64, Path)), request_body = JobCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn keep_job_open(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    command: Command<JobCommand>,
) -> Result<Response, ApiError> {
    let asked = Asked::plain(id, Act::KeepOpen, command.body.version);
    on_job(&app, &caller, command.once, asked, move |c, taken| {
        Box::pin(async move {
            let change = &mut taken.change;
            if change.job.asked_at_ms.is_none() || !is_all_paid(&statuses(c, id).await?) {
                return Err(wrong_state(&change.job, "Nobody asked whether it is finished: not everything is paid."));
            }
            change.job.asked_at_ms = None;
            deadlines::clear(c, SILENCE, id).await?;
            change.update = Some("status_changed");
            Ok(None)
        })
    })
    .await
}

/// The job comes to nothing, while no money is held for it. An administrator says why.
#[utoipa::path(post, path = "/api/jobs/{id}/cancel", tag = "jobs", params(("id" = i64, Path)), request_body = JobCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn cancel_job(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    command: Command<JobCommand>,
) -> Result<Response, ApiError> {
    let JobCommand { version, reason } = command.body;
    let reason = reason.map(|reason| clean_reason(&reason)).transpose().map_err(|wrong| refused("reason", &wrong))?;
    let asked = Asked::plain(id, Act::Cancel, version);
    on_job(&app, &caller, command.once, asked, move |c, taken| {
        Box::pin(async move {
            let change = &mut taken.change;
            if taken.role == Role::Admin {
                if reason.is_none() {
                    return Err(ApiError::invalid("reason", "Say why, in words that the two of the job can read."));
                }
                change.about = std::iter::once(change.job.client_id).chain(change.job.artisan_id).collect();
            }
            may_cancel(&statuses(c, id).await?).map_err(|refusal| parts::refused(&change.job, refusal))?;
            change.reason = reason.unwrap_or_default();
            change.comes_to_nothing(c, "cancelled", Say::Cancelled).await?;
            Ok(None)
        })
    })
    .await
}

/// The two go on without each other, before any money was there. The job is open again, and those who had waited wait again.
#[utoipa::path(post, path = "/api/jobs/{id}/unassign", tag = "jobs", params(("id" = i64, Path)), request_body = JobCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn unassign_job(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    command: Command<JobCommand>,
) -> Result<Response, ApiError> {
    // Who had it, once it is certain that they do not any more.
    let former = Arc::new(AtomicI64::new(0));
    let told = Arc::clone(&former);
    let asked = Asked::plain(id, Act::Unassign, command.body.version);
    let answer = on_job(&app, &caller, command.once, asked, move |c, taken| {
        Box::pin(async move {
            let change = &mut taken.change;
            may_unassign(&statuses(c, id).await?).map_err(|refusal| parts::refused(&change.job, refusal))?;
            let artisan = change.job.artisan_id.ok_or_else(ApiError::broken)?;
            // Whoever gave it back may apply again; whoever was sent away may not.
            let becomes = if taken.role == Role::Artisan { Stands::Withdrawn } else { Stands::Rejected };
            change.tell_both(kinds::JOB_UNASSIGNED, Say::Unassigned);
            let ended = applications::turn(c, id, (Stands::Accepted, becomes), change.now).await?;
            let again = applications::reopen(c, (id, change.job.client_id), change.now).await?;
            for application in &again {
                change.tell(application.artisan_id, kinds::JOB_UNASSIGNED, Say::Reopened);
            }
            change.applications.extend(ended);
            change.applications.extend(again);
            change.is_free_again(c).await?;
            change.update = Some("status_changed");
            told.store(artisan.0, Relaxed);
            Ok(None)
        })
    })
    .await?;
    let former = UserId(former.load(Relaxed));
    if answer.status() == StatusCode::OK && former.0 > 0 {
        app.hub.revoke(&MarketChannel::of_job(JobId(id)), former, "You do not have this job any more.");
    }
    Ok(answer)
}

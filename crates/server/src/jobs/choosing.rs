//! A client asks somebody, and says yes or no to whoever applied.

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    jobs::{Application as Shown, ApplicationCommand, Job as ShownJob, JobInvite},
    rest::{Data, Refusal},
};
use guildhall_db::{
    jobs::{self, applications},
    people, verifications,
};
use guildhall_market::{
    ids::JobId,
    jobs::{
        applications::State as Stands,
        posts::{INVITATIONS_MAX, agreed},
        steps::Act,
    },
    notifications::kinds,
};

use super::{
    agreed::keep_terms,
    applying::{Ids, pending, reply},
    bodies::{Exact, refused},
    command::{Asked, With, on_job},
    says::Say,
    standing::as_it_stands,
};
use crate::{
    app::App,
    error::ApiError,
    request::{Caller, Command, PathId},
};

fn not_reachable(words: &str) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "not_reachable", words)
}

/// Whether somebody is there, and nothing stands between the two.
fn reachable(two: Option<&people::Two>) -> bool {
    let there = |user: &people::User| user.suspended_at_ms.is_none() && user.deleted_at_ms.is_none();
    two.is_some_and(|two| !two.blocked && two.second.as_ref().is_some_and(there))
}

/// Asks somebody whether they would like an open job. Each once, and 20 people at most.
#[utoipa::path(post, path = "/api/jobs/{id}/invite", tag = "jobs", params(("id" = i64, Path)), request_body = JobInvite,
    responses((status = 200, body = Data<ShownJob>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn invite_to_job(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    command: Command<JobInvite>,
) -> Result<Response, ApiError> {
    let JobInvite { user_id, version } = command.body;
    let asked = Asked { with: With::Person(user_id), ..Asked::plain(id, Act::Invite, version) };
    on_job(&app, &caller, command.once, asked, move |c, taken| {
        Box::pin(async move {
            let change = &mut taken.change;
            if user_id == taken.me {
                return Err(ApiError::invalid("user_id", "You cannot ask yourself."));
            }
            if taken.two.as_ref().is_none_or(|two| two.second.is_none()) {
                return Err(ApiError::not_found());
            }
            if !reachable(taken.two.as_ref()) {
                return Err(not_reachable("This person cannot be asked right now."));
            }
            if jobs::count_invited(c, id).await? >= INVITATIONS_MAX {
                let words = format!("You asked {INVITATIONS_MAX} people about this job, as many as there may be.");
                return Err(as_it_stands(ApiError::new(StatusCode::CONFLICT, "too_many", words), &change.job));
            }
            if !jobs::invite(c, id, user_id, change.now).await? {
                let words = "You asked this person about this job already.";
                return Err(as_it_stands(ApiError::new(StatusCode::CONFLICT, "exists", words), &change.job));
            }
            change.detail.insert("user_id".into(), user_id.0.into());
            change.tell(user_id, kinds::JOB_INVITED, Say::Invited);
            Ok(None)
        })
    })
    .await
}

/// Gives the job to whoever made this application, for the price that it asks. All others are told.
#[utoipa::path(post, path = "/api/jobs/{id}/applications/{aid}/accept", tag = "jobs", params(("id" = i64, Path), ("aid" = i64, Path)),
    request_body = ApplicationCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn accept_application(
    State(app): State<App>,
    caller: Caller,
    Ids(id, aid): Ids,
    Exact(command): Exact<ApplicationCommand>,
) -> Result<Response, ApiError> {
    let seen = command.body;
    let asked = Asked { with: With::Applicant(aid), ..Asked::plain(id, Act::AcceptApplication, None) };
    on_job(&app, &caller, command.once.for_ever(), asked, move |c, taken| {
        Box::pin(async move {
            let waiting = pending(c, taken, aid, &seen).await?;
            let artisan = waiting.artisan_id;
            if !reachable(taken.two.as_ref()) || verifications::standing(c, artisan).await?.may_apply().is_err() {
                return Err(not_reachable("This person cannot be given a job right now."));
            }
            let change = &mut taken.change;
            let price = agreed(Some(waiting.price_minor), change.job.budget_minor);
            change.job.agreed_minor = Some(price.map_err(|wrong| refused("price", &wrong))?);
            change.job.artisan_id = Some(artisan);
            change.job.assigned_at_ms = Some(change.now.0);
            let accepted = applications::decide(c, waiting.id, Stands::Accepted, change.now).await?;
            change.update = Some("application_accepted");
            change.tell(artisan, kinds::JOB_APPLICATION_ACCEPTED, Say::ApplicationAccepted);
            let answer = reply(c, &change.job, &accepted).await?;
            change.applications.push(accepted);
            change.reject_pending(c, kinds::JOB_APPLICATION_REJECTED, Say::GivenToSomebodyElse).await?;
            keep_terms(c, change, None).await?;
            Ok(answer)
        })
    })
    .await
}

/// Says no to whoever made this application. They may not apply again.
#[utoipa::path(post, path = "/api/jobs/{id}/applications/{aid}/reject", tag = "jobs", params(("id" = i64, Path), ("aid" = i64, Path)),
    request_body = ApplicationCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn reject_application(
    State(app): State<App>,
    caller: Caller,
    Ids(id, aid): Ids,
    Exact(command): Exact<ApplicationCommand>,
) -> Result<Response, ApiError> {
    let seen = command.body;
    on_job(&app, &caller, command.once, Asked::plain(id, Act::RejectApplication, None), move |c, taken| {
        Box::pin(async move {
            let waiting = pending(c, taken, aid, &seen).await?;
            let change = &mut taken.change;
            let rejected = applications::decide(c, waiting.id, Stands::Rejected, change.now).await?;
            change.tell(rejected.artisan_id, kinds::JOB_APPLICATION_REJECTED, Say::ApplicationRejected);
            let answer = reply(c, &change.job, &rejected).await?;
            change.applications.push(rejected);
            Ok(answer)
        })
    })
    .await
}

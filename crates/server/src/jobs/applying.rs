//! Applying for a job, taking that back, and who sees which applications.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    jobs::{Application as Shown, ApplicationCommand, JobApply},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Connection,
    jobs::{
        Job,
        applications::{self, Application, NewApplication},
    },
    people,
};
use guildhall_market::{
    ids::{JobId, UserId},
    jobs::{
        applications::{self as rules, State as Stands, may_apply},
        posts::{agreed, clean_proposal},
        rights::is_party,
        steps::{Act, Role},
    },
    notifications::kinds,
};

use super::{
    bodies::{Exact, amount, refused, stored_currency},
    command::{Asked, Reply, Taken, With, on_job},
    looks::looked_at,
    says::Say,
    shown,
    standing::{as_it_stands, unchanged, viewer, wrong_state},
};
use crate::{
    app::App,
    error::ApiError,
    request::{Caller, PathId},
};

/// Two numbers of a path. What are none name nothing.
pub struct Ids(pub i64, pub i64);

impl axum::extract::FromRequestParts<App> for Ids {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, app: &App) -> Result<Self, ApiError> {
        type Texts = axum::extract::Path<(String, String)>;
        let texts = <Texts as axum::extract::FromRequestParts<App>>::from_request_parts(parts, app).await;
        let axum::extract::Path((first, second)) = texts.map_err(|_| ApiError::not_found())?;
        let id = |text: &str| guildhall_market::ids::parse_plain_decimal(text).ok_or_else(ApiError::not_found);
        Ok(Self(id(&first)?, id(&second)?))
    }
}

fn refusal(job: &Job, refusal: rules::Refusal) -> ApiError {
    let words = format!("You cannot apply: {refusal}.");
    let status = if refusal == rules::Refusal::Blocked { StatusCode::FORBIDDEN } else { StatusCode::CONFLICT };
    let said = ApiError::new(status, refusal.code(), words);
    if refusal == rules::Refusal::Exists { as_it_stands(said, job) } else { said }
}

/// An application as a command answers with it.
///
/// # Errors
/// The database's.
pub async fn reply(c: &mut Connection, job: &Job, application: &Application) -> Result<Option<Reply>, ApiError> {
    let users = people::get_many(c, &[application.artisan_id]).await?;
    Ok(Some(Reply::Application(Box::new(shown::application(application, &job.currency, &users)?))))
}

/// Applications for a job: all of them for its client, one's own for whoever made one. An administrator's look is written down.
#[utoipa::path(get, path = "/api/jobs/{id}/applications", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = Data<Vec<Shown>>), (status = 403, body = Refusal), (status = 404, body = Refusal)))]
pub async fn list_applications(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
) -> Result<Json<Data<Vec<Shown>>>, ApiError> {
    let seen = looked_at(&app, viewer(&caller), id, "job.look_applications").await?;
    let mut c = app.db.read().await?;
    let all = match seen.role {
        Role::Client | Role::Admin => applications::list(&mut c, id, 0, applications::PAGE_MAX).await?,
        // Whoever made none sees none, and whoever made several sees those.
        _ => applications::list_of(&mut c, id, caller.user).await?,
    };
    let ids: Vec<UserId> = all.iter().map(|one| one.artisan_id).collect();
    let users = people::get_many(&mut c, &ids).await?;
    let data = all.iter().map(|one| shown::application(one, &seen.job.currency, &users)).collect::<Result<_, _>>()?;
    Ok(Json(Data { data }))
}

/// Applies for an open job. For whoever confirmed their email, and is not blocked by its client.
#[utoipa::path(post, path = "/api/jobs/{id}/applications", tag = "jobs", params(("id" = i64, Path)), request_body = JobApply,
    responses((status = 201, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn apply_for_job(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    Exact(command): Exact<JobApply>,
) -> Result<Response, ApiError> {
    let body = command.body;
    let proposal = clean_proposal(&body.proposal).map_err(|wrong| refused("proposal", &wrong))?;
    let own = guildhall_db::jobs::get(&mut app.db.read().await?, id).await?;
    // Said before the table is asked, which knows no client who applies.
    if let Some(job) = own.filter(|job| job.client_id == caller.user) {
        return Err(refusal(&job, rules::Refusal::Own));
    }
    let asked = Asked { with: With::Client, status: StatusCode::CREATED, ..Asked::plain(id, Act::Apply, body.version) };
    on_job(&app, &caller, command.once, asked, move |c, taken| {
        Box::pin(async move {
            let Taken { change, application, two, me, .. } = taken;
            let two = two.as_ref().ok_or_else(ApiError::not_found)?;
            let here = |user: &&people::User| user.suspended_at_ms.is_none() && user.deleted_at_ms.is_none();
            if !two.first_proved {
                let words = "Confirm your email in the settings first: clients hear of those who did.";
                return Err(ApiError::new(StatusCode::FORBIDDEN, "email_unverified", words));
            }
            let closed = two.blocked || two.second.as_ref().filter(here).is_none();
            may_apply(false, closed, application.as_ref().map(|one| one.state))
                .map_err(|wrong| refusal(&change.job, wrong))?;
            let money = stored_currency(&change.job.currency)?;
            let named = amount("price", body.price.as_ref(), body.price_minor.as_ref(), money)?;
            let price = agreed(named, change.job.budget_minor).map_err(|wrong| refused("price", &wrong))?;
            let new = NewApplication { job: id, artisan: *me, proposal: &proposal, price: (price, named.is_some()) };
            let made = applications::add(c, &new, change.now).await?;
            change.update = Some("application_received");
            change.tell(change.job.client_id, kinds::JOB_APPLICATION_RECEIVED, Say::ApplicationReceived);
            let answer = reply(c, &change.job, &made).await?;
            change.applications.push(made);
            Ok(answer)
        })
    })
    .await
}

/// An application of a job that still waits, and is what somebody saw.
///
/// # Errors
/// 404 for one that one may not know of, 409 for one that was decided, or changed.
pub async fn pending(
    c: &mut Connection,
    taken: &Taken,
    id: i64,
    seen: &ApplicationCommand,
) -> Result<Application, ApiError> {
    let job = &taken.change.job;
    let application = applications::get(c, job.id, id).await?.ok_or_else(ApiError::not_found)?;
    if !is_party(taken.role) && application.artisan_id != taken.me {
        return Err(ApiError::not_found());
    }
    if application.state != Stands::Pending {
        let mut refusal = wrong_state(job, format!("The application is {} already.", application.state.code()));
        refusal.stands(application.state.code());
        return Err(refusal);
    }
    unchanged(seen.version, application.version, job)?;
    let money = stored_currency(&job.currency)?;
    let price = amount("price", seen.price.as_ref(), seen.price_minor.as_ref(), money)?;
    if price.is_some_and(|price| price != application.price_minor) {
        let words = "The application asks another price than the one that you saw.";
        return Err(as_it_stands(ApiError::new(StatusCode::CONFLICT, "price_moved", words), job));
    }
    Ok(application)
}

/// Takes one's application back. One may apply again.
#[utoipa::path(post, path = "/api/jobs/{id}/applications/{aid}/withdraw", tag = "jobs", params(("id" = i64, Path), ("aid" = i64, Path)),
    request_body = ApplicationCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn withdraw_application(
    State(app): State<App>,
    caller: Caller,
    Ids(id, aid): Ids,
    Exact(command): Exact<ApplicationCommand>,
) -> Result<Response, ApiError> {
    let seen = command.body;
    on_job(&app, &caller, command.once, Asked::plain(id, Act::WithdrawApplication, None), move |c, taken| {
        Box::pin(async move {
            let waiting = pending(c, taken, aid, &seen).await?;
            let withdrawn = applications::decide(c, waiting.id, Stands::Withdrawn, taken.change.now).await?;
            let answer = reply(c, &taken.change.job, &withdrawn).await?;
            taken.change.applications.push(withdrawn);
            Ok(answer)
        })
    })
    .await
}

//! Making a job, changing what it says, showing it to everybody, and throwing a draft away.

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    jobs::{Job as Shown, JobCommand, JobPut},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Committed, Connection,
    jobs::{self, Job, applications, files, leaving},
    verifications,
};
use guildhall_market::{
    ids::{AttachmentId, JobId, UserId},
    jobs::{
        applications::State as Stands,
        posts::{Category, PICTURES_MAX, Priority, clean_description, clean_title},
        steps::{Act, Stage},
        times::{self, dates},
    },
    notifications::kinds,
    profiles::clean_place,
    time::Timestamp,
};

use super::{
    board::CURRENCY_DEFAULT,
    bodies::{Exact, amount, currency, one_of, refused, stored_currency},
    change::{Change, action_of, write_down},
    command::{Asked, on_job},
    due::OF_A_JOB,
    says::Say,
    shown,
    standing::{as_known, stepped, unchanged, viewer},
};
use crate::{
    app::App,
    deadlines::carry_out_due,
    error::ApiError,
    request::{Caller, Command, PathId},
};

/// Whether somebody may show a job: whoever reads the letters to their address.
async fn may_publish(c: &mut Connection, user: UserId) -> Result<(), ApiError> {
    verifications::standing(c, user).await?.may_publish().map_err(|_| {
        let words = "Confirm your email in the settings first: jobs of people who did are shown.";
        ApiError::new(StatusCode::FORBIDDEN, "email_unverified", words)
    })
}

fn dated(job: &Job, now: Timestamp) -> Result<(), ApiError> {
    let at = |ms: Option<i64>| ms.map(Timestamp);
    let checked = dates((at(job.starts_at_ms), at(job.ends_at_ms)), at(job.closes_at_ms), now);
    checked.map_err(|wrong| {
        let field = if wrong == times::Refusal::Closed { "closes_at" } else { "ends_at" };
        ApiError::invalid(field, format!("The dates cannot be so: {wrong}."))
    })
}

fn missing(field: &str) -> ApiError {
    ApiError::invalid(field, format!("A job needs a `{field}`."))
}

/// What of a body stands in the row of the job. The budget is that of the currency that counts.
fn put(job: &mut Job, body: &JobPut) -> Result<(), ApiError> {
    if let Some(title) = &body.title {
        job.title = clean_title(title).map_err(|refusal| refused("title", &refusal))?;
    }
    if let Some(description) = &body.description {
        job.description = clean_description(description).map_err(|refusal| refused("description", &refusal))?;
    }
    if let Some(category) = &body.category {
        job.category = one_of("category", category, (Category::ALL, Category::code))?;
    }
    if let Some(priority) = &body.priority {
        job.priority = one_of("priority", priority, (Priority::ALL, Priority::code))?;
    }
    if let Some(place) = &body.place {
        job.place = clean_place(place)?;
    }
    let money = currency(body.currency.as_deref().unwrap_or(&job.currency))?;
    let budget = amount("budget", body.budget.as_ref(), body.budget_minor.as_ref(), money)?;
    if money.code() != job.currency {
        if job.stage != Stage::Draft {
            let words = "The currency of a job that is shown stays: people named prices in it.";
            return Err(ApiError::invalid("currency", words));
        }
        // The same digits are another amount.
        job.budget_minor = budget.ok_or_else(|| missing("budget"))?;
        job.currency = money.code().to_owned();
    }
    job.budget_minor = budget.unwrap_or(job.budget_minor);
    let moment = |said: Option<Option<guildhall_contract::wire_time::WireTime>>, was: Option<i64>| {
        said.map_or(was, |said| said.map(|at| at.0.0))
    };
    job.starts_at_ms = moment(body.starts_at, job.starts_at_ms);
    job.ends_at_ms = moment(body.ends_at, job.ends_at_ms);
    job.closes_at_ms = moment(body.closes_at, job.closes_at_ms);
    Ok(())
}

/// Gives a job these pictures, in this order: those that it has, and uploaded ones.
async fn put_pictures(c: &mut Connection, job: i64, owner: UserId, wanted: &[AttachmentId]) -> Result<(), ApiError> {
    if wanted.len() > PICTURES_MAX {
        let words = format!("A job has {PICTURES_MAX} pictures at most.");
        return Err(ApiError::field("too_many", "attachments", words));
    }
    let before = files::of_jobs(c, &[job]).await?;
    for file in before.iter().filter(|file| file.progress_id.is_none() && !wanted.contains(&file.id)) {
        files::remove(c, file.id).await?;
    }
    for (position, id) in wanted.iter().enumerate() {
        if before.iter().any(|file| file.id == *id && file.progress_id.is_none()) {
            files::place(c, *id, position).await?;
        } else if !files::bind(c, (*id, owner), (job, None), position).await? {
            return Err(no_picture());
        }
    }
    Ok(())
}

/// A file that cannot be one of a job.
pub fn no_picture() -> ApiError {
    let words = "Each of `attachments` must be a picture that you uploaded and did not use yet.";
    ApiError::field("attachment_missing", "attachments", words)
}

fn first_job(client: UserId, body: &JobPut) -> Result<jobs::NewJob, ApiError> {
    let money = currency(body.currency.as_deref().unwrap_or(CURRENCY_DEFAULT))?;
    let title = body.title.as_deref().ok_or_else(|| missing("title"))?;
    let description = body.description.as_deref().ok_or_else(|| missing("description"))?;
    let category = body.category.as_deref().ok_or_else(|| missing("category"))?;
    Ok(jobs::NewJob {
        client,
        title: clean_title(title).map_err(|refusal| refused("title", &refusal))?,
        description: clean_description(description).map_err(|refusal| refused("description", &refusal))?,
        category: one_of("category", category, (Category::ALL, Category::code))?,
        budget_minor: amount("budget", body.budget.as_ref(), body.budget_minor.as_ref(), money)?
            .ok_or_else(|| missing("budget"))?,
        currency: money.code().to_owned(),
    })
}

fn is_shown(change: &mut Change) {
    change.job.published_at_ms = Some(change.now.0);
    change.job.listed_at_ms = change.now.0;
    change.update = Some("status_changed");
}

/// Makes a job: a draft that its client alone sees, or with `publish` one that everybody does.
#[utoipa::path(post, path = "/api/jobs", tag = "jobs", request_body = JobPut,
    responses((status = 201, body = Data<Shown>), (status = 403, body = Refusal), (status = 422, body = Refusal)))]
pub async fn make_job(
    State(app): State<App>,
    caller: Caller,
    Exact(command): Exact<JobPut>,
) -> Result<Response, ApiError> {
    let body = command.body;
    let new = first_job(caller.user, &body)?;
    let shared = app.clone();
    app.command(caller.session(), command.once, StatusCode::CREATED, move |c, now| {
        Box::pin(async move {
            let mut job = jobs::add(c, &new, now).await?;
            put(&mut job, &body)?;
            dated(&job, now)?;
            if let Some(pictures) = &body.attachments {
                put_pictures(c, job.id, caller.user, pictures).await?;
            }
            jobs::index(c, &job).await?;
            let mut change = Change::of(job, Some(caller.user), now);
            change.socket = caller.socket.clone();
            let mut act = Act::Edit;
            if body.publish == Some(true) {
                may_publish(c, caller.user).await?;
                change.goes_to(Stage::Open);
                is_shown(&mut change);
                act = Act::Publish;
            }
            let events = change.finish(c, act).await?;
            let data = shown::one(c, &shared, viewer(&caller), change.job, change.now).await?;
            Ok(Committed { value: Data { data }, events })
        })
    })
    .await
}

/// Changes what a job says that nobody has yet. Whoever applied keeps the price they asked, and is told.
#[utoipa::path(patch, path = "/api/jobs/{id}", tag = "jobs", params(("id" = i64, Path)), request_body = JobPut,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn edit_job(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    Exact(command): Exact<JobPut>,
) -> Result<Response, ApiError> {
    let body = command.body;
    let asked = Asked::plain(id, Act::Edit, body.version);
    on_job(&app, &caller, command.once, asked, move |c, taken| {
        Box::pin(async move {
            let change = &mut taken.change;
            put(&mut change.job, &body)?;
            dated(&change.job, change.now)?;
            if let Some(pictures) = &body.attachments {
                put_pictures(c, change.job.id, taken.me, pictures).await?;
            }
            jobs::index(c, &change.job).await?;
            if change.job.stage == Stage::Open {
                change.update = Some("details_changed");
                for application in applications::list(c, id, 0, applications::PAGE_MAX).await? {
                    if application.state == Stands::Pending {
                        change.tell(application.artisan_id, kinds::JOB_CHANGED, Say::Changed);
                    }
                }
            }
            stored_currency(&change.job.currency)?;
            Ok(None)
        })
    })
    .await
}

/// Shows a draft to everybody. For whoever confirmed their email.
#[utoipa::path(post, path = "/api/jobs/{id}/publish", tag = "jobs", params(("id" = i64, Path)), request_body = JobCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn publish_job(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    command: Command<JobCommand>,
) -> Result<Response, ApiError> {
    let asked = Asked::plain(id, Act::Publish, command.body.version);
    on_job(&app, &caller, command.once, asked, move |c, taken| {
        Box::pin(async move {
            may_publish(c, taken.me).await?;
            dated(&taken.change.job, taken.change.now)?;
            is_shown(&mut taken.change);
            Ok(None)
        })
    })
    .await
}

/// Throws a draft away.
#[utoipa::path(delete, path = "/api/jobs/{id}", tag = "jobs", params(("id" = i64, Path)), request_body = JobCommand,
    responses((status = 204), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn delete_job(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    command: Command<JobCommand>,
) -> Result<Response, ApiError> {
    let seen = command.body.version;
    carry_out_due(&app, OF_A_JOB, id, command.once.arrived()).await?;
    app.command(caller.session(), command.once, StatusCode::NO_CONTENT, move |c, now| {
        Box::pin(async move {
            let job = jobs::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
            let found = as_known(c, Some(viewer(&caller)), job).await?;
            stepped(&found.job, found.role, Act::Delete)?;
            unchanged(seen, found.job.version, &found.job)?;
            // Its pictures lie in the store until nobody has them.
            leaving::delete(c, id).await?;
            let detail = serde_json::Map::new();
            write_down(c, Some(caller.user), (action_of(Act::Delete), id), &[], ("", &detail), now).await?;
            Ok(Committed::quiet(()))
        })
    })
    .await
}

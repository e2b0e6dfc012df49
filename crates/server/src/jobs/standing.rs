//! How somebody stands to a job, and whether they may know of it.

use axum::http::StatusCode;
use guildhall_db::{
    Connection,
    jobs::{self, Job, applications::Application},
};
use guildhall_market::{
    ids::UserId,
    jobs::steps::{Act, Role, Stage, StepRefusal, step},
    time::Timestamp,
};

use crate::{error::ApiError, request::Caller};

/// Somebody who looks.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    /// Who.
    pub user: UserId,
    /// Whether they are an administrator.
    pub admin: bool,
}

impl Viewer {
    /// Whoever asks.
    pub fn of(caller: &Caller) -> Self {
        Self { user: caller.user, admin: caller.admin }
    }
}

/// Who somebody is to a job, with the last application that they made for it.
pub fn role_of(job: &Job, who: Option<Viewer>, application: Option<&Application>) -> Role {
    match who {
        None => Role::Guest,
        Some(who) if who.user == job.client_id => Role::Client,
        Some(who) if Some(who.user) == job.artisan_id => Role::Artisan,
        Some(who) if who.admin => Role::Admin,
        Some(_) if application.is_some() => Role::Applicant,
        Some(_) => Role::Member,
    }
}

/// Whether somebody may know of a job. Of a draft its client alone, besides whoever keeps order; of what is open everybody; of
/// what was given or ended those who have, or had, to do with it.
pub fn knows(job: &Job, role: Role) -> bool {
    match role {
        Role::Client | Role::Artisan | Role::Admin | Role::System => true,
        Role::Applicant => job.stage != Stage::Draft,
        Role::Guest | Role::Member => job.stage == Stage::Open,
    }
}

/// From when on somebody sees what is between the two of a job. Whoever has it sees nothing of who had it before.
pub fn sees_from(role: Role, job: &Job) -> Timestamp {
    Timestamp(if role == Role::Artisan { job.assigned_at_ms.unwrap_or_default() } else { 0 })
}

/// Whether somebody sees what is between the two of a job.
pub fn is_party(role: Role) -> bool {
    matches!(role, Role::Client | Role::Artisan | Role::Admin)
}

/// A job as somebody stands to it.
pub struct Found {
    /// It.
    pub job: Job,
    /// Who they are to it.
    pub role: Role,
    /// The last application that they made.
    pub application: Option<Application>,
}

/// A job of which somebody may know.
///
/// # Errors
/// 404.
pub async fn found(c: &mut Connection, who: Option<Viewer>, id: i64) -> Result<Found, ApiError> {
    let job = jobs::get(c, id).await?.ok_or_else(ApiError::not_found)?;
    as_known(c, who, job).await
}

/// The same of one that was read already.
///
/// # Errors
/// 404.
pub async fn as_known(c: &mut Connection, who: Option<Viewer>, job: Job) -> Result<Found, ApiError> {
    let application = match who.filter(|who| who.user != job.client_id) {
        Some(who) => jobs::applications::last_of(c, job.id, who.user).await?,
        None => None,
    };
    let role = role_of(&job, who, application.as_ref());
    if !knows(&job, role) {
        return Err(ApiError::not_found());
    }
    Ok(Found { job, role, application })
}

/// Where a job stands after something that somebody does, by the table of the market.
///
/// # Errors
/// 403 for what is somebody else's to do, 409 with how it stands for what cannot be done there.
pub fn stepped(job: &Job, role: Role, act: Act) -> Result<Option<Stage>, ApiError> {
    step(act, role, job.stage).map_err(|refusal| match refusal {
        StepRefusal::Forbidden => ApiError::forbidden("This is for somebody else of this job to do."),
        StepRefusal::WrongState(_) => wrong_state(job, format!("This cannot be done: {refusal}.")),
    })
}

/// 409: the job does not stand so.
pub fn wrong_state(job: &Job, words: impl Into<String>) -> ApiError {
    as_it_stands(ApiError::new(StatusCode::CONFLICT, "wrong_state", words), job)
}

/// Says how a job stands where that is the reason.
pub fn as_it_stands(mut refusal: ApiError, job: &Job) -> ApiError {
    refusal.stands(job.stage.code());
    refusal.stands_at(job.version);
    refusal
}

/// Refuses what was meant for an earlier version of something.
///
/// # Errors
/// 409 `changed`.
pub fn unchanged(seen: Option<i64>, version: i64, job: &Job) -> Result<(), ApiError> {
    if seen.is_none_or(|seen| seen == version) {
        return Ok(());
    }
    let words = "It changed since you looked at it. Look at it as it is now, and decide then.";
    Err(as_it_stands(ApiError::new(StatusCode::CONFLICT, "changed", words), job))
}

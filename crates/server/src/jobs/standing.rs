//! How somebody stands to a job, and whether they may know of it.

use axum::http::StatusCode;
use guildhall_db::{
    Connection,
    jobs::{self, Job, applications::Application},
};
use guildhall_market::{
    jobs::{
        rights::{self, Parties, Viewer},
        steps::{Act, Role, Stage, StepRefusal, step},
    },
    time::Timestamp,
};

use crate::{error::ApiError, request::Caller};

/// Whoever asks.
pub fn viewer(caller: &Caller) -> Viewer {
    Viewer { user: caller.user, admin: caller.admin }
}

/// Who somebody is to a job, with the last application that they made for it.
pub fn role_of(job: &Job, who: Option<Viewer>, application: Option<&Application>) -> Role {
    let parties = Parties { client: job.client_id, artisan: job.artisan_id };
    rights::role_of(parties, who, application.is_some())
}

/// From when on somebody sees what is between the two of a job.
pub fn sees_from(role: Role, job: &Job) -> Timestamp {
    rights::sees_from(role, job.assigned_at_ms.map(Timestamp))
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
    if !rights::knows(role, job.stage) {
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

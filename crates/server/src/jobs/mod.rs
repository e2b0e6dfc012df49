//! Jobs: commissions of work from their draft to their end. Who may do what, and where it leads, stands in the tables of the
//! market; here is how it is asked, kept and told. Money is held for milestones elsewhere.

mod agreed;
mod applying;
mod board;
pub mod bodies;
pub mod both;
pub mod change;
mod choosing;
pub mod clock;
pub mod command;
pub mod demo;
pub mod due;
mod finished;
pub mod held;
mod life;
mod looks;
mod may;
pub mod paid;
pub mod parts;
mod planning;
mod posting;
mod progress;
mod reviewing;
pub mod says;
pub mod shown;
pub mod standing;
mod terms;
pub mod told;
mod working;

pub use board::CURRENCY_DEFAULT;
pub use reviewing::reviews_of;

use guildhall_db::jobs;
use guildhall_market::{
    permissions::{MarketChannel, hears_of_job},
    time::Timestamp,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    deadlines::Handler,
    error::ApiError,
    feature::{Admission, Feature},
    request::Caller,
};

/// What happens at its deadlines.
const DEADLINES: [Handler; due::OF_A_JOB.len() + 1] = {
    let mut all = [due::OF_AN_APPLICATION; due::OF_A_JOB.len() + 1];
    let mut n = 0;
    while n < due::OF_A_JOB.len() {
        all[n] = due::OF_A_JOB[n];
        n += 1;
    }
    all
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    admit: Some(|app, caller, channel| Box::pin(admit(app, caller, channel))),
    deadlines: &DEADLINES,
    standing_still: &[due::STANDS_STILL],
    life: Some(&life::LIFE),
    demo: Some(|_, c, now| Box::pin(demo::fill(c, now))),
    ..Feature::named("jobs")
};

/// The two of a job hear of it in its channel.
async fn admit(app: &App, caller: &Caller, channel: &str) -> Result<Option<Admission>, ApiError> {
    let Some(MarketChannel::Job(id)) = MarketChannel::parse(channel) else { return Ok(None) };
    let Some(job) = jobs::get(&mut app.db.read().await?, id.0).await? else { return Ok(None) };
    let ended = job.ended_at_ms.map(Timestamp);
    let hears = hears_of_job(caller.user, (job.client_id, job.artisan_id), ended, app.now());
    Ok(hears.then(Admission::default))
}

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(board::list_jobs, posting::make_job))
        .routes(routes!(board::get_job, posting::edit_job, posting::delete_job))
        .routes(routes!(posting::publish_job))
        .routes(routes!(working::start_job))
        .routes(routes!(working::complete_job))
        .routes(routes!(working::cancel_job))
        .routes(routes!(working::unassign_job))
        .routes(routes!(working::keep_job_open))
        .routes(routes!(choosing::invite_to_job))
        .routes(routes!(reviewing::review_job))
        .routes(routes!(applying::list_applications, applying::apply_for_job))
        .routes(routes!(choosing::accept_application))
        .routes(routes!(choosing::reject_application))
        .routes(routes!(applying::withdraw_application))
        .routes(routes!(planning::add_milestone))
        .routes(routes!(planning::change_milestone, planning::drop_milestone))
        .routes(routes!(progress::list_progress, progress::report_progress))
        .routes(routes!(terms::list_proposals, terms::make_proposal))
        .routes(routes!(terms::accept_proposal))
        .routes(routes!(terms::decline_proposal))
}

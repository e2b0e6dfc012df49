//! What happens to jobs by itself at its moment.

use futures_util::future::BoxFuture;
use guildhall_db::{
    Connection, Outgoing, deadlines,
    deadlines::Deadline,
    jobs::{self, Job, applications, reviews},
};
use guildhall_market::{
    ids::{JobId, UserId},
    jobs::{
        applications::State,
        milestones::{is_all_paid, may_unassign},
        steps::{Act, Role, Stage, step},
    },
    notifications::kinds,
    permissions::MarketChannel,
    time::Timestamp,
};

use super::{
    change::{AFTER_THE_END, CLIENT_LEFT, Change, EXPIRES, SILENCE, UNFUNDED, UNFUNDED_ASKED},
    held::stop_waiting,
    parts,
    says::Say,
    told,
};
use crate::{app::App, deadlines::Handler, error::ApiError, feature::StandsStill};

/// Somebody who waits for a client left. Its subject is the application.
pub const APPLICANT_LEFT: &str = "job_applicant_left";

/// Those of which a job is the subject.
pub const OF_A_JOB: &[Handler] = &[
    Handler { kind: EXPIRES, carry_out: |c, _, due, now| ends(c, due, now, (Act::Expire, "expired", Say::Expired)) },
    Handler { kind: UNFUNDED_ASKED, carry_out: |c, _, due, now| Box::pin(ask(c, due, now)) },
    Handler {
        kind: UNFUNDED,
        carry_out: |c, _, due, now| ends(c, due, now, (Act::LapseUnfunded, "unfunded", Say::UnfundedEnded)),
    },
    Handler { kind: SILENCE, carry_out: |c, _, due, now| Box::pin(silence(c, due, now)) },
    Handler { kind: AFTER_THE_END, carry_out: |c, app, due, now| Box::pin(after_the_end(c, app, due, now)) },
    Handler {
        kind: CLIENT_LEFT,
        carry_out: |c, _, due, now| ends(c, due, now, (Act::Expire, "client_left", Say::ClientLeft)),
    },
];

/// The time in which it can be said whether a job goes on stands still while no server runs.
pub const STANDS_STILL: StandsStill =
    StandsStill { kind: SILENCE, put_off: |c, due, by_ms, now| Box::pin(put_off(c, due, by_ms, now)) };

async fn put_off(c: &mut Connection, due: &Deadline, by_ms: i64, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    let Some(job) = held(c, due).await? else { return Ok(Vec::new()) };
    let Some(asked) = job.asked_at_ms else { return Ok(Vec::new()) };
    let mut change = Change::of(job, None, now);
    // What is shown of it is counted from there.
    change.job.asked_at_ms = Some(asked + by_ms);
    change.update = Some("status_changed");
    change.tell_both(kinds::TIME_GIVEN_BACK, Say::TimeGivenBack(by_ms));
    change.detail.insert("put_off_ms".into(), by_ms.into());
    change.finish_as(c, "job.put_off").await
}

/// The one of which an application is.
pub const OF_AN_APPLICATION: Handler =
    Handler { kind: APPLICANT_LEFT, carry_out: |c, _, due, now| Box::pin(applicant_left(c, due, now)) };

async fn held(c: &mut Connection, due: &Deadline) -> Result<Option<Job>, ApiError> {
    Ok(jobs::hold(c, due.subject).await?)
}

/// It comes to nothing, where it stands so that it does.
fn ends<'c>(
    c: &'c mut Connection,
    due: &'c Deadline,
    now: Timestamp,
    (act, reason, say): (Act, &'static str, Say),
) -> BoxFuture<'c, Result<Vec<Outgoing>, ApiError>> {
    Box::pin(async move {
        let Some(job) = held(c, due).await? else { return Ok(Vec::new()) };
        if step(act, Role::System, job.stage).is_err() {
            return Ok(Vec::new());
        }
        let funded = parts::statuses(&parts::of_jobs(c, &[job.id]).await?);
        if act == Act::LapseUnfunded && may_unassign(&funded).is_err() {
            return Ok(Vec::new());
        }
        let mut change = Change::of(job, None, now);
        change.comes_to_nothing(c, reason, say).await?;
        change.finish(c, act).await
    })
}

/// Both are asked about a job that nobody paid for.
async fn ask(c: &mut Connection, due: &Deadline, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    let Some(job) = held(c, due).await?.filter(|job| job.stage == Stage::Assigned) else { return Ok(Vec::new()) };
    let both = std::iter::once(job.client_id).chain(job.artisan_id);
    let ask = |user: UserId| told::Notice::of(user, kinds::JOB_UNFUNDED, Say::Unfunded);
    let entries = told::notices(c, &job, None, both.map(ask).collect(), now).await?;
    Ok(guildhall_db::feed::append(c, entries, now).await?)
}

/// Everything is paid, and nobody said that it goes on.
async fn silence(c: &mut Connection, due: &Deadline, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    let Some(job) = held(c, due).await? else { return Ok(Vec::new()) };
    if step(Act::CompleteBySilence, Role::System, job.stage).is_err() || job.asked_at_ms.is_none() {
        return Ok(Vec::new());
    }
    let mut change = Change::of(job, None, now);
    if !is_all_paid(&parts::statuses(&parts::of_jobs(c, &[change.job.id]).await?)) {
        return Ok(Vec::new());
    }
    let unpaid = stop_waiting(c, &change.job, None, change.now).await?;
    change.besides.extend(unpaid);
    change.goes_to(Stage::Completed);
    change.update = Some("status_changed");
    change.tell_both(kinds::JOB_COMPLETED, Say::Completed);
    change.finish(c, Act::CompleteBySilence).await
}

/// What the two said of each other can be read, and the channel of the job ends.
async fn after_the_end(
    c: &mut Connection,
    app: &App,
    due: &Deadline,
    now: Timestamp,
) -> Result<Vec<Outgoing>, ApiError> {
    let Some(job) = held(c, due).await? else { return Ok(Vec::new()) };
    let shown = reviews::show(c, job.id, now).await?;
    let mut entries = Vec::new();
    for review in shown {
        let notice = told::Notice::of(review.subject_id, kinds::JOB_REVIEWED, Say::Reviewed);
        entries.extend(told::notices(c, &job, Some(review.author_id), vec![notice], now).await?);
    }
    // Said again after a failure it changes nothing: nobody is admitted any more at this time.
    for user in std::iter::once(job.client_id).chain(job.artisan_id) {
        app.hub.revoke(&MarketChannel::of_job(JobId(job.id)), user, "The job ended a while ago.");
    }
    Ok(guildhall_db::feed::append(c, entries, now).await?)
}

/// An application whose maker left is taken back.
async fn applicant_left(c: &mut Connection, due: &Deadline, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    let Some(waiting) = applications::by_id(c, due.subject).await? else { return Ok(Vec::new()) };
    let Some(job) = jobs::hold(c, waiting.job_id).await? else { return Ok(Vec::new()) };
    let waiting = applications::by_id(c, due.subject).await?.filter(|waiting| waiting.state == State::Pending);
    let Some(waiting) = waiting.filter(|_| job.stage == Stage::Open) else { return Ok(Vec::new()) };
    let mut change = Change::of(job, Some(waiting.artisan_id), now);
    change.applications.push(applications::decide(c, waiting.id, State::Withdrawn, change.now).await?);
    change.finish(c, Act::WithdrawApplication).await
}

/// Sets what follows when somebody leaves, for the moment at which they do.
///
/// # Errors
/// The database's.
pub async fn somebody_leaves(c: &mut Connection, user: UserId, now: Timestamp) -> Result<(), ApiError> {
    let mut after = 0;
    loop {
        let waiting = applications::of(c, user, after, applications::PAGE_MAX).await?;
        let Some(last) = waiting.last() else { return Ok(()) };
        after = last.id;
        for application in waiting.iter().filter(|application| application.state == State::Pending) {
            deadlines::set(c, APPLICANT_LEFT, application.id, now).await?;
        }
    }
}

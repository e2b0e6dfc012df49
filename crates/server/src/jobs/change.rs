//! One change of a job, by somebody or by the server: what is written down, stored and told of it, in the transaction of whoever
//! makes it.

use guildhall_db::{
    Connection, Outgoing,
    audit::{self, Act as Written, Actor},
    deadlines, feed,
    jobs::{
        self, Job,
        applications::{self, Application},
        milestones, proposals,
    },
};
use guildhall_market::{
    ids::UserId,
    jobs::{
        applications::State,
        steps::{Act, Stage},
        times::{AFTER_THE_END_MS, UNFUNDED_ASKED_MS, UNFUNDED_MS},
    },
    time::{Timestamp, within_its_history},
};
use serde_json::{Map, Value};

use super::{
    held::stop_waiting,
    says::Say,
    told::{self, Notice},
};
use crate::error::{ApiError, written};

/// The day until which one can apply is over.
pub const EXPIRES: &str = "job_expires";
/// Both are asked about a job that nobody paid for.
pub const UNFUNDED_ASKED: &str = "job_unfunded_asked";
/// It ends.
pub const UNFUNDED: &str = "job_unfunded";
/// Nobody said whether it is finished.
pub const SILENCE: &str = "job_silence";
/// A while after its end.
pub const AFTER_THE_END: &str = "job_after_the_end";
/// Its client left.
pub const CLIENT_LEFT: &str = "job_client_left";

/// A change that is under way.
pub struct Change {
    /// The job, held; changed as it goes.
    pub job: Job,
    /// When it happens: when it was asked for, and never before what happened to this job last.
    pub now: Timestamp,
    /// Who makes it; none: the server.
    pub by: Option<UserId>,
    /// The socket that is not told.
    pub socket: Option<String>,
    /// What stands in `job.updated`; none: nobody is told.
    pub update: Option<&'static str>,
    /// Who is told what.
    pub notices: Vec<Notice>,
    /// Applications that changed.
    pub applications: Vec<Application>,
    /// Why, in words.
    pub reason: String,
    /// Whose it is where an administrator does it.
    pub about: Vec<UserId>,
    /// What is written down beside the stages.
    pub detail: Map<String, Value>,
    /// What else the feeds say.
    pub besides: Vec<feed::Entry>,
    was: Stage,
    closed_at_ms: Option<i64>,
}

impl Change {
    /// Begins one on a job that is held.
    pub fn of(job: Job, by: Option<UserId>, arrived: Timestamp) -> Self {
        let now = within_its_history(Some(Timestamp(job.changed_at_ms)), arrived);
        Self {
            now,
            by,
            socket: None,
            update: None,
            notices: Vec::new(),
            applications: Vec::new(),
            reason: String::new(),
            about: Vec::new(),
            detail: Map::new(),
            besides: Vec::new(),
            was: job.stage,
            closed_at_ms: job.closes_at_ms,
            job,
        }
    }

    /// Tells somebody something.
    pub fn tell(&mut self, user: UserId, kind: &'static str, say: Say) {
        self.notices.push(Notice::of(user, kind, say));
    }

    /// The same for both of its people.
    pub fn tell_both(&mut self, kind: &'static str, say: Say) {
        let both: Vec<UserId> = std::iter::once(self.job.client_id).chain(self.job.artisan_id).collect();
        for user in both {
            self.tell(user, kind, say);
        }
    }

    /// The job goes to a stage.
    pub fn goes_to(&mut self, stage: Stage) {
        self.job.stage = stage;
        if matches!(stage, Stage::Completed | Stage::Cancelled) {
            self.job.ended_at_ms = Some(self.now.0);
            self.job.asked_at_ms = None;
        }
    }

    /// Ends those that wait, and says to whoever made them why.
    ///
    /// # Errors
    /// The database's.
    pub async fn reject_pending(&mut self, c: &mut Connection, kind: &'static str, say: Say) -> Result<(), ApiError> {
        let rejected = applications::turn(c, self.job.id, (State::Pending, State::Rejected), self.now).await?;
        for application in &rejected {
            self.tell(application.artisan_id, kind, say);
        }
        self.applications.extend(rejected);
        Ok(())
    }

    /// It comes to nothing, for a reason of one word.
    ///
    /// # Errors
    /// The database's.
    pub async fn comes_to_nothing(&mut self, c: &mut Connection, reason: &str, say: Say) -> Result<(), ApiError> {
        self.goes_to(Stage::Cancelled);
        self.job.reason = Some(reason.to_owned());
        self.update = Some("status_changed");
        let kind = guildhall_market::notifications::kinds::JOB_CANCELLED;
        self.reject_pending(c, kind, say).await?;
        self.besides.extend(stop_waiting(c, &self.job, None, self.now).await?);
        proposals::end_all(c, self.job.id, self.now).await?;
        self.tell_both(kind, say);
        Ok(())
    }

    /// Sets what waits for this job from now on.
    async fn set_deadlines(&self, c: &mut Connection) -> Result<(), ApiError> {
        let (job, at) = (&self.job, |since: Option<i64>, ms| Timestamp(since.unwrap_or(self.now.0)).plus_ms(ms));
        let moved = self.was != job.stage;
        if moved || self.closed_at_ms != job.closes_at_ms {
            match job.closes_at_ms.filter(|_| job.stage == Stage::Open) {
                Some(closes) => deadlines::set(c, EXPIRES, job.id, Timestamp(closes)).await?,
                None => drop(deadlines::clear(c, EXPIRES, job.id).await?),
            }
        }
        if !moved {
            return Ok(());
        }
        if self.was == Stage::Assigned {
            for kind in [UNFUNDED_ASKED, UNFUNDED, SILENCE] {
                deadlines::clear(c, kind, job.id).await?;
            }
        }
        match job.stage {
            Stage::Assigned => {
                deadlines::set(c, UNFUNDED_ASKED, job.id, at(job.assigned_at_ms, UNFUNDED_ASKED_MS)).await?;
                deadlines::set(c, UNFUNDED, job.id, at(job.assigned_at_ms, UNFUNDED_MS)).await?;
            }
            Stage::Completed | Stage::Cancelled => {
                deadlines::set(c, AFTER_THE_END, job.id, at(job.ended_at_ms, AFTER_THE_END_MS)).await?;
            }
            Stage::Draft | Stage::Open => {}
        }
        Ok(())
    }

    /// Stores the job, writes down what was done, and answers with what leaves.
    ///
    /// # Errors
    /// The database's.
    pub async fn finish(&mut self, c: &mut Connection, act: Act) -> Result<Vec<Outgoing>, ApiError> {
        self.finish_as(c, action_of(act)).await
    }

    /// The same for something that stands in no table of the job's: by the word with which it is written down.
    ///
    /// # Errors
    /// The database's.
    pub async fn finish_as(&mut self, c: &mut Connection, action: &'static str) -> Result<Vec<Outgoing>, ApiError> {
        (self.job.version, self.job.changed_at_ms) = (self.job.version + 1, self.now.0);
        jobs::store(c, &self.job).await?;
        self.set_deadlines(c).await?;
        self.detail.insert("before".into(), self.was.code().into());
        self.detail.insert("after".into(), self.job.stage.code().into());
        self.detail.insert("version".into(), self.job.version.into());
        write_down(c, self.by, (action, self.job.id), &self.about, (&self.reason, &self.detail), self.now).await?;
        let notices = std::mem::take(&mut self.notices);
        let mut entries = told::notices(c, &self.job, self.by, notices, self.now).await?;
        entries.append(&mut self.besides);
        for application in &self.applications {
            entries.extend(told::application_updated(&self.job, application, self.socket.as_deref())?);
        }
        let mut last = None;
        if let Some(update) = self.update {
            let (updated, outgoing) = told::job_updated(c, &self.job, update, self.socket.as_deref()).await?;
            entries.extend(updated);
            last = Some(outgoing);
        }
        let mut events = feed::append(c, entries, self.now).await?;
        events.extend(last);
        Ok(events)
    }

    /// Nobody has it any more: it is open again, and what was planned with whoever had it is not part of it.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_free_again(&mut self, c: &mut Connection) -> Result<(), ApiError> {
        self.job.artisan_id = None;
        self.job.agreed_minor = None;
        self.job.started = 0;
        self.job.assigned_at_ms = None;
        self.job.closes_at_ms = self.job.closes_at_ms.filter(|closes| *closes > self.now.0);
        self.besides.extend(stop_waiting(c, &self.job, None, self.now).await?);
        milestones::drop_all(c, self.job.id, self.now).await?;
        Ok(proposals::end_all(c, self.job.id, self.now).await?)
    }
}

/// What stands in the log of what was done, for each act.
pub fn action_of(act: Act) -> &'static str {
    match act {
        Act::Publish => "job.publish",
        Act::Delete => "job.delete",
        Act::Edit => "job.edit",
        Act::Invite => "job.invite",
        Act::Apply => "job.apply",
        Act::WithdrawApplication => "job.withdraw_application",
        Act::RejectApplication => "job.reject_application",
        Act::AcceptApplication => "job.accept_application",
        Act::Expire => "job.expire",
        Act::Start => "job.start",
        Act::Unassign => "job.unassign",
        Act::Plan => "job.plan",
        Act::Fund => "job.fund",
        Act::ProposePlan => "job.propose_plan",
        Act::ReportProgress => "job.report_progress",
        Act::Complete => "job.complete",
        Act::KeepOpen => "job.keep_open",
        Act::CompleteBySilence => "job.complete_by_silence",
        Act::LapseUnfunded => "job.lapse_unfunded",
        Act::Cancel => "job.cancel",
        Act::Review => "job.review",
    }
}

/// Writes down what was done to a job.
///
/// # Errors
/// The database's.
pub async fn write_down(
    c: &mut Connection,
    by: Option<UserId>,
    (action, job): (&'static str, i64),
    about: &[UserId],
    (reason, detail): (&str, &Map<String, Value>),
    now: Timestamp,
) -> Result<(), ApiError> {
    let detail = written(detail)?;
    let act = Written { action, subject: ("job", job), about, look: false, reason, detail: &detail };
    Ok(audit::add(c, &Actor { user: by, token: None, address: None }, &act, now).await?)
}

//! Commands about jobs, as a window says them. Each that changes something bears a key: said again under it, it is the same one.

use guildhall_market::{ids::AttachmentId, time::Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    asked::{
        ApplicationCommand, JobApply, JobCommand, JobInvite, JobPut, MilestoneAdd, MilestonePatch, ProposalMake,
        ReviewMake,
    },
    job::{Job, Progress},
};
use crate::bytes::Bytes;

/// `job_find`: which jobs.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct JobFind {
    /// `draft`, `open`, `assigned`, …
    pub status: Option<String>,
    /// `carpentry`, `electrical`, …
    pub category: Option<String>,
    /// Words that are looked for.
    pub q: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// `client`, `artisan`, `applied`, or `1` for all of one's own. Absent: everybody's.
    pub mine: Option<String>,
    /// In which currency the budgets are meant.
    pub currency: Option<String>,
    /// At least so much, major units as they are written.
    pub budget_min: Option<String>,
    /// At most so much, major units as they are written.
    pub budget_max: Option<String>,
    /// From 1.
    pub page: Option<i64>,
}

/// Jobs that were found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct JobPage {
    /// Of this page.
    pub rows: Vec<Job>,
    /// On all pages.
    pub total: i64,
    /// From 1.
    pub page: i64,
    /// At least 1.
    pub last_page: i64,
    /// How many of this page cannot be read here.
    pub lost: i64,
}

/// Which job.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct JobRef {
    /// Which.
    pub id: i64,
}

/// `job_post`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JobPosting {
    /// Names this command.
    pub key: String,
    /// What it says.
    pub body: JobPut,
}

/// `job_change`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JobChanging {
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// What changes.
    pub body: JobPut,
}

/// What is done to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum JobStep {
    /// Show it.
    Publish,
    /// Say that the work began.
    Start,
    /// End it.
    Complete,
    /// It is not finished, although all of it is paid.
    KeepOpen,
    /// It comes to nothing.
    Cancel,
    /// Part with the artisan.
    Unassign,
}

/// `job_act`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JobActing {
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// What.
    pub step: JobStep,
    /// With what.
    pub body: JobCommand,
}

/// `job_drop`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JobDropping {
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// The draft as it was seen.
    pub version: Option<i64>,
}

/// `job_invite`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JobInviting {
    /// To which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// Whom.
    pub body: JobInvite,
}

/// `job_apply`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JobApplying {
    /// For which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// What one says.
    pub body: JobApply,
}

/// What becomes of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ApplicationStep {
    /// The job is theirs.
    Accept,
    /// It is not.
    Reject,
    /// They do not want it any more.
    Withdraw,
}

/// `application_act`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ApplicationActing {
    /// For which job.
    pub job: i64,
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// What.
    pub step: ApplicationStep,
    /// As it was seen.
    pub body: ApplicationCommand,
}

/// `milestone_add`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MilestoneAdding {
    /// To which job.
    pub job: i64,
    /// Names this command.
    pub key: String,
    /// What it is.
    pub body: MilestoneAdd,
}

/// `milestone_change`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MilestoneChanging {
    /// Of which job.
    pub job: i64,
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// What changes.
    pub body: MilestonePatch,
}

/// `milestone_drop`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct MilestoneDropping {
    /// Of which job.
    pub job: i64,
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// The job as it was seen.
    pub version: Option<i64>,
}

/// `progress_report`. Kept on this device until the server has it.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProgressReporting {
    /// Of which job.
    pub job: i64,
    /// Names this report.
    pub key: String,
    /// 1 to 2,000 characters.
    pub note: String,
    /// 0 to 100.
    pub percent: i64,
    /// Pictures that were kept for it (`file_keep`), in order.
    pub files: Vec<String>,
}

/// A report that the server does not have yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ProgressWaiting {
    /// Names it.
    pub key: String,
    /// What it says.
    pub note: String,
    /// 0 to 100.
    pub percent: i64,
    /// How many pictures go with it.
    pub files: i64,
    /// When it was written.
    pub at: Timestamp,
    /// Why the server does not take it, in words. It stays until whoever wrote it decides.
    pub refused: Option<String>,
}

/// `progress_drop`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProgressDropping {
    /// Of which job.
    pub job: i64,
    /// Which of those that wait.
    pub key: String,
}

/// How far a job is: what the server has, and what waits here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ProgressPage {
    /// Newest first.
    pub rows: Vec<Progress>,
    /// What waits, oldest first.
    pub waiting: Vec<ProgressWaiting>,
}

/// `proposal_make`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProposalMaking {
    /// For which job.
    pub job: i64,
    /// Names this command.
    pub key: String,
    /// What would change.
    pub body: ProposalMake,
}

/// What is answered to a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ProposalStep {
    /// It is agreed.
    Accept,
    /// All stays as it was.
    Decline,
}

/// `proposal_act`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ProposalActing {
    /// For which job.
    pub job: i64,
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// What.
    pub step: ProposalStep,
    /// The job as it was seen.
    pub version: Option<i64>,
}

/// `job_review`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct JobReviewing {
    /// Which job.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// How it was.
    pub body: ReviewMake,
}

/// `file_give`: a file that goes with what is said next.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FileGive {
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// A file that the server has, or this device keeps for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct FileGiven {
    /// The server's number. Absent while it waits here.
    pub id: Option<AttachmentId>,
    /// Its name on this device, while it waits here.
    pub local_id: Option<String>,
    /// A safe file name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// Bytes.
    pub size: i64,
}

/// `file_drop`: a file that is wanted no more.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct FileDrop {
    /// Its name on this device.
    pub local_id: String,
}

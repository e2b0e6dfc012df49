//! A job as those see it who may.

use crate::{amounts::Major, attachments::Attachment, people::Party, wire_time::WireTime};
use guildhall_market::ids::UserId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::deals::{Application, JobReview, PlannedMilestone};

crate::mend::unmended!(Job, Progress);

/// A part of the work with its price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Milestone {
    /// Which.
    pub id: i64,
    /// What is done then.
    pub title: String,
    /// As older clients name it: `pending`, `in-progress`, `completed`, `paid`, `disputed`, `refunded`.
    pub status: String,
    /// `planned`, `funded`, `submitted`, `disputed`, `paid`, `paid_in_part`, `refunded`.
    pub state: String,
    /// Its price.
    pub amount: Major,
    /// The same in minor units.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: String,
    /// Until when it is wanted.
    pub due_at: Option<WireTime>,
    /// The payment that holds its money, or waits for it.
    #[serde(default)]
    pub payment_id: Option<i64>,
}

/// How far the work is, in the artisan's words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Progress {
    /// Ascending.
    pub id: i64,
    /// What they say.
    pub note: String,
    /// 0 to 100.
    pub percent: i64,
    /// Who says it.
    #[schema(value_type = i64)]
    pub author_id: UserId,
    /// When.
    pub created_at: WireTime,
    /// Pictures. In events there are none.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
}

/// What was agreed at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Terms {
    /// 1, 2, 3.
    pub version: i64,
    /// For all of it.
    pub agreed: Major,
    /// The same in minor units.
    pub agreed_minor: i64,
    /// The parts that were planned.
    pub milestones: Vec<PlannedMilestone>,
    /// The proposal that changed it; none where it began or the client planned within it.
    pub proposal_id: Option<i64>,
    /// Since when.
    pub at: WireTime,
}

/// A job. `GET /api/jobs/{id}` and all commands on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Job {
    /// Which.
    pub id: i64,
    /// One line.
    pub title: String,
    /// What is to be done.
    pub description: String,
    /// `draft`, `open`, `assigned`, `in-progress`, `submitted`, `disputed`, `completed`, `cancelled`.
    pub status: String,
    /// `draft`, `open`, `assigned`, `completed`, `cancelled`.
    pub stage: String,
    /// Why it came to nothing: `expired`, `unfunded`, `cancelled`, `client_left`.
    pub reason: Option<String>,
    /// `carpentry`, `electrical`, …
    pub category: String,
    /// What the client would pay.
    pub budget: Major,
    /// The same in minor units.
    pub budget_minor: i64,
    /// Of all amounts of this job.
    pub currency: String,
    /// `low`, `medium`, `high`, `urgent`.
    pub priority: String,
    /// Where.
    pub place: Option<String>,
    /// When the work begins.
    pub starts_at: Option<WireTime>,
    /// Until when it is wanted.
    pub ends_at: Option<WireTime>,
    /// Until when one can apply.
    pub closes_at: Option<WireTime>,
    /// Pictures. Guests see none.
    pub attachments: Vec<Attachment>,
    /// Whose it is.
    #[schema(value_type = i64)]
    pub client_id: UserId,
    /// Who that is.
    pub client: Party,
    /// Who has it.
    #[schema(value_type = Option<i64>)]
    pub artisan_id: Option<UserId>,
    /// Who that is.
    pub artisan: Option<Party>,
    /// The parts of the work. For its two people.
    pub milestones: Vec<Milestone>,
    /// The last 20 reports of how far it is, newest last. For its two people.
    pub progress_updates: Vec<Progress>,
    /// What was agreed for all of it. For its two people.
    pub agreed: Option<Major>,
    /// The same in minor units.
    pub agreed_minor: Option<i64>,
    /// What of that no milestone plans, minor units.
    pub rest_minor: Option<i64>,
    /// Which terms stand. 0 before anything was agreed, and for others.
    pub terms_version: i64,
    /// All terms so far, oldest first. For its two people, and of one job alone.
    pub terms: Vec<Terms>,
    /// How many applications wait. For the client.
    pub applications_count: Option<i64>,
    /// One's own application, if one made one.
    pub my_application: Option<Application>,
    /// What the two say of each other, once it can be read.
    pub reviews: Vec<JobReview>,
    /// What whoever asks may do now, such as `apply`.
    pub may: Vec<String>,
    /// Why one could not be paid what it would earn, before one applies: `no_route`, `below_minimum`, `identity_unverified`.
    pub payout_lacks: Option<String>,
    /// Since when the client is asked whether it is finished.
    pub asked_at: Option<WireTime>,
    /// Counts up with each change: what a command may name to mean this and nothing newer.
    pub version: i64,
    /// When it was made.
    pub created_at: WireTime,
    /// When it was shown.
    pub published_at: Option<WireTime>,
    /// When it was given to somebody.
    pub assigned_at: Option<WireTime>,
    /// When it was done, or came to nothing.
    pub ended_at: Option<WireTime>,
    /// When it changed last.
    pub updated_at: WireTime,
}

/// `job.updated`, also on `private-job.{id}`, where `version` numbers it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct JobUpdated {
    /// Which.
    pub id: i64,
    /// One line.
    pub title: String,
    /// As in a job.
    pub status: String,
    /// As in a job.
    pub stage: String,
    /// As in a job.
    pub reason: Option<String>,
    /// As in a job.
    pub category: String,
    /// As in a job.
    pub budget: Major,
    /// As in a job.
    pub budget_minor: i64,
    /// As in a job.
    pub currency: String,
    /// As in a job.
    pub priority: String,
    /// `status_changed`, `milestone_added`, `milestone_updated`, `progress_updated`, `application_received`,
    /// `application_accepted`, `details_changed`.
    pub update_type: String,
    /// Whose it is.
    #[schema(value_type = i64)]
    pub client_id: UserId,
    /// Who has it.
    #[schema(value_type = Option<i64>)]
    pub artisan_id: Option<UserId>,
    /// The parts of the work.
    pub milestones: Vec<Milestone>,
    /// The last reports of how far it is, newest last: 20 at most, and fewer where they are long.
    pub progress_updates: Vec<Progress>,
    /// Counts up with each change.
    pub version: i64,
    /// When.
    pub updated_at: WireTime,
}

//! Applications, proposals to change what was agreed, and reviews.

use crate::{amounts::Major, people::Party, wire_time::WireTime};
use guildhall_market::ids::UserId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// A part of the work as it is planned or proposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct PlannedMilestone {
    /// The one that it changes; none: it is a new one.
    pub id: Option<i64>,
    /// What is done then.
    pub title: String,
    /// Its price, minor units.
    pub amount_minor: i64,
    /// Until when it is wanted.
    pub due_at: Option<WireTime>,
}

/// That somebody would do a job. For the two whom it concerns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Application {
    /// Which.
    pub id: i64,
    /// For which job.
    pub job_id: i64,
    /// Who made it.
    #[schema(value_type = i64)]
    pub artisan_id: UserId,
    /// Who that is.
    pub artisan: Party,
    /// `pending`, `accepted`, `rejected`, `withdrawn`.
    pub state: String,
    /// In their words.
    pub proposal: String,
    /// What they ask: the price that they named, or the budget as it was.
    pub price: Major,
    /// The same in minor units.
    pub price_minor: i64,
    /// Whether they named it.
    pub price_named: bool,
    /// In which currency.
    pub currency: String,
    /// Counts up with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: WireTime,
    /// When it changed last.
    pub updated_at: WireTime,
}

/// `application.updated`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct ApplicationUpdated {
    /// Which.
    pub id: i64,
    /// For which job.
    pub job_id: i64,
    /// Its title.
    pub job_title: String,
    /// Whose job it is.
    #[schema(value_type = i64)]
    pub client_id: UserId,
    /// Who made it.
    #[schema(value_type = i64)]
    pub artisan_id: UserId,
    /// `pending`, `accepted`, `rejected`, `withdrawn`.
    pub state: String,
    /// What they ask, minor units.
    pub price_minor: i64,
    /// In which currency.
    pub currency: String,
    /// Counts up with each change.
    pub version: i64,
    /// When.
    pub updated_at: WireTime,
}

/// That one of the two would change what was agreed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Proposal {
    /// Which.
    pub id: i64,
    /// For which job.
    pub job_id: i64,
    /// Who made it.
    #[schema(value_type = i64)]
    pub by_id: UserId,
    /// `open`, `accepted`, `declined`, `replaced`.
    pub state: String,
    /// Why.
    pub reason: String,
    /// What would be agreed for all of it. Absent: as it is.
    pub price: Option<Major>,
    /// The same in minor units.
    pub price_minor: Option<i64>,
    /// In which currency.
    pub currency: String,
    /// All parts that would be planned. Absent: as they are.
    pub milestones: Option<Vec<PlannedMilestone>>,
    /// The terms that it would change. It can be accepted while those stand.
    pub terms_version: i64,
    /// When it was made.
    pub created_at: WireTime,
    /// When it was answered.
    pub decided_at: Option<WireTime>,
}

/// How it was, as one of the two of a job says of the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct JobReview {
    /// Who wrote it.
    pub author: Party,
    /// Of whom.
    #[schema(value_type = i64)]
    pub subject_id: UserId,
    /// 1 to 5.
    pub stars: i64,
    /// In their words.
    pub words: String,
    /// When.
    pub created_at: WireTime,
}

//! What is asked of jobs. `version` names what somebody saw, where they say so: what has changed since is not done.

use crate::{amounts::Digits, lenient::number, wire_time::WireTime};
use guildhall_market::ids::{AttachmentId, UserId};
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Tells "nothing was said" from "there is none any more".
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A number that has to be there, also as decimal text.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    number(deserializer)?.ok_or_else(|| serde::de::Error::custom("expected a whole number, found nothing"))
}

/// `POST /api/jobs` and `PATCH /api/jobs/{id}`. A new job has a title, a description, a category and a budget; what is left out of
/// a change stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct JobPut {
    /// 5 to 200 characters.
    pub title: Option<String>,
    /// 10 to 2,000 characters.
    pub description: Option<String>,
    /// `carpentry`, `electrical`, …
    pub category: Option<String>,
    /// In major units: digits, and a point with as many behind it as the currency has.
    pub budget: Option<Digits>,
    /// In minor units. Where both are said they are the same.
    pub budget_minor: Option<Digits>,
    /// Three letters. NGN where nothing is said.
    pub currency: Option<String>,
    /// `low`, `medium`, `high`, `urgent`; `medium` where nothing is said.
    pub priority: Option<String>,
    /// One line of at most 80 characters. Empty: none.
    pub place: Option<String>,
    /// When the work begins.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<WireTime>)]
    #[ts(type = "WireTime | null", optional)]
    pub starts_at: Option<Option<WireTime>>,
    /// Until when it is wanted.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<WireTime>)]
    #[ts(type = "WireTime | null", optional)]
    pub ends_at: Option<Option<WireTime>>,
    /// Until when one can apply.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<WireTime>)]
    #[ts(type = "WireTime | null", optional)]
    pub closes_at: Option<Option<WireTime>>,
    /// All of its pictures, in order: those that it has, and uploaded ones. At most 10.
    #[schema(value_type = Option<Vec<i64>>)]
    pub attachments: Option<Vec<AttachmentId>>,
    /// Publish it at once.
    pub publish: Option<bool>,
    /// The job as it was seen.
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
}

/// Commands on a job that need no more than their path.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct JobCommand {
    /// The job as it was seen.
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
    /// Why it comes to nothing, 1 to 1,000 characters; an administrator has to say it.
    pub reason: Option<String>,
}

/// `POST /api/jobs/{id}/invite`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, TS)]
#[ts(optional_fields)]
pub struct JobInvite {
    /// Who is asked.
    #[schema(value_type = i64)]
    pub user_id: UserId,
    /// The job as it was seen.
    #[serde(default)]
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
}

/// `POST /api/jobs/{id}/applications`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, TS)]
#[ts(optional_fields)]
pub struct JobApply {
    /// 20 to 5,000 characters.
    pub proposal: String,
    /// What one asks, in major units. Absent: the budget.
    #[serde(default)]
    pub price: Option<Digits>,
    /// The same in minor units.
    #[serde(default)]
    pub price_minor: Option<Digits>,
    /// The job as it was seen.
    #[serde(default)]
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
}

/// `POST /api/jobs/{id}/applications/{aid}/accept`, `reject` and `withdraw`
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct ApplicationCommand {
    /// The application as it was seen.
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
    /// The price that was seen, in major units.
    pub price: Option<Digits>,
    /// The same in minor units.
    pub price_minor: Option<Digits>,
}

/// `POST /api/jobs/{id}/milestones`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, TS)]
#[ts(optional_fields)]
pub struct MilestoneAdd {
    /// 2 to 120 characters.
    pub title: String,
    /// Its price in major units.
    #[serde(default)]
    pub amount: Option<Digits>,
    /// The same in minor units.
    #[serde(default)]
    pub amount_minor: Option<Digits>,
    /// Until when it is wanted.
    #[serde(default)]
    pub due_at: Option<WireTime>,
    /// The job as it was seen.
    #[serde(default)]
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
}

/// `PATCH /api/jobs/{id}/milestones/{mid}`. What is left out stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct MilestonePatch {
    /// 2 to 120 characters.
    pub title: Option<String>,
    /// Its price in major units.
    pub amount: Option<Digits>,
    /// The same in minor units.
    pub amount_minor: Option<Digits>,
    /// Until when it is wanted.
    #[serde(deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<WireTime>)]
    #[ts(type = "WireTime | null", optional)]
    pub due_at: Option<Option<WireTime>>,
    /// The job as it was seen.
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
}

/// `POST /api/jobs/{id}/progress`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, TS)]
#[ts(optional_fields)]
pub struct ProgressReport {
    /// 1 to 2,000 characters.
    pub note: String,
    /// 0 to 100.
    #[serde(deserialize_with = "whole")]
    pub percent: i64,
    /// Uploaded pictures, at most 10.
    #[serde(default)]
    #[schema(value_type = Vec<i64>)]
    pub attachments: Vec<AttachmentId>,
    /// The job as it was seen.
    #[serde(default)]
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
}

/// A part of the work in a proposal.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, TS)]
#[ts(optional_fields)]
pub struct ProposedMilestone {
    /// The one that it changes. Absent: it is a new one. Those that no part names are dropped.
    #[serde(default)]
    pub id: Option<i64>,
    /// 2 to 120 characters.
    pub title: String,
    /// Its price in major units.
    #[serde(default)]
    pub amount: Option<Digits>,
    /// The same in minor units.
    #[serde(default)]
    pub amount_minor: Option<Digits>,
    /// Until when it is wanted.
    #[serde(default)]
    pub due_at: Option<WireTime>,
}

/// `POST /api/jobs/{id}/proposals`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, TS)]
#[ts(optional_fields)]
pub struct ProposalMake {
    /// 1 to 1,000 characters.
    pub reason: String,
    /// What would be agreed for all of it, in major units. Absent: as it is.
    #[serde(default)]
    pub price: Option<Digits>,
    /// The same in minor units.
    #[serde(default)]
    pub price_minor: Option<Digits>,
    /// All parts that would be planned. Absent: as they are.
    #[serde(default)]
    pub milestones: Option<Vec<ProposedMilestone>>,
    /// The job as it was seen.
    #[serde(default)]
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
}

/// `POST /api/jobs/{id}/review`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, TS)]
#[ts(optional_fields)]
pub struct ReviewMake {
    /// 1 to 5.
    #[serde(alias = "rating", deserialize_with = "whole")]
    pub stars: i64,
    /// 1 to 1,000 characters.
    #[serde(alias = "comment")]
    pub words: String,
    /// The job as it was seen.
    #[serde(default)]
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
}

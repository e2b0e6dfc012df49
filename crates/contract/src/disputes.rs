//! Disputes: the two sides of a payment disagree. Either proposes how it is divided, and where the other one accepts it is paid at
//! once; otherwise an administrator decides.

use crate::{attachments::Attachment, lenient::number, people::Party, wire_time::WireTime};
use guildhall_market::ids::AttachmentId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

crate::mend::unmended!(Dispute);

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! disputes_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// One's disputes, newest first.
            dispute_list($crate::disputes::DisputesAfter) -> $crate::known::Known<$crate::disputes::DisputePage> as person;
            /// Those that are open on this server, those that wait longest first. For administrators.
            dispute_queue($crate::commands::Nothing) -> Vec<$crate::disputes::Dispute> as person;
            /// One dispute with all that was said. An administrator's look is written down.
            dispute_get($crate::disputes::DisputeRef) -> $crate::known::Known<$crate::disputes::Dispute> as person;
            /// Begins one about a payment.
            dispute_open($crate::disputes::DisputeOpening) -> $crate::disputes::Dispute as person;
            /// Answers, proposes, accepts, withdraws, or decides as an administrator.
            dispute_act($crate::disputes::DisputeActing) -> $crate::disputes::Dispute as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// A dispute stands otherwise. To both of its sides.
            DISPUTE_UPDATED = "dispute.updated": $crate::disputes::DisputeUpdated, on user, in the feed;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `POST /api/payments/{id}/dispute` and `POST /api/disputes/{id}/{act}`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct DisputeCommand {
    /// The dispute (to begin one: the payment) as it was seen.
    #[serde(deserialize_with = "number")]
    pub version: Option<i64>,
    /// Why: 10 to 1,000 characters to begin one or to decide it, 1 to 1,000 to answer.
    pub reason: Option<String>,
    /// What the payee would get, minor units: proposed, accepted, or decided.
    #[serde(deserialize_with = "number")]
    pub to_payee_minor: Option<i64>,
    /// What the payer would get, minor units. Both together are exactly what is held.
    #[serde(deserialize_with = "number")]
    pub to_payer_minor: Option<i64>,
    /// Files that are shown with it, at most 10.
    #[schema(value_type = Vec<i64>)]
    pub attachments: Vec<AttachmentId>,
}

/// How what is held would be divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct SplitOf {
    /// To whom it was for, minor units.
    pub to_payee_minor: i64,
    /// To whom it came from, minor units.
    pub to_payer_minor: i64,
}

/// A dispute, as its two sides and administrators see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Dispute {
    /// Which.
    pub id: i64,
    /// About which payment.
    pub payment_id: i64,
    /// Of which job.
    pub job_id: i64,
    /// What the job is called.
    pub job_title: String,
    /// `open`, `resolved`, `withdrawn`.
    pub state: String,
    /// As older clients name it: `raised`, `investigating`, `resolved`, `none`.
    pub status: String,
    /// Who began it.
    pub opener: Party,
    /// Who pays.
    pub payer: Party,
    /// Who is paid.
    pub payee: Party,
    /// Why it was begun.
    pub reason: String,
    /// What is held, minor units.
    pub held_minor: i64,
    /// In which currency.
    pub currency: String,
    /// What the payer proposes now.
    pub payer_proposes: Option<SplitOf>,
    /// What the payee proposes now.
    pub payee_proposes: Option<SplitOf>,
    /// How it ended.
    pub ended: Option<SplitOf>,
    /// Why it was decided so, where an administrator did.
    pub decision: Option<String>,
    /// Until when the other side is expected to answer.
    pub answer_by: WireTime,
    /// Since when it stands at the top of the administrators' list.
    pub flagged_at: Option<WireTime>,
    /// What was said, in order. In lists there is nothing.
    pub statements: Vec<DisputeStatement>,
    /// What whoever asks may do now: `answer`, `propose`, `accept`, `withdraw`, `resolve`.
    pub may: Vec<String>,
    /// Counts up with each change.
    pub version: i64,
    /// When it was begun.
    pub opened_at: WireTime,
    /// When it changed last.
    pub updated_at: WireTime,
}

/// What somebody said in a dispute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DisputeStatement {
    /// Who.
    pub by: Party,
    /// In their words.
    pub words: String,
    /// What they showed.
    pub attachments: Vec<Attachment>,
    /// When.
    pub at: WireTime,
}

/// That a dispute stands otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DisputeUpdated {
    /// Which.
    pub id: i64,
    /// About which payment.
    pub payment_id: i64,
    /// Of which job.
    pub job_id: i64,
    /// `open`, `resolved`, `withdrawn`.
    pub state: String,
    /// As older clients name it.
    pub status: String,
    /// Counts up with each change.
    pub version: i64,
    /// When.
    pub updated_at: WireTime,
}

/// `dispute_list`
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct DisputesAfter {
    /// Go on behind this one. Absent: from the newest.
    pub before: Option<i64>,
}

/// Some of one's disputes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DisputePage {
    /// Newest first.
    pub rows: Vec<Dispute>,
    /// Where the next page begins, if there is one.
    pub next: Option<i64>,
    /// How many of this page cannot be read here.
    pub lost: i64,
}

/// Which dispute.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct DisputeRef {
    /// Which.
    pub id: i64,
}

/// `dispute_open`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DisputeOpening {
    /// About which payment.
    pub payment: i64,
    /// Names this command.
    pub key: String,
    /// Why.
    pub body: DisputeCommand,
}

/// What is done to a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum DisputeWord {
    /// Say one's side.
    Answer,
    /// Propose how it is divided.
    Propose,
    /// Agree to what the other side proposes.
    Accept,
    /// Leave it.
    Withdraw,
    /// See to it, as an administrator.
    Take,
    /// Decide it, as an administrator.
    Resolve,
}

/// `dispute_act`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DisputeActing {
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// What.
    pub step: DisputeWord,
    /// With what.
    pub body: DisputeCommand,
}

//! Payouts: the way by which money leaves a balance, to the bank of whose it is.

use crate::{
    amounts::{Digits, Major},
    wire_time::WireTime,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

crate::mend::unmended!(Payout);

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! payouts_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// One's payouts, newest first.
            payout_list($crate::payouts::PayoutsAfter) -> $crate::known::Known<$crate::payouts::PayoutPage> as person;
            /// What a payout would do, to the kobo. Nothing moves.
            payout_preview($crate::payouts::PayoutLook) -> $crate::payouts::PayoutPreview as person;
            /// Takes money to one's bank.
            payout_ask($crate::payouts::PayoutAsking) -> $crate::payouts::Payout as person;
            /// Takes one back, or sends it again.
            payout_act($crate::payouts::PayoutActing) -> $crate::payouts::Payout as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// A payout stands otherwise. To whose it is.
            PAYOUT_UPDATED = "payout.updated": $crate::payouts::Payout, on user, in the feed;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `POST /api/payouts`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema, TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct PayoutBody {
    /// Out of which balance: an ISO 4217 code.
    pub currency: String,
    /// How much, major units. All there is where nothing is said.
    pub amount: Option<Digits>,
    /// The same in minor units. Where both are said they are the same.
    pub amount_minor: Option<Digits>,
}

/// A payout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Payout {
    /// Which.
    pub id: i64,
    /// How much.
    pub amount: Major,
    /// The same in minor units.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: String,
    /// Through whom.
    pub provider: String,
    /// Under what the provider and the bank know it.
    pub reference: String,
    /// `queued`, `processing`, `paid`, `failed`, `returned`.
    pub state: String,
    /// Why it failed, in words.
    pub reason: Option<String>,
    /// The bank. Absent for an account that is gone with its owner.
    pub bank: Option<String>,
    /// What of the account's number is shown.
    pub number: Option<String>,
    /// How often it was sent.
    pub attempts: u32,
    /// What whoever asks may do now: `cancel`, `retry`.
    pub may: Vec<String>,
    /// When it was asked for.
    pub asked_at: WireTime,
    /// When it came to stand so.
    pub updated_at: WireTime,
}

/// `GET /api/payouts/preview`: what a payout would do now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct PayoutPreview {
    /// How much would leave the balance, minor units.
    pub amount_minor: i64,
    /// What would be left on it, minor units.
    pub left_minor: i64,
    /// In which currency.
    pub currency: String,
    /// The bank to which it would go.
    pub bank: String,
    /// What of the account's number is shown.
    pub number: String,
}

/// `payout_list`
#[derive(Clone, Copy, Debug, Serialize, Deserialize, TS)]
pub struct PayoutsAfter {
    /// Go on behind this one. Absent: from the newest.
    pub before: Option<i64>,
}

/// Some of one's payouts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PayoutPage {
    /// Newest first.
    pub rows: Vec<Payout>,
    /// Where the next page begins, if there is one.
    pub next: Option<i64>,
    /// How many of this page cannot be read here.
    pub lost: i64,
}

/// `payout_preview`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PayoutLook {
    /// Out of which balance: an ISO 4217 code.
    pub currency: String,
    /// How much, major units as they are written. Absent: all of it.
    pub amount: Option<String>,
}

/// `payout_ask`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PayoutAsking {
    /// Names this command.
    pub key: String,
    /// What.
    pub body: PayoutBody,
}

/// What is done to a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum PayoutWord {
    /// Take it back before it is sent.
    Cancel,
    /// Send one that failed once more.
    Retry,
}

/// `payout_act`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PayoutActing {
    /// Which.
    pub id: i64,
    /// Names this command.
    pub key: String,
    /// What.
    pub step: PayoutWord,
}

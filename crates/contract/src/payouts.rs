//! Payouts: the way by which money leaves a balance, to the bank of whose it is.

use crate::{
    amounts::{Digits, Major},
    wire_time::WireTime,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! payouts_rows {
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PayoutBody {
    /// Out of which balance: an ISO 4217 code.
    pub currency: String,
    /// How much, major units. All there is where nothing is said.
    pub amount: Option<Digits>,
    /// The same in minor units. Where both are said they are the same.
    pub amount_minor: Option<Digits>,
}

/// A payout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
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

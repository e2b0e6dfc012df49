//! What of a person is verified, and how it stands.

use crate::mend::{Mend, NO_TIME, fit};
use crate::wire_time::WireTime;
use guildhall_market::{ids::UserId, phones, time::Timestamp, verification::Kind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! verifications_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// What of oneself is verified, and what could be.
            verification_list($crate::commands::Nothing) -> Vec<$crate::verifications::VerificationView> as person;
            /// Asks for a verification, or for its code once more.
            verification_ask($crate::verifications::VerificationAsking) -> $crate::verifications::VerificationAskedView as person;
            /// Gives the code of a verification.
            verification_confirm($crate::verifications::VerificationConfirming) -> $crate::verifications::VerificationView as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// A verification stands differently. Without what is verified: that goes over no channel.
            VERIFICATION_CHANGED = "verification.changed": $crate::verifications::VerificationChanged, on user, in the feed;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// A verification, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// Of what: `email`, `phone`, `identity`, `payout_account`, `domain`.
    pub kind: String,
    /// Which of several: a currency, a name. Empty where there is one.
    pub slot: String,
    /// What is verified, or is to be: an address, a number.
    pub value: Option<String>,
    /// `none`, `pending`, `verified`, `rejected`, `expired` or `revoked`.
    pub state: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// Since when it stands so.
    pub since: Option<WireTime>,
    /// Until when it can be finished, or from when on it may be used.
    pub until: Option<WireTime>,
}

impl Mend for Verification {
    fn mend(row: &Value) -> Option<Self> {
        let base = json!({
            "kind": row["kind"].as_str()?, "slot": "", "value": null, "state": row["state"].as_str()?, "reason": null,
            "since": null, "until": null,
        });
        fit::<Self>(base, row).map(|(verification, _)| verification)
    }
}

/// `POST /api/verifications/{kind}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VerificationAsk {
    /// What is to be verified: a phone number in international form. Absent for the mail address, which is the account's.
    pub value: Option<String>,
}

/// The answer to it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VerificationAsked {
    /// How it stands now.
    pub verification: Verification,
    /// How its code travels: `mail`, `sms`, `administrator` where this server can send neither, or `app` where it is told here.
    pub by: String,
    /// Until when the code works.
    pub expires_at: WireTime,
    /// From when on it may be asked for once more.
    pub again_at: WireTime,
    /// The code itself, on a server of one's own that can send none.
    pub code: Option<String>,
}

/// `POST /api/verifications/{kind}/confirm`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct VerificationConfirm {
    /// Six digits of any script; spaces and hyphens fall away.
    pub code: String,
}

/// Without the code.
impl std::fmt::Debug for VerificationConfirm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerificationConfirm")
    }
}

/// `verification.changed`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VerificationChanged {
    /// Of what.
    pub kind: String,
    /// How it stands now.
    pub state: String,
    /// Since when.
    pub since: WireTime,
}

/// `GET /api/admin/codes`: a code that nobody could send.
#[derive(Clone, Serialize, Deserialize, ToSchema, TS)]
pub struct CodeToTell {
    /// Whose.
    #[schema(value_type = i64)]
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// Where it would have gone.
    pub address: String,
    /// What it is for: `email`, `phone`, `password` or `new_email`.
    pub purpose: String,
    /// Its six digits.
    pub code: String,
    /// Until when it works.
    #[ts(type = "string")]
    pub expires_at: WireTime,
}

/// Without the code.
impl std::fmt::Debug for CodeToTell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CodeToTell {{ {} for {} }}", self.purpose, self.user_id)
    }
}

/// A verification in the interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct VerificationView {
    /// Of what: `email`, `phone`, `identity`, `payout_account`, `domain`.
    pub kind: String,
    /// Which of several: a currency, a name. Empty where there is one.
    pub slot: String,
    /// What is verified, or is to be: an address, a number.
    pub value: Option<String>,
    /// `none`, `pending`, `verified`, `rejected`, `expired` or `revoked`; others from newer servers.
    pub state: String,
    /// Why, in words.
    pub reason: Option<String>,
    /// Since when it stands so, server time.
    pub since: Option<Timestamp>,
    /// Until when it can be finished, or from when on it may be used, server time.
    pub until: Option<Timestamp>,
}

impl From<Verification> for VerificationView {
    fn from(wire: Verification) -> Self {
        let Verification { kind, slot, value, state, reason, since, until } = wire;
        let value = if kind == Kind::Phone.code() { value.map(|number| phones::shown(&number)) } else { value };
        Self { kind, slot, value, state, reason, since: since.map(|at| at.0), until: until.map(|at| at.0) }
    }
}

/// What became of asking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct VerificationAskedView {
    /// How it stands now.
    pub verification: VerificationView,
    /// How its code travels: `mail`, `sms`, `administrator` or `app`.
    pub by: String,
    /// Until when the code works, server time.
    pub expires_at: Timestamp,
    /// From when on it may be asked for once more, server time.
    pub again_at: Timestamp,
    /// The code itself, on a server of one's own that can send none.
    pub code: Option<String>,
}

impl Mend for VerificationAsked {
    fn mend(row: &Value) -> Option<Self> {
        let verification = serde_json::to_value(Verification::mend(&row["verification"])?).ok()?;
        let base = json!({
            "verification": verification, "by": "mail", "expires_at": NO_TIME, "again_at": NO_TIME, "code": null,
        });
        fit::<Self>(base, row).map(|(asked, _)| asked)
    }
}

/// `verification_ask`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct VerificationAsking {
    /// Of what.
    pub kind: String,
    /// What is to be verified: a phone number. Absent for the mail address.
    pub value: Option<String>,
}

/// `verification_confirm`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct VerificationConfirming {
    /// Of what.
    pub kind: String,
    /// The code as it was typed.
    pub code: String,
}

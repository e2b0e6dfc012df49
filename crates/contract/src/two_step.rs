//! Two-step sign-in.

use crate::mend::{Mend, NO_TIME, fit};
use crate::unprinted::without_secrets;
use crate::wire_time::WireTime;
use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! two_step_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// How two-step sign-in stands for oneself. `null` where the server has none.
            two_step_get($crate::commands::Nothing) -> Option<$crate::two_step::TwoStepView> as person;
            /// Begins to set it up: a secret for an app, and recovery codes that count once it is on.
            two_step_begin($crate::two_step::TwoStepAgain) -> $crate::two_step::TwoStepSecretView as person;
            /// Turns it on with the first code of the app.
            two_step_confirm($crate::two_step::TwoStepConfirming) -> $crate::two_step::TwoStepView as person;
            /// Turns it off, or gives up setting it up.
            two_step_off($crate::two_step::TwoStepAgain) -> $crate::two_step::TwoStepView as person;
            /// Other recovery codes in the place of those that are there.
            two_step_renew($crate::two_step::TwoStepAgain) -> $crate::two_step::TwoStepCodes as person;
            /// Saves recovery codes as a text in the downloads folder, and answers with its path.
            two_step_save($crate::two_step::TwoStepCodes) -> String as person;
            /// Turns it off for somebody who lost everything, or asks another administrator to. For administrators.
            desk_two_step_off($crate::desk::DeskLook) -> $crate::desk::DeskPerson as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// Two-step sign-in stands differently.
            TWO_STEP_CHANGED = "two_step.changed": $crate::two_step::TwoStepChanged, on user, in the feed;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

without_secrets!(TwoStepAgain TwoStepCode TwoStepConfirming TwoStepSecret TwoStepSecretView TwoStepCodes);

/// `GET /api/user/two-step`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TwoStep {
    /// `none`, `setting_up` or `on`.
    pub state: String,
    /// Since when it stands so.
    pub since: Option<WireTime>,
    /// Until when setting it up can be finished.
    pub until: Option<WireTime>,
    /// Recovery codes that were not used.
    pub codes_left: i64,
}

impl Mend for TwoStep {
    fn mend(row: &Value) -> Option<Self> {
        let base = json!({ "state": row["state"].as_str()?, "since": null, "until": null, "codes_left": 0 });
        fit::<Self>(base, row).map(|(two_step, _)| two_step)
    }
}

/// `POST /api/user/two-step`, `DELETE` of it and `POST /api/user/two-step/codes`, and the commands for them
#[derive(Clone, Serialize, Deserialize, ToSchema, TS)]
pub struct TwoStepAgain {
    /// The account's password.
    pub password: String,
    /// A code of the app, or a recovery code. Absent: where it is not on none is needed.
    #[serde(default)]
    pub code: Option<String>,
}

/// `POST /api/user/two-step/confirm`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TwoStepCode {
    /// Six digits of any script; spaces and hyphens fall away.
    pub code: String,
}

/// `two_step_confirm`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct TwoStepConfirming {
    /// Said again after an answer that was lost, it is the same command. 1 to 255 visible ASCII characters.
    pub key: String,
    /// The code as it was typed.
    pub code: String,
}

/// The answer to `POST /api/user/two-step`, which is told once.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct TwoStepSecret {
    /// The secret in letters and digits, in fours, for whoever types it.
    pub secret: String,
    /// The same as an address, `otpauth://totp/…`, for an app.
    pub uri: String,
    /// Recovery codes, each of use once, from the moment at which it is on.
    pub codes: Vec<String>,
    /// Until when setting it up can be finished.
    pub until: WireTime,
}

impl Mend for TwoStepSecret {
    fn mend(row: &Value) -> Option<Self> {
        let base =
            json!({ "secret": row["secret"].as_str()?, "uri": row["uri"].as_str()?, "codes": [], "until": NO_TIME });
        fit::<Self>(base, row).map(|(secret, _)| secret)
    }
}

/// The answer to `POST /api/user/two-step/codes`, which is told once; and `two_step_save`
#[derive(Clone, Serialize, Deserialize, ToSchema, TS)]
pub struct TwoStepCodes {
    /// Recovery codes, each of use once.
    pub codes: Vec<String>,
}

/// `two_step.changed`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TwoStepChanged {
    /// How it stands now.
    pub state: String,
    /// Since when.
    pub since: WireTime,
}

/// How it stands, in the interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TwoStepView {
    /// `none`, `setting_up` or `on`; others from newer servers.
    pub state: String,
    /// Since when it stands so, server time.
    pub since: Option<Timestamp>,
    /// Recovery codes that were not used.
    pub codes_left: i64,
}

impl From<TwoStep> for TwoStepView {
    fn from(wire: TwoStep) -> Self {
        Self { state: wire.state, since: wire.since.map(|at| at.0), codes_left: wire.codes_left }
    }
}

/// A secret that is shown once.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct TwoStepSecretView {
    /// In letters and digits, in fours.
    pub secret: String,
    /// The same as a drawing for a camera. Absent where it cannot be drawn.
    pub drawing: Option<SquareCode>,
    /// Recovery codes, each of use once, from the moment at which it is on.
    pub codes: Vec<String>,
}

/// A QR code as a path: one unit for each of its squares, the dark ones drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SquareCode {
    /// Squares from side to side, with four light ones at each edge (ISO/IEC 18004, 6.3.8).
    pub size: u32,
    /// What is drawn, as the `d` of an SVG path.
    pub path: String,
}

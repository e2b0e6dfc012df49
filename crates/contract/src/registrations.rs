//! An account is made: its address is proved first, where letters can be sent.

use crate::mend::{Mend, NO_TIME, fit};
use crate::passwords::CodeUnderWay;
use crate::unprinted::without_secrets;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! registrations_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Gives the code of the account that is being made here: it is there from then on, and one is signed in.
            registration_confirm($crate::registrations::RegistrationCode) -> $crate::sessions::SessionView as person;
            /// Has that code sent once more.
            registration_again($crate::commands::Nothing) -> $crate::sessions::SessionView as person;
            /// Goes on with no account that is being made here.
            registration_drop($crate::commands::Nothing) -> $crate::sessions::SessionView as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

without_secrets!(RegistrationUnderWay RegistrationConfirmBody RegistrationAgainBody RegistrationCode);

/// The answer to `POST /api/register` where letters can be sent, the same whether there is an account with the address.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RegistrationUnderWay {
    /// What only whoever began it knows: the code opens nothing without it.
    pub registration: String,
    /// The code.
    #[serde(flatten)]
    pub code: CodeUnderWay,
}

impl Mend for RegistrationUnderWay {
    fn mend(row: &Value) -> Option<Self> {
        let base = json!({ "registration": "", "expires_at": NO_TIME, "again_at": NO_TIME, "by": "mail" });
        fit::<Self>(base, row).map(|(begun, _)| begun).filter(|begun| !begun.registration.is_empty())
    }
}

/// `POST /api/register/confirm`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RegistrationConfirmBody {
    /// What the answer to `POST /api/register` gave.
    pub registration: String,
    /// The code of the letter.
    pub code: String,
}

/// `POST /api/register/again`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RegistrationAgainBody {
    /// What the answer to `POST /api/register` gave.
    pub registration: String,
}

/// `registration_confirm`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct RegistrationCode {
    /// The code as it was typed.
    pub code: String,
}

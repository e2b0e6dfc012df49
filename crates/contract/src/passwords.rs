//! One's password: changing it, and choosing a new one when it is forgotten.

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
macro_rules! passwords_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Changes one's password. All other devices are signed out.
            password_change($crate::passwords::PasswordChange) -> $crate::commands::Nothing as person;
            /// Asks a server for a code with which a new password can be chosen. Says the same whether the address is known there.
            password_forgot($crate::passwords::PasswordForgotten) -> $crate::passwords::CodeUnderWayView as person;
            /// Chooses a new password with the code. All devices are signed out.
            password_reset($crate::passwords::PasswordReset) -> $crate::commands::Nothing as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

without_secrets!(PasswordPut ResetBody PasswordChange PasswordReset);

/// `PUT /api/user/password`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct PasswordPut {
    /// The password as it is.
    pub old: String,
    /// The new one: at least 10 characters, and none that is tried first.
    pub new: String,
    /// The second step, where it is on: a code of the app, or a recovery code.
    #[serde(default)]
    pub code: Option<String>,
}

/// `POST /api/password/forgot`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ForgotBody {
    /// The address of the account.
    pub email: String,
}

/// The answer to it, the same whether there is such an account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CodeUnderWay {
    /// Until when the code works, if one was sent.
    pub expires_at: WireTime,
    /// From when on one may be asked for again.
    pub again_at: WireTime,
    /// `mail`, or `administrator` where this server sends no letters: then one has to be asked for the code.
    pub by: String,
}

impl Mend for CodeUnderWay {
    fn mend(row: &Value) -> Option<Self> {
        let base = json!({ "expires_at": NO_TIME, "again_at": NO_TIME, "by": "mail" });
        fit::<Self>(base, row).map(|(sent, _)| sent)
    }
}

/// `POST /api/password/reset`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ResetBody {
    /// The address of the account.
    pub email: String,
    /// The code that was sent to it.
    pub code: String,
    /// The new password.
    pub password: String,
}

/// `password_change`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct PasswordChange {
    /// The password as it is.
    pub old: String,
    /// The new one.
    pub new: String,
    /// The second step, where it is on.
    #[serde(default)]
    pub code: Option<String>,
}

/// `password_forgot`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PasswordForgotten {
    /// The server's address as it was typed.
    pub server_url: String,
    /// The address of the account.
    pub email: String,
}

/// A code may be under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CodeUnderWayView {
    /// From when on one may be asked for again, the server's time.
    pub again_at: Timestamp,
    /// `mail` or `administrator`.
    pub by: String,
}

impl From<CodeUnderWay> for CodeUnderWayView {
    fn from(wire: CodeUnderWay) -> Self {
        Self { again_at: wire.again_at.0, by: wire.by }
    }
}

/// `password_reset`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct PasswordReset {
    /// The server's address as it was typed.
    pub server_url: String,
    /// The address of the account.
    pub email: String,
    /// The code as it was typed.
    pub code: String,
    /// The new password.
    pub password: String,
}

//! The mail address of one's account changes.

use crate::unprinted::without_secrets;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! email_changes_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Asks for a code to the address that is to become the account's.
            email_change($crate::email_changes::EmailChange) -> $crate::passwords::CodeUnderWayView as person;
            /// Gives that code: from then on the account has the address.
            email_change_confirm($crate::email_changes::EmailChangeConfirming) -> $crate::sessions::SessionView as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

without_secrets!(EmailBody EmailConfirmBody EmailChange EmailChangeConfirming);

/// `POST /api/user/email`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct EmailBody {
    /// The address that is to become the account's.
    pub email: String,
    /// The account's password.
    pub password: String,
    /// The second step, where it is on: a code of the app, or a recovery code.
    #[serde(default)]
    pub code: Option<String>,
}

/// `POST /api/user/email/confirm`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct EmailConfirmBody {
    /// The address that is to become the account's.
    pub email: String,
    /// The code that was sent to it.
    pub code: String,
}

/// `email_change`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct EmailChange {
    /// The address that is to become the account's.
    pub email: String,
    /// The account's password.
    pub password: String,
    /// The second step, where it is on: a code of the app, or a recovery code.
    #[serde(default)]
    pub code: Option<String>,
}

/// `email_change_confirm`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct EmailChangeConfirming {
    /// The address that is to become the account's.
    pub email: String,
    /// The code as it was typed.
    pub code: String,
}

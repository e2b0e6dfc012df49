//! Keeping somebody out, and what they may say to it.

use crate::wire_time::WireTime;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! suspensions_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// What somebody who is kept out may read of it, with their own password.
            suspension_get($crate::suspensions::SuspendedRequest) -> $crate::suspensions::Suspended as person;
            /// Answers to it, once.
            suspension_answer($crate::suspensions::SuspendedAnswerRequest) -> $crate::suspensions::Suspended as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `POST /api/admin/users/{id}/suspend` and `…/reinstate`: words that the person can read.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReasonBody {
    /// Why, at most 1,000 characters.
    pub reason: String,
}

/// `POST /api/suspended`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SuspendedBody {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// A code of the app, or a recovery code, where two-step sign-in is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// `POST /api/suspended/answer`
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SuspendedAnswerBody {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// A code of the app, or a recovery code, where two-step sign-in is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What they say, at most 1,000 characters.
    pub words: String,
}

/// What somebody who is kept out may read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Suspended {
    /// Why, in an administrator's words.
    pub reason: String,
    /// Since when.
    #[ts(type = "string")]
    pub since: WireTime,
    /// What they said to it. Absent: nothing yet, and they may once.
    pub answer: Option<String>,
}

/// `suspension_get`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct SuspendedRequest {
    /// The server's address, as typed.
    pub server_url: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// A code of the app, or a recovery code, where two-step sign-in is on.
    pub code: Option<String>,
}

/// `suspension_answer`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct SuspendedAnswerRequest {
    /// The server's address, as typed.
    pub server_url: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// A code of the app, or a recovery code, where two-step sign-in is on.
    pub code: Option<String>,
    /// What they say, at most 1,000 characters.
    pub words: String,
}

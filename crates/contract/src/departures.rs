//! What belongs to one as a file, and the end of an account.

use guildhall_market::ids::UserId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! departures_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Saves everything of one's own as a zip in the downloads folder, and answers with its path.
            account_export($crate::commands::Nothing) -> String as person;
            /// Deletes one's account and what of it is on this device, or says what must end first.
            account_delete($crate::departures::AccountDelete) -> $crate::departures::Departure as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// Somebody one has a conversation with deleted their account.
            PERSON_DELETED = "person.deleted": $crate::departures::PersonDeleted, on user, in the feed;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `DELETE /api/user`, and `account_delete`
#[derive(Clone, Serialize, Deserialize, ToSchema, TS)]
pub struct AccountDelete {
    /// The password, once more.
    pub password: String,
    /// The second step, where it is on: a code of the app, or a recovery code.
    #[serde(default)]
    pub code: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Departure {
    /// What must end first, in words; empty: the account is deleted.
    pub first: Vec<String>,
}

/// `person.deleted`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonDeleted {
    /// Who.
    #[schema(value_type = i64)]
    pub user_id: UserId,
}

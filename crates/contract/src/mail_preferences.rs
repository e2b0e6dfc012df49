//! Which letters one wants that are about neither safety nor money.

use crate::mend::{Mend, fit};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! mail_preferences_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Which letters one wants. `null` where the server asks nobody.
            mail_preferences_get($crate::commands::Nothing) -> Option<$crate::mail_preferences::MailPreferences> as person;
            /// Says whether one wants letters of a kind.
            mail_preference_set($crate::mail_preferences::MailPreference) -> $crate::mail_preferences::MailPreferences as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// One said otherwise whether one wants letters of a kind.
            MAIL_PREFERENCE_CHANGED = "mail_preference.changed": $crate::mail_preferences::MailPreference, on user, in the feed;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// Whether somebody wants letters of a kind. `PATCH /api/user/mail-preferences`, and `mail_preference.changed`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct MailPreference {
    /// `unread_messages`.
    pub kind: String,
    /// Whether they are wanted.
    pub wanted: bool,
}

/// `GET /api/user/mail-preferences`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, TS)]
pub struct MailPreferences {
    /// Whether this server writes such letters at all: it has a mail server, and knows the address under which it is reached.
    pub sends: bool,
    /// Every kind.
    pub kinds: Vec<MailPreference>,
}

impl Mend for MailPreferences {
    fn mend(row: &Value) -> Option<Self> {
        fit::<Self>(json!({ "sends": false, "kinds": [] }), row).map(|(preferences, _)| preferences)
    }
}

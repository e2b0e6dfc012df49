//! People: who they are, and whether they are online.

use crate::mend::{Mend, fit, id};
use crate::wire_time::WireTime;
use guildhall_market::ids::{AttachmentId, UserId};
use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! people_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Finds people by name. At most 20. Only people one has written with while there is no connection.
            person_search($crate::people::PersonQuery) -> Vec<$crate::people::PersonView> as person;
            /// One person.
            person_get($crate::people::PersonRef) -> $crate::people::PersonView as person;
            /// Blocks or unblocks somebody.
            person_block($crate::people::PersonBlock) -> $crate::people::PersonView as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// Somebody one has a conversation with came online or went.
            PRESENCE_UPDATED = "presence.updated": $crate::people::PresenceUpdated, on user, for the moment;
        ] $($rest)* }
    };
    (rows $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { rows $with [$($rows)*
            /// Facts about people changed: online, name, block.
            People people ($crate::people::PersonView);
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// A person, as everybody may see them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Who.
    #[schema(value_type = i64)]
    pub id: UserId,
    /// The name, or "Deleted user".
    pub name: String,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// `member` or `admin`.
    #[serde(default)]
    pub role: String,
    /// The trade of an artisan.
    #[serde(default)]
    pub craft: Option<String>,
    /// Where they work. Said on their page and in lists of people who were found.
    #[serde(default)]
    pub place: Option<String>,
    /// Whether their identity was verified.
    #[serde(default)]
    pub verified: bool,
    /// When the account was made.
    #[serde(default)]
    pub joined_at: Option<WireTime>,
    /// Whether they are connected now; only for people one has a conversation with.
    #[serde(default)]
    pub online: Option<bool>,
    /// When they were last connected; only for people one has a conversation with.
    #[serde(default)]
    pub last_seen_at: Option<WireTime>,
    /// Whether the asking person blocked them.
    #[serde(default)]
    pub blocked: bool,
}

/// A person in a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct Party {
    /// Who.
    #[schema(value_type = i64)]
    pub id: UserId,
    /// The name, or "Deleted user".
    pub name: String,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// The trade of an artisan.
    #[serde(default)]
    pub craft: Option<String>,
}

/// `presence.updated`: somebody one has a conversation with came or went.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PresenceUpdated {
    /// Who.
    #[schema(value_type = i64)]
    pub user_id: UserId,
    /// Whether they are online now.
    pub online: bool,
    /// When they were last online.
    pub last_seen_at: Option<WireTime>,
}

/// A person as shown in lists and heads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PersonView {
    /// Who.
    pub id: UserId,
    /// The name, or "Deleted user".
    pub name: String,
    /// The trade, such as `Joiner`. People with a trade wear the arch. Absent for clients and bidders.
    pub craft: Option<String>,
    /// Where they work, as far as is known.
    pub place: Option<String>,
    /// Their picture, if they have one.
    pub picture: Option<AttachmentId>,
    /// Whether the server vouches for them.
    pub verified: bool,
    /// Whether they are an administrator of the server.
    pub admin: bool,
    /// Online now, as far as is known. Unknown while we are offline ourselves.
    pub online: Option<bool>,
    /// When they were last online, server time.
    pub last_seen_at: Option<Timestamp>,
    /// Whether I blocked them.
    pub blocked: bool,
}

/// `person_search`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PersonQuery {
    /// Part of a name.
    pub q: String,
}

/// `person_get`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PersonRef {
    /// Who.
    pub id: UserId,
}

/// `person_block`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PersonBlock {
    /// Who.
    pub id: UserId,
    /// Block, or unblock.
    pub blocked: bool,
}

impl Mend for User {
    fn mend(row: &Value) -> Option<Self> {
        let base = json!({"id": id(row, ["id", "user_id"])?, "name": "?", "avatar": null});
        fit(base, row).map(|(user, _)| user)
    }
}

impl crate::rows::Row for PersonView {
    type Key = UserId;

    fn key(&self) -> UserId {
        self.id
    }
}

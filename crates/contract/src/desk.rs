//! The administrator's desk: people, connections, tasks that failed, how the server is.

use crate::wire_time::WireTime;
use guildhall_market::ids::UserId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! desk_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Finds people by a part of their name or by their whole e-mail address. It is written down. For administrators.
            desk_people($crate::desk::DeskQuery) -> Vec<$crate::desk::DeskRow> as person;
            /// One person with what is private, for a reason that they can read. For administrators.
            desk_person($crate::desk::DeskLook) -> $crate::desk::DeskPerson as person;
            /// Suspends somebody, or lets them in again, for a reason that they can read. For administrators.
            desk_suspend($crate::desk::DeskSuspend) -> $crate::desk::DeskPerson as person;
            /// Every realtime connection of the server. For administrators.
            desk_connections($crate::commands::Nothing) -> Vec<$crate::rest::ConnectionRow> as person;
            /// Letters that wait and those that were given up. For administrators.
            desk_letters($crate::commands::Nothing) -> $crate::desk::DeskLetters as person;
            /// Has a letter that was given up tried again. For administrators.
            desk_letter_retry($crate::desk::DeskLetterRef) -> $crate::desk::DeskLetters as person;
            /// Codes that the server cannot send, to be passed on, for a reason that those whose they are can read. For administrators.
            desk_codes($crate::desk::DeskReason) -> Vec<$crate::verifications::CodeToTell> as person;
            /// How the server is. For administrators.
            desk_health($crate::commands::Nothing) -> $crate::desk::DeskHealth as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `desk_people`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeskQuery {
    /// Part of a name, or a whole e-mail address.
    pub q: String,
}

/// Somebody in the list. `GET /api/admin/users?q=`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DeskRow {
    /// Who.
    #[schema(value_type = i64)]
    pub id: UserId,
    /// The name.
    pub name: String,
    /// The trade of an artisan.
    pub craft: Option<String>,
    /// Whether they are an administrator.
    pub admin: bool,
    /// Whether they are verified.
    pub verified: bool,
    /// Whether they are suspended.
    pub suspended: bool,
    /// When the account was made.
    #[ts(type = "string")]
    pub joined_at: WireTime,
}

/// `desk_person`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeskLook {
    /// Who.
    pub id: UserId,
    /// Why, for the person to read, at most 1,000 characters.
    pub reason: String,
}

/// `desk_suspend`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeskSuspend {
    /// Who.
    pub id: UserId,
    /// Suspend, or let in again.
    pub suspend: bool,
    /// Why, for the person to read, at most 1,000 characters.
    pub reason: String,
}

/// A device of somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DeskDevice {
    /// Its name.
    pub name: String,
    /// When it signed in.
    #[ts(type = "string")]
    pub created_at: WireTime,
    /// When it was last used, to the minute.
    #[ts(type = "string | null")]
    pub last_used_at: Option<WireTime>,
}

/// A suspension, past or present.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DeskSuspension {
    /// Why.
    pub reason: String,
    /// Since when.
    #[ts(type = "string")]
    pub at: WireTime,
    /// What they said to it.
    pub answer: Option<String>,
    /// When it was lifted.
    #[ts(type = "string | null")]
    pub lifted_at: Option<WireTime>,
    /// Why.
    pub lift_reason: Option<String>,
}

/// That an administrator asked for somebody's to be turned off, and another has to confirm it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DeskTwoStepAsked {
    /// Who asked.
    #[schema(value_type = i64)]
    pub by_id: UserId,
    /// Their name.
    pub by: String,
    /// Until when it can be confirmed.
    #[ts(type = "string")]
    pub until: WireTime,
}

/// Somebody with what is private. `GET /api/admin/users/{id}?reason=`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DeskPerson {
    /// What the list shows.
    pub person: DeskRow,
    /// The e-mail address.
    pub email: String,
    /// When they were last connected.
    #[ts(type = "string | null")]
    pub last_seen_at: Option<WireTime>,
    /// The devices that are signed in.
    pub devices: Vec<DeskDevice>,
    /// Whether signing in asks for a code beside the password.
    pub two_step: bool,
    /// That an administrator asked for that to be turned off.
    pub two_step_asked: Option<DeskTwoStepAsked>,
    /// All suspensions, newest first.
    pub suspensions: Vec<DeskSuspension>,
    /// What was written down about them, newest first; at most 50.
    pub written: Vec<crate::audit::AuditRow>,
}

/// A letter that was given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DeskLetter {
    /// Its number.
    pub id: i64,
    /// For whom. Where it went is not said: that is private.
    pub name: String,
    /// What it says, one word, such as `code`.
    pub kind: String,
    /// When it was written.
    #[ts(type = "string")]
    pub at: WireTime,
    /// When it was given up.
    #[ts(type = "string")]
    pub failed_at: WireTime,
    /// How often it was tried.
    pub tries: i64,
    /// What the last try came to, in the mail server's words.
    pub error: String,
    /// Whether it may still be tried again: a code that has died is of no use.
    pub may_retry: bool,
}

/// Letters. `GET /api/admin/failed-jobs`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DeskLetters {
    /// Whether the server can send any: it has a mail server.
    pub sends: bool,
    /// Whether there may be codes that it cannot send, by mail or to phones: administrators pass those on.
    #[serde(default)]
    pub codes: bool,
    /// How many wait.
    pub waiting: i64,
    /// Those that were given up, newest first; at most 50.
    pub failed: Vec<DeskLetter>,
}

/// `desk_letter_retry`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeskLetterRef {
    /// Its number.
    pub id: i64,
}

/// `desk_codes`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct DeskReason {
    /// Why, for those to read whose codes are seen, at most 1,000 characters.
    pub reason: String,
}

/// A number that matters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DeskNumber {
    /// Such as `connections`.
    pub name: String,
    /// How much.
    pub value: i64,
    /// Whether it should be nothing, and is something.
    pub wrong: bool,
}

/// How the server is. `GET /api/admin/health`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct DeskHealth {
    /// What is not well, in words for whoever runs it. Empty: all is well.
    pub complaints: Vec<String>,
    /// The program's version.
    pub version: String,
    /// The numbers that matter.
    pub numbers: Vec<DeskNumber>,
}

//! What administrators did, and at whose private things they looked.

use crate::wire_time::WireTime;
use guildhall_market::ids::UserId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! audit_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// What was done on this server and looked at, newest first. For administrators.
            audit_list($crate::audit::AuditQuery) -> $crate::audit::AuditPage as person;
            /// Saves what was done as a file in the downloads folder, and answers with its path. For administrators.
            audit_save($crate::audit::AuditSave) -> String as person;
            /// Who looked at one's own things, and what was decided about them, newest first.
            look_list($crate::audit::LookQuery) -> $crate::audit::LookPage as person;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// Something that was done or looked at. `GET /api/admin/audit`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct AuditRow {
    /// Ascending.
    pub id: i64,
    /// When.
    #[ts(type = "string")]
    pub at: WireTime,
    /// Who. Absent: whoever runs the server, at its own machine.
    #[schema(value_type = Option<i64>)]
    pub actor_id: Option<UserId>,
    /// Their name.
    pub actor: Option<String>,
    /// From which device.
    pub device: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// What, such as `user.suspend`.
    pub action: String,
    /// What kind of thing it was done to.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: i64,
    /// Whose it is.
    #[schema(value_type = Option<i64>)]
    pub about_id: Option<UserId>,
    /// Their name.
    pub about: Option<String>,
    /// Nothing was changed: it was looked at.
    pub look: bool,
    /// Why, in words.
    pub reason: String,
    /// Before and after, or what else there is to say.
    #[schema(value_type = Object)]
    #[ts(type = "Record<string, unknown>")]
    pub detail: serde_json::Value,
}

/// `audit_list`
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct AuditQuery {
    /// Who did it.
    pub actor: Option<UserId>,
    /// Whose it is.
    pub about: Option<UserId>,
    /// What the action begins with, such as `user.`.
    pub action: Option<String>,
    /// From this day on, `2026-11-23`, in UTC.
    pub from: Option<String>,
    /// Until this day, that one too.
    pub to: Option<String>,
    /// Only rows with a smaller id. Absent: the newest.
    pub before: Option<i64>,
}

/// A page of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AuditPage {
    /// The rows.
    pub rows: Vec<AuditRow>,
    /// Go on with `before` set to this, while there are more.
    pub next: Option<i64>,
}

/// `audit_save`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct AuditSave {
    /// Which rows; `before` is not looked at.
    pub query: AuditQuery,
    /// `csv` or `jsonl`.
    pub format: String,
}

/// Something that was looked at or decided that is one's own. `GET /api/user/looks`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, TS)]
pub struct LookRow {
    /// Ascending.
    pub id: i64,
    /// When.
    #[ts(type = "string")]
    pub at: WireTime,
    /// Who. Absent: whoever runs the server.
    pub by: Option<String>,
    /// What, such as `user.look`.
    pub action: String,
    /// Nothing was changed: it was looked at.
    pub look: bool,
    /// Why, in words.
    pub reason: String,
}

/// `look_list`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LookQuery {
    /// Only rows with a smaller id. Absent: the newest.
    pub before: Option<i64>,
}

/// A page of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LookPage {
    /// The rows.
    pub rows: Vec<LookRow>,
    /// Go on with `before` set to this, while there are more.
    pub next: Option<i64>,
}

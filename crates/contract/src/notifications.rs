//! Notices.

use crate::conversation_key::ConversationKey;
use crate::mend::{Mend, NO_TIME, UNREADABLE, fit};
use crate::people::PersonView;
use crate::targets::Target;
use crate::wire_time::WireTime;
use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! notifications_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Notices, newest first. At most `limit`, 1 to 100.
            notification_list($crate::notifications::NotificationQuery) -> Vec<$crate::notifications::NotificationView> as person;
            /// Marks one notice as read.
            notification_read($crate::notifications::NotificationRef) -> $crate::commands::Nothing as person;
            /// Marks all notices as read.
            notification_read_all($crate::commands::Nothing) -> $crate::commands::Nothing as person;
            /// Deletes a notice.
            notification_delete($crate::notifications::NotificationRef) -> $crate::commands::Nothing as person;
            /// What one could have been told of through notices, whether one was, and why not. Newest first, at most `limit`, 1 to 200.
            notification_ledger($crate::notifications::LedgerQuery) -> Vec<$crate::notifications::LedgerRow> as person;
            /// Shows a notice through the system now, to try it.
            notification_test($crate::commands::Nothing) -> $crate::commands::Nothing as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// A notice was made, under the name that the domain system's listeners know.
            NOTIFICATION_CREATED = "notification.created": $crate::notifications::NotificationCreated, on user, in the feed;
            /// The same notice, under the name that the artisan system's listeners know. Not part of the feed: it would be a
            /// double.
            NOTIFICATION_SENT = "notification.sent": $crate::notifications::NotificationCreated, on user, for the moment;
            /// Notices were read. To the owner's other devices.
            NOTIFICATION_READ = "notification.read": $crate::notifications::NotificationRead, on user, in the feed;
            /// A notice was deleted. To the owner's other devices.
            NOTIFICATION_DELETED = "notification.deleted": $crate::notifications::NotificationDeleted, on user, in the feed;
        ] $($rest)* }
    };
    (rows $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { rows $with [$($rows)*
            /// Notices appeared, changed or went. Latest first.
            Notifications notifications ($crate::notifications::NotificationView);
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotificationBody {
    /// Stable, the same on every device. A decimal number as text.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub message: String,
    /// What it is about: `conversation_user_id`, `job_id`, … and title and message once more.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
    /// When it was made.
    pub created_at: WireTime,
    /// When it was read.
    pub read_at: Option<WireTime>,
}

/// `notification.created` and `notification.sent`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NotificationCreated {
    /// The whole notice.
    #[serde(flatten)]
    pub notification: NotificationBody,
}

/// `notification.read`: one notice, or all up to now.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NotificationRead {
    /// Which one; absent for all.
    pub id: Option<String>,
    /// Those with an id up to this one, when `id` is absent.
    pub up_to: Option<i64>,
    /// When.
    pub read_at: WireTime,
}

/// `notification.deleted`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NotificationDeleted {
    /// Which one.
    pub id: String,
}

/// A stored notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct NotificationView {
    /// The server's id.
    pub id: i64,
    /// Its type, such as `message.received`.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub message: String,
    /// The conversation that it leads to, if any.
    pub conversation: Option<ConversationKey>,
    /// What else it leads to, such as a job.
    pub target: Option<Target>,
    /// The person whom it is about, if any.
    pub person: Option<PersonView>,
    /// When it was made, server time.
    pub created_at: Timestamp,
    /// When it was read.
    pub read_at: Option<Timestamp>,
}

/// `notification_list`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NotificationQuery {
    /// Only those with a smaller id. Absent: the newest.
    pub before: Option<i64>,
    /// Only unread ones.
    pub unread_only: bool,
    /// At most so many.
    pub limit: u32,
}

/// Names a notice.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct NotificationRef {
    /// Its id.
    pub id: i64,
}

/// `notification_ledger`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LedgerQuery {
    /// Only rows with a smaller id. Absent: the newest.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Something that one could have been told of, and what became of it on this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LedgerRow {
    /// Ascending.
    pub id: i64,
    /// When it was decided, on this machine's clock.
    pub at: Timestamp,
    /// The event, such as `message.sent`.
    pub event: String,
    /// What it is about, such as `message 12`.
    pub subject: String,
    /// What a click on its notice opens, such as the key of a conversation.
    pub target: String,
    /// `system` and `app`: shown there. `no_service`: meant for the system, shown in the app. Or why not: `in_view`, `read`,
    /// `quiet`, `off`, `old`, `summed_up` (in one notice for all that is old), `folded` (a later one took its place).
    pub outcome: String,
    /// Why its notice was taken back, when it was: `read`, `deleted`, `signed_out`.
    pub taken_back: Option<String>,
    /// When.
    pub taken_back_at: Option<Timestamp>,
}

impl Mend for NotificationBody {
    fn mend(row: &Value) -> Option<Self> {
        let base = json!({
            "id": row["id"].as_str().map(str::to_owned).or_else(|| row["id"].as_i64().map(|id| id.to_string()))?,
            "type": UNREADABLE, "title": "", "message": "", "data": {}, "created_at": NO_TIME, "read_at": null,
        });
        let (mut notice, lost) = fit::<Self>(base, row)?;
        if lost.iter().any(|name| ["type", "title", "message"].contains(&name.as_str())) {
            notice.kind = UNREADABLE.into();
        }
        // That it was read is known.
        if lost.iter().any(|name| name == "read_at") {
            notice.read_at = Some(notice.created_at);
        }
        Some(notice)
    }
}

impl crate::rows::Row for NotificationView {
    type Key = i64;

    fn key(&self) -> i64 {
        self.id
    }

    fn in_order(rows: &mut [Self]) {
        rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    }
}

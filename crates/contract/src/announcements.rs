//! What an administrator says to everybody who is signed in.

use crate::mend::{Mend, NO_TIME, fit};
use crate::wire_time::WireTime;
use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! announcements_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// What an administrator says to everybody, if anything.
            announcement_get($crate::commands::Nothing) -> Option<$crate::announcements::AnnouncementView> as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// An administrator says something to everybody who is signed in, or takes it back. Numbered by `number`.
            SYSTEM_ANNOUNCED = "system.announced": $crate::announcements::Announcement, on system, in the channel;
        ] $($rest)* }
    };
    (states $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { states $with [$($rows)*
            /// What an administrator says to everybody.
            Announced announced last {
                /// It. Absent: nothing.
                announcement: Option<$crate::announcements::AnnouncementView>,
            };
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// `system.announced`, and `GET /api/announcement`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Announcement {
    /// Counts announcements, and what was taken back, on this server: 1, 2, 3.
    pub number: i64,
    /// The words. Absent: the one before was taken back.
    pub text: Option<String>,
    /// When it was said.
    pub at: WireTime,
    /// Until when it stands. Absent: until it is taken back.
    pub until: Option<WireTime>,
}

impl Mend for Announcement {
    fn mend(row: &Value) -> Option<Self> {
        let base = json!({ "number": row["number"].as_i64()?, "text": null, "at": NO_TIME, "until": null });
        fit::<Self>(base, row).map(|(announcement, _)| announcement)
    }
}

/// `PUT /api/admin/announcement`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AnnouncementPut {
    /// The words, at most 1,000 characters.
    pub text: String,
    /// Until when it stands: at most 30 days. Absent: until it is taken back.
    pub until: Option<WireTime>,
}

/// What an administrator says, in the interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AnnouncementView {
    /// Names it: another one has another number.
    pub number: i64,
    /// The words.
    pub text: String,
    /// When it was said, server time.
    pub at: Timestamp,
    /// Until when it stands, server time. Absent: until it is taken back.
    pub until: Option<Timestamp>,
}

//! Saved replies: a person's own short texts.

use crate::mend::{Mend, NO_TIME, fit};
use crate::ui_events::Row;
use crate::wire_time::WireTime;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! saved_replies_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// The saved replies, by name.
            saved_reply_list($crate::commands::Nothing) -> Vec<$crate::saved_replies::SavedReplyView> as person;
            /// Keeps a text under a name, in the place of what had it. Works without a link, too.
            saved_reply_set($crate::saved_replies::SavedReplySet) -> $crate::saved_replies::SavedReplyView as person;
            /// Deletes a saved reply. Works without a link, too.
            saved_reply_delete($crate::saved_replies::SavedReplyRef) -> $crate::commands::Nothing as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// A saved reply was made, changed or deleted. To the owner's other devices.
            SAVED_UPDATED = "saved.updated": $crate::saved_replies::SavedUpdated, on user, in the feed;
        ] $($rest)* }
    };
    (rows $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { rows $with [$($rows)*
            /// Saved replies appeared, changed or went. By name.
            SavedReplies saved_replies ($crate::saved_replies::SavedReplyView);
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// A saved reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SavedReply {
    /// Its name, as it is typed behind a slash.
    pub key: String,
    /// Its text.
    pub text: String,
    /// When it was changed last.
    pub updated_at: WireTime,
}

impl Mend for SavedReply {
    fn mend(row: &Value) -> Option<Self> {
        // Without its text it would be typed as another one.
        let base = json!({ "key": row["key"].as_str()?, "text": row["text"].as_str()?, "updated_at": NO_TIME });
        fit::<Self>(base, row).map(|(reply, _)| reply)
    }
}

/// `PUT /api/saved-replies/{key}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SavedReplyPut {
    /// The text, at most 1,000 characters.
    pub text: String,
}

/// `saved.updated`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SavedUpdated {
    /// What was changed: `reply`.
    pub kind: String,
    /// Its name.
    pub key: String,
    /// Its text. Absent: it was deleted.
    pub text: Option<String>,
    /// When.
    pub updated_at: WireTime,
}

/// A saved reply in the interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct SavedReplyView {
    /// Its name, as it is typed behind a slash.
    pub key: String,
    /// Its text.
    pub text: String,
    /// It was changed here, and the server does not know yet.
    pub waiting: bool,
}

impl Row for SavedReplyView {
    type Key = String;

    fn key(&self) -> String {
        self.key.clone()
    }
}

/// `saved_reply_set`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SavedReplySet {
    /// Its name: 1 to 32 letters, digits, `-` or `_`.
    pub key: String,
    /// Its text, at most 1,000 characters.
    pub text: String,
    /// The name of the one whose place it takes, where that is another.
    pub instead_of: Option<String>,
}

/// `saved_reply_delete`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct SavedReplyRef {
    /// Its name.
    pub key: String,
}

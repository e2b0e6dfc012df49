//! What the core tells the interface without being asked, in order, over one long-lived stream.
//!
//! Rows and states of a feature stand in its own file: `Variant name (Row);`, with `of scope: Scope` where each scope has a
//! list of its own, and `Variant name first { fields };`, with `of { scope: Scope }` where each scope has a state of its own. Of
//! a row and of a state only the latest is told; states that are `first` go before the rows, the others after them.

use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use crate::rows::Row;
use crate::targets::Target;

/// Calls the macro `$with` with the rows of the stream in braces, and after them its states.
#[macro_export]
macro_rules! for_each_told {
    ($with:ident) => {
        $crate::for_each_row! { rows, $with }
    };
}

macro_rules! declare {
    (
        { $($(#[$doc:meta])* $Kind:ident $kind:ident ($row:ty) $(of $scope:ident: $scope_type:ty)?;)* }
        $(
            $(#[$state_doc:meta])*
            $State:ident $state:ident $when:ident { $($(#[$field_doc:meta])* $field:ident: $field_type:ty,)* }
            $(of { $(#[$of_doc:meta])* $of:ident: $of_type:ty, })?;
        )*
    ) => {
        /// One change. Rows are whole and replace the row with the same key.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
        #[serde(tag = "type", rename_all = "snake_case")]
        #[allow(clippy::large_enum_variant)]
        pub enum UiEvent {
            /// The stream begins, or the receiver fell behind and events were left out: ask for everything again.
            Reset,
            $(
                $(#[$doc])*
                $Kind {
                    $(
                        /// Whose rows they are.
                        $scope: $scope_type,
                    )?
                    /// Whole rows.
                    rows: Vec<$row>,
                    /// Keys of rows that are gone.
                    removed: Vec<<$row as Row>::Key>,
                },
            )*
            $(
                $(#[$state_doc])*
                $State {
                    $($(#[$of_doc])* $of: $of_type,)?
                    $($(#[$field_doc])* $field: $field_type,)*
                },
            )*
            /// A list must be asked for again: a gap in it was filled, or it changed in a way that is not told row by row.
            Stale {
                /// Which list, such as `thread`.
                topic: String,
                /// Whose, where there are several: the conversation of a `thread`.
                of: Option<String>,
            },
            /// Show something briefly.
            Toast {
                /// What.
                toast: Toast,
            },
            /// Go there: a notice that leads there was clicked.
            Open {
                /// Where.
                target: Target,
            },
        }
    };
}
for_each_told!(declare);

/// Something worth saying in passing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Toast {
    /// Something happened that is not in view. A later one that leads there takes its place.
    News {
        /// Where it leads.
        target: Target,
        /// Whose doing, or what, such as who wrote. Never empty.
        title: String,
        /// What, cut to one line. Empty when contents are hidden.
        body: String,
        /// Whether a sound goes with it.
        sound: bool,
    },
    /// The link is back, and so many waiting messages were sent since.
    BackOnline {
        /// Messages sent on return.
        sent: u32,
    },
    /// The cache was damaged, set aside and is being rebuilt from the server. Nothing of the user's own was in it.
    CacheRebuilt,
    /// The file with the user's own unsent things was damaged and set aside, and a copy took its place.
    OwnRestored {
        /// When the copy was made, on this machine's clock; null when there was none and everything unsent is lost.
        copied_at: Option<Timestamp>,
        /// Where the damaged file lies now, as a path to show; empty when there was none any more.
        aside: String,
    },
    /// The disk is full: nothing new can be kept until there is room.
    DiskFull,
    /// The system's notification service does not answer; notices are shown in the app only.
    NoNotificationService,
    /// Something that was changed here, perhaps without a link, was refused by the server later. It is as it was before.
    ChangeRefused {
        /// What it is called.
        name: String,
        /// Why, in one word.
        reason: String,
        /// The server's words.
        message: String,
    },
    /// An attachment was saved.
    Saved {
        /// Where, as a path to show.
        path: String,
    },
}

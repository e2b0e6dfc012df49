//! The state of the connection, the counts, and what the user looks at.

use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! connection_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// The state of the connection.
            connection_get($crate::commands::Nothing) -> $crate::connection::ConnectionView as person;
            /// Tries to connect now instead of waiting for the next try.
            connection_retry($crate::commands::Nothing) -> $crate::connection::ConnectionView as person;
            /// Unread counts.
            unread_get($crate::commands::Nothing) -> $crate::connection::UnreadView as person;
            /// What the user looks at: whether the window has focus, and which conversation is open. Decides about
            /// notices and read marks.
            attention_set($crate::connection::Attention) -> $crate::commands::Nothing as person;
        ] $($rest)* }
    };
    (states $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { states $with [$($rows)*
            /// The state of the connection.
            Connection connection first {
                /// The new state.
                connection: $crate::connection::ConnectionView,
            };
            /// The counts for badge, rail and tray.
            Unread unread last {
                /// The counts.
                unread: $crate::connection::UnreadView,
            };
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// The state of the connection, always in sight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ConnectionView {
    /// The state.
    pub state: ConnectionState,
    /// When this state began, on this machine's clock.
    pub since: Timestamp,
    /// When the next try is made, on this machine's clock, while waiting for one.
    pub retry_at: Option<Timestamp>,
    /// Why the last connection ended or could not be made: `refused`, `timeout`, `silent`, `closed`, `dns`, `tls`,
    /// `server_restart`, `unfit`, `intercepted`, `garbled`, `keychain_locked`, `keychain_unavailable`, `local_server`, `other`.
    pub reason: Option<String>,
    /// Messages in the outbox that are waiting or being sent.
    pub queued: u32,
    /// Messages that failed and wait for the user.
    pub failed: u32,
    /// The last event number that is stored here.
    pub synced_to: i64,
    /// Round trip of the last ping, milliseconds.
    pub round_trip_ms: Option<u32>,
    /// Why what waits is not taken although there is a connection: `busy`, or a word of `reason`. None while it moves.
    pub held_up: Option<String>,
}

/// The states of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Nobody is signed in.
    Idle,
    /// The first connection is being made.
    Connecting,
    /// Connected, fetching what was missed.
    Syncing,
    /// Connected and nothing is missing.
    Online,
    /// No connection. The next try is at `retry_at`.
    Offline,
}

/// Counts for badge, rail and tray.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnreadView {
    /// Unread messages in all conversations.
    pub messages: u32,
    /// Conversations with unread messages.
    pub conversations: u32,
    /// Unread notices, those about messages not counted.
    pub notifications: u32,
}

/// A stretch of time without a connection, on this machine's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OfflineSpan {
    /// When the link was lost.
    pub from: Timestamp,
    /// When it was back. Absent while it is not.
    pub to: Option<Timestamp>,
}

/// `attention_set`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Attention {
    /// Whether the window has focus.
    pub focused: bool,
    /// What is in view, to its newest end: of it there is no need to tell.
    pub target: Option<crate::targets::Target>,
}

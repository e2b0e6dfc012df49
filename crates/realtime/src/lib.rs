//! Sockets of the Pusher protocol: event loops, channels, rosters, and the signed HTTP API.
//!
//! A socket belongs to one loop, a channel to the directory. Whoever publishes puts an event, serialised once, into the
//! inbox of each loop that has subscribers; a loop writes to each of its sockets once for whatever has gathered. Knows
//! neither the market nor a database: whoever embeds it watches through [`hub::Watcher`].

#![cfg_attr(
    test,
    allow(clippy::duplicate_mod, reason = "what threads share is compiled once more, over locks that are checked")
)]

pub mod api;
mod batch;
mod clock;
mod directory;
pub mod door;
mod event_loop;
pub mod hub;
mod inbox;
mod keeper;
pub mod metrics;
mod queue;
mod replays;
#[cfg(test)]
mod simulation;
mod socket;
pub mod stream;
mod timers;
pub mod websocket;

/// What [`queue`] takes its locks from.
mod sync {
    pub use std::sync::{Mutex, MutexGuard, atomic};
}

pub use directory::ChannelInfo;
pub use hub::{Hub, Nobody, Notice, Options, Published, Stray, Taken, Verdict, Watcher};
pub use inbox::{Binding, Bound, ConnectionInfo, NewSocket};
pub use keeper::LoopHealth;

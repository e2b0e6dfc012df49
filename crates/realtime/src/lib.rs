//! Sockets of the Pusher protocol: event loops, channels, rosters, and the signed HTTP API.
//!
//! A socket belongs to one loop, a channel to the directory. Whoever publishes puts an event, serialised once, into the
//! inbox of each loop that has subscribers; a loop writes to each of its sockets once for whatever has gathered. Knows
//! neither the market nor a database: whoever embeds it watches through [`hub::Watcher`].

pub mod api;
mod batch;
mod directory;
pub mod door;
mod event_loop;
pub mod hub;
mod inbox;
pub mod metrics;
mod replays;
mod socket;
pub mod stream;
mod timers;
pub mod websocket;

pub use directory::ChannelInfo;
pub use hub::{Hub, Nobody, Notice, Options, Published, Stray, Taken, Verdict, Watcher};
pub use inbox::{Bound, ConnectionInfo, NewSocket};

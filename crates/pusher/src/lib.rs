//! Pusher Channels protocol, version 7, as a state machine for both ends.
//!
//! Input is text and `now` in milliseconds, output is actions. Opens no socket, reads no clock, knows nothing about
//! jobs or auctions: a driver owns the socket, a hub owns who listens where.

pub mod auth;
pub mod channel;
pub mod client;
pub mod close;
pub mod connection;
pub mod frame;
pub mod limits;
pub mod presence;
pub mod settings;
pub mod socket_id;
pub mod subscriptions;

//! How long a server waits for those who are connected to it.

use std::time::Duration;

/// How long a connection may keep us waiting.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For its first byte.
    pub first_byte: Duration,
    /// For the rest of a request's head, from its first byte.
    pub head: Duration,
    /// For anything at all to be read or written while a request is answered; and between two requests for the next one, or
    /// for more of the last answer to be taken: what keeps a connection alive without asking anything does not count.
    pub idle: Duration,
    /// For the next bytes of a body: longer than a phone needs to change cells.
    pub body_pause: Duration,
    /// How long a body may be slower than [`Self::body_bytes_per_second`].
    pub body_grace: Duration,
    /// The least rate of a body. A bad mobile link brings ten times as much.
    pub body_bytes_per_second: u32,
}

/// What every connection gets.
pub const PATIENCE: Patience = Patience {
    first_byte: Duration::from_secs(15),
    head: Duration::from_secs(15),
    idle: Duration::from_secs(60),
    body_pause: Duration::from_secs(20),
    body_grace: Duration::from_secs(30),
    body_bytes_per_second: 256,
};

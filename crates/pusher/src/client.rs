//! The client's end of a connection: what frames mean, when to ping, when the link is dead.
//!
//! The driver owns the socket: it hands in text and the time, sends what [`Connection::poll`] asks for, and wakes up at
//! [`Connection::deadline`]. A link that is silent is pinged and then given up, long before TCP would notice.

use serde_json::Value;

use crate::frame::{self, Frame};

/// When to ask whether the other side is still there, and when to stop waiting.
#[derive(Clone, Copy, Debug)]
pub struct Liveness {
    /// Milliseconds without a frame until a ping is sent.
    pub ping_after_ms: i64,
    /// Milliseconds without an answer to it until the link counts as dead. Also the limit for the handshake.
    pub dead_after_ms: i64,
}

impl Default for Liveness {
    /// A silent link is noticed within 15 seconds: 10 of silence, 5 for the answer.
    fn default() -> Self {
        Self { ping_after_ms: 10_000, dead_after_ms: 5_000 }
    }
}

/// What a frame meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The server gave us a socket id: subscriptions can begin.
    Connected {
        /// Names this connection at the server.
        socket_id: String,
    },
    /// A subscription was accepted.
    Subscribed {
        /// Which.
        channel: String,
        /// What the server said with it: `{}`, or the roster of a presence channel.
        data: Value,
    },
    /// A subscription was refused.
    SubscriptionRefused {
        /// Which.
        channel: String,
        /// The HTTP status that says why.
        status: u16,
    },
    /// An event on a channel.
    Message {
        /// Its name.
        event: String,
        /// Its channel.
        channel: String,
        /// Its body.
        data: Value,
        /// Its number in the user's feed, where it has one.
        seq: Option<i64>,
    },
    /// The server reports an error; it may close the connection next.
    Error {
        /// The code, if it gave one.
        code: Option<u16>,
        /// Its words.
        message: String,
    },
    /// The answer to our ping.
    Pong {
        /// Milliseconds from ping to answer.
        round_trip_ms: i64,
    },
    /// The text was no frame. It is ignored, and counted by the driver.
    Garbage,
}

/// What the driver must do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send this text.
    Send(String),
    /// The link is dead: close it and connect again.
    Dead,
}

/// One connection, from the client's side.
#[derive(Debug)]
pub struct Connection {
    liveness: Liveness,
    socket_id: Option<String>,
    last_frame_at: i64,
    pinged_at: Option<i64>,
    pong_owed: bool,
    dead: bool,
}

impl Connection {
    /// A socket that was opened at `now`, milliseconds on any steady clock.
    pub fn new(liveness: Liveness, now: i64) -> Self {
        Self { liveness, socket_id: None, last_frame_at: now, pinged_at: None, pong_owed: false, dead: false }
    }

    /// The id that the server gave this connection, once it did.
    pub fn socket_id(&self) -> Option<&str> {
        self.socket_id.as_deref()
    }

    /// Takes a text frame that arrived at `now`.
    pub fn on_text(&mut self, text: &str, now: i64) -> Option<Event> {
        self.last_frame_at = now;
        let pinged_at = self.pinged_at.take();
        let Ok(frame) = Frame::parse(text) else { return Some(Event::Garbage) };
        let channel = || frame.channel.as_deref().unwrap_or_default().to_owned();
        match frame.event.as_ref() {
            // A connection has one name: one that got another would have to begin anew, as often as the server likes.
            "pusher:connection_established" if self.socket_id.is_some() => Some(Event::Garbage),
            "pusher:connection_established" => {
                let socket_id = frame.value()["socket_id"].as_str().unwrap_or_default().to_owned();
                self.socket_id = Some(socket_id.clone());
                Some(Event::Connected { socket_id })
            }
            "pusher:ping" => {
                self.pong_owed = true;
                None
            }
            "pusher:pong" => pinged_at.map(|at| Event::Pong { round_trip_ms: now - at }),
            "pusher:error" => {
                let value = frame.value();
                let code = value["code"].as_u64().and_then(|code| u16::try_from(code).ok());
                Some(Event::Error { code, message: value["message"].as_str().unwrap_or_default().to_owned() })
            }
            "pusher_internal:subscription_succeeded" => {
                Some(Event::Subscribed { channel: channel(), data: frame.value() })
            }
            "pusher:subscription_error" => {
                let status = frame.value()["status"].as_u64().and_then(|s| u16::try_from(s).ok()).unwrap_or(500);
                Some(Event::SubscriptionRefused { channel: channel(), status })
            }
            name => {
                Some(Event::Message { event: name.to_owned(), channel: channel(), data: frame.value(), seq: frame.seq })
            }
        }
    }

    /// Something other than text arrived at `now`, such as a WebSocket ping: the link lives.
    pub fn on_life(&mut self, now: i64) {
        self.last_frame_at = now;
    }

    /// What to do at `now`. Call after every frame and at every deadline, until it answers `None`.
    pub fn poll(&mut self, now: i64) -> Option<Action> {
        if std::mem::take(&mut self.pong_owed) {
            return Some(Action::Send(frame::pong()));
        }
        if self.dead || now < self.deadline() {
            return None;
        }
        if self.pinged_at.is_some() || self.socket_id.is_none() {
            self.dead = true;
            return Some(Action::Dead);
        }
        self.pinged_at = Some(now);
        Some(Action::Send(frame::ping()))
    }

    /// Sends a ping now, ahead of time, to learn the round trip or whether the link survived a sleep.
    pub fn ping(&mut self, now: i64) -> Action {
        self.pinged_at = Some(now);
        Action::Send(frame::ping())
    }

    /// When [`poll`](Self::poll) has something to do again, if nothing arrives before.
    pub fn deadline(&self) -> i64 {
        match (self.pinged_at, &self.socket_id) {
            (Some(at), _) => at + self.liveness.dead_after_ms,
            (None, None) => self.last_frame_at + self.liveness.dead_after_ms,
            (None, Some(_)) => self.last_frame_at + self.liveness.ping_after_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connected() -> Connection {
        let mut connection = Connection::new(Liveness::default(), 0);
        let event = connection
            .on_text(&frame::connection_established(crate::socket_id::SocketId { place: 1, nonce: 2 }, 30), 100);
        assert_eq!(event, Some(Event::Connected { socket_id: "1.2".into() }));
        connection
    }

    #[test]
    fn a_silent_link_is_dead_within_fifteen_seconds() {
        let mut connection = connected();
        assert_eq!(connection.poll(10_099), None);
        assert_eq!(connection.poll(10_100), Some(Action::Send(frame::ping())));
        assert_eq!(connection.poll(15_099), None);
        assert_eq!(connection.poll(15_100), Some(Action::Dead));
        assert_eq!(connection.poll(15_101), None);
    }

    #[test]
    fn any_frame_is_a_sign_of_life_and_a_pong_tells_the_round_trip() {
        let mut connection = connected();
        assert!(connection.poll(10_100).is_some());
        assert_eq!(connection.on_text(&frame::pong(), 10_180), Some(Event::Pong { round_trip_ms: 80 }));
        assert_eq!(connection.poll(20_179), None);
        assert_eq!(connection.poll(20_180), Some(Action::Send(frame::ping())));
    }

    #[test]
    fn a_handshake_that_never_comes_is_given_up() {
        let mut connection = Connection::new(Liveness::default(), 0);
        assert_eq!(connection.poll(4_999), None);
        assert_eq!(connection.poll(5_000), Some(Action::Dead));
    }

    #[test]
    fn the_servers_ping_is_answered() {
        let mut connection = connected();
        assert_eq!(connection.on_text(&frame::ping(), 200), None);
        assert_eq!(connection.poll(200), Some(Action::Send(frame::pong())));
        assert_eq!(connection.poll(200), None);
    }

    #[test]
    fn garbage_is_survived() {
        let mut connection = connected();
        for text in ["", "{", "[]", r#"{"event":5}"#] {
            assert_eq!(connection.on_text(text, 300), Some(Event::Garbage));
        }
    }

    #[test]
    fn a_second_greeting_changes_nothing() {
        let mut connection = connected();
        let greeting = frame::connection_established(crate::socket_id::SocketId { place: 3, nonce: 4 }, 30);
        assert_eq!(connection.on_text(&greeting, 300), Some(Event::Garbage));
        assert_eq!(connection.socket_id(), Some("1.2"));
    }

    #[test]
    fn a_connection_knows_its_name_once_it_has_one() {
        assert_eq!(Connection::new(Liveness::default(), 0).socket_id(), None);
        assert_eq!(connected().socket_id(), Some("1.2"));
    }

    #[test]
    fn a_ping_of_the_socket_is_a_sign_of_life_too() {
        let mut connection = connected();
        connection.on_life(9_000);
        assert_eq!(connection.poll(18_999), None);
        assert_eq!(connection.poll(19_000), Some(Action::Send(frame::ping())));
    }
}

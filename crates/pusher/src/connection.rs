//! The server's end of a connection: what one socket may do, and what it asks of the hub.
//!
//! **Invariant:** whatever text comes in, a connection holds at most [`SUBSCRIPTIONS_PER_SOCKET_MAX`] channel names and
//! never panics.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use crate::{
    auth::App,
    channel::{self, Kind},
    close::CloseCode,
    frame::{self, Frame},
    limits::{
        CLIENT_EVENTS_PER_SECOND_MAX, EVENT_DATA_BYTES_MAX, EVENT_NAME_CHARS_MAX, FRAME_BYTES_MAX, PONG_TIMEOUT_MS,
        SUBSCRIPTIONS_PER_SOCKET_MAX,
    },
    presence::Member,
};

/// What the driver and the hub must do, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this text to the socket.
    Send(String),
    /// Add the socket to the channel, then tell it so ([`frame::subscription_succeeded`]), then whatever else the
    /// channel's kind asks for.
    Subscribe {
        /// The channel.
        channel: String,
        /// Who this is, on a presence channel.
        member: Option<Member>,
    },
    /// Remove the socket from the channel.
    Unsubscribe {
        /// The channel.
        channel: String,
        /// Who this was, on a presence channel.
        member: Option<String>,
    },
    /// Pass a client event on to the others of the channel.
    ClientEvent {
        /// The channel.
        channel: String,
        /// The event's name, beginning with `client-`.
        event: String,
        /// Its data, as text.
        data: String,
        /// Who sent it, on a presence channel.
        user_id: Option<String>,
    },
    /// The user of this socket proved who they are.
    SignedIn {
        /// The user's id.
        user_id: String,
    },
    /// Close with this code; a `pusher:error` was put out before it.
    Close(CloseCode),
}

/// One socket's side of the protocol.
#[derive(Debug)]
pub struct Connection {
    app: Arc<App>,
    socket_id: String,
    subscriptions: HashMap<String, Option<String>>,
    user_id: Option<String>,
    activity_timeout_ms: i64,
    last_frame_at: i64,
    pinged_at: Option<i64>,
    events_window_from: i64,
    events_in_window: u32,
    closed: bool,
}

impl Connection {
    /// A socket that was accepted at `now` and its greeting.
    pub fn open(app: Arc<App>, socket_id: String, activity_timeout_s: u64, now: i64) -> (Self, Output) {
        let greeting = Output::Send(frame::connection_established(&socket_id, activity_timeout_s));
        let connection = Self {
            app,
            socket_id,
            subscriptions: HashMap::new(),
            user_id: None,
            activity_timeout_ms: i64::try_from(activity_timeout_s).unwrap_or(i64::MAX).saturating_mul(1_000),
            last_frame_at: now,
            pinged_at: None,
            events_window_from: now,
            events_in_window: 0,
            closed: false,
        };
        (connection, greeting)
    }

    /// The socket's id, `123.456`.
    pub fn socket_id(&self) -> &str {
        &self.socket_id
    }

    /// The signed-in user, if any.
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// The channels subscribed to, with the member id on presence channels.
    pub fn subscriptions(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.subscriptions.iter().map(|(channel, member)| (channel.as_str(), member.as_deref()))
    }

    /// The server took a subscription away: forget it.
    pub fn unsubscribed(&mut self, channel: &str) {
        self.subscriptions.remove(channel);
    }

    /// Anything arrived that is not text, such as a WebSocket ping.
    pub fn on_life(&mut self, now: i64) {
        self.last_frame_at = now;
        self.pinged_at = None;
    }

    /// When [`on_deadline`](Self::on_deadline) has something to do, if nothing arrives before.
    pub fn deadline(&self) -> i64 {
        match self.pinged_at {
            Some(at) => at + PONG_TIMEOUT_MS,
            None => self.last_frame_at + self.activity_timeout_ms,
        }
    }

    /// A deadline may have passed: ping a silent client, then close it.
    pub fn on_deadline(&mut self, now: i64) -> Vec<Output> {
        if self.closed || now < self.deadline() {
            return Vec::new();
        }
        if self.pinged_at.is_some() {
            return self.close(CloseCode::PongLate, "Pong reply not received in time");
        }
        self.pinged_at = Some(now);
        vec![Output::Send(frame::ping())]
    }

    fn close(&mut self, code: CloseCode, message: &str) -> Vec<Output> {
        self.closed = true;
        vec![Output::Send(frame::error(Some(code.number()), message)), Output::Close(code)]
    }

    /// Takes a text frame that arrived at `now`.
    pub fn on_text(&mut self, text: &str, now: i64) -> Vec<Output> {
        if self.closed {
            return Vec::new();
        }
        self.on_life(now);
        let refused = |message: &str| vec![Output::Send(frame::error(None, message))];
        if text.len() > FRAME_BYTES_MAX {
            return refused("The message is larger than 256 KiB");
        }
        let frame = match Frame::parse(text) {
            Ok(frame) => frame,
            Err(e) => return refused(&e.to_string()),
        };
        match frame.event.as_ref() {
            "pusher:ping" => vec![Output::Send(frame::pong())],
            "pusher:pong" => Vec::new(),
            "pusher:subscribe" => self.subscribe(&frame.value()),
            "pusher:unsubscribe" => self.unsubscribe(&frame.value()),
            "pusher:signin" => self.sign_in(&frame.value()),
            name if name.starts_with("client-") => self.client_event(&frame, now),
            name => {
                let shown: String = name.chars().take(50).collect();
                refused(&format!(
                    "Unknown event {shown:?}: expected pusher:subscribe, pusher:unsubscribe, pusher:ping, pusher:pong, pusher:signin or client-*"
                ))
            }
        }
    }

    fn subscribe(&mut self, data: &Value) -> Vec<Output> {
        let Some(name) = data["channel"].as_str() else {
            return vec![Output::Send(frame::error(None, "pusher:subscribe needs a text \"channel\" in its data"))];
        };
        let refuse =
            |kind: &str, error: &str, status| vec![Output::Send(frame::subscription_error(name, kind, error, status))];
        let kind = match channel::kind(name) {
            Ok(kind) => kind,
            Err(e) => return vec![Output::Send(frame::error(Some(4009), &e.to_string()))],
        };
        if self.subscriptions.contains_key(name) {
            // Subscribing twice is harmless, and must not count a presence member twice.
            return vec![Output::Send(frame::error(None, &format!("Existing subscription to channel {name}")))];
        }
        if self.subscriptions.len() >= SUBSCRIPTIONS_PER_SOCKET_MAX {
            return refuse(
                "LimitReached",
                &format!("At most {SUBSCRIPTIONS_PER_SOCKET_MAX} subscriptions per connection"),
                403,
            );
        }
        let channel_data = data["channel_data"].as_str();
        if kind.needs_auth() {
            let auth = data["auth"].as_str().unwrap_or_default();
            let signed_data = if kind == Kind::Presence { channel_data } else { None };
            if !self.app.admits_channel(auth, &self.socket_id, name, signed_data) {
                return refuse("AuthError", "The signature is not valid for this connection and channel", 401);
            }
        }
        let member = if kind == Kind::Presence {
            match channel_data.map(Member::parse) {
                Some(Ok(member)) => Some(member),
                _ => return refuse("AuthError", &crate::presence::NotAMember.to_string(), 401),
            }
        } else {
            None
        };
        self.subscriptions.insert(name.to_owned(), member.as_ref().map(|m| m.user_id.clone()));
        vec![Output::Subscribe { channel: name.to_owned(), member }]
    }

    fn unsubscribe(&mut self, data: &Value) -> Vec<Output> {
        let Some(name) = data["channel"].as_str() else {
            return vec![Output::Send(frame::error(None, "pusher:unsubscribe needs a text \"channel\" in its data"))];
        };
        match self.subscriptions.remove(name) {
            Some(member) => vec![Output::Unsubscribe { channel: name.to_owned(), member }],
            None => Vec::new(),
        }
    }

    fn sign_in(&mut self, data: &Value) -> Vec<Output> {
        let (auth, user_data) =
            (data["auth"].as_str().unwrap_or_default(), data["user_data"].as_str().unwrap_or_default());
        let user: Value = serde_json::from_str(user_data).unwrap_or_default();
        let id = match &user["id"] {
            Value::String(id) if !id.is_empty() => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => String::new(),
        };
        if id.is_empty() || !self.app.admits_user(auth, &self.socket_id, user_data) {
            return self.close(CloseCode::Unauthorised, "The sign-in is not valid for this connection");
        }
        self.user_id = Some(id.clone());
        let data = serde_json::json!({ "user_data": user_data }).to_string();
        let answer = serde_json::json!({ "event": "pusher:signin_success", "data": data }).to_string();
        vec![Output::SignedIn { user_id: id }, Output::Send(answer)]
    }

    fn client_event(&mut self, frame: &Frame, now: i64) -> Vec<Output> {
        let refuse = |message: &str| vec![Output::Send(frame::error(Some(CloseCode::ClientEvent.number()), message))];
        let name = frame.channel.as_deref().unwrap_or_default();
        let Some(member) = self.subscriptions.get(name) else {
            return refuse("Client events need a subscription to their channel");
        };
        if !channel::kind(name).is_ok_and(Kind::takes_client_events) {
            return refuse("Client events are taken on private and presence channels only");
        }
        if frame.event.chars().count() > EVENT_NAME_CHARS_MAX {
            return refuse("The event name is longer than 200 characters");
        }
        let data = frame.data_text();
        if data.len() > EVENT_DATA_BYTES_MAX {
            return refuse("The event data is larger than 100 KiB");
        }
        if now - self.events_window_from >= 1_000 {
            self.events_window_from = now;
            self.events_in_window = 0;
        }
        if self.events_in_window >= CLIENT_EVENTS_PER_SECOND_MAX {
            return refuse("More than 10 client events in a second");
        }
        self.events_in_window += 1;
        vec![Output::ClientEvent {
            channel: name.to_owned(),
            event: frame.event.to_string(),
            data,
            user_id: member.clone(),
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn app() -> Arc<App> {
        Arc::new(App { id: "1".into(), key: "key".into(), secret: "secret".into() })
    }

    fn open() -> Connection {
        Connection::open(app(), "1.1".into(), 30, 0).0
    }

    fn subscribe(channel: &str, channel_data: Option<&str>) -> String {
        frame::subscribe(channel, Some(&app().sign_channel("1.1", channel, channel_data)), channel_data)
    }

    fn sent(outputs: &[Output]) -> String {
        match outputs {
            [Output::Send(text)] => text.clone(),
            other => panic!("expected one frame, found {other:?}"),
        }
    }

    #[test]
    fn subscriptions_need_a_signature_where_the_name_says_so() {
        let mut c = open();
        assert!(matches!(&c.on_text(&frame::subscribe("news", None, None), 1)[..], [Output::Subscribe { .. }]));
        assert!(sent(&c.on_text(&frame::subscribe("private-a", None, None), 1)).contains("AuthError"));
        assert!(sent(&c.on_text(&frame::subscribe("private-a", Some("key:00"), None), 1)).contains("AuthError"));
        assert!(matches!(&c.on_text(&subscribe("private-a", None), 1)[..], [Output::Subscribe { member: None, .. }]));
        assert!(sent(&c.on_text(&subscribe("presence-a", None), 1)).contains("user_id"));
        let outputs = c.on_text(&subscribe("presence-a", Some(r#"{"user_id":"7"}"#)), 1);
        assert!(matches!(&outputs[..], [Output::Subscribe { member: Some(m), .. }] if m.user_id == "7"), "{outputs:?}");
    }

    #[test]
    fn a_socket_has_at_most_a_hundred_subscriptions() {
        let mut c = open();
        for i in 0..SUBSCRIPTIONS_PER_SOCKET_MAX {
            assert!(matches!(
                &c.on_text(&frame::subscribe(&format!("c{i}"), None, None), 1)[..],
                [Output::Subscribe { .. }]
            ));
        }
        assert!(sent(&c.on_text(&frame::subscribe("one-more", None, None), 1)).contains("LimitReached"));
    }

    #[test]
    fn a_silent_client_is_pinged_and_then_closed() {
        let mut c = open();
        assert_eq!(c.on_deadline(29_999), []);
        assert_eq!(c.on_deadline(30_000), [Output::Send(frame::ping())]);
        assert_eq!(c.on_deadline(59_999), []);
        assert!(matches!(&c.on_deadline(60_000)[..], [_, Output::Close(CloseCode::PongLate)]));
        let mut c = open();
        c.on_deadline(30_000);
        c.on_text(&frame::pong(), 31_000);
        assert_eq!(c.on_deadline(60_000), []);
    }

    #[test]
    fn client_events_are_for_subscribers_and_ten_a_second() {
        let mut c = open();
        let event = frame::client_event("client-typing", "private-a", &serde_json::json!({"x": 1}));
        assert!(sent(&c.on_text(&event, 1)).contains("4301"));
        c.on_text(&subscribe("private-a", None), 1);
        for _ in 0..10 {
            assert!(matches!(&c.on_text(&event, 500)[..], [Output::ClientEvent { data, .. }] if data == r#"{"x":1}"#));
        }
        assert!(sent(&c.on_text(&event, 999)).contains("4301"));
        assert!(matches!(&c.on_text(&event, 1_501)[..], [Output::ClientEvent { .. }]));
    }

    proptest! {
        #[test]
        fn any_text_is_answered_without_a_panic(text in "\\PC{0,200}") {
            open().on_text(&text, 1);
        }

        #[test]
        fn any_frame_shaped_text_is_answered_without_a_panic(event in "(pusher:[a-z]{0,12}|client-[a-z]{0,3})", data in r#"(\{\}|\[\]|null|1|"x"|\{"channel":("[a-z-]{0,20}"|7|null)\})"#) {
            let mut c = open();
            c.on_text(&format!(r#"{{"event":"{event}","data":{data}}}"#), 1);
            prop_assert!(c.subscriptions().count() <= 1);
        }
    }
}

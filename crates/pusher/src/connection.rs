//! The server's end of a connection: what one socket may do, and what it asks of the hub.
//!
//! **Invariant:** whatever text comes in, a connection holds at most as many channel names as its app's limits say
//! ([`Limits::subscriptions_max`](crate::settings::Limits)) and never panics.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    channel::{self, Kind, SERVER_TO_USER},
    close::CloseCode,
    frame::{self, Frame},
    limits::{EVENT_NAME_CHARS_MAX, FRAME_BYTES_MAX, PONG_TIMEOUT_MS, USER_ID_CHARS_MAX, WATCHLIST_USERS_MAX},
    presence::Member,
    settings::AppSettings,
    socket_id::SocketId,
    subscriptions::{Subscription, Subscriptions},
};

/// What the driver and the hub must do, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this text to the socket.
    Send(String),
    /// Add the socket to the channel, then tell it so ([`frame::subscription_succeeded`]) if it asked, then whatever else
    /// the channel's kind asks for.
    Subscribe {
        /// The channel.
        channel: Arc<str>,
        /// Who this is, on a presence channel.
        member: Option<Member>,
        /// Whether the socket asked for it and is told.
        told: bool,
    },
    /// Remove the socket from the channel.
    Unsubscribe(Subscription),
    /// Pass a client event on to the others of the channel.
    ClientEvent {
        /// The channel.
        channel: Arc<str>,
        /// The event's name, beginning with `client-`.
        event: String,
        /// Its data, as text.
        data: String,
        /// Who sent it, on a presence channel.
        user_id: Option<Box<str>>,
    },
    /// The user of this socket proved who they are. Comes after the frame that tells the client so.
    SignedIn {
        /// The user's id.
        user_id: Arc<str>,
        /// The users whose coming and going this one wants to hear of.
        watchlist: Vec<Arc<str>>,
    },
    /// Close with this code; a `pusher:error` was put out before it.
    Close(CloseCode),
}

/// One socket's side of the protocol.
#[derive(Debug)]
pub struct Connection {
    app: Arc<AppSettings>,
    socket_id: SocketId,
    subscriptions: Subscriptions,
    user_id: Option<Arc<str>>,
    activity_timeout_ms: i64,
    last_frame_at: i64,
    pinged_at: Option<i64>,
    events_window_from: i64,
    events_in_window: u32,
    closed: bool,
}

impl Connection {
    /// A socket that was accepted at `now` and its greeting.
    pub fn open(app: Arc<AppSettings>, socket_id: SocketId, activity_timeout_s: u64, now: i64) -> (Self, String) {
        let greeting = frame::connection_established(socket_id, activity_timeout_s);
        let connection = Self {
            app,
            socket_id,
            subscriptions: Subscriptions::default(),
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
    pub fn socket_id(&self) -> SocketId {
        self.socket_id
    }

    /// The app it connected to.
    pub fn app(&self) -> &Arc<AppSettings> {
        &self.app
    }

    /// When it was last heard of.
    pub fn last_frame_at(&self) -> i64 {
        self.last_frame_at
    }

    /// The signed-in user, if any.
    pub fn user_id(&self) -> Option<&Arc<str>> {
        self.user_id.as_ref()
    }

    /// The channels subscribed to.
    pub fn subscriptions(&self) -> &[Subscription] {
        self.subscriptions.as_slice()
    }

    /// A subscription, for the driver's note; `None` when there is no such subscription any more.
    pub fn subscription_mut(&mut self, channel: &str) -> Option<&mut Subscription> {
        self.subscriptions.get_mut(channel)
    }

    /// The server takes a subscription away: forgets it, and answers with what it was and with the frame that says why.
    pub fn revoke(&mut self, channel: &str, why: &str) -> Option<(Subscription, String)> {
        let gone = self.subscriptions.take(channel)?;
        Some((gone, frame::subscription_error(channel, "AuthError", why, 403)))
    }

    /// The connection is over: the subscriptions it had.
    pub fn end(&mut self) -> Vec<Subscription> {
        self.closed = true;
        self.subscriptions.take_all()
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
            // Without a code: each code of the table that could be meant closes the connection, and this does not.
            Err(e) => return vec![Output::Send(frame::error(None, &e.to_string()))],
        };
        if self.subscriptions.get(name).is_some() {
            if kind == Kind::ServerToUser {
                // The sign-in was the subscription; the client asks for what it has.
                return vec![Output::Send(frame::subscription_succeeded(name, "{}"))];
            }
            // Subscribing twice is harmless, and must not count a presence member twice.
            return vec![Output::Send(frame::error(None, &format!("Existing subscription to channel {name}")))];
        }
        let max = self.app.limits.subscriptions_max;
        if self.subscriptions.len() >= max {
            return refuse("LimitReached", &format!("At most {max} subscriptions per connection"), 403);
        }
        let channel_data = data["channel_data"].as_str();
        if kind.needs_auth() {
            let auth = data["auth"].as_str().unwrap_or_default();
            let admits = |data| self.app.credentials.admits_channel(auth, self.socket_id, name, data);
            // Some applications sign data for private channels too; others send data that they did not sign.
            if !admits(channel_data) && (kind == Kind::Presence || !admits(None)) {
                return refuse("AuthError", "The signature is not valid for this connection and channel", 401);
            }
        }
        if kind == Kind::ServerToUser && self.user_id.as_deref() != name.strip_prefix(SERVER_TO_USER) {
            return refuse("AuthError", "This channel is for the user who signed in, and nobody else", 403);
        }
        let member = if kind == Kind::Presence {
            match channel_data.map(Member::parse) {
                Some(Ok(member)) => Some(member),
                _ => return refuse("AuthError", &crate::presence::NotAMember.to_string(), 401),
            }
        } else {
            None
        };
        vec![self.listen_to(name.into(), member, true)]
    }

    fn listen_to(&mut self, channel: Arc<str>, member: Option<Member>, told: bool) -> Output {
        self.subscriptions.add(Subscription {
            channel: Arc::clone(&channel),
            member: member.as_ref().map(|m| m.user_id.clone()),
            tag: 0,
        });
        Output::Subscribe { channel, member, told }
    }

    fn unsubscribe(&mut self, data: &Value) -> Vec<Output> {
        let Some(name) = data["channel"].as_str() else {
            return vec![Output::Send(frame::error(None, "pusher:unsubscribe needs a text \"channel\" in its data"))];
        };
        self.subscriptions.take(name).map(Output::Unsubscribe).into_iter().collect()
    }

    fn sign_in(&mut self, data: &Value) -> Vec<Output> {
        let (auth, user_data) =
            (data["auth"].as_str().unwrap_or_default(), data["user_data"].as_str().unwrap_or_default());
        let user: Value = serde_json::from_str(user_data).unwrap_or_default();
        let text = |value: &Value| match value {
            Value::String(id) if !id.is_empty() && id.chars().count() <= USER_ID_CHARS_MAX => {
                Some(Arc::from(id.as_str()))
            }
            Value::Number(id) => Some(Arc::from(id.to_string())),
            _ => None,
        };
        let id = text(&user["id"]).filter(|_| self.app.credentials.admits_user(auth, self.socket_id, user_data));
        let Some(id) = id else {
            return self.close(CloseCode::Unauthorised, "The sign-in is not valid for this connection");
        };
        if self.user_id.as_ref().is_some_and(|known| *known != id) {
            return self.close(CloseCode::Unauthorised, "Another user is signed in on this connection");
        }
        if self.user_id.is_some() {
            return vec![Output::Send(frame::signin_success(user_data))];
        }
        let watchlist: Vec<_> = user["watchlist"].as_array().into_iter().flatten().filter_map(text).collect();
        if watchlist.len() > WATCHLIST_USERS_MAX {
            let words = format!("A watchlist has at most {WATCHLIST_USERS_MAX} users");
            return self.close(CloseCode::Unauthorised, &words);
        }
        self.user_id = Some(Arc::clone(&id));
        let mut outputs = vec![Output::Send(frame::signin_success(user_data))];
        let own = format!("{SERVER_TO_USER}{id}");
        if channel::kind(&own) == Ok(Kind::ServerToUser) {
            // The sign-in is the subscription: what is sent to the user from now on must not get lost while the client's
            // own request for the channel is still on its way.
            outputs.push(self.listen_to(own.into(), None, false));
        }
        outputs.push(Output::SignedIn { user_id: id, watchlist });
        outputs
    }

    fn client_event(&mut self, frame: &Frame, now: i64) -> Vec<Output> {
        let refuse = |message: &str| vec![Output::Send(frame::error(Some(CloseCode::ClientEvent.number()), message))];
        if !self.app.client_events {
            return refuse("Client events are not enabled for this app");
        }
        let name = frame.channel.as_deref().unwrap_or_default();
        let Some(subscription) = self.subscriptions.get(name) else {
            return refuse("Client events need a subscription to their channel");
        };
        let (channel, member) = (Arc::clone(&subscription.channel), subscription.member.clone());
        if !channel::kind(name).is_ok_and(Kind::takes_client_events) {
            return refuse("Client events are taken on private and presence channels only");
        }
        if frame.event.chars().count() > EVENT_NAME_CHARS_MAX {
            return refuse("The event name is longer than 200 characters");
        }
        let data = frame.data_text();
        let bytes_max = self.app.limits.event_data_bytes_max;
        if data.len() > bytes_max {
            return refuse(&format!("The event data is larger than {bytes_max} bytes"));
        }
        if now - self.events_window_from >= 1_000 {
            self.events_window_from = now;
            self.events_in_window = 0;
        }
        let events_max = self.app.limits.client_events_per_second_max;
        if self.events_in_window >= events_max {
            return refuse(&format!("More than {events_max} client events in a second"));
        }
        self.events_in_window += 1;
        vec![Output::ClientEvent { channel, event: frame.event.to_string(), data, user_id: member }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::auth::App;

    const ID: SocketId = SocketId { place: 1, nonce: 1 };

    fn app() -> App {
        App { id: "1".into(), key: "key".into(), secret: "secret".into() }
    }

    fn open_with(change: impl FnOnce(&mut AppSettings)) -> Connection {
        let mut settings = AppSettings::from(app());
        change(&mut settings);
        Connection::open(Arc::new(settings), ID, 30, 0).0
    }

    fn open() -> Connection {
        open_with(|_| {})
    }

    fn subscribe(channel: &str, channel_data: Option<&str>) -> String {
        frame::subscribe(channel, Some(&app().sign_channel(ID, channel, channel_data)), channel_data)
    }

    fn sign_in(user_data: &str, auth: Option<&str>) -> String {
        let signed = app().sign_user(ID, user_data);
        let data = serde_json::json!({ "auth": auth.unwrap_or(&signed), "user_data": user_data });
        serde_json::json!({ "event": "pusher:signin", "data": data }).to_string()
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
        assert!(
            matches!(&outputs[..], [Output::Subscribe { member: Some(m), .. }] if &*m.user_id == "7"),
            "{outputs:?}"
        );
    }

    #[test]
    fn a_socket_may_hold_ten_thousand_subscriptions_and_fewer_where_the_app_says_so() {
        for (mut c, max) in [(open(), 10_000), (open_with(|app| app.limits.subscriptions_max = 3), 3)] {
            for i in 0..max {
                assert!(matches!(
                    &c.on_text(&frame::subscribe(&format!("c{i}"), None, None), 1)[..],
                    [Output::Subscribe { .. }]
                ));
            }
            assert!(sent(&c.on_text(&frame::subscribe("one-more", None, None), 1)).contains("LimitReached"));
        }
    }

    #[test]
    fn an_error_that_does_not_close_has_no_code_that_closes() {
        let mut c = open();
        for channel in ["", "no spaces", &"x".repeat(165)] {
            let error = sent(&c.on_text(&frame::subscribe(channel, None, None), 1));
            assert!(error.contains(r#""code":null"#) && error.contains("channel name"), "{error}");
        }
        assert!(sent(&c.on_text(r#"{"event":"pusher:ping"}"#, 1)).contains("pusher:pong"), "it goes on");
    }

    #[test]
    fn a_private_channel_may_be_signed_with_data_or_without() {
        let data = r#"{"user_id":"7"}"#;
        let with = app().sign_channel(ID, "private-a", Some(data));
        let without = app().sign_channel(ID, "private-a", None);
        let check = |auth: &str, data, admitted| {
            let outputs = open().on_text(&frame::subscribe("private-a", Some(auth), data), 1);
            assert_eq!(matches!(&outputs[..], [Output::Subscribe { member: None, .. }]), admitted, "{outputs:?}");
        };
        check(&with, Some(data), true);
        check(&without, Some(data), true);
        check(&without, None, true);
        check(&with, None, false);
        check(&with, Some("{}"), false);
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
        for _ in 0..10 {
            assert!(matches!(&c.on_text(&event, 1_501)[..], [Output::ClientEvent { .. }]));
        }
        assert!(sent(&c.on_text(&event, 2_500)).contains("4301"), "the second began with its first event");
        assert!(matches!(&c.on_text(&event, 2_501)[..], [Output::ClientEvent { .. }]));
    }

    #[test]
    fn an_app_says_how_many_events_and_how_large() {
        let event = frame::client_event("client-x", "private-a", &serde_json::json!("12345"));
        let mut c = open_with(|app| app.limits.client_events_per_second_max = 1);
        c.on_text(&subscribe("private-a", None), 1);
        assert!(matches!(&c.on_text(&event, 1)[..], [Output::ClientEvent { .. }]));
        assert!(sent(&c.on_text(&event, 1)).contains("More than 1 client events"));
        let mut c = open_with(|app| app.limits.event_data_bytes_max = 4);
        c.on_text(&subscribe("private-a", None), 1);
        assert!(sent(&c.on_text(&event, 1)).contains("larger than 4 bytes"));
        let fits = frame::client_event("client-x", "private-a", &serde_json::json!("1234"));
        assert!(matches!(&c.on_text(&fits, 1)[..], [Output::ClientEvent { .. }]));
        let mut c = open_with(|app| app.client_events = false);
        c.on_text(&subscribe("private-a", None), 1);
        assert!(sent(&c.on_text(&event, 1)).contains("not enabled"));
    }

    #[test]
    fn a_signed_in_user_has_a_channel_and_a_watchlist() {
        let own = frame::subscribe("#server-to-user-7", None, None);
        let mut c = open();
        assert!(sent(&c.on_text(&own, 1)).contains("nobody else"));
        let outputs = c.on_text(&sign_in(r#"{"id":"7","watchlist":["8",9,null]}"#, None), 1);
        let Output::SignedIn { user_id, watchlist } = &outputs[2] else { panic!("{outputs:?}") };
        assert_eq!((&**user_id, watchlist.iter().map(|w| &**w).collect::<String>()), ("7", "89".to_owned()));
        assert!(matches!(&outputs[0], Output::Send(text) if text.contains("pusher:signin_success")));
        assert!(
            matches!(&outputs[1], Output::Subscribe { channel, told: false, .. } if &**channel == "#server-to-user-7"),
            "{outputs:?}"
        );
        // The client's own request for what it has: answered, and counted once.
        assert_eq!(sent(&c.on_text(&own, 1)), frame::subscription_succeeded("#server-to-user-7", "{}"));
        assert_eq!(c.subscriptions().len(), 1);
        let other = frame::subscribe("#server-to-user-8", None, None);
        assert!(sent(&c.on_text(&other, 1)).contains("nobody else"));
        assert!(sent(&c.on_text(&sign_in(r#"{"id":"7"}"#, None), 1)).contains("signin_success"), "again is harmless");
        let outputs = c.on_text(&sign_in(r#"{"id":"8"}"#, None), 1);
        assert!(matches!(&outputs[..], [_, Output::Close(CloseCode::Unauthorised)]), "{outputs:?}");
    }

    #[test]
    fn names_and_watchlists_may_be_as_long_as_the_limit() {
        let watching: Vec<String> = (0..WATCHLIST_USERS_MAX).map(|n| n.to_string()).collect();
        let full = serde_json::json!({ "id": "7", "watchlist": watching }).to_string();
        let outputs = open().on_text(&sign_in(&full, None), 1);
        assert!(
            matches!(&outputs[..], [_, _, Output::SignedIn { watchlist, .. }] if watchlist.len() == WATCHLIST_USERS_MAX)
        );
        let mut c = open();
        c.on_text(&subscribe("private-a", None), 1);
        let mut named = |chars: usize| {
            let name = format!("client-{}", "x".repeat(chars - 7));
            c.on_text(&frame::client_event(&name, "private-a", &serde_json::json!(1)), 1)
        };
        assert!(matches!(&named(EVENT_NAME_CHARS_MAX)[..], [Output::ClientEvent { .. }]));
        for chars in [EVENT_NAME_CHARS_MAX + 1, EVENT_NAME_CHARS_MAX * 2] {
            assert!(sent(&named(chars)).contains("longer than 200 characters"));
        }
    }

    #[test]
    fn a_sign_in_that_is_not_signed_or_names_nobody_closes() {
        let watching: Vec<String> = (0..=WATCHLIST_USERS_MAX).map(|n| n.to_string()).collect();
        let too_many = serde_json::json!({ "id": "7", "watchlist": watching }).to_string();
        for text in [
            sign_in(r#"{"id":"7"}"#, Some("key:00")),
            sign_in("{}", None),
            sign_in(r#"{"id":""}"#, None),
            sign_in("nonsense", None),
            sign_in(&too_many, None),
        ] {
            let outputs = open().on_text(&text, 1);
            assert!(matches!(&outputs[..], [_, Output::Close(CloseCode::Unauthorised)]), "{text:.80}: {outputs:?}");
        }
    }

    #[test]
    fn e109_a_right_that_is_lost_takes_its_subscription_along() {
        let mut c = open();
        c.on_text(&subscribe("private-a", None), 1);
        let (gone, words) = c.revoke("private-a", "You are not assigned any more").expect("it was there");
        assert_eq!(&*gone.channel, "private-a");
        assert!(words.contains("subscription_error") && words.contains("not assigned"), "{words}");
        assert!(c.revoke("private-a", "").is_none());
        assert!(c.subscriptions().is_empty());
    }

    #[test]
    fn what_a_connection_is_can_be_asked() {
        let mut c = open();
        assert_eq!((c.last_frame_at(), c.user_id()), (0, None));
        c.on_text(&frame::pong(), 7);
        assert_eq!(c.last_frame_at(), 7);
        c.on_life(9);
        assert_eq!(c.last_frame_at(), 9);
        c.on_text(&sign_in(r#"{"id":"7"}"#, None), 10);
        assert_eq!(c.user_id().map(|id| &**id), Some("7"));
        c.on_text(&frame::subscribe("news", None, None), 11);
        assert!(c.subscription_mut("news").is_some_and(|held| &*held.channel == "news"));
        assert!(c.subscription_mut("other").is_none());
        let mut ended: Vec<_> = c.end().into_iter().map(|held| held.channel.to_string()).collect();
        ended.sort();
        assert_eq!(ended, ["#server-to-user-7", "news"]);
        assert_eq!((c.subscriptions().len(), c.on_text(&frame::ping(), 12)), (0, Vec::new()), "it is over");
    }

    #[test]
    fn a_subscription_is_given_back_once_and_a_signed_in_user_goes_on_subscribing() {
        let mut c = open();
        c.on_text(&sign_in(r#"{"id":"7"}"#, None), 1);
        assert!(matches!(&c.on_text(&frame::subscribe("news", None, None), 1)[..], [Output::Subscribe { .. }]));
        let off = serde_json::json!({ "event": "pusher:unsubscribe", "data": { "channel": "news" } }).to_string();
        let outputs = c.on_text(&off, 1);
        assert!(matches!(&outputs[..], [Output::Unsubscribe(gone)] if &*gone.channel == "news"), "{outputs:?}");
        assert_eq!(c.on_text(&off, 1), []);
    }

    #[test]
    fn a_frame_may_be_as_large_as_the_limit_and_unknown_events_are_named() {
        let padded = |bytes: usize| {
            let frame = r#"{"event":"pusher:ping","data":""}"#;
            frame.replace(r#""data":"""#, &format!(r#""data":"{}""#, "x".repeat(bytes - frame.len())))
        };
        assert_eq!(open().on_text(&padded(FRAME_BYTES_MAX), 1), [Output::Send(frame::pong())]);
        for bytes in [FRAME_BYTES_MAX + 1, FRAME_BYTES_MAX * 2] {
            assert!(sent(&open().on_text(&padded(bytes), 1)).contains("larger than 256 KiB"));
        }
        let unknown = sent(&open().on_text(r#"{"event":"pusher:dance"}"#, 1));
        assert!(unknown.contains("Unknown event") && unknown.contains("pusher:dance"), "{unknown}");
    }

    proptest! {
        #[test]
        fn every_order_of_frames_keeps_the_limits_and_the_books(
            steps in proptest::collection::vec((0..8_u8, 0..6_usize, 0..40_000_i64), 0..60)
        ) {
            let mut c = open_with(|app| app.limits.subscriptions_max = 4);
            let names = ["news", "private-a", "presence-a", "private-encrypted-a", "cache-a", "private-user.1"];
            let mut held: Vec<Arc<str>> = Vec::new();
            let mut now = 0;
            for (step, at, passed) in steps {
                let name = names[at];
                now += passed;
                let outputs = match step {
                    0 | 1 => c.on_text(&subscribe(name, Some(r#"{"user_id":"7"}"#).filter(|_| name.starts_with("presence"))), now),
                    2 => c.on_text(&serde_json::json!({"event":"pusher:unsubscribe","data":{"channel":name}}).to_string(), now),
                    3 => c.on_text(&frame::client_event("client-a", name, &serde_json::json!({})), now),
                    4 => c.on_deadline(now),
                    5 => c.on_text(&sign_in(r#"{"id":"7"}"#, None), now),
                    6 => c.on_text(&frame::pong(), now),
                    _ => c.on_text("{", now),
                };
                for output in outputs {
                    match output {
                        Output::Subscribe { channel, .. } => held.push(channel),
                        Output::Unsubscribe(gone) => held.retain(|channel| *channel != gone.channel),
                        Output::ClientEvent { channel, .. } => prop_assert!(held.contains(&channel)),
                        Output::Close(code) => prop_assert_eq!(code, CloseCode::PongLate),
                        Output::Send(_) | Output::SignedIn { .. } => {}
                    }
                }
                let mut kept: Vec<_> = c.subscriptions().iter().map(|s| Arc::clone(&s.channel)).collect();
                kept.sort();
                held.sort();
                prop_assert_eq!(&kept, &held, "what was put out and what is kept agree");
                prop_assert!(kept.len() <= 5, "the limit, and the channel of the sign-in");
            }
        }

        #[test]
        fn any_text_is_answered_without_a_panic(text in "\\PC{0,200}") {
            open().on_text(&text, 1);
        }

        #[test]
        fn any_frame_shaped_text_is_answered_without_a_panic(event in "(pusher:[a-z]{0,12}|client-[a-z]{0,3})", data in r#"(\{\}|\[\]|null|1|"x"|\{"channel":("[a-z-]{0,20}"|7|null)\})"#) {
            let mut c = open();
            c.on_text(&format!(r#"{{"event":"{event}","data":{data}}}"#), 1);
            prop_assert!(c.subscriptions().len() <= 1);
        }
    }
}

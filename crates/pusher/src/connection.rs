//! The server's end of a connection: what one socket may do, and what it asks of the hub.
//!
//! **Invariant:** whatever text comes in, a connection holds at most as many channel names as its app's limits say
//! ([`Limits::subscriptions_max`](crate::settings::Limits)) and never panics.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    channel::{self, Kind, SERVER_TO_USER},
    close::CloseCode,
    frame::{self, Frame},
    limits::{EVENT_NAME_CHARS_MAX, FRAME_BYTES_MAX, PONG_TIMEOUT_MS, WATCHLIST_USERS_MAX},
    presence::{self, Member},
    settings::AppSettings,
    socket_id::SocketId,
    subscriptions::{Subscription, Subscriptions},
};

/// What `user_data` says of who signs in.
#[derive(Deserialize)]
struct UserData<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow, default)]
    watchlist: Option<&'a RawValue>,
}

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
        let user = serde_json::from_str::<UserData>(user_data).ok();
        let user = user.filter(|_| self.app.credentials.admits_user(auth, self.socket_id, user_data));
        let text = |id: &RawValue| presence::user_id(id).map(Arc::<str>::from);
        let Some((id, user)) = user.and_then(|user| Some((text(user.id)?, user))) else {
            return self.close(CloseCode::Unauthorised, "The sign-in is not valid for this connection");
        };
        if self.user_id.as_ref().is_some_and(|known| *known != id) {
            return self.close(CloseCode::Unauthorised, "Another user is signed in on this connection");
        }
        if self.user_id.is_some() {
            return vec![Output::Send(frame::signin_success(user_data))];
        }
        let listed = user.watchlist.and_then(|list| serde_json::from_str::<Vec<&RawValue>>(list.get()).ok());
        let watchlist: Vec<_> = listed.into_iter().flatten().filter_map(text).collect();
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
mod tests;

//! Who listens where. One owner of every channel and roster of this process.
//!
//! An event is serialised once and shared by all who get it. A reader that does not keep up is closed with 4100.
//!
//! **Invariant:** no event is left out on a connection that stays open: a full queue closes the connection.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use axum::extract::ws::Utf8Bytes;
use guildhall_db::Outgoing;
use guildhall_market::{
    ids::{TokenId, UserId},
    permissions::MarketChannel,
};
use guildhall_pusher::{
    close::CloseCode,
    frame,
    presence::{Member, Roster},
};
use tokio::sync::{mpsc, oneshot};

/// Frames that may wait for one socket.
const QUEUE_FRAMES_MAX: usize = 4_096;
/// Bytes that may wait for one socket.
const QUEUE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Changes of who is online that may wait for the task that tells of them.
const ONLINE_QUEUE_MAX: usize = 4_096;

/// Names a socket inside this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SocketKey(u64);

/// What a socket's task gets from the hub.
pub struct Seat {
    /// Names the socket.
    pub key: SocketKey,
    /// Names the socket on the wire.
    pub socket_id: String,
    /// Frames to send.
    pub frames: mpsc::Receiver<Utf8Bytes>,
    /// Bytes waiting in `frames`: the task takes off what it took out.
    pub waiting_bytes: Arc<AtomicUsize>,
    /// The order to close, with a code.
    pub close: oneshot::Receiver<CloseCode>,
}

/// Somebody's first socket came, or the last one went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlineChange {
    /// The first one came.
    Came(UserId),
    /// The last one went.
    Went(UserId),
}

struct Socket {
    socket_id: String,
    frames: mpsc::Sender<Utf8Bytes>,
    waiting_bytes: Arc<AtomicUsize>,
    close: Option<oneshot::Sender<CloseCode>>,
    bound: Option<(UserId, TokenId)>,
}

#[derive(Default)]
struct Channel {
    subscribers: HashSet<SocketKey>,
    roster: Roster,
}

#[derive(Default)]
struct State {
    sockets: HashMap<SocketKey, Socket>,
    by_socket_id: HashMap<String, SocketKey>,
    channels: HashMap<String, Channel>,
    online: HashMap<UserId, usize>,
    /// People of the demo market who seem to be here.
    seeming: HashSet<UserId>,
    draining: bool,
}

/// What is known of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelInfo {
    /// Sockets that listen.
    pub subscription_count: usize,
    /// Members, on a presence channel.
    pub user_count: usize,
}

/// The hub. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    state: Arc<Mutex<State>>,
    next_key: Arc<AtomicU64>,
    changes: mpsc::Sender<OnlineChange>,
}

impl Hub {
    /// An empty hub, and the changes of who is online.
    pub fn new() -> (Self, mpsc::Receiver<OnlineChange>) {
        let (changes, receiver) = mpsc::channel(ONLINE_QUEUE_MAX);
        (Self { state: Arc::default(), next_key: Arc::new(AtomicU64::new(1)), changes }, receiver)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a new socket its seat; `None` while the server stops.
    pub fn enter(&self) -> Option<Seat> {
        let key = SocketKey(self.next_key.fetch_add(1, Ordering::Relaxed));
        // Two numbers with a point between, as the protocol asks: one counts, one is not guessed.
        let socket_id = format!("{}.{}", key.0, rand::random_range(100_000_000..1_000_000_000_u64));
        let (frames, receiver) = mpsc::channel(QUEUE_FRAMES_MAX);
        let (close, closed) = oneshot::channel();
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let mut state = self.state();
        if state.draining {
            return None;
        }
        state.by_socket_id.insert(socket_id.clone(), key);
        let socket = Socket {
            socket_id: socket_id.clone(),
            frames,
            waiting_bytes: Arc::clone(&waiting_bytes),
            close: Some(close),
            bound: None,
        };
        state.sockets.insert(key, socket);
        drop(state);
        Some(Seat { key, socket_id, frames: receiver, waiting_bytes, close: closed })
    }

    /// A socket is gone, with the subscriptions it had.
    pub fn leave<'a>(&self, key: SocketKey, subscriptions: impl Iterator<Item = (&'a str, Option<&'a str>)>) {
        let mut state = self.state();
        for (channel, member) in subscriptions {
            self.remove(&mut state, key, channel, member);
        }
        if let Some(socket) = state.sockets.remove(&key) {
            state.by_socket_id.remove(&socket.socket_id);
        }
    }

    /// Adds a socket to a channel, tells it so, and tells the others of a new member.
    pub fn subscribe(&self, key: SocketKey, channel: &str, member: Option<&Member>) {
        let mut state = self.state();
        let state = &mut *state;
        let entry = state.channels.entry(channel.to_owned()).or_default();
        entry.subscribers.insert(key);
        let mut data = "{}".to_owned();
        if let Some(member) = member {
            let new = entry.roster.join(member);
            data = entry.roster.snapshot();
            if new {
                let frame = frame::event("pusher_internal:member_added", channel, &member.added(), None, None);
                let others: Vec<_> = entry.subscribers.iter().copied().filter(|other| *other != key).collect();
                deliver(&mut state.sockets, others, &frame.into());
            }
        }
        deliver(&mut state.sockets, [key], &frame::subscription_succeeded(channel, &data).into());
        if let Some(MarketChannel::User(user)) = MarketChannel::parse(channel) {
            let sockets = state.online.entry(user).or_default();
            *sockets += 1;
            if *sockets == 1 {
                self.tell(OnlineChange::Came(user));
            }
        }
    }

    /// Takes a socket off a channel.
    pub fn unsubscribe(&self, key: SocketKey, channel: &str, member: Option<&str>) {
        self.remove(&mut self.state(), key, channel, member);
    }

    fn remove(&self, state: &mut State, key: SocketKey, channel: &str, member: Option<&str>) {
        let Some(entry) = state.channels.get_mut(channel) else { return };
        if !entry.subscribers.remove(&key) {
            return;
        }
        if let Some(user_id) = member
            && entry.roster.leave(user_id)
        {
            let frame = frame::event("pusher_internal:member_removed", channel, &Member::removed(user_id), None, None);
            deliver(&mut state.sockets, entry.subscribers.iter().copied().collect::<Vec<_>>(), &frame.into());
        }
        if entry.subscribers.is_empty() {
            state.channels.remove(channel);
        }
        if let Some(MarketChannel::User(user)) = MarketChannel::parse(channel)
            && let Some(sockets) = state.online.get_mut(&user)
        {
            *sockets -= 1;
            if *sockets == 0 {
                state.online.remove(&user);
                self.tell(OnlineChange::Went(user));
            }
        }
    }

    fn tell(&self, change: OnlineChange) {
        if self.changes.try_send(change).is_err() {
            tracing::warn!("a change of who is online was left out: too many wait");
        }
    }

    /// Sends an event to all who listen to its channel.
    pub fn publish(&self, event: &Outgoing) {
        let text = frame::event(&event.event, &event.channel, &event.data, event.seq, None);
        self.send(&event.channel, text, event.except_socket.as_deref());
    }

    /// Sends a frame to all who listen to a channel, except one socket.
    pub fn send(&self, channel: &str, text: String, except_socket: Option<&str>) {
        let mut state = self.state();
        let state = &mut *state;
        let Some(entry) = state.channels.get(channel) else { return };
        let except = except_socket.and_then(|id| state.by_socket_id.get(id)).copied();
        let to: Vec<_> = entry.subscribers.iter().copied().filter(|key| Some(*key) != except).collect();
        deliver(&mut state.sockets, to, &text.into());
    }

    /// Sends a frame to one socket.
    pub fn send_to(&self, key: SocketKey, text: String) {
        deliver(&mut self.state().sockets, [key], &text.into());
    }

    /// Notes that a socket was authorised with a token, so that it falls with it.
    pub fn bind(&self, socket_id: &str, user: UserId, token: TokenId) {
        let mut state = self.state();
        let Some(key) = state.by_socket_id.get(socket_id).copied() else { return };
        if let Some(socket) = state.sockets.get_mut(&key) {
            socket.bound = Some((user, token));
        }
    }

    /// Closes the sockets that were authorised with a token.
    pub fn close_token(&self, token: TokenId) {
        self.close_where(CloseCode::Unauthorised, |socket| socket.bound.is_some_and(|(_, bound)| bound == token));
    }

    /// Closes all sockets of a user.
    pub fn close_user(&self, user: UserId) {
        self.close_where(CloseCode::Unauthorised, |socket| socket.bound.is_some_and(|(bound, _)| bound == user));
    }

    /// Lets nobody in any more and asks all to reconnect elsewhere, or later.
    pub fn drain(&self) {
        self.state().draining = true;
        self.close_where(CloseCode::Reconnect, |_| true);
    }

    fn close_where(&self, code: CloseCode, is_meant: impl Fn(&Socket) -> bool) {
        for socket in self.state().sockets.values_mut().filter(|socket| is_meant(socket)) {
            close(socket, code);
        }
    }

    /// Sockets that are open.
    pub fn len(&self) -> usize {
        self.state().sockets.len()
    }

    /// Whether no socket is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether somebody is here, as others see it.
    pub fn is_online(&self, user: UserId) -> bool {
        let state = self.state();
        state.online.contains_key(&user) || state.seeming.contains(&user)
    }

    /// Whether somebody has a socket that listens to their own channel.
    pub fn has_socket(&self, user: UserId) -> bool {
        self.state().online.contains_key(&user)
    }

    /// Lets somebody of the demo market seem to be here, since they answer.
    pub fn let_seem_online(&self, user: UserId) {
        self.state().seeming.insert(user);
    }

    /// What is known of a channel; `None` when nobody listens.
    pub fn channel(&self, name: &str) -> Option<ChannelInfo> {
        self.state().channels.get(name).map(Channel::info)
    }

    /// The channels that somebody listens to and whose name begins so, by name.
    pub fn channels(&self, prefix: &str) -> Vec<(String, ChannelInfo)> {
        let state = self.state();
        let mut found: Vec<_> = state
            .channels
            .iter()
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(name, c)| (name.clone(), c.info()))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// The members of a presence channel.
    pub fn members(&self, name: &str) -> Vec<String> {
        self.state().channels.get(name).map(|c| c.roster.user_ids().map(str::to_owned).collect()).unwrap_or_default()
    }
}

impl Channel {
    fn info(&self) -> ChannelInfo {
        ChannelInfo { subscription_count: self.subscribers.len(), user_count: self.roster.len() }
    }
}

fn close(socket: &mut Socket, code: CloseCode) {
    if let Some(close) = socket.close.take() {
        // A task that is gone needs no order.
        let _ = close.send(code);
    }
}

fn deliver(sockets: &mut HashMap<SocketKey, Socket>, to: impl IntoIterator<Item = SocketKey>, frame: &Utf8Bytes) {
    for key in to {
        let Some(socket) = sockets.get_mut(&key) else { continue };
        // After the order to close nothing more is put in: the client fetches what it missed.
        if socket.close.is_none() {
            continue;
        }
        let waiting = socket.waiting_bytes.fetch_add(frame.len(), Ordering::Relaxed);
        if waiting + frame.len() > QUEUE_BYTES_MAX || socket.frames.try_send(frame.clone()).is_err() {
            tracing::info!(socket.id = socket.socket_id, "a slow reader is closed");
            close(socket, CloseCode::OverCapacity);
        }
    }
}

//! One event loop: a thread that owns its sockets. Reads what they say, gathers what they get, writes it with one call
//! for each socket, and sleeps while nothing happens.
//!
//! **Invariant:** no frame is left out on a connection that stays open: a reader that is too far behind is closed with
//! 4100.

mod arrive;
mod receive;
mod send;

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use guildhall_pusher::{
    close::CloseCode,
    connection::{Output, Subscription},
    frame,
    socket_id::SocketId,
};
use mio::{Events, Interest, Poll, Token, net::TcpListener};
use slab::Slab;

use self::{
    arrive::{Door, LISTENER},
    send::words_for,
};
use crate::{
    batch::Batch,
    hub::Shared,
    inbox::{Command, ConnectionInfo},
    socket::{Socket, State},
    timers::Timers,
    websocket::{close_frame, text_frame},
};

/// The token of the waker; sockets have their place.
pub const WAKER: Token = Token(usize::MAX);
/// One buffer for what is read from any socket: what a TLS record holds at most.
const READ_BYTES: usize = 16 * 1024;
/// Bytes gathered before they are written: bounds what a burst of rosters costs.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How long the last frames of a closing connection may take, milliseconds.
const CLOSE_MS: i64 = 2_000;
/// How long draining may take.
const DRAIN_MS: i64 = 3_000;

/// A channel's place in [`Subscription::tag`]: the channel's number, and where the socket stands among its subscribers.
fn tag(channel: u32, at: u32) -> u64 {
    (u64::from(channel) + 1) << 32 | u64::from(at)
}

fn untag(tag: u64) -> Option<(u32, u32)> {
    let channel = u32::try_from((tag >> 32).checked_sub(1)?).ok()?;
    Some((channel, tag as u32))
}

struct Subscribers {
    app: usize,
    name: Arc<str>,
    places: Vec<u32>,
}

pub struct EventLoop {
    index: usize,
    poll: Poll,
    shared: Arc<Shared>,
    sockets: Slab<Socket>,
    /// By the channel's number.
    channels: Vec<Option<Subscribers>>,
    timers: Timers,
    batch: Batch,
    /// Sockets with something in the batch.
    dirty: Vec<u32>,
    /// Sockets that had more to say than their turn allowed.
    again: Vec<u32>,
    /// Commands that were taken out of the inbox, oldest first.
    commands: VecDeque<Command>,
    taken: Vec<Command>,
    /// What sockets said right behind their upgrade.
    early: Vec<(SocketId, Vec<u8>)>,
    /// Sockets whose other side has closed: gone as soon as our answer has left.
    finishing: Vec<SocketId>,
    buffer: Vec<u8>,
    /// Frames and bytes written in this turn, by app.
    written: Vec<(u64, u64)>,
    door: Option<Door>,
    now: i64,
    drained_by: Option<i64>,
}

impl EventLoop {
    pub fn new(index: usize, poll: Poll, shared: Arc<Shared>) -> Self {
        Self {
            index,
            poll,
            sockets: Slab::new(),
            channels: Vec::new(),
            timers: Timers::default(),
            batch: Batch::default(),
            dirty: Vec::new(),
            again: Vec::new(),
            commands: VecDeque::new(),
            taken: Vec::new(),
            early: Vec::new(),
            finishing: Vec::new(),
            buffer: vec![0; READ_BYTES],
            written: vec![(0, 0); shared.settings.len()],
            door: None,
            now: 0,
            drained_by: None,
            shared,
        }
    }

    pub fn run(mut self) {
        let mut events = Events::with_capacity(1_024);
        loop {
            let timeout = self.timeout();
            if let Err(error) = self.poll.poll(&mut events, timeout)
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "an event loop cannot wait for its sockets");
                return;
            }
            self.now = self.shared.now();
            for event in &events {
                if event.token() == WAKER {
                    continue;
                }
                if event.token() == LISTENER {
                    self.accept();
                    continue;
                }
                let place = u32::try_from(event.token().0).unwrap_or(u32::MAX);
                if event.is_writable() {
                    self.on_writable(place);
                }
                if event.is_readable() || event.is_error() || event.is_read_closed() {
                    // The end may stand right behind the last bytes, and is not told of a second time.
                    self.on_readable(place, event.is_read_closed() || event.is_error());
                }
            }
            for place in std::mem::take(&mut self.again) {
                self.on_readable(place, true);
            }
            if self.door.as_ref().is_some_and(|door| door.again_at.is_some_and(|at| at <= self.now)) {
                self.accept();
            }
            self.work();
            self.hear_early();
            self.flush();
            self.pass_time();
            self.work();
            self.flush();
            if self.drained_by.is_some_and(|by| self.sockets.is_empty() || self.now >= by) {
                return self.end();
            }
        }
    }

    fn listen(&mut self, mut listener: TcpListener, loopback_only: bool) {
        if let Err(error) = self.poll.registry().register(&mut listener, LISTENER, Interest::READABLE) {
            return tracing::error!(%error, "the realtime listener cannot be watched");
        }
        self.shared.loopback_only.store(loopback_only, Relaxed);
        self.door = Some(Door { listener, again_at: None });
        self.accept();
    }

    fn timeout(&self) -> Option<Duration> {
        if !self.again.is_empty() {
            return Some(Duration::ZERO);
        }
        let due = Some(self.shared.due_at.load(Relaxed)).filter(|at| self.index == 0 && *at < i64::MAX);
        let accept = self.door.as_ref().and_then(|door| door.again_at);
        let next = [self.timers.next(), due, accept, self.drained_by].into_iter().flatten().min()?;
        Some(Duration::from_millis(u64::try_from(next - self.shared.now()).unwrap_or(0)))
    }

    /// Every place that is still taken is given up.
    fn end(&mut self) {
        for place in self.sockets.iter().map(|(place, _)| place).collect::<Vec<_>>() {
            self.remove(place as u32, false);
        }
    }

    /// Has a socket looked at by then, if it is not sooner anyway.
    fn look_at(&mut self, place: u32, at: i64) {
        let now = self.now;
        let Some(socket) = self.get(place) else { return };
        if socket.timer <= now || socket.timer > at {
            socket.timer = at;
            let nonce = socket.nonce;
            self.timers.add(at, place, nonce);
        }
    }

    fn get(&mut self, place: u32) -> Option<&mut Socket> {
        self.sockets.get_mut(place as usize)
    }

    fn id(&self, place: u32, nonce: u32) -> SocketId {
        SocketId { place: u64::from(place) << 8 | self.index as u64, nonce }
    }

    /// The place of a socket that is still there.
    fn find(&mut self, id: SocketId) -> Option<u32> {
        let place = u32::try_from(id.place >> 8).ok()?;
        let ours = id.place % 256 == self.index as u64;
        self.get(place).filter(|socket| ours && socket.nonce == id.nonce).map(|_| place)
    }

    /// Does what waits in the inbox, in order.
    fn work(&mut self) {
        loop {
            while let Some(command) = self.commands.pop_front() {
                self.carry_out(command);
                if self.batch.bytes() > BATCH_BYTES_MAX {
                    self.flush();
                }
            }
            self.shared.inboxes[self.index].take(&mut self.taken);
            if self.taken.is_empty() {
                return;
            }
            self.commands.extend(self.taken.drain(..));
        }
    }

    fn carry_out(&mut self, command: Command) {
        match command {
            Command::Adopt(new) => self.adopt(*new),
            Command::Accepted { stream, address } => self.admit(stream, address),
            Command::Listen { listener, loopback_only } => self.listen(listener, loopback_only),
            Command::Event { channel, frame, except, since } => self.event(channel, frame, except, since),
            Command::Join { socket, channel, name, frames } => self.join(socket, channel, name, frames),
            Command::Send { socket, frame } => {
                if let Some(place) = self.find(socket) {
                    self.send(place, frame);
                }
            }
            Command::Close { socket, code } => {
                if let Some(place) = self.find(socket) {
                    self.close(place, code);
                }
            }
            Command::Bind { socket, bound } => {
                if let Some(place) = self.find(socket) {
                    self.sockets[place as usize].rare.bound = Some(bound);
                }
            }
            Command::CloseBound { user, token, code } => {
                let meant =
                    |socket: &Socket| socket.rare.bound.is_some_and(|b| Some(b.user) == user || Some(b.token) == token);
                for place in self.places(meant) {
                    self.close(place, code);
                }
            }
            Command::Revoke { app, channel, user, why } => {
                let meant = |socket: &Socket| {
                    socket.app == u32::try_from(app).ok() && socket.rare.bound.is_some_and(|b| b.user == user)
                };
                for place in self.places(meant) {
                    self.revoke(place, app, &channel, &why);
                }
            }
            Command::Report(sender) => {
                let infos = self.sockets.iter().filter_map(|(place, socket)| self.info(place as u32, socket)).collect();
                // Whoever asked may have given up.
                let _ = sender.send(infos);
            }
            Command::Drain => {
                self.drained_by = Some(self.now + DRAIN_MS);
                // The port is free for a successor at once.
                self.door = None;
                for place in self.places(|socket| matches!(socket.state, State::Http(_))) {
                    self.remove(place, false);
                }
                // They come back at once, here or elsewhere: nobody needs to hear that they went.
                let words = words_for(CloseCode::Reconnect);
                let code = CloseCode::Reconnect.number();
                let last = [text_frame(&frame::error(Some(code), words)), close_frame(code, words)].concat();
                for place in self.places(|_| true) {
                    self.end_with(place, &last, true);
                }
            }
        }
    }

    /// What sockets said right behind their upgrade. Not while a command is carried out: what comes of it is a command
    /// again, which must wait for its turn.
    fn hear_early(&mut self) {
        for (id, mut bytes) in std::mem::take(&mut self.early) {
            if let Some(place) = self.find(id) {
                self.on_bytes(place, &mut bytes);
            }
        }
    }

    fn places(&self, meant: impl Fn(&Socket) -> bool) -> Vec<u32> {
        self.sockets.iter().filter(|(_, socket)| meant(socket)).map(|(place, _)| place as u32).collect()
    }

    fn info(&self, place: u32, socket: &Socket) -> Option<ConnectionInfo> {
        let State::Open(connection) = &socket.state else { return None };
        Some(ConnectionInfo {
            socket_id: self.id(place, socket.nonce),
            app: connection.app().credentials.id.clone(),
            address: socket.rare.address,
            client: socket.rare.client.clone(),
            bound: socket.rare.bound,
            user_id: connection.user_id().cloned(),
            channels: connection.subscriptions().iter().map(|s| Arc::clone(&s.channel)).collect(),
            frames_in: socket.rare.frames_in,
            waiting_bytes: socket.backlog.as_ref().map_or(0, |b| b.bytes),
            age_ms: (self.now - socket.rare.connected_at, self.now - connection.last_frame_at()),
            last_error: socket.rare.last_error.clone(),
        })
    }

    fn event(&mut self, channel: u32, frame: Arc<[u8]>, except: Option<SocketId>, since: Option<Instant>) {
        let except = except.and_then(|id| self.find(id));
        let Some(Some(subscribers)) = self.channels.get(channel as usize) else { return };
        let frame = self.batch.add(frame, since.map(|since| (subscribers.app, since)));
        for place in &subscribers.places {
            if Some(*place) == except {
                continue;
            }
            let Some(socket) = self.sockets.get_mut(*place as usize) else { continue };
            if self.batch.append(&mut socket.chain, frame) {
                self.dirty.push(*place);
            }
        }
    }

    fn join(&mut self, socket: SocketId, channel: u32, name: Arc<str>, frames: Vec<Arc<[u8]>>) {
        let Some(place) = self.find(socket) else { return };
        let Some(app) = self.sockets[place as usize].app else { return };
        let index = channel as usize;
        if self.channels.len() <= index {
            self.channels.resize_with(index + 1, || None);
        }
        let subscribers = self.channels[index].get_or_insert_with(|| Subscribers {
            app: app as usize,
            name: Arc::clone(&name),
            places: Vec::new(),
        });
        let at = subscribers.places.len() as u32;
        let held = self.sockets[place as usize].connection().and_then(|c| c.subscription_mut(&name));
        let Some(held) = held else { return };
        // One name for all who listen.
        held.channel = name;
        held.tag = tag(channel, at);
        subscribers.places.push(place);
        for frame in frames {
            self.send(place, frame);
        }
    }

    /// Takes a socket out of a channel's list; the last of the list takes its place.
    fn part(&mut self, subscription: &Subscription) {
        let Some((channel, at)) = untag(subscription.tag) else { return };
        let Some(subscribers) = self.channels.get_mut(channel as usize).and_then(Option::as_mut) else { return };
        subscribers.places.swap_remove(at as usize);
        let name = Arc::clone(&subscribers.name);
        match subscribers.places.get(at as usize).copied() {
            Some(moved) => {
                let connection = self.sockets.get_mut(moved as usize).and_then(Socket::connection);
                if let Some(held) = connection.and_then(|c| c.subscription_mut(&name)) {
                    held.tag = tag(channel, at);
                }
            }
            None if subscribers.places.is_empty() => self.channels[channel as usize] = None,
            None => {}
        }
    }

    fn revoke(&mut self, place: u32, app: usize, channel: &str, why: &str) {
        let nonce = self.sockets[place as usize].nonce;
        let Some((gone, words)) = self.get(place).and_then(Socket::connection).and_then(|c| c.revoke(channel, why))
        else {
            return;
        };
        self.part(&gone);
        let id = self.id(place, nonce);
        self.shared.with_directory(|d, now| d.unsubscribe(app, id, &gone, false, now));
        self.say(place, &words);
    }

    fn pass_time(&mut self) {
        if self.index == 0 {
            self.shared.pass_time(self.now);
        }
        for (place, nonce) in self.timers.due(self.now) {
            let now = self.now;
            // A look that was put forward has been taken already.
            let meant = |socket: &&mut Socket| socket.nonce == nonce && socket.timer <= now;
            let Some(socket) = self.get(place).filter(meant) else { continue };
            match &mut socket.state {
                State::Closing { until } if *until <= now => self.remove(place, true),
                State::Http(http) if http.until <= now => self.remove(place, true),
                State::Http(http) => {
                    let until = http.until;
                    self.look_at(place, until);
                }
                State::Closing { until } => {
                    let until = *until;
                    self.look_at(place, until);
                }
                State::Open(connection) => {
                    let app = socket.app;
                    let outputs = connection.on_deadline(now);
                    let next = connection.deadline();
                    if outputs.iter().any(|o| matches!(o, Output::Close(CloseCode::PongLate)))
                        && let Some(app) = app
                    {
                        self.shared.metrics[app as usize].closed_silent.add(1);
                    }
                    self.obey(place, outputs);
                    // An answer may make the next deadline an earlier one: never look away for longer than that takes.
                    let quiet_ms =
                        i64::try_from(self.shared.options.activity_timeout_s).unwrap_or(i64::MAX / 2_000) * 1_000;
                    self.look_at(place, next.min(now + quiet_ms).max(now + 1));
                }
            }
        }
    }
}

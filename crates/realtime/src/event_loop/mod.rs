//! One event loop: a thread that owns its sockets. Reads what they say, gathers what they get, writes it with one call
//! for each socket, and sleeps while nothing happens.
//!
//! **Invariant:** no frame is left out on a connection that stays open: a reader that is too far behind is closed with
//! 4100.

mod arrive;
mod members;
mod receive;
mod send;

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use guildhall_pusher::{close::CloseCode, connection::Output, frame, socket_id::SocketId};
use mio::{Events, Interest, Poll, Token, event::Event, net::TcpListener};
use slab::Slab;

use self::{
    arrive::{Door, LISTENER},
    members::Members,
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
const BATCH_BYTES_MAX: usize = if cfg!(test) { 2 * 1024 } else { 4 * 1024 * 1024 };
/// How long the last frames of a closing connection may take, milliseconds.
const CLOSE_MS: i64 = 2_000;
/// How long draining may take.
const DRAIN_MS: i64 = 3_000;

/// How a loop came to its end.
pub enum Ended {
    /// Everybody was asked to go and went.
    Drained,
    /// The system does not tell any more what happens to its sockets.
    Failed(io::Error),
}

/// What happened to a socket.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    pub token: Token,
    pub readable: bool,
    pub writable: bool,
    /// The other side sends no more, or the socket is broken.
    pub ended: bool,
}

impl From<&Event> for Ready {
    fn from(event: &Event) -> Self {
        let ended = event.is_read_closed() || event.is_error();
        Self { token: event.token(), readable: event.is_readable() || ended, writable: event.is_writable(), ended }
    }
}

pub struct EventLoop {
    index: usize,
    poll: Poll,
    shared: Arc<Shared>,
    sockets: Slab<Socket>,
    members: Members,
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
    /// Rights that were taken away so far.
    losses: u64,
    drained_by: Option<i64>,
    /// What a simulation cannot foretell.
    #[cfg(test)]
    pub log: Vec<crate::simulation::Log>,
    /// Commands carried out so far.
    #[cfg(test)]
    carried_out: u64,
}

impl EventLoop {
    pub fn new(index: usize, poll: Poll, shared: Arc<Shared>) -> Self {
        Self {
            index,
            poll,
            sockets: Slab::new(),
            members: Members::default(),
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
            losses: 0,
            drained_by: None,
            #[cfg(test)]
            log: Vec::new(),
            #[cfg(test)]
            carried_out: 0,
            shared,
        }
    }

    pub fn index(&self) -> usize {
        self.index
    }

    pub fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Runs until it is drained.
    pub fn run(&mut self) -> Ended {
        let mut events = Events::with_capacity(1_024);
        loop {
            let timeout = self.timeout();
            if let Err(error) = self.poll.poll(&mut events, timeout)
                && error.kind() != io::ErrorKind::Interrupted
            {
                return Ended::Failed(error);
            }
            if self.turn(events.iter().map(Ready::from)) {
                self.end();
                return Ended::Drained;
            }
        }
    }

    /// One turn: what happened to the sockets, what waits in the inbox, what is due. Whether it was the last.
    pub fn turn(&mut self, happened: impl Iterator<Item = Ready>) -> bool {
        self.now = self.shared.now();
        for ready in happened {
            if ready.token == WAKER {
                continue;
            }
            if ready.token == LISTENER {
                self.accept();
                continue;
            }
            let place = u32::try_from(ready.token.0).unwrap_or(u32::MAX);
            if ready.writable {
                self.on_writable(place);
            }
            if ready.readable {
                // The end may stand right behind the last bytes, and is not told of a second time.
                self.on_readable(place, ready.ended);
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
        #[cfg(test)]
        self.log.push(crate::simulation::Log::Flush);
        self.flush();
        self.pass_time();
        self.work();
        self.hear_early();
        #[cfg(test)]
        self.log.push(crate::simulation::Log::Flush);
        self.flush();
        self.drained_by.is_some_and(|by| self.sockets.is_empty() || self.now >= by)
    }

    /// After a panic: gives up every socket and whatever belonged to one, and goes on with what waits. Whether the
    /// directory has nothing left of this loop, without which it must not go on.
    pub fn recover(&mut self) -> bool {
        self.members = Members::default();
        self.timers = Timers::default();
        self.batch = Batch::default();
        self.written = vec![(0, 0); self.shared.settings.len()];
        self.dirty.clear();
        self.again.clear();
        self.early.clear();
        self.finishing.clear();
        self.buffer = vec![0; READ_BYTES];
        for (place, mut socket) in std::mem::take(&mut self.sockets) {
            let id = self.id(place as u32, socket.nonce);
            let _ = self.poll.registry().deregister(&mut socket.stream);
            self.shared.leave_address(socket.rare.address, socket.rare.counted_address);
            let app = socket.app.map(|app| app as usize);
            if let (Some(connection), Some(app)) = (socket.connection(), app) {
                let user_id = connection.user_id().cloned();
                let mut gone = connection.end();
                // Those that the directory was told of.
                gone.retain(|subscription| subscription.tag > 0);
                self.shared.metrics[app].connections.sub(1);
                self.shared.with_directory(|directory, now| {
                    for subscription in &gone {
                        directory.unsubscribe(app, id, subscription, true, now);
                    }
                    if let Some(user_id) = &user_id {
                        directory.sign_out(app, id, user_id, true, now);
                    }
                });
            }
        }
        self.shared.with_directory(|directory, _| directory.is_clear_of(self.index))
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
        let due = Some(self.shared.directory.due_at()).filter(|at| self.index == 0 && *at < i64::MAX);
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
                #[cfg(test)]
                {
                    self.carried_out += 1;
                }
                if self.batch.bytes() > BATCH_BYTES_MAX {
                    #[cfg(test)]
                    self.log.push(crate::simulation::Log::Burst(self.carried_out));
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
                if let Some(place) = self.find(socket).filter(|place| self.is_open(*place)) {
                    self.send(place, frame);
                }
            }
            Command::Close { socket, code } => {
                if let Some(place) = self.find(socket) {
                    self.close(place, code);
                }
            }
            Command::Bind { socket, bound, channel, answer } => answer(self.bind(socket, bound, channel)),
            Command::Grant { socket, channel, lost } => self.grant(socket, &channel, lost),
            Command::CloseMember { app, user_id } => {
                let meant = |socket: &Socket| {
                    let State::Open(connection) = &socket.state else { return false };
                    let mut members = connection.subscriptions().iter().filter_map(|s| s.member.as_deref());
                    socket.app == u32::try_from(app).ok() && members.any(|member| *member == *user_id)
                };
                for place in self.places(meant) {
                    self.close(place, CloseCode::Unauthorised);
                }
            }
            Command::Live(answer) => answer(),
            #[cfg(test)]
            Command::Panic => panic!("a panic that was asked for"),
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
                // They come back in a second, here or elsewhere: nobody needs to hear that they went.
                let words = words_for(CloseCode::Restart);
                let code = CloseCode::Restart.number();
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
            #[cfg(test)]
            self.log.push(crate::simulation::Log::Early(id));
            self.on_bytes(id, &mut bytes);
        }
    }

    fn is_open(&self, place: u32) -> bool {
        self.sockets.get(place as usize).is_some_and(|socket| matches!(socket.state, State::Open(_)))
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

    fn pass_time(&mut self) {
        if self.index == 0 {
            self.shared.pass_time(self.now);
        }
        for (place, nonce) in self.timers.due(self.now) {
            let (now, id) = (self.now, self.id(place, nonce));
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
                    self.obey(id, outputs);
                    // An answer may make the next deadline an earlier one: never look away for longer than that takes.
                    let quiet_ms =
                        i64::try_from(self.shared.options.activity_timeout_s).unwrap_or(i64::MAX / 2_000) * 1_000;
                    self.look_at(place, next.min(now + quiet_ms).max(now + 1));
                }
            }
        }
    }
}

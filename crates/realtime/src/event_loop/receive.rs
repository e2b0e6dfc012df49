//! What sockets say, and what comes of it.

use std::{
    io::{self, Read},
    sync::Arc,
};

use guildhall_pusher::{close::CloseCode, connection::Output, frame, limits::FRAME_BYTES_MAX, socket_id::SocketId};

use super::{CLOSE_MS, EventLoop, members::COUNTED, send::about, words_for};
use crate::{
    hub::{Hub, Notice, Published, Taken, Verdict},
    socket::State,
    websocket::{Received, close_frame, pong_frame},
};

/// Reads of one socket in one turn: somebody who sends without end must not keep the others waiting.
const READS_PER_TURN_MAX: usize = 2;

impl EventLoop {
    /// Reads what a socket has to say. `to_end`: until there is nothing more, or the end itself.
    pub(super) fn on_readable(&mut self, place: u32, to_end: bool) {
        // What it said right behind its upgrade comes before whatever it says now.
        self.hear_early();
        let Some(nonce) = self.get(place).map(|socket| socket.nonce) else { return };
        let id = self.id(place, nonce);
        for _ in 0..READS_PER_TURN_MAX {
            let mut buffer = std::mem::take(&mut self.buffer);
            // What it said may have ended it, and its place may be somebody else's by now.
            let Some(place) = self.find(id) else {
                self.buffer = buffer;
                return;
            };
            let read = self.sockets[place as usize].stream.read(&mut buffer);
            let go_on = match read {
                Ok(0) => {
                    self.on_end(place);
                    false
                }
                Ok(n) => {
                    self.on_bytes(id, &mut buffer[..n]);
                    // Less than there was room for: nothing is left, or there will be another event.
                    let buffered = || self.sockets.get(place as usize).is_some_and(|s| s.stream.is_buffered());
                    to_end || n == buffer.len() || buffered()
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => false,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => true,
                Err(_) => {
                    self.remove(place, true);
                    false
                }
            };
            self.buffer = buffer;
            if !go_on {
                return;
            }
        }
        self.again.push(place);
    }

    /// The other side says nothing more. Whoever asked something may still listen: their answer leaves first.
    fn on_end(&mut self, place: u32) {
        let until = self.now + CLOSE_MS;
        let Some(socket) = self.get(place) else { return };
        socket.state = match socket.state {
            State::Open(_) => return self.remove(place, true),
            State::Http(_) => State::Closing { until },
            State::Closing { until } => State::Closing { until },
        };
        socket.rare.said_all = true;
        let nonce = socket.nonce;
        self.look_at(place, until);
        self.finishing.push(self.id(place, nonce));
    }

    pub(super) fn on_bytes(&mut self, id: SocketId, bytes: &mut [u8]) {
        let Some(place) = self.find(id) else { return };
        let socket = &mut self.sockets[place as usize];
        if matches!(socket.state, State::Http(_)) {
            return self.on_request(place, bytes);
        }
        let app = socket.app;
        let mut reader = std::mem::take(&mut socket.reader);
        let length = bytes.len() as u64;
        let mut said = Vec::new();
        let result = reader.take(bytes, FRAME_BYTES_MAX, |received| said.push(received));
        socket.rare.frames_in += said.len() as u64;
        socket.reader = reader;
        if let Some(app) = app {
            let metrics = &self.shared.metrics[app as usize];
            metrics.bytes_in.add(length);
            metrics.frames_in.add(said.len() as u64);
        }
        for received in said {
            self.on_received(id, received);
        }
        if let Err(violation) = result
            && let Some(place) = self.find(id)
        {
            if let Some(app) = app {
                self.shared.metrics[app as usize].closed_broken.add(1);
            }
            self.end_with(place, &close_frame(violation.code(), &violation.to_string()), false);
        }
    }

    fn on_received(&mut self, id: SocketId, received: Received) {
        let now = self.now;
        let Some(place) = self.find(id) else { return };
        let socket = &mut self.sockets[place as usize];
        let Some(connection) = socket.connection() else {
            if received == Received::Close {
                self.remove(place, false);
            }
            return;
        };
        match received {
            Received::Text(text) => {
                if tracing::enabled!(tracing::Level::DEBUG) {
                    let (event, channel) = about(&text);
                    let app = &*connection.app().credentials.id;
                    tracing::debug!(app, socket = %id, event, channel, bytes = text.len(), "frame in");
                }
                let outputs = connection.on_text(&text, now);
                self.obey(id, outputs);
            }
            Received::Ping(payload) => {
                connection.on_life(now);
                self.send(place, pong_frame(&payload));
            }
            Received::Pong => connection.on_life(now),
            Received::Binary => {
                connection.on_life(now);
                self.say(place, &frame::error(None, "Only text frames are spoken here"));
            }
            // It is answered in kind, and then both are done.
            Received::Close => {
                self.end_with(place, &close_frame(1000, ""), false);
                self.finishing.push(id);
            }
        }
    }

    /// Does what the protocol asks for, as long as the socket is there: any of it may end it.
    pub(super) fn obey(&mut self, id: SocketId, outputs: Vec<Output>) {
        for output in outputs {
            let Some(place) = self.find(id).filter(|place| self.is_open(*place)) else { return };
            let app = self.sockets[place as usize].app.unwrap_or(0) as usize;
            match output {
                Output::Send(text) => self.say(place, &text),
                Output::Subscribe { channel, member, told } => {
                    let revoked = self.is_revoked(place, &channel);
                    let Some(connection) = self.sockets[place as usize].connection() else { return };
                    if revoked {
                        // It was not told to the directory yet: forgetting it is all.
                        if let Some((_, words)) = connection.revoke(&channel, "The right was taken away: ask anew") {
                            self.say(place, &words);
                        }
                        continue;
                    }
                    tracing::debug!(app = connection.app().credentials.id, socket = %id, %channel, "subscribed");
                    connection.subscription_mut(&channel).expect("it was just added").tag = COUNTED;
                    self.shared.with_directory(|d, now| d.subscribe(app, id, &channel, member.as_ref(), told, now));
                    #[cfg(test)]
                    self.shared.clock.interrupt();
                    // Now, so that nothing the socket says next finds it half way in.
                    self.work();
                }
                Output::Unsubscribe(gone) => {
                    let name = &self.shared.settings[app].credentials.id;
                    tracing::debug!(app = name, socket = %id, channel = %gone.channel, "unsubscribed");
                    self.leave(app, id, &gone);
                }
                Output::ClientEvent { channel, event, data, user_id } => {
                    self.client_event(place, id, app, channel, event, data, user_id.as_deref());
                }
                Output::SignedIn { user_id, watchlist } => {
                    self.shared.with_directory(|d, _| d.sign_in(app, id, &user_id, &watchlist));
                }
                Output::Close(code) => {
                    let lost = code == CloseCode::PongLate;
                    self.end_with(place, &close_frame(code.number(), words_for(code)), lost);
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one event")]
    fn client_event(
        &mut self,
        place: u32,
        socket: SocketId,
        app: usize,
        channel: Arc<str>,
        event: String,
        data: String,
        user_id: Option<&str>,
    ) {
        let verdict = self.shared.watcher.judge(app, &channel, &event);
        let refused = match verdict {
            Verdict::Pass => {
                let published =
                    Published { channel: &channel, event: &event, data: &data, seq: None, except_socket: None };
                let sent = Hub(Arc::clone(&self.shared)).publish_as(app, &published, Some(socket), user_id);
                if sent.is_ok() {
                    self.shared.metrics[app].client_events.add(1);
                    self.shared.watcher.notice(Notice::ClientEvent {
                        app,
                        channel: &channel,
                        event: &event,
                        data: &data,
                        socket,
                        user_id,
                    });
                }
                sent.err().map(|_| "Too many events wait to be sent")
            }
            Verdict::Take => self.shared.watcher.take(Taken { socket, channel, event, data }).err(),
            Verdict::Refuse(words) => Some(words),
        };
        if let Some(words) = refused {
            self.shared.metrics[app].client_events_refused.add(1);
            self.say(place, &frame::error(Some(CloseCode::ClientEvent.number()), words));
        }
    }
}

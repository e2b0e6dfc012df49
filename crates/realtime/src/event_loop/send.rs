//! What sockets get, and how they end.

use std::{sync::Arc, time::Instant};

use guildhall_pusher::{close::CloseCode, frame};

use super::{CLOSE_MS, EventLoop};
use crate::{
    socket::State,
    websocket::{close_frame, text_frame},
};

/// Bytes of answers to requests that may wait for one connection.
const ANSWERS_WAITING_MAX: usize = 1024 * 1024;

impl EventLoop {
    /// Says something to one socket; an error is remembered for whoever looks at the connection.
    pub(super) fn say(&mut self, place: u32, text: &str) {
        if text.contains("\"pusher:error\"") || text.contains("\"pusher:subscription_error\"") {
            let Some(socket) = self.get(place) else { return };
            socket.rare.last_error = Some(text.to_owned());
        }
        if tracing::enabled!(tracing::Level::DEBUG)
            && let Some(socket) = self.sockets.get(place as usize)
        {
            let app = socket.app.map(|app| &*self.shared.settings[app as usize].credentials.id);
            let id = self.id(place, socket.nonce);
            let (event, channel) = about(text);
            tracing::debug!(app, socket = %id, event, channel, bytes = text.len(), "frame out");
        }
        self.send(place, text_frame(text));
    }

    pub(super) fn send(&mut self, place: u32, bytes: Arc<[u8]>) {
        let frame = self.batch.add(bytes, None);
        let Some(socket) = self.sockets.get_mut(place as usize) else { return };
        if self.batch.append(&mut socket.chain, frame) {
            self.dirty.push(place);
        }
    }

    /// Writes what was gathered.
    pub(super) fn flush(&mut self) {
        let mut slow = Vec::new();
        let mut broken = Vec::new();
        for place in self.dirty.drain(..) {
            let Some(socket) = self.sockets.get_mut(place as usize) else { continue };
            let chain = std::mem::take(&mut socket.chain);
            if chain.is_empty() {
                continue;
            }
            let (bytes, frames, largest) = self.batch.merge(chain);
            let app = socket.app.map(|app| app as usize);
            let waiting_max = app.map_or(0, |app| self.shared.settings[app].limits.waiting_bytes_max);
            match socket.write(bytes, largest) {
                Ok(waiting) if waiting > waiting_max.max(bytes.len()) && matches!(socket.state, State::Open(_)) => {
                    slow.push(place);
                }
                // Somebody who asks and asks and does not read the answers.
                Ok(waiting) if waiting > ANSWERS_WAITING_MAX && matches!(socket.state, State::Http(_)) => {
                    broken.push(place);
                }
                Ok(_) => {}
                Err(_) => broken.push(place),
            }
            if let Some(app) = app {
                self.written[app].0 += frames;
                self.written[app].1 += bytes.len() as u64;
            }
        }
        let at = Instant::now();
        let metrics = &self.shared.metrics;
        self.batch.clear(|app, since| metrics[app].took(at.duration_since(since)));
        for (app, (frames, bytes)) in self.written.iter_mut().enumerate().filter(|(_, written)| written.0 > 0) {
            metrics[app].frames_out.add(std::mem::take(frames));
            metrics[app].bytes_out.add(std::mem::take(bytes));
        }
        for place in broken {
            self.remove(place, true);
        }
        for place in slow {
            self.close_slow(place);
        }
        for id in std::mem::take(&mut self.finishing) {
            if let Some(place) = self.find(id).filter(|place| self.sockets[*place as usize].backlog.is_none()) {
                self.remove(place, false);
            }
        }
        #[cfg(test)]
        self.log.push(crate::simulation::Log::Written);
    }

    pub(super) fn on_writable(&mut self, place: u32) {
        let Some(socket) = self.get(place) else { return };
        if socket.backlog.is_none() && !socket.stream.holds_back() {
            return;
        }
        match socket.write_backlog() {
            Err(_) => self.remove(place, true),
            Ok(true) if socket.rare.said_all => self.remove(place, false),
            Ok(_) => {}
        }
    }

    pub(super) fn close_slow(&mut self, place: u32) {
        let Some(socket) = self.get(place) else { return };
        let app = socket.app;
        socket.cut_backlog();
        if let Some(app) = app {
            self.shared.metrics[app as usize].closed_slow.add(1);
        }
        tracing::info!(place, "a slow reader is closed");
        self.close(place, CloseCode::OverCapacity);
    }

    /// Closes a connection with a code: the reason in a frame, then the close.
    pub(super) fn close(&mut self, place: u32, code: CloseCode) {
        let Some(socket) = self.get(place) else { return };
        let app = socket.app;
        if socket.connection().is_none() {
            return;
        }
        if code == CloseCode::Unauthorised
            && let Some(app) = app
        {
            self.shared.metrics[app as usize].closed_unauthorised.add(1);
        }
        let words = words_for(code);
        let bytes = [text_frame(&frame::error(Some(code.number()), words)), close_frame(code.number(), words)].concat();
        self.end_with(place, &bytes, false);
    }

    /// The protocol is over on this socket: these are its last bytes. It is given up once the other side has closed as
    /// well, or after a while.
    pub(super) fn end_with(&mut self, place: u32, last: &[u8], lost: bool) {
        let until = self.now + CLOSE_MS;
        let Some(socket) = self.get(place) else { return };
        if !matches!(socket.state, State::Open(_)) {
            return;
        }
        self.leave_channels(place, lost);
        if let Some(socket) = self.get(place) {
            socket.state = State::Closing { until };
        }
        self.look_at(place, until);
        self.send(place, last.into());
    }

    pub(super) fn leave_channels(&mut self, place: u32, lost: bool) {
        let Some(socket) = self.sockets.get_mut(place as usize) else { return };
        let (nonce, app) = (socket.nonce, socket.app);
        let Some(connection) = socket.connection() else { return };
        let user_id = connection.user_id().cloned();
        let mut gone = connection.end();
        // Those that the directory was told of.
        gone.retain(|subscription| subscription.tag > 0);
        for subscription in &gone {
            self.part(place, subscription);
        }
        let Some(app) = app.map(|app| app as usize) else { return };
        let id = self.id(place, nonce);
        tracing::debug!(app = self.shared.settings[app].credentials.id, socket = %id, lost, "disconnected");
        #[cfg(test)]
        self.log.push(crate::simulation::Log::Ended(id));
        self.shared.metrics[app].connections.sub(1);
        if gone.is_empty() && user_id.is_none() {
            return;
        }
        self.shared.with_directory(|directory, now| {
            for subscription in &gone {
                directory.unsubscribe(app, id, subscription, lost, now);
            }
            if let Some(user_id) = &user_id {
                directory.sign_out(app, id, user_id, lost, now);
            }
        });
    }

    /// A socket is gone.
    pub(super) fn remove(&mut self, place: u32, lost: bool) {
        let Some(socket) = self.get(place) else { return };
        if matches!(socket.state, State::Open(_))
            && lost
            && let Some(app) = socket.app
        {
            self.shared.metrics[app as usize].lost.add(1);
        }
        self.leave_channels(place, lost);
        let mut socket = self.sockets.remove(place as usize);
        // A socket that the system closed by itself is not watched any more: nothing to be done about an error.
        let _ = self.poll.registry().deregister(&mut socket.stream);
        socket.stream.finish();
        self.shared.leave_address(socket.rare.address, socket.rare.counted_address);
    }
}

/// The event of a frame and its channel, for the log.
pub(super) fn about(text: &str) -> (Option<String>, Option<String>) {
    let Ok(frame) = frame::Frame::parse(text) else { return (None, None) };
    let inner = || {
        let asked: serde_json::Value = serde_json::from_str(frame.data?.get()).ok()?;
        asked["channel"].as_str().map(str::to_owned)
    };
    let channel = frame.channel.as_ref().map(|name| name.to_string()).or_else(inner);
    (Some(frame.event.to_string()), channel)
}

pub(super) fn words_for(code: CloseCode) -> &'static str {
    match code {
        CloseCode::OverCapacity => "The reader is too slow",
        CloseCode::Unauthorised => "No longer authorised",
        CloseCode::Restart => "The server restarts",
        CloseCode::PongLate => "Pong reply not received in time",
        _ => "Closed",
    }
}

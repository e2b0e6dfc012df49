//! Many WebSocket clients on one thread: connects, greets, reads frames, answers pings. Knows the protocol's greeting and
//! liveness; what a subscription or an event means is the scenario's to know.
//!
//! It shares the machine with the server it measures, so it does little for each frame: one buffer for all reads, no
//! parsing of JSON, nothing allocated, and a socket that is empty is not read a second time.

use std::{
    io::{self, Read, Write},
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Registry, Token, event::Event, net::TcpStream};

use crate::{
    publish::{Published, Publishers},
    target::Target,
    ws,
};

/// Bytes of the buffer that all sockets are read into. Grows when one frame is larger.
const BUFFER_BYTES: usize = 256 * 1024;
/// Events taken from the system at a time: few, so that what a frame allows (the next publish) is not put off for long.
const EVENTS_MAX: usize = 256;
/// Tokens from here on are publishers.
const PUBLISHERS_FROM: usize = 1 << 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Absent,
    Connecting,
    Upgrading,
    Greeting,
    Open,
}

/// One client.
pub struct Socket {
    stream: Option<TcpStream>,
    state: State,
    paused: bool,
    /// The beginning of a frame whose end has not come.
    partial: Vec<u8>,
    /// The beginning of a message whose last frame has not come.
    fragments: Vec<u8>,
    unsent: Vec<u8>,
    started_us: u64,
    /// How the server calls it; empty until it has greeted.
    pub socket_id: String,
}

impl Socket {
    fn absent() -> Self {
        Self {
            stream: None,
            state: State::Absent,
            paused: false,
            partial: Vec::new(),
            fragments: Vec::new(),
            unsent: Vec::new(),
            started_us: 0,
            socket_id: String::new(),
        }
    }

    /// Whether the server has greeted and the connection stands.
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Sends a text. What does not fit is sent when there is room.
    pub fn send(&mut self, text: &str) {
        self.put(ws::TEXT, text.as_bytes());
    }

    fn put(&mut self, opcode: u8, payload: &[u8]) {
        if self.stream.is_some() {
            ws::put(&mut self.unsent, opcode, payload);
            self.flush();
        }
    }

    fn flush(&mut self) {
        let Some(stream) = self.stream.as_mut() else { return };
        while !self.unsent.is_empty() {
            match stream.write(&self.unsent) {
                Ok(count) if count == self.unsent.len() => self.unsent = Vec::new(),
                Ok(count) => drop(self.unsent.drain(..count)),
                // A broken connection is met again when it is read.
                Err(_) => return,
            }
        }
    }
}

/// What happens on the sockets, told to a scenario.
pub trait Watch {
    /// The server has greeted, so many microseconds after the connect began.
    fn greeted(&mut self, index: usize, socket: &mut Socket, took_us: u64);
    /// A text came. `false` when it says nothing to this scenario: then it may be a ping.
    fn text(&mut self, index: usize, socket: &mut Socket, text: &[u8], now_us: u64) -> bool;
    /// The connection is gone, and it was not us who let it go.
    fn closed(&mut self, index: usize);
    /// A publish has ended.
    fn published(&mut self, _publisher: usize, _outcome: Published) {}
}

/// All sockets of a run, and the clock they share.
pub struct Fleet {
    poll: Poll,
    events: Events,
    buffer: Vec<u8>,
    started: Instant,
    request: Vec<u8>,
    target: Target,
    /// By index.
    pub sockets: Vec<Socket>,
    /// The publishing connections.
    pub publishers: Publishers,
}

impl Fleet {
    /// So many sockets, none connected yet, and so many publishing connections, which connect at once.
    ///
    /// # Errors
    /// When the system has no sockets to give.
    pub fn new(target: &Target, sockets: usize, publishers: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        let publishers = Publishers::open(poll.registry(), target.address, PUBLISHERS_FROM, publishers)?;
        Ok(Self {
            poll,
            events: Events::with_capacity(EVENTS_MAX),
            buffer: vec![0; BUFFER_BYTES],
            started: Instant::now(),
            request: ws::upgrade(&target.host, &target.socket_path()),
            target: target.clone(),
            sockets: (0..sockets).map(|_| Socket::absent()).collect(),
            publishers,
        })
    }

    /// Microseconds since this fleet began.
    pub fn now_us(&self) -> u64 {
        self.started.elapsed().as_micros() as u64
    }

    /// Connects a socket; one that was connected before is let go without a word.
    ///
    /// # Errors
    /// When the system has no socket to give.
    pub fn connect(&mut self, index: usize) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.target.address)?;
        self.poll.registry().register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
        let started_us = self.now_us();
        self.sockets[index] = Socket { stream: Some(stream), state: State::Connecting, started_us, ..Socket::absent() };
        Ok(())
    }

    /// Lets a socket go without a word, as a lost link does.
    pub fn cut(&mut self, index: usize) {
        self.sockets[index] = Socket::absent();
    }

    /// Stops reading a socket, or begins again. What came meanwhile is read at the next [`Fleet::read_again`].
    pub fn pause(&mut self, index: usize, paused: bool) {
        self.sockets[index].paused = paused;
    }

    /// Reads a socket that was paused: the system does not tell twice of what it told already.
    pub fn read_again(&mut self, index: usize, watch: &mut impl Watch) {
        read(&mut self.sockets[index], index, true, &mut self.buffer, self.started, watch);
    }

    /// Publishes on a connection that is ready.
    pub fn publish(&mut self, publisher: usize, channel: &str, data: &str) {
        let now_s = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
        self.publishers.send(publisher, &self.target.publish_request(channel, data, now_s));
    }

    /// Waits for something to happen, `timeout` at most, and tells it.
    ///
    /// # Errors
    /// When the system refuses to wait, or a publisher cannot reconnect.
    pub fn turn(&mut self, timeout: Duration, watch: &mut impl Watch) -> io::Result<()> {
        match self.poll.poll(&mut self.events, Some(timeout)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            other => other?,
        }
        for event in &self.events {
            let Token(token) = event.token();
            if let Some(publisher) = token.checked_sub(PUBLISHERS_FROM) {
                let registry: &Registry = self.poll.registry();
                if let Some(outcome) = self.publishers.on_event(registry, publisher, &mut self.buffer)? {
                    watch.published(publisher, outcome);
                }
            } else if let Some(socket) = self.sockets.get_mut(token) {
                on_event(socket, token, event, &self.request, &mut self.buffer, self.started, watch);
            }
        }
        Ok(())
    }

    /// Waits until a moment of this fleet's clock. The system counts in milliseconds: the last one is waited out in small
    /// sleeps, so that an event is sent when it is due.
    ///
    /// # Errors
    /// As [`Fleet::turn`].
    pub fn turn_until(&mut self, until_us: u64, watch: &mut impl Watch) -> io::Result<()> {
        let left_us = until_us.saturating_sub(self.now_us());
        if left_us >= 2_000 {
            return self.turn(Duration::from_millis(left_us / 1_000 - 1), watch);
        }
        self.turn(Duration::ZERO, watch)?;
        if self.events.is_empty() && left_us > 0 {
            std::thread::sleep(Duration::from_micros(left_us.min(50)));
        }
        Ok(())
    }
}

fn on_event(
    socket: &mut Socket,
    index: usize,
    event: &Event,
    request: &[u8],
    buffer: &mut Vec<u8>,
    started: Instant,
    watch: &mut impl Watch,
) {
    if socket.state == State::Connecting {
        let Some(stream) = socket.stream.as_mut() else { return };
        if stream.peer_addr().is_ok() {
            // Small frames are not to wait for the acknowledgement of the one before.
            let _ = stream.set_nodelay(true);
            socket.state = State::Upgrading;
            socket.unsent.extend_from_slice(request);
        } else if event.is_error() || event.is_read_closed() {
            *socket = Socket::absent();
            watch.closed(index);
            return;
        }
    }
    if event.is_writable() {
        socket.flush();
    }
    if event.is_readable() && !socket.paused {
        read(socket, index, event.is_read_closed(), buffer, started, watch);
    }
}

/// Reads what is there, and with `to_the_end` until the system says that there is no more.
fn read(
    socket: &mut Socket,
    index: usize,
    to_the_end: bool,
    buffer: &mut Vec<u8>,
    started: Instant,
    watch: &mut impl Watch,
) {
    loop {
        let kept = socket.partial.len();
        if buffer.len() < kept + BUFFER_BYTES / 2 {
            buffer.resize(kept + BUFFER_BYTES, 0);
        }
        let Some(stream) = socket.stream.as_mut() else { return };
        let room = buffer.len() - kept;
        let count = match stream.read(&mut buffer[kept..]) {
            Ok(0) => 0,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => 0,
        };
        buffer[..kept].copy_from_slice(&socket.partial);
        let now_us = started.elapsed().as_micros() as u64;
        let taken = if count == 0 { None } else { take(socket, index, &buffer[..kept + count], now_us, watch) };
        let Some(taken) = taken else {
            *socket = Socket::absent();
            watch.closed(index);
            return;
        };
        socket.partial.clear();
        if taken < kept + count {
            socket.partial.extend_from_slice(&buffer[taken..kept + count]);
        } else if socket.partial.capacity() > 0 {
            socket.partial = Vec::new();
        }
        // Less than there was room for: that was all, and what comes later is told anew.
        if count < room && !to_the_end {
            return;
        }
    }
}

/// Takes whole frames off the front; how many bytes, `None` when the connection is at its end.
fn take(socket: &mut Socket, index: usize, bytes: &[u8], now_us: u64, watch: &mut impl Watch) -> Option<usize> {
    let mut taken = 0;
    if socket.state == State::Upgrading {
        let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return Some(0) };
        if !bytes.starts_with(b"HTTP/1.1 101") {
            return None;
        }
        socket.state = State::Greeting;
        taken = end + 4;
    }
    while let Some(frame) = ws::parse(&bytes[taken..]).ok()? {
        taken += frame.size_bytes;
        match frame.opcode {
            ws::TEXT if frame.last => on_text(socket, index, frame.payload, now_us, watch),
            ws::TEXT | ws::CONTINUATION => {
                socket.fragments.extend_from_slice(frame.payload);
                if frame.last {
                    let whole = std::mem::take(&mut socket.fragments);
                    on_text(socket, index, &whole, now_us, watch);
                }
            }
            ws::PING => socket.put(0x0a, frame.payload),
            ws::CLOSE => return None,
            _ => {}
        }
    }
    Some(taken)
}

fn on_text(socket: &mut Socket, index: usize, text: &[u8], now_us: u64, watch: &mut impl Watch) {
    if socket.state == State::Greeting {
        if let Some(socket_id) = socket_id(text) {
            socket.socket_id = socket_id;
            socket.state = State::Open;
            let took_us = now_us.saturating_sub(socket.started_us);
            watch.greeted(index, socket, took_us);
        }
        return;
    }
    if !watch.text(index, socket, text, now_us) && memchr::memmem::find(text, b"pusher:ping").is_some() {
        socket.send(r#"{"event":"pusher:pong","data":{}}"#);
    }
}

/// The socket's name in the server's greeting.
fn socket_id(text: &[u8]) -> Option<String> {
    let greeting: serde_json::Value = serde_json::from_slice(text).ok()?;
    if greeting["event"] != "pusher:connection_established" {
        return None;
    }
    let data = greeting["data"].as_str()?;
    let data: serde_json::Value = serde_json::from_str(data).ok()?;
    Some(data["socket_id"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::socket_id;

    #[test]
    fn a_greeting_names_the_socket() {
        let greeting =
            br#"{"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\",\"activity_timeout\":30}"}"#;
        assert_eq!(socket_id(greeting), Some("1.2".to_owned()));
        assert_eq!(socket_id(br#"{"event":"pusher:error","data":{"code":4001}}"#), None);
    }
}

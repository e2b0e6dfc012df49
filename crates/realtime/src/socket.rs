//! One socket of a loop: its bytes, its place in the protocol, and what waits because it does not read.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, Write},
    net::IpAddr,
    sync::Arc,
};

use guildhall_pusher::connection::Connection;

use crate::{batch::Chain, inbox::Bound, stream::Stream, websocket::Reader};

/// How far a socket is.
pub enum State {
    /// It has not said yet what it wants, or makes requests.
    Http(Box<Http>),
    /// The protocol is spoken.
    Open(Box<Connection>),
    /// A close was sent, or will be once what waits has left; gone by this time, milliseconds.
    Closing { until: i64 },
}

/// Requests before, or instead of, an upgrade.
pub struct Http {
    /// Given up by this time, milliseconds, if nothing whole arrives.
    pub until: i64,
    /// What is not whole yet.
    pub arrived: Vec<u8>,
}

/// Bytes that could not be written yet.
#[derive(Default)]
pub struct Backlog {
    parts: VecDeque<Arc<[u8]>>,
    /// How much of the first part is written.
    written: usize,
    /// All of them.
    pub bytes: usize,
    /// The largest frame among them: one that is larger than what may wait is waited for all the same.
    pub largest: usize,
}

/// See the module.
pub struct Socket {
    pub stream: Stream,
    pub state: State,
    pub nonce: u32,
    /// When it is looked at next, milliseconds.
    pub timer: i64,
    /// The number of its app; an app that refused it has none.
    pub app: Option<u32>,
    pub chain: Chain,
    pub reader: Reader,
    pub backlog: Option<Box<Backlog>>,
    pub rare: Box<Rare>,
}

/// What is seldom looked at.
pub struct Rare {
    pub address: IpAddr,
    pub counted_address: bool,
    pub client: Option<Arc<str>>,
    pub bound: Option<Bound>,
    /// Channels that its user lost the right to, and which loss that was: a signature stays valid for the socket, and must
    /// not help.
    pub revoked: BTreeMap<Arc<str>, u64>,
    pub connected_at: i64,
    pub frames_in: u64,
    pub last_error: Option<String>,
    /// The other side has closed its half: the rest is ours to say.
    pub said_all: bool,
}

impl Socket {
    /// The protocol, while it is spoken.
    pub fn connection(&mut self) -> Option<&mut Connection> {
        match &mut self.state {
            State::Open(connection) => Some(connection),
            State::Http(_) | State::Closing { .. } => None,
        }
    }

    /// Writes what it can of these bytes, behind what waits already; the rest waits. `largest` is the length of the largest
    /// frame among them. The bytes that wait now, but for one such frame.
    ///
    /// # Errors
    /// The socket's, when it is broken.
    pub fn write(&mut self, bytes: &[u8], largest: usize) -> io::Result<usize> {
        let mut at = 0;
        if self.backlog.is_none() {
            while at < bytes.len() {
                match self.stream.write(&bytes[at..]) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(n) => at += n,
                    Err(e) if e.kind() == io::ErrorKind::WouldBlock => break,
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                    Err(e) => return Err(e),
                }
            }
            if self.stream.holds_back() {
                ignore_would_block(self.stream.flush())?;
            }
        }
        if at < bytes.len() {
            let backlog = self.backlog.get_or_insert_default();
            backlog.bytes += bytes.len() - at;
            backlog.largest = backlog.largest.max(largest);
            // A part begins with a whole frame, so that one can tell later where the half-written one ends.
            let from = frame_around(bytes, at).0;
            if backlog.parts.is_empty() {
                backlog.written = at - from;
            }
            backlog.parts.push_back(bytes[from..].into());
        }
        Ok(self.backlog.as_ref().map_or(0, |b| b.bytes.saturating_sub(b.largest)))
    }

    /// The socket can be written to again: what waits leaves, as far as it goes. True when nothing waits any more.
    ///
    /// # Errors
    /// The socket's, when it is broken.
    pub fn write_backlog(&mut self) -> io::Result<bool> {
        if self.stream.holds_back() {
            ignore_would_block(self.stream.flush())?;
        }
        let Some(backlog) = self.backlog.as_mut() else { return Ok(!self.stream.holds_back()) };
        while let Some(part) = backlog.parts.front() {
            match self.stream.write(&part[backlog.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    backlog.bytes -= n;
                    backlog.written += n;
                    if backlog.written == part.len() {
                        backlog.written = 0;
                        backlog.parts.pop_front();
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        self.backlog = None;
        ignore_would_block(self.stream.flush())?;
        Ok(!self.stream.holds_back())
    }

    /// Gives up what waits, but for the frame that is half written: a reader that is closed for being slow misses the end
    /// of what was sent, and never something in the middle.
    pub fn cut_backlog(&mut self) {
        let Some(backlog) = self.backlog.as_mut() else { return };
        backlog.parts.truncate(1);
        let whole = backlog.parts.front().map_or(&[][..], |part| &part[..]);
        let (from, to) = frame_around(whole, backlog.written);
        let end = if from == backlog.written { from } else { to };
        if end < whole.len() {
            let kept: Arc<[u8]> = whole[..end].into();
            backlog.parts[0] = kept;
        }
        backlog.bytes = end - backlog.written;
        if backlog.bytes == 0 {
            self.backlog = None;
        }
    }
}

/// Where the frame that the byte at `at` belongs to begins and ends, in bytes that are whole frames.
fn frame_around(bytes: &[u8], at: usize) -> (usize, usize) {
    let mut from = 0;
    while let Some(length) = frame_length(&bytes[from..]) {
        if from + length > at {
            return (from, (from + length).min(bytes.len()));
        }
        from += length;
    }
    (bytes.len(), bytes.len())
}

/// The length of a server's frame, header included.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    match *bytes.get(1)? {
        127 => {
            let length = u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?);
            Some(10 + usize::try_from(length).ok()?)
        }
        126 => Some(4 + usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        short => Some(2 + usize::from(short)),
    }
}

fn ignore_would_block(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websocket::text_frame;

    #[test]
    fn the_frame_around_a_byte_is_found_whatever_its_length() {
        let lengths = [0, 1, 125, 126, 70_000];
        let frames: Vec<_> = lengths.iter().map(|length| text_frame(&"x".repeat(*length))).collect();
        let bytes = frames.concat();
        let mut from = 0;
        for frame in frames {
            let to = from + frame.len();
            for at in [from, from + 1, to - 1] {
                assert_eq!(frame_around(&bytes, at), (from, to));
            }
            from = to;
        }
        assert_eq!(frame_around(&bytes, from), (from, from));
    }
}

//! Connections that publish: signed HTTP, kept open between publishes as long as the server keeps them. One publish at a
//! time on each, so that what one connection publishes has an order.

use std::{
    io::{self, Read, Write},
    net::SocketAddr,
};

use mio::{Interest, Registry, Token, net::TcpStream};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connecting,
    Ready,
    Waiting,
}

struct Publisher {
    stream: Option<TcpStream>,
    state: State,
    input: Vec<u8>,
    unsent: Vec<u8>,
}

/// How a publish ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The server took it.
    Accepted,
    /// The server answered with this status instead.
    Refused(u16),
    /// The connection broke before an answer.
    Broken,
}

/// All publishing connections.
pub struct Publishers {
    address: SocketAddr,
    first_token: usize,
    all: Vec<Publisher>,
    /// How often a connection had to be opened again.
    pub reconnects: u64,
}

/// The server's answer to a publish.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    /// Whether the server closes after it.
    closes: bool,
    size_bytes: usize,
}

/// The first answer in `bytes`, once it is whole. `ended` says that no more bytes will come.
fn answer(bytes: &[u8], ended: bool) -> Option<Answer> {
    let head_bytes = memchr::memmem::find(bytes, b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..head_bytes]).to_ascii_lowercase();
    let mut lines = head.split("\r\n");
    let status_line = lines.next()?;
    let status = status_line.split(' ').nth(1)?.parse().ok()?;
    let (mut length, mut chunked, mut closes) = (None, false, status_line.starts_with("http/1.0"));
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        match (name, value.trim()) {
            ("content-length", digits) => length = digits.parse::<usize>().ok(),
            ("transfer-encoding", encoding) => chunked = encoding.ends_with("chunked"),
            ("connection", choice) => closes = choice.contains("close"),
            _ => {}
        }
    }
    let body = &bytes[head_bytes..];
    let body_bytes = if chunked {
        if body.starts_with(b"0\r\n\r\n") { 5 } else { memchr::memmem::find(body, b"\r\n0\r\n\r\n")? + 7 }
    } else {
        match length {
            Some(length) if length <= body.len() => length,
            None if ended => body.len(),
            _ => return None,
        }
    };
    Some(Answer { status, closes: closes || length.is_none() && !chunked, size_bytes: head_bytes + body_bytes })
}

impl Publishers {
    /// So many connections, the first with `first_token`, the others after it. They connect at once.
    ///
    /// # Errors
    /// When no socket can be had.
    pub fn open(registry: &Registry, address: SocketAddr, first_token: usize, count: usize) -> io::Result<Self> {
        let all = (0..count)
            .map(|_| Publisher { stream: None, state: State::Connecting, input: Vec::new(), unsent: Vec::new() })
            .collect();
        let mut publishers = Self { address, first_token, all, reconnects: 0 };
        for index in 0..count {
            publishers.connect(registry, index)?;
        }
        Ok(publishers)
    }

    fn connect(&mut self, registry: &Registry, index: usize) -> io::Result<()> {
        let publisher = &mut self.all[index];
        publisher.input.clear();
        publisher.unsent.clear();
        publisher.state = State::Connecting;
        let mut stream = TcpStream::connect(self.address)?;
        registry.register(&mut stream, Token(self.first_token + index), Interest::READABLE | Interest::WRITABLE)?;
        publisher.stream = Some(stream);
        Ok(())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether this one can publish now.
    pub fn is_ready(&self, index: usize) -> bool {
        self.all[index].state == State::Ready
    }

    /// Sends a request on a connection that is ready. A break shows itself as the next event of the connection.
    pub fn send(&mut self, index: usize, request: &[u8]) {
        let publisher = &mut self.all[index];
        publisher.state = State::Waiting;
        publisher.unsent.extend_from_slice(request);
        publisher.flush();
    }

    /// Something happened on a connection; how its publish ended, if it did.
    ///
    /// # Errors
    /// When a connection that the server closed cannot be opened again.
    pub fn on_event(&mut self, registry: &Registry, index: usize, buffer: &mut [u8]) -> io::Result<Option<Published>> {
        let publisher = &mut self.all[index];
        let Some(stream) = publisher.stream.as_mut() else { return Ok(None) };
        if publisher.state == State::Connecting && stream.peer_addr().is_ok() {
            stream.set_nodelay(true)?;
            publisher.state = State::Ready;
        }
        publisher.flush();
        let ended = publisher.read(buffer);
        let mut outcome = None;
        let mut closes = ended;
        if publisher.state == State::Waiting {
            if let Some(answer) = answer(&publisher.input, ended) {
                publisher.input.drain(..answer.size_bytes);
                publisher.state = State::Ready;
                closes |= answer.closes;
                outcome = Some(match answer.status {
                    200..300 => Published::Accepted,
                    status => Published::Refused(status),
                });
            } else if ended {
                outcome = Some(Published::Broken);
            }
        }
        if closes {
            self.reconnects += 1;
            self.connect(registry, index)?;
        }
        Ok(outcome)
    }
}

impl Publisher {
    fn flush(&mut self) {
        let Some(stream) = self.stream.as_mut() else { return };
        while !self.unsent.is_empty() && self.state != State::Connecting {
            match stream.write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                // A broken connection is met again when it is read.
                Err(_) => return,
            }
        }
    }

    /// Reads all there is; whether the connection has ended.
    fn read(&mut self, buffer: &mut [u8]) -> bool {
        let Some(stream) = self.stream.as_mut() else { return false };
        loop {
            match stream.read(buffer) {
                Ok(0) => return true,
                Ok(count) => self.input.extend_from_slice(&buffer[..count]),
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected) => return false,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return true,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_once_they_are_whole() {
        let check = |text: &str, ended: bool, expected: Option<(u16, bool, usize)>| {
            let found = answer(text.as_bytes(), ended).map(|a| (a.status, a.closes, a.size_bytes));
            assert_eq!(found, expected, "{text:?}");
        };
        check("", false, None);
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", false, None);
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", false, None);
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", false, Some((200, false, 40)));
        check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}", false, Some((200, true, 59)));
        check("HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", false, None);
        check(
            "HTTP/1.1 401 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            false,
            Some((401, false, 59)),
        );
        check("HTTP/1.1 200 OK\r\n\r\n{}", false, None);
        check("HTTP/1.1 200 OK\r\n\r\n{}", true, Some((200, true, 21)));
    }
}

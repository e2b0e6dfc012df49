//! Heads of requests on a connection, looked at as they pass: a second `Content-Length` makes the request one that cannot be
//! read, also where both say the same, which our HTTP library would take for one. Whoever stands in between could read such
//! a request differently.
//!
//! Only bodies are followed, to find the next head. Whatever is no HTTP/1 is left to others.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum_server::accept::Accept;
use futures_util::{FutureExt, future::BoxFuture};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes of a line that are kept: for what is looked for they are more than enough.
const LINE_BYTES_MAX: usize = 256;

/// A connection whose heads are looked at.
pub struct Heads<S> {
    stream: S,
    scan: Scan,
}

impl<S> Heads<S> {
    /// Looks at a connection from its first byte on.
    pub fn new(stream: S) -> Self {
        Self { stream, scan: Scan::default() }
    }

    /// The connection itself.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

/// Where in the bytes of a connection one is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// In a head, or before it.
    #[default]
    Head,
    /// In a body, with so many bytes to come.
    Body(u64),
    /// Before the size of a chunk.
    Size,
    /// In a chunk, with so many bytes to come.
    Chunk(u64),
    /// Behind the last chunk.
    Trailers,
    /// Nothing more is looked at.
    Off,
}

#[derive(Debug, Default)]
struct Scan {
    at: At,
    line: Vec<u8>,
    /// What the head says so far.
    begun: bool,
    length: Option<u64>,
    chunked: bool,
    upgrade: bool,
}

impl Scan {
    /// Looks at what comes next. Where the colon stands behind a name that must not be there.
    fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut place = 0;
        while place < bytes.len() {
            match &mut self.at {
                At::Off => return None,
                At::Body(left) | At::Chunk(left) => {
                    let skipped = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len() - place);
                    place += skipped;
                    *left -= skipped as u64;
                    if *left == 0 {
                        self.at = if matches!(self.at, At::Body(_)) { At::Head } else { At::Size };
                    }
                }
                At::Head | At::Size | At::Trailers => {
                    match bytes[place] {
                        b'\n' => self.on_line(),
                        b':' if self.is_second_length() => {
                            self.at = At::Off;
                            return Some(place);
                        }
                        byte if self.line.len() < LINE_BYTES_MAX => self.line.push(byte),
                        _ => {}
                    }
                    place += 1;
                }
            }
        }
        None
    }

    fn is_second_length(&self) -> bool {
        self.at == At::Head && self.length.is_some() && self.line.eq_ignore_ascii_case(b"content-length")
    }

    /// A line is whole.
    fn on_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        match self.at {
            At::Head if !self.begun => {
                // Empty lines may stand before a head.
                self.begun = !line.is_empty();
                if line.starts_with(b"PRI * HTTP/2") {
                    self.at = At::Off;
                }
            }
            At::Head if line.is_empty() => self.on_end_of_head(),
            At::Head => self.on_header(line),
            At::Size => {
                let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
                let size = std::str::from_utf8(digits).ok().and_then(|text| u64::from_str_radix(text.trim(), 16).ok());
                self.at = match size {
                    Some(0) => At::Trailers,
                    // The end of the line behind it is part of it.
                    Some(size) => size.checked_add(2).map_or(At::Off, At::Chunk),
                    None => At::Off,
                };
            }
            At::Trailers if line.is_empty() => *self = Self::default(),
            At::Trailers | At::Body(_) | At::Chunk(_) | At::Off => {}
        }
    }

    fn on_header(&mut self, line: &[u8]) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return };
        let (name, value) = (line[..colon].to_ascii_lowercase(), line[colon + 1..].trim_ascii());
        match &name[..] {
            b"content-length" => {
                // What is no number is refused by whoever reads the head, and nothing follows.
                let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                self.length = Some(length.unwrap_or(u64::MAX));
            }
            b"transfer-encoding" => self.chunked |= value.to_ascii_lowercase().ends_with(b"chunked"),
            b"upgrade" => self.upgrade = true,
            _ => {}
        }
    }

    fn on_end_of_head(&mut self) {
        let at = match self {
            // Something else may be spoken behind it.
            Self { upgrade: true, .. } => At::Off,
            Self { chunked: true, .. } => At::Size,
            Self { length: Some(length @ 1..), .. } => At::Body(*length),
            _ => At::Head,
        };
        *self = Self { at, ..Self::default() };
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Heads<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context, buffer: &mut ReadBuf) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let new = &mut buffer.filled_mut()[before..];
        if let Some(place) = self.scan.take(new) {
            // No head may hold this: whoever reads it answers that it cannot be read, and closes.
            new[place] = 0;
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Heads<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Takes connections in as another does, and looks at their heads.
#[derive(Clone)]
pub struct LookingAtHeads<A>(pub A);

impl<I, S, A> Accept<I, S> for LookingAtHeads<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
{
    type Stream = Heads<A::Stream>;
    type Service = A::Service;
    type Future = BoxFuture<'static, io::Result<(Heads<A::Stream>, A::Service)>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        self.0.accept(stream, service).map(|taken| taken.map(|(stream, service)| (Heads::new(stream), service))).boxed()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether it is found, whatever pieces it comes in.
    fn found(bytes: &[u8]) -> bool {
        let whole = Scan::default().take(bytes);
        let mut scan = Scan::default();
        let mut piecemeal = None;
        for (n, byte) in bytes.iter().enumerate() {
            piecemeal = piecemeal.or(scan.take(&[*byte]).map(|_| n));
        }
        assert_eq!(whole, piecemeal);
        whole.is_some()
    }

    const TWICE: &str = "POST / HTTP/1.1\r\nContent-Length: 2\r\nHost: x\r\ncontent-length: 2\r\n\r\n{}";

    #[test]
    fn a_second_length_is_found_in_any_request_of_a_connection() {
        assert!(found(TWICE.as_bytes()));
        for before in [
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 40\r\n\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n14;x=y\r\nContent-Length: 1\r\n\r\r\n0\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\nContent-Length: 3\n\n\n\n\n",
        ] {
            assert!(!found(before.as_bytes()), "{before}");
            assert!(!found(before.repeat(2).as_bytes()), "{before}");
            assert!(found(format!("{before}{TWICE}").as_bytes()), "{before}");
        }
    }

    #[test]
    fn what_is_no_head_is_left_alone() {
        let lines = "Content-Length: 1\r\nContent-Length: 1\r\n\r\n";
        for before in [
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        ] {
            assert!(!found(format!("{before}{lines}").as_bytes()), "{before}");
        }
        assert!(!found(&[b"GET /".to_vec(), vec![b'x'; 100_000]].concat()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            found(&bytes);
            found(&[TWICE.as_bytes(), &bytes].concat());
            found(&[b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", &bytes[..]].concat());
        }
    }
}

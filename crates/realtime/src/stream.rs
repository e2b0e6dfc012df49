//! The bytes of one socket, plain or through TLS. Never blocks.

use std::io::{self, Read, Write};

use mio::{Interest, Registry, Token, event::Source, net::TcpStream};
use rustls::ServerConnection;

/// A socket's bytes.
pub enum Stream {
    /// As they are.
    Plain(TcpStream),
    /// Through TLS; the handshake is over.
    Tls(Box<(TcpStream, ServerConnection)>),
    /// In memory, for simulations.
    #[cfg(test)]
    Memory(crate::simulation::pipe::End),
}

impl Stream {
    /// Whether bytes that were written still wait here: they leave when the socket can be written to.
    pub fn holds_back(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::Tls(tls) => tls.1.wants_write(),
            #[cfg(test)]
            Self::Memory(_) => false,
        }
    }

    /// Whether bytes that arrived may wait here, though the socket itself has none.
    pub fn is_buffered(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Tells the other side that nothing follows.
    pub fn finish(&mut self) {
        match self {
            Self::Plain(stream) => drop(stream.shutdown(std::net::Shutdown::Write)),
            Self::Tls(tls) => {
                tls.1.send_close_notify();
                let _ = tls.1.write_tls(&mut tls.0);
                let _ = tls.0.shutdown(std::net::Shutdown::Write);
            }
            #[cfg(test)]
            Self::Memory(end) => end.finish(),
        }
    }

    /// What the system watches.
    fn source(&mut self) -> Option<&mut TcpStream> {
        match self {
            Self::Plain(stream) => Some(stream),
            Self::Tls(tls) => Some(&mut tls.0),
            #[cfg(test)]
            Self::Memory(_) => None,
        }
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(bytes),
            Self::Tls(tls) => {
                let (stream, session) = &mut **tls;
                rustls::Stream::new(session, stream).read(bytes)
            }
            #[cfg(test)]
            Self::Memory(end) => end.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(tls) => {
                let (stream, session) = &mut **tls;
                rustls::Stream::new(session, stream).write(bytes)
            }
            #[cfg(test)]
            Self::Memory(end) => end.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) => Ok(()),
            Self::Tls(tls) => {
                while tls.1.wants_write() {
                    tls.1.write_tls(&mut tls.0)?;
                }
                Ok(())
            }
            #[cfg(test)]
            Self::Memory(_) => Ok(()),
        }
    }
}

impl Source for Stream {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.source().map_or(Ok(()), |source| source.register(registry, token, interests))
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        self.source().map_or(Ok(()), |source| source.reregister(registry, token, interests))
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        self.source().map_or(Ok(()), |source| source.deregister(registry))
    }
}

//! A socket in memory: what the loop has of it, and what the client has.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, MutexGuard},
};

struct Pipe {
    to_server: VecDeque<u8>,
    to_client: VecDeque<u8>,
    /// Bytes to the client that the system holds while it does not read.
    room: usize,
    /// The client sends no more.
    half_closed: bool,
    /// The link is gone, without a word.
    broken: bool,
}

/// The loop's end.
pub struct End(Arc<Mutex<Pipe>>);

/// The client's end.
pub struct Client(Arc<Mutex<Pipe>>);

/// A link whose system holds so many bytes for a client that does not read.
pub fn pipe(room: usize) -> (End, Client) {
    let pipe = Pipe { to_server: VecDeque::new(), to_client: VecDeque::new(), room, half_closed: false, broken: false };
    let both = Arc::new(Mutex::new(pipe));
    (End(Arc::clone(&both)), Client(both))
}

impl End {
    fn pipe(&self) -> MutexGuard<'_, Pipe> {
        self.0.lock().expect("one thread")
    }

    pub fn finish(&mut self) {}

    pub fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let mut pipe = self.pipe();
        if pipe.broken {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        if pipe.to_server.is_empty() {
            return if pipe.half_closed { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        let n = bytes.len().min(pipe.to_server.len());
        for (to, from) in bytes.iter_mut().zip(pipe.to_server.drain(..n)) {
            *to = from;
        }
        Ok(n)
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pipe = self.pipe();
        if pipe.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let n = bytes.len().min(pipe.room - pipe.to_client.len());
        if n == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        pipe.to_client.extend(&bytes[..n]);
        Ok(n)
    }
}

impl Client {
    fn pipe(&self) -> MutexGuard<'_, Pipe> {
        self.0.lock().expect("one thread")
    }

    pub fn say(&self, bytes: &[u8]) {
        self.pipe().to_server.extend(bytes);
    }

    pub fn hear(&self) -> Vec<u8> {
        self.pipe().to_client.drain(..).collect()
    }

    pub fn half_close(&self) {
        self.pipe().half_closed = true;
    }

    pub fn break_off(&self) {
        self.pipe().broken = true;
    }

    pub fn has_said(&self) -> bool {
        !self.pipe().to_server.is_empty()
    }

    pub fn is_over(&self) -> bool {
        let pipe = self.pipe();
        pipe.half_closed || pipe.broken
    }

    pub fn is_broken(&self) -> bool {
        self.pipe().broken
    }
}

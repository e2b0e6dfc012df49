//! The floor: what writing a small frame to each of many loopback sockets costs when nothing else is done. No server can
//! send one frame by one write for less; merging frames can.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Args;
use mio::{Events, Interest, Poll, Token};

use crate::{machine::thread_cpu_s, report::Report};

/// Bare writes.
#[derive(Args)]
pub struct Floor {
    /// How many sockets are written to in turn.
    #[arg(long, default_value_t = 1_000, value_parser = parse_sockets)]
    pub sockets: usize,
    /// Seconds to write.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Bytes of each write: a frame of a 128-byte payload takes about 200.
    #[arg(long, default_value_t = 200)]
    size_bytes: usize,
}

fn parse_sockets(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| (1..=10_000).contains(n)).ok_or_else(|| "1 to 10,000".to_owned())
}

/// Rounds that may be written and not read: as many events as the fan-out keeps in flight.
const ROUNDS_AHEAD: u64 = 8;

impl Floor {
    /// Runs it.
    ///
    /// # Errors
    /// When sockets cannot be had.
    pub fn run(&self) -> io::Result<Report> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (mut near, mut far) = (Vec::new(), Vec::new());
        for _ in 0..self.sockets {
            let stream = TcpStream::connect(address)?;
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            near.push(stream);
            let (stream, _) = listener.accept()?;
            stream.set_nonblocking(true)?;
            far.push(mio::net::TcpStream::from_std(stream));
        }
        let (read, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let reader = {
            let (read, done) = (Arc::clone(&read), Arc::clone(&done));
            std::thread::spawn(move || drain(far, &read, &done))
        };
        let ahead_bytes = ROUNDS_AHEAD * (self.sockets * self.size_bytes) as u64;
        let frame = vec![b'x'; self.size_bytes];
        let started = Instant::now();
        let cpu_from_s = thread_cpu_s();
        let mut written = 0_u64;
        while started.elapsed() < Duration::from_secs(self.seconds) {
            for stream in &mut near {
                match stream.write(&frame) {
                    Ok(_) => written += 1,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
            while written * self.size_bytes as u64 > read.load(Ordering::Relaxed) + ahead_bytes {
                std::thread::sleep(Duration::from_micros(100));
            }
        }
        let took_s = started.elapsed().as_secs_f64();
        let cpu_s = thread_cpu_s().zip(cpu_from_s).map(|(to, from)| to - from);
        done.store(true, Ordering::Relaxed);
        drop(near);
        reader.join().expect("the reader does not panic")?;

        let mut report = Report::new("floor", format!("floor, {} sockets", self.sockets));
        report.add("writes_per_s", "", written as f64 / took_s, " writes/s");
        report.add("cpu_s_per_million", "writer", cpu_s.map(|s| s * 1e6 / written as f64), " CPU s/M");
        // What the writer managed depends on how much of a processor its neighbours left it; this does not.
        report.add("writes_per_cpu_s", "a whole core would do", cpu_s.map(|s| written as f64 / s), "/s");
        Ok(report)
    }
}

fn drain(mut sockets: Vec<mio::net::TcpStream>, read: &AtomicU64, done: &AtomicBool) -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    for (index, socket) in sockets.iter_mut().enumerate() {
        poll.registry().register(socket, Token(index), Interest::READABLE)?;
    }
    let mut buffer = vec![0; 64 * 1024];
    while !done.load(Ordering::Relaxed) {
        poll.poll(&mut events, Some(Duration::from_millis(50)))?;
        for event in &events {
            let Token(index) = event.token();
            loop {
                match sockets[index].read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => {
                        read.fetch_add(count as u64, Ordering::Relaxed);
                        if count < buffer.len() {
                            break;
                        }
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(())
}

//! The scenarios, and what they share: connecting everybody, and what the server costs meanwhile.

pub mod client_events;
pub mod fanout;
pub mod floor;
pub mod idle;
pub mod presence;

use std::{
    io,
    time::{Duration, Instant},
};

use guildhall_pusher::auth::hmac_hex;

use crate::{
    fleet::{Fleet, Watch},
    machine::{self, Process},
    report::Report,
    target::Target,
};

/// Descriptors that any scenario needs, on either side: 10,000 connections and some.
pub const DESCRIPTORS: u64 = 16_384;
/// Sockets that connect at the same time, unless a scenario says otherwise: fewer than any server's backlog.
pub const CONNECTING_MAX: usize = 100;
/// How long everybody may take to be connected and subscribed.
const GATHER_TIMEOUT_US: u64 = 120_000_000;
/// How often the server's memory is looked at for its peak.
const MEMORY_EVERY_US: u64 = 100_000;
/// How long the loop waits when nothing is due.
pub const TICK: Duration = Duration::from_millis(10);

/// What a run drives.
pub struct Run {
    /// The server.
    pub target: Target,
    /// Its process, when known.
    pub process: Option<Process>,
}

/// What the server costs between two moments.
pub struct Meter<'a> {
    process: Option<&'a Process>,
    cpu_from_s: f64,
    own_from_s: Option<f64>,
    started: Instant,
    peak_rss_bytes: u64,
    next_us: u64,
}

/// What was used between two moments.
#[derive(Clone, Copy, Default)]
pub struct Used {
    /// Processor seconds of the server.
    cpu_s: Option<f64>,
    /// How much of one processor the generator took: near 1, it is the generator that limits.
    generator: Option<f64>,
}

impl<'a> Meter<'a> {
    /// Begins now.
    pub fn start(process: Option<&'a Process>) -> Self {
        let cpu_from_s = process.and_then(Process::cpu_s).unwrap_or(0.0);
        let own_from_s = machine::thread_cpu_s();
        Self { process, cpu_from_s, own_from_s, started: Instant::now(), peak_rss_bytes: 0, next_us: 0 }
    }

    /// Looks at the memory, if it is time to.
    pub fn look(&mut self, now_us: u64) {
        if now_us >= self.next_us {
            self.next_us = now_us + MEMORY_EVERY_US;
            self.peak_rss_bytes = self.peak_rss_bytes.max(self.process.and_then(Process::rss_bytes).unwrap_or(0));
        }
    }

    /// What was used since the start.
    pub fn used(&self) -> Used {
        let own_s = machine::thread_cpu_s().zip(self.own_from_s).map(|(to, from)| to - from);
        Used {
            cpu_s: self.process.and_then(Process::cpu_s).map(|s| s - self.cpu_from_s),
            generator: own_s.map(|s| s / self.started.elapsed().as_secs_f64()),
        }
    }

    /// Adds what was used, per million of what was `done`, and the peak of memory.
    pub fn report(&self, report: &mut Report, used: Used, done: u64) {
        report.add("cpu_s_per_million", "server", used.cpu_s.map(|s| s * 1e6 / done as f64), " CPU s/M");
        report.add("generator_cores", "generator", used.generator, " of a core");
        let peak = self.process.map(|_| self.peak_rss_bytes as f64 / 1e6);
        report.add("peak_rss_mb", "peak", peak, " MB");
    }
}

/// Connects sockets `from..to`, a hundred at a time, until `gathered` says that all are where they should be. `count` is how
/// many have greeted so far.
///
/// # Errors
/// When that takes too long, or there are no sockets.
pub fn gather<W: Watch>(
    fleet: &mut Fleet,
    watch: &mut W,
    range: std::ops::Range<usize>,
    at_once: usize,
    mut greeted: impl FnMut(&W) -> usize,
    gathered: impl Fn(&W) -> bool,
) -> io::Result<()> {
    let started_us = fleet.now_us();
    let before = greeted(watch);
    let mut next = range.start;
    while !gathered(watch) {
        let connecting = (next - range.start).saturating_sub(greeted(watch) - before);
        for _ in connecting..at_once {
            if next < range.end {
                fleet.connect(next)?;
                next += 1;
            }
        }
        fleet.turn(TICK, watch)?;
        if fleet.now_us() - started_us > GATHER_TIMEOUT_US {
            let open = fleet.sockets.iter().filter(|socket| socket.is_open()).count();
            return Err(io::Error::other(format!("not all could connect and subscribe in time: {open} are open")));
        }
    }
    Ok(())
}

/// The frame that subscribes, with a signature where the channel's name asks for one.
pub fn subscribe(target: &Target, socket_id: &str, channel: &str, channel_data: Option<&str>) -> String {
    let mut data = serde_json::json!({ "channel": channel });
    if channel.starts_with("private-") || channel.starts_with("presence-") {
        // Signed here: another server's socket ids need not have the shape of ours.
        let suffix = channel_data.map_or_else(String::new, |data| format!(":{data}"));
        let signature = hmac_hex(&target.app.secret, format!("{socket_id}:{channel}{suffix}").as_bytes());
        data["auth"] = format!("{}:{signature}", target.app.key).into();
    }
    if let Some(channel_data) = channel_data {
        data["channel_data"] = channel_data.into();
    }
    serde_json::json!({ "event": "pusher:subscribe", "data": data }).to_string()
}

/// Whether a frame says that a subscription has succeeded.
pub fn says_subscribed(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"subscription_succeeded").is_some()
}

/// Tells on standard error of the first refusals of a server, so that a wrong secret or a limit is not searched for long.
pub fn tell_of_errors(text: &[u8], told: &mut u32) {
    let is_error =
        ["pusher:error", "subscription_error"].iter().any(|e| memchr::memmem::find(text, e.as_bytes()).is_some());
    if is_error && *told < 3 {
        *told += 1;
        eprintln!("load: the server says {}", String::from_utf8_lossy(&text[..text.len().min(300)]));
    }
}

//! Connections that do nothing: how fast they come, how long a handshake takes, and what each costs in memory.

use std::io;

use clap::Args;

use super::{CONNECTING_MAX, Run, TICK, gather, says_subscribed, subscribe, tell_of_errors};
use crate::{
    fleet::{Fleet, Socket, Watch},
    machine::Process,
    report::Report,
    stats::Histogram,
    target::Target,
};

/// Idle connections.
#[derive(Args)]
pub struct Idle {
    /// How many, 15,000 at most.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=15_000))]
    connections: u32,
    /// Each subscribes to one channel, the same for all.
    #[arg(long)]
    subscribed: bool,
    /// How many connect at the same time.
    #[arg(long, default_value_t = CONNECTING_MAX)]
    at_once: usize,
    /// Seconds between the last handshake and the second look at the memory.
    #[arg(long, default_value_t = 3)]
    settle_s: u64,
}

/// Connected before the memory is looked at for the first time, so that what a server makes once is not counted.
const WARM_UP: usize = 50;

struct Gate<'a> {
    target: &'a Target,
    subscribed: bool,
    greeted: usize,
    ready: usize,
    closed: u64,
    handshakes: Histogram,
    told: u32,
}

impl Watch for Gate<'_> {
    fn greeted(&mut self, _index: usize, socket: &mut Socket, took_us: u64) {
        self.greeted += 1;
        self.handshakes.record(took_us);
        if self.subscribed {
            socket.send(&subscribe(self.target, &socket.socket_id, "load-idle", None));
        } else {
            self.ready += 1;
        }
    }

    fn text(&mut self, _index: usize, _socket: &mut Socket, text: &[u8], _now_us: u64) -> bool {
        let subscribed = says_subscribed(text);
        self.ready += usize::from(subscribed);
        tell_of_errors(text, &mut self.told);
        subscribed
    }

    fn closed(&mut self, _index: usize) {
        self.closed += 1;
    }
}

impl Idle {
    /// Runs it.
    ///
    /// # Errors
    /// When sockets cannot be had, or not all connect.
    pub fn run(&self, run: &Run) -> io::Result<Report> {
        let count = self.connections as usize;
        let mut fleet = Fleet::new(&run.target, count, 0)?;
        let mut gate = Gate {
            target: &run.target,
            subscribed: self.subscribed,
            greeted: 0,
            ready: 0,
            closed: 0,
            handshakes: Histogram::default(),
            told: 0,
        };
        let warm = WARM_UP.min(count / 2);
        gather(&mut fleet, &mut gate, 0..warm, warm, |gate| gate.greeted, |gate| gate.ready == warm)?;
        settle(&mut fleet, &mut gate, 1)?;
        gate.handshakes = Histogram::default();
        let memory = |of: fn(&Process) -> Option<u64>| run.process.as_ref().and_then(of);
        let (rss_before, pss_before) = (memory(Process::rss_bytes), memory(Process::pss_bytes));
        let started_us = fleet.now_us();
        gather(
            &mut fleet,
            &mut gate,
            warm..count,
            self.at_once,
            |gate| gate.greeted,
            |gate| gate.ready + gate.closed as usize >= count,
        )?;
        let took_s = (fleet.now_us() - started_us) as f64 / 1e6;
        settle(&mut fleet, &mut gate, self.settle_s)?;
        let each =
            |before: Option<u64>, after: Option<u64>| Some((after? as f64 - before? as f64) / (count - warm) as f64);

        let variant = if self.subscribed { ", subscribed to one channel" } else { "" };
        let mut report = Report::new("idle", format!("idle, {count} connections{variant}"));
        report.add("connects_per_s", "", (count - warm) as f64 / took_s, " connects/s");
        report.add("handshake_p50_ms", "handshake p50", gate.handshakes.percentile_ms(0.5), "");
        report.add("handshake_p99_ms", "p99", gate.handshakes.percentile_ms(0.99), " ms");
        report.add("rss_bytes_each", "each", each(rss_before, memory(Process::rss_bytes)), " bytes RSS");
        report.add("pss_bytes_each", "", each(pss_before, memory(Process::pss_bytes)), " bytes PSS");
        report.add("rss_mb", "in all", memory(Process::rss_bytes).map(|bytes| bytes as f64 / 1e6), " MB");
        report.add_fault("closed", "closed", gate.closed);
        Ok(report)
    }
}

fn settle(fleet: &mut Fleet, gate: &mut Gate, seconds: u64) -> io::Result<()> {
    let until_us = fleet.now_us() + seconds * 1_000_000;
    while fleet.now_us() < until_us {
        fleet.turn(TICK, gate)?;
    }
    Ok(())
}

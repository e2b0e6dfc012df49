//! Pairs on private channels, each sending client events to the other.

use std::io;

use clap::Args;

use super::{CONNECTING_MAX, Meter, Run, TICK, gather, says_subscribed, subscribe, tell_of_errors};
use crate::{
    fleet::{Fleet, Socket, Watch},
    marker::{Marker, Order, Seen},
    report::Report,
    stats::Histogram,
    target::Target,
};

/// Client events.
#[derive(Args)]
pub struct ClientEvents {
    /// How many pairs.
    #[arg(long, default_value_t = 100)]
    pairs: usize,
    /// Events a second of each socket, to respect a server's limit. Without it, as fast as they arrive.
    #[arg(long)]
    per_second: Option<f64>,
    /// Without a rate: events of one socket on their way.
    #[arg(long, default_value_t = 4)]
    in_flight: u64,
    /// Bytes of an event's data.
    #[arg(long, default_value_t = 128)]
    payload_bytes: usize,
    /// Seconds to measure.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
}

struct Pairs<'a> {
    target: &'a Target,
    /// By socket: what it has seen of its partner's events.
    orders: Vec<Order>,
    /// By socket: how many it has sent.
    sent: Vec<u64>,
    /// By socket: how many of them its partner has.
    arrived: Vec<u64>,
    /// Sockets whose events have arrived, and which may send again.
    due: Vec<usize>,
    greeted: usize,
    subscribed: usize,
    delivered: u64,
    doubled: u64,
    late: u64,
    closed: u64,
    refused: u64,
    latency: Histogram,
    told: u32,
}

impl Watch for Pairs<'_> {
    fn greeted(&mut self, index: usize, socket: &mut Socket, _took_us: u64) {
        self.greeted += 1;
        socket.send(&subscribe(self.target, &socket.socket_id, &channel(index), None));
    }

    fn text(&mut self, index: usize, _socket: &mut Socket, text: &[u8], now_us: u64) -> bool {
        let Some(marker) = Marker::find(text) else {
            let subscribed = says_subscribed(text);
            self.subscribed += usize::from(subscribed);
            if !subscribed {
                let error = memchr::memmem::find(text, b"pusher:error").is_some();
                self.refused += u64::from(error);
                tell_of_errors(text, &mut self.told);
            }
            return subscribed;
        };
        if marker.stream != index ^ 1 {
            self.doubled += 1;
            return true;
        }
        match self.orders[index].see(marker.number) {
            Seen::Double => self.doubled += 1,
            seen => {
                self.late += u64::from(seen == Seen::Late);
                self.delivered += 1;
                self.arrived[marker.stream] += 1;
                self.latency.record(now_us.saturating_sub(marker.sent_us));
                self.due.push(marker.stream);
            }
        }
        true
    }

    fn closed(&mut self, _index: usize) {
        self.closed += 1;
    }
}

fn channel(index: usize) -> String {
    format!("private-load-{}", index / 2)
}

impl Pairs<'_> {
    fn send(&mut self, fleet: &mut Fleet, index: usize, sent_us: u64, payload_bytes: usize) {
        let data = Marker { stream: index, number: self.sent[index], sent_us }.text(payload_bytes);
        self.sent[index] += 1;
        let frame = format!(r#"{{"event":"client-load","channel":"{}","data":"{data}"}}"#, channel(index));
        fleet.sockets[index].send(&frame);
    }
}

impl ClientEvents {
    /// Runs it.
    ///
    /// # Errors
    /// When sockets cannot be had, or not all subscribe.
    pub fn run(&self, run: &Run) -> io::Result<Report> {
        let sockets = 2 * self.pairs;
        let mut fleet = Fleet::new(&run.target, sockets, 0)?;
        let mut pairs = Pairs {
            target: &run.target,
            orders: vec![Order::from_start(); sockets],
            sent: vec![0; sockets],
            arrived: vec![0; sockets],
            due: Vec::new(),
            greeted: 0,
            subscribed: 0,
            delivered: 0,
            doubled: 0,
            late: 0,
            closed: 0,
            refused: 0,
            latency: Histogram::default(),
            told: 0,
        };
        gather(
            &mut fleet,
            &mut pairs,
            0..sockets,
            CONNECTING_MAX,
            |pairs| pairs.greeted,
            |pairs| pairs.subscribed == sockets,
        )?;
        let mut meter = Meter::start(run.process.as_ref());
        let from_us = fleet.now_us();
        let until_us = from_us + (self.seconds * 1e6) as u64;
        if self.per_second.is_none() {
            pairs.due = (0..sockets).flat_map(|index| (0..self.in_flight).map(move |_| index)).collect();
        }
        let mut turn_of = 0_u64;
        while fleet.now_us() < until_us {
            match self.per_second {
                // The sockets take turns, so that their events are spread over the second.
                Some(rate) => {
                    let due_us = |turn: u64| from_us + (turn as f64 * 1e6 / (rate * sockets as f64)) as u64;
                    while due_us(turn_of) <= fleet.now_us() {
                        pairs.send(&mut fleet, turn_of as usize % sockets, due_us(turn_of), self.payload_bytes);
                        turn_of += 1;
                    }
                    fleet.turn_until(due_us(turn_of), &mut pairs)?;
                }
                None => {
                    for index in std::mem::take(&mut pairs.due) {
                        let now_us = fleet.now_us();
                        pairs.send(&mut fleet, index, now_us, self.payload_bytes);
                    }
                    fleet.turn(TICK, &mut pairs)?;
                }
            }
            meter.look(fleet.now_us());
        }
        let took_s = (fleet.now_us() - from_us) as f64 / 1e6;
        let (delivered, used) = (pairs.delivered, meter.used());
        let drained_us = fleet.now_us() + 2_000_000;
        while fleet.now_us() < drained_us && pairs.arrived != pairs.sent {
            fleet.turn(TICK, &mut pairs)?;
        }
        let lost: u64 = (0..sockets)
            .filter(|index| fleet.sockets[*index].is_open())
            .map(|index| pairs.orders[index].lost(pairs.sent[index ^ 1]))
            .sum();

        let pace = self.per_second.map_or_else(|| "flat out".to_owned(), |rate| format!("{rate}/s each"));
        let mut report = Report::new("client-events", format!("client events, {} pairs, {pace}", self.pairs));
        report.add("deliveries_per_s", "", delivered as f64 / took_s, " events/s");
        for (name, words, p) in [("p50_ms", "p50", 0.5), ("p95_ms", "p95", 0.95)] {
            report.add(name, words, pairs.latency.percentile_ms(p), "");
        }
        report.add("p99_ms", "p99", pairs.latency.percentile_ms(0.99), " ms");
        // What the server refused in words was not lost.
        report.add("refused", "refused", pairs.refused as f64, "");
        report.add_fault("lost", "lost", lost.saturating_sub(pairs.refused));
        report.add_fault("doubled", "doubled", pairs.doubled);
        report.add_fault("out_of_order", "out of order", pairs.late);
        report.add_fault("closed", "closed", pairs.closed);
        meter.report(&mut report, used, delivered);
        Ok(report)
    }
}

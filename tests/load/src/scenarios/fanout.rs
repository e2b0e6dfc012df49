//! Events published over signed HTTP to the subscribers of one channel: flat out, paced, as publishes alone, and for long.

use std::io;

use clap::Args;

use super::{CONNECTING_MAX, Meter, Run, TICK, Used, gather, says_subscribed, subscribe, tell_of_errors};
use crate::{
    fleet::{Fleet, Socket, Watch},
    machine::Process,
    marker::{Marker, Order, Seen},
    publish::Published,
    report::Report,
    stats::{Histogram, slope},
    target::Target,
};

const CHANNEL: &str = "load";
/// Events whose deliveries are counted one by one at a time, in each stream. A power of two.
const TRACKED: usize = 64;
/// Without one delivery for so long, events in flight are given up, so that one lost delivery does not end the run.
const STALL_US: u64 = 3_000_000;
/// How long the last deliveries may take.
const DRAIN_US: u64 = 10_000_000;

/// Fan-out.
#[derive(Args)]
pub struct FanOut {
    /// How many listen.
    #[arg(long, default_value_t = 1_000)]
    subscribers: usize,
    /// Flat out: events that may be on their way, not yet delivered to all; 64 at most.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=TRACKED as u64))]
    in_flight: u64,
    /// Paced: events a second instead. Latency counts from when an event was due.
    #[arg(long)]
    rate: Option<f64>,
    /// Connections that publish.
    #[arg(long, default_value_t = 4)]
    publishers: usize,
    /// Bytes of an event's data.
    #[arg(long, default_value_t = 128)]
    payload_bytes: usize,
    /// Seconds to measure.
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    /// Seconds before that.
    #[arg(long, default_value_t = 1.5)]
    warm_up_s: f64,
    /// Subscribers among them that stop reading while it is measured, and read on afterwards: they may be closed, and must
    /// not find a gap. Latency and losses are those of the others.
    #[arg(long, default_value_t = 0)]
    stalled: usize,
}

/// Publishes alone.
#[derive(Args)]
pub struct Publish {
    /// Connections that publish, one event at a time each.
    #[arg(long, default_value_t = 4)]
    publishers: usize,
    /// Bytes of an event's data.
    #[arg(long, default_value_t = 128)]
    payload_bytes: usize,
    /// Seconds to measure.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
}

/// A long run.
#[derive(Args)]
pub struct Soak {
    /// How long.
    #[arg(long, default_value_t = 20.0)]
    minutes: f64,
    /// How many listen.
    #[arg(long, default_value_t = 1_000)]
    subscribers: usize,
    /// Events a second.
    #[arg(long, default_value_t = 150.0)]
    rate: f64,
    /// Subscribers a second that vanish, another one coming in the place of each.
    #[arg(long, default_value_t = 20.0)]
    churn_per_second: f64,
}

/// How events are let go.
#[derive(Clone, Copy)]
enum Pace {
    /// So many on their way at most.
    InFlight(u64),
    /// So many a second.
    Rate(f64),
    /// As soon as a connection has its answer.
    Unbounded,
}

/// Everything known about the events of a run.
struct Crowd<'a> {
    target: &'a Target,
    subscribers: usize,
    streams: usize,
    /// By subscriber, then stream.
    orders: Vec<Order>,
    /// Counts events as delivered to all; not with churn, where "all" changes.
    tracks: bool,
    /// By stream and number modulo [`TRACKED`]: deliveries still to come.
    waited_for: Vec<[u32; TRACKED]>,
    in_flight: u64,
    /// By stream: events sent, and how many of them the server took.
    sent: Vec<u64>,
    accepted: u64,
    refused: u64,
    greeted: usize,
    subscribed: usize,
    closed: u64,
    stalled_from: usize,
    stalled_closed: u64,
    unseen_gaps: u64,
    lost: u64,
    delivered: u64,
    late: u64,
    doubled: u64,
    latency: Histogram,
    last_us: u64,
    told: u32,
}

impl<'a> Crowd<'a> {
    fn new(target: &'a Target, subscribers: usize, streams: usize, tracks: bool) -> Self {
        Self {
            target,
            subscribers,
            streams,
            orders: vec![Order::from_start(); subscribers * streams],
            tracks,
            waited_for: vec![[0; TRACKED]; streams],
            in_flight: 0,
            sent: vec![0; streams],
            accepted: 0,
            refused: 0,
            greeted: 0,
            subscribed: 0,
            closed: 0,
            stalled_from: subscribers,
            stalled_closed: 0,
            unseen_gaps: 0,
            lost: 0,
            delivered: 0,
            late: 0,
            doubled: 0,
            latency: Histogram::default(),
            last_us: 0,
            told: 0,
        }
    }

    /// Takes note that an event is about to be sent; its number.
    fn send(&mut self, stream: usize) -> u64 {
        let number = self.sent[stream];
        self.sent[stream] += 1;
        if self.tracks {
            // Who is closed waits for nothing, who is stalled is not waited for.
            let waiting = self.stalled_from as u64 - self.closed;
            let slot = &mut self.waited_for[stream][number as usize % TRACKED];
            if *slot == 0 && waiting > 0 {
                self.in_flight += 1;
            }
            *slot = waiting as u32;
        }
        number
    }

    fn arrived(&mut self, stream: usize, number: u64) {
        // A slot taken over by a later event, after the earlier one was given up, is not this event's.
        if self.tracks && number + TRACKED as u64 >= self.sent[stream] {
            let slot = &mut self.waited_for[stream][number as usize % TRACKED];
            if *slot > 0 {
                *slot -= 1;
                self.in_flight -= u64::from(*slot == 0);
            }
        }
    }

    fn give_up(&mut self) {
        self.waited_for.iter_mut().for_each(|slots| slots.fill(0));
        self.in_flight = 0;
    }

    fn orders_of(&mut self, index: usize) -> &mut [Order] {
        &mut self.orders[index * self.streams..][..self.streams]
    }

    /// Notes the losses of a subscriber at its end; after `closed` only those in the middle.
    fn settle(&mut self, index: usize, closed: bool) {
        let sent = self.sent.clone();
        let lost: u64 = self
            .orders_of(index)
            .iter()
            .zip(&sent)
            .map(|(order, sent)| if closed { order.gaps() } else { order.lost(*sent) })
            .sum();
        if index < self.stalled_from {
            self.lost += lost;
        } else {
            self.unseen_gaps += lost;
        }
    }
}

impl Watch for Crowd<'_> {
    fn greeted(&mut self, _index: usize, socket: &mut Socket, _took_us: u64) {
        self.greeted += 1;
        socket.send(&subscribe(self.target, &socket.socket_id, CHANNEL, None));
    }

    fn text(&mut self, index: usize, _socket: &mut Socket, text: &[u8], now_us: u64) -> bool {
        let Some(marker) = Marker::find(text) else {
            let subscribed = says_subscribed(text);
            self.subscribed += usize::from(subscribed);
            // A stalled one is expected to be told that it is too slow.
            if !subscribed && index < self.stalled_from {
                tell_of_errors(text, &mut self.told);
            }
            return subscribed;
        };
        let Some(order) = self.orders.get_mut(index * self.streams + marker.stream) else { return true };
        let seen = order.see(marker.number);
        self.last_us = now_us;
        if index >= self.stalled_from {
            self.doubled += u64::from(seen == Seen::Double);
            return true;
        }
        match seen {
            Seen::Double => {
                self.doubled += 1;
                return true;
            }
            Seen::Late => self.late += 1,
            Seen::New => {}
        }
        self.delivered += 1;
        self.latency.record(now_us.saturating_sub(marker.sent_us));
        self.arrived(marker.stream, marker.number);
        true
    }

    fn closed(&mut self, index: usize) {
        if index >= self.stalled_from {
            self.stalled_closed += 1;
            self.settle(index, true);
            return;
        }
        self.closed += 1;
        self.settle(index, true);
        if self.tracks {
            for stream in 0..self.streams {
                let sent = self.sent[stream];
                for number in sent.saturating_sub(TRACKED as u64)..sent {
                    if !self.orders[index * self.streams + stream].has(number) {
                        self.arrived(stream, number);
                    }
                }
            }
        }
    }

    fn published(&mut self, _publisher: usize, outcome: Published) {
        match outcome {
            Published::Accepted => self.accepted += 1,
            Published::Refused(status) => {
                self.refused += 1;
                if self.told < 3 {
                    self.told += 1;
                    eprintln!("load: a publish was answered with {status}");
                }
            }
            Published::Broken => self.refused += 1,
        }
    }
}

/// Sockets, crowd and pace, and when the next event is due.
struct Stage<'a> {
    fleet: Fleet,
    crowd: Crowd<'a>,
    pace: Pace,
    payload_bytes: usize,
    next_publisher: usize,
    paced_from_us: u64,
    paced: u64,
}

/// What happened between two moments.
struct Measured {
    seconds: f64,
    delivered: u64,
    accepted: u64,
    used: Used,
}

impl<'a> Stage<'a> {
    fn gather(
        target: &'a Target,
        subscribers: usize,
        publishers: usize,
        pace: Pace,
        payload_bytes: usize,
    ) -> io::Result<Self> {
        let mut fleet = Fleet::new(target, subscribers, publishers)?;
        let tracks = matches!(pace, Pace::InFlight(_));
        let mut crowd = Crowd::new(target, subscribers, publishers, tracks);
        gather(
            &mut fleet,
            &mut crowd,
            0..subscribers,
            CONNECTING_MAX,
            |crowd| crowd.greeted,
            |crowd| crowd.subscribed == subscribers,
        )?;
        let paced_from_us = fleet.now_us();
        Ok(Self { fleet, crowd, pace, payload_bytes, next_publisher: 0, paced_from_us, paced: 0 })
    }

    fn ready_publisher(&mut self) -> Option<usize> {
        let count = self.fleet.publishers.len();
        let found = (0..count)
            .map(|n| (self.next_publisher + n) % count)
            .find(|publisher| self.fleet.publishers.is_ready(*publisher))?;
        self.next_publisher = (found + 1) % count;
        Some(found)
    }

    fn due_us(&self, rate: f64) -> u64 {
        self.paced_from_us + (self.paced as f64 * 1e6 / rate) as u64
    }

    /// Sends what may be sent now.
    fn send(&mut self) {
        loop {
            let now_us = self.fleet.now_us();
            let due_us = match self.pace {
                Pace::InFlight(max) if self.crowd.in_flight >= max => return,
                Pace::InFlight(_) | Pace::Unbounded => None,
                Pace::Rate(rate) => Some(self.due_us(rate)),
            };
            if due_us.is_some_and(|due_us| due_us > now_us) {
                return;
            }
            let Some(publisher) = self.ready_publisher() else { return };
            let number = self.crowd.send(publisher);
            self.paced += 1;
            // Paced, an event that had to wait for a connection counts from when it was due: who measures only what could
            // be sent forgets the worst.
            let marker = Marker { stream: publisher, number, sent_us: due_us.unwrap_or_else(|| self.fleet.now_us()) };
            self.fleet.publish(publisher, CHANNEL, &marker.text(self.payload_bytes));
        }
    }

    fn turn(&mut self) -> io::Result<()> {
        match self.pace {
            Pace::Rate(rate) => self.fleet.turn_until(self.due_us(rate), &mut self.crowd),
            _ => self.fleet.turn(TICK, &mut self.crowd),
        }
    }

    /// Runs for so long.
    fn run(&mut self, seconds: f64, meter: &mut Meter) -> io::Result<Measured> {
        let from_us = self.fleet.now_us();
        let until_us = from_us + (seconds * 1e6) as u64;
        let (delivered, accepted) = (self.crowd.delivered, self.crowd.accepted);
        self.crowd.last_us = from_us;
        // A new beginning: what was not sent between two runs is not made up for.
        (self.paced_from_us, self.paced) = (from_us, 0);
        loop {
            self.send();
            self.turn()?;
            let now_us = self.fleet.now_us();
            meter.look(now_us);
            if now_us.saturating_sub(self.crowd.last_us) > STALL_US && self.crowd.in_flight > 0 {
                self.crowd.give_up();
                self.crowd.last_us = now_us;
            }
            if now_us >= until_us {
                return Ok(Measured {
                    seconds: (now_us - from_us) as f64 / 1e6,
                    delivered: self.crowd.delivered - delivered,
                    accepted: self.crowd.accepted - accepted,
                    used: meter.used(),
                });
            }
        }
    }

    /// Sends nothing more and waits until everybody has everything, or it is clear that it will not come.
    fn drain(&mut self) -> io::Result<()> {
        let until_us = self.fleet.now_us() + DRAIN_US;
        self.crowd.last_us = self.fleet.now_us();
        loop {
            self.fleet.turn(TICK, &mut self.crowd)?;
            let now_us = self.fleet.now_us();
            let idle_us = now_us.saturating_sub(self.crowd.last_us);
            if self.all_have_all() || now_us > until_us || idle_us > STALL_US {
                return Ok(());
            }
        }
    }

    fn all_have_all(&self) -> bool {
        let answered = (0..self.crowd.streams).all(|publisher| self.fleet.publishers.is_ready(publisher));
        answered
            && (0..self.crowd.subscribers).all(|index| {
                !self.fleet.sockets[index].is_open()
                    || (0..self.crowd.streams).all(|stream| {
                        self.crowd.orders[index * self.crowd.streams + stream].lost(self.crowd.sent[stream]) == 0
                    })
            })
    }

    /// Notes what everybody who is still there has not got. A publish that was refused is nobody's loss.
    fn settle(&mut self) {
        for index in 0..self.crowd.subscribers {
            if self.fleet.sockets[index].is_open() {
                self.crowd.settle(index, false);
            }
        }
        self.crowd.lost = self.crowd.lost.saturating_sub(self.crowd.refused * self.crowd.stalled_from as u64);
    }

    fn add_latency(&self, report: &mut Report) {
        for (name, words, p) in [("p50_ms", "p50", 0.5), ("p95_ms", "p95", 0.95)] {
            report.add(name, words, self.crowd.latency.percentile_ms(p), "");
        }
        report.add("p99_ms", "p99", self.crowd.latency.percentile_ms(0.99), " ms");
    }

    fn add_faults(&self, report: &mut Report) {
        report.add_fault("lost", "lost", self.crowd.lost);
        report.add_fault("doubled", "doubled", self.crowd.doubled);
        report.add_fault("out_of_order", "out of order", self.crowd.late);
        report.add_fault("closed", "closed", self.crowd.closed);
        if self.crowd.refused > 0 {
            report.add_fault("refused", "refused publishes", self.crowd.refused);
        }
    }
}

impl FanOut {
    /// Runs it.
    ///
    /// # Errors
    /// When sockets cannot be had, or not all subscribe.
    pub fn run(&self, run: &Run) -> io::Result<Report> {
        let pace = self.rate.map_or(Pace::InFlight(self.in_flight), Pace::Rate);
        let mut stage = Stage::gather(&run.target, self.subscribers, self.publishers, pace, self.payload_bytes)?;
        let mut meter = Meter::start(run.process.as_ref());
        stage.run(self.warm_up_s, &mut meter)?;
        stage.crowd.latency = Histogram::default();
        let stalled = self.subscribers.saturating_sub(self.stalled)..self.subscribers;
        if !stalled.is_empty() {
            stage.drain()?;
            stage.crowd.stalled_from = stalled.start;
            stalled.clone().for_each(|index| stage.fleet.pause(index, true));
        }
        let mut meter = Meter::start(run.process.as_ref());
        let measured = stage.run(self.seconds, &mut meter)?;
        for index in stalled.clone() {
            stage.fleet.pause(index, false);
            stage.fleet.read_again(index, &mut stage.crowd);
        }
        stage.drain()?;
        stage.settle();

        let pace = self.rate.map_or_else(|| "flat out".to_owned(), |rate| format!("{rate} events/s"));
        let beside = if stalled.is_empty() { String::new() } else { format!(", {} stalled", self.stalled) };
        let title = format!("fan-out to {}, {pace}{beside}", self.subscribers);
        let mut report = Report::new("fanout", title);
        report.add("deliveries_per_s", "", measured.delivered as f64 / measured.seconds, " deliveries/s");
        stage.add_latency(&mut report);
        stage.add_faults(&mut report);
        if !stalled.is_empty() {
            report.add("stalled_closed", "stalled closed", stage.crowd.stalled_closed as f64, "");
            report.add_fault("unseen_gaps", "lost unseen", stage.crowd.unseen_gaps);
        }
        meter.report(&mut report, measured.used, measured.delivered);
        Ok(report)
    }
}

impl Publish {
    /// Runs it.
    ///
    /// # Errors
    /// When sockets cannot be had.
    pub fn run(&self, run: &Run) -> io::Result<Report> {
        let mut stage = Stage::gather(&run.target, 1, self.publishers, Pace::Unbounded, self.payload_bytes)?;
        let mut meter = Meter::start(run.process.as_ref());
        stage.run(0.5, &mut meter)?;
        stage.crowd.latency = Histogram::default();
        let mut meter = Meter::start(run.process.as_ref());
        let measured = stage.run(self.seconds, &mut meter)?;
        stage.drain()?;
        stage.settle();

        let mut report = Report::new("publish", format!("publish on {} connections", self.publishers));
        report.add("publishes_per_s", "", measured.accepted as f64 / measured.seconds, " publishes/s");
        stage.add_latency(&mut report);
        stage.add_faults(&mut report);
        let reconnects = stage.fleet.publishers.reconnects;
        report.add("reconnects", "reconnects", reconnects as f64, "");
        meter.report(&mut report, measured.used, measured.accepted);
        Ok(report)
    }
}

/// Between two samples of the soak.
const SAMPLE_EVERY_US: u64 = 10_000_000;

impl Soak {
    /// Runs it.
    ///
    /// # Errors
    /// When sockets cannot be had, or not all subscribe.
    pub fn run(&self, run: &Run) -> io::Result<Report> {
        let mut stage = Stage::gather(&run.target, self.subscribers, 4, Pace::Rate(self.rate), 128)?;
        let mut meter = Meter::start(run.process.as_ref());
        let from_us = stage.fleet.now_us();
        let until_us = from_us + (self.minutes * 60e6) as u64;
        let (mut churned, mut next_sample_us) = (0_u64, from_us);
        let (mut memory, mut descriptors) = (Vec::new(), Vec::new());
        loop {
            let now_us = stage.fleet.now_us();
            if now_us >= next_sample_us {
                next_sample_us += SAMPLE_EVERY_US;
                let minutes = (now_us - from_us) as f64 / 60e6;
                let process = run.process.as_ref();
                memory.extend(process.and_then(Process::rss_bytes).map(|bytes| (minutes, bytes as f64 / 1e6)));
                descriptors.extend(process.and_then(Process::descriptors).map(|count| (minutes, count as f64)));
                if let (Some((_, mb)), Some((_, count))) = (memory.last(), descriptors.last()) {
                    eprintln!("load: {minutes:5.1} min · {mb:.1} MB · {count} descriptors");
                }
            }
            if now_us >= until_us {
                break;
            }
            let churn_due = (now_us - from_us) as f64 / 1e6 * self.churn_per_second;
            while (churned as f64) < churn_due {
                let index = churned as usize % self.subscribers;
                churned += 1;
                stage.crowd.settle(index, true);
                stage.crowd.orders_of(index).fill(Order::from_first_seen());
                stage.fleet.connect(index)?;
            }
            stage.send();
            stage.turn()?;
            meter.look(now_us);
        }
        let (seconds, used) = ((stage.fleet.now_us() - from_us) as f64 / 1e6, meter.used());
        let delivered = stage.crowd.delivered;
        stage.drain()?;
        stage.settle();

        let title = format!("soak, {} subscribers, {} events/s", self.subscribers, self.rate);
        let mut report = Report::new("soak", title);
        report.add("deliveries_per_s", "", delivered as f64 / seconds, " deliveries/s");
        report.add("churned", "came and went", churned as f64, "");
        stage.add_latency(&mut report);
        stage.add_faults(&mut report);
        meter.report(&mut report, used, delivered);
        for (name, unit, points) in [("rss_mb", " MB", &memory), ("descriptors", "", &descriptors)] {
            let at = |point: Option<&(f64, f64)>| point.map(|(_, value)| *value);
            // The first half is warming up: what a server remembers for ten minutes, signatures against their replay,
            // fills until then, and is no leak.
            let later = &points[points.len() / 2..];
            report.add(&format!("{name}_first"), name, at(points.first()), unit);
            report.add(&format!("{name}_last"), "to", at(points.last()), unit);
            report.add(&format!("{name}_per_hour"), "slope", slope(later) * 60.0, "/h");
        }
        Ok(report)
    }
}

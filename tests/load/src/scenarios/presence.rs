//! One presence channel: everybody joins at once, half vanish, or people come and go steadily. Each client keeps its roster
//! as a client library does, from the snapshot and the changes; the rosters must agree with the truth in the end.

use std::io;

use clap::Args;
use memchr::memmem;

use super::{CONNECTING_MAX, Meter, Run, TICK, gather, subscribe, tell_of_errors};
use crate::{
    fleet::{Fleet, Socket, Watch},
    marker::decimal,
    report::Report,
    target::Target,
};

const CHANNEL: &str = "presence-load";
/// Begins every user id; five digits follow.
const SIGN: &[u8] = b"@Mb";
const DIGITS: usize = 5;
/// Rosters that do not change for so long will not become right.
const QUIET_US: u64 = 4_000_000;
/// How long rosters may take to become right after the server's grace.
const AFTER_GRACE_S: f64 = 6.0;

/// A set of users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Roster(Vec<u64>);

impl Roster {
    fn has(&self, user: usize) -> bool {
        self.0.get(user / 64).is_some_and(|word| word & (1 << (user % 64)) != 0)
    }

    /// Whether it was not in.
    fn insert(&mut self, user: usize) -> bool {
        let new = !self.has(user);
        if user / 64 >= self.0.len() {
            self.0.resize(user / 64 + 1, 0);
        }
        self.0[user / 64] |= 1 << (user % 64);
        new
    }

    /// Whether it was in.
    fn remove(&mut self, user: usize) -> bool {
        let old = self.has(user);
        if old {
            self.0[user / 64] &= !(1 << (user % 64));
        }
        old
    }

    fn is(&self, other: &Self) -> bool {
        let words = self.0.len().max(other.0.len());
        (0..words).all(|n| self.0.get(n).unwrap_or(&0) == other.0.get(n).unwrap_or(&0))
    }
}

impl FromIterator<usize> for Roster {
    fn from_iter<I: IntoIterator<Item = usize>>(users: I) -> Self {
        let mut roster = Self::default();
        for user in users {
            roster.insert(user);
        }
        roster
    }
}

fn user_id(user: usize) -> String {
    format!("@Mb{user:05}")
}

/// All users named in a text, in order.
fn users(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    memmem::find_iter(text, SIGN).filter_map(|at| {
        let digits = text.get(at + SIGN.len()..at + SIGN.len() + DIGITS)?;
        usize::try_from(decimal(digits)?).ok()
    })
}

/// The roster in a `subscription_succeeded`. Ids and hash name the same users, or there is none.
fn snapshot(text: &[u8]) -> Option<Roster> {
    let ids_from = memmem::find(text, br#"\"ids\""#)?;
    let ids_to = ids_from + memchr::memchr(b']', &text[ids_from..])?;
    let ids: Roster = users(&text[ids_from..ids_to]).collect();
    let hash: Roster = users(&text[..ids_from]).chain(users(&text[ids_to..])).collect();
    ids.is(&hash).then_some(ids)
}

struct Hall<'a> {
    target: &'a Target,
    /// By socket: who it is.
    user_of: Vec<usize>,
    /// By socket: what it knows; `None` until it is subscribed.
    rosters: Vec<Option<Roster>>,
    /// Subscribe as soon as the server greets.
    at_once: bool,
    greeted: usize,
    frames: u64,
    repeated: u64,
    broken_snapshots: u64,
    closed: u64,
    first_removal_us: Option<u64>,
    last_us: u64,
    told: u32,
}

impl<'a> Hall<'a> {
    fn new(target: &'a Target, user_of: Vec<usize>, at_once: bool) -> Self {
        Self {
            target,
            rosters: vec![None; user_of.len()],
            user_of,
            at_once,
            greeted: 0,
            frames: 0,
            repeated: 0,
            broken_snapshots: 0,
            closed: 0,
            first_removal_us: None,
            last_us: 0,
            told: 0,
        }
    }

    fn join(&self, index: usize, socket: &mut Socket) {
        let id = user_id(self.user_of[index]);
        let data = format!(r#"{{"user_id":"{id}","user_info":{{"name":"a member"}}}}"#);
        socket.send(&subscribe(self.target, &socket.socket_id, CHANNEL, Some(&data)));
    }

    fn wrong(&self, fleet: &Fleet, truth: &Roster) -> u64 {
        let here = (0..self.rosters.len()).filter(|index| fleet.sockets[*index].is_open());
        here.filter(|index| !self.rosters[*index].as_ref().is_some_and(|roster| roster.is(truth))).count() as u64
    }

    /// Waits until all rosters are right, or will not become so: after `seconds`, and sooner when `quiet_ends` and nothing
    /// changes. How many are wrong, and when the last change came.
    fn until_right(
        &mut self,
        fleet: &mut Fleet,
        meter: &mut Meter,
        truth: &Roster,
        seconds: f64,
        quiet_ends: bool,
    ) -> io::Result<(u64, u64)> {
        let from_us = fleet.now_us();
        let until_us = from_us + (seconds * 1e6) as u64;
        self.last_us = from_us;
        loop {
            fleet.turn(TICK, self)?;
            let now_us = fleet.now_us();
            meter.look(now_us);
            let quiet = quiet_ends && now_us.saturating_sub(self.last_us) > QUIET_US;
            let wrong = self.wrong(fleet, truth);
            if wrong == 0 || quiet || now_us > until_us {
                return Ok((wrong, self.last_us));
            }
        }
    }
}

impl Watch for Hall<'_> {
    fn greeted(&mut self, index: usize, socket: &mut Socket, _took_us: u64) {
        self.greeted += 1;
        if self.at_once {
            self.join(index, socket);
        }
    }

    fn text(&mut self, index: usize, _socket: &mut Socket, text: &[u8], now_us: u64) -> bool {
        let added = memmem::find(text, b"member_added").is_some();
        if added || memmem::find(text, b"member_removed").is_some() {
            self.frames += 1;
            self.last_us = now_us;
            if !added && self.first_removal_us.is_none() {
                self.first_removal_us = Some(now_us);
            }
            let Some(roster) = self.rosters[index].as_mut() else {
                // A change before the snapshot: a client library would lose it, and so do we.
                return true;
            };
            let Some(user) = users(text).next() else { return true };
            let changed = if added { roster.insert(user) } else { roster.remove(user) };
            self.repeated += u64::from(!changed);
            return true;
        }
        if memmem::find(text, b"subscription_succeeded").is_some() {
            self.frames += 1;
            self.last_us = now_us;
            let roster = snapshot(text);
            self.broken_snapshots += u64::from(roster.is_none());
            self.rosters[index] = Some(roster.unwrap_or_default());
            return true;
        }
        tell_of_errors(text, &mut self.told);
        false
    }

    fn closed(&mut self, _index: usize) {
        self.closed += 1;
    }
}

/// All at once.
#[derive(Args)]
pub struct Presence {
    /// How many users.
    #[arg(long, default_value_t = 1_000)]
    members: usize,
    /// Sockets of each user.
    #[arg(long, default_value_t = 1)]
    sockets_per_user: usize,
    /// How long the server waits for a member to come back before it says that the member is gone, seconds.
    #[arg(long, default_value_t = 30.0)]
    grace_s: f64,
    /// Only join; nobody vanishes.
    #[arg(long)]
    join_only: bool,
}

impl Presence {
    /// Runs it.
    ///
    /// # Errors
    /// When sockets cannot be had, or not all connect.
    pub fn run(&self, run: &Run) -> io::Result<Report> {
        let each = self.sockets_per_user.max(1);
        let sockets = self.members * each;
        let mut fleet = Fleet::new(&run.target, sockets, 0)?;
        let mut hall = Hall::new(&run.target, (0..sockets).map(|index| index / each).collect(), false);
        gather(&mut fleet, &mut hall, 0..sockets, CONNECTING_MAX, |hall| hall.greeted, |hall| hall.greeted == sockets)?;
        let everybody: Roster = (0..self.members).collect();

        let mut meter = Meter::start(run.process.as_ref());
        let from_us = fleet.now_us();
        for index in 0..sockets {
            hall.join(index, &mut fleet.sockets[index]);
        }
        let (wrong_joined, right_us) = hall.until_right(&mut fleet, &mut meter, &everybody, 60.0, true)?;
        let (join_used, join_frames) = (meter.used(), hall.frames);

        let sockets_said = if each > 1 { format!(" of {each} sockets") } else { String::new() };
        let mut report = Report::new("presence", format!("presence, {} members{sockets_said}", self.members));
        let took_s = right_us.saturating_sub(from_us) as f64 / 1e6;
        report.add("joined_s", if wrong_joined == 0 { "all right after" } else { "settled after" }, took_s, " s");
        report.add_fault("wrong_rosters_joined", "wrong rosters", wrong_joined);
        report.add_fault("broken_snapshots", "broken snapshots", hall.broken_snapshots);
        report.add("frames", "in", join_frames as f64, " frames");
        report.add("repeated", "repeated changes", hall.repeated as f64, "");
        if !self.join_only {
            let mut staying = Roster::default();
            let cut_us = fleet.now_us();
            hall.first_removal_us = None;
            for index in 0..sockets {
                let user = hall.user_of[index];
                // Of those who stay one socket stays: who has lost some of several sockets has not left.
                if user % 2 == 1 || index % each > 0 {
                    fleet.cut(index);
                } else {
                    staying.insert(user);
                }
            }
            let seconds = self.grace_s + AFTER_GRACE_S;
            let (wrong_left, left_us) = hall.until_right(&mut fleet, &mut meter, &staying, seconds, false)?;
            let first = hall.first_removal_us.map(|us| us.saturating_sub(cut_us) as f64 / 1e6);
            report.add("first_removal_s", "half cut: first told after", first, " s");
            report.add("left_s", "all after", left_us.saturating_sub(cut_us) as f64 / 1e6, " s");
            report.add_fault("wrong_rosters_left", "wrong rosters", wrong_left);
        }
        report.add_fault("closed", "closed", hall.closed);
        meter.report(&mut report, join_used, join_frames);
        Ok(report)
    }
}

/// Steady joins and leaves.
#[derive(Args)]
pub struct Churn {
    /// Members at any time.
    #[arg(long, default_value_t = 200)]
    members: usize,
    /// Members a second that leave, another one joining in the place of each. Every other one leaves with a word.
    #[arg(long, default_value_t = 50.0)]
    per_second: f64,
    /// Seconds of it.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// How long the server waits for a member to come back, seconds.
    #[arg(long, default_value_t = 30.0)]
    grace_s: f64,
}

impl Churn {
    /// Runs it.
    ///
    /// # Errors
    /// When sockets cannot be had, or not all connect.
    pub fn run(&self, run: &Run) -> io::Result<Report> {
        let mut fleet = Fleet::new(&run.target, self.members, 0)?;
        let mut hall = Hall::new(&run.target, (0..self.members).collect(), true);
        let members = self.members;
        gather(
            &mut fleet,
            &mut hall,
            0..members,
            CONNECTING_MAX,
            |hall| hall.greeted,
            |hall| hall.rosters.iter().all(Option::is_some),
        )?;
        let mut meter = Meter::start(run.process.as_ref());
        let from_us = fleet.now_us();
        let frames_before = hall.frames;
        let changes = (self.seconds * self.per_second) as usize;
        for change in 0..changes {
            let due_us = from_us + (change as f64 * 1e6 / self.per_second) as u64;
            while fleet.now_us() < due_us {
                fleet.turn_until(due_us, &mut hall)?;
                meter.look(fleet.now_us());
            }
            let index = change % members;
            if change % 2 == 0 {
                let frame = serde_json::json!({ "event": "pusher:unsubscribe", "data": { "channel": CHANNEL } });
                fleet.sockets[index].send(&frame.to_string());
            }
            hall.user_of[index] = members + change;
            hall.rosters[index] = None;
            fleet.connect(index)?;
        }
        let truth: Roster = hall.user_of.iter().copied().collect();
        let seconds = self.grace_s + AFTER_GRACE_S;
        let (mut wrong, right_us) = hall.until_right(&mut fleet, &mut meter, &truth, seconds, false)?;
        wrong += fleet.sockets.iter().filter(|socket| !socket.is_open()).count() as u64;
        let (used, frames) = (meter.used(), hall.frames - frames_before);

        let title = format!("presence churn, {members} members, {} a second", self.per_second);
        let mut report = Report::new("presence-churn", title);
        report.add("changes", "", changes as f64, " members replaced");
        let settled_s = (right_us.saturating_sub(from_us) as f64 / 1e6 - self.seconds).max(0.0);
        report.add("settled_s", if wrong == 0 { "all right after" } else { "settled after" }, settled_s, " s more");
        report.add_fault("wrong_rosters", "wrong rosters", wrong);
        report.add_fault("broken_snapshots", "broken snapshots", hall.broken_snapshots);
        report.add("frames", "in", frames as f64, " frames");
        report.add("repeated", "repeated changes", hall.repeated as f64, "");
        report.add_fault("closed", "closed", hall.closed);
        meter.report(&mut report, used, frames);
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(users: &[usize]) -> Roster {
        users.iter().copied().collect()
    }

    fn succeeded(ids: &[usize], hash: &[usize]) -> String {
        let ids: Vec<String> = ids.iter().map(|user| user_id(*user)).collect();
        let hash: serde_json::Map<_, _> = hash.iter().map(|user| (user_id(*user), "x".into())).collect();
        let data = serde_json::json!({ "presence": { "count": ids.len(), "hash": hash, "ids": ids } }).to_string();
        serde_json::json!({ "event": "pusher_internal:subscription_succeeded", "channel": CHANNEL, "data": data })
            .to_string()
    }

    #[test]
    fn a_snapshot_names_its_members_if_it_agrees_with_itself() {
        assert_eq!(snapshot(succeeded(&[1, 70], &[70, 1]).as_bytes()), Some(roster(&[1, 70])));
        assert_eq!(snapshot(succeeded(&[1, 70], &[1]).as_bytes()), None);
        assert_eq!(snapshot(br#"{"event":"x"}"#), None);
    }

    #[test]
    fn rosters_are_sets() {
        let mut some = roster(&[1, 200]);
        assert!(!some.insert(1));
        assert!(some.remove(200));
        assert!(!some.remove(200));
        assert!(some.is(&roster(&[1])), "whatever room they take");
        assert!(!some.is(&roster(&[2])));
    }
}

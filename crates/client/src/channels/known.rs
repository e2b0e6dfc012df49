//! The channels that somebody listens to, and how far each of them is known: pure, driven by [`run`](super::run).
//!
//! **Invariants:** what is numbered is told in the order of its numbers, each once, or it is behind a fetch that brings it; a
//! channel is subscribed to as long as somebody holds it; nothing is told of a channel that nobody holds any more.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::roster::{MEMBER_ADDED, MEMBER_REMOVED, Roster, weight};

/// Frames of one channel that wait for a fetch. One that is further behind fetches again instead, which is less.
const WAITING_MAX: usize = 1_024;
/// Their weight at most, by [`weight`].
const WAITING_WEIGHT_MAX: usize = 1 << 20;

/// The numbers that an event stands for: one, or several that were told together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// The first.
    pub(crate) first: i64,
    /// The last; not smaller.
    pub(crate) last: i64,
}

impl Numbers {
    /// One event with one number.
    pub(crate) fn one(number: i64) -> Self {
        Self { first: number, last: number }
    }
}

/// An event of a channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    /// Its name.
    pub(crate) event: String,
    /// Its body.
    pub(crate) data: Value,
    /// Its numbers, where the events of this channel have some.
    pub(crate) numbers: Option<Numbers>,
}

/// How it stands with a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There is no link, or it was not subscribed to yet.
    #[default]
    Away,
    /// It is subscribed to, and what was missed is being fetched.
    Behind,
    /// Everything is heard as it happens.
    Live,
    /// The server does not let this person listen, or not any more; the status says why.
    Refused(u16),
}

/// What is to be done next, in order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// An event is to be applied.
    Apply {
        /// Of which channel.
        channel: String,
        /// What.
        heard: Heard,
    },
    /// Everything behind this number is to be fetched. Without one: what there is.
    Fetch {
        /// Of which channel.
        channel: String,
        /// Names the holding that it is for: an answer for one that is over counts for nothing.
        holding: u64,
        /// How far it is known.
        after: Option<i64>,
        /// Fetches before it that brought nothing new: wait accordingly.
        failures: u32,
    },
    /// Tell how it stands.
    Stands {
        /// With which channel.
        channel: String,
        /// How.
        standing: Standing,
    },
    /// Tell who is there.
    Present {
        /// On which channel.
        channel: String,
        /// Who.
        roster: Roster,
    },
}

#[derive(Debug, Default)]
struct Entry {
    holding: u64,
    holders: u32,
    /// The last number that was applied.
    at: Option<i64>,
    standing: Standing,
    fetching: bool,
    /// It was subscribed to again, or too much waits: the fetch under way is not the last one.
    again: bool,
    failures: u32,
    waiting: VecDeque<Heard>,
    waiting_weight: usize,
    roster: Option<Roster>,
}

/// All channels that are held.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    entries: BTreeMap<String, Entry>,
    holdings: u64,
}

impl Channels {
    /// Somebody holds a channel from now on. Whether nobody did before.
    pub(crate) fn hold(&mut self, channel: &str) -> bool {
        if let Some(entry) = self.entries.get_mut(channel) {
            entry.holders += 1;
            return false;
        }
        self.holdings += 1;
        let entry = Entry { holding: self.holdings, holders: 1, ..Entry::default() };
        self.entries.insert(channel.to_owned(), entry);
        true
    }

    /// Somebody holds it no longer. Whether nobody does now.
    pub(crate) fn release(&mut self, channel: &str) -> bool {
        let Some(entry) = self.entries.get_mut(channel) else { return false };
        entry.holders -= 1;
        let free = entry.holders == 0;
        if free {
            self.entries.remove(channel);
        }
        free
    }

    /// The channels that are held, each with its holding.
    pub(crate) fn held(&self) -> impl Iterator<Item = (&str, u64)> {
        self.entries.iter().map(|(channel, entry)| (channel.as_str(), entry.holding))
    }

    /// How it stands with a channel, and who is there. `None` for one that nobody holds.
    #[cfg(test)]
    fn look(&self, channel: &str) -> Option<(Standing, Option<Roster>)> {
        self.entries.get(channel).map(|entry| (entry.standing, entry.roster.clone()))
    }

    /// The server let us listen; `data` is what it said with that.
    pub(crate) fn subscribed(&mut self, channel: &str, data: &Value) -> Vec<Step> {
        let Some(entry) = self.entries.get_mut(channel) else { return Vec::new() };
        let mut steps = entry.turn(channel, Standing::Behind);
        entry.roster = Roster::read(channel, data);
        if let Some(roster) = &entry.roster {
            steps.push(Step::Present { channel: channel.to_owned(), roster: roster.clone() });
        }
        entry.failures = 0;
        if entry.fetching {
            // It may have been asked before this subscription began: what happened between would be missing.
            entry.again = true;
        } else {
            steps.push(entry.fetch(channel));
        }
        steps
    }

    /// The server does not let us listen, or not any more.
    pub(crate) fn refused(&mut self, channel: &str, status: u16) -> Vec<Step> {
        let Some(entry) = self.entries.get_mut(channel) else { return Vec::new() };
        entry.away();
        entry.turn(channel, Standing::Refused(status))
    }

    /// There is no link any more. What was refused is asked again over the next one.
    pub(crate) fn lost(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (channel, entry) in &mut self.entries {
            entry.away();
            steps.extend(entry.turn(channel, Standing::Away));
        }
        steps
    }

    /// An event came.
    pub(crate) fn heard(&mut self, channel: &str, heard: Heard) -> Vec<Step> {
        let Some(entry) = self.entries.get_mut(channel) else { return Vec::new() };
        if !matches!(entry.standing, Standing::Behind | Standing::Live) {
            return Vec::new();
        }
        if matches!(&*heard.event, MEMBER_ADDED | MEMBER_REMOVED) {
            let Some(roster) = &mut entry.roster else { return Vec::new() };
            let changed = roster.changed(&heard.event, &heard.data);
            return changed
                .then(|| Step::Present { channel: channel.to_owned(), roster: roster.clone() })
                .into_iter()
                .collect();
        }
        let mut steps = Vec::new();
        entry.take(channel, heard, &mut steps);
        steps
    }

    /// A fetch for this holding came to its end: everything up to this number is known and applied, or it failed.
    pub(crate) fn fetched(&mut self, channel: &str, holding: u64, known: Option<Option<i64>>) -> Vec<Step> {
        let Some(entry) = self.entries.get_mut(channel).filter(|entry| entry.holding == holding) else {
            return Vec::new();
        };
        entry.fetching = false;
        let Some(at) = known else {
            // The next subscription fetches. One that stands already asks at once.
            entry.failures = if entry.again { 0 } else { entry.failures.saturating_add(1) };
            return if entry.stands() { vec![entry.fetch(channel)] } else { Vec::new() };
        };
        let before = entry.at;
        // Smaller than before: the server is another one, or was set back. It is what is true now.
        entry.at = at;
        if !entry.stands() {
            entry.let_go();
            return Vec::new();
        }
        if entry.again {
            return vec![entry.fetch(channel)];
        }
        let mut steps = Vec::new();
        entry.waiting_weight = 0;
        for heard in std::mem::take(&mut entry.waiting) {
            entry.take(channel, heard, &mut steps);
        }
        if entry.fetching {
            // Something is still missing: a server that never brings it is asked less and less often.
            entry.failures = if entry.at > before { 0 } else { entry.failures.saturating_add(1) };
            if let Some(Step::Fetch { failures, .. }) = steps.last_mut() {
                *failures = entry.failures;
            }
        } else {
            entry.failures = 0;
            steps.extend(entry.turn(channel, Standing::Live));
        }
        steps
    }
}

impl Entry {
    fn stands(&self) -> bool {
        matches!(self.standing, Standing::Behind | Standing::Live)
    }

    fn turn(&mut self, channel: &str, standing: Standing) -> Vec<Step> {
        if self.standing == standing {
            return Vec::new();
        }
        self.standing = standing;
        vec![Step::Stands { channel: channel.to_owned(), standing }]
    }

    fn away(&mut self) {
        self.let_go();
        self.again = false;
        self.roster = None;
    }

    fn fetch(&mut self, channel: &str) -> Step {
        (self.fetching, self.again) = (true, false);
        Step::Fetch { channel: channel.to_owned(), holding: self.holding, after: self.at, failures: self.failures }
    }

    fn wait(&mut self, heard: Heard) {
        self.waiting_weight += weight(&heard.data);
        self.waiting.push_back(heard);
    }

    fn let_go(&mut self) {
        self.waiting.clear();
        self.waiting_weight = 0;
    }

    fn take(&mut self, channel: &str, heard: Heard, steps: &mut Vec<Step>) {
        if self.fetching {
            if self.waiting.len() < WAITING_MAX && self.waiting_weight + weight(&heard.data) <= WAITING_WEIGHT_MAX {
                self.wait(heard);
            } else {
                self.let_go();
                self.again = true;
            }
            return;
        }
        match (heard.numbers, self.at) {
            (None, _) => {}
            (Some(numbers), Some(at)) if numbers.last <= at => return,
            (Some(numbers), Some(at)) if numbers.first <= at.saturating_add(1) => self.at = Some(numbers.last),
            (Some(_), _) => {
                steps.extend(self.turn(channel, Standing::Behind));
                steps.push(self.fetch(channel));
                self.wait(heard);
                return;
            }
        }
        steps.push(Step::Apply { channel: channel.to_owned(), heard });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::roster::{MEMBERS_MAX, MEMBERS_WEIGHT_MAX},
        *,
    };

    fn heard(event: &str, data: Value, numbers: Option<Numbers>) -> Heard {
        Heard { event: event.into(), data, numbers }
    }

    /// A channel that is subscribed to, with its first fetch under way.
    fn live(channel: &str, data: &Value) -> Channels {
        let mut channels = Channels::default();
        channels.hold(channel);
        channels.subscribed(channel, data);
        channels
    }

    /// What is kept of a channel, in values.
    fn kept(channels: &Channels) -> usize {
        let entries = channels.entries.values();
        entries
            .map(|entry| {
                let waiting: usize = entry.waiting.iter().map(|heard| weight(&heard.data)).sum();
                let members = entry.roster.iter().flat_map(|roster| roster.members.values());
                waiting + members.map(weight).sum::<usize>()
            })
            .sum()
    }

    #[test]
    fn large_events_that_wait_for_a_fetch_are_bounded_too() {
        let mut channels = live("private-a", &json!({}));
        let large = json!(vec![json!([]); 10_000]);
        for number in 1..=200 {
            channels.heard("private-a", heard("a", large.clone(), Some(Numbers::one(number))));
            if number % 50 == 0 {
                assert!(kept(&channels) <= WAITING_WEIGHT_MAX, "{number}");
            }
        }
        let (holding, at) = (1, Some(Some(50)));
        let steps = channels.fetched("private-a", holding, at);
        assert!(matches!(steps[..], [Step::Fetch { after: Some(50), .. }]), "what was let go is fetched: {steps:?}");
    }

    #[test]
    fn what_is_shown_of_members_is_bounded_and_kept_of_presence_channels_alone() {
        let large = json!(vec![json!([]); 10_000]);
        let roster = json!({ "presence": { "count": 1, "ids": ["1"], "hash": { "1": large } } });
        let mut channels = live("private-a", &roster);
        assert!(channels.look("private-a").expect("held").1.is_none());
        channels = live("presence-a", &roster);
        for id in 2..=500 {
            let member = json!({ "user_id": id.to_string(), "user_info": large });
            channels.heard("presence-a", heard(MEMBER_ADDED, member, None));
        }
        assert!(kept(&channels) <= MEMBERS_WEIGHT_MAX, "{}", kept(&channels));
        let roster = channels.look("presence-a").expect("held").1.expect("a roster");
        assert_eq!(roster.count, 500, "all are counted");
        for id in 1..=500 {
            channels.heard("presence-a", heard(MEMBER_REMOVED, json!({ "user_id": id.to_string() }), None));
        }
        let roster = channels.look("presence-a").expect("held").1.expect("a roster");
        assert_eq!((roster.count, roster.members.len(), kept(&channels)), (0, 0, 0));
    }

    fn comes(id: &str) -> Heard {
        Heard { event: MEMBER_ADDED.into(), data: json!({ "user_id": id, "user_info": {} }), numbers: None }
    }

    fn goes(id: &str) -> Heard {
        Heard { event: MEMBER_REMOVED.into(), data: json!({ "user_id": id }), numbers: None }
    }

    fn count(channels: &Channels) -> (usize, u32) {
        let roster = channels.look("presence-a").and_then(|(_, roster)| roster).expect("a roster");
        (roster.members.len(), roster.count)
    }

    #[test]
    fn a_roster_follows_who_comes_and_goes() {
        let data =
            json!({ "presence": { "count": 2, "ids": ["1", "2"], "hash": { "1": { "name": "Ana" }, "2": {} } } });
        let mut channels = live("presence-a", &data);
        assert_eq!(count(&channels), (2, 2));
        channels.heard("presence-a", comes("3"));
        channels.heard("presence-a", comes("3"));
        assert_eq!(count(&channels), (3, 3), "who came twice is there once");
        channels.heard("presence-a", goes("1"));
        assert!(channels.heard("presence-a", goes("1")).is_empty(), "who is gone cannot go");
        assert_eq!(count(&channels), (2, 2));
        channels.lost();
        assert_eq!(channels.look("presence-a"), Some((Standing::Away, None)), "without a link nobody knows");
        channels.release("presence-a");
        assert_eq!(channels.look("presence-a"), None);
    }

    #[test]
    fn of_a_crowd_the_first_are_known_by_name_and_the_others_are_counted() {
        let hash: serde_json::Map<String, Value> = (0..5_000).map(|id| (id.to_string(), json!({}))).collect();
        let mut channels = live("presence-a", &json!({ "presence": { "count": 5_000, "hash": hash } }));
        assert_eq!(count(&channels), (MEMBERS_MAX, 5_000));
        channels.heard("presence-a", comes("new"));
        assert_eq!(count(&channels), (MEMBERS_MAX, 5_001));
        channels.heard("presence-a", goes("new"));
        assert_eq!(count(&channels), (MEMBERS_MAX, 5_000));
    }

    #[test]
    fn a_server_that_says_more_than_can_wait_is_asked_again() {
        let mut channels = live("private-a", &json!({}));
        let holding = channels.held().next().expect("one").1;
        for number in 1..=3 * WAITING_MAX as i64 {
            let heard = Heard { event: "e".into(), data: Value::Null, numbers: Some(Numbers::one(number)) };
            assert!(channels.heard("private-a", heard).is_empty(), "it waits for the fetch");
        }
        assert!(channels.entries["private-a"].waiting.len() <= WAITING_MAX);
        let steps = channels.fetched("private-a", holding, Some(Some(1)));
        assert!(matches!(&*steps, [Step::Fetch { after: Some(1), .. }]), "{steps:?}");
    }
}

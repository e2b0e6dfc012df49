//! Turns at work that only few can do at once, fair between those who ask: whoever asks waits behind at most one piece of
//! work of every other, however much that other has. Whoever goes first waits behind those who go first as well, and behind one
//! of the others after every few of them: however many go first, the others have turns. So many may wait in all, and so many for
//! each. Where no more may wait, the one with most waiting, and with more than the one who asks, gives the last of it up: however
//! many a few of them ask for, they keep nobody else out.
//!
//! **Invariant:** a turn is given back when its work ends, whoever still waits for the answer. Work on threads cannot be
//! stopped: a turn that went with who asked would let anybody begin as much at once as they can ask for and go away again.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::oneshot;

/// So much is waiting that one more is told to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyWaiting;

/// So many who go first have turns before one who does not, where both wait.
const FIRST_IN_A_ROW_MAX: usize = 3;

/// One who asks, and whether they go first. Each has one piece of work in hand at a time.
type Who<K> = (bool, K);

/// What one has waiting, oldest first.
struct Line<W> {
    waiting: VecDeque<(u64, W)>,
    works: bool,
    /// Whether it stands in the order.
    queued: bool,
}

/// Who works, who waits, and who is next: the rules alone. `W` is what somebody waits with.
struct Turns<K, W> {
    lines: HashMap<Who<K>, Line<W>>,
    /// Those who go first, and the others: each once, who has something waiting and nothing in hand.
    order: [VecDeque<K>; 2],
    /// Turns of those who go first since the last one of another, or since nobody else waited.
    first_in_a_row: usize,
    working: usize,
    waiting: usize,
    next: u64,
    at_once: usize,
    waiting_max: usize,
    waiting_each_max: usize,
}

/// What becomes of one who asks.
#[derive(Debug, PartialEq, Eq)]
enum Entered<W> {
    /// Waits under this number. Whoever had to make room, if anybody, is told so.
    Waits(u64, Option<W>),
    /// May not even wait.
    Refused,
}

impl<K: Hash + Eq + Clone, W> Turns<K, W> {
    fn new(at_once: usize, waiting_max: usize, waiting_each_max: usize) -> Self {
        let order = [VecDeque::new(), VecDeque::new()];
        Self {
            lines: HashMap::new(),
            order,
            first_in_a_row: 0,
            working: 0,
            waiting: 0,
            next: 0,
            at_once,
            waiting_max,
            waiting_each_max,
        }
    }

    /// Somebody asks. Whether it is their turn at once shows in [`Self::grant`].
    fn enter(&mut self, who: &Who<K>, with: W) -> Entered<W> {
        let mine = self.lines.get(who).map_or(0, |line| line.waiting.len() + usize::from(line.works));
        if mine >= self.waiting_each_max {
            return Entered::Refused;
        }
        let mut gives_way = None;
        // Who works is not waiting: a free turn is there for whoever comes.
        let free = self.at_once.saturating_sub(self.working);
        if self.waiting >= self.waiting_max + free {
            let Some(longest) = self.longest(who, mine) else { return Entered::Refused };
            gives_way = self.lines.get_mut(&longest).and_then(|line| line.waiting.pop_back()).map(|(_, with)| with);
            self.waiting -= usize::from(gives_way.is_some());
        }
        let number = self.next;
        self.next += 1;
        let line = self.lines.entry(who.clone()).or_insert_with(|| Line {
            waiting: VecDeque::new(),
            works: false,
            queued: false,
        });
        line.waiting.push_back((number, with));
        self.waiting += 1;
        self.queue(who);
        Entered::Waits(number, gives_way)
    }

    /// Who has most waiting, where that is more than the one who asks has, and would be with this one as well unless that goes
    /// first: of those who do not go first, as long as there are such.
    fn longest(&self, who: &Who<K>, mine: usize) -> Option<Who<K>> {
        let of = |first: bool| {
            self.lines
                .iter()
                .filter(move |(other, line)| other.0 == first && !line.waiting.is_empty() && *other != who)
                .max_by_key(|(_, line)| line.waiting.len())
        };
        let longer = |(other, line): (&Who<K>, &Line<W>)| (line.waiting.len() > mine + 1).then(|| other.clone());
        match (who.0, of(false)) {
            (true, Some((other, line))) if line.waiting.len() > mine => Some(other.clone()),
            (true, _) => of(true).and_then(longer),
            (false, plain) => plain.and_then(longer),
        }
    }

    fn queue(&mut self, who: &Who<K>) {
        if let Some(line) = self.lines.get_mut(who)
            && !line.works
            && !line.queued
            && !line.waiting.is_empty()
        {
            line.queued = true;
            self.order[usize::from(!who.0)].push_back(who.1.clone());
        }
    }

    /// Who has their turn now, if anybody: to be called until nobody has.
    fn grant(&mut self) -> Option<(Who<K>, W)> {
        if self.working >= self.at_once {
            return None;
        }
        let places = if self.first_in_a_row < FIRST_IN_A_ROW_MAX { [0, 1] } else { [1, 0] };
        for place in places {
            let first = place == 0;
            while let Some(key) = self.order[place].pop_front() {
                let who = (first, key);
                let Some(line) = self.lines.get_mut(&who) else { continue };
                line.queued = false;
                // Whoever went away meanwhile, or had to make room, has nothing waiting any more.
                if let Some((_, with)) = line.waiting.pop_front() {
                    line.works = true;
                    self.waiting -= 1;
                    self.working += 1;
                    let others_wait = first && self.others_wait();
                    self.first_in_a_row = if others_wait { self.first_in_a_row + 1 } else { 0 };
                    return Some((who, with));
                }
                self.forget(&who);
            }
        }
        None
    }

    /// Whether anybody who does not go first could have a turn: those who went away meanwhile stand in the order still.
    fn others_wait(&self) -> bool {
        let waits = |key: &K| self.lines.get(&(false, key.clone())).is_some_and(|line| !line.waiting.is_empty());
        self.order[1].iter().any(waits)
    }

    /// Their work ended.
    fn end(&mut self, who: &Who<K>) {
        self.working -= 1;
        if let Some(line) = self.lines.get_mut(who) {
            line.works = false;
        }
        self.queue(who);
        self.forget(who);
    }

    /// They went away before their turn.
    fn leave(&mut self, who: &Who<K>, number: u64) {
        if let Some(line) = self.lines.get_mut(who)
            && let Some(at) = line.waiting.iter().position(|(other, _)| *other == number)
        {
            line.waiting.remove(at);
            self.waiting -= 1;
        }
        self.forget(who);
    }

    fn forget(&mut self, who: &Who<K>) {
        if self.lines.get(who).is_some_and(|line| line.waiting.is_empty() && !line.works && !line.queued) {
            self.lines.remove(who);
        }
    }
}

type Shared<K> = Arc<Mutex<Turns<K, oneshot::Sender<Turn<K>>>>>;

/// See the module.
pub struct FairTurns<K: Hash + Eq + Clone>(Shared<K>);

/// A turn, given back when it is dropped.
struct Turn<K: Hash + Eq + Clone> {
    turns: Shared<K>,
    who: Who<K>,
}

impl<K: Hash + Eq + Clone> Drop for Turn<K> {
    fn drop(&mut self) {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).end(&self.who);
        pass_on(&self.turns);
    }
}

/// Waits for a turn, and leaves the line when nobody waits for that any more.
struct Waiting<K: Hash + Eq + Clone> {
    turns: Shared<K>,
    who: Who<K>,
    number: u64,
}

impl<K: Hash + Eq + Clone> Drop for Waiting<K> {
    fn drop(&mut self) {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).leave(&self.who, self.number);
    }
}

/// Gives the turns that are free to those who are next.
fn pass_on<K: Hash + Eq + Clone>(turns: &Shared<K>) {
    loop {
        let Some((who, sender)) = turns.lock().unwrap_or_else(PoisonError::into_inner).grant() else { return };
        // A turn that nobody takes any more comes back by being dropped, outside of the lock.
        drop(sender.send(Turn { turns: Arc::clone(turns), who }));
    }
}

impl<K: Hash + Eq + Clone + Send + 'static> FairTurns<K> {
    /// So many work at once; so many may wait in all, and for each who asks.
    pub fn new(at_once: usize, waiting_max: usize, waiting_each_max: usize) -> Self {
        Self(Arc::new(Mutex::new(Turns::new(at_once, waiting_max, waiting_each_max))))
    }

    /// Waits for a turn and does the work in it, to its end also when nobody waits for that any more. `first` goes before all
    /// who do not.
    ///
    /// # Errors
    /// [`TooManyWaiting`].
    ///
    /// # Panics
    /// As the work does.
    pub async fn take<T: Send + 'static>(
        &self,
        who: K,
        first: bool,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, TooManyWaiting> {
        let who = (first, who);
        let (sender, granted) = oneshot::channel();
        let entered = self.0.lock().unwrap_or_else(PoisonError::into_inner).enter(&who, sender);
        let Entered::Waits(number, gives_way) = entered else { return Err(TooManyWaiting) };
        drop(gives_way);
        let waiting = Waiting { turns: Arc::clone(&self.0), who, number };
        pass_on(&self.0);
        let turn = granted.await.map_err(|_| TooManyWaiting)?;
        drop(waiting);
        let working = tokio::spawn(async move {
            let _turn = turn;
            work.await
        });
        working.await.map_err(|error| match error.try_into_panic() {
            Ok(payload) => std::panic::resume_unwind(payload),
            // The runtime ends.
            Err(_) => TooManyWaiting,
        })
    }

    #[cfg(test)]
    fn counts(&self) -> (usize, usize) {
        let turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (turns.working, turns.waiting)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn one_with_much_to_do_does_not_keep_another_waiting_and_has_its_own_limit() {
        let turns = Arc::new(FairTurns::new(1, 100, 20));
        let (order, go) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let ask = |who: u8, first: bool| {
            let (turns, order, go) = (Arc::clone(&turns), Arc::clone(&order), Arc::clone(&go));
            tokio::spawn(async move {
                let work = async move {
                    go.notified().await;
                    order.lock().expect("no panic").push(who);
                    go.notify_one();
                };
                turns.take(who, first, work).await
            })
        };
        let mut asked: Vec<_> = (0..25).map(|_| ask(1, false)).collect();
        tokio::task::yield_now().await;
        asked.extend([ask(2, false), ask(3, false), ask(4, true)]);
        tokio::task::yield_now().await;
        go.notify_one();
        let mut refused = 0;
        for done in asked {
            refused += usize::from(done.await.expect("no panic").is_err());
        }
        assert_eq!(refused, 5, "twenty may wait for one");
        let order = order.lock().expect("no panic");
        let place = |of: u8| order.iter().position(|who| *who == of).expect("it had its turn");
        assert_eq!(place(4), 1, "right behind the one that worked already: {order:?}");
        assert!(place(2) <= 3 && place(3) <= 4, "{order:?}");
        assert_eq!(turns.counts(), (0, 0));
    }

    #[tokio::test]
    async fn so_many_may_wait_in_all_and_who_has_most_waiting_makes_room() {
        let turns = Arc::new(FairTurns::new(1, 4, 20));
        let go = Arc::new(Notify::new());
        let ask = |who: u8, first: bool| {
            let (turns, go) = (Arc::clone(&turns), Arc::clone(&go));
            tokio::spawn(async move {
                let work = async move {
                    go.notified().await;
                    go.notify_one();
                };
                (who, turns.take(who, first, work).await.is_ok())
            })
        };
        let mut asked: Vec<_> = (0..6).map(|_| ask(1, false)).collect();
        tokio::task::yield_now().await;
        assert_eq!(turns.counts(), (1, 4), "one works, four wait, one was sent away");
        asked.extend([ask(2, false), ask(3, true)]);
        tokio::task::yield_now().await;
        assert_eq!(turns.counts(), (1, 4));
        go.notify_one();
        let mut done = Vec::new();
        for one in asked {
            done.push(one.await.expect("no panic"));
        }
        assert!(done.contains(&(2, true)) && done.contains(&(3, true)), "{done:?}");
        assert_eq!(done.iter().filter(|(who, had)| *who == 1 && *had).count(), 3, "{done:?}");
        assert_eq!(turns.counts(), (0, 0));
    }

    #[tokio::test]
    async fn a_turn_is_held_until_its_work_ends_although_who_asked_went_away() {
        let turns = FairTurns::new(1, 100, 20);
        let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let work = {
            let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
            async move {
                begun.notify_one();
                go.notified().await;
            }
        };
        // Asked, begun, and gone: what a client does that resets its request.
        tokio::select! {
            _ = turns.take(1, false, work) => panic!("nothing let it end"),
            () = begun.notified() => {}
        }
        assert_eq!(turns.counts(), (1, 0), "it still works");
        // One that waits and goes away leaves the line.
        let impatient = turns.take(2, false, async {});
        assert!(tokio::time::timeout(std::time::Duration::from_millis(20), impatient).await.is_err());
        assert_eq!(turns.counts(), (1, 0), "nobody waits");
        go.notify_one();
        let next = tokio::time::timeout(std::time::Duration::from_secs(5), turns.take(2, false, async { "mine" }));
        assert_eq!(next.await, Ok(Ok("mine")));
        assert_eq!(turns.counts(), (0, 0));
    }

    #[test]
    fn however_many_go_first_the_others_have_turns() {
        let mut turns: Turns<u8, ()> = Turns::new(1, 100, 20);
        for who in 0..40 {
            turns.enter(&(true, who), ());
        }
        turns.enter(&(false, 100), ());
        let mut before = 0;
        while let Some((who, ())) = turns.grant() {
            if !who.0 || before > FIRST_IN_A_ROW_MAX {
                break;
            }
            before += 1;
            turns.end(&who);
            // And it goes on: each comes again at once.
            turns.enter(&who, ());
        }
        assert_eq!(before, FIRST_IN_A_ROW_MAX);
    }

    #[test]
    fn whoever_goes_first_takes_no_place_from_a_line_that_is_not_longer() {
        let mut turns: Turns<u8, u8> = Turns::new(0, 4, 20);
        for who in 0..2 {
            assert!(matches!(turns.enter(&(false, who), who), Entered::Waits(_, None)));
        }
        for _ in 0..2 {
            assert!(matches!(turns.enter(&(true, 9), 9), Entered::Waits(_, None)));
        }
        assert_eq!(turns.enter(&(true, 9), 9), Entered::Refused);
        // One who has nothing waiting does.
        assert!(matches!(turns.enter(&(true, 8), 8), Entered::Waits(_, Some(0 | 1))));
    }

    /// What happens to the rules, drawn at random.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Ask(u8, bool),
        Ends(usize),
        Leaves(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (0..6_u8, any::<bool>()).prop_map(|(who, first)| Step::Ask(who, first)),
            3 => (0..8_usize).prop_map(Step::Ends),
            1 => (0..40_usize).prop_map(Step::Leaves),
        ]
    }

    proptest! {
        #[test]
        fn nobody_waits_behind_more_than_one_of_each_other(steps in prop::collection::vec(step(), 1..200)) {
            const AT_ONCE: usize = 2;
            const MOST: usize = 12;
            let mut turns: Turns<u8, u64> = Turns::new(AT_ONCE, MOST, 6);
            // The model: who waits, since when, and who had a turn since then.
            let mut waits: Vec<(Who<u8>, u64, Vec<Who<u8>>)> = Vec::new();
            let mut works: Vec<Who<u8>> = Vec::new();
            // Turns in a row of those who go first, while one who does not could have had them.
            let mut in_a_row = 0;
            let mut tag = 0;
            for step in steps {
                match step {
                    Step::Ask(who, first) => {
                        let who = (first, who);
                        let mine = waits.iter().filter(|(other, ..)| *other == who).count();
                        let before = waits.len();
                        tag += 1;
                        match turns.enter(&who, tag) {
                            Entered::Waits(_, gives_way) => {
                                if let Some(gone) = gives_way {
                                    let at = waits.iter().position(|(_, tag, _)| *tag == gone).expect("it waited");
                                    let (other, ..) = waits.remove(at);
                                    let its = 1 + waits.iter().filter(|(who, ..)| *who == other).count();
                                    // Strictly longer than that of the one who asks, so that nobody loses what another then has.
                                    let longer = if first && !other.0 { its > mine } else { first == other.0 && its > mine + 1 };
                                    prop_assert!(longer, "{other:?} had {its}, {who:?} {mine}");
                                    prop_assert!(waits.iter().all(|(who, tag, _)| *who != other || *tag < gone), "the newest");
                                }
                                waits.push((who, tag, Vec::new()));
                            }
                            Entered::Refused => {
                                let full = mine + works.iter().filter(|other| **other == who).count() >= 6;
                                prop_assert!(full || before >= MOST, "{before} wait, {mine} of them one's own");
                            }
                        }
                    }
                    Step::Ends(at) if !works.is_empty() => {
                        let who = works.remove(at % works.len());
                        turns.end(&who);
                    }
                    Step::Leaves(at) if !waits.is_empty() => {
                        let (who, tag, _) = waits.remove(at % waits.len());
                        let number = turns.lines[&who].waiting.iter().find(|(_, with)| *with == tag).expect("it waits").0;
                        turns.leave(&who, number);
                    }
                    Step::Ends(_) | Step::Leaves(_) => {}
                }
                while let Some((who, granted)) = turns.grant() {
                    prop_assert!(!works.contains(&who), "one at a time");
                    let at = waits.iter().position(|(_, tag, _)| *tag == granted).expect("it waited");
                    prop_assert!(waits[..at].iter().all(|(other, ..)| *other != who), "the oldest of its own");
                    waits.remove(at);
                    let others = waits.iter().any(|(other, ..)| !other.0 && !works.contains(other));
                    if !who.0 {
                        let passed_over = waits.iter().any(|(other, ..)| other.0 && !works.contains(other));
                        prop_assert!(!passed_over || in_a_row == FIRST_IN_A_ROW_MAX, "{who:?} goes before those who go first");
                    }
                    in_a_row = if who.0 && others { in_a_row + 1 } else { 0 };
                    prop_assert!(in_a_row <= FIRST_IN_A_ROW_MAX, "those who do not go first have no turn");
                    for (waiting, _, passed) in &mut waits {
                        // Whoever has one in hand is not kept waiting by others, but by that.
                        if *waiting == who || works.contains(waiting) {
                            passed.clear();
                            continue;
                        }
                        if waiting.0 == who.0 {
                            prop_assert!(!passed.contains(&who), "{waiting:?} waited behind {who:?} twice");
                            passed.push(who);
                        }
                    }
                    works.push(who);
                }
                prop_assert!(works.len() <= AT_ONCE);
                prop_assert_eq!((turns.working, turns.waiting), (works.len(), waits.len()));
                // Nobody waits while there is a turn for them.
                let may = |who: &Who<u8>| !works.contains(who);
                prop_assert!(works.len() == AT_ONCE || !waits.iter().any(|(who, ..)| may(who)));
            }
        }
    }
}

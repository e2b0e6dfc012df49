//! What happens when an event loop panics: it goes on where that is safe, without its sockets, who come back by
//! themselves; otherwise whoever embeds the hub is told that realtime is dead, and ends the process.
//!
//! It is safe when the panic happened outside of the directory's lock, and the directory has nothing left of the loop
//! once its sockets are given up.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed},
};

use crate::event_loop::{Ended, EventLoop};

/// A loop that panics more often than so many times within [`WITHIN_MS`] is given up.
const PANICS_MAX: usize = 5;
const WITHIN_MS: i64 = 60_000;

/// What is known of the loops' health.
pub struct Keeper {
    panics: AtomicU64,
    /// When the last panic was, on the hub's clock; `i64::MIN` for never.
    last_at: AtomicI64,
    dead: AtomicBool,
}

/// How the loops are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopHealth {
    /// Panics since the start.
    pub panics: u64,
    /// Milliseconds since the last one.
    pub last_panic_ms: Option<i64>,
    /// Whether a loop is gone for good.
    pub dead: bool,
}

impl Keeper {
    pub fn new() -> Self {
        Self { panics: AtomicU64::new(0), last_at: AtomicI64::new(i64::MIN), dead: AtomicBool::new(false) }
    }

    pub fn health(&self, now: i64) -> LoopHealth {
        let last_at = Some(self.last_at.load(Relaxed)).filter(|at| *at > i64::MIN);
        LoopHealth {
            panics: self.panics.load(Relaxed),
            last_panic_ms: last_at.map(|at| now - at),
            dead: self.dead.load(Relaxed),
        }
    }
}

/// Runs a loop until it is drained, or cannot go on.
pub fn keep(mut event_loop: EventLoop) {
    let mut panicked_at = VecDeque::new();
    loop {
        let ended = catch_unwind(AssertUnwindSafe(|| event_loop.run()));
        let words = match ended {
            Ok(Ended::Drained) => return,
            Ok(Ended::Failed(error)) => format!("it cannot wait for its sockets: {error}"),
            Err(payload) => words_of(&*payload),
        };
        let shared = event_loop.shared();
        let now = shared.now();
        shared.keeper.panics.fetch_add(1, Relaxed);
        shared.keeper.last_at.store(now, Relaxed);
        panicked_at.push_back(now);
        if panicked_at.len() > PANICS_MAX {
            panicked_at.pop_front();
        }
        let too_often = panicked_at.len() == PANICS_MAX && panicked_at.front().is_some_and(|at| now - at < WITHIN_MS);
        // With the lock broken, what the directory says may be half of the truth.
        let safe = !too_often && !shared.directory.is_broken();
        let goes_on = safe && catch_unwind(AssertUnwindSafe(|| event_loop.recover())).unwrap_or(false);
        if !goes_on {
            shared.keeper.dead.store(true, Relaxed);
        }
        tracing::error!(index = event_loop.index(), words, goes_on, "an event loop panicked");
        shared.watcher.loop_panicked(&words, goes_on);
        if !goes_on {
            return;
        }
    }
}

/// What a panic said.
fn words_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".to_owned())
}

#[cfg(test)]
mod tests {
    use std::{
        net::{IpAddr, Ipv4Addr},
        sync::{Arc, mpsc},
        time::Duration,
    };

    use guildhall_pusher::{auth::App, settings::AppSettings};

    use super::*;
    use crate::{
        hub::{Hub, Notice, Options, Shared, Watcher},
        inbox::{Command, NewSocket},
        simulation::pipe::{Client, pipe},
        stream::Stream,
    };

    struct Ears(mpsc::Sender<(String, bool)>);

    impl Watcher for Ears {
        fn loop_panicked(&self, words: &str, goes_on: bool) {
            self.0.send((words.to_owned(), goes_on)).expect("the test listens");
        }

        fn notice(&self, _: Notice) {
            panic!("a defect of whoever listens");
        }
    }

    fn start() -> (Hub, mpsc::Receiver<(String, bool)>) {
        let (sender, told) = mpsc::channel();
        let app = AppSettings::from(App { id: "1".into(), key: "k".into(), secret: "s".into() });
        let options = Options { loops: 2, activity_timeout_s: 30, connections_per_address_max: usize::MAX };
        (Hub::start(vec![(app, Arc::default())], options, Arc::new(Ears(sender))).expect("two loops"), told)
    }

    /// A client that says this right behind its upgrade.
    fn connect(hub: &Hub, text: &str) -> Client {
        let (end, client) = pipe(1 << 16);
        let early = [&[0x81, 0x80 | text.len() as u8, 0, 0, 0, 0], text.as_bytes()].concat();
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        hub.adopt(NewSocket { stream: Stream::Memory(end), early, app: Ok(0), address, client: None });
        client
    }

    fn hears(client: &Client, words: &str) {
        let mut heard = String::new();
        for _ in 0..500 {
            heard += &String::from_utf8_lossy(&client.hear());
            if heard.contains(words) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("heard {heard:?}, and not {words:?}");
    }

    const SUBSCRIBE: &str = r#"{"event":"pusher:subscribe","data":{"channel":"news"}}"#;
    const WAIT: Duration = Duration::from_secs(5);

    #[test]
    fn a_loop_that_panics_goes_on_without_its_sockets() {
        let (hub, told) = start();
        let clients = [connect(&hub, SUBSCRIBE), connect(&hub, SUBSCRIBE)];
        clients.iter().for_each(|client| hears(client, "subscription_succeeded"));
        hub.0.inboxes[1].push(Command::Panic);
        assert_eq!(told.recv_timeout(WAIT).expect("it is told"), ("a panic that was asked for".to_owned(), true));
        let health = hub.health();
        assert!(health.panics == 1 && !health.dead && health.last_panic_ms.is_some(), "{health:?}");
        assert_eq!(hub.channel(0, "news").expect("it is there").subscription_count, 1, "that of the other loop");
        assert_eq!(hub.len(), 1);
        let again = [connect(&hub, SUBSCRIBE), connect(&hub, SUBSCRIBE)];
        again.iter().for_each(|client| hears(client, "subscription_succeeded"));
        let (sender, alive) = mpsc::channel();
        hub.ask_for_life(|| {
            let sender = sender.clone();
            move || sender.send(()).expect("the test listens")
        });
        assert!((0..2).all(|_| alive.recv_timeout(WAIT).is_ok()), "both loops live");
    }

    #[test]
    fn a_loop_that_panics_again_and_again_is_given_up_and_that_is_told() {
        let (hub, told) = start();
        for n in 1..=PANICS_MAX {
            hub.0.inboxes[0].push(Command::Panic);
            assert_eq!(told.recv_timeout(WAIT).expect("it is told").1, n < PANICS_MAX);
        }
        assert!(hub.health().dead);
    }

    #[test]
    fn a_panic_under_the_lock_is_the_end_since_nothing_is_known_then() {
        let (hub, told) = start();
        let shared: Arc<Shared> = Arc::clone(&hub.0);
        let broken = std::thread::spawn(move || shared.with_directory(|_, _| panic!("under the lock")));
        assert!(broken.join().is_err());
        hub.0.inboxes[0].push(Command::Panic);
        assert!(!told.recv_timeout(WAIT).expect("it is told").1);
        assert!(hub.health().dead);
    }
}

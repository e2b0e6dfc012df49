//! What time it is, and what is drawn at random: the two ports through which a server asks, so that a world can be moved in
//! time and played again.
//!
//! Two clocks in one. The **wall** says when something happened, and may step. The **steady** one says how long something
//! took or has to wait, and nobody can set it. What waits for bytes on a wire or looks after the process itself
//! ([`bounded`](crate::bounded), [`vitals`](crate::vitals)) waits by the machine: moving the market's time must not hang up.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::future::BoxFuture;
use guildhall_market::time::Timestamp;
use rand::{RngCore, SeedableRng};
use tokio::sync::watch;

/// A moment on the steady clock.
pub type Steady = tokio::time::Instant;

/// What time it is.
pub trait Clock: Debug + Send + Sync {
    /// The wall clock, UTC, milliseconds since 1970 with their fraction.
    fn wall_ms(&self) -> f64;

    /// The wall clock, to the millisecond.
    fn now(&self) -> Timestamp {
        Timestamp(self.wall_ms().floor() as i64)
    }

    /// The steady clock.
    fn steady(&self) -> Steady;

    /// Waits until the steady clock shows `at`.
    fn sleep_until(&self, at: Steady) -> BoxFuture<'static, ()>;

    /// Waits until the wall clock shows `at`, also where somebody sets it meanwhile.
    fn until(&self, at: Timestamp) -> BoxFuture<'static, ()>;

    /// Waits that long.
    fn sleep(&self, length: Duration) -> BoxFuture<'static, ()> {
        self.sleep_until(self.steady() + length)
    }
}

/// How long may pass before it is noticed that somebody set the wall clock.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// How long to wait before the wall clock is looked at again, for whoever waits until `at`; `None` when it is there.
fn look_after(now: Timestamp, at: Timestamp) -> Option<Duration> {
    let left = u64::try_from(at.since_ms(now)).ok().filter(|left| *left > 0)?;
    Some(Duration::from_millis(left).min(LOOK_EVERY))
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn wall_ms(&self) -> f64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64() * 1_000.0)
    }

    fn steady(&self) -> Steady {
        Steady::now()
    }

    fn sleep_until(&self, at: Steady) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep_until(at))
    }

    fn until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            while let Some(wait) = look_after(SystemClock.now(), at) {
                tokio::time::sleep(wait).await;
            }
        })
    }
}

/// How far the hands were moved.
#[derive(Clone, Copy, Debug, Default)]
struct Moved {
    wall_ms: i64,
    steady: Duration,
}

/// The machine's clock with hands that can be moved: by tests, and by whoever looks at what happens tomorrow.
#[derive(Clone, Debug)]
pub struct HandClock(Arc<watch::Sender<Moved>>);

impl Default for HandClock {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Moved::default())))
    }
}

impl HandClock {
    /// Time passes, on both clocks: whoever waits for less is woken.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|moved| {
            moved.wall_ms = moved.wall_ms.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX));
            moved.steady += by;
        });
    }

    /// Somebody sets the wall clock, forwards or backwards; no time passes.
    pub fn set_wrong_by(&self, ms: i64) {
        self.0.send_modify(|moved| moved.wall_ms = moved.wall_ms.saturating_add(ms));
    }
}

impl Clock for HandClock {
    fn wall_ms(&self) -> f64 {
        SystemClock.wall_ms() + self.0.borrow().wall_ms as f64
    }

    fn steady(&self) -> Steady {
        SystemClock.steady() + self.0.borrow().steady
    }

    fn sleep_until(&self, at: Steady) -> BoxFuture<'static, ()> {
        let (clock, mut moved) = (self.clone(), self.0.subscribe());
        Box::pin(async move {
            loop {
                let left = at.saturating_duration_since(clock.steady());
                tokio::select! {
                    () = tokio::time::sleep(left) => return,
                    Ok(()) = moved.changed() => {}
                }
            }
        })
    }

    fn until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let (clock, mut moved) = (self.clone(), self.0.subscribe());
        Box::pin(async move {
            while let Some(wait) = look_after(clock.now(), at) {
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    Ok(()) = moved.changed() => {}
                }
            }
        })
    }
}

/// What is drawn at random: secrets, salts, and whatever people of the demo say next.
pub trait Chance: Debug + Send + Sync {
    /// Fills all of it.
    fn fill(&self, bytes: &mut [u8]);

    /// One of so many, from 0. `count` is at least 1.
    fn pick(&self, count: usize) -> usize {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % u64::try_from(count.max(1)).unwrap_or(u64::MAX)).unwrap_or(0)
    }
}

/// The system's generator, which nobody can foresee.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemChance;

impl Chance for SystemChance {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// Draws the same for the same seed. For worlds that are played again: its secrets are none.
#[derive(Debug)]
pub struct SeededChance(Mutex<rand::rngs::StdRng>);

impl SeededChance {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(rand::rngs::StdRng::seed_from_u64(seed)))
    }
}

impl Chance for SeededChance {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hands_that_are_moved_wake_whoever_waits_and_leave_the_others() {
        let clock = HandClock::default();
        let (began, until) = (clock.now(), clock.steady() + Duration::from_secs(3_600));
        let waits = tokio::spawn(clock.sleep_until(until));
        clock.advance(Duration::from_secs(3_599));
        tokio::task::yield_now().await;
        assert!(!waits.is_finished());
        clock.advance(Duration::from_secs(1));
        tokio::time::timeout(Duration::from_secs(5), waits).await.expect("woken").expect("no panic");
        assert!(clock.steady() >= until);
        assert!(clock.now().since_ms(began) >= 3_600_000);
    }

    #[test]
    fn a_wall_clock_that_is_set_moves_no_steady_one() {
        let clock = HandClock::default();
        let (wall, steady) = (clock.now(), clock.steady());
        clock.set_wrong_by(-86_400_000);
        assert!(clock.now().since_ms(wall) < -86_000_000);
        assert!(clock.steady().duration_since(steady) < Duration::from_secs(60));
    }

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed| {
            let (chance, mut bytes) = (SeededChance::new(seed), [0; 32]);
            chance.fill(&mut bytes);
            (bytes, chance.pick(10))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7).0, draw(8).0);
        assert!((0..100).all(|seed| SeededChance::new(seed).pick(3) < 3));
    }
}

//! The time of a hub, milliseconds since its start. It never runs backwards.

use std::time::Instant;

pub struct Clock {
    started: Instant,
    #[cfg(test)]
    by_hand: Option<ByHand>,
}

/// Something that another thread does.
#[cfg(test)]
pub type Other = Box<dyn FnOnce() + Send>;

/// Turned by hand, with what other threads do at the points where they could.
#[cfg(test)]
#[derive(Default)]
struct ByHand {
    now: std::sync::atomic::AtomicI64,
    others: std::sync::Mutex<std::collections::VecDeque<Other>>,
}

impl Clock {
    pub fn system() -> Self {
        Self {
            started: Instant::now(),
            #[cfg(test)]
            by_hand: None,
        }
    }

    #[cfg(test)]
    pub fn by_hand() -> Self {
        Self { started: Instant::now(), by_hand: Some(ByHand::default()) }
    }

    #[cfg(test)]
    pub fn turn(&self, ms: i64) {
        self.by_hand.as_ref().expect("a clock by hand").now.fetch_add(ms, std::sync::atomic::Ordering::Relaxed);
    }

    /// What other threads do at the next points where they come in between, in order.
    #[cfg(test)]
    pub fn let_others(&self, others: impl IntoIterator<Item = Other>) {
        *self.by_hand.as_ref().expect("a clock by hand").others.lock().expect("one thread") =
            others.into_iter().collect();
    }

    /// A point where other threads come in between. Whether any did.
    #[cfg(test)]
    pub fn interrupt(&self) -> bool {
        let Some(by_hand) = &self.by_hand else { return false };
        let next = by_hand.others.lock().expect("one thread").pop_front();
        next.map(|others| others()).is_some()
    }

    pub fn now(&self) -> i64 {
        #[cfg(test)]
        if let Some(by_hand) = &self.by_hand {
            return by_hand.now.load(std::sync::atomic::Ordering::Relaxed);
        }
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

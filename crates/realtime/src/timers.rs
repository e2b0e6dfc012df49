//! When which socket has to be looked at: coarse, and without any work while nothing is due.

use std::collections::BTreeMap;

/// Width of a bucket, milliseconds. What is due is done at most this much late.
const BUCKET_MS: i64 = 128;

/// Places in a loop with their nonces, by the time they are due.
#[derive(Debug, Default)]
pub struct Timers {
    buckets: BTreeMap<i64, Vec<(u32, u32)>>,
}

impl Timers {
    /// Asks for a look at `at`.
    pub fn add(&mut self, at: i64, place: u32, nonce: u32) {
        self.buckets.entry(at.div_euclid(BUCKET_MS) + 1).or_default().push((place, nonce));
    }

    /// Takes out what is due.
    pub fn due(&mut self, now: i64) -> Vec<(u32, u32)> {
        let mut all = Vec::new();
        while let Some(first) = self.buckets.first_entry().filter(|first| *first.key() * BUCKET_MS <= now) {
            all.append(&mut first.remove());
        }
        all
    }

    /// When something is due next.
    pub fn next(&self) -> Option<i64> {
        self.buckets.keys().next().map(|bucket| bucket * BUCKET_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_at_its_time_and_once() {
        let mut timers = Timers::default();
        timers.add(1_000, 1, 7);
        timers.add(100, 2, 8);
        assert!(timers.due(99).is_empty());
        assert_eq!(timers.next(), Some(128));
        assert_eq!(timers.due(128), [(2, 8)]);
        assert!(timers.due(1_000).is_empty(), "never early");
        assert_eq!(timers.due(1_000 + BUCKET_MS), [(1, 7)]);
        assert_eq!(timers.next(), None);
    }
}

//! Signed requests that were carried out already.
//!
//! A signature stays valid for ten minutes around its timestamp, and whoever reads one on its way could send its request
//! again. A request that comes again after [`AT_ONCE_MS`] is answered as before and not carried out: so a replay does no
//! harm, and neither does a client that repeats a request because the answer was lost. Within that time it is carried out
//! again, since an application may well publish the same event twice in one second, which makes the same signature.
//!
//! **Invariant:** what is remembered is forgotten a minute after it cannot be valid any more, and is never more than
//! [`KEPT_MAX`] signatures.

use std::collections::{BTreeMap, HashMap};

use guildhall_pusher::limits::REQUEST_TIMESTAMP_WINDOW_S;

/// Until then the same request counts as meant again, milliseconds.
const AT_ONCE_MS: i64 = 5_000;
/// Signatures that are remembered. More make the oldest minute be forgotten early.
const KEPT_MAX: usize = 1_000_000;

#[derive(Debug, Default)]
pub struct Replays {
    /// When each was first seen, by the minute of its timestamp: the signature covers it, so the same one stands there.
    minutes: BTreeMap<i64, HashMap<u64, i64>>,
    kept: usize,
}

impl Replays {
    /// Notes a signature (hexadecimal, checked) with its timestamp (seconds since 1970). True when its request was carried
    /// out a while ago. `now_s` is the time on the same clock, `now_ms` on one that never runs backwards.
    pub fn is_replay(&mut self, signature: &str, timestamp_s: i64, now_s: i64, now_ms: i64) -> bool {
        // A quarter of an HMAC tells requests apart.
        let Some(mark) = signature.get(..16).and_then(|text| u64::from_str_radix(text, 16).ok()) else { return false };
        let oldest = (now_s - REQUEST_TIMESTAMP_WINDOW_S).div_euclid(60);
        while let Some(first) = self.minutes.first_entry().filter(|f| *f.key() < oldest || self.kept >= KEPT_MAX) {
            self.kept -= first.remove().len();
        }
        let minute = self.minutes.entry(timestamp_s.div_euclid(60)).or_default();
        let before = minute.len();
        let first = *minute.entry(mark).or_insert(now_ms);
        self.kept += minute.len() - before;
        now_ms - first > AT_ONCE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_comes_again_later_is_a_replay() {
        let (one, two) = ("0123456789abcdef".repeat(4), "f123456789abcdef".repeat(4));
        let mut replays = Replays::default();
        assert!(!replays.is_replay(&one, 1_000, 1_000, 0));
        assert!(!replays.is_replay(&one, 1_000, 1_005, AT_ONCE_MS), "the same event twice in a moment is meant");
        assert!(replays.is_replay(&one, 1_000, 1_005, AT_ONCE_MS + 1));
        assert!(!replays.is_replay(&two, 1_600, 1_005, AT_ONCE_MS + 1), "a client whose clock is ahead");
        assert!(replays.is_replay(&one, 1_000, 1_600, 600_000), "as long as it is valid");
        assert!(replays.is_replay(&two, 1_600, 2_200, 1_200_000));
        assert_eq!(replays.kept, 1, "what is not valid any more is forgotten");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut replays = Replays::default();
        for n in 0..(KEPT_MAX as u64 + 10) {
            let timestamp_s = (n / 100_000) as i64 * 60;
            assert!(!replays.is_replay(&format!("{n:016x}"), timestamp_s, 300, 0));
            assert!(replays.kept <= KEPT_MAX);
        }
        assert_eq!(replays.minutes.values().map(HashMap::len).sum::<usize>(), replays.kept);
    }
}

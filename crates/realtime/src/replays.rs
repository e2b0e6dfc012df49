//! Signed requests that were carried out already.
//!
//! A signature stays valid for ten minutes, and whoever reads one on its way could send its request again. A request
//! that comes again after [`AT_ONCE_MS`] is answered as before and not carried out: so a replay does no harm, and neither
//! does a client that repeats a request because the answer was lost. Within that time it is carried out again, since an
//! application may well publish the same event twice in one second, which makes the same signature.

use std::collections::HashMap;

/// Until then the same request counts as meant again, milliseconds.
const AT_ONCE_MS: i64 = 5_000;
/// How long a signature is valid and therefore remembered: the window of its timestamp on both sides, milliseconds.
const KEPT_MS: i64 = 2 * 600_000;
/// Signatures of one generation. More make the oldest be forgotten early.
const KEPT_MAX: usize = 500_000;

#[derive(Debug, Default)]
pub struct Replays {
    current: HashMap<u64, i64>,
    before: HashMap<u64, i64>,
    since: i64,
}

impl Replays {
    /// Notes a signature (hexadecimal, checked). True when its request was carried out a while ago.
    pub fn is_replay(&mut self, signature: &str, now: i64) -> bool {
        if now - self.since >= KEPT_MS || self.current.len() >= KEPT_MAX {
            self.before = std::mem::take(&mut self.current);
            self.since = now;
        }
        // A quarter of an HMAC tells requests apart.
        let Some(mark) = signature.get(..16).and_then(|text| u64::from_str_radix(text, 16).ok()) else { return false };
        let first = *self.before.get(&mark).unwrap_or_else(|| self.current.entry(mark).or_insert(now));
        now - first > AT_ONCE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_comes_again_later_is_a_replay() {
        let (one, two) = ("0123456789abcdef".repeat(4), "f123456789abcdef".repeat(4));
        let mut replays = Replays::default();
        assert!(!replays.is_replay(&one, 0));
        assert!(!replays.is_replay(&one, AT_ONCE_MS), "the same event twice in a moment is meant");
        assert!(replays.is_replay(&one, AT_ONCE_MS + 1));
        assert!(!replays.is_replay(&two, AT_ONCE_MS + 1));
        assert!(replays.is_replay(&one, KEPT_MS), "across generations");
        assert!(replays.is_replay(&two, KEPT_MS + AT_ONCE_MS));
    }
}

//! Time as a value. The market never asks what time it is.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Milliseconds since the Unix epoch, UTC, on the server's clock unless a name says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// This moment and `ms` milliseconds more; stops at the ends of the range instead of wrapping.
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment; negative when `earlier` is later.
    pub fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// One second, one minute, one hour and one day in milliseconds.
pub const SECOND_MS: i64 = 1_000;
/// One minute in milliseconds.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// One hour in milliseconds.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// One day in milliseconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// When a command on one thing happens whose history is counted in money, such as an auction or an escrow: when it arrived,
/// and never before what happened to the same thing last. The floor is that thing's own, kept with it: one wrong hour of the
/// machine's clock touches what was used in it, and stops nobody. Messages, limits on people and retention have no floor: they
/// go on by the true clock.
pub fn within_its_history(last: Option<Timestamp>, arrived: Timestamp) -> Timestamp {
    last.map_or(arrived, |last| last.max(arrived))
}

/// The time up to which things may be forgotten, when it is asked once an hour or less: `now`, but never more than a day
/// beyond the last one, or a fiftieth of what there is to catch up. A clock that jumps ahead, for an hour or at a start, must
/// not make a server forget what it has to remember: the keys of commands above all.
pub fn forgets_up_to(last: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let Some(last) = last else { return now };
    now.min(last.plus_ms(DAY_MS.max(now.since_ms(last) / 50)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_ahead_makes_nobody_forget() {
        let day = |n: i64| Timestamp(n * DAY_MS);
        assert_eq!(forgets_up_to(None, day(100)), day(100));
        assert_eq!(forgets_up_to(Some(day(100)), day(100).plus_ms(HOUR_MS)), day(100).plus_ms(HOUR_MS));
        assert_eq!(forgets_up_to(Some(day(100)), day(140)), day(101), "forty days ahead count as one");
        assert_eq!(forgets_up_to(Some(day(100)), day(90)), day(90), "and a clock that is behind forgets less");
        // A first start in 1970 is caught up with in a few hundred hours.
        let (mut at, mut hours) = (day(0), 0);
        while at < day(20_000) {
            (at, hours) = (forgets_up_to(Some(at), day(20_000)), hours + 1);
        }
        assert!((200..400).contains(&hours), "{hours}");
    }

    #[test]
    fn h1_one_things_time_never_runs_backwards() {
        for (last, arrived, at) in [(None, 5, 5), (Some(4), 5, 5), (Some(5), 5, 5), (Some(9), 5, 9)] {
            assert_eq!(within_its_history(last.map(Timestamp), Timestamp(arrived)), Timestamp(at), "{last:?}");
        }
    }

    #[test]
    fn lengths_of_time_are_what_they_are_called() {
        assert_eq!([SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS], [1_000, 60_000, 3_600_000, 86_400_000]);
    }

    #[test]
    fn moments_stop_at_the_ends_of_the_range() {
        assert_eq!(Timestamp(5).plus_ms(-7), Timestamp(-2));
        assert_eq!(Timestamp(i64::MAX).plus_ms(1), Timestamp(i64::MAX));
        assert_eq!(Timestamp(7).since_ms(Timestamp(5)), 2);
        assert_eq!(Timestamp(i64::MIN).since_ms(Timestamp(1)), i64::MIN);
    }
}

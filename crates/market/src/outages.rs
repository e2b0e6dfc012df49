//! Time in which no server ran counts against nobody.

use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// A server says so often that it runs, milliseconds.
pub const BEAT_MS: i64 = MINUTE_MS;
/// A gap between two beats is an outage when it is longer than this, milliseconds.
pub const OUTAGE_MIN_MS: i64 = 5 * MINUTE_MS;
/// What falls within so long after an outage is put off as well: nobody could prepare for it. Milliseconds.
pub const AFTER_MS: i64 = DAY_MS;
/// A deadline is put off by so much at most, all outages together, milliseconds.
pub const GIVEN_BACK_MAX_MS: i64 = 72 * HOUR_MS;

/// A time in which no server ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When one last said that it runs.
    pub from: Timestamp,
    /// When one began again.
    pub until: Timestamp,
}

impl Outage {
    /// Between the last beat and now, where that is long enough. A clock that was set back is none.
    pub fn between(last: Timestamp, now: Timestamp) -> Option<Self> {
        (now.since_ms(last) > OUTAGE_MIN_MS).then_some(Self { from: last, until: now })
    }

    /// How long, milliseconds.
    pub fn ms(self) -> i64 {
        self.until.since_ms(self.from)
    }

    /// The last moment of which a deadline is put off.
    pub fn reaches(self) -> Timestamp {
        self.until.plus_ms(AFTER_MS)
    }

    /// By how much a deadline is put off that was put off by `before` milliseconds until now; 0: not at all.
    pub fn gives_back(self, due: Timestamp, before: i64) -> i64 {
        if due < self.from || due > self.reaches() {
            return 0;
        }
        self.ms().min(GIVEN_BACK_MAX_MS - before).max(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: Timestamp = Timestamp(1_800_000_000_000);

    fn outage(ms: i64) -> Option<Outage> {
        Outage::between(LAST, LAST.plus_ms(ms))
    }

    #[test]
    fn h2_five_minutes_are_a_restart_and_more_is_an_outage() {
        assert_eq!((outage(OUTAGE_MIN_MS), outage(-HOUR_MS)), (None, None));
        assert_eq!(outage(OUTAGE_MIN_MS + 1).map(Outage::ms), Some(OUTAGE_MIN_MS + 1));
    }

    #[test]
    fn h2_what_fell_into_it_or_a_day_after_it_is_put_off_by_its_length() {
        let away = outage(6 * HOUR_MS).expect("an outage");
        let given = |in_ms: i64| away.gives_back(LAST.plus_ms(in_ms), 0);
        assert_eq!((given(-1), given(0), given(HOUR_MS)), (0, 6 * HOUR_MS, 6 * HOUR_MS));
        assert_eq!((given(30 * HOUR_MS), given(30 * HOUR_MS + 1)), (6 * HOUR_MS, 0));
    }

    #[test]
    fn h2_no_deadline_is_put_off_by_more_than_three_days_in_all() {
        let away = outage(50 * HOUR_MS).expect("an outage");
        let given = |before: i64| away.gives_back(LAST, before);
        assert_eq!((given(0), given(30 * HOUR_MS), given(72 * HOUR_MS)), (50 * HOUR_MS, 42 * HOUR_MS, 0));
        assert_eq!(outage(100 * HOUR_MS).expect("an outage").gives_back(LAST, 0), 72 * HOUR_MS);
    }
}

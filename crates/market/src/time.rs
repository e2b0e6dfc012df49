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

#[cfg(test)]
mod tests {
    use super::*;

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

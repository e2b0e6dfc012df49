//! The machine's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::Timelike;
use guildhall_client::ports::{Clock, Timestamp};

/// The wall clock and the local time zone.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        Timestamp(i64::try_from(ms).unwrap_or(i64::MAX))
    }

    fn local_minute(&self) -> u16 {
        let now = chrono::Local::now();
        u16::try_from(now.hour() * 60 + now.minute()).expect("a day has 1,440 minutes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_tells_a_plausible_time() {
        assert!(SystemClock.now() > Timestamp(1_700_000_000_000));
        assert!(SystemClock.local_minute() < 1_440);
    }
}

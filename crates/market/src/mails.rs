//! Letters that are sent by mail: when one that was not taken is tried again, and when it is given up.

use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// Waits before a letter is tried again, milliseconds, by how often it was tried; the last one from then on. Receivers that
/// greet strangers with "later" mean some minutes by it (RFC 6647, 3).
const PAUSES_MS: [i64; 6] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS];
/// How long a letter is tried (RFC 5321, 4.5.4.1: at least four to five days).
pub const GIVEN_UP_AFTER_MS: i64 = 5 * DAY_MS;
/// The longest wait while nobody answers at the mail server itself, milliseconds: what waits there is for everybody.
pub const SERVER_PAUSE_MAX_MS: i64 = 15 * MINUTE_MS;

/// Why a letter is not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GivenUp {
    /// What it says is of no use any more: a code that has died.
    #[error("it came to be of no use before it could be sent")]
    Expired,
    /// It was tried for five days.
    #[error("it was tried for five days")]
    TooOld,
}

/// How long a letter waits that was tried so often, at least once, and not taken for now, milliseconds.
pub fn pause_ms(tries: i64) -> i64 {
    let place = usize::try_from(tries.saturating_sub(1)).unwrap_or(0).min(PAUSES_MS.len() - 1);
    PAUSES_MS[place]
}

/// When a letter is tried again that waits so long from now on.
///
/// # Errors
/// [`GivenUp`] where it is not.
pub fn next_try(
    pause_ms: i64,
    written: Timestamp,
    expires: Option<Timestamp>,
    now: Timestamp,
) -> Result<Timestamp, GivenUp> {
    let next = now.plus_ms(pause_ms);
    if expires.is_some_and(|expires| next >= expires) {
        Err(GivenUp::Expired)
    } else if now.since_ms(written) >= GIVEN_UP_AFTER_MS {
        Err(GivenUp::TooOld)
    } else {
        Ok(next)
    }
}

/// How long nobody is asked after the mail server itself could not be reached so many times on end, at least once,
/// milliseconds.
pub fn server_pause_ms(failures: u32) -> i64 {
    let place = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX).min(PAUSES_MS.len() - 1);
    PAUSES_MS[place].min(SERVER_PAUSE_MAX_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp(1_763_856_000_000);

    #[test]
    fn a_letter_is_tried_again_later_each_time_and_for_five_days() {
        let minutes: Vec<i64> = [0, 1, 2, 3, 4, 5, 6, 7, i64::MAX].map(|tries| pause_ms(tries) / MINUTE_MS).to_vec();
        assert_eq!(minutes, [1, 1, 5, 15, 30, 60, 180, 180, 180]);
        assert_eq!(next_try(MINUTE_MS, AT, None, AT), Ok(AT.plus_ms(MINUTE_MS)));
        assert_eq!(next_try(MINUTE_MS, AT, None, AT.plus_ms(GIVEN_UP_AFTER_MS - 1)).map(|_| ()), Ok(()));
        assert_eq!(next_try(MINUTE_MS, AT, None, AT.plus_ms(GIVEN_UP_AFTER_MS)), Err(GivenUp::TooOld));
    }

    #[test]
    fn a_code_that_would_have_died_is_not_sent() {
        let dies = Some(AT.plus_ms(HOUR_MS));
        assert_eq!(next_try(MINUTE_MS, AT, dies, AT.plus_ms(58 * MINUTE_MS)), Ok(AT.plus_ms(59 * MINUTE_MS)));
        assert_eq!(next_try(MINUTE_MS, AT, dies, AT.plus_ms(59 * MINUTE_MS)), Err(GivenUp::Expired));
    }

    #[test]
    fn a_server_that_does_not_answer_is_asked_every_quarter_of_an_hour() {
        let minutes: Vec<i64> = [0, 1, 2, 3, 4, 1_000, u32::MAX].map(|n| server_pause_ms(n) / MINUTE_MS).to_vec();
        assert_eq!(minutes, [1, 1, 5, 15, 15, 15, 15]);
    }
}

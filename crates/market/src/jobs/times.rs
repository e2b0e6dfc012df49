//! How long a job waits for people, and what follows then. A period is over at its end.

use crate::time::{DAY_MS, Timestamp};

/// After this long without any money both are asked, milliseconds since the job was given.
pub const UNFUNDED_ASKED_MS: i64 = 30 * DAY_MS;
/// After this long without any money it comes to nothing, milliseconds since the job was given.
pub const UNFUNDED_MS: i64 = 60 * DAY_MS;
/// So long somebody may think about whether a job is finished of which everything is paid, milliseconds.
pub const SILENCE_MS: i64 = 14 * DAY_MS;
/// So long the two of a job that ended hear of it in its channel, and may say how it was, milliseconds.
pub const AFTER_THE_END_MS: i64 = 30 * DAY_MS;

/// Why dates cannot be as they are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It ends before it begins.
    #[error("the end lies before the beginning")]
    EndsBeforeItStarts,
    /// Nobody could apply.
    #[error("the day until which one can apply is over")]
    Closed,
}

/// Whether a job can be shown with these dates at this time.
///
/// # Errors
/// [`Refusal`].
pub fn dates(
    (starts, ends): (Option<Timestamp>, Option<Timestamp>),
    closes: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Refusal> {
    match (starts, ends) {
        (Some(starts), Some(ends)) if ends < starts => Err(Refusal::EndsBeforeItStarts),
        _ if closes.is_some_and(|closes| closes <= now) => Err(Refusal::Closed),
        _ => Ok(()),
    }
}

/// Whether the two of a job that ended then still hear of it, and may say how it was.
pub fn is_fresh(ended: Option<Timestamp>, now: Timestamp) -> bool {
    ended.is_none_or(|ended| now.since_ms(ended) < AFTER_THE_END_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_does_not_end_before_it_begins_and_is_open_for_a_while() {
        let at = |ms| Some(Timestamp(ms));
        for (starts, ends, closes, expected) in [
            (None, None, None, Ok(())),
            (at(9), at(9), at(6), Ok(())),
            (at(9), at(8), None, Err(Refusal::EndsBeforeItStarts)),
            (None, None, at(5), Err(Refusal::Closed)),
            (None, at(1), at(6), Ok(())),
        ] {
            assert_eq!(dates((starts, ends), closes, Timestamp(5)), expected, "{starts:?} {ends:?} {closes:?}");
        }
    }

    #[test]
    fn what_ended_is_fresh_for_thirty_days_and_not_a_millisecond_longer() {
        assert!(is_fresh(None, Timestamp(i64::MAX)));
        assert!(is_fresh(Some(Timestamp(0)), Timestamp(30 * DAY_MS - 1)));
        assert!(!is_fresh(Some(Timestamp(0)), Timestamp(30 * DAY_MS)));
    }
}

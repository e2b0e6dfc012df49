//! What an administrator says to everybody who is signed in, such as that the server will be away for an hour.

use crate::{
    text::{self, TextRefusal},
    time::{DAY_MS, Timestamp},
};

/// The longest that one may stand, days: what is true for longer belongs elsewhere.
pub const DAYS_MAX: i64 = 30;

/// Why an announcement is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnnouncementRefusal {
    /// Its text cannot be sent.
    #[error("The text cannot be sent.")]
    Text(#[from] TextRefusal),
    /// It would be over before it begins, or stand for too long.
    #[error("The end must be in the future, and at most {DAYS_MAX} days away.")]
    End,
}

/// The text as it is told, which stands from `now` on until `end`, or until it is taken back.
///
/// # Errors
/// What a message with this text would be refused for, and an end that cannot be.
pub fn clean(raw: &str, end: Option<Timestamp>, now: Timestamp) -> Result<String, AnnouncementRefusal> {
    if end.is_some_and(|end| end <= now || end.since_ms(now) > DAYS_MAX * DAY_MS) {
        return Err(AnnouncementRefusal::End);
    }
    Ok(text::clean(raw)?)
}

/// Whether it still stands.
pub fn stands(end: Option<Timestamp>, now: Timestamp) -> bool {
    end.is_none_or(|end| now < end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_lies_ahead_and_not_too_far() {
        let now = Timestamp(1_000);
        for (end, good) in [
            (None, true),
            (Some(now), false),
            (Some(Timestamp(999)), false),
            (Some(Timestamp(1_001)), true),
            (Some(now.plus_ms(DAYS_MAX * DAY_MS)), true),
            (Some(now.plus_ms(DAYS_MAX * DAY_MS + 1)), false),
            (Some(Timestamp(i64::MAX)), false),
        ] {
            let cleaned = clean(" Back at noon ", end, now);
            assert_eq!(
                cleaned.as_deref(),
                if good { Ok("Back at noon") } else { Err(&AnnouncementRefusal::End) },
                "{end:?}"
            );
        }
        assert_eq!(clean(" ", None, now), Err(AnnouncementRefusal::Text(TextRefusal::Empty)));
        assert!(stands(None, now) && stands(Some(Timestamp(1_001)), now) && !stands(Some(now), now));
    }
}

//! Letters that are about neither safety nor money: which kinds there are, and when one is written. Everybody gets them until they
//! say otherwise; letters about safety and money have no such choice.

use crate::{
    codes::AHEAD_MAX_MS,
    process::coded,
    time::{DAY_MS, HOUR_MS, Timestamp},
};

/// How long somebody must have been away, with no device connected, before a letter says that somebody wrote.
pub const AWAY_MS: i64 = 4 * HOUR_MS;
/// The least time between two letters of a kind to somebody.
pub const BETWEEN_LETTERS_MS: i64 = DAY_MS;
/// People that one letter names. Of others it says how many there are.
pub const NAMES_MAX: usize = 5;
/// How long such a letter is of use. A mail server that is away for longer makes nobody read old news.
pub const OF_USE_MS: i64 = 12 * HOUR_MS;

/// A kind of letter that somebody may do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Somebody wrote while one was away.
    UnreadMessages,
}

coded!(Kind { UnreadMessages "unread_messages" });

/// How it stands with somebody whom others wrote to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Away {
    /// When the oldest message came that no letter told of and that is not read. `None`: there is none.
    pub oldest_unread: Option<Timestamp>,
    /// Whether a device is connected now.
    pub online: bool,
    /// When one was connected last.
    pub last_here: Option<Timestamp>,
    /// When the last letter was written.
    pub last_letter: Option<Timestamp>,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing: there is nothing to tell.
    Nothing,
    /// Look again then.
    LookAgain(Timestamp),
    /// Write a letter.
    Write,
}

/// Whether a letter is written now to somebody who is away.
pub fn about_unread(away: &Away, now: Timestamp) -> Then {
    let Some(oldest) = away.oldest_unread else { return Then::Nothing };
    if away.online {
        return Then::LookAgain(now.plus_ms(AWAY_MS));
    }
    // What stands far ahead was noted by a clock that was wrong then: it counts for nothing.
    let counts = |at: &Timestamp| at.since_ms(now) <= AHEAD_MAX_MS;
    let last_here = away.last_here.filter(counts);
    let alone_since = last_here.map_or(oldest, |here| here.max(oldest)).min(now);
    let after_letter = away.last_letter.filter(counts).map(|at| at.plus_ms(BETWEEN_LETTERS_MS));
    let due = after_letter.map_or(alone_since.plus_ms(AWAY_MS), |at| at.max(alone_since.plus_ms(AWAY_MS)));
    if now >= due { Then::Write } else { Then::LookAgain(due) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_763_856_000_000);

    fn ago(hours: i64) -> Option<Timestamp> {
        Some(NOW.plus_ms(-hours * HOUR_MS))
    }

    #[test]
    fn a_letter_is_written_to_whoever_was_away_for_hours_once_a_day() {
        let in_hours = |hours: i64| Then::LookAgain(NOW.plus_ms(hours * HOUR_MS));
        for (oldest_unread, online, last_here, last_letter, expected) in [
            (None, false, None, None, Then::Nothing),
            (None, true, None, None, Then::Nothing),
            (ago(4), false, None, None, Then::Write),
            (ago(3), false, None, None, in_hours(1)),
            // Who is here reads it here, and is looked at again.
            (ago(30), true, ago(0), None, in_hours(4)),
            (ago(30), false, ago(1), None, in_hours(3)),
            (ago(30), false, ago(4), None, Then::Write),
            (ago(5), false, ago(20), ago(23), in_hours(1)),
            (ago(5), false, ago(20), ago(24), Then::Write),
            (ago(1), false, ago(20), ago(24), in_hours(3)),
            // A clock that was wrong keeps nothing back, and nothing is told before its time.
            (ago(5), false, ago(-50), ago(-50), Then::Write),
            (ago(-50), false, None, None, in_hours(4)),
        ] {
            let away = Away { oldest_unread, online, last_here, last_letter };
            assert_eq!(about_unread(&away, NOW), expected, "{away:?}");
        }
    }

    #[test]
    fn kinds_have_one_word_each_and_none_is_about_safety_or_money() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(*kind));
        }
        for word in ["code", "password_changed", "email_changed", "new_sign_in", "two_step", ""] {
            assert_eq!(Kind::from_code(word), None, "{word}");
        }
    }
}

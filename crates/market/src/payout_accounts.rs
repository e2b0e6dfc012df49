//! Bank accounts to which somebody can be paid: what a number must be, how often one may try, and whether a sum can be drawn.
//! Where an account stands is said by [`verification`](crate::verification), whether the names fit by [`names`](crate::names).

use crate::{
    codes::AHEAD_MAX_MS,
    names::Likeness,
    time::{DAY_MS, Timestamp},
    verification::Action,
};

/// Tries to find an account within a day (C21).
pub const TRIES_MAX: usize = 5;
/// The time over which tries are counted.
pub const COUNTED_OVER_MS: i64 = DAY_MS;
/// The longest number: that of an IBAN (ISO 13616).
const NUMBER_CHARS_MAX: usize = 34;
/// The shortest one that is looked for.
const NUMBER_CHARS_MIN: usize = 5;
/// Characters of a number that are shown.
const TAIL_CHARS: usize = 4;

/// Why an account is not looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefusal {
    /// It is no number of an account.
    #[error("An account number has 5 to 34 digits or letters, such as 0123456789.")]
    Number,
    /// Too many were tried.
    #[error("Five accounts were tried within a day. Wait until tomorrow.")]
    TooMany {
        /// How long, milliseconds.
        wait_ms: i64,
    },
}

/// The number of an account without what people put between its digits.
///
/// # Errors
/// [`AccountRefusal::Number`].
pub fn clean_number(raw: &str) -> Result<String, AccountRefusal> {
    let kept = raw.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'));
    let number: String = kept.take(NUMBER_CHARS_MAX + 1).map(|c| c.to_ascii_uppercase()).collect();
    let fits = (NUMBER_CHARS_MIN..=NUMBER_CHARS_MAX).contains(&number.len());
    if fits && number.bytes().all(|b| b.is_ascii_alphanumeric()) { Ok(number) } else { Err(AccountRefusal::Number) }
}

/// What of a number is shown.
pub fn tail(number: &str) -> String {
    let from = number.char_indices().rev().nth(TAIL_CHARS - 1).map_or(0, |(at, _)| at);
    format!("•••• {}", &number[from..])
}

/// Whether one more account may be looked for, after tries at these moments.
///
/// # Errors
/// [`AccountRefusal::TooMany`].
pub fn may_try(tries: &[Timestamp], now: Timestamp) -> Result<(), AccountRefusal> {
    // What stands far ahead was noted by a clock that was wrong then.
    let counts = |at: &Timestamp| at.since_ms(now) <= AHEAD_MAX_MS && now.since_ms(*at) < COUNTED_OVER_MS;
    let mut counted: Vec<Timestamp> = tries.iter().copied().filter(counts).collect();
    counted.sort_unstable();
    match counted.len().checked_sub(TRIES_MAX) {
        None => Ok(()),
        Some(too_many) => {
            let wait_ms = counted[too_many].plus_ms(COUNTED_OVER_MS).since_ms(now).max(1);
            Err(AccountRefusal::TooMany { wait_ms })
        }
    }
}

/// What follows from how the names stand to each other: proved, refused, or `None` where somebody has to look.
pub fn follows(likeness: Likeness) -> Option<Action> {
    match likeness {
        Likeness::Same => Some(Action::Prove),
        Likeness::Near => None,
        Likeness::Different => Some(Action::Reject),
    }
}

/// Why a balance cannot be drawn (C26).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrawRefusal {
    /// There is no account for this currency, or none that may be used yet.
    #[error("no bank account for {currency} can be used")]
    NoRoute {
        /// Of what there is none.
        currency: String,
    },
    /// The provider sends no such small sum.
    #[error("the smallest sum that can be sent is {minimum_minor} minor units")]
    BelowMinimum {
        /// The smallest, minor units.
        minimum_minor: i64,
    },
}

impl DrawRefusal {
    /// The reason code on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRoute { .. } => "no_route",
            Self::BelowMinimum { .. } => "below_minimum",
        }
    }
}

/// Whether a sum in a currency can be drawn, minor units, by somebody who has usable accounts for these currencies. Accounts are for
/// one currency each, and nothing is exchanged. Whoever is about to be owed something is told before.
///
/// # Errors
/// [`DrawRefusal`].
pub fn may_draw(currency: &str, minor: i64, usable: &[&str], minimum_minor: i64) -> Result<(), DrawRefusal> {
    if !usable.contains(&currency) {
        return Err(DrawRefusal::NoRoute { currency: currency.to_owned() });
    }
    if minor < minimum_minor { Err(DrawRefusal::BelowMinimum { minimum_minor }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_763_856_000_000);

    #[test]
    fn a_number_is_read_as_people_write_it_and_shown_by_its_end() {
        for (raw, expected) in [
            ("0123456789", Ok("0123456789")),
            (" 0123 456\u{2011}789 ", Ok("0123456789")),
            ("gb29 nwbk 6016 1331 9268 19", Ok("GB29NWBK60161331926819")),
            ("1234", Err(AccountRefusal::Number)),
            ("", Err(AccountRefusal::Number)),
            ("01234/6789", Err(AccountRefusal::Number)),
            ("٠١٢٣٤٥٦٧٨٩", Err(AccountRefusal::Number)),
        ] {
            assert_eq!(clean_number(raw), expected.map(str::to_owned), "{raw:?}");
        }
        assert_eq!(clean_number(&"1".repeat(35)), Err(AccountRefusal::Number));
        assert_eq!((tail("0123456789"), tail("123")), ("•••• 6789".into(), "•••• 123".into()));
    }

    #[test]
    fn c21_five_tries_a_day() {
        let at = |hours: &[i64]| hours.iter().map(|hours| NOW.plus_ms(-hours * 3_600_000)).collect::<Vec<_>>();
        assert_eq!(may_try(&at(&[1, 2, 3, 4]), NOW), Ok(()));
        let refused = may_try(&at(&[1, 2, 3, 4, 20]), NOW);
        assert_eq!(refused, Err(AccountRefusal::TooMany { wait_ms: 4 * 3_600_000 }));
        assert_eq!(may_try(&at(&[1, 2, 3, 4, 24]), NOW), Ok(()), "the oldest is a day old");
        assert_eq!(may_try(&at(&[-50; 9]), NOW), Ok(()), "noted by a clock that was wrong");
    }

    #[test]
    fn c21_what_follows_from_each_likeness() {
        assert_eq!(follows(Likeness::Same), Some(Action::Prove));
        assert_eq!(follows(Likeness::Near), None);
        assert_eq!(follows(Likeness::Different), Some(Action::Reject));
    }

    #[test]
    fn c26_a_balance_without_a_way_says_what_is_missing_and_a_small_one_the_minimum() {
        assert_eq!(may_draw("NGN", 10_000, &["NGN"], 5_000), Ok(()));
        let dollars = may_draw("USD", 50_000, &["NGN"], 0).expect_err("sold for dollars, with a naira account only");
        assert_eq!((dollars.code(), dollars.clone()), ("no_route", DrawRefusal::NoRoute { currency: "USD".into() }));
        let little = may_draw("USD", 40, &["USD"], 100).expect_err("$0.40");
        assert_eq!((little.code(), little), ("below_minimum", DrawRefusal::BelowMinimum { minimum_minor: 100 }));
    }
}

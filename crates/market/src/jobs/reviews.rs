//! What the two of a job say of each other once it is done. Neither reads the other's words before both have written, or before
//! nobody can write any more: nobody answers to what they read.

use super::{posts, times};
use crate::time::Timestamp;

/// Characters of the words.
pub const WORDS_CHARS: (usize, usize) = (1, 1_000);

/// Why nobody can say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Other than 1 to 5.
    #[error("stars go from 1 to 5")]
    Stars,
    /// The words.
    #[error("{0}")]
    Words(posts::Refusal),
    /// One did before.
    #[error("you said how it was")]
    Exists,
    /// It is too long ago.
    #[error("this could be said for thirty days")]
    TooLate,
}

impl Refusal {
    /// The reason as it is said on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stars => "invalid",
            Self::Words(refusal) => refusal.code(),
            Self::Exists => "exists",
            Self::TooLate => "wrong_state",
        }
    }
}

/// A review as it is kept.
///
/// # Errors
/// [`Refusal::Stars`], [`Refusal::Words`].
pub fn clean(stars: i64, words: &str) -> Result<(i64, String), Refusal> {
    if !(1..=5).contains(&stars) {
        return Err(Refusal::Stars);
    }
    Ok((stars, posts::within(words, WORDS_CHARS).map_err(Refusal::Words)?))
}

/// Whether somebody may say how a job was that ended then.
///
/// # Errors
/// [`Refusal::Exists`], [`Refusal::TooLate`].
pub fn may_review(before: bool, ended: Option<Timestamp>, now: Timestamp) -> Result<(), Refusal> {
    match before {
        true => Err(Refusal::Exists),
        false if !times::is_fresh(ended, now) => Err(Refusal::TooLate),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DAY_MS;

    #[test]
    fn a_review_has_one_to_five_stars_and_words() {
        assert_eq!(clean(5, " Good work. "), Ok((5, "Good work.".into())));
        for stars in [0, 6, -1, i64::MAX] {
            assert_eq!(clean(stars, "x"), Err(Refusal::Stars));
        }
        assert_eq!(clean(1, "  ").map_err(|refusal| refusal.code()), Err("too_short"));
        assert_eq!(clean(1, &"x".repeat(1_001)).map_err(|refusal| refusal.code()), Err("too_long"));
    }

    #[test]
    fn one_says_it_once_and_within_thirty_days() {
        let (ended, month) = (Some(Timestamp(0)), Timestamp(30 * DAY_MS));
        assert_eq!(may_review(false, ended, Timestamp(1)), Ok(()));
        assert_eq!(may_review(true, ended, Timestamp(1)), Err(Refusal::Exists));
        assert_eq!(may_review(false, ended, month), Err(Refusal::TooLate));
    }
}

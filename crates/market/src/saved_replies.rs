//! Saved replies: a person's own short texts, by names that are quick to type.

use std::fmt;

use icu_casemap::CaseMapper;
use icu_normalizer::ComposingNormalizer;

use crate::text::{self, TextRefusal};

/// Saved replies that a person may have.
pub const REPLIES_MAX: i64 = 100;
/// Longest name, in code points: it is typed behind a slash.
pub const NAME_CODE_POINTS_MAX: usize = 32;

/// The name of a saved reply: letters, digits, `-` and `_`, without regard to small and large letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplyName(String);

impl ReplyName {
    /// The name as it is stored and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReplyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a saved reply is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyRefusal {
    /// No name, or one with other characters, or too long.
    #[error("The name must be one word of at most {NAME_CODE_POINTS_MAX} letters, digits, - or _, such as thanks.")]
    Name,
    /// Its text cannot be sent.
    #[error("The text cannot be sent.")]
    Text(#[from] TextRefusal),
    /// There are as many as there may be.
    #[error("You have {REPLIES_MAX} saved replies, the most there may be. Delete one you no longer need.")]
    TooMany,
}

impl std::str::FromStr for ReplyName {
    type Err = ReplyRefusal;

    fn from_str(typed: &str) -> Result<Self, ReplyRefusal> {
        // Looked at before anything is made of it: somebody may say anything.
        if typed.len() > 8 * NAME_CODE_POINTS_MAX {
            return Err(ReplyRefusal::Name);
        }
        let lower = CaseMapper::new().fold_string(typed.trim());
        let name = ComposingNormalizer::new_nfc().normalize(&lower).into_owned();
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_') || is_mark(c);
        let long = name.chars().count();
        let begins = name.chars().next().is_some_and(char::is_alphanumeric);
        if !begins || long > NAME_CODE_POINTS_MAX || !name.chars().all(allowed) {
            return Err(ReplyRefusal::Name);
        }
        Ok(Self(name))
    }
}

/// Marks that belong to a letter before them, where no single character stands for both.
fn is_mark(c: char) -> bool {
    use icu_properties::{CodePointMapData, props::GeneralCategory};
    matches!(
        CodePointMapData::<GeneralCategory>::new().get(c),
        GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark
    )
}

/// The text as it is kept: what would be sent of it.
///
/// # Errors
/// What a message with this text would be refused for.
pub fn clean(raw: &str) -> Result<String, ReplyRefusal> {
    Ok(text::clean(raw)?)
}

/// Whether one more may be kept beside so many.
///
/// # Errors
/// [`ReplyRefusal::TooMany`].
pub fn may_add(kept: i64) -> Result<(), ReplyRefusal> {
    if kept < REPLIES_MAX { Ok(()) } else { Err(ReplyRefusal::TooMany) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_without_regard_to_case() {
        for (typed, kept) in [("thanks", "thanks"), (" Thanks ", "thanks"), ("Ọjà-2", "ọjà-2"), ("on_site", "on_site")]
        {
            assert_eq!(typed.parse::<ReplyName>().map(|name| name.to_string()), Ok(kept.to_owned()), "{typed:?}");
        }
        let long = "a".repeat(33);
        for typed in ["", " ", "two words", "a/b", "-a", "a.b", "\u{301}", "a\u{202E}b", &long] {
            assert_eq!(typed.parse::<ReplyName>(), Err(ReplyRefusal::Name), "{typed:?}");
        }
    }

    #[test]
    fn a_name_of_two_spellings_is_one() {
        assert_eq!("o\u{323}ja".parse::<ReplyName>(), "ọja".parse());
    }

    #[test]
    fn the_text_is_what_would_be_sent() {
        assert_eq!(clean("  Thank you!  ").as_deref(), Ok("Thank you!"));
        assert_eq!(clean(" "), Err(ReplyRefusal::Text(TextRefusal::Empty)));
    }

    #[test]
    fn there_are_a_hundred_at_most() {
        assert_eq!(may_add(REPLIES_MAX - 1), Ok(()));
        assert_eq!(may_add(REPLIES_MAX), Err(ReplyRefusal::TooMany));
    }
}

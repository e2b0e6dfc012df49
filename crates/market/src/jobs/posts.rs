//! What a job says of itself, what an application says, and what a report of progress says: cleaned as any text that people read.

use crate::{
    money::amounts::{AMOUNT_MAX, BadAmount, amount},
    process::coded,
    text,
};

/// Characters of a title.
pub const TITLE_CHARS: (usize, usize) = (5, 200);
/// Characters of a description.
pub const DESCRIPTION_CHARS: (usize, usize) = (10, 2_000);
/// Characters of a proposal.
pub const PROPOSAL_CHARS: (usize, usize) = (20, 5_000);
/// Characters of the title of a milestone.
pub const MILESTONE_TITLE_CHARS: (usize, usize) = (2, 120);
/// Characters of a reason.
pub const REASON_CHARS: (usize, usize) = (1, 1_000);
/// Pictures of one job, or of one report of progress.
pub const PICTURES_MAX: usize = 10;
/// People whom a client may ask about one job.
pub const INVITATIONS_MAX: i64 = 20;
/// Characters of a note about progress, and of one that something is handed in with.
pub const NOTE_CHARS_MAX: usize = 2_000;
/// Characters of a note with which something is handed in, where no file is.
pub const SUBMIT_NOTE_CHARS_MIN: usize = 20;

/// How soon a job is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each says what it is by its name")]
pub enum Priority {
    Low,
    Medium,
    High,
    Urgent,
}

/// What kind of work it is, as the contract of the existing system has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each says what it is by its name")]
pub enum Category {
    Carpentry,
    Electrical,
    Plumbing,
    Painting,
    Welding,
    Masonry,
    Gardening,
    Cleaning,
    Automobile,
    Tailoring,
}

coded!(Priority { Low "low", Medium "medium", High "high", Urgent "urgent" });
coded!(Category {
    Carpentry "carpentry", Electrical "electrical", Plumbing "plumbing", Painting "painting", Welding "welding",
    Masonry "masonry", Gardening "gardening", Cleaning "cleaning", Automobile "automobile", Tailoring "tailoring",
});

/// Why something is not taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Too few or too many characters.
    #[error("it has {least} to {most} characters, and {found} were given")]
    Length {
        /// At least.
        least: usize,
        /// At most.
        most: usize,
        /// After cleaning.
        found: usize,
    },
    /// It is no amount.
    #[error("an amount is 1 to 10^15 minor units")]
    BadAmount,
    /// It is no part of a hundred.
    #[error("how far it is goes from 0 to 100")]
    Percent,
    /// There is neither a note that says something nor a file.
    #[error("what is handed in has a note of {SUBMIT_NOTE_CHARS_MIN} characters, or a file")]
    NothingSubmitted,
}

impl Refusal {
    /// The reason as it is said on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length { least, found, .. } if found < least => "too_short",
            Self::Length { .. } => "too_long",
            Self::BadAmount => "bad_amount",
            Self::Percent => "invalid",
            Self::NothingSubmitted => "nothing_submitted",
        }
    }
}

impl From<BadAmount> for Refusal {
    fn from(_: BadAmount) -> Self {
        Self::BadAmount
    }
}

/// A text of so many characters after cleaning.
pub(super) fn within(raw: &str, (least, most): (usize, usize)) -> Result<String, Refusal> {
    let cleaned = text::strip_bounded(raw).trim().to_owned();
    let found = cleaned.chars().count();
    if (least..=most).contains(&found) { Ok(cleaned) } else { Err(Refusal::Length { least, most, found }) }
}

/// The title of a job: one line.
///
/// # Errors
/// [`Refusal::Length`].
pub fn clean_title(raw: &str) -> Result<String, Refusal> {
    within(&raw.split_whitespace().collect::<Vec<_>>().join(" "), TITLE_CHARS)
}

/// What is to be done.
///
/// # Errors
/// [`Refusal::Length`].
pub fn clean_description(raw: &str) -> Result<String, Refusal> {
    within(raw, DESCRIPTION_CHARS)
}

/// What an artisan offers.
///
/// # Errors
/// [`Refusal::Length`].
pub fn clean_proposal(raw: &str) -> Result<String, Refusal> {
    within(raw, PROPOSAL_CHARS)
}

/// What an artisan says of how far the work is.
///
/// # Errors
/// [`Refusal::Length`], [`Refusal::Percent`].
pub fn clean_progress(note: &str, percent: i64) -> Result<(String, u8), Refusal> {
    let percent = u8::try_from(percent).ok().filter(|percent| *percent <= 100).ok_or(Refusal::Percent)?;
    Ok((within(note, (1, NOTE_CHARS_MAX))?, percent))
}

/// The note with which something is handed in, perhaps with files.
///
/// # Errors
/// [`Refusal::NothingSubmitted`], [`Refusal::Length`].
pub fn clean_submission(note: &str, files: usize) -> Result<String, Refusal> {
    let note = within(note, (0, NOTE_CHARS_MAX))?;
    let says = note.chars().count() >= SUBMIT_NOTE_CHARS_MIN;
    if says || files > 0 { Ok(note) } else { Err(Refusal::NothingSubmitted) }
}

/// The title of a milestone: one line.
///
/// # Errors
/// [`Refusal::Length`].
pub fn clean_milestone_title(raw: &str) -> Result<String, Refusal> {
    within(&raw.split_whitespace().collect::<Vec<_>>().join(" "), MILESTONE_TITLE_CHARS)
}

/// Why somebody would change what was agreed, or why a job comes to nothing.
///
/// # Errors
/// [`Refusal::Length`].
pub fn clean_reason(raw: &str) -> Result<String, Refusal> {
    within(raw, REASON_CHARS)
}

/// What is agreed once an application is accepted: the applicant's price, else the budget.
///
/// # Errors
/// [`Refusal::BadAmount`].
pub fn agreed(price: Option<i64>, budget: i64) -> Result<i64, Refusal> {
    Ok(amount(price.unwrap_or(budget).min(AMOUNT_MAX + 1))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_lengths_after_cleaning() {
        assert_eq!(clean_title("  Fix \n the  roof "), Ok("Fix the roof".into()));
        let short = clean_title("Roof").expect_err("four characters");
        assert_eq!((short, short.code()), (Refusal::Length { least: 5, most: 200, found: 4 }, "too_short"));
        assert_eq!(clean_title(&"a".repeat(201)).map_err(|refusal| refusal.code()), Err("too_long"));
        assert_eq!(
            clean_title("Roof\u{200B}\u{200B}").map_err(|refusal| refusal.code()),
            Err("too_short"),
            "nobody sees it"
        );
        assert_eq!(clean_description("Ten words.").as_deref(), Ok("Ten words."));
        assert!(clean_description("Nine char").is_err() && clean_description(&"a".repeat(2_001)).is_err());
        assert!(clean_proposal(&"a".repeat(19)).is_err() && clean_proposal(&"a".repeat(20)).is_ok());
        assert!(clean_proposal(&"ọ".repeat(5_000)).is_ok() && clean_proposal(&"ọ".repeat(5_001)).is_err());
    }

    #[test]
    fn progress_is_a_note_and_a_part_of_a_hundred() {
        assert_eq!(clean_progress("The walls stand", 40), Ok(("The walls stand".into(), 40)));
        for percent in [-1, 101, i64::MAX] {
            assert_eq!(clean_progress("x", percent), Err(Refusal::Percent));
        }
        assert_eq!(clean_progress("  ", 5).map_err(|refusal| refusal.code()), Err("too_short"));
    }

    #[test]
    fn nothing_is_handed_in_without_a_note_or_a_file() {
        assert_eq!(clean_submission("done", 0), Err(Refusal::NothingSubmitted));
        assert_eq!(clean_submission("", 1), Ok(String::new()));
        assert!(clean_submission("All the walls stand now", 0).is_ok());
    }

    #[test]
    fn e74_the_applicants_price_counts_and_else_the_budget() {
        assert_eq!((agreed(Some(70), 100), agreed(None, 100)), (Ok(70), Ok(100)));
        assert_eq!(agreed(Some(0), 100), Err(Refusal::BadAmount));
        assert_eq!(agreed(None, i64::MAX), Err(Refusal::BadAmount));
        assert!(Priority::ALL.iter().all(|priority| Priority::from_code(priority.code()) == Some(*priority)));
        assert_eq!(Category::ALL.len(), 10);
        assert_eq!(Category::from_code("tailoring"), Some(Category::Tailoring));
    }
}

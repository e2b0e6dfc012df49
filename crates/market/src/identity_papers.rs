//! Papers by which somebody proves who they are: which files, how many, and how long they are kept. Where a verification stands
//! is said by [`verification`](crate::verification).

use crate::{
    attachments::Kind,
    time::{DAY_MS, Timestamp},
    verification::{self, State, Then},
};

/// Papers of one asking.
pub const PAPERS_MAX: usize = 4;
/// Papers that a person may have uploaded and not sent.
pub const UNSENT_MAX: i64 = 8;
/// How long papers are kept that nobody sent, milliseconds.
pub const UNSENT_KEPT_MS: i64 = DAY_MS;
/// How long papers are kept after the decision, milliseconds: whoever doubts it can be answered within that.
pub const KEPT_AFTER_DECISION_MS: i64 = 30 * DAY_MS;

/// Why papers are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaperRefusal {
    /// An animation.
    #[error("Papers are photos (JPEG, PNG or WebP) or PDF documents.")]
    Kind,
    /// Not one.
    #[error("Send at least one photo or PDF.")]
    None,
    /// More than [`PAPERS_MAX`].
    #[error("Send at most 4 photos or PDFs.")]
    TooMany,
    /// The same one twice.
    #[error("One of them stands there twice.")]
    Twice,
    /// More than [`UNSENT_MAX`] wait to be sent.
    #[error(
        "Eight papers of yours are uploaded and not sent. Send them first; what is not sent within a day is dropped."
    )]
    TooManyUnsent,
}

/// Whether a file of this kind can be a paper.
///
/// # Errors
/// [`PaperRefusal::Kind`].
pub fn check_kind(kind: Kind) -> Result<(), PaperRefusal> {
    if kind == Kind::Gif { Err(PaperRefusal::Kind) } else { Ok(()) }
}

/// Whether these can be sent together.
///
/// # Errors
/// [`PaperRefusal::None`], [`PaperRefusal::TooMany`], [`PaperRefusal::Twice`].
pub fn check_sent(ids: &[i64]) -> Result<(), PaperRefusal> {
    if ids.is_empty() {
        return Err(PaperRefusal::None);
    }
    if ids.len() > PAPERS_MAX {
        return Err(PaperRefusal::TooMany);
    }
    let twice = ids.iter().enumerate().any(|(at, id)| ids[..at].contains(id));
    if twice { Err(PaperRefusal::Twice) } else { Ok(()) }
}

/// Whether somebody who has so many uploaded and not sent may upload one more.
///
/// # Errors
/// [`PaperRefusal::TooManyUnsent`].
pub fn one_more(unsent: i64) -> Result<(), PaperRefusal> {
    if unsent >= UNSENT_MAX { Err(PaperRefusal::TooManyUnsent) } else { Ok(()) }
}

/// Whether what waits since then has waited so long that it stands at the top of the administrators' list.
pub fn stands_at_the_top(kind: verification::Kind, since: Timestamp, now: Timestamp) -> bool {
    verification::deadline(kind, State::Pending)
        .is_some_and(|deadline| deadline.then == Then::Top && now.since_ms(since) >= deadline.after_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_four_photos_or_documents_each_once() {
        for (ids, expected) in [
            (&[][..], Err(PaperRefusal::None)),
            (&[7], Ok(())),
            (&[7, 8, 9, 10], Ok(())),
            (&[7, 8, 9, 10, 11], Err(PaperRefusal::TooMany)),
            (&[7, 8, 7], Err(PaperRefusal::Twice)),
        ] {
            assert_eq!(check_sent(ids), expected, "{ids:?}");
        }
        for kind in [Kind::Jpeg, Kind::Png, Kind::Webp, Kind::Pdf] {
            assert_eq!(check_kind(kind), Ok(()));
        }
        assert_eq!(check_kind(Kind::Gif), Err(PaperRefusal::Kind));
        assert_eq!((one_more(7), one_more(8)), (Ok(()), Err(PaperRefusal::TooManyUnsent)));
    }

    #[test]
    fn papers_that_wait_for_five_days_stand_at_the_top_and_nothing_else_does() {
        let since = Timestamp(1_763_856_000_000);
        let top = |kind, ms| stands_at_the_top(kind, since, since.plus_ms(ms));
        assert!(!top(verification::Kind::Identity, 5 * DAY_MS - 1));
        assert!(top(verification::Kind::Identity, 5 * DAY_MS));
        assert!(!top(verification::Kind::PayoutAccount, 50 * DAY_MS), "no rule says so");
        assert!(!top(verification::Kind::Domain, 50 * DAY_MS), "it lapses");
    }
}

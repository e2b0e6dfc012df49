//! Messages: what the sender sees, how fast people may write, who may read and delete.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ids::UserId, time::Timestamp};

/// What a conversation is about. Without a subject it is simply between two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Subject {
    /// Nothing but the two people.
    None,
    /// A job.
    Job(crate::ids::JobId),
    /// A domain that somebody sells.
    Domain(crate::ids::DomainId),
}

impl Subject {
    /// The stored form: a word (empty for no subject) and a number (0 for no subject).
    pub fn parts(self) -> (&'static str, i64) {
        match self {
            Self::None => ("", 0),
            Self::Job(id) => ("job", id.0),
            Self::Domain(id) => ("domain", id.0),
        }
    }

    /// The subject for its stored form; `None` for a word that this version does not know.
    pub fn from_parts(kind: &str, id: i64) -> Option<Self> {
        match kind {
            "" => Some(Self::None),
            "job" => Some(Self::Job(crate::ids::JobId(id))),
            "domain" => Some(Self::Domain(crate::ids::DomainId(id))),
            _ => None,
        }
    }
}

/// How long the text of a deleted message is kept sealed, in days (domain rule for messages).
pub const SEALED_DAYS: i64 = 180;
/// Messages that one user may send in any [`RATE_WINDOW_MS`].
pub const RATE_MESSAGES_MAX: usize = 5;
/// The length of the sliding window of the message rate, in milliseconds.
pub const RATE_WINDOW_MS: i64 = 1_000;

/// How far ahead of the server's clock a device's own time of writing is believed, in milliseconds. A clock that is
/// further ahead is simply wrong, and must not keep anybody from writing.
pub const WRITTEN_AHEAD_MAX_MS: i64 = crate::time::DAY_MS;

/// When the writer's device says that a message was written, as far as that can be believed at `now`.
pub fn believed_written_at(written_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    (written_at.since_ms(now) <= WRITTEN_AHEAD_MAX_MS).then_some(written_at)
}

/// The sliding second of one user: at most so many accepted messages in any [`RATE_WINDOW_MS`].
///
/// One budget per user, whatever the device. Refused tries do not count.
#[derive(Clone, Debug, Default)]
pub struct MessageRate {
    accepted: VecDeque<Timestamp>,
}

/// The budget is used up. Try again after so many milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Too many messages at once. Wait a second.")]
pub struct TooFast {
    /// Milliseconds until the oldest message leaves the window, from 1 to [`RATE_WINDOW_MS`].
    pub retry_after_ms: i64,
}

impl MessageRate {
    /// Takes one message at `now` from a budget of `messages_max` (normally [`RATE_MESSAGES_MAX`]).
    ///
    /// # Errors
    /// [`TooFast`] when the window is full; nothing is counted then.
    pub fn take(&mut self, now: Timestamp, messages_max: usize) -> Result<(), TooFast> {
        while self.accepted.front().is_some_and(|at| now.since_ms(*at) >= RATE_WINDOW_MS) {
            self.accepted.pop_front();
        }
        if self.accepted.len() >= messages_max {
            let oldest = self.accepted.front().copied().unwrap_or(now);
            return Err(TooFast { retry_after_ms: RATE_WINDOW_MS - now.since_ms(oldest) });
        }
        self.accepted.push_back(now);
        Ok(())
    }

    /// Gives back what was taken at `at`, for a message that was not accepted after all.
    pub fn give_back(&mut self, at: Timestamp) {
        if let Some(place) = self.accepted.iter().rposition(|taken| *taken == at) {
            self.accepted.remove(place);
        }
    }

    /// Whether the whole budget is free again at `now`, so that this value may be forgotten.
    pub fn is_idle(&self, now: Timestamp) -> bool {
        self.accepted.iter().all(|at| now.since_ms(*at) >= RATE_WINDOW_MS)
    }
}

/// The facts about a stored message that rights depend on.
#[derive(Clone, Copy, Debug)]
pub struct MessageFacts {
    /// Who wrote it.
    pub sender: UserId,
    /// Who it is for.
    pub recipient: UserId,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// Why a message may not be touched so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageRefusal {
    /// Somebody who is no party may not even know that it exists.
    #[error("there is no such message")]
    Unknown,
    /// A party, but not the one who may do this.
    #[error("only the other person may do this")]
    Forbidden,
    /// It was deleted.
    #[error("the message was deleted")]
    Deleted,
}

impl MessageFacts {
    fn party(&self, who: UserId) -> Result<(), MessageRefusal> {
        if who == self.sender || who == self.recipient { Ok(()) } else { Err(MessageRefusal::Unknown) }
    }

    /// Whether `who` may mark it read: only the recipient.
    ///
    /// # Errors
    /// A stranger gets [`MessageRefusal::Unknown`], the sender [`MessageRefusal::Forbidden`].
    pub fn may_read(&self, who: UserId) -> Result<(), MessageRefusal> {
        self.party(who)?;
        if who == self.recipient { Ok(()) } else { Err(MessageRefusal::Forbidden) }
    }

    /// Whether `who` may delete it: only the sender, once.
    ///
    /// # Errors
    /// A stranger gets [`MessageRefusal::Unknown`], the recipient [`MessageRefusal::Forbidden`], a second try
    /// [`MessageRefusal::Deleted`].
    pub fn may_delete(&self, who: UserId) -> Result<(), MessageRefusal> {
        self.party(who)?;
        if who != self.sender {
            Err(MessageRefusal::Forbidden)
        } else if self.deleted {
            Err(MessageRefusal::Deleted)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted_at(times: &[i64]) -> Vec<bool> {
        let mut rate = MessageRate::default();
        times.iter().map(|&at| rate.take(Timestamp(at), RATE_MESSAGES_MAX).is_ok()).collect()
    }

    #[test]
    fn e85_the_sixth_message_within_a_second_is_refused_and_refused_tries_do_not_count() {
        assert_eq!(
            accepted_at(&[0, 0, 0, 0, 0, 0, 500, 999, 1_000]),
            [true, true, true, true, true, false, false, false, true]
        );
        let mut rate = MessageRate::default();
        (0..5).for_each(|_| rate.take(Timestamp(100), RATE_MESSAGES_MAX).expect("the window is empty"));
        assert_eq!(rate.take(Timestamp(400), RATE_MESSAGES_MAX), Err(TooFast { retry_after_ms: 700 }));
    }

    #[test]
    fn e85_what_is_given_back_can_be_taken_again() {
        let mut rate = MessageRate::default();
        (0..5).for_each(|at| rate.take(Timestamp(at), RATE_MESSAGES_MAX).expect("the window is empty"));
        rate.give_back(Timestamp(3));
        rate.give_back(Timestamp(77));
        assert_eq!(rate.take(Timestamp(5), RATE_MESSAGES_MAX), Ok(()));
        assert_eq!(rate.take(Timestamp(5), RATE_MESSAGES_MAX), Err(TooFast { retry_after_ms: 995 }));
    }

    #[test]
    fn an_idle_budget_is_one_whose_whole_window_is_over() {
        let mut rate = MessageRate::default();
        assert!(rate.is_idle(Timestamp(0)));
        rate.take(Timestamp(10), 1).expect("the window is empty");
        assert!(!rate.is_idle(Timestamp(1_009)));
        assert!(rate.is_idle(Timestamp(1_010)));
    }

    #[test]
    fn e24_a_time_of_writing_more_than_a_day_ahead_is_left_out() {
        let now = Timestamp(1_000);
        let at = |ms| believed_written_at(Timestamp(ms), now);
        assert_eq!(at(-5_000_000), Some(Timestamp(-5_000_000)));
        assert_eq!(at(1_000 + WRITTEN_AHEAD_MAX_MS), Some(Timestamp(1_000 + WRITTEN_AHEAD_MAX_MS)));
        assert_eq!(at(1_001 + WRITTEN_AHEAD_MAX_MS), None);
        assert_eq!(at(i64::MAX), None);
    }

    #[test]
    fn the_limits_are_the_ones_that_are_promised() {
        assert_eq!((SEALED_DAYS, RATE_MESSAGES_MAX, RATE_WINDOW_MS), (180, 5, 1_000));
        assert_eq!(WRITTEN_AHEAD_MAX_MS, 86_400_000);
    }

    #[test]
    fn a_subject_has_one_stored_form() {
        use crate::ids::{DomainId, JobId};
        for (subject, stored) in [
            (Subject::None, ("", 0)),
            (Subject::Job(JobId(7)), ("job", 7)),
            (Subject::Domain(DomainId(8)), ("domain", 8)),
        ] {
            assert_eq!(subject.parts(), stored);
            assert_eq!(Subject::from_parts(stored.0, stored.1), Some(subject));
        }
        assert_eq!(Subject::from_parts("house", 1), None);
    }

    #[test]
    fn e86_the_window_slides_by_the_millisecond() {
        assert_eq!(accepted_at(&[0, 1, 2, 3, 4, 999, 1_000, 1_001]), [true, true, true, true, true, false, true, true]);
    }

    #[test]
    fn e91_only_the_recipient_marks_read_and_a_stranger_learns_nothing() {
        let message = MessageFacts { sender: UserId(1), recipient: UserId(2), deleted: false };
        assert_eq!(message.may_read(UserId(2)), Ok(()));
        assert_eq!(message.may_read(UserId(1)), Err(MessageRefusal::Forbidden));
        assert_eq!(message.may_read(UserId(3)), Err(MessageRefusal::Unknown));
    }

    #[test]
    fn only_the_sender_deletes_and_only_once() {
        let message = MessageFacts { sender: UserId(1), recipient: UserId(2), deleted: false };
        assert_eq!(message.may_delete(UserId(1)), Ok(()));
        assert_eq!(message.may_delete(UserId(2)), Err(MessageRefusal::Forbidden));
        assert_eq!(message.may_delete(UserId(3)), Err(MessageRefusal::Unknown));
        assert_eq!(MessageFacts { deleted: true, ..message }.may_delete(UserId(1)), Err(MessageRefusal::Deleted));
    }
}

//! Applications for a job: who asks to be given it, for what price. One that lives for each artisan.

use crate::process::coded;

/// Where an application stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The client has not decided.
    Pending,
    /// Its artisan has the job.
    Accepted,
    /// No, or somebody else has it.
    Rejected,
    /// Taken back by whoever made it.
    Withdrawn,
}

coded!(State { Pending "pending", Accepted "accepted", Rejected "rejected", Withdrawn "withdrawn" });

/// Why nobody can apply so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is one's own job.
    #[error("this is your own job")]
    Own,
    /// One applied already, or was told no.
    #[error("you applied for this job already")]
    Exists,
    /// The client blocks one.
    #[error("this job cannot be applied for")]
    Blocked,
}

impl Refusal {
    /// The reason as it is said on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Own => "own_listing",
            Self::Exists => "exists",
            Self::Blocked => "not_reachable",
        }
    }
}

/// Whether somebody may apply, after an application of theirs that stands so.
///
/// # Errors
/// [`Refusal`].
pub fn may_apply(own: bool, blocked: bool, before: Option<State>) -> Result<(), Refusal> {
    match before {
        _ if own => Err(Refusal::Own),
        _ if blocked => Err(Refusal::Blocked),
        None | Some(State::Withdrawn) => Ok(()),
        Some(State::Pending | State::Accepted | State::Rejected) => Err(Refusal::Exists),
    }
}

/// What an application becomes where the job was given to somebody else, or to nobody any more.
pub fn when_decided(state: State) -> State {
    if state == State::Pending { State::Rejected } else { state }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e75_nobody_applies_for_their_own_job_or_twice_and_whoever_withdrew_may_again() {
        assert_eq!(may_apply(true, false, None), Err(Refusal::Own));
        assert_eq!(may_apply(false, true, None), Err(Refusal::Blocked));
        for (before, expected) in [
            (None, Ok(())),
            (Some(State::Withdrawn), Ok(())),
            (Some(State::Pending), Err(Refusal::Exists)),
            (Some(State::Accepted), Err(Refusal::Exists)),
            (Some(State::Rejected), Err(Refusal::Exists)),
        ] {
            assert_eq!(may_apply(false, false, before), expected);
        }
        assert_eq!([Refusal::Own, Refusal::Exists].map(|refusal| refusal.code()), ["own_listing", "exists"]);
    }

    #[test]
    fn of_several_one_is_accepted_and_those_that_waited_are_rejected() {
        assert_eq!(
            State::ALL.iter().map(|state| when_decided(*state)).collect::<Vec<_>>(),
            [State::Rejected, State::Accepted, State::Rejected, State::Withdrawn]
        );
        assert!(State::ALL.iter().all(|state| State::from_code(state.code()) == Some(*state)));
    }
}

//! A dispute of the two sides of an escrow: what is said is frozen, each may propose how it is divided, and where one accepts what
//! the other proposes, it is paid at once.

use super::escrow_steps::Role;
use crate::{process::coded, time::DAY_MS};

/// How long the other side may answer before the dispute stands at the top of the administrators' list.
pub const ANSWER_WITHIN_MS: i64 = 5 * DAY_MS;
/// Characters of a reason.
pub const REASON_CHARS: (usize, usize) = (10, 1_000);

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Nobody decided.
    Open,
    /// It was divided.
    Resolved,
    /// Whoever began it does not any more.
    Withdrawn,
}

coded!(State { Open "open", Resolved "resolved", Withdrawn "withdrawn" });

impl State {
    /// The word that older clients have for it.
    pub fn seed_word(self, looked_at: bool) -> &'static str {
        match self {
            Self::Open if looked_at => "investigating",
            Self::Open => "raised",
            Self::Resolved => "resolved",
            Self::Withdrawn => "none",
        }
    }
}

/// How what is held could be divided. Amounts, never parts of a hundred: minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Split {
    /// To whom it was for.
    pub to_payee: i64,
    /// To whom it came from.
    pub to_payer: i64,
}

/// Why a split is not one, or cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not of the two.
    #[error("this is for the two sides")]
    Forbidden,
    /// The parts do not come to what is held.
    #[error("both parts together are exactly {held} minor units")]
    BadSplit {
        /// Minor units that are held.
        held: i64,
    },
    /// The other side proposes nothing.
    #[error("the other side proposes nothing")]
    NothingProposed,
    /// It is not what the other side proposes now.
    #[error("the other side proposes something else by now")]
    Changed,
}

impl Refusal {
    /// The reason as it is said on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::BadSplit { .. } => "bad_split",
            Self::NothingProposed => "wrong_state",
            Self::Changed => "changed",
        }
    }
}

/// What each side proposes at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proposals {
    /// The payer.
    pub payer: Option<Split>,
    /// The payee.
    pub payee: Option<Split>,
}

/// What comes of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposed {
    /// It waits for the other side.
    Waits(Proposals),
    /// The other side proposes the very same: it is agreed.
    Agreed(Split),
}

/// Whether it divides exactly what is held.
///
/// # Errors
/// [`Refusal::BadSplit`].
pub fn check(split: Split, held: i64) -> Result<Split, Refusal> {
    let fits = split.to_payee >= 0 && split.to_payer >= 0 && split.to_payee.checked_add(split.to_payer) == Some(held);
    if fits { Ok(split) } else { Err(Refusal::BadSplit { held }) }
}

/// One side proposes a split in the place of what it proposed before. Where both propose the same it is agreed (E82).
///
/// # Errors
/// [`Refusal::Forbidden`], [`Refusal::BadSplit`].
pub fn propose(now: Proposals, by: Role, split: Split, held: i64) -> Result<Proposed, Refusal> {
    let (after, other) = match by {
        Role::Payer => (Proposals { payer: Some(split), ..now }, now.payee),
        Role::Payee => (Proposals { payee: Some(split), ..now }, now.payer),
        _ => return Err(Refusal::Forbidden),
    };
    check(split, held)?;
    Ok(if other == Some(split) { Proposed::Agreed(split) } else { Proposed::Waits(after) })
}

/// One side accepts what it saw the other one propose.
///
/// # Errors
/// [`Refusal::Forbidden`], [`Refusal::NothingProposed`], [`Refusal::Changed`], [`Refusal::BadSplit`].
pub fn accept(now: Proposals, by: Role, seen: Split, held: i64) -> Result<Split, Refusal> {
    let other = match by {
        Role::Payer => now.payee,
        Role::Payee => now.payer,
        _ => return Err(Refusal::Forbidden),
    };
    let other = other.ok_or(Refusal::NothingProposed)?;
    if other != seen {
        return Err(Refusal::Changed);
    }
    check(other, held)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(to_payee: i64, to_payer: i64) -> Split {
        Split { to_payee, to_payer }
    }

    #[test]
    fn e82_the_same_proposal_of_both_is_agreed_and_one_that_changed_is_not_accepted() {
        let none = Proposals::default();
        let Ok(Proposed::Waits(first)) = propose(none, Role::Payer, split(60, 40), 100) else { panic!("it waits") };
        assert_eq!(propose(first, Role::Payee, split(60, 40), 100), Ok(Proposed::Agreed(split(60, 40))));
        let Ok(Proposed::Waits(second)) = propose(first, Role::Payee, split(70, 30), 100) else { panic!("it waits") };
        let Ok(Proposed::Waits(third)) = propose(second, Role::Payee, split(65, 35), 100) else { panic!("it waits") };
        assert_eq!(accept(third, Role::Payer, split(70, 30), 100), Err(Refusal::Changed));
        assert_eq!(accept(third, Role::Payer, split(65, 35), 100), Ok(split(65, 35)));
        assert_eq!(accept(third, Role::Payee, split(60, 40), 100), Ok(split(60, 40)));
        assert_eq!(
            accept(first, Role::Payer, split(60, 40), 100),
            Err(Refusal::NothingProposed),
            "nobody accepts their own"
        );
        assert_eq!(
            accept(third, Role::Payer, split(65, 35), 90),
            Err(Refusal::BadSplit { held: 90 }),
            "money went out since"
        );
    }

    #[test]
    fn e57_only_the_two_propose_and_only_what_is_held() {
        for by in [Role::Admin, Role::Stranger, Role::System, Role::Provider, Role::Both] {
            assert_eq!(propose(Proposals::default(), by, split(60, 40), 100), Err(Refusal::Forbidden));
            assert_eq!(accept(Proposals::default(), by, split(60, 40), 100), Err(Refusal::Forbidden));
        }
        for wrong in [split(60, 41), split(-1, 101), split(101, -1), split(i64::MAX, 1)] {
            assert_eq!(propose(Proposals::default(), Role::Payer, wrong, 100), Err(Refusal::BadSplit { held: 100 }));
        }
        assert!(check(split(0, 100), 100).is_ok() && check(split(100, 0), 100).is_ok());
        assert!(State::ALL.iter().all(|state| State::from_code(state.code()) == Some(*state)));
        assert_eq!((State::Open.seed_word(false), State::Open.seed_word(true)), ("raised", "investigating"));
        assert_eq!(Refusal::Changed.code(), "changed");
    }
}

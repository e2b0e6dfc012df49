//! Milestones: parts of the work of a job, each with its price. None has a state of its own: it is what its escrow is, so that the
//! two cannot disagree, and how a job stands follows from all of them.

use super::steps::Stage;
use crate::{
    money::{
        amounts::{AMOUNT_MAX, BadAmount, amount},
        escrow_steps::Stage as Held,
        escrows::Escrow,
    },
    process::coded,
};

/// Milestones of one job.
pub const MILESTONES_MAX: usize = 20;

/// How a milestone stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nothing is held for it.
    Planned,
    /// Its money is there: the work is owed.
    Funded,
    /// The work was handed in.
    Submitted,
    /// The two disagree.
    Disputed,
    /// The artisan got all of it.
    Paid,
    /// The artisan got some of it.
    PaidInPart,
    /// The client got all of it back, or the provider did.
    Refunded,
    /// It is not part of the job any more.
    Dropped,
}

coded!(Status {
    Planned "planned", Funded "funded", Submitted "submitted", Disputed "disputed", Paid "paid", PaidInPart "paid_in_part",
    Refunded "refunded", Dropped "dropped",
});

impl Status {
    /// The word that older clients have for it.
    pub fn seed_word(self) -> &'static str {
        match self {
            Self::Planned => "pending",
            Self::Funded => "in-progress",
            Self::Submitted => "completed",
            Self::Paid | Self::PaidInPart => "paid",
            other => other.code(),
        }
    }

    /// Whether everything went out of its escrow.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Paid | Self::PaidInPart | Self::Refunded)
    }

    /// Whether money is held for it.
    pub fn holds_money(self) -> bool {
        matches!(self, Self::Funded | Self::Submitted | Self::Disputed)
    }
}

/// How a milestone with this escrow stands; without one it is planned.
pub fn status_of(escrow: Option<&Escrow>) -> Status {
    let Some(escrow) = escrow else { return Status::Planned };
    match escrow.stage {
        Held::AwaitingFunds => Status::Planned,
        Held::Held | Held::InReply => Status::Funded,
        Held::InReview => Status::Submitted,
        Held::Disputed => Status::Disputed,
        Held::Closed if escrow.released == 0 => Status::Refunded,
        Held::Closed if escrow.released == escrow.terms.price => Status::Paid,
        Held::Closed => Status::PaidInPart,
        Held::Cancelled => Status::Dropped,
    }
}

/// How a job stands before people, as its milestones say. `started`: somebody said that the work began.
pub fn job_status(stage: Stage, milestones: &[Status], started: bool) -> &'static str {
    let any = |is: fn(&Status) -> bool| milestones.iter().any(is);
    match stage {
        Stage::Assigned if any(|status| *status == Status::Disputed) => "disputed",
        Stage::Assigned if any(|status| *status == Status::Funded) => "in-progress",
        Stage::Assigned if any(|status| *status == Status::Submitted) => "submitted",
        Stage::Assigned if started || any(|status| status.is_closed()) => "in-progress",
        stage => stage.code(),
    }
}

/// Why something cannot be done with the milestones as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Money is held.
    #[error("money is held for this job: it is released or refunded first")]
    MoneyHeld,
    /// Money was there once.
    #[error("money was there already: the two settle it, or it is cancelled")]
    WasFunded,
    /// Nothing was handed in or paid.
    #[error("nothing was handed in or paid yet")]
    NothingDone,
    /// The two disagree, or the work is owed.
    #[error("work is owed or disputed")]
    WorkOwed,
    /// Not all is closed, with something paid.
    #[error("not everything is paid")]
    NotAllClosed,
    /// There are as many as there may be.
    #[error("a job has {MILESTONES_MAX} milestones at most")]
    TooMany,
    /// The client alone cannot plan more than was agreed.
    #[error("the milestones come to more than was agreed: the two agree to it first")]
    OverAgreed,
    /// It is no amount, or all together are none.
    #[error("an amount is 1 to 10^15 minor units")]
    BadAmount,
}

impl Refusal {
    /// The reason as it is said on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MoneyHeld => "money_held",
            Self::WasFunded => "was_funded",
            Self::NothingDone => "nothing_submitted",
            Self::WorkOwed | Self::NotAllClosed => "wrong_state",
            Self::TooMany => "too_many",
            Self::OverAgreed => "over_agreed",
            Self::BadAmount => "bad_amount",
        }
    }
}

impl From<BadAmount> for Refusal {
    fn from(_: BadAmount) -> Self {
        Self::BadAmount
    }
}

/// Whether a job can be cancelled.
///
/// # Errors
/// [`Refusal::MoneyHeld`].
pub fn may_cancel(milestones: &[Status]) -> Result<(), Refusal> {
    if milestones.iter().any(|status| status.holds_money()) { Err(Refusal::MoneyHeld) } else { Ok(()) }
}

/// Whether the two can go on without each other: nothing was ever paid in.
///
/// # Errors
/// [`Refusal::WasFunded`].
pub fn may_unassign(milestones: &[Status]) -> Result<(), Refusal> {
    let was = |status: &Status| status.holds_money() || status.is_closed();
    if milestones.iter().any(was) { Err(Refusal::WasFunded) } else { Ok(()) }
}

/// Whether the client can say that it is done: then what was handed in is paid, and what was only planned is dropped.
///
/// # Errors
/// [`Refusal::WorkOwed`], [`Refusal::NothingDone`].
pub fn may_complete(milestones: &[Status]) -> Result<(), Refusal> {
    if milestones.iter().any(|status| matches!(status, Status::Funded | Status::Disputed)) {
        return Err(Refusal::WorkOwed);
    }
    let done = |status: &Status| matches!(status, Status::Submitted | Status::Paid | Status::PaidInPart);
    if milestones.iter().any(done) { Ok(()) } else { Err(Refusal::NothingDone) }
}

/// Whether the client is asked if it is finished: all that is part of the job is closed, and something was paid (E77: where all was
/// refunded it cannot end well by itself).
pub fn is_all_paid(milestones: &[Status]) -> bool {
    let mut of_it = milestones.iter().filter(|status| **status != Status::Dropped).peekable();
    of_it.peek().is_some()
        && of_it.clone().all(|status| status.is_closed())
        && of_it.any(|status| matches!(status, Status::Paid | Status::PaidInPart))
}

/// What is agreed for all of it, and what of that no milestone plans: a job without milestones has one silent milestone of the whole
/// price. `planned` are the amounts of those that are not dropped.
///
/// # Errors
/// [`Refusal::TooMany`], [`Refusal::BadAmount`].
pub fn rest(agreed: i64, planned: &[i64]) -> Result<i64, Refusal> {
    if planned.len() > MILESTONES_MAX {
        return Err(Refusal::TooMany);
    }
    let mut sum = 0_i64;
    for part in planned {
        sum = sum.checked_add(amount(*part)?).filter(|sum| *sum <= AMOUNT_MAX).ok_or(Refusal::BadAmount)?;
    }
    // They may come to more than was agreed where both say so: then they are what is agreed.
    Ok((agreed - sum).max(0))
}

/// The same for what the client plans alone: what no milestone plans, where they keep within what was agreed.
///
/// # Errors
/// As [`rest`], and [`Refusal::OverAgreed`].
pub fn rest_within(agreed: i64, planned: &[i64]) -> Result<i64, Refusal> {
    let left = rest(agreed, planned)?;
    if planned.iter().sum::<i64>() > agreed { Err(Refusal::OverAgreed) } else { Ok(left) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{EscrowId, UserId},
        money::escrows::{Terms, open},
        time::Timestamp,
    };

    fn escrow(stage: Held, released: i64) -> Escrow {
        let terms = Terms {
            id: EscrowId(1),
            payer: UserId(1),
            payee: UserId(2),
            price: 100,
            currency: "NGN".parse().expect("a currency"),
            fee_bps: 0,
            review_ms: 1,
            reply_ms: 1,
        };
        Escrow { stage, released, ..open(terms, None, Timestamp(0)).expect("opened") }
    }

    #[test]
    fn a_milestone_is_what_its_escrow_is() {
        assert_eq!(status_of(None), Status::Planned);
        for (stage, released, expected, seed) in [
            (Held::AwaitingFunds, 0, Status::Planned, "pending"),
            (Held::Held, 0, Status::Funded, "in-progress"),
            (Held::InReply, 0, Status::Funded, "in-progress"),
            (Held::InReview, 0, Status::Submitted, "completed"),
            (Held::Disputed, 0, Status::Disputed, "disputed"),
            (Held::Closed, 100, Status::Paid, "paid"),
            (Held::Closed, 40, Status::PaidInPart, "paid"),
            (Held::Closed, 0, Status::Refunded, "refunded"),
            (Held::Cancelled, 0, Status::Dropped, "dropped"),
        ] {
            let found = status_of(Some(&escrow(stage, released)));
            assert_eq!((found, found.seed_word()), (expected, seed), "{stage:?}");
        }
    }

    #[test]
    fn a_job_stands_as_the_first_of_its_milestones_that_says_so() {
        use Status::*;
        let stands = |milestones: &[Status], started| job_status(Stage::Assigned, milestones, started);
        for (milestones, started, expected) in [
            (&[][..], false, "assigned"),
            (&[Planned][..], false, "assigned"),
            (&[Planned][..], true, "in-progress"),
            (&[Submitted, Planned][..], false, "submitted"),
            (&[Submitted, Funded][..], false, "in-progress"),
            (&[Funded, Disputed][..], true, "disputed"),
            (&[Paid, Planned][..], false, "in-progress"),
            (&[Refunded][..], false, "in-progress"),
            (&[Dropped][..], false, "assigned"),
        ] {
            assert_eq!(stands(milestones, started), expected, "{milestones:?}");
        }
        for stage in [Stage::Draft, Stage::Open, Stage::Completed, Stage::Cancelled] {
            assert_eq!(job_status(stage, &[Disputed], true), stage.code());
        }
    }

    #[test]
    fn e71_e77_money_that_is_held_keeps_a_job_and_what_was_all_refunded_is_not_done() {
        use Status::*;
        for status in Status::ALL {
            let held = matches!(status, Funded | Submitted | Disputed);
            assert_eq!(may_cancel(&[Planned, *status]).is_err(), held, "{status:?}");
            let was = held || matches!(status, Paid | PaidInPart | Refunded);
            assert_eq!(may_unassign(&[*status]).is_err(), was, "{status:?}");
        }
        assert_eq!(may_complete(&[Submitted, Planned, Dropped]), Ok(()));
        assert_eq!(may_complete(&[Paid]), Ok(()));
        assert_eq!(may_complete(&[Paid, Funded]), Err(Refusal::WorkOwed));
        assert_eq!(may_complete(&[Submitted, Disputed]), Err(Refusal::WorkOwed));
        for nothing in [&[][..], &[Planned][..], &[Refunded][..], &[Dropped][..]] {
            assert_eq!(may_complete(nothing), Err(Refusal::NothingDone), "{nothing:?}");
            assert!(!is_all_paid(nothing));
        }
        assert!(is_all_paid(&[Paid, Refunded, Dropped]) && is_all_paid(&[PaidInPart]));
        assert!(!is_all_paid(&[Paid, Planned]) && !is_all_paid(&[Paid, Submitted]));
        assert_eq!(Refusal::MoneyHeld.code(), "money_held");
    }

    #[test]
    fn what_no_milestone_plans_is_one_silent_milestone() {
        assert_eq!(rest(1_000, &[]), Ok(1_000));
        assert_eq!(rest(1_000, &[400, 600]), Ok(0));
        assert_eq!(rest(1_000, &[400]), Ok(600));
        assert_eq!(rest(1_000, &[1_200]), Ok(0));
        assert_eq!(rest(1_000, &[0]), Err(Refusal::BadAmount));
        assert_eq!(rest(AMOUNT_MAX, &[AMOUNT_MAX, 1]), Err(Refusal::BadAmount));
        assert_eq!(rest(1_000, &[1; 21]), Err(Refusal::TooMany));
        assert_eq!((rest_within(1_000, &[400, 600]), rest_within(1_000, &[1])), (Ok(0), Ok(999)));
        assert_eq!(rest_within(1_000, &[400, 601]), Err(Refusal::OverAgreed));
        assert_eq!(rest_within(1_000, &[0]), Err(Refusal::BadAmount));
    }
}

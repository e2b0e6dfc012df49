//! The process of an escrow as data: what runs, what is drawn, and what tests walk.
//!
//! At most one clock runs: which one is said by the stage.

use crate::process::{Missing, coded, row};

/// Where an escrow stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Waits for exactly its price, perhaps until a moment.
    AwaitingFunds,
    /// Holds money, and nobody waits for anybody.
    Held,
    /// Holds money, and something was handed in: silence pays the payee.
    InReview,
    /// Holds money, and the payer wants it back: silence refunds the payer.
    InReply,
    /// Holds money of which the two disagree. Nothing moves by itself.
    Disputed,
    /// Everything went out.
    Closed,
    /// Never got its money, and does not wait for it any more.
    Cancelled,
}

/// What is done to an escrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// A charge that fits was confirmed.
    Fund,
    /// The payer pays from what they have here.
    FundFromBalance,
    /// The time to pay is over.
    PayByPasses,
    /// Nobody waits for the money any more.
    Cancel,
    /// Something was handed in.
    Submit,
    /// It is not right yet.
    RequestChanges,
    /// The payer wants the money back.
    RequestRefund,
    /// And does not any more.
    WithdrawRefundRequest,
    /// Money goes to the payee.
    Release,
    /// Money goes to the payer.
    Refund,
    /// Nobody looked at what was handed in, for the time of a review.
    ReviewPasses,
    /// Nobody answered the payer, for the time of a reply.
    ReplyPasses,
    /// Nothing happened for so long that the payer is taken to want the money back.
    LiesIdle,
    /// The two disagree.
    Dispute,
    /// And whoever began it does not any more.
    WithdrawDispute,
    /// What is held is divided.
    Resolve,
    /// The provider says that somebody disputes the charge there.
    Freeze,
    /// It was decided there, and nothing was taken.
    Thaw,
    /// The provider took money back.
    Chargeback,
    /// And gave it again.
    UndoChargeback,
    /// The provider refunded the charge at its own place.
    RefundOut,
}

/// Who does something, in relation to the escrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Nobody of it.
    Stranger,
    /// Whoever pays.
    Payer,
    /// Whoever is paid.
    Payee,
    /// Both of them, in agreement.
    Both,
    /// An administrator who is neither.
    Admin,
    /// The server, at a deadline.
    System,
    /// A payment provider, once it was asked.
    Provider,
}

/// What an escrow becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// This.
    Is(Stage),
    /// Closed once nothing is held any more, and what it was until then.
    SameUntilEmpty,
    /// What it was before the dispute.
    BackFromDispute,
    /// What it was.
    Same,
}

coded!(Stage {
    AwaitingFunds "awaiting_funds", Held "held", InReview "in_review", InReply "in_reply", Disputed "disputed",
    Closed "closed", Cancelled "cancelled",
});
coded!(Act {
    Fund "fund", FundFromBalance "fund_from_balance", PayByPasses "pay_by_passes", Cancel "cancel", Submit "submit", RequestChanges "request_changes",
    RequestRefund "request_refund", WithdrawRefundRequest "withdraw_refund_request", Release "release", Refund "refund",
    ReviewPasses "review_passes", ReplyPasses "reply_passes", LiesIdle "lies_idle", Dispute "dispute",
    WithdrawDispute "withdraw_dispute", Resolve "resolve", Freeze "freeze", Thaw "thaw", Chargeback "chargeback",
    UndoChargeback "undo_chargeback", RefundOut "refund_out",
});
coded!(Role {
    Stranger "stranger", Payer "payer", Payee "payee", Both "both", Admin "admin", System "system", Provider "provider",
});

impl Stage {
    /// The word that the wire has for it: which clock runs is said beside it.
    pub fn state(self) -> &'static str {
        match self {
            Self::InReview | Self::InReply => Self::Held.code(),
            other => other.code(),
        }
    }

    /// Whether money is held.
    pub fn holds(self) -> bool {
        matches!(self, Self::Held | Self::InReview | Self::InReply | Self::Disputed)
    }

    /// What the end of its clock does.
    pub fn when_over(self) -> Option<Act> {
        match self {
            Self::AwaitingFunds => Some(Act::PayByPasses),
            Self::InReview => Some(Act::ReviewPasses),
            Self::InReply => Some(Act::ReplyPasses),
            Self::Held | Self::Disputed | Self::Closed | Self::Cancelled => None,
        }
    }
}

/// One step of the process.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What is done
    pub act: Act,
    /// where it stands so
    pub from: &'static [Stage],
    /// by one of these,
    pub by: &'static [Role],
    /// and what it becomes.
    pub to: To,
}

/// Every step there is. What stands in no row cannot be done.
pub const STEPS: &[Step] = {
    use Act::*;
    use Role::{Admin, Both, Payee, Payer, Provider, System};
    use Stage::*;
    use To::*;
    const OPEN: &[Stage] = &[Held, InReview, InReply];
    const HOLDING: &[Stage] = &[Held, InReview, InReply, Disputed];
    const FUNDED: &[Stage] = &[Held, InReview, InReply, Disputed, Closed];
    &[
        Step { act: Fund, from: &[AwaitingFunds], by: &[Provider], to: Is(Held) },
        Step { act: FundFromBalance, from: &[AwaitingFunds], by: &[Payer], to: Is(Held) },
        Step { act: PayByPasses, from: &[AwaitingFunds], by: &[System], to: Is(Cancelled) },
        Step { act: Cancel, from: &[AwaitingFunds], by: &[Payer, Payee, Admin], to: Is(Cancelled) },
        Step { act: Submit, from: &[Held, InReply], by: &[Payee], to: Is(InReview) },
        Step { act: RequestChanges, from: &[InReview], by: &[Payer], to: Is(Held) },
        Step { act: RequestRefund, from: &[Held], by: &[Payer], to: Is(InReply) },
        Step { act: WithdrawRefundRequest, from: &[InReply], by: &[Payer], to: Is(Held) },
        Step { act: Release, from: OPEN, by: &[Payer, Admin], to: SameUntilEmpty },
        Step { act: Refund, from: OPEN, by: &[Payee, Admin], to: SameUntilEmpty },
        Step { act: ReviewPasses, from: &[InReview], by: &[System], to: Is(Closed) },
        Step { act: ReplyPasses, from: &[InReply], by: &[System], to: Is(Closed) },
        Step { act: LiesIdle, from: &[Held], by: &[System], to: Is(InReply) },
        Step { act: Dispute, from: OPEN, by: &[Payer, Payee], to: Is(Disputed) },
        // Of the two the one who began it.
        Step { act: WithdrawDispute, from: &[Disputed], by: &[Payer, Payee], to: BackFromDispute },
        Step { act: Resolve, from: &[Disputed], by: &[Admin, Both], to: Is(Closed) },
        Step { act: Freeze, from: HOLDING, by: &[Provider], to: Same },
        Step { act: Thaw, from: HOLDING, by: &[Provider], to: Same },
        Step { act: Chargeback, from: FUNDED, by: &[Provider], to: SameUntilEmpty },
        Step { act: RefundOut, from: FUNDED, by: &[Provider], to: SameUntilEmpty },
        // Disputed, where it had held what comes back.
        Step { act: UndoChargeback, from: FUNDED, by: &[Provider], to: Same },
    ]
};

/// Why something cannot be done, whatever the amounts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefusal {
    /// Nobody of this role ever does that.
    #[error("this is for somebody else")]
    Forbidden,
    /// Not from where it stands.
    #[error("not while it is {}", .0.code())]
    WrongState(Stage),
}

/// The step for something that somebody does where it stands so. Rights are asked for before the state, but for the withdrawal of
/// a dispute: only a dispute has somebody who began it.
///
/// # Errors
/// [`StepRefusal`].
pub fn step(act: Act, by: Role, from: Stage) -> Result<&'static Step, StepRefusal> {
    let rows = || STEPS.iter().filter(move |step| step.act == act);
    if act == Act::WithdrawDispute && !rows().any(|step| step.from.contains(&from)) {
        return Err(StepRefusal::WrongState(from));
    }
    // Rights are those of all its rows: whoever may do it from somewhere may do it, and not now.
    row(rows().filter(|step| step.by.contains(&by)), |step| step.from.contains(&from)).map_err(
        |missing| match missing {
            Missing::Forbidden => StepRefusal::Forbidden,
            Missing::WrongState => StepRefusal::WrongState(from),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the specification, read once more: by act who may, and from where.
    fn expected(act: Act, by: Role, from: Stage) -> Result<(), StepRefusal> {
        use Stage::*;
        let (may, open): (&[Role], &[Stage]) = match act {
            Act::Fund => (&[Role::Provider], &[AwaitingFunds]),
            Act::FundFromBalance => (&[Role::Payer], &[AwaitingFunds]),
            Act::PayByPasses => (&[Role::System], &[AwaitingFunds]),
            Act::Cancel => (&[Role::Payer, Role::Payee, Role::Admin], &[AwaitingFunds]),
            Act::Submit => (&[Role::Payee], &[Held, InReply]),
            Act::RequestChanges => (&[Role::Payer], &[InReview]),
            Act::RequestRefund => (&[Role::Payer], &[Held]),
            Act::WithdrawRefundRequest => (&[Role::Payer], &[InReply]),
            Act::Release => (&[Role::Payer, Role::Admin], &[Held, InReview, InReply]),
            Act::Refund => (&[Role::Payee, Role::Admin], &[Held, InReview, InReply]),
            Act::ReviewPasses => (&[Role::System], &[InReview]),
            Act::ReplyPasses => (&[Role::System], &[InReply]),
            Act::LiesIdle => (&[Role::System], &[Held]),
            Act::Dispute => (&[Role::Payer, Role::Payee], &[Held, InReview, InReply]),
            Act::WithdrawDispute => (&[Role::Payer, Role::Payee], &[Disputed]),
            Act::Resolve => (&[Role::Admin, Role::Both], &[Disputed]),
            Act::Freeze | Act::Thaw => (&[Role::Provider], &[Held, InReview, InReply, Disputed]),
            Act::Chargeback | Act::RefundOut | Act::UndoChargeback => {
                (&[Role::Provider], &[Held, InReview, InReply, Disputed, Closed])
            }
        };
        let (rights, state) = (may.contains(&by), open.contains(&from));
        match (rights, state) {
            (true, true) => Ok(()),
            (false, false) if act == Act::WithdrawDispute => Err(StepRefusal::WrongState(from)),
            (false, _) => Err(StepRefusal::Forbidden),
            (true, false) => Err(StepRefusal::WrongState(from)),
        }
    }

    #[test]
    fn every_act_of_every_role_in_every_stage_is_done_or_refused_with_its_reason() {
        for act in Act::ALL {
            for by in Role::ALL {
                for from in Stage::ALL {
                    let found = step(*act, *by, *from).map(|step| assert_eq!(step.act, *act));
                    assert_eq!(found, expected(*act, *by, *from), "{act:?} {by:?} {from:?}");
                }
            }
        }
    }

    #[test]
    fn words_are_read_as_they_are_written_and_clocks_end_in_what_the_system_does() {
        for stage in Stage::ALL {
            assert_eq!(Stage::from_code(stage.code()), Some(*stage));
            if let Some(act) = stage.when_over() {
                assert!(step(act, Role::System, *stage).is_ok(), "{stage:?}");
            }
        }
        for (stage, state) in [(Stage::InReview, "held"), (Stage::InReply, "held"), (Stage::Disputed, "disputed")] {
            assert_eq!(stage.state(), state);
        }
        assert!(Act::ALL.iter().all(|act| Act::from_code(act.code()) == Some(*act)));
        assert!(Role::ALL.iter().all(|role| Role::from_code(role.code()) == Some(*role)));
        assert_eq!(Stage::from_code("other"), None);
    }
}

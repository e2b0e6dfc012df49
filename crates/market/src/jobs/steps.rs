//! The process of a job as data. It keeps its stage alone: how work that is agreed stands follows from its
//! [milestones](super::milestones).

use crate::process::{Missing, coded, row};

/// The stage of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Its client's alone.
    Draft,
    /// Everybody sees it, and artisans apply.
    Open,
    /// One of them has it.
    Assigned,
    /// It is done.
    Completed,
    /// It comes to nothing.
    Cancelled,
}

/// What is done to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Show it to everybody.
    Publish,
    /// Throw a draft away.
    Delete,
    /// Change what it says.
    Edit,
    /// Ask somebody whether they would like it.
    Invite,
    /// Ask to be given it.
    Apply,
    /// Take that back.
    WithdrawApplication,
    /// Say no to somebody who applied.
    RejectApplication,
    /// Give it to somebody who applied.
    AcceptApplication,
    /// The day until which one could apply is over.
    Expire,
    /// The work begins.
    Start,
    /// Go on without each other, before any money was there.
    Unassign,
    /// Plan, change or drop a part of the work that no money is held for.
    Plan,
    /// Pay in what a part of the work costs.
    Fund,
    /// Ask that a part of the work be planned otherwise.
    ProposePlan,
    /// Say how far the work is.
    ReportProgress,
    /// It is done, and what was handed in is paid.
    Complete,
    /// Everything is paid, and it goes on.
    KeepOpen,
    /// Everything is paid, and nobody said that it goes on.
    CompleteBySilence,
    /// It was never paid for.
    LapseUnfunded,
    /// It comes to nothing.
    Cancel,
    /// Say how it was.
    Review,
}

/// Who does something, in relation to the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Nobody who is signed in.
    Guest,
    /// Somebody who has nothing to do with it.
    Member,
    /// Whose job it is.
    Client,
    /// Somebody who applied for it.
    Applicant,
    /// Whoever has it.
    Artisan,
    /// An administrator who is none of those.
    Admin,
    /// The server, at a deadline.
    System,
}

coded!(Stage { Draft "draft", Open "open", Assigned "assigned", Completed "completed", Cancelled "cancelled" });
coded!(Act {
    Publish "publish", Delete "delete", Edit "edit", Invite "invite", Apply "apply", WithdrawApplication "withdraw_application",
    RejectApplication "reject_application", AcceptApplication "accept_application", Expire "expire", Start "start",
    Unassign "unassign", Plan "plan", Fund "fund", ProposePlan "propose_plan", ReportProgress "report_progress", Complete "complete",
    KeepOpen "keep_open", CompleteBySilence "complete_by_silence", LapseUnfunded "lapse_unfunded", Cancel "cancel",
    Review "review",
});
coded!(Role {
    Guest "guest", Member "member", Client "client", Applicant "applicant", Artisan "artisan", Admin "admin",
    System "system",
});

/// One step of the process.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What is done
    pub act: Act,
    /// where it stands so
    pub from: &'static [Stage],
    /// by one of these,
    pub by: &'static [Role],
    /// and where it stands then. `None`: it is gone.
    pub to: Option<Stage>,
}

/// Every step there is. What stands in no row cannot be done.
pub const STEPS: &[Step] = {
    use Act::*;
    use Role::{Admin, Applicant, Artisan, Client, Member, System};
    use Stage::*;
    &[
        Step { act: Publish, from: &[Draft], by: &[Client], to: Some(Open) },
        Step { act: Delete, from: &[Draft], by: &[Client], to: None },
        Step { act: Edit, from: &[Draft], by: &[Client], to: Some(Draft) },
        Step { act: Edit, from: &[Open], by: &[Client], to: Some(Open) },
        Step { act: Invite, from: &[Open], by: &[Client], to: Some(Open) },
        // Whoever withdrew applies again.
        Step { act: Apply, from: &[Open], by: &[Member, Applicant], to: Some(Open) },
        Step { act: WithdrawApplication, from: &[Open], by: &[Applicant], to: Some(Open) },
        Step { act: RejectApplication, from: &[Open], by: &[Client], to: Some(Open) },
        Step { act: AcceptApplication, from: &[Open], by: &[Client], to: Some(Assigned) },
        Step { act: Expire, from: &[Open], by: &[System], to: Some(Cancelled) },
        Step { act: Start, from: &[Assigned], by: &[Client, Artisan], to: Some(Assigned) },
        Step { act: Unassign, from: &[Assigned], by: &[Client, Artisan], to: Some(Open) },
        Step { act: Plan, from: &[Assigned], by: &[Client], to: Some(Assigned) },
        Step { act: Fund, from: &[Assigned], by: &[Client], to: Some(Assigned) },
        Step { act: ProposePlan, from: &[Assigned], by: &[Artisan], to: Some(Assigned) },
        Step { act: ReportProgress, from: &[Assigned], by: &[Artisan], to: Some(Assigned) },
        Step { act: Complete, from: &[Assigned], by: &[Client], to: Some(Completed) },
        Step { act: KeepOpen, from: &[Assigned], by: &[Client], to: Some(Assigned) },
        Step { act: CompleteBySilence, from: &[Assigned], by: &[System], to: Some(Completed) },
        Step { act: LapseUnfunded, from: &[Assigned], by: &[System], to: Some(Cancelled) },
        Step { act: Cancel, from: &[Draft, Open], by: &[Client, Admin], to: Some(Cancelled) },
        Step { act: Cancel, from: &[Assigned], by: &[Client, Artisan, Admin], to: Some(Cancelled) },
        Step { act: Review, from: &[Completed], by: &[Client, Artisan], to: Some(Completed) },
    ]
};

/// Why something cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefusal {
    /// Nobody of this role ever does that.
    #[error("this is for somebody else")]
    Forbidden,
    /// Not from where it stands.
    #[error("not while it is {}", .0.code())]
    WrongState(Stage),
}

impl StepRefusal {
    /// The reason as it is said on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::WrongState(_) => "wrong_state",
        }
    }
}

/// Where a job stands after something that somebody does. Rights are asked for before the state.
///
/// # Errors
/// [`StepRefusal`].
pub fn step(act: Act, by: Role, from: Stage) -> Result<Option<Stage>, StepRefusal> {
    let theirs = STEPS.iter().filter(|step| step.act == act && step.by.contains(&by));
    row(theirs, |step| step.from.contains(&from)).map(|step| step.to).map_err(|missing| match missing {
        Missing::Forbidden => StepRefusal::Forbidden,
        Missing::WrongState => StepRefusal::WrongState(from),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the specification, read once more.
    fn expected(act: Act, by: Role, from: Stage) -> Result<Option<Stage>, StepRefusal> {
        use Stage::*;
        let (may, to): (&[Role], &[(Stage, Option<Stage>)]) = match act {
            Act::Publish => (&[Role::Client], &[(Draft, Some(Open))]),
            Act::Delete => (&[Role::Client], &[(Draft, None)]),
            Act::Edit => (&[Role::Client], &[(Draft, Some(Draft)), (Open, Some(Open))]),
            Act::Invite => (&[Role::Client], &[(Open, Some(Open))]),
            Act::Apply => (&[Role::Member, Role::Applicant], &[(Open, Some(Open))]),
            Act::WithdrawApplication => (&[Role::Applicant], &[(Open, Some(Open))]),
            Act::RejectApplication => (&[Role::Client], &[(Open, Some(Open))]),
            Act::AcceptApplication => (&[Role::Client], &[(Open, Some(Assigned))]),
            Act::Expire => (&[Role::System], &[(Open, Some(Cancelled))]),
            Act::Start => (&[Role::Client, Role::Artisan], &[(Assigned, Some(Assigned))]),
            Act::Unassign => (&[Role::Client, Role::Artisan], &[(Assigned, Some(Open))]),
            Act::Plan | Act::Fund | Act::KeepOpen => (&[Role::Client], &[(Assigned, Some(Assigned))]),
            Act::ProposePlan | Act::ReportProgress => (&[Role::Artisan], &[(Assigned, Some(Assigned))]),
            Act::Complete => (&[Role::Client], &[(Assigned, Some(Completed))]),
            Act::CompleteBySilence => (&[Role::System], &[(Assigned, Some(Completed))]),
            Act::LapseUnfunded => (&[Role::System], &[(Assigned, Some(Cancelled))]),
            Act::Cancel if by == Role::Artisan => (&[Role::Artisan], &[(Assigned, Some(Cancelled))]),
            Act::Cancel => (
                &[Role::Client, Role::Admin],
                &[(Draft, Some(Cancelled)), (Open, Some(Cancelled)), (Assigned, Some(Cancelled))],
            ),
            Act::Review => (&[Role::Client, Role::Artisan], &[(Completed, Some(Completed))]),
        };
        if !may.contains(&by) {
            return Err(StepRefusal::Forbidden);
        }
        to.iter().find(|(at, _)| *at == from).map(|(_, to)| *to).ok_or(StepRefusal::WrongState(from))
    }

    #[test]
    fn every_act_of_every_role_in_every_stage_is_done_or_refused_with_its_reason() {
        for act in Act::ALL {
            for by in Role::ALL {
                for from in Stage::ALL {
                    assert_eq!(step(*act, *by, *from), expected(*act, *by, *from), "{act:?} {by:?} {from:?}");
                }
            }
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert!(Stage::ALL.iter().all(|stage| Stage::from_code(stage.code()) == Some(*stage)));
        assert!(Act::ALL.iter().all(|act| Act::from_code(act.code()) == Some(*act)));
        assert!(Role::ALL.iter().all(|role| Role::from_code(role.code()) == Some(*role)));
        assert_eq!(Stage::from_code("in-progress"), None, "that follows from the milestones");
    }
}

//! What somebody may do to a job now, for whoever draws buttons. The table of the market says what a role does in a stage, and what
//! else is asked for is asked here as the commands ask it.

use guildhall_db::jobs::{Job, applications::Application};
use guildhall_market::{
    jobs::{
        applications::{State, may_apply},
        milestones::{Status, may_cancel, may_complete, may_unassign},
        reviews::may_review,
        steps::{Act, Role, step},
    },
    time::Timestamp,
};

/// What it depends on.
pub struct Facts<'a> {
    /// The job.
    pub job: &'a Job,
    /// Who somebody is to it.
    pub role: Role,
    /// The last application that they made for it.
    pub own: Option<&'a Application>,
    /// How its milestones stand.
    pub statuses: &'a [Status],
    /// How many applications wait.
    pub pending: i64,
    /// They said how it was.
    pub reviewed: bool,
    /// When.
    pub now: Timestamp,
}

fn holds(act: Act, facts: &Facts<'_>) -> bool {
    let Facts { job, own, statuses, .. } = facts;
    match act {
        Act::Apply => may_apply(false, false, own.map(|own| own.state)).is_ok(),
        Act::WithdrawApplication => own.is_some_and(|own| own.state == State::Pending),
        Act::AcceptApplication | Act::RejectApplication => facts.pending > 0,
        Act::Cancel => may_cancel(statuses).is_ok(),
        Act::Unassign => may_unassign(statuses).is_ok(),
        Act::Complete => may_complete(statuses).is_ok(),
        Act::KeepOpen => job.asked_at_ms.is_some(),
        Act::Start => job.started == 0,
        Act::Review => may_review(facts.reviewed, job.ended_at_ms.map(Timestamp), facts.now).is_ok(),
        _ => true,
    }
}

/// The words of what may be done.
pub fn may(facts: &Facts<'_>) -> Vec<String> {
    let can = |act: &&Act| step(**act, facts.role, facts.job.stage).is_ok() && holds(**act, facts);
    Act::ALL.iter().filter(can).map(|act| act.code().to_owned()).collect()
}

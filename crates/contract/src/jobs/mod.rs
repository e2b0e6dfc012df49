//! Jobs: commissions of work, who applies for them, what is agreed, how far the work is, and how it was.

mod asked;
mod commands;
mod deals;
mod job;

pub use asked::*;
pub use commands::*;
pub use deals::*;
pub use job::*;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! jobs_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Jobs that are looked for.
            job_find($crate::jobs::JobFind) -> $crate::known::Known<$crate::jobs::JobPage> as person;
            /// One job.
            job_get($crate::jobs::JobRef) -> $crate::known::Known<$crate::jobs::Job> as person;
            /// Makes one, as a draft or shown at once.
            job_post($crate::jobs::JobPosting) -> $crate::jobs::Job as person;
            /// Changes what one says.
            job_change($crate::jobs::JobChanging) -> $crate::jobs::Job as person;
            /// Throws a draft away.
            job_drop($crate::jobs::JobDropping) -> $crate::commands::Nothing as person;
            /// Publishes one, ends it, or parts with its artisan.
            job_act($crate::jobs::JobActing) -> $crate::jobs::Job as person;
            /// Asks an artisan whether they would like one.
            job_invite($crate::jobs::JobInviting) -> $crate::jobs::Job as person;
            /// Applies for one.
            job_apply($crate::jobs::JobApplying) -> $crate::jobs::Application as person;
            /// Who applied for one's job.
            application_list($crate::jobs::JobRef) -> $crate::known::Known<Vec<$crate::jobs::Application>> as person;
            /// Decides an application, or takes one's own back.
            application_act($crate::jobs::ApplicationActing) -> $crate::jobs::Application as person;
            /// Plans a part of the work.
            milestone_add($crate::jobs::MilestoneAdding) -> $crate::jobs::Job as person;
            /// Changes a part that is planned.
            milestone_change($crate::jobs::MilestoneChanging) -> $crate::jobs::Job as person;
            /// Drops a part that is planned.
            milestone_drop($crate::jobs::MilestoneDropping) -> $crate::jobs::Job as person;
            /// Says how far the work is: kept here until the server has it.
            progress_report($crate::jobs::ProgressReporting) -> $crate::jobs::ProgressPage as person;
            /// Takes back a report that the server does not have.
            progress_drop($crate::jobs::ProgressDropping) -> $crate::jobs::ProgressPage as person;
            /// How far the work is.
            progress_list($crate::jobs::JobRef) -> $crate::known::Known<$crate::jobs::ProgressPage> as person;
            /// What either of the two would change.
            proposal_list($crate::jobs::JobRef) -> $crate::known::Known<Vec<$crate::jobs::Proposal>> as person;
            /// Proposes a change of what was agreed.
            proposal_make($crate::jobs::ProposalMaking) -> $crate::jobs::Proposal as person;
            /// Answers to a proposal.
            proposal_act($crate::jobs::ProposalActing) -> $crate::jobs::Proposal as person;
            /// Says how it was.
            job_review($crate::jobs::JobReviewing) -> $crate::jobs::Job as person;
            /// Gives the server a file that goes with a job, a part that is handed in, or a dispute.
            file_give($crate::jobs::FileGive) -> $crate::jobs::FileGiven as person;
            /// Keeps a picture on this device for a report of how far the work is.
            file_keep($crate::jobs::FileGive) -> $crate::jobs::FileGiven as person;
            /// Forgets a picture that was kept and goes with no report.
            file_drop($crate::jobs::FileDrop) -> $crate::commands::Nothing as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// Something about a job changed. To its client, and to the artisan who has it; the same goes out on `private-job.{id}`.
            JOB_UPDATED = "job.updated": $crate::jobs::JobUpdated, on user, in the feed;
            /// An application was made or decided. To whoever made it, and to the client.
            APPLICATION_UPDATED = "application.updated": $crate::jobs::ApplicationUpdated, on user, in the feed;
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

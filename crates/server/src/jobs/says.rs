//! The sentences of notices about jobs, by their names in the catalogue.

use guildhall_db::jobs::Job;
use guildhall_market::money::amounts::spoken;
use guildhall_words::{DEFAULT, Words, written_in};

use super::bodies::stored_currency;
use crate::error::ApiError;

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the sentence of its name")]
pub enum Say {
    ApplicationReceived,
    ApplicationAccepted,
    ApplicationRejected,
    GivenToSomebodyElse,
    Changed,
    Cancelled,
    Expired,
    UnfundedEnded,
    ClientLeft,
    Unassigned,
    Reopened,
    Started,
    Progress(i64),
    Invited,
    PlanChanged,
    Proposed,
    ProposalAccepted,
    ProposalDeclined,
    Unfunded,
    Completed,
    Reviewed,
}

/// The catalogue in which the server speaks.
pub fn words() -> &'static Words {
    written_in(DEFAULT)
}

impl Say {
    /// Title and text, of what somebody of this name did.
    ///
    /// # Errors
    /// 500 for a currency that is none.
    pub fn words(self, name: &str, job: &Job) -> Result<(String, String), ApiError> {
        let (w, title) = (words(), job.title.as_str());
        let price = spoken(job.agreed_minor.unwrap_or(job.budget_minor), stored_currency(&job.currency)?);
        Ok(match self {
            Self::ApplicationReceived => (w.jobs_application_received(), w.jobs_application_received_body(name, title)),
            Self::ApplicationAccepted => {
                (w.jobs_application_accepted(), w.jobs_application_accepted_body(name, &price, title))
            }
            Self::ApplicationRejected => (w.jobs_application_rejected(), w.jobs_application_rejected_body(title)),
            Self::GivenToSomebodyElse => (w.jobs_application_rejected(), w.jobs_application_given_body(title)),
            Self::Changed => (w.jobs_changed(), w.jobs_changed_body(title)),
            Self::Cancelled => (w.jobs_cancelled(), w.jobs_cancelled_body(title)),
            Self::Expired => (w.jobs_expired(), w.jobs_expired_body(title)),
            Self::UnfundedEnded => (w.jobs_cancelled(), w.jobs_unfunded_ended_body(title)),
            Self::ClientLeft => (w.jobs_cancelled(), w.jobs_client_left_body(title)),
            Self::Unassigned => (w.jobs_unassigned(), w.jobs_unassigned_body(name, title)),
            Self::Reopened => (w.jobs_unassigned(), w.jobs_reopened_body(title)),
            Self::Started => (w.jobs_started(), w.jobs_started_body(name, title)),
            Self::Progress(percent) => (w.jobs_progress(), w.jobs_progress_body(name, &percent.to_string(), title)),
            Self::Invited => (w.jobs_invited(), w.jobs_invited_body(name, title)),
            Self::PlanChanged => (w.jobs_plan(), w.jobs_plan_body(name, title)),
            Self::Proposed => (w.jobs_proposal(), w.jobs_proposal_body(name, title)),
            Self::ProposalAccepted => (w.jobs_proposal_accepted(), w.jobs_proposal_accepted_body(name, title)),
            Self::ProposalDeclined => (w.jobs_proposal_declined(), w.jobs_proposal_declined_body(name, title)),
            Self::Unfunded => (w.jobs_unfunded(), w.jobs_unfunded_body(title)),
            Self::Completed => (w.jobs_completed(), w.jobs_completed_body(title)),
            Self::Reviewed => (w.jobs_reviewed(), w.jobs_reviewed_body(name, title)),
        })
    }
}

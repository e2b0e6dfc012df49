//! The sentences of notices about jobs, by their names in the catalogue.

use guildhall_db::jobs::Job;
use guildhall_market::{
    jobs::times::SILENCE_MS,
    money::amounts::{Currency, spoken},
    time::{DAY_MS, HOUR_MS, MINUTE_MS},
};
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
    MoneyHeld(i64),
    MoneyArrived(i64),
    Released(i64, i64),
    ReleasedBySilence(i64, i64),
    GoneBySilence(i64),
    ReleasedByAdministrator(i64),
    Refunded(i64),
    RefundedAway(i64),
    RefundedBySilence(i64),
    Submitted(i64, i64),
    ChangesRequested,
    RefundRequested(i64, i64),
    RefundNotRequested,
    PaymentCancelled,
    PaymentCancelledByAdministrator,
    PaymentNotMade,
    YoursByAdministrator(i64, i64),
    PaymentKept(i64, Currency),
    PaymentFailed,
    AllPaid,
    Disputed(i64),
    DisputeWithdrawn,
    DisputeResolved(i64, i64),
    TimeGivenBack(i64),
    ReviewEnds(i64, i64),
    ReplyEnds(i64, i64),
}

/// The catalogue in which the server speaks.
pub fn words() -> &'static Words {
    written_in(DEFAULT)
}

/// A length of time in the largest unit of which there are two or more, rounded up: nothing happens later than it says.
fn length(ms: i64) -> String {
    let of = |unit: i64| (ms + unit - 1) / unit;
    match ms {
        ms if ms >= 2 * DAY_MS => words().jobs_days(of(DAY_MS)),
        ms if ms >= 2 * HOUR_MS - MINUTE_MS => words().jobs_hours(of(HOUR_MS)),
        _ => words().jobs_minutes(of(MINUTE_MS)),
    }
}

impl Say {
    /// Title and text, of what somebody of this name did.
    ///
    /// # Errors
    /// 500 for a currency that is none.
    pub fn words(self, name: &str, job: &Job) -> Result<(String, String), ApiError> {
        let (w, title) = (words(), job.title.as_str());
        let money = stored_currency(&job.currency)?;
        let said = |minor: i64| spoken(minor, money);
        let days = |ms: i64| (ms / DAY_MS).to_string();
        let price = spoken(job.agreed_minor.unwrap_or(job.budget_minor), money);
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
            Self::MoneyHeld(amount) => (w.jobs_money_held(), w.jobs_money_held_body(&said(amount), title)),
            Self::MoneyArrived(amount) => (w.jobs_money_arrived(), w.jobs_money_arrived_body(&said(amount), title)),
            Self::Released(amount, net) => {
                (w.jobs_money_released(), w.jobs_money_released_body(&said(amount), name, &said(net), title))
            }
            Self::ReleasedBySilence(amount, net) => {
                (w.jobs_money_released(), w.jobs_money_released_by_silence_body(&said(amount), &said(net), title))
            }
            Self::GoneBySilence(amount) => {
                (w.jobs_money_gone(), w.jobs_money_gone_by_silence_body(&said(amount), title))
            }
            Self::ReleasedByAdministrator(amount) => {
                (w.jobs_money_gone(), w.jobs_money_released_by_administrator_body(&said(amount), title))
            }
            Self::Refunded(amount) => (w.jobs_money_refunded(), w.jobs_money_refunded_body(&said(amount), title)),
            Self::RefundedAway(amount) => {
                (w.jobs_money_refunded_away(), w.jobs_money_refunded_away_body(&said(amount), title))
            }
            Self::RefundedBySilence(amount) => {
                (w.jobs_money_refunded_away(), w.jobs_money_refunded_by_silence_body(&said(amount), title))
            }
            Self::Submitted(amount, ms) => {
                (w.jobs_submitted(), w.jobs_submitted_body(&said(amount), &days(ms), name, title))
            }
            Self::ChangesRequested => (w.jobs_changes(), w.jobs_changes_body(name, title)),
            Self::RefundRequested(amount, ms) => {
                (w.jobs_refund_asked(), w.jobs_refund_asked_body(&said(amount), &days(ms), name, title))
            }
            Self::RefundNotRequested => (w.jobs_refund_not_asked(), w.jobs_refund_not_asked_body(name, title)),
            Self::PaymentCancelled => (w.jobs_payment_cancelled(), w.jobs_payment_cancelled_body(name, title)),
            Self::PaymentCancelledByAdministrator => {
                (w.jobs_payment_cancelled(), w.jobs_payment_cancelled_by_administrator_body(title))
            }
            Self::PaymentNotMade => (w.jobs_payment_cancelled(), w.jobs_payment_not_made_body(title)),
            Self::YoursByAdministrator(amount, net) => {
                (w.jobs_money_released(), w.jobs_money_yours_by_administrator_body(&said(amount), &said(net), title))
            }
            Self::PaymentKept(amount, of) => {
                (w.jobs_payment_kept(), w.jobs_payment_kept_body(&spoken(amount, of), title))
            }
            Self::PaymentFailed => (w.jobs_payment_failed(), w.jobs_payment_failed_body(title)),
            Self::Disputed(held) => (w.jobs_disputed(), w.jobs_disputed_body(&said(held), name, title)),
            Self::DisputeWithdrawn => (w.jobs_dispute_withdrawn(), w.jobs_dispute_withdrawn_body(name, title)),
            Self::DisputeResolved(payee, payer) => {
                (w.jobs_dispute_resolved(), w.jobs_dispute_resolved_body(&said(payee), &said(payer), title))
            }
            Self::TimeGivenBack(ms) => (w.jobs_time_given_back(), w.jobs_time_given_back_body(&length(ms), title)),
            Self::ReviewEnds(held, ms) => {
                (w.jobs_review_ends(), w.jobs_review_ends_body(&said(held), &length(ms), title))
            }
            Self::ReplyEnds(held, ms) => (w.jobs_reply_ends(), w.jobs_reply_ends_body(&said(held), &length(ms), title)),
            Self::AllPaid => (w.jobs_all_paid(), w.jobs_all_paid_body(&days(SILENCE_MS), title)),
        })
    }
}

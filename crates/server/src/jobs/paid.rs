//! What becomes of a job when something is done to the money of one of its milestones: what was done is noted with what was said,
//! both are told, and whether everything is paid is asked anew. In the transaction that moves the money.

use guildhall_db::{
    Connection, Outgoing, deadlines,
    jobs::{self, Job, milestones},
};
use guildhall_market::{
    ids::UserId,
    jobs::milestones::{MILESTONES_MAX, Refusal, Status, rest},
    money::{
        book::Account,
        escrow_steps::{Act, Stage},
        escrows::{Command, Escrow},
    },
    notifications::kinds,
    time::Timestamp,
};

use super::{
    agreed::keep_terms,
    change::{Change, UNFUNDED, UNFUNDED_ASKED},
    finished::ask_whether_finished,
    held::{Said, each, escrow_updated, moved, note},
    parts,
    says::Say,
    standing::wrong_state,
};
use crate::{
    error::ApiError,
    money::till::{By, Done},
};

/// What the payee has of it on their balance.
fn net(done: &Done) -> i64 {
    let payee = Account::User(done.after.terms.payee);
    done.entries.iter().map(|entry| entry.on(&payee)).sum()
}

fn tell(change: &mut Change, act: Act, done: &Done, admin: bool) {
    let about = (format!("payment:{}", done.after.terms.id), done.version);
    let told = change.notices.len();
    tell_all(change, act, done, admin);
    // Each step is told by itself, also where one command on the job does several.
    for notice in &mut change.notices[told..] {
        notice.about = Some(about.clone());
    }
}

fn tell_all(change: &mut Change, act: Act, done: &Done, admin: bool) {
    let Escrow { terms, .. } = &done.after;
    let (payer, payee) = (terms.payer, terms.payee);
    let (released, refunded) = (done.after.released - done.before.released, done.after.refunded - done.before.refunded);
    match act {
        Act::Fund | Act::FundFromBalance => {
            change.tell(payee, kinds::PAYMENT_RECEIVED, Say::MoneyHeld(terms.price));
            change.tell(payer, kinds::PAYMENT_RECEIVED, Say::MoneyArrived(terms.price));
        }
        Act::Cancel | Act::PayByPasses => {
            let say = match act {
                Act::PayByPasses => Say::PaymentNotMade,
                _ if admin => Say::PaymentCancelledByAdministrator,
                _ => Say::PaymentCancelled,
            };
            for user in [payer, payee] {
                change.tell(user, kinds::PAYMENT_CANCELLED, say);
            }
        }
        Act::Submit => change.tell(payer, kinds::WORK_SUBMITTED, Say::Submitted(done.after.held, terms.review_ms)),
        Act::RequestChanges => change.tell(payee, kinds::CHANGES_REQUESTED, Say::ChangesRequested),
        Act::RequestRefund | Act::LiesIdle => {
            change.tell(payee, kinds::REFUND_REQUESTED, Say::RefundRequested(done.after.held, terms.reply_ms));
        }
        Act::WithdrawRefundRequest => change.tell(payee, kinds::REFUND_REQUESTED, Say::RefundNotRequested),
        Act::Release => {
            let say =
                if admin { Say::YoursByAdministrator(released, net(done)) } else { Say::Released(released, net(done)) };
            change.tell(payee, kinds::PAYMENT_RELEASED, say);
            if admin {
                change.tell(payer, kinds::PAYMENT_RELEASED, Say::ReleasedByAdministrator(released));
            }
        }
        Act::ReviewPasses => {
            change.tell(payee, kinds::PAYMENT_RELEASED, Say::ReleasedBySilence(released, net(done)));
            change.tell(payer, kinds::PAYMENT_RELEASED, Say::GoneBySilence(released));
        }
        Act::Refund => {
            change.tell(payer, kinds::PAYMENT_REFUNDED, Say::Refunded(refunded));
            if admin {
                change.tell(payee, kinds::PAYMENT_REFUNDED, Say::RefundedAway(refunded));
            }
        }
        Act::ReplyPasses => {
            change.tell(payer, kinds::PAYMENT_REFUNDED, Say::Refunded(refunded));
            change.tell(payee, kinds::PAYMENT_REFUNDED, Say::RefundedBySilence(refunded));
        }
        Act::Dispute => {
            for user in [payer, payee] {
                change.tell(user, kinds::PAYMENT_DISPUTED, Say::Disputed(done.after.held));
            }
        }
        Act::WithdrawDispute => {
            for user in [payer, payee] {
                change.tell(user, kinds::PAYMENT_DISPUTED, Say::DisputeWithdrawn);
            }
        }
        Act::Resolve => {
            for user in [payer, payee] {
                change.tell(user, kinds::DISPUTE_RESOLVED, Say::DisputeResolved(released, refunded));
            }
        }
        Act::Freeze | Act::Thaw | Act::Chargeback | Act::UndoChargeback | Act::RefundOut => {}
    }
}

/// What stands in the log of what was done.
fn action_of(act: Act) -> &'static str {
    match act {
        Act::Fund => "payment.fund",
        Act::FundFromBalance => "payment.fund_from_balance",
        Act::PayByPasses => "payment.pay_by_passes",
        Act::Cancel => "payment.cancel",
        Act::Submit => "payment.submit",
        Act::RequestChanges => "payment.request_changes",
        Act::RequestRefund => "payment.request_refund",
        Act::WithdrawRefundRequest => "payment.withdraw_refund_request",
        Act::Release => "payment.release",
        Act::Refund => "payment.refund",
        Act::ReviewPasses => "payment.review_passes",
        Act::ReplyPasses => "payment.reply_passes",
        Act::LiesIdle => "payment.lies_idle",
        Act::Dispute => "payment.dispute",
        Act::WithdrawDispute => "payment.withdraw_dispute",
        Act::Resolve => "payment.resolve",
        Act::Freeze => "payment.freeze",
        Act::Thaw => "payment.thaw",
        Act::Chargeback => "payment.chargeback",
        Act::UndoChargeback => "payment.undo_chargeback",
        Act::RefundOut => "payment.refund_out",
    }
}

/// The job of a milestone, held until the commit: before the escrow is, everywhere.
///
/// # Errors
/// 404; the database's.
pub async fn hold_job_of(c: &mut Connection, milestone: i64) -> Result<Job, ApiError> {
    let milestone = milestones::get(c, milestone).await?.ok_or_else(ApiError::not_found)?;
    jobs::hold(c, milestone.job_id).await?.ok_or_else(ApiError::not_found)
}

/// Money is held for a part: the job does not end for want of it any more, and what was proposed before it came is another thing now.
async fn money_came(c: &mut Connection, change: &mut Change) -> Result<(), ApiError> {
    for kind in [UNFUNDED_ASKED, UNFUNDED] {
        deadlines::clear(c, kind, change.job.id).await?;
    }
    keep_terms(c, change, None).await
}

/// The job follows what was done to the escrow of one of its milestones. Answers with what leaves.
///
/// # Errors
/// `not_found` for a file that is none of theirs; the database's.
pub async fn follow(
    c: &mut Connection,
    job: Job,
    (act, done): (Act, &Done),
    by: Option<UserId>,
    said: Said,
    arrived: Timestamp,
) -> Result<Vec<Outgoing>, ApiError> {
    note(c, act, done, by, &said).await?;
    let mut change = Change::of(job, by, arrived);
    if matches!(act, Act::Fund | Act::FundFromBalance) {
        money_came(c, &mut change).await?;
    }
    if done.after.stage == Stage::Cancelled {
        // The part of the work is planned as before, and waits for nothing.
        milestones::held_by(c, done.subject.id, None).await?;
    }
    change.socket = said.socket;
    change.update = Some("milestone_updated");
    tell(&mut change, act, done, said.admin);
    ask_whether_finished(c, &mut change).await?;
    if said.admin {
        change.about = vec![done.after.terms.payer, done.after.terms.payee];
    }
    change.reason = said.words;
    change.detail.insert("payment".into(), done.after.terms.id.0.into());
    change.detail.insert("payment_before".into(), done.before.stage.code().into());
    change.detail.insert("payment_after".into(), done.after.stage.code().into());
    if let Some(amount) = moved(done) {
        change.detail.insert("amount_minor".into(), amount.into());
    }
    let of = (change.job.id, done.subject.id);
    change.besides.extend(escrow_updated(&done.after, of, done.version, change.socket.as_deref())?);
    change.finish_as(c, action_of(act)).await
}

/// What was handed in is paid: the client says that the job is done.
///
/// # Errors
/// `provider_dispute` where the provider has to decide first; the database's.
pub async fn pay_submitted(c: &mut Connection, change: &mut Change) -> Result<(), ApiError> {
    let (client, now) = (change.job.client_id, change.now);
    let how = (&Command::Release(None), By::Person(client, false));
    let submitted = |escrow: &Escrow| escrow.stage == Stage::InReview;
    for (done, entries) in each(c, (&change.job.clone(), None), submitted, how, (Some(client), now)).await? {
        tell(change, Act::Release, &done, false);
        change.besides.extend(entries);
    }
    Ok(())
}

/// A milestone of a job for which money can be paid in now; 0 for all that no milestone plans, which becomes one.
///
/// # Errors
/// 404, and 409 where money is there, or was.
pub async fn to_fund(
    c: &mut Connection,
    change: &mut Change,
    milestone: i64,
) -> Result<milestones::Milestone, ApiError> {
    let job = &change.job;
    let all = parts::of_jobs(c, &[job.id]).await?;
    let id = if milestone == 0 {
        let agreed = job.agreed_minor.unwrap_or_default();
        let rest = rest(agreed, &parts::amounts(&all));
        let rest = rest.map_err(|refusal| parts::refused(job, refusal))?;
        if rest == 0 {
            return Err(nothing_left(job));
        }
        if all.len() == MILESTONES_MAX {
            return Err(parts::refused(job, Refusal::TooMany));
        }
        let made = milestones::add(c, job.id, (&job.title, rest, None), change.now).await?;
        keep_terms(c, change, None).await?;
        ask_whether_finished(c, change).await?;
        made
    } else {
        milestone
    };
    let job = &change.job;
    let all = parts::of_jobs(c, &[job.id]).await?;
    let part = all.into_iter().find(|part| part.planned.id == id).ok_or_else(ApiError::not_found)?;
    planned(job, &part)?;
    Ok(part.planned)
}

/// There is nothing that no milestone plans.
pub fn nothing_left(job: &Job) -> ApiError {
    wrong_state(job, "Everything that was agreed is planned in milestones.")
}

/// Whether money can be paid in for a part.
///
/// # Errors
/// 409 with how the job stands.
pub fn planned(job: &Job, part: &parts::Part) -> Result<(), ApiError> {
    match part.status {
        Status::Planned => Ok(()),
        status => Err(wrong_state(job, format!("The milestone is {}.", status.code()))),
    }
}

/// The same for a part that is paid in at once, within a command on the job that tells of itself.
///
/// # Errors
/// The database's.
pub async fn funded(c: &mut Connection, change: &mut Change, done: &Done, payer: UserId) -> Result<(), ApiError> {
    note(c, Act::FundFromBalance, done, Some(payer), &Said::default()).await?;
    money_came(c, change).await?;
    tell(change, Act::FundFromBalance, done, false);
    ask_whether_finished(c, change).await?;
    let of = (change.job.id, done.subject.id);
    change.besides.extend(escrow_updated(&done.after, of, done.version, change.socket.as_deref())?);
    Ok(())
}

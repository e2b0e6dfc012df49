//! What becomes of a job when something is done to the money of one of its milestones: what was done is noted with what was said,
//! both are told, and whether everything is paid is asked anew. In the transaction that moves the money.

use guildhall_db::{
    Connection, Outgoing, deadlines,
    jobs::{self, Job, milestones},
};
use guildhall_market::{
    ids::UserId,
    jobs::{milestones::is_all_paid, steps::Stage as JobStage, times::SILENCE_MS},
    money::{
        book::Account,
        escrow_steps::{Act, Stage},
        escrows::{Command, Escrow},
    },
    notifications::kinds,
    time::Timestamp,
};

use super::{
    change::{Change, SILENCE, UNFUNDED, UNFUNDED_ASKED},
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
    let Escrow { terms, .. } = &done.after;
    let (payer, payee) = (terms.payer, terms.payee);
    let (released, refunded) = (done.after.released - done.before.released, done.after.refunded - done.before.refunded);
    match act {
        Act::Fund | Act::FundFromBalance => {
            change.tell(payee, kinds::PAYMENT_RECEIVED, Say::MoneyHeld(terms.price));
            change.tell(payer, kinds::PAYMENT_RECEIVED, Say::MoneyArrived(terms.price));
        }
        Act::Cancel | Act::PayByPasses => {
            for user in [payer, payee] {
                change.tell(user, kinds::PAYMENT_CANCELLED, Say::PaymentCancelled);
            }
        }
        Act::Submit => change.tell(payer, kinds::WORK_SUBMITTED, Say::Submitted(done.after.held, terms.review_ms)),
        Act::RequestChanges => change.tell(payee, kinds::CHANGES_REQUESTED, Say::ChangesRequested),
        Act::RequestRefund | Act::LiesIdle => {
            change.tell(payee, kinds::REFUND_REQUESTED, Say::RefundRequested(done.after.held, terms.reply_ms));
        }
        Act::WithdrawRefundRequest => change.tell(payee, kinds::REFUND_REQUESTED, Say::RefundNotRequested),
        Act::Release => {
            change.tell(payee, kinds::PAYMENT_RELEASED, Say::Released(released, net(done)));
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

/// Asks the client whether it is finished, once everything is paid, and stops asking where it is not so any more.
async fn ask_whether_finished(c: &mut Connection, change: &mut Change) -> Result<(), ApiError> {
    let statuses = parts::statuses(&parts::of_jobs(c, &[change.job.id]).await?);
    let paid = is_all_paid(&statuses) && change.job.stage == JobStage::Assigned;
    match (paid, change.job.asked_at_ms) {
        (true, None) => {
            change.job.asked_at_ms = Some(change.now.0);
            deadlines::set(c, SILENCE, change.job.id, change.now.plus_ms(SILENCE_MS)).await?;
            change.tell(change.job.client_id, kinds::JOB_ALL_PAID, Say::AllPaid);
        }
        (false, Some(_)) => {
            change.job.asked_at_ms = None;
            deadlines::clear(c, SILENCE, change.job.id).await?;
        }
        _ => {}
    }
    Ok(())
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
        for kind in [UNFUNDED_ASKED, UNFUNDED] {
            deadlines::clear(c, kind, change.job.id).await?;
        }
    }
    if done.after.stage == Stage::Cancelled {
        milestones::drop_one(c, done.subject.id, change.now).await?;
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
    job: &Job,
    milestone: i64,
    now: Timestamp,
) -> Result<milestones::Milestone, ApiError> {
    let all = parts::of_jobs(c, &[job.id]).await?;
    let id = if milestone == 0 {
        let agreed = job.agreed_minor.unwrap_or_default();
        let rest = guildhall_market::jobs::milestones::rest(agreed, &parts::amounts(&all));
        let rest = rest.map_err(|refusal| parts::refused(job, refusal))?;
        if rest == 0 {
            return Err(wrong_state(job, "Everything that was agreed is planned in milestones."));
        }
        if all.len() == guildhall_market::jobs::milestones::MILESTONES_MAX {
            return Err(parts::refused(job, guildhall_market::jobs::milestones::Refusal::TooMany));
        }
        milestones::add(c, job.id, (&job.title, rest, None), now).await?
    } else {
        milestone
    };
    let all = parts::of_jobs(c, &[job.id]).await?;
    let part = all.into_iter().find(|part| part.planned.id == id).ok_or_else(ApiError::not_found)?;
    if part.status != guildhall_market::jobs::milestones::Status::Planned {
        return Err(wrong_state(job, format!("The milestone is {}.", part.status.code())));
    }
    Ok(part.planned)
}

/// The same for a part that is paid in at once, within a command on the job that tells of itself.
///
/// # Errors
/// The database's.
pub async fn funded(c: &mut Connection, change: &mut Change, done: &Done, payer: UserId) -> Result<(), ApiError> {
    note(c, Act::FundFromBalance, done, Some(payer), &Said::default()).await?;
    for kind in [UNFUNDED_ASKED, UNFUNDED] {
        deadlines::clear(c, kind, change.job.id).await?;
    }
    tell(change, Act::FundFromBalance, done, false);
    ask_whether_finished(c, change).await?;
    let of = (change.job.id, done.subject.id);
    change.besides.extend(escrow_updated(&done.after, of, done.version, change.socket.as_deref())?);
    Ok(())
}

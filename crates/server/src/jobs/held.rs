//! The escrows of a job's milestones: what is said of one on the wire, and what is noted of what was done to it.

use guildhall_contract::{
    events::ESCROW_UPDATED,
    payments::{EscrowUpdated, PaymentClock},
};
use guildhall_db::{Connection, escrow_steps, escrows, feed, jobs::Job};
use guildhall_market::{
    ids::{AttachmentId, EscrowId, UserId},
    money::{
        escrow_steps::{Act, Stage},
        escrows::{Clock, Command, Escrow},
    },
    time::Timestamp,
};

use super::parts;
use crate::{
    error::{ApiError, written},
    money::till::{self, By, Done},
    render,
};

/// The word of what an escrow of a job is for.
pub const MILESTONE: &str = "milestone";

/// What somebody says with what they do.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// In words.
    pub words: String,
    /// What they hand in.
    pub files: Vec<AttachmentId>,
    /// The socket that is not told.
    pub socket: Option<String>,
    /// An administrator does it.
    pub admin: bool,
}

/// The clock of an escrow as it is said on the wire.
pub fn clock(escrow: &Escrow) -> Option<PaymentClock> {
    let before = escrow.dispute.map_or(escrow.stage, |(before, _)| before);
    let then = before.when_over()?.code().to_owned();
    Some(match escrow.clock? {
        Clock::Until(at) => PaymentClock { then, at: Some(at.into()), left_ms: None },
        Clock::Stopped(left) => PaymentClock { then, at: None, left_ms: Some(left) },
    })
}

/// That something happened to an escrow, for the feeds of its two people.
///
/// # Errors
/// 500 where it cannot be written.
pub fn escrow_updated(
    escrow: &Escrow,
    (job, milestone): (i64, i64),
    version: i64,
    except: Option<&str>,
) -> Result<[feed::Entry; 2], ApiError> {
    let body = EscrowUpdated {
        id: escrow.terms.id.0,
        job_id: job,
        milestone_id: milestone,
        state: escrow.stage.state().to_owned(),
        label: escrow.label().to_owned(),
        stage: escrow.stage.code().to_owned(),
        clock: clock(escrow),
        amount_minor: escrow.terms.price,
        currency: escrow.terms.currency.code().to_owned(),
        held_minor: escrow.held,
        released_minor: escrow.released,
        refunded_minor: escrow.refunded,
        version,
        updated_at: render::time(escrow.last_at.0),
    };
    let body = written(&body)?;
    let entry = |user| feed::Entry::new(user, ESCROW_UPDATED, body.clone()).except(except);
    Ok([entry(escrow.terms.payer), entry(escrow.terms.payee)])
}

/// The same to the payer alone: how they pay is theirs.
///
/// # Errors
/// 500 where it cannot be written.
pub fn attempt_told(
    escrow: &Escrow,
    of: (i64, i64),
    version: i64,
    except: Option<&str>,
) -> Result<feed::Entry, ApiError> {
    let [payer, _] = escrow_updated(escrow, of, version, except)?;
    Ok(payer)
}

/// How much went, whichever way.
pub fn moved(done: &Done) -> Option<i64> {
    let (before, after) = (&done.before, &done.after);
    let all = [after.held - before.held, after.released - before.released, after.refunded - before.refunded];
    all.into_iter().max().filter(|amount| *amount > 0)
}

/// Notes what was done and said, in the history of the escrow.
///
/// # Errors
/// `not_found` for a file that is none of theirs; the database's.
pub async fn note(
    c: &mut Connection,
    act: Act,
    done: &Done,
    actor: Option<UserId>,
    said: &Said,
) -> Result<(), ApiError> {
    let new = escrow_steps::New {
        escrow: done.after.terms.id,
        version: done.version,
        act,
        actor,
        amount: moved(done),
        words: &said.words,
    };
    let step = escrow_steps::add(c, &new, done.after.last_at).await?;
    for (position, file) in said.files.iter().enumerate() {
        let Some(actor) = actor else { continue };
        if !escrow_steps::bind(c, (*file, actor), step, position).await? {
            let words = "One of the files is not yours, or was used before. Upload it again.";
            return Err(ApiError::field("not_found", "attachments", words));
        }
    }
    Ok(())
}

/// Does something to the escrows of a job that stand so, as part of a command on the job that tells of itself. Answers with what the
/// feeds say of it.
///
/// # Errors
/// What the rules refuse with; the database's.
pub async fn each(
    c: &mut Connection,
    (job, only): (&Job, Option<i64>),
    stands: fn(&Escrow) -> bool,
    (command, by): (&Command, By),
    (actor, now): (Option<UserId>, Timestamp),
) -> Result<Vec<(Done, Vec<feed::Entry>)>, ApiError> {
    let mut all = Vec::new();
    for part in parts::of_jobs(c, &[job.id]).await? {
        let wanted = only.is_none_or(|id| id == part.planned.id);
        let Some(id) = part.planned.escrow_id.map(EscrowId).filter(|_| wanted) else { continue };
        let kept = escrows::get(c, id).await?;
        if !kept.is_some_and(|kept| stands(&kept.escrow)) {
            continue;
        }
        let done = till::act(c, id, command, (by, None), now).await?;
        note(c, command.act(), &done, actor, &Said::default()).await?;
        let told = escrow_updated(&done.after, (job.id, part.planned.id), done.version, None)?;
        all.push((done, told.into()));
    }
    Ok(all)
}

/// Nobody waits any more for the money of a milestone, or of all of them, that was never paid: what comes of it all the same is kept
/// for whoever sent it.
///
/// # Errors
/// The database's.
pub async fn stop_waiting(
    c: &mut Connection,
    job: &Job,
    only: Option<i64>,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    let how = (&Command::Cancel, By::Person(job.client_id, false));
    let all = each(c, (job, only), |escrow| escrow.stage == Stage::AwaitingFunds, how, (None, now)).await?;
    Ok(all.into_iter().flat_map(|(_, told)| told).collect())
}

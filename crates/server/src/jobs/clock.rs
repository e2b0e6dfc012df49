//! What happens when the clock of a payment is over.

use guildhall_db::{Connection, deadlines::Deadline, escrows, feed};
use guildhall_market::{ids::EscrowId, money::escrow_steps::Act, notifications::kinds, time::Timestamp};

use super::{
    change::Change,
    held::{MILESTONE, Said, escrow_updated},
    paid,
    says::Say,
    told::{self, Notice},
};
use crate::{
    deadlines::{Done, Handler},
    feature::StandsStill,
    money::till,
};

/// The clock of an escrow is over, by its number.
pub const CLOCK: Handler = Handler { kind: till::CLOCK, carry_out: |c, _, due, now| clock_is_over(c, due, now) };

fn clock_is_over<'c>(c: &'c mut Connection, due: &'c Deadline, now: Timestamp) -> Done<'c> {
    Box::pin(async move {
        let id = EscrowId(due.subject);
        let Some(kept) = escrows::get(c, id).await? else { return Ok(Vec::new()) };
        if kept.subject.kind != MILESTONE {
            till::clock_is_over(c, id, due.due_at()).await?;
            return Ok(Vec::new());
        }
        // The job first, as everywhere.
        let job = paid::hold_job_of(c, kept.subject.id).await?;
        let Some(done) = till::clock_is_over(c, id, due.due_at()).await? else { return Ok(Vec::new()) };
        let act = done.before.due().map_or(Act::ReplyPasses, |(_, act)| act);
        paid::follow(c, job, (act, &done), None, Said::default(), now).await
    })
}

/// The clock of an escrow stands still while no server runs.
pub const STANDS_STILL: StandsStill =
    StandsStill { kind: till::CLOCK, put_off: |c, due, by_ms, now| put_off(c, due, by_ms, now) };

fn put_off<'c>(c: &'c mut Connection, due: &'c Deadline, by_ms: i64, now: Timestamp) -> Done<'c> {
    Box::pin(async move {
        let id = EscrowId(due.subject);
        let Some(kept) = escrows::get(c, id).await? else { return Ok(Vec::new()) };
        // The job first, as everywhere.
        let job = match kept.subject.kind == MILESTONE {
            true => Some(paid::hold_job_of(c, kept.subject.id).await?),
            false => None,
        };
        let Some(kept) = escrows::hold(c, id).await? else { return Ok(Vec::new()) };
        let Some(after) = kept.escrow.put_off(by_ms) else { return Ok(Vec::new()) };
        let version = escrows::save(c, &kept, &after, now).await?;
        till::remind(c, &after, now).await?;
        let Some(job) = job else { return Ok(Vec::new()) };
        let mut change = Change::of(job, None, now);
        let about = (format!("payment:{id}"), version);
        for user in [after.terms.payer, after.terms.payee] {
            change.tell(user, kinds::TIME_GIVEN_BACK, Say::TimeGivenBack(by_ms));
        }
        for notice in &mut change.notices {
            notice.about = Some(about.clone());
        }
        change.update = Some("milestone_updated");
        change.detail.insert("payment".into(), id.0.into());
        change.detail.insert("put_off_ms".into(), by_ms.into());
        let of = (change.job.id, kept.subject.id);
        change.besides.extend(escrow_updated(&after, of, version, None)?);
        change.finish_as(c, "payment.put_off").await
    })
}

/// Whoever's silence will move money is reminded, by the number of the escrow.
pub const REMINDER: Handler = Handler { kind: till::REMINDER, carry_out: |c, _, due, now| reminder(c, due, now) };

fn reminder<'c>(c: &'c mut Connection, due: &'c Deadline, now: Timestamp) -> Done<'c> {
    Box::pin(async move {
        let id = EscrowId(due.subject);
        let Some(kept) = escrows::get(c, id).await?.filter(|kept| kept.subject.kind == MILESTONE) else {
            return Ok(Vec::new());
        };
        // The job first, as everywhere.
        let job = paid::hold_job_of(c, kept.subject.id).await?;
        let Some(kept) = escrows::hold(c, id).await? else { return Ok(Vec::new()) };
        let escrow = &kept.escrow;
        till::remind(c, escrow, now.max(due.due_at())).await?;
        let Some((until, act)) = escrow.due().filter(|(until, _)| *until > now) else { return Ok(Vec::new()) };
        let (who, say) = match act {
            Act::ReviewPasses => (escrow.terms.payer, Say::ReviewEnds(escrow.held, until.since_ms(now))),
            _ => (escrow.terms.payee, Say::ReplyEnds(escrow.held, until.since_ms(now))),
        };
        let mut notice = Notice::of(who, kinds::SILENCE_ENDS, say);
        notice.about = Some((format!("payment:{id}:ends"), due.due_at_ms));
        let entries = told::notices(c, &job, None, vec![notice], now).await?;
        Ok(feed::append(c, entries, now).await?)
    })
}

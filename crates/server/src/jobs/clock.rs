//! What happens when the clock of a payment is over.

use guildhall_db::{Connection, deadlines::Deadline, escrows};
use guildhall_market::{ids::EscrowId, money::escrow_steps::Act, time::Timestamp};

use super::{
    held::{MILESTONE, Said},
    paid,
};
use crate::{
    deadlines::{Done, Handler},
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

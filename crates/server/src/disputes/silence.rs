//! What happens when the other side of a dispute says nothing.

use guildhall_db::{Connection, deadlines::Deadline, disputes};
use guildhall_market::{money::disputes::State, time::Timestamp};

use super::shown;
use crate::deadlines::{Done, Handler};

/// The other side said nothing for five days, by the number of the dispute.
pub const SILENCE: Handler = Handler { kind: "dispute_silence", carry_out: |c, _, due, now| silence(c, due, now) };

/// It stands at the top of the administrators' list from now on. No money moves.
fn silence<'c>(c: &'c mut Connection, due: &'c Deadline, now: Timestamp) -> Done<'c> {
    Box::pin(async move {
        let Some(mut dispute) = disputes::get(c, due.subject).await? else { return Ok(Vec::new()) };
        if dispute.state != State::Open || dispute.flagged_at_ms.is_some() {
            return Ok(Vec::new());
        }
        dispute.flagged_at_ms = Some(due.due_at().0);
        disputes::save(c, &dispute, now).await?;
        shown::told(c, &dispute, now).await
    })
}

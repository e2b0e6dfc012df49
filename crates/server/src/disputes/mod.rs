//! Disputes: the two sides of a payment disagree. What they say is kept, either proposes how it is divided, and where the other accepts
//! it is paid at once. Nothing moves by silence: what waits for an administrator stands at the top of their list.

mod deciding;
mod opening;
pub mod said;
mod shown;

use guildhall_db::{Connection, deadlines::Deadline, disputes};
use guildhall_market::{money::disputes::State, time::Timestamp};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    deadlines::{Done, Handler},
    feature::Feature,
};

/// The other side said nothing for five days, by the number of the dispute.
pub const SILENCE: Handler = Handler { kind: "dispute_silence", carry_out: |c, _, due, now| silence(c, due, now) };

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), deadlines: &[SILENCE], ..Feature::named("disputes") };

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(opening::open))
        .routes(routes!(shown::list_disputes))
        .routes(routes!(shown::get_dispute))
        .routes(routes!(shown::list_open_disputes))
        .routes(routes!(deciding::act))
}

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

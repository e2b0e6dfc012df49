//! A dispute begins: the clock of the payment stops, and what the two wrote and agreed up to now is what it goes by.

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    disputes::{Dispute, DisputeCommand},
    rest::{Data, Refusal},
};
use guildhall_db::{deadlines, disputes as stored, messages};
use guildhall_market::money::{disputes::ANSWER_WITHIN_MS, escrow_steps::Act, escrows::Command as Step};

use super::{
    said::{proposes, reason, says, split},
    shown::{told, whole},
    silence::SILENCE,
};
use crate::{
    app::App,
    error::ApiError,
    jobs::{held::Said, paid::follow},
    money::till::{self, By},
    payments::{Taken, on_escrow},
    request::{Caller, Command, PathId},
};

/// Disputes what is held: its clock stops, and nothing moves until the two agree or an administrator decides. With a reason of 10 to
/// 1,000 characters, and perhaps with how it should be divided.
#[utoipa::path(post, path = "/api/payments/{id}/dispute", tag = "disputes", params(("id" = i64, Path)), request_body = DisputeCommand,
    responses((status = 201, body = Data<Dispute>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn open(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<i64>,
    command: Command<DisputeCommand>,
) -> Result<Response, ApiError> {
    let body = command.body;
    let (shared, user, socket) = (app.clone(), caller.user, caller.socket.clone());
    let asked = (id, body.version, StatusCode::CREATED);
    on_escrow(&app, &caller, command.once, asked, move |c, taken, arrived| {
        Box::pin(async move {
            let Taken { kept, job, role } = taken;
            guildhall_market::money::escrow_steps::step(Act::Dispute, role, kept.escrow.stage)
                .map_err(guildhall_market::money::escrows::Refusal::from)?;
            let (words, wish) = (reason(body.reason.as_deref())?, split(&body)?);
            let (terms, terms_version) = (kept.escrow.terms.clone(), job.terms_version);
            let done = till::act(c, terms.id, &Step::Dispute, (By::Person(user, false), None), arrived).await?;
            let now = done.after.last_at;
            let messages_up_to = messages::last_between(c, terms.payer, terms.payee).await?;
            let new = stored::New { escrow: terms.id, opener: user, reason: &words, messages_up_to, terms_version };
            let dispute = stored::open(c, &new, now).await?;
            says(c, dispute, (user, &words), &body.attachments, now).await?;
            if let Some(wish) = wish {
                let mut begun = stored::get(c, dispute).await?.ok_or_else(ApiError::broken)?;
                proposes(&mut begun, role, wish, kept.escrow.held)?;
                stored::save(c, &begun, now).await?;
            }
            deadlines::set(c, SILENCE.kind, dispute, now.plus_ms(ANSWER_WITHIN_MS)).await?;
            let begun = stored::get(c, dispute).await?.ok_or_else(ApiError::broken)?;
            let said = Said { words, socket, ..Said::default() };
            let mut events = follow(c, job, (Act::Dispute, &done), Some(user), said, arrived).await?;
            events.extend(told(c, &begun, now).await?);
            Ok((whole(c, &shared, (user, false), dispute, arrived).await?, events))
        })
    })
    .await
}

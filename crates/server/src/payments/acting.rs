//! What the two of a payment do with it, and an administrator in their place.

use axum::{extract::State, http::StatusCode, response::Response};
use futures_util::future::BoxFuture;
use guildhall_contract::{
    payments::{Payment, PaymentCommand},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Committed, Connection, Outgoing,
    escrows::{self, Kept},
    jobs::Job,
};
use guildhall_market::{
    attachments::PER_MESSAGE_MAX,
    ids::EscrowId,
    jobs::posts::{clean_reason, clean_submission},
    money::escrow_steps::{Act, Role},
    time::Timestamp,
};
use serde::Serialize;

use super::{
    seen::found,
    shown::payment,
    words::{WORDS, command_of},
};
use crate::{
    app::App,
    error::ApiError,
    jobs::{
        bodies::{Exact, amount, refused},
        both,
        held::Said,
        paid::{follow, hold_job_of},
    },
    money::till::{self, By},
    once::Once,
    request::Caller,
    session::Session,
};

/// Which payment, and what with it.
pub struct Named(i64, String);

impl axum::extract::FromRequestParts<App> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, app: &App) -> Result<Self, ApiError> {
        type Texts = axum::extract::Path<(String, String)>;
        let texts = <Texts as axum::extract::FromRequestParts<App>>::from_request_parts(parts, app).await;
        let axum::extract::Path((id, word)) = texts.map_err(|_| ApiError::not_found())?;
        let id = guildhall_market::ids::parse_plain_decimal(&id).ok_or_else(ApiError::not_found)?;
        if WORDS.iter().all(|(known, _)| *known != word) {
            return Err(ApiError::not_found());
        }
        Ok(Self(id, word))
    }
}

/// 409: it changed since it was seen.
fn unchanged(seen: Option<i64>, kept: &Kept) -> Result<(), ApiError> {
    if seen.is_none_or(|seen| seen == kept.version) {
        return Ok(());
    }
    let words = "It changed since you looked at it. Look at it as it is now, and decide then.";
    let mut refusal = ApiError::new(StatusCode::CONFLICT, "changed", words);
    refusal.stands(kept.escrow.stage.state());
    refusal.stands_at(kept.version);
    Err(refusal)
}

/// A payment that a command is about, and its job: both are held.
pub struct Taken {
    /// The payment.
    pub kept: Kept,
    /// The job.
    pub job: Job,
    /// Who whoever asks is to it.
    pub role: Role,
}

/// Carries a command on a payment out: what is due is done first, the job and the payment are held, and `work` says what it is
/// answered with.
///
/// # Errors
/// 404, `changed`, what `work` refuses with; the database's.
pub async fn on_escrow<T, F>(
    app: &App,
    caller: &Caller,
    once: Once,
    (id, version, status): (i64, Option<i64>, StatusCode),
    work: F,
) -> Result<Response, ApiError>
where
    T: Serialize + Send + 'static,
    F: for<'c> FnOnce(&'c mut Connection, Taken, Timestamp) -> BoxFuture<'c, Result<(T, Vec<Outgoing>), ApiError>>
        + Clone
        + Send
        + 'static,
{
    // Whoever may not know of it sets nothing going.
    let (seen, _) = found(&mut app.db.read().await?, caller, id).await?;
    both::carry_out_of(app, (id, seen.subject.id), once.arrived()).await?;
    let caller = caller.clone();
    app.command(caller.session(), once.for_ever(), status, move |c, arrived| {
        Box::pin(async move {
            let (seen, _) = found(c, &caller, id).await?;
            let job = hold_job_of(c, seen.subject.id).await?;
            let kept = escrows::hold(c, EscrowId(id)).await?.ok_or_else(ApiError::not_found)?;
            let role = kept.escrow.role_of(caller.user, caller.admin);
            // A role that was taken while this waited for its turn is none.
            if role == Role::Admin {
                Session { as_admin: true, ..caller.session() }.still(c).await?;
            }
            unchanged(version, &kept)?;
            let (data, events) = work(c, Taken { kept, job, role }, arrived).await?;
            Ok(Committed { value: Data { data }, events })
        })
    })
    .await
}

/// The same for what is answered with the payment as it is then.
///
/// # Errors
/// As [`on_escrow`].
pub async fn on_payment<F>(
    app: &App,
    caller: &Caller,
    once: Once,
    asked: (i64, Option<i64>, StatusCode),
    work: F,
) -> Result<Response, ApiError>
where
    F: for<'c> FnOnce(&'c mut Connection, Taken, Timestamp) -> BoxFuture<'c, Result<Vec<Outgoing>, ApiError>>
        + Clone
        + Send
        + 'static,
{
    let (shared, who) = (app.clone(), (caller.user, caller.admin));
    on_escrow(app, caller, once, asked, move |c, taken, arrived| {
        Box::pin(async move {
            let events = work(c, taken, arrived).await?;
            let kept = escrows::get(c, EscrowId(asked.0)).await?.ok_or_else(ApiError::broken)?;
            Ok((payment(c, &shared, who, &kept, arrived).await?, events))
        })
    })
    .await
}

/// What has to be said with a step, cleaned.
fn said(act: Act, body: &PaymentCommand) -> Result<String, ApiError> {
    let reason = || {
        let reason = body.reason.as_deref().unwrap_or_default();
        clean_reason(reason).map_err(|wrong| refused("reason", &wrong))
    };
    if act != Act::Submit && !body.attachments.is_empty() {
        return Err(ApiError::invalid("attachments", "Files are handed in with `submit`, and with nothing else."));
    }
    match act {
        Act::Submit => {
            if body.attachments.len() > PER_MESSAGE_MAX {
                let words = format!("At most {PER_MESSAGE_MAX} files are handed in at once.");
                return Err(ApiError::field("too_many", "attachments", words));
            }
            let note = body.note.as_deref().unwrap_or_default();
            clean_submission(note, body.attachments.len()).map_err(|wrong| refused("note", &wrong))
        }
        Act::RequestChanges | Act::RequestRefund => reason(),
        _ if body.reason.is_some() => reason(),
        _ => Ok(String::new()),
    }
}

/// Does something with a payment: `submit` (a note of 20 characters or a file), `request-changes` and `request-refund` (with a
/// reason), `withdraw-refund-request`, `release` and `refund` (all that is held, or an amount), `cancel` (before it is paid). An
/// administrator says why.
#[utoipa::path(post, path = "/api/payments/{id}/{act}", tag = "payments", params(("id" = i64, Path), ("act" = String, Path)),
    request_body = PaymentCommand,
    responses((status = 200, body = Data<Payment>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn act(
    State(app): State<App>,
    caller: Caller,
    Named(id, word): Named,
    Exact(command): Exact<PaymentCommand>,
) -> Result<Response, ApiError> {
    let body = command.body;
    let (user, admin, socket) = (caller.user, caller.admin, caller.socket.clone());
    on_payment(&app, &caller, command.once, (id, body.version, StatusCode::OK), move |c, taken, arrived| {
        Box::pin(async move {
            let Taken { kept, job, role } = taken;
            let currency = kept.escrow.terms.currency;
            // Rights and the state come before what was typed.
            let plain = command_of(&word, None)?;
            guildhall_market::money::escrow_steps::step(plain.act(), role, kept.escrow.stage)
                .map_err(guildhall_market::money::escrows::Refusal::from)?;
            let amount = amount("amount", body.amount.as_ref(), body.amount_minor.as_ref(), currency)?;
            let step = command_of(&word, amount)?;
            let words = said(step.act(), &body)?;
            if role == Role::Admin && words.is_empty() {
                return Err(ApiError::invalid("reason", "Say why, in words that the two of the payment can read."));
            }
            let by = By::Person(user, admin);
            let done = till::act(c, kept.escrow.terms.id, &step, (by, None), arrived).await?;
            let said = Said { words, files: body.attachments, socket, admin: role == Role::Admin };
            follow(c, job, (step.act(), &done), Some(user), said, arrived).await
        })
    })
    .await
}

//! Looking at payments, and at what a step would do.

use axum::{Json, extract::State};
use guildhall_contract::{
    payments::{Payment, PaymentPreview},
    rest::{Data, Page, PageMeta, Refusal},
};
use guildhall_db::{
    Connection,
    escrows::{self, Kept},
};
use guildhall_market::{
    ids::EscrowId,
    money::{book::Account, escrow_steps::Role, escrows::decide},
};
use serde::Deserialize;

use super::{
    shown::{many, payment, posting},
    words::command_of,
};
use crate::{
    app::App,
    audit,
    error::ApiError,
    jobs::{bodies::amount, both, held::MILESTONE},
    request::{Caller, PathId, Query},
};

/// Payments of one answer, where nothing is said.
const PER_PAGE: i64 = 20;

/// A payment of which somebody may know, and who they are to it.
///
/// # Errors
/// 404.
pub async fn found(c: &mut Connection, caller: &Caller, id: i64) -> Result<(Kept, Role), ApiError> {
    let kept = escrows::get(c, EscrowId(id)).await?.filter(|kept| kept.subject.kind == MILESTONE);
    let kept = kept.ok_or_else(ApiError::not_found)?;
    let role = kept.escrow.role_of(caller.user, caller.admin);
    if role == Role::Stranger { Err(ApiError::not_found()) } else { Ok((kept, role)) }
}

/// What an administrator looks at is written down, where the two of the payment can read it.
async fn note_look(app: &App, caller: &Caller, kept: &Kept) -> Result<(), ApiError> {
    let terms = &kept.escrow.terms;
    let look = ("payment.look", ("payment", terms.id.0), "To keep order in what is paid");
    audit::note_look(app, caller.user, [terms.payer, terms.payee], look).await
}

#[derive(Deserialize)]
pub struct Listed {
    before: Option<i64>,
    per_page: Option<i64>,
}

/// One's payments, as payer and as payee, newest first, without their histories.
#[utoipa::path(get, path = "/api/payments", tag = "payments", params(("before" = Option<i64>, Query), ("per_page" = Option<i64>, Query)),
    responses((status = 200, body = Page<Payment>)))]
pub async fn list_payments(
    State(app): State<App>,
    caller: Caller,
    Query(listed): Query<Listed>,
) -> Result<Json<Page<Payment>>, ApiError> {
    let per_page = listed.per_page.unwrap_or(PER_PAGE).clamp(1, 100);
    let mut c = app.db.read().await?;
    let mut all = escrows::of_party(&mut c, caller.user, listed.before.unwrap_or(i64::MAX), per_page + 1).await?;
    let more = i64::try_from(all.len()).is_ok_and(|found| found > per_page);
    all.truncate(usize::try_from(per_page).unwrap_or(usize::MAX));
    let next = all.last().map(|kept| kept.escrow.terms.id.0).filter(|_| more);
    all.retain(|kept| kept.subject.kind == MILESTONE);
    let data = many(&mut c, (caller.user, false), &all).await?;
    Ok(Json(Page { data, meta: PageMeta { per_page, next, ..PageMeta::default() } }))
}

/// One payment: how it stands, its clock, its history and every movement of its money. For its two people; an administrator's look is
/// written down.
#[utoipa::path(get, path = "/api/payments/{id}", tag = "payments", params(("id" = i64, Path)),
    responses((status = 200, body = Data<Payment>), (status = 404, body = Refusal)))]
pub async fn get_payment(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<i64>,
) -> Result<Json<Data<Payment>>, ApiError> {
    let (kept, role) = found(&mut app.db.read().await?, &caller, id).await?;
    if role == Role::Admin {
        note_look(&app, &caller, &kept).await?;
    }
    let data = payment(&mut app.db.read().await?, &app, (caller.user, caller.admin), &kept, app.now()).await?;
    Ok(Json(Data { data }))
}

#[derive(Deserialize)]
pub struct Previewed {
    action: String,
    amount: Option<String>,
    amount_minor: Option<String>,
}

/// Exactly what a step would do now: what would move, the fee of it, and what would be left. Refused as the step would be.
#[utoipa::path(get, path = "/api/payments/{id}/preview", tag = "payments",
    params(("id" = i64, Path), ("action" = String, Query), ("amount" = Option<f64>, Query), ("amount_minor" = Option<i64>, Query)),
    responses((status = 200, body = Data<PaymentPreview>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn preview_payment(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<i64>,
    Query(asked): Query<Previewed>,
) -> Result<Json<Data<PaymentPreview>>, ApiError> {
    let (seen, role) = found(&mut app.db.read().await?, &caller, id).await?;
    both::carry_out_of(&app, (id, seen.subject.id), app.now()).await?;
    let (kept, _) = found(&mut app.db.read().await?, &caller, id).await?;
    if role == Role::Admin {
        note_look(&app, &caller, &kept).await?;
    }
    let (escrow, terms) = (&kept.escrow, &kept.escrow.terms);
    let digits = |text: Option<String>| text.filter(|text| !text.is_empty()).map(guildhall_contract::amounts::Digits);
    let (major, minor) = (digits(asked.amount), digits(asked.amount_minor));
    let amount = amount("amount", major.as_ref(), minor.as_ref(), terms.currency)?;
    let command = command_of(&asked.action, amount)?;
    let decided = decide(escrow, &command, (role, Some(caller.user)), app.now())?;
    let entries = decided.posting.entries();
    let to = |account: &Account| entries.iter().map(|entry| entry.on(account)).sum();
    let data = PaymentPreview {
        action: asked.action,
        postings: entries.iter().map(|entry| posting(entry, escrow)).collect(),
        to_payee_minor: to(&Account::User(terms.payee)),
        to_payer_minor: to(&Account::User(terms.payer)),
        fee_minor: to(&Account::Fees),
        held_minor: decided.escrow.held,
        state: decided.escrow.stage.state().to_owned(),
        currency: terms.currency.code().to_owned(),
        version: kept.version,
    };
    Ok(Json(Data { data }))
}

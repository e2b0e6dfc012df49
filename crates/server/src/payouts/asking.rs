//! What somebody asks for: a payout, to take one back that was not sent, or another one in the place of one that failed.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    amounts::Digits,
    payouts::{Payout, PayoutBody, PayoutPreview},
    rest::{Data, Page, PageMeta, Refusal},
};
use guildhall_db::{
    Committed, Connection, Outgoing,
    audit::{self, Actor},
    feed, ledger, payout_accounts,
    payouts::{self, Kept, New},
    people,
};
use guildhall_market::{
    ids::{PayoutId, UserId},
    money::{
        amounts::Currency,
        book::Account,
        payouts::{Act, Role, State as Stands},
    },
    time::Timestamp,
};
use serde::Deserialize;

use super::shown::{payout, told};
use crate::{
    app::App,
    error::ApiError,
    jobs::bodies::{Exact, amount, currency},
    money::till,
    payout_accounts::destination,
    request::{Caller, Command, Nothing, PathId, Query},
};

/// Payouts of one answer, where nothing is said.
const PER_PAGE: i64 = 20;

/// What is asked for: so much, or all there is.
async fn asked(
    c: &mut Connection,
    user: UserId,
    body: (&str, Option<&Digits>, Option<&Digits>),
) -> Result<(i64, Currency), ApiError> {
    let currency = currency(body.0)?;
    match amount("amount", body.1, body.2, currency)? {
        Some(minor) => Ok((minor, currency)),
        None => match ledger::balance(c, currency, &Account::User(user)).await? {
            0 => Err(ApiError::field("insufficient_funds", "amount", "There is nothing on this balance.")),
            all => Ok((all, currency)),
        },
    }
}

/// Where a sum of somebody's would go now.
async fn account_for(
    app: &App,
    c: &mut Connection,
    user: UserId,
    (minor, currency): (i64, Currency),
    now: Timestamp,
) -> Result<payout_accounts::PayoutAccount, ApiError> {
    let id = destination(app, c, user, (currency.code(), minor), now).await?;
    payout_accounts::get(c, id).await?.ok_or_else(ApiError::broken)
}

/// Under what a provider will know it. With the mark that charges have: the account at the provider may be others' as well.
fn reference(app: &App) -> String {
    let mut bytes = [0; 16];
    app.config.chance.fill(&mut bytes);
    format!("{}{}", crate::payments::mark(app), hex::encode(bytes))
}

/// Takes a sum from somebody's balance, and has it sent.
async fn take(
    c: &mut Connection,
    app: &App,
    (user, minor, currency): (UserId, i64, Currency),
    now: Timestamp,
) -> Result<(Kept, Vec<Outgoing>), ApiError> {
    people::hold(c, user).await?;
    let account = account_for(app, c, user, (minor, currency), now).await?;
    let reference = reference(app);
    let new = New {
        user,
        amount: minor,
        currency,
        provider: &account.provider,
        account: Some(account.id),
        reference: &reference,
    };
    let id = till::ask_payout(c, &new, now).await?;
    let kept = payouts::get(c, id).await?.ok_or_else(ApiError::broken)?;
    note(c, user, &kept, "payout.ask", now).await?;
    let told = told(c, &kept, now).await?;
    Ok((kept, feed::append(c, told, now).await?))
}

/// Writes down what was done to a payout.
async fn note(
    c: &mut Connection,
    by: UserId,
    kept: &Kept,
    action: &'static str,
    now: Timestamp,
) -> Result<(), ApiError> {
    let detail = crate::error::written(&serde_json::json!({
        "amount_minor": kept.payout.amount, "currency": kept.payout.currency.code(), "state": kept.payout.state.code(),
    }))?;
    let act = audit::Act {
        action,
        subject: ("payout", kept.payout.id.0),
        about: &[kept.payout.user],
        look: false,
        reason: "",
        detail: &detail,
    };
    Ok(audit::add(c, &Actor { user: Some(by), token: None, address: None }, &act, now).await?)
}

/// Takes money from one's balance to one's bank account of that currency. It leaves the balance at once, and comes back only where the
/// provider says for certain that it did not arrive.
#[utoipa::path(post, path = "/api/payouts", tag = "payouts", request_body = PayoutBody,
    responses((status = 201, body = Data<Payout>), (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn ask_payout(
    State(app): State<App>,
    caller: Caller,
    Exact(command): Exact<PayoutBody>,
) -> Result<Response, ApiError> {
    let (body, user, shared) = (command.body, caller.user, app.clone());
    app.command(caller.session(), command.once.for_ever(), StatusCode::CREATED, move |c, now| {
        Box::pin(async move {
            let said = (body.currency.as_str(), body.amount.as_ref(), body.amount_minor.as_ref());
            let (minor, currency) = asked(c, user, said).await?;
            let (kept, events) = take(c, &shared, (user, minor, currency), now).await?;
            Ok(Committed { value: Data { data: payout(c, &kept).await? }, events })
        })
    })
    .await
}

#[derive(Deserialize)]
pub struct Listed {
    before: Option<i64>,
    per_page: Option<i64>,
}

/// One's payouts, newest first.
#[utoipa::path(get, path = "/api/payouts", tag = "payouts", params(("before" = Option<i64>, Query), ("per_page" = Option<i64>, Query)),
    responses((status = 200, body = Page<Payout>)))]
pub async fn list_payouts(
    State(app): State<App>,
    caller: Caller,
    Query(listed): Query<Listed>,
) -> Result<Json<Page<Payout>>, ApiError> {
    let per_page = listed.per_page.unwrap_or(PER_PAGE).clamp(1, 100);
    let mut c = app.db.read().await?;
    let mut all = payouts::of_user(&mut c, caller.user, listed.before.unwrap_or(i64::MAX), per_page + 1).await?;
    let more = i64::try_from(all.len()).is_ok_and(|found| found > per_page);
    all.truncate(usize::try_from(per_page).unwrap_or(usize::MAX));
    let next = all.last().map(|kept| kept.payout.id.0).filter(|_| more);
    let mut data = Vec::new();
    for kept in &all {
        data.push(payout(&mut c, kept).await?);
    }
    Ok(Json(Page { data, meta: PageMeta { per_page, next, ..PageMeta::default() } }))
}

#[derive(Deserialize)]
pub struct Previewed {
    currency: String,
    amount: Option<String>,
    amount_minor: Option<String>,
}

/// What a payout would do now. Refused as the payout would be.
#[utoipa::path(get, path = "/api/payouts/preview", tag = "payouts",
    params(("currency" = String, Query), ("amount" = Option<f64>, Query), ("amount_minor" = Option<i64>, Query)),
    responses((status = 200, body = Data<PayoutPreview>), (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn preview_payout(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<Previewed>,
) -> Result<Json<Data<PayoutPreview>>, ApiError> {
    let mut c = app.db.read().await?;
    let digits = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Digits);
    let (major, minor) = (digits(query.amount), digits(query.amount_minor));
    let (minor, currency) = asked(&mut c, caller.user, (&query.currency, major.as_ref(), minor.as_ref())).await?;
    let account = account_for(&app, &mut c, caller.user, (minor, currency), app.now()).await?;
    let there = till::there(&mut c, caller.user, (&account.provider, currency)).await?;
    guildhall_market::money::payouts::request(
        guildhall_market::money::payouts::Asked {
            id: PayoutId(1),
            user: caller.user,
            amount: minor,
            currency,
            provider: account.provider,
        },
        there,
        app.now(),
    )?;
    let data = PayoutPreview {
        amount_minor: minor,
        left_minor: there.balance - minor,
        currency: currency.code().to_owned(),
        bank: account.bank_name,
        number: account.tail,
    };
    Ok(Json(Data { data }))
}

/// Takes one back that was not sent.
async fn back(
    c: &mut Connection,
    id: PayoutId,
    (user, why): (UserId, &str),
    now: Timestamp,
) -> Result<(Kept, Vec<Outgoing>), ApiError> {
    let owner = payouts::get(c, id).await?.filter(|kept| kept.payout.user == user);
    owner.ok_or_else(ApiError::not_found)?;
    till::payout_act(c, id, (Act::Cancel, Role::Owner, Some(user)), (0, Some(why)), now).await?;
    let kept = payouts::get(c, id).await?.ok_or_else(ApiError::broken)?;
    note(c, user, &kept, "payout.cancel", now).await?;
    let told = told(c, &kept, now).await?;
    Ok((kept, feed::append(c, told, now).await?))
}

/// Takes a payout back that was not sent yet: the money is on the balance again.
#[utoipa::path(post, path = "/api/payouts/{id}/cancel", tag = "payouts", params(("id" = i64, Path)),
    responses((status = 200, body = Data<Payout>), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn cancel_payout(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<i64>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let user = caller.user;
    app.command(caller.session(), command.once.for_ever(), StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let (kept, events) = back(c, PayoutId(id), (user, "You took it back."), now).await?;
            Ok(Committed { value: Data { data: payout(c, &kept).await? }, events })
        })
    })
    .await
}

/// Asks for another payout in the place of one that failed: with a debit and a reference of its own.
#[utoipa::path(post, path = "/api/payouts/{id}/retry", tag = "payouts", params(("id" = i64, Path)),
    responses((status = 201, body = Data<Payout>), (status = 404, body = Refusal), (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn retry_payout(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<i64>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let (user, shared) = (caller.user, app.clone());
    app.command(caller.session(), command.once.for_ever(), StatusCode::CREATED, move |c, now| {
        Box::pin(async move {
            let of = payouts::get(c, PayoutId(id)).await?.filter(|kept| kept.payout.user == user);
            let of = of.ok_or_else(ApiError::not_found)?.payout;
            if of.state != Stands::Failed {
                let mut refusal = ApiError::new(StatusCode::CONFLICT, "wrong_state", "This payout did not fail.");
                refusal.stands(of.state.code());
                return Err(refusal);
            }
            let (kept, events) = take(c, &shared, (user, of.amount, of.currency), now).await?;
            Ok(Committed { value: Data { data: payout(c, &kept).await? }, events })
        })
    })
    .await
}

/// What was asked for since a moment and not sent is taken back: its owner took the account back from a thief.
///
/// # Errors
/// The database's.
pub async fn take_back(
    c: &mut Connection,
    user: UserId,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<Outgoing>, ApiError> {
    let mut events = Vec::new();
    for kept in payouts::of_user(c, user, i64::MAX, payouts::PAGE_MAX).await? {
        if kept.asked_at >= since && kept.payout.state == Stands::Queued {
            let why = "It was asked for shortly before you took your account back.";
            events.extend(back(c, kept.payout.id, (user, why), now).await?.1);
        }
    }
    Ok(events)
}

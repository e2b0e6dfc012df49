//! The stop: in the app, and from a letter by a signed address. To open that address does nothing; programs that look at letters
//! before people do would pull it. Only a `POST` does, which the page it shows sends by a button.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use guildhall_contract::{
    payout_accounts::PayoutAccount,
    rest::{Data, Refusal},
};
use guildhall_db::{
    Committed, Connection, Outgoing, feed, notifications, payout_accounts as stored_accounts, people, verifications,
};
use guildhall_market::{
    ids::{UserId, parse_plain_decimal},
    notifications::kinds::PAYOUT_ACCOUNT_STOPPED,
    time::Timestamp,
    verification::{Action, Kind, Role, step},
};
use guildhall_words::Words;
use serde::Deserialize;
use serde_json::json;

use super::shown::shown;
use crate::{
    app::App,
    error::{ApiError, written},
    mail::letters::moment,
    notifications::notify,
    plain_page::{self, Button},
    request::{Caller, Command, Nothing, PathId, Query},
    stop_links,
    verifications::becomes,
};

/// Stops an account in the transaction of a command. Answers with it, and with what leaves; nothing where it was stopped before.
async fn stopped(
    c: &mut Connection,
    id: i64,
    user: UserId,
    reason: &str,
    now: Timestamp,
) -> Result<(PayoutAccount, Vec<Outgoing>), ApiError> {
    people::hold(c, user).await?;
    let account = stored_accounts::get(c, id).await?.filter(|account| account.user_id == user);
    let account = account.ok_or_else(ApiError::not_found)?;
    let slot = account.currency.as_str();
    let stands = verifications::get(c, user, Kind::PayoutAccount, slot).await?.ok_or_else(ApiError::not_found)?;
    // One that was replaced meanwhile, stopped or refused is paid to no more already: whoever says it again is told the same.
    let Ok(state) = step(Kind::PayoutAccount, stands.state, Action::Revoke, Role::Owner) else {
        return Ok((shown(&account, &stands), Vec::new()));
    };
    if account.gone_at_ms.is_some() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "wrong_state",
            "Another account stands in its place. Stop that one in the settings.",
        ));
    }
    let put =
        verifications::Put { user, kind: Kind::PayoutAccount, slot, value: &stands.value, state, reason: Some(reason) };
    let (stands, entry) = becomes(c, &put, now).await?;
    let data = written(&json!({ "payout_account_id": id, "currency": slot }))?;
    let subject = format!("payout_account:{id}");
    let notice = notifications::NewNotification {
        user,
        kind: PAYOUT_ACCOUNT_STOPPED,
        subject: &subject,
        version: 1,
        title: "A bank account was stopped",
        body: &format!("{} {}, {}. Nothing is paid to it.", account.bank_name, account.tail, account.currency),
        data: &data,
    };
    let told = std::iter::once(entry).chain(notify(c, &notice, now).await?).collect();
    let events = feed::append(c, told, now).await?;
    Ok((shown(&account, &stands), events))
}

/// Stops those that were named since a moment: their owner took the account back.
///
/// # Errors
/// The database's.
pub async fn stop_since(
    c: &mut Connection,
    user: UserId,
    since: Timestamp,
    now: Timestamp,
) -> Result<Vec<Outgoing>, ApiError> {
    let mut told = Vec::new();
    for account in stored_accounts::current(c, user).await?.into_iter().filter(|one| one.made_at_ms >= since.0) {
        let reason = "It was named shortly before you took your account back.";
        told.extend(stopped(c, account.id, user, reason, now).await?.1);
    }
    Ok(told)
}

/// Stops a bank account: nothing is paid to it. Any of one's devices can; said again it is the same.
#[utoipa::path(post, path = "/api/payout-accounts/{id}/stop", tag = "payouts", params(("id" = i64, Path)),
    responses((status = 200, body = Data<PayoutAccount>), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn stop(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<i64>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let user = caller.user;
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let (data, events) = stopped(c, id, user, "You stopped it.", now).await?;
            Ok(Committed { value: Data { data }, events })
        })
    })
    .await
}

/// Takes a bank account away, as a stop does.
#[utoipa::path(delete, path = "/api/payout-accounts/{id}", tag = "payouts", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<i64>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let user = caller.user;
    app.command(caller.session(), command.once, StatusCode::NO_CONTENT, move |c, now| {
        Box::pin(async move {
            let (_, events) = stopped(c, id, user, "You took it away.", now).await?;
            stored_accounts::end(c, id, now).await?;
            Ok(Committed { value: (), events })
        })
    })
    .await
}

#[derive(Deserialize)]
pub struct Signed {
    #[serde(default)]
    signature: String,
}

/// The account that a signed address is about. 404 for any other, in the same words.
async fn signed(app: &App, id: &str, by: &Signed) -> Result<stored_accounts::PayoutAccount, ApiError> {
    let id = parse_plain_decimal(id).ok_or_else(ApiError::not_found)?;
    let account = stored_accounts::get(&mut app.db.read().await?, id).await?;
    let user = account.as_ref().map_or(UserId(0), |account| account.user_id);
    let genuine = stop_links::is_genuine(app, id, user, &by.signature);
    account.filter(|_| genuine).ok_or_else(ApiError::not_found)
}

fn words() -> &'static Words {
    guildhall_words::written_in(guildhall_words::DEFAULT)
}

/// What a letter about a new bank account leads to: a page that asks whether to stop it. It changes nothing.
#[utoipa::path(get, path = "/payout-accounts/{id}/stop", tag = "payouts", params(("id" = i64, Path), ("signature" = String, Query)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, body = Refusal)))]
pub async fn page(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(by): Query<Signed>,
) -> Result<Response, ApiError> {
    let account = signed(&app, &id, &by).await?;
    let words = words();
    let lead = words.payouts_page_lead(
        &account.bank_name,
        &account.currency,
        &moment(Timestamp(account.made_at_ms)),
        &account.tail,
    );
    let stop = words.payouts_page_button();
    Ok(plain_page::page(&words.payouts_page_title(), &lead, &[Button { label: &stop, choice: "" }]))
}

/// Stops a bank account from a letter. Said again it is the same.
#[utoipa::path(post, path = "/payout-accounts/{id}/stop", tag = "payouts", params(("id" = i64, Path), ("signature" = String, Query)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, body = Refusal)))]
pub async fn stop_by_letter(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(by): Query<Signed>,
) -> Result<Response, ApiError> {
    let account = signed(&app, &id, &by).await?;
    let now = app.now();
    let done = app
        .db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                let (_, events) =
                    stopped(c, account.id, account.user_id, "It was stopped from a letter to you.", now).await?;
                Ok(Committed { value: (), events })
            })
        })
        .await;
    let words = words();
    match done {
        Ok(()) => Ok(plain_page::page(&words.payouts_page_stopped(), &words.payouts_page_stopped_lead(), &[])),
        Err(error) if error.status() == StatusCode::CONFLICT => {
            Ok(plain_page::page(&words.payouts_page_title(), &words.payouts_page_replaced(), &[]))
        }
        Err(error) => Err(error),
    }
}

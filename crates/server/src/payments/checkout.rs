//! Where a provider's page leads back to, and the page of the sandbox, which stands in for one.

use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use guildhall_contract::rest::Refusal;
use guildhall_db::{Committed, sandbox};
use guildhall_market::money::amounts::spoken;
use guildhall_words::{DEFAULT, Words, written_in};
use serde::Deserialize;

use super::settling::{Settled, settle};
use crate::{
    app::App,
    error::ApiError,
    plain_page::{self, Button},
    providers::News,
    request::Query,
};

/// The sandbox's name.
const SANDBOX: &str = "sandbox";

fn words() -> &'static Words {
    written_in(DEFAULT)
}

/// A page that says what became of it.
fn said(settled: Option<Settled>) -> Response {
    let words = words();
    let lead = match settled {
        Some(Settled::Held) => words.payments_page_held(),
        Some(Settled::Pending) => words.payments_page_pending(),
        Some(Settled::Failed) => words.payments_page_failed(),
        Some(Settled::Kept) => words.payments_page_kept(),
        None => words.payments_page_unknown(),
    };
    plain_page::page(&words.payments_page_title(), &lead, &[])
}

/// What is asked about.
fn of(reference: &str) -> News {
    News { reference: reference.to_owned(), transaction: None }
}

/// What providers say when they lead back: each has a word of its own for the reference.
#[derive(Deserialize)]
pub struct CameBack {
    reference: Option<String>,
    trxref: Option<String>,
    tx_ref: Option<String>,
}

/// Where a provider's page leads back to: the provider is asked what became of it, whatever the address says.
#[utoipa::path(get, path = "/api/payments/return/{provider}", tag = "payments",
    params(("provider" = String, Path), ("reference" = Option<String>, Query), ("trxref" = Option<String>, Query), ("tx_ref" = Option<String>, Query)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, body = Refusal)))]
pub async fn came_back(
    State(app): State<App>,
    Path(provider): Path<String>,
    Query(by): Query<CameBack>,
) -> Result<Response, ApiError> {
    let provider = app.providers.charging(&provider).ok_or_else(ApiError::not_found)?;
    let reference = by.reference.or(by.trxref).or(by.tx_ref).unwrap_or_default();
    // What is none of ours is asked of nobody.
    let known = guildhall_db::charges::by_reference(&mut app.db.read().await?, &reference).await?;
    if known.is_none() {
        return Ok(said(None));
    }
    let settled = settle(&app, &provider, &of(&reference), app.now()).await.unwrap_or(Some(Settled::Pending));
    Ok(said(settled))
}

async fn charge(app: &App, reference: &str) -> Result<sandbox::SandboxCharge, ApiError> {
    if app.providers.charging(SANDBOX).is_none() {
        return Err(ApiError::not_found());
    }
    let mut c = app.db.read().await?;
    // What was paid out stands there as well, and is nobody's to pay.
    let known = guildhall_db::charges::by_reference(&mut c, reference).await?;
    known.filter(|charge| charge.provider == SANDBOX).ok_or_else(ApiError::not_found)?;
    sandbox::get(&mut c, reference).await?.ok_or_else(ApiError::not_found)
}

/// The sandbox's page: what a provider's would ask. It moves no money.
#[utoipa::path(get, path = "/checkout/{reference}", tag = "payments", params(("reference" = String, Path)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, body = Refusal)))]
pub async fn sandbox_page(State(app): State<App>, Path(reference): Path<String>) -> Result<Response, ApiError> {
    let charge = charge(&app, &reference).await?;
    if charge.state != "pending" {
        let provider = app.providers.charging(SANDBOX).ok_or_else(ApiError::not_found)?;
        return Ok(said(settle(&app, &provider, &of(&reference), app.now()).await?));
    }
    let words = words();
    let lead = words.payments_sandbox_lead(&spoken(charge.amount, charge.currency), &charge.title);
    let (pay, decline) = (words.payments_sandbox_pay(), words.payments_sandbox_decline());
    let buttons = [Button { label: &pay, choice: "pay" }, Button { label: &decline, choice: "decline" }];
    Ok(plain_page::page(&words.payments_sandbox_title(), &lead, &buttons))
}

/// What whoever looks at the page chose.
#[derive(Deserialize)]
pub struct Choice {
    #[serde(default)]
    choice: String,
}

/// Chooses what the sandbox says of a charge: `pay` or `decline`. Said again it stays as it was.
#[utoipa::path(post, path = "/checkout/{reference}", tag = "payments", params(("reference" = String, Path)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, body = Refusal), (status = 422, body = Refusal)))]
pub async fn sandbox_choice(
    State(app): State<App>,
    Path(reference): Path<String>,
    form: Result<Form<Choice>, axum::extract::rejection::FormRejection>,
) -> Result<Response, ApiError> {
    charge(&app, &reference).await?;
    let state = match form.as_ref().map(|Form(form)| form.choice.as_str()) {
        Ok("pay") => "paid",
        Ok("decline") => "declined",
        _ => return Err(ApiError::invalid("choice", "`choice` must be one of pay, decline.")),
    };
    let chosen = reference.clone();
    app.db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                sandbox::choose(c, &chosen, state).await?;
                Ok(Committed::quiet(()))
            })
        })
        .await?;
    let provider = app.providers.charging(SANDBOX).ok_or_else(ApiError::not_found)?;
    Ok(said(settle(&app, &provider, &of(&reference), app.now()).await?))
}

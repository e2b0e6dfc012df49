//! Bank accounts to which people are paid (C19, C21, C26).
//!
//! A new one needs the password and a code to an address that was proved before; whose it is says the provider, and whether that
//! is the person here `market::names`. It is paid to 72 hours later, and everybody who could be its owner is told at once, with a stop
//! that each of them can pull. What is private lies sealed with the key outside of the database; an account that was replaced stays,
//! for where a payout goes is fixed when it is asked for.

mod adding;
mod renamed;
mod shown;
mod stopping;
#[cfg(test)]
mod tests;

use axum::{Json, extract::State};
use guildhall_contract::{
    payout_accounts::{PayoutAccount, PayoutAccounts, PayoutBank},
    rest::{Data, Refusal},
};
use guildhall_db::{Connection, payout_accounts as stored_accounts, verifications};
use guildhall_market::{
    ids::UserId,
    payout_accounts::{AccountRefusal, DrawRefusal, may_draw},
    time::Timestamp,
    verification::{Kind, State as Stands},
};
use serde::Deserialize;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use self::renamed::renamed;
use self::shown::shown;
use crate::{
    app::App,
    error::ApiError,
    feature::{Exported, Feature, Life},
    providers::ProviderError,
    request::{Caller, Query},
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), life: Some(&LIFE), ..Feature::named("payout accounts") };

const LIFE: Life = Life {
    must_end: None,
    suspended: None,
    taken_back: Some(|c, user, since, now| Box::pin(stopping::stop_since(c, user, since, now))),
    erase: Some(|c, user, _| {
        Box::pin(async move {
            stored_accounts::erase(c, user).await?;
            Ok(Vec::new())
        })
    }),
    export: &[Exported {
        name: "payout-accounts",
        title: "Bank accounts to which you are paid",
        page: |c, user, _| {
            Box::pin(async move {
                let row = |account: PayoutAccount| {
                    json!({
                        "currency": account.currency, "bank": account.bank, "number": account.number, "state": account.state,
                        "reason": account.reason, "since": account.since, "usable_from": account.usable_from,
                    })
                };
                let found = all(c, user).await?;
                Ok((found.into_iter().map(row).collect(), None))
            })
        },
    }],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, adding::add))
        .routes(routes!(banks))
        .routes(routes!(adding::send_code))
        .routes(routes!(stopping::stop))
        .routes(routes!(stopping::remove))
        .routes(routes!(stopping::page, stopping::stop_by_letter))
}

impl From<AccountRefusal> for ApiError {
    fn from(refusal: AccountRefusal) -> Self {
        match refusal {
            AccountRefusal::Number => Self::invalid("number", refusal.to_string()),
            AccountRefusal::TooMany { wait_ms } => Self::too_many("too_many_tries", refusal.to_string(), wait_ms),
        }
    }
}

impl From<ProviderError> for ApiError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Unknown => {
                Self::invalid("number", "The bank knows no such account. Check the bank and the number.")
            }
            error => {
                if error == ProviderError::Key {
                    tracing::error!("a provider does not take our key: nobody can name a bank account");
                } else {
                    tracing::warn!(%error, "a provider says nothing that can be used");
                }
                Self::busy()
            }
        }
    }
}

/// Somebody's accounts, one for each currency.
async fn all(c: &mut Connection, user: UserId) -> Result<Vec<PayoutAccount>, ApiError> {
    let verifications = verifications::list(c, user).await?;
    let accounts = stored_accounts::current(c, user).await?;
    let with = |account: &stored_accounts::PayoutAccount| {
        let of = verifications.iter().find(|one| one.kind == Kind::PayoutAccount && one.slot == account.currency);
        of.map(|verification| shown(account, verification))
    };
    Ok(accounts.iter().filter_map(with).collect())
}

/// Where a sum can be sent to now: the account of its currency, verified 72 hours ago. Asked by whoever lets somebody draw, and by
/// whoever lets them agree to be owed something.
///
/// # Errors
/// 409 `no_route` or `below_minimum`, which name what is missing.
pub async fn destination(
    app: &App,
    c: &mut Connection,
    user: UserId,
    (currency, minor): (&str, i64),
    now: Timestamp,
) -> Result<i64, ApiError> {
    let accounts = stored_accounts::current(c, user).await?;
    let standing = verifications::standing(c, user).await?;
    let verified = verifications::list(c, user).await?;
    let verified_at = |currency: &str| {
        let of = verified.iter().find(|one| one.kind == Kind::PayoutAccount && one.slot == currency);
        of.filter(|one| one.state == Stands::Verified).map(|one| Timestamp(one.since_ms))
    };
    let usable = |account: &&stored_accounts::PayoutAccount| {
        standing.may_be_paid(&account.currency, 0, verified_at(&account.currency), now).is_ok()
    };
    let usable: Vec<&stored_accounts::PayoutAccount> = accounts.iter().filter(usable).collect();
    let currencies: Vec<&str> = usable.iter().map(|account| account.currency.as_str()).collect();
    let minimum = app.providers.of(currency).map_or(0, |provider| provider.minimum_minor(currency));
    may_draw(currency, minor, &currencies, minimum).map_err(|refusal| {
        let words = match &refusal {
            DrawRefusal::NoRoute { currency } => format!(
                "There is no bank account for {currency} that can be paid to. Name one in the settings; it can be used 72 hours later."
            ),
            DrawRefusal::BelowMinimum { minimum_minor } => {
                format!("The smallest sum that can be sent is {minimum_minor} in the smallest unit of {currency}.")
            }
        };
        ApiError::new(axum::http::StatusCode::CONFLICT, refusal.code(), words)
    })?;
    let identity = standing.may_be_paid(currency, minor, verified_at(currency), now);
    identity.map_err(|_| {
        let words =
            "Sums as large as this one wait until your identity papers were looked at. Send them in the settings.";
        ApiError::new(axum::http::StatusCode::CONFLICT, "identity_unverified", words)
    })?;
    usable.iter().find(|account| account.currency == currency).map(|account| account.id).ok_or_else(ApiError::broken)
}

/// One's bank accounts, numbers by their last digits, and the currencies for which there can be one.
#[utoipa::path(get, path = "/api/payout-accounts", tag = "payouts", responses((status = 200, body = Data<PayoutAccounts>)))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Data<PayoutAccounts>>, ApiError> {
    let accounts = all(&mut app.db.read().await?, caller.user).await?;
    let currencies = app.providers.currencies().into_iter().map(str::to_owned).collect();
    Ok(Json(Data { data: PayoutAccounts { accounts, currencies } }))
}

#[derive(Deserialize)]
struct Banks {
    #[serde(default)]
    currency: String,
}

/// Nobody pays in this currency.
fn no_currency(app: &App) -> ApiError {
    let known = app.providers.currencies().join(", ");
    let words = if known.is_empty() {
        "This server pays to no bank account.".to_owned()
    } else {
        format!("The field `currency` must be one of {known}.")
    };
    ApiError::invalid("currency", words)
}

/// The banks for a currency, by name.
#[utoipa::path(get, path = "/api/payout-accounts/banks", tag = "payouts", params(("currency" = String, Query)),
    responses((status = 200, body = Data<Vec<PayoutBank>>), (status = 422, body = Refusal), (status = 503, body = Refusal)))]
async fn banks(
    State(app): State<App>,
    _: Caller,
    Query(asked): Query<Banks>,
) -> Result<Json<Data<Vec<PayoutBank>>>, ApiError> {
    let provider = app.providers.of(&asked.currency).ok_or_else(|| no_currency(&app))?;
    let banks = app.providers.banks(&*provider, &asked.currency, app.now()).await?;
    let data = banks.iter().map(|bank| PayoutBank { code: bank.code.clone(), name: bank.name.clone() });
    Ok(Json(Data { data: data.collect() }))
}

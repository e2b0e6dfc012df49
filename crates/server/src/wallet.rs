//! The wallet: what somebody has in each currency, and statements of it that are signed.

use axum::{Json, extract::State};
use guildhall_contract::{
    rest::{Data, Refusal},
    wallet::{KeyOfServer, SignedStatement, Wallet, WalletBalance},
    wire_time::WireTime,
};
use guildhall_db::{Connection, escrows, ledger, payouts};
use guildhall_market::{
    ids::UserId,
    money::{
        amounts::{Currency, spoken},
        book::Account,
        statements::{Line, Statement},
    },
    time::Timestamp,
};
use guildhall_words::{DEFAULT, written_in};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    feature::{Exported, Feature, Life},
    request::{Caller, Query},
};

/// Entries of one statement, at most: a longer time is asked for in parts.
const LINES_MAX: usize = 100_000;

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), life: Some(&LIFE), ..Feature::named("wallet") };

const LIFE: Life = Life {
    must_end: Some(|c, user, _| Box::pin(must_end(c, user))),
    suspended: None,
    taken_back: None,
    erase: None,
    export: &[Exported {
        name: "wallet",
        title: "What you have",
        page: |c, user, _| {
            Box::pin(async move {
                let rows = balances(c, user).await?.into_iter().map(|balance| serde_json::json!(balance));
                Ok((rows.collect(), None))
            })
        },
    }],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_wallet)).routes(routes!(get_statement)).routes(routes!(list_keys))
}

/// Money that is somebody's keeps their account: nobody else could draw it.
async fn must_end(c: &mut Connection, user: UserId) -> Result<Vec<String>, ApiError> {
    let words = written_in(DEFAULT);
    let mut first = Vec::new();
    for balance in balances(c, user).await? {
        let Ok(currency) = balance.currency.parse::<Currency>() else { continue };
        let said = |minor| spoken(minor, currency);
        if balance.balance_minor > 0 {
            first.push(words.wallet_first_balance(&said(balance.balance_minor)));
        }
        if balance.held_minor > 0 {
            first.push(words.wallet_first_held(&said(balance.held_minor)));
        }
        if balance.to_come_minor > 0 {
            first.push(words.wallet_first_to_come(&said(balance.to_come_minor)));
        }
        if balance.on_its_way_minor > 0 {
            first.push(words.wallet_first_on_its_way(&said(balance.on_its_way_minor)));
        }
    }
    Ok(first)
}

/// What somebody has, by currency.
async fn balances(c: &mut Connection, user: UserId) -> Result<Vec<WalletBalance>, ApiError> {
    // The balance last: what comes back to it meanwhile is seen twice at most, and never not at all.
    let under_way = payouts::under_way(c, user).await?;
    let (held, to_come) = (escrows::held_of(c, user).await?, escrows::held_for(c, user).await?);
    let drawn = ledger::in_all_books(c, &Account::User(user)).await?;
    let lists = [drawn, held, to_come, under_way];
    let mut currencies: Vec<Currency> = lists.iter().flatten().map(|(currency, _)| *currency).collect();
    currencies.sort_unstable();
    currencies.dedup();
    let of = |list: &Vec<(Currency, i64)>, currency| list.iter().find(|row| row.0 == currency).map_or(0, |row| row.1);
    Ok(currencies
        .into_iter()
        .map(|currency| WalletBalance::of(currency, [0, 1, 2, 3].map(|n: usize| of(&lists[n], currency))))
        .collect())
}

/// What one has, by currency.
#[utoipa::path(get, path = "/api/wallet", tag = "wallet", responses((status = 200, body = Data<Wallet>)))]
async fn get_wallet(State(app): State<App>, caller: Caller) -> Result<Json<Data<Wallet>>, ApiError> {
    let balances = balances(&mut app.db.read().await?, caller.user).await?;
    Ok(Json(Data { data: Wallet { balances } }))
}

/// Of what a statement is.
#[derive(Deserialize)]
struct StatementQuery {
    currency: String,
    from: Option<WireTime>,
    to: Option<WireTime>,
    format: Option<String>,
}

/// What happened to one's balance in one currency over a time, signed, so that it can be checked without this server
/// (`guildhall-server verify-statement`).
#[utoipa::path(get, path = "/api/wallet/statement", tag = "wallet",
    params(("currency" = String, Query), ("from" = Option<String>, Query), ("to" = Option<String>, Query),
        ("format" = Option<String>, Query)),
    responses((status = 200, body = Data<SignedStatement>), (status = 422, body = Refusal)))]
async fn get_statement(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<StatementQuery>,
) -> Result<Json<Data<SignedStatement>>, ApiError> {
    let words = "A currency has three capital letters, such as NGN.";
    let currency: Currency = query.currency.parse().map_err(|_| ApiError::invalid("currency", words))?;
    if query.format.is_some_and(|format| format != "json") {
        return Err(ApiError::invalid("format", "A statement is written as json."));
    }
    let now = app.now();
    // Nobody knows what is still to come.
    let until = query.to.map_or(now.plus_ms(1), |to| to.0.min(now.plus_ms(1)));
    let from = query.from.map_or(Timestamp(0), |from| from.0);
    if from >= until {
        return Err(ApiError::invalid("to", "A statement ends after it begins."));
    }
    let statement = make(&app, Account::User(caller.user), currency, (from, until), now).await?;
    let text = statement.canonical();
    let signature = app.signing.sign(&text);
    let said = serde_json::from_str(&text).map_err(|_| ApiError::broken())?;
    let data = SignedStatement { statement: said, key: app.signing.public(), signature };
    Ok(Json(Data { data }))
}

async fn make(
    app: &App,
    account: Account,
    currency: Currency,
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Statement, ApiError> {
    let mut c = app.db.read().await?;
    // What is posted while this is read is behind this number, and not in it.
    let head = ledger::head(&mut c, currency).await?;
    let of = ledger::Of { account: &account, currency, from, until, to_seq: head.seq };
    let opening = ledger::before(&mut c, of).await?;
    let (mut lines, mut balance, mut behind): (Vec<Line>, i64, i64) = (Vec::new(), opening, 0);
    loop {
        let page = ledger::on_account(&mut c, of, behind, ledger::PAGE_MAX).await?;
        let Some(last) = page.last() else { break };
        behind = last.kept.standing.seq;
        for one in page {
            balance += one.kept.standing.entry.on(&account);
            let ledger::OnAccount { kept: ledger::Kept { standing, hash }, before, cause, subject } = one;
            lines.push(Line { standing, before, hash, balance, cause, subject });
        }
        if lines.len() > LINES_MAX {
            let words = format!("There are more than {LINES_MAX} entries in this time. Ask for a shorter one.");
            return Err(ApiError::invalid("from", words));
        }
    }
    Ok(Statement { account, currency, from, until, opening, lines, closing: balance, head, made_at: now })
}

/// The keys with which this server signs.
#[utoipa::path(get, path = "/api/keys", tag = "wallet", responses((status = 200, body = Data<Vec<KeyOfServer>>)))]
async fn list_keys(State(app): State<App>) -> Json<Data<Vec<KeyOfServer>>> {
    let key = KeyOfServer { algorithm: "Ed25519".into(), key: app.signing.public(), since: app.signing.since().into() };
    Json(Data { data: vec![key] })
}

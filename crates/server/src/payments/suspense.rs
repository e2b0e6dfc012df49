//! Money that came and fits nothing: administrators see it, send it back at the provider, and say so here.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    payments::{Suspense, SuspenseReturn},
    rest::{Data, Refusal},
};
use guildhall_db::{Committed, Connection, audit::Act as Written, ledger};
use guildhall_market::money::{
    amounts::Currency,
    book::{Account, Letter},
};

use crate::{
    app::App,
    audit::{Administrator, reason},
    error::{ApiError, written},
    money::till,
    request::{Command, PathId},
};

/// Longest number of a provider's.
const REFERENCE_CHARS_MAX: usize = 100;

/// What a group keeps for nobody. `None` for one that keeps nothing.
async fn kept(c: &mut Connection, id: i64) -> Result<Option<(Suspense, Currency)>, ApiError> {
    let Some((key, entries)) = ledger::group(c, id).await? else { return Ok(None) };
    let entry = entries.iter().find(|kept| kept.standing.entry.letter == Letter::Suspense);
    let Some(standing) = entry.map(|kept| &kept.standing) else { return Ok(None) };
    let Account::Suspense(provider) = &standing.entry.credit else { return Ok(None) };
    let transaction = key.strip_prefix(&format!("charge:{provider}:")).unwrap_or(&key).to_owned();
    let subject = ledger::subject_of(c, id).await?;
    let (currency, amount_minor) = (standing.entry.currency, standing.entry.amount);
    let suspense = Suspense {
        id,
        provider: provider.clone(),
        transaction,
        amount_minor,
        currency: currency.code().to_owned(),
        payment_id: subject.and_then(|subject| subject.strip_prefix("escrow:")?.parse().ok()),
        at: standing.at.into(),
    };
    Ok(Some((suspense, currency)))
}

/// Money that came, fits nothing, and was not sent back.
#[utoipa::path(get, path = "/api/admin/suspense", tag = "admin",
    responses((status = 200, body = Data<Vec<Suspense>>), (status = 403, body = Refusal)))]
pub async fn list_suspense(State(app): State<App>, _: Administrator) -> Result<Json<Data<Vec<Suspense>>>, ApiError> {
    let mut c = app.db.read().await?;
    let mut data = Vec::new();
    for id in ledger::kept_for_nobody(&mut c).await? {
        data.extend(kept(&mut c, id).await?.map(|(suspense, _)| suspense));
    }
    Ok(Json(Data { data }))
}

/// Says that what fits nothing was sent back at the provider, under the provider's own number for that.
#[utoipa::path(post, path = "/api/admin/suspense/{id}/return", tag = "admin", params(("id" = i64, Path)), request_body = SuspenseReturn,
    responses((status = 200, body = Data<Suspense>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn return_suspense(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<i64>,
    command: Command<SuspenseReturn>,
) -> Result<Response, ApiError> {
    let SuspenseReturn { reference, reason: why } = command.body;
    let (reference, why) = (reference.trim().to_owned(), reason(&why)?);
    if !(1..=REFERENCE_CHARS_MAX).contains(&reference.chars().count()) {
        let words = "Say the provider's own number for what was sent back, as its papers show it.";
        return Err(ApiError::invalid("reference", words));
    }
    app.command(administrator.session, command.once.for_ever(), StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let (suspense, currency) = kept(c, id).await?.ok_or_else(ApiError::not_found)?;
            ledger::hold_book(c, currency).await?;
            if !ledger::kept_for_nobody(c).await?.contains(&id) {
                return Err(ApiError::new(StatusCode::CONFLICT, "wrong_state", "This was sent back already."));
            }
            let (of, subject) = ((suspense.provider.as_str(), reference.as_str()), format!("group:{id}"));
            let sum = (suspense.amount_minor, currency);
            let posted = till::return_suspense(c, of, sum, (&subject, Some(administrator.user)), now).await?;
            if matches!(posted, ledger::Posted::Before(_)) {
                let words = "Something else was sent back under this number already.";
                return Err(ApiError::new(StatusCode::CONFLICT, "exists", words));
            }
            let detail =
                written(&serde_json::json!({ "reference": reference, "amount_minor": suspense.amount_minor }))?;
            let act = Written {
                action: "suspense.return",
                subject: ("suspense", id),
                about: &[],
                look: false,
                reason: &why,
                detail: &detail,
            };
            administrator.writes(c, &act, now).await?;
            Ok(Committed::quiet(Data { data: suspense }))
        })
    })
    .await
}

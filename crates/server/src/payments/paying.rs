//! Paying in: from a provider's page, or from what one has here.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    payments::{PayBody, Payment},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Connection, charges,
    escrows::{self, For},
    jobs::milestones,
    people,
};
use guildhall_market::{
    ids::{EscrowId, UserId},
    jobs::{milestones::rest, steps::Act as JobAct},
    money::{
        amounts::Currency,
        escrow_steps::{Act, Role, Stage},
        escrows::{self as rules, Escrow, JOB_FEE_BPS, JOB_REPLY_MS, JOB_REVIEW_MS, Terms},
    },
    time::{DAY_MS, MINUTE_MS, Timestamp},
};

use super::{
    acting::{Taken, on_payment},
    seen::found,
    shown::payment,
};
use crate::{
    app::App,
    error::ApiError,
    jobs::{
        bodies::stored_currency,
        command::{Asked, Reply, on_job},
        held::{MILESTONE, Said, attempt_told, escrow_updated},
        paid::{follow, funded, nothing_left, planned, to_fund},
        parts,
        standing::{found as job_found, stepped, unchanged, viewer},
    },
    money::till::{self, By},
    providers::{Charges, Checkout, ProviderError},
    request::{Caller, Command, PathId},
};

/// What is said in place of a provider by whoever pays from their balance.
const BALANCE: &str = "balance";
/// What is said in place of a milestone for all that none plans.
const REST: &str = "rest";
/// Attempts to pay one payment: each asks a provider for a page.
const ATTEMPTS_MAX: usize = 50;
/// How long a payment is waited for, milliseconds: then the part of the work is planned as before.
const PAY_BY_MS: i64 = 30 * DAY_MS;
/// How long after a charge began its provider is asked first, milliseconds.
const ASKED_AFTER_MS: i64 = MINUTE_MS;

/// Where the money comes from.
#[derive(Clone)]
enum Source {
    /// What the payer has here.
    Balance,
    /// A page of a provider's, on which the charge of this reference waits.
    Page(Began),
}

/// A charge that a provider began.
#[derive(Clone, Debug)]
struct Began {
    provider: &'static str,
    reference: String,
    checkout: String,
    amount: i64,
}

fn provider(app: &App, currency: Currency, name: Option<&str>) -> Result<Arc<dyn Charges>, ApiError> {
    let code = currency.code();
    app.providers.takes(code, name).ok_or_else(|| {
        let mut sources = app.providers.that_take(code);
        if sources.is_empty() {
            let words =
                format!("No payment provider takes {code} here. It can be paid from a balance in {code} alone.");
            return ApiError::field("currency_not_offered", "source", words);
        }
        sources.push(BALANCE);
        ApiError::invalid("source", format!("`source` must be one of {}.", sources.join(", ")))
    })
}

/// What references of this server begin with: one account at a provider may be used by others as well, and what bears no mark of ours
/// is theirs.
pub fn mark(app: &App) -> String {
    let key = app.signing.public();
    format!("gh-{}-", key.get(..8).unwrap_or(&key))
}

/// Whether a reference is one that this server makes: its mark, and 32 digits of chance.
pub fn bears_mark(app: &App, reference: &str) -> bool {
    let digits = reference.strip_prefix(&mark(app));
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A provider that says nothing that can be used now.
fn unreachable(error: ProviderError) -> ApiError {
    match error {
        ProviderError::Key => tracing::error!("a provider does not take our key: nobody can pay"),
        error => tracing::warn!(%error, "a provider begins no charge"),
    }
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "provider_unreachable",
        "The payment provider does not answer now. Nothing was begun or taken. Try again in a minute.",
    )
}

/// Has a provider begin a charge. Nothing of ours says so yet: nobody has the address of its page either.
async fn begin(
    app: &App,
    payer: UserId,
    (amount, currency, title): (i64, Currency, &str),
    name: Option<&str>,
) -> Result<Source, ApiError> {
    if name == Some(BALANCE) {
        return Ok(Source::Balance);
    }
    let provider = provider(app, currency, name)?;
    let person = people::get(&mut app.db.read().await?, payer).await?.ok_or_else(ApiError::unauthenticated)?;
    let mut bytes = [0; 16];
    app.config.chance.fill(&mut bytes);
    let reference = format!("{}{}", mark(app), hex::encode(bytes));
    let host = app.config.public_host.as_ref();
    let back = host.map(|host| format!("https://{host}/api/payments/return/{}", provider.name()));
    let checkout =
        Checkout { reference: &reference, amount, currency, email: &person.email, title, back: back.as_deref() };
    let page = provider.begin(checkout).await.map_err(unreachable)?;
    Ok(Source::Page(Began { provider: provider.name(), reference, checkout: page, amount }))
}

/// Notes the charge of a page.
async fn note(c: &mut Connection, escrow: &Escrow, began: &Began, now: Timestamp) -> Result<(), ApiError> {
    let new = charges::New {
        escrow: escrow.terms.id,
        reference: &began.reference,
        provider: began.provider,
        currency: escrow.terms.currency,
        amount: began.amount,
        checkout: &began.checkout,
        ask_at: now.plus_ms(ASKED_AFTER_MS),
    };
    charges::add(c, &new, now).await?;
    Ok(())
}

/// 409: it costs something else than was seen, or than may be paid.
fn price_moved(now: i64) -> ApiError {
    let words = format!("The price is {now} minor units now. Look at it, and decide then.");
    ApiError::new(StatusCode::CONFLICT, "price_moved", words)
}

/// What a milestone costs, as it is planned: looked at before anybody is asked for money.
async fn looked(
    app: &App,
    caller: &Caller,
    (job, milestone): (i64, i64),
    version: Option<i64>,
) -> Result<(i64, Currency, String), ApiError> {
    let mut c = app.db.read().await?;
    let seen = job_found(&mut c, Some(viewer(caller)), job).await?;
    stepped(&seen.job, seen.role, JobAct::Fund)?;
    unchanged(version, seen.job.version, &seen.job)?;
    let currency = stored_currency(&seen.job.currency)?;
    let all = parts::of_jobs(&mut c, &[job]).await?;
    if milestone == 0 {
        let rest = rest(seen.job.agreed_minor.unwrap_or_default(), &parts::amounts(&all));
        return match rest.map_err(|refusal| parts::refused(&seen.job, refusal))? {
            0 => Err(nothing_left(&seen.job)),
            rest => Ok((rest, currency, seen.job.title)),
        };
    }
    let part = all.into_iter().find(|part| part.planned.id == milestone).ok_or_else(ApiError::not_found)?;
    planned(&seen.job, &part)?;
    is_not_waited_for(&mut c, &part.planned).await?;
    Ok((part.planned.amount_minor, currency, part.planned.title))
}

/// Of which job, and which milestone; 0 for all that none plans.
pub struct Part(i64, i64);

impl axum::extract::FromRequestParts<App> for Part {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, app: &App) -> Result<Self, ApiError> {
        type Texts = axum::extract::Path<(String, String)>;
        let texts = <Texts as axum::extract::FromRequestParts<App>>::from_request_parts(parts, app).await;
        let axum::extract::Path((job, milestone)) = texts.map_err(|_| ApiError::not_found())?;
        let id = |text: &str| guildhall_market::ids::parse_plain_decimal(text).ok_or_else(ApiError::not_found);
        Ok(Self(id(&job)?, if milestone == REST { 0 } else { id(&milestone)? }))
    }
}

/// What a client pays for a part of their job, held until they accept the work. `rest` in place of a milestone is
/// everything that no milestone plans. Answers with the payment, and where it is paid; `source` `balance` pays it at once from what one has here.
#[utoipa::path(post, path = "/api/jobs/{id}/milestones/{mid}/fund", tag = "payments",
    params(("id" = i64, Path), ("mid" = String, Path)), request_body = PayBody,
    responses((status = 201, body = Data<Payment>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal), (status = 503, body = Refusal)))]
pub async fn fund(
    State(app): State<App>,
    caller: Caller,
    Part(id, mid): Part,
    command: Command<PayBody>,
) -> Result<Response, ApiError> {
    let (whole, actor, once) = (app.clone(), caller.user, command.once.clone());
    let work = async move {
        let PayBody { source, version, at_most_minor } = command.body;
        let (price, currency, title) = looked(&app, &caller, (id, mid), version).await?;
        let too_dear = |price: i64| at_most_minor.is_some_and(|most| price > most);
        if too_dear(price) {
            return Err(price_moved(price));
        }
        let from = begin(&app, caller.user, (price, currency, &title), source.as_deref()).await?;
        let shared = app.clone();
        let asked = Asked { status: StatusCode::CREATED, ..Asked::plain(id, JobAct::Fund, version) };
        on_job(&app, &caller, command.once.for_ever(), asked, move |c, taken| {
            Box::pin(async move {
                let (me, change) = (taken.me, &mut taken.change);
                let part = to_fund(c, change, mid).await?;
                if part.amount_minor != price {
                    return Err(price_moved(part.amount_minor));
                }
                let payee = change.job.artisan_id.ok_or_else(ApiError::broken)?;
                let escrow = open(c, (&part, currency), (me, payee), change.now).await?;
                change.detail.insert("payment".into(), escrow.terms.id.0.into());
                change.update = Some("milestone_updated");
                match &from {
                    Source::Page(began) => {
                        note(c, &escrow, began, change.now).await?;
                        let of = (change.job.id, part.id);
                        change.besides.extend(escrow_updated(&escrow, of, 1, change.socket.as_deref())?);
                    }
                    Source::Balance => {
                        let by = By::Person(me, false);
                        let done = till::fund_from_balance(c, escrow.terms.id, by, change.now).await?;
                        funded(c, change, &done, me).await?;
                    }
                }
                let kept = escrows::get(c, escrow.terms.id).await?.ok_or_else(ApiError::broken)?;
                let shown = payment(c, &shared, (me, false), &kept, change.now).await?;
                Ok(Some(Reply::Payment(Box::new(shown))))
            })
        })
        .await
    };
    whole.once(actor, &once, work).await
}

/// Refuses a milestone whose money is waited for already.
async fn is_not_waited_for(c: &mut Connection, part: &milestones::Milestone) -> Result<(), ApiError> {
    let Some(there) = part.escrow_id else { return Ok(()) };
    if escrows::get(c, EscrowId(there)).await?.is_none_or(|kept| kept.escrow.stage != Stage::AwaitingFunds) {
        return Ok(());
    }
    let words = format!("Its money is waited for already: payment {there}. Pay that one.");
    Err(ApiError::new(StatusCode::CONFLICT, "exists", words))
}

/// Opens what is to hold the money of a milestone.
///
/// # Errors
/// `exists` where one lives; what the rules refuse with; the database's.
pub async fn open(
    c: &mut Connection,
    (part, currency): (&milestones::Milestone, Currency),
    (payer, payee): (UserId, UserId),
    now: Timestamp,
) -> Result<Escrow, ApiError> {
    is_not_waited_for(c, part).await?;
    let terms = Terms {
        // It has its number once it is stored.
        id: EscrowId(0),
        payer,
        payee,
        price: part.amount_minor,
        currency,
        fee_bps: JOB_FEE_BPS,
        review_ms: JOB_REVIEW_MS,
        reply_ms: JOB_REPLY_MS,
    };
    let subject = For { kind: MILESTONE.to_owned(), id: part.id };
    let id = till::open(c, terms, &subject, Some(PAY_BY_MS), now).await?;
    milestones::held_by(c, part.id, Some(id.0)).await?;
    Ok(escrows::get(c, id).await?.ok_or_else(ApiError::broken)?.escrow)
}

/// Pays what is waited for: once more on a provider's page, or from what one has here.
#[utoipa::path(post, path = "/api/payments/{id}/pay", tag = "payments", params(("id" = i64, Path)), request_body = PayBody,
    responses((status = 200, body = Data<Payment>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal), (status = 503, body = Refusal)))]
pub async fn pay(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<i64>,
    command: Command<PayBody>,
) -> Result<Response, ApiError> {
    let (whole, actor, once) = (app.clone(), caller.user, command.once.clone());
    let work = async move {
        let PayBody { source, version, at_most_minor } = command.body;
        let mut c = app.db.read().await?;
        let (kept, role) = found(&mut c, &caller, id).await?;
        let title = milestones::get(&mut c, kept.subject.id).await?.ok_or_else(ApiError::not_found)?.title;
        let attempts = charges::of_escrows(&mut c, &[kept.escrow.terms.id]).await?.len();
        drop(c);
        let terms = &kept.escrow.terms;
        may_pay(&kept.escrow, role)?;
        if attempts >= ATTEMPTS_MAX {
            let words =
                format!("There were {ATTEMPTS_MAX} attempts to pay this. Cancel the payment and begin another.");
            return Err(ApiError::new(StatusCode::CONFLICT, "too_many", words));
        }
        if at_most_minor.is_some_and(|most| terms.price > most) {
            return Err(price_moved(terms.price));
        }
        let from = begin(&app, caller.user, (terms.price, terms.currency, &title), source.as_deref()).await?;
        let (me, socket) = (caller.user, caller.socket.clone());
        let asked = (id, version, StatusCode::OK);
        on_payment(&app, &caller, command.once, asked, move |c, taken, arrived| {
            Box::pin(async move {
                let Taken { kept, job, role } = taken;
                may_pay(&kept.escrow, role)?;
                // Many at once were counted before any of them was there.
                bounded(c, kept.escrow.terms.id).await?;
                match &from {
                    Source::Page(began) => {
                        note(c, &kept.escrow, began, arrived).await?;
                        let of = (job.id, kept.subject.id);
                        let told = attempt_told(&kept.escrow, of, kept.version, socket.as_deref())?;
                        Ok(guildhall_db::feed::append(c, vec![told], arrived).await?)
                    }
                    Source::Balance => {
                        let by = By::Person(me, false);
                        let done = till::fund_from_balance(c, kept.escrow.terms.id, by, arrived).await?;
                        let said = Said { socket, ..Said::default() };
                        follow(c, job, (Act::FundFromBalance, &done), Some(me), said, arrived).await
                    }
                }
            })
        })
        .await
    };
    whole.once(actor, &once, work).await
}

/// Whether there may be one more attempt.
async fn bounded(c: &mut Connection, escrow: EscrowId) -> Result<(), ApiError> {
    if charges::of_escrows(c, &[escrow]).await?.len() < ATTEMPTS_MAX {
        return Ok(());
    }
    let words = format!("There were {ATTEMPTS_MAX} attempts to pay this. Cancel the payment and begin another.");
    Err(ApiError::new(StatusCode::CONFLICT, "too_many", words))
}

/// Whether somebody may pay it now.
fn may_pay(escrow: &Escrow, role: Role) -> Result<(), ApiError> {
    let refused = |refusal| ApiError::from(rules::Refusal::from(refusal));
    guildhall_market::money::escrow_steps::step(Act::FundFromBalance, role, escrow.stage).map(drop).map_err(refused)
}

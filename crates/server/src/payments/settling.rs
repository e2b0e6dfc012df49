//! What became of charges: whoever brings the news, the provider itself is asked, and what it says is done, once.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
};
use futures_util::{StreamExt, stream};
use guildhall_contract::rest::Refusal;
use guildhall_db::{
    Committed, Connection, Outgoing,
    charges::{self, Charge},
    deadlines, escrows, feed, ledger, notifications, suspensions,
};
use guildhall_market::{
    money::{
        escrow_steps::{Act, Stage},
        house::Charge as Reported,
    },
    notifications::kinds,
    time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp},
};

use super::paying::bears_mark;
use crate::{
    app::App,
    deadlines::Handler,
    error::ApiError,
    jobs::{
        both,
        held::{MILESTONE, Said, attempt_told},
        paid::{follow, hold_job_of},
        says::Say,
        told::{self, Notice},
    },
    money::till::{self, Charged},
    providers::{Became, Charges, News, Paid, ProviderError},
    request::read_body,
};

/// How often the charges are looked at about which a provider is to be asked.
const BETWEEN_LOOKS: Duration = Duration::from_secs(15);
/// Charges that are asked about at once.
const AT_ONCE: usize = 4;
/// The longest news that are read, bytes.
const NEWS_BYTES_MAX: usize = 256 * 1024;
/// For so long a charge that nobody knows anything of is asked about, milliseconds.
const ASKED_FOR_MS: i64 = 2 * DAY_MS;

/// What became of a charge, for whoever brought the news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Nobody knows yet.
    Pending,
    /// It came to nothing.
    Failed,
    /// The money is held.
    Held,
    /// It fits nothing, and is kept for whoever sent it.
    Kept,
}

/// When a provider is asked next about a charge of that age.
fn ask_next(made_at_ms: i64, now: Timestamp) -> Option<Timestamp> {
    let age = now.0 - made_at_ms;
    let wait = match age {
        _ if age < 10 * MINUTE_MS => MINUTE_MS,
        _ if age < 2 * HOUR_MS => 10 * MINUTE_MS,
        _ if age < ASKED_FOR_MS => HOUR_MS,
        _ => return None,
    };
    Some(now.plus_ms(wait))
}

/// Asks the provider what became of what news are about, and does what it says. `None` for a reference that nobody knows.
///
/// # Errors
/// What the provider failed with as `busy`; the database's.
pub async fn settle(
    app: &App,
    provider: &Arc<dyn Charges>,
    about: &News,
    now: Timestamp,
) -> Result<Option<Settled>, ApiError> {
    let known = charges::by_reference(&mut app.db.read().await?, &about.reference).await?;
    let known = known.filter(|charge| charge.provider == provider.name());
    if let Some(charge) = known.as_ref().filter(|charge| charge.state == "succeeded") {
        let another = about.transaction.is_some() && about.transaction != charge.transaction_id;
        if !another {
            return Ok(Some(if charge.reason.is_some() { Settled::Kept } else { Settled::Held }));
        }
    }
    let said = provider.became_of(about).await;
    if let Ok(Became::Paid(paid)) = said {
        return came(app, provider.name(), known, paid, now).await.map(Some);
    }
    let Some(charge) = known else {
        return match said {
            // Nobody here would ask again.
            Err(error) if error != ProviderError::Unknown => {
                tracing::warn!(%error, provider = provider.name(), "a provider does not say what became of a charge of nobody");
                Err(ApiError::busy())
            }
            _ => Ok(None),
        };
    };
    let next = ask_next(charge.made_at_ms, now);
    let later = next.unwrap_or_else(|| now.plus_ms(HOUR_MS));
    match said {
        // Another card may be tried on the same page: it is asked about as long as one that nobody paid.
        Ok(Became::Nothing(why)) => failed(app, charge, why, next, now).await.map(Some),
        // A page that nobody opened yet may be nothing to the provider.
        Ok(Became::Open) | Err(ProviderError::Unknown) => match next {
            Some(_) => still_open(app, &charge, next).await.map(Some),
            None => failed(app, charge, "Nobody paid within two days.".to_owned(), None, now).await.map(Some),
        },
        // Somebody paid, or may have: as long as nobody says what became of that, it is never given up.
        Ok(_) => still_open(app, &charge, Some(later)).await.map(Some),
        Err(error) => {
            tracing::warn!(%error, provider = provider.name(), "a provider does not say what became of a charge");
            ask_at(app, charge.id, Some(later)).await?;
            Err(ApiError::busy())
        }
    }
}

async fn ask_at(app: &App, id: i64, at: Option<Timestamp>) -> Result<(), ApiError> {
    app.db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                charges::ask_at(c, id, at).await?;
                Ok(Committed::quiet(()))
            })
        })
        .await
}

async fn still_open(app: &App, charge: &Charge, next: Option<Timestamp>) -> Result<Settled, ApiError> {
    ask_at(app, charge.id, next).await?;
    Ok(if charge.state == "failed" { Settled::Failed } else { Settled::Pending })
}

/// A charge came to nothing so far: the payer hears of it while they have to do something, and may try again.
async fn failed(
    app: &App,
    charge: Charge,
    why: String,
    ask_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Settled, ApiError> {
    app.db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let kept = escrows::get(c, charge.escrow_id).await?.ok_or_else(ApiError::broken)?;
                let job = hold_job_of(c, kept.subject.id).await?;
                if !charges::ends(c, charge.id, ("failed", None, Some(&why)), ask_at, now).await? {
                    charges::ask_at(c, charge.id, ask_at).await?;
                    return Ok(Committed::quiet(Settled::Failed));
                }
                let others = charges::of_escrows(c, &[charge.escrow_id]).await?;
                let waits = kept.escrow.stage == Stage::AwaitingFunds
                    && others.iter().all(|other| other.id == charge.id || other.state == "failed");
                let mut told = Vec::new();
                if waits {
                    let about = Some((format!("charge:{}", charge.reference), 1));
                    let (user, kind) = (kept.escrow.terms.payer, kinds::PAYMENT_FAILED);
                    let notice = Notice { about, ..Notice::of(user, kind, Say::PaymentFailed) };
                    told = told::notices(c, &job, None, vec![notice], now).await?;
                }
                told.push(attempt_told(&kept.escrow, (job.id, kept.subject.id), kept.version, None)?);
                Ok(Committed { value: Settled::Failed, events: feed::append(c, told, now).await? })
            })
        })
        .await
}

/// The money is there: it is held, or kept where it fits nothing.
async fn came(
    app: &App,
    provider: &'static str,
    known: Option<Charge>,
    paid: Paid,
    now: Timestamp,
) -> Result<Settled, ApiError> {
    let seen = match &known {
        Some(charge) => escrows::get(&mut app.db.read().await?, charge.escrow_id).await?,
        None => None,
    };
    if let Some(kept) = seen {
        both::carry_out_of(app, (kept.escrow.terms.id.0, kept.subject.id), now).await?;
    }
    app.db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let (value, events) = post(c, provider, known.as_ref(), &paid, now).await?;
                Ok(Committed { value, events })
            })
        })
        .await
}

async fn post(
    c: &mut Connection,
    provider: &'static str,
    known: Option<&Charge>,
    paid: &Paid,
    now: Timestamp,
) -> Result<(Settled, Vec<Outgoing>), ApiError> {
    let reported = Reported {
        escrow: known.map(|charge| charge.escrow_id),
        amount: paid.amount,
        currency: paid.currency,
        provider: provider.to_owned(),
        provider_fee: paid.fee,
    };
    // The job first, then the escrow, then the book.
    let job = match known {
        Some(charge) => {
            let kept = escrows::get(c, charge.escrow_id).await?.filter(|kept| kept.subject.kind == MILESTONE);
            match kept {
                Some(kept) => Some(hold_job_of(c, kept.subject.id).await?),
                None => None,
            }
        }
        None => None,
    };
    let charged = till::charge(c, &reported, &paid.transaction, now).await?;
    let reason = match charged {
        Charged::Kept(why, _) => Some(why.code()),
        Charged::Before { kept: true } => Some("kept"),
        Charged::Before { kept: false } | Charged::Held(_) => None,
    };
    if let Some(charge) = known {
        // Of several transactions of one reference the first is the attempt's.
        charges::ends(c, charge.id, ("succeeded", Some(&paid.transaction), reason), None, now).await?;
    }
    match charged {
        Charged::Held(done) => {
            let job = job.ok_or_else(ApiError::broken)?;
            Ok((Settled::Held, follow(c, job, (Act::Fund, &done), None, Said::default(), now).await?))
        }
        Charged::Before { kept } => Ok((if kept { Settled::Kept } else { Settled::Held }, Vec::new())),
        Charged::Kept(why, group) => {
            tracing::warn!(
                provider,
                why = why.code(),
                "a charge fits nothing: its money is kept until it is sent back"
            );
            // Administrators are held before jobs and books are, so they are told by themselves, and surely.
            deadlines::set(c, KEPT.kind, group, now).await?;
            let mut told = Vec::new();
            if let Some(job) = job {
                let say = Say::PaymentKept(paid.amount, paid.currency);
                let about = Some((format!("charge:{provider}:{}", paid.transaction), 1));
                let notice = Notice { about, ..Notice::of(job.client_id, kinds::PAYMENT_KEPT, say) };
                told = told::notices(c, &job, None, vec![notice], now).await?;
            }
            Ok((Settled::Kept, feed::append(c, told, now).await?))
        }
    }
}

/// Money came that fits nothing, by the number of its group in the book: administrators hear of it.
pub const KEPT: Handler = Handler {
    kind: "charge_kept",
    carry_out: |c, _, due, now| Box::pin(async move { tell_administrators(c, due.subject, now).await }),
};

async fn tell_administrators(c: &mut Connection, group: i64, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    let Some((key, _)) = ledger::group(c, group).await? else { return Ok(Vec::new()) };
    let words = guildhall_words::written_in(guildhall_words::DEFAULT);
    let (title, body) = (words.payments_suspense(), words.payments_suspense_body(&key));
    let mut told = Vec::new();
    for administrator in suspensions::hold_administrators(c).await? {
        let notice = notifications::NewNotification {
            user: administrator,
            kind: kinds::PAYMENT_KEPT,
            subject: &key,
            version: 1,
            title: &title,
            body: &body,
            data: "{}",
        };
        told.extend(crate::notifications::notify(c, &notice, now).await?);
    }
    Ok(feed::append(c, told, now).await?)
}

/// Asks about one charge. Whatever comes of it, it is not asked about again at once.
async fn ask_about(app: &App, charge: Charge) {
    let later = app.now().plus_ms(HOUR_MS);
    let put_off = match app.providers.charging(&charge.provider) {
        // It was turned off: whoever turns it on again asks then.
        None => Some(later),
        Some(provider) => {
            let about = News { reference: charge.reference, transaction: None };
            match settle(app, &provider, &about, app.now()).await {
                Ok(_) => None,
                Err(error) => {
                    tracing::warn!(code = error.code(), charge = charge.id, "a charge is asked about again");
                    Some(ask_next(charge.made_at_ms, app.now()).unwrap_or(later))
                }
            }
        }
    };
    if let Some(at) = put_off
        && let Err(error) = ask_at(app, charge.id, Some(at)).await
    {
        tracing::warn!(code = error.code(), charge = charge.id, "when a charge is asked about next could not be noted");
    }
}

/// Asks about the charges that nobody brought news of, until it is aborted.
pub async fn run(app: App) {
    let clock = Arc::clone(&app.config.clock);
    loop {
        let due = match app.db.read().await {
            Ok(mut c) => charges::to_ask(&mut c, app.now()).await,
            Err(error) => Err(error),
        };
        match due {
            // A few at once: a provider that is slow keeps those of another waiting no longer than that.
            Ok(due) => stream::iter(due).for_each_concurrent(AT_ONCE, |charge| ask_about(&app, charge)).await,
            Err(error) => tracing::warn!(%error, "charges cannot be looked at"),
        }
        clock.sleep(BETWEEN_LOOKS).await;
    }
}

/// News of a provider's, with its signature over the bytes that came. They are believed in so far as the provider is asked then: 200
/// also for what was known before, for what is not understood, and for what bears no mark of this server; 503 where it has to be said
/// again.
#[utoipa::path(post, path = "/api/webhooks/{provider}", tag = "payments", params(("provider" = String, Path)), request_body = String,
    responses((status = 200), (status = 401, body = Refusal), (status = 404, body = Refusal), (status = 413, body = Refusal), (status = 503, body = Refusal)))]
pub async fn news(
    State(app): State<App>,
    Path(provider): Path<String>,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let provider = app.providers.charging(&provider).ok_or_else(ApiError::not_found)?;
    let (parts, body) = request.into_parts();
    let body = read_body(body, NEWS_BYTES_MAX, "256 KiB").await?;
    let about = provider.news(&parts.headers, &body).map_err(|_| {
        tracing::warn!(provider = provider.name(), bytes = body.len(), "news with a wrong signature were refused");
        ApiError::new(StatusCode::UNAUTHORIZED, "bad_signature", "The signature does not fit these bytes.")
    })?;
    let Some(about) = about else { return Ok(StatusCode::OK) };
    let known = charges::by_reference(&mut app.db.read().await?, &about.reference).await?.is_some();
    // Of somebody else who uses the same account at the provider: none of ours, and never booked.
    if !known && !bears_mark(&app, &about.reference) {
        return Ok(StatusCode::OK);
    }
    match settle(&app, &provider, &about, app.now()).await {
        // It is asked about again: the charge stands, and nothing depends on this answer.
        Err(error) if known && about.transaction.is_none() => {
            tracing::debug!(code = error.code(), "what became of a charge is asked for later");
            Ok(StatusCode::OK)
        }
        // Nobody here would ask: the provider says it again.
        Err(error) => Err(error),
        Ok(_) => Ok(StatusCode::OK),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charge_is_asked_about_ever_less_and_not_for_ever() {
        for (age, wait) in [
            (0, Some(MINUTE_MS)),
            (10 * MINUTE_MS, Some(10 * MINUTE_MS)),
            (2 * HOUR_MS, Some(HOUR_MS)),
            (ASKED_FOR_MS - 1, Some(HOUR_MS)),
            (ASKED_FOR_MS, None),
        ] {
            let now = Timestamp(1_000 + age);
            assert_eq!(ask_next(1_000, now), wait.map(|wait| now.plus_ms(wait)), "{age}");
        }
    }
}

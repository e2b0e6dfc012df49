//! What became of charges: whoever brings the news, the provider itself is asked, and what it says is done, once.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Path, Request, State},
    http::StatusCode,
};
use guildhall_contract::rest::Refusal;
use guildhall_db::{
    Committed, Connection, Outgoing,
    charges::{self, Charge},
    escrows, feed, notifications,
};
use guildhall_market::{
    money::{
        escrow_steps::Act,
        house::{Charge as Reported, Misfit},
    },
    notifications::kinds,
    time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp},
};

use super::{clock::CLOCK, paying::mark};
use crate::{
    app::App,
    deadlines::carry_out_due,
    error::ApiError,
    jobs::{
        held::{MILESTONE, Said, escrow_updated},
        paid::{follow, hold_job_of},
        says::Say,
        told::{self, Notice},
    },
    money::till::{self, Charged},
    providers::{Became, Charges, Paid, ProviderError},
    request::read_body,
};

/// How often the charges are looked at about which a provider is to be asked.
const BETWEEN_LOOKS: Duration = Duration::from_secs(15);
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

/// Asks the provider what became of the charge of a reference, and does what it says. `None` for a reference that nobody knows.
///
/// # Errors
/// What the provider failed with as `busy`; the database's.
pub async fn settle(
    app: &App,
    provider: &Arc<dyn Charges>,
    reference: &str,
    now: Timestamp,
) -> Result<Option<Settled>, ApiError> {
    let known = charges::by_reference(&mut app.db.read().await?, reference).await?;
    let known = known.filter(|charge| charge.provider == provider.name());
    if known.as_ref().is_some_and(|charge| charge.state == "succeeded") {
        let kept = known.is_some_and(|charge| charge.reason.is_some());
        return Ok(Some(if kept { Settled::Kept } else { Settled::Held }));
    }
    match provider.became(reference).await {
        Ok(Became::Paid(paid)) => came(app, provider.name(), known, paid, now).await.map(Some),
        Ok(Became::Nothing(why)) => match known {
            Some(charge) => failed(app, charge, why, now).await.map(Some),
            None => Ok(None),
        },
        Ok(Became::Pending) => match known {
            Some(charge) => still_open(app, charge, now).await.map(Some),
            None => Ok(None),
        },
        // A page that nobody opened yet may be nothing to the provider.
        Err(ProviderError::Unknown) => match known {
            Some(charge) => still_open(app, charge, now).await.map(Some),
            None => Ok(None),
        },
        Err(error) => {
            tracing::warn!(%error, provider = provider.name(), "a provider does not say what became of a charge");
            if let Some(charge) = known {
                // It may have been paid: as long as nobody says anything it is asked about, and never given up.
                let next = ask_next(charge.made_at_ms, now).unwrap_or_else(|| now.plus_ms(HOUR_MS));
                ask_at(app, charge.id, Some(next)).await?;
            }
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

async fn still_open(app: &App, charge: Charge, now: Timestamp) -> Result<Settled, ApiError> {
    match ask_next(charge.made_at_ms, now) {
        Some(next) => {
            ask_at(app, charge.id, Some(next)).await?;
            Ok(Settled::Pending)
        }
        None => failed(app, charge, "Nobody paid within two days.".to_owned(), now).await,
    }
}

/// A charge came to nothing: the payer hears of it, and may try again.
async fn failed(app: &App, charge: Charge, why: String, now: Timestamp) -> Result<Settled, ApiError> {
    app.db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let kept = escrows::get(c, charge.escrow_id).await?.ok_or_else(ApiError::broken)?;
                let job = hold_job_of(c, kept.subject.id).await?;
                if !charges::ends(c, charge.id, ("failed", None, Some(&why)), now).await? {
                    return Ok(Committed::quiet(Settled::Failed));
                }
                let payer = kept.escrow.terms.payer;
                let notice = Notice { user: payer, kind: kinds::PAYMENT_CANCELLED, say: Say::PaymentFailed };
                let mut told = told::notices(c, &job, None, vec![notice], now).await?;
                told.extend(escrow_updated(&kept.escrow, (job.id, kept.subject.id), kept.version, None)?);
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
    if let Some(charge) = &known {
        carry_out_due(app, &[CLOCK], charge.escrow_id.0, now).await?;
    }
    let transaction = paid.transaction.clone();
    let (settled, why) = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let (settled, why, events) = post(c, provider, known.as_ref(), &paid, now).await?;
                Ok(Committed { value: (settled, why), events })
            })
        })
        .await?;
    if let Some(why) = why {
        tracing::warn!(provider, why = why.code(), "a charge fits nothing: its money is kept until it is sent back");
        // By itself: administrators are held before any feed is, and jobs and books are held already there.
        app.db
            .write::<(), ApiError, _>(move |c| {
                Box::pin(async move {
                    let told = tell_administrators(c, (provider, &transaction), why, now).await?;
                    Ok(Committed { value: (), events: feed::append(c, told, now).await? })
                })
            })
            .await?;
    }
    Ok(settled)
}

async fn post(
    c: &mut Connection,
    provider: &'static str,
    known: Option<&Charge>,
    paid: &Paid,
    now: Timestamp,
) -> Result<(Settled, Option<Misfit>, Vec<Outgoing>), ApiError> {
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
    let ends = |reason: Option<&'static str>| ("succeeded", Some(paid.transaction.as_str()), reason);
    match (charged, known, job) {
        (Charged::Held(done), Some(charge), Some(job)) => {
            charges::ends(c, charge.id, ends(None), now).await?;
            let events = follow(c, job, (Act::Fund, &done), None, Said::default(), now).await?;
            Ok((Settled::Held, None, events))
        }
        (Charged::Held(_), _, _) => Ok((Settled::Held, None, Vec::new())),
        (Charged::Before, Some(charge), _) => {
            charges::ends(c, charge.id, ends(None), now).await?;
            Ok((Settled::Held, None, Vec::new()))
        }
        (Charged::Before, None, _) => Ok((Settled::Kept, None, Vec::new())),
        (Charged::Kept(why), known, job) => {
            let mut told = Vec::new();
            if let (Some(charge), Some(job)) = (known, job) {
                charges::ends(c, charge.id, ends(Some(why.code())), now).await?;
                let say = Say::PaymentKept(paid.amount);
                let notice = Notice { user: job.client_id, kind: kinds::PAYMENT_KEPT, say };
                if why != Misfit::WrongCurrency {
                    told.extend(told::notices(c, &job, None, vec![notice], now).await?);
                }
            }
            Ok((Settled::Kept, Some(why), feed::append(c, told, now).await?))
        }
    }
}

/// Money that fits nothing waits for an administrator.
async fn tell_administrators(
    c: &mut Connection,
    (provider, transaction): (&str, &str),
    why: Misfit,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    let words = guildhall_words::written_in(guildhall_words::DEFAULT);
    let (title, body) = (words.payments_suspense(), words.payments_suspense_body(provider, why.code(), transaction));
    let (subject, mut told) = (format!("charge:{provider}:{transaction}"), Vec::new());
    for administrator in guildhall_db::suspensions::hold_administrators(c).await? {
        let notice = notifications::NewNotification {
            user: administrator,
            kind: kinds::PAYMENT_KEPT,
            subject: &subject,
            version: 1,
            title: &title,
            body: &body,
            data: "{}",
        };
        told.extend(crate::notifications::notify(c, &notice, now).await?);
    }
    Ok(told)
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
            Ok(due) => {
                for charge in due {
                    let Some(provider) = app.providers.charging(&charge.provider) else {
                        // It was turned off: whoever turns it on again asks then.
                        let later = app.now().plus_ms(HOUR_MS);
                        let _ = ask_at(&app, charge.id, Some(later)).await;
                        continue;
                    };
                    if let Err(error) = settle(&app, &provider, &charge.reference, app.now()).await {
                        tracing::debug!(code = error.code(), "a charge is asked about again");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "charges cannot be looked at"),
        }
        clock.sleep(BETWEEN_LOOKS).await;
    }
}

/// News of a provider's, with its signature over the bytes that came. They are believed in so far as the provider is asked then: 200
/// also for what was known before, for what is not understood, and for what bears no mark of this server.
#[utoipa::path(post, path = "/api/webhooks/{provider}", tag = "payments", params(("provider" = String, Path)), request_body = String,
    responses((status = 200), (status = 401, body = Refusal), (status = 404, body = Refusal), (status = 413, body = Refusal)))]
pub async fn news(
    State(app): State<App>,
    Path(provider): Path<String>,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let provider = app.providers.charging(&provider).ok_or_else(ApiError::not_found)?;
    let (parts, body) = request.into_parts();
    let body = read_body(body, NEWS_BYTES_MAX, "256 KiB").await?;
    let reference = provider.news(&parts.headers, &body).map_err(|_| {
        tracing::warn!(provider = provider.name(), bytes = body.len(), "news with a wrong signature were refused");
        ApiError::new(StatusCode::UNAUTHORIZED, "bad_signature", "The signature does not fit these bytes.")
    })?;
    // Of somebody else who uses the same account at the provider: none of ours, and never booked.
    if let Some(reference) = reference.filter(|reference| reference.starts_with(&mark(&app))) {
        // What the provider does not say now it is asked for again: the charge stands, and nothing depends on this answer.
        if let Err(error) = settle(&app, &provider, &reference, app.now()).await {
            tracing::debug!(code = error.code(), "what became of a charge is asked for later");
        }
    }
    Ok(StatusCode::OK)
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

//! Payouts are sent, and asked about until it is known what became of them. That one is under way is kept before anything leaves: a
//! server that is killed between asks afterwards, and sends nothing twice.

use std::{sync::Arc, time::Duration};

use guildhall_db::{
    Committed, Connection, feed, payout_accounts,
    payouts::{self, Kept},
};
use guildhall_market::{
    ids::PayoutId,
    money::payouts::{Act, Role, State},
    time::Timestamp,
};

use super::shown::told;
use crate::{
    app::App,
    error::ApiError,
    money::till,
    payout_seals::{holder_of, number_for},
    providers::{ProviderError, Transfer, Transfers, Went},
};

/// How often the payouts are looked at that are under way.
const BETWEEN_LOOKS: Duration = Duration::from_secs(15);

/// Sends what is to be sent, and asks about what was, until it is aborted.
pub async fn run(app: App) {
    let clock = Arc::clone(&app.config.clock);
    loop {
        let mut behind = 0;
        loop {
            let due = match app.db.read().await {
                Ok(mut c) => payouts::under_way_by(&mut c, app.now(), behind).await,
                Err(error) => Err(error),
            };
            let due = match due {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(%error, "payouts cannot be looked at");
                    break;
                }
            };
            let Some(last) = due.last() else { break };
            behind = last.payout.id.0;
            for kept in due {
                let id = kept.payout.id;
                if let Err(error) = go_on(&app, kept).await {
                    tracing::warn!(payout = id.0, code = error.code(), "a payout is looked at again");
                }
            }
        }
        clock.sleep(BETWEEN_LOOKS).await;
    }
}

/// Goes on with one.
async fn go_on(app: &App, kept: Kept) -> Result<(), ApiError> {
    let Some(provider) = app.providers.sending(&kept.payout.provider) else {
        tracing::warn!(provider = kept.payout.provider, "payouts wait for a provider that is not set up");
        return Ok(());
    };
    let id = kept.payout.id;
    match kept.payout.state {
        State::Queued => {
            // Committed before anything leaves.
            if !step(app, id, (Act::Send, Role::System), (0, None)).await? {
                return Ok(());
            }
            let said = send(app, &*provider, &kept).await;
            became(app, id, said).await
        }
        State::Processing => {
            let said = provider.went(&kept.reference).await;
            became(app, id, said).await
        }
        State::Paid | State::Failed | State::Returned => Ok(()),
    }
}

async fn send(app: &App, provider: &dyn Transfers, kept: &Kept) -> Result<Went, ProviderError> {
    // What went before may have arrived: only its provider says no to that.
    let sent_before = kept.payout.attempts > 0;
    let not = |why: &str| {
        if sent_before { Err(ProviderError::Inconclusive(why.to_owned())) } else { Ok(Went::Not(why.to_owned())) }
    };
    let Some(id) = kept.account else { return not("Its bank account is gone.") };
    let unread = |error: guildhall_db::DbError| ProviderError::Inconclusive(error.to_string());
    let found = payout_accounts::get(&mut app.db.read().await.map_err(unread)?, id).await.map_err(unread)?;
    let Some(account) = found else { return not("Its bank account is gone.") };
    let opened = app.vault.open_sealed(&number_for(&account.key), account.user_id.0, &account.sealed_number);
    let number = opened.and_then(|bytes| String::from_utf8(bytes).ok());
    let (Some(number), Some(holder)) = (number, holder_of(app, &account)) else {
        return not("Its bank account was kept with another key, and cannot be read.");
    };
    let transfer = Transfer {
        reference: &kept.reference,
        amount: kept.payout.amount,
        currency: kept.payout.currency,
        bank: &account.bank_code,
        number: &number,
        holder: &holder,
    };
    provider.send(transfer).await
}

/// Does what a provider said of one.
async fn became(app: &App, id: PayoutId, said: Result<Went, ProviderError>) -> Result<(), ApiError> {
    let done = match said {
        Ok(Went::There(fee)) => step(app, id, (Act::Succeed, Role::Provider), (fee, None)).await,
        Ok(Went::Not(why)) => step(app, id, (Act::Fail, Role::Provider), (0, Some(why))).await,
        // It never saw it: it is sent again, three times at most. After that it stays under way until somebody looks.
        Err(ProviderError::Unknown) => match step(app, id, (Act::TryAgain, Role::System), (0, None)).await {
            Err(refusal) if refusal.code() == "no_attempts_left" => {
                tracing::warn!(payout = id.0, "a payout was sent three times, and the provider never saw it");
                Ok(false)
            }
            done => done,
        },
        Ok(Went::NotYet(needs_somebody)) => {
            if needs_somebody {
                tracing::warn!(payout = id.0, "a payout needs somebody's approval at the provider");
            }
            Ok(false)
        }
        // A time-out is no answer: it is asked about, and never sent under another reference.
        Err(error) => {
            tracing::warn!(payout = id.0, %error, "nobody knows yet what became of a payout");
            Ok(false)
        }
    };
    done.map(drop)
}

/// Does something to one, as far as it stands so still. False where it does not.
async fn step(
    app: &App,
    id: PayoutId,
    (act, by): (Act, Role),
    (fee, why): (i64, Option<String>),
) -> Result<bool, ApiError> {
    let now = app.now();
    let done = app
        .db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                let events = steps(c, id, (act, by), (fee, why.as_deref()), now).await?;
                Ok(Committed { value: (), events })
            })
        })
        .await;
    match done {
        Ok(()) => Ok(true),
        // Its owner took it back meanwhile, or somebody else asked.
        Err(refusal) if refusal.code() == "wrong_state" => Ok(false),
        Err(error) => Err(error),
    }
}

async fn steps(
    c: &mut Connection,
    id: PayoutId,
    (act, by): (Act, Role),
    (fee, why): (i64, Option<&str>),
    now: Timestamp,
) -> Result<Vec<guildhall_db::Outgoing>, ApiError> {
    till::payout_act(c, id, (act, by, None), (fee, why), now).await?;
    let kept = payouts::get(c, id).await?.ok_or_else(ApiError::broken)?;
    let told = told(c, &kept, now).await?;
    Ok(feed::append(c, told, now).await?)
}

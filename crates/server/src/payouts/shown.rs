//! Payouts as whose they are sees them.

use guildhall_contract::{amounts::Major, events::PAYOUT_UPDATED, payouts::Payout};
use guildhall_db::{
    Connection, feed, notifications, payout_accounts,
    payouts::{self, Kept},
};
use guildhall_market::{
    ids::UserId,
    money::{
        amounts::{major, spoken},
        payouts::{Act, Role, State, decide},
    },
    notifications::kinds,
    time::Timestamp,
};
use guildhall_words::{DEFAULT, written_in};
use serde_json::{Value, json};

use crate::{
    error::{ApiError, written},
    notifications::notify,
};

/// Payouts of one page of what somebody takes along.
const EXPORTED: i64 = 100;

/// A payout as its owner sees it.
///
/// # Errors
/// The database's.
pub async fn payout(c: &mut Connection, kept: &Kept) -> Result<Payout, ApiError> {
    let account = match kept.account {
        Some(id) => payout_accounts::get(c, id).await?,
        None => None,
    };
    let of = &kept.payout;
    let mut may = Vec::new();
    if decide(of, Act::Cancel, Role::Owner, (0, 0), kept.changed_at).is_ok() {
        may.push("cancel".to_owned());
    }
    if of.state == State::Failed {
        may.push("retry".to_owned());
    }
    Ok(Payout {
        id: of.id.0,
        amount: Major(major(of.amount, of.currency)),
        amount_minor: of.amount,
        currency: of.currency.code().to_owned(),
        provider: of.provider.clone(),
        reference: kept.reference.clone(),
        state: of.state.code().to_owned(),
        reason: kept.reason.clone(),
        bank: account.as_ref().map(|account| account.bank_name.clone()),
        number: account.map(|account| account.tail),
        attempts: of.attempts,
        may,
        asked_at: kept.asked_at.into(),
        updated_at: kept.changed_at.into(),
    })
}

/// That a payout stands otherwise, for the feed of whose it is; with a notice where it is worth one.
///
/// # Errors
/// The database's.
pub async fn told(c: &mut Connection, kept: &Kept, now: Timestamp) -> Result<Vec<feed::Entry>, ApiError> {
    let shown = payout(c, kept).await?;
    let mut told = vec![feed::Entry::new(kept.payout.user, PAYOUT_UPDATED, written(&shown)?)];
    let words = written_in(DEFAULT);
    let amount = spoken(kept.payout.amount, kept.payout.currency);
    let bank = shown.bank.clone().unwrap_or_default();
    let (title, body) = match kept.payout.state {
        State::Paid => (words.payouts_arrived(), words.payouts_arrived_body(&amount, &bank)),
        State::Failed => {
            let why = kept.reason.clone().unwrap_or_default();
            (words.payouts_failed(), words.payouts_failed_body(&amount, &why))
        }
        State::Returned => (words.payouts_came_back(), words.payouts_came_back_body(&amount, &bank)),
        State::Queued | State::Processing => return Ok(told),
    };
    let (subject, data) = (format!("payout:{}", shown.id), written(&json!({ "payout_id": shown.id }))?);
    let notice = notifications::NewNotification {
        user: kept.payout.user,
        kind: kinds::PAYOUT_UPDATED,
        subject: &subject,
        version: kept.changed_at.0,
        title: &title,
        body: &body,
        data: &data,
    };
    told.extend(notify(c, &notice, now).await?);
    Ok(told)
}

/// Somebody's payouts to take along, newest first. A place is the number of the last one; 0 is the beginning.
///
/// # Errors
/// The database's.
pub async fn exported(c: &mut Connection, user: UserId, after: i64) -> Result<(Vec<Value>, Option<i64>), ApiError> {
    let before = if after == 0 { i64::MAX } else { after };
    let page = payouts::of_user(c, user, before, EXPORTED).await?;
    let last = page.last().map(|kept| kept.payout.id.0);
    let mut rows = Vec::new();
    for kept in &page {
        let mut row = json!(payout(c, kept).await?);
        if let Some(fields) = row.as_object_mut() {
            fields.remove("may");
        }
        rows.push(row);
    }
    Ok((rows, last))
}

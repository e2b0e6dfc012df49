//! Payouts as they stand.

use guildhall_market::{
    ids::{PayoutId, UserId},
    money::{
        amounts::Currency,
        payouts::{Payout, State},
    },
    time::Timestamp,
};

use crate::{
    Connection, DbError,
    sql::{Field, Of, Row, query, rows},
};

impl Field for State {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "a state of a payout"))
    }
}

rows! {
    struct Stored of payouts by id {
        id: PayoutId,
        user_id: UserId,
        amount: i64,
        currency: Currency,
        provider: String,
        account_id: Option<i64>,
        reference: String,
        state: State,
        attempts: i64,
        not_before_ms: i64,
        reason: Option<String>,
        asked_at_ms: i64,
        changed_at_ms: i64,
    }
}

macro_rules! columns {
    () => {
        "id, user_id, amount, currency, provider, account_id, reference, state, attempts, not_before_ms, reason, asked_at_ms,
         changed_at_ms"
    };
}

/// A payout as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As it stands.
    pub payout: Payout,
    /// To which bank account.
    pub account: Option<i64>,
    /// Under what the provider knows it, however often it is tried.
    pub reference: String,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it came to stand so.
    pub changed_at: Timestamp,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct New<'p> {
    /// Whose.
    pub user: UserId,
    /// Minor units.
    pub amount: i64,
    /// Of what.
    pub currency: Currency,
    /// Through whom.
    pub provider: &'p str,
    /// To which bank account.
    pub account: Option<i64>,
    /// Under what the provider will know it.
    pub reference: &'p str,
}

/// Makes one that waits to be sent; the money is taken from the balance in the same transaction.
///
/// # Errors
/// The database's.
pub async fn add(c: &mut Connection, new: &New<'_>, now: Timestamp) -> Result<PayoutId, DbError> {
    let id: i64 = query(
        "insert into payouts (user_id, amount, currency, provider, account_id, reference, state, attempts, not_before_ms,
           asked_at_ms, changed_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8, $8) returning id",
    )
    .bind(new.user.0)
    .bind(new.amount)
    .bind(new.currency.code())
    .bind(new.provider)
    .bind(new.account)
    .bind(new.reference)
    .bind(State::Queued.code())
    .bind(now.0)
    .fetch_one(c)
    .await?;
    Ok(PayoutId(id))
}

/// Payouts that are read at once, at most.
pub const PAGE_MAX: i64 = 101;

/// Somebody's, below a number, newest first.
///
/// # Errors
/// The database's.
pub async fn of_user(c: &mut Connection, user: UserId, before: i64, limit: i64) -> Result<Vec<Kept>, DbError> {
    let stored: Vec<Stored> =
        query(concat!("select ", columns!(), " from payouts where user_id = $1 and id < $2 order by id desc limit $3"))
            .bind(user.0)
            .bind(before)
            .bind(crate::bounded(limit, PAGE_MAX))
            .fetch_all(c)
            .await?;
    Ok(stored.into_iter().map(whole).collect())
}

/// Those that may be sent by now, or of which nobody knows yet whether they arrived, in order, and not more than [`PAGE_MAX`] behind
/// a number.
///
/// # Errors
/// The database's.
pub async fn under_way_by(c: &mut Connection, now: Timestamp, behind: i64) -> Result<Vec<Kept>, DbError> {
    let stored: Vec<Stored> = query(concat!(
        "select ",
        columns!(),
        " from payouts where state in ('queued', 'processing') and not_before_ms <= $1 and id > $2 order by id limit $3"
    ))
    .bind(now.0)
    .bind(behind)
    .bind(PAGE_MAX)
    .fetch_all(c)
    .await?;
    Ok(stored.into_iter().map(whole).collect())
}

fn whole(stored: Stored) -> Kept {
    let payout = Payout {
        id: stored.id,
        user: stored.user_id,
        amount: stored.amount,
        currency: stored.currency,
        provider: stored.provider,
        state: stored.state,
        attempts: u32::try_from(stored.attempts).unwrap_or(u32::MAX),
        not_before: Timestamp(stored.not_before_ms),
    };
    Kept {
        payout,
        account: stored.account_id,
        reference: stored.reference,
        reason: stored.reason,
        asked_at: Timestamp(stored.asked_at_ms),
        changed_at: Timestamp(stored.changed_at_ms),
    }
}

/// A payout by its number, as it stands now.
///
/// # Errors
/// The database's.
pub async fn get(c: &mut Connection, id: PayoutId) -> Result<Option<Kept>, DbError> {
    let stored = query(concat!("select ", columns!(), " from payouts where id = $1")).bind(id.0);
    Ok(stored.fetch_optional(c).await?.map(whole))
}

/// The same, held until the commit.
///
/// # Errors
/// The database's.
pub async fn hold(c: &mut Connection, id: PayoutId) -> Result<Option<Kept>, DbError> {
    if !c.shares_rows() {
        return get(c, id).await;
    }
    let stored = query(concat!("select ", columns!(), " from payouts where id = $1 for no key update")).bind(id.0);
    Ok(stored.fetch_optional(c).await?.map(whole))
}

/// Writes one that was held, as it was decided.
///
/// # Errors
/// The database's.
pub async fn save(c: &mut Connection, after: &Payout, reason: Option<&str>, now: Timestamp) -> Result<(), DbError> {
    query(
        "update payouts set state = $2, attempts = $3, not_before_ms = $4, reason = $5, changed_at_ms = $6 where id = $1",
    )
    .bind(after.id.0)
    .bind(after.state.code())
    .bind(i64::from(after.attempts))
    .bind(after.not_before.0)
    .bind(reason)
    .bind(now.0)
    .execute(c)
    .await?;
    Ok(())
}

/// What payouts under way through a provider come to, minor units. Whoever decides by it holds the book first.
///
/// # Errors
/// The database's.
pub async fn promised(c: &mut Connection, provider: &str, currency: Currency) -> Result<i64, DbError> {
    query(
        "select cast(coalesce(sum(amount), 0) as bigint) from payouts
         where state in ('queued', 'processing') and provider = $1 and currency = $2",
    )
    .bind(provider)
    .bind(currency.code())
    .fetch_one(c)
    .await
}

/// What of somebody's is on its way to a bank, by currency, minor units.
///
/// # Errors
/// The database's.
pub async fn under_way(c: &mut Connection, user: UserId) -> Result<Vec<(Currency, i64)>, DbError> {
    rows! {
        struct Sum of payouts by amount {
            currency: Currency,
            amount: i64,
        }
    }
    let rows: Vec<Sum> = query(
        "select currency, cast(sum(amount) as bigint) as amount from payouts
         where user_id = $1 and state in ('queued', 'processing') group by currency order by currency",
    )
    .bind(user.0)
    .fetch_all(c)
    .await?;
    Ok(rows.into_iter().map(|sum| (sum.currency, sum.amount)).collect())
}

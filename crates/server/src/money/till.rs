//! The till: takes what somebody wants done with money, has the market's rules decide it, and writes what becomes of it, with its
//! entries, in one transaction.
//!
//! Whoever asks has carried out before what was due ([`carry_out_due`](crate::deadlines::carry_out_due)). Held are first the
//! thing, then its book, everywhere in this order.

use axum::http::StatusCode;
use guildhall_db::{
    Connection, deadlines, escrows as stored,
    ledger::{self, Group, Posted},
    payouts as stored_payouts,
};
use guildhall_market::{
    ids::{EscrowId, PayoutId, UserId},
    money::{
        amounts::{AMOUNT_MAX, Currency},
        book::{Account, Entry, Letter, Posting},
        escrow_steps::{Act, Role},
        escrows::{self, Clock, Command, Escrow, Take, Terms},
        house::{Charge, Misfit, fits},
        payouts::{self, Asked, There},
    },
    time::Timestamp,
};

use crate::error::ApiError;

/// The kind of deadline that the clock of an escrow is, by its number.
pub const CLOCK: &str = "escrow";

/// The kind of deadline at which whoever's silence will move money is reminded, by the number of the escrow.
pub const REMINDER: &str = "escrow_reminder";

/// Who does something to an escrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Somebody, who may be an administrator.
    Person(UserId, bool),
    /// The two sides, who agree; this one said the last word.
    Both(UserId),
    /// A provider, once it was asked.
    Provider,
    /// The clock.
    Clock,
}

impl By {
    fn role(self, escrow: &Escrow) -> (Role, Option<UserId>) {
        match self {
            Self::Person(who, admin) => (escrow.role_of(who, admin), Some(who)),
            Self::Both(who) => (Role::Both, Some(who)),
            Self::Provider => (Role::Provider, None),
            Self::Clock => (Role::System, None),
        }
    }

    fn actor(self) -> Option<UserId> {
        match self {
            Self::Person(who, _) | Self::Both(who) => Some(who),
            Self::Provider | Self::Clock => None,
        }
    }
}

/// What was done to an escrow.
#[derive(Clone, Debug)]
pub struct Done {
    /// As it stood.
    pub before: Escrow,
    /// As it stands.
    pub after: Escrow,
    /// What it is for.
    pub subject: stored::For,
    /// Its version now.
    pub version: i64,
    /// What moved.
    pub entries: Vec<Entry>,
}

fn exists() -> ApiError {
    ApiError::new(StatusCode::CONFLICT, "exists", "There is one already.")
}

/// Opens an escrow that waits for its money. The number in the terms is not looked at.
///
/// # Errors
/// `bad_amount`, `same_party`, `exists` where one lives for the thing; the database's.
pub async fn open(
    c: &mut Connection,
    terms: Terms,
    subject: &stored::For,
    pay_by_ms: Option<i64>,
    now: Timestamp,
) -> Result<EscrowId, ApiError> {
    let escrow = escrows::open(terms, pay_by_ms, now)?;
    let id = stored::open(c, &escrow, subject, now).await.map_err(|error| match error {
        error if error.violates("escrows_live", "escrows.subject_kind, escrows.subject_id") => exists(),
        error => error.into(),
    })?;
    keep_clock(c, id, &escrow).await?;
    Ok(id)
}

/// Does something to an escrow. `key` is what the entries are posted under, where somebody gave one; else they are by the version.
///
/// # Errors
/// 404, and what the rules refuse with; the database's.
pub async fn act(
    c: &mut Connection,
    id: EscrowId,
    command: &Command,
    (by, key): (By, Option<&str>),
    now: Timestamp,
) -> Result<Done, ApiError> {
    let before = stored::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
    acts(c, before, command, (by, key), Vec::new(), now).await
}

async fn acts(
    c: &mut Connection,
    before: stored::Kept,
    command: &Command,
    (by, key): (By, Option<&str>),
    besides: Vec<Entry>,
    now: Timestamp,
) -> Result<Done, ApiError> {
    let decided = escrows::decide(&before.escrow, command, by.role(&before.escrow), now)?;
    let (after, id) = (decided.escrow, before.escrow.terms.id);
    let version = stored::save(c, &before, &after, now).await?;
    let mut entries = decided.posting.into_entries();
    entries.extend(besides);
    let by_version = format!("escrow:{id}:{version}");
    let (key, cause, subject) = (key.unwrap_or(&by_version), command.act().code(), format!("escrow:{id}"));
    let group = Group { key, cause, subject: &subject, actor: by.actor() };
    if let Posted::Before(group) = ledger::post(c, group, &entries, after.last_at).await? {
        // What was decided would not be paid: nothing of it may be kept.
        tracing::error!(group, key, "a key that stands in the book was to be posted once more");
        return Err(ApiError::key_reused());
    }
    keep_clock(c, id, &after).await?;
    Ok(Done { before: before.escrow, after, subject: before.subject, version, entries })
}

/// What waits for the clock of an escrow follows the escrow.
async fn keep_clock(c: &mut Connection, id: EscrowId, escrow: &Escrow) -> Result<(), ApiError> {
    match (escrow.due(), escrow.clock) {
        (Some((at, _)), Some(Clock::Until(_))) => deadlines::set(c, CLOCK, id.0, at).await?,
        _ => {
            deadlines::clear(c, CLOCK, id.0).await?;
        }
    }
    remind(c, escrow, escrow.last_at).await
}

/// The next reminder of it is the first after `now`.
///
/// # Errors
/// The database's.
pub async fn remind(c: &mut Connection, escrow: &Escrow, now: Timestamp) -> Result<(), ApiError> {
    let id = escrow.terms.id.0;
    match escrow.reminder_after(now) {
        Some(at) => deadlines::set(c, REMINDER, id, at).await?,
        None => {
            deadlines::clear(c, REMINDER, id).await?;
        }
    }
    Ok(())
}

/// The clock of an escrow is over at this moment: what follows is done as of then, however late it is asked for. `None` where the
/// escrow has another clock by now, or none.
///
/// # Errors
/// The database's.
pub async fn clock_is_over(c: &mut Connection, id: EscrowId, at: Timestamp) -> Result<Option<Done>, ApiError> {
    let Some(before) = stored::hold(c, id).await? else { return Ok(None) };
    let command = match before.escrow.due() {
        Some((due, act)) if due <= at => match act {
            Act::PayByPasses => Command::PayByPasses,
            Act::ReviewPasses => Command::ReviewPasses,
            _ => Command::ReplyPasses,
        },
        _ => return Ok(None),
    };
    let key = format!("auto:{id}:{}", at.0);
    acts(c, before, &command, (By::Clock, Some(&key)), Vec::new(), at).await.map(Some)
}

/// The payer pays from what they have.
///
/// # Errors
/// 404, `insufficient_funds`, and what the rules refuse with; the database's.
pub async fn fund_from_balance(c: &mut Connection, id: EscrowId, by: By, now: Timestamp) -> Result<Done, ApiError> {
    let before = stored::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
    let terms = &before.escrow.terms;
    ledger::hold_book(c, terms.currency).await?;
    let payer_has = ledger::balance(c, terms.currency, &Account::User(terms.payer)).await?;
    acts(c, before, &Command::FundFromBalance { payer_has }, (by, None), Vec::new(), now).await
}

/// What came of a charge.
#[derive(Clone, Debug)]
pub enum Charged {
    /// It fits, and is held.
    Held(Box<Done>),
    /// It fits nothing, and is kept for whoever sent it, in this group of the book.
    Kept(Misfit, i64),
    /// It stood in the book before, whoever brought the news; kept for whoever sent it, or held.
    Before {
        /// It fitted nothing.
        kept: bool,
    },
}

/// A charge that a provider confirmed, by the provider's own number for it.
///
/// # Errors
/// `bad_amount`; the database's.
pub async fn charge(
    c: &mut Connection,
    charge: &Charge,
    transaction: &str,
    now: Timestamp,
) -> Result<Charged, ApiError> {
    if !(1..=AMOUNT_MAX).contains(&charge.amount) || !(0..=AMOUNT_MAX).contains(&charge.provider_fee) {
        return Err(escrows::Refusal::BadAmount.into());
    }
    let escrow = match charge.escrow {
        Some(id) => stored::hold(c, id).await?,
        None => None,
    };
    let key = format!("charge:{}:{transaction}", charge.provider);
    ledger::hold_book(c, charge.currency).await?;
    if let Some(group) = ledger::group_of(c, &key).await? {
        let entries = ledger::group(c, group).await?.map(|(_, entries)| entries).unwrap_or_default();
        let kept = entries.iter().any(|kept| kept.standing.entry.letter == Letter::Suspense);
        return Ok(Charged::Before { kept });
    }
    let mut posting = Posting::new(charge.currency);
    let cash = || Account::Cash(charge.provider.clone());
    let found = fits(charge, escrow.as_ref().map(|kept| &kept.escrow));
    if found.is_err() {
        posting.moves(Letter::Suspense, cash(), Account::Suspense(charge.provider.clone()), charge.amount);
    }
    posting.moves(Letter::ProviderFee, Account::ProviderFees, cash(), charge.provider_fee);
    match (found, escrow) {
        (Ok(_), Some(before)) => {
            let fund = Command::Fund { provider: charge.provider.clone() };
            let done = acts(c, before, &fund, (By::Provider, Some(&key)), posting.into_entries(), now).await?;
            Ok(Charged::Held(Box::new(done)))
        }
        (found, _) => {
            let subject = charge.escrow.map_or_else(|| "none".into(), |id| format!("escrow:{id}"));
            let group = Group { key: &key, cause: "charge", subject: &subject, actor: None };
            let (Posted::Now(group) | Posted::Before(group)) = ledger::post(c, group, posting.entries(), now).await?
            else {
                return Err(ApiError::broken());
            };
            Ok(Charged::Kept(found.err().unwrap_or(Misfit::UnknownEscrow), group))
        }
    }
}

/// A provider took back what was charged, or gave it back at its own place. `None`: it stood in the book before, whoever brings
/// the news once more.
///
/// # Errors
/// 404, and what the rules refuse with; the database's.
pub async fn took(
    c: &mut Connection,
    id: EscrowId,
    take: Take,
    as_command: fn(Take) -> Command,
    now: Timestamp,
) -> Result<Option<Done>, ApiError> {
    let before = stored::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
    let terms = &before.escrow.terms;
    ledger::hold_book(c, terms.currency).await?;
    let payer_has = ledger::balance(c, terms.currency, &Account::User(terms.payer)).await?;
    let command = as_command(Take { payer_has, ..take.clone() });
    // A provider's numbers for what was disputed and for what was refunded are two lists.
    let key = format!("{}:{}:{}", command.act().code(), take.provider, take.reference);
    if ledger::group_of(c, &key).await?.is_some() {
        return Ok(None);
    }
    acts(c, before, &command, (By::Provider, Some(&key)), Vec::new(), now).await.map(Some)
}

/// What fitted nothing was sent back, as the provider confirmed under its own number. `subject` says what of it.
///
/// # Errors
/// `bad_amount`, `too_much`; the database's.
pub async fn return_suspense(
    c: &mut Connection,
    (provider, reference): (&str, &str),
    (amount, currency): (i64, Currency),
    (subject, actor): (&str, Option<UserId>),
    now: Timestamp,
) -> Result<Posted, ApiError> {
    let kept = Account::Suspense(provider.to_owned());
    let key = format!("return:{provider}:{reference}");
    ledger::hold_book(c, currency).await?;
    if let Some(group) = ledger::group_of(c, &key).await? {
        return Ok(Posted::Before(group));
    }
    let there = ledger::balance(c, currency, &kept).await?;
    if !(1..=AMOUNT_MAX).contains(&amount) {
        return Err(escrows::Refusal::BadAmount.into());
    }
    if amount > there {
        return Err(escrows::Refusal::TooMuch { most: there }.into());
    }
    let mut posting = Posting::new(currency);
    posting.moves(Letter::Return, kept, Account::Cash(provider.to_owned()), amount);
    let group = Group { key: &key, cause: "return", subject, actor };
    Ok(ledger::post(c, group, posting.entries(), now).await?)
}

/// The operator put money in.
///
/// # Errors
/// `bad_amount`; the database's.
pub async fn top_up(
    c: &mut Connection,
    (provider, key): (&str, &str),
    (amount, currency): (i64, Currency),
    by: Option<UserId>,
    now: Timestamp,
) -> Result<Posted, ApiError> {
    if !(1..=AMOUNT_MAX).contains(&amount) {
        return Err(escrows::Refusal::BadAmount.into());
    }
    let mut posting = Posting::new(currency);
    posting.moves(Letter::TopUp, Account::Cash(provider.to_owned()), Account::Equity, amount);
    let group = Group { key, cause: "top_up", subject: "none", actor: by };
    Ok(ledger::post(c, group, posting.entries(), now).await?)
}

/// What there is for a payout of somebody's through a provider.
///
/// # Errors
/// The database's.
pub async fn there(
    c: &mut Connection,
    user: UserId,
    (provider, currency): (&str, Currency),
) -> Result<There, ApiError> {
    Ok(There {
        balance: ledger::balance(c, currency, &Account::User(user)).await?,
        cash: -ledger::balance(c, currency, &Account::Cash(provider.to_owned())).await?,
        promised: stored_payouts::promised(c, provider, currency).await?,
    })
}

/// Takes what somebody asks to be paid from their balance.
///
/// # Errors
/// `bad_amount`, `insufficient_funds`, `provider_short`, `exists` for a reference that stands already; the database's.
pub async fn ask_payout(
    c: &mut Connection,
    new: &stored_payouts::New<'_>,
    now: Timestamp,
) -> Result<PayoutId, ApiError> {
    let (currency, provider) = (new.currency, new.provider.to_owned());
    ledger::hold_book(c, currency).await?;
    let asked = |id| Asked { id, user: new.user, amount: new.amount, currency, provider: provider.clone() };
    let there = there(c, new.user, (new.provider, currency)).await?;
    // Asked before there is a number for it; the entries need one.
    payouts::request(asked(PayoutId(1)), there, now)?;
    let id = stored_payouts::add(c, new, now).await.map_err(|error| match error {
        error if error.violates("payouts_reference_key", "payouts.reference") => exists(),
        error => error.into(),
    })?;
    let decided = payouts::request(asked(id), there, now)?;
    let (key, subject) = (format!("payout:{id}:asked"), format!("payout:{id}"));
    let group = Group { key: &key, cause: "payout", subject: &subject, actor: Some(new.user) };
    ledger::post(c, group, decided.posting.entries(), now).await?;
    Ok(id)
}

/// Does something to a payout, perhaps as somebody. `provider_fee` is what the provider kept of it, minor units.
///
/// # Errors
/// 404, `bad_amount` for a fee that is none, and what the rules refuse with; the database's.
pub async fn payout_act(
    c: &mut Connection,
    id: PayoutId,
    (act, by, who): (payouts::Act, payouts::Role, Option<UserId>),
    (provider_fee, reason): (i64, Option<&str>),
    now: Timestamp,
) -> Result<payouts::Payout, ApiError> {
    if !(0..=AMOUNT_MAX).contains(&provider_fee) {
        return Err(payouts::Refusal::BadAmount.into());
    }
    let kept = stored_payouts::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
    let (before, now) = (kept.payout, now.max(kept.changed_at));
    ledger::hold_book(c, before.currency).await?;
    let balance = ledger::balance(c, before.currency, &Account::User(before.user)).await?;
    let decided = payouts::decide(&before, act, by, (provider_fee, balance), now)?;
    stored_payouts::save(c, &decided.payout, reason, now).await?;
    let (key, subject) = (format!("payout:{id}:{}", act.code()), format!("payout:{id}"));
    let group = Group { key: &key, cause: act.code(), subject: &subject, actor: who };
    if let Posted::Before(group) = ledger::post(c, group, decided.posting.entries(), now).await? {
        tracing::error!(group, key, "a key that stands in the book was to be posted once more");
        return Err(ApiError::key_reused());
    }
    Ok(decided.payout)
}

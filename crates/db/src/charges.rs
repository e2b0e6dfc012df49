//! Charges: what somebody was asked to pay into an escrow, one for each attempt.

use guildhall_market::{ids::EscrowId, money::amounts::Currency, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{query, query_built, rows},
};

/// Charges that are read at once, at most.
pub const PAGE_MAX: i64 = 100;

rows! {
    /// A charge as stored.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Charge of charges by id {
        /// Which.
        pub id: i64,
        /// For which escrow.
        pub escrow_id: EscrowId,
        /// Our own reference, by which the provider knows it.
        pub reference: String,
        /// The provider.
        pub provider: String,
        /// In which currency.
        pub currency: Currency,
        /// Minor units.
        pub amount: i64,
        /// `pending`, `succeeded`, `failed`.
        pub state: String,
        /// Where one pays.
        pub checkout: String,
        /// The provider's own number for what it took.
        pub transaction_id: Option<String>,
        /// Why it came to nothing, or fitted nothing.
        pub reason: Option<String>,
        /// When it was made.
        pub made_at_ms: i64,
        /// When it changed last.
        pub changed_at_ms: i64,
        /// When the provider is asked next.
        pub ask_at_ms: Option<i64>,
    }
}

macro_rules! columns {
    () => {
        "id, escrow_id, reference, provider, currency, amount, state, checkout, transaction_id, reason, made_at_ms, changed_at_ms, ask_at_ms"
    };
}

/// A charge that is made.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// For which escrow.
    pub escrow: EscrowId,
    /// Our own reference.
    pub reference: &'a str,
    /// The provider.
    pub provider: &'a str,
    /// In which currency.
    pub currency: Currency,
    /// Minor units.
    pub amount: i64,
    /// Where one pays.
    pub checkout: &'a str,
    /// When the provider is asked what became of it.
    pub ask_at: Timestamp,
}

/// Adds one that is pending.
///
/// # Errors
/// The database's.
pub async fn add(c: &mut Connection, new: &New<'_>, now: Timestamp) -> Result<i64, DbError> {
    query(
        "insert into charges (escrow_id, reference, provider, currency, amount, state, checkout, made_at_ms, changed_at_ms, ask_at_ms)
         values ($1, $2, $3, $4, $5, 'pending', $6, $7, $7, $8) returning id",
    )
    .bind(new.escrow.0)
    .bind(new.reference)
    .bind(new.provider)
    .bind(new.currency.code())
    .bind(new.amount)
    .bind(new.checkout)
    .bind(now.0)
    .bind(new.ask_at.0)
    .fetch_one(c)
    .await
}

/// The charge of a reference.
///
/// # Errors
/// The database's.
pub async fn by_reference(c: &mut Connection, reference: &str) -> Result<Option<Charge>, DbError> {
    query(concat!("select ", columns!(), " from charges where reference = $1")).bind(reference).fetch_optional(c).await
}

/// Those of some escrows, in order.
///
/// # Errors
/// The database's.
pub async fn of_escrows(c: &mut Connection, escrows: &[EscrowId]) -> Result<Vec<Charge>, DbError> {
    if escrows.is_empty() {
        return Ok(Vec::new());
    }
    query_built(format!(
        "select {} from charges where escrow_id in ({}) order by escrow_id, id",
        columns!(),
        crate::list(escrows.iter().map(|id| id.0))
    ))
    .fetch_all(c)
    .await
}

/// Those about which a provider is to be asked by now, the earliest first, and not more than [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn to_ask(c: &mut Connection, now: Timestamp) -> Result<Vec<Charge>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from charges where ask_at_ms is not null and ask_at_ms <= $1 order by ask_at_ms, id limit $2"
    ))
    .bind(now.0)
    .bind(PAGE_MAX)
    .fetch_all(c)
    .await
}

/// When a provider is to be asked next; never, where `at` is none.
///
/// # Errors
/// The database's.
pub async fn ask_at(c: &mut Connection, id: i64, at: Option<Timestamp>) -> Result<(), DbError> {
    let set = query("update charges set ask_at_ms = $2 where id = $1 and state <> 'succeeded'");
    set.bind(id).bind(at.map(|at| at.0)).execute(c).await?;
    Ok(())
}

/// What became of one, and when the provider is asked next all the same. False where that was known before.
///
/// # Errors
/// The database's.
pub async fn ends(
    c: &mut Connection,
    id: i64,
    (state, transaction, reason): (&str, Option<&str>, Option<&str>),
    ask_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool, DbError> {
    // A failed attempt may turn out paid; what succeeded stays so.
    let done = query(
        "update charges set state = $2, transaction_id = $3, reason = $4, changed_at_ms = $5, ask_at_ms = $6
         where id = $1 and state <> 'succeeded' and (state <> $2 or state = 'pending')",
    )
    .bind(id)
    .bind(state)
    .bind(transaction)
    .bind(reason)
    .bind(now.0)
    .bind(ask_at.map(|at| at.0))
    .execute(c)
    .await?;
    Ok(done > 0)
}

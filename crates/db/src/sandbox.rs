//! What the sandbox remembers: it stands in for a provider, and moves no money.

use guildhall_market::money::amounts::Currency;

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

rows! {
    /// A charge of the sandbox's.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SandboxCharge of sandbox_charges by amount {
        /// The reference under which it was asked for.
        pub reference: String,
        /// Minor units.
        pub amount: i64,
        /// In which currency.
        pub currency: Currency,
        /// What it is for.
        pub title: String,
        /// `pending`, `paid`, `declined`.
        pub state: String,
    }
}

/// Asks for a charge. Said again it is the same.
///
/// # Errors
/// The database's.
pub async fn ask(
    c: &mut Connection,
    reference: &str,
    (amount, currency, title): (i64, Currency, &str),
) -> Result<(), DbError> {
    query(
        "insert into sandbox_charges (reference, amount, currency, title, state) values ($1, $2, $3, $4, 'pending')
         on conflict (reference) do nothing",
    )
    .bind(reference)
    .bind(amount)
    .bind(currency.code())
    .bind(title)
    .execute(c)
    .await?;
    Ok(())
}

/// A charge by its reference.
///
/// # Errors
/// The database's.
pub async fn get(c: &mut Connection, reference: &str) -> Result<Option<SandboxCharge>, DbError> {
    query("select reference, amount, currency, title, state from sandbox_charges where reference = $1")
        .bind(reference)
        .fetch_optional(c)
        .await
}

/// Whoever looks at the page chose. False where they had chosen before.
///
/// # Errors
/// The database's.
pub async fn choose(c: &mut Connection, reference: &str, state: &str) -> Result<bool, DbError> {
    let set = query("update sandbox_charges set state = $2 where reference = $1 and state = 'pending'");
    Ok(set.bind(reference).bind(state).execute(c).await? > 0)
}

//! Bank accounts to which people are paid. What is private in them is sealed by the server.

use guildhall_market::{email_changes::UNDO_MS, ids::UserId, payout_accounts::COUNTED_OVER_MS, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

rows! {
    /// An account as stored.
    #[derive(Clone)]
    pub struct PayoutAccount of payout_accounts by id {
        /// Which.
        pub id: i64,
        /// Whose.
        pub user_id: UserId,
        /// For what money: an ISO 4217 code.
        pub currency: String,
        /// Who pays to it.
        pub provider: String,
        /// The bank, as the provider calls it.
        pub bank_code: String,
        /// The bank, as people call it.
        pub bank_name: String,
        /// Tells it from all others, and was sealed with it.
        pub key: String,
        /// Its number, sealed.
        pub sealed_number: String,
        /// The name that the bank says, sealed.
        pub sealed_holder: String,
        /// What of the number is shown.
        pub tail: String,
        /// When it was named.
        pub made_at_ms: i64,
        /// When it was replaced, stopped or taken away.
        pub gone_at_ms: Option<i64>,
    }
}

macro_rules! columns {
    () => {
        "id, user_id, currency, provider, bank_code, bank_name, key, sealed_number, sealed_holder, tail, made_at_ms, gone_at_ms"
    };
}

/// An account to be kept.
#[derive(Clone)]
pub struct NewPayoutAccount {
    /// Whose.
    pub user: UserId,
    /// For what money.
    pub currency: String,
    /// Who pays to it.
    pub provider: &'static str,
    /// The bank, as the provider calls it.
    pub bank_code: String,
    /// The bank, as people call it.
    pub bank_name: String,
    /// Tells it from all others.
    pub key: String,
    /// Its number, sealed.
    pub sealed_number: String,
    /// The name that the bank says, sealed.
    pub sealed_holder: String,
    /// What of the number is shown.
    pub tail: String,
}

/// Keeps an account in the place of the one of before. Answers with its number.
///
/// # Errors
/// The database's.
pub async fn put(connection: &mut Connection, new: &NewPayoutAccount, now: Timestamp) -> Result<i64, DbError> {
    query("update payout_accounts set gone_at_ms = $3 where user_id = $1 and currency = $2 and gone_at_ms is null")
        .bind(new.user.0)
        .bind(&new.currency)
        .bind(now.0)
        .execute(&mut *connection)
        .await?;
    query(
        "insert into payout_accounts
           (user_id, currency, provider, bank_code, bank_name, key, sealed_number, sealed_holder, tail, made_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         returning id",
    )
    .bind(new.user.0)
    .bind(&new.currency)
    .bind(new.provider)
    .bind(&new.bank_code)
    .bind(&new.bank_name)
    .bind(&new.key)
    .bind(&new.sealed_number)
    .bind(&new.sealed_holder)
    .bind(&new.tail)
    .bind(now.0)
    .fetch_one(connection)
    .await
}

/// Somebody's accounts as they are now, one for each currency.
///
/// # Errors
/// The database's.
pub async fn current(connection: &mut Connection, user: UserId) -> Result<Vec<PayoutAccount>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from payout_accounts where user_id = $1 and gone_at_ms is null order by currency limit 100"
    ))
    .bind(user.0)
    .fetch_all(connection)
    .await
}

/// An account by its number, also one that is gone.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, id: i64) -> Result<Option<PayoutAccount>, DbError> {
    query(concat!("select ", columns!(), " from payout_accounts where id = $1"))
        .bind(id)
        .fetch_optional(connection)
        .await
}

/// Nothing is paid to an account any more. False when it was so before.
///
/// # Errors
/// The database's.
pub async fn end(connection: &mut Connection, id: i64, now: Timestamp) -> Result<bool, DbError> {
    let ended = query("update payout_accounts set gone_at_ms = $2 where id = $1 and gone_at_ms is null")
        .bind(id)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(ended > 0)
}

/// Erases all accounts of somebody.
///
/// # Errors
/// The database's.
pub async fn erase(connection: &mut Connection, user: UserId) -> Result<(), DbError> {
    for statement in
        ["delete from payout_accounts where user_id = $1", "delete from payout_account_tries where user_id = $1"]
    {
        query(statement).bind(user.0).execute(&mut *connection).await?;
    }
    Ok(())
}

/// When somebody tried accounts within the time that counts.
///
/// # Errors
/// The database's.
pub async fn tries(connection: &mut Connection, user: UserId, now: Timestamp) -> Result<Vec<Timestamp>, DbError> {
    let at: Vec<i64> =
        query("select at_ms from payout_account_tries where user_id = $1 and at_ms > $2 order by at_ms limit 1000")
            .bind(user.0)
            .bind(now.plus_ms(-COUNTED_OVER_MS).0)
            .fetch_all(connection)
            .await?;
    Ok(at.into_iter().map(Timestamp).collect())
}

/// Notes a try, and forgets those that count no more. Answers with its number.
///
/// # Errors
/// The database's.
pub async fn note_try(connection: &mut Connection, user: UserId, now: Timestamp) -> Result<i64, DbError> {
    query("delete from payout_account_tries where user_id = $1 and at_ms <= $2")
        .bind(user.0)
        .bind(now.plus_ms(-COUNTED_OVER_MS).0)
        .execute(&mut *connection)
        .await?;
    query("insert into payout_account_tries (user_id, at_ms) values ($1, $2) returning id")
        .bind(user.0)
        .bind(now.0)
        .fetch_one(connection)
        .await
}

/// Takes a try back that came to nothing: nobody could say anything of the account.
///
/// # Errors
/// The database's.
pub async fn forget_try(connection: &mut Connection, id: i64) -> Result<(), DbError> {
    query("delete from payout_account_tries where id = $1").bind(id).execute(connection).await?;
    Ok(())
}

/// The addresses that an account had and that may still take it back, the oldest first.
///
/// # Errors
/// The database's.
pub async fn addresses_before(
    connection: &mut Connection,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<String>, DbError> {
    query("select old_email from email_changes where user_id = $1 and changed_at_ms > $2 order by id limit 20")
        .bind(user.0)
        .bind(now.plus_ms(-UNDO_MS).0)
        .fetch_all(connection)
        .await
}

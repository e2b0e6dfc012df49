//! Codes that were sent, and how often one was sent or tried. The digits stand nowhere here.

use guildhall_market::{
    codes::{
        AHEAD_MAX_MS, COUNTED_OVER_MS, Purpose, SENDINGS_PER_ADDRESS_IN_ALL_MAX, SENDINGS_PER_SOURCE_MAX, Sendings,
        TRIES_MAX,
    },
    ids::UserId,
    time::Timestamp,
};

use crate::{
    Connection, DbError,
    sql::{Field, Of, Row, query, rows},
};

/// Whose a code is where an address is nobody's.
pub const NOBODY: i64 = 0;

rows! {
    /// A code that was sent and not used.
    #[derive(Clone, Debug)]
    pub struct Sent {
        /// What its digits are made of, beside the key.
        pub nonce: String,
        /// Until when it lives.
        pub expires_at_ms: i64,
    }
}

impl Field for Purpose {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "what a code is for"))
    }
}

rows! {
    /// A code that works, with whose it is.
    #[derive(Clone, Debug)]
    pub struct Live of codes by user_id {
        /// What it is for.
        pub purpose: Purpose,
        /// Where it goes.
        pub address: String,
        /// Whose.
        pub user_id: UserId,
        /// What its digits are made of, beside the key.
        pub nonce: String,
        /// Until when it lives.
        pub expires_at_ms: i64,
    }
}

/// The codes of people that work at `now`, those that live longest first. At most 200.
///
/// # Errors
/// The database's.
pub async fn live(connection: &mut Connection, now: Timestamp) -> Result<Vec<Live>, DbError> {
    query(
        "select purpose, address, user_id, nonce, expires_at_ms from codes
         where expires_at_ms > $1 and user_id > 0
         order by expires_at_ms desc, user_id
         limit 200",
    )
    .bind(now.0)
    .fetch_all(connection)
    .await
}

fn owner(user: Option<UserId>) -> i64 {
    user.map_or(NOBODY, |user| user.0)
}

/// The code that was sent for a purpose to an address, of a person or of nobody.
///
/// # Errors
/// The database's.
pub async fn get(
    connection: &mut Connection,
    purpose: Purpose,
    address: &str,
    user: Option<UserId>,
) -> Result<Option<Sent>, DbError> {
    query("select nonce, expires_at_ms from codes where purpose = $1 and address = $2 and user_id = $3")
        .bind(purpose.code())
        .bind(address)
        .bind(owner(user))
        .fetch_optional(connection)
        .await
}

/// Keeps a code, in the place of the one before.
///
/// # Errors
/// The database's.
pub async fn put(
    connection: &mut Connection,
    purpose: Purpose,
    address: &str,
    user: Option<UserId>,
    code: &Sent,
) -> Result<(), DbError> {
    query(
        "insert into codes (purpose, address, user_id, nonce, expires_at_ms) values ($1, $2, $3, $4, $5)
         on conflict (purpose, address, user_id)
         do update set nonce = excluded.nonce, expires_at_ms = excluded.expires_at_ms",
    )
    .bind(purpose.code())
    .bind(address)
    .bind(owner(user))
    .bind(&code.nonce)
    .bind(code.expires_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes a code for whoever uses it. False when somebody else did, or another took its place.
///
/// # Errors
/// The database's.
pub async fn take(
    connection: &mut Connection,
    purpose: Purpose,
    address: &str,
    user: UserId,
    nonce: &str,
) -> Result<bool, DbError> {
    let gone = query("delete from codes where purpose = $1 and address = $2 and user_id = $3 and nonce = $4")
        .bind(purpose.code())
        .bind(address)
        .bind(user.0)
        .bind(nonce)
        .execute(connection)
        .await?;
    Ok(gone > 0)
}

/// Takes away what was sent to a person for a purpose, wherever.
///
/// # Errors
/// The database's.
pub async fn clear(connection: &mut Connection, purpose: Purpose, user: UserId) -> Result<(), DbError> {
    query("delete from codes where purpose = $1 and user_id = $2")
        .bind(purpose.code())
        .bind(user.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets every code that is under way for somebody.
///
/// # Errors
/// The database's.
pub async fn clear_all(connection: &mut Connection, user: UserId) -> Result<(), DbError> {
    query("delete from codes where user_id = $1").bind(user.0).execute(connection).await?;
    Ok(())
}

/// Holds what is counted for an address until the end of the transaction: of two that count at the same moment the second sees
/// what the first one noted.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &mut Connection, purpose: Purpose, address: &str, now: Timestamp) -> Result<(), DbError> {
    query(
        "insert into code_gates (purpose, address, used_at_ms) values ($1, $2, $3)
         on conflict (purpose, address) do update set used_at_ms = excluded.used_at_ms",
    )
    .bind(purpose.code())
    .bind(address)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// As many moments as a budget looks at, newest first.
fn at_most(budget: usize) -> i64 {
    i64::try_from(budget).unwrap_or(i64::MAX)
}

/// When codes were tried within the hour out of one budget, newest first, as many as the budget has.
///
/// # Errors
/// The database's.
pub async fn tries(
    connection: &mut Connection,
    purpose: Purpose,
    address: &str,
    stranger: bool,
    now: Timestamp,
) -> Result<Vec<Timestamp>, DbError> {
    let moments: Vec<i64> = query(
        "select at_ms from code_tries
         where purpose = $1 and address = $2 and stranger = $3 and at_ms > $4 and at_ms <= $5
         order by at_ms desc
         limit $6",
    )
    .bind(purpose.code())
    .bind(address)
    .bind(i64::from(stranger))
    .bind(now.plus_ms(-COUNTED_OVER_MS).0)
    .bind(now.plus_ms(AHEAD_MAX_MS).0)
    .bind(at_most(TRIES_MAX))
    .fetch_all(connection)
    .await?;
    Ok(moments.into_iter().map(Timestamp).collect())
}

/// Notes a try.
///
/// # Errors
/// The database's.
pub async fn note_try(
    connection: &mut Connection,
    purpose: Purpose,
    address: &str,
    stranger: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    query("insert into code_tries (purpose, address, stranger, at_ms) values ($1, $2, $3, $4)")
        .bind(purpose.code())
        .bind(address)
        .bind(i64::from(stranger))
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// When codes were sent within the hour: to an address, and because of a network address. As many as the budgets have.
///
/// # Errors
/// The database's.
pub async fn sendings(
    connection: &mut Connection,
    purpose: Purpose,
    address: &str,
    source: &str,
    now: Timestamp,
) -> Result<Sendings, DbError> {
    let (since, until) = (now.plus_ms(-COUNTED_OVER_MS).0, now.plus_ms(AHEAD_MAX_MS).0);
    let to_address: Vec<(i64, String)> = query(
        "select at_ms, source from code_sendings
         where purpose = $1 and address = $2 and at_ms > $3 and at_ms <= $4
         order by at_ms desc
         limit $5",
    )
    .bind(purpose.code())
    .bind(address)
    .bind(since)
    .bind(until)
    .bind(at_most(SENDINGS_PER_ADDRESS_IN_ALL_MAX))
    .fetch_all(connection)
    .await?;
    let from_source: Vec<i64> = query(
        "select at_ms from code_sendings
         where source = $1 and at_ms > $2 and at_ms <= $3
         order by at_ms desc
         limit $4",
    )
    .bind(source)
    .bind(since)
    .bind(until)
    .bind(at_most(SENDINGS_PER_SOURCE_MAX))
    .fetch_all(connection)
    .await?;
    let theirs = to_address.iter().filter(|(_, caused_by)| caused_by == source);
    Ok(Sendings {
        to_address_from_source: theirs.map(|(at, _)| Timestamp(*at)).collect(),
        to_address: to_address.iter().map(|(at, _)| Timestamp(*at)).collect(),
        from_source: from_source.into_iter().map(Timestamp).collect(),
    })
}

/// Notes a sending.
///
/// # Errors
/// The database's.
pub async fn note_sending(
    connection: &mut Connection,
    purpose: Purpose,
    address: &str,
    source: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    query("insert into code_sendings (purpose, address, source, at_ms) values ($1, $2, $3, $4)")
        .bind(purpose.code())
        .bind(address)
        .bind(source)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets what counts for nothing any more, at most `limit` rows of each kind. Answers with how many went.
///
/// # Errors
/// The database's.
pub async fn forget(connection: &mut Connection, before: Timestamp, limit: i64) -> Result<u64, DbError> {
    let mut gone = 0;
    for statement in [
        "delete from code_tries where id in (select id from code_tries where at_ms < $1 order by at_ms limit $2)",
        "delete from code_sendings where id in (select id from code_sendings where at_ms < $1 order by at_ms limit $2)",
        "delete from codes where (purpose, address, user_id) in (
           select purpose, address, user_id from codes where expires_at_ms < $1 order by expires_at_ms limit $2
         )",
        "delete from code_gates where (purpose, address) in (
           select purpose, address from code_gates where used_at_ms < $1 order by used_at_ms limit $2
         )",
    ] {
        gone += query(statement).bind(before.0).bind(limit).execute(&mut *connection).await?;
    }
    Ok(gone)
}

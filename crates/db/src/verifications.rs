//! What of a person is verified, and how it stands.

use guildhall_market::{
    ids::UserId,
    time::Timestamp,
    verification::{Kind, Standing, State},
};

use crate::{
    Connection, DbError,
    sql::{Field, Of, Row, query, rows},
};

impl Field for Kind {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "a kind of verification"))
    }
}

impl Field for State {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "a state of verifications"))
    }
}

rows! {
    /// A verification as stored. What is in no row was never asked.
    #[derive(Clone, Debug)]
    pub struct Verification of verifications by id {
        /// Which.
        pub id: i64,
        /// Whose.
        pub user_id: UserId,
        /// Of what.
        pub kind: Kind,
        /// Which of several: a currency, a name. Empty where there is one.
        pub slot: String,
        /// What is verified: an address, a number.
        pub value: String,
        /// How it stands.
        pub state: State,
        /// Why, in words for the person.
        pub reason: Option<String>,
        /// Since when it stands so.
        pub since_ms: i64,
    }
}

macro_rules! columns {
    () => {
        "id, user_id, kind, slot, value, state, reason, since_ms"
    };
}

/// All of a person's.
///
/// # Errors
/// The database's.
pub async fn list(connection: &mut Connection, user: UserId) -> Result<Vec<Verification>, DbError> {
    query(concat!("select ", columns!(), " from verifications where user_id = $1 order by kind, slot limit 1000"))
        .bind(user.0)
        .fetch_all(connection)
        .await
}

/// One of a person's.
///
/// # Errors
/// The database's.
pub async fn get(
    connection: &mut Connection,
    user: UserId,
    kind: Kind,
    slot: &str,
) -> Result<Option<Verification>, DbError> {
    query(concat!("select ", columns!(), " from verifications where user_id = $1 and kind = $2 and slot = $3"))
        .bind(user.0)
        .bind(kind.code())
        .bind(slot)
        .fetch_optional(connection)
        .await
}

/// One by its number, as deadlines name it.
///
/// # Errors
/// The database's.
pub async fn by_id(connection: &mut Connection, id: i64) -> Result<Option<Verification>, DbError> {
    query(concat!("select ", columns!(), " from verifications where id = $1")).bind(id).fetch_optional(connection).await
}

/// What a verification becomes.
#[derive(Clone, Debug)]
pub struct Put<'a> {
    /// Whose.
    pub user: UserId,
    /// Of what.
    pub kind: Kind,
    /// Which of several.
    pub slot: &'a str,
    /// What is verified.
    pub value: &'a str,
    /// How it stands.
    pub state: State,
    /// Why.
    pub reason: Option<&'a str>,
}

/// Keeps how a verification stands from now on. Answers with its number.
///
/// # Errors
/// The database's.
pub async fn put(connection: &mut Connection, put: &Put<'_>, now: Timestamp) -> Result<i64, DbError> {
    query(
        "insert into verifications (user_id, kind, slot, value, state, reason, since_ms) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (user_id, kind, slot) do update
         set value = excluded.value, state = excluded.state, reason = excluded.reason, since_ms = excluded.since_ms
         returning id",
    )
    .bind(put.user.0)
    .bind(put.kind.code())
    .bind(put.slot)
    .bind(put.value)
    .bind(put.state.code())
    .bind(put.reason)
    .bind(now.0)
    .fetch_one(connection)
    .await
}

/// What others verified of the same thing. One value is a person's; at most 100 are answered with.
///
/// # Errors
/// The database's.
pub async fn of_others(
    connection: &mut Connection,
    user: UserId,
    kind: Kind,
    value: &str,
) -> Result<Vec<Verification>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from verifications where kind = $1 and state = $2 and value = $3 and user_id <> $4 order by id limit 100"
    ))
    .bind(kind.code())
    .bind(State::Verified.code())
    .bind(value)
    .bind(user.0)
    .fetch_all(connection)
    .await
}

/// Whether it is proved that somebody reads the letters to this address of theirs. Of any other it may be a stranger who does.
///
/// # Errors
/// The database's.
pub async fn reads_letters_at(connection: &mut Connection, user: UserId, email: &str) -> Result<bool, DbError> {
    let stored = get(connection, user, Kind::Email, "").await?;
    Ok(stored.is_some_and(|stored| stored.state == State::Verified && stored.value == email))
}

/// What a person proved of themselves, as far as rights depend on it.
///
/// # Errors
/// The database's.
pub async fn standing(connection: &mut Connection, user: UserId) -> Result<Standing, DbError> {
    let verified = list(connection, user).await?;
    let has = |kind| verified.iter().any(|one| one.kind == kind && one.state == State::Verified);
    Ok(Standing { email: has(Kind::Email), phone: has(Kind::Phone), identity: has(Kind::Identity) })
}

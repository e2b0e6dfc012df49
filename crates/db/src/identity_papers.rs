//! Papers by which people prove who they are. What is in them is sealed by the server: nothing here can be read without a key
//! that no database has.

use guildhall_market::{ids::UserId, time::Timestamp, verification::State};

use crate::{
    Connection, DbError, people, person_words,
    sql::{query, rows},
};

rows! {
    /// What is known of a paper without opening it.
    #[derive(Clone, Debug)]
    pub struct Paper of identity_papers by id {
        /// Which.
        pub id: i64,
        /// Its place among those that were sent together, from 1; 0 before.
        pub position: i64,
        /// What it was called.
        pub name: String,
        /// What it is.
        pub mime: String,
        /// How large.
        pub size_bytes: i64,
        /// When it came.
        pub uploaded_at_ms: i64,
    }
}

rows! {
    /// A paper as it is kept.
    #[derive(Clone)]
    pub struct Sealed of identity_papers by id {
        /// Which.
        pub id: i64,
        /// Whose.
        pub user_id: UserId,
        /// Tells it from all others, and was sealed with it.
        pub key: String,
        /// What it was called.
        pub name: String,
        /// What it is.
        pub mime: String,
        /// What is in it.
        pub sealed: String,
    }
}

rows! {
    /// A verification that an administrator may look at.
    #[derive(Clone, Debug)]
    pub struct Waiting of verifications by id {
        /// Which.
        pub id: i64,
        /// Whose.
        pub user_id: UserId,
        /// Their name; empty once they deleted the account.
        pub name: String,
        /// The trade of an artisan.
        pub craft: Option<String>,
        /// Of what.
        pub kind: String,
        /// Which of several.
        pub slot: String,
        /// How it stands.
        pub state: String,
        /// Why.
        pub reason: Option<String>,
        /// Since when it stands so.
        pub since_ms: i64,
        /// Papers that belong to it.
        pub papers: i64,
    }
}

/// A paper to be kept.
#[derive(Clone)]
pub struct NewPaper {
    /// Whose.
    pub user: UserId,
    /// Tells it from all others.
    pub key: String,
    /// What it was called.
    pub name: String,
    /// What it is.
    pub mime: &'static str,
    /// How large, bytes.
    pub size_bytes: i64,
    /// What is in it, sealed.
    pub sealed: String,
}

/// Keeps a paper that was not sent yet. Answers with its number.
///
/// # Errors
/// The database's.
pub async fn add(connection: &mut Connection, new: &NewPaper, now: Timestamp) -> Result<i64, DbError> {
    query(
        "insert into identity_papers (user_id, position, key, name, mime, size_bytes, sealed, uploaded_at_ms)
         values ($1, 0, $2, $3, $4, $5, $6, $7)
         returning id",
    )
    .bind(new.user.0)
    .bind(&new.key)
    .bind(&new.name)
    .bind(new.mime)
    .bind(new.size_bytes)
    .bind(&new.sealed)
    .bind(now.0)
    .fetch_one(connection)
    .await
}

/// Papers of somebody that were uploaded and not sent.
///
/// # Errors
/// The database's.
pub async fn unsent(connection: &mut Connection, user: UserId) -> Result<i64, DbError> {
    query("select count(*) from identity_papers where user_id = $1 and verification_id is null")
        .bind(user.0)
        .fetch_one(connection)
        .await
}

/// Sends papers of somebody that were not sent before, in this order. False, and nothing is to be kept, when one of them is none.
///
/// # Errors
/// The database's.
pub async fn send(connection: &mut Connection, user: UserId, verification: i64, ids: &[i64]) -> Result<bool, DbError> {
    for (at, id) in ids.iter().enumerate() {
        let changed = query(
            "update identity_papers set verification_id = $1, position = $2
             where id = $3 and user_id = $4 and verification_id is null",
        )
        .bind(verification)
        .bind(i64::try_from(at + 1).unwrap_or(i64::MAX))
        .bind(*id)
        .bind(user.0)
        .execute(&mut *connection)
        .await?;
        if changed == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The papers of a verification, in their order.
///
/// # Errors
/// The database's.
pub async fn of(connection: &mut Connection, verification: i64) -> Result<Vec<Paper>, DbError> {
    query(
        "select id, position, name, mime, size_bytes, uploaded_at_ms from identity_papers
         where verification_id = $1
         order by position
         limit 100",
    )
    .bind(verification)
    .fetch_all(connection)
    .await
}

/// All papers of somebody, sent or not, in the order in which they came.
///
/// # Errors
/// The database's.
pub async fn of_person(connection: &mut Connection, user: UserId) -> Result<Vec<Paper>, DbError> {
    query(
        "select id, position, name, mime, size_bytes, uploaded_at_ms from identity_papers
         where user_id = $1
         order by id
         limit 100",
    )
    .bind(user.0)
    .fetch_all(connection)
    .await
}

/// One of them as it is kept.
///
/// # Errors
/// The database's.
pub async fn sealed(connection: &mut Connection, verification: i64, position: i64) -> Result<Option<Sealed>, DbError> {
    query(
        "select id, user_id, key, name, mime, sealed from identity_papers
         where verification_id = $1 and position = $2",
    )
    .bind(verification)
    .bind(position)
    .fetch_optional(connection)
    .await
}

/// Wipes the papers of a verification. Answers with how many.
///
/// # Errors
/// The database's.
pub async fn wipe(connection: &mut Connection, verification: i64) -> Result<u64, DbError> {
    query("delete from identity_papers where verification_id = $1").bind(verification).execute(connection).await
}

/// Wipes all papers of somebody, sent or not.
///
/// # Errors
/// The database's.
pub async fn erase(connection: &mut Connection, user: UserId) -> Result<(), DbError> {
    query("delete from identity_papers where user_id = $1").bind(user.0).execute(connection).await?;
    Ok(())
}

/// Wipes papers that were uploaded before a moment and not sent, `most` at most. Answers with how many.
///
/// # Errors
/// The database's.
pub async fn forget_unsent(connection: &mut Connection, before: Timestamp, most: i64) -> Result<u64, DbError> {
    query(
        "delete from identity_papers where id in (
           select id from identity_papers where verification_id is null and uploaded_at_ms < $1 limit $2
         )",
    )
    .bind(before.0)
    .bind(most)
    .execute(connection)
    .await
}

macro_rules! waiting {
    ($where:literal) => {
        concat!(
            "select v.id, v.user_id, u.name, u.craft, v.kind, v.slot, v.state, v.reason, v.since_ms,
               (select count(*) from identity_papers p where p.verification_id = v.id) as papers
             from verifications v join users u on u.id = v.user_id
             where ",
            $where
        )
    };
}

/// What administrators decide about and stands so: the oldest first, `limit` at most.
///
/// # Errors
/// The database's.
pub async fn queue(connection: &mut Connection, state: State, limit: i64) -> Result<Vec<Waiting>, DbError> {
    query(waiting!(
        "v.kind in ('identity', 'payout_account') and v.state = $1 and u.deleted_at_ms is null
         order by v.since_ms, v.id
         limit $2"
    ))
    .bind(state.code())
    .bind(crate::bounded(limit, 1_000))
    .fetch_all(connection)
    .await
}

/// One of what administrators decide about. On PostgreSQL it and its owner are held until the commit: two who decide come one
/// after the other, and the name is the one that stands.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &mut Connection, id: i64) -> Result<Option<Waiting>, DbError> {
    let statement = if connection.shares_rows() {
        let owner: Option<i64> =
            query("select user_id from verifications where id = $1").bind(id).fetch_optional(&mut *connection).await?;
        let Some(owner) = owner else { return Ok(None) };
        people::hold(connection, UserId(owner)).await?;
        waiting!("v.kind in ('identity', 'payout_account') and v.id = $1 and u.deleted_at_ms is null for update of v")
    } else {
        waiting!("v.kind in ('identity', 'payout_account') and v.id = $1 and u.deleted_at_ms is null")
    };
    query(statement).bind(id).fetch_optional(connection).await
}

/// Says of somebody that they are who they say since then, or that nobody knows it any more. It stands beside their name, and in
/// the index by which they are found.
///
/// # Errors
/// The database's.
pub async fn mark(connection: &mut Connection, user: UserId, since: Option<Timestamp>) -> Result<(), DbError> {
    query("update users set verified_at_ms = $2 where id = $1 and deleted_at_ms is null")
        .bind(user.0)
        .bind(since.map(|at| at.0))
        .execute(&mut *connection)
        .await?;
    person_words::index(connection, user).await
}

//! Two-step sign-in: how it stands for people. Secrets are sealed and recovery codes hashed before they come here.

use guildhall_market::{
    ids::UserId,
    time::Timestamp,
    two_step::{Asked, State},
};

use crate::{
    Connection, DbError,
    sql::{Field, Of, Row, query, rows},
};

impl Field for State {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "a state of two-step sign-in"))
    }
}

rows! {
    /// How it stands for somebody. Whoever has no row never began.
    #[derive(Clone, Debug)]
    pub struct TwoStep of two_steps by user_id {
        /// Whose.
        pub user_id: UserId,
        /// How it stands.
        pub state: State,
        /// The secret, sealed.
        pub sealed: String,
        /// Since when it stands so.
        pub since_ms: i64,
        /// Since when its recovery codes are those that they are.
        pub codes_at_ms: i64,
        /// The administrator who asked that it be turned off.
        pub asked_by: Option<UserId>,
        /// When.
        pub asked_at_ms: Option<i64>,
    }
}

impl TwoStep {
    /// That an administrator asked for it to be turned off.
    pub fn asked(&self) -> Option<Asked> {
        Some(Asked { by: self.asked_by?, at: Timestamp(self.asked_at_ms?) })
    }
}

/// How it stands for somebody.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, user: UserId) -> Result<Option<TwoStep>, DbError> {
    query(
        "select user_id, state, sealed, since_ms, codes_at_ms, asked_by, asked_at_ms from two_steps where user_id = $1",
    )
    .bind(user.0)
    .fetch_optional(connection)
    .await
}

/// Keeps how it stands from now on, with its secret. Nothing is asked of administrators then.
///
/// # Errors
/// The database's.
pub async fn put(
    connection: &mut Connection,
    user: UserId,
    state: State,
    sealed: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    query(
        "insert into two_steps (user_id, state, sealed, since_ms) values ($1, $2, $3, $4)
         on conflict (user_id) do update
         set state = excluded.state, sealed = excluded.sealed, since_ms = excluded.since_ms, asked_by = null,
           asked_at_ms = null",
    )
    .bind(user.0)
    .bind(state.code())
    .bind(sealed)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that an administrator asks for it to be turned off, or (`None`) that nobody does any more.
///
/// # Errors
/// The database's.
pub async fn ask_removal(connection: &mut Connection, user: UserId, asked: Option<Asked>) -> Result<(), DbError> {
    query("update two_steps set asked_by = $2, asked_at_ms = $3 where user_id = $1")
        .bind(user.0)
        .bind(asked.map(|asked| asked.by.0))
        .bind(asked.map(|asked| asked.at.0))
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes everything of it away.
///
/// # Errors
/// The database's.
pub async fn clear(connection: &mut Connection, user: UserId) -> Result<(), DbError> {
    for statement in [
        "delete from two_steps where user_id = $1",
        "delete from two_step_codes_used where user_id = $1",
        "delete from recovery_codes where user_id = $1",
    ] {
        query(statement).bind(user.0).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Notes that the code of a step was used, and forgets those before `forget_before`. False when it was used before, also by
/// somebody at the same moment.
///
/// # Errors
/// The database's.
pub async fn use_step(
    connection: &mut Connection,
    user: UserId,
    step: i64,
    forget_before: i64,
) -> Result<bool, DbError> {
    query("delete from two_step_codes_used where user_id = $1 and step < $2")
        .bind(user.0)
        .bind(forget_before)
        .execute(&mut *connection)
        .await?;
    let new =
        query("insert into two_step_codes_used (user_id, step) values ($1, $2) on conflict (user_id, step) do nothing")
            .bind(user.0)
            .bind(step)
            .execute(connection)
            .await?;
    Ok(new > 0)
}

/// Whether the code of a step was used.
///
/// # Errors
/// The database's.
pub async fn was_used(connection: &mut Connection, user: UserId, step: i64) -> Result<bool, DbError> {
    let found: Option<i64> = query("select 1 from two_step_codes_used where user_id = $1 and step = $2")
        .bind(user.0)
        .bind(step)
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Keeps these recovery codes from `now` on in the place of those that were there.
///
/// # Errors
/// The database's.
pub async fn set_recovery(
    connection: &mut Connection,
    user: UserId,
    marks: &[String],
    now: Timestamp,
) -> Result<(), DbError> {
    query("update two_steps set codes_at_ms = $2 where user_id = $1")
        .bind(user.0)
        .bind(now.0)
        .execute(&mut *connection)
        .await?;
    query("delete from recovery_codes where user_id = $1").bind(user.0).execute(&mut *connection).await?;
    for mark in marks {
        query("insert into recovery_codes (user_id, mark) values ($1, $2)")
            .bind(user.0)
            .bind(mark)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Whether this is a recovery code that was not used.
///
/// # Errors
/// The database's.
pub async fn has_recovery(connection: &mut Connection, user: UserId, mark: &str) -> Result<bool, DbError> {
    let found: Option<i64> = query("select 1 from recovery_codes where user_id = $1 and mark = $2")
        .bind(user.0)
        .bind(mark)
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

/// Uses a recovery code. False when somebody did.
///
/// # Errors
/// The database's.
pub async fn use_recovery(connection: &mut Connection, user: UserId, mark: &str) -> Result<bool, DbError> {
    let gone = query("delete from recovery_codes where user_id = $1 and mark = $2")
        .bind(user.0)
        .bind(mark)
        .execute(connection)
        .await?;
    Ok(gone > 0)
}

/// How many recovery codes are left.
///
/// # Errors
/// The database's.
pub async fn recovery_left(connection: &mut Connection, user: UserId) -> Result<i64, DbError> {
    query("select count(*) from recovery_codes where user_id = $1").bind(user.0).fetch_one(connection).await
}

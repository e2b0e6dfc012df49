//! Which letters people want, and which of their messages a letter told of.

use guildhall_market::{ids::UserId, mail_preferences::Kind, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

/// Whether somebody wants letters of a kind: until they say otherwise.
///
/// # Errors
/// The database's.
pub async fn wants(connection: &mut Connection, user: UserId, kind: Kind) -> Result<bool, DbError> {
    let said: Option<i64> = query("select wanted from mail_preferences where user_id = $1 and kind = $2")
        .bind(user.0)
        .bind(kind.code())
        .fetch_optional(connection)
        .await?;
    Ok(said.is_none_or(|wanted| wanted > 0))
}

/// Notes what somebody said of a kind.
///
/// # Errors
/// The database's.
pub async fn set(connection: &mut Connection, user: UserId, kind: Kind, wanted: bool) -> Result<(), DbError> {
    query(
        "insert into mail_preferences (user_id, kind, wanted) values ($1, $2, $3)
         on conflict (user_id, kind) do update set wanted = excluded.wanted",
    )
    .bind(user.0)
    .bind(kind.code())
    .bind(i64::from(wanted))
    .execute(connection)
    .await?;
    Ok(())
}

rows! {
    /// Somebody whose messages are not read.
    #[derive(Clone, Debug)]
    pub struct Unread {
        /// Their name.
        pub name: String,
        /// How many.
        pub count: i64,
        /// When the oldest of them came.
        pub oldest_at_ms: i64,
        /// The newest of them.
        pub newest: i64,
    }
}

/// The people whose messages after one of that number somebody has not read, those who wrote last first. At most 100. Not those
/// who were blocked, put out, or left.
///
/// # Errors
/// The database's.
pub async fn unread(connection: &mut Connection, user: UserId, after: i64) -> Result<Vec<Unread>, DbError> {
    query(
        "select u.name, count(*) as count, min(m.created_at_ms) as oldest_at_ms, max(m.id) as newest
         from messages m join users u on u.id = m.sender_id
         where m.recipient_id = $1 and m.read_at_ms is null and m.deleted_at_ms is null and m.id > $2
         and u.deleted_at_ms is null and u.suspended_at_ms is null
         and not exists (select 1 from blocks b where b.blocker_id = $1 and b.blocked_id = u.id)
         group by u.id, u.name
         order by newest desc
         limit 100",
    )
    .bind(user.0)
    .bind(after)
    .fetch_all(connection)
    .await
}

/// When the last letter about unread messages was written, and up to which message it told.
///
/// # Errors
/// The database's.
pub async fn last_letter(connection: &mut Connection, user: UserId) -> Result<Option<(Timestamp, i64)>, DbError> {
    let found: Option<(i64, i64)> = query("select written_at_ms, up_to from unread_letters where user_id = $1")
        .bind(user.0)
        .fetch_optional(connection)
        .await?;
    Ok(found.map(|(at, up_to)| (Timestamp(at), up_to)))
}

/// Notes a letter.
///
/// # Errors
/// The database's.
pub async fn note_letter(connection: &mut Connection, user: UserId, up_to: i64, now: Timestamp) -> Result<(), DbError> {
    query(
        "insert into unread_letters (user_id, written_at_ms, up_to) values ($1, $2, $3)
         on conflict (user_id) do update set written_at_ms = excluded.written_at_ms, up_to = excluded.up_to",
    )
    .bind(user.0)
    .bind(now.0)
    .bind(up_to)
    .execute(connection)
    .await?;
    Ok(())
}

/// Takes everything of it away.
///
/// # Errors
/// The database's.
pub async fn clear(connection: &mut Connection, user: UserId) -> Result<(), DbError> {
    for statement in
        ["delete from mail_preferences where user_id = $1", "delete from unread_letters where user_id = $1"]
    {
        query(statement).bind(user.0).execute(&mut *connection).await?;
    }
    Ok(())
}

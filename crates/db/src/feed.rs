//! Each user's feed: their own events, numbered without holes.
//!
//! **Invariant:** the numbers of a user's feed are dense from `oldest` to `latest`, and a row is written in the same
//! transaction as the change that it tells of.

use std::sync::Arc;

use guildhall_market::{ids::UserId, permissions::MarketChannel, time::Timestamp};

use crate::{
    Connection, DbError, Outgoing,
    sql::{query, rows},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 1_000;

rows! {
    /// One row.
    #[derive(Clone, Debug)]
    pub struct Row {
        /// Its number.
        pub seq: i64,
        /// The event's name.
        pub event: String,
        /// The channel.
        pub channel: String,
        /// The body, JSON.
        pub data: String,
    }
}

rows! {
    /// The ends of a feed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Ends {
        /// The last number given out, 0 when there is none.
        pub latest: i64,
        /// The oldest number that is kept.
        pub oldest: i64,
    }
}

/// Appends an event to a user's feed and prepares it for the user's channel.
///
/// Locks the user's feed until the commit. A command that writes to several feeds does so in ascending order of users,
/// or two of them could wait for each other.
///
/// # Errors
/// The database's.
pub async fn append(
    connection: &mut Connection,
    user: UserId,
    event: &str,
    data: String,
    except_socket: Option<&str>,
    now: Timestamp,
) -> Result<Outgoing, DbError> {
    let seq = take_number(connection, user).await?;
    append_numbered(connection, user, seq, event, data, except_socket, now).await
}

/// Takes the next number of a user's feed. It must be used in this transaction, by [`append_numbered`].
///
/// # Errors
/// The database's.
pub async fn take_number(connection: &mut Connection, user: UserId) -> Result<i64, DbError> {
    query("update feed_heads set seq = seq + 1 where user_id = $1 returning seq")
        .bind(user.0)
        .fetch_one(connection)
        .await
}

/// Appends an event under a number from [`take_number`].
///
/// # Errors
/// The database's.
pub async fn append_numbered(
    connection: &mut Connection,
    user: UserId,
    seq: i64,
    event: &str,
    data: String,
    except_socket: Option<&str>,
    now: Timestamp,
) -> Result<Outgoing, DbError> {
    let channel = MarketChannel::of_user(user);
    query("insert into feed (user_id, seq, event, channel, data, created_at_ms) values ($1, $2, $3, $4, $5, $6)")
        .bind(user.0)
        .bind(seq)
        .bind(event)
        .bind(&channel)
        .bind(&data)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(Outgoing {
        channel,
        event: event.to_owned(),
        data: Arc::from(data),
        seq: Some(seq),
        except_socket: except_socket.map(str::to_owned),
    })
}

/// Rows after a number, in order. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn after(connection: &mut Connection, user: UserId, seq: i64, limit: i64) -> Result<Vec<Row>, DbError> {
    query("select seq, event, channel, data from feed where user_id = $1 and seq > $2 order by seq limit $3")
        .bind(user.0)
        .bind(seq)
        .bind(crate::bounded(limit, PAGE_MAX))
        .fetch_all(connection)
        .await
}

/// The rows of one event that a user's feed got at one moment.
///
/// # Errors
/// The database's.
pub async fn told_at(
    connection: &mut Connection,
    user: UserId,
    event: &str,
    at: Timestamp,
) -> Result<Vec<Row>, DbError> {
    query(
        "select seq, event, channel, data from feed where created_at_ms = $3 and user_id = $1 and event = $2 order by seq",
    )
    .bind(user.0)
    .bind(event)
    .bind(at.0)
    .fetch_all(connection)
    .await
}

/// Puts another body in the place of what a row said, for words that were taken back. Its number stays.
///
/// # Errors
/// The database's.
pub async fn retell(connection: &mut Connection, user: UserId, seq: i64, data: &str) -> Result<(), DbError> {
    query("update feed set data = $3 where user_id = $1 and seq = $2")
        .bind(user.0)
        .bind(seq)
        .bind(data)
        .execute(connection)
        .await?;
    Ok(())
}

/// How far a user's feed reaches.
///
/// # Errors
/// The database's.
pub async fn ends(connection: &mut Connection, user: UserId) -> Result<Ends, DbError> {
    Ok(query("select seq as latest, oldest from feed_heads where user_id = $1")
        .bind(user.0)
        .fetch_optional(connection)
        .await?
        .unwrap_or(Ends { latest: 0, oldest: 1 }))
}

/// Drops rows from before `before`. Returns how many.
///
/// # Errors
/// The database's.
pub async fn prune(connection: &mut Connection, before: Timestamp) -> Result<u64, DbError> {
    query(
        "update feed_heads
         set oldest = coalesce(
           (select min(feed.seq) from feed where feed.user_id = feed_heads.user_id and feed.created_at_ms >= $1),
           seq + 1
         )
         where user_id in (select user_id from feed where created_at_ms < $1)",
    )
    .bind(before.0)
    .execute(&mut *connection)
    .await?;
    let gone = query(
        "delete from feed
         where created_at_ms < $1
         and seq < (select oldest from feed_heads where feed_heads.user_id = feed.user_id)",
    )
    .bind(before.0)
    .execute(connection)
    .await?;
    Ok(gone)
}

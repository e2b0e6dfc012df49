//! The end of an account: what goes, what stays with others, and what a person may take along before.

use guildhall_market::{ids::UserId, time::Timestamp};

use crate::{
    Connection, DbError, attachments,
    sql::{query, rows},
};

/// People with whom somebody has conversations, in ascending order.
///
/// # Errors
/// The database's.
pub async fn acquaintances(connection: &mut Connection, user: UserId) -> Result<Vec<UserId>, DbError> {
    let ids: Vec<i64> = query(
        "select user_high from conversations where user_low = $1
         union
         select user_low from conversations where user_high = $1
         order by 1",
    )
    .bind(user.0)
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// The hash of somebody's password. `None` for nobody, and for whoever deleted the account.
///
/// # Errors
/// The database's.
pub async fn password_of(connection: &mut Connection, user: UserId) -> Result<Option<String>, DbError> {
    query("select password_hash from users where id = $1 and deleted_at_ms is null")
        .bind(user.0)
        .fetch_optional(connection)
        .await
}

/// Marks an account as deleted: name, address and password are gone, the address is free, the id stays. False when it was
/// deleted before.
///
/// # Errors
/// The database's.
pub async fn delete(connection: &mut Connection, user: UserId, now: Timestamp) -> Result<bool, DbError> {
    // No address has this form: it has no @.
    let done = query(
        "update users set email = $2, name = '', name_folded = '', password_hash = '', role = 'member', craft = null,
           avatar = null, verified_at_ms = null, last_seen_at_ms = null, deleted_at_ms = $3
         where id = $1 and deleted_at_ms is null",
    )
    .bind(user.0)
    .bind(format!("deleted {user}"))
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(done > 0)
}

/// Erases what is general and nobody's but the person's: notices, feed, answers under keys, blocks, files that were not sent.
/// Answers with the hashes that no file has any more.
///
/// # Errors
/// The database's.
pub async fn erase(connection: &mut Connection, user: UserId) -> Result<Vec<String>, DbError> {
    for statement in [
        "delete from notifications where user_id = $1",
        "delete from feed where user_id = $1",
        "update feed_heads set oldest = seq + 1 where user_id = $1",
        "delete from idempotency where actor_id = $1",
        "delete from blocks where blocker_id = $1",
        "delete from blocks where blocked_id = $1",
        "delete from verifications where user_id = $1",
        "delete from email_changes where user_id = $1",
        "delete from account_places where user_id = $1",
        "delete from codes where user_id = $1",
        "delete from mails where user_id = $1",
        "update tokens set device_name = '' where user_id = $1",
    ] {
        query(statement).bind(user.0).execute(&mut *connection).await?;
    }
    let gone: Vec<String> =
        // What belongs to a job stays with the other one of it.
        query(
            "delete from attachments
             where owner_id = $1 and message_id is null and (shown_as is null or shown_as not in ('job', 'escrow', 'dispute'))
             returning sha256",
        )
        .bind(user.0)
        .fetch_all(&mut *connection)
        .await?;
    attachments::unused(connection, gone).await
}

rows! {
    /// A message as a person takes it along.
    #[derive(Clone, Debug)]
    pub struct Written of messages by id {
        /// Which.
        pub id: i64,
        /// Who wrote it.
        pub sender_id: UserId,
        /// Their name; empty once they deleted the account.
        pub sender_name: String,
        /// For whom.
        pub recipient_id: UserId,
        /// Their name; empty once they deleted the account.
        pub recipient_name: String,
        /// What it is about.
        pub subject_kind: String,
        /// Which one.
        pub subject_id: i64,
        /// Its text; empty once it was deleted.
        pub body: String,
        /// When it was sent.
        pub created_at_ms: i64,
        /// When it was read.
        pub read_at_ms: Option<i64>,
        /// When it was deleted.
        pub deleted_at_ms: Option<i64>,
    }
}

/// Messages that somebody wrote or got, with ids above `after`, in ascending order, at most `limit`, 1 to 1,000.
///
/// # Errors
/// The database's.
pub async fn messages(
    connection: &mut Connection,
    user: UserId,
    after: i64,
    limit: i64,
) -> Result<Vec<Written>, DbError> {
    query(
        "select m.id, m.sender_id, s.name as sender_name, m.recipient_id, r.name as recipient_name, m.subject_kind,
           m.subject_id, m.body, m.created_at_ms, m.read_at_ms, m.deleted_at_ms
         from messages m
         join users s on s.id = m.sender_id
         join users r on r.id = m.recipient_id
         where m.id > $2 and (m.sender_id = $1 or m.recipient_id = $1)
         order by m.id
         limit $3",
    )
    .bind(user.0)
    .bind(after)
    .bind(crate::bounded(limit, 1_000))
    .fetch_all(connection)
    .await
}

/// Files that somebody sent or got with messages that stand, with ids above `after`, in ascending order, at most `limit`, 1 to
/// 1,000.
///
/// # Errors
/// The database's.
pub async fn files(
    connection: &mut Connection,
    user: UserId,
    after: i64,
    limit: i64,
) -> Result<Vec<attachments::Attachment>, DbError> {
    query(
        "select a.id, a.owner_id, a.message_id, a.name, a.mime, a.size_bytes, a.sha256
         from attachments a
         join messages m on m.id = a.message_id
         where a.id > $2 and m.deleted_at_ms is null and (m.sender_id = $1 or m.recipient_id = $1)
         union all
         select id, owner_id, message_id, name, mime, size_bytes, sha256 from attachments
         where id > $2 and owner_id = $1 and shown_as is not null
         order by id
         limit $3",
    )
    .bind(user.0)
    .bind(after)
    .bind(crate::bounded(limit, 1_000))
    .fetch_all(connection)
    .await
}

rows! {
    /// Somebody whom one blocked.
    #[derive(Clone, Debug)]
    pub struct Blocked {
        /// Who.
        pub id: i64,
        /// Since when.
        pub created_at_ms: i64,
    }
}

/// The people whom somebody blocked, by name. At most 1,000.
///
/// # Errors
/// The database's.
pub async fn blocked(connection: &mut Connection, user: UserId) -> Result<Vec<Blocked>, DbError> {
    query(
        "select u.id, b.created_at_ms from blocks b join users u on u.id = b.blocked_id
         where b.blocker_id = $1
         order by u.name_folded, u.id
         limit 1000",
    )
    .bind(user.0)
    .fetch_all(connection)
    .await
}

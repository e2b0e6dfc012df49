//! The list of a user's conversations: one for each other person and subject.

use guildhall_market::{ids::UserId, messages::Subject};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

rows! {
    /// One conversation of a user.
    #[derive(Clone, Debug)]
    pub struct Conversation of conversations by last_message_id {
        /// The other person.
        pub other_id: UserId,
        /// What it is about.
        pub subject: Subject,
        /// The newest message.
        pub last_message_id: i64,
        /// Messages that the user has not read.
        pub unread: i64,
    }
}

/// A user's conversations, latest first. At most `limit`, 1 to 100.
///
/// # Errors
/// The database's.
pub async fn list(
    connection: &mut Connection,
    user: UserId,
    skip: i64,
    limit: i64,
) -> Result<Vec<Conversation>, DbError> {
    query(
        "select c.other_id, c.subject_kind, c.subject_id, c.last_message_id,
           (select count(*) from messages u
            where u.recipient_id = $1 and u.sender_id = c.other_id and u.subject_kind = c.subject_kind
            and u.subject_id = c.subject_id and u.read_at_ms is null and u.deleted_at_ms is null) as unread
         from (
           select user_high as other_id, subject_kind, subject_id, last_message_id from conversations where user_low = $1
           union all
           select user_low as other_id, subject_kind, subject_id, last_message_id from conversations where user_high = $1
         ) c
         order by c.last_message_id desc
         limit $2 offset $3",
    )
    .bind(user.0)
    .bind(crate::bounded(limit, 100))
    .bind(skip.max(0))
    .fetch_all(connection)
    .await
}

/// How many conversations a user has.
///
/// # Errors
/// The database's.
pub async fn count(connection: &mut Connection, user: UserId) -> Result<i64, DbError> {
    query("select count(*) from conversations where user_low = $1 or user_high = $1")
        .bind(user.0)
        .fetch_one(connection)
        .await
}

/// The people with whom a user has a conversation. At most 1,000, those of the newest messages.
///
/// # Errors
/// The database's.
pub async fn partners(connection: &mut Connection, user: UserId) -> Result<Vec<UserId>, DbError> {
    let rows: Vec<(i64, i64)> = query(
        "select other_id, max(last_message_id) as newest
         from (
           select user_high as other_id, last_message_id from conversations where user_low = $1
           union all
           select user_low as other_id, last_message_id from conversations where user_high = $1
         ) c
         group by other_id
         order by newest desc
         limit 1000",
    )
    .bind(user.0)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id, _)| UserId(id)).collect())
}

/// Whether two people have written to each other about anything.
///
/// # Errors
/// The database's.
pub async fn exists(connection: &mut Connection, a: UserId, b: UserId) -> Result<bool, DbError> {
    let found: Option<i64> =
        query("select last_message_id from conversations where user_low = $1 and user_high = $2 limit 1")
            .bind(a.0.min(b.0))
            .bind(a.0.max(b.0))
            .fetch_optional(connection)
            .await?;
    Ok(found.is_some())
}

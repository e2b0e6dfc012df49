//! The list of a user's conversations: one for each other person and subject.

use guildhall_market::{
    ids::{MessageId, UserId},
    messages::Subject,
};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

/// The two people of a conversation, the smaller id first.
pub(crate) fn pair(a: UserId, b: UserId) -> (i64, i64) {
    (a.0.min(b.0), a.0.max(b.0))
}

/// A message more: it is the end of its conversation, and unread. A conversation that begins with it counts for both.
///
/// # Errors
/// The database's.
pub(crate) async fn note_message(
    connection: &mut Connection,
    (sender, recipient): (UserId, UserId),
    subject: Subject,
    message: i64,
) -> Result<(), DbError> {
    let (low, high) = pair(sender, recipient);
    let (kind, subject_id) = subject.parts();
    let messages: i64 = query(
        "insert into conversations (user_low, user_high, subject_kind, subject_id, last_message_id, message_count,
           unread_low, unread_high)
         values ($1, $2, $3, $4, $5, 1, $6, $7)
         on conflict (user_low, user_high, subject_kind, subject_id) do update
         set last_message_id = excluded.last_message_id, message_count = conversations.message_count + 1,
           unread_low = conversations.unread_low + excluded.unread_low,
           unread_high = conversations.unread_high + excluded.unread_high
         returning message_count",
    )
    .bind(low)
    .bind(high)
    .bind(kind)
    .bind(subject_id)
    .bind(message)
    .bind(i64::from(recipient.0 == low))
    .bind(i64::from(recipient.0 == high))
    .fetch_one(&mut *connection)
    .await?;
    if messages == 1 {
        query("update users set conversation_count = conversation_count + 1 where id = $1 or id = $2")
            .bind(low)
            .bind(high)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// One message fewer is unread; `$rest` says whether it had been.
macro_rules! one_fewer_unread {
    ($rest:literal) => {
        concat!(
            "update conversations
             set unread_low = unread_low - case when m.recipient_id = m.user_low then 1 else 0 end,
               unread_high = unread_high - case when m.recipient_id = m.user_high then 1 else 0 end
             from messages m
             where m.id = $1 and conversations.user_low = m.user_low and conversations.user_high = m.user_high
             and conversations.subject_kind = m.subject_kind and conversations.subject_id = m.subject_id
             and ",
            $rest
        )
    };
}

/// A message was read just now, by this transaction, which holds its row.
///
/// # Errors
/// The database's.
pub(crate) async fn note_read(connection: &mut Connection, message: MessageId) -> Result<(), DbError> {
    query(one_fewer_unread!("m.deleted_at_ms is null")).bind(message.0).execute(connection).await.map(drop)
}

/// A message was deleted just now, by this transaction, which holds its row.
///
/// # Errors
/// The database's.
pub(crate) async fn note_deleted(connection: &mut Connection, message: MessageId) -> Result<(), DbError> {
    query(one_fewer_unread!("m.read_at_ms is null")).bind(message.0).execute(connection).await.map(drop)
}

/// So many messages for `reader` were read.
///
/// # Errors
/// The database's.
pub(crate) async fn note_read_many(
    connection: &mut Connection,
    (reader, writer): (UserId, UserId),
    subject: Subject,
    messages: u64,
) -> Result<(), DbError> {
    let (low, high) = pair(reader, writer);
    let (kind, subject_id) = subject.parts();
    let messages = i64::try_from(messages).unwrap_or(i64::MAX);
    query(
        "update conversations set unread_low = unread_low - $5, unread_high = unread_high - $6
         where user_low = $1 and user_high = $2 and subject_kind = $3 and subject_id = $4",
    )
    .bind(low)
    .bind(high)
    .bind(kind)
    .bind(subject_id)
    .bind(if reader.0 == low { messages } else { 0 })
    .bind(if reader.0 == high { messages } else { 0 })
    .execute(connection)
    .await
    .map(drop)
}

rows! {
    /// One conversation of a user.
    #[derive(Clone, Debug)]
    pub struct Conversation of conversations by last_message_id {
        /// The other person.
        pub other_id: UserId,
        /// What it is about.
        pub subject: Subject,
        /// The newest message.
        pub last_message_id: MessageId,
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
        "select c.other_id, c.subject_kind, c.subject_id, c.last_message_id, c.unread
         from (
           select user_high as other_id, subject_kind, subject_id, last_message_id, unread_low as unread
           from conversations where user_low = $1
           union all
           select user_low as other_id, subject_kind, subject_id, last_message_id, unread_high as unread
           from conversations where user_high = $1
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

/// How many conversations a user has: kept, not counted.
///
/// # Errors
/// The database's.
pub async fn count(connection: &mut Connection, user: UserId) -> Result<i64, DbError> {
    let count: Option<i64> =
        query("select conversation_count from users where id = $1").bind(user.0).fetch_optional(connection).await?;
    Ok(count.unwrap_or_default())
}

/// How many messages there are between two people about one subject: kept, not counted.
///
/// # Errors
/// The database's.
pub async fn count_messages(
    connection: &mut Connection,
    me: UserId,
    other: UserId,
    subject: Subject,
) -> Result<i64, DbError> {
    let (low, high) = pair(me, other);
    let (kind, subject_id) = subject.parts();
    let count: Option<i64> = query(
        "select message_count from conversations
         where user_low = $1 and user_high = $2 and subject_kind = $3 and subject_id = $4",
    )
    .bind(low)
    .bind(high)
    .bind(kind)
    .bind(subject_id)
    .fetch_optional(connection)
    .await?;
    Ok(count.unwrap_or_default())
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

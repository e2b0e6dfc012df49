//! Messages: storing, reading, marking, deleting, finding.

use guildhall_market::{
    ids::{MessageId, UserId},
    messages::{SEALED_DAYS, Subject},
    search,
    time::{DAY_MS, Timestamp},
};

use crate::{
    Connection, DbError, Engine, attachments,
    conversations::{self, pair},
    people::User,
    sql::{query, query_built, rows},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 100;

rows! {
    /// A message as stored, with the names of both people.
    #[derive(Clone, Debug)]
    pub struct Message of messages by id {
        /// Which.
        pub id: MessageId,
        /// Who wrote it.
        pub sender_id: UserId,
        /// Whom it is for.
        pub recipient_id: UserId,
        /// What it is about.
        pub subject: Subject,
        /// The text; empty once deleted.
        pub body: String,
        /// `text`, or another word.
        pub message_type: String,
        /// The sender's key.
        pub client_key: Option<String>,
        /// On the writer's clock.
        pub written_at_ms: Option<i64>,
        /// When the server took it.
        pub created_at_ms: i64,
        /// When a device of the recipient had it.
        pub delivered_at_ms: Option<i64>,
        /// When it was read.
        pub read_at_ms: Option<i64>,
        /// When it was deleted.
        pub deleted_at_ms: Option<i64>,
        /// The sender's name, whatever became of the account.
        pub sender_name: String,
        /// The sender's picture.
        pub sender_avatar: Option<String>,
        /// The sender's trade.
        pub sender_craft: Option<String>,
        /// When the sender's account was deleted.
        pub sender_deleted_at_ms: Option<i64>,
        /// The recipient's name.
        pub recipient_name: String,
        /// The recipient's picture.
        pub recipient_avatar: Option<String>,
        /// The recipient's trade.
        pub recipient_craft: Option<String>,
        /// When the recipient's account was deleted.
        pub recipient_deleted_at_ms: Option<i64>,
    }
}

/// The columns of [`Message`] and the tables behind them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select m.id, m.sender_id, m.recipient_id, m.subject_kind, m.subject_id, m.body, m.message_type, m.client_key,
               m.written_at_ms, m.created_at_ms, m.delivered_at_ms, m.read_at_ms, m.deleted_at_ms,
               s.name as sender_name, s.avatar as sender_avatar, s.craft as sender_craft, s.deleted_at_ms as sender_deleted_at_ms,
               r.name as recipient_name, r.avatar as recipient_avatar, r.craft as recipient_craft,
               r.deleted_at_ms as recipient_deleted_at_ms
             from messages m
             join users s on s.id = m.sender_id
             join users r on r.id = m.recipient_id
             ",
            $rest
        )
    };
}

/// What a new message needs.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Who writes.
    pub sender: UserId,
    /// To whom.
    pub recipient: UserId,
    /// What it is about.
    pub subject: Subject,
    /// Cleaned.
    pub body: String,
    /// `text`, or another word.
    pub message_type: String,
    /// The sender's key.
    pub client_key: Option<String>,
    /// On the writer's clock.
    pub written_at: Option<Timestamp>,
}

impl NewMessage {
    /// The message as [`get`] reads it once it is stored under `id`.
    pub fn stored(&self, id: MessageId, sender: &User, recipient: &User, now: Timestamp) -> Message {
        Message {
            id,
            sender_id: self.sender,
            recipient_id: self.recipient,
            subject: self.subject,
            body: self.body.clone(),
            message_type: self.message_type.clone(),
            client_key: self.client_key.clone(),
            written_at_ms: self.written_at.map(|at| at.0),
            created_at_ms: now.0,
            delivered_at_ms: None,
            read_at_ms: None,
            deleted_at_ms: None,
            sender_name: sender.name.clone(),
            sender_avatar: sender.avatar.clone(),
            sender_craft: sender.craft.clone(),
            sender_deleted_at_ms: sender.deleted_at_ms,
            recipient_name: recipient.name.clone(),
            recipient_avatar: recipient.avatar.clone(),
            recipient_craft: recipient.craft.clone(),
            recipient_deleted_at_ms: recipient.deleted_at_ms,
        }
    }
}

/// The message that is stored.
macro_rules! new_message {
    () => {
        "insert into messages (sender_id, recipient_id, user_low, user_high, subject_kind, subject_id, body, search_words,
           message_type, client_key, written_at_ms, created_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         returning id"
    };
}

/// Stores a message and moves its conversation's end.
///
/// # Errors
/// The database's.
pub async fn insert(connection: &mut Connection, new: &NewMessage, now: Timestamp) -> Result<MessageId, DbError> {
    let (low, high) = pair(new.sender, new.recipient);
    let (kind, subject_id) = new.subject.parts();
    // On PostgreSQL each statement is a way there and back, while others wait for the two people's feeds.
    let at_once = connection.shares_rows();
    let statement = if at_once {
        concat!(
            "with message as (",
            new_message!(),
            "), conversation as (
               insert into conversations (user_low, user_high, subject_kind, subject_id, last_message_id, message_count,
                 unread_low, unread_high)
               select $3, $4, $5, $6, message.id, 1, $13, $14 from message
               on conflict (user_low, user_high, subject_kind, subject_id) do update ",
            conversations::one_message_more!(),
            ")
             select message.id, conversation.message_count from message, conversation"
        )
    } else {
        new_message!()
    };
    let mut statement = query(statement)
        .bind(new.sender.0)
        .bind(new.recipient.0)
        .bind(low)
        .bind(high)
        .bind(kind)
        .bind(subject_id)
        .bind(&new.body)
        .bind(search::indexed(&new.body, &[new.sender, new.recipient]))
        .bind(&new.message_type)
        .bind(&new.client_key)
        .bind(new.written_at.map(|at| at.0))
        .bind(now.0);
    let unread = [i64::from(new.recipient.0 == low), i64::from(new.recipient.0 == high)];
    let (id, messages): (i64, i64) = if at_once {
        statement = statement.bind(unread[0]).bind(unread[1]);
        statement.fetch_one(&mut *connection).await?
    } else {
        let id = statement.fetch_one(&mut *connection).await?;
        (id, conversations::note_message(connection, (low, high), new.subject, id, unread).await?)
    };
    if messages == 1 {
        conversations::note_begun(connection, (low, high)).await?;
    }
    Ok(MessageId(id))
}

/// One message.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, id: MessageId) -> Result<Option<Message>, DbError> {
    query(select!("where m.id = $1")).bind(id.0).fetch_optional(connection).await
}

/// Several messages, newest first. At most [`PAGE_MAX`] ids count.
///
/// # Errors
/// The database's.
pub async fn get_many(connection: &mut Connection, ids: &[MessageId]) -> Result<Vec<Message>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = crate::list(ids.iter().map(|id| id.0).take(PAGE_MAX as usize));
    let query = format!("{} where m.id in ({list}) order by m.id desc", select!(""));
    query_built(query).fetch_all(connection).await
}

/// Messages between two people about one subject, newest first, with an id below `before`, `skip` of them left out.
/// At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn between(
    connection: &mut Connection,
    (me, other): (UserId, UserId),
    subject: Subject,
    before: Option<MessageId>,
    skip: i64,
    limit: i64,
) -> Result<Vec<Message>, DbError> {
    let (low, high) = pair(me, other);
    let (kind, subject_id) = subject.parts();
    query(select!(
        "where m.user_low = $1 and m.user_high = $2 and m.subject_kind = $3 and m.subject_id = $4 and m.id < $5
         order by m.id desc
         limit $6 offset $7"
    ))
    .bind(low)
    .bind(high)
    .bind(kind)
    .bind(subject_id)
    .bind(before.map_or(i64::MAX, |id| id.0))
    .bind(crate::bounded(limit, PAGE_MAX))
    .bind(skip.max(0))
    .fetch_all(connection)
    .await
}

/// The number of the last message between two people, about whatever; 0 where there is none.
///
/// # Errors
/// The database's.
pub async fn last_between(connection: &mut Connection, one: UserId, other: UserId) -> Result<i64, DbError> {
    let (low, high) = pair(one, other);
    let last = query("select id from messages where user_low = $1 and user_high = $2 order by id desc limit 1");
    Ok(last.bind(low).bind(high).fetch_optional(connection).await?.unwrap_or(0))
}

/// Marks one message as read. False when it was before.
///
/// # Errors
/// The database's.
pub async fn mark_read(connection: &mut Connection, id: MessageId, now: Timestamp) -> Result<bool, DbError> {
    let done = query(
        "update messages set read_at_ms = $2, delivered_at_ms = coalesce(delivered_at_ms, $2) where id = $1 and read_at_ms is null",
    )
    .bind(id.0)
    .bind(now.0)
    .execute(&mut *connection)
    .await?;
    if done > 0 {
        conversations::note_read(connection, id).await?;
    }
    Ok(done > 0)
}

/// Marks what `writer` wrote to `reader` about one subject as read, up to a message. Answers with the newest message
/// that became read; `None` when all were before.
///
/// # Errors
/// The database's.
pub async fn mark_read_up_to(
    connection: &mut Connection,
    (reader, writer): (UserId, UserId),
    subject: Subject,
    up_to: MessageId,
    now: Timestamp,
) -> Result<Option<MessageId>, DbError> {
    let (kind, subject_id) = subject.parts();
    let newest: Option<i64> = query(
        "select max(id) from messages
         where recipient_id = $1 and sender_id = $2 and subject_kind = $3 and subject_id = $4 and id <= $5
         and read_at_ms is null and deleted_at_ms is null",
    )
    .bind(reader.0)
    .bind(writer.0)
    .bind(kind)
    .bind(subject_id)
    .bind(up_to.0)
    .fetch_one(&mut *connection)
    .await?;
    let Some(newest) = newest else { return Ok(None) };
    let done = query(
        "update messages set read_at_ms = $6, delivered_at_ms = coalesce(delivered_at_ms, $6)
         where recipient_id = $1 and sender_id = $2 and subject_kind = $3 and subject_id = $4 and id <= $5
         and read_at_ms is null and deleted_at_ms is null",
    )
    .bind(reader.0)
    .bind(writer.0)
    .bind(kind)
    .bind(subject_id)
    .bind(up_to.0)
    .bind(now.0)
    .execute(&mut *connection)
    .await?;
    conversations::note_read_many(connection, (reader, writer), subject, done).await?;
    Ok(Some(MessageId(newest)))
}

/// Marks everything for `recipient` up to a message as delivered. Answers with each writer and the newest message of
/// theirs that became delivered, in ascending order of writers.
///
/// # Errors
/// The database's.
pub async fn mark_delivered_up_to(
    connection: &mut Connection,
    recipient: UserId,
    up_to: MessageId,
    now: Timestamp,
) -> Result<Vec<(UserId, MessageId)>, DbError> {
    let writers: Vec<(i64, i64)> = query(
        "select sender_id, max(id) from messages
         where recipient_id = $1 and id <= $2 and delivered_at_ms is null
         group by sender_id
         order by sender_id",
    )
    .bind(recipient.0)
    .bind(up_to.0)
    .fetch_all(&mut *connection)
    .await?;
    if writers.is_empty() {
        return Ok(Vec::new());
    }
    query("update messages set delivered_at_ms = $3 where recipient_id = $1 and id <= $2 and delivered_at_ms is null")
        .bind(recipient.0)
        .bind(up_to.0)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(writers.into_iter().map(|(writer, id)| (UserId(writer), MessageId(id))).collect())
}

/// Takes a message's text away and seals it for [`SEALED_DAYS`]. False when it was deleted before.
///
/// # Errors
/// The database's.
pub async fn delete(connection: &mut Connection, id: MessageId, now: Timestamp) -> Result<bool, DbError> {
    query(
        "insert into sealed_texts (message_id, body, purge_at_ms)
         select id, body, $2 from messages where id = $1 and deleted_at_ms is null
         on conflict do nothing",
    )
    .bind(id.0)
    .bind(now.0 + SEALED_DAYS * DAY_MS)
    .execute(&mut *connection)
    .await?;
    let done = query(
        "update messages set body = '', search_words = '', deleted_at_ms = $2 where id = $1 and deleted_at_ms is null",
    )
    .bind(id.0)
    .bind(now.0)
    .execute(&mut *connection)
    .await?;
    if done > 0 {
        conversations::note_deleted(connection, id).await?;
    }
    Ok(done > 0)
}

/// Drops sealed texts whose time is over, `most` of them at most, and the files of their messages. Returns how many texts,
/// and the hashes that no file has any more: what lies under them may go.
///
/// # Errors
/// The database's.
pub async fn purge_sealed(
    connection: &mut Connection,
    now: Timestamp,
    most: i64,
) -> Result<(u64, Vec<String>), DbError> {
    let gone: Vec<i64> = query(
        "delete from sealed_texts where message_id in (
           select message_id from sealed_texts where purge_at_ms <= $1 order by purge_at_ms limit $2
         )
         returning message_id",
    )
    .bind(now.0)
    .bind(most)
    .fetch_all(&mut *connection)
    .await?;
    let unused = attachments::forget_of(connection, &gone).await?;
    Ok((gone.len() as u64, unused))
}

/// The newest message that `reader` has not read of what `writer` wrote about one subject.
///
/// # Errors
/// The database's.
pub async fn newest_unread(
    connection: &mut Connection,
    (reader, writer): (UserId, UserId),
    subject: Subject,
) -> Result<Option<Message>, DbError> {
    let (kind, subject_id) = subject.parts();
    query(select!(
        "where m.recipient_id = $1 and m.sender_id = $2 and m.subject_kind = $3 and m.subject_id = $4
         and m.read_at_ms is null and m.deleted_at_ms is null
         order by m.id desc
         limit 1"
    ))
    .bind(reader.0)
    .bind(writer.0)
    .bind(kind)
    .bind(subject_id)
    .fetch_optional(connection)
    .await
}

/// Unread messages of a user.
///
/// # Errors
/// The database's.
pub async fn unread_count(connection: &mut Connection, user: UserId) -> Result<i64, DbError> {
    query("select count(*) from messages where recipient_id = $1 and read_at_ms is null and deleted_at_ms is null")
        .bind(user.0)
        .fetch_one(connection)
        .await
}

/// What the index of words is asked for, in the engine's own language. It names what the user may read and nothing else.
/// `None` for a query without a letter or digit.
pub fn words_asked(engine: Engine, user: UserId, q: &str) -> Option<String> {
    let words = search::query(q, user);
    let phrases = |open: &str, between: &str, close: &str| -> Vec<String> {
        words.iter().map(|word| format!("{open}{}{close}", word.join(between))).collect()
    };
    (!words.is_empty()).then(|| match engine {
        // The star belongs to the last piece of the last phrase.
        Engine::Sqlite => phrases("\"", " ", "\"").join(" ") + "*",
        // A phrase is its pieces in a row.
        Engine::Postgres => phrases("(", " <-> ", ")").join(" & ").trim_end_matches(')').to_owned() + ":*)",
    })
}

/// The user's messages with all of the words, the last one perhaps unfinished, newest first. At most `limit`, 1 to
/// [`PAGE_MAX`]. Empty for a query without a letter or digit. Costs what the user's own messages are, whatever others wrote.
///
/// # Errors
/// The database's.
pub async fn search(
    connection: &mut Connection,
    engine: Engine,
    user: UserId,
    q: &str,
    limit: i64,
) -> Result<Vec<Message>, DbError> {
    let Some(asked) = words_asked(engine, user, q) else { return Ok(Vec::new()) };
    // The words lead to what is the user's own already; that it is so is asked for all the same, and before anything is left
    // out: an index may cut words where this program does not, and then others can write some that look like the user's.
    let statement = match engine {
        // A cross join is carried out in its order.
        Engine::Sqlite => select!(
            "where m.id in (
               select o.id from messages_search cross join messages o on o.id = messages_search.rowid
               where messages_search match $1 and (o.sender_id = $2 or o.recipient_id = $2) and o.deleted_at_ms is null
               order by messages_search.rowid desc limit $3
             )
             order by m.id desc"
        ),
        // Found by the index before anything else is thought of: a planner that takes the word for a frequent one would walk
        // through everybody's messages from the newest on.
        Engine::Postgres => select!(
            "where m.id in (
               with found as materialized (
                 select id, sender_id, recipient_id, deleted_at_ms from messages
                 where to_tsvector('simple', search_words) @@ to_tsquery('simple', $1)
               )
               select id from found
               where (sender_id = $2 or recipient_id = $2) and deleted_at_ms is null
               order by id desc limit $3
             )
             order by m.id desc"
        ),
    };
    query(statement).bind(asked).bind(user.0).bind(crate::bounded(limit, PAGE_MAX)).fetch_all(connection).await
}

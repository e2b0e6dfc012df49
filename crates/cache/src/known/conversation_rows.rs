//! Rows of the conversation table: unread counts, and how far both sides have read.

use std::collections::{BTreeSet, HashMap};

use guildhall_contract::conversations::ConversationKey;
use guildhall_market::ids::MessageId;
use sqlx::{Row, SqliteConnection};

use super::{kind::Changes, ranges};
use crate::StoreError;

/// Conversations of which something changed.
#[derive(Clone, Debug, Default)]
pub struct ConversationChanges {
    /// Those whose row changed or appeared.
    pub rows: BTreeSet<ConversationKey>,
    /// Those in which nothing is unread any more, because one read it, here or elsewhere.
    pub read: BTreeSet<ConversationKey>,
    /// An unread count can no longer be told from what is here: ask the server for the conversations.
    pub counts_unsure: bool,
}

/// A row of the table.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    pub(super) key: String,
    pub(super) user_id: i64,
    pub(super) subject_title: Option<String>,
    pub(super) last_id: Option<i64>,
    pub(super) last_at_ms: i64,
    pub(super) unread: i64,
    pub(super) counted_to: i64,
    pub(super) my_read_to: i64,
    pub(super) their_read_to: i64,
    pub(super) their_read_at_ms: Option<i64>,
}

impl Conversation {
    pub(super) fn new(key: &ConversationKey) -> Self {
        Self {
            key: key.to_string(),
            user_id: key.user.0,
            subject_title: None,
            last_id: None,
            last_at_ms: 0,
            unread: 0,
            counted_to: 0,
            my_read_to: 0,
            their_read_to: 0,
            their_read_at_ms: None,
        }
    }
}

pub(super) async fn load(
    connection: &mut SqliteConnection,
    keys: &[String],
) -> Result<HashMap<String, Conversation>, StoreError> {
    let rows = sqlx::query("select * from conversations where key in (select value from json_each(?1))")
        .bind(serde_json::Value::from(keys).to_string())
        .fetch_all(connection)
        .await?;
    let mut known = HashMap::with_capacity(rows.len());
    for row in &rows {
        let key: String = row.try_get("key")?;
        let conversation = Conversation {
            key: key.clone(),
            user_id: row.try_get("user_id")?,
            subject_title: row.try_get("subject_title")?,
            last_id: row.try_get("last_id")?,
            last_at_ms: row.try_get("last_at_ms")?,
            unread: row.try_get("unread")?,
            counted_to: row.try_get("counted_to")?,
            my_read_to: row.try_get("my_read_to")?,
            their_read_to: row.try_get("their_read_to")?,
            their_read_at_ms: row.try_get("their_read_at_ms")?,
        };
        known.insert(key, conversation);
    }
    Ok(known)
}

pub(super) async fn save(
    connection: &mut SqliteConnection,
    rows: impl IntoIterator<Item = &Conversation>,
) -> Result<(), StoreError> {
    let row = |c: &Conversation| {
        serde_json::json!([
            c.key,
            c.user_id,
            c.subject_title,
            c.last_id,
            c.last_at_ms,
            c.unread,
            c.counted_to,
            c.my_read_to,
            c.their_read_to,
            c.their_read_at_ms
        ])
    };
    let rows: Vec<_> = rows.into_iter().map(row).collect();
    sqlx::query(
        "insert or replace into conversations (key, user_id, subject_title, last_id, last_at_ms, unread, counted_to,
                                               my_read_to, their_read_to, their_read_at_ms)
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
                value ->> 7, value ->> 8, value ->> 9
         from json_each(?1)",
    )
    .bind(serde_json::Value::from(rows).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Unread messages as they can be counted here; `None` while messages after the read mark may be missing.
pub(super) async fn count(
    connection: &mut SqliteConnection,
    conversation: &Conversation,
) -> Result<Option<i64>, StoreError> {
    let from = ranges::holding(connection, &conversation.key, ranges::OPEN).await?;
    if from.is_none_or(|from| from > conversation.my_read_to + 1) {
        return Ok(None);
    }
    let row = sqlx::query(
        "select count(*) as n
         from messages
         where conversation = ?1 and id > ?2 and id <= ?3 and mine = 0 and read_at_ms is null and deleted_at_ms is null",
    )
    .bind(&conversation.key)
    .bind(conversation.my_read_to)
    .bind(conversation.counted_to)
    .fetch_one(connection)
    .await?;
    Ok(Some(row.try_get("n")?))
}

/// I read a conversation up to a message, here or elsewhere.
pub(super) async fn read_by_me(
    connection: &mut SqliteConnection,
    changes: &mut Changes,
    key: &ConversationKey,
    up_to: MessageId,
) -> Result<(), StoreError> {
    let name = key.to_string();
    let Some(mut conversation) = load(connection, std::slice::from_ref(&name)).await?.remove(&name) else {
        return Ok(());
    };
    if up_to.0 <= conversation.my_read_to && conversation.unread == 0 {
        changes.of_mut::<ConversationChanges>().read.insert(key.clone());
        return Ok(());
    }
    conversation.my_read_to = conversation.my_read_to.max(up_to.0);
    if conversation.my_read_to >= conversation.counted_to {
        conversation.unread = 0;
    } else {
        match count(connection, &conversation).await? {
            Some(unread) => conversation.unread = unread,
            None => changes.of_mut::<ConversationChanges>().counts_unsure = true,
        }
    }
    let known = changes.of_mut::<ConversationChanges>();
    known.rows.insert(key.clone());
    // The mark of an earlier message may come after a later one did, of which one was told meanwhile.
    if conversation.unread == 0 {
        known.read.insert(key.clone());
    }
    save(connection, [&conversation]).await
}

/// Single messages were read or deleted: so many of those that counted as unread; `None` when that cannot be told from here.
pub(super) async fn fewer_unread(
    connection: &mut SqliteConnection,
    changes: &mut Changes,
    key: &ConversationKey,
    fewer: Option<i64>,
) -> Result<(), StoreError> {
    let name = key.to_string();
    let Some(mut conversation) = load(connection, std::slice::from_ref(&name)).await?.remove(&name) else {
        return Ok(());
    };
    match fewer {
        Some(fewer) => conversation.unread = (conversation.unread - fewer).max(0),
        None => changes.of_mut::<ConversationChanges>().counts_unsure = true,
    }
    changes.of_mut::<ConversationChanges>().rows.insert(key.clone());
    save(connection, [&conversation]).await
}

/// Whether a message counts as unread now; `None` when it is not here.
pub(super) async fn counts_as_unread(
    connection: &mut SqliteConnection,
    id: MessageId,
) -> Result<Option<bool>, StoreError> {
    let row = sqlx::query(
        "select m.mine = 0 and m.read_at_ms is null and m.deleted_at_ms is null and m.id > c.my_read_to and m.id <= c.counted_to as n
         from messages as m
         join conversations as c on c.key = m.conversation
         where m.id = ?1",
    )
    .bind(id.0)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.try_get("n")).transpose()?)
}

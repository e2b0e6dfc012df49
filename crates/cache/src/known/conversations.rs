//! The conversation list: one row each, with its newest message, its unread count and how far both sides have read.

use std::collections::HashMap;

use guildhall_contract::{
    connection::UnreadView,
    conversations::ConversationKey,
    messages::MessageView,
    notifications::NotificationBody,
    people::PersonView,
    rest::{self},
};
use guildhall_market::{
    ids::{MessageId, UserId},
    time::Timestamp,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{Cache, Changes, messages, meta, notifications, people, ranges, rows, set_meta};
use crate::StoreError;

/// A conversation as it is known here, without what is only on this device.
#[derive(Clone, Debug)]
pub struct KnownConversation {
    /// Which.
    pub key: ConversationKey,
    /// The other person.
    pub person: PersonView,
    /// What it is about in words.
    pub subject_title: Option<String>,
    /// The newest message.
    pub last: Option<MessageView>,
    /// When it moved last, server time.
    pub last_at: Timestamp,
    /// Unread messages.
    pub unread: u32,
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
async fn count(connection: &mut SqliteConnection, conversation: &Conversation) -> Result<Option<i64>, StoreError> {
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
    changes.read.insert(key.clone());
    if up_to.0 <= conversation.my_read_to && conversation.unread == 0 {
        return Ok(());
    }
    conversation.my_read_to = conversation.my_read_to.max(up_to.0);
    if conversation.my_read_to >= conversation.counted_to {
        conversation.unread = 0;
    } else {
        match count(connection, &conversation).await? {
            Some(unread) => conversation.unread = unread,
            None => changes.counts_unsure = true,
        }
    }
    changes.conversations.insert(key.clone());
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
        None => changes.counts_unsure = true,
    }
    changes.conversations.insert(key.clone());
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

/// Of what age the unread counts of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counts {
    /// They are the beginning: the feed is followed from here.
    Anew,
    /// Of the age of the applied feed.
    Present,
    /// Older or newer than the applied feed: they say nothing about the count there.
    Unknown,
}

async fn put_list(
    connection: &mut SqliteConnection,
    me: UserId,
    list: &[rest::Conversation],
    counts: Counts,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let bodies: Vec<&rest::MessageBody> = list.iter().map(|row| &row.last_message).collect();
    messages::take_in(connection, me, &bodies, messages::Source::Answer, changes).await?;
    people::put_users(connection, &list.iter().map(|row| &row.user).collect::<Vec<_>>()).await?;
    changes.people.extend(list.iter().map(|row| row.user.id));
    for row in list {
        let key = ConversationKey { user: row.user.id, subject: row.last_message.subject() };
        let name = key.to_string();
        let Some(mut conversation) = load(connection, std::slice::from_ref(&name)).await?.remove(&name) else {
            continue;
        };
        let newest = row.last_message.id.0;
        if counts == Counts::Anew {
            conversation.counted_to = newest;
        }
        if counts != Counts::Unknown && conversation.counted_to == newest {
            conversation.unread = match count(connection, &conversation).await? {
                _ if conversation.my_read_to >= newest => 0,
                Some(unread) => unread,
                None => row.unread_count,
            };
            save(connection, [&conversation]).await?;
        }
        changes.conversations.insert(key);
    }
    Ok(())
}

const JOINED: &str =
    "select c.key as c_key, c.subject_title as c_subject_title, c.last_at_ms as c_last_at_ms, c.unread as c_unread,
        c.user_id as c_user_id, p.name as p_name, p.craft as p_craft, p.verified as p_verified, p.admin as p_admin,
        p.blocked as p_blocked, p.last_seen_at_ms as p_last_seen_at_ms, m.*
 from conversations as c
 left join people as p on p.id = c.user_id
 left join messages as m on m.id = c.last_id";

fn known_conversation(row: &SqliteRow) -> Result<Option<KnownConversation>, StoreError> {
    let Ok(key) = ConversationKey::try_from(row.try_get::<String, _>("c_key")?) else { return Ok(None) };
    let id = UserId(row.try_get("c_user_id")?);
    let person = match row.try_get::<Option<String>, _>("p_name")? {
        None => people::stranger(id),
        Some(name) => PersonView {
            id,
            name,
            craft: row.try_get("p_craft")?,
            verified: row.try_get("p_verified")?,
            admin: row.try_get("p_admin")?,
            online: None,
            last_seen_at: row.try_get::<Option<i64>, _>("p_last_seen_at_ms")?.map(Timestamp),
            blocked: row.try_get("p_blocked")?,
        },
    };
    let last = if row.try_get::<Option<i64>, _>("id")?.is_some() { Some(rows::message_view(row)?) } else { None };
    Ok(Some(KnownConversation {
        key,
        person,
        subject_title: row.try_get("c_subject_title")?,
        last,
        last_at: Timestamp(row.try_get("c_last_at_ms")?),
        unread: row.try_get("c_unread")?,
    }))
}

impl Cache {
    /// Takes in a fresh list of conversations. Its counts are taken over only where it is known to be of the age of the applied
    /// feed: `as_of` is the number after which the server had nothing more when it made the list.
    ///
    /// # Errors
    /// As the database says.
    pub async fn put_conversations(
        &self,
        me: UserId,
        list: &[rest::Conversation],
        as_of: Option<i64>,
    ) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        let counts = as_of.is_some() && meta(&mut tx, "synced_to").await? == as_of;
        put_list(&mut tx, me, list, if counts { Counts::Present } else { Counts::Unknown }, &mut changes).await?;
        tx.commit().await?;
        Ok(changes)
    }

    /// Begins anew from the server's present state, of which `latest` is the number in the feed: stretches restart, so that
    /// what may be missing shows as gaps. `foreign` says that the server is another one than before: nothing is kept then.
    ///
    /// # Errors
    /// As the database says: nothing was changed then.
    pub async fn reload(
        &self,
        me: UserId,
        list: &[rest::Conversation],
        notices: &[NotificationBody],
        latest: i64,
        foreign: bool,
    ) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        sqlx::query("delete from ranges").execute(&mut *tx).await?;
        // Events about them may have been missed: what they say may be no longer true.
        sqlx::query("delete from messages").execute(&mut *tx).await?;
        if foreign {
            sqlx::query("delete from conversations").execute(&mut *tx).await?;
            sqlx::query("delete from notifications").execute(&mut *tx).await?;
            sqlx::query("delete from people").execute(&mut *tx).await?;
            sqlx::query("delete from meta where name = 'acknowledged_to'").execute(&mut *tx).await?;
        }
        put_list(&mut tx, me, list, Counts::Anew, &mut changes).await?;
        notifications::put(&mut tx, &mut changes, &notices.iter().collect::<Vec<_>>()).await?;
        let epoch = meta(&mut tx, "epoch").await?.unwrap_or(0);
        set_meta(&mut tx, "epoch", epoch + 1).await?;
        set_meta(&mut tx, "synced_to", latest).await?;
        tx.commit().await?;
        Ok(changes)
    }

    /// The conversation list, latest first.
    ///
    /// # Errors
    /// As the database says.
    pub async fn conversations(&self, unread_only: bool, limit: u32) -> Result<Vec<KnownConversation>, StoreError> {
        let sql = if unread_only {
            sqlx::AssertSqlSafe(format!("{JOINED} where c.unread > 0 order by c.last_at_ms desc, c.key limit ?1"))
        } else {
            sqlx::AssertSqlSafe(format!("{JOINED} order by c.last_at_ms desc, c.key limit ?1"))
        };
        let rows = sqlx::query(sql).bind(limit).fetch_all(&self.read()).await?;
        rows.iter().filter_map(|row| known_conversation(row).transpose()).collect()
    }

    /// Conversations by key. Those that are not known are left out.
    ///
    /// # Errors
    /// As the database says.
    pub async fn conversations_by_key(
        &self,
        keys: impl IntoIterator<Item = &ConversationKey>,
    ) -> Result<Vec<KnownConversation>, StoreError> {
        let keys: Vec<String> = keys.into_iter().map(ToString::to_string).collect();
        let sql = sqlx::AssertSqlSafe(format!("{JOINED} where c.key in (select value from json_each(?1))"));
        let rows = sqlx::query(sql).bind(serde_json::Value::from(keys).to_string()).fetch_all(&self.read()).await?;
        rows.iter().filter_map(|row| known_conversation(row).transpose()).collect()
    }

    /// The keys of all conversations with a person.
    ///
    /// # Errors
    /// As the database says.
    pub async fn conversations_with(&self, user: UserId) -> Result<Vec<ConversationKey>, StoreError> {
        let rows = sqlx::query("select key from conversations where user_id = ?1")
            .bind(user.0)
            .fetch_all(&self.read())
            .await?;
        let keys = rows.iter().map(|row| row.try_get::<String, _>("key")).collect::<Result<Vec<_>, _>>()?;
        Ok(keys.into_iter().filter_map(|key| key.try_into().ok()).collect())
    }

    /// Marks everything that is here of a conversation as read. Answers up to which message, when there was something to mark.
    ///
    /// # Errors
    /// As the database says.
    pub async fn read_conversation(&self, key: &ConversationKey) -> Result<Option<(MessageId, Changes)>, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        let row = sqlx::query("select max(id) as id from messages where conversation = ?1 and mine = 0")
            .bind(key.to_string())
            .fetch_one(&mut *tx)
            .await?;
        let Some(up_to) = row.try_get::<Option<i64>, _>("id")?.map(MessageId) else { return Ok(None) };
        read_by_me(&mut tx, &mut changes, key, up_to).await?;
        if changes.conversations.is_empty() {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some((up_to, changes)))
    }

    /// Notes again that I read a conversation up to a message: after a reload, while the server has not heard of it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn read_up_to(&self, key: &ConversationKey, up_to: MessageId) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        read_by_me(&mut tx, &mut changes, key, up_to).await?;
        tx.commit().await?;
        Ok(changes)
    }

    /// Unread counts.
    ///
    /// # Errors
    /// As the database says.
    pub async fn unread(&self) -> Result<UnreadView, StoreError> {
        let row = sqlx::query("select coalesce(sum(unread), 0) as messages, count(*) as conversations from conversations where unread > 0")
            .fetch_one(&self.read())
            .await?;
        let notifications = self.unread_notifications().await?;
        Ok(UnreadView {
            messages: row.try_get("messages")?,
            conversations: row.try_get("conversations")?,
            notifications,
        })
    }
}

//! The conversation list: one row each, with its newest message and its unread count.

use async_trait::async_trait;
use guildhall_contract::{
    connection::UnreadView,
    conversations::{self as wire, ConversationKey},
    messages::{MessageBody, MessageView},
    people::PersonView,
};
use guildhall_market::{
    ids::{MessageId, UserId},
    time::Timestamp,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    conversation_rows::{ConversationChanges, count, load, read_by_me, save},
    kind::{Changes, Load, Loaded},
    messages,
    people::{self, PeopleChanges},
    rows,
    store::{Cache, meta},
};
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

/// The conversations of an answer, to begin anew with.
pub fn loaded_conversations(list: Vec<wire::Conversation>) -> Loaded {
    Loaded(Box::new(List(list)))
}

struct List(Vec<wire::Conversation>);

#[async_trait]
impl Load for List {
    async fn store(
        &self,
        connection: &mut SqliteConnection,
        me: UserId,
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        put_list(connection, me, &self.0, Counts::Anew, changes).await
    }
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
    list: &[wire::Conversation],
    counts: Counts,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let bodies: Vec<&MessageBody> = list.iter().map(|row| &row.last_message).collect();
    messages::take_in(connection, me, &bodies, messages::Source::Answer, changes).await?;
    people::put_users(connection, &list.iter().map(|row| &row.user).collect::<Vec<_>>()).await?;
    changes.of_mut::<PeopleChanges>().0.extend(list.iter().map(|row| row.user.id));
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
        changes.of_mut::<ConversationChanges>().rows.insert(key);
    }
    Ok(())
}

const JOINED: &str =
    "select c.key as c_key, c.subject_title as c_subject_title, c.last_at_ms as c_last_at_ms, c.unread as c_unread,
        c.user_id as c_user_id, p.name as p_name, p.craft as p_craft, p.verified as p_verified, p.admin as p_admin,
        p.blocked as p_blocked, p.place as p_place, p.avatar as p_avatar, p.last_seen_at_ms as p_last_seen_at_ms, m.*
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
            place: row.try_get("p_place")?,
            picture: people::picture(row.try_get("p_avatar")?),
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
        list: &[wire::Conversation],
        as_of: Option<i64>,
    ) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        let counts = as_of.is_some() && meta(&mut tx, "synced_to").await? == as_of;
        put_list(&mut tx, me, list, if counts { Counts::Present } else { Counts::Unknown }, &mut changes).await?;
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
        if changes.of::<ConversationChanges>().rows.is_empty() {
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

//! Messages: taking them in from wherever they come, and reading a window without holes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use guildhall_contract::{
    conversations::ConversationKey,
    messages::{MessageBody, MessageView, Older},
};
use guildhall_market::{
    ids::{AttachmentId, MessageId, UserId},
    time::Timestamp,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    conversation_rows::{self, ConversationChanges},
    kind::Changes,
    notifications,
    people::{self, PeopleChanges},
    ranges, rows,
    store::{Cache, meta},
};
use crate::StoreError;

/// Part of a conversation, oldest first, without holes.
#[derive(Clone, Debug)]
pub struct Window {
    /// Oldest first.
    pub messages: Vec<MessageView>,
    /// What lies before.
    pub older: Older,
    /// Where to go on asking the server when a gap lies before: messages with an id below this. Absent: the newest.
    pub missing_before: Option<MessageId>,
    /// The key of the first unread message in the window.
    pub first_unread: Option<String>,
}

/// Messages of which something changed, and what else is to be known of it.
#[derive(Clone, Debug, Default)]
pub struct MessageChanges {
    /// Those that changed or appeared.
    pub rows: BTreeMap<ConversationKey, BTreeSet<MessageId>>,
    /// Messages of others that were not here before, in order.
    pub arrived: Vec<Arrived>,
    /// Messages of one's own that the server has, by the key under which this or another device sent them, with the text stored.
    pub confirmed: Vec<Confirmed>,
    /// Messages that were here and are deleted now: whatever showed their words must not any more.
    pub deleted: Vec<Deleted>,
}

/// A message of somebody else that was not here before.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Its id.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationKey,
    /// Who wrote it.
    pub name: String,
    /// The text.
    pub body: String,
    /// The name of its first file.
    pub attachment_name: Option<String>,
    /// When the server took it.
    pub sent_at: Timestamp,
    /// Whether it is unread.
    pub unread: bool,
}

/// A message that was here and is deleted now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Its id.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationKey,
    /// Whether it was one's own.
    pub mine: bool,
}

/// A message of one's own that the server has.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// Its id.
    pub id: MessageId,
    /// The key under which it was sent.
    pub key: String,
    /// The text as the server stored it.
    pub body: String,
}

/// Notes that a message changed, and with it its conversation.
fn changed(changes: &mut Changes, conversation: &ConversationKey, id: MessageId) {
    changes.of_mut::<MessageChanges>().rows.entry(conversation.clone()).or_default().insert(id);
    changes.of_mut::<ConversationChanges>().rows.insert(conversation.clone());
}

/// Where messages come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The feed: each message comes once, in order, and everything after it will come too.
    Feed,
    /// The server's answer to a message of one's own. Everything after it will come through the feed.
    Answer,
    /// A page of history. Older than what is here, perhaps.
    Page,
}

/// Notes changed rows of messages.
pub(super) fn note(changes: &mut Changes, rows: &[SqliteRow]) -> Result<(), StoreError> {
    for row in rows {
        let conversation: String = row.try_get("conversation")?;
        let Ok(key) = ConversationKey::try_from(conversation) else { continue };
        changed(changes, &key, MessageId(row.try_get("id")?));
    }
    Ok(())
}

/// Takes messages in: the rows, the people, the watermarks that were there first, the conversations and the stretches.
pub(super) async fn take_in(
    connection: &mut SqliteConnection,
    me: UserId,
    bodies: &[&MessageBody],
    source: Source,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let pairs: Vec<_> = bodies.iter().filter_map(|body| rows::NewRow::new(me, body).map(|row| (row, *body))).collect();
    if pairs.is_empty() {
        return Ok(());
    }
    changes.of_mut::<PeopleChanges>().0.extend(people::put_parties(connection, me, bodies).await?);
    let ids = serde_json::Value::from(pairs.iter().map(|(row, _)| row.id).collect::<Vec<_>>()).to_string();
    let before = unread_of(connection, &ids).await?;
    let was_deleted = deleted_of(connection, &ids).await?;
    store(connection, &pairs).await?;
    let after = unread_of(connection, &ids).await?;

    let keys: Vec<String> =
        pairs.iter().map(|(row, _)| row.conversation.to_string()).collect::<HashSet<_>>().into_iter().collect();
    let mut known = conversation_rows::load(connection, &keys).await?;
    let mut oldest: BTreeMap<String, i64> = BTreeMap::new();
    for (row, body) in &pairs {
        let key = row.conversation.to_string();
        changed(changes, &row.conversation, body.id);
        let from = oldest.entry(key.clone()).or_insert(row.id);
        *from = (*from).min(row.id);
        let conversation =
            known.entry(key.clone()).or_insert_with(|| conversation_rows::Conversation::new(&row.conversation));
        if let Some(domain) = &body.domain {
            conversation.subject_title = Some(domain.name.clone());
        }
        if conversation.last_id.is_none_or(|last| last < row.id) {
            conversation.last_id = Some(row.id);
            conversation.last_at_ms = row.sent_at;
        }
        if let (true, Some(key)) = (row.mine, &body.client_key) {
            changes.of_mut::<MessageChanges>().confirmed.push(Confirmed {
                id: body.id,
                key: key.clone(),
                body: body.content.clone(),
            });
        }
        // As it is stored, not as it came: a page may have brought a later state before the event.
        let unread = after.get(&row.id) == Some(&true) && row.id > conversation.my_read_to;
        if source == Source::Feed && row.id > conversation.counted_to {
            conversation.counted_to = row.id;
            conversation.unread += i64::from(unread);
            if !row.mine && !row.deleted {
                changes.of_mut::<MessageChanges>().arrived.push(Arrived {
                    id: body.id,
                    conversation: row.conversation.clone(),
                    name: body.sender.name.clone(),
                    body: body.content.clone(),
                    attachment_name: body.attachments.first().map(|file| file.name.clone()),
                    sent_at: body.created_at.0,
                    unread,
                });
            }
        } else if !row.mine && !unread && row.id <= conversation.counted_to && row.id > conversation.my_read_to {
            match before.get(&row.id) {
                Some(true) => conversation.unread = (conversation.unread - 1).max(0),
                Some(false) => {}
                // Perhaps it was counted, by a server that did not know yet.
                None => changes.of_mut::<ConversationChanges>().counts_unsure |= conversation.unread > 0,
            }
        }
    }
    conversation_rows::save(connection, known.values()).await?;
    let gone = pairs.iter().filter(|(row, _)| row.deleted && !was_deleted.contains(&row.id));
    changes.of_mut::<MessageChanges>().deleted.extend(gone.map(|(row, body)| Deleted {
        id: body.id,
        conversation: row.conversation.clone(),
        mine: row.mine,
    }));
    // Sent and deleted in one piece of the feed: nobody is told of it.
    let deleted: HashSet<i64> = pairs.iter().filter(|(row, _)| row.deleted).map(|(row, _)| row.id).collect();
    changes.of_mut::<MessageChanges>().arrived.retain(|arrived| !deleted.contains(&arrived.id.0));
    if pairs.iter().any(|(row, _)| row.deleted) {
        notifications::of_deleted_messages(connection, changes).await?;
    }
    if source != Source::Page {
        for (key, from) in &oldest {
            ranges::cover(connection, key, *from, ranges::OPEN).await?;
        }
    }
    Ok(())
}

/// Those of the messages that are here, and whether each is somebody else's, unread and not deleted.
async fn unread_of(connection: &mut SqliteConnection, ids: &str) -> Result<HashMap<i64, bool>, StoreError> {
    let rows = sqlx::query(
        "select id, mine = 0 and read_at_ms is null and deleted_at_ms is null as unread
         from messages
         where id in (select value from json_each(?1))",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("unread")?))).collect()
}

/// Those of the messages that are known as deleted, or not known at all: of them nothing was told that could be taken back.
async fn deleted_of(connection: &mut SqliteConnection, ids: &str) -> Result<HashSet<i64>, StoreError> {
    let rows = sqlx::query(
        "select value as id
         from json_each(?1)
         where value not in (select id from messages where deleted_at_ms is null)",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

async fn store(connection: &mut SqliteConnection, pairs: &[(rows::NewRow, &MessageBody)]) -> Result<(), StoreError> {
    let json = serde_json::Value::from(pairs.iter().map(|(row, _)| row.json.clone()).collect::<Vec<_>>()).to_string();
    sqlx::query(
        "insert into messages (id, conversation, mine, body, message_type, attachments, sent_at_ms, written_at_ms,
                               delivered_at_ms, read_at_ms, deleted_at_ms, client_key)
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
                value ->> 8, value ->> 9, value ->> 10, value ->> 11
         from json_each(?1) where true
         on conflict (id) do update
         set conversation = excluded.conversation, mine = excluded.mine, message_type = excluded.message_type,
             body = iif(deleted_at_ms is null and excluded.deleted_at_ms is null, excluded.body, ''),
             attachments = iif(deleted_at_ms is null and excluded.deleted_at_ms is null, excluded.attachments, '[]'),
             sent_at_ms = excluded.sent_at_ms,
             written_at_ms = coalesce(excluded.written_at_ms, written_at_ms),
             delivered_at_ms = coalesce(excluded.delivered_at_ms, delivered_at_ms),
             read_at_ms = coalesce(excluded.read_at_ms, read_at_ms),
             deleted_at_ms = coalesce(excluded.deleted_at_ms, deleted_at_ms),
             client_key = coalesce(client_key, excluded.client_key)",
    )
    .bind(&json)
    .execute(&mut *connection)
    .await?;
    // What was told about all messages up to one holds for those that come late, too.
    sqlx::query(
        "update messages as m set read_at_ms = c.their_read_at_ms, delivered_at_ms = coalesce(m.delivered_at_ms, c.their_read_at_ms)
         from conversations as c
         where c.key = m.conversation and m.mine = 1 and m.read_at_ms is null and m.deleted_at_ms is null
           and m.id <= c.their_read_to and m.id in (select value ->> 0 from json_each(?1))",
    )
    .bind(&json)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "update messages as m set delivered_at_ms = p.delivered_at_ms
         from conversations as c, people as p
         where c.key = m.conversation and p.id = c.user_id and m.mine = 1 and m.delivered_at_ms is null
           and m.id <= p.delivered_to and m.id in (select value ->> 0 from json_each(?1))",
    )
    .bind(&json)
    .execute(connection)
    .await?;
    Ok(())
}

/// Somebody has all of my messages up to `up_to`.
pub(super) async fn delivered(
    connection: &mut SqliteConnection,
    changes: &mut Changes,
    user: UserId,
    up_to: MessageId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "update messages set delivered_at_ms = ?3
         where conversation in (select key from conversations where user_id = ?1)
           and id <= ?2 and mine = 1 and delivered_at_ms is null
         returning id, conversation",
    )
    .bind(user.0)
    .bind(up_to.0)
    .bind(at.0)
    .fetch_all(connection)
    .await?;
    note(changes, &rows)
}

impl Cache {
    /// Stores the server's answer to a message of one's own.
    ///
    /// # Errors
    /// As the database says.
    pub async fn put_sent(&self, me: UserId, body: &MessageBody, changed: bool) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        take_in(&mut tx, me, &[body], Source::Answer, &mut changes).await?;
        if changed {
            set_changed(&mut tx, body.id).await?;
        }
        tx.commit().await?;
        Ok(changes)
    }

    /// Notes that the server stored another text than was typed.
    ///
    /// # Errors
    /// As the database says.
    pub async fn mark_changed(&self, id: MessageId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        set_changed(&mut tx, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Stores a page of a conversation's history: the newest messages, or those before `before`. `beginning` says that
    /// nothing is older. A page that was asked for in another epoch is left out, and answers `None`.
    ///
    /// # Errors
    /// As the database says.
    pub async fn put_page(
        &self,
        me: UserId,
        conversation: &ConversationKey,
        messages: &[MessageBody],
        before: Option<MessageId>,
        beginning: bool,
        epoch: i64,
    ) -> Result<Option<Changes>, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        if meta(&mut tx, "epoch").await?.unwrap_or(0) != epoch {
            return Ok(None);
        }
        let bodies: Vec<&MessageBody> = messages.iter().collect();
        take_in(&mut tx, me, &bodies, Source::Page, &mut changes).await?;
        let upper = before.map_or(ranges::OPEN, |before| before.0 - 1);
        let lower = if beginning { Some(0) } else { messages.iter().map(|message| message.id.0).min() };
        if let Some(lower) = lower {
            ranges::cover(&mut tx, &conversation.to_string(), lower, upper).await?;
        }
        tx.commit().await?;
        Ok(Some(changes))
    }

    /// At most `limit` messages with an id below `before`, or the newest.
    ///
    /// # Errors
    /// As the database says.
    pub async fn window(
        &self,
        conversation: &ConversationKey,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Window, StoreError> {
        let key = conversation.to_string();
        // One transaction: rows and stretches of the same moment.
        let mut tx = self.read().begin().await?;
        let upper = before.map_or(ranges::OPEN, |before| before.0 - 1);
        let Some(from) = ranges::holding(&mut tx, &key, upper).await? else {
            return Ok(Window { messages: Vec::new(), older: Older::Gap, missing_before: before, first_unread: None });
        };
        let mut found = sqlx::query(
            "select * from messages
             where conversation = ?1 and id between ?2 and ?3
             order by id desc
             limit ?4",
        )
        .bind(&key)
        .bind(from)
        .bind(upper)
        .bind(i64::from(limit) + 1)
        .fetch_all(&mut *tx)
        .await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        found.reverse();
        let messages = found.iter().map(rows::message_view).collect::<Result<Vec<_>, _>>()?;
        let unread = sqlx::query(
            "select m.*
             from messages as m
             where m.conversation = ?1 and m.id between ?2 and ?3 and m.mine = 0 and m.read_at_ms is null and m.deleted_at_ms is null
               and m.id > coalesce((select my_read_to from conversations where key = ?1), 0)
             order by m.id
             limit 1",
        )
        .bind(&key)
        .bind(from)
        .bind(upper)
        .fetch_optional(&mut *tx)
        .await?;
        // Perhaps before the window: then it is where one finds it when reading back.
        let first_unread = unread.as_ref().map(rows::message_view).transpose()?.map(|message| message.key);
        let older = match (more, from) {
            (true, _) => Older::Here,
            (false, 0) => Older::Beginning,
            (false, _) => Older::Gap,
        };
        Ok(Window { first_unread, older, missing_before: (older == Older::Gap).then_some(MessageId(from)), messages })
    }

    /// Messages by id.
    ///
    /// # Errors
    /// As the database says.
    pub async fn messages_by_id(
        &self,
        ids: impl IntoIterator<Item = MessageId>,
    ) -> Result<Vec<MessageView>, StoreError> {
        let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
        let rows = sqlx::query("select * from messages where id in (select value from json_each(?1)) order by id")
            .bind(serde_json::Value::from(ids).to_string())
            .fetch_all(&self.read())
            .await?;
        rows.iter().map(rows::message_view).collect()
    }

    /// Messages by the keys under which one's own devices sent them.
    ///
    /// # Errors
    /// As the database says.
    pub async fn messages_by_key(
        &self,
        keys: impl IntoIterator<Item = &str>,
    ) -> Result<HashMap<String, MessageView>, StoreError> {
        let keys: Vec<&str> = keys.into_iter().collect();
        let rows = sqlx::query("select * from messages where client_key in (select value from json_each(?1))")
            .bind(serde_json::Value::from(keys).to_string())
            .fetch_all(&self.read())
            .await?;
        let views = rows.iter().map(rows::message_view).collect::<Result<Vec<_>, _>>()?;
        Ok(views.into_iter().map(|view| (view.key.clone(), view)).collect())
    }

    /// A message of one's own was deleted, before the event says so.
    ///
    /// # Errors
    /// As the database says.
    pub async fn delete_message(&self, id: MessageId, at: Timestamp) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        let rows = sqlx::query(
            "update messages set body = '', attachments = '[]', deleted_at_ms = ?2
             where id = ?1 and deleted_at_ms is null
             returning id, conversation, mine",
        )
        .bind(id.0)
        .bind(at.0)
        .fetch_all(&mut *tx)
        .await?;
        note(&mut changes, &rows)?;
        for row in &rows {
            let conversation: String = row.try_get("conversation")?;
            let Ok(conversation) = ConversationKey::try_from(conversation) else { continue };
            changes.of_mut::<MessageChanges>().deleted.push(Deleted {
                id: MessageId(row.try_get("id")?),
                conversation,
                mine: row.try_get("mine")?,
            });
        }
        notifications::of_deleted_messages(&mut tx, &mut changes).await?;
        tx.commit().await?;
        Ok(changes)
    }

    /// The name of a file that came with a message.
    ///
    /// # Errors
    /// As the database says.
    pub async fn attachment_name(&self, id: AttachmentId) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(
            "select file.value ->> 'name' as name
             from messages, json_each(messages.attachments) as file
             where messages.attachments <> '[]' and file.value ->> 'id' = ?1
             limit 1",
        )
        .bind(id.0)
        .fetch_optional(&self.read())
        .await?;
        Ok(row.map(|row| row.try_get("name")).transpose()?)
    }

    /// The conversation of a message.
    ///
    /// # Errors
    /// As the database says.
    pub async fn conversation_of(&self, id: MessageId) -> Result<Option<ConversationKey>, StoreError> {
        let row = sqlx::query("select conversation from messages where id = ?1")
            .bind(id.0)
            .fetch_optional(&self.read())
            .await?;
        Ok(row.map(|row| row.try_get::<String, _>("conversation")).transpose()?.and_then(|key| key.try_into().ok()))
    }
}

async fn set_changed(connection: &mut SqliteConnection, id: MessageId) -> Result<(), StoreError> {
    sqlx::query("update messages set changed_by_server = 1 where id = ?1").bind(id.0).execute(connection).await?;
    Ok(())
}

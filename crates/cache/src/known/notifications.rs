//! Notices, newest first, the same on every device.

use std::collections::BTreeSet;

use async_trait::async_trait;
use guildhall_contract::{
    conversations::ConversationKey,
    events,
    feed::FeedRow,
    notifications::{NotificationBody, NotificationDeleted, NotificationRead, NotificationView},
    targets::Target,
};
use guildhall_market::{
    ids::{DomainId, JobId, UserId, parse_plain_decimal},
    messages::Subject,
    notifications::kinds,
    time::Timestamp,
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use super::{
    kind::{Changes, Kind, Load, Loaded, body, row_of},
    store::Cache,
};
use crate::StoreError;

/// Notices of which something changed.
#[derive(Clone, Debug, Default)]
pub struct NotificationChanges {
    /// Those that changed or appeared.
    pub rows: BTreeSet<i64>,
    /// Those that are gone.
    pub removed: BTreeSet<i64>,
    /// Those that an event brought.
    pub arrived: BTreeSet<i64>,
}

impl NotificationChanges {
    fn gone(&mut self, id: i64) {
        self.rows.remove(&id);
        self.arrived.remove(&id);
        self.removed.insert(id);
    }
}

/// Notices.
pub(super) struct Notifications;

#[async_trait]
impl Kind for Notifications {
    fn events(&self) -> &'static [&'static str] {
        &[events::NOTIFICATION_CREATED, events::NOTIFICATION_READ, events::NOTIFICATION_DELETED]
    }

    fn probe(&self) -> &'static str {
        "select count(*) from (select id from notifications limit 1)"
    }

    async fn apply(
        &self,
        connection: &mut SqliteConnection,
        _: UserId,
        rows: &[&FeedRow],
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        for row in rows {
            match row.event.as_str() {
                events::NOTIFICATION_CREATED => {
                    if let Some(body) = row_of::<NotificationBody>(row) {
                        put(connection, changes, &[&body]).await?;
                        changes.of_mut::<NotificationChanges>().arrived.extend(parse_plain_decimal(&body.id));
                    }
                }
                events::NOTIFICATION_READ => {
                    let Some(marked) = body::<NotificationRead>(row) else { continue };
                    let id = marked.id.as_deref().and_then(parse_plain_decimal);
                    if marked.id.is_none() || id.is_some() {
                        read(connection, changes, id, marked.up_to, marked.read_at.0).await?;
                    }
                }
                _ => {
                    let gone = body::<NotificationDeleted>(row).and_then(|gone| parse_plain_decimal(&gone.id));
                    if let Some(id) = gone {
                        delete(connection, changes, id).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn begin_anew(&self, connection: &mut SqliteConnection, foreign: bool) -> Result<(), StoreError> {
        if foreign {
            sqlx::query("delete from notifications").execute(connection).await?;
        }
        Ok(())
    }
}

/// Notices of an answer, to begin anew with.
pub fn loaded_notices(bodies: Vec<NotificationBody>) -> Loaded {
    Loaded(Box::new(List(bodies)))
}

struct List(Vec<NotificationBody>);

#[async_trait]
impl Load for List {
    async fn store(
        &self,
        connection: &mut SqliteConnection,
        _: UserId,
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        put(connection, changes, &self.0.iter().collect::<Vec<_>>()).await
    }
}

fn number(data: &serde_json::Value, name: &str) -> Option<i64> {
    let value = &data[name];
    value.as_i64().filter(|id| *id > 0).or_else(|| value.as_str().and_then(parse_plain_decimal))
}

/// What something of the market leads to: words of a person lead to their conversation.
fn target(body: &NotificationBody) -> Option<Target> {
    let id = |name| number(&body.data, name);
    if id("conversation_user_id").is_some() {
        return None;
    }
    match (id("dispute_id"), id("job_id"), id("payout_id")) {
        (Some(dispute), ..) => Some(Target::of("disputes", dispute)),
        (_, Some(job), _) => Some(Target::of("jobs", job)),
        (.., Some(_)) => Some(Target { page: "escrow".into(), part: None }),
        _ => None,
    }
}

pub(super) async fn put(
    connection: &mut SqliteConnection,
    changes: &mut Changes,
    bodies: &[&NotificationBody],
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(bodies.len());
    for body in bodies {
        let Some(id) = parse_plain_decimal(&body.id) else { continue };
        let person = number(&body.data, "conversation_user_id");
        let subject = match (number(&body.data, "job_id"), number(&body.data, "domain_id")) {
            (Some(job), _) => Subject::Job(JobId(job)),
            (None, Some(domain)) => Subject::Domain(DomainId(domain)),
            (None, None) => Subject::None,
        };
        let conversation = person.map(|user| ConversationKey { user: UserId(user), subject }.to_string());
        let read_at = body.read_at.map(|at| at.0.0);
        let message = number(&body.data, "message_id");
        rows.push(serde_json::json!([
            id,
            body.kind,
            body.title,
            body.message,
            conversation,
            person,
            body.created_at.0.0,
            read_at,
            message,
            target(body).map(|target| target.to_string())
        ]));
    }
    let stored = sqlx::query(
        "insert into notifications (id, kind, title, message, conversation, person_id, created_at_ms, read_at_ms, message_id, target)
         select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9
         from json_each(?1) where true
         on conflict (id) do update
         set kind = excluded.kind, title = excluded.title, message = excluded.message,
             message_id = excluded.message_id, target = excluded.target, read_at_ms = coalesce(excluded.read_at_ms, read_at_ms)
         where deleted = 0
         returning id",
    )
    .bind(serde_json::Value::from(rows).to_string())
    .fetch_all(&mut *connection)
    .await?;
    for row in &stored {
        changes.of_mut::<NotificationChanges>().rows.insert(row.try_get("id")?);
    }
    // An older list, or an event that was late, quotes what was deleted since.
    of_deleted_messages(connection, changes).await
}

/// Takes away the notices that quote messages which are deleted by now.
pub(super) async fn of_deleted_messages(
    connection: &mut SqliteConnection,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "update notifications set deleted = 1, title = '', message = ''
         where deleted = 0 and message_id in (select id from messages where deleted_at_ms is not null)
         returning id",
    )
    .fetch_all(connection)
    .await?;
    for row in &rows {
        let id = row.try_get("id")?;
        changes.of_mut::<NotificationChanges>().gone(id);
    }
    Ok(())
}

/// Marks one notice as read, or all up to one.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    changes: &mut Changes,
    id: Option<i64>,
    up_to: Option<i64>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "update notifications set read_at_ms = ?3
         where read_at_ms is null and (id = ?1 or (?1 is null and id <= coalesce(?2, id)))
         returning id",
    )
    .bind(id)
    .bind(up_to)
    .bind(at.0)
    .fetch_all(connection)
    .await?;
    for row in &rows {
        changes.of_mut::<NotificationChanges>().rows.insert(row.try_get("id")?);
    }
    Ok(())
}

/// Deletes a notice, and remembers that it was.
pub(super) async fn delete(
    connection: &mut SqliteConnection,
    changes: &mut Changes,
    id: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into notifications (id, kind, title, message, created_at_ms, deleted)
         values (?1, '', '', '', 0, 1)
         on conflict (id) do update set deleted = 1, title = '', message = ''",
    )
    .bind(id)
    .execute(connection)
    .await?;
    changes.of_mut::<NotificationChanges>().gone(id);
    Ok(())
}

impl Cache {
    /// Stores notices of an answer.
    ///
    /// # Errors
    /// As the database says.
    pub async fn put_notifications(&self, bodies: &[NotificationBody]) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        put(&mut tx, &mut changes, &bodies.iter().collect::<Vec<_>>()).await?;
        tx.commit().await?;
        Ok(changes)
    }

    /// Marks one notice as read, or all when `id` is absent.
    ///
    /// # Errors
    /// As the database says.
    pub async fn read_notification(&self, id: Option<i64>, at: Timestamp) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        read(&mut tx, &mut changes, id, None, at).await?;
        tx.commit().await?;
        Ok(changes)
    }

    /// Deletes a notice.
    ///
    /// # Errors
    /// As the database says.
    pub async fn delete_notification(&self, id: i64) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        delete(&mut tx, &mut changes, id).await?;
        tx.commit().await?;
        Ok(changes)
    }

    /// Notices before one, newest first.
    ///
    /// # Errors
    /// As the database says.
    pub async fn notifications(
        &self,
        before: Option<i64>,
        unread_only: bool,
        limit: u32,
    ) -> Result<Vec<NotificationView>, StoreError> {
        let rows = sqlx::query(
            "select * from notifications
             where deleted = 0 and id < coalesce(?1, id + 1) and (?2 = 0 or read_at_ms is null)
             order by id desc
             limit ?3",
        )
        .bind(before)
        .bind(unread_only)
        .bind(limit)
        .fetch_all(&self.read())
        .await?;
        self.notification_views(&rows).await
    }

    /// Notices by id. Those that are gone are left out.
    ///
    /// # Errors
    /// As the database says.
    pub async fn notifications_by_id(
        &self,
        ids: impl IntoIterator<Item = i64>,
    ) -> Result<Vec<NotificationView>, StoreError> {
        let ids: Vec<i64> = ids.into_iter().collect();
        let rows = sqlx::query("select * from notifications where deleted = 0 and id in (select value from json_each(?1)) order by id desc")
            .bind(serde_json::Value::from(ids).to_string())
            .fetch_all(&self.read())
            .await?;
        self.notification_views(&rows).await
    }

    async fn notification_views(&self, rows: &[SqliteRow]) -> Result<Vec<NotificationView>, StoreError> {
        let mut ids = BTreeSet::new();
        for row in rows {
            ids.extend(row.try_get::<Option<i64>, _>("person_id")?.map(UserId));
        }
        let people = self.people_by_id(ids).await?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let person: Option<i64> = row.try_get("person_id")?;
            let person = person.and_then(|id| people.get(&UserId(id)).cloned());
            let conversation: Option<String> = row.try_get("conversation")?;
            views.push(NotificationView {
                id: row.try_get("id")?,
                kind: row.try_get("kind")?,
                title: row.try_get("title")?,
                message: row.try_get("message")?,
                conversation: conversation.and_then(|key| key.try_into().ok()),
                target: row.try_get::<Option<String>, _>("target")?.map(|target| Target::from(target.as_str())),
                person,
                created_at: Timestamp(row.try_get("created_at_ms")?),
                read_at: row.try_get::<Option<i64>, _>("read_at_ms")?.map(Timestamp),
            });
        }
        Ok(views)
    }

    pub(super) async fn unread_notifications(&self) -> Result<u32, StoreError> {
        let row = sqlx::query(
            "select count(*) as n from notifications where read_at_ms is null and deleted = 0 and kind <> ?1",
        )
        .bind(kinds::MESSAGE_RECEIVED)
        .fetch_one(&self.read())
        .await?;
        Ok(row.try_get("n")?)
    }
}

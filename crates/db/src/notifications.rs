//! Notices. Made once for each (user, kind, subject, version).

use guildhall_market::{
    ids::{NotificationId, UserId},
    notifications::PAGE_MAX,
    time::Timestamp,
};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

rows! {
    /// A notice as stored.
    #[derive(Clone, Debug)]
    pub struct Notification of notifications by id {
        /// Which.
        pub id: NotificationId,
        /// Its type.
        pub kind: String,
        /// Its title.
        pub title: String,
        /// Its text.
        pub body: String,
        /// What it is about, JSON.
        pub data: String,
        /// When it was made.
        pub created_at_ms: i64,
        /// When it was read.
        pub read_at_ms: Option<i64>,
    }
}

/// What a new notice needs.
#[derive(Clone, Debug)]
pub struct NewNotification<'a> {
    /// For whom.
    pub user: UserId,
    /// Its type.
    pub kind: &'a str,
    /// What it is about, in one word, such as `conversation:7`.
    pub subject: &'a str,
    /// Counts up when the same subject gives a new notice.
    pub version: i64,
    /// Its title.
    pub title: &'a str,
    /// Its text.
    pub body: &'a str,
    /// JSON.
    pub data: &'a str,
}

/// Makes a notice, unless the same one was made before.
///
/// # Errors
/// The database's.
pub async fn create(
    connection: &mut Connection,
    new: &NewNotification<'_>,
    now: Timestamp,
) -> Result<Option<NotificationId>, DbError> {
    let id: Option<i64> = query(
        "insert into notifications (user_id, kind, subject, version, title, body, data, created_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (user_id, kind, subject, version) do nothing
         returning id",
    )
    .bind(new.user.0)
    .bind(new.kind)
    .bind(new.subject)
    .bind(new.version)
    .bind(new.title)
    .bind(new.body)
    .bind(new.data)
    .bind(now.0)
    .fetch_optional(connection)
    .await?;
    Ok(id.map(NotificationId))
}

/// Whether an unread notice of this kind about this subject stands.
///
/// # Errors
/// The database's.
pub async fn has_unread(connection: &mut Connection, user: UserId, kind: &str, subject: &str) -> Result<bool, DbError> {
    let found: Option<i64> = query(
        "select id from notifications
         where user_id = $1 and kind = $2 and subject = $3 and read_at_ms is null and deleted_at_ms is null
         limit 1",
    )
    .bind(user.0)
    .bind(kind)
    .bind(subject)
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

rows! {
    /// A notice whose words were taken back.
    #[derive(Clone, Copy, Debug)]
    pub struct TakenBack of notifications by id {
        /// Which.
        pub id: NotificationId,
        /// When it was made.
        pub created_at_ms: i64,
        /// When it was read.
        pub read_at_ms: Option<i64>,
        /// When its owner deleted it.
        pub deleted_at_ms: Option<i64>,
    }
}

/// Takes a notice back with its words, also one that its owner deleted. Answers with what it was; `None` when there never
/// was one.
///
/// # Errors
/// The database's.
pub async fn take_back(
    connection: &mut Connection,
    user: UserId,
    kind: &str,
    subject: &str,
    version: i64,
    now: Timestamp,
) -> Result<Option<TakenBack>, DbError> {
    let found: Option<TakenBack> = query(
        "select id, created_at_ms, read_at_ms, deleted_at_ms from notifications
         where user_id = $1 and kind = $2 and subject = $3 and version = $4",
    )
    .bind(user.0)
    .bind(kind)
    .bind(subject)
    .bind(version)
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(found) = &found {
        query(
            "update notifications set title = '', body = '', deleted_at_ms = coalesce(deleted_at_ms, $2) where id = $1",
        )
        .bind(found.id.0)
        .bind(now.0)
        .execute(connection)
        .await?;
    }
    Ok(found)
}

/// One notice of a user, unless it was deleted.
///
/// # Errors
/// The database's.
pub async fn get(
    connection: &mut Connection,
    user: UserId,
    id: NotificationId,
) -> Result<Option<Notification>, DbError> {
    query(
        "select id, kind, title, body, data, created_at_ms, read_at_ms from notifications
         where user_id = $1 and id = $2 and deleted_at_ms is null",
    )
    .bind(user.0)
    .bind(id.0)
    .fetch_optional(connection)
    .await
}

/// A user's notices with an id below `before`, newest first. Deleted and expired ones are left out.
///
/// # Errors
/// The database's.
pub async fn list(
    connection: &mut Connection,
    user: UserId,
    before: Option<i64>,
    unread_only: bool,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<Notification>, DbError> {
    query(
        "select id, kind, title, body, data, created_at_ms, read_at_ms from notifications
         where user_id = $1 and id < $2 and deleted_at_ms is null and (expires_at_ms is null or expires_at_ms > $3)
         and ($4 = 0 or read_at_ms is null)
         order by id desc
         limit $5",
    )
    .bind(user.0)
    .bind(before.unwrap_or(i64::MAX))
    .bind(now.0)
    .bind(i64::from(unread_only))
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(connection)
    .await
}

/// Unread notices of a user. Expired ones do not count.
///
/// # Errors
/// The database's.
pub async fn unread_count(connection: &mut Connection, user: UserId, now: Timestamp) -> Result<i64, DbError> {
    query(
        "select count(*) from notifications
         where user_id = $1 and read_at_ms is null and deleted_at_ms is null and (expires_at_ms is null or expires_at_ms > $2)",
    )
    .bind(user.0)
    .bind(now.0)
    .fetch_one(connection)
    .await
}

/// Marks one notice as read. False when it was before, or is not theirs.
///
/// # Errors
/// The database's.
pub async fn mark_read(
    connection: &mut Connection,
    user: UserId,
    id: NotificationId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let done = query(
        "update notifications set read_at_ms = $3 where user_id = $1 and id = $2 and read_at_ms is null and deleted_at_ms is null",
    )
    .bind(user.0)
    .bind(id.0)
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(done > 0)
}

/// Marks all notices as read. Answers with the newest one that became read.
///
/// # Errors
/// The database's.
pub async fn mark_all_read(connection: &mut Connection, user: UserId, now: Timestamp) -> Result<Option<i64>, DbError> {
    let newest: Option<i64> =
        query("select max(id) from notifications where user_id = $1 and read_at_ms is null and deleted_at_ms is null")
            .bind(user.0)
            .fetch_one(&mut *connection)
            .await?;
    if newest.is_some() {
        query("update notifications set read_at_ms = $2 where user_id = $1 and read_at_ms is null")
            .bind(user.0)
            .bind(now.0)
            .execute(connection)
            .await?;
    }
    Ok(newest)
}

/// Marks the notices of one kind about one subject as read. Answers with those that became so.
///
/// # Errors
/// The database's.
pub async fn mark_subject_read(
    connection: &mut Connection,
    user: UserId,
    kind: &str,
    subject: &str,
    now: Timestamp,
) -> Result<Vec<i64>, DbError> {
    let rows: Vec<(i64,)> = query(
        "update notifications set read_at_ms = $4
         where user_id = $1 and kind = $2 and subject = $3 and read_at_ms is null and deleted_at_ms is null
         returning id",
    )
    .bind(user.0)
    .bind(kind)
    .bind(subject)
    .bind(now.0)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Deletes a notice. False when there is none.
///
/// # Errors
/// The database's.
pub async fn delete(
    connection: &mut Connection,
    user: UserId,
    id: NotificationId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let done =
        query("update notifications set deleted_at_ms = $3 where user_id = $1 and id = $2 and deleted_at_ms is null")
            .bind(user.0)
            .bind(id.0)
            .bind(now.0)
            .execute(connection)
            .await?;
    Ok(done > 0)
}

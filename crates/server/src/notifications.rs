//! Notices: making, listing, reading, deleting.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    events::{NOTIFICATION_CREATED, NOTIFICATION_DELETED, NOTIFICATION_READ, NOTIFICATION_SENT},
    notifications::{NotificationBody, NotificationDeleted, NotificationRead},
    rest::{Data, UnreadCount, UnreadCountBody},
};
use guildhall_db::{Committed, Connection, feed, notifications};
use guildhall_market::{
    ids::{NotificationId, UserId},
    notifications::PAGE_DEFAULT,
    time::Timestamp,
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::{ApiError, written},
    feature::Feature,
    render,
    request::{Caller, Command, Nothing, PathId, Query},
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), ..Feature::named("notifications") };

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_notifications))
        .routes(routes!(unread_count))
        .routes(routes!(read_notification, read_notification_put))
        .routes(routes!(read_all))
        .routes(routes!(delete_notification))
}

/// Makes a notice unless it was made before. Answers with its event, which leaves under both names.
///
/// # Errors
/// The database's.
pub async fn notify(
    c: &mut Connection,
    new: &notifications::NewNotification<'_>,
    now: Timestamp,
) -> Result<Option<feed::Entry>, ApiError> {
    let Some(id) = notifications::create(c, new, now).await? else { return Ok(None) };
    let Some(stored) = notifications::get(c, new.user, id).await? else { return Ok(None) };
    let entry = feed::Entry::new(new.user, NOTIFICATION_CREATED, written(&render::notification(&stored)?)?);
    Ok(Some(feed::Entry { alias: Some(NOTIFICATION_SENT), ..entry }))
}

/// Marks all notices of one kind about one subject as read.
///
/// # Errors
/// The database's.
pub async fn settle(
    c: &mut Connection,
    user: UserId,
    kind: &str,
    subject: &str,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    let read = notifications::mark_subject_read(c, user, kind, subject, now).await?;
    let entry = |id: i64| {
        let body = NotificationRead { id: Some(id.to_string()), up_to: None, read_at: now.into() };
        Ok(feed::Entry::new(user, NOTIFICATION_READ, written(&body)?))
    };
    read.into_iter().map(entry).collect()
}

#[derive(Deserialize)]
struct ListQuery {
    limit: Option<i64>,
    #[serde(default)]
    unread_only: Option<String>,
    before: Option<i64>,
}

/// Notices, newest first.
#[utoipa::path(get, path = "/api/notifications", tag = "notifications",
    params(("limit" = Option<i64>, Query), ("unread_only" = Option<String>, Query), ("before" = Option<i64>, Query)),
    responses((status = 200, body = Data<Vec<NotificationBody>>)))]
async fn list_notifications(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<Data<Vec<NotificationBody>>>, ApiError> {
    // Laravel clients write true as 1 or as a word.
    let unread_only = query.unread_only.is_some_and(|v| matches!(v.as_str(), "1" | "true" | "on" | "yes"));
    let mut c = app.db.read().await?;
    let limit = query.limit.unwrap_or(PAGE_DEFAULT);
    let rows = notifications::list(&mut c, caller.user, query.before, unread_only, limit, app.now()).await?;
    Ok(Json(Data { data: rows.iter().map(render::notification).collect::<Result<_, _>>()? }))
}

/// How many notices are unread.
#[utoipa::path(get, path = "/api/notifications/unread-count", tag = "notifications", responses((status = 200, body = UnreadCountBody)))]
async fn unread_count(State(app): State<App>, caller: Caller) -> Result<Json<UnreadCountBody>, ApiError> {
    let mut c = app.db.read().await?;
    let unread_count = notifications::unread_count(&mut c, caller.user, app.now()).await?;
    Ok(Json(UnreadCountBody { data: UnreadCount { unread_count }, unread_count }))
}

/// Marks a notice as read.
#[utoipa::path(patch, path = "/api/notifications/{id}/read", tag = "notifications", params(("id" = i64, Path)),
    responses((status = 200, body = Data<NotificationBody>), (status = 404, body = guildhall_contract::rest::Refusal)))]
async fn read_notification(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<NotificationId>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let user = caller.user;
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let mut events = Vec::new();
            if notifications::mark_read(c, user, id, now).await? {
                let body = NotificationRead { id: Some(id.to_string()), up_to: None, read_at: now.into() };
                let entry = feed::Entry::new(user, NOTIFICATION_READ, written(&body)?);
                events = feed::append(c, vec![entry.except(caller.socket.as_deref())], now).await?;
            }
            let stored = notifications::get(c, user, id).await?.ok_or_else(ApiError::not_found)?;
            Ok(Committed { value: Data { data: render::notification(&stored)? }, events })
        })
    })
    .await
}

/// The same by PUT, which the artisan system's clients use.
#[utoipa::path(put, path = "/api/notifications/{id}/read", tag = "notifications", params(("id" = i64, Path)),
    responses((status = 200, body = Data<NotificationBody>), (status = 404, body = guildhall_contract::rest::Refusal)))]
async fn read_notification_put(
    state: State<App>,
    caller: Caller,
    id: PathId<NotificationId>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    read_notification(state, caller, id, command).await
}

/// Marks all notices as read.
#[utoipa::path(post, path = "/api/notifications/read-all", tag = "notifications", responses((status = 204)))]
async fn read_all(State(app): State<App>, caller: Caller, command: Command<Nothing>) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let user = caller.user;
    app.command(caller.session(), command.once, StatusCode::NO_CONTENT, move |c, now| {
        Box::pin(async move {
            let mut events = Vec::new();
            if let Some(up_to) = notifications::mark_all_read(c, user, now).await? {
                let body = NotificationRead { id: None, up_to: Some(up_to), read_at: now.into() };
                let entry = feed::Entry::new(user, NOTIFICATION_READ, written(&body)?);
                events = feed::append(c, vec![entry.except(caller.socket.as_deref())], now).await?;
            }
            Ok(Committed { value: (), events })
        })
    })
    .await
}

/// Deletes a notice.
#[utoipa::path(delete, path = "/api/notifications/{id}", tag = "notifications", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = guildhall_contract::rest::Refusal)))]
async fn delete_notification(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<NotificationId>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let user = caller.user;
    app.command(caller.session(), command.once, StatusCode::NO_CONTENT, move |c, now| {
        Box::pin(async move {
            if !notifications::delete(c, user, id, now).await? {
                return Err(ApiError::not_found());
            }
            let body = NotificationDeleted { id: id.to_string() };
            let entry = feed::Entry::new(user, NOTIFICATION_DELETED, written(&body)?);
            let events = feed::append(c, vec![entry.except(caller.socket.as_deref())], now).await?;
            Ok(Committed { value: (), events })
        })
    })
    .await
}

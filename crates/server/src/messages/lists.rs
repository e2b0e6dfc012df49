//! Conversations, their pages, what is unread, and search.

use axum::{Json, extract::State};
use guildhall_contract::{
    conversations::Conversation,
    messages::MessageBody,
    rest::{Data, Page, PageMeta, Refusal, UnreadCount, UnreadCountBody},
};
use guildhall_db::{conversations, messages, people};
use guildhall_market::ids::{MessageId, UserId};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::reading::{bodies, subject_of};
use crate::{
    app::App,
    error::ApiError,
    request::{Caller, PathId, Query},
};

/// Rows of a page when the caller names no number.
const PER_PAGE_DEFAULT: i64 = 20;

/// The routes of this part.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_conversations))
        .routes(routes!(get_conversation))
        .routes(routes!(unread_count))
        .routes(routes!(search_messages))
}

#[derive(Deserialize)]
struct PageQuery {
    page: Option<i64>,
    per_page: Option<i64>,
}

fn page_of(page: Option<i64>, per_page: Option<i64>, total: i64) -> PageMeta {
    let per_page = per_page.unwrap_or(PER_PAGE_DEFAULT).clamp(1, messages::PAGE_MAX);
    let last_page = ((total + per_page - 1) / per_page).max(1);
    PageMeta { current_page: page.unwrap_or(1).clamp(1, 1 << 40), per_page, total, last_page, next: None }
}

/// The conversations, latest first: one for each other person and subject.
#[utoipa::path(get, path = "/api/messages/conversations", tag = "messages",
    params(("page" = Option<i64>, Query), ("per_page" = Option<i64>, Query)), responses((status = 200, body = Page<Conversation>)))]
async fn list_conversations(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Conversation>>, ApiError> {
    let (me, now) = (caller.user, app.now());
    let mut c = app.db.read().await?;
    let meta = page_of(query.page, query.per_page, conversations::count(&mut c, me).await?);
    let rows = conversations::list(&mut c, me, (meta.current_page - 1) * meta.per_page, meta.per_page).await?;
    let ids: Vec<MessageId> = rows.iter().map(|row| row.last_message_id).collect();
    let last = messages::get_many(&mut c, &ids).await?;
    let last = bodies(&mut c, &last, &app.link_secret, me, now).await?;
    let others: Vec<UserId> = rows.iter().map(|row| row.other_id).collect();
    let others = crate::people::acquaintances(&app, &mut c, me, &others).await?;
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(last_message) = last.iter().find(|m| m.id == row.last_message_id).cloned() else { continue };
        let Some(user) = others.iter().find(|user| user.id == row.other_id).cloned() else { continue };
        data.push(Conversation {
            user,
            job_id: last_message.job_id,
            domain_id: last_message.domain_id,
            last_message,
            unread_count: row.unread,
        });
    }
    Ok(Json(Page { data, meta }))
}

#[derive(Deserialize)]
struct ConversationQuery {
    job_id: Option<i64>,
    domain_id: Option<i64>,
    page: Option<i64>,
    per_page: Option<i64>,
    before: Option<i64>,
}

/// A conversation, newest first, by page or before a message. Reading it changes nothing.
#[utoipa::path(get, path = "/api/messages/conversations/{userId}", tag = "messages",
    params(("userId" = i64, Path), ("job_id" = Option<i64>, Query), ("domain_id" = Option<i64>, Query), ("page" = Option<i64>, Query),
        ("per_page" = Option<i64>, Query), ("before" = Option<i64>, Query)),
    responses((status = 200, body = Page<MessageBody>), (status = 404, body = Refusal)))]
async fn get_conversation(
    State(app): State<App>,
    caller: Caller,
    PathId(other): PathId<UserId>,
    Query(query): Query<ConversationQuery>,
) -> Result<Json<Page<MessageBody>>, ApiError> {
    let subject = subject_of(query.job_id, query.domain_id)?;
    let (me, now) = (caller.user, app.now());
    let mut c = app.db.read().await?;
    people::get(&mut c, other).await?.ok_or_else(ApiError::not_found)?;
    let total = conversations::count_messages(&mut c, me, other, subject).await?;
    let mut meta = page_of(query.page, query.per_page, total);
    let skip = if query.before.is_some() { 0 } else { (meta.current_page - 1) * meta.per_page };
    let before = query.before.map(MessageId);
    let mut rows = messages::between(&mut c, (me, other), subject, before, skip, meta.per_page.min(99) + 1).await?;
    let wanted = usize::try_from(meta.per_page).unwrap_or(usize::MAX);
    if rows.len() > wanted || meta.per_page == messages::PAGE_MAX && rows.len() == wanted {
        rows.truncate(wanted);
        meta.next = rows.last().map(|row| row.id.0);
    }
    Ok(Json(Page { data: bodies(&mut c, &rows, &app.link_secret, me, now).await?, meta }))
}

/// How many messages are unread.
#[utoipa::path(get, path = "/api/messages/unread-count", tag = "messages", responses((status = 200, body = UnreadCountBody)))]
async fn unread_count(State(app): State<App>, caller: Caller) -> Result<Json<UnreadCountBody>, ApiError> {
    let mut c = app.db.read().await?;
    let unread_count = messages::unread_count(&mut c, caller.user).await?;
    Ok(Json(UnreadCountBody { data: UnreadCount { unread_count }, unread_count }))
}

#[derive(Deserialize)]
struct SearchQuery {
    #[serde(default)]
    q: String,
    limit: Option<i64>,
}

/// One's own messages that hold all of the words, newest first.
#[utoipa::path(get, path = "/api/messages/search", tag = "messages", params(("q" = String, Query), ("limit" = Option<i64>, Query)),
    responses((status = 200, body = Data<Vec<MessageBody>>)))]
async fn search_messages(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Result<Json<Data<Vec<MessageBody>>>, ApiError> {
    let mut c = app.db.read().await?;
    let limit = query.limit.unwrap_or(PER_PAGE_DEFAULT);
    let rows = messages::search(&mut c, app.db.engine(), caller.user, &query.q, limit).await?;
    Ok(Json(Data { data: bodies(&mut c, &rows, &app.link_secret, caller.user, app.now()).await? }))
}

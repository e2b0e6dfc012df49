//! Marks: a message was read, or is on a device.

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    events::{MESSAGE_DELIVERED, MESSAGE_READ},
    messages::{DeliveredUpTo, MessageBody, MessageDelivered, MessageRead, ReadUpTo},
    rest::{Data, Refusal, UnreadCount, UnreadCountBody},
};
use guildhall_db::{Committed, Connection, feed, messages};
use guildhall_market::{
    ids::{MessageId, UserId},
    messages::Subject,
    notifications::kinds::MESSAGE_RECEIVED,
    time::Timestamp,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    notice::notice_subject,
    reading::{bodies, facts, subject_of},
};
use crate::{
    app::App,
    error::{ApiError, written},
    notifications::settle,
    request::{Caller, Command, Nothing, PathId},
};

/// The routes of this part.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read_message, read_message_put))
        .routes(routes!(read_up_to))
        .routes(routes!(delivered_up_to))
}

/// Marks as read without a request: the demo's people use it.
///
/// # Errors
/// The database's.
pub async fn read_as(app: &App, people: (UserId, UserId), subject: Subject, up_to: MessageId) -> Result<(), ApiError> {
    let shared = app.clone();
    app.db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                let now = shared.now();
                let mut events = Vec::new();
                if let Some(newest) = messages::mark_read_up_to(c, people, subject, up_to, now).await? {
                    events = read_events(c, people, subject, newest, Some(newest), None, now).await?;
                }
                Ok(Committed { value: (), events })
            })
        })
        .await
}

/// The read event to both people. `up_to` is given when all messages before it are read as well.
async fn read_events(
    c: &mut Connection,
    (reader, writer): (UserId, UserId),
    subject: Subject,
    message_id: MessageId,
    up_to: Option<MessageId>,
    socket: Option<&str>,
    now: Timestamp,
) -> Result<Vec<guildhall_db::Outgoing>, ApiError> {
    let (kind, id) = subject.parts();
    let body = MessageRead {
        message_id,
        up_to,
        read_at: now.into(),
        from_user_id: writer,
        to_user_id: reader,
        domain_id: (kind == "domain").then_some(id),
        job_id: (kind == "job").then_some(id),
    };
    let told = written(&body)?;
    let mut entries = vec![
        feed::Entry::new(reader, MESSAGE_READ, told.clone()).except(socket),
        feed::Entry::new(writer, MESSAGE_READ, told),
    ];
    entries.extend(settle(c, reader, MESSAGE_RECEIVED, &notice_subject(writer, subject), now).await?);
    Ok(feed::append(c, entries, now).await?)
}

/// Marks a message as read. Only the first time counts.
#[utoipa::path(patch, path = "/api/messages/{id}/read", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, body = Data<MessageBody>), (status = 403, body = Refusal), (status = 404, body = Refusal)))]
async fn read_message(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<MessageId>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let shared = app.clone();
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let me = caller.user;
            let row = messages::get(c, id).await?.ok_or_else(ApiError::not_found)?;
            facts(&row).may_read(me)?;
            let mut events = Vec::new();
            if messages::mark_read(c, id, now).await? {
                let people = (me, row.sender_id);
                events = read_events(c, people, row.subject, id, None, caller.socket.as_deref(), now).await?;
            }
            let row = messages::get(c, id).await?.ok_or_else(ApiError::not_found)?;
            let data = bodies(c, &[row], &shared.link_secret, me, now).await?.pop().ok_or_else(ApiError::not_found)?;
            Ok(Committed { value: Data { data }, events })
        })
    })
    .await
}

/// The same by PUT, which the artisan system's clients use.
#[utoipa::path(put, path = "/api/messages/{id}/read", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, body = Data<MessageBody>), (status = 403, body = Refusal), (status = 404, body = Refusal)))]
async fn read_message_put(
    state: State<App>,
    caller: Caller,
    id: PathId<MessageId>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    read_message(state, caller, id, command).await
}

/// Marks everything that somebody wrote as read, up to a message.
#[utoipa::path(post, path = "/api/messages/read", tag = "messages", request_body = ReadUpTo,
    responses((status = 200, body = UnreadCountBody), (status = 422, body = Refusal)))]
async fn read_up_to(State(app): State<App>, caller: Caller, command: Command<ReadUpTo>) -> Result<Response, ApiError> {
    let body = command.body;
    let subject = subject_of(body.job_id, body.domain_id)?;
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let people = (caller.user, body.user_id);
            let mut events = Vec::new();
            if let Some(newest) = messages::mark_read_up_to(c, people, subject, body.up_to, now).await? {
                events = read_events(c, people, subject, newest, Some(newest), caller.socket.as_deref(), now).await?;
            }
            let unread_count = messages::unread_count(c, caller.user).await?;
            Ok(Committed { value: UnreadCountBody { data: UnreadCount { unread_count }, unread_count }, events })
        })
    })
    .await
}

/// Says that a device has everything up to a message. Each writer hears of it once.
#[utoipa::path(post, path = "/api/messages/delivered", tag = "messages", request_body = DeliveredUpTo, responses((status = 204)))]
async fn delivered_up_to(
    State(app): State<App>,
    caller: Caller,
    command: Command<DeliveredUpTo>,
) -> Result<Response, ApiError> {
    let body = command.body;
    app.command(caller.session(), command.once, StatusCode::NO_CONTENT, move |c, now| {
        Box::pin(async move {
            let mut entries = Vec::new();
            for (writer, newest) in messages::mark_delivered_up_to(c, caller.user, body.up_to, now).await? {
                let event = MessageDelivered {
                    up_to: newest,
                    delivered_at: now.into(),
                    from_user_id: writer,
                    to_user_id: caller.user,
                };
                entries.push(feed::Entry::new(writer, MESSAGE_DELIVERED, written(&event)?));
            }
            let events = feed::append(c, entries, now).await?;
            Ok(Committed { value: (), events })
        })
    })
    .await
}

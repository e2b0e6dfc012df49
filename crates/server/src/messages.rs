//! Messages in both dialects: sending, paging, read and delivery marks, deletion, search.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    channels::{MESSAGE_DELIVERED, MESSAGE_READ, MESSAGE_SENT},
    events::{MessageDelivered, MessageRead},
    rest::{
        Conversation, Data, DeliveredUpTo, MessageBody, NewMessage, Page, PageMeta, ReadUpTo, Refusal, UnreadCount,
        UnreadCountBody,
    },
};
use guildhall_db::{Committed, Connection, attachments, conversations, feed, messages, notifications, people};
use guildhall_market::{
    attachments::PER_MESSAGE_MAX,
    ids::{AttachmentId, DomainId, JobId, MessageId, UserId},
    messages::{MessageFacts, Subject, believed_written_at},
    notifications::kinds::MESSAGE_RECEIVED,
    permissions, text,
    time::Timestamp,
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::{App, MessageTurn},
    error::ApiError,
    notifications::{event_text, notify, settle},
    render,
    request::{Caller, Command, Nothing, PathId, Query},
    take_back,
};

/// Rows of a page when the caller names no number.
const PER_PAGE_DEFAULT: i64 = 20;
/// Characters of a message shown in its notice.
const NOTICE_CHARS_MAX: usize = 140;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(send_message))
        .routes(routes!(list_conversations))
        .routes(routes!(get_conversation))
        .routes(routes!(read_message, read_message_put))
        .routes(routes!(read_up_to))
        .routes(routes!(delivered_up_to))
        .routes(routes!(unread_count))
        .routes(routes!(search_messages))
        .routes(routes!(delete_message))
}

/// A message to send, whichever dialect it came in.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Whom it is for.
    pub recipient: UserId,
    /// What it is about.
    pub subject: Subject,
    /// Cleaned.
    pub body: String,
    /// `text`, or another word.
    pub message_type: String,
    /// Uploaded files.
    pub attachments: Vec<AttachmentId>,
    /// On the writer's clock.
    pub written_at: Option<Timestamp>,
}

fn one_of<T: PartialEq>(
    a: Option<T>,
    b: Option<T>,
    names: (&'static str, &'static str),
) -> Result<Option<T>, ApiError> {
    match (a, b) {
        (Some(a), Some(b)) if a != b => Err(ApiError::invalid(
            names.0,
            format!("`{}` and `{}` say the same thing in two dialects, but differ.", names.0, names.1),
        )),
        (a, b) => Ok(a.or(b)),
    }
}

fn subject_of(job_id: Option<i64>, domain_id: Option<i64>) -> Result<Subject, ApiError> {
    let positive = |field: &str, id: i64| {
        let range = 1..=guildhall_market::ids::ID_MAX;
        if range.contains(&id) {
            Ok(id)
        } else {
            Err(ApiError::invalid(field, format!("`{field}` must be a positive integer.")))
        }
    };
    match (job_id, domain_id) {
        (Some(_), Some(_)) => {
            Err(ApiError::invalid("domain_id", "A message is about a job or about a domain, not about both."))
        }
        (Some(id), None) => Ok(Subject::Job(JobId(positive("job_id", id)?))),
        (None, Some(id)) => Ok(Subject::Domain(DomainId(positive("domain_id", id)?))),
        (None, None) => Ok(Subject::None),
    }
}

impl Outgoing {
    /// Reads a message in either dialect.
    ///
    /// # Errors
    /// 422 with the field that is wrong, 413 for more than 16 KiB of text.
    pub fn read(new: NewMessage) -> Result<Self, ApiError> {
        let recipient = one_of(new.recipient_id, new.to_user_id, ("recipient_id", "to_user_id"))?.ok_or_else(|| {
            ApiError::invalid("recipient_id", "Say whom the message is for: `recipient_id` (or `to_user_id`).")
        })?;
        let attachments = new.attachments.unwrap_or_default();
        let raw = one_of(new.content, new.body, ("content", "body"))?;
        let raw = match raw {
            Some(raw) => raw,
            None if !attachments.is_empty() => String::new(),
            None => return Err(ApiError::invalid("content", "The text is missing: `content` (or `body`).")),
        };
        if raw.len() > text::RAW_BODY_BYTES_MAX {
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The text is larger than 16 KiB."));
        }
        if attachments.len() > PER_MESSAGE_MAX {
            return Err(ApiError::field(
                "too_many",
                "attachments",
                format!("At most {PER_MESSAGE_MAX} files go with one message."),
            ));
        }
        let body = match text::clean(&raw) {
            // Files say something by themselves.
            Err(text::TextRefusal::Empty) if !attachments.is_empty() => String::new(),
            other => other?,
        };
        let message_type = new.message_type.unwrap_or_else(|| "text".into());
        let plain =
            (1..=32).contains(&message_type.len()) && message_type.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if !plain || message_type == "system" {
            return Err(ApiError::invalid(
                "message_type",
                "`message_type` must be a word such as text, image, file or location.",
            ));
        }
        Ok(Self {
            recipient,
            subject: subject_of(new.job_id, new.domain_id)?,
            body,
            message_type,
            attachments,
            written_at: new.written_at.map(|at| at.0),
        })
    }
}

/// Names a conversation from one side, for notices.
pub(crate) fn notice_subject(other: UserId, subject: Subject) -> String {
    let (kind, id) = subject.parts();
    if kind.is_empty() { format!("conversation:{other}") } else { format!("conversation:{other}:{kind}:{id}") }
}

async fn bodies(
    c: &mut Connection,
    rows: &[messages::Message],
    secret: &str,
    reader: UserId,
    now: Timestamp,
) -> Result<Vec<MessageBody>, ApiError> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let files = attachments::of_messages(c, &ids).await?;
    Ok(rows.iter().map(|row| render::message(row, &files, secret, reader, now)).collect())
}

/// Stores a message, its feed rows and its notice: everything that one transaction must hold.
///
/// # Errors
/// 404 for an unknown recipient, 403 `not_reachable` past a block, 422 for a file that cannot go along.
pub async fn store(
    c: &mut Connection,
    app: &App,
    sender: UserId,
    out: &Outgoing,
    (client_key, socket): (Option<&str>, Option<&str>),
    turn: &MessageTurn,
    now: Timestamp,
) -> Result<Committed<Data<MessageBody>>, ApiError> {
    let recipient = out.recipient;
    if recipient == sender {
        return Err(ApiError::invalid("recipient_id", "You cannot write to yourself."));
    }
    let stored = people::get(c, recipient)
        .await?
        .ok_or_else(|| ApiError::field("unknown_recipient", "recipient_id", "There is nobody with this id."))?;
    let (blocks, blocked) = people::blocks_between(c, sender, recipient).await?;
    if stored.deleted_at_ms.is_some() || !permissions::may_write(sender, recipient, blocks || blocked) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "not_reachable", "This person cannot be reached."));
    }
    turn.take()?;
    // Before the message gets its id: so ids ascend in both feeds.
    let both = [sender.min(recipient), sender.max(recipient)];
    let feeds = feed::hold(c, &both).await?;
    let new = messages::NewMessage {
        sender,
        recipient,
        subject: out.subject,
        body: out.body.clone(),
        message_type: out.message_type.clone(),
        client_key: client_key.map(str::to_owned),
        written_at: out.written_at.and_then(|at| believed_written_at(at, now)),
    };
    let id = messages::insert(c, &new, now).await?;
    for (position, file) in out.attachments.iter().enumerate() {
        if !attachments::bind(c, *file, sender, id, position).await? {
            return Err(ApiError::field(
                "attachment_missing",
                "attachments",
                format!("File {file} is not one of yours that still can be sent."),
            ));
        }
    }
    let row = messages::get(c, id).await?.ok_or_else(ApiError::not_found)?;
    let files = if out.attachments.is_empty() { Vec::new() } else { attachments::of_messages(c, &[id.0]).await? };
    let mut entries = Vec::with_capacity(3);
    let mut answer = None;
    for reader in both {
        let body = render::message(&row, &files, &app.link_secret, reader, now);
        // Only the sender's own socket is left out; it has the answer.
        let except = if reader == sender { socket } else { None };
        entries.push(feed::Entry::new(reader, MESSAGE_SENT, event_text(&body)).except(except));
        if reader == sender {
            answer = Some(body);
        }
    }
    let subject = notice_subject(sender, out.subject);
    if !notifications::has_unread(c, recipient, MESSAGE_RECEIVED, &subject).await? {
        let (subject, shown, data) = notice_of(&row, &files);
        let notice = notifications::NewNotification {
            user: recipient,
            kind: MESSAGE_RECEIVED,
            subject: &subject,
            version: id.0,
            title: &row.sender_name,
            body: &shown,
            data: &data,
        };
        entries.extend(notify(c, &notice, now).await?);
    }
    let events = feeds.append(c, entries, now).await?;
    let data = answer.ok_or_else(ApiError::not_found)?;
    Ok(Committed { value: Data { data }, events })
}

/// The notice of a message: what it is about, its words, its data as JSON.
pub(crate) fn notice_of(row: &messages::Message, files: &[attachments::Attachment]) -> (String, String, String) {
    let sender = UserId(row.sender_id);
    let (job_id, domain_id) = (row_subject_id(row, "job"), row_subject_id(row, "domain"));
    let data = serde_json::json!({
        "conversation_user_id": sender, "message_id": row.id, "job_id": job_id, "domain_id": domain_id,
    });
    let mut shown: String = row.body.chars().take(NOTICE_CHARS_MAX).collect();
    if shown.is_empty() {
        shown = files.first().map(|file| file.name.clone()).unwrap_or_default();
    }
    (notice_subject(sender, row.subject()), shown, data.to_string())
}

fn row_subject_id(row: &messages::Message, kind: &str) -> Option<i64> {
    (row.subject_kind == kind).then_some(row.subject_id)
}

/// Sends a message.
#[utoipa::path(post, path = "/api/messages", tag = "messages", request_body = NewMessage,
    params(("Idempotency-Key" = Option<String>, Header), ("X-Socket-ID" = Option<String>, Header)),
    responses((status = 201, body = Data<MessageBody>), (status = 403, body = Refusal), (status = 413, body = Refusal),
        (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn send_message(
    State(app): State<App>,
    caller: Caller,
    command: Command<NewMessage>,
) -> Result<Response, ApiError> {
    let out = Outgoing::read(command.body)?;
    let shared = app.clone();
    let key = command.once.key().map(str::to_owned);
    let turn = app.message_turn(caller.user);
    let taken = turn.clone();
    let sent = app
        .command(caller.user, command.once, StatusCode::CREATED, move |c, now| {
            Box::pin(async move {
                let names = (key.as_deref(), caller.socket.as_deref());
                store(c, &shared, caller.user, &out, names, &taken, now).await
            })
        })
        .await;
    turn.settle(sent)
}

/// Sends a message as somebody without a request of theirs: the demo's people use it.
///
/// # Errors
/// As [`store`].
pub async fn send_as(app: &App, sender: UserId, out: Outgoing) -> Result<(), ApiError> {
    let shared = app.clone();
    let turn = app.message_turn(sender);
    let taken = turn.clone();
    let sent = app
        .db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                let now = shared.now();
                let done = store(c, &shared, sender, &out, (None, None), &taken, now).await?;
                Ok(Committed { value: (), events: done.events })
            })
        })
        .await;
    turn.settle(sent)
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
    let ids: Vec<i64> = rows.iter().map(|row| row.last_message_id).collect();
    let last = messages::get_many(&mut c, &ids).await?;
    let last = bodies(&mut c, &last, &app.link_secret, me, now).await?;
    let others: Vec<UserId> = rows.iter().map(|row| UserId(row.other_id)).collect();
    let others = crate::people::acquaintances(&app, &mut c, me, &others).await?;
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(last_message) = last.iter().find(|m| m.id.0 == row.last_message_id).cloned() else { continue };
        let Some(user) = others.iter().find(|user| user.id.0 == row.other_id).cloned() else { continue };
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
    let total = messages::count_between(&mut c, me, other, subject).await?;
    let mut meta = page_of(query.page, query.per_page, total);
    let skip = if query.before.is_some() { 0 } else { (meta.current_page - 1) * meta.per_page };
    let before = query.before.map(MessageId);
    let mut rows = messages::between(&mut c, (me, other), subject, before, skip, meta.per_page.min(99) + 1).await?;
    let wanted = usize::try_from(meta.per_page).unwrap_or(usize::MAX);
    if rows.len() > wanted || meta.per_page == messages::PAGE_MAX && rows.len() == wanted {
        rows.truncate(wanted);
        meta.next = rows.last().map(|row| row.id);
    }
    Ok(Json(Page { data: bodies(&mut c, &rows, &app.link_secret, me, now).await?, meta }))
}

/// What rights over a message depend on.
pub(crate) fn facts(row: &messages::Message) -> MessageFacts {
    MessageFacts {
        sender: UserId(row.sender_id),
        recipient: UserId(row.recipient_id),
        deleted: row.deleted_at_ms.is_some(),
    }
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
    let told = event_text(&body);
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
    app.command(caller.user, command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let me = caller.user;
            let row = messages::get(c, id).await?.ok_or_else(ApiError::not_found)?;
            facts(&row).may_read(me)?;
            let mut events = Vec::new();
            if messages::mark_read(c, id, now).await? {
                let people = (me, UserId(row.sender_id));
                events = read_events(c, people, row.subject(), id, None, caller.socket.as_deref(), now).await?;
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
    app.command(caller.user, command.once, StatusCode::OK, move |c, now| {
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
    app.command(caller.user, command.once, StatusCode::NO_CONTENT, move |c, now| {
        Box::pin(async move {
            let mut entries = Vec::new();
            for (writer, newest) in messages::mark_delivered_up_to(c, caller.user, body.up_to, now).await? {
                let event = MessageDelivered {
                    up_to: newest,
                    delivered_at: now.into(),
                    from_user_id: writer,
                    to_user_id: caller.user,
                };
                entries.push(feed::Entry::new(writer, MESSAGE_DELIVERED, event_text(&event)));
            }
            let events = feed::append(c, entries, now).await?;
            Ok(Committed { value: (), events })
        })
    })
    .await
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

/// Deletes one's own message for both. A trace stays.
#[utoipa::path(delete, path = "/api/messages/{id}", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, body = Data<MessageBody>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
async fn delete_message(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<MessageId>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let shared = app.clone();
    app.command(caller.user, command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move { take_back::message(c, &shared, caller.user, id, caller.socket.as_deref(), now).await })
    })
    .await
}

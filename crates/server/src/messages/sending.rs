//! Sending a message, in both dialects.

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    events::MESSAGE_SENT,
    messages::{MessageBody, NewMessage},
    rest::{Data, Refusal},
};
use guildhall_db::{Committed, Connection, attachments, conversations, feed, messages, notifications, people};
use guildhall_market::{
    attachments::PER_MESSAGE_MAX,
    codes::Carrier,
    ids::{AttachmentId, TokenId, UserId},
    messages::{Subject, believed_written_at},
    notifications::kinds::MESSAGE_RECEIVED,
    permissions, text,
    time::Timestamp,
    verification::Standing,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    notice::{notice_of, notice_subject},
    reading::subject_of,
};
use crate::{
    app::App,
    error::{ApiError, written},
    mail_preferences,
    message_rates::MessageTurn,
    notifications::notify,
    render,
    request::{Caller, Command},
};

/// The routes of this part.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(send_message))
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

/// Stores a message, its feed rows and its notice: everything that one transaction must hold.
///
/// # Errors
/// 404 for an unknown recipient, 403 `not_reachable` past a block and `email_unverified` to a stranger without a proved address, 422 for a file that cannot go along.
pub async fn store(
    c: &mut Connection,
    app: &App,
    (sender, token): (UserId, Option<TokenId>),
    out: &Outgoing,
    (client_key, socket): (Option<&str>, Option<&str>),
    turn: &MessageTurn,
    now: Timestamp,
) -> Result<Committed<Data<MessageBody>>, ApiError> {
    let recipient = out.recipient;
    if recipient == sender {
        return Err(ApiError::invalid("recipient_id", "You cannot write to yourself."));
    }
    let people::Two { first: me, second: other, blocked, first_proved, signed_in } =
        people::two(c, (sender, token), recipient).await?;
    let other =
        other.ok_or_else(|| ApiError::field("unknown_recipient", "recipient_id", "There is nobody with this id."))?;
    let me = me.filter(|me| me.deleted_at_ms.is_none()).ok_or_else(ApiError::unauthenticated)?;
    // Looked at once more: this waited for its turn, and somebody may have been put out meanwhile, or signed out.
    if token.is_some() && !signed_in {
        return Err(ApiError::unauthenticated());
    }
    if me.suspended_at_ms.is_some() {
        return Err(ApiError::suspended());
    }
    if other.deleted_at_ms.is_some() || !permissions::may_write(sender, recipient, blocked) {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "not_reachable", "This person cannot be reached."));
    }
    // Where no letter can be sent nobody can prove that they read one.
    let standing = Standing { email: first_proved || !app.sends(Carrier::Mail), ..Standing::default() };
    if standing.may_write_to_strangers().is_err() && !conversations::exists(c, sender, recipient).await? {
        let words = "Confirm your mail address before you write to people you do not know yet.";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "email_unverified", words));
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
    let row = new.stored(id, &me, &other, now);
    let files = if out.attachments.is_empty() { Vec::new() } else { attachments::of_messages(c, &[id]).await? };
    let mut entries = Vec::with_capacity(3);
    let mut answer = None;
    for reader in both {
        let body = render::message(&row, &files, &app.link_secret, reader, now);
        // Only the sender's own socket is left out; it has the answer.
        let except = if reader == sender { socket } else { None };
        entries.push(feed::Entry::new(reader, MESSAGE_SENT, written(&body)?).except(except));
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
    mail_preferences::wrote(c, app, recipient, now).await?;
    let events = feeds.append(c, entries, now).await?;
    let data = answer.ok_or_else(ApiError::not_found)?;
    Ok(Committed { value: Data { data }, events })
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
    let turn = app.message_rates.turn(caller.user);
    let taken = turn.clone();
    let sent = app
        .command_that_looks(caller.session(), command.once, StatusCode::CREATED, move |c, now| {
            Box::pin(async move {
                let names = (key.as_deref(), caller.socket.as_deref());
                store(c, &shared, (caller.user, Some(caller.token)), &out, names, &taken, now).await
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
    let turn = app.message_rates.turn(sender);
    let taken = turn.clone();
    let sent = app
        .db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                let now = shared.now();
                let done = store(c, &shared, (sender, None), &out, (None, None), &taken, now).await?;
                Ok(Committed { value: (), events: done.events })
            })
        })
        .await;
    turn.settle(sent)
}

//! Our own server's spelling of every request.

use guildhall_contract::{
    attachments::Attachment,
    conversations::{Conversation, ConversationKey},
    devices::Token,
    feed::{FeedMeta, FeedPage},
    mend::{Mend, Mended, Rows, feed_rows},
    messages::{DeliveredUpTo, MessageBody, NewMessage, ReadUpTo},
    notifications::NotificationBody,
    passwords::CodeUnderWay,
    people::User,
    registrations::{RegistrationAgainBody, RegistrationConfirmBody, RegistrationUnderWay},
    rest::{ChannelAuth, ChannelAuthRequest, Data, Health, PageMeta},
    sessions::{LoginBody, RegisterBody, SignedIn},
    wire_time::WireTime,
};
use guildhall_market::{
    ids::{AttachmentId, MessageId, TokenId, UserId},
    messages::Subject,
    time::Timestamp,
};
use reqwest::{Method, multipart};
use serde::Deserialize;
use url::Url;

use crate::rest::{self, Api, ApiError, UPLOAD_TIMEOUT};

/// The most rows that one page of a list can have.
pub(crate) const PAGE_ROWS: u32 = 100;
/// Rows of the feed in one answer.
const FEED_ROWS: u32 = 500;
const KEY: &str = "Idempotency-Key";

fn subject_ids(subject: Subject) -> (Option<i64>, Option<i64>) {
    match subject {
        Subject::None => (None, None),
        Subject::Job(id) => (Some(id.0), None),
        Subject::Domain(id) => (None, Some(id.0)),
    }
}

fn subject_query(subject: Subject) -> Vec<(&'static str, String)> {
    match subject {
        Subject::None => Vec::new(),
        Subject::Job(id) => vec![("job_id", id.to_string())],
        Subject::Domain(id) => vec![("domain_id", id.to_string())],
    }
}

/// A page of a list, its rows read one by one.
#[derive(Deserialize)]
#[serde(bound = "T: Mend")]
struct ListPage<T> {
    data: Rows<T>,
    meta: PageMeta,
}

/// A page of the feed, its rows not read yet.
#[derive(Deserialize)]
struct FeedAnswer {
    data: Vec<serde_json::Value>,
    meta: FeedMeta,
}

fn complained<T>(list: Rows<T>) -> Vec<T> {
    if list.lost > 0 {
        tracing::warn!(rows = list.lost, "rows of the server of which nothing can be used are left out");
    }
    list.rows
}

/// What becomes of an account that somebody wants: it is there, or its address is to be proved first.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Registered {
    There(SignedIn),
    CodeSent(Mended<RegistrationUnderWay>),
}

/// A page of a conversation.
pub(crate) struct ThreadPage {
    pub(crate) messages: Vec<MessageBody>,
    pub(crate) beginning: bool,
}

impl Api {
    pub(crate) async fn health(&self) -> Result<Health, ApiError> {
        rest::json_although_unwell(self.request(Method::GET, "/health")).await
    }

    pub(crate) async fn login(&self, body: &LoginBody) -> Result<SignedIn, ApiError> {
        let answer: Data<SignedIn> = rest::json(self.request(Method::POST, "/api/login").json(body)).await?;
        Ok(answer.data)
    }

    pub(crate) async fn register(&self, body: &RegisterBody, key: &str) -> Result<Registered, ApiError> {
        let answer: Data<Registered> =
            rest::json(self.request(Method::POST, "/api/register").header(KEY, key).json(body)).await?;
        Ok(answer.data)
    }

    pub(crate) async fn registration_confirm(
        &self,
        body: &RegistrationConfirmBody,
        key: &str,
    ) -> Result<SignedIn, ApiError> {
        let answer: Data<SignedIn> =
            rest::json(self.request(Method::POST, "/api/register/confirm").header(KEY, key).json(body)).await?;
        Ok(answer.data)
    }

    pub(crate) async fn registration_again(&self, body: &RegistrationAgainBody) -> Result<CodeUnderWay, ApiError> {
        let answer: Data<Mended<CodeUnderWay>> =
            rest::json(self.request(Method::POST, "/api/register/again").json(body)).await?;
        Ok(answer.data.0)
    }

    pub(crate) async fn logout(&self) -> Result<(), ApiError> {
        rest::done(self.request(Method::POST, "/api/logout")).await
    }

    pub(crate) async fn tokens(&self) -> Result<Vec<Token>, ApiError> {
        let answer: Data<Vec<Token>> = rest::json(self.request(Method::GET, "/api/tokens")).await?;
        Ok(answer.data)
    }

    pub(crate) async fn revoke_token(&self, id: TokenId) -> Result<(), ApiError> {
        rest::done(self.request(Method::DELETE, &format!("/api/tokens/{id}"))).await
    }

    pub(crate) async fn find_users(&self, q: &str) -> Result<Vec<User>, ApiError> {
        let answer: Data<Rows<User>> = rest::json(self.request(Method::GET, "/api/users").query(&[("q", q)])).await?;
        Ok(complained(answer.data))
    }

    pub(crate) async fn user(&self, id: UserId) -> Result<User, ApiError> {
        let answer: Data<Mended<User>> = rest::json(self.request(Method::GET, &format!("/api/users/{id}"))).await?;
        Ok(answer.data.0)
    }

    pub(crate) async fn block(&self, id: UserId, blocked: bool) -> Result<(), ApiError> {
        let method = if blocked { Method::POST } else { Method::DELETE };
        rest::done(self.request(method, &format!("/api/users/{id}/block"))).await
    }

    pub(crate) async fn feed(&self, after: i64, limit: Option<u32>) -> Result<FeedPage, ApiError> {
        let query = [("after", after), ("limit", i64::from(limit.unwrap_or(FEED_ROWS)))];
        let page: FeedAnswer = rest::json(self.request(Method::GET, "/api/feed").query(&query)).await?;
        Ok(FeedPage { data: feed_rows(&page.data, after), meta: page.meta })
    }

    /// A page of the conversation list, from 1.
    pub(crate) async fn conversations(&self, page: i64) -> Result<(Vec<Conversation>, PageMeta), ApiError> {
        let query = [("page", page), ("per_page", i64::from(PAGE_ROWS))];
        let answer: ListPage<Conversation> =
            rest::json(self.request(Method::GET, "/api/messages/conversations").query(&query)).await?;
        Ok((complained(answer.data), answer.meta))
    }

    pub(crate) async fn thread(
        &self,
        key: &ConversationKey,
        before: Option<MessageId>,
    ) -> Result<ThreadPage, ApiError> {
        let mut query = subject_query(key.subject);
        query.push(("per_page", PAGE_ROWS.to_string()));
        if let Some(before) = before {
            query.push(("before", before.to_string()));
        }
        let path = format!("/api/messages/conversations/{}", key.user);
        let answer: ListPage<MessageBody> = rest::json(self.request(Method::GET, &path).query(&query)).await?;
        // The server is asked for one conversation; whatever else stands in its answer is not part of it.
        let here = |body: &MessageBody| {
            body.subject() == key.subject && (body.sender_id == key.user || body.recipient_id == key.user)
        };
        let rows = complained(answer.data);
        let full = rows.len();
        let messages: Vec<_> = rows.into_iter().filter(here).collect();
        Ok(ThreadPage { beginning: answer.meta.next.is_none() && (messages.len() == full), messages })
    }

    pub(crate) async fn send_message(
        &self,
        to: &ConversationKey,
        body: &str,
        attachments: Vec<AttachmentId>,
        written_at: Timestamp,
        key: &str,
    ) -> Result<MessageBody, ApiError> {
        let (job_id, domain_id) = subject_ids(to.subject);
        let message = NewMessage {
            recipient_id: Some(to.user),
            content: Some(body.to_owned()),
            job_id,
            domain_id,
            attachments: (!attachments.is_empty()).then_some(attachments),
            written_at: Some(WireTime(written_at)),
            ..NewMessage::default()
        };
        let answer: Data<Mended<MessageBody>> =
            rest::json(self.request(Method::POST, "/api/messages").header(KEY, key).json(&message)).await?;
        Ok(answer.data.0)
    }

    pub(crate) async fn read(&self, key: &ConversationKey, up_to: MessageId) -> Result<(), ApiError> {
        let (job_id, domain_id) = subject_ids(key.subject);
        let body = ReadUpTo { up_to, user_id: key.user, job_id, domain_id };
        rest::done(self.request(Method::POST, "/api/messages/read").json(&body)).await
    }

    pub(crate) async fn delivered(&self, up_to: MessageId) -> Result<(), ApiError> {
        rest::done(self.request(Method::POST, "/api/messages/delivered").json(&DeliveredUpTo { up_to })).await
    }

    pub(crate) async fn delete_message(&self, id: MessageId) -> Result<(), ApiError> {
        rest::done(self.request(Method::DELETE, &format!("/api/messages/{id}"))).await
    }

    pub(crate) async fn upload(
        &self,
        name: &str,
        mime: &str,
        bytes: Vec<u8>,
        keep_location: bool,
        key: &str,
    ) -> Result<Attachment, ApiError> {
        let part =
            multipart::Part::bytes(bytes).file_name(name.to_owned()).mime_str(mime).map_err(|_| ApiError::Garbled)?;
        // The flag goes first: a server that reads the form as it comes knows it before the file.
        let form =
            multipart::Form::new().text("keep_location", if keep_location { "1" } else { "0" }).part("file", part);
        let request =
            self.request(Method::POST, "/api/attachments").header(KEY, key).timeout(UPLOAD_TIMEOUT).multipart(form);
        let answer: Data<Attachment> = rest::json(request).await?;
        Ok(answer.data)
    }

    pub(crate) async fn download(&self, id: AttachmentId) -> Result<Vec<u8>, ApiError> {
        rest::bytes(self.request(Method::GET, &format!("/api/attachments/{id}")).timeout(UPLOAD_TIMEOUT)).await
    }

    pub(crate) async fn notifications(
        &self,
        before: Option<i64>,
        unread_only: bool,
    ) -> Result<Vec<NotificationBody>, ApiError> {
        let mut query = vec![("limit", PAGE_ROWS.to_string())];
        if unread_only {
            query.push(("unread_only", "1".into()));
        }
        if let Some(before) = before {
            query.push(("before", before.to_string()));
        }
        let answer: Data<Rows<NotificationBody>> =
            rest::json(self.request(Method::GET, "/api/notifications").query(&query)).await?;
        Ok(complained(answer.data))
    }

    pub(crate) async fn read_notification(&self, id: Option<i64>) -> Result<(), ApiError> {
        let request = match id {
            Some(id) => self.request(Method::PATCH, &format!("/api/notifications/{id}/read")),
            None => self.request(Method::POST, "/api/notifications/read-all"),
        };
        rest::done(request).await
    }

    pub(crate) async fn delete_notification(&self, id: i64) -> Result<(), ApiError> {
        rest::done(self.request(Method::DELETE, &format!("/api/notifications/{id}"))).await
    }

    pub(crate) async fn channel_auth(&self, socket_id: &str, channel: &str) -> Result<ChannelAuth, ApiError> {
        let body = ChannelAuthRequest { socket_id: socket_id.to_owned(), channel_name: channel.to_owned() };
        rest::json(self.request(Method::POST, "/broadcasting/auth").json(&body)).await
    }

    /// The address of the realtime connection: the same host and port, which answer for both.
    pub(crate) fn socket_url(&self, key: &str) -> Url {
        let mut url = self.base();
        let _ = url.set_scheme(if url.scheme() == "https" { "wss" } else { "ws" });
        url.set_path(&format!("/app/{key}"));
        url.set_query(Some(concat!("protocol=7&client=guildhall&version=", env!("CARGO_PKG_VERSION"))));
        url
    }
}

//! What handlers take from a request: who asks, a command's body with its key, checked queries and paths.

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use guildhall_db::{idempotency, tokens};
use guildhall_market::{
    ids::{TokenId, UserId},
    time::Timestamp,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{app::App, bounded::TooSlow, error::ApiError};

/// The largest JSON body of any request, bytes. A message's text has a limit of its own.
pub const JSON_BYTES_MAX: usize = 256 * 1024;
/// The longest `Idempotency-Key`, characters.
pub const KEY_CHARS_MAX: usize = 255;

/// The person who asks, proven by a bearer token.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub user: UserId,
    /// The token that was shown.
    pub token: TokenId,
    /// Whether they are an administrator.
    pub admin: bool,
    /// The socket that must not get the events of this request.
    pub socket: Option<String>,
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let (id, secret) = bearer(&parts.headers).ok_or_else(ApiError::unauthenticated)?;
        let mut connection = app.db.read().await?;
        let found = tokens::bearer(&mut connection, id).await?.ok_or_else(ApiError::unauthenticated)?;
        drop(connection);
        let shown = hash_secret(&secret);
        if !bool::from(shown.as_bytes().ct_eq(found.secret_hash.as_bytes())) {
            return Err(ApiError::unauthenticated());
        }
        if found.suspended_at_ms.is_some() {
            return Err(ApiError::suspended());
        }
        let now = app.now();
        if tokens::is_stale_use(found.last_used_at_ms, now) {
            app.note_token_use(id, now);
        }
        let socket = parts.headers.get("x-socket-id").and_then(|v| v.to_str().ok()).map(str::to_owned);
        Ok(Self { user: UserId(found.user_id), token: id, admin: found.role == "admin", socket })
    }
}

impl OptionalFromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, ApiError> {
        match <Self as FromRequestParts<App>>::from_request_parts(parts, app).await {
            Ok(caller) => Ok(Some(caller)),
            Err(e) if e.status() == StatusCode::UNAUTHORIZED => Ok(None),
            Err(e) => Err(e),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<(TokenId, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let (id, secret) = token.trim().split_once('|')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(())?;
    Some((id.parse().ok()?, secret.to_owned()))
}

/// The stored form of a token's secret.
pub fn hash_secret(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// A JSON body with the key under which the command is sent.
#[derive(Debug)]
pub struct Command<T> {
    /// The body.
    pub body: T,
    /// How it is remembered.
    pub once: Once,
}

/// The body of a command that says everything by its path: none at all, or `{}`.
#[derive(Debug, Deserialize)]
pub struct Nothing {}

/// The key of a command, what tells its body from another, and when it arrived.
#[derive(Clone, Debug)]
pub struct Once {
    key: Option<String>,
    request_hash: String,
    arrived: Timestamp,
    keep: idempotency::Keep,
}

impl Once {
    /// The client's key, where it gave one.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The hash of method, path and body.
    pub fn request_hash(&self) -> &str {
        &self.request_hash
    }

    /// When its request had been read, before it waited for anything.
    pub fn arrived(&self) -> Timestamp {
        self.arrived
    }

    /// Reads the key from the headers and takes the hash of what the command says, which was read at `arrived`.
    ///
    /// # Errors
    /// 422 for a key that is empty, too long, or has other than visible ASCII characters.
    pub fn new(
        headers: &HeaderMap,
        method: &Method,
        path: &str,
        body: &[u8],
        arrived: Timestamp,
    ) -> Result<Self, ApiError> {
        let key = headers.get("idempotency-key").map(|value| value.to_str().unwrap_or_default().trim().to_owned());
        if let Some(key) = &key {
            let valid = !key.is_empty() && key.len() <= KEY_CHARS_MAX && key.bytes().all(|b| b.is_ascii_graphic());
            if !valid {
                return Err(ApiError::invalid(
                    "Idempotency-Key",
                    format!("The Idempotency-Key must be 1 to {KEY_CHARS_MAX} visible ASCII characters."),
                ));
            }
        }
        Ok(Self {
            key,
            request_hash: hash_of(&[method.as_str().as_bytes(), path.as_bytes(), body]),
            arrived,
            keep: idempotency::Keep::AWhile,
        })
    }

    /// A key of the server's own making, for a command that is told apart by these parts.
    pub fn of(key: String, parts: &[&[u8]], arrived: Timestamp) -> Self {
        Self { key: Some(key), request_hash: hash_of(parts), arrived, keep: idempotency::Keep::AWhile }
    }

    /// The same, never forgotten: for whatever moves money, which must not move again when somebody says it again after years.
    #[must_use]
    pub fn for_ever(self) -> Self {
        Self { keep: idempotency::Keep::ForEver, ..self }
    }

    /// The same key, for a command that is told apart by more than its body: a file's name, say.
    pub fn and(self, parts: &[&[u8]]) -> Self {
        let all: Vec<&[u8]> = std::iter::once(self.request_hash.as_bytes()).chain(parts.iter().copied()).collect();
        let request_hash = hash_of(&all);
        Self { request_hash, ..self }
    }
}

fn hash_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

impl<T: DeserializeOwned> FromRequest<App> for Command<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(body, JSON_BYTES_MAX, "256 KiB").await?;
        let once = Once::new(&parts.headers, &parts.method, parts.uri.path(), &bytes, app.now())?;
        let body = if bytes.is_empty() { parse_json(b"{}")? } else { parse_json(&bytes)? };
        Ok(Self { body, once })
    }
}

/// Reads a body of `most` bytes at most, which `shown` says in words.
///
/// # Errors
/// 413 for more, 408 for one that came too slowly or broke off.
pub async fn read_body(body: Body, most: usize, shown: &str) -> Result<Bytes, ApiError> {
    let read = Limited::new(body, most).collect().await;
    read.map(http_body_util::Collected::to_bytes).map_err(|error| {
        let first: &(dyn std::error::Error + 'static) = &*error;
        let slow = std::iter::successors(Some(first), |error| error.source()).any(|error| error.is::<TooSlow>());
        if error.is::<LengthLimitError>() {
            let words = format!("The request is larger than {shown}.");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", words)
        } else if slow {
            ApiError::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "The request came too slowly. Try again.")
        } else {
            ApiError::new(StatusCode::REQUEST_TIMEOUT, "broke_off", "The request broke off before its end. Try again.")
        }
    })
}

/// Reads JSON and says what is wrong with it, where it is wrong.
///
/// # Errors
/// 422 with the field, as far as the parser knows it; `bad_text` for unpaired surrogates.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // A list would be taken for the fields in the order in which they happen to be declared.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(ApiError::invalid("body", "The body must be a JSON object, such as {\"content\": \"…\"}."));
    }
    let said = serde_json::from_slice::<Map<String, Value>>(bytes).and_then(|mut said| {
        // Empty text means that nothing was said, as Laravel reads it; a message's own text is judged by the market.
        said.retain(|name, value| value != "" || matches!(name.as_str(), "content" | "body"));
        T::deserialize(Value::Object(said))
    });
    said.map_err(|e| {
        let words = e.to_string();
        if words.contains("surrogate") || words.contains("hex escape") {
            return guildhall_market::text::TextRefusal::BadText.into();
        }
        let field = words.split('`').nth(1).filter(|_| words.starts_with("missing field")).unwrap_or("body").to_owned();
        ApiError::invalid(&field, format!("The body cannot be read as JSON of the expected form: {words}."))
    })
}

/// A query of the expected form.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let pairs = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let mut said = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in pairs {
            if value.contains('\0') {
                return Err(ApiError::invalid(
                    &name,
                    format!("`{name}` holds a NUL character, which no text here may."),
                ));
            }
            // An empty value means that nothing was said, as Laravel's clients mean it.
            if !value.is_empty() {
                said.append_pair(&name, &value);
            }
        }
        serde_urlencoded::from_str(&said.finish())
            .map(Self)
            .map_err(|e| ApiError::invalid("query", format!("The query cannot be read: {e}.")))
    }
}

/// An id in the path. What is not a plain decimal names nothing: 404.
#[derive(Debug)]
pub struct PathId<T>(pub T);

impl<T: std::str::FromStr + Send> FromRequestParts<App> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let text = <axum::extract::Path<String> as FromRequestParts<App>>::from_request_parts(parts, app)
            .await
            .map_err(|_| ApiError::not_found())?;
        text.0.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}

/// What a look at a key found, carried out of a transaction that keeps nothing.
enum Looked {
    Turn(Turn),
    Refused(ApiError),
}

impl guildhall_db::Refused for Looked {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_conflict())
    }

    fn is_full(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_full())
    }
}

impl From<guildhall_db::DbError> for Looked {
    fn from(error: guildhall_db::DbError) -> Self {
        Self::Refused(error.into())
    }
}

/// What the database knows of a command's key, as a handler sees it.
pub enum Turn {
    /// Carry the command out.
    Go,
    /// It was carried out before, with this answer.
    Before(StatusCode, String),
}

impl Once {
    /// Claims the key, if there is one.
    ///
    /// # Errors
    /// 409 `key_reused` when the key stands for another command.
    pub async fn claim(
        &self,
        connection: &mut guildhall_db::Connection,
        actor: UserId,
        now: guildhall_market::time::Timestamp,
    ) -> Result<Turn, ApiError> {
        let Some(key) = self.key() else { return Ok(Turn::Go) };
        match idempotency::claim(connection, actor, key, &self.request_hash, now, self.keep).await? {
            idempotency::Known::New => Ok(Turn::Go),
            idempotency::Known::Same(status, answer) => {
                Ok(Turn::Before(StatusCode::from_u16(status).unwrap_or(StatusCode::OK), answer))
            }
            idempotency::Known::Other => Err(ApiError::key_reused()),
        }
    }

    /// The answer of a command that was carried out before, for handlers that do work ahead of their transaction.
    ///
    /// # Errors
    /// As [`claim`](Self::claim).
    pub async fn answered(&self, app: &App, actor: UserId) -> Result<Option<Response>, ApiError> {
        if self.key().is_none() {
            return Ok(None);
        }
        let (once, shared) = (self.clone(), app.clone());
        // Refused on purpose: the claim is only looked at, and must not be kept.
        let looked: Result<(), Looked> = app
            .db
            .write(move |c| {
                Box::pin(async move {
                    Err(once.claim(c, actor, shared.now()).await.map_or_else(Looked::Refused, Looked::Turn))
                })
            })
            .await;
        match looked {
            Err(Looked::Turn(Turn::Before(status, answer))) => {
                Ok(Some((status, [(header::CONTENT_TYPE, "application/json")], answer).into_response()))
            }
            Err(Looked::Refused(refusal)) => Err(refusal),
            Err(Looked::Turn(Turn::Go)) | Ok(()) => Ok(None),
        }
    }
}

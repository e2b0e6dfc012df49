//! What handlers take from a request: who asks, a command's body with its key, checked queries and paths.

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use bytes::Bytes;
use guildhall_db::tokens;
use guildhall_market::{
    accounts::Role,
    ids::{TokenId, UserId},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{address::ClientAddress, app::App, bodies::TooSlow, error::ApiError, once::Once, session::Session};

/// The largest JSON body of any request, bytes. A message's text has a limit of its own.
pub const JSON_BYTES_MAX: usize = 256 * 1024;
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

impl Caller {
    /// What a command of theirs is carried out for.
    pub fn session(&self) -> Session {
        Session { user: self.user, token: self.token, as_admin: false }
    }
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
            let address = parts.extensions.get::<ClientAddress>().copied();
            app.note_token_use(id, address.unwrap_or(ClientAddress::UNKNOWN).source(), now);
        }
        let socket = parts.headers.get("x-socket-id").and_then(|v| v.to_str().ok()).map(str::to_owned);
        Ok(Self { user: found.user_id, token: id, admin: found.role == Role::Admin, socket })
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

impl<T: DeserializeOwned> FromRequest<App> for Command<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(body, JSON_BYTES_MAX, "256 KiB").await?;
        let once = Once::new(&app.vault, &parts.headers, (&parts.method, parts.uri.path(), &bytes), app.now())?;
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
        // Empty text means that nothing was said, as Laravel reads it; a message's own text is judged by the market, and what
        // somebody says of themselves goes where they say nothing any more.
        said.retain(|name, value| {
            value != "" || matches!(name.as_str(), "content" | "body" | "trade" | "place" | "words")
        });
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

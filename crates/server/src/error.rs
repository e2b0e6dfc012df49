//! Refusals on the wire: one place where the market's and the database's answers become HTTP.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use guildhall_contract::rest::Refusal;
use guildhall_db::DbError;
use guildhall_market::{
    accounts::AccountRefusal,
    attachments::AttachmentRefusal,
    messages::{MessageRefusal, TooFast},
    text::TextRefusal,
};
use serde::{Serialize, de::DeserializeOwned};

/// When to try again after the disk was full, seconds: somebody must make room.
const DISK_RETRY_S: i64 = 30;

/// A request that is not carried out.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    // What is handed on by every function is small.
    refusal: Box<Refusal>,
    retry_after_s: Option<i64>,
    /// The command had to give way to another and may be tried again.
    conflict: bool,
}

impl ApiError {
    /// A refusal with a reason code and words for a person.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let refusal = Refusal { message: message.into(), code: code.to_owned(), ..Refusal::default() };
        // Whoever is told to come again is told when.
        let retry_after_s = match status {
            StatusCode::SERVICE_UNAVAILABLE => Some(1),
            StatusCode::INSUFFICIENT_STORAGE => Some(DISK_RETRY_S),
            _ => None,
        };
        Self { status, refusal: Box::new(refusal), retry_after_s, conflict: false }
    }

    /// 401: no valid token.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Sign in first: this needs a valid bearer token.")
    }

    /// 403: known, but not allowed.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// 404: does not exist, or one may not know of it.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
    }

    /// 422: a field cannot be accepted.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::field("invalid", field, message)
    }

    /// 422 with a reason of its own.
    pub fn field(code: &str, field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut error = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message.clone());
        error.refusal.errors = BTreeMap::from([(field.to_owned(), vec![message])]);
        error
    }

    /// The same about another field.
    #[must_use]
    pub fn on_field(mut self, field: &str) -> Self {
        self.refusal.errors = BTreeMap::from([(field.to_owned(), vec![self.refusal.message.clone()])]);
        self
    }

    /// Says how the thing stands now, where that was the reason.
    pub fn stands(&mut self, state: &str) {
        self.refusal.state = Some(state.to_owned());
    }

    /// Says which version of the thing stands now, where that was the reason.
    pub fn stands_at(&mut self, version: i64) {
        self.refusal.version = Some(version);
    }

    /// 429: try again later.
    pub fn too_many(code: &str, message: impl Into<String>, retry_after_ms: i64) -> Self {
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, code, message);
        error.retry_after_s = Some((retry_after_ms + 999).div_euclid(1_000).max(1));
        error
    }

    /// 403: the account is suspended.
    pub fn suspended() -> Self {
        Self::new(StatusCode::FORBIDDEN, "suspended", "This account is suspended.")
    }

    /// 409: the account cannot be deleted before these things ended, in words.
    pub fn must_end_first(first: Vec<String>) -> Self {
        let words = "Something must end before the account can be deleted.";
        let mut error = Self::new(StatusCode::CONFLICT, "must_end_first", words);
        error.refusal.errors = BTreeMap::from([("first".to_owned(), first)]);
        error
    }

    /// 403: no administrator.
    pub fn for_administrators() -> Self {
        Self::forbidden("This is for administrators.")
    }

    /// 409: the key stands for another command.
    pub fn key_reused() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "key_reused",
            "This Idempotency-Key was used for another command. Use a new key for each command.",
        )
    }

    /// 503: too much is waiting.
    pub fn busy() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The server is busy. Try again in a moment.")
    }

    /// 500: a defect, or damage. Nothing was changed.
    pub fn broken() -> Self {
        let words = "Something broke on the server. Nothing was changed.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", words)
    }

    /// The reason code.
    pub fn code(&self) -> &str {
        &self.refusal.code
    }

    /// The words for a person.
    pub fn words(&self) -> &str {
        &self.refusal.message
    }

    /// The status that it will have.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

impl guildhall_db::Refused for ApiError {
    fn is_conflict(&self) -> bool {
        self.conflict
    }

    fn is_full(&self) -> bool {
        self.status == StatusCode::INSUFFICIENT_STORAGE
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.refusal)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Full => {
                tracing::error!("the disk is full");
                Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "disk_full",
                    "The server's disk is full. Nothing was changed; try again later.",
                )
            }
            DbError::Busy => Self::busy(),
            DbError::Conflict => Self { conflict: true, ..Self::busy() },
            DbError::Unavailable => {
                tracing::error!("the database cannot be reached");
                let mut error = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "no_database",
                    "The server cannot reach its database. Nothing was changed; try again in a moment.",
                );
                error.retry_after_s = Some(5);
                error
            }
            DbError::TooSlow => {
                tracing::error!("a command was broken off: it took longer than any may");
                Self::busy()
            }
            error @ (DbError::Unreadable { .. } | DbError::Failed(_) | DbError::Sqlite(_) | DbError::Panicked(_)) => {
                tracing::error!(%error, "the database failed");
                Self::broken()
            }
        }
    }
}

/// An answer or an event as it is kept and sent. What cannot be written is a defect: it is never kept or sent as something
/// else, an empty text least of all.
///
/// # Errors
/// 500, logged with the reason; then nothing of the command stays.
pub fn written(body: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(body).map_err(|error| {
        tracing::error!(%error, body = std::any::type_name_of_val(body), "a defect: this cannot be written as JSON");
        ApiError::broken()
    })
}

/// What was kept as JSON in a row, read again.
///
/// # Errors
/// As for every row that cannot be read: 500, and the log names table, number and column. What stands there is somebody's words
/// and does not.
pub fn kept<T: DeserializeOwned>(
    text: &str,
    (table, key, id): (&'static str, &'static str, i64),
    column: &'static str,
) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|error| {
        let found = format!("{} bytes, {error}", text.len());
        DbError::Unreadable { table, key, id, column, found, expected: "JSON" }.into()
    })
}

impl From<TextRefusal> for ApiError {
    fn from(refusal: TextRefusal) -> Self {
        let words = match refusal {
            TextRefusal::BadText => "The text is not valid Unicode.",
            TextRefusal::Empty => "The message is empty.",
            TextRefusal::TooLong => "The message is longer than 1,000 characters.",
        };
        Self::field(refusal.code(), "content", words)
    }
}

impl From<AccountRefusal> for ApiError {
    fn from(refusal: AccountRefusal) -> Self {
        Self::invalid(refusal.field(), refusal.to_string())
    }
}

impl From<AttachmentRefusal> for ApiError {
    fn from(refusal: AttachmentRefusal) -> Self {
        let mut error = Self::field(refusal.code(), "file", refusal.to_string());
        if refusal == AttachmentRefusal::TooLarge {
            error.status = StatusCode::PAYLOAD_TOO_LARGE;
        }
        error
    }
}

impl From<TooFast> for ApiError {
    fn from(refusal: TooFast) -> Self {
        Self::too_many("too_many_messages", refusal.to_string(), refusal.retry_after_ms)
    }
}

impl From<MessageRefusal> for ApiError {
    fn from(refusal: MessageRefusal) -> Self {
        match refusal {
            MessageRefusal::Unknown => Self::not_found(),
            MessageRefusal::Forbidden => Self::forbidden("Only the other person of this message may do that."),
            MessageRefusal::Deleted => {
                Self::new(StatusCode::CONFLICT, "wrong_state", "The message was deleted before.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something that JSON has no words for.
    struct Unwritable;

    impl Serialize for Unwritable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no words"))
        }
    }

    #[test]
    fn what_cannot_be_written_or_read_as_json_is_refused_and_never_an_empty_text() {
        let refused = written(&Unwritable).expect_err("nothing is kept for it");
        assert_eq!((refused.status(), refused.code()), (StatusCode::INTERNAL_SERVER_ERROR, "internal"));
        assert_eq!(written(&[1, 2]).expect("plain values"), "[1,2]");
        let row = ("notifications", "id", 7);
        for text in ["", "{", "words"] {
            let refused = kept::<serde_json::Value>(text, row, "data").expect_err(text);
            assert_eq!((refused.status(), refused.code()), (StatusCode::INTERNAL_SERVER_ERROR, "internal"));
        }
        assert_eq!(kept::<Vec<i64>>("[1,2]", row, "data").expect("JSON"), [1, 2]);
    }
}

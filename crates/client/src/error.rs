//! From what went wrong inside to what the interface reacts to.

use guildhall_cache::StoreError;
use guildhall_contract::{errors::AppError, rest::Refusal};

use crate::rest::ApiError;

/// With which our own server says that nothing came of a command, although it may be said again later.
const NOTHING_CAME: [&str; 2] = ["busy", "provider_unreachable"];

/// An error that the interface can do nothing about. The reference stands in the log beside what happened.
pub(crate) fn internal(what: &dyn std::fmt::Display) -> AppError {
    let reference = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
    tracing::error!(reference, error = %what, "something broke");
    AppError::Internal { reference }
}

impl ApiError {
    /// What a person asked for too often, as they are told: the server says so with a status that means "later" to whatever says
    /// itself again. `reason` is why where the server gives no reason of its own.
    pub(crate) fn for_a_person(self, reason: &str) -> Self {
        match self {
            Self::Busy { status: 429, code, .. } => Self::refused(429, code.as_deref().unwrap_or(reason)),
            other => other,
        }
    }

    /// Where our own server says that it cannot now and that nothing came of it, it said no. Anybody else's 503 may stand in the
    /// place of an answer, and nobody knows.
    pub(crate) fn nothing_came_of_it(self) -> Self {
        match self {
            Self::Busy { status: 503, code: Some(code), .. } if NOTHING_CAME.contains(&code.as_str()) => {
                Self::refused(503, &code)
            }
            other => other,
        }
    }

    /// The server said no for this reason.
    pub(crate) fn refused(status: u16, reason: &str) -> Self {
        Self::Refused { status, refusal: Refusal { code: reason.to_owned(), ..Refusal::default() } }
    }
}

/// A local file refused.
pub(crate) fn store(error: StoreError) -> AppError {
    match error {
        StoreError::Full => AppError::DiskFull,
        error => internal(&error),
    }
}

impl From<ApiError> for AppError {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Unreachable { reason } => Self::Unreachable { reason: reason.to_owned() },
            ApiError::Unauthorized => Self::SignedOut,
            ApiError::Busy { .. } => Self::Unreachable { reason: "other".into() },
            ApiError::Garbled => internal(&"an answer of the server cannot be read"),
            ApiError::Refused { status: 404, .. } => Self::NotFound,
            ApiError::Refused { refusal, .. } if refusal.code == "invalid_credentials" => Self::InvalidCredentials,
            ApiError::Refused { status: 422, refusal } if !refusal.errors.is_empty() => {
                let (field, words) = refusal.errors.into_iter().next().expect("not empty");
                Self::Invalid {
                    field,
                    reason: refusal.code,
                    message: words.into_iter().next().unwrap_or(refusal.message),
                }
            }
            ApiError::Refused { refusal, .. } => Self::Refused { reason: refusal.code, message: refusal.message },
        }
    }
}

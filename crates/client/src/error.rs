//! From what went wrong inside to what the interface reacts to.

use guildhall_cache::StoreError;
use guildhall_contract::errors::AppError;

use crate::rest::ApiError;

/// An error that the interface can do nothing about. The reference stands in the log beside what happened.
pub(crate) fn internal(what: &dyn std::fmt::Display) -> AppError {
    let reference = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
    tracing::error!(reference, error = %what, "something broke");
    AppError::Internal { reference }
}

/// What a person asked for too often: the server says so with a status that means "later" to whatever says itself again.
pub(crate) fn too_many(reason: &str) -> AppError {
    AppError::Refused { reason: reason.to_owned(), message: String::new() }
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

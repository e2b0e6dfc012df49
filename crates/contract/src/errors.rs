//! What a command of the bridge can fail with. A variant exists only where the interface reacts to it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a command was not carried out. The interface chooses the words; `message` fields are a server's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum AppError {
    /// Nobody is signed in, or the server no longer accepts the token.
    #[error("not signed in")]
    SignedOut,
    /// The e-mail address and the password do not belong together.
    #[error("wrong e-mail address or password")]
    InvalidCredentials,
    /// The server could not be reached. `reason` is one of `dns`, `refused`, `timeout`, `tls`, `closed`, `intercepted`,
    /// `other`.
    #[error("the server cannot be reached: {reason}")]
    Unreachable {
        /// What went wrong on the way.
        reason: String,
    },
    /// A field cannot be accepted. The words come from the server or from the core's own check.
    #[error("{field}: {message}")]
    Invalid {
        /// The name of the field.
        field: String,
        /// The reason code; `invalid` where there is none but the words.
        reason: String,
        /// A sentence for a person.
        message: String,
    },
    /// The server refused, for a reason of the market. `reason` is its code, one of
    /// [`REFUSAL_CODES`](crate::codes::REFUSAL_CODES).
    #[error("refused: {reason}")]
    Refused {
        /// The reason code.
        reason: String,
        /// A sentence for a person.
        message: String,
    },
    /// The thing does not exist, or one may not know of it.
    #[error("not found")]
    NotFound,
    /// A file cannot be sent. `reason` is one of [`FILE_CODES`](crate::codes::FILE_CODES).
    #[error("the file cannot be sent: {reason}")]
    Attachment {
        /// The reason code.
        reason: String,
        /// The file's name.
        name: String,
    },
    /// The disk is full: nothing was changed.
    #[error("the disk is full")]
    DiskFull,
    /// This host cannot do it: no local mode in a browser, no second window on a phone.
    #[error("not available here")]
    Unavailable,
    /// Something broke. The reference stands in the log.
    #[error("internal error {reference}")]
    Internal {
        /// Finds the entry in the log.
        reference: String,
    },
}

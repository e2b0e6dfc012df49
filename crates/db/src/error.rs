//! What can go wrong with the database itself. Refusals of the market are the callers' own types.

use std::path::PathBuf;

/// A command that the database could not carry out. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The writer has stopped, or too many commands are waiting for it.
    #[error("the database takes no commands now")]
    Busy,
    /// A defect of ours: the command panicked.
    #[error("the command broke off: {0}")]
    Panicked(String),
    /// Two commands waited for each other, and this one had to give way. It can simply be tried again.
    #[error("the command had to give way to another")]
    Conflict,
    /// The command took longer than any may, and was broken off.
    #[error("the command took too long")]
    TooSlow,
    /// The database server cannot be reached, or did not answer in time.
    #[error("the database cannot be reached")]
    Unavailable,
    /// A stored row holds what this version cannot read: damage, or a defect of ours. Never read as something else.
    #[error("the row of {table} with {key} {id} cannot be read: {column} is {found:?}, expected {expected}")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// The column by which the row is found.
        key: &'static str,
        /// What stands there.
        id: i64,
        /// The column that cannot be read.
        column: &'static str,
        /// What stands there.
        found: String,
        /// What can stand there.
        expected: &'static str,
    },
    /// Anything else.
    #[error("database: {0}")]
    Failed(sqlx::Error),
    /// Anything else that SQLite said.
    #[error("database: {0}")]
    Sqlite(rusqlite::Error),
}

/// SQLite's primary result code for a full disk.
const SQLITE_FULL: i32 = 13;
/// PostgreSQL's code for a full disk (`disk_full`).
const POSTGRES_DISK_FULL: &str = "53100";
/// PostgreSQL's codes for a deadlock (`deadlock_detected`) and for an order that cannot be kept (`serialization_failure`).
const POSTGRES_CONFLICTS: [&str; 2] = ["40P01", "40001"];
/// The beginnings of PostgreSQL's codes for a connection that is gone (class 08), a server that stops or starts (57P01 to
/// 57P03), and one that takes no more connections (53300).
const POSTGRES_AWAY: [&str; 3] = ["08", "57P", "53300"];

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};
        if matches!(error, Io(_) | PoolClosed | PoolTimedOut | Tls(_) | WorkerCrashed) {
            return Self::Unavailable;
        }
        let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
        if code == POSTGRES_DISK_FULL || code.parse::<i32>().is_ok_and(|code| code & 0xFF == SQLITE_FULL) {
            Self::Full
        } else if POSTGRES_CONFLICTS.contains(&&*code) {
            Self::Conflict
        } else if code.len() == 5 && POSTGRES_AWAY.iter().any(|start| code.starts_with(start)) {
            Self::Unavailable
        } else {
            Self::Failed(error)
        }
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error().map(|e| e.code) {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            Some(rusqlite::ErrorCode::OperationInterrupted) => Self::TooSlow,
            _ => Self::Sqlite(error),
        }
    }
}

/// What a command may be refused with: its own reasons, and the database's.
pub trait Refused: From<DbError> {
    /// Whether it is [`DbError::Conflict`], and the command can be tried again as if nothing had been.
    fn is_conflict(&self) -> bool;
    /// Whether it is [`DbError::Full`].
    fn is_full(&self) -> bool;
}

impl Refused for DbError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict)
    }

    fn is_full(&self) -> bool {
        matches!(self, Self::Full)
    }
}

impl DbError {
    /// Whether a constraint with this name was violated.
    pub fn violates(&self, constraint: &str, columns: &str) -> bool {
        match self {
            Self::Failed(error) => error
                .as_database_error()
                .is_some_and(|e| e.constraint() == Some(constraint) || e.message().contains(columns)),
            Self::Sqlite(error) => error.to_string().contains(columns),
            _ => false,
        }
    }
}

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is damaged.
    #[error(
        "the database {path} is damaged ({found}). Nothing was changed. Move the file away and put the newest of the copies \
         beside it (backup-*.sqlite) in its place, or keep it for repair with `sqlite3 {path} .recover`"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        found: String,
    },
    /// The database was written by a newer version of this program.
    #[error(
        "the database {url} was written by a newer version of this program (migration {found}): use that version or a newer one"
    )]
    Newer {
        /// The address, without a password.
        url: String,
        /// The migration that this version does not know.
        found: i64,
    },
    /// The address is not one of ours.
    #[error("not a database address: {0:?}, expected sqlite:PATH or postgres://USER@HOST/NAME")]
    Address(String),
    /// The SQLite library has a known defect.
    #[error("the SQLite library is {0}; at least 3.51.3 is needed, older ones can corrupt a database in WAL mode")]
    OldLibrary(String),
    /// It could not be reached, created or migrated.
    #[error("the database {url} cannot be opened: {source}")]
    Failed {
        /// The address, without a password.
        url: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

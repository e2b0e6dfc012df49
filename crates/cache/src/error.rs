//! What can go wrong with a file of this device.

/// Why something was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full. What was there is still there.
    #[error("the disk is full")]
    Full,
    /// The file is not what was written: set it aside.
    #[error("the file is damaged")]
    Damaged,
    /// The file was written by a newer version of the app.
    #[error("the file was written by a newer version of this app")]
    Newer,
    /// It was closed: its account was signed out meanwhile, or another file takes its place.
    #[error("the file was closed")]
    Closed,
    /// The file system refused.
    #[error("the file system refused: {0}")]
    Io(#[from] std::io::Error),
    /// Anything else that the database reports.
    #[error("the database refused: {0}")]
    Sql(sqlx::Error),
}

// SQLite, "Result and Error Codes": the primary code is the low byte of an extended one.
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_FULL: i32 = 13;
const SQLITE_NOTADB: i32 = 26;
// Of the I/O errors, the one for a file that ends too early.
const SQLITE_IOERR_SHORT_READ: i32 = 522;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolClosed) {
            return Self::Closed;
        }
        let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<i32>().ok());
        match code {
            Some(SQLITE_IOERR_SHORT_READ) => Self::Damaged,
            Some(code) if matches!(code & 0xff, SQLITE_CORRUPT | SQLITE_NOTADB) => Self::Damaged,
            Some(code) if code & 0xff == SQLITE_FULL => Self::Full,
            _ => match error {
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Damaged,
                sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => Self::Full,
                error => Self::Sql(error),
            },
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError;
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Self::Newer,
            _ => Self::Damaged,
        }
    }
}

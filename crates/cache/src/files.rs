//! Opening database files: permissions, pragmas, one writer and a few readers.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, Row, Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use crate::StoreError;

/// The oldest SQLite without the race in resetting the write-ahead log (3.7.0 to 3.51.2).
const SQLITE_FLOOR: (u32, u32, u32) = (3, 51, 3);
/// What of the write-ahead log stays on the disk after it was folded into the file, bytes.
const WAL_BYTES_KEPT: &str = "8388608";
/// How long one waits for another who writes.
const BUSY: Duration = Duration::from_secs(10);
/// Connections that read. Readers never queue behind the writer.
const READERS: u32 = 3;

/// One database file, open: a single connection that writes, and a few that read.
#[derive(Clone, Debug)]
pub(crate) struct Db {
    pub(crate) write: SqlitePool,
    pub(crate) read: SqlitePool,
}

impl Db {
    /// Opens or makes a file and brings its schema up to date.
    pub(crate) async fn open(
        path: &Path,
        synchronous: SqliteSynchronous,
        migrations: &Migrator,
    ) -> Result<Self, StoreError> {
        private_file(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("secure_delete", "on")
            .pragma("journal_size_limit", WAL_BYTES_KEPT)
            .disable_statement_logging();
        let pool = |connections| {
            SqlitePoolOptions::new()
                .max_connections(connections)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        let write = pool(1).connect_with(options.clone()).await?;
        let db = Self { write, read: pool(READERS).connect_lazy_with(options) };
        let checked = db.check(synchronous, migrations).await;
        if checked.is_err() {
            db.close().await;
        }
        checked.map(|()| db)
    }

    async fn check(&self, synchronous: SqliteSynchronous, migrations: &Migrator) -> Result<(), StoreError> {
        let mode: String = sqlx::query("pragma journal_mode").fetch_one(&self.write).await?.try_get(0)?;
        let level: i64 = sqlx::query("pragma synchronous").fetch_one(&self.write).await?.try_get(0)?;
        let expected = if matches!(synchronous, SqliteSynchronous::Full) { 2 } else { 1 };
        if mode != "wal" || level != expected {
            return Err(StoreError::Sql(sqlx::Error::Configuration(
                format!("journal {mode}, synchronous {level}").into(),
            )));
        }
        let version: String = sqlx::query("select sqlite_version()").fetch_one(&self.write).await?.try_get(0)?;
        if parse_version(&version).is_none_or(|version| version < SQLITE_FLOOR) {
            tracing::warn!(%version, "this SQLite is older than the first without the write-ahead log race");
        }
        migrations.run(&self.write).await?;
        Ok(())
    }

    /// A transaction that may write, from its first statement on.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        match self.write.begin_with("begin immediate").await {
            // On a full disk SQLite ends a transaction by itself, and sqlx goes on counting it as open, for ever.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.write.acquire().await?.close().await?;
                Ok(self.write.begin_with("begin immediate").await?)
            }
            begun => Ok(begun?),
        }
    }

    /// Closes all connections; the write-ahead log is folded into the file.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

fn parse_version(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

/// Makes a folder that only its owner can look into, and those above it.
///
/// # Errors
/// What the file system says.
pub fn private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Makes sure that a file is there and that only its owner can read it. SQLite gives its side files the same rights.
pub(crate) fn private_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        options.mode(0o600);
        if path.exists() {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
    }
    options.open(path).map(drop)
}

/// Asks one thing of a file and closes it again; an empty file or none at all is not asked. Goes before [`Db::open`] where a
/// damaged file is to be replaced: a connection whose set-up failed is closed some time after the failure was answered, and
/// would take the side files of whatever stands in its place by then.
pub(crate) async fn ask(path: &Path, sql: &'static str) -> Result<Option<SqliteRow>, StoreError> {
    if fs::metadata(path).map_or(true, |meta| meta.len() == 0) {
        return Ok(None);
    }
    // No setting here may need to read the file: only then is there a connection that can be closed.
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY).disable_statement_logging();
    let mut connection = options.connect().await?;
    let answer = sqlx::query(sql).fetch_one(&mut connection).await;
    connection.close().await?;
    Ok(Some(answer?))
}

/// Renames a damaged file and what lies beside it, so that somebody can still look into it. `None` when it was not there.
pub(crate) fn set_aside(folder: &Path, file: &str) -> io::Result<Option<PathBuf>> {
    let now_ms =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let base = folder.join(format!("{file}.damaged-{now_ms}"));
    for suffix in ["", "-wal", "-shm"] {
        let from = folder.join(format!("{file}{suffix}"));
        if from.exists() {
            fs::rename(&from, PathBuf::from(format!("{}{suffix}", base.display())))?;
        }
    }
    Ok(Some(base).filter(|base| base.exists()))
}

/// Writes a small file so that a reader finds either the old or the new content, readable by its owner only.
///
/// # Errors
/// What the file system says; the old content is still there then.
pub fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    use io::Write;
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(parse_version("3.51.3").is_some_and(|v| v >= SQLITE_FLOOR));
        assert!(parse_version("3.100.0").is_some_and(|v| v >= SQLITE_FLOOR));
        assert!(parse_version("3.51.2").is_some_and(|v| v < SQLITE_FLOOR));
        assert_eq!(parse_version("3"), None);
    }
}

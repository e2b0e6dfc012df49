//! Opening the database: pragmas, checks, a copy before a migration, migrations.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sqlx::{
    AnyConnection, AnyPool, Connection as _, Executor, Row,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::{Migrate, MigrateError, Migrator},
};

use crate::{
    Connection,
    error::{DbError, OpenError},
    lineage, refold,
    sql::Statements,
    writer::{CommitHook, OpenDirect, Writer, WriterHealth},
};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Files up to this size are checked as a whole at every start, larger ones only after an unclean exit. A check reads
/// the whole file: about two seconds for each 200 MiB.
const CHECK_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Connections that read at the same time.
const READERS_MAX: u32 = 4;
/// What every connection to SQLite is told: full durability, one writer that others wait for, references that hold.
/// What is deleted is overwritten.
const PRAGMAS: &str = "pragma busy_timeout = 5000; pragma journal_mode = wal; pragma synchronous = full; \
                       pragma foreign_keys = on; pragma temp_store = memory; pragma cache_size = -16000; \
                       pragma secure_delete = on";
/// Statements that the writer keeps prepared: more than there are.
const STATEMENTS_MAX: usize = 256;
/// How long a command waits for a connection to a file, which is only ever busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection to a server counts as being there after it was used.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// How long it waits for one to a server, which may be away: whoever asks is told so within three seconds.
const SERVER_ACQUIRE_TIMEOUT: Duration = Duration::from_millis(2_500);

/// Which database is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One file, one writer that commits many commands together.
    Sqlite,
    /// A server, a transaction and row locks for each command.
    Postgres,
}

/// The open database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    readers: AnyPool,
    pub(crate) writer: Writer,
    pub(crate) health: Arc<WriterHealth>,
    clean_mark: Option<PathBuf>,
    pub(crate) statements: Statements,
}

impl Db {
    /// Opens the database at `sqlite:PATH` or `postgres://…`, creating and migrating it as needed. `on_commit` is called
    /// with the outgoing events of each command, in the order of commits, after they are durable.
    ///
    /// # Errors
    /// [`OpenError`], with the path and what to do.
    pub async fn open(url: &str, on_commit: CommitHook) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::open_sqlite(Path::new(path), on_commit).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::open_postgres(url, on_commit).await
        } else {
            Err(OpenError::Address(url.to_owned()))
        }
    }

    async fn open_sqlite(path: &Path, on_commit: CommitHook) -> Result<Self, OpenError> {
        let shown = format!("sqlite:{}", path.display());
        let failed = |e: Box<dyn std::error::Error + Send + Sync>| OpenError::Failed { url: shown.clone(), source: e };
        let existed = path.metadata().map(|m| m.len()).ok().filter(|len| *len > 0);
        let address: AnyConnectOptions =
            format!("sqlite:{}?mode=rwc", url_path(path)).parse().map_err(|e: sqlx::Error| failed(e.into()))?;
        let damaged = |e: sqlx::Error| match damage(&e) {
            Some(found) => OpenError::Damaged { path: path.to_owned(), found },
            None => OpenError::Failed { url: shown.clone(), source: e.into() },
        };
        // Made before SQLite makes it, so that only its owner can read it and the files that SQLite makes beside it.
        make_private(path).map_err(|e| failed(e.into()))?;
        // Looked at over a single connection first: a pool would try a damaged file again and again.
        let mut connection = AnyConnection::connect_with(&address).await.map_err(damaged)?;
        connection.execute(PRAGMAS).await.map_err(damaged)?;
        let version: String =
            sqlx::query_scalar("select sqlite_version()").fetch_one(&mut connection).await.map_err(damaged)?;
        if version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>() < vec![3, 51, 3] {
            return Err(OpenError::OldLibrary(version));
        }
        let clean_mark = path.with_extension("open");
        if existed.is_some_and(|len| len <= CHECK_BYTES_MAX || clean_mark.exists()) {
            let found: String = sqlx::query("pragma quick_check(1)")
                .fetch_one(&mut connection)
                .await
                .and_then(|row| row.try_get(0))
                .map_err(damaged)?;
            if found != "ok" {
                return Err(OpenError::Damaged { path: path.to_owned(), found });
            }
        }
        if existed.is_some() {
            copy_before_migration(&mut connection, path).await.map_err(|e| failed(e.into()))?;
            lineage::follow(&mut connection, &SQLITE).await.map_err(|e| failed(e.into()))?;
        }
        SQLITE.run_direct(None, &mut connection, false).await.map_err(|e| migration_error(&shown, e))?;
        connection.close().await.map_err(damaged)?;
        let file = path.to_owned();
        let open: OpenDirect = Box::new(move || open_direct(&file));
        let statements = Statements::default();
        let mut direct = Connection::direct(open().map_err(|e| failed(e.into()))?, &statements);
        refold::run(&mut direct).await.map_err(|e| failed(e.into()))?;
        make_private(&clean_mark).map_err(|e| failed(e.into()))?;
        let readers = AnyPoolOptions::new()
            .max_connections(READERS_MAX)
            .min_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            // A file does not go away.
            .test_before_acquire(false)
            .after_connect(|connection, _| Box::pin(async move { connection.execute(PRAGMAS).await.map(drop) }))
            .connect_with(address)
            .await
            .map_err(damaged)?;
        let health = Arc::<WriterHealth>::default();
        let writer = direct
            .into_direct()
            .map(|first| Writer::sqlite(first, open, (on_commit, Arc::clone(&health), statements.clone())))
            .transpose()
            .map_err(|e| failed(e.into()))?
            .ok_or_else(|| failed("the writer has no connection".into()))?;
        Ok(Self { engine: Engine::Sqlite, readers, writer, health, clean_mark: Some(clean_mark), statements })
    }

    async fn open_postgres(url: &str, on_commit: CommitHook) -> Result<Self, OpenError> {
        let shown = without_password(url);
        let failed = |e: sqlx::Error| OpenError::Failed { url: shown.clone(), source: e.into() };
        let address: AnyConnectOptions = url.parse().map_err(failed)?;
        let readers = AnyPoolOptions::new()
            .max_connections(READERS_MAX * 4)
            .acquire_timeout(SERVER_ACQUIRE_TIMEOUT)
            // Asking each time whether it is there costs as much as a statement; what was used a moment ago is.
            .test_before_acquire(false)
            .before_acquire(|connection, used| {
                Box::pin(
                    async move { Ok(used.idle_for < TRUSTED_FOR || sqlx::Connection::ping(connection).await.is_ok()) },
                )
            })
            .connect_with(address)
            .await
            .map_err(failed)?;
        let mut connection = readers.acquire().await.map_err(failed)?;
        let migrated: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
        if migrated {
            lineage::follow(&mut connection, &POSTGRES).await.map_err(failed)?;
        }
        drop(connection);
        POSTGRES.run(&readers).await.map_err(|e| migration_error(&shown, e))?;
        let statements = Statements::default();
        let mut connection = Connection::pooled(readers.acquire().await.map_err(failed)?, &statements);
        refold::run(&mut connection).await.map_err(|e| OpenError::Failed { url: shown.clone(), source: e.into() })?;
        drop(connection);
        let writer = Writer::postgres(readers.clone(), on_commit, statements.clone());
        Ok(Self { engine: Engine::Postgres, readers, writer, health: Arc::default(), clean_mark: None, statements })
    }

    /// Which database is behind.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// A connection for reading. Sees everything that was committed before.
    ///
    /// # Errors
    /// [`DbError`] when none is free within ten seconds, or the database's server cannot be reached within three.
    pub async fn read(&self) -> Result<Connection, DbError> {
        Ok(Connection::pooled(self.readers.acquire().await?, &self.statements))
    }

    /// Waits until a deadline was set and is durable. One that was set since the last wait counts.
    pub async fn deadline_set(&self) {
        self.statements.deadline_is_set().notified().await;
    }

    /// How many statements were carried out since it was opened.
    pub fn statements(&self) -> u64 {
        self.statements.count()
    }

    /// How many transactions of commands were carried out since it was opened: on SQLite each is one flush to disk, which the
    /// commands that waited together share.
    pub fn transactions(&self) -> u64 {
        self.statements.transactions()
    }

    /// The texts of all statements since it was opened, each once. Debug builds alone remember them.
    #[cfg(debug_assertions)]
    pub fn statement_texts(&self) -> Vec<String> {
        self.statements.texts()
    }

    /// Finishes what is waiting and closes the database.
    pub async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
        if let Some(mark) = &self.clean_mark {
            // Left behind, it only makes the next start check the file once more.
            let _ = std::fs::remove_file(mark);
        }
    }
}

/// The connection that writes, on the thread that calls.
fn open_direct(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    use rusqlite::OpenFlags;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(path, flags)?;
    connection.execute_batch(PRAGMAS)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn url_path(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            let user = url[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}{user}{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    }
}

/// What a damaged file looks like: SQLite's codes for corruption (11) and for "not a database" (26).
fn damage(error: &sqlx::Error) -> Option<String> {
    let error = error.as_database_error()?;
    let code: i32 = error.code()?.parse().ok()?;
    matches!(code & 0xFF, 11 | 26).then(|| error.message().to_owned())
}

fn migration_error(shown: &str, error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(found) => OpenError::Newer { url: shown.to_owned(), found },
        other => OpenError::Failed { url: shown.to_owned(), source: other.into() },
    }
}

/// Writes `backup-<version>.sqlite` beside the file when a migration is about to change it.
async fn copy_before_migration(connection: &mut sqlx::AnyConnection, path: &Path) -> Result<(), sqlx::Error> {
    connection.ensure_migrations_table("_sqlx_migrations").await.map_err(|e| sqlx::Error::Migrate(e.into()))?;
    let applied =
        connection.list_applied_migrations("_sqlx_migrations").await.map_err(|e| sqlx::Error::Migrate(e.into()))?;
    let last = applied.iter().map(|m| m.version).max().unwrap_or(0);
    let newest = SQLITE.iter().map(|m| m.version).max().unwrap_or(0);
    if last == 0 || last >= newest {
        return Ok(());
    }
    let copy = path.with_file_name(format!("backup-{last}.sqlite"));
    if !copy.exists() {
        sqlx::query("vacuum into $1").bind(copy.to_string_lossy().into_owned()).execute(connection).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_do_not_reach_a_message() {
        assert_eq!(without_password("postgres://ada:secret@host/db"), "postgres://ada@host/db");
        assert_eq!(without_password("postgres://host/db"), "postgres://host/db");
    }
}

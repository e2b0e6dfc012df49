//! Copies of `own.sqlite`, and what happens when the file itself is damaged. Decides nothing about when a copy is made.
//!
//! **Invariant:** a damaged file is set aside and never deleted, and a copy counts only once it was read and found whole.
//!
//! A copy may hold messages that were sent since: they go out again under the same key, and the server takes them once.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
};

use guildhall_market::time::Timestamp;
use sqlx::{
    Row,
    migrate::Migrator,
    sqlite::{SqliteRow, SqliteSynchronous},
};

use super::store::Own;
use crate::{
    StoreError,
    files::{Db, ask, private_file, private_folder, replace_file, set_aside},
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/own");
const FILE: &str = "own.sqlite";
const FOLDER: &str = "copies";
/// Copies that are kept: more than one, should the newest be damaged as well.
const KEPT: usize = 3;
/// Reads every page; answers `ok`, or what is wrong first.
const CHECK: &str = "pragma quick_check(1)";
/// Something of each table.
const TABLES: &str =
    "select (select count(*) from outbox), (select count(*) from files), (select count(*) from file_bytes),
        (select count(*) from drafts), (select count(*) from settings), (select count(*) from reads),
        (select count(*) from offline), (select count(*) from removed)";
/// There until the user was told of a restoration: what it says.
const MARK: &str = "own.restored";

/// The file was damaged and set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restoration {
    /// When the copy was made that took its place, on this machine's clock; `None` when there was no good copy and everything
    /// begins anew.
    pub copied_at: Option<Timestamp>,
    /// Where the damaged file lies now. `None` when there was none any more.
    pub aside: Option<PathBuf>,
}

impl Own {
    /// Opens or makes `own.sqlite` in the account's folder. Messages that were being sent when the app ended wait again.
    /// Reads the whole file. One that is damaged is set aside, and the newest good copy takes its place, or an empty one where
    /// there is none: [`Self::restoration`] tells of it.
    ///
    /// # Errors
    /// [`StoreError::Newer`] leaves the file as it is. Never [`StoreError::Damaged`].
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        private_folder(folder)?;
        let own = Self::of(folder.to_owned(), open_or_restore(folder).await?);
        own.recover().await?;
        Ok(own)
    }

    /// Makes a copy, unless nothing changed since the last one. Writers and readers go on meanwhile. `false` when none was
    /// needed.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the file cannot be read as a whole; the copies of before stay then.
    pub async fn copy(&self, now: Timestamp) -> Result<bool, StoreError> {
        let changes = self.changes.load(Ordering::SeqCst);
        if *self.copied.lock().expect("no panic while held") == Some(changes) {
            return Ok(false);
        }
        let folder = self.folder.join(FOLDER);
        private_folder(&folder)?;
        let unfinished = folder.join("unfinished");
        remove(&unfinished)?;
        private_file(&unfinished)?;
        let copied = self.copy_to(&unfinished).await;
        if copied.is_err() {
            // On a full disk its room is wanted at once.
            let _ = remove(&unfinished);
        }
        copied?;
        // A clock that was set back must not make an old copy the newest.
        let newest = all(&self.folder)?.first().map_or(i64::MIN, |(at, _)| at.0);
        fs::rename(&unfinished, folder.join(format!("{}.sqlite", now.0.max(newest.saturating_add(1)))))?;
        sync_folder(&folder)?;
        for (_, old) in all(&self.folder)?.into_iter().skip(KEPT) {
            fs::remove_file(old)?;
        }
        *self.copied.lock().expect("no panic while held") = Some(changes);
        Ok(true)
    }

    /// Makes sure that nothing is left of what was taken out, in no file: neither in the log beside the database nor in
    /// copies of before. Whether it is so; while somebody reads an older state it is not yet.
    ///
    /// # Errors
    /// As [`copy`](Self::copy).
    pub async fn forget(&self, now: Timestamp) -> Result<bool, StoreError> {
        let mut write = self.unchanged().await?;
        let row = sqlx::query("pragma wal_checkpoint(truncate)").fetch_one(&mut *write).await?;
        drop(write);
        // The newest is of now, or nothing changed since it was made.
        self.copy(now).await?;
        for (_, old) in all(&self.folder)?.into_iter().skip(1) {
            fs::remove_file(old)?;
        }
        Ok(row.try_get::<i64, _>(0)? == 0)
    }

    async fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let name = path.to_str().ok_or(io::ErrorKind::InvalidInput).map_err(io::Error::from)?;
        // First, because copying does not notice everything: of a long value whose pages are torn apart it keeps the pieces.
        whole(&sqlx::query(CHECK).fetch_one(&mut *self.read().await?).await?)?;
        sqlx::query("vacuum into ?1").bind(name).execute(&mut *self.read().await?).await?;
        fs::File::open(path)?.sync_all()?;
        check(path).await?;
        ask(path, TABLES).await.map(drop)
    }

    /// Whether the file can be read as a whole.
    ///
    /// # Errors
    /// What kept it from being read, other than damage.
    pub async fn is_whole(&self) -> Result<bool, StoreError> {
        let mut connection = self.read().await?;
        let row = sqlx::query(CHECK).fetch_one(&mut *connection).await.map_err(StoreError::from);
        match row.and_then(|row| whole(&row)) {
            Err(StoreError::Damaged) => Ok(false),
            checked => checked.map(|()| true),
        }
    }

    /// Sets the open file aside and goes on with the newest good copy. Whoever reads or writes meanwhile waits for it.
    ///
    /// # Errors
    /// What the file system or the new file says.
    pub async fn restore(&self) -> Result<(), StoreError> {
        let replacing = self.replacing.write().await;
        self.close().await;
        let db = restore(&self.folder).await?;
        *self.db.write().expect("no panic while held") = db;
        drop(replacing);
        self.recover().await
    }

    /// What happened to the file, until [`Self::restoration_told`]: found at a start, it may be told at a later one.
    pub fn restoration(&self) -> Option<Restoration> {
        let text = fs::read_to_string(self.folder.join(MARK)).ok()?;
        let (copied_at, aside) = text.split_once('\n').unwrap_or((&text, ""));
        Some(Restoration {
            copied_at: copied_at.parse().ok().map(Timestamp),
            aside: Some(aside).filter(|name| !name.is_empty()).map(|name| self.folder.join(name)),
        })
    }

    /// The user knows.
    ///
    /// # Errors
    /// What the file system says.
    pub fn restoration_told(&self) -> Result<(), StoreError> {
        Ok(remove(&self.folder.join(MARK))?)
    }
}

/// Opens the file; a damaged one, and one that was lost while there are copies, is replaced.
async fn open_or_restore(folder: &Path) -> Result<Db, StoreError> {
    let path = folder.join(FILE);
    let nothing_there = fs::metadata(&path).map_or(true, |meta| meta.len() == 0);
    // Without copies, nothing was ever kept in it: the app may have ended while it was made.
    if nothing_there && !all(folder)?.is_empty() {
        return restore(folder).await;
    }
    match try_open(&path).await {
        Err(StoreError::Damaged) => restore(folder).await,
        opened => opened,
    }
}

async fn restore(folder: &Path) -> Result<Db, StoreError> {
    let path = folder.join(FILE);
    let aside = set_aside(folder, FILE)?;
    let mut found = None;
    for (copied_at, copy) in all(folder)? {
        // Under another name first: half a file must not be taken for the whole one.
        let unfinished = folder.join("own.unfinished");
        fs::copy(&copy, &unfinished)?;
        fs::File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, &path)?;
        match try_open(&path).await {
            Ok(db) => {
                found = Some((copied_at, db));
                break;
            }
            Err(StoreError::Damaged | StoreError::Newer) => {
                tracing::warn!(copy = %copy.display(), "a copy of the user's own file cannot be used");
                for suffix in ["", "-wal", "-shm"] {
                    remove(&folder.join(format!("{FILE}{suffix}")))?;
                }
            }
            Err(error) => return Err(error),
        }
    }
    let (copied_at, db) = match found {
        Some((copied_at, db)) => (Some(copied_at), db),
        None => (None, try_open(&path).await?),
    };
    let name = aside.as_deref().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let mark = format!("{}\n{name}", copied_at.map_or_else(String::new, |at| at.0.to_string()));
    replace_file(&folder.join(MARK), mark.as_bytes())?;
    tracing::warn!(copied_at_ms = copied_at.map(|at| at.0), "the user's own file was damaged and set aside");
    Ok(db)
}

async fn try_open(path: &Path) -> Result<Db, StoreError> {
    check(path).await?;
    let db = Db::open(path, SqliteSynchronous::Full, &MIGRATIONS).await?;
    let tables = sqlx::query(TABLES).fetch_one(&db.read).await.map_err(StoreError::from);
    if tables.is_err() {
        db.close().await;
    }
    match tables {
        // A table is not there, or is another: the schema was damaged in a way that is still a schema.
        Err(StoreError::Sql(sqlx::Error::Database(error))) if error.code().as_deref() == Some("1") => {
            Err(StoreError::Damaged)
        }
        tables => tables.map(|_| db),
    }
}

/// Whether a file can be read from its first page to its last.
async fn check(path: &Path) -> Result<(), StoreError> {
    ask(path, CHECK).await?.map_or(Ok(()), |row| whole(&row))
}

fn whole(row: &SqliteRow) -> Result<(), StoreError> {
    if row.try_get::<String, _>(0)? == "ok" { Ok(()) } else { Err(StoreError::Damaged) }
}

/// All copies with the time they were made, newest first.
fn all(folder: &Path) -> io::Result<Vec<(Timestamp, PathBuf)>> {
    let entries = match fs::read_dir(folder.join(FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut copies = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let at = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".sqlite")?.parse().ok());
        copies.extend(at.map(|at| (Timestamp(at), path)));
    }
    copies.sort_unstable_by(|a, b| b.cmp(a));
    Ok(copies)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// A new name is on the disk only when its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

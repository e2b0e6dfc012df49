//! Opening the file, looking into it, setting it aside when it is damaged, and closing it.

use std::{fs, io::Read, path::Path, sync::RwLock};

use sqlx::{Row, migrate::Migrator, sqlite::SqliteSynchronous};

use super::{kinds, store::Cache};
use crate::{
    StoreError,
    files::{Db, ask, private_folder, set_aside},
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/cache");
const FILE: &str = "cache.sqlite";
/// There while the file is open: found at the next start, the app did not end well.
const OPEN_MARK: &str = "cache.open";

/// How a cache was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// As it was left.
    Sound,
    /// The app did not end well the last time: [`Cache::quick_check`] should look, when there is time.
    Unclean,
    /// It was damaged and set aside; this one is new and empty.
    Rebuilt,
}

impl Cache {
    /// Opens or makes `cache.sqlite` in the account's folder. One that is damaged is set aside and made anew.
    ///
    /// # Errors
    /// Only for what a new file would not cure, such as a full disk.
    pub async fn open(folder: &Path) -> Result<(Self, Found), StoreError> {
        private_folder(folder)?;
        let path = folder.join(FILE);
        let there = path.exists();
        let unclean = folder.join(OPEN_MARK).exists();
        let opened = if there && !header_fits(&path) { Err(StoreError::Damaged) } else { try_open(&path).await };
        let (db, found) = match opened {
            Ok(db) => (db, if unclean { Found::Unclean } else { Found::Sound }),
            Err(StoreError::Damaged | StoreError::Newer) => {
                make_room(folder)?;
                (try_open(&path).await?, Found::Rebuilt)
            }
            Err(error) => return Err(error),
        };
        fs::write(folder.join(OPEN_MARK), b"")?;
        Ok((Self { folder: folder.to_owned(), db: RwLock::new(db) }, found))
    }

    /// Whether the file is whole. Reads all of it: not before something is on the screen.
    pub async fn quick_check(&self) -> bool {
        let row = sqlx::query("pragma quick_check(1)").fetch_one(&self.read()).await;
        row.and_then(|row| row.try_get::<String, _>(0)).is_ok_and(|word| word == "ok")
    }

    /// Sets the file aside and begins with an empty one.
    ///
    /// # Errors
    /// What the file system or the new file says.
    pub async fn rebuild(&self) -> Result<(), StoreError> {
        let old = self.db.read().expect("no panic while held").clone();
        old.close().await;
        make_room(&self.folder)?;
        let new = try_open(&self.folder.join(FILE)).await?;
        *self.db.write().expect("no panic while held") = new;
        Ok(())
    }

    /// Makes sure that nothing is left of what was deleted, in no file: neither in the log beside the database nor in a
    /// damaged one that was set aside. Whether it is so; while somebody reads an older state it is not yet.
    ///
    /// # Errors
    /// As the database says.
    pub async fn forget(&self) -> Result<bool, StoreError> {
        let write = self.db.read().expect("no panic while held").write.clone();
        let row = sqlx::query("pragma wal_checkpoint(truncate)").fetch_one(&write).await?;
        for entry in fs::read_dir(&self.folder)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with("cache.sqlite.damaged-") {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(row.try_get::<i64, _>(0)? == 0)
    }

    /// Closes the file and notes that it was closed well.
    pub async fn close(&self) {
        let db = self.db.read().expect("no panic while held").clone();
        db.close().await;
        let _ = fs::remove_file(self.folder.join(OPEN_MARK));
    }

    /// Removes the files of a cache that is not open.
    ///
    /// # Errors
    /// What the file system says.
    pub fn erase(folder: &Path) -> Result<(), StoreError> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("cache.") {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

async fn try_open(path: &Path) -> Result<Db, StoreError> {
    ask(path, "select count(*) from sqlite_schema").await?;
    let db = Db::open(path, SqliteSynchronous::Normal, &MIGRATIONS).await?;
    // A page of each table: a damaged schema shows here, and not in the middle of the first screen.
    let probe = kinds::KINDS.iter().map(|kind| format!("({})", kind.probe())).collect::<Vec<_>>().join(" + ");
    let probe = sqlx::AssertSqlSafe(format!("select {probe} + (select count(*) from meta)"));
    let probe = sqlx::query(probe).fetch_one(&db.read).await;
    match probe {
        Ok(_) => Ok(db),
        Err(error) => {
            db.close().await;
            // Whatever else is wrong with these tables, a new file cures it.
            match error.into() {
                StoreError::Sql(sqlx::Error::Database(_)) => Err(StoreError::Damaged),
                error => Err(error),
            }
        }
    }
}

/// Whether the file begins as a database and is at least as long as it says of itself.
fn header_fits(path: &Path) -> bool {
    // SQLite, "Database File Format", 1.3: magic at 0, page size at 16 (1 stands for 65,536), size in pages at 28.
    let mut header = [0u8; 32];
    let Ok(mut file) = fs::File::open(path) else { return false };
    if file.read_exact(&mut header).is_err() || &header[..16] != b"SQLite format 3\0" {
        return false;
    }
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u64::from(u32::from_be_bytes([header[28], header[29], header[30], header[31]]));
    file.metadata().is_ok_and(|meta| meta.len() >= page * pages)
}

/// Sets the file aside. Only the last one is worth its space: everything in it can be fetched again.
fn make_room(folder: &Path) -> Result<(), StoreError> {
    let aside = set_aside(folder, FILE)?;
    let last = aside.as_deref().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    for entry in fs::read_dir(folder)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("cache.sqlite.damaged-") && !name.starts_with(&*last) {
            let _ = fs::remove_file(entry.path());
        }
    }
    tracing::warn!("the cache was damaged, set aside, and begins anew");
    Ok(())
}

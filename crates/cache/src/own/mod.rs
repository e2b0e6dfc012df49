//! What only this device has. Every commit is on the disk before it is answered, and nothing is dropped unless the user or
//! the server's acceptance says so. A damaged file is set aside, and the newest good copy takes its place.

mod copies;
mod drafts;
mod edits;
mod files;
mod ledger;
mod link;
mod outbox;

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use sqlx::{Sqlite, SqlitePool, Transaction, migrate::Migrator};

pub use copies::Restoration;
pub use drafts::Draft;
pub use edits::Edit;
pub use files::{ChosenFile, NewFile};
pub use ledger::Told;
pub use outbox::{Entry, EntryState, NewEntry, OutboxCounts};

use crate::{
    StoreError,
    files::{Db, private_folder},
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/own");
const FILE: &str = "own.sqlite";

/// The open file of one account.
#[derive(Debug)]
pub struct Own {
    folder: PathBuf,
    db: RwLock<Db>,
    /// Grows with everything that may have been written.
    changes: AtomicU64,
    /// What [`Self::changes`] was when the last copy was begun; `None` before the first.
    copied: Mutex<Option<u64>>,
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
        let db = copies::open_or_restore(folder).await?;
        let own = Self {
            folder: folder.to_owned(),
            db: RwLock::new(db),
            changes: AtomicU64::new(0),
            copied: Mutex::new(None),
        };
        own.recover().await?;
        Ok(own)
    }

    /// Closes the file.
    pub async fn close(&self) {
        let db = self.db.read().expect("no panic while held").clone();
        db.close().await;
    }

    fn read(&self) -> SqlitePool {
        self.db.read().expect("no panic while held").read.clone()
    }

    pub(crate) fn write(&self) -> SqlitePool {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.db.read().expect("no panic while held").write.clone()
    }

    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.changes.fetch_add(1, Ordering::SeqCst);
        let db = self.db.read().expect("no panic while held").clone();
        db.begin().await
    }
}

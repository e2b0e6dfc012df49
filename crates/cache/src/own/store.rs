//! The open file, and whoever reads or writes it while another takes its place.
//!
//! **Invariant:** a file is replaced only when nobody has a connection to it, and whoever asks for one meanwhile gets one to
//! the file that took its place.

use std::{
    path::PathBuf,
    sync::{
        Mutex, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::{Sqlite, Transaction, pool::PoolConnection};

use crate::{StoreError, files::Db};

/// The longest that one waits for a file to be replaced: a copy of a few hundred megabytes is read and written twice.
const REPLACING: Duration = Duration::from_secs(30);

/// The open file of one account.
#[derive(Debug)]
pub struct Own {
    pub(super) folder: PathBuf,
    pub(super) db: RwLock<Db>,
    /// Held for writing from before the open file is closed until another stands in its place.
    pub(super) replacing: tokio::sync::RwLock<()>,
    /// Grows with everything that may have been written.
    pub(super) changes: AtomicU64,
    /// What [`Self::changes`] was when the last copy was begun; `None` before the first.
    pub(super) copied: Mutex<Option<u64>>,
}

impl Own {
    pub(super) fn of(folder: PathBuf, db: Db) -> Self {
        Self {
            folder,
            db: RwLock::new(db),
            replacing: tokio::sync::RwLock::default(),
            changes: AtomicU64::new(0),
            copied: Mutex::new(None),
        }
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.db().close().await;
    }

    fn db(&self) -> Db {
        self.db.read().expect("no panic while held").clone()
    }

    /// Takes something of the open file, and of the one that takes its place should it be closed for that. Only a connection
    /// keeps a file from being replaced; the pool alone does not.
    async fn take<T>(&self, take: impl AsyncFn(Db) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match take(self.db()).await {
            Err(StoreError::Closed) => {
                // Held until something of the next file is taken, so that one try is enough. Closed for good, it says so.
                let _next = tokio::time::timeout(REPLACING, self.replacing.read()).await;
                take(self.db()).await
            }
            taken => taken,
        }
    }

    pub(super) async fn read(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.take(async |db: Db| Ok(db.read.acquire().await?)).await
    }

    pub(crate) async fn write(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.unchanged().await
    }

    /// The connection that writes, for what changes nothing that a copy would hold.
    pub(super) async fn unchanged(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        self.take(async |db: Db| Ok(db.write.acquire().await?)).await
    }

    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.take(async |db: Db| db.begin().await).await
    }
}

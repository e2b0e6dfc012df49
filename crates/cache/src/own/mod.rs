//! What only this device has. Every commit is on the disk before it is answered, and nothing is dropped unless the user or
//! the server's acceptance says so.

mod drafts;
mod files;
mod link;
mod outbox;

use std::path::Path;

use sqlx::{migrate::Migrator, sqlite::SqliteSynchronous};

pub use drafts::Draft;
pub use files::{ChosenFile, NewFile};
pub use outbox::{Entry, EntryState, NewEntry, OutboxCounts};

use crate::{
    StoreError,
    files::{Db, private_folder},
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/own");

/// The open file of one account.
#[derive(Debug)]
pub struct Own {
    pub(crate) db: Db,
}

impl Own {
    /// Opens or makes `own.sqlite` in the account's folder. Messages that were being sent when the app ended wait again.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] and [`StoreError::Newer`] leave the file as it is.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        private_folder(folder)?;
        let db = Db::open(&folder.join("own.sqlite"), SqliteSynchronous::Full, &MIGRATIONS).await?;
        let own = Self { db };
        own.recover().await?;
        Ok(own)
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

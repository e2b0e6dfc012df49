//! A copy of what the server knows, for one account. It can be fetched again at any time, and so is never mourned.
//!
//! **Invariant:** taking in the same thing twice changes nothing, and older never overwrites newer.
//! **Invariant:** the number up to which the feed is applied and the rows that it changed move in one transaction.

mod conversations;
mod events;
mod messages;
mod notifications;
pub mod people;
mod ranges;
mod rows;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::RwLock,
};

use guildhall_contract::conversations::ConversationKey;
use guildhall_market::{
    ids::{MessageId, UserId},
    time::Timestamp,
};
use sqlx::{Row, SqliteConnection, SqlitePool, migrate::Migrator, sqlite::SqliteSynchronous};

pub use conversations::KnownConversation;
pub use messages::Window;
pub use rows::Attached;

use crate::{
    StoreError,
    files::{Db, ask, private_folder, set_aside},
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/cache");
const FILE: &str = "cache.sqlite";
/// There while the file is open: found at the next start, the app did not end well.
const OPEN_MARK: &str = "cache.open";

/// The open file of one account.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    db: RwLock<Db>,
}

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

/// What changed, for the interface to be told.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Messages that changed or appeared.
    pub messages: BTreeMap<ConversationKey, BTreeSet<MessageId>>,
    /// Conversations whose row changed or appeared.
    pub conversations: BTreeSet<ConversationKey>,
    /// People about whom something changed.
    pub people: BTreeSet<UserId>,
    /// Notices that changed or appeared.
    pub notifications: BTreeSet<i64>,
    /// Notices that are gone.
    pub notifications_removed: BTreeSet<i64>,
    /// Messages of others that were not here before, in order.
    pub arrived: Vec<Arrived>,
    /// Messages of one's own that the server has, by the key under which this or another device sent them, with the text stored.
    pub confirmed: Vec<Confirmed>,
    /// Conversations that were read by oneself, here or elsewhere.
    pub read: BTreeSet<ConversationKey>,
    /// Messages that were here and are deleted now: whatever showed their words must not any more.
    pub deleted: Vec<Deleted>,
    /// An unread count can no longer be told from what is here: ask the server for the conversations.
    pub counts_unsure: bool,
}

impl Changes {
    fn message(&mut self, conversation: &ConversationKey, id: MessageId) {
        self.messages.entry(conversation.clone()).or_default().insert(id);
        self.conversations.insert(conversation.clone());
    }
}

/// A message of somebody else that was not here before.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// Its id.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationKey,
    /// Who wrote it.
    pub name: String,
    /// The text.
    pub body: String,
    /// The name of its first file.
    pub attachment_name: Option<String>,
    /// When the server took it.
    pub sent_at: Timestamp,
    /// Whether it is unread.
    pub unread: bool,
}

/// A message that was here and is deleted now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Its id.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationKey,
    /// Whether it was one's own.
    pub mine: bool,
}

/// A message of one's own that the server has.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// Its id.
    pub id: MessageId,
    /// The key under which it was sent.
    pub key: String,
    /// The text as the server stored it.
    pub body: String,
}

/// What came of a piece of the feed.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The last number that is applied now; `None` when nothing was ever loaded.
    pub synced_to: Option<i64>,
    /// A number was missing: the rest was left out and must be fetched from `synced_to` on.
    pub gap: bool,
    /// What changed.
    pub changes: Changes,
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

    fn read(&self) -> SqlitePool {
        self.db.read().expect("no panic while held").read.clone()
    }

    async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, StoreError> {
        let db = self.db.read().expect("no panic while held").clone();
        db.begin().await
    }

    /// The last number of the feed that is applied here; `None` when nothing was ever loaded.
    ///
    /// # Errors
    /// As the database says.
    pub async fn synced_to(&self) -> Result<Option<i64>, StoreError> {
        let mut connection = self.read().acquire().await?;
        meta(&mut connection, "synced_to").await
    }

    /// Grows when everything is loaded anew: a page asked for before that must not be taken in after it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn epoch(&self) -> Result<i64, StoreError> {
        let mut connection = self.read().acquire().await?;
        Ok(meta(&mut connection, "epoch").await?.unwrap_or(0))
    }

    /// The newest message of somebody else that is stored here and that the server was not told about.
    ///
    /// # Errors
    /// As the database says.
    pub async fn unacknowledged(&self) -> Result<Option<MessageId>, StoreError> {
        let row = sqlx::query(
            "select max(id) as id from messages
             where mine = 0 and id > (select coalesce(max(value), 0) from meta where name = 'acknowledged_to')",
        )
        .fetch_one(&self.read())
        .await?;
        Ok(row.try_get::<Option<i64>, _>("id")?.map(MessageId))
    }

    /// The server knows that everything up to this message arrived.
    ///
    /// # Errors
    /// As the database says.
    pub async fn acknowledged(&self, up_to: MessageId) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let before = meta(&mut tx, "acknowledged_to").await?.unwrap_or(0);
        set_meta(&mut tx, "acknowledged_to", before.max(up_to.0)).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn meta(connection: &mut SqliteConnection, name: &str) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query("select value from meta where name = ?1").bind(name).fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get("value")).transpose()?)
}

async fn set_meta(connection: &mut SqliteConnection, name: &str, value: i64) -> Result<(), StoreError> {
    sqlx::query(
        "insert into meta (name, value) values (?1, ?2) on conflict (name) do update set value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(connection)
    .await?;
    Ok(())
}

async fn try_open(path: &Path) -> Result<Db, StoreError> {
    ask(path, "select count(*) from sqlite_schema").await?;
    let db = Db::open(path, SqliteSynchronous::Normal, &MIGRATIONS).await?;
    // A page of each table: a damaged schema shows here, and not in the middle of the first screen.
    let probe = sqlx::query(
        "select (select count(*) from (select key from conversations limit 1)),
                (select count(*) from (select id from messages limit 1)),
                (select count(*) from (select id from people limit 1)),
                (select count(*) from (select from_id from ranges limit 1)),
                (select count(*) from (select id from notifications limit 1)),
                (select count(*) from meta)",
    )
    .fetch_one(&db.read)
    .await;
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

//! The open file, and the few numbers that are kept beside the rows.

use std::{path::PathBuf, sync::RwLock};

use guildhall_market::ids::MessageId;
use sqlx::{Row, SqliteConnection, SqlitePool};

use crate::{StoreError, files::Db};

/// The open file of one account.
#[derive(Debug)]
pub struct Cache {
    pub(super) folder: PathBuf,
    pub(super) db: RwLock<Db>,
}

impl Cache {
    pub(super) fn read(&self) -> SqlitePool {
        self.db.read().expect("no panic while held").read.clone()
    }

    pub(super) async fn begin(&self) -> Result<sqlx::Transaction<'static, sqlx::Sqlite>, StoreError> {
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

pub(super) async fn meta(connection: &mut SqliteConnection, name: &str) -> Result<Option<i64>, StoreError> {
    let row = sqlx::query("select value from meta where name = ?1").bind(name).fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get("value")).transpose()?)
}

pub(super) async fn set_meta(connection: &mut SqliteConnection, name: &str, value: i64) -> Result<(), StoreError> {
    sqlx::query(
        "insert into meta (name, value) values (?1, ?2) on conflict (name) do update set value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(connection)
    .await?;
    Ok(())
}

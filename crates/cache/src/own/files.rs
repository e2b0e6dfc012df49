//! Files that were chosen for a message, with their bytes, until the server has the message.

use std::collections::HashMap;

use guildhall_contract::{
    attachments::{AttachmentDraft, AttachmentView},
    conversations::ConversationKey,
};
use guildhall_market::ids::AttachmentId;
use sqlx::{Row, sqlite::SqliteRow};

use super::store::Own;
use crate::StoreError;

/// A file to be kept.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Names it on this device, new.
    pub local_id: String,
    /// The idempotency key of its upload, new.
    pub upload_key: String,
    /// The conversation whose next message takes it along.
    pub conversation: ConversationKey,
    /// A safe name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// The content.
    pub bytes: Vec<u8>,
    /// Whether the place where a photo was taken stays in it.
    pub keep_location: bool,
}

/// A kept file, without its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenFile {
    /// Names it on this device.
    pub local_id: String,
    /// The conversation.
    pub conversation: String,
    /// The message that takes it along, once there is one.
    pub message_key: Option<String>,
    /// A safe name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// Bytes.
    pub size: i64,
    /// Whether the place where a photo was taken stays in it.
    pub keep_location: bool,
    /// The idempotency key of its upload.
    pub upload_key: String,
    /// The server's id, once it was uploaded.
    pub server_id: Option<AttachmentId>,
}

impl ChosenFile {
    /// As it is shown above the composer.
    pub fn draft(&self) -> AttachmentDraft {
        let Self { local_id, name, mime, size, .. } = self.clone();
        AttachmentDraft { local_id, name, mime, size }
    }

    /// As it is shown in a waiting message.
    pub fn view(&self) -> AttachmentView {
        let Self { local_id, name, mime, size, .. } = self.clone();
        AttachmentView { id: self.server_id, local_id: Some(local_id), name, mime, size }
    }
}

fn file(row: &SqliteRow) -> Result<ChosenFile, sqlx::Error> {
    Ok(ChosenFile {
        local_id: row.try_get("local_id")?,
        conversation: row.try_get("conversation")?,
        message_key: row.try_get("message_key")?,
        name: row.try_get("name")?,
        mime: row.try_get("mime")?,
        size: row.try_get("size")?,
        keep_location: row.try_get("keep_location")?,
        upload_key: row.try_get("upload_key")?,
        server_id: row.try_get::<Option<i64>, _>("server_id")?.map(AttachmentId),
    })
}

impl Own {
    /// Keeps a file for the next message of its conversation.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room: nothing was changed then.
    pub async fn add_file(&self, new: &NewFile) -> Result<ChosenFile, StoreError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into files (local_id, conversation, name, mime, size, keep_location, upload_key)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .bind(&new.local_id)
        .bind(new.conversation.to_string())
        .bind(&new.name)
        .bind(&new.mime)
        .bind(i64::try_from(new.bytes.len()).unwrap_or(i64::MAX))
        .bind(new.keep_location)
        .bind(&new.upload_key)
        .execute(&mut *tx)
        .await?;
        sqlx::query("insert into file_bytes (local_id, bytes) values (?1, ?2)")
            .bind(&new.local_id)
            .bind(&new.bytes)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        self.file(&new.local_id).await?.ok_or(StoreError::Damaged)
    }

    /// Takes a chosen file back. `false` when it is not there or a message has taken it along.
    ///
    /// # Errors
    /// As the database says.
    pub async fn remove_file(&self, local_id: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let removed = sqlx::query("delete from files where local_id = ?1 and message_key is null")
            .bind(local_id)
            .execute(&mut *tx)
            .await?
            .rows_affected()
            == 1;
        if removed {
            sqlx::query("delete from file_bytes where local_id = ?1").bind(local_id).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(removed)
    }

    /// One file.
    ///
    /// # Errors
    /// As the database says.
    pub async fn file(&self, local_id: &str) -> Result<Option<ChosenFile>, StoreError> {
        let row = sqlx::query("select * from files where local_id = ?1")
            .bind(local_id)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        Ok(row.as_ref().map(file).transpose()?)
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// As the database says.
    pub async fn file_bytes(&self, local_id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("select bytes from file_bytes where local_id = ?1")
            .bind(local_id)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        Ok(row.map(|row| row.try_get("bytes")).transpose()?)
    }

    /// The files chosen for the next message of a conversation, in order.
    ///
    /// # Errors
    /// As the database says.
    pub async fn chosen_files(&self, conversation: &ConversationKey) -> Result<Vec<ChosenFile>, StoreError> {
        let rows = sqlx::query("select * from files where conversation = ?1 and message_key is null order by position")
            .bind(conversation.to_string())
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows.iter().map(file).collect::<Result<_, _>>()?)
    }

    pub(super) async fn files_of_message(&self, key: &str) -> Result<Vec<ChosenFile>, StoreError> {
        let rows = sqlx::query("select * from files where message_key = ?1 order by position")
            .bind(key)
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows.iter().map(file).collect::<Result<_, _>>()?)
    }

    pub(super) async fn files_of_messages(&self) -> Result<HashMap<String, Vec<ChosenFile>>, StoreError> {
        let rows = sqlx::query("select * from files where message_key is not null order by position")
            .fetch_all(&mut *self.read().await?)
            .await?;
        let mut files: HashMap<String, Vec<ChosenFile>> = HashMap::new();
        for row in &rows {
            let file = file(row)?;
            files.entry(file.message_key.clone().unwrap_or_default()).or_default().push(file);
        }
        Ok(files)
    }

    /// The server has the file: it need not be uploaded again.
    ///
    /// # Errors
    /// As the database says.
    pub async fn uploaded(&self, local_id: &str, server_id: AttachmentId) -> Result<(), StoreError> {
        sqlx::query("update files set server_id = ?2 where local_id = ?1")
            .bind(local_id)
            .bind(server_id.0)
            .execute(&mut *self.write().await?)
            .await?;
        Ok(())
    }

    /// The server no longer knows an upload: it is made again, as a new one.
    ///
    /// # Errors
    /// As the database says.
    pub async fn upload_anew(&self, local_id: &str, upload_key: &str) -> Result<(), StoreError> {
        sqlx::query("update files set server_id = null, upload_key = ?2 where local_id = ?1")
            .bind(local_id)
            .bind(upload_key)
            .execute(&mut *self.write().await?)
            .await?;
        Ok(())
    }
}

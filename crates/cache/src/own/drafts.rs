//! Unsent text, what was taken out of the list, and the settings of this device.

use std::collections::HashMap;

use guildhall_contract::{conversations::ConversationKey, settings::Settings};
use guildhall_market::{ids::MessageId, time::Timestamp};
use sqlx::Row;

use super::store::Own;
use crate::StoreError;

/// An unsent text.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Where it would go.
    pub conversation: ConversationKey,
    /// The text.
    pub body: String,
    /// When it was changed, on this machine's clock.
    pub changed_at: Timestamp,
}

impl Own {
    /// Keeps an unsent text. An empty one removes it.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room: the old text is still there then.
    pub async fn set_draft(
        &self,
        conversation: &ConversationKey,
        body: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let conversation = conversation.to_string();
        if body.is_empty() {
            sqlx::query("delete from drafts where conversation = ?1")
                .bind(conversation)
                .execute(&mut *self.write().await?)
                .await?;
            return Ok(());
        }
        sqlx::query(
            "insert into drafts (conversation, body, changed_at_ms)
             values (?1, ?2, ?3)
             on conflict (conversation) do update set body = excluded.body, changed_at_ms = excluded.changed_at_ms",
        )
        .bind(conversation)
        .bind(body)
        .bind(now.0)
        .execute(&mut *self.write().await?)
        .await?;
        Ok(())
    }

    /// The unsent text of a conversation.
    ///
    /// # Errors
    /// As the database says.
    pub async fn draft(&self, conversation: &ConversationKey) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("select body from drafts where conversation = ?1")
            .bind(conversation.to_string())
            .fetch_optional(&mut *self.read().await?)
            .await?;
        Ok(row.map(|row| row.try_get("body")).transpose()?)
    }

    /// All unsent texts.
    ///
    /// # Errors
    /// As the database says.
    pub async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        let rows = sqlx::query("select conversation, body, changed_at_ms from drafts")
            .fetch_all(&mut *self.read().await?)
            .await?;
        let mut drafts = Vec::with_capacity(rows.len());
        for row in &rows {
            let Ok(conversation) = ConversationKey::try_from(row.try_get::<String, _>("conversation")?) else {
                continue;
            };
            let changed_at = Timestamp(row.try_get("changed_at_ms")?);
            drafts.push(Draft { conversation, body: row.try_get("body")?, changed_at });
        }
        Ok(drafts)
    }

    /// Takes a conversation out of the list until something newer than this message is in it.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room.
    pub async fn remove_conversation(
        &self,
        conversation: &ConversationKey,
        up_to: Option<MessageId>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into removed (conversation, up_to)
             values (?1, ?2)
             on conflict (conversation) do update set up_to = excluded.up_to",
        )
        .bind(conversation.to_string())
        .bind(up_to.map_or(0, |id| id.0))
        .execute(&mut *self.write().await?)
        .await?;
        Ok(())
    }

    /// The conversations that were taken out of the list, with the last message that was in them then.
    ///
    /// # Errors
    /// As the database says.
    pub async fn removed_conversations(&self) -> Result<HashMap<ConversationKey, MessageId>, StoreError> {
        let rows = sqlx::query("select conversation, up_to from removed").fetch_all(&mut *self.read().await?).await?;
        let mut removed = HashMap::with_capacity(rows.len());
        for row in &rows {
            if let Ok(key) = ConversationKey::try_from(row.try_get::<String, _>("conversation")?) {
                removed.insert(key, MessageId(row.try_get("up_to")?));
            }
        }
        Ok(removed)
    }

    /// The settings; the defaults where nothing was set, or where the stored text cannot be read.
    ///
    /// # Errors
    /// As the database says.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
        let row =
            sqlx::query("select json from settings where id = 1").fetch_optional(&mut *self.read().await?).await?;
        let Some(row) = row else { return Ok(Settings::default()) };
        Ok(serde_json::from_str(row.try_get("json")?).unwrap_or_default())
    }

    /// Replaces the settings.
    ///
    /// # Errors
    /// [`StoreError::Full`] when there is no room: the old ones are still there then.
    pub async fn set_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        let json = serde_json::to_string(settings).expect("settings are plain values");
        sqlx::query(
            "insert into settings (id, json)
             values (1, ?1)
             on conflict (id) do update set json = excluded.json",
        )
        .bind(json)
        .execute(&mut *self.write().await?)
        .await?;
        Ok(())
    }
}

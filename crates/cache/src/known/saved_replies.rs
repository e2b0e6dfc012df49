//! Saved replies, as the server has them.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use guildhall_contract::{
    events,
    feed::FeedRow,
    saved_replies::{SavedReply, SavedUpdated},
};
use guildhall_market::ids::UserId;
use sqlx::{Row, SqliteConnection};

use super::{
    kind::{Changes, Kind, Load, Loaded, body},
    store::Cache,
};
use crate::StoreError;

/// What `saved.updated` calls these.
const REPLY: &str = "reply";

/// Names of which something changed.
#[derive(Clone, Debug, Default)]
pub struct SavedReplyChanges(pub BTreeSet<String>);

/// Saved replies.
pub(super) struct SavedReplies;

#[async_trait]
impl Kind for SavedReplies {
    fn events(&self) -> &'static [&'static str] {
        &[events::SAVED_UPDATED]
    }

    fn probe(&self) -> &'static str {
        "select count(*) from (select key from saved_replies limit 1)"
    }

    async fn apply(
        &self,
        connection: &mut SqliteConnection,
        _: UserId,
        rows: &[&FeedRow],
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        for updated in rows.iter().filter_map(|row| body::<SavedUpdated>(row)).filter(|updated| updated.kind == REPLY) {
            put(connection, &updated.key, updated.text.as_deref(), updated.updated_at.0.0).await?;
            changes.of_mut::<SavedReplyChanges>().0.insert(updated.key);
        }
        Ok(())
    }

    async fn begin_anew(&self, connection: &mut SqliteConnection, _: bool) -> Result<(), StoreError> {
        // The list that comes is whole.
        sqlx::query("delete from saved_replies").execute(connection).await?;
        Ok(())
    }
}

async fn put(connection: &mut SqliteConnection, key: &str, text: Option<&str>, at_ms: i64) -> Result<(), StoreError> {
    let statement = match text {
        Some(_) => {
            "insert into saved_replies (key, text, updated_at_ms) values (?1, ?2, ?3)
             on conflict (key) do update set text = excluded.text, updated_at_ms = excluded.updated_at_ms"
        }
        None => "delete from saved_replies where key = ?1",
    };
    sqlx::query(statement).bind(key).bind(text).bind(at_ms).execute(connection).await?;
    Ok(())
}

/// The list of an answer, to begin anew with.
pub fn loaded_replies(replies: Vec<SavedReply>) -> Loaded {
    Loaded(Box::new(List(replies)))
}

struct List(Vec<SavedReply>);

#[async_trait]
impl Load for List {
    async fn store(&self, connection: &mut SqliteConnection, _: UserId, _: &mut Changes) -> Result<(), StoreError> {
        for reply in &self.0 {
            put(connection, &reply.key, Some(&reply.text), reply.updated_at.0.0).await?;
        }
        Ok(())
    }
}

impl Cache {
    /// Texts by name.
    ///
    /// # Errors
    /// As the database says.
    pub async fn saved_replies(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let rows = sqlx::query("select key, text from saved_replies order by key").fetch_all(&self.read()).await?;
        rows.iter().map(|row| Ok((row.try_get("key")?, row.try_get("text")?))).collect()
    }
}

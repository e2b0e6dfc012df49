//! People: names, and whether they are online.

use std::sync::Arc;

use async_trait::async_trait;
use guildhall_cache::{
    StoreError,
    known::{Changes, PeopleChanges},
};
use guildhall_contract::{events, people::PresenceUpdated, ui_events::UiEvent};

use crate::{
    account::{Account, Kind},
    link_state::Made,
};

/// The kind.
pub(crate) struct People;

#[async_trait]
impl Kind for People {
    async fn tell(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
        let Some(PeopleChanges(changed)) = changes.peek() else { return Ok(()) };
        let others = changed.iter().copied().filter(|id| *id != account.user);
        let people = account.cache.people_by_id(others).await?;
        if !people.is_empty() {
            let rows = people.into_values().map(|person| account.with_presence(person)).collect();
            account.hub.send(UiEvent::People { rows, removed: Vec::new() });
        }
        Ok(())
    }

    fn moments(&self) -> &'static [&'static str] {
        &[events::PRESENCE_UPDATED]
    }

    async fn moment(&self, account: &Arc<Account>, made: Made, _event: &str, data: serde_json::Value) {
        let Ok(presence) = serde_json::from_value::<PresenceUpdated>(data) else { return };
        account.note_presence(Some(made), [(presence.user_id, presence.online)]);
        if let Some(at) = presence.last_seen_at {
            let _ = account.cached(account.cache.last_seen(presence.user_id, at.0).await);
        }
        if let Ok(person) = account.person(presence.user_id).await {
            account.hub.send(UiEvent::People { rows: vec![person], removed: Vec::new() });
        }
    }
}

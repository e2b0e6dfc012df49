//! Notices.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use guildhall_cache::{
    StoreError,
    known::{Changes, Loaded, NotificationChanges, loaded_notices},
};
use guildhall_contract::ui_events::UiEvent;

use crate::{
    account::{Account, Kind},
    behind::Behind,
    dialects::guildhall::PAGE_ROWS,
    rest::ApiError,
};

/// All notices are here: the server need not be asked for older ones.
#[derive(Default)]
pub(crate) struct AllHere(pub(crate) AtomicBool);

/// The kind.
pub(crate) struct Notifications;

#[async_trait]
impl Kind for Notifications {
    async fn load(&self, account: &Arc<Account>) -> Result<Option<Loaded>, ApiError> {
        Ok(Some(loaded_notices(account.over_link(account.api.notifications(None, false)).await?)))
    }

    async fn refresh(&self, account: &Arc<Account>) -> Result<(), Behind> {
        let notices = account.over_link(account.api.notifications(None, false)).await?;
        account.part::<AllHere>().0.store(notices.len() < PAGE_ROWS as usize, Ordering::Relaxed);
        let stored = account.cache.put_notifications(&notices).await;
        let changes = account.cached(stored).map_err(|_| Behind::Store)?;
        account.publish(&changes).await;
        Ok(())
    }

    async fn tell(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
        let Some(NotificationChanges { rows, removed }) = changes.peek() else { return Ok(()) };
        let rows = account.cache.notifications_by_id(rows.iter().copied()).await?;
        account.ui.send(UiEvent::Notifications { rows, removed: removed.iter().copied().collect() });
        account.ui.send(UiEvent::Unread { unread: account.cache.unread().await? });
        Ok(())
    }
}

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
use guildhall_contract::{events::NOTIFICATION_CREATED, notifications::NotificationView, ui_events::UiEvent};

use crate::{
    account::{Account, Kind},
    behind::Behind,
    dialects::guildhall::PAGE_ROWS,
    notices::{self, Candidate, Words},
    ports::Urgency,
    rest::ApiError,
};

/// All notices are here: the server need not be asked for older ones.
#[derive(Default)]
pub(crate) struct AllHere(pub(crate) AtomicBool);

/// The words of one, as the server wrote them.
struct Said(NotificationView);

impl Words for Said {
    fn notice(&self, hidden: bool) -> (String, String) {
        if hidden {
            return (guildhall_words::current().notices_something_new(), String::new());
        }
        (self.0.title.clone(), self.0.message.clone())
    }

    fn toast(&self, hidden: bool) -> (String, String) {
        self.notice(hidden)
    }
}

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
        let Some(NotificationChanges { rows, removed, .. }) = changes.peek() else { return Ok(()) };
        let rows = account.cache.notifications_by_id(rows.iter().copied()).await?;
        account.ui.send(UiEvent::Notifications { rows, removed: removed.iter().copied().collect() });
        account.ui.send(UiEvent::Unread { unread: account.cache.unread().await? });
        Ok(())
    }

    async fn react(&self, account: &Arc<Account>, changes: &Changes, live: bool) {
        let Some(NotificationChanges { rows, arrived, .. }) = changes.peek() else { return };
        let asked = account.cache.notifications_by_id(rows.iter().chain(arrived).copied()).await;
        let Ok(views) = account.cached(asked) else { return };
        let mut candidates = Vec::new();
        for view in views {
            let Some(target) = view.target.clone() else { continue };
            let subject = format!("notification {}", view.id);
            if view.read_at.is_some() {
                // Of no more use: it was read, here or elsewhere.
                if account.notices.shows(&target.to_string(), &subject) {
                    notices::withdraw(account, &target, "read");
                }
                continue;
            }
            if arrived.contains(&view.id) {
                candidates.push(Candidate {
                    event: NOTIFICATION_CREATED,
                    subject,
                    target,
                    urgency: Urgency::Normal,
                    at: view.created_at,
                    unread: true,
                    words: Arc::new(Said(view)),
                });
            }
        }
        // Oldest first: of several with one target the newest is told.
        candidates.reverse();
        if !candidates.is_empty() {
            notices::offer(account, candidates, live).await;
        }
    }
}

//! `notification_*`

use std::sync::atomic::Ordering;

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    notifications::{LedgerQuery, LedgerRow, NotificationQuery, NotificationRef, NotificationView},
};
use guildhall_market::notifications::PAGE_MAX;

use crate::{
    Core,
    kinds::AllHere,
    ports::{Notice, Urgency},
};

/// Rows of the ledger in one answer.
const LEDGER_MAX: u32 = 200;

impl Core {
    /// Notices, newest first.
    pub async fn notification_list(&self, request: NotificationQuery) -> Result<Vec<NotificationView>, AppError> {
        let account = self.account()?;
        let limit = request.limit.clamp(1, u32::try_from(PAGE_MAX).expect("a small number"));
        let read = || account.cache.notifications(request.before, request.unread_only, limit);
        let found = account.cached(read().await)?;
        let all_here = account.part::<AllHere>().0.load(Ordering::Relaxed);
        if found.len() >= limit as usize || all_here || !account.online() {
            return Ok(found);
        }
        // Older ones may be at the server only.
        match account.api.notifications(request.before, request.unread_only).await {
            Ok(page) if page.len() > found.len() => {
                account.cached(account.cache.put_notifications(&page).await)?;
                account.cached(read().await)
            }
            _ => Ok(found),
        }
    }

    /// Marks one notice as read.
    pub async fn notification_read(&self, request: NotificationRef) -> Result<Nothing, AppError> {
        let account = self.account()?;
        account.answered(account.api.read_notification(Some(request.id)).await)?;
        account.took(account.cache.read_notification(Some(request.id), account.now()).await).await?;
        Ok(Nothing {})
    }

    /// Marks all notices as read.
    pub async fn notification_read_all(&self, _: Nothing) -> Result<Nothing, AppError> {
        let account = self.account()?;
        account.answered(account.api.read_notification(None).await)?;
        account.took(account.cache.read_notification(None, account.now()).await).await?;
        Ok(Nothing {})
    }

    /// Deletes a notice.
    pub async fn notification_delete(&self, request: NotificationRef) -> Result<Nothing, AppError> {
        let account = self.account()?;
        account.answered(account.api.delete_notification(request.id).await)?;
        account.took(account.cache.delete_notification(request.id).await).await?;
        Ok(Nothing {})
    }

    /// What one could have been told of, whether one was, and why not. Newest first.
    pub async fn notification_ledger(&self, request: LedgerQuery) -> Result<Vec<LedgerRow>, AppError> {
        let account = self.account()?;
        account.owned(account.own.ledger(request.before, request.limit.clamp(1, LEDGER_MAX)).await)
    }

    /// Shows a notice through the system now, to try it.
    pub async fn notification_test(&self, _: Nothing) -> Result<Nothing, AppError> {
        let sound = self.account().is_ok_and(|account| account.settings().sound);
        let words = guildhall_words::current();
        let (title, body) = (words.app_name(), words.notices_test());
        let notice = Notice {
            tag: "test".into(),
            title,
            body,
            sound,
            urgency: Urgency::Normal,
            open: words.app_open(),
            actions: Vec::new(),
        };
        self.ports.notifier.show(notice).await.map_err(|_| AppError::Unavailable)?;
        Ok(Nothing {})
    }
}

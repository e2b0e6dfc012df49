//! `connection_*`, `unread_get` and `attention_set`

use guildhall_contract::{
    commands::Nothing,
    connection::{Attention, ConnectionState, ConnectionView, UnreadView},
    errors::AppError,
};

use crate::{Core, notices, outbox};

impl Core {
    /// The state of the connection.
    pub async fn connection_get(&self, _: Nothing) -> Result<ConnectionView, AppError> {
        match self.account() {
            Ok(account) => account.connection().await,
            Err(_) => Ok(ConnectionView {
                state: ConnectionState::Idle,
                since: self.ports.clock.now(),
                retry_at: None,
                reason: None,
                queued: 0,
                failed: 0,
                synced_to: 0,
                round_trip_ms: None,
                held_up: None,
            }),
        }
    }

    /// Tries to connect now.
    pub async fn connection_retry(&self, _: Nothing) -> Result<ConnectionView, AppError> {
        let account = self.account()?;
        account.link.wake.notify_one();
        account.owned(account.own.hurry().await)?;
        outbox::wake(&account);
        account.connection().await
    }

    /// Unread counts.
    pub async fn unread_get(&self, _: Nothing) -> Result<UnreadView, AppError> {
        match self.account() {
            Ok(account) => account.cached(account.cache.unread().await),
            Err(_) => Ok(UnreadView::default()),
        }
    }

    /// What the user looks at.
    pub async fn attention_set(&self, request: Attention) -> Result<Nothing, AppError> {
        let Ok(account) = self.account() else { return Ok(Nothing {}) };
        *account.attention.lock().expect("no panic while held") = request.clone();
        if let (true, Some(target)) = (request.focused, request.target) {
            notices::withdraw(&account, &target, "read");
            for kind in account.kinds {
                kind.attends(&account, &target).await?;
            }
        }
        Ok(Nothing {})
    }
}

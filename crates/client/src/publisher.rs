//! Tells the interface what changed, as it is now.

use std::sync::Arc;

use guildhall_cache::known::Changes;
use guildhall_contract::ui_events::UiEvent;

use crate::account::Account;

impl Account {
    /// Tells what changed, as it is now.
    pub(crate) async fn publish(self: &Arc<Self>, changes: &Changes) {
        let _one_at_a_time = self.publishing.lock().await;
        for kind in self.kinds {
            let told = kind.tell(self, changes).await;
            if self.cached(told).is_err() {
                return;
            }
        }
    }

    /// Tells the state of the connection.
    pub(crate) async fn publish_connection(&self) {
        let _one_at_a_time = self.publishing.lock().await;
        if let Ok(connection) = self.connection().await {
            self.ui.send(UiEvent::Connection { connection });
        }
    }
}

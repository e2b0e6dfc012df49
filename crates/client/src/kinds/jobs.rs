//! Jobs: asked for when somebody looks. An event says that it is time to ask anew.

use std::sync::Arc;

use async_trait::async_trait;
use guildhall_cache::{
    StoreError,
    known::{Changes, jobs::JobChanges},
};
use guildhall_contract::ui_events::UiEvent;

use crate::account::{Account, Kind};

/// What the interface asks for anew.
const TOPIC: &str = "jobs";

/// The kind.
pub(crate) struct Jobs;

#[async_trait]
impl Kind for Jobs {
    async fn tell(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
        if changes.peek::<JobChanges>().is_some() {
            account.ui.send(UiEvent::Stale { topic: TOPIC.into(), of: None });
        }
        Ok(())
    }
}

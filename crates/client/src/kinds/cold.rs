//! What is asked for when somebody looks, and never kept: where an event says that it stands differently, the interface is told to
//! ask anew.

use std::sync::Arc;

use async_trait::async_trait;
use guildhall_cache::{
    StoreError,
    known::{Changes, cold::Stale},
};
use guildhall_contract::ui_events::UiEvent;

use crate::account::{Account, Kind};

/// All kinds of that sort.
pub(crate) struct Cold;

#[async_trait]
impl Kind for Cold {
    async fn tell(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
        for topic in changes.peek::<Stale>().into_iter().flat_map(|stale| &stale.0) {
            account.ui.send(UiEvent::Stale { topic: (*topic).into(), of: None });
        }
        Ok(())
    }
}

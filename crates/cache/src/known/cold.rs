//! Kinds of which nothing is kept here: few things, asked for when somebody looks. An event says that it is time to ask anew.

use std::collections::BTreeSet;

use async_trait::async_trait;
use guildhall_contract::feed::FeedRow;
use guildhall_market::ids::UserId;
use sqlx::SqliteConnection;

use super::kind::{Changes, Kind};
use crate::StoreError;

/// The topics of what stands differently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stale(pub BTreeSet<&'static str>);

/// Such a kind.
pub(super) struct Cold {
    /// What the interface knows it by.
    pub topic: &'static str,
    /// The events of the feed that say so.
    pub events: &'static [&'static str],
}

#[async_trait]
impl Kind for Cold {
    fn events(&self) -> &'static [&'static str] {
        self.events
    }

    fn probe(&self) -> &'static str {
        "select 0"
    }

    async fn apply(
        &self,
        _: &mut SqliteConnection,
        _: UserId,
        _: &[&FeedRow],
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        changes.of_mut::<Stale>().0.insert(self.topic);
        Ok(())
    }

    async fn begin_anew(&self, _: &mut SqliteConnection, _: bool) -> Result<(), StoreError> {
        Ok(())
    }
}

//! Letters that one may do without: what an event says of them. They are asked for when somebody looks, and are not kept here.

use async_trait::async_trait;
use guildhall_contract::{events, feed::FeedRow};
use guildhall_market::ids::UserId;
use sqlx::SqliteConnection;

use super::kind::{Changes, Kind};
use crate::StoreError;

/// One said otherwise of some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailPreferenceChanges(pub bool);

/// Letters that one may do without.
pub(super) struct MailPreferences;

#[async_trait]
impl Kind for MailPreferences {
    fn events(&self) -> &'static [&'static str] {
        &[events::MAIL_PREFERENCE_CHANGED]
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
        changes.of_mut::<MailPreferenceChanges>().0 = true;
        Ok(())
    }

    async fn begin_anew(&self, _: &mut SqliteConnection, _: bool) -> Result<(), StoreError> {
        Ok(())
    }
}

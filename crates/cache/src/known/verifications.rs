//! Verifications: what an event says of them. They are few and asked for when somebody looks, and are not kept here.

use async_trait::async_trait;
use guildhall_contract::{events, feed::FeedRow};
use guildhall_market::ids::UserId;
use sqlx::SqliteConnection;

use super::kind::{Changes, Kind};
use crate::StoreError;

/// Some verification stands differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerificationChanges(pub bool);

/// Verifications.
pub(super) struct Verifications;

#[async_trait]
impl Kind for Verifications {
    fn events(&self) -> &'static [&'static str] {
        &[events::VERIFICATION_CHANGED]
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
        changes.of_mut::<VerificationChanges>().0 = true;
        Ok(())
    }

    async fn begin_anew(&self, _: &mut SqliteConnection, _: bool) -> Result<(), StoreError> {
        Ok(())
    }
}

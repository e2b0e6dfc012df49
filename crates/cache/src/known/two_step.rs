//! Two-step sign-in: what an event says of it. It is asked for when somebody looks, and is not kept here.

use async_trait::async_trait;
use guildhall_contract::{events, feed::FeedRow};
use guildhall_market::ids::UserId;
use sqlx::SqliteConnection;

use super::kind::{Changes, Kind};
use crate::StoreError;

/// It stands differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TwoStepChanges(pub bool);

/// Two-step sign-in.
pub(super) struct TwoStep;

#[async_trait]
impl Kind for TwoStep {
    fn events(&self) -> &'static [&'static str] {
        &[events::TWO_STEP_CHANGED]
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
        changes.of_mut::<TwoStepChanges>().0 = true;
        Ok(())
    }

    async fn begin_anew(&self, _: &mut SqliteConnection, _: bool) -> Result<(), StoreError> {
        Ok(())
    }
}

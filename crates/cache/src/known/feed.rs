//! The feed: every event that changes what is known here, applied in order, each once. And what is general about loading
//! everything anew.

use guildhall_contract::feed::FeedRow;
use guildhall_market::ids::UserId;

use super::{
    kind::{Changes, Kind, Loaded},
    kinds::{KINDS, kind_of},
    store::{Cache, meta, set_meta},
};
use crate::StoreError;

/// What came of a piece of the feed.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// The last number that is applied now; `None` when nothing was ever loaded.
    pub synced_to: Option<i64>,
    /// A number was missing: the rest was left out and must be fetched from `synced_to` on.
    pub gap: bool,
    /// What changed.
    pub changes: Changes,
}

impl Cache {
    /// Applies rows of the feed in order. Numbers that were applied before are skipped; at a missing one it stops.
    ///
    /// # Errors
    /// As the database says: nothing was changed then.
    pub async fn apply(&self, me: UserId, feed: &[FeedRow]) -> Result<Applied, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        let Some(before) = meta(&mut tx, "synced_to").await? else {
            return Ok(Applied { synced_to: None, gap: true, changes });
        };
        let mut synced_to = before;
        let mut gap = false;
        // Events of one kind in a row are taken in together: one statement instead of hundreds.
        let mut run: Vec<&FeedRow> = Vec::new();
        let mut kind: Option<&dyn Kind> = None;
        for row in feed {
            if row.seq <= synced_to {
                continue;
            }
            if Some(row.seq) != synced_to.checked_add(1) {
                gap = true;
                break;
            }
            synced_to = row.seq;
            // One of a newer server: its number counts, what it says does not concern this version.
            let Some(next) = kind_of(&row.event) else { continue };
            if let Some(kind) = kind.filter(|kind| kind.events() != next.events()) {
                kind.apply(&mut tx, me, &run, &mut changes).await?;
                run.clear();
            }
            kind = Some(next);
            run.push(row);
        }
        if let Some(kind) = kind {
            kind.apply(&mut tx, me, &run, &mut changes).await?;
        }
        if synced_to != before {
            set_meta(&mut tx, "synced_to", synced_to).await?;
            tx.commit().await?;
        }
        Ok(Applied { synced_to: Some(synced_to), gap, changes })
    }

    /// Begins anew from the server's present state, of which `latest` is the number in the feed: stretches restart, so that
    /// what may be missing shows as gaps. `foreign` says that the server is another one than before: nothing is kept then.
    ///
    /// # Errors
    /// As the database says: nothing was changed then.
    pub async fn reload(
        &self,
        me: UserId,
        loaded: &[Loaded],
        latest: i64,
        foreign: bool,
    ) -> Result<Changes, StoreError> {
        let mut changes = Changes::default();
        let mut tx = self.begin().await?;
        for kind in KINDS {
            kind.begin_anew(&mut tx, foreign).await?;
        }
        for loaded in loaded {
            loaded.0.store(&mut tx, me, &mut changes).await?;
        }
        let epoch = meta(&mut tx, "epoch").await?.unwrap_or(0);
        set_meta(&mut tx, "epoch", epoch + 1).await?;
        set_meta(&mut tx, "synced_to", latest).await?;
        tx.commit().await?;
        Ok(changes)
    }
}

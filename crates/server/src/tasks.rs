//! Work the server does by itself: forgetting what nobody needs any more.

use std::time::Duration;

use guildhall_db::{Committed, DbError, feed, idempotency, messages};
use guildhall_market::time::{DAY_MS, Timestamp};

use crate::app::App;

/// How often.
const EVERY: Duration = Duration::from_secs(6 * 3_600);
/// How long answers to commands are remembered, days (house rule: 30).
const ANSWERS_DAYS: i64 = 30;
/// How long rows of a feed are kept, days. A client that was away longer loads everything anew.
const FEED_DAYS: i64 = 90;

/// Prunes now and then until it is aborted.
pub async fn prune(app: App) {
    loop {
        match once(&app, app.now()).await {
            Ok(gone) => tracing::debug!(gone, "old rows were pruned"),
            Err(error) => tracing::warn!(%error, "old rows could not be pruned"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn once(app: &App, now: Timestamp) -> Result<u64, DbError> {
    app.db
        .write(move |c| {
            Box::pin(async move {
                let mut gone = idempotency::prune(c, now.plus_ms(-ANSWERS_DAYS * DAY_MS)).await?;
                gone += feed::prune(c, now.plus_ms(-FEED_DAYS * DAY_MS)).await?;
                gone += messages::purge_sealed(c, now).await?;
                Ok(Committed::quiet(gone))
            })
        })
        .await
}

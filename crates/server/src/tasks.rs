//! Work the server does by itself: forgetting what nobody needs any more.

use std::time::Duration;

use guildhall_db::{Committed, DbError, feed, idempotency, messages, settings};
use guildhall_market::{
    attachments::UNSENT_KEPT_MS,
    time::{DAY_MS, Timestamp, forgets_up_to},
};

use crate::{app::App, attachments};

/// How often.
const EVERY: Duration = Duration::from_secs(3_600);
/// Files that are looked up over one connection, before others may have it.
const ORPHANS_AT_ONCE: usize = 500;
/// How long answers to commands are remembered, days (house rule: 30).
const ANSWERS_DAYS: i64 = 30;
/// How long rows of a feed are kept, days. A client that was away longer loads everything anew.
const FEED_DAYS: i64 = 90;

/// Prunes now and then until it is aborted.
pub async fn prune(app: App) {
    loop {
        remove_orphans(&app).await;
        match once(&app, app.now()).await {
            Ok((gone, unused)) => {
                tracing::debug!(gone, files = unused.len(), "old rows were pruned");
                attachments::remove_unused(&app, unused).await;
            }
            Err(error) => tracing::warn!(%error, "old rows could not be pruned"),
        }
        app.config.clock.sleep(EVERY).await;
    }
}

/// Removes bytes that nobody ever got: stored, and then the command that would have said whose they are was refused, or the
/// server was killed between the two.
async fn remove_orphans(app: &App) {
    let mut hashes = attachments::stored(app.files_dir.clone()).await;
    while !hashes.is_empty() {
        let some = hashes.split_off(hashes.len().saturating_sub(ORPHANS_AT_ONCE));
        attachments::remove_unused(app, some).await;
    }
}

/// The setting that says up to when things were forgotten.
const FORGOTTEN_UP_TO: &str = "forgotten_up_to";

/// Reads up to when things were forgotten before, so that what is kept from now on is not taken for older than that.
///
/// # Errors
/// The database's.
pub async fn remember_retention(app: &App) -> Result<(), DbError> {
    let kept = settings::get(&mut app.db.read().await?, FORGOTTEN_UP_TO).await?;
    app.keep_from(kept.and_then(|text| text.parse().ok()).map_or(Timestamp(0), Timestamp));
    Ok(())
}

/// Prunes once. Answers with the rows that are gone and the hashes that no file has any more.
async fn once(app: &App, now: Timestamp) -> Result<(u64, Vec<String>), DbError> {
    let (gone, unused, until) = app
        .db
        .write::<_, DbError, _>(move |c| {
            Box::pin(async move {
                let last = settings::get(c, FORGOTTEN_UP_TO).await?.and_then(|text| text.parse().ok()).map(Timestamp);
                let now = forgets_up_to(last, now);
                let mut gone = idempotency::prune(c, now.plus_ms(-ANSWERS_DAYS * DAY_MS)).await?;
                gone += feed::prune(c, now.plus_ms(-FEED_DAYS * DAY_MS)).await?;
                gone += messages::purge_sealed(c, now).await?;
                let unused = guildhall_db::attachments::sweep(c, now.plus_ms(-UNSENT_KEPT_MS)).await?;
                let until = last.map_or(now, |last| last.max(now));
                settings::set(c, FORGOTTEN_UP_TO, &until.0.to_string()).await?;
                Ok(Committed::quiet((gone, unused, until)))
            })
        })
        .await?;
    app.keep_from(until);
    Ok((gone, unused))
}

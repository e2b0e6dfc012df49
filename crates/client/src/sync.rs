//! Keeps the cache at the server's state: the feed in order, without holes, from wherever it stopped.

use std::{sync::Arc, time::Duration};

use guildhall_cache::known::Applied;
use guildhall_contract::{feed::FeedRow, ui_events::UiEvent};
use tokio::sync::mpsc;

use crate::{
    account::{Account, ToSync},
    behind::Behind,
    link, outbox,
    rest::ApiError,
};

/// Frames that are applied in one transaction. More would hold the writer for longer than a frame of the screen.
const TOGETHER_MAX: usize = 256;
/// Tries to load everything anew in one catch-up: a server that contradicts itself is left for later.
const RELOADS_MAX: u32 = 3;

pub(crate) async fn run(account: Arc<Account>, mut asked: mpsc::Receiver<ToSync>) {
    let mut buffer = Vec::new();
    while asked.recv_many(&mut buffer, TOGETHER_MAX).await > 0 {
        let (mut catch_up, mut lists, mut frames) = (false, false, Vec::new());
        for job in buffer.drain(..) {
            match job {
                ToSync::CatchUp => catch_up = true,
                ToSync::Lists => lists = true,
                ToSync::Frame(row) => frames.push(row),
            }
        }
        let result = work(&account, catch_up, lists, &frames).await;
        if matches!(result, Err(Behind::Api(ApiError::Unauthorized))) {
            return account.lost_token();
        }
    }
}

async fn work(account: &Arc<Account>, catch_up: bool, lists: bool, frames: &[FeedRow]) -> Result<(), Behind> {
    if catch_up {
        until_caught_up(account).await?;
    }
    // What was caught up meanwhile is skipped by its number.
    if !frames.is_empty() {
        match apply(account, frames, true).await {
            Ok(Applied { gap: false, .. }) => {}
            // What could not be stored is fetched again once it can be.
            Ok(_) | Err(_) => {
                tracing::info!("a number is missing in the feed: fetching");
                until_caught_up(account).await?;
            }
        }
    }
    if catch_up || lists {
        // Not worth a failure: the next connection asks again.
        match fetch_lists(account).await {
            Err(Behind::Api(ApiError::Unauthorized)) => return Err(Behind::Api(ApiError::Unauthorized)),
            Err(_) => tracing::info!("the lists cannot be fetched now"),
            Ok(()) => {}
        }
    }
    Ok(())
}

impl Account {
    /// An answer to a request, as long as the link under it is not replaced: on a dead one it would be waited for in vain.
    pub(crate) async fn over_link<T>(&self, request: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
        tokio::select! {
            answer = request => answer,
            () = self.link.made.notified() => Err(ApiError::Unreachable { reason: "closed" }),
        }
    }
}

/// Catches up, again and again while there is a link to do it over.
async fn until_caught_up(account: &Arc<Account>) -> Result<(), Behind> {
    let mut failures = 0;
    loop {
        let Some(made) = account.standing() else { return Ok(()) };
        match catch_up(account).await {
            Ok(()) => {
                link::caught_up(account, made).await;
                return Ok(());
            }
            Err(Behind::Api(ApiError::Unauthorized)) => return Err(Behind::Api(ApiError::Unauthorized)),
            Err(Behind::Api(error)) => {
                tracing::info!(%error, "catching up failed");
                link::is_behind(account, made, error.reason()).await;
            }
            Err(Behind::Store) => {}
        }
        tokio::time::sleep(outbox::pause(failures).min(Duration::from_secs(8))).await;
        failures += 1;
    }
}

async fn catch_up(account: &Arc<Account>) -> Result<(), Behind> {
    let mut reloads = 0;
    loop {
        let after = account.cached(account.cache.synced_to().await).map_err(|_| Behind::Store)?;
        let (after, page) = match after {
            Some(after) => (after, account.over_link(account.api.feed(after, None)).await?),
            None => {
                reload(account, false).await?;
                continue;
            }
        };
        let foreign = page.meta.latest < after;
        if foreign || after < page.meta.oldest.saturating_sub(1) {
            reloads += 1;
            if reloads > RELOADS_MAX {
                return Err(Behind::Api(ApiError::Garbled));
            }
            tracing::info!(
                after,
                oldest = page.meta.oldest,
                latest = page.meta.latest,
                "the feed does not go back that far: loading anew"
            );
            reload(account, foreign).await?;
            continue;
        }
        if page.data.is_empty() {
            return Ok(());
        }
        let applied = apply(account, &page.data, false).await?;
        match applied.synced_to {
            Some(synced_to) if synced_to >= page.meta.latest => return Ok(()),
            Some(synced_to) if synced_to > after => {}
            _ => return Err(Behind::Api(ApiError::Garbled)),
        }
    }
}

/// Applies rows of the feed, and tells what changed by them.
pub(crate) async fn apply(account: &Arc<Account>, rows: &[FeedRow], live: bool) -> Result<Applied, Behind> {
    let mut applied = account.cached(account.cache.apply(account.who.user, rows).await).map_err(|_| Behind::Store)?;
    let changes = std::mem::take(&mut applied.changes);
    for kind in account.kinds {
        kind.settle(account, &changes).await.map_err(|error| {
            let _ = account.cached::<()>(Err(error));
            Behind::Store
        })?;
    }
    account.publish(&changes).await;
    if applied.synced_to.is_some() {
        account.publish_connection().await;
    }
    for kind in account.kinds {
        kind.react(account, &changes, live).await;
    }
    Ok(applied)
}

/// Begins anew from the present state. Nothing that is only on this device is touched.
async fn reload(account: &Arc<Account>, foreign: bool) -> Result<(), Behind> {
    let latest = account.over_link(account.api.feed(0, Some(1))).await?.meta.latest;
    let mut loaded = Vec::new();
    for kind in account.kinds {
        loaded.extend(kind.load(account).await?);
    }
    let stored = account.cache.reload(account.who.user, &loaded, latest, foreign).await;
    account.cached(stored).map_err(|_| Behind::Store)?;
    for kind in account.kinds {
        kind.loaded(account).await;
    }
    account.ui.send(UiEvent::Reset);
    Ok(())
}

async fn fetch_lists(account: &Arc<Account>) -> Result<(), Behind> {
    for kind in account.kinds {
        kind.refresh(account).await?;
    }
    Ok(())
}

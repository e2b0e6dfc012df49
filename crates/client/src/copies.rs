//! When copies of the user's own file are made, and what follows when one had to take the file's place.

use std::{sync::Arc, time::Duration};

use guildhall_cache::{StoreError, own::Restoration};
use guildhall_contract::ui_events::{Toast, UiEvent};

use crate::{account::Account, outbox};

/// What was written since the last copy is lost with a damaged file: the longest that can be.
const ROTATION: Duration = Duration::from_secs(5 * 60);
/// Nothing is copied while the first screen is being painted.
const AT_FIRST: Duration = Duration::from_secs(2);
/// What is dropped together is copied together.
const TOGETHER: Duration = Duration::from_millis(200);

pub(crate) async fn run(account: Arc<Account>) {
    tell(&account).await;
    let mut pause = AT_FIRST;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = account.files.wake_copies.notified() => tokio::time::sleep(TOGETHER).await,
            () = account.files.own_damaged.notified() => restore(&account).await,
        }
        pause = ROTATION;
        keep(&account).await;
    }
}

/// Makes a copy if anything changed. A failure is no matter for the user: the copies of before are still there.
pub(crate) async fn keep(account: &Account) {
    if let Err(error) = account.own.copy(account.now()).await {
        tracing::warn!(%error, "the user's own file cannot be copied");
        if matches!(error, StoreError::Damaged) {
            account.files.own_damaged.notify_one();
        }
    }
}

async fn restore(account: &Arc<Account>) {
    // Several may have met the same damage, and a value that cannot be read need not be damage of the file.
    match account.own.is_whole().await {
        Ok(false) => {}
        Ok(true) => return,
        Err(error) => return tracing::warn!(%error, "whether the user's own file is whole cannot be seen"),
    }
    if let Err(error) = account.own.restore().await {
        tracing::error!(%error, "the user's own file cannot be restored");
        return;
    }
    if let Ok(settings) = account.own.settings().await {
        *account.settings.write().expect("no panic while held") = settings;
    }
    tell(account).await;
    account.ui.send(UiEvent::Reset);
    outbox::wake(account);
    account.publish_connection().await;
}

/// Tells what a restoration brought, and drops from the outbox what the cache knows as sent. What it does not know goes out
/// again under its key, and the server takes it once.
async fn tell(account: &Arc<Account>) {
    let Some(Restoration { copied_at, aside }) = account.own.restoration() else { return };
    let keys = account.own.keys().await.unwrap_or_default();
    let sent = account.cached(account.cache.messages_by_key(keys.iter().map(String::as_str)).await).unwrap_or_default();
    for key in sent.keys() {
        let _ = account.owned(account.own.done(key).await);
    }
    let aside = aside.map(|path| path.display().to_string()).unwrap_or_default();
    account.ui.send(UiEvent::Toast { toast: Toast::OwnRestored { copied_at, aside } });
    if let Err(error) = account.own.restoration_told() {
        tracing::warn!(%error, "what was told of a restored file will be told again");
    }
}

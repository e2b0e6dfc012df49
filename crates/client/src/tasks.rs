//! The tasks of an account: what runs while it is open, and how it ends.

use std::sync::{Arc, atomic::Ordering};

use guildhall_cache::known::Found;
use guildhall_contract::ui_events::{Toast, UiEvent};

use crate::{account::Account, channels, chores, copies, edits, link, notices, outbox, sync};

/// Begins to connect, to send and to fetch, with a token.
pub(crate) fn start(account: &Arc<Account>, token: String) {
    account.api.set_token(Some(token));
    if account.life.started.swap(true, Ordering::SeqCst) {
        return;
    }
    let Some((jobs, frames)) = account.life.receivers.lock().expect("no panic while held").take() else { return };
    account.spawn(sync::run(account.clone(), jobs));
    account.spawn(channels::run(account.clone()));
    account.spawn(link::run(account.clone(), frames));
    account.spawn(outbox::run(account.clone()));
    account.spawn(edits::run(account.clone()));
    account.spawn(chores::run(account.clone()));
}

/// Looks after what was found when the files were opened. Not before something is on the screen.
pub(crate) fn look_after_files(account: &Arc<Account>) {
    account.spawn(copies::run(account.clone()));
    match account.files.found {
        Found::Sound => {}
        Found::Rebuilt => account.ui.send(UiEvent::Toast { toast: Toast::CacheRebuilt }),
        Found::Unclean => {
            let task = account.clone();
            account.spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
                if !task.cache.quick_check().await {
                    task.rebuild().await;
                }
            });
        }
    }
}

/// Ends all tasks and closes the files. Answers how many messages are kept.
pub(crate) async fn close(account: &Account) -> u32 {
    account.life.stop.cancel();
    account.life.tasks.close();
    account.life.tasks.wait().await;
    notices::withdraw_all(account).await;
    let _ = account.own.recover().await;
    copies::keep(account).await;
    let counts = account.own.outbox_counts().await.unwrap_or_default();
    account.own.close().await;
    account.cache.close().await;
    // Somebody may still hold this account for a moment; its files are free from now on.
    let _ = account.files.lock.unlock();
    counts.queued + counts.failed
}

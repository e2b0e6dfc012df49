//! Says to the server what was changed here, one change after another. Without a link they wait; of one thing only the latest
//! state goes out.

use std::{sync::Arc, time::Duration};

use guildhall_cache::own::Edit;
use guildhall_contract::ui_events::{Toast, UiEvent};
use tokio::sync::Notify;

use crate::{account::Account, behind::Behind, outbox, rest::ApiError};

/// Looks again after this, whatever happens: a laptop that slept must not sleep on.
const LOOK: Duration = Duration::from_secs(1);

/// What it keeps of an account.
#[derive(Default)]
struct Edits {
    wake: Notify,
}

/// Something was changed, or may be said now.
pub(crate) fn wake(account: &Account) {
    account.part::<Edits>().wake.notify_one();
}

pub(crate) async fn run(account: Arc<Account>) {
    let edits = account.part::<Edits>();
    let _ = account.own.hurry_edits().await;
    loop {
        let waiting = account.owned(account.own.edits(None).await).unwrap_or_default();
        let mut sleep = if waiting.is_empty() { Duration::from_secs(3_600) } else { LOOK };
        if account.api.has_token() && account.online() {
            for edit in waiting {
                if edit.next_try_at.since_ms(account.now()) > 0 {
                    continue;
                }
                match say(&account, &edit).await {
                    Ok(()) => sleep = Duration::ZERO,
                    Err(Behind::Api(ApiError::Unauthorized)) => return account.lost_token(),
                    Err(_) => {}
                }
            }
        }
        tokio::select! {
            () = edits.wake.notified() => {
                let _ = account.own.hurry_edits().await;
            }
            () = tokio::time::sleep(sleep.max(Duration::from_millis(10))) => {}
        }
    }
}

async fn say(account: &Arc<Account>, edit: &Edit) -> Result<(), Behind> {
    let Some(kind) = account.kinds.iter().find(|kind| kind.edits() == Some(&*edit.kind)) else {
        tracing::warn!(kind = edit.kind, "a change of a newer version of this app waits");
        return put_off(account, edit, None).await;
    };
    match kind.say(account, edit).await {
        Ok(()) => {}
        Err(Behind::Api(ApiError::Refused { status, refusal })) => {
            tracing::info!(kind = edit.kind, status, reason = refusal.code, "a change was refused");
            let (name, reason, message) = (kind.called(edit), refusal.code, refusal.message);
            account.ui.send(UiEvent::Toast { toast: Toast::ChangeRefused { name, reason, message } });
        }
        Err(Behind::Api(ApiError::Busy { retry_after, .. })) => return put_off(account, edit, retry_after).await,
        Err(Behind::Api(ApiError::Unauthorized)) => return Err(ApiError::Unauthorized.into()),
        Err(_) => return put_off(account, edit, None).await,
    }
    let _ = account.owned(account.own.end_edit(edit).await);
    kind.said(account, edit).await;
    Ok(())
}

async fn put_off(account: &Account, edit: &Edit, asked_for: Option<Duration>) -> Result<(), Behind> {
    let pause = outbox::patience(asked_for, edit.attempts);
    let at = account.now().plus_ms(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
    let _ = account.owned(account.own.put_off_edit(edit, at).await);
    Err(Behind::Store)
}

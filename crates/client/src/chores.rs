//! Small things that the server should hear of, soon and surely: what arrived here, and what was read.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use crate::{account::Account, outbox::pause, rest::ApiError};

/// Arrivals are told together when they come close together.
const TOGETHER: Duration = Duration::from_millis(200);

/// What it keeps of an account.
#[derive(Default)]
struct Chores {
    wake: Notify,
}

/// There is something to tell.
pub(crate) fn wake(account: &Account) {
    account.part::<Chores>().wake.notify_one();
}

pub(crate) async fn run(account: Arc<Account>) {
    let chores = account.part::<Chores>();
    let mut failures = 0;
    loop {
        let retry = async {
            match failures {
                0 => std::future::pending().await,
                failures => tokio::time::sleep(pause(failures - 1)).await,
            }
        };
        tokio::select! {
            () = chores.wake.notified() => {}
            () = retry => {}
        }
        tokio::time::sleep(TOGETHER).await;
        match tell(&account).await {
            Ok(()) => failures = 0,
            Err(ApiError::Unauthorized) => return account.lost_token(),
            Err(_) => failures += 1,
        }
    }
}

async fn tell(account: &Arc<Account>) -> Result<(), ApiError> {
    if !account.api.has_token() {
        return Ok(());
    }
    if let Ok(Some(up_to)) = account.cached(account.cache.unacknowledged().await) {
        settle(account.api.delivered(up_to).await)?;
        let _ = account.cached(account.cache.acknowledged(up_to).await);
    }
    for (conversation, up_to) in account.owned(account.own.kept_reads().await).unwrap_or_default() {
        settle(account.api.read(&conversation, up_to).await)?;
        let _ = account.owned(account.own.read_sent(&conversation, up_to).await);
    }
    Ok(())
}

/// A refusal is an answer too: asking again would bring the same.
fn settle(result: Result<(), ApiError>) -> Result<(), ApiError> {
    match result {
        Err(ApiError::Refused { status, refusal }) => {
            tracing::info!(status, code = %refusal.code, "a mark was refused");
            Ok(())
        }
        result => result,
    }
}

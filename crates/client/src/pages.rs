//! Pages of a conversation's history: fetched when somebody looks at them, until they are here.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use guildhall_cache::known::ConversationChanges;
use guildhall_contract::{connection::ConnectionState, conversations::ConversationKey, ui_events::UiEvent};
use guildhall_market::ids::MessageId;

use crate::{
    account::{Account, ToSync},
    behind::Behind,
    chores,
    dialects::guildhall::ThreadPage,
    outbox,
    rest::ApiError,
};

/// The longest pause between two tries to fetch a page that somebody looks at.
const PAGE_PAUSE_MAX: Duration = Duration::from_secs(8);

/// What it keeps of an account: pages of history that are being fetched, or that must be once the link is back.
#[derive(Default)]
struct Pages {
    fetching: Mutex<HashSet<(ConversationKey, Option<MessageId>)>>,
    wanted: Mutex<HashMap<ConversationKey, Option<MessageId>>>,
}

/// The link is back: fetches what somebody looks at.
pub(crate) fn fetch_wanted(account: &Arc<Account>) {
    let pages = account.part::<Pages>();
    let wanted = std::mem::take(&mut *pages.wanted.lock().expect("no panic while held"));
    for (conversation, before) in wanted {
        fetch_page(account, &conversation, before);
    }
}

/// Fetches what is missing of a conversation before a message, or the newest, and says when it is here.
pub(crate) fn fetch_page(account: &Arc<Account>, conversation: &ConversationKey, before: Option<MessageId>) {
    let pages = account.part::<Pages>();
    let wanted = (conversation.clone(), before);
    if !account.api.has_token() {
        pages.wanted.lock().expect("no panic while held").insert(wanted.0, wanted.1);
        return;
    }
    if !pages.fetching.lock().expect("no panic while held").insert(wanted.clone()) {
        return;
    }
    pages.wanted.lock().expect("no panic while held").remove(conversation);
    let task = account.clone();
    account.spawn(async move {
        let (conversation, before) = &wanted;
        let result = until_fetched(&task, conversation, *before).await;
        pages.fetching.lock().expect("no panic while held").remove(&wanted);
        match result {
            Ok(()) => task.ui.send(UiEvent::Stale { topic: "thread".into(), of: Some(conversation.to_string()) }),
            Err(Behind::Api(ApiError::Unauthorized)) => task.lost_token(),
            Err(_) => {
                // First written down, then looked: a link that is made in between finds it, or is seen.
                pages.wanted.lock().expect("no panic while held").insert(conversation.clone(), *before);
                if task.online() {
                    fetch_page(&task, conversation, *before);
                }
            }
        }
    });
}

/// Fetches a page, again and again while there is a link.
///
/// **Invariant:** a page that was asked for is being fetched, or it is wanted and there is no link. Somebody looks at an
/// empty conversation until it comes.
async fn until_fetched(
    account: &Arc<Account>,
    conversation: &ConversationKey,
    before: Option<MessageId>,
) -> Result<(), Behind> {
    let mut failures = 0;
    loop {
        let error = match page(account, conversation, before).await {
            Err(error) => error,
            Ok(()) => return Ok(()),
        };
        if matches!(error, Behind::Api(ApiError::Unauthorized)) {
            return Err(error);
        }
        if !account.online() {
            return Err(error);
        }
        tracing::info!(failures, "a page of a conversation could not be fetched");
        tokio::time::sleep(outbox::pause(failures).min(PAGE_PAUSE_MAX)).await;
        failures += 1;
    }
}

async fn page(account: &Arc<Account>, conversation: &ConversationKey, before: Option<MessageId>) -> Result<(), Behind> {
    let epoch = account.cached(account.cache.epoch().await).map_err(|_| Behind::Store)?;
    let page = match account.over_link(account.api.thread(conversation, before)).await {
        // Somebody one has never written with: nothing is missing.
        Err(ApiError::Refused { status: 404, .. }) => ThreadPage { messages: Vec::new(), beginning: true },
        page => page?,
    };
    let stored =
        account.cache.put_page(account.who.user, conversation, &page.messages, before, page.beginning, epoch).await;
    let taken = account.cached(stored).map_err(|_| Behind::Store)?;
    if taken.is_some_and(|changes| changes.of::<ConversationChanges>().counts_unsure) {
        let _ = account.sync.try_send(ToSync::Lists);
    }
    let online = account.link.state.lock().expect("no panic while held").state == ConnectionState::Online;
    if online && !page.messages.is_empty() {
        chores::wake(account);
    }
    Ok(())
}

//! Keeps the cache at the server's state: the feed in order, without holes, from wherever it stopped.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use guildhall_cache::{
    StoreError,
    known::{Applied, Changes},
};
use guildhall_contract::{
    connection::ConnectionState,
    conversations::{Conversation, ConversationKey},
    feed::FeedRow,
    ui_events::UiEvent,
};
use guildhall_market::ids::MessageId;
use tokio::sync::mpsc;

use crate::{
    account::Account, dialects::guildhall::PAGE_ROWS, link, link_state::Made, notices, outbox, rest::ApiError,
};

/// Frames that are applied in one transaction. More would hold the writer for longer than a frame of the screen.
const TOGETHER_MAX: usize = 256;
/// Frames that wait to be applied; about the memory of a few thousand messages.
pub(crate) const WAITING_MAX: usize = 4_096;
/// Tries to load everything anew in one catch-up: a server that contradicts itself is left for later.
const RELOADS_MAX: u32 = 3;

/// The longest pause between two tries to fetch a page that somebody looks at.
const PAGE_PAUSE_MAX: Duration = Duration::from_secs(8);

/// Pages of one list, and its rows: more than anybody has conversations. A server that always has another page would fill
/// the memory.
const PAGES_MAX: i64 = 1_000;
const ROWS_MAX: usize = 100_000;

/// Tries to get a list of the same age as the applied feed. On a busy account the next connection has another chance.
const LISTS_MAX: u32 = 3;

/// What is to be done, in order.
#[derive(Debug)]
pub(crate) enum Job {
    /// The link is there: fetch what was missed.
    CatchUp,
    /// An event came over the link.
    Frame(FeedRow),
    /// Ask for the conversations and notices: a count became unsure, or it is unknown who is online.
    Lists,
}

/// Why the cache is not at the server's state.
enum Behind {
    Api(ApiError),
    Store,
}

impl From<ApiError> for Behind {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

pub(crate) async fn run(account: Arc<Account>, mut jobs: mpsc::Receiver<Job>) {
    let mut buffer = Vec::new();
    while jobs.recv_many(&mut buffer, TOGETHER_MAX).await > 0 {
        let (mut catch_up, mut lists, mut frames) = (false, false, Vec::new());
        for job in buffer.drain(..) {
            match job {
                Job::CatchUp => catch_up = true,
                Job::Lists => lists = true,
                Job::Frame(row) => frames.push(row),
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

/// An answer to a request, as long as the link under it is not replaced: on a dead one it would be waited for in vain.
async fn over_link<T>(account: &Account, request: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    tokio::select! {
        answer = request => answer,
        () = account.link_made.notified() => Err(ApiError::Unreachable { reason: "closed" }),
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
            Some(after) => (after, over_link(account, account.api.feed(after, None)).await?),
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

async fn apply(account: &Arc<Account>, rows: &[FeedRow], live: bool) -> Result<Applied, Behind> {
    let mut applied = account.cached(account.cache.apply(account.user, rows).await).map_err(|_| Behind::Store)?;
    let changes = std::mem::take(&mut applied.changes);
    settle(account, &changes).await.map_err(|error| {
        let _ = account.cached::<()>(Err(error));
        Behind::Store
    })?;
    for message in &changes.arrived {
        account.hub.stop_typing(&message.conversation);
    }
    account.publish(&changes).await;
    if !changes.confirmed.is_empty() || applied.synced_to.is_some() {
        account.publish_connection().await;
    }
    if !changes.arrived.is_empty() {
        account.wake_chores.notify_one();
        notices::arrived(account, &changes.arrived, live).await;
    }
    for conversation in &changes.read {
        notices::withdraw(account, conversation);
    }
    notices::deleted(account, &changes.deleted);
    if changes.counts_unsure || somebody_new(account, &changes) {
        let _ = account.sync.try_send(Job::Lists);
    }
    Ok(applied)
}

/// Whether there is a conversation with somebody of whom it is unknown whether they are online. Asked once for each.
fn somebody_new(account: &Account, changes: &Changes) -> bool {
    let mut link = account.link.lock().expect("no panic while held");
    let mut new = false;
    for user in changes.conversations.iter().map(|key| key.user) {
        new |= link.must_ask(user);
    }
    new
}

/// Messages of one's own that came back as events before their answer did: they are sent.
async fn settle(account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
    if changes.confirmed.is_empty() {
        return Ok(());
    }
    let counts = account.own.outbox_counts().await?;
    if counts.queued + counts.failed == 0 {
        return Ok(());
    }
    for confirmed in &changes.confirmed {
        let Some(entry) = account.own.entry(&confirmed.key).await? else { continue };
        if confirmed.body != entry.body {
            account.cache.mark_changed(confirmed.id).await?;
        }
        if account.own.done(&confirmed.key).await? {
            outbox::count_sent(account);
        }
    }
    account.wake_outbox.notify_one();
    Ok(())
}

/// Whether a list has another page.
///
/// # Errors
/// [`ApiError::Garbled`] for a list without an end.
fn goes_on(page: i64, last_page: i64, rows: usize, rows_in_all: usize) -> Result<bool, ApiError> {
    if rows == 0 || page >= last_page {
        return Ok(false);
    }
    if page >= PAGES_MAX || rows_in_all >= ROWS_MAX {
        tracing::warn!(pages = page, rows = rows_in_all, "a list of the server has no end");
        return Err(ApiError::Garbled);
    }
    Ok(true)
}

/// Begins anew from the present state. Nothing that is only on this device is touched.
async fn reload(account: &Arc<Account>, foreign: bool) -> Result<(), Behind> {
    let made = account.standing();
    let latest = over_link(account, account.api.feed(0, Some(1))).await?.meta.latest;
    let mut list: Vec<Conversation> = Vec::new();
    let mut page = 1;
    loop {
        let (rows, meta) = over_link(account, account.api.conversations(page)).await?;
        let found = rows.len();
        list.extend(rows);
        if !goes_on(page, meta.last_page, found, list.len())? {
            break;
        }
        page += 1;
    }
    let notices = over_link(account, account.api.notifications(None, false)).await?;
    note_presence(account, made, &list);
    let stored = account.cache.reload(account.user, &list, &notices, latest, foreign).await;
    account.cached(stored).map_err(|_| Behind::Store)?;
    for (conversation, up_to) in account.owned(account.own.kept_reads().await).unwrap_or_default() {
        let _ = account.cached(account.cache.read_up_to(&conversation, up_to).await);
    }
    account.hub.send(UiEvent::Reset);
    Ok(())
}

fn note_presence(account: &Account, made: Option<Made>, list: &[Conversation]) {
    account.note_presence(made, list.iter().filter_map(|row| Some((row.user.id, row.user.online?))));
}

async fn fetch_lists(account: &Arc<Account>) -> Result<(), Behind> {
    for _ in 0..LISTS_MAX {
        let made = account.standing();
        let (list, _) = over_link(account, account.api.conversations(1)).await?;
        note_presence(account, made, &list);
        // Nothing newer in the feed even now: then the list is of the age of what is applied, and so are its counts.
        let synced_to = account.cached(account.cache.synced_to().await).map_err(|_| Behind::Store)?;
        let newer = over_link(account, account.api.feed(synced_to.unwrap_or(0), None)).await?.data;
        let as_of = synced_to.filter(|_| newer.is_empty());
        let stored = account.cache.put_conversations(account.user, &list, as_of).await;
        let changes = account.cached(stored).map_err(|_| Behind::Store)?;
        account.publish(&changes).await;
        if newer.is_empty() {
            break;
        }
        apply(account, &newer, true).await?;
    }
    let notices = over_link(account, account.api.notifications(None, false)).await?;
    account.all_notices.store(notices.len() < PAGE_ROWS as usize, Ordering::Relaxed);
    let stored = account.cache.put_notifications(&notices).await;
    let changes = account.cached(stored).map_err(|_| Behind::Store)?;
    account.publish(&changes).await;
    Ok(())
}

/// Fetches what is missing of a conversation before a message, or the newest, and says when it is here.
pub(crate) fn fetch_page(account: &Arc<Account>, conversation: &ConversationKey, before: Option<MessageId>) {
    let wanted = (conversation.clone(), before);
    if !account.api.has_token() {
        account.wanted.lock().expect("no panic while held").insert(wanted.0, wanted.1);
        return;
    }
    if !account.fetching.lock().expect("no panic while held").insert(wanted.clone()) {
        return;
    }
    account.wanted.lock().expect("no panic while held").remove(conversation);
    let task = account.clone();
    account.spawn(async move {
        let (conversation, before) = &wanted;
        let result = until_fetched(&task, conversation, *before).await;
        task.fetching.lock().expect("no panic while held").remove(&wanted);
        match result {
            Ok(()) => task.hub.send(UiEvent::Stale { topic: "thread".into(), of: Some(conversation.to_string()) }),
            Err(Behind::Api(ApiError::Unauthorized)) => task.lost_token(),
            Err(_) => {
                // First written down, then looked: a link that is made in between finds it, or is seen.
                task.wanted.lock().expect("no panic while held").insert(conversation.clone(), *before);
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
    let page = match over_link(account, account.api.thread(conversation, before)).await {
        // Somebody one has never written with: nothing is missing.
        Err(ApiError::Refused { status: 404, .. }) => {
            crate::dialects::guildhall::ThreadPage { messages: Vec::new(), beginning: true }
        }
        page => page?,
    };
    let stored =
        account.cache.put_page(account.user, conversation, &page.messages, before, page.beginning, epoch).await;
    let taken = account.cached(stored).map_err(|_| Behind::Store)?;
    if taken.is_some_and(|changes| changes.counts_unsure) {
        let _ = account.sync.try_send(Job::Lists);
    }
    let online = account.link.lock().expect("no panic while held").state == ConnectionState::Online;
    if online && !page.messages.is_empty() {
        account.wake_chores.notify_one();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_to_its_end_and_one_without_an_end_is_given_up() {
        for (page, last_page, rows, goes) in
            [(1, 3, 100, true), (2, 3, 100, true), (3, 3, 100, false), (2, 9, 0, false)]
        {
            assert_eq!(goes_on(page, last_page, rows, 100).expect("an end in sight"), goes, "{page} of {last_page}");
        }
        assert!(goes_on(PAGES_MAX - 1, i64::MAX, 1, 999).is_ok_and(|goes| goes));
        assert!(goes_on(PAGES_MAX, PAGES_MAX, 1, ROWS_MAX).is_ok_and(|goes| !goes), "its last page is an end");
        for (page, rows_in_all) in [(PAGES_MAX, 1_000), (2, ROWS_MAX)] {
            assert!(matches!(goes_on(page, i64::MAX, 1, rows_in_all), Err(ApiError::Garbled)), "{page}");
        }
    }
}

//! Conversations and their messages.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use guildhall_cache::{
    StoreError,
    known::{Changes, ConversationChanges, Loaded, MessageChanges, loaded_conversations},
};
use guildhall_contract::{
    conversations::{Conversation, ConversationKey, TypingReceived},
    errors::AppError,
    events,
    targets::Target,
    ui_events::UiEvent,
};
use guildhall_market::{
    ids::{DomainId, JobId, UserId},
    messages::Subject,
    time::{SECOND_MS, Timestamp},
};

use crate::{
    account::{Account, Kind, ToSync},
    behind::Behind,
    chores,
    link_state::Made,
    message_notices, notices, outbox, pages,
    parts::Facts,
    rest::ApiError,
    sync,
};

/// Pages of one list, and its rows: more than anybody has conversations. A server that always has another page would fill
/// the memory.
const PAGES_MAX: i64 = 1_000;
const ROWS_MAX: usize = 100_000;

/// Tries to get a list of the same age as the applied feed. On a busy account the next connection has another chance.
const LISTS_MAX: u32 = 3;

/// How long somebody counts as typing after the last sign of it.
const TYPING_MS: i64 = 5 * SECOND_MS;

/// Who types where, as it was heard over the connection that stands.
#[derive(Debug, Default)]
struct Typing(HashMap<ConversationKey, UserId>);

/// The kind.
pub(crate) struct Messages;

#[async_trait]
impl Kind for Messages {
    async fn load(&self, account: &Arc<Account>) -> Result<Option<Loaded>, ApiError> {
        let made = account.standing();
        let mut list: Vec<Conversation> = Vec::new();
        let mut page = 1;
        loop {
            let (rows, meta) = account.over_link(account.api.conversations(page)).await?;
            let found = rows.len();
            list.extend(rows);
            if !goes_on(page, meta.last_page, found, list.len())? {
                break;
            }
            page += 1;
        }
        note_presence(account, made, &list);
        Ok(Some(loaded_conversations(list)))
    }

    async fn loaded(&self, account: &Arc<Account>) {
        for (conversation, up_to) in account.owned(account.own.kept_reads().await).unwrap_or_default() {
            let _ = account.cached(account.cache.read_up_to(&conversation, up_to).await);
        }
    }

    async fn refresh(&self, account: &Arc<Account>) -> Result<(), Behind> {
        for _ in 0..LISTS_MAX {
            let made = account.standing();
            let (list, _) = account.over_link(account.api.conversations(1)).await?;
            note_presence(account, made, &list);
            // Nothing newer in the feed even now: then the list is of the age of what is applied, and so are its counts.
            let synced_to = account.cached(account.cache.synced_to().await).map_err(|_| Behind::Store)?;
            let newer = account.over_link(account.api.feed(synced_to.unwrap_or(0), None)).await?.data;
            let as_of = synced_to.filter(|_| newer.is_empty());
            let stored = account.cache.put_conversations(account.who.user, &list, as_of).await;
            let changes = account.cached(stored).map_err(|_| Behind::Store)?;
            account.publish(&changes).await;
            if newer.is_empty() {
                break;
            }
            sync::apply(account, &newer, true).await?;
        }
        Ok(())
    }

    async fn settle(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
        let Some(messages) = changes.peek::<MessageChanges>() else { return Ok(()) };
        settle_outbox(account, messages).await?;
        for message in &messages.arrived {
            // It is not told after their message that they were typing.
            account.ui.take_back(&UiEvent::Typing {
                conversation: message.conversation.clone(),
                user_id: message.conversation.user,
                until_ms: Timestamp(0),
            });
        }
        Ok(())
    }

    async fn tell(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
        if let Some(messages) = changes.peek::<MessageChanges>() {
            for (conversation, ids) in &messages.rows {
                let rows = account.cache.messages_by_id(ids.iter().copied()).await?;
                account.ui.send(UiEvent::Messages { conversation: conversation.clone(), rows, removed: Vec::new() });
            }
        }
        if let Some(conversations) = changes.peek::<ConversationChanges>().filter(|changes| !changes.rows.is_empty()) {
            let rows = account.rows(&conversations.rows).await?;
            account.ui.send(UiEvent::Conversations { rows, removed: Vec::new() });
            account.ui.send(UiEvent::Unread { unread: account.cache.unread().await? });
        }
        Ok(())
    }

    async fn react(&self, account: &Arc<Account>, changes: &Changes, live: bool) {
        let messages = changes.of::<MessageChanges>();
        if !messages.arrived.is_empty() {
            chores::wake(account);
            message_notices::arrived(account, &messages.arrived, live).await;
        }
        let conversations = changes.of::<ConversationChanges>();
        for conversation in &conversations.read {
            notices::withdraw(account, &message_notices::target(conversation), "read");
        }
        message_notices::deleted(account, &messages.deleted);
        if account.must_ask(conversations.rows.iter().map(|key| key.user)) || conversations.counts_unsure {
            let _ = account.sync.try_send(ToSync::Lists);
        }
    }

    async fn attends(&self, account: &Arc<Account>, target: &Target) -> Result<(), AppError> {
        match message_notices::conversation(target) {
            Some(conversation) => account.read(&conversation).await,
            None => Ok(()),
        }
    }

    async fn acts(&self, account: &Arc<Account>, target: &Target, action: &str) -> bool {
        let Some(conversation) = message_notices::conversation(target).filter(|_| action == message_notices::MARK_READ)
        else {
            return false;
        };
        // What came behind it without a notice of its own, as in hours of quiet, nobody was told of.
        if let Some(told) = message_notices::told(account, target) {
            notices::withdraw(account, target, "read");
            let _ = account.read_up_to(&conversation, told).await;
        }
        true
    }

    async fn linked(&self, account: &Arc<Account>) {
        let _ = account.owned(account.own.hurry().await);
        outbox::wake(account);
        chores::wake(account);
        pages::fetch_wanted(account);
    }

    async fn unlinked(&self, account: &Arc<Account>, unsaid: &Facts) {
        outbox::unlinked(account);
        let Some(Typing(typing)) = unsaid.get() else { return };
        for (conversation, user_id) in typing.clone() {
            account.ui.send(UiEvent::Typing { conversation, user_id, until_ms: Timestamp(0) });
        }
    }

    fn moments(&self) -> &'static [&'static str] {
        &[events::CLIENT_TYPING]
    }

    async fn moment(&self, account: &Arc<Account>, made: Made, _event: &str, data: serde_json::Value) {
        let Ok(typing) = serde_json::from_value::<TypingReceived>(data) else { return };
        let subject = match (typing.job_id, typing.domain_id) {
            (Some(job), _) => Subject::Job(JobId(job)),
            (None, Some(domain)) => Subject::Domain(DomainId(domain)),
            (None, None) => Subject::None,
        };
        let conversation = ConversationKey { user: typing.user_id, subject };
        let until_ms: Timestamp = account.now().plus_ms(TYPING_MS);
        let mut link = account.link.state.lock().expect("no panic while held");
        if let Some(facts) = link.over(made) {
            facts.of::<Typing>().0.insert(conversation.clone(), typing.user_id);
            account.ui.send(UiEvent::Typing { conversation, user_id: typing.user_id, until_ms });
        }
    }
}

fn note_presence(account: &Account, made: Option<Made>, list: &[Conversation]) {
    account.note_presence(made, list.iter().filter_map(|row| Some((row.user.id, row.user.online?))));
}

/// Messages of one's own that came back as events before their answer did: they are sent.
async fn settle_outbox(account: &Arc<Account>, changes: &MessageChanges) -> Result<(), StoreError> {
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
    outbox::wake(account);
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

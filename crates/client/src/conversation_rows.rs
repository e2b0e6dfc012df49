//! Conversations and messages as they are shown and told: the cache and the outbox as one, each message once.

use std::{collections::BTreeSet, sync::Arc};

use guildhall_cache::{
    StoreError,
    known::KnownConversation,
    own::{Draft, Entry, EntryState},
};
use guildhall_contract::{
    conversations::{ConversationKey, ConversationRow, LastMessage},
    messages::{MessageState, MessageView},
    ui_events::UiEvent,
};

use crate::account::Account;

/// Waiting messages come after all others: the server's ids are smaller (2^52, in practice by far).
pub(crate) const WAITING_ORDER: i64 = 1 << 52;
/// Longest last line of a conversation, in characters.
const SNIPPET_CHARS_MAX: usize = 200;

/// A message of the outbox as it is shown.
pub(crate) fn waiting_view(entry: &Entry) -> MessageView {
    MessageView {
        key: entry.key.clone(),
        id: None,
        order: WAITING_ORDER + entry.position,
        mine: true,
        body: entry.body.clone(),
        message_type: "text".into(),
        attachments: entry.files.iter().map(guildhall_cache::own::ChosenFile::view).collect(),
        state: match entry.state {
            EntryState::Waiting => MessageState::Waiting,
            EntryState::Sending => MessageState::Sending,
            EntryState::Failed => MessageState::Failed,
        },
        failure: entry.failure.clone(),
        written_at: entry.written_at,
        sent_at: None,
        delivered_at: None,
        read_at: None,
        deleted: false,
        changed_by_server: false,
    }
}

/// A text on one line, cut.
pub(crate) fn snippet(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SNIPPET_CHARS_MAX {
        return line;
    }
    line.chars().take(SNIPPET_CHARS_MAX - 1).chain(['…']).collect()
}

fn last_message(view: &MessageView) -> LastMessage {
    LastMessage {
        snippet: snippet(&view.body),
        mine: view.mine,
        state: view.state,
        attachment_name: view.attachments.first().map(|file| file.name.clone()),
        deleted: view.deleted,
    }
}

impl Account {
    /// Messages of the outbox that are not in the cache yet.
    pub(crate) async fn not_yet_known(&self, entries: Vec<Entry>) -> Result<Vec<Entry>, StoreError> {
        if entries.is_empty() {
            return Ok(entries);
        }
        let known = self.cache.messages_by_key(entries.iter().map(|entry| entry.key.as_str())).await?;
        Ok(entries.into_iter().filter(|entry| !known.contains_key(&entry.key)).collect())
    }

    /// Rows of the conversation list from what is known and what is only here.
    pub(crate) async fn rows_of(
        &self,
        known: Vec<KnownConversation>,
        only: Option<&BTreeSet<ConversationKey>>,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let wanted = |key: &ConversationKey| only.is_none_or(|only| only.contains(key));
        let mut drafts: Vec<Draft> = self.own.drafts().await?;
        drafts.retain(|draft| wanted(&draft.conversation));
        let mut waiting = self.own.last_entries().await?;
        waiting.retain(|entry| wanted(&entry.conversation));
        let waiting = self.not_yet_known(waiting).await?;

        let removed = self.own.removed_conversations().await?;
        let is_removed = |known: &KnownConversation| {
            removed.get(&known.key).is_some_and(|up_to| known.last.as_ref().and_then(|last| last.id) <= Some(*up_to))
        };
        let mut rows: Vec<ConversationRow> =
            known.into_iter().filter(|known| !is_removed(known)).map(|known| self.known_row(known)).collect();
        // Beyond the rows that were asked for it may still be a known conversation.
        let mut beyond: BTreeSet<&ConversationKey> = waiting.iter().map(|entry| &entry.conversation).collect();
        beyond.extend(drafts.iter().map(|draft| &draft.conversation));
        beyond.retain(|key| rows.iter().all(|row| row.key != **key));
        if !beyond.is_empty() {
            for known in self.cache.conversations_by_key(beyond.iter().copied()).await? {
                beyond.remove(&known.key);
                rows.push(self.known_row(known));
            }
        }
        for key in beyond {
            rows.push(self.empty_row(key).await?);
        }
        let at = |rows: &[ConversationRow], key: &ConversationKey| {
            rows.iter().position(|row| row.key == *key).expect("each has a row by now")
        };
        for entry in &waiting {
            let row = at(&rows, &entry.conversation);
            rows[row].last = Some(last_message(&waiting_view(entry)));
            rows[row].last_at = rows[row].last_at.max(entry.written_at);
        }
        for draft in &drafts {
            let row = at(&rows, &draft.conversation);
            if rows[row].last.is_none() {
                rows[row].last_at = draft.changed_at;
            }
            rows[row].draft = Some(draft.body.clone());
        }
        Ok(rows)
    }

    fn known_row(&self, known: KnownConversation) -> ConversationRow {
        ConversationRow {
            subject: known.key.subject,
            person: self.with_presence(known.person),
            subject_title: known.subject_title,
            last: known.last.as_ref().map(last_message),
            last_at: known.last_at,
            unread: known.unread,
            draft: None,
            key: known.key,
        }
    }

    /// The row of a conversation in which nothing was written yet.
    pub(crate) async fn empty_row(&self, key: &ConversationKey) -> Result<ConversationRow, StoreError> {
        Ok(ConversationRow {
            key: key.clone(),
            person: self.person(key.user).await?,
            subject: key.subject,
            subject_title: None,
            last: None,
            last_at: guildhall_market::time::Timestamp(0),
            unread: 0,
            draft: None,
        })
    }

    /// Rows by key, those of nothing but a draft or a waiting message included.
    pub(crate) async fn rows(&self, keys: &BTreeSet<ConversationKey>) -> Result<Vec<ConversationRow>, StoreError> {
        let known = self.cache.conversations_by_key(keys).await?;
        self.rows_of(known, Some(keys)).await
    }

    /// Tells how a message of the outbox stands now: waiting, sent or gone.
    pub(crate) async fn publish_waiting(self: &Arc<Self>, conversation: &ConversationKey, keys: &[&str]) {
        let _one_at_a_time = self.publishing.lock().await;
        let told = self.tell_waiting(conversation, keys).await;
        let _ = self.cached(told);
    }

    async fn tell_waiting(&self, conversation: &ConversationKey, keys: &[&str]) -> Result<(), StoreError> {
        // The outbox first: what leaves it meanwhile is in the cache by then, and must not be told as gone.
        let mut waiting = Vec::with_capacity(keys.len());
        for key in keys {
            waiting.push(self.own.entry(key).await?);
        }
        let mut known = self.cache.messages_by_key(keys.iter().copied()).await?;
        let (mut rows, mut removed) = (Vec::new(), Vec::new());
        for (key, entry) in keys.iter().zip(waiting) {
            match (known.remove(*key), entry) {
                (Some(view), _) => rows.push(view),
                (None, Some(entry)) => rows.push(waiting_view(&entry)),
                (None, None) => removed.push((*key).to_owned()),
            }
        }
        self.ui.send(UiEvent::Messages { conversation: conversation.clone(), rows, removed });
        self.tell_row(conversation).await?;
        if let Ok(connection) = self.connection().await {
            self.ui.send(UiEvent::Connection { connection });
        }
        Ok(())
    }

    /// Tells the row of one conversation.
    pub(crate) async fn publish_row(self: &Arc<Self>, conversation: &ConversationKey) {
        let _one_at_a_time = self.publishing.lock().await;
        let told = self.tell_row(conversation).await;
        let _ = self.cached(told);
    }

    async fn tell_row(&self, conversation: &ConversationKey) -> Result<(), StoreError> {
        let mut rows = self.rows(&BTreeSet::from([conversation.clone()])).await?;
        if rows.is_empty() {
            rows.push(self.empty_row(conversation).await?);
        }
        self.ui.send(UiEvent::Conversations { rows, removed: Vec::new() });
        Ok(())
    }

    /// Tells that a conversation is out of the list, unless something came into it meanwhile.
    pub(crate) async fn publish_removed(self: &Arc<Self>, conversation: &ConversationKey) {
        let _one_at_a_time = self.publishing.lock().await;
        let rows = self.cached(self.rows(&BTreeSet::from([conversation.clone()])).await);
        if let Ok(rows) = rows {
            let removed = if rows.is_empty() { vec![conversation.clone()] } else { Vec::new() };
            self.ui.send(UiEvent::Conversations { rows, removed });
        }
    }

    /// Tells the files chosen for the next message.
    pub(crate) async fn publish_files(self: &Arc<Self>, conversation: &ConversationKey) {
        let _one_at_a_time = self.publishing.lock().await;
        if let Ok(files) = self.own.chosen_files(conversation).await {
            let drafts = files.iter().map(guildhall_cache::own::ChosenFile::draft).collect();
            self.ui.send(UiEvent::Attachments { conversation: conversation.clone(), drafts });
        }
    }
}

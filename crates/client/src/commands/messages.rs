//! `thread_get` and `message_*`

use guildhall_cache::{
    known::MessageChanges,
    own::{EntryState, NewEntry},
};
use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    messages::{
        MessageDelete, MessagePreview, MessageRef, MessageRetry, MessageSend, MessageView, Older, ThreadQuery,
        ThreadView,
    },
};
use guildhall_market::{
    ids::MessageId,
    text::{self, RAW_BODY_BYTES_MAX, TextRefusal},
};
use uuid::Uuid;

use crate::{
    Core,
    conversation_rows::{WAITING_ORDER, waiting_view},
    message_notices, outbox, pages,
};

/// Messages in one answer.
const WINDOW_MAX: u32 = 200;

/// The text as it goes out. Empty is allowed beside files.
fn clean(body: &str, with_files: bool) -> Result<String, AppError> {
    judge(body, with_files).map_err(|refusal| AppError::Invalid {
        field: "body".into(),
        reason: refusal.code().into(),
        message: refusal.to_string(),
    })
}

fn judge(body: &str, with_files: bool) -> Result<String, TextRefusal> {
    if body.len() > RAW_BODY_BYTES_MAX {
        return Err(TextRefusal::TooLong);
    }
    match text::clean(body) {
        Err(TextRefusal::Empty) if with_files => Ok(String::new()),
        cleaned => cleaned,
    }
}

fn being_sent() -> AppError {
    AppError::Refused { reason: "being_sent".into(), message: guildhall_words::current().core_being_sent() }
}

impl Core {
    /// Part of a conversation.
    pub async fn thread_get(&self, request: ThreadQuery) -> Result<ThreadView, AppError> {
        let account = self.account()?;
        let key = request.conversation;
        let limit = request.limit.clamp(1, WINDOW_MAX);
        let before = request.before.filter(|before| *before < WAITING_ORDER).map(MessageId);
        let newest = before.is_none();

        // The outbox is read first and the window last: what leaves the one meanwhile is in the other by then. What is
        // in both shows once, and what came into the cache between the two looks is found in the window itself.
        let waiting = if newest { account.owned(account.own.entries(&key).await)? } else { Vec::new() };
        let mut waiting = account.cached(account.not_yet_known(waiting).await)?;
        let window = account.cached(account.cache.window(&key, before, limit).await)?;
        waiting.retain(|entry| window.messages.iter().all(|message| message.key != entry.key));
        if window.older == Older::Gap {
            pages::fetch_page(&account, &key, window.missing_before);
        }
        let mut messages = window.messages;
        messages.extend(waiting.iter().map(waiting_view));

        let row = account.cached(account.cache.conversations_by_key([&key]).await)?.pop();
        let (person, subject_title) = match row {
            Some(row) => (account.with_presence(row.person), row.subject_title),
            None => {
                account.fetch_person_if_unknown(key.user).await;
                (account.cached(account.person(key.user).await)?, None)
            }
        };
        let offline = match messages.first() {
            Some(first) => {
                let from = first.sent_at.map_or(first.written_at, |sent_at| sent_at.min(first.written_at));
                account.owned(account.own.offline_spans(from).await)?
            }
            None => Vec::new(),
        };
        let files = account.owned(account.own.chosen_files(&key).await)?;
        Ok(ThreadView {
            person,
            subject_title,
            messages,
            older: window.older,
            first_unread: window.first_unread,
            draft: account.owned(account.own.draft(&key).await)?.unwrap_or_default(),
            attachments: files.iter().map(guildhall_cache::own::ChosenFile::draft).collect(),
            offline,
            conversation: key,
        })
    }

    /// What would be sent, and whether it would be taken.
    pub async fn message_preview(&self, request: MessageSend) -> Result<MessagePreview, AppError> {
        let account = self.account()?;
        let files = account.owned(account.own.chosen_files(&request.conversation).await)?;
        let (body, reason) = match judge(&request.body, !files.is_empty()) {
            Ok(body) => (body, None),
            Err(refusal) => (text::strip_bounded(&request.body), Some(refusal.code().to_owned())),
        };
        Ok(MessagePreview {
            length: u32::try_from(body.trim().chars().count()).unwrap_or(u32::MAX),
            length_max: u32::try_from(text::BODY_CODE_POINTS_MAX).expect("a thousand"),
            shows_less: text::shows_less(&request.body, &body),
            body: body.trim().to_owned(),
            reason,
        })
    }

    /// Accepts a message: when this answers, it is on disk and will be sent once.
    pub async fn message_send(&self, request: MessageSend) -> Result<MessageView, AppError> {
        let account = self.account()?;
        let key = request.conversation;
        if key.user == account.who.user {
            return Err(AppError::Refused {
                reason: "not_reachable".into(),
                message: guildhall_words::current().core_to_oneself(),
            });
        }
        let files = account.owned(account.own.chosen_files(&key).await)?;
        let body = clean(&request.body, !files.is_empty())?;
        let new =
            NewEntry { key: Uuid::new_v4().to_string(), conversation: key.clone(), body, written_at: account.now() };
        let entry = account.owned(account.own.accept(&new).await)?;
        outbox::wake(&account);
        account.publish_waiting(&key, &[&entry.key]).await;
        if !entry.files.is_empty() {
            account.publish_files(&key).await;
        }
        Ok(waiting_view(&entry))
    }

    /// Sends a failed message again, with other text if some is given.
    pub async fn message_retry(&self, request: MessageRetry) -> Result<MessageView, AppError> {
        let account = self.account()?;
        let entry = account.owned(account.own.entry(&request.key).await)?.ok_or(AppError::NotFound)?;
        if entry.state == EntryState::Sending {
            return Err(being_sent());
        }
        let body = request.body.map(|body| clean(&body, !entry.files.is_empty())).transpose()?;
        let body = body.filter(|body| *body != entry.body);
        let new_key = Uuid::new_v4().to_string();
        // The server may have forgotten the uploads of a message that it refused.
        for file in entry.files.iter().filter(|_| entry.state == EntryState::Failed) {
            account.owned(account.own.upload_anew(&file.local_id, &Uuid::new_v4().to_string()).await)?;
        }
        // Files that were uploaded anew make it another message, as does another text. Otherwise it is the same one.
        let changed = body.is_some() || (entry.state == EntryState::Failed && !entry.files.is_empty());
        let edited = changed.then(|| (new_key.as_str(), body.as_deref().unwrap_or(&entry.body)));
        let retried = account.owned(account.own.retry(&entry.key, edited).await)?.ok_or_else(being_sent)?;
        outbox::wake(&account);
        if changed {
            account.files.wake_copies.notify_one();
        }
        let keys: &[&str] = if changed { &[&entry.key, &retried.key] } else { &[&entry.key] };
        account.publish_waiting(&entry.conversation, keys).await;
        Ok(waiting_view(&retried))
    }

    /// Drops a message that is waiting or failed.
    pub async fn message_discard(&self, request: MessageRef) -> Result<Nothing, AppError> {
        let account = self.account()?;
        let entry = account.owned(account.own.entry(&request.key).await)?.ok_or(AppError::NotFound)?;
        if !account.owned(account.own.discard(&request.key).await)? {
            return Err(being_sent());
        }
        account.moves(&entry.conversation);
        outbox::wake(&account);
        account.files.wake_copies.notify_one();
        account.publish_waiting(&entry.conversation, &[&entry.key]).await;
        Ok(Nothing {})
    }

    /// Deletes a sent message of one's own, for both.
    pub async fn message_delete(&self, request: MessageDelete) -> Result<Nothing, AppError> {
        let account = self.account()?;
        account.answered(account.api.delete_message(request.id).await)?;
        // The event follows; on a slow link it is shown before.
        let changes = account.cached(account.cache.delete_message(request.id, account.now()).await)?;
        account.publish(&changes).await;
        message_notices::deleted(&account, &changes.of::<MessageChanges>().deleted);
        Ok(Nothing {})
    }
}

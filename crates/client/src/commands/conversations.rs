//! `conversation_*` and `draft_set`

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use guildhall_contract::{
    commands::Nothing,
    conversations::{ConversationKey, ConversationQuery, ConversationRef, ConversationRow, DraftSet, TypingSent},
    errors::AppError,
    events,
};
use guildhall_market::{
    ids::MessageId,
    messages::Subject,
    permissions::MarketChannel,
    search::fold,
    text::RAW_BODY_BYTES_MAX,
    time::{SECOND_MS, Timestamp},
};
use guildhall_pusher::frame;

use crate::{Core, account::Account, chores, message_notices, notices};

/// Rows in one answer.
const ROWS_MAX: u32 = 500;

/// When it was last said where that one types.
#[derive(Default)]
struct TypingSaid(Mutex<HashMap<ConversationKey, Timestamp>>);

impl Core {
    /// The conversation list, latest first.
    pub async fn conversation_list(&self, request: ConversationQuery) -> Result<Vec<ConversationRow>, AppError> {
        let account = self.account()?;
        let limit = request.limit.clamp(1, ROWS_MAX);
        let name = request.name.map(|name| fold(name.trim())).filter(|name| !name.is_empty());
        let read = if name.is_some() { ROWS_MAX } else { limit };
        let known = account.cached(account.cache.conversations(request.unread_only, read).await)?;
        let mut rows = account.cached(account.rows_of(known, None).await)?;
        rows.retain(|row| {
            (!request.unread_only || row.unread > 0)
                && name.as_ref().is_none_or(|name| fold(&row.person.name).contains(name.as_str()))
        });
        rows.sort_by(|a, b| b.last_at.cmp(&a.last_at).then_with(|| a.key.cmp(&b.key)));
        rows.truncate(limit as usize);
        Ok(rows)
    }

    /// One row of the conversation list.
    pub async fn conversation_get(&self, request: ConversationRef) -> Result<ConversationRow, AppError> {
        let account = self.account()?;
        let key = request.conversation;
        account.fetch_person_if_unknown(key.user).await;
        let mut rows = account.cached(account.rows(&BTreeSet::from([key.clone()])).await)?;
        match rows.pop() {
            Some(row) => Ok(row),
            None => account.cached(account.empty_row(&key).await),
        }
    }

    /// Marks everything in a conversation as read.
    pub async fn conversation_read(&self, request: ConversationRef) -> Result<Nothing, AppError> {
        let account = self.account()?;
        account.read(&request.conversation).await?;
        Ok(Nothing {})
    }

    /// Takes a conversation out of the list until somebody writes in it.
    pub async fn conversation_remove(&self, request: ConversationRef) -> Result<Nothing, AppError> {
        let account = self.account()?;
        let key = request.conversation;
        if !account.owned(account.own.entries(&key).await)?.is_empty() {
            return Err(AppError::Refused {
                reason: "waiting".into(),
                message: guildhall_words::current().core_waiting(),
            });
        }
        let known = account.cached(account.cache.conversations_by_key([&key]).await)?.pop();
        let up_to = known.and_then(|known| known.last?.id);
        account.owned(account.own.remove_conversation(&key, up_to).await)?;
        account.owned(account.own.set_draft(&key, "", account.now()).await)?;
        // What nobody sees any more must not count as unread.
        account.read(&key).await?;
        account.publish_removed(&key).await;
        Ok(Nothing {})
    }

    /// Tells the other person that I am typing, at most once a second.
    pub async fn conversation_typing(&self, request: ConversationRef) -> Result<Nothing, AppError> {
        let account = self.account()?;
        let key = request.conversation;
        let now = account.now();
        {
            let said = account.part::<TypingSaid>();
            let mut typing = said.0.lock().expect("no panic while held");
            if typing.get(&key).is_some_and(|last| (0..SECOND_MS).contains(&now.since_ms(*last))) {
                return Ok(Nothing {});
            }
            typing.retain(|_, last| now.since_ms(*last) < 60 * SECOND_MS);
            typing.insert(key.clone(), now);
        }
        if account.online() {
            let (job_id, domain_id) = match key.subject {
                Subject::None => (None, None),
                Subject::Job(id) => (Some(id.0), None),
                Subject::Domain(id) => (None, Some(id.0)),
            };
            let body = TypingSent { recipient_id: key.user, job_id, domain_id };
            let data = serde_json::to_value(&body).expect("plain values");
            let _ = account.link.frames.send(frame::client_event(
                events::CLIENT_TYPING,
                &MarketChannel::of_user(account.who.user),
                &data,
            ));
        }
        Ok(Nothing {})
    }

    /// Keeps the unsent text of a conversation.
    pub async fn draft_set(&self, request: DraftSet) -> Result<Nothing, AppError> {
        let account = self.account()?;
        if request.body.len() > RAW_BODY_BYTES_MAX {
            return Err(AppError::Invalid {
                field: "body".into(),
                reason: "too_long".into(),
                message: guildhall_words::current().core_draft_too_long(),
            });
        }
        let had = account.owned(account.own.draft(&request.conversation).await)?;
        account.owned(account.own.set_draft(&request.conversation, &request.body, account.now()).await)?;
        if had.unwrap_or_default() != request.body {
            account.publish_row(&request.conversation).await;
        }
        Ok(Nothing {})
    }
}

impl Account {
    /// Marks a conversation as read here at once; the server hears of it, now or when the link is back.
    pub(crate) async fn read(self: &Arc<Self>, key: &ConversationKey) -> Result<(), AppError> {
        notices::withdraw(self, &message_notices::target(key), "read");
        let Some((up_to, changes)) = self.cached(self.cache.read_conversation(key).await)? else { return Ok(()) };
        self.owned(self.own.keep_read(key, up_to).await)?;
        self.publish(&changes).await;
        chores::wake(self);
        Ok(())
    }

    /// Marks a conversation as read up to a message: here at once, and the server hears of it, now or when the link is back.
    pub(crate) async fn read_up_to(self: &Arc<Self>, key: &ConversationKey, up_to: MessageId) -> Result<(), AppError> {
        let changes = self.cached(self.cache.read_up_to(key, up_to).await)?;
        self.owned(self.own.keep_read(key, up_to).await)?;
        self.publish(&changes).await;
        chores::wake(self);
        Ok(())
    }
}

//! Saved replies: what the server has, and over it what was changed here and the server does not know yet.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use guildhall_cache::{
    StoreError,
    known::{
        Changes, Loaded,
        saved_replies::{SavedReplyChanges, loaded_replies},
    },
    own::Edit,
};
use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    mend::Rows,
    rest::Data,
    saved_replies::{SavedReply, SavedReplyPut, SavedReplyRef, SavedReplySet, SavedReplyView},
    ui_events::UiEvent,
};
use guildhall_market::saved_replies::{ReplyName, ReplyRefusal, clean, may_add};
use reqwest::Method;

use crate::{
    Core,
    account::{Account, Kind},
    behind::Behind,
    edits,
    rest::{self, ApiError},
};

/// Under which its changes wait.
const NAME: &str = "saved_reply";
/// How often and how long the feed is waited for after an answer: a second. It comes at about the same time.
const HEARD_TRIES: u32 = 50;
const HEARD_PAUSE: Duration = Duration::from_millis(20);

/// The kind.
pub(crate) struct SavedReplies;

#[async_trait]
impl Kind for SavedReplies {
    async fn load(&self, account: &Arc<Account>) -> Result<Option<Loaded>, ApiError> {
        let request = account.api.request(Method::GET, "/api/saved-replies");
        match account.over_link(rest::json::<Data<Rows<SavedReply>>>(request)).await {
            Ok(answer) => Ok(Some(loaded_replies(answer.data.rows))),
            // A server that knows nothing of them has none.
            Err(ApiError::Refused { status: 404 | 405, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn tell(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
        let Some(SavedReplyChanges(keys)) = changes.peek() else { return Ok(()) };
        let mut now = rows(account).await?;
        let rows = keys.iter().filter_map(|key| now.remove(key)).collect::<Vec<_>>();
        let removed = keys.iter().filter(|key| !rows.iter().any(|row| row.key == **key)).cloned().collect();
        account.ui.send(UiEvent::SavedReplies { rows, removed });
        Ok(())
    }

    fn edits(&self) -> Option<&'static str> {
        Some(NAME)
    }

    async fn say(&self, account: &Arc<Account>, edit: &Edit) -> Result<(), Behind> {
        let mut path = account.api.base();
        path.path_segments_mut().map_err(|()| ApiError::Garbled)?.extend(["api", "saved-replies", &edit.subject]);
        let request = |method| account.api.request(method, path.path()).header("Idempotency-Key", &edit.key);
        match &edit.body {
            Some(text) => {
                let put = SavedReplyPut { text: text.clone() };
                account.over_link(rest::done(request(Method::PUT).json(&put))).await?;
            }
            None => match account.over_link(rest::done(request(Method::DELETE))).await {
                // Somebody else of us was faster.
                Ok(()) | Err(ApiError::Refused { status: 404, .. }) => {}
                Err(error) => return Err(error.into()),
            },
        }
        // What the server made of it comes by the feed, and only by it: an answer may be one of before, told again, and older
        // than what others did since. Until the feed tells, what was changed here stays in sight.
        for _ in 0..HEARD_TRIES {
            let known = account.cached(account.cache.saved_replies().await).map_err(|_| Behind::Store)?;
            if known.get(&edit.subject) == edit.body.as_ref() {
                break;
            }
            tokio::time::sleep(HEARD_PAUSE).await;
        }
        Ok(())
    }

    async fn said(&self, account: &Arc<Account>, edit: &Edit) {
        tell(account, &edit.subject).await;
    }
}

/// What there is, by name.
async fn rows(account: &Account) -> Result<BTreeMap<String, SavedReplyView>, StoreError> {
    let known = account.cache.saved_replies().await?.into_iter();
    let mut rows: BTreeMap<String, SavedReplyView> =
        known.map(|(key, text)| (key.clone(), SavedReplyView { key, text, waiting: false })).collect();
    for edit in account.own.edits(Some(NAME)).await? {
        match edit.body {
            Some(text) => {
                rows.insert(edit.subject.clone(), SavedReplyView { key: edit.subject, text, waiting: true });
            }
            None => {
                rows.remove(&edit.subject);
            }
        }
    }
    Ok(rows)
}

async fn tell(account: &Arc<Account>, key: &str) {
    let mut changes = Changes::default();
    changes.of_mut::<SavedReplyChanges>().0.insert(key.to_owned());
    account.publish(&changes).await;
}

/// Keeps a change until the server has it, and tells it.
async fn change(account: &Arc<Account>, key: &str, text: Option<&str>) -> Result<(), AppError> {
    let once = uuid::Uuid::new_v4().to_string();
    account.owned(account.own.edit(NAME, key, text, &once).await)?;
    tell(account, key).await;
    edits::wake(account);
    Ok(())
}

fn refused(refusal: ReplyRefusal) -> AppError {
    let words = guildhall_words::current();
    let (field, reason, message) = match refusal {
        ReplyRefusal::Name => ("key", "invalid", words.saved_replies_bad_name()),
        ReplyRefusal::Text(text) => ("text", text.code(), refusal.to_string()),
        ReplyRefusal::TooMany => ("key", "invalid", words.saved_replies_too_many()),
    };
    AppError::Invalid { field: field.into(), reason: reason.into(), message }
}

impl Core {
    /// The saved replies, by name.
    pub async fn saved_reply_list(&self, _: Nothing) -> Result<Vec<SavedReplyView>, AppError> {
        let account = self.account()?;
        Ok(account.owned(rows(&account).await)?.into_values().collect())
    }

    /// Keeps a text under a name, in the place of what had it.
    pub async fn saved_reply_set(&self, request: SavedReplySet) -> Result<SavedReplyView, AppError> {
        let account = self.account()?;
        let key: ReplyName = request.key.parse().map_err(refused)?;
        let text = clean(&request.text).map_err(refused)?;
        let before = request.instead_of.map(|name| name.parse::<ReplyName>()).transpose().map_err(refused)?;
        let before = before.filter(|before| *before != key);
        let here = account.owned(rows(&account).await)?;
        let goes =
            |other: &str| other == key.as_str() || before.as_ref().is_some_and(|before| other == before.as_str());
        let others = here.keys().filter(|other| !goes(other)).count();
        may_add(i64::try_from(others).unwrap_or(i64::MAX)).map_err(refused)?;
        // First, so that there is room for it at the server. Both wait here, and neither is lost.
        if let Some(before) = before.filter(|before| here.contains_key(before.as_str())) {
            change(&account, before.as_str(), None).await?;
        }
        change(&account, key.as_str(), Some(&text)).await?;
        Ok(SavedReplyView { key: key.to_string(), text, waiting: true })
    }

    /// Deletes a saved reply.
    pub async fn saved_reply_delete(&self, request: SavedReplyRef) -> Result<Nothing, AppError> {
        let account = self.account()?;
        let key: ReplyName = request.key.parse().map_err(refused)?;
        if !account.owned(rows(&account).await)?.contains_key(key.as_str()) {
            return Err(AppError::NotFound);
        }
        change(&account, key.as_str(), None).await?;
        Ok(Nothing {})
    }
}

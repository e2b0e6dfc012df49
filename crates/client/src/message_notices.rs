//! What is said of messages through the notices, and what is no longer said once they are deleted.

use std::{sync::Arc, time::Duration};

use guildhall_cache::known::{Arrived, Deleted};
use guildhall_contract::{conversations::ConversationKey, events, targets::Target};
use guildhall_market::ids::MessageId;

use crate::{
    account::Account,
    conversation_rows::snippet,
    notices::{self, Candidate, Words},
    ports::{NoticeAction, Urgency},
};

/// Tries to empty the log of the cache after a message was deleted, and the pause between them: somebody may be reading.
const FORGET_TRIES: u32 = 30;
const FORGET_PAUSE: Duration = Duration::from_secs(1);

/// The page of conversations.
const PAGE: &str = "inbox";
/// The button of a message's notice.
pub(crate) const MARK_READ: &str = "mark_read";

/// Where what is in a conversation leads.
pub(crate) fn target(conversation: &ConversationKey) -> Target {
    Target::of(PAGE, conversation)
}

/// The conversation that a target leads to, if it leads to one.
pub(crate) fn conversation(target: &Target) -> Option<ConversationKey> {
    if target.page != PAGE {
        return None;
    }
    target.part.clone()?.try_into().ok()
}

/// What a candidate of a message is about.
fn subject(id: MessageId) -> String {
    format!("message {id}")
}

/// The message that the notice of a conversation tells of, if one is shown.
pub(crate) fn told(account: &Account, target: &Target) -> Option<MessageId> {
    account.notices.subject(&target.to_string())?.strip_prefix("message ")?.parse().ok().map(MessageId)
}

struct Message(Arrived);

impl Message {
    fn text(&self, hidden: bool) -> String {
        if hidden {
            return String::new();
        }
        let text = snippet(&self.0.body);
        if text.is_empty() { self.0.attachment_name.clone().unwrap_or_default() } else { text }
    }
}

impl Words for Message {
    fn notice(&self, hidden: bool) -> (String, String) {
        let title = if hidden { guildhall_words::current().notices_new_message() } else { self.0.name.clone() };
        (title, self.text(hidden))
    }

    fn toast(&self, hidden: bool) -> (String, String) {
        self.notice(hidden)
    }

    fn actions(&self) -> Vec<NoticeAction> {
        vec![NoticeAction { id: MARK_READ, label: guildhall_words::current().notices_mark_read() }]
    }
}

/// Messages of others arrived. `live` says that they came over the link and not from catching up.
pub(crate) async fn arrived(account: &Arc<Account>, arrived: &[Arrived], live: bool) {
    let candidate = |message: &Arrived| Candidate {
        event: events::MESSAGE_SENT,
        subject: subject(message.id),
        target: target(&message.conversation),
        urgency: Urgency::Normal,
        at: message.sent_at,
        unread: message.unread,
        words: Arc::new(Message(message.clone())),
    };
    let in_view = notices::offer(account, arrived.iter().map(candidate).collect(), live).await;
    let open = account.attention.lock().expect("no panic while held").target.clone();
    if let (true, Some(open)) = (in_view, open.as_ref().and_then(conversation)) {
        let _ = account.read(&open).await;
    }
}

/// Messages were deleted: no notice shows their words any more, no file holds them, and no copy brings them back.
pub(crate) fn deleted(account: &Arc<Account>, messages: &[Deleted]) {
    if messages.is_empty() {
        return;
    }
    for message in messages {
        let target = target(&message.conversation);
        if account.notices.shows(&target.to_string(), &subject(message.id)) {
            notices::withdraw(account, &target, "deleted");
        }
    }
    // One's own words stood in the outbox that they went out from, and perhaps in copies of it.
    let mine = messages.iter().any(|message| message.mine);
    let task = account.clone();
    account.spawn(async move {
        let (mut cache, mut own) = (false, !mine);
        for _ in 0..FORGET_TRIES {
            cache = cache || matches!(task.cached(task.cache.forget().await), Ok(true));
            own = own || matches!(task.owned(task.own.forget(task.now()).await), Ok(true));
            if cache && own {
                return;
            }
            tokio::time::sleep(FORGET_PAUSE).await;
        }
        // The log is emptied at the latest when the app is closed.
        tracing::info!("what was deleted still stands in the log of the cache");
    });
}

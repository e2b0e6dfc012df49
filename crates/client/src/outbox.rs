//! Sends what waits: one message at a time in each conversation, in order, a few conversations at once.
//!
//! A message goes out under the key it got when it was written, however often it is tried, so the server takes it once.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use guildhall_cache::own::{ChosenFile, Entry, EntryState};
use guildhall_contract::{
    conversations::ConversationKey,
    messages::SendFailure,
    ui_events::{Toast, UiEvent},
};
use guildhall_market::{ids::AttachmentId, time::Timestamp};
use tokio::{sync::Notify, task::JoinSet};

use crate::{account::Account, rest::ApiError};

/// What it keeps of an account.
#[derive(Default)]
pub(crate) struct Outbox {
    wake: Notify,
    /// Messages that were tried again and again over a link that stands: how often, and what came of it last.
    in_vain: Mutex<HashMap<ConversationKey, (u32, &'static str)>>,
    /// Messages sent since the link came back, while the user was not told yet.
    sent_since_offline: Mutex<Option<u32>>,
}

/// Conversations that are sent to at once.
const PARALLEL_MAX: usize = 4;
/// Longest pause between two tries, seconds (domain rule for messages).
const PAUSE_MAX_S: u64 = 60;
/// Tries of one message over a link that stands until it is said that the server does not take it: after about 3 seconds.
const TRIES_IN_VAIN: u32 = 3;
/// The longest that a message waits because somebody asked for it: a page about a deployment may ask for a day, and be gone
/// in a minute.
const ASKED_MAX: Duration = Duration::from_secs(300);
/// Longest sleep before looking at the clock again: a laptop that slept must not sleep on.
const LOOK: Duration = Duration::from_secs(1);

/// The pause after so many tries without an answer: 1, 2, 4 ... 60 seconds.
pub(crate) fn pause(attempts: u32) -> Duration {
    Duration::from_secs(1u64.checked_shl(attempts).unwrap_or(PAUSE_MAX_S).min(PAUSE_MAX_S))
}

/// The pause that was asked for, within reason; without one, the pause after so many tries.
pub(crate) fn patience(asked_for: Option<Duration>, attempts: u32) -> Duration {
    asked_for.map_or_else(|| pause(attempts), |asked_for| asked_for.min(ASKED_MAX))
}

/// How long a message still waits; `None` when it may be tried. More than any pause is left only where the clock was set
/// back since: that is no reason to wait until the day comes again.
fn waits(next_try_at: Timestamp, now: Timestamp) -> Option<Duration> {
    let left = u64::try_from(next_try_at.since_ms(now)).ok().filter(|left_ms| *left_ms > 0);
    left.map(Duration::from_millis).filter(|left| *left <= ASKED_MAX)
}

pub(crate) async fn run(account: Arc<Account>) {
    let outbox = account.part::<Outbox>();
    let mut busy: HashSet<ConversationKey> = HashSet::new();
    let mut sending: JoinSet<ConversationKey> = JoinSet::new();
    loop {
        let now = account.now();
        let mut sleep = Duration::from_secs(3_600);
        match account.own.heads().await {
            Ok(heads) => {
                for head in heads {
                    if busy.contains(&head.conversation) || head.state == EntryState::Sending {
                        continue;
                    }
                    if let Some(wait) = waits(head.next_try_at, now) {
                        sleep = sleep.min(wait).min(LOOK);
                    } else if sending.len() < PARALLEL_MAX && account.api.has_token() {
                        match account.own.start_sending(&head.key).await {
                            Ok(true) => {
                                busy.insert(head.conversation.clone());
                                let account = account.clone();
                                sending.spawn(async move {
                                    send(&account, &head).await;
                                    head.conversation
                                });
                            }
                            Ok(false) => sleep = sleep.min(LOOK),
                            Err(error) => {
                                let _ = account.owned::<()>(Err(error));
                                sleep = LOOK;
                            }
                        }
                    }
                }
            }
            Err(error) => {
                let _ = account.owned::<()>(Err(error));
                sleep = LOOK;
            }
        }
        if busy.is_empty() {
            tell_back_online(&account).await;
        }
        tokio::select! {
            () = outbox.wake.notified() => {}
            Some(done) = sending.join_next(), if !sending.is_empty() => match done {
                Ok(conversation) => {
                    busy.remove(&conversation);
                }
                Err(error) => {
                    // A panic in one try must not stop the others, nor leave its message on its way for ever.
                    tracing::error!(%error, "a try to send broke");
                    sending.abort_all();
                    while sending.join_next().await.is_some() {}
                    busy.clear();
                    let _ = account.own.recover().await;
                }
            },
            () = tokio::time::sleep(sleep) => {}
        }
    }
}

/// Says once that the link is back, when everything that waited for it is gone.
async fn tell_back_online(account: &Account) {
    let waiting = account.own.outbox_counts().await.map_or(1, |counts| counts.queued);
    if waiting == 0 && account.online() {
        let sent = account.part::<Outbox>().sent_since_offline.lock().expect("no panic while held").take();
        if let Some(sent) = sent {
            account.ui.send(UiEvent::Toast { toast: Toast::BackOnline { sent } });
        }
    }
}

/// What became of a try.
enum Outcome {
    Sent,
    Wait(Duration),
    Failed(SendFailure),
    /// The session ends: it stays as it is.
    SignedOut,
}

async fn send(account: &Arc<Account>, entry: &Entry) {
    account.publish_waiting(&entry.conversation, &[&entry.key]).await;
    let stored = match attempt(account, entry).await {
        Outcome::Sent => Ok(()),
        Outcome::Wait(pause) => {
            let next_try_at = account.now().plus_ms(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
            account.own.wait_again(&entry.key, next_try_at).await
        }
        Outcome::Failed(failure) => {
            tracing::info!(reason = %failure.reason, "a message was refused");
            account.own.fail(&entry.key, &failure).await
        }
        Outcome::SignedOut => account.own.wait_again(&entry.key, account.now()).await,
    };
    if account.owned(stored).is_err() {
        let _ = account.own.recover().await;
    }
    account.publish_waiting(&entry.conversation, &[&entry.key]).await;
}

async fn attempt(account: &Arc<Account>, entry: &Entry) -> Outcome {
    let mut attachments = Vec::with_capacity(entry.files.len());
    for file in &entry.files {
        match upload(account, file).await {
            Ok(id) => attachments.push(id),
            Err(error) => return refused(account, entry, error),
        }
    }
    let posting = account.api.send_message(&entry.conversation, &entry.body, attachments, entry.written_at, &entry.key);
    let answer = tokio::select! {
        answer = posting => answer,
        // The link was lost and is back: this answer will hardly come any more. The same key asks for it again.
        () = account.link.again.notified() => return Outcome::Wait(Duration::ZERO),
    };
    match answer {
        Ok(mut body) => {
            body.client_key = Some(entry.key.clone());
            let changed = body.content != entry.body && body.deleted_at.is_none();
            let stored = account.cache.put_sent(account.who.user, &body, changed).await;
            // First into the cache, then out of the outbox: at no moment is the message in neither.
            let Ok(changes) = account.cached(stored) else { return Outcome::Wait(pause(entry.attempts)) };
            account.moves(&entry.conversation);
            let Ok(first) = account.owned(account.own.done(&entry.key).await) else {
                return Outcome::Wait(pause(entry.attempts));
            };
            if first {
                count_sent(account);
            }
            account.publish(&changes).await;
            Outcome::Sent
        }
        Err(error) => refused(account, entry, error),
    }
}

/// Something may go out now.
pub(crate) fn wake(account: &Account) {
    account.part::<Outbox>().wake.notify_one();
}

/// There is no link any more: what is sent from now on is counted, until it is told.
pub(crate) fn unlinked(account: &Account) {
    let outbox = account.part::<Outbox>();
    outbox.sent_since_offline.lock().expect("no panic while held").get_or_insert(0);
    outbox.in_vain.lock().expect("no panic while held").clear();
}

impl Account {
    /// A message was tried over a link that stands, and not taken.
    fn in_vain(&self, conversation: &ConversationKey, reason: &'static str) {
        if self.online() {
            let outbox = self.part::<Outbox>();
            let mut in_vain = outbox.in_vain.lock().expect("no panic while held");
            let tries = in_vain.get(conversation).map_or(0, |(tries, _)| *tries);
            in_vain.insert(conversation.clone(), (tries.saturating_add(1), reason));
        }
    }

    /// What waits in a conversation was taken, or waits no longer.
    pub(crate) fn moves(&self, conversation: &ConversationKey) {
        self.part::<Outbox>().in_vain.lock().expect("no panic while held").remove(conversation);
    }

    /// Why what waits is not taken although there is a link.
    pub(crate) fn held_up(&self, queued: u32) -> Option<String> {
        let outbox = self.part::<Outbox>();
        let in_vain = outbox.in_vain.lock().expect("no panic while held");
        let held_up = in_vain.values().find(|(tries, _)| queued > 0 && *tries >= TRIES_IN_VAIN)?;
        Some(held_up.1.to_owned())
    }
}

/// One more message reached the server.
pub(crate) fn count_sent(account: &Account) {
    let outbox = account.part::<Outbox>();
    if let Some(sent) = outbox.sent_since_offline.lock().expect("no panic while held").as_mut() {
        *sent += 1;
    }
}

fn refused(account: &Account, entry: &Entry, error: ApiError) -> Outcome {
    match error {
        ApiError::Unauthorized => {
            account.lost_token();
            Outcome::SignedOut
        }
        ApiError::Unreachable { .. } | ApiError::Garbled | ApiError::Busy { .. } => {
            account.in_vain(&entry.conversation, error.reason());
            let asked_for = if let ApiError::Busy { retry_after, .. } = error { retry_after } else { None };
            Outcome::Wait(patience(asked_for, entry.attempts))
        }
        // The same request is still being carried out: ask again for its answer.
        ApiError::Refused { refusal, .. } if refusal.code == "in_progress" => Outcome::Wait(pause(entry.attempts)),
        ApiError::Refused { refusal, .. } => {
            account.moves(&entry.conversation);
            let words = refusal.errors.into_values().flatten().next().unwrap_or(refusal.message);
            Outcome::Failed(SendFailure { reason: refusal.code, message: words })
        }
    }
}

pub(crate) async fn upload(account: &Arc<Account>, file: &ChosenFile) -> Result<AttachmentId, ApiError> {
    if let Some(id) = file.server_id {
        return Ok(id);
    }
    let bytes = account.own.file_bytes(&file.local_id).await;
    let Ok(bytes) = account.owned(bytes) else { return Err(ApiError::Garbled) };
    let missing = || {
        let refusal = guildhall_contract::rest::Refusal { code: "attachment_missing".into(), ..Default::default() };
        ApiError::Refused { status: 422, refusal }
    };
    let bytes = bytes.ok_or_else(missing)?;
    let stored = account.api.upload(&file.name, &file.mime, bytes, file.keep_location, &file.upload_key).await?;
    let _ = account.owned(account.own.uploaded(&file.local_id, stored.id).await);
    Ok(stored.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let seconds: Vec<u64> =
            [0, 1, 2, 3, 5, 6, 7, 40, 200].iter().map(|&attempts| pause(attempts).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_no_message_waiting() {
        let next_try_at = Timestamp(1_700_000_000_000);
        for (set_back_s, left_s) in [(-1, None), (0, None), (1, Some(1)), (60, Some(60)), (300, Some(300))] {
            let now = next_try_at.plus_ms(-1_000 * set_back_s);
            assert_eq!(waits(next_try_at, now), left_s.map(Duration::from_secs), "{set_back_s}");
        }
        for now in [next_try_at.plus_ms(-86_400_000), Timestamp(0), Timestamp(i64::MIN)] {
            assert_eq!(waits(next_try_at, now), None, "a clock that was a day ahead when it was tried");
        }
    }

    #[test]
    fn nobody_can_ask_for_a_pause_without_an_end() {
        assert_eq!(patience(None, 3), pause(3));
        assert_eq!(patience(Some(Duration::from_secs(2)), 3), Duration::from_secs(2), "less than it would be");
        assert_eq!(patience(Some(Duration::from_secs(90)), 0), Duration::from_secs(90), "more than it would be");
        for asked_s in [301, 86_400, u64::MAX] {
            assert_eq!(patience(Some(Duration::from_secs(asked_s)), 0), ASKED_MAX);
        }
    }
}

//! The stream to the interface: changes of one frame together, the latest row of each thing, never more than fits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use guildhall_contract::{
    ui_events::UiEvent,
    views::{ConversationKey, ConversationRow, MessageView, NotificationView, PersonView},
};
use guildhall_market::ids::UserId;
use tokio::sync::Notify;

/// One frame of a screen at 60 Hz.
const FRAME: Duration = Duration::from_millis(16);
/// Rows that wait for one receiver. One that is further behind asks for everything again, which is less.
const WAITING_MAX: usize = 2_000;

/// Things to be said once that are kept for the first who listens.
const UNHEARD_MAX: usize = 16;

/// All receivers of one core.
#[derive(Default)]
pub(crate) struct Hub {
    receivers: Mutex<Vec<Weak<Receiver>>>,
    /// What was to be said once while nobody listened yet.
    unheard: Mutex<Vec<UiEvent>>,
}

#[derive(Default)]
struct Receiver {
    pending: Mutex<Pending>,
    wake: Notify,
}

/// What the core tells, in batches. The first begins with [`UiEvent::Reset`].
pub struct EventStream {
    receiver: Arc<Receiver>,
}

#[derive(Default)]
struct Pending {
    reset: bool,
    closed: bool,
    session: Option<UiEvent>,
    settings: Option<UiEvent>,
    connection: Option<UiEvent>,
    unread: Option<UiEvent>,
    people: BTreeMap<UserId, PersonView>,
    conversations: BTreeMap<ConversationKey, Option<ConversationRow>>,
    messages: BTreeMap<ConversationKey, BTreeMap<String, Option<MessageView>>>,
    stale: BTreeSet<ConversationKey>,
    attachments: BTreeMap<ConversationKey, UiEvent>,
    typing: BTreeMap<ConversationKey, UiEvent>,
    notifications: BTreeMap<i64, Option<NotificationView>>,
    once: Vec<UiEvent>,
}

impl Pending {
    fn count(&self) -> usize {
        let messages: usize = self.messages.values().map(BTreeMap::len).sum();
        self.people.len() + self.conversations.len() + messages + self.notifications.len() + self.once.len()
    }

    fn is_empty(&self) -> bool {
        let single = [&self.session, &self.settings, &self.connection, &self.unread];
        !self.reset
            && single.iter().all(|slot| slot.is_none())
            && self.count() == 0
            && self.stale.is_empty()
            && self.attachments.is_empty()
            && self.typing.is_empty()
    }

    fn add(&mut self, event: UiEvent) {
        match event {
            UiEvent::Reset => *self = Self { reset: true, once: std::mem::take(&mut self.once), ..Self::default() },
            UiEvent::Session { .. } => self.session = Some(event),
            UiEvent::Settings { .. } => self.settings = Some(event),
            UiEvent::Connection { .. } => self.connection = Some(event),
            UiEvent::Unread { .. } => self.unread = Some(event),
            UiEvent::Person { person } => {
                self.people.insert(person.id, person);
            }
            UiEvent::Conversations { rows, removed } => {
                self.conversations.extend(removed.into_iter().map(|key| (key, None)));
                self.conversations.extend(rows.into_iter().map(|row| (row.key.clone(), Some(row))));
            }
            UiEvent::Messages { conversation, rows, removed } => {
                let slots = self.messages.entry(conversation).or_default();
                slots.extend(removed.into_iter().map(|key| (key, None)));
                slots.extend(rows.into_iter().map(|row| (row.key.clone(), Some(row))));
            }
            UiEvent::ThreadStale { conversation } => {
                self.stale.insert(conversation);
            }
            UiEvent::Attachments { ref conversation, .. } => {
                self.attachments.insert(conversation.clone(), event);
            }
            UiEvent::Typing { ref conversation, .. } => {
                self.typing.insert(conversation.clone(), event);
            }
            UiEvent::Notifications { rows, removed } => {
                self.notifications.extend(removed.into_iter().map(|id| (id, None)));
                self.notifications.extend(rows.into_iter().map(|row| (row.id, Some(row))));
            }
            UiEvent::Toast { .. } | UiEvent::OpenConversation { .. } => self.once.push(event),
        }
    }

    fn take(&mut self) -> Vec<UiEvent> {
        let pending = std::mem::replace(self, Self { closed: self.closed, ..Self::default() });
        let mut batch = Vec::new();
        batch.extend(pending.reset.then_some(UiEvent::Reset));
        batch.extend(pending.session);
        batch.extend(pending.settings);
        batch.extend(pending.connection);
        batch.extend(pending.people.into_values().map(|person| UiEvent::Person { person }));
        if !pending.conversations.is_empty() {
            let removed =
                pending.conversations.iter().filter(|(_, row)| row.is_none()).map(|(key, _)| key.clone()).collect();
            batch.push(UiEvent::Conversations {
                rows: pending.conversations.into_values().flatten().collect(),
                removed,
            });
        }
        for (conversation, slots) in pending.messages {
            let removed = slots.iter().filter(|(_, row)| row.is_none()).map(|(key, _)| key.clone()).collect();
            let mut rows: Vec<_> = slots.into_values().flatten().collect();
            rows.sort_by_key(|row| row.order);
            batch.push(UiEvent::Messages { conversation, rows, removed });
        }
        batch.extend(pending.stale.into_iter().map(|conversation| UiEvent::ThreadStale { conversation }));
        batch.extend(pending.attachments.into_values());
        batch.extend(pending.typing.into_values());
        if !pending.notifications.is_empty() {
            let removed = pending.notifications.iter().filter(|(_, row)| row.is_none()).map(|(id, _)| *id).collect();
            let rows = pending.notifications.into_values().rev().flatten().collect();
            batch.push(UiEvent::Notifications { rows, removed });
        }
        batch.extend(pending.unread);
        batch.extend(pending.once);
        batch
    }
}

impl Hub {
    /// A new receiver. Its first batch begins with a reset.
    pub(crate) fn subscribe(&self) -> EventStream {
        let receiver = Arc::new(Receiver::default());
        let mut receivers = self.receivers.lock().expect("no panic while held");
        {
            let mut pending = receiver.pending.lock().expect("no panic while held");
            pending.reset = true;
            pending.once = std::mem::take(&mut *self.unheard.lock().expect("no panic while held"));
        }
        receiver.wake.notify_one();
        receivers.retain(|receiver| receiver.strong_count() > 0);
        receivers.push(Arc::downgrade(&receiver));
        EventStream { receiver }
    }

    /// Tells all receivers.
    pub(crate) fn send(&self, event: UiEvent) {
        // One lock for both lists: what is said while somebody begins to listen is heard by them.
        let receivers = self.receivers.lock().expect("no panic while held");
        let mut heard = false;
        for receiver in receivers.iter().filter_map(Weak::upgrade) {
            heard = true;
            let mut pending = receiver.pending.lock().expect("no panic while held");
            pending.add(event.clone());
            if pending.count() > WAITING_MAX {
                tracing::info!("a receiver of events fell behind and begins anew");
                pending.once.clear();
                pending.add(UiEvent::Reset);
            }
            receiver.wake.notify_one();
        }
        if !heard && matches!(event, UiEvent::Toast { .. } | UiEvent::OpenConversation { .. }) {
            let mut unheard = self.unheard.lock().expect("no panic while held");
            if unheard.len() < UNHEARD_MAX {
                unheard.push(event);
            }
        }
    }

    /// Their message arrived: that they were typing is not told after it.
    pub(crate) fn stop_typing(&self, conversation: &ConversationKey) {
        let receivers = self.receivers.lock().expect("no panic while held");
        for receiver in receivers.iter().filter_map(Weak::upgrade) {
            receiver.pending.lock().expect("no panic while held").typing.remove(conversation);
        }
    }

    /// No more events will come.
    pub(crate) fn close(&self) {
        let receivers = self.receivers.lock().expect("no panic while held");
        for receiver in receivers.iter().filter_map(Weak::upgrade) {
            receiver.pending.lock().expect("no panic while held").closed = true;
            receiver.wake.notify_one();
        }
    }
}

impl EventStream {
    /// The next batch, in order: at most one a frame. `None` once the core has shut down.
    pub async fn next(&mut self) -> Option<Vec<UiEvent>> {
        loop {
            self.receiver.wake.notified().await;
            let begin = self.receiver.pending.lock().expect("no panic while held").reset;
            if !begin {
                tokio::time::sleep(FRAME).await;
            }
            let mut pending = self.receiver.pending.lock().expect("no panic while held");
            if !pending.is_empty() {
                if pending.closed {
                    self.receiver.wake.notify_one();
                }
                return Some(pending.take());
            }
            if pending.closed {
                self.receiver.wake.notify_one();
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use guildhall_contract::{ui_events::Toast, views::UnreadView};

    use super::*;

    #[tokio::test]
    async fn a_stream_begins_with_a_reset_and_keeps_the_latest_of_each() {
        let hub = Hub::default();
        let mut stream = hub.subscribe();
        assert_eq!(stream.next().await, Some(vec![UiEvent::Reset]));
        for messages in 1..=3 {
            hub.send(UiEvent::Unread { unread: UnreadView { messages, ..UnreadView::default() } });
        }
        let unread = UnreadView { messages: 3, ..UnreadView::default() };
        assert_eq!(stream.next().await, Some(vec![UiEvent::Unread { unread }]));
        hub.close();
        assert_eq!(stream.next().await, None);
        assert_eq!(stream.next().await, None);
    }

    #[tokio::test]
    async fn what_is_said_once_before_anybody_listens_is_heard_by_the_first() {
        let hub = Hub::default();
        hub.send(UiEvent::Toast { toast: Toast::CacheRebuilt });
        let first = hub.subscribe().next().await;
        assert_eq!(first, Some(vec![UiEvent::Reset, UiEvent::Toast { toast: Toast::CacheRebuilt }]));
        assert_eq!(hub.subscribe().next().await, Some(vec![UiEvent::Reset]));
    }

    #[tokio::test]
    async fn a_receiver_that_falls_behind_begins_anew() {
        let hub = Hub::default();
        let mut stream = hub.subscribe();
        for _ in 0..=WAITING_MAX {
            hub.send(UiEvent::Toast { toast: Toast::CacheRebuilt });
        }
        assert_eq!(stream.next().await, Some(vec![UiEvent::Reset]));
    }
}

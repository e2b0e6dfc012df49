//! The stream to the interface: changes of one frame together, the latest row of each thing, never more than fits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use guildhall_contract::ui_events::{Row, UiEvent};
use tokio::sync::Notify;

/// One frame of a screen at 60 Hz.
const FRAME: Duration = Duration::from_millis(16);
/// Rows that wait for one receiver. One that is further behind asks for everything again, which is less.
const WAITING_MAX: usize = 2_000;

/// Things to be said once that are kept for the first who listens.
const UNHEARD_MAX: usize = 16;

/// All receivers of one core.
#[derive(Default)]
pub(crate) struct Listeners {
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

/// Rows of one list that wait to be told, by scope and key; `None` for one that is gone.
struct Slots<S, R: Row>(BTreeMap<S, BTreeMap<R::Key, Option<R>>>);

impl<S, R: Row> Default for Slots<S, R> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<S: Ord, R: Row> Slots<S, R> {
    fn add(&mut self, scope: S, rows: Vec<R>, removed: Vec<R::Key>) {
        let slots = self.0.entry(scope).or_default();
        slots.extend(removed.into_iter().map(|key| (key, None)));
        slots.extend(rows.into_iter().map(|row| (row.key(), Some(row))));
    }

    fn count(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    fn take(self) -> impl Iterator<Item = (S, Vec<R>, Vec<R::Key>)> {
        self.0.into_iter().filter(|(_, slots)| !slots.is_empty()).map(|(scope, slots)| {
            let (mut rows, mut removed) = (Vec::new(), Vec::new());
            for (key, row) in slots {
                match row {
                    Some(row) => rows.push(row),
                    None => removed.push(key),
                }
            }
            R::in_order(&mut rows);
            (scope, rows, removed)
        })
    }
}

/// The scope of a list or a state: its own type, or nothing where there is only one.
macro_rules! scope {
    ($name:ident: $type:ty) => {
        $type
    };
    () => {
        ()
    };
}
/// The value of a scope, as the field of the event holds it.
macro_rules! scope_value {
    ($name:ident) => {
        $name.clone()
    };
    () => {
        ()
    };
}

/// The states of a batch: those that go before the rows, and those that go after them.
#[derive(Default)]
struct States {
    first: Vec<UiEvent>,
    last: Vec<UiEvent>,
}

macro_rules! pending {
    (
        { $($(#[$doc:meta])* $Kind:ident $kind:ident ($row:ty) $(of $scope:ident: $scope_type:ty)?;)* }
        $(
            $(#[$state_doc:meta])*
            $State:ident $state:ident $when:ident { $($(#[$field_doc:meta])* $field:ident: $field_type:ty,)* }
            $(of { $(#[$of_doc:meta])* $of:ident: $of_type:ty, })?;
        )*
    ) => {
        /// What waits to be told: of each row and each state the latest.
        #[derive(Default)]
        struct Pending {
            reset: bool,
            closed: bool,
            $($kind: Slots<scope!($($scope: $scope_type)?), $row>,)*
            $($state: BTreeMap<scope!($($of: $of_type)?), UiEvent>,)*
            stale: BTreeSet<(String, Option<String>)>,
            once: Vec<UiEvent>,
        }

        impl Pending {
            /// Rows, and what is said once: of states there are never many.
            fn count(&self) -> usize {
                self.once.len() $(+ self.$kind.count())*
            }

            fn is_empty(&self) -> bool {
                !self.reset && self.count() == 0 && self.stale.is_empty() $(&& self.$state.is_empty())*
            }

            fn add(&mut self, event: UiEvent) {
                match event {
                    UiEvent::Reset => *self = Self { reset: true, once: std::mem::take(&mut self.once), ..Self::default() },
                    $(UiEvent::$Kind { $($scope,)? rows, removed } => self.$kind.add(scope_value!($($scope)?), rows, removed),)*
                    $(UiEvent::$State { $(ref $of,)? .. } => {
                        self.$state.insert(scope_value!($($of)?), event);
                    })*
                    UiEvent::Stale { topic, of } => {
                        self.stale.insert((topic, of));
                    }
                    UiEvent::Toast { .. } | UiEvent::Open { .. } => self.once.push(event),
                }
            }

            /// Forgets a state of this scope. Rows and what is said once are not taken back.
            fn take_back(&mut self, state: &UiEvent) {
                match state {
                    $(UiEvent::$State { $($of,)? .. } => {
                        self.$state.remove(&scope_value!($($of)?));
                    })*
                    _ => {}
                }
            }

            fn take(&mut self) -> Vec<UiEvent> {
                let pending = std::mem::replace(self, Self { closed: self.closed, ..Self::default() });
                let mut batch = Vec::new();
                batch.extend(pending.reset.then_some(UiEvent::Reset));
                let mut states = States::default();
                $(states.$when.extend(pending.$state.into_values());)*
                batch.append(&mut states.first);
                $(batch.extend(pending.$kind.take().map(|(scope, rows, removed)| {
                    let _ = &scope;
                    UiEvent::$Kind { $($scope: scope,)? rows, removed }
                }));)*
                batch.extend(pending.stale.into_iter().map(|(topic, of)| UiEvent::Stale { topic, of }));
                batch.append(&mut states.last);
                batch.extend(pending.once);
                batch
            }
        }
    };
}
guildhall_contract::for_each_told!(pending);

impl Listeners {
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
        if !heard && matches!(event, UiEvent::Toast { .. } | UiEvent::Open { .. }) {
            let mut unheard = self.unheard.lock().expect("no panic while held");
            if unheard.len() < UNHEARD_MAX {
                unheard.push(event);
            }
        }
    }

    /// A state is not true any more: if it still waits to be told, it is not.
    pub(crate) fn take_back(&self, state: &UiEvent) {
        let receivers = self.receivers.lock().expect("no panic while held");
        for receiver in receivers.iter().filter_map(Weak::upgrade) {
            receiver.pending.lock().expect("no panic while held").take_back(state);
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
    use guildhall_contract::{connection::UnreadView, ui_events::Toast};

    use super::*;

    #[tokio::test]
    async fn a_stream_begins_with_a_reset_and_keeps_the_latest_of_each() {
        let listeners = Listeners::default();
        let mut stream = listeners.subscribe();
        assert_eq!(stream.next().await, Some(vec![UiEvent::Reset]));
        for messages in 1..=3 {
            listeners.send(UiEvent::Unread { unread: UnreadView { messages, ..UnreadView::default() } });
        }
        let unread = UnreadView { messages: 3, ..UnreadView::default() };
        assert_eq!(stream.next().await, Some(vec![UiEvent::Unread { unread }]));
        listeners.close();
        assert_eq!(stream.next().await, None);
        assert_eq!(stream.next().await, None);
    }

    #[tokio::test]
    async fn what_is_said_once_before_anybody_listens_is_heard_by_the_first() {
        let listeners = Listeners::default();
        listeners.send(UiEvent::Toast { toast: Toast::CacheRebuilt });
        let first = listeners.subscribe().next().await;
        assert_eq!(first, Some(vec![UiEvent::Reset, UiEvent::Toast { toast: Toast::CacheRebuilt }]));
        assert_eq!(listeners.subscribe().next().await, Some(vec![UiEvent::Reset]));
    }

    #[tokio::test]
    async fn a_receiver_that_falls_behind_begins_anew() {
        let listeners = Listeners::default();
        let mut stream = listeners.subscribe();
        for _ in 0..=WAITING_MAX {
            listeners.send(UiEvent::Toast { toast: Toast::CacheRebuilt });
        }
        assert_eq!(stream.next().await, Some(vec![UiEvent::Reset]));
    }
}

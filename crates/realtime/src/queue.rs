//! What threads share, as small as it can be: a queue that many fill and one empties, and a lock with an alarm.
//!
//! Compiled a second time for the tests, over locks whose every interleaving is tried (see `simulation/threads.rs`): so
//! it takes its locks from `super::sync`, and knows nothing of sockets.

use super::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed},
};

/// A queue. What is in it is weighed, so that whoever fills it can tell when it is too much.
pub struct Queue<T> {
    inside: Mutex<Inside<T>>,
    /// As `Inside::bytes`, for those who only ask.
    waiting_bytes: AtomicUsize,
}

struct Inside<T> {
    items: Vec<T>,
    bytes: usize,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { inside: Mutex::new(Inside { items: Vec::new(), bytes: 0 }), waiting_bytes: AtomicUsize::new(0) }
    }
}

impl<T> Queue<T> {
    fn inside(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Adds something that weighs so many bytes. True when it is the first: whoever empties the queue may sleep, and must
    /// be woken.
    #[must_use]
    pub fn push(&self, item: T, bytes: usize) -> bool {
        let mut inside = self.inside();
        inside.items.push(item);
        inside.bytes += bytes;
        self.waiting_bytes.store(inside.bytes, Relaxed);
        inside.items.len() == 1
    }

    /// Takes all there is, in order; `into` is empty before.
    pub fn take(&self, into: &mut Vec<T>) {
        let mut inside = self.inside();
        std::mem::swap(&mut inside.items, into);
        inside.bytes = 0;
        self.waiting_bytes.store(0, Relaxed);
    }

    /// What waits, bytes.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting_bytes.load(Relaxed)
    }
}

/// Something that wants to be looked at when its time comes.
pub trait Timed {
    /// When next, milliseconds.
    fn next_due(&self) -> Option<i64>;
}

/// Something under one lock, and when it is to be looked at next.
pub struct Guarded<T> {
    inside: Mutex<T>,
    /// `i64::MAX` for never. Written under the lock only.
    due_at: AtomicI64,
}

impl<T: Timed> Guarded<T> {
    pub fn new(inside: T) -> Self {
        Self { inside: Mutex::new(inside), due_at: AtomicI64::new(i64::MAX) }
    }

    /// Works on what is inside. `wake` is called when it is to be looked at sooner than before.
    pub fn with<R>(&self, wake: impl FnOnce(), work: impl FnOnce(&mut T) -> R) -> R {
        let mut inside = self.inside.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let result = work(&mut inside);
        let next = inside.next_due().unwrap_or(i64::MAX);
        if self.due_at.load(Relaxed) > next {
            self.due_at.store(next, Relaxed);
            wake();
        }
        result
    }

    /// Looks at what is inside if its time has come.
    pub fn when_due(&self, now: i64, work: impl FnOnce(&mut T)) {
        if self.due_at() > now {
            return;
        }
        let mut inside = self.inside.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        work(&mut inside);
        self.due_at.store(inside.next_due().unwrap_or(i64::MAX), Relaxed);
    }

    /// When it is to be looked at, milliseconds; `i64::MAX` for never.
    pub fn due_at(&self) -> i64 {
        self.due_at.load(Relaxed)
    }

    /// Whether somebody panicked while they worked on it: then nothing is known of what is inside.
    pub fn is_broken(&self) -> bool {
        self.inside.lock().is_err()
    }
}

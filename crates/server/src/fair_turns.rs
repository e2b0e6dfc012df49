//! Turns at work that only few can do at once, fair between those who ask: whoever asks waits behind at most one piece of
//! work of every other, however much that other has. So many may wait in all, and so many for each; more are told so.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::{Semaphore, SemaphorePermit};

/// So much is waiting that one more is told to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyWaiting;

struct Queue {
    /// Its first is the only one of this queue that waits among the others' firsts.
    first: Semaphore,
    waiting: AtomicUsize,
}

/// See the module.
pub struct FairTurns<K> {
    turns: Semaphore,
    queues: Mutex<HashMap<K, Arc<Queue>>>,
    waiting: AtomicUsize,
    waiting_max: usize,
    waiting_each_max: usize,
}

/// Counts one that waits or works, for as long as it does.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize, most: usize) -> Result<Self, TooManyWaiting> {
        let counted = Self(count);
        if count.fetch_add(1, Ordering::Relaxed) < most { Ok(counted) } else { Err(TooManyWaiting) }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<K: Hash + Eq> FairTurns<K> {
    /// So many work at once; so many may wait in all, and for each who asks.
    pub fn new(at_once: usize, waiting_max: usize, waiting_each_max: usize) -> Self {
        Self {
            turns: Semaphore::new(at_once),
            queues: Mutex::default(),
            waiting: AtomicUsize::new(0),
            waiting_max,
            waiting_each_max,
        }
    }

    fn queue(&self, who: K) -> Arc<Queue> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits holds its queue: the others are nobody's any more.
        if queues.len() > self.waiting_max {
            queues.retain(|_, queue| Arc::strong_count(queue) > 1);
        }
        let new = || Arc::new(Queue { first: Semaphore::new(1), waiting: AtomicUsize::new(0) });
        Arc::clone(queues.entry(who).or_insert_with(new))
    }

    /// Waits for a turn and does the work in it.
    ///
    /// # Errors
    /// [`TooManyWaiting`].
    pub async fn take<T>(&self, who: K, work: impl Future<Output = T>) -> Result<T, TooManyWaiting> {
        let _in_all = Counted::new(&self.waiting, self.waiting_max)?;
        let queue = self.queue(who);
        let _of_one = Counted::new(&queue.waiting, self.waiting_each_max)?;
        let _first: SemaphorePermit = queue.first.acquire().await.expect("the semaphore is never closed");
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        Ok(work.await)
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn one_with_much_to_do_does_not_keep_another_waiting_and_has_its_own_limit() {
        let turns = Arc::new(FairTurns::new(1, 100, 20));
        let (order, go) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let ask = |who: u8| {
            let (turns, order, go) = (Arc::clone(&turns), Arc::clone(&order), Arc::clone(&go));
            tokio::spawn(async move {
                let work = async {
                    go.notified().await;
                    order.lock().expect("no panic").push(who);
                    go.notify_one();
                };
                turns.take(who, work).await
            })
        };
        let mut asked: Vec<_> = (0..25).map(|_| ask(1)).collect();
        tokio::task::yield_now().await;
        asked.push(ask(2));
        tokio::task::yield_now().await;
        go.notify_one();
        let mut refused = 0;
        for done in asked {
            refused += usize::from(done.await.expect("no panic").is_err());
        }
        assert_eq!(refused, 5, "twenty may wait for one");
        let order = order.lock().expect("no panic");
        let honest = order.iter().position(|who| *who == 2).expect("it had its turn");
        assert!(honest <= 2, "the other had its turn as number {honest}: {order:?}");
        assert_eq!(turns.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn so_many_may_wait_in_all() {
        let turns = FairTurns::new(1, 0, 20);
        assert_eq!(turns.take(1, async {}).await, Err(TooManyWaiting));
        assert_eq!(turns.waiting.load(Ordering::Relaxed), 0);
    }
}

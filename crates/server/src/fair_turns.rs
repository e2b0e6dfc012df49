//! Turns at work that only few can do at once, fair between those who ask: whoever asks waits behind at most one piece of
//! work of every other, however much that other has. So many may wait in all, and so many for each; more are told so.
//!
//! **Invariant:** a turn is given back when its work ends, whoever still waits for the answer. Work on threads cannot be
//! stopped: a turn that went with who asked would let anybody begin as much at once as they can ask for and go away again.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Semaphore;

/// So much is waiting that one more is told to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyWaiting;

struct Queue {
    /// Its first is the only one of this queue that waits among the others' firsts.
    first: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

/// See the module.
pub struct FairTurns<K> {
    turns: Arc<Semaphore>,
    queues: Mutex<HashMap<K, Arc<Queue>>>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    waiting_each_max: usize,
}

/// Counts one that waits or works, for as long as it does.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>, most: usize) -> Result<Self, TooManyWaiting> {
        let counted = Self(Arc::clone(count));
        if count.fetch_add(1, Ordering::Relaxed) < most { Ok(counted) } else { Err(TooManyWaiting) }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<K: Hash + Eq> FairTurns<K> {
    /// So many work at once; so many may wait in all, and for each who asks.
    pub fn new(at_once: usize, waiting_max: usize, waiting_each_max: usize) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(at_once)),
            queues: Mutex::default(),
            waiting: Arc::default(),
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
        let new = || Arc::new(Queue { first: Arc::new(Semaphore::new(1)), waiting: Arc::default() });
        Arc::clone(queues.entry(who).or_insert_with(new))
    }

    /// Waits for a turn and does the work in it, to its end also when nobody waits for that any more.
    ///
    /// # Errors
    /// [`TooManyWaiting`].
    ///
    /// # Panics
    /// As the work does.
    pub async fn take<T: Send + 'static>(
        &self,
        who: K,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, TooManyWaiting> {
        let in_all = Counted::new(&self.waiting, self.waiting_max)?;
        let queue = self.queue(who);
        let of_one = Counted::new(&queue.waiting, self.waiting_each_max)?;
        let first = Arc::clone(&queue.first).acquire_owned().await.expect("the semaphore is never closed");
        let turn = Arc::clone(&self.turns).acquire_owned().await.expect("the semaphore is never closed");
        let held = (in_all, of_one, queue, first, turn);
        let working = tokio::spawn(async move {
            let _held = held;
            work.await
        });
        working.await.map_err(|error| match error.try_into_panic() {
            Ok(payload) => std::panic::resume_unwind(payload),
            // The runtime ends.
            Err(_) => TooManyWaiting,
        })
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
                let work = async move {
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

    #[tokio::test]
    async fn a_turn_is_held_until_its_work_ends_although_who_asked_went_away() {
        let turns = FairTurns::new(1, 100, 20);
        let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let work = {
            let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
            async move {
                begun.notify_one();
                go.notified().await;
            }
        };
        // Asked, begun, and gone: what a client does that resets its request.
        tokio::select! {
            _ = turns.take(1, work) => panic!("nothing let it end"),
            () = begun.notified() => {}
        }
        assert_eq!((turns.turns.available_permits(), turns.waiting.load(Ordering::Relaxed)), (0, 1), "it still works");
        go.notify_one();
        let next = tokio::time::timeout(std::time::Duration::from_secs(5), turns.take(2, async { "mine" }));
        assert_eq!(next.await, Ok(Ok("mine")));
        assert_eq!((turns.turns.available_permits(), turns.waiting.load(Ordering::Relaxed)), (1, 0));
    }
}

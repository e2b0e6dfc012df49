//! What threads share, under locks whose every interleaving may be tried.

use std::sync::Arc;

use shuttle::{
    sync::{Condvar, Mutex},
    thread,
};

/// What the real file takes its locks from, when it is compiled here.
mod sync {
    pub use shuttle::sync::{Mutex, MutexGuard, atomic};
}
#[path = "../queue.rs"]
mod queue;

use queue::{Guarded, Queue, Timed};

/// Schedules of each test.
const SCHEDULES: usize = 400;

/// Something that wakes a sleeping loop, as the system's does: a wake before the sleep is not lost.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    heard: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().expect("nobody panics") = true;
        self.heard.notify_all();
    }

    fn sleep(&self) {
        let mut rung = self.rung.lock().expect("nobody panics");
        while !*rung {
            rung = self.heard.wait(rung).expect("nobody panics");
        }
        *rung = false;
    }
}

/// As the directory: under its lock things are put into the queues of all loops, in one order.
struct Order {
    next: u32,
    due: Option<i64>,
}

impl Timed for Order {
    fn next_due(&self) -> Option<i64> {
        self.due
    }
}

#[test]
fn all_loops_see_one_order_nothing_is_lost_and_nobody_sleeps_on_it() {
    const WRITERS: u32 = 3;
    const EACH: u32 = 3;
    shuttle::check_random(
        || {
            let loops: Arc<[(Queue<u32>, Bell)]> = (0..2).map(|_| Default::default()).collect();
            let order = Arc::new(Guarded::new(Order { next: 0, due: None }));
            let writers: Vec<_> = (0..WRITERS)
                .map(|_| {
                    let (loops, order) = (Arc::clone(&loops), Arc::clone(&order));
                    thread::spawn(move || {
                        for _ in 0..EACH {
                            order.with(
                                || (),
                                |order| {
                                    order.next += 1;
                                    for (queue, bell) in &*loops {
                                        if queue.push(order.next, 10) {
                                            bell.ring();
                                        }
                                    }
                                },
                            );
                        }
                    })
                })
                .collect();
            let readers: Vec<_> = (0..2)
                .map(|index| {
                    let loops = Arc::clone(&loops);
                    thread::spawn(move || {
                        let (queue, bell) = &loops[index];
                        let (mut seen, mut taken) = (Vec::new(), Vec::new());
                        while seen.len() < (WRITERS * EACH) as usize {
                            queue.take(&mut taken);
                            if taken.is_empty() {
                                // A wake that is lost is found as a deadlock.
                                bell.sleep();
                            }
                            seen.append(&mut taken);
                        }
                        assert_eq!(queue.waiting_bytes(), 0, "what was taken does not count as waiting");
                        seen
                    })
                })
                .collect();
            writers.into_iter().for_each(|writer| writer.join().expect("it ends"));
            let expected: Vec<u32> = (1..=WRITERS * EACH).collect();
            readers.into_iter().for_each(|reader| assert_eq!(reader.join().expect("it ends"), expected));
        },
        SCHEDULES,
    );
}

#[test]
fn what_is_put_off_is_looked_at_in_time() {
    shuttle::check_random(
        || {
            let order = Arc::new(Guarded::new(Order { next: 0, due: None }));
            let bell = Arc::new(Bell::default());
            let others: Vec<_> = [30, 10, 20]
                .map(|at| {
                    let (order, bell) = (Arc::clone(&order), Arc::clone(&bell));
                    thread::spawn(move || {
                        order.with(
                            || bell.ring(),
                            |order| order.due = Some(order.due.map_or(at, |due: i64| due.min(at))),
                        );
                    })
                })
                .into();
            // The loop that looks after it: it sleeps while nothing is due, and is woken by the first.
            let looking = thread::spawn({
                let (order, bell) = (Arc::clone(&order), Arc::clone(&bell));
                move || {
                    while order.due_at() > 10 {
                        bell.sleep();
                    }
                    order.when_due(10, |order| order.due = None);
                }
            });
            others.into_iter().for_each(|other| other.join().expect("it ends"));
            looking.join().expect("it ends");
            assert!(!order.is_broken());
        },
        SCHEDULES,
    );
}

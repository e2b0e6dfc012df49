//! The write path: how a command becomes durable, and how its events leave in order.
//!
//! SQLite has one writer. Commands that wait at the same moment share one transaction and one flush to disk, each
//! inside a savepoint of its own, so that one refusal takes nothing of the others with it. PostgreSQL gets a
//! transaction for each command.
//!
//! **Invariant:** events are handed out only after the commit that holds their feed rows, before the command answers, and
//! on SQLite in the order of the feed.

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::BoxFuture};
use sqlx::{AnyConnection, AnyPool, Executor};
use tokio::sync::{mpsc, oneshot};

use crate::{DbError, error::Refused, open::Db};

/// Commands that may wait for the writer. More are refused with [`DbError::Busy`].
const WAITING_MAX: usize = 4_096;
/// Commands that share one transaction at most: bounds how long the first of them waits.
const BATCH_MAX: usize = 256;
/// How often a command that has to give way to another is tried on PostgreSQL.
const TRIES_MAX: u32 = 8;
/// How long one try may take there.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);

/// An event that leaves once its command is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// The channel.
    pub channel: String,
    /// The event's name.
    pub event: String,
    /// Its body, JSON text.
    pub data: Arc<str>,
    /// Its number in the feed of the channel's user; none for aliases and for what is never stored.
    pub seq: Option<i64>,
    /// The socket that must not get it: the sender's own.
    pub except_socket: Option<String>,
}

/// What a command answers, and the events that leave after its commit.
#[derive(Debug)]
pub struct Committed<T> {
    /// The answer.
    pub value: T,
    /// The events, in order.
    pub events: Vec<Outgoing>,
}

impl<T> Committed<T> {
    /// An answer without events.
    pub fn quiet(value: T) -> Self {
        Self { value, events: Vec::new() }
    }
}

/// What a command gives back to the writer.
pub type WriteResult<T, E> = Result<Committed<T>, E>;

/// Takes events after their commit. Must not block.
pub type CommitHook = Arc<dyn Fn(Vec<Outgoing>) + Send + Sync>;

/// Tells the caller how it ended.
pub(crate) type Answer = Box<dyn FnOnce() + Send>;

/// The events that leave, and the answer that is given after them, once it is certain how a command ended. Given `Err`
/// when the commit itself failed.
pub(crate) type Reply = Box<dyn FnOnce(Result<(), DbError>) -> (Vec<Outgoing>, Answer) + Send>;

pub(crate) struct Ran {
    keep: bool,
    reply: Reply,
}

pub(crate) type Job = Box<dyn for<'c> FnOnce(&'c mut AnyConnection) -> BoxFuture<'c, Ran> + Send>;

/// What is known of the writer's health. A panic is a defect; it takes one command along, not those behind it.
#[derive(Default)]
pub struct WriterHealth {
    commands: AtomicU64,
    writer: AtomicU64,
    writer_at: Mutex<Option<Instant>>,
    full: AtomicBool,
}

impl WriterHealth {
    /// Commands that panicked: refused, nothing of them kept.
    pub fn command_panics(&self) -> u64 {
        self.commands.load(Relaxed)
    }

    /// Panics of the writer itself, after each of which it went on with what waited.
    pub fn writer_panics(&self) -> u64 {
        self.writer.load(Relaxed)
    }

    /// How long ago the writer itself panicked.
    pub fn last_writer_panic(&self) -> Option<Duration> {
        self.writer_at.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed())
    }

    /// Whether the last command that could tell found the disk full.
    pub fn is_full(&self) -> bool {
        self.full.load(Relaxed)
    }

    fn ended<T, E: Refused>(&self, result: &Result<T, E>) {
        match result {
            Ok(_) => self.full.store(false, Relaxed),
            Err(refusal) if refusal.is_full() => self.full.store(true, Relaxed),
            // The market said no, or something else broke: neither tells of the disk.
            Err(_) => {}
        }
    }

    fn writer_panicked(&self, payload: &(dyn std::any::Any + Send)) {
        // Counted first: whatever becomes of the log.
        self.writer.fetch_add(1, Relaxed);
        *self.writer_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        tracing::error!(words = words_of(payload), "a defect: the database's writer panicked, and goes on");
    }
}

/// What a panic said.
fn words_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".to_owned())
}

impl Db {
    /// Whether somebody carries commands out. Once it is false it stays so.
    pub fn is_writing(&self) -> bool {
        match &self.writer {
            Writer::Sqlite { sender, .. } => !sender.is_closed(),
            Writer::Postgres { pool, .. } => !pool.is_closed(),
        }
    }
}

#[derive(Clone)]
pub(crate) enum Writer {
    Sqlite { sender: mpsc::Sender<Job>, pool: AnyPool },
    Postgres { pool: AnyPool, on_commit: CommitHook },
}

impl Writer {
    pub(crate) fn sqlite(pool: AnyPool, on_commit: CommitHook, health: Arc<WriterHealth>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        tokio::spawn(run(pool.clone(), receiver, on_commit, health));
        Self::Sqlite { sender, pool }
    }

    pub(crate) fn postgres(pool: AnyPool, on_commit: CommitHook) -> Self {
        Self::Postgres { pool, on_commit }
    }

    pub(crate) async fn close(&self) {
        match self {
            // Closing the pool waits for the batch that holds its only connection.
            Self::Sqlite { pool, .. } | Self::Postgres { pool, .. } => pool.close().await,
        }
    }
}

impl Db {
    /// How the writer is.
    pub fn writer_health(&self) -> &WriterHealth {
        &self.health
    }

    /// Carries out one command: `work` runs inside a transaction, and this answers once it is durable. When `work`
    /// refuses, nothing of it is kept. On PostgreSQL it may run several times, and counts once.
    ///
    /// # Errors
    /// What `work` refused with, or [`DbError`] as that type when the database failed.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: Refused + Send + 'static,
        F: for<'c> FnOnce(&'c mut AnyConnection) -> BoxFuture<'c, WriteResult<T, E>> + Clone + Send + 'static,
    {
        match &self.writer {
            Writer::Sqlite { sender, .. } => {
                let (answer, answered) = oneshot::channel();
                let health = Arc::clone(&self.health);
                let job: Job = Box::new(move |connection| {
                    Box::pin(async move {
                        // What it wrote goes with its savepoint; those that share the transaction are not touched.
                        let worked = AssertUnwindSafe(async { work(connection).await }).catch_unwind().await;
                        let result = worked.unwrap_or_else(|payload| {
                            health.commands.fetch_add(1, Relaxed);
                            Err(E::from(DbError::Panicked(words_of(&*payload))))
                        });
                        let keep = result.is_ok();
                        let reply: Reply = Box::new(move |committed| {
                            let (result, events) = match (result, committed) {
                                (Ok(done), Ok(())) => (Ok(done.value), done.events),
                                (Ok(_), Err(e)) => (Err(E::from(e)), Vec::new()),
                                (Err(refusal), _) => (Err(refusal), Vec::new()),
                            };
                            // A caller that went away still has its command: it was accepted.
                            let answer: Answer = Box::new(move || drop(answer.send(result)));
                            (events, answer)
                        });
                        Ran { keep, reply }
                    })
                });
                sender.try_send(job).map_err(|_| E::from(DbError::Busy))?;
                let result = answered.await.unwrap_or_else(|_| Err(E::from(DbError::Busy)));
                self.health.ended(&result);
                result
            }
            Writer::Postgres { pool, on_commit } => {
                // A task of its own: a caller that goes away takes neither the command nor its events along.
                let task = tokio::spawn(alone(pool.clone(), Arc::clone(on_commit), work));
                let result = task.await.unwrap_or_else(|_| Err(E::from(DbError::Unavailable)));
                self.health.ended(&result);
                result
            }
        }
    }
}

/// Carries out one command in a transaction of its own, again where it had to give way.
async fn alone<T, E, F>(pool: AnyPool, on_commit: CommitHook, work: F) -> Result<T, E>
where
    E: Refused,
    F: for<'c> FnOnce(&'c mut AnyConnection) -> BoxFuture<'c, WriteResult<T, E>> + Clone,
{
    let mut tries_left = TRIES_MAX;
    loop {
        tries_left -= 1;
        let (again, pool) = (work.clone(), &pool);
        let once = async move {
            let mut transaction = pool.begin().await.map_err(|e| E::from(e.into()))?;
            let done = again(&mut transaction).await?;
            transaction.commit().await.map_err(|e| E::from(e.into()))?;
            Ok::<_, E>(done)
        };
        match tokio::time::timeout(COMMAND_TIMEOUT, once).await {
            Ok(Ok(done)) => {
                on_commit(done.events);
                return Ok(done.value);
            }
            Ok(Err(refusal)) if refusal.is_conflict() && tries_left > 0 => {
                // Not all at once again: who gave way together must not meet together.
                let wait_ms = u64::from(TRIES_MAX - tries_left) * rand::random_range(2..20);
                tokio::time::sleep(Duration::from_millis(wait_ms)).await;
            }
            Ok(Err(refusal)) => return Err(refusal),
            Err(_) => return Err(E::from(DbError::Unavailable)),
        }
    }
}

async fn run(pool: AnyPool, mut jobs: mpsc::Receiver<Job>, on_commit: CommitHook, health: Arc<WriterHealth>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while jobs.recv_many(&mut batch, BATCH_MAX).await > 0 {
        let mut waiting = VecDeque::from(std::mem::take(&mut batch));
        while !waiting.is_empty() {
            match pool.acquire().await {
                Ok(mut connection) => {
                    let together = AssertUnwindSafe(commit_together(&mut connection, &mut waiting)).catch_unwind();
                    let (events, answers) = match together.await {
                        Ok(done) => done,
                        Err(payload) => {
                            // Those that had their turn are told as their answers are dropped. What is open on the
                            // connection is not known: it is not used again.
                            health.writer_panicked(&*payload);
                            drop(connection.detach());
                            continue;
                        }
                    };
                    // As on PostgreSQL: when a command answers, its events have left.
                    if let Err(payload) = std::panic::catch_unwind(AssertUnwindSafe(|| on_commit(events))) {
                        // They are durable: whoever listens misses their numbers, and fetches them.
                        health.writer_panicked(&*payload);
                    }
                    answers.into_iter().for_each(|answer| answer());
                }
                // The pool is closed: dropping the jobs tells their callers.
                Err(_) if pool.is_closed() => return,
                // No connection for now, such as no file descriptor: these are told to come again, later ones are tried.
                Err(error) => {
                    tracing::error!(%error, commands = waiting.len(), "the writer has no connection");
                    waiting.clear();
                }
            }
        }
    }
}

/// Carries out what waits, in one transaction. Where that breaks (a full disk does it), those that had their turn are
/// told, and the others are left in `waiting` for a transaction of their own.
async fn commit_together(connection: &mut AnyConnection, waiting: &mut VecDeque<Job>) -> (Vec<Outgoing>, Vec<Answer>) {
    let alone = waiting.len() == 1;
    let mut ran = Vec::with_capacity(waiting.len());
    let outcome: Result<(), DbError> = async {
        if let Err(error) = connection.execute("begin immediate").await {
            // Nobody could have a turn now: dropping the jobs tells their callers to come again.
            waiting.clear();
            return Err(error.into());
        }
        while let Some(job) = waiting.pop_front() {
            if !alone {
                connection.execute("savepoint command").await?;
            }
            let result = job(connection).await;
            let keep = result.keep;
            ran.push(result);
            match (alone, keep) {
                (true, true) => {}
                (true, false) => {
                    connection.execute("rollback").await?;
                    return Ok(());
                }
                (false, true) => {
                    connection.execute("release command").await?;
                }
                (false, false) => {
                    connection.execute("rollback to command; release command").await?;
                }
            }
        }
        connection.execute("commit").await?;
        Ok(())
    }
    .await;
    if let Err(error) = &outcome {
        tracing::error!(%error, commands = ran.len(), "commit failed");
        // SQLite may have rolled back by itself (a full disk does that): then there is nothing left to roll back.
        let _ = connection.execute("rollback").await;
    }
    let (mut events, mut answers) = (Vec::new(), Vec::with_capacity(ran.len()));
    for done in ran {
        let committed = match &outcome {
            Ok(()) => Ok(()),
            Err(DbError::Full) => Err(DbError::Full),
            Err(e) => Err(DbError::Failed(sqlx::Error::Protocol(e.to_string()))),
        };
        let (left, answer) = (done.reply)(committed);
        events.extend(left);
        answers.push(answer);
    }
    (events, answers)
}

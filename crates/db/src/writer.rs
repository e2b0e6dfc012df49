//! The write path: how a command becomes durable, and how its events leave in order.
//!
//! SQLite has one writer. Commands that wait at the same moment share one transaction and one flush to disk, each
//! inside a savepoint of its own, so that one refusal takes nothing of the others with it. PostgreSQL gets a
//! transaction for each command.
//!
//! The writer of SQLite has a thread of its own and speaks to the library there: see [`sql`](crate::sql). Events are handed
//! out by a task behind it, so that the next commands need not wait for those who listen.
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
use sqlx::AnyPool;
use tokio::sync::{Notify, mpsc, watch};

use crate::{Connection, DbError, error::Refused, sql::Statements};

/// Commands that may wait for the writer. More are refused with [`DbError::Busy`].
const WAITING_MAX: usize = 4_096;
/// Commands that share one transaction at most: bounds how long the first of them waits.
const BATCH_MAX: usize = 256;
/// How long one try of a command may take.
pub(crate) const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// Batches that are durable and whose events have not left yet. With more the writer waits: who listens must keep up.
const UNPUBLISHED_MAX: usize = 16;
/// Steps of SQLite's machine between two looks at the clock.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

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
    /// Whether what it did stays.
    pub(crate) keep: bool,
    /// How it is answered.
    pub(crate) reply: Reply,
}

/// One command. It may be carried out again where the transaction that it shared was lost through no fault of its own;
/// it answers once.
pub(crate) type Command = Box<dyn for<'c> FnMut(&'c mut Connection) -> BoxFuture<'c, Ran> + Send>;

/// What is known of the writer's health. A panic is a defect; it takes one command along, not those behind it.
#[derive(Default)]
pub struct WriterHealth {
    pub(crate) commands: AtomicU64,
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

    pub(crate) fn ended<T, E: Refused>(&self, result: &Result<T, E>) {
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
pub(crate) fn words_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".to_owned())
}

#[derive(Clone)]
pub(crate) enum Writer {
    Sqlite(SqliteWriter),
    Postgres { pool: AnyPool, on_commit: CommitHook, statements: Statements },
}

/// The way to the thread that writes.
#[derive(Clone)]
pub(crate) struct SqliteWriter {
    pub(crate) commands: mpsc::Sender<Command>,
    stop: Arc<Notify>,
    running: watch::Receiver<()>,
}

/// Opens the connection that writes: at the start, and again after a panic left the last one in an unknown state.
pub(crate) type OpenDirect = Box<dyn Fn() -> rusqlite::Result<rusqlite::Connection> + Send>;

impl Writer {
    /// Starts the thread. Must be called inside a runtime.
    ///
    /// # Errors
    /// The system's, when there can be no more threads.
    pub(crate) fn sqlite(
        first: rusqlite::Connection,
        open: OpenDirect,
        (on_commit, health, statements): (CommitHook, Arc<WriterHealth>, Statements),
    ) -> std::io::Result<Self> {
        let (commands, receiver) = mpsc::channel(WAITING_MAX);
        let (publishing, published) = mpsc::channel(UNPUBLISHED_MAX);
        let (runs, running) = watch::channel(());
        let stop: Arc<Notify> = Arc::default();
        tokio::spawn(publish(published, on_commit, Arc::clone(&health), runs));
        let line = Line { commands: receiver, stop: Arc::clone(&stop), publishing, health, statements };
        let runtime = tokio::runtime::Handle::current();
        let work = move || runtime.block_on(run(line, first, open));
        std::thread::Builder::new().name("sqlite-writer".into()).spawn(work)?;
        Ok(Self::Sqlite(SqliteWriter { commands, stop, running }))
    }

    pub(crate) fn postgres(pool: AnyPool, on_commit: CommitHook, statements: Statements) -> Self {
        Self::Postgres { pool, on_commit, statements }
    }

    /// Takes no more commands, and waits until those that were taken are answered.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(writer) => {
                writer.stop.notify_one();
                // It ends with an error, when the last answer is given and the sender is dropped.
                let _ = writer.running.clone().changed().await;
            }
            Self::Postgres { pool, .. } => pool.close().await,
        }
    }
}

/// What the thread that writes has.
struct Line {
    commands: mpsc::Receiver<Command>,
    stop: Arc<Notify>,
    publishing: mpsc::Sender<Batch>,
    health: Arc<WriterHealth>,
    statements: Statements,
}

/// What leaves once a batch is durable.
type Batch = (Vec<Outgoing>, Vec<Answer>);

/// Hands out the events of each batch, in order, and then its answers.
async fn publish(
    mut batches: mpsc::Receiver<Batch>,
    on_commit: CommitHook,
    health: Arc<WriterHealth>,
    runs: watch::Sender<()>,
) {
    while let Some((events, answers)) = batches.recv().await {
        // As on PostgreSQL: when a command answers, its events have left.
        if let Err(payload) = std::panic::catch_unwind(AssertUnwindSafe(|| on_commit(events))) {
            // They are durable: whoever listens misses their numbers, and fetches them.
            health.writer_panicked(&*payload);
        }
        answers.into_iter().for_each(|answer| answer());
    }
    drop(runs);
}

async fn run(mut line: Line, first: rusqlite::Connection, open: OpenDirect) {
    let deadline = Deadline::default();
    let mut connection = Some(deadline.watch(first, &line.statements));
    let mut batch = Vec::with_capacity(BATCH_MAX);
    loop {
        let taken = tokio::select! {
            biased;
            taken = line.commands.recv_many(&mut batch, BATCH_MAX) => taken,
            // What was taken before is carried out still.
            () = line.stop.notified() => { line.commands.close(); continue }
        };
        if taken == 0 {
            return;
        }
        let mut waiting = VecDeque::from(std::mem::take(&mut batch));
        while !waiting.is_empty() {
            let mut direct =
                match connection.take().map_or_else(|| open().map(|new| deadline.watch(new, &line.statements)), Ok) {
                    Ok(direct) => direct,
                    // No connection for now, such as no file descriptor: these are told to come again, later ones are tried.
                    Err(error) => {
                        tracing::error!(%error, commands = waiting.len(), "the writer has no connection");
                        waiting.clear();
                        continue;
                    }
                };
            let together = AssertUnwindSafe(commit_together(&mut direct, &deadline, &mut waiting)).catch_unwind();
            match together.await {
                Ok(done) => {
                    line.statements.note_transaction();
                    connection = Some(direct);
                    // Nobody hands out events any more only when the runtime ends.
                    let _ = line.publishing.send(done).await;
                }
                // Those that had their turn are told as their answers are dropped. What is open on the connection is not
                // known: it is not used again.
                Err(payload) => line.health.writer_panicked(&*payload),
            }
        }
    }
}

/// Until when the command that has its turn may use the database.
#[derive(Clone)]
struct Deadline {
    since: Instant,
    at_ms: Arc<AtomicU64>,
}

impl Default for Deadline {
    fn default() -> Self {
        Self { since: Instant::now(), at_ms: Arc::new(AtomicU64::new(u64::MAX)) }
    }
}

impl Deadline {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Breaks off whatever a connection does past the deadline.
    fn watch(&self, connection: rusqlite::Connection, statements: &Statements) -> Connection {
        let deadline = self.clone();
        let is_over = move || deadline.now_ms() >= deadline.at_ms.load(Relaxed);
        if let Err(error) = connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(is_over)) {
            tracing::error!(%error, "commands of the writer have no time limit");
        }
        Connection::direct(connection, statements)
    }

    fn begin(&self) {
        let limit_ms = u64::try_from(COMMAND_TIMEOUT.as_millis()).unwrap_or(u64::MAX);
        self.at_ms.store(self.now_ms().saturating_add(limit_ms), Relaxed);
    }

    /// Ending a transaction has no limit: half of it would be none.
    fn end(&self) {
        self.at_ms.store(u64::MAX, Relaxed);
    }
}

/// Carries out what waits, in one transaction. Where one of them loses the transaction, those before it go back into
/// `waiting`; where the commit breaks, those that had their turn are told, and the others are left in `waiting`.
async fn commit_together(connection: &mut Connection, deadline: &Deadline, waiting: &mut VecDeque<Command>) -> Batch {
    let alone = waiting.len() == 1;
    let mut ran: Vec<(Command, Ran)> = Vec::with_capacity(waiting.len());
    let outcome: Result<(), DbError> = async {
        if let Err(error) = connection.say("begin immediate").await {
            // Nobody could have a turn now: dropping the commands tells their callers to come again.
            waiting.clear();
            return Err(error);
        }
        while let Some(mut command) = waiting.pop_front() {
            if !alone {
                connection.say("savepoint command").await?;
            }
            deadline.begin();
            let result = command(connection).await;
            deadline.end();
            let keep = result.keep;
            if !keep && !connection.is_open() {
                for (command, _) in ran.drain(..).rev() {
                    waiting.push_front(command);
                }
                ran.push((command, result));
                return Ok(());
            }
            ran.push((command, result));
            match (alone, keep) {
                (true, true) => {}
                (true, false) => return connection.say("rollback").await,
                (false, true) => connection.say("release command").await?,
                (false, false) => {
                    connection.say("rollback to command").await?;
                    connection.say("release command").await?;
                }
            }
        }
        connection.say("commit").await
    }
    .await;
    if let Err(error) = &outcome {
        tracing::error!(%error, commands = ran.len(), "commit failed");
        // SQLite may have rolled back by itself (a full disk does that): then there is nothing left to roll back.
        if connection.is_open() {
            let _ = connection.say("rollback").await;
        }
    }
    let (mut events, mut answers) = (Vec::new(), Vec::with_capacity(ran.len()));
    for (_, done) in ran {
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

//! Carrying out one command, on either engine: what a caller sees of the [`writer`](crate::writer).

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use sqlx::AnyPool;
use tokio::sync::oneshot;

use crate::{
    Connection, DbError,
    error::Refused,
    open::Db,
    sql::Statements,
    writer::{Answer, COMMAND_TIMEOUT, Command, CommitHook, Ran, Reply, WriteResult, Writer, WriterHealth, words_of},
};

/// How often a command that has to give way to another is tried on PostgreSQL.
const TRIES_MAX: u32 = 8;

impl Db {
    /// Whether somebody carries commands out. Once it is false it stays so.
    pub fn is_writing(&self) -> bool {
        match &self.writer {
            Writer::Sqlite(writer) => !writer.commands.is_closed(),
            Writer::Postgres { pool, .. } => !pool.is_closed(),
        }
    }

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
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, WriteResult<T, E>> + Clone + Send + 'static,
    {
        match &self.writer {
            Writer::Sqlite(writer) => {
                let (answer, answered) = oneshot::channel();
                let answer = Arc::new(Mutex::new(Some(answer)));
                let (health, statements) = (Arc::clone(&self.health), self.statements.clone());
                let command: Command = Box::new(move |connection| {
                    let (work, health, answer) = (work.clone(), Arc::clone(&health), Arc::clone(&answer));
                    let statements = statements.clone();
                    Box::pin(async move {
                        let deadlines = statements.deadlines();
                        // What it wrote goes with its savepoint; those that share the transaction are not touched.
                        let worked = AssertUnwindSafe(async {
                            let limited = tokio::time::timeout(COMMAND_TIMEOUT, work(connection));
                            limited.await.unwrap_or_else(|_| Err(E::from(DbError::TooSlow)))
                        });
                        let result = worked.catch_unwind().await.unwrap_or_else(|payload| {
                            health.commands.fetch_add(1, Relaxed);
                            Err(E::from(DbError::Panicked(words_of(&*payload))))
                        });
                        let keep = result.is_ok();
                        let sets_deadline = keep && statements.deadlines() != deadlines;
                        let reply: Reply = Box::new(move |committed| {
                            if sets_deadline && committed.is_ok() {
                                statements.deadline_is_set().notify_one();
                            }
                            let (result, events) = match (result, committed) {
                                (Ok(done), Ok(())) => (Ok(done.value), done.events),
                                (Ok(_), Err(e)) => (Err(E::from(e)), Vec::new()),
                                (Err(refusal), _) => (Err(refusal), Vec::new()),
                            };
                            // A caller that went away still has its command: it was accepted.
                            let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
                            let answer: Answer = Box::new(move || drop(answer.map(|answer| answer.send(result))));
                            (events, answer)
                        });
                        Ran { keep, reply }
                    })
                });
                writer.commands.try_send(command).map_err(|_| E::from(DbError::Busy))?;
                let result = answered.await.unwrap_or_else(|_| Err(E::from(DbError::Busy)));
                self.health.ended(&result);
                result
            }
            Writer::Postgres { pool, on_commit, statements } => {
                // A task of its own: a caller that goes away takes neither the command nor its events along.
                let task = tokio::spawn(alone(pool.clone(), Arc::clone(on_commit), statements.clone(), work));
                let result = task.await.unwrap_or_else(|_| Err(E::from(DbError::Unavailable)));
                self.health.ended(&result);
                result
            }
        }
    }
}

impl Db {
    /// Inside of a command, carries out a part of it that may fail by itself: what it refuses or panics with is the inner
    /// result, nothing of that part is kept, and the command goes on.
    ///
    /// # Errors
    /// Where the whole transaction is lost, or has to give way to another: then the command ends with it.
    pub async fn apart<T, E, F>(&self, connection: &mut Connection, work: F) -> Result<Result<T, E>, E>
    where
        E: Refused,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, E>>,
    {
        connection.say("savepoint apart").await?;
        let worked = AssertUnwindSafe(async { work(connection).await }).catch_unwind().await;
        let result = worked.unwrap_or_else(|payload| {
            self.health.commands.fetch_add(1, Relaxed);
            Err(E::from(DbError::Panicked(words_of(&*payload))))
        });
        match result {
            Ok(done) => {
                connection.say("release savepoint apart").await?;
                Ok(Ok(done))
            }
            Err(refusal) if refusal.is_conflict() || !connection.is_open() => Err(refusal),
            Err(refusal) => {
                connection.say("rollback to savepoint apart").await?;
                connection.say("release savepoint apart").await?;
                Ok(Err(refusal))
            }
        }
    }
}

/// Carries out one command in a transaction of its own, again where it had to give way.
async fn alone<T, E, F>(pool: AnyPool, on_commit: CommitHook, statements: Statements, work: F) -> Result<T, E>
where
    E: Refused,
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, WriteResult<T, E>> + Clone,
{
    let mut tries_left = TRIES_MAX;
    loop {
        tries_left -= 1;
        let deadlines = statements.deadlines();
        let (again, pool, statements) = (work.clone(), &pool, &statements);
        let once = async move {
            let transaction = pool.begin().await.map_err(|e| E::from(e.into()))?;
            let mut transaction = Connection::transaction(transaction, statements);
            let done = again(&mut transaction).await?;
            transaction.commit().await.map_err(|e| E::from(e.into()))?;
            Ok::<_, E>(done)
        };
        match tokio::time::timeout(COMMAND_TIMEOUT, once).await {
            Ok(Ok(done)) => {
                // Perhaps another command's, of the same moment.
                if statements.deadlines() != deadlines {
                    statements.deadline_is_set().notify_one();
                }
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

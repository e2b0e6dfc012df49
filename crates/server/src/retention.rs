//! Forgetting what nobody needs any more. What is to be forgotten may be millions of rows, and a command may take seconds
//! only: so it goes in chunks, each a command of its own, between which other commands have their turn.

use std::time::Duration;

use futures_util::future::BoxFuture;
use guildhall_db::{Committed, Connection, DbError, settings};
use guildhall_market::time::{Timestamp, forgets_up_to};

use crate::app::App;

/// How often.
const EVERY: Duration = Duration::from_secs(3_600);
/// Rows that one command forgets, at most: some milliseconds of work.
const ROWS_MAX: i64 = 1_000;
/// The setting that says up to when things were forgotten.
const FORGOTTEN_UP_TO: &str = "forgotten_up_to";

/// One kind of thing that is forgotten after a while.
#[derive(Clone, Copy)]
pub struct Retention {
    /// What it is, one word for logs and counters.
    pub what: &'static str,
    /// Forgets all of it whose time is over.
    pub forget: for<'f> fn(&'f Forgetting) -> BoxFuture<'f, Result<(), DbError>>,
}

/// One round of forgetting one kind of thing.
pub struct Forgetting {
    /// The server.
    pub app: App,
    /// The time that counts as now. It may be behind the clock, when that jumped ahead.
    pub until: Timestamp,
    what: &'static str,
    rows_max: i64,
}

impl Forgetting {
    /// Carries out one command that forgets as many rows at most as it is told, and answers with how many these were and what
    /// else it has to say.
    ///
    /// # Errors
    /// The database's.
    pub async fn chunk<T, F>(&self, work: F) -> Result<(u64, T), DbError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection, i64) -> BoxFuture<'c, Result<(u64, T), DbError>> + Clone + Send + 'static,
    {
        let most = self.rows_max;
        let done = self
            .app
            .db
            .write::<(u64, T), DbError, _>(move |c| Box::pin(async move { work(c, most).await.map(Committed::quiet) }))
            .await?;
        self.app.forgotten.add(self.what, done.0);
        Ok(done)
    }

    /// Whether a command that forgot so many rows may have left some.
    pub fn may_be_more(&self, gone: u64) -> bool {
        i64::try_from(gone).is_ok_and(|gone| gone >= self.rows_max)
    }
}

/// Reads up to when things were forgotten before, so that what is kept from now on is not taken for older than that.
///
/// # Errors
/// The database's.
pub async fn remember(app: &App) -> Result<(), DbError> {
    let kept = settings::get(&mut app.db.read().await?, FORGOTTEN_UP_TO).await?;
    app.keep_from(kept.and_then(|text| text.parse().ok()).map_or(Timestamp(0), Timestamp));
    Ok(())
}

/// Forgets now and then until it is aborted. `ahead` is done first each time.
pub async fn run(app: App, kinds: Vec<Retention>, ahead: for<'a> fn(&'a App) -> BoxFuture<'a, ()>) {
    loop {
        ahead(&app).await;
        if let Err(error) = once(&app, &kinds, app.now(), ROWS_MAX).await {
            tracing::warn!(%error, "old rows could not be forgotten");
        }
        app.config.clock.sleep(EVERY).await;
    }
}

/// Forgets once, everything whose time is over.
async fn once(app: &App, kinds: &[Retention], now: Timestamp, rows_max: i64) -> Result<(), DbError> {
    // Noted before anything is gone: it goes on from here however far it comes.
    let (now, until) = app
        .db
        .write::<_, DbError, _>(move |c| {
            Box::pin(async move {
                let last = settings::get(c, FORGOTTEN_UP_TO).await?.and_then(|text| text.parse().ok()).map(Timestamp);
                let now = forgets_up_to(last, now);
                let until = last.map_or(now, |last| last.max(now));
                settings::set(c, FORGOTTEN_UP_TO, &until.0.to_string()).await?;
                Ok(Committed::quiet((now, until)))
            })
        })
        .await?;
    app.keep_from(until);
    for kind in kinds {
        let before = app.forgotten.all().get(kind.what).copied().unwrap_or_default();
        let forgetting = Forgetting { app: app.clone(), until: now, what: kind.what, rows_max };
        // What fails is tried again within the hour; the others do not wait for it.
        if let Err(error) = (kind.forget)(&forgetting).await {
            tracing::warn!(%error, what = kind.what, "not all that is old could be forgotten");
        }
        let after = app.forgotten.all().get(kind.what).copied().unwrap_or_default();
        let (commands, rows) = (after.0 - before.0, after.1 - before.1);
        tracing::debug!(what = kind.what, commands, rows, "what was old is forgotten");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    };

    use guildhall_db::{
        feed,
        idempotency::{self, Keep},
        mails, people,
    };
    use guildhall_market::{
        codes::Carrier,
        ids::UserId,
        time::{DAY_MS, SECOND_MS},
    };

    use super::*;
    use crate::{Server, ServerConfig, features::FEATURES};

    const ROWS: i64 = 2_000;

    fn kinds() -> Vec<Retention> {
        FEATURES.iter().flat_map(|feature| feature.retention).copied().collect()
    }

    async fn write<T: Send + 'static>(
        app: &App,
        work: impl for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, DbError>> + Clone + Send + 'static,
    ) -> T {
        app.db.write(move |c| Box::pin(async move { work(c).await.map(Committed::quiet) })).await.expect("written")
    }

    async fn person(app: &App) -> UserId {
        let new = people::NewUser {
            email: "ana@example.com".into(),
            name: "Ana".into(),
            password_hash: String::new(),
            role: "member",
            craft: None,
        };
        let made = app.db.write::<_, people::CreateError, _>(move |c| {
            Box::pin(async move { people::create(c, &new, Timestamp(0)).await.map(Committed::quiet) })
        });
        made.await.expect("an account")
    }

    /// A server whose own first round is over: it comes again in an hour.
    async fn start(folder: &std::path::Path) -> Server {
        let mut config = ServerConfig::local(folder.to_owned());
        config.weak_password_hashes = true;
        let server = Server::start(config).await.expect("it starts");
        while server.app().forgotten.all().len() < kinds().len() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn many_rows_are_forgotten_in_chunks_and_others_have_their_turn_between() {
        let folder = tempfile::tempdir().expect("a folder");
        let server = start(folder.path()).await;
        let app = server.app().clone();
        let ana = person(&app).await;
        let (now, old) = (app.now(), app.now().plus_ms(-100 * DAY_MS));
        write(&app, move |c| {
            Box::pin(async move {
                for n in 0..ROWS {
                    idempotency::claim(c, ana, &format!("old {n}"), "hash", old, Keep::AWhile).await?;
                }
                idempotency::claim(c, ana, "money", "hash", old, Keep::ForEver).await?;
                idempotency::claim(c, ana, "new", "hash", now, Keep::AWhile).await?;
                let entries = (0..ROWS).map(|_| feed::Entry::new(ana, "e", "{}".into())).collect();
                feed::append(c, entries, old).await?;
                feed::append(c, vec![feed::Entry::new(ana, "e", "{}".into())], now).await
            })
        })
        .await;
        let before = app.forgotten.all();
        let (between, done) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let others = tokio::spawn({
            let (app, between, done) = (app.clone(), Arc::clone(&between), Arc::clone(&done));
            async move {
                while !done.load(Relaxed) {
                    write(&app, |c| Box::pin(async move { settings::set(c, "other", "x").await })).await;
                    between.fetch_add(1, Relaxed);
                }
            }
        });
        once(&app, &kinds(), now, 50).await.expect("forgotten");
        done.store(true, Relaxed);
        others.await.expect("no panic");
        let after = app.forgotten.all();
        let of = |what: &str| {
            let was = before.get(what).copied().unwrap_or_default();
            after.get(what).map_or((0, 0), |(commands, rows)| (commands - was.0, rows - was.1))
        };
        assert_eq!(of("answers"), (41, 2_000), "forty full ones, and one that finds no more");
        assert_eq!(of("feed"), (41, 2_000));
        assert!(between.load(Relaxed) > 20, "{between:?} commands of others while 80 forgot");
        let mut c = app.db.read().await.expect("a connection");
        assert_eq!(feed::ends(&mut c, ana).await.expect("read"), feed::Ends { latest: ROWS + 1, oldest: ROWS + 1 });
        drop(c);
        let known = write(&app, move |c| {
            Box::pin(async move {
                let mut known = Vec::new();
                for key in ["money", "new", "old 0", "old 1999"] {
                    known.push(
                        idempotency::claim(c, ana, key, "hash", now, Keep::AWhile).await? == idempotency::Known::New,
                    );
                }
                Ok(known)
            })
        });
        assert_eq!(known.await, [false, false, true, true], "of money and of today known, the others forgotten");
        let metrics = reqwest::get(format!("http://{}/metrics", server.addresses().http)).await.expect("an answer");
        let metrics = metrics.text().await.expect("text");
        assert!(metrics.contains("guildhall_retention_rows_total{what=\"answers\"} 2000"), "{metrics}");
        server.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_cannot_be_forgotten_keeps_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let server = start(folder.path()).await;
        let app = server.app().clone();
        let ana = person(&app).await;
        let now = app.now().plus_ms(SECOND_MS);
        write(&app, move |c| {
            let old = now.plus_ms(-100 * DAY_MS);
            Box::pin(async move { idempotency::claim(c, ana, "old", "hash", old, Keep::AWhile).await })
        })
        .await;
        let broken = Retention { what: "broken", forget: |_| Box::pin(async { Err(DbError::Busy) }) };
        let kinds: Vec<Retention> = std::iter::once(broken).chain(kinds()).collect();
        once(&app, &kinds, now, 50).await.expect("the others are forgotten");
        assert_eq!(app.forgotten.all()["answers"].1, 1);
        server.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn letters_to_nobody_are_forgotten_and_no_counter_says_how_many() {
        let folder = tempfile::tempdir().expect("a folder");
        let server = start(folder.path()).await;
        let app = server.app().clone();
        let (now, old) = (app.now(), app.now().plus_ms(-DAY_MS));
        let letter = |sent| mails::NewMail {
            user: None,
            sent,
            address: "nobody@example.com",
            carrier: Carrier::Mail,
            kind: "code",
            data: "{}",
            expires_at: None,
        };
        write(&app, move |c| {
            Box::pin(async move {
                mails::queue(c, &letter(false), old).await?;
                mails::queue(c, &letter(true), now.plus_ms(-100 * DAY_MS)).await
            })
        })
        .await;
        let rows = |app: &App| app.forgotten.all().get("mails").map_or(0, |(_, rows)| *rows);
        let before = rows(&app);
        once(&app, &kinds(), now, 50).await.expect("forgotten");
        assert_eq!(rows(&app) - before, 1, "the one that was to be sent");
        let left = write(&app, |c| Box::pin(async move { mails::forget_nobodys(c, Timestamp(i64::MAX), 10).await }));
        assert_eq!(left.await, 0, "it is gone as well");
        server.shutdown().await;
    }
}

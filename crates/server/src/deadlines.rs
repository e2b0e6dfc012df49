//! What happens by itself at its moment: the deadlines that features set, carried out by one runner.
//!
//! A command that depends on a deadline asks for what is due first ([`carry_out_due`]), so nobody waits for the runner to
//! be right; the runner is there for those whom nobody asks about. Each deadline is taken and carried out in one
//! transaction: once, wherever the server is stopped. Those that are due together share it, each apart from the others: one
//! that fails stays and is tried again, later each time and by itself, while the others go on.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::BoxFuture;
use guildhall_db::{
    Committed, Connection, DbError, Outgoing,
    deadlines::{self, Deadline},
};
use guildhall_market::time::Timestamp;

use crate::{app::App, clock::Steady, error::ApiError};

/// Deadlines that are read at once.
const PAGE: i64 = 100;
/// Rest between two looks at what is due.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);
/// Waits before a deadline that failed is tried again: the first, and the longest.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(300);
/// What follows from each other for one subject at one moment, at most: a feature whose deadlines set each other for ever is
/// a defect, and is broken off.
const CHAIN_MAX: usize = 100;

/// What a feature does at the deadlines of one kind.
#[derive(Clone, Copy)]
pub struct Handler {
    /// The kind, as it is stored: never changed once there was a release with it.
    pub kind: &'static str,
    /// Carries it out at the time `now`, in the transaction that takes the deadline. Answers with what leaves after it. It may
    /// be tried again, so it changes nothing outside of that transaction.
    pub carry_out: CarryOut,
}

/// See [`Handler::carry_out`].
pub type CarryOut = for<'c> fn(&'c mut Connection, &'c App, &'c Deadline, Timestamp) -> Done<'c>;
/// What leaves once it is durable, in order.
pub type Done<'c> = BoxFuture<'c, Result<Vec<Outgoing>, ApiError>>;

/// Takes a deadline and carries it out, as a command of its own. False when somebody else did, or it was moved.
async fn carry_out(app: &App, handler: Handler, deadline: &Deadline, now: Timestamp) -> Result<bool, ApiError> {
    let (shared, taken) = (app.clone(), deadline.clone());
    let done = app
        .db
        .write::<bool, ApiError, _>(move |c| {
            Box::pin(async move {
                if !deadlines::take(c, &taken).await? {
                    return Ok(Committed::quiet(false));
                }
                let events = (handler.carry_out)(c, &shared, &taken, now).await?;
                Ok(Committed { value: true, events })
            })
        })
        .await?;
    if done {
        app.lateness.note(now.since_ms(deadline.due_at()));
    }
    Ok(done)
}

/// One that can be carried out.
type Due = (Handler, Deadline);

/// Takes deadlines and carries them out in their order, in one transaction, each apart from the others. Answers for each as
/// [`carry_out`] does.
async fn carry_out_together(app: &App, due: &[Due], now: Timestamp) -> Result<Vec<Result<bool, ApiError>>, ApiError> {
    let (shared, all) = (app.clone(), due.to_vec());
    let done = app
        .db
        .write::<Vec<Result<bool, ApiError>>, ApiError, _>(move |c| {
            Box::pin(async move {
                let (mut done, mut events) = (Vec::with_capacity(all.len()), Vec::new());
                for (handler, deadline) in &all {
                    let (app, carry_out, deadline) = (shared.clone(), handler.carry_out, deadline.clone());
                    let apart = shared.db.apart(c, move |c| {
                        Box::pin(async move {
                            if !deadlines::take(c, &deadline).await? {
                                return Ok::<_, ApiError>(None);
                            }
                            carry_out(c, &app, &deadline, now).await.map(Some)
                        })
                    });
                    done.push(apart.await?.map(|left| {
                        let taken = left.is_some();
                        events.extend(left.into_iter().flatten());
                        taken
                    }));
                }
                Ok(Committed { value: done, events })
            })
        })
        .await?;
    for ((_, deadline), done) in due.iter().zip(&done) {
        if matches!(done, Ok(true)) {
            app.lateness.note(now.since_ms(deadline.due_at()));
        }
    }
    Ok(done)
}

/// Carries out what is due for a subject at the time at which a command on it arrived. Asked for before the command begins,
/// it stays done although the command is refused. `handlers` are those of the subject's feature.
///
/// # Errors
/// The database's, or what a handler failed with: then the command cannot be looked at either.
pub async fn carry_out_due(app: &App, handlers: &[Handler], subject: i64, arrived: Timestamp) -> Result<(), ApiError> {
    let kinds: Vec<&'static str> = handlers.iter().map(|handler| handler.kind).collect();
    for _ in 0..CHAIN_MAX {
        let due = {
            let mut c = app.db.read().await?;
            deadlines::due_for(&mut c, &kinds, subject, arrived).await?
        };
        let Some(first) = due.first() else { return Ok(()) };
        if let Some(handler) = handlers.iter().find(|handler| handler.kind == first.kind) {
            carry_out(app, *handler, first, arrived).await?;
        }
    }
    tracing::error!(subject, ?kinds, "a defect: deadlines set each other without end");
    Err(ApiError::busy())
}

/// A deadline that failed: how often, and until when it is left alone.
#[derive(Clone, Copy)]
struct Failed {
    times: u32,
    until: Steady,
}

/// Those that failed. Kept in memory: after a restart each is tried at once.
type Failures = BTreeMap<Deadline, Failed>;

/// Carries out every deadline when it is due, until it is aborted.
pub async fn run(app: App, handlers: Vec<Handler>) {
    let clock = std::sync::Arc::clone(&app.config.clock);
    let mut failures = Failures::new();
    let mut unreachable = AGAIN_AFTER;
    loop {
        // However they set each other.
        clock.sleep(BETWEEN_LOOKS).await;
        // Asked for before the look, so that one which is set meanwhile ends the wait at once.
        let set = app.db.deadline_set();
        let next = match all_due(&app, &handlers, &mut failures).await {
            Ok(next) => {
                unreachable = AGAIN_AFTER;
                next
            }
            Err(error) => {
                tracing::warn!(%error, "deadlines cannot be looked at");
                clock.sleep(unreachable).await;
                unreachable = (unreachable * 2).min(AGAIN_AFTER_MAX);
                continue;
            }
        };
        let again = failures.values().map(|failed| failed.until).min();
        let (first, again) = (wait_for(next, |at| clock.until(at)), wait_for(again, |at| clock.sleep_until(at)));
        tokio::select! {
            () = set => {}
            () = first => {}
            () = again => {}
        }
    }
}

/// Waits for a moment, or for ever where there is none.
fn wait_for<T>(at: Option<T>, wait: impl FnOnce(T) -> BoxFuture<'static, ()>) -> BoxFuture<'static, ()> {
    at.map_or_else(|| -> BoxFuture<'static, ()> { Box::pin(std::future::pending()) }, wait)
}

/// One look at what is due.
struct Look<'a> {
    app: &'a App,
    now: Timestamp,
    /// Those that had failed before it.
    before: &'a Failures,
    /// Those that have failed now.
    seen: Failures,
    /// Those that are carried out next, together.
    together: Vec<Due>,
}

impl Look<'_> {
    fn failed(&mut self, deadline: &Deadline, why: &str) {
        let times = self.before.get(deadline).map_or(0, |failed| failed.times) + 1;
        let wait = AGAIN_AFTER.saturating_mul(1 << (times - 1).min(16)).min(AGAIN_AFTER_MAX);
        tracing::error!(kind = deadline.kind, subject = deadline.subject, times, why, "a deadline failed");
        self.app.lateness.note_failure();
        self.seen.insert(deadline.clone(), Failed { times, until: self.app.config.clock.steady() + wait });
    }

    async fn alone(&mut self, handler: Handler, deadline: &Deadline) {
        if let Err(refusal) = carry_out(self.app, handler, deadline, self.now).await {
            self.failed(deadline, refusal.code());
        }
    }

    /// Carries out those that wait for it.
    async fn flush(&mut self) {
        let due = std::mem::take(&mut self.together);
        if due.is_empty() {
            return;
        }
        match carry_out_together(self.app, &due, self.now).await {
            Ok(done) => {
                for ((_, deadline), done) in due.iter().zip(done) {
                    if let Err(refusal) = done {
                        self.failed(deadline, refusal.code());
                    }
                }
            }
            // Nothing of it was kept, and it is not said through whom: one after the other it shows.
            Err(refusal) => {
                tracing::warn!(
                    why = refusal.code(),
                    deadlines = due.len(),
                    "deadlines could not be carried out together"
                );
                for (handler, deadline) in &due {
                    self.alone(*handler, deadline).await;
                }
            }
        }
    }
}

/// Carries out what is due now, but for what failed a moment ago. Answers with when the next is due.
async fn all_due(app: &App, handlers: &[Handler], failures: &mut Failures) -> Result<Option<Timestamp>, DbError> {
    let (mut after, now) = (None::<Deadline>, app.now());
    let mut look = Look { app, now, before: failures, seen: Failures::new(), together: Vec::new() };
    loop {
        let page = {
            let mut c = app.db.read().await?;
            deadlines::due(&mut c, now, after.as_ref(), PAGE).await?
        };
        for deadline in &page {
            let before = look.before.get(deadline).copied();
            if let Some(before) = before.filter(|failed| failed.until > app.config.clock.steady()) {
                look.seen.insert(deadline.clone(), before);
                continue;
            }
            match handlers.iter().find(|handler| handler.kind == deadline.kind) {
                Some(handler) if before.is_none() => look.together.push((*handler, deadline.clone())),
                // What has failed keeps nobody waiting. Those before it have their turn before it.
                Some(handler) => {
                    look.flush().await;
                    look.alone(*handler, deadline).await;
                }
                // Set by a newer version of this program, which was here before.
                None => look.failed(deadline, "no handler"),
            }
        }
        look.flush().await;
        if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            break;
        }
        after = page.last().cloned();
    }
    *failures = look.seen;
    let mut c = app.db.read().await?;
    deadlines::next(&mut c, now).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guildhall_db::settings;
    use guildhall_market::time::{HOUR_MS, MINUTE_MS};

    use super::*;
    use crate::{Inherited, Server, ServerConfig, clock::HandClock, feature::Feature};

    const MARK: Handler = Handler { kind: "test.mark", carry_out: |c, _, deadline, _| Box::pin(mark(c, deadline)) };
    /// Marks, and sets the next one of the same kind for the moment at which this one was due.
    const CHAIN: Handler = Handler {
        kind: "test.chain",
        carry_out: |c, _, deadline, _| {
            Box::pin(async move {
                deadlines::set(c, MARK.kind, deadline.subject, deadline.due_at()).await?;
                mark(c, deadline).await
            })
        },
    };
    /// Fails as long as it is said so, after it has changed something.
    const FAILS: Handler = Handler {
        kind: "test.fails",
        carry_out: |c, _, deadline, _| {
            Box::pin(async move {
                let events = mark(c, deadline).await?;
                match settings::get(c, "broken").await?.as_deref() {
                    Some("panics") => panic!("a panic that was asked for"),
                    Some("yes") => Err(ApiError::busy()),
                    _ => Ok(events),
                }
            })
        },
    };
    static FEATURES: &[Feature] =
        &[crate::system::FEATURE, Feature { deadlines: &[MARK, CHAIN, FAILS], ..Feature::named("test") }];

    fn name_of(deadline: &Deadline) -> String {
        format!("{} {}", deadline.kind, deadline.subject)
    }

    /// Counts how often a deadline was carried out.
    async fn mark(c: &mut Connection, deadline: &Deadline) -> Result<Vec<Outgoing>, ApiError> {
        let name = name_of(deadline);
        let times: u64 = settings::get(c, &name).await?.and_then(|text| text.parse().ok()).unwrap_or_default();
        settings::set(c, &name, &(times + 1).to_string()).await?;
        Ok(Vec::new())
    }

    struct Hall {
        folder: tempfile::TempDir,
        clock: HandClock,
        server: Server,
    }

    impl Hall {
        async fn start(features: &'static [Feature]) -> Self {
            let (folder, clock) = (tempfile::tempdir().expect("a folder"), HandClock::default());
            let server = Self::serve(&folder, &clock, features).await;
            Self { folder, clock, server }
        }

        async fn serve(folder: &tempfile::TempDir, clock: &HandClock, features: &'static [Feature]) -> Server {
            let mut config = ServerConfig::local(folder.path().to_owned());
            config.weak_password_hashes = true;
            config.clock = Arc::new(clock.clone());
            Server::start_with(config, Inherited::default(), features).await.expect("it starts")
        }

        fn app(&self) -> &App {
            self.server.app()
        }

        async fn set(&self, kind: &'static str, subject: i64, in_ms: i64) {
            let at = self.app().now().plus_ms(in_ms);
            self.write(move |c| Box::pin(async move { deadlines::set(c, kind, subject, at).await })).await;
        }

        async fn write(
            &self,
            work: impl for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<(), DbError>> + Clone + Send + 'static,
        ) {
            let written = self.app().db.write(move |c| Box::pin(async move { work(c).await.map(Committed::quiet) }));
            written.await.expect("written");
        }

        async fn broken(&self, how: &'static str) {
            self.write(move |c| Box::pin(async move { settings::set(c, "broken", how).await })).await;
        }

        /// How often a deadline was carried out.
        async fn times(&self, kind: &str, subject: i64) -> u64 {
            let mut c = self.app().db.read().await.expect("a connection");
            let times = settings::get(&mut c, &format!("{kind} {subject}")).await.expect("read");
            times.map_or(0, |times| times.parse().expect("a number"))
        }

        async fn eventually(&self, kind: &str, subject: i64, times: u64) {
            for _ in 0..500 {
                if self.times(kind, subject).await == times {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("{kind} {subject} was carried out {} times and not {times}", self.times(kind, subject).await);
        }

        /// Long enough for a runner that is wrong.
        async fn a_moment() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }

        /// Whether the page of counters says so, which it does a moment after the commit.
        async fn metric(&self, line: &str) -> bool {
            let url = format!("http://{}/metrics", self.server.addresses().http);
            for _ in 0..100 {
                let text = reqwest::get(&url).await.expect("an answer").text().await.expect("text");
                if text.lines().any(|is| is == line) {
                    return true;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            false
        }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_deadline_is_carried_out_once_when_it_is_due() {
        let hall = Hall::start(FEATURES).await;
        hall.set("test.mark", 1, HOUR_MS).await;
        hall.set("test.mark", 2, 2 * HOUR_MS).await;
        hall.clock.advance(59 * MINUTE);
        Hall::a_moment().await;
        assert_eq!(hall.times("test.mark", 1).await, 0, "not before its time");
        hall.clock.advance(MINUTE);
        hall.eventually("test.mark", 1, 1).await;
        Hall::a_moment().await;
        assert_eq!((hall.times("test.mark", 1).await, hall.times("test.mark", 2).await), (1, 0));
        assert!(hall.metric("guildhall_deadline_lateness_seconds_count 1").await);
        hall.server.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_earlier_deadline_wakes_the_runner_and_one_that_is_cleared_never_comes() {
        let hall = Hall::start(FEATURES).await;
        hall.set("test.mark", 1, 24 * HOUR_MS).await;
        Hall::a_moment().await;
        hall.set("test.mark", 2, 0).await;
        hall.eventually("test.mark", 2, 1).await;
        // Moved nearer, and taken away.
        hall.set("test.mark", 1, MINUTE_MS).await;
        hall.set("test.mark", 3, MINUTE_MS).await;
        hall.write(|c| Box::pin(async move { deadlines::clear(c, "test.mark", 3).await.map(drop) })).await;
        hall.clock.advance(MINUTE);
        hall.eventually("test.mark", 1, 1).await;
        Hall::a_moment().await;
        assert_eq!(hall.times("test.mark", 3).await, 0);
        hall.server.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_was_due_while_the_server_was_away_is_carried_out_once_and_counted_late() {
        let mut hall = Hall::start(FEATURES).await;
        for subject in 0..250 {
            hall.set("test.mark", subject, MINUTE_MS).await;
        }
        hall.server.shutdown().await;
        hall.clock.advance(60 * MINUTE);
        hall.server = Hall::serve(&hall.folder, &hall.clock, FEATURES).await;
        for subject in 0..250 {
            hall.eventually("test.mark", subject, 1).await;
        }
        assert!(hall.metric("guildhall_deadline_lateness_seconds_bucket{le=\"300\"} 0").await, "59 minutes late");
        assert!(hall.metric("guildhall_deadline_lateness_seconds_bucket{le=\"3600\"} 250").await);
        // Stopped and started once more, nothing is done twice.
        hall.server.shutdown().await;
        hall.server = Hall::serve(&hall.folder, &hall.clock, FEATURES).await;
        Hall::a_moment().await;
        assert_eq!(hall.times("test.mark", 7).await, 1);
        hall.server.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_thousand_that_are_due_at_once_take_a_dozen_transactions_and_one_that_fails_stops_none() {
        const ALL: i64 = 1_000;
        for how in ["yes", "panics"] {
            let hall = Hall::start(FEATURES).await;
            hall.broken(how).await;
            let at = hall.app().now().plus_ms(MINUTE_MS);
            hall.write(move |c| {
                Box::pin(async move {
                    for subject in 0..ALL {
                        deadlines::set(c, MARK.kind, subject, at).await?;
                    }
                    // In the midst of them, and at their end.
                    for subject in [0, 500] {
                        deadlines::set(c, FAILS.kind, subject, at.plus_ms(subject - 250)).await?;
                    }
                    Ok(())
                })
            })
            .await;
            Hall::a_moment().await;
            let before = hall.app().db.transactions();
            hall.clock.advance(MINUTE + Duration::from_secs(1));
            for subject in [0, 499, ALL - 1] {
                hall.eventually(MARK.kind, subject, 1).await;
            }
            let transactions = hall.app().db.transactions() - before;
            assert!(transactions <= 12, "{transactions} transactions");
            assert_eq!(hall.times(FAILS.kind, 0).await + hall.times(FAILS.kind, 500).await, 0, "nothing of it is kept");
            assert!(hall.metric("guildhall_deadline_failures_total 2").await, "each fault is counted");
            for subject in 0..ALL {
                assert_eq!(hall.times(MARK.kind, subject).await, 1, "{subject}");
            }
            let panics = hall.app().db.writer_health().command_panics();
            assert_eq!(panics, if how == "panics" { 2 } else { 0 });
            hall.broken("no").await;
            hall.clock.advance(MINUTE);
            for subject in [0, 500] {
                hall.eventually(FAILS.kind, subject, 1).await;
            }
            hall.server.shutdown().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_deadline_that_fails_is_tried_again_later_and_keeps_nobody_waiting() {
        for how in ["yes", "panics"] {
            let hall = Hall::start(FEATURES).await;
            hall.broken(how).await;
            for subject in 0..3 {
                hall.set("test.fails", subject, 0).await;
            }
            hall.set("unknown", 1, 0).await;
            hall.set("test.mark", 1, 0).await;
            hall.eventually("test.mark", 1, 1).await;
            assert_eq!(hall.times("test.fails", 0).await, 0, "what it wrote went with it");
            Hall::a_moment().await;
            let statements = hall.server.statements();
            Hall::a_moment().await;
            assert!(hall.server.statements() - statements < 30, "no hot loop");
            // Left alone for longer each time, which passes on the hand clock; and done when it can be.
            for _ in 0..4 {
                hall.clock.advance(MINUTE);
                Hall::a_moment().await;
            }
            hall.broken("no").await;
            hall.clock.advance(10 * MINUTE);
            for subject in 0..3 {
                hall.eventually("test.fails", subject, 1).await;
            }
            hall.server.shutdown().await;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_clock_that_is_set_back_or_ahead_breaks_no_deadline() {
        let hall = Hall::start(FEATURES).await;
        hall.set("test.mark", 1, MINUTE_MS).await;
        hall.clock.set_wrong_by(-HOUR_MS);
        hall.clock.advance(2 * MINUTE);
        Hall::a_moment().await;
        assert_eq!(hall.times("test.mark", 1).await, 0, "by the clock that counts it is not due");
        hall.set("test.mark", 2, MINUTE_MS).await;
        hall.clock.advance(MINUTE);
        hall.eventually("test.mark", 2, 1).await;
        // Set right again: that wakes it, no time has passed.
        hall.clock.set_wrong_by(HOUR_MS);
        hall.eventually("test.mark", 1, 1).await;
        hall.set("test.mark", 3, 30 * MINUTE_MS).await;
        hall.clock.set_wrong_by(HOUR_MS);
        hall.eventually("test.mark", 3, 1).await;
        hall.clock.set_wrong_by(-HOUR_MS);
        hall.set("test.mark", 4, MINUTE_MS).await;
        Hall::a_moment().await;
        assert_eq!(hall.times("test.mark", 4).await, 0);
        hall.clock.advance(MINUTE);
        hall.eventually("test.mark", 4, 1).await;
        assert_eq!(hall.times("test.mark", 3).await, 1, "once");
        hall.server.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn h2_a_command_first_carries_out_what_is_due_for_its_subject() {
        // A runner that knows none of them: they are left to whoever asks.
        let hall = Hall::start(&[]).await;
        hall.set("test.chain", 1, MINUTE_MS).await;
        hall.set("test.mark", 2, MINUTE_MS).await;
        let due = hall.app().now().plus_ms(MINUTE_MS + 1_000);
        let handlers = [MARK, CHAIN];
        carry_out_due(hall.app(), &handlers, 1, due.plus_ms(-2_000)).await.expect("nothing is due");
        assert_eq!(hall.times("test.chain", 1).await, 0);
        carry_out_due(hall.app(), &handlers, 1, due).await.expect("carried out");
        assert_eq!((hall.times("test.chain", 1).await, hall.times("test.mark", 1).await), (1, 1), "and what followed");
        assert_eq!(hall.times("test.mark", 2).await, 0, "another subject's is left alone");
        carry_out_due(hall.app(), &handlers, 1, due).await.expect("nothing is left");
        assert_eq!(hall.times("test.chain", 1).await, 1);
        hall.server.shutdown().await;
    }
}

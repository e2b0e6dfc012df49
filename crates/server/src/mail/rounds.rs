//! Sends what waits: one after the other, each with a limit of time, by whichever way it goes.

use std::time::Duration;

use async_trait::async_trait;
use guildhall_db::{Committed, DbError, mails};
use guildhall_market::{
    codes::Carrier,
    mails::{next_try, pause_ms, server_pause_ms},
    time::Timestamp,
};

use crate::app::App;

/// How long a whole letter may take.
const LETTER_TIMEOUT: Duration = Duration::from_secs(120);
/// Letters that are read at once.
const PAGE: i64 = 20;
/// How long it takes at most until one is found of which nobody told.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// Characters of what a server said that are kept.
const ERROR_CHARS_MAX: usize = 300;

/// A way out: a mail server, a provider of texts.
#[async_trait]
pub trait Way: Send + Sync {
    /// What goes this way.
    fn carrier(&self) -> Carrier;

    /// Sends one. What is wrong with it or on the way is an outcome; an error is the database's alone.
    async fn send(&self, app: &App, mail: &mails::Mail) -> Result<Outcome, DbError>;
}

/// What became of one letter.
#[derive(Debug)]
pub enum Outcome {
    /// It was taken.
    Sent,
    /// The server has nothing against us, and does not take this letter now.
    Later(String),
    /// It never will.
    Refused(String),
    /// Nobody answers, or not to us: it would be the same with any other letter.
    Unreachable(String),
}

/// Sends what there is to send, until it is aborted.
pub async fn run(app: &App, way: &impl Way) {
    let clock = std::sync::Arc::clone(&app.config.clock);
    let mut failures = 0_u32;
    loop {
        // Asked for before the look, so that one which is written meanwhile ends the wait at once.
        let woken = app.mailroom.woken(way.carrier());
        match round(app, way, failures).await {
            Ok(Round::All(next)) => {
                failures = 0;
                let look = clock.now().plus_ms(i64::try_from(LOOK_EVERY.as_millis()).unwrap_or(i64::MAX));
                tokio::select! {
                    () = woken => {}
                    () = clock.until(next.map_or(look, |next| next.min(look))) => {}
                }
            }
            Ok(Round::Unreachable(error)) => {
                failures = failures.saturating_add(1);
                let pause_ms = server_pause_ms(failures);
                tracing::warn!(
                    error,
                    pause_ms,
                    carrier = way.carrier().code(),
                    "what is to be sent is not taken; it waits"
                );
                clock.sleep(Duration::from_millis(pause_ms.unsigned_abs())).await;
            }
            Err(error) => {
                tracing::warn!(%error, carrier = way.carrier().code(), "what is to be sent cannot be looked at");
                clock.sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// What became of those that were due.
enum Round {
    /// All were tried. When the next one is.
    All(Option<Timestamp>),
    /// The server could not be reached. Those that are due stay so.
    Unreachable(String),
}

async fn round(app: &App, way: &impl Way, failures: u32) -> Result<Round, DbError> {
    loop {
        let due = {
            let mut c = app.db.read().await?;
            mails::due(&mut c, way.carrier(), app.now(), PAGE).await?
        };
        if due.is_empty() {
            let mut c = app.db.read().await?;
            return Ok(Round::All(mails::next(&mut c, way.carrier()).await?));
        }
        for mail in due {
            let now = app.now();
            let expires = mail.expires_at_ms.map(Timestamp);
            let tried = if expires.is_some_and(|expires| expires <= now) {
                mails::Tried::Failed(guildhall_market::mails::GivenUp::Expired.to_string())
            } else {
                let outcome = match tokio::time::timeout(LETTER_TIMEOUT, way.send(app, &mail)).await {
                    Ok(outcome) => outcome?,
                    Err(_) => Outcome::Unreachable("it took too long".into()),
                };
                let later = |pause_ms: i64, error: String| match next_try(
                    pause_ms,
                    Timestamp(mail.created_at_ms),
                    expires,
                    app.now(),
                ) {
                    Ok(at) => mails::Tried::Later(at, error),
                    Err(given_up) => mails::Tried::Failed(format!("{given_up}: {error}")),
                };
                match outcome {
                    Outcome::Sent => mails::Tried::Sent,
                    Outcome::Later(error) => later(pause_ms(mail.tries + 1), error),
                    Outcome::Refused(error) => mails::Tried::Failed(error),
                    Outcome::Unreachable(error) => {
                        // No fault of the letter's: it goes as soon as somebody answers.
                        note(app, mail.id, later(server_pause_ms(failures.saturating_add(1)), error.clone())).await?;
                        return Ok(Round::Unreachable(error));
                    }
                }
            };
            if let mails::Tried::Failed(error) = &tried {
                tracing::warn!(mail = mail.id, kind = mail.kind, error, "a letter is given up");
            }
            note(app, mail.id, tried).await?;
        }
    }
}

async fn note(app: &App, id: i64, tried: mails::Tried) -> Result<(), DbError> {
    let now = app.now();
    app.db
        .write::<(), DbError, _>(move |c| {
            Box::pin(async move { mails::tried(c, id, &tried, now).await.map(Committed::quiet) })
        })
        .await
}

/// What a server said, as far as it is kept.
pub fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(ERROR_CHARS_MAX).collect()
}

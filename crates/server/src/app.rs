//! What every handler shares, and how commands run.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use guildhall_db::{Committed, Connection, Db, WriteResult};
use guildhall_market::{
    codes::Carrier,
    ids::{TokenId, UserId},
    time::Timestamp,
};
use serde::Serialize;

use crate::{
    config::ServerConfig,
    error::{ApiError, written},
    fair_turns::FairTurns,
    forgotten::Forgotten,
    lateness::Lateness,
    mailroom::Mailroom,
    message_rates::MessageRates,
    once::{Once, Turn},
    passwords::Passwords,
    providers::Providers,
    realtime::hub::Hub,
    session::Session,
    sign_in_guard::{SignInGuard, Source},
    signing::SigningKey,
    vault::Vault,
    vitals::Vitals,
};

/// The server's shared state. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// See [`App`].
pub struct Inner {
    /// The settings.
    pub config: ServerConfig,
    /// The database.
    pub db: Db,
    /// Who listens where.
    pub hub: Hub,
    /// What runs beside the requests, and how it is.
    pub vitals: Vitals,
    /// Where files lie.
    pub files_dir: PathBuf,
    /// Signs attachment links.
    pub link_secret: String,
    /// Seals with the key outside of the database.
    pub vault: Vault,
    /// Signs what people take elsewhere.
    pub signing: SigningKey,
    /// Who moves money.
    pub providers: Providers,
    /// Wakes whoever sends letters.
    pub mailroom: Mailroom,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Shared by those who store a file until it is noted whose it is, and held alone by whoever removes files.
    pub store: tokio::sync::RwLock<()>,
    /// Turns to write a picture anew.
    pub pictures: FairTurns<UserId>,
    /// What retention did.
    pub forgotten: Forgotten,
    /// How late deadlines were.
    pub lateness: Lateness,
    /// How many messages each person sends.
    pub message_rates: MessageRates,
    /// Slows guessing down.
    pub sign_in_guard: SignInGuard,
    /// The port of the realtime listener, once it is bound.
    pub realtime_port: std::sync::OnceLock<u16>,
    /// Up to when things were forgotten, milliseconds since 1970.
    kept_from: AtomicI64,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Puts the parts together.
    ///
    /// # Panics
    /// Where the system gives no HTTP client: then it gives no listener either.
    pub fn new(
        config: ServerConfig,
        db: Db,
        hub: Hub,
        vitals: Vitals,
        link_secret: String,
        (vault, signing): (Vault, SigningKey),
    ) -> Self {
        let providers = Providers::new(&config.providers, &db).expect("the settings of the HTTP client are valid");
        Self(Arc::new(Inner {
            files_dir: config.data_dir.join("files"),
            passwords: Passwords::new(config.weak_password_hashes, Arc::clone(&config.chance)),
            store: tokio::sync::RwLock::default(),
            // The largest take seconds and hundreds of megabytes: one at a time, and a message's worth of each person's.
            pictures: FairTurns::new(1, 256, guildhall_market::attachments::PER_MESSAGE_MAX),
            message_rates: MessageRates::new(config.message_rate_max, Arc::clone(&config.clock)),
            sign_in_guard: SignInGuard::new(config.sign_in, Arc::clone(&config.clock)),
            forgotten: Forgotten::default(),
            lateness: Lateness::default(),
            realtime_port: std::sync::OnceLock::new(),
            config,
            db,
            hub,
            vitals,
            link_secret,
            vault,
            signing,
            providers,
            mailroom: Mailroom::default(),
            kept_from: AtomicI64::new(0),
        }))
    }

    /// The time of a command that arrives now, by the machine's clock. It may step back: what must not run backwards is
    /// one thing's own history, never the server, or one wrong hour would stop everybody.
    pub fn now(&self) -> Timestamp {
        self.config.clock.now()
    }

    /// Whether this server can send what travels so.
    pub fn sends(&self, carrier: Carrier) -> bool {
        match carrier {
            Carrier::Mail => self.config.mail.is_some(),
            Carrier::Phone => self.config.texts.is_some(),
        }
    }

    /// How somebody who is signed in learns a code that travels so.
    pub fn told_by(&self, carrier: Carrier) -> &'static str {
        match carrier {
            _ if !self.sends(carrier) && self.config.codes_in_the_app => "app",
            _ if !self.sends(carrier) => "administrator",
            Carrier::Mail => "mail",
            Carrier::Phone => "sms",
        }
    }

    /// Notes up to when things were forgotten.
    pub fn keep_from(&self, at: Timestamp) {
        self.kept_from.fetch_max(at.0, Ordering::Relaxed);
    }

    /// The time under which something is kept that is forgotten after a while: a clock that is far behind must not make it
    /// old at once.
    pub fn kept_at(&self, now: Timestamp) -> Timestamp {
        now.max(Timestamp(self.kept_from.load(Ordering::Relaxed)))
    }

    /// Notes the use of a token, without making the request wait for it.
    pub fn note_token_use(&self, token: TokenId, from: Source, now: Timestamp) {
        let app = self.clone();
        self.vitals.once("use of a token", async move {
            let noted = app
                .db
                .write::<(), guildhall_db::DbError, _>(move |c| {
                    Box::pin(async move {
                        guildhall_db::tokens::used(c, token, &from.to_string(), now).await.map(Committed::quiet)
                    })
                })
                .await;
            if let Err(error) = noted {
                tracing::warn!(%error, "the use of a token could not be noted");
            }
        });
    }

    /// A command that looks at something ahead of its transaction, at a code say. What was carried out under its key before is
    /// answered as it was then, also where it is refused now: of one command that is said twice at once, the first uses up what
    /// the second looks at.
    ///
    /// # Errors
    /// What `work` refused with, `key_reused`, or the database's.
    pub async fn once(
        &self,
        actor: UserId,
        once: &Once,
        work: impl Future<Output = Result<Response, ApiError>>,
    ) -> Result<Response, ApiError> {
        let kept_at = self.kept_at(once.arrived());
        if let Some(answer) = once.answered(&self.db, actor, kept_at).await? {
            return Ok(answer);
        }
        match work.await {
            Err(refusal) => once.answered(&self.db, actor, kept_at).await?.ok_or(refusal),
            done => done,
        }
    }

    /// Carries out a changing command once: state, feed rows and the answer under its key in one transaction. It waited for its
    /// turn: whoever was put out, left or was signed out meanwhile does nothing any more.
    ///
    /// # Errors
    /// What `work` refused with, 401 for whoever is none any more, `key_reused`, or the database's.
    pub async fn command<T, F>(
        &self,
        session: Session,
        once: Once,
        status: StatusCode,
        work: F,
    ) -> Result<Response, ApiError>
    where
        T: Serialize + Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection, Timestamp) -> BoxFuture<'c, WriteResult<T, ApiError>>
            + Clone
            + Send
            + 'static,
    {
        self.carry_out(session, once, (status, true), work).await
    }

    /// The same for work that looks at the actor itself, with others whom it asks for anyway.
    ///
    /// # Errors
    /// As [`command`](Self::command).
    pub async fn command_that_looks<T, F>(
        &self,
        session: Session,
        once: Once,
        status: StatusCode,
        work: F,
    ) -> Result<Response, ApiError>
    where
        T: Serialize + Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection, Timestamp) -> BoxFuture<'c, WriteResult<T, ApiError>>
            + Clone
            + Send
            + 'static,
    {
        self.carry_out(session, once, (status, false), work).await
    }

    async fn carry_out<T, F>(
        &self,
        session: Session,
        once: Once,
        (status, looks): (StatusCode, bool),
        work: F,
    ) -> Result<Response, ApiError>
    where
        T: Serialize + Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection, Timestamp) -> BoxFuture<'c, WriteResult<T, ApiError>>
            + Clone
            + Send
            + 'static,
    {
        let app = self.clone();
        let (status, body) = self
            .db
            .write::<(StatusCode, String), ApiError, _>(move |c| {
                Box::pin(async move {
                    if looks {
                        session.still(c).await?;
                    }
                    let actor = session.user;
                    // When it arrived, not when its turn came: who waited in line is not late for it.
                    let now = once.arrived();
                    if let Turn::Before(status, answer) = once.claim(c, actor, app.kept_at(now)).await? {
                        return Ok(Committed::quiet((status, answer)));
                    }
                    let done = work(c, now).await?;
                    let answer = written(&done.value)?;
                    if let Some(key) = once.key() {
                        guildhall_db::idempotency::remember(c, actor, key, status.as_u16(), &answer).await?;
                    }
                    Ok(Committed { value: (status, answer), events: done.events })
                })
            })
            .await?;
        if status == StatusCode::NO_CONTENT {
            return Ok(status.into_response());
        }
        Ok((status, [(header::CONTENT_TYPE, "application/json")], body).into_response())
    }
}

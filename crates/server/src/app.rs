//! What every handler shares, how commands run, and the router that both listeners answer with.

use std::{
    collections::HashMap,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use guildhall_db::{Committed, Connection, Db, WriteResult};
use guildhall_market::{
    ids::{TokenId, UserId},
    messages::MessageRate,
    time::Timestamp,
};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use serde::Serialize;
use subtle::ConstantTimeEq;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
};

use crate::{
    address::{self, ClientAddress},
    bounded::{PATIENCE, Paced},
    clock::Steady,
    config::{Inspection, ServerConfig},
    error::ApiError,
    fair_turns::FairTurns,
    lateness::Lateness,
    passwords::Passwords,
    realtime::hub::Hub,
    request::{Once, Turn},
    retention,
    sign_in_guard::SignInGuard,
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
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Shared by those who store a file until it is noted whose it is, and held alone by whoever removes files.
    pub store: tokio::sync::RwLock<()>,
    /// Turns to write a picture anew.
    pub pictures: FairTurns<UserId>,
    /// What retention did.
    pub forgotten: retention::Counts,
    /// How late deadlines were.
    pub lateness: Lateness,
    /// Slows guessing down.
    pub sign_in_guard: SignInGuard,
    /// The port of the realtime listener, once it is bound.
    pub realtime_port: std::sync::OnceLock<u16>,
    started: Steady,
    /// Up to when things were forgotten, milliseconds since 1970.
    kept_from: AtomicI64,
    rates: Mutex<HashMap<UserId, MessageRate>>,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Puts the parts together.
    pub fn new(config: ServerConfig, db: Db, hub: Hub, vitals: Vitals, link_secret: String) -> Self {
        Self(Arc::new(Inner {
            files_dir: config.data_dir.join("files"),
            passwords: Passwords::new(config.weak_password_hashes, Arc::clone(&config.chance)),
            store: tokio::sync::RwLock::default(),
            // The largest take seconds and hundreds of megabytes: one at a time, and a message's worth of each person's.
            pictures: FairTurns::new(1, 256, guildhall_market::attachments::PER_MESSAGE_MAX),
            sign_in_guard: SignInGuard::new(config.sign_in, Arc::clone(&config.clock)),
            forgotten: retention::Counts::default(),
            lateness: Lateness::default(),
            realtime_port: std::sync::OnceLock::new(),
            started: config.clock.steady(),
            config,
            db,
            hub,
            vitals,
            link_secret,
            kept_from: AtomicI64::new(0),
            rates: Mutex::default(),
        }))
    }

    /// The time of a command that arrives now, by the machine's clock. It may step back: what must not run backwards is
    /// one thing's own history, never the server, or one wrong hour would stop everybody.
    pub fn now(&self) -> Timestamp {
        self.config.clock.now()
    }

    /// Milliseconds since this server started, on a clock that nobody can set: what limits on people are measured with.
    pub fn steady(&self) -> Timestamp {
        let passed = self.config.clock.steady().duration_since(self.started);
        Timestamp(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX))
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

    /// A place in a user's budget of messages, not yet taken.
    pub fn message_turn(&self, user: UserId) -> MessageTurn {
        MessageTurn { app: self.clone(), user, taken_at: Arc::default() }
    }

    /// Notes the use of a token, without making the request wait for it.
    pub fn note_token_use(&self, token: TokenId, now: Timestamp) {
        let app = self.clone();
        self.vitals.once("use of a token", async move {
            let noted = app
                .db
                .write::<(), guildhall_db::DbError, _>(move |c| {
                    Box::pin(async move { guildhall_db::tokens::used(c, token, now).await.map(Committed::quiet) })
                })
                .await;
            if let Err(error) = noted {
                tracing::warn!(%error, "the use of a token could not be noted");
            }
        });
    }

    /// Carries out a changing command once: state, feed rows and the answer under its key in one transaction.
    ///
    /// # Errors
    /// What `work` refused with, `key_reused`, or the database's.
    pub async fn command<T, F>(
        &self,
        actor: UserId,
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
        let app = self.clone();
        let (status, body) = self
            .db
            .write::<(StatusCode, String), ApiError, _>(move |c| {
                Box::pin(async move {
                    // When it arrived, not when its turn came: who waited in line is not late for it.
                    let now = once.arrived();
                    if let Turn::Before(status, answer) = once.claim(c, actor, app.kept_at(now)).await? {
                        return Ok(Committed::quiet((status, answer)));
                    }
                    let done = work(c, now).await?;
                    let answer = serde_json::to_string(&done.value).unwrap_or_default();
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

/// One message's place in its writer's budget. Only a message that is accepted costs something (edge case 85).
#[derive(Clone)]
pub struct MessageTurn {
    app: App,
    user: UserId,
    taken_at: Arc<Mutex<Option<Timestamp>>>,
}

impl MessageTurn {
    /// Takes one message from the budget; once, however often it is tried.
    ///
    /// # Errors
    /// 429 when the sliding second is full.
    pub fn take(&self) -> Result<(), ApiError> {
        let mut taken_at = self.taken_at.lock().unwrap_or_else(PoisonError::into_inner);
        if taken_at.is_none() {
            let now = self.app.steady();
            let mut rates = self.app.rates.lock().unwrap_or_else(PoisonError::into_inner);
            if rates.len() > 10_000 {
                rates.retain(|_, rate| !rate.is_idle(now));
            }
            rates.entry(self.user).or_default().take(now, self.app.config.message_rate_max)?;
            *taken_at = Some(now);
        }
        Ok(())
    }

    /// Gives back what was taken, when the message was refused or failed.
    pub fn settle<T>(&self, outcome: Result<T, ApiError>) -> Result<T, ApiError> {
        let mut taken_at = self.taken_at.lock().unwrap_or_else(PoisonError::into_inner);
        if outcome.is_err()
            && let Some(at) = taken_at.take()
        {
            let mut rates = self.app.rates.lock().unwrap_or_else(PoisonError::into_inner);
            rates.entry(self.user).or_default().give_back(at);
        }
        outcome
    }
}

/// The router of both listeners.
pub fn router(app: App) -> Router {
    let vitals = app.vitals.clone();
    let (api, document) = crate::openapi::routes().split_for_parts();
    let document: Arc<str> = document.to_json().unwrap_or_default().into();
    let market = app.config.market_app().clone();
    let cors = CorsLayer::new()
        // Mirrored, never `*`: a page that sends credentials is answered by its name or not at all.
        .allow_origin(AllowOrigin::predicate(move |origin, _| {
            origin.to_str().is_ok_and(|origin| market.admits_origin(Some(origin)))
        }))
        .allow_credentials(true)
        // Named: `*` does not cover `authorization`, and not even itself for a page that sends credentials.
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-socket-id"),
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("x-requested-with"),
            HeaderName::from_static("x-csrf-token"),
            HeaderName::from_static("x-xsrf-token"),
        ])
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(std::time::Duration::from_secs(600));
    let prefix = app.config.path_prefix.clone();
    let realtime = match prefix.as_str() {
        "" => crate::realtime::routes(),
        // Clients whose address has a path; those without go on as before.
        prefix => crate::realtime::routes().nest(prefix, crate::realtime::routes()),
    };
    api.merge(realtime)
        .route("/up", axum::routing::get(crate::system::health))
        .route(
            "/openapi.json",
            axum::routing::get(
                move || async move { ([(header::CONTENT_TYPE, "application/json")], document.to_string()) },
            ),
        )
        .fallback(|| async { ApiError::not_found() })
        .method_not_allowed_fallback(|| async {
            ApiError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This address does not take that method.",
            )
        })
        .layer(CatchPanicLayer::custom(move |payload: Box<dyn std::any::Any + Send>| {
            vitals.panicked_once("request", &*payload);
            // A defect of ours must not look like a broken link, and must not take the connection's neighbours along.
            ApiError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something broke on the server. Nothing was changed.",
            )
            .into_response()
        }))
        .layer(axum::middleware::from_fn(to_the_end))
        .layer(axum::middleware::from_fn_with_state(app.clone(), guard))
        .layer(cors)
        .with_state(app)
}

/// The most that is read of a body that nobody wants, and for how long.
const DRAIN_BYTES_MAX: usize = 16 * 1024 * 1024;
const DRAIN_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// A body that is read to its end even when its handler refused before: otherwise the connection would be reset while
/// the client still sends, and the reason would be lost on the way.
struct ReadToTheEnd(Option<Body>);

impl HttpBody for ReadToTheEnd {
    type Data = bytes::Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context,
    ) -> Poll<Option<Result<Frame<bytes::Bytes>, axum::Error>>> {
        match self.0.as_mut() {
            Some(body) => {
                let polled = Pin::new(body).poll_frame(context);
                if matches!(polled, Poll::Ready(Some(Err(_)))) {
                    // It broke off, or came too slowly: there is no end to read to.
                    self.0 = None;
                }
                polled
            }
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for ReadToTheEnd {
    fn drop(&mut self) {
        let Some(mut body) = self.0.take().filter(|body| !body.is_end_stream()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Thrown away as it comes: what nobody wants must not be collected either.
            runtime.spawn(tokio::time::timeout(DRAIN_TIMEOUT, async move {
                let mut left = DRAIN_BYTES_MAX;
                while let Some(Ok(frame)) = body.frame().await {
                    let Some(rest) = left.checked_sub(frame.data_ref().map_or(0, bytes::Bytes::len)) else { return };
                    left = rest;
                }
            }));
        }
    }
}

/// When the head of a request was read, by the server's clock.
#[derive(Clone, Copy, Debug)]
pub struct HeadRead {
    /// Milliseconds since 1970 with their fraction.
    pub wall_ms: f64,
}

/// Names every request, keeps other sites' pages away from a server on loopback, and logs what was done.
async fn guard(State(app): State<App>, mut request: Request<Body>, next: Next) -> Response {
    let id = request
        .headers()
        .get("x-request-id")
        .filter(|v| v.len() <= 128 && v.to_str().is_ok_and(|s| s.bytes().all(|b| b.is_ascii_graphic())))
        .cloned()
        .unwrap_or_else(|| HeaderValue::from_str(&uuid::Uuid::now_v7().to_string()).expect("a UUID is plain ASCII"));
    let shown = id.to_str().unwrap_or_default().to_owned();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let started = app.config.clock.steady();
    request.extensions_mut().insert(HeadRead { wall_ms: app.config.clock.wall_ms() });
    address::note(&mut request, &app.config);
    let mut response = match refused_at_the_door(&app, &request) {
        Some(refusal) => refusal.into_response(),
        None => {
            request.headers_mut().insert("x-request-id", id.clone());
            next.run(request.map(|body| Body::new(ReadToTheEnd(Some(Body::new(Paced::new(body, PATIENCE))))))).await
        }
    };
    response.headers_mut().insert("x-request-id", id);
    // Answers are for who asked: many hold a token, a signature or somebody's words. A handler that knows better says so.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let status = response.status().as_u16();
    let duration_ms = app.config.clock.steady().duration_since(started).as_millis() as u64;
    if status >= 500 {
        tracing::error!(request.id = shown, %method, path, status, duration_ms, "request failed");
    } else {
        tracing::debug!(request.id = shown, %method, path, status, duration_ms, "request");
    }
    response
}

/// Carries out what changes something in a task of its own: a client that resets its request, or whose link breaks, takes
/// nothing of it along. Half of it would be a token that is revoked and whose sockets stay open.
async fn to_the_end(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    // A panic has become an answer further in: what is left is a runtime that ends.
    tokio::spawn(next.run(request)).await.unwrap_or_else(|_| ApiError::busy().into_response())
}

/// What is refused whatever it asks for: another host's requests, and looks at the server itself by those who may not.
fn refused_at_the_door(app: &App, request: &Request) -> Option<ApiError> {
    if let Some(words) = address::wrong_host(address::host(request), &app.config) {
        return Some(ApiError::new(StatusCode::MISDIRECTED_REQUEST, "wrong_host", words));
    }
    if !INSPECTED.contains(&request.uri().path()) || app.config.inspection == Inspection::Open {
        return None;
    }
    let shown = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let shown = shown.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    let token_fits = match &app.config.inspection {
        Inspection::Token(token) => bool::from(shown.as_bytes().ct_eq(token.as_bytes())),
        Inspection::Open | Inspection::Loopback => false,
    };
    let may = token_fits || ClientAddress::of(request).is_this_machine();
    (!may).then(|| {
        ApiError::forbidden("Only the operator may read this, on the server's own machine or with the token for it.")
    })
}

/// What tells of the server itself.
const INSPECTED: [&str; 2] = ["/metrics", "/openapi.json"];

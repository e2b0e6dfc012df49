//! What every handler shares, how commands run, and the router that both listeners answer with.

use std::{
    collections::HashMap,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::{SystemTime, UNIX_EPOCH},
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
    time::{SteadyClock, Timestamp},
};
use http_body::{Frame, SizeHint};
use serde::Serialize;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{Any, CorsLayer},
};

use crate::{
    auth::{LoginGuard, Passwords},
    config::ServerConfig,
    error::ApiError,
    realtime::hub::Hub,
    request::{Once, Turn},
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
    /// Slows guessing down.
    pub login_guard: LoginGuard,
    /// The port of the realtime listener, once it is bound.
    pub realtime_port: std::sync::OnceLock<u16>,
    clock: Mutex<SteadyClock>,
    rates: Mutex<HashMap<UserId, MessageRate>>,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Puts the parts together. `not_before` is the newest time that the database knows.
    pub fn new(
        config: ServerConfig,
        db: Db,
        hub: Hub,
        vitals: Vitals,
        link_secret: String,
        not_before: Option<Timestamp>,
    ) -> Self {
        let mut clock = SteadyClock::default();
        clock.advance(not_before.unwrap_or_default());
        Self(Arc::new(Inner {
            files_dir: config.data_dir.join("files"),
            passwords: Passwords::new(config.weak_password_hashes),
            login_guard: LoginGuard::default(),
            realtime_port: std::sync::OnceLock::new(),
            config,
            db,
            hub,
            vitals,
            link_secret,
            clock: Mutex::new(clock),
            rates: Mutex::default(),
        }))
    }

    /// The time of a command that arrives now. Never runs backwards.
    pub fn now(&self) -> Timestamp {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
        self.clock.lock().unwrap_or_else(PoisonError::into_inner).advance(Timestamp(wall))
    }

    /// Takes one message from a user's budget.
    ///
    /// # Errors
    /// 429 when the sliding second is full.
    pub fn take_message(&self, user: UserId, now: Timestamp) -> Result<(), ApiError> {
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        if rates.len() > 10_000 {
            rates.retain(|_, rate| !rate.is_idle(now));
        }
        Ok(rates.entry(user).or_default().take(now, self.config.message_rate_max)?)
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
        F: for<'c> FnOnce(&'c mut Connection, Timestamp) -> BoxFuture<'c, WriteResult<T, ApiError>> + Send + 'static,
    {
        let app = self.clone();
        let (status, body) = self
            .db
            .write::<(StatusCode, String), ApiError, _>(move |c| {
                Box::pin(async move {
                    // Taken inside the writer, so that the order of times is the order of commands.
                    let now = app.now();
                    if let Turn::Before(status, answer) = once.claim(c, actor, now).await? {
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

/// The router of both listeners.
pub fn router(app: App) -> Router {
    let vitals = app.vitals.clone();
    let (api, document) = crate::openapi::routes().split_for_parts();
    let document: Arc<str> = document.to_json().unwrap_or_default().into();
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_headers(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(std::time::Duration::from_secs(600));
    api.merge(crate::realtime::routes())
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
            Some(body) => Pin::new(body).poll_frame(context),
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
        let Some(body) = self.0.take().filter(|body| !body.is_end_stream()) else { return };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(DRAIN_TIMEOUT, axum::body::to_bytes(body, DRAIN_BYTES_MAX)));
        }
    }
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
    let started = std::time::Instant::now();
    let host_is_ours = !app.config.http.ip().is_loopback() || host_is_loopback(&request);
    let mut response = if host_is_ours {
        request.headers_mut().insert("x-request-id", id.clone());
        next.run(request.map(|body| Body::new(ReadToTheEnd(Some(body))))).await
    } else {
        // A page of another site that has its own name point at loopback (DNS rebinding) is told apart by its Host.
        ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            "wrong_host",
            "This server listens on loopback only and answers as localhost, 127.0.0.1 or [::1].",
        )
        .into_response()
    };
    response.headers_mut().insert("x-request-id", id);
    let status = response.status().as_u16();
    let duration_ms = started.elapsed().as_millis() as u64;
    if status >= 500 {
        tracing::error!(request.id = shown, %method, path, status, duration_ms, "request failed");
    } else {
        tracing::debug!(request.id = shown, %method, path, status, duration_ms, "request");
    }
    response
}

fn host_is_loopback(request: &Request<Body>) -> bool {
    let host = request.headers().get(header::HOST).and_then(|v| v.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(|a| a.as_str()));
    // HTTP/1.0 has no Host; no browser speaks it.
    let Some(host) = host else { return true };
    guildhall_realtime::door::is_loopback(host)
}

//! The interface in a browser: the command table as `POST /rpc/{window}/{name}`, the events as a stream of server-sent
//! events, the built interface as files. For tests and for work on the interface; it listens on loopback only.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, OnceLock, Weak},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response, Sse, sse::Event},
    routing::{get, post},
};
use futures_util::{Stream, stream};
use guildhall_client::{
    Core, CoreOptions,
    ports::{LocalMode, LocalModeError, LocalServer},
};
use guildhall_contract::{
    bytes::{self, Encoded},
    errors::AppError,
    for_each_command,
    sessions::{DemoPerson, LocalStart},
};
use guildhall_server::{ServerConfig, demo, embedded::Embedded};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, Notify};
use tower_http::services::{ServeDir, ServeFile};

use crate::{FaultProxy, Link, MemoryKeychain, RecordingNotifier, world::HandClock};

/// What the pages may do: nothing but talk to this host.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                   connect-src 'self'; frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'";

/// The kind of a body that has bytes beside its JSON.
const FRAME: &str = "application/octet-stream";

/// The host.
pub struct WebHost {
    data_dir: PathBuf,
    myself: OnceLock<Weak<WebHost>>,
    server: Embedded,
    windows: Mutex<HashMap<String, Arc<WebWindow>>>,
}

struct WebWindow {
    core: Arc<Core>,
    local: Arc<WindowLocal>,
    clock: Arc<HandClock>,
    /// Told when the streams of events break.
    breaking: Notify,
}

/// Local mode as one window sees it: the one server, through a link of the window's own.
struct WindowLocal {
    host: Weak<WebHost>,
    proxy: Mutex<Option<FaultProxy>>,
}

struct NoDownloads(PathBuf);

impl guildhall_client::ports::Downloads for NoDownloads {
    fn folder(&self) -> Option<PathBuf> {
        Some(self.0.clone())
    }
}

impl WebHost {
    /// A host with its data in `data_dir`. With `life` the demo's people answer by themselves.
    pub fn new(data_dir: PathBuf, life: bool) -> Arc<Self> {
        let mut config = ServerConfig::local(data_dir.join("server"));
        config.demo = true;
        config.demo_life = life;
        config.weak_password_hashes = true;
        // Stories write faster than people.
        config.message_rate_max = 100_000;
        let host = Arc::new(Self {
            data_dir,
            myself: OnceLock::new(),
            server: Embedded::new(config),
            windows: Mutex::default(),
        });
        host.myself.get_or_init(|| Arc::downgrade(&host));
        host
    }

    /// The routes, with the interface's files from `ui`.
    pub fn router(self: &Arc<Self>, ui: &std::path::Path) -> Router {
        let files = ServeDir::new(ui).fallback(ServeFile::new(ui.join("index.html")));
        Router::new()
            .route("/rpc/{window}/{name}", post(call))
            .route("/events/{window}", get(events))
            .route("/fault/{window}", post(fault))
            .route("/clock/{window}", post(step))
            .route("/announce", post(announce))
            .fallback_service(files)
            .layer(axum::middleware::map_response(|mut response: Response| async {
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
                response
            }))
            .with_state(Arc::clone(self))
    }

    async fn window(&self, label: &str) -> Result<Arc<WebWindow>, AppError> {
        let mut windows = self.windows.lock().await;
        if let Some(window) = windows.get(label) {
            return Ok(Arc::clone(window));
        }
        let local =
            Arc::new(WindowLocal { host: self.myself.get().cloned().unwrap_or_default(), proxy: Mutex::default() });
        let clock: Arc<HandClock> = Arc::default();
        let options = CoreOptions {
            data_dir: self.data_dir.join("app"),
            profile: label.to_owned(),
            device_name: Some("Browser".into()),
            keychain: Arc::new(MemoryKeychain::default()),
            notifier: Arc::new(RecordingNotifier::default()),
            clicks: None,
            clock: Arc::clone(&clock) as _,
            local_mode: Some(Arc::clone(&local) as _),
            downloads: Arc::new(NoDownloads(self.data_dir.join("downloads"))),
            clipboard: None,
        };
        let core = Core::open(options).await.map_err(|e| AppError::Internal { reference: e.to_string() })?;
        let window = Arc::new(WebWindow { core, local, clock, breaking: Notify::new() });
        windows.insert(label.to_owned(), Arc::clone(&window));
        Ok(window)
    }

    async fn addresses(&self) -> Result<(SocketAddr, Vec<(DemoPerson, String)>), LocalModeError> {
        let here = self.server.start().await.map_err(|error| {
            tracing::error!(%error, "the server does not start");
            LocalModeError
        })?;
        let people = here.people;
        let people = people.into_iter().map(|p| (shown(p.name, p.craft, p.email), p.password)).collect();
        Ok((here.http, people))
    }
}

fn shown(name: &str, craft: Option<&str>, email: &str) -> DemoPerson {
    DemoPerson { name: name.into(), craft: craft.map(Into::into), email: email.into(), admin: email == demo::HOUSE }
}

#[async_trait::async_trait]
impl LocalMode for WindowLocal {
    async fn start(&self) -> Result<LocalServer, LocalModeError> {
        let host = self.host.upgrade().ok_or(LocalModeError)?;
        let (address, people) = host.addresses().await?;
        let mut proxy = self.proxy.lock().await;
        match &*proxy {
            Some(proxy) => proxy.retarget(address),
            None => *proxy = Some(FaultProxy::start(address).await),
        }
        let url = proxy.as_ref().map(FaultProxy::url).ok_or(LocalModeError)?;
        Ok(LocalServer { url, people })
    }

    async fn people(&self) -> Vec<DemoPerson> {
        demo::CAST.iter().map(|&(name, craft, email)| shown(name, craft, email)).collect()
    }

    async fn open_window_as(&self, email: &str) -> Result<(), LocalModeError> {
        let host = self.host.upgrade().ok_or(LocalModeError)?;
        let label = email.split('@').next().unwrap_or_default();
        let window = host.window(label).await.map_err(|_| LocalModeError)?;
        window.core.local_start(LocalStart { email: Some(email.into()) }).await.map_err(|_| LocalModeError)?;
        Ok(())
    }
}

async fn call(
    State(host): State<Arc<WebHost>>,
    Path((window, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let core = match host.window(&window).await {
        Ok(window) => Arc::clone(&window.core),
        Err(error) => return refused(error),
    };
    let framed = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == FRAME);
    macro_rules! dispatch {
        ($($(#[$doc:meta])* $command:ident($request:ty) -> $response:ty as $($role:ident)|+;)*) => {
            match name.as_str() {
                $(stringify!($command) => {
                    let asked = if framed { bytes::decode(&body) } else { serde_json::from_slice(&body) };
                    let request: $request = match asked {
                        Ok(request) => request,
                        Err(e) => return refused(AppError::Invalid { field: "request".into(), reason: "invalid".into(), message: e.to_string() }),
                    };
                    match core.$command(request).await {
                        Ok(answer) => answered(&answer),
                        Err(error) => refused(error),
                    }
                })*
                _ => refused(AppError::NotFound),
            }
        };
    }
    for_each_command!(dispatch)
}

fn answered<T: Serialize>(answer: &T) -> Response {
    match bytes::encode(answer) {
        Ok(Encoded::Json(json)) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Ok(Encoded::Frame(frame)) => ([(header::CONTENT_TYPE, FRAME)], frame).into_response(),
        Err(error) => refused(AppError::Internal { reference: error.to_string() }),
    }
}

fn refused(error: AppError) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response()
}

async fn events(
    State(host): State<Arc<WebHost>>,
    Path(window): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, StatusCode> {
    let window = host.window(&window).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let events = stream::unfold((window.core.subscribe(), window), |(mut events, window)| async {
        let batch = tokio::select! {
            batch = events.next() => batch?,
            () = window.breaking.notified() => return None,
        };
        Some((
            Ok(Event::default().data(serde_json::to_string(&batch).expect("events are plain values"))),
            (events, window),
        ))
    });
    Ok(Sse::new(events))
}

/// What breaks: the window's link to its server, or its stream of events.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fault {
    Link(String),
    Stream(StreamFault),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum StreamFault {
    End,
}

async fn fault(State(host): State<Arc<WebHost>>, Path(window): Path<String>, Json(fault): Json<Fault>) -> StatusCode {
    let Ok(window) = host.window(&window).await else { return StatusCode::NOT_FOUND };
    match fault {
        Fault::Stream(StreamFault::End) => window.breaking.notify_waiters(),
        Fault::Link(word) => {
            let proxy = window.local.proxy.lock().await;
            let (Some(proxy), Some(link)) = (proxy.as_ref(), link(&word)) else { return StatusCode::NOT_FOUND };
            proxy.set(link);
            if link == Link::Up {
                window.core.network_changed();
            }
        }
    }
    StatusCode::NO_CONTENT
}

/// Says something to everybody, or takes it back, as the last of the demo's people, made an administrator for it.
async fn announce(State(host): State<Arc<WebHost>>, Json(body): Json<serde_json::Value>) -> StatusCode {
    let said = async {
        let (address, people) = host.addresses().await.map_err(|_| "no server")?;
        let (person, password) = people.last().ok_or("nobody")?;
        host.server.set_admin(&person.email).await.map_err(|_| "no database")?;
        let http = reqwest::Client::new();
        let login = serde_json::json!({ "email": person.email, "password": password });
        let answer = http.post(format!("http://{address}/api/login")).json(&login).send().await;
        let answer: serde_json::Value = answer.map_err(|_| "no login")?.json().await.map_err(|_| "no login")?;
        let url = format!("http://{address}/api/admin/announcement");
        let request = if body["text"].is_null() { http.delete(url) } else { http.put(url).json(&body) };
        let token = answer["data"]["token"].as_str().ok_or("no token")?;
        let answer = request.bearer_auth(token).send().await.map_err(|_| "no answer")?;
        answer.error_for_status().map(drop).map_err(|_| "refused")
    };
    match said.await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(why) => {
            tracing::error!(why, "nothing was announced");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

#[derive(Deserialize)]
struct ClockStep {
    advance_ms: i64,
}

/// Steps the clock of a window's device.
async fn step(State(host): State<Arc<WebHost>>, Path(window): Path<String>, Json(step): Json<ClockStep>) -> StatusCode {
    let Ok(window) = host.window(&window).await else { return StatusCode::NOT_FOUND };
    window.clock.advance_ms(step.advance_ms);
    StatusCode::NO_CONTENT
}

fn link(word: &str) -> Option<Link> {
    match word {
        "cut" => Some(Link::Cut),
        "mend" => Some(Link::Up),
        "hole" => Some(Link::BlackHole),
        "answers-lost" => Some(Link::AnswersLost),
        _ => None,
    }
}

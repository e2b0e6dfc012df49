//! About the server itself: is it there, what time does it have.

use axum::{
    Extension, Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use guildhall_contract::rest::{Data, Health, ServerTime};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::{App, HeadRead},
    error::ApiError,
    vitals,
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(time)).routes(routes!(metrics))
}

/// Counters in the text format of Prometheus: connections, subscriptions, frames, bytes, what was closed and why,
/// latencies, for each app; memory and open files of the process.
#[utoipa::path(get, path = "/metrics", tag = "system", responses((status = 200, body = String)))]
async fn metrics(State(app): State<App>) -> impl axum::response::IntoResponse {
    let mut text = app.hub.sockets().render_metrics();
    text.push_str(&vitals::render_panics(&app));
    text.push_str(&app.forgotten.render());
    text.push_str(&app.lateness.render());
    if let Some(process) = Process::read() {
        let connections = app.hub.sockets().len().max(1) as u64;
        for (name, value) in [
            ("process_resident_memory_bytes", process.resident_bytes),
            ("process_open_fds", process.open_files),
            ("guildhall_memory_per_connection_bytes", process.resident_bytes / connections),
        ] {
            text.push_str(&format!("# TYPE {name} gauge\n{name} {value}\n"));
        }
    }
    ([(axum::http::header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

struct Process {
    resident_bytes: u64,
    open_files: u64,
}

impl Process {
    /// What the system says of this process, where it says so in /proc.
    fn read() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse().ok()?;
        let open_files = std::fs::read_dir("/proc/self/fd").ok()?.count() as u64;
        Some(Self { resident_bytes: kib * 1_024, open_files })
    }
}

/// Whether the server and its database answer and can store something, and where realtime connections are made.
#[utoipa::path(get, path = "/health", tag = "system",
    responses((status = 200, body = Health), (status = 503, body = Health)))]
pub async fn health(State(app): State<App>) -> Result<Response, ApiError> {
    let mut c = app.db.read().await?;
    guildhall_db::settings::get(&mut c, "health").await?;
    drop(c);
    let complaints = vitals::complaints(&app).await;
    let mut health = Health {
        status: "ok".into(),
        message: String::new(),
        code: String::new(),
        service: "guildhall".into(),
        name: app.config.name.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        realtime_key: app.config.market_app().credentials.key.clone(),
        // Through a proxy realtime comes in where REST does.
        realtime_port: app.realtime_port.get().copied().filter(|_| app.config.public_host.is_none()),
    };
    if complaints.is_empty() {
        return Ok(Json(health).into_response());
    }
    // A refusal as any other, which says all the same what it would have said.
    let refusal = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unwell", complaints.join("; "));
    (health.status, health.code, health.message) = ("unwell".into(), refusal.code().into(), refusal.words().into());
    let retry_after = [(header::RETRY_AFTER, vitals::UNWELL_FOR.as_secs().to_string())];
    Ok((StatusCode::SERVICE_UNAVAILABLE, retry_after, Json(health)).into_response())
}

/// The server's time, for measuring the difference to one's own.
#[utoipa::path(get, path = "/api/time", tag = "system", responses((status = 200, body = Data<ServerTime>)))]
async fn time(State(app): State<App>, Extension(read): Extension<HeadRead>) -> Json<Data<ServerTime>> {
    Json(Data { data: ServerTime { received_at: read.wall_ms, sent_at: app.config.clock.wall_ms() } })
}

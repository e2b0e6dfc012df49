//! Realtime: the market's side of the hub, the upgrade of a connection, and the signed HTTP API of the Pusher protocol.

pub mod begun;
pub mod hub;
pub mod online;
pub mod strays;
pub mod typing;
pub mod upgrade;
pub mod webhooks;

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{AppendHeaders, IntoResponse, Response},
    routing::any,
};
use guildhall_realtime::api;

use crate::{app::App, request::read_body};

/// The routes of the protocol, on both listeners.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/app/{key}", any(upgrade::connect))
        .route("/app", any(upgrade::connect))
        .route("/app/", any(upgrade::connect))
        .route("/app/{key}/{*rest}", any(upgrade::connect))
        .route("/apps/{*rest}", any(signed))
}

/// `/apps/{app_id}/…`: the signed HTTP API.
async fn signed(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match read_body(body, api::BODY_BYTES_MAX, "4 MiB").await {
        Ok(body) => body,
        Err(refusal) => return refusal.into_response(),
    };
    let request = api::Request {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        prefix: &app.config.path_prefix,
        query: parts.uri.query().unwrap_or_default(),
        body: &body,
        now_s: app.now().0.div_euclid(1_000),
    };
    let answer = api::answer(app.hub.sockets(), request);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let retry_after = answer.retry_after_s().map(|seconds| (header::RETRY_AFTER, seconds.to_string()));
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, AppendHeaders(retry_after), answer.body).into_response()
}

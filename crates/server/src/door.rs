//! The door of every request: it gets a name, a time and a limit, is refused where it has no business, and is carried out to
//! its end.

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use subtle::ConstantTimeEq;

use crate::{
    address::{self, ClientAddress},
    app::App,
    bodies::Paced,
    config::Inspection,
    drain::ReadToTheEnd,
    error::ApiError,
    patience::PATIENCE,
};

/// When the head of a request was read, by the server's clock.
#[derive(Clone, Copy, Debug)]
pub struct HeadRead {
    /// Milliseconds since 1970 with their fraction.
    pub wall_ms: f64,
}

/// Names every request, keeps other sites' pages away from a server on loopback, and logs what was done.
pub async fn guard(State(app): State<App>, mut request: Request<Body>, next: Next) -> Response {
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
            next.run(request.map(|body| Body::new(ReadToTheEnd::new(Body::new(Paced::new(body, PATIENCE)))))).await
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
pub async fn to_the_end(request: Request, next: Next) -> Response {
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

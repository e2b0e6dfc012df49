//! The router that both listeners answer with.

use std::sync::Arc;

use axum::{
    Extension, Router,
    http::{HeaderName, Method, StatusCode, header},
    response::IntoResponse,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    app::App,
    door::{guard, to_the_end},
    error::ApiError,
    feature::{Feature, Features},
    openapi, realtime,
};

/// The documented routes of these features.
fn documented(features: &[Feature]) -> OpenApiRouter<App> {
    let routes = features.iter().filter_map(|feature| feature.routes);
    routes.fold(openapi::empty(), |all, routes| all.merge(routes()))
}

/// The router of both listeners.
pub fn router(app: App, features: &'static [Feature]) -> Router {
    let vitals = app.vitals.clone();
    let (api, document) = documented(features).split_for_parts();
    let document: Arc<str> = document.to_json().expect("the document is plain values").into();
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
        "" => realtime::routes(),
        // Clients whose address has a path; those without go on as before.
        prefix => realtime::routes().nest(prefix, realtime::routes()),
    };
    api.merge(realtime)
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
        .layer(Extension(Features(features)))
        .with_state(app)
}

//! Realtime: sockets, channels, and the signed HTTP API of the Pusher protocol.

pub mod http_api;
pub mod hub;
pub mod online;
pub mod socket;

use axum::{
    Router,
    routing::{any, get, post},
};

use crate::app::App;

/// The routes of the protocol, on both listeners.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/app/{key}", any(socket::connect))
        .route("/apps/{app_id}/events", post(http_api::trigger))
        .route("/apps/{app_id}/batch_events", post(http_api::trigger_batch))
        .route("/apps/{app_id}/channels", get(http_api::list_channels))
        .route("/apps/{app_id}/channels/{channel}", get(http_api::get_channel))
        .route("/apps/{app_id}/channels/{channel}/users", get(http_api::list_members))
}

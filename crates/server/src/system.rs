//! About the server itself: is it there, what time does it have.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::{Json, extract::State};
use guildhall_contract::rest::{Data, Health, ServerTime};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, error::ApiError};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(time))
}

/// Whether the server and its database answer, and where realtime connections are made.
#[utoipa::path(get, path = "/health", tag = "system", responses((status = 200, body = Health)))]
async fn health(State(app): State<App>) -> Result<Json<Health>, ApiError> {
    let mut c = app.db.read().await?;
    guildhall_db::settings::get(&mut c, "health").await?;
    Ok(Json(Health {
        status: "ok".into(),
        service: "guildhall".into(),
        name: app.config.name.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        realtime_key: app.config.market_app().credentials.key.clone(),
        realtime_port: app.realtime_port.get().copied(),
    }))
}

fn wall_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64() * 1_000.0)
}

/// The server's time, for measuring the difference to one's own.
#[utoipa::path(get, path = "/api/time", tag = "system", responses((status = 200, body = Data<ServerTime>)))]
async fn time() -> Json<Data<ServerTime>> {
    let received_at = wall_ms();
    Json(Data { data: ServerTime { received_at, sent_at: wall_ms() } })
}

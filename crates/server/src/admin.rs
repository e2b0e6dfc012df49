//! What administrators see.

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use guildhall_contract::rest::{ConnectionRow, Data, Refusal};
use guildhall_db::{Committed, audit::Act};
use guildhall_market::{ids::UserId, permissions::MarketChannel, time::Timestamp};
use guildhall_realtime::ConnectionInfo;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    audit::Administrator,
    error::ApiError,
    feature::{Admission, Feature},
    request::Caller,
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    admit: Some(|_, caller, channel| Box::pin(async move { Ok(admit(caller, channel)) })),
    ..Feature::named("admin")
};

/// What administrators hear.
fn admit(caller: &Caller, channel: &str) -> Option<Admission> {
    let theirs = MarketChannel::parse(channel).filter(|channel| matches!(channel, MarketChannel::Admin));
    theirs.is_some_and(|channel| channel.admits(caller.user, caller.admin)).then(Admission::default)
}

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_connections))
}

fn row(info: ConnectionInfo, now: Timestamp) -> ConnectionRow {
    let (age_ms, silent_ms) = info.age_ms;
    ConnectionRow {
        socket_id: info.socket_id.to_string(),
        app: info.app,
        address: info.address.to_string(),
        client: info.client.map(|client| client.to_string()),
        user_id: info.bound.map(|bound| bound.user),
        token_id: info.bound.map(|bound| bound.token),
        signed_in_as: info.user_id.map(|id| id.to_string()),
        channels: info.channels.iter().map(ToString::to_string).collect(),
        frames_in: info.frames_in,
        waiting_bytes: info.waiting_bytes as u64,
        connected_at: now.plus_ms(-age_ms).into(),
        heard_at: now.plus_ms(-silent_ms).into(),
        last_error: info.last_error,
    }
}

/// Every realtime connection of this process, with addresses: the look is written down for each person in it. For
/// administrators.
#[utoipa::path(get, path = "/api/admin/connections", tag = "admin",
    responses((status = 200, body = Data<Vec<ConnectionRow>>), (status = 403, body = Refusal)))]
async fn list_connections(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
) -> Result<Json<Data<Vec<ConnectionRow>>>, ApiError> {
    let refused = |_| ApiError::forbidden("Connections are for administrators to see.");
    let administrator = Administrator::of(&caller, address).map_err(refused)?;
    let sockets = app.hub.sockets().clone();
    let infos = tokio::task::spawn_blocking(move || sockets.connections()).await.unwrap_or_default();
    let now = app.now();
    let rows: Vec<ConnectionRow> = infos.into_iter().map(|info| row(info, now)).collect();
    let seen: BTreeSet<UserId> = rows.iter().filter_map(|row| row.user_id.map(UserId)).collect();
    let seen: Vec<UserId> = seen.into_iter().filter(|user| *user != caller.user).collect();
    app.db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let act = Act {
                    action: "connections.look",
                    subject: ("server", 0),
                    about: &seen,
                    look: true,
                    reason: "To see how the server is",
                    detail: "{}",
                };
                administrator.writes(c, &act, now).await?;
                Ok(Committed::quiet(()))
            })
        })
        .await?;
    Ok(Json(Data { data: rows }))
}

//! Authorising channels: who may listen where.

use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::header,
};
use guildhall_contract::rest::{ChannelAuth, ChannelAuthRequest, Refusal};
use guildhall_market::permissions::MarketChannel;
use guildhall_pusher::socket_id::SocketId;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    request::{Caller, parse_json},
};

/// The largest body of such a request, bytes.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(authorise)).routes(routes!(authorise_under_api))
}

/// A form or JSON: Echo sends one, pusher-js the other.
struct FormOrJson(ChannelAuthRequest);

impl FromRequest<App> for FormOrJson {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let json = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|t| t.trim_start().starts_with("application/json"));
        let bytes = axum::body::to_bytes(body, BODY_BYTES_MAX)
            .await
            .map_err(|_| ApiError::invalid("body", "The request is larger than 16 KiB, or it broke off."))?;
        if json {
            return parse_json(&bytes).map(Self);
        }
        let find = |name: &'static str| {
            url::form_urlencoded::parse(&bytes)
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
                .ok_or_else(|| ApiError::invalid(name, format!("`{name}` is missing.")))
        };
        Ok(Self(ChannelAuthRequest { socket_id: find("socket_id")?, channel_name: find("channel_name")? }))
    }
}

async fn decide(app: App, caller: Caller, asked: ChannelAuthRequest) -> Result<Json<ChannelAuth>, ApiError> {
    let socket: SocketId = asked.socket_id.parse().map_err(|_| {
        ApiError::invalid("socket_id", "`socket_id` must be two numbers with a point between, as the server gave it.")
    })?;
    let admitted =
        MarketChannel::parse(&asked.channel_name).is_some_and(|channel| channel.admits(caller.user, caller.admin));
    if !admitted {
        return Err(ApiError::forbidden("You may not listen to this channel."));
    }
    // From now on the socket falls with the token.
    app.hub.bind(socket, caller.user, caller.token);
    let auth = app.config.market_app().credentials.sign_channel(socket, &asked.channel_name, None);
    Ok(Json(ChannelAuth { auth, channel_data: None }))
}

/// Signs a subscription, where the person may listen.
#[utoipa::path(post, path = "/broadcasting/auth", tag = "realtime", request_body = ChannelAuthRequest,
    responses((status = 200, body = ChannelAuth), (status = 401, body = Refusal), (status = 403, body = Refusal)))]
async fn authorise(
    State(app): State<App>,
    caller: Caller,
    FormOrJson(asked): FormOrJson,
) -> Result<Json<ChannelAuth>, ApiError> {
    decide(app, caller, asked).await
}

/// The same under `/api`.
#[utoipa::path(post, path = "/api/broadcasting/auth", tag = "realtime", request_body = ChannelAuthRequest,
    responses((status = 200, body = ChannelAuth), (status = 401, body = Refusal), (status = 403, body = Refusal)))]
async fn authorise_under_api(
    State(app): State<App>,
    caller: Caller,
    FormOrJson(asked): FormOrJson,
) -> Result<Json<ChannelAuth>, ApiError> {
    decide(app, caller, asked).await
}

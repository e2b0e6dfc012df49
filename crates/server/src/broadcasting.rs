//! Authorising channels: who may listen where.

use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::header,
};
use guildhall_contract::rest::{ChannelAuth, ChannelAuthRequest, Refusal, UserAuth, UserAuthRequest};
use guildhall_db::people;
use guildhall_market::permissions::MarketChannel;
use guildhall_pusher::socket_id::SocketId;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    request::{Caller, parse_json, read_body},
};

/// The largest body of such a request, bytes.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(authorise))
        .routes(routes!(authorise_under_api))
        .routes(routes!(authorise_user))
        .routes(routes!(authorise_user_under_api))
}

/// A form or JSON: Echo sends one, pusher-js the other.
struct FormOrJson<T>(T);

impl<T: DeserializeOwned> FromRequest<App> for FormOrJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let json = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|t| t.trim_start().starts_with("application/json"));
        let bytes = read_body(body, BODY_BYTES_MAX, "16 KiB").await?;
        if json {
            return parse_json(&bytes).map(Self);
        }
        // A form becomes the JSON that says the same: then one reader names what is missing.
        let form: Map<String, Value> = url::form_urlencoded::parse(&bytes)
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect();
        parse_json(Value::Object(form).to_string().as_bytes()).map(Self)
    }
}

fn socket_id(text: &str) -> Result<SocketId, ApiError> {
    text.parse().map_err(|_| {
        ApiError::invalid("socket_id", "`socket_id` must be two numbers with a point between, as the server gave it.")
    })
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
    FormOrJson(asked): FormOrJson<ChannelAuthRequest>,
) -> Result<Json<ChannelAuth>, ApiError> {
    decide(app, caller, asked).await
}

/// The same under `/api`.
#[utoipa::path(post, path = "/api/broadcasting/auth", tag = "realtime", request_body = ChannelAuthRequest,
    responses((status = 200, body = ChannelAuth), (status = 401, body = Refusal), (status = 403, body = Refusal)))]
async fn authorise_under_api(
    State(app): State<App>,
    caller: Caller,
    FormOrJson(asked): FormOrJson<ChannelAuthRequest>,
) -> Result<Json<ChannelAuth>, ApiError> {
    decide(app, caller, asked).await
}

async fn sign_user(app: App, caller: Caller, asked: UserAuthRequest) -> Result<Json<UserAuth>, ApiError> {
    let socket = socket_id(&asked.socket_id)?;
    let user = people::get(&mut *app.db.read().await?, caller.user).await?.ok_or_else(ApiError::unauthenticated)?;
    let user_data = json!({ "id": caller.user.to_string(), "user_info": { "name": user.name } }).to_string();
    app.hub.bind(socket, caller.user, caller.token);
    let auth = app.config.market_app().credentials.sign_user(socket, &user_data);
    Ok(Json(UserAuth { auth, user_data }))
}

/// Signs the sign-in of a connection (`pusher:signin`), as the person who asks.
#[utoipa::path(post, path = "/broadcasting/user-auth", tag = "realtime", request_body = UserAuthRequest,
    responses((status = 200, body = UserAuth), (status = 401, body = Refusal), (status = 422, body = Refusal)))]
async fn authorise_user(
    State(app): State<App>,
    caller: Caller,
    FormOrJson(asked): FormOrJson<UserAuthRequest>,
) -> Result<Json<UserAuth>, ApiError> {
    sign_user(app, caller, asked).await
}

/// The same under `/api`.
#[utoipa::path(post, path = "/api/broadcasting/user-auth", tag = "realtime", request_body = UserAuthRequest,
    responses((status = 200, body = UserAuth), (status = 401, body = Refusal), (status = 422, body = Refusal)))]
async fn authorise_user_under_api(
    State(app): State<App>,
    caller: Caller,
    FormOrJson(asked): FormOrJson<UserAuthRequest>,
) -> Result<Json<UserAuth>, ApiError> {
    sign_user(app, caller, asked).await
}

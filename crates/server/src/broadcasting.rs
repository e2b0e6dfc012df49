//! Authorising channels: who may listen where.

use axum::{
    Extension, Json,
    extract::{FromRequest, Request, State},
    http::{StatusCode, header},
};
use guildhall_contract::rest::{ChannelAuth, ChannelAuthRequest, Refusal, UserAuth, UserAuthRequest};
use guildhall_db::{people, tokens};
use guildhall_pusher::socket_id::SocketId;
use guildhall_realtime::Binding;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    feature::{Admission, Feature, Features},
    request::{Caller, parse_json, read_body},
};

/// The largest body of such a request, bytes.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), ..Feature::named("broadcasting") };

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
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

async fn decide(
    (app, features): (App, Features),
    caller: Caller,
    asked: ChannelAuthRequest,
) -> Result<Json<ChannelAuth>, ApiError> {
    let socket = socket_id(&asked.socket_id)?;
    let Some(Admission { channel_data }) = features.admit(&app, &caller, &asked.channel_name).await? else {
        return Err(ApiError::forbidden("You may not listen to this channel."));
    };
    let lost = bind(&app, &caller, socket, Some(&asked.channel_name)).await?;
    if let Some(lost) = lost {
        // It was lost once. Whoever lost it while this was on its way does not get it back by a yes of before.
        if features.admit(&app, &caller, &asked.channel_name).await?.is_none() {
            return Err(ApiError::forbidden("You may not listen to this channel."));
        }
        app.hub.sockets().grant(socket, &asked.channel_name, lost);
    }
    let auth = app.config.market_app().credentials.sign_channel(socket, &asked.channel_name, channel_data.as_deref());
    Ok(Json(ChannelAuth { auth, channel_data }))
}

/// Binds a socket to the caller's token: from now on it falls with it. Answers with how often it lost the channel, where it did.
async fn bind(app: &App, caller: &Caller, socket: SocketId, channel: Option<&str>) -> Result<Option<u64>, ApiError> {
    let lost = match app.hub.bind(socket, caller.user, caller.token, channel).await {
        Some(Binding::Bound(lost)) => lost,
        // A socket that is not here is nobody's yet: what is signed for it opens nothing.
        Some(Binding::Unknown) => None,
        Some(Binding::Taken) => return Err(ApiError::forbidden("This socket belongs to somebody else.")),
        None => {
            let words = "Realtime does not answer. Try again in a second.";
            return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", words));
        }
    };
    // Looked at once more, now that the socket would be found: a token that was revoked, a person who was suspended or
    // lost a role in between must not get a signature.
    let still = tokens::bearer(&mut app.db.read().await?, caller.token).await?;
    match still.filter(|bearer| bearer.suspended_at_ms.is_none()) {
        Some(bearer) if !caller.admin || bearer.role == guildhall_market::accounts::Role::Admin => Ok(lost),
        Some(_) => Err(ApiError::forbidden("You may not listen to this channel.")),
        None => {
            app.hub.close_token(caller.token);
            Err(ApiError::unauthenticated())
        }
    }
}

/// Signs a subscription, where the person may listen.
#[utoipa::path(post, path = "/broadcasting/auth", tag = "realtime", request_body = ChannelAuthRequest,
    responses((status = 200, body = ChannelAuth), (status = 401, body = Refusal), (status = 403, body = Refusal)))]
async fn authorise(
    State(app): State<App>,
    Extension(features): Extension<Features>,
    caller: Caller,
    FormOrJson(asked): FormOrJson<ChannelAuthRequest>,
) -> Result<Json<ChannelAuth>, ApiError> {
    decide((app, features), caller, asked).await
}

/// The same under `/api`.
#[utoipa::path(post, path = "/api/broadcasting/auth", tag = "realtime", request_body = ChannelAuthRequest,
    responses((status = 200, body = ChannelAuth), (status = 401, body = Refusal), (status = 403, body = Refusal)))]
async fn authorise_under_api(
    State(app): State<App>,
    Extension(features): Extension<Features>,
    caller: Caller,
    FormOrJson(asked): FormOrJson<ChannelAuthRequest>,
) -> Result<Json<ChannelAuth>, ApiError> {
    decide((app, features), caller, asked).await
}

async fn sign_user(app: App, caller: Caller, asked: UserAuthRequest) -> Result<Json<UserAuth>, ApiError> {
    let socket = socket_id(&asked.socket_id)?;
    let user = people::get(&mut app.db.read().await?, caller.user).await?.ok_or_else(ApiError::unauthenticated)?;
    let user_data = json!({ "id": caller.user.to_string(), "user_info": { "name": user.name } }).to_string();
    bind(&app, &caller, socket, None).await?;
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

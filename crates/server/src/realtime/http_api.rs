//! The signed HTTP API of the Pusher protocol: an application's own server broadcasts through us.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Path, Request, State},
    http::StatusCode,
};
use guildhall_pusher::{
    auth::check_request,
    channel::{self, Kind},
    frame,
    limits::{BATCH_EVENTS_MAX, CHANNELS_PER_PUBLISH_MAX, EVENT_DATA_BYTES_MAX, EVENT_NAME_CHARS_MAX},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{app::App, error::ApiError, request::parse_json};

/// The largest body: a full batch of the largest events, JSON's escapes included.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A request whose signature is right.
pub struct Signed {
    body: Bytes,
    query: Vec<(String, String)>,
    channel: String,
}

impl Signed {
    fn parameter(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    fn wants(&self, info: &str) -> bool {
        self.parameter("info").split(',').any(|asked| asked.trim() == info)
    }
}

#[derive(Deserialize)]
struct Address {
    app_id: String,
    #[serde(default)]
    channel: String,
}

impl FromRequest<App> for Signed {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Path(address) =
            <Path<Address> as axum::extract::FromRequestParts<App>>::from_request_parts(&mut parts, app)
                .await
                .map_err(|_| ApiError::not_found())?;
        if address.app_id != app.config.app.id {
            return Err(ApiError::new(StatusCode::NOT_FOUND, "no_such_app", "No app has this id."));
        }
        let body = axum::body::to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| {
            ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "The request is larger than 4 MiB, or it broke off.",
            )
        })?;
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let now_s = app.now().0 / 1_000;
        check_request(&app.config.app, parts.method.as_str(), parts.uri.path(), &query, &body, now_s).map_err(|e| {
            ApiError::new(StatusCode::UNAUTHORIZED, "bad_signature", format!("The signature is not valid: {e}."))
        })?;
        Ok(Self { body, query, channel: address.channel })
    }
}

#[derive(Deserialize)]
struct Event {
    name: String,
    data: Value,
    channel: Option<String>,
    channels: Option<Vec<String>>,
    socket_id: Option<String>,
    info: Option<String>,
}

impl Event {
    /// The channels and the data as text, when all is within the limits.
    fn checked(&self) -> Result<(Vec<&str>, String), ApiError> {
        let channels: Vec<&str> = match (&self.channel, &self.channels) {
            (Some(one), None) => vec![one],
            (None, Some(many)) => many.iter().map(String::as_str).collect(),
            _ => return Err(ApiError::invalid("channels", "Give `channels`, or `channel`.")),
        };
        if channels.is_empty() || channels.len() > CHANNELS_PER_PUBLISH_MAX {
            return Err(ApiError::invalid(
                "channels",
                format!("An event goes to 1 to {CHANNELS_PER_PUBLISH_MAX} channels."),
            ));
        }
        for name in &channels {
            channel::kind(name).map_err(|e| ApiError::invalid("channels", format!("{name:?}: {e}.")))?;
        }
        let length = self.name.chars().count();
        if length == 0 || length > EVENT_NAME_CHARS_MAX {
            return Err(ApiError::invalid(
                "name",
                format!("An event's name has 1 to {EVENT_NAME_CHARS_MAX} characters."),
            ));
        }
        let data = match &self.data {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if data.len() > EVENT_DATA_BYTES_MAX {
            return Err(ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "An event's data is at most 100 KiB.",
            ));
        }
        Ok((channels, data))
    }

    fn publish(&self, app: &App, channels: &[&str], data: &str) {
        for name in channels {
            app.hub.send(name, frame::event(&self.name, name, data, None, None), self.socket_id.as_deref());
        }
    }
}

fn info(app: &App, name: &str, wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    let found = app.hub.channel(name).unwrap_or_default();
    let mut info = Map::new();
    if wanted("subscription_count") {
        info.insert("subscription_count".into(), found.subscription_count.into());
    }
    if wanted("user_count") && channel::kind(name) == Ok(Kind::Presence) {
        info.insert("user_count".into(), found.user_count.into());
    }
    info
}

/// `POST /apps/{app_id}/events`
pub async fn trigger(State(app): State<App>, signed: Signed) -> Result<Json<Value>, ApiError> {
    let event: Event = parse_json(&signed.body)?;
    let (channels, data) = event.checked()?;
    event.publish(&app, &channels, &data);
    let Some(asked) = &event.info else { return Ok(Json(json!({}))) };
    let wanted = |name: &str| asked.split(',').any(|a| a.trim() == name);
    let infos: Map<String, Value> =
        channels.iter().map(|name| ((*name).to_owned(), Value::Object(info(&app, name, wanted)))).collect();
    Ok(Json(json!({ "channels": infos })))
}

#[derive(Deserialize)]
struct Batch {
    batch: Vec<Event>,
}

/// `POST /apps/{app_id}/batch_events`
pub async fn trigger_batch(State(app): State<App>, signed: Signed) -> Result<Json<Value>, ApiError> {
    let Batch { batch } = parse_json(&signed.body)?;
    if batch.len() > BATCH_EVENTS_MAX {
        return Err(ApiError::invalid("batch", format!("A batch has at most {BATCH_EVENTS_MAX} events.")));
    }
    // All or nothing: a batch with a bad event in it goes nowhere.
    let checked = batch.iter().map(Event::checked).collect::<Result<Vec<_>, _>>()?;
    for (event, (channels, data)) in batch.iter().zip(&checked) {
        event.publish(&app, channels, data);
    }
    Ok(Json(json!({})))
}

/// `GET /apps/{app_id}/channels`
pub async fn list_channels(State(app): State<App>, signed: Signed) -> Result<Json<Value>, ApiError> {
    let prefix = signed.parameter("filter_by_prefix");
    if signed.wants("user_count") && !prefix.starts_with("presence-") {
        return Err(ApiError::invalid(
            "info",
            "user_count is known for presence channels only: filter_by_prefix must begin with presence-.",
        ));
    }
    let channels: Map<String, Value> = app
        .hub
        .channels(prefix)
        .into_iter()
        .map(|(name, _)| {
            let info = info(&app, &name, |asked| signed.wants(asked));
            (name, Value::Object(info))
        })
        .collect();
    Ok(Json(json!({ "channels": channels })))
}

/// `GET /apps/{app_id}/channels/{channel}`
pub async fn get_channel(State(app): State<App>, signed: Signed) -> Result<Json<Value>, ApiError> {
    let kind = channel::kind(&signed.channel).map_err(|e| ApiError::invalid("channel", e.to_string()))?;
    if signed.wants("user_count") && kind != Kind::Presence {
        return Err(ApiError::invalid("info", "user_count is known for presence channels only."));
    }
    let mut answer = info(&app, &signed.channel, |asked| signed.wants(asked));
    answer.insert("occupied".into(), app.hub.channel(&signed.channel).is_some().into());
    Ok(Json(Value::Object(answer)))
}

/// `GET /apps/{app_id}/channels/{channel}/users`
pub async fn list_members(State(app): State<App>, signed: Signed) -> Result<Json<Value>, ApiError> {
    if channel::kind(&signed.channel) != Ok(Kind::Presence) {
        return Err(ApiError::invalid("channel", "Users are known for presence channels only."));
    }
    let users: Vec<Value> = app.hub.members(&signed.channel).into_iter().map(|id| json!({ "id": id })).collect();
    Ok(Json(json!({ "users": users })))
}

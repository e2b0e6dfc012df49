//! What all of the REST interface has in common. Answers are `{"data": …}`; refusals are [`Refusal`]. A feature's bodies
//! stand in its own file.

use crate::wire_time::WireTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;
use utoipa::ToSchema;

/// `{"data": …}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Data<T> {
    /// The answer.
    pub data: T,
}

/// A page of a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where in the list.
    pub meta: PageMeta,
}

/// Where a page is.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PageMeta {
    /// From 1.
    pub current_page: i64,
    /// 1 to 100.
    pub per_page: i64,
    /// Rows in all pages.
    pub total: i64,
    /// The number of the last page, at least 1.
    pub last_page: i64,
    /// Continue with `before` set to this, while there are more rows.
    pub next: Option<i64>,
}

/// Why a request was not carried out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Refusal {
    /// Words for a person.
    pub message: String,
    /// The reason, for a program.
    pub code: String,
    /// Words for each field that was wrong.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, Vec<String>>,
    /// The present state of the thing, where the state was the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The version of the thing as it stands, where that was the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// `GET /api/time`: milliseconds since the epoch with a fraction.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct ServerTime {
    /// When the request was received.
    pub received_at: f64,
    /// When the answer was sent.
    pub sent_at: f64,
}

/// `GET /health`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`, or `unwell` with status 503: what follows is true all the same.
    pub status: String,
    /// Why it is not well, in words for whoever runs it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// `unwell`, where it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// `guildhall`
    pub service: String,
    /// The name of this hall.
    pub name: String,
    /// The program's version.
    pub version: String,
    /// Where realtime connections are made: the key of the app. The host and port are those of the answering listener
    /// unless `realtime_port` says otherwise.
    pub realtime_key: String,
    /// The port of the realtime listener.
    pub realtime_port: Option<u16>,
}

/// One realtime connection, as an administrator sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, TS)]
pub struct ConnectionRow {
    /// `123.456`
    pub socket_id: String,
    /// The app's id.
    pub app: String,
    /// Where it comes from.
    pub address: String,
    /// What the client says it is, such as `js 8.6.0`.
    pub client: Option<String>,
    /// The person whose token authorised its subscriptions.
    pub user_id: Option<i64>,
    /// That token.
    pub token_id: Option<i64>,
    /// The user who signed in on the connection itself, on an app of somebody else.
    pub signed_in_as: Option<String>,
    /// The channels it listens to.
    pub channels: Vec<String>,
    /// Frames that came from it.
    pub frames_in: u64,
    /// Bytes that wait because it does not read.
    pub waiting_bytes: u64,
    /// When it connected.
    #[schema(value_type = String)]
    #[ts(type = "string")]
    pub connected_at: WireTime,
    /// When it was last heard of.
    #[schema(value_type = String)]
    #[ts(type = "string")]
    pub heard_at: WireTime,
    /// The last error it was told, the frame as it was sent.
    pub last_error: Option<String>,
}

/// `{"unread_count": n}`
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct UnreadCount {
    /// Unread ones.
    pub unread_count: i64,
}

/// Unread counts stand in both places: the two systems' clients look in different ones.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct UnreadCountBody {
    /// For clients that read `data`.
    pub data: UnreadCount,
    /// For clients that read the top.
    pub unread_count: i64,
}

/// `POST /broadcasting/auth`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChannelAuthRequest {
    /// The socket, as `pusher:connection_established` named it.
    pub socket_id: String,
    /// The channel.
    pub channel_name: String,
}

/// `POST /broadcasting/user-auth`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UserAuthRequest {
    /// The socket, as `pusher:connection_established` named it.
    pub socket_id: String,
}

/// The answer to [`UserAuthRequest`]: what `pusher:signin` takes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UserAuth {
    /// `key:signature`
    pub auth: String,
    /// The user as JSON text: `id`, `user_info`, and as `watchlist` nobody.
    pub user_data: String,
}

/// The answer to [`ChannelAuthRequest`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ChannelAuth {
    /// `key:signature`
    pub auth: String,
    /// The member, on presence channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_data: Option<String>,
}

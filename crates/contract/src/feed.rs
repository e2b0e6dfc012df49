//! The rows of a feed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One row of a user's feed. `seq` is dense: each row is the one before plus 1.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FeedRow {
    /// The number of the event in this user's feed, from 1.
    pub seq: i64,
    /// The event's name.
    pub event: String,
    /// The channel that it went out on.
    pub channel: String,
    /// The body.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// The rows of a feed and how far it reaches.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FeedPage {
    /// Rows in order.
    pub data: Vec<FeedRow>,
    /// The ends.
    pub meta: FeedMeta,
}

/// The ends of a feed.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct FeedMeta {
    /// The last number given out, 0 when there is none.
    pub latest: i64,
    /// The oldest number that is still kept. A client that knows less than the one before it loads everything anew.
    pub oldest: i64,
}

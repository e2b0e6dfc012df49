//! Each user's feed: what a client that was away missed.

use axum::{Json, extract::State};
use guildhall_contract::feed::{FeedMeta, FeedPage};
use guildhall_db::{DbError, feed};
use guildhall_market::{permissions::MarketChannel, time::DAY_MS};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    feature::{Admission, Feature},
    request::{Caller, Query},
    retention::{Forgetting, Retention},
};

/// Rows in one answer when the caller names no number.
const LIMIT_DEFAULT: i64 = 500;

/// How long rows of a feed are kept, days. A client that was away longer loads everything anew.
const FEED_DAYS: i64 = 90;

const RETENTION: Retention = Retention { what: "feed", forget: |forgetting| Box::pin(forget_feed(forgetting)) };

async fn forget_feed(forgetting: &Forgetting) -> Result<(), DbError> {
    let before = forgetting.until.plus_ms(-FEED_DAYS * DAY_MS);
    let mut from = Some(feed::Forgot::default());
    while let Some(now) = from {
        from = forgetting.chunk(move |c, most| Box::pin(feed::prune(c, before, now, most))).await?.1;
    }
    Ok(())
}

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    admit: Some(|_, caller, channel| Box::pin(async move { Ok(admit(caller, channel)) })),
    retention: &[RETENTION],
    ..Feature::named("feed")
};

/// Everybody listens to their own events.
fn admit(caller: &Caller, channel: &str) -> Option<Admission> {
    let theirs = MarketChannel::parse(channel).filter(|channel| matches!(channel, MarketChannel::User(_)));
    theirs.is_some_and(|channel| channel.admits(caller.user, caller.admin)).then(Admission::default)
}

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_feed))
}

#[derive(Deserialize)]
struct FeedQuery {
    #[serde(default)]
    after: i64,
    limit: Option<i64>,
}

/// As [`FeedRow`], with the body passed on as it is stored: it is not parsed only to be written again.
#[derive(serde::Serialize)]
struct RawRow {
    seq: i64,
    event: String,
    channel: String,
    data: Box<RawValue>,
}

#[derive(serde::Serialize)]
struct RawPage {
    data: Vec<RawRow>,
    meta: FeedMeta,
}

/// The user's own events after a number, in order. A client that knows less than `oldest - 1` loads everything anew.
#[utoipa::path(get, path = "/api/feed", tag = "feed",
    params(("after" = Option<i64>, Query), ("limit" = Option<i64>, Query)), responses((status = 200, body = FeedPage)))]
async fn get_feed(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<FeedQuery>,
) -> Result<Json<impl serde::Serialize>, ApiError> {
    if query.after < 0 {
        return Err(ApiError::invalid("after", "`after` must be 0 or the number of an event."));
    }
    let mut c = app.db.read().await?;
    // Rows first: an event that is added in between then counts in `latest` and is asked for next.
    let rows = feed::after(&mut c, caller.user, query.after, query.limit.unwrap_or(LIMIT_DEFAULT)).await?;
    let ends = feed::ends(&mut c, caller.user).await?;
    let data = rows
        .into_iter()
        .map(|row| RawRow {
            seq: row.seq,
            event: row.event,
            channel: row.channel,
            data: RawValue::from_string(row.data).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        })
        .collect();
    Ok(Json(RawPage { data, meta: FeedMeta { latest: ends.latest, oldest: ends.oldest } }))
}

#[cfg(test)]
mod tests {
    use guildhall_contract::feed::FeedRow;

    use super::*;

    #[test]
    fn the_raw_page_reads_as_the_contracts_page() {
        let page = RawPage {
            data: vec![RawRow {
                seq: 1,
                event: "e".into(),
                channel: "private-user.1".into(),
                data: RawValue::from_string("{\"a\":1}".into()).expect("JSON"),
            }],
            meta: FeedMeta { latest: 1, oldest: 1 },
        };
        let text = serde_json::to_string(&page).expect("plain data");
        let read: FeedPage = serde_json::from_str(&text).expect("the contract's form");
        let FeedRow { seq, data, .. } = &read.data[0];
        assert_eq!((*seq, data["a"].as_i64()), (1, Some(1)));
    }
}

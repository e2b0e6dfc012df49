//! The people whom one blocked. Blocking itself stands with people.

use axum::{Json, extract::State};
use guildhall_contract::{people::User, rest::Data};
use guildhall_db::{departures, people};
use guildhall_market::ids::UserId;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    feature::{Exported, Feature, Life},
    render,
    request::Caller,
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), life: Some(&LIFE), ..Feature::named("blocks") };

const LIFE: Life = Life {
    must_end: None,
    suspended: None,
    taken_back: None,
    erase: None,
    export: &[Exported {
        name: "blocked",
        title: "People you blocked",
        page: |c, user, _| {
            Box::pin(async move {
                let blocked = departures::blocked(c, user).await?;
                Ok((
                    blocked
                        .iter()
                        .map(|one| json!({ "user_id": one.id, "since": crate::render::time(one.created_at_ms) }))
                        .collect(),
                    None,
                ))
            })
        },
    }],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_blocked))
}

/// The people whom one blocked, by name. At most 1,000.
#[utoipa::path(get, path = "/api/users/blocked", tag = "people", responses((status = 200, body = Data<Vec<User>>)))]
async fn list_blocked(State(app): State<App>, caller: Caller) -> Result<Json<Data<Vec<User>>>, ApiError> {
    let mut c = app.db.read().await?;
    let ids: Vec<UserId> =
        departures::blocked(&mut c, caller.user).await?.into_iter().map(|one| UserId(one.id)).collect();
    let mut found = people::get_many(&mut c, &ids).await?;
    found.sort_by_key(|user| ids.iter().position(|id| *id == user.id));
    let data = found.iter().map(|user| User { blocked: true, ..render::user(user) }).collect();
    Ok(Json(Data { data }))
}

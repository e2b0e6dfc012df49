//! Saved replies: a person's own short texts, the same on all of their devices.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    events::SAVED_UPDATED,
    rest::{Data, Refusal},
    saved_replies::{SavedReply, SavedReplyPut, SavedUpdated},
};
use guildhall_db::{Committed, feed, saved_replies};
use guildhall_market::{
    saved_replies::{ReplyName, ReplyRefusal, clean, may_add},
    time::Timestamp,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::{ApiError, written},
    feature::{Exported, Feature, Life},
    request::{Caller, Command, Nothing, PathId},
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), life: Some(&LIFE), ..Feature::named("saved replies") };

const LIFE: Life = Life {
    must_end: None,
    suspended: None,
    taken_back: None,
    erase: Some(|c, user, _| {
        Box::pin(async move {
            saved_replies::erase(c, user).await?;
            Ok(Vec::new())
        })
    }),
    export: &[Exported {
        name: "saved_replies",
        title: "Saved replies",
        page: |c, user, _| {
            Box::pin(async move {
                let kept = saved_replies::list(c, user).await?;
                let row = |reply: saved_replies::SavedReply| {
                    serde_json::json!({
                        "name": reply.key, "text": reply.text, "changed_at": crate::render::time(reply.updated_at_ms),
                    })
                };
                Ok((kept.into_iter().map(row).collect(), None))
            })
        },
    }],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get_one, put, delete))
}

impl From<ReplyRefusal> for ApiError {
    fn from(refusal: ReplyRefusal) -> Self {
        match refusal {
            ReplyRefusal::Name => Self::invalid("key", refusal.to_string()),
            ReplyRefusal::Text(text) => Self::from(text).on_field("text"),
            ReplyRefusal::TooMany => Self::new(StatusCode::CONFLICT, "too_many", refusal.to_string()),
        }
    }
}

fn shown(stored: saved_replies::SavedReply) -> SavedReply {
    SavedReply { key: stored.key, text: stored.text, updated_at: Timestamp(stored.updated_at_ms).into() }
}

/// One's saved replies, by name. At most 100.
#[utoipa::path(get, path = "/api/saved-replies", tag = "saved replies", responses((status = 200, body = Data<Vec<SavedReply>>)))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Data<Vec<SavedReply>>>, ApiError> {
    let mut c = app.db.read().await?;
    let data = saved_replies::list(&mut c, caller.user).await?.into_iter().map(shown).collect();
    Ok(Json(Data { data }))
}

/// One of them.
#[utoipa::path(get, path = "/api/saved-replies/{key}", tag = "saved replies", params(("key" = String, Path)),
    responses((status = 200, body = Data<SavedReply>), (status = 404, body = Refusal)))]
async fn get_one(
    State(app): State<App>,
    caller: Caller,
    PathId(key): PathId<ReplyName>,
) -> Result<Json<Data<SavedReply>>, ApiError> {
    let mut c = app.db.read().await?;
    let found = saved_replies::get(&mut c, caller.user, &key).await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(Data { data: shown(found) }))
}

/// Keeps a text under a name, in the place of what had it.
#[utoipa::path(put, path = "/api/saved-replies/{key}", tag = "saved replies", params(("key" = String, Path)),
    request_body = SavedReplyPut,
    responses((status = 200, body = Data<SavedReply>), (status = 409, body = Refusal), (status = 422, body = Refusal)))]
async fn put(
    State(app): State<App>,
    caller: Caller,
    axum::extract::Path(key): axum::extract::Path<String>,
    command: Command<SavedReplyPut>,
) -> Result<Response, ApiError> {
    // A name that cannot be is said to be one: only for what is there it is of no matter why nothing has it.
    let key: ReplyName = key.parse().map_err(ApiError::from)?;
    let text = clean(&command.body.text)?;
    let user = caller.user;
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            may_add(saved_replies::count_others(c, user, &key).await?)?;
            saved_replies::put(c, user, &key, &text, now).await?;
            let body = SavedUpdated {
                kind: "reply".into(),
                key: key.to_string(),
                text: Some(text.clone()),
                updated_at: now.into(),
            };
            let entry = feed::Entry::new(user, SAVED_UPDATED, written(&body)?);
            let events = feed::append(c, vec![entry.except(caller.socket.as_deref())], now).await?;
            let data = SavedReply { key: key.to_string(), text, updated_at: now.into() };
            Ok(Committed { value: Data { data }, events })
        })
    })
    .await
}

/// Deletes one of them.
#[utoipa::path(delete, path = "/api/saved-replies/{key}", tag = "saved replies", params(("key" = String, Path)),
    responses((status = 204), (status = 404, body = Refusal)))]
async fn delete(
    State(app): State<App>,
    caller: Caller,
    PathId(key): PathId<ReplyName>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let user = caller.user;
    app.command(caller.session(), command.once, StatusCode::NO_CONTENT, move |c, now| {
        Box::pin(async move {
            if !saved_replies::delete(c, user, &key).await? {
                return Err(ApiError::not_found());
            }
            let body = SavedUpdated { kind: "reply".into(), key: key.to_string(), text: None, updated_at: now.into() };
            let entry = feed::Entry::new(user, SAVED_UPDATED, written(&body)?);
            let events = feed::append(c, vec![entry.except(caller.socket.as_deref())], now).await?;
            Ok(Committed { value: (), events })
        })
    })
    .await
}

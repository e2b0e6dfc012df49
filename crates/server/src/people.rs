//! Other people: finding them, looking at them, blocking them.

use axum::{Json, extract::State, response::Response};
use guildhall_contract::{
    channels::PRESENCE_UPDATED,
    events::PresenceUpdated,
    rest::{Data, User},
};
use guildhall_db::{Committed, Connection, Outgoing, conversations, people};
use guildhall_market::{ids::UserId, permissions::MarketChannel, time::Timestamp};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::ApiError,
    notifications::event_text,
    render,
    request::{Caller, Command, Nothing, PathId, Query},
};

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(search_users))
        .routes(routes!(get_user))
        .routes(routes!(block_user, unblock_user))
}

/// A person as `caller` may see them: whether they are online is for people one has a conversation with.
///
/// # Errors
/// 404 for nobody.
pub async fn seen_by(app: &App, c: &mut Connection, caller: UserId, id: UserId) -> Result<User, ApiError> {
    let stored = people::get(c, id).await?.ok_or_else(ApiError::not_found)?;
    let (blocks, blocked_by) = people::blocks_since(c, caller, id).await?;
    let mut user = render::user(&stored);
    user.blocked = blocks.is_some();
    if stored.deleted_at_ms.is_none() && conversations::exists(c, caller, id).await? {
        // Somebody who blocked them is away to them, since then: a gap in what they see would tell of the block.
        let since = [blocks, blocked_by].into_iter().flatten().min();
        user.online = Some(since.is_none() && app.hub.is_online(id));
        let seen_at = match (stored.last_seen_at_ms, since) {
            (Some(seen), Some(blocked)) => Some(seen.min(blocked.0)),
            (seen, _) => seen,
        };
        user.last_seen_at = seen_at.map(|at| Timestamp(at).into());
    }
    Ok(user)
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

/// Finds people by name. At most 20.
#[utoipa::path(get, path = "/api/users", tag = "people", params(("q" = String, Query)), responses((status = 200, body = Data<Vec<User>>)))]
async fn search_users(
    State(app): State<App>,
    caller: Caller,
    Query(search): Query<Search>,
) -> Result<Json<Data<Vec<User>>>, ApiError> {
    let q: String = search.q.trim().chars().take(100).collect();
    let mut c = app.db.read().await?;
    let found = people::search(&mut c, &q, caller.user, 20).await?;
    Ok(Json(Data { data: found.iter().map(render::user).collect() }))
}

/// One person.
#[utoipa::path(get, path = "/api/users/{id}", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = Data<User>), (status = 404, body = guildhall_contract::rest::Refusal)))]
async fn get_user(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Result<Json<Data<User>>, ApiError> {
    let mut c = app.db.read().await?;
    Ok(Json(Data { data: seen_by(&app, &mut c, caller.user, id).await? }))
}

/// Blocks somebody: their new messages are refused, and they are not told of the block.
#[utoipa::path(post, path = "/api/users/{id}/block", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = Data<User>), (status = 404, body = guildhall_contract::rest::Refusal)))]
async fn block_user(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<UserId>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    set_block(app, caller, id, command, true).await
}

/// Takes a block back.
#[utoipa::path(delete, path = "/api/users/{id}/block", tag = "people", params(("id" = i64, Path)),
    responses((status = 200, body = Data<User>), (status = 404, body = guildhall_contract::rest::Refusal)))]
async fn unblock_user(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<UserId>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    set_block(app, caller, id, command, false).await
}

async fn set_block(
    app: App,
    caller: Caller,
    id: UserId,
    command: Command<Nothing>,
    on: bool,
) -> Result<Response, ApiError> {
    if id == caller.user {
        return Err(ApiError::invalid("id", "You cannot block yourself."));
    }
    let Nothing {} = command.body;
    let shared = app.clone();
    app.command(caller.user, command.once, axum::http::StatusCode::OK, move |c, now| {
        Box::pin(async move {
            people::get(c, id).await?.ok_or_else(ApiError::not_found)?;
            let before = [(caller.user, id), (id, caller.user)];
            let mut was_online = Vec::with_capacity(2);
            for (reader, about) in before {
                was_online.push(seen_by(&shared, c, reader, about).await?.online.unwrap_or_default());
            }
            if on {
                // Whoever leaves was seen until then: a departure without that would be none.
                for who in [caller.user, id].into_iter().filter(|who| shared.hub.is_online(*who)) {
                    people::seen(c, who, now).await?;
                }
            }
            people::set_block(c, caller.user, id, on, now).await?;
            let data = seen_by(&shared, c, caller.user, id).await?;
            // To each other they are away from now on, and back again when the block is taken back.
            let mut events = Vec::new();
            if conversations::exists(c, caller.user, id).await? {
                for ((reader, about), was_online) in before.into_iter().zip(was_online) {
                    let seen = seen_by(&shared, c, reader, about).await?;
                    // Somebody who was away already does not go away: saying so would tell of the block.
                    if seen.online.unwrap_or_default() == was_online {
                        continue;
                    }
                    let body = PresenceUpdated {
                        user_id: about,
                        online: seen.online.unwrap_or_default(),
                        last_seen_at: seen.last_seen_at,
                    };
                    events.push(Outgoing {
                        channel: MarketChannel::of_user(reader),
                        event: PRESENCE_UPDATED.to_owned(),
                        data: event_text(&body).into(),
                        seq: None,
                        except_socket: None,
                    });
                }
            }
            Ok(Committed { value: Data { data }, events })
        })
    })
    .await
}

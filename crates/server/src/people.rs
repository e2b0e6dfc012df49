//! Other people: as they may be seen, and blocking them.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::Relaxed},
};

use axum::{extract::State, response::Response};
use guildhall_contract::{
    events::PRESENCE_UPDATED,
    people::{PresenceUpdated, User},
    rest::Data,
};
use guildhall_db::{Committed, Connection, Outgoing, conversations, people};
use guildhall_market::{ids::UserId, permissions::MarketChannel, time::Timestamp};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    error::{ApiError, written},
    feature::Feature,
    render,
    request::{Caller, Command, Nothing, PathId},
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), ..Feature::named("people") };

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(block_user, unblock_user))
}

/// A person as `caller` may see them: whether they are online is for people one has a conversation with.
///
/// # Errors
/// 404 for nobody.
pub async fn seen_by(app: &App, c: &mut Connection, caller: UserId, id: UserId) -> Result<User, ApiError> {
    let stored = people::get(c, id).await?.ok_or_else(ApiError::not_found)?;
    let blocks = people::blocks_since(c, caller, id).await?;
    let acquainted = stored.deleted_at_ms.is_none() && conversations::exists(c, caller, id).await?;
    Ok(shown(app, &stored, blocks, acquainted))
}

/// Several people with whom `caller` has conversations, as they may be seen.
///
/// # Errors
/// The database's.
pub async fn acquaintances(
    app: &App,
    c: &mut Connection,
    caller: UserId,
    ids: &[UserId],
) -> Result<Vec<User>, ApiError> {
    let found = people::get_many(c, ids).await?;
    let blocks = people::blocks_of(c, caller).await?;
    let since = |who: UserId, whom: UserId| {
        blocks.iter().find(|(blocker, blocked, _)| (*blocker, *blocked) == (who, whom)).map(|(_, _, at)| *at)
    };
    let seen = |stored: &people::User| {
        let other = stored.id;
        shown(app, stored, (since(caller, other), since(other, caller)), stored.deleted_at_ms.is_none())
    };
    Ok(found.iter().map(seen).collect())
}

/// A person as somebody may see them who blocked them or is blocked by them since then.
fn shown(
    app: &App,
    stored: &people::User,
    (blocks, blocked_by): (Option<Timestamp>, Option<Timestamp>),
    acquainted: bool,
) -> User {
    let mut user = render::user(stored);
    user.blocked = blocks.is_some();
    if acquainted {
        // Somebody who blocked them is away to them, since then: a gap in what they see would tell of the block.
        let since = [blocks, blocked_by].into_iter().flatten().min();
        user.online = Some(since.is_none() && app.hub.is_online(stored.id));
        let seen_at = match (stored.last_seen_at_ms, since) {
            (Some(seen), Some(blocked)) => Some(seen.min(blocked.0)),
            (seen, _) => seen,
        };
        user.last_seen_at = seen_at.map(|at| Timestamp(at).into());
    }
    user
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
    let (shared, session, caller) = (app.clone(), caller.session(), caller.user);
    // When a block came or went, milliseconds since 1970, once that is certain.
    let changed = Arc::new(AtomicI64::new(i64::MIN));
    let told = Arc::clone(&changed);
    let answer = app
        .command(session, command.once, axum::http::StatusCode::OK, move |c, now| {
            Box::pin(async move {
                people::get(c, id).await?.ok_or_else(ApiError::not_found)?;
                let was_online = seen_by(&shared, c, caller, id).await?.online.unwrap_or_default();
                let were_apart = people::blocks_between(c, caller, id).await? != (false, false);
                if on {
                    // Whoever leaves was seen until then: a departure without that would be none.
                    for who in [caller, id].into_iter().filter(|who| shared.hub.is_online(*who)) {
                        people::seen(c, who, now).await?;
                    }
                }
                people::set_block(c, caller, id, on, now).await?;
                let data = seen_by(&shared, c, caller, id).await?;
                let are_apart = people::blocks_between(c, caller, id).await? != (false, false);
                let know_each_other = conversations::exists(c, caller, id).await?;
                told.store(if know_each_other && are_apart != were_apart { now.0 } else { i64::MIN }, Relaxed);
                // Whoever did it sees at once what it does; the other hears of it as of any departure.
                let online = data.online.unwrap_or_default();
                let body = PresenceUpdated { user_id: id, online, last_seen_at: data.last_seen_at };
                let event = Outgoing {
                    channel: MarketChannel::of_user(caller),
                    event: PRESENCE_UPDATED.to_owned(),
                    data: written(&body)?.into(),
                    seq: None,
                    except_socket: None,
                };
                let events = if know_each_other && online != was_online { vec![event] } else { Vec::new() };
                Ok(Committed { value: Data { data }, events })
            })
        })
        .await?;
    let at = changed.load(Relaxed);
    if at > i64::MIN {
        app.hub.part(id, caller, on.then_some(Timestamp(at)));
    }
    Ok(answer)
}

//! What belongs to a person as a file, and the end of an account. What is deleted is gone; what was said to others stays with
//! them, from "Deleted user"; the id stays, the address is free.

mod export;
mod lists;
#[cfg(test)]
mod tests;

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use guildhall_contract::{
    departures::{AccountDelete, PersonDeleted},
    events::PERSON_DELETED,
    rest::Refusal,
};
use guildhall_db::{
    Committed,
    audit::{self, Act, Actor},
    departures, feed, people, suspensions, verifications as stored_verifications,
};
use guildhall_market::ids::UserId;
use tokio::sync::mpsc;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    attachments, credentials,
    error::{ApiError, written},
    feature::{Feature, Features, Life},
    mail::{self, To, letters::Letter},
    request::{Caller, Command},
};

/// Pieces of a file that wait for whoever reads slowly.
const PIECES_MAX: usize = 4;

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), life: Some(&LIFE), ..Feature::named("departures") };

const LIFE: Life = Life { must_end: None, suspended: None, taken_back: None, erase: None, export: lists::GENERAL };

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(export_user)).routes(routes!(delete_user))
}

/// Everything of one's own as a zip that a person can read: pages for a browser, the same as JSON, and the files.
#[utoipa::path(get, path = "/api/user/export", tag = "accounts",
    responses((status = 200, content_type = "application/zip", body = Vec<u8>)))]
async fn export_user(
    State(app): State<App>,
    Extension(features): Extension<Features>,
    caller: Caller,
) -> Result<Response, ApiError> {
    let mut c = app.db.read().await?;
    people::get(&mut c, caller.user).await?.ok_or_else(ApiError::not_found)?;
    drop(c);
    let (sender, receiver) = mpsc::channel(PIECES_MAX);
    let vitals = app.vitals.clone();
    vitals.once("export", async move {
        if let Err(error) = export::write(&app, features, caller.session(), &sender).await {
            tracing::warn!(%error, "an export broke off");
            // Whoever reads it must not take a part for the whole.
            let _ = sender.send(Err(error)).await;
        }
    });
    let pieces =
        stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|one| (one, receiver)) });
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"guildhall-export.zip\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// Deletes one's account, for whoever shows the password once more. 409 says in words what must end first.
#[utoipa::path(delete, path = "/api/user", tag = "accounts", request_body = AccountDelete,
    responses((status = 204), (status = 409, body = Refusal), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn delete_user(
    State(app): State<App>,
    Extension(features): Extension<Features>,
    caller: Caller,
    address: ClientAddress,
    command: Command<AccountDelete>,
) -> Result<StatusCode, ApiError> {
    let me = caller.user;
    let stored = people::get(&mut app.db.read().await?, me).await?.ok_or_else(ApiError::unauthenticated)?;
    let AccountDelete { password, code } = command.body;
    let proof = credentials::again(&app, (&caller, address), &stored, (password, "password"), code.as_deref()).await?;
    let now = command.once.arrived();
    let unused = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                people::hold_for_the_end(c, me).await?;
                proof.use_up(c).await?;
                let mut first = Vec::new();
                for must_end in features.lives().filter_map(|life| life.must_end) {
                    first.extend(must_end(c, me, now).await?);
                }
                if !first.is_empty() {
                    return Err(ApiError::must_end_first(first));
                }
                let others: Vec<UserId> = departures::acquaintances(c, me).await?;
                let by = Actor { user: Some(me), token: Some(caller.token), address: Some(address.ip.to_string()) };
                let act = Act {
                    action: "user.delete",
                    subject: ("user", me.0),
                    about: &[me],
                    look: false,
                    reason: "Asked for by the person",
                    detail: "{}",
                };
                audit::add(c, &by, &act, now).await?;
                let reads = stored_verifications::reads_letters_at(c, me, &stored.email).await?;
                let mut unused = Vec::new();
                for erase in features.lives().filter_map(|life| life.erase) {
                    unused.extend(erase(c, me, now).await?);
                }
                unused.extend(departures::erase(c, me).await?);
                suspensions::end_tokens(c, me, now).await?;
                if !departures::delete(c, me, now).await? {
                    return Err(ApiError::unauthenticated());
                }
                if reads {
                    let place = address.source().to_string();
                    let letter = Letter::AccountDeleted { name: stored.name.clone(), at_ms: now.0, place };
                    mail::queue(c, To { user: None, address: &stored.email }, &letter, None, now).await?;
                }
                let body = written(&PersonDeleted { user_id: me })?;
                let told = others.into_iter().map(|other| feed::Entry::new(other, PERSON_DELETED, body.clone()));
                let events = feed::append(c, told.collect(), now).await?;
                Ok(Committed { value: unused, events })
            })
        })
        .await?;
    app.hub.close_user(me);
    app.mailroom.wake();
    attachments::remove_unused(&app, unused).await;
    Ok(StatusCode::NO_CONTENT)
}

//! Messages in both dialects: sending, paging, read and delivery marks, deletion, search.

pub mod lists;
pub mod marks;
pub mod notice;
pub mod reading;
pub mod sending;
pub mod take_back;

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    messages::MessageBody,
    rest::{Data, Refusal},
};
use guildhall_db::{DbError, messages};
use guildhall_market::ids::MessageId;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    attachments, demo,
    error::ApiError,
    feature::Feature,
    request::{Caller, Command, Nothing, PathId},
    retention::{Forgetting, Retention},
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    retention: &[RETENTION],
    demo: Some(|_, c, now| Box::pin(demo::conversations::fill(c, now))),
    ..Feature::named("messages")
};

const RETENTION: Retention = Retention { what: "sealed", forget: |forgetting| Box::pin(forget_sealed(forgetting)) };

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(sending::routes())
        .merge(lists::routes())
        .merge(marks::routes())
        .routes(routes!(delete_message))
}

async fn forget_sealed(forgetting: &Forgetting) -> Result<(), DbError> {
    let now = forgetting.until;
    loop {
        let (gone, unused) = forgetting.chunk(move |c, most| Box::pin(messages::purge_sealed(c, now, most))).await?;
        attachments::remove_unused(&forgetting.app, unused).await;
        if !forgetting.may_be_more(gone) {
            return Ok(());
        }
    }
}

/// Deletes one's own message for both. A trace stays.
#[utoipa::path(delete, path = "/api/messages/{id}", tag = "messages", params(("id" = i64, Path)),
    responses((status = 200, body = Data<MessageBody>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
async fn delete_message(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<MessageId>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let shared = app.clone();
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move { take_back::message(c, &shared, caller.user, id, caller.socket.as_deref(), now).await })
    })
    .await
}

//! Letters that were given up: seen by administrators, and tried again when they say so.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    desk::{DeskLetter, DeskLetters},
    rest::{Data, Refusal},
};
use guildhall_db::{Committed, Connection, audit::Act, mails, people};
use guildhall_market::{accounts::DELETED_NAME, codes::Carrier, time::Timestamp};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::letters::ACCOUNT_DELETED;
use crate::{
    app::App,
    audit::Administrator,
    error::ApiError,
    request::{Command, Nothing, PathId},
};

/// Letters in one answer.
const LETTERS_MAX: i64 = 50;

/// The routes of it.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(again))
}

async fn letters(app: &App, c: &mut Connection, now: Timestamp) -> Result<DeskLetters, ApiError> {
    let (waiting, _) = mails::counts(c).await?;
    let failed = mails::failed(c, None, LETTERS_MAX).await?;
    let users: Vec<_> = failed.iter().filter_map(|mail| mail.user_id).collect();
    let users = people::get_many(c, &users).await?;
    let shown = |mail: mails::Mail| {
        let name = match mail.user_id {
            // Whoever deleted an account has none any more, and whoever makes one none yet.
            None if mail.kind == ACCOUNT_DELETED => DELETED_NAME.to_owned(),
            None => guildhall_words::written_in(guildhall_words::DEFAULT).mails_somebody_new(),
            Some(id) => {
                users.iter().find(|user| user.id == id).map_or(DELETED_NAME, |user| user.shown_name()).to_owned()
            }
        };
        DeskLetter {
            id: mail.id,
            name,
            may_retry: mail.expires_at_ms.is_none_or(|at| at > now.0),
            at: Timestamp(mail.created_at_ms).into(),
            failed_at: Timestamp(mail.failed_at_ms.unwrap_or(mail.created_at_ms)).into(),
            tries: mail.tries,
            // Mail servers like to repeat the address, which is nobody's business here.
            error: mail.error.unwrap_or_default().replace(&mail.address, "…"),
            kind: mail.kind,
        }
    };
    let failed = failed.into_iter().map(shown).collect();
    let (sends, codes) = (app.sends(Carrier::Mail), !app.sends(Carrier::Mail) || !app.sends(Carrier::Phone));
    Ok(DeskLetters { sends, codes, waiting, failed })
}

/// Letters that wait, and those that were given up. For administrators.
#[utoipa::path(get, path = "/api/admin/failed-jobs", tag = "admin",
    responses((status = 200, body = Data<DeskLetters>), (status = 403, body = Refusal)))]
async fn list(State(app): State<App>, _: Administrator) -> Result<Json<Data<DeskLetters>>, ApiError> {
    let mut c = app.db.read().await?;
    let data = letters(&app, &mut c, app.now()).await?;
    Ok(Json(Data { data }))
}

/// Has a letter that was given up tried again. For administrators.
#[utoipa::path(post, path = "/api/admin/failed-jobs/{id}/retry", tag = "admin", params(("id" = i64, Path)),
    responses((status = 200, body = Data<DeskLetters>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal)))]
async fn again(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<i64>,
    command: Command<Nothing>,
) -> Result<Response, ApiError> {
    let Nothing {} = command.body;
    let shared = app.clone();
    let answer = app
        .command(administrator.session, command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                let mail = mails::get(c, id).await?.ok_or_else(ApiError::not_found)?;
                if !mails::retry(c, id, now).await? {
                    let words = "This letter was not given up, or it is of no use any more.";
                    return Err(ApiError::new(StatusCode::CONFLICT, "wrong_state", words));
                }
                let about: Vec<_> = mail.user_id.into_iter().collect();
                let act = Act {
                    action: "letter.retry",
                    subject: ("letter", id),
                    about: &about,
                    look: false,
                    reason: "A letter that had been given up is tried again",
                    detail: "{}",
                };
                administrator.writes(c, &act, now).await?;
                Ok(Committed::quiet(Data { data: letters(&shared, c, now).await? }))
            })
        })
        .await?;
    app.mailroom.wake();
    Ok(answer)
}

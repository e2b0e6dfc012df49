//! Keeping somebody out: the tokens end in the transaction that decides it, the sockets close after it, and whoever signs in
//! with the right password is told why. Until then they may say something to it, once.

use axum::{Extension, Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    rest::{Data, Refusal},
    suspensions::{ReasonBody, Suspended, SuspendedAnswerBody, SuspendedBody},
};
use guildhall_db::{Committed, Connection, audit::Act, feed, notifications, people, suspensions};
use guildhall_market::{
    accounts, ids::UserId, notifications::kinds::ADMINISTRATOR_SUSPENDED, reports, time::Timestamp,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    audit::{self, Administrator},
    credentials, desk,
    error::{ApiError, written},
    feature::{Feature, Features, Life},
    notifications::notify,
    request::{Command, PathId},
    second_step,
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), life: Some(&LIFE), ..Feature::named("suspensions") };

const LIFE: Life = Life {
    must_end: Some(|c, user, _| {
        Box::pin(async move {
            let last = suspensions::hold_administrators(c).await? == [user];
            let words = "You are the last administrator of this server. Give the role to somebody else.";
            Ok(last.then(|| words.to_owned()).into_iter().collect())
        })
    }),
    suspended: None,
    taken_back: None,
    erase: None,
    export: &[],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(suspend_user))
        .routes(routes!(reinstate_user))
        .routes(routes!(read_suspension))
        .routes(routes!(answer_suspension))
}

/// Why somebody is kept out, told to whoever showed the password.
///
/// # Errors
/// None: what cannot be read has the general words.
pub async fn refusal(c: &mut Connection, user: UserId) -> ApiError {
    match suspensions::standing(c, user).await {
        Ok(Some(standing)) => {
            let words = format!("This account is suspended: {}", standing.reason);
            ApiError::new(StatusCode::FORBIDDEN, "suspended", words)
        }
        Ok(None) | Err(_) => ApiError::suspended(),
    }
}

/// Somebody who can be suspended by this administrator, and no last one.
async fn check(c: &mut Connection, by: UserId, user: UserId) -> Result<people::User, ApiError> {
    let administrators = suspensions::hold_administrators(c).await?;
    people::hold_for_the_end(c, user).await?;
    let stored = people::get(c, user).await?.filter(|user| user.deleted_at_ms.is_none());
    let stored = stored.ok_or_else(ApiError::not_found)?;
    if user == by {
        return Err(ApiError::forbidden("You cannot suspend yourself. Another administrator can."));
    }
    if administrators == [user] {
        let words = "This is the last administrator. Give the role to somebody else first.";
        return Err(ApiError::new(StatusCode::CONFLICT, "last_administrator", words));
    }
    if stored.suspended_at_ms.is_some() {
        return Err(ApiError::new(StatusCode::CONFLICT, "wrong_state", "This person is suspended already."));
    }
    Ok(stored)
}

/// Suspends somebody, in the transaction of a command. Answers with what the other administrators are told: none of them is
/// suspended in silence.
///
/// # Errors
/// 403 for oneself, 404 for nobody, 409 for the last administrator and for whoever is suspended already.
pub async fn suspend(
    c: &mut Connection,
    features: Features,
    administrator: &Administrator,
    user: UserId,
    (reason, report): (&str, Option<i64>),
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    let stored = check(c, administrator.user, user).await?;
    let id = suspensions::begin(c, user, Some(administrator.user), reason, report, now).await?;
    let tokens = suspensions::end_tokens(c, user, now).await?;
    for suspended in features.lives().filter_map(|life| life.suspended) {
        suspended(c, user, true, now).await?;
    }
    let detail =
        written(&serde_json::json!({ "before": "active", "after": "suspended", "devices": tokens, "report": report }))?;
    let act =
        Act { action: "user.suspend", subject: ("user", user.0), about: &[user], look: false, reason, detail: &detail };
    administrator.writes(c, &act, now).await?;
    let mut told = Vec::new();
    if stored.role == accounts::Role::Admin {
        for other in suspensions::hold_administrators(c).await?.into_iter().filter(|id| *id != administrator.user) {
            let data = written(&serde_json::json!({ "user_id": user }))?;
            let notice = notifications::NewNotification {
                user: other,
                kind: ADMINISTRATOR_SUSPENDED,
                subject: &format!("suspension:{id}"),
                version: 1,
                title: &format!("{} was suspended", stored.name),
                body: reason,
                data: &data,
            };
            told.extend(notify(c, &notice, now).await?);
        }
    }
    Ok(told)
}

/// Lets somebody in again, in the transaction of a command.
///
/// # Errors
/// 404 for nobody, 409 for whoever is not suspended.
pub async fn reinstate(
    c: &mut Connection,
    features: Features,
    administrator: &Administrator,
    user: UserId,
    reason: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    // Of two who lift it, one does, and not what somebody decided since.
    people::hold_for_the_end(c, user).await?;
    let stored = people::get(c, user).await?.filter(|user| user.deleted_at_ms.is_none());
    if stored.ok_or_else(ApiError::not_found)?.suspended_at_ms.is_none() {
        return Err(ApiError::new(StatusCode::CONFLICT, "wrong_state", "This person is not suspended."));
    }
    suspensions::lift(c, user, reason, now).await?;
    for suspended in features.lives().filter_map(|life| life.suspended) {
        suspended(c, user, false, now).await?;
    }
    let detail = r#"{"before":"suspended","after":"active"}"#;
    let act = Act { action: "user.reinstate", subject: ("user", user.0), about: &[user], look: false, reason, detail };
    administrator.writes(c, &act, now).await
}

/// Suspends somebody: all devices are signed out at once, and whoever signs in is told the reason. For administrators.
#[utoipa::path(post, path = "/api/admin/users/{id}/suspend", tag = "admin", params(("id" = i64, Path)), request_body = ReasonBody,
    responses((status = 200, body = Data<guildhall_contract::desk::DeskPerson>), (status = 403, body = Refusal),
        (status = 404, body = Refusal), (status = 409, body = Refusal), (status = 422, body = Refusal)))]
async fn suspend_user(
    State(app): State<App>,
    Extension(features): Extension<Features>,
    administrator: Administrator,
    PathId(id): PathId<UserId>,
    command: Command<ReasonBody>,
) -> Result<Response, ApiError> {
    let reason = audit::reason(&command.body.reason)?;
    let answer = app
        .command(administrator.session, command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                let told = suspend(c, features, &administrator, id, (&reason, None), now).await?;
                let events = feed::append(c, told, now).await?;
                Ok(Committed { value: Data { data: desk::person(c, id).await? }, events })
            })
        })
        .await?;
    app.hub.close_user(id);
    Ok(answer)
}

/// Lets somebody in again. For administrators.
#[utoipa::path(post, path = "/api/admin/users/{id}/reinstate", tag = "admin", params(("id" = i64, Path)), request_body = ReasonBody,
    responses((status = 200, body = Data<guildhall_contract::desk::DeskPerson>), (status = 403, body = Refusal),
        (status = 404, body = Refusal), (status = 409, body = Refusal), (status = 422, body = Refusal)))]
async fn reinstate_user(
    State(app): State<App>,
    Extension(features): Extension<Features>,
    administrator: Administrator,
    PathId(id): PathId<UserId>,
    command: Command<ReasonBody>,
) -> Result<Response, ApiError> {
    let reason = audit::reason(&command.body.reason)?;
    app.command(administrator.session, command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            reinstate(c, features, &administrator, id, &reason, now).await?;
            Ok(Committed::quiet(Data { data: desk::person(c, id).await? }))
        })
    })
    .await
}

/// Who is kept out and shows what a sign-in asks for. Everybody else gets the answer of a sign-in that failed, in the same time.
async fn kept_out(
    app: &App,
    address: ClientAddress,
    (email, password): (&str, String),
    code: Option<&str>,
    now: Timestamp,
) -> Result<(suspensions::Suspension, credentials::Proof), ApiError> {
    let password = credentials::prove(app, address, email, password).await?;
    let user = password.user();
    let step = second_step::attempt(app, user, code, address, now).await?;
    let mut c = app.db.read().await?;
    let standing = suspensions::standing(&mut c, user).await?.ok_or_else(ApiError::not_found)?;
    Ok((standing, credentials::Proof::new(password, step)))
}

fn shown(standing: suspensions::Suspension) -> Suspended {
    Suspended { reason: standing.reason, since: Timestamp(standing.at_ms).into(), answer: standing.answer }
}

/// What somebody who is suspended may read of it, with the password, and with a code where two-step sign-in is on; a code is not
/// used up by it. 404 for whoever is not.
#[utoipa::path(post, path = "/api/suspended", tag = "accounts", request_body = SuspendedBody,
    responses((status = 200, body = Data<Suspended>), (status = 404, body = Refusal), (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn read_suspension(
    State(app): State<App>,
    address: ClientAddress,
    command: Command<SuspendedBody>,
) -> Result<Json<Data<Suspended>>, ApiError> {
    let SuspendedBody { email, password, code } = command.body;
    let (standing, _) = kept_out(&app, address, (&email, password), code.as_deref(), command.once.arrived()).await?;
    Ok(Json(Data { data: shown(standing) }))
}

/// What they say to it, once. Where the suspension follows from a report, the report is answered by it.
#[utoipa::path(post, path = "/api/suspended/answer", tag = "accounts", request_body = SuspendedAnswerBody,
    responses((status = 200, body = Data<Suspended>), (status = 404, body = Refusal), (status = 409, body = Refusal),
        (status = 422, body = Refusal), (status = 429, body = Refusal)))]
async fn answer_suspension(
    State(app): State<App>,
    address: ClientAddress,
    command: Command<SuspendedAnswerBody>,
) -> Result<Json<Data<Suspended>>, ApiError> {
    let SuspendedAnswerBody { email, password, code, words } = command.body;
    let words = reports::clean(&words).map_err(|refusal| ApiError::from(refusal).on_field("words"))?;
    let now = command.once.arrived();
    let (standing, proof) = kept_out(&app, address, (&email, password), code.as_deref(), now).await?;
    let standing = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                proof.use_up(c).await?;
                let again = || ApiError::new(StatusCode::CONFLICT, "wrong_state", "You answered before.");
                if !suspensions::answer(c, standing.id, &words, now).await? {
                    return Err(again());
                }
                let told = match standing.report_id {
                    Some(report) => crate::reports::answered(c, report, standing.user_id, &words, now).await?.0,
                    None => Vec::new(),
                };
                let events = feed::append(c, told, now).await?;
                let standing = suspensions::standing(c, standing.user_id).await?.ok_or_else(ApiError::not_found)?;
                Ok(Committed { value: standing, events })
            })
        })
        .await?;
    Ok(Json(Data { data: shown(standing) }))
}

//! Deciding a report, and ending it after the answer. What follows happens in the same transaction: the thing is hidden, the
//! person is told why, the account is suspended, and all of it is written down.

use axum::{Extension, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    reports::{ReportCloseBody, ReportDecideBody, ReportFull},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Committed, Connection, Outgoing, audit::Act, feed, messages, notifications, people, reports, suspensions,
};
use guildhall_market::{
    ids::{MessageId, UserId},
    notifications::kinds::{REPORT_CLOSED, REPORT_DECIDED, REPORT_LOOKED_AT},
    reports::{Action, Measures, Thing, step},
    time::Timestamp,
};

use super::{full, measures, role_of};
use crate::{
    app::App,
    audit::{self, Administrator},
    error::{ApiError, written},
    feature::Features,
    messages::take_back,
    notifications::notify,
    profiles,
    request::{Command, PathId},
    suspensions::{reinstate, suspend},
};

/// Tells somebody something of a report.
async fn tell(
    c: &mut Connection,
    user: UserId,
    (kind, id): (&'static str, i64),
    (title, body): (&str, &str),
    now: Timestamp,
) -> Result<Option<feed::Entry>, ApiError> {
    let data = written(&serde_json::json!({ "report_id": id }))?;
    let subject = format!("report:{id}");
    let notice = notifications::NewNotification { user, kind, subject: &subject, version: 1, title, body, data: &data };
    notify(c, &notice, now).await
}

/// Hides the thing. A message is taken back for both, as if its writer had; a picture goes, and so does
/// what a profile says. The name stays.
async fn hide(
    c: &mut Connection,
    app: &App,
    report: &reports::Report,
    now: Timestamp,
) -> Result<Vec<Outgoing>, ApiError> {
    match report.thing {
        Thing::Message => {
            let id = MessageId(report.thing_id);
            let stands = messages::get(c, id).await?.is_some_and(|message| message.deleted_at_ms.is_none());
            if !stands {
                return Ok(Vec::new());
            }
            Ok(take_back::message(c, app, report.concerned_id, id, None, now).await?.events)
        }
        Thing::Picture | Thing::Profile => {
            profiles::hide(c, report.concerned_id, report.thing == Thing::Picture, now).await
        }
    }
}

/// Decides a report: hides, warns, suspends, or lets it be. The person concerned reads the reason, and may answer once. For
/// administrators who are neither of the two.
#[utoipa::path(post, path = "/api/admin/reports/{id}/decide", tag = "admin", params(("id" = i64, Path)), request_body = ReportDecideBody,
    responses((status = 200, body = Data<ReportFull>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn decide_report(
    State(app): State<App>,
    Extension(features): Extension<Features>,
    administrator: Administrator,
    PathId(id): PathId<i64>,
    command: Command<ReportDecideBody>,
) -> Result<Response, ApiError> {
    let reason = audit::reason(&command.body.reason)?;
    let taken = match command.body.measures.as_slice() {
        [] => None,
        codes => {
            let taken = Measures::from_codes(codes);
            Some(taken.map_err(|wrong| ApiError::invalid("measures", wrong.to_string()))?)
        }
    };
    let (shared, me) = (app.clone(), administrator.user);
    let answer = app
        .command(administrator.session, command.once, StatusCode::OK, move |c, now| {
            Box::pin(async move {
                let report = reports::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
                let action = if taken.is_some() { Action::Decide } else { Action::Dismiss };
                let state = step(report.state, action, role_of(&report, me, true))?;
                let taken = taken.unwrap_or_default();
                let concerned = report.concerned_id;
                let mut told = Vec::new();
                // Who is suspended before the feeds are held: it holds the administrators.
                if taken.suspend {
                    let already = people::get(c, concerned)
                        .await?
                        .is_none_or(|user| user.suspended_at_ms.is_some() || user.deleted_at_ms.is_some());
                    if !already {
                        told.extend(suspend(c, features, &administrator, concerned, (&reason, Some(id)), now).await?);
                    }
                }
                let mut events = if taken.hide { hide(c, &shared, &report, now).await? } else { Vec::new() };
                let codes = taken.codes().join(",");
                reports::decide(c, id, me, (state, &codes, &reason), now).await?;
                if action == Action::Decide {
                    let title = if taken.hide { "Something of yours was hidden" } else { "A decision about you" };
                    told.extend(tell(c, concerned, (REPORT_DECIDED, id), (title, &reason), now).await?);
                }
                let words = "An administrator looked at what you reported, and decided.";
                told.extend(tell(c, report.reporter_id, (REPORT_LOOKED_AT, id), ("Your report", words), now).await?);
                let detail = written(&serde_json::json!({
                    "before": report.state.code(), "after": state.code(), "measures": taken.codes(),
                    "thing": report.thing.code(), "thing_id": report.thing_id,
                }))?;
                // A report that came to nothing is nobody's business but that of who made it.
                let about = if action == Action::Decide { vec![concerned] } else { Vec::new() };
                let name = if action == Action::Decide { "report.decide" } else { "report.dismiss" };
                let act = Act {
                    action: name,
                    subject: ("report", id),
                    about: &about,
                    look: false,
                    reason: &reason,
                    detail: &detail,
                };
                administrator.writes(c, &act, now).await?;
                events.extend(feed::append(c, told, now).await?);
                let report = reports::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
                Ok(Committed { value: Data { data: full(c, me, report).await? }, events })
            })
        })
        .await?;
    if taken.is_some_and(|taken| taken.suspend) {
        let mut c = app.db.read().await?;
        if let Some(report) = reports::hold(&mut c, id).await? {
            app.hub.close_user(report.concerned_id);
        }
    }
    Ok(answer)
}

/// Ends a report after the answer: the decision stands, or is taken back, and with it a suspension that follows from it. For
/// administrators who are neither of the two.
#[utoipa::path(post, path = "/api/admin/reports/{id}/close", tag = "admin", params(("id" = i64, Path)), request_body = ReportCloseBody,
    responses((status = 200, body = Data<ReportFull>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn close_report(
    State(app): State<App>,
    Extension(features): Extension<Features>,
    administrator: Administrator,
    PathId(id): PathId<i64>,
    command: Command<ReportCloseBody>,
) -> Result<Response, ApiError> {
    let reason = audit::reason(&command.body.reason)?;
    let action = if command.body.uphold { Action::Uphold } else { Action::TakeBack };
    let me = administrator.user;
    app.command(administrator.session, command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let report = reports::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
            let state = step(report.state, action, role_of(&report, me, true))?;
            let concerned = report.concerned_id;
            let standing = suspensions::standing(c, concerned).await?;
            if action == Action::TakeBack && standing.is_some_and(|standing| standing.report_id == Some(id)) {
                reinstate(c, features, &administrator, concerned, &reason, now).await?;
            }
            reports::close(c, id, state, &reason, now).await?;
            let title = if action == Action::Uphold { "The decision stands" } else { "The decision was taken back" };
            let told = tell(c, concerned, (REPORT_CLOSED, id), (title, &reason), now).await?;
            let detail = written(&serde_json::json!({
                "before": report.state.code(), "after": state.code(), "measures": measures(&report),
            }))?;
            let name = if action == Action::Uphold { "report.uphold" } else { "report.take_back" };
            let act = Act {
                action: name,
                subject: ("report", id),
                about: &[concerned],
                look: false,
                reason: &reason,
                detail: &detail,
            };
            administrator.writes(c, &act, now).await?;
            let events = feed::append(c, told.into_iter().collect(), now).await?;
            let report = reports::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
            Ok(Committed { value: Data { data: full(c, me, report).await? }, events })
        })
    })
    .await
}

//! Reports: made by one person, decided by an administrator who is neither of the two, answered once by whom it is about. What
//! was reported is frozen at that moment: what is deleted later can be read by whoever decides, and that alone.

mod deciding;
mod demo;
mod making;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use guildhall_contract::{
    reports::{Frozen, OwnReport, ReportAnswerBody, ReportFile, ReportFull, ReportRow},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Committed, Connection, DbError,
    audit::{self as audit_rows, Act, Filter},
    feed, notifications, people, reports,
};
use guildhall_market::{
    ids::UserId,
    notifications::kinds::REPORT_ANSWERED,
    reports::{Action, Role, State as ReportState, StepRefusal, clean, step},
    time::Timestamp,
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    attachments,
    audit::{Administrator, row},
    error::{ApiError, kept, written},
    feature::{Exported, Feature, Life},
    notifications::notify,
    request::{Caller, Command, PathId, Query},
    retention::{Forgetting, Retention},
};

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    retention: &[Retention { what: "evidence", forget: |forgetting| Box::pin(forget_evidence(forgetting)) }],
    life: Some(&LIFE),
    demo: Some(|_, c, now| Box::pin(demo::fill(c, now))),
    ..Feature::named("reports")
};

const LIFE: Life = Life {
    must_end: None,
    suspended: None,
    taken_back: None,
    // Reports stay with those who decide, and so does what was said in them; their evidence goes with time.
    erase: None,
    export: &[Exported {
        name: "reports",
        title: "Reports",
        page: |c, user, after| {
            Box::pin(async move {
                let found = reports::of(c, user, after, 100).await?;
                let next = found.last().map(|last| last.id);
                let rows = found.into_iter().map(|report| serde_json::to_value(own(&report, user)));
                Ok((rows.collect::<Result<_, _>>().map_err(|_| ApiError::broken())?, next))
            })
        },
    }],
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(making::make_report, list_reports))
        .routes(routes!(answer_report))
        .routes(routes!(list_queue))
        .routes(routes!(open_report))
        .routes(routes!(open_file))
        .routes(routes!(deciding::decide_report))
        .routes(routes!(deciding::close_report))
}

impl From<StepRefusal> for ApiError {
    fn from(refusal: StepRefusal) -> Self {
        match refusal {
            StepRefusal::NotYours => Self::forbidden(refusal.to_string()),
            StepRefusal::WrongState(_) => Self::new(StatusCode::CONFLICT, "wrong_state", refusal.to_string()),
        }
    }
}

async fn forget_evidence(forgetting: &Forgetting) -> Result<(), DbError> {
    let now = forgetting.until;
    loop {
        let (gone, unused) = forgetting.chunk(move |c, most| Box::pin(reports::forget_evidence(c, now, most))).await?;
        attachments::remove_unused(&forgetting.app, unused).await;
        if !forgetting.may_be_more(gone) {
            return Ok(());
        }
    }
}

/// How somebody stands to a report.
fn role_of(report: &reports::Report, who: UserId, administrator: bool) -> Role {
    if who == report.concerned_id {
        Role::Concerned
    } else if who == report.reporter_id {
        Role::Reporter
    } else if administrator {
        Role::Administrator
    } else {
        Role::Stranger
    }
}

fn measures(report: &reports::Report) -> Vec<String> {
    report.measures.split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

/// A report as one of its two people sees it. Whom it is about is never told who made it, or in which words.
fn own(report: &reports::Report, who: UserId) -> OwnReport {
    let mine = report.reporter_id == who;
    let theirs = |text: &Option<String>| text.clone().filter(|_| !mine);
    let decided = report.decided_at_ms.unwrap_or(report.created_at_ms);
    OwnReport {
        id: report.id,
        mine,
        kind: report.thing.code().to_owned(),
        // Whoever made it learns that it was looked at, and nothing of what is between others.
        state: match report.state {
            ReportState::Open => "open",
            _ if mine && report.state != ReportState::Dismissed => "decided",
            state => state.code(),
        }
        .to_owned(),
        words: mine.then(|| report.words.clone()),
        at: Timestamp(if mine { report.created_at_ms } else { decided }).into(),
        measures: if mine { Vec::new() } else { measures(report) },
        reason: theirs(&report.reason),
        answer: theirs(&report.answer),
        close_reason: theirs(&report.close_reason),
        may_answer: step(report.state, Action::Answer, role_of(report, who, false)).is_ok(),
    }
}

/// Reports that one made, and those that were decided about oneself, newest first. At most 200.
#[utoipa::path(get, path = "/api/reports", tag = "reports", responses((status = 200, body = Data<Vec<OwnReport>>)))]
async fn list_reports(State(app): State<App>, caller: Caller) -> Result<Json<Data<Vec<OwnReport>>>, ApiError> {
    let mut c = app.db.read().await?;
    let found = reports::of(&mut c, caller.user, 0, reports::PAGE_MAX).await?;
    Ok(Json(Data { data: found.iter().rev().map(|report| own(report, caller.user)).collect() }))
}

/// What the person concerned says, once, in the transaction of a command. Answers with what is told of it.
///
/// # Errors
/// 404 for a report that is not about them, or that they know nothing of; 409 when they answered before.
pub async fn answered(
    c: &mut Connection,
    id: i64,
    who: UserId,
    words: &str,
    now: Timestamp,
) -> Result<(Vec<feed::Entry>, reports::Report), ApiError> {
    let found = reports::hold(c, id).await?.filter(|report| report.concerned_id == who);
    let report = found.filter(|report| report.decided_at_ms.is_some() && report.state != ReportState::Dismissed);
    let report = report.ok_or_else(ApiError::not_found)?;
    let state = step(report.state, Action::Answer, Role::Concerned)?;
    reports::answer(c, id, state, words, now).await?;
    let mut told = Vec::new();
    if let Some(decided_by) = report.decided_by_id {
        let data = written(&serde_json::json!({ "report_id": id }))?;
        let notice = notifications::NewNotification {
            user: decided_by,
            kind: REPORT_ANSWERED,
            subject: &format!("report:{id}"),
            version: 1,
            title: "A decision was answered",
            body: words,
            data: &data,
        };
        told.extend(notify(c, &notice, now).await?);
    }
    let report = reports::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
    Ok((told, report))
}

/// Answers to a decision about oneself, once.
#[utoipa::path(post, path = "/api/reports/{id}/answer", tag = "reports", params(("id" = i64, Path)), request_body = ReportAnswerBody,
    responses((status = 200, body = Data<OwnReport>), (status = 404, body = Refusal), (status = 409, body = Refusal), (status = 422, body = Refusal)))]
async fn answer_report(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<i64>,
    command: Command<ReportAnswerBody>,
) -> Result<Response, ApiError> {
    let words = clean(&command.body.words).map_err(|refusal| ApiError::from(refusal).on_field("words"))?;
    app.command(caller.session(), command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let (told, report) = answered(c, id, caller.user, &words, now).await?;
            let events = feed::append(c, told, now).await?;
            Ok(Committed { value: Data { data: own(&report, caller.user) }, events })
        })
    })
    .await
}

/// Reports as the queue shows them to an administrator.
async fn rows(c: &mut Connection, who: UserId, found: &[reports::Report]) -> Result<Vec<ReportRow>, ApiError> {
    let mut ids: Vec<UserId> = found.iter().flat_map(|report| [report.reporter_id, report.concerned_id]).collect();
    ids.sort_unstable();
    ids.dedup();
    let people = people::get_many(c, &ids).await?;
    let name = |id: UserId| {
        people.iter().find(|user| user.id == id).map_or_else(String::new, |user| user.shown_name().to_owned())
    };
    let row = |report: &reports::Report| ReportRow {
        id: report.id,
        kind: report.thing.code().to_owned(),
        state: report.state.code().to_owned(),
        reporter_id: report.reporter_id,
        reporter: name(report.reporter_id),
        concerned_id: report.concerned_id,
        concerned: name(report.concerned_id),
        at: Timestamp(report.created_at_ms).into(),
        measures: measures(report),
        waits: report.state.waits(),
        may_decide: role_of(report, who, true) == Role::Administrator,
    };
    Ok(found.iter().map(row).collect())
}

#[derive(Deserialize)]
struct Queue {
    state: Option<String>,
    before: Option<i64>,
}

/// The reports of this server, newest first, at most 200. For administrators.
#[utoipa::path(get, path = "/api/admin/reports", tag = "admin", params(("state" = Option<String>, Query), ("before" = Option<i64>, Query)),
    responses((status = 200, body = Data<Vec<ReportRow>>), (status = 403, body = Refusal), (status = 422, body = Refusal)))]
async fn list_queue(
    State(app): State<App>,
    administrator: Administrator,
    Query(queue): Query<Queue>,
) -> Result<Json<Data<Vec<ReportRow>>>, ApiError> {
    let known = |code: String| {
        ReportState::from_code(&code).ok_or_else(|| {
            let words: Vec<&str> = ReportState::ALL.iter().map(|state| state.code()).collect();
            ApiError::invalid("state", format!("`state` must be one of {}.", words.join(", ")))
        })
    };
    let state = queue.state.map(known).transpose()?;
    let mut c = app.db.read().await?;
    let found = reports::list(&mut c, state, queue.before, reports::PAGE_MAX).await?;
    Ok(Json(Data { data: rows(&mut c, administrator.user, &found).await? }))
}

/// A report that may be looked at by this administrator: it is about somebody else, and the look is written down.
async fn look(
    c: &mut Connection,
    administrator: &Administrator,
    id: i64,
    action: &'static str,
    now: Timestamp,
) -> Result<reports::Report, ApiError> {
    let report = reports::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
    if role_of(&report, administrator.user, true) != Role::Administrator {
        return Err(ApiError::forbidden("You are a party to this report. Another administrator decides it."));
    }
    let act = Act {
        action,
        subject: ("report", id),
        about: &[report.concerned_id],
        look: true,
        reason: "To decide a report",
        detail: "{}",
    };
    administrator.writes(c, &act, now).await?;
    Ok(report)
}

/// A report with everything, for an administrator whose look was written down.
async fn full(c: &mut Connection, who: UserId, report: reports::Report) -> Result<ReportFull, ApiError> {
    let id = report.id;
    let files = reports::files(c, id).await?.into_iter().map(|file| ReportFile {
        name: file.name,
        mime: file.mime,
        size: file.size_bytes,
        sha256: file.sha256,
    });
    let files = files.collect();
    let frozen: Option<Frozen> = match report.evidence.as_str() {
        "" => None,
        text => Some(kept(text, ("reports", "id", id), "evidence")?),
    };
    let about = Filter { subject: Some(("report", id)), ..Filter::default() };
    let written = audit_rows::list(c, &about, 50).await?.into_iter().map(row).collect::<Result<_, _>>()?;
    let shown = rows(c, who, std::slice::from_ref(&report)).await?;
    Ok(ReportFull {
        report: shown.into_iter().next().ok_or_else(ApiError::not_found)?,
        words: report.words,
        frozen,
        files,
        reason: report.reason,
        answer: report.answer,
        close_reason: report.close_reason,
        written,
    })
}

/// One report with what was reported, as it was. The look is written down, where the person concerned can read it. For
/// administrators who are neither of the two.
#[utoipa::path(get, path = "/api/admin/reports/{id}", tag = "admin", params(("id" = i64, Path)),
    responses((status = 200, body = Data<ReportFull>), (status = 403, body = Refusal), (status = 404, body = Refusal)))]
async fn open_report(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<i64>,
) -> Result<Json<Data<ReportFull>>, ApiError> {
    let now = app.now();
    let data = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let report = look(c, &administrator, id, "report.look", now).await?;
                Ok(Committed::quiet(full(c, administrator.user, report).await?))
            })
        })
        .await?;
    Ok(Json(Data { data }))
}

/// A file that was frozen with a report. The look is written down. For administrators who are neither of the two.
#[utoipa::path(get, path = "/api/admin/reports/{id}/files/{sha256}", tag = "admin",
    params(("id" = i64, Path), ("sha256" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 403, body = Refusal), (status = 404, body = Refusal)))]
async fn open_file(
    State(app): State<App>,
    administrator: Administrator,
    axum::extract::Path((id, sha256)): axum::extract::Path<(String, String)>,
) -> Result<Response, ApiError> {
    let id: i64 = id.parse().map_err(|_| ApiError::not_found())?;
    let now = app.now();
    let file = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                look(c, &administrator, id, "report.look_file", now).await?;
                let file = reports::files(c, id).await?.into_iter().find(|file| file.sha256 == sha256);
                Ok(Committed::quiet(file.ok_or_else(ApiError::not_found)?))
            })
        })
        .await?;
    let bytes = attachments::bytes_under(&app, &file.sha256).await?;
    let headers = [
        (header::CONTENT_TYPE, file.mime),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

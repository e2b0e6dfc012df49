//! How far the work is, as whoever has the job reports it.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    jobs::{Progress as Shown, ProgressReport},
    rest::{Data, Page, PageMeta, Refusal},
};
use guildhall_db::jobs::{files, progress};
use guildhall_market::{
    ids::JobId,
    jobs::{
        posts::{PICTURES_MAX, clean_progress},
        rights::is_party,
        steps::Act,
    },
    notifications::kinds,
};
use serde::Deserialize;

use super::{
    bodies::refused,
    command::{Asked, Reply, on_job},
    looks::looked_at,
    posting::no_picture,
    says::Say,
    shown,
    standing::{sees_from, viewer},
};
use crate::{
    app::App,
    error::ApiError,
    request::{Caller, Command, PathId, Query},
};

#[derive(Deserialize)]
pub struct Pages {
    page: Option<i64>,
    per_page: Option<i64>,
}

/// Reports of how far the work is, newest first. For the two of the job; an administrator's look is written down.
#[utoipa::path(get, path = "/api/jobs/{id}/progress", tag = "jobs",
    params(("id" = i64, Path), ("page" = Option<i64>, Query), ("per_page" = Option<i64>, Query)),
    responses((status = 200, body = Page<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal)))]
pub async fn list_progress(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    Query(pages): Query<Pages>,
) -> Result<Json<Page<Shown>>, ApiError> {
    let seen = looked_at(&app, viewer(&caller), id, "job.look_progress").await?;
    if !is_party(seen.role) {
        return Err(ApiError::forbidden("How far the work is, the two of the job read."));
    }
    let per_page = pages.per_page.unwrap_or(20).clamp(1, 100);
    let current_page = pages.page.unwrap_or(1).clamp(1, i64::MAX / 200);
    let (mut c, now) = (app.db.read().await?, app.now());
    let since = sees_from(seen.role, &seen.job);
    let total = progress::count(&mut c, id, since).await?;
    let rows = progress::list(&mut c, (id, since), ((current_page - 1) * per_page, per_page)).await?;
    let pictures = files::of_jobs(&mut c, &[id]).await?;
    let data = rows.iter().map(|row| shown::report(&app, row, &pictures, (caller.user, now))).collect();
    let last_page = ((total + per_page - 1) / per_page).max(1);
    Ok(Json(Page { data, meta: PageMeta { current_page, per_page, total, last_page, next: None } }))
}

/// Reports how far the work is: a note, a part of a hundred, pictures.
#[utoipa::path(post, path = "/api/jobs/{id}/progress", tag = "jobs", params(("id" = i64, Path)), request_body = ProgressReport,
    responses((status = 201, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn report_progress(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    command: Command<ProgressReport>,
) -> Result<Response, ApiError> {
    let ProgressReport { note, percent, attachments, version } = command.body;
    let field = if (0..=100).contains(&percent) { "note" } else { "percent" };
    let (note, percent) = clean_progress(&note, percent).map_err(|wrong| refused(field, &wrong))?;
    if attachments.len() > PICTURES_MAX {
        let words = format!("A report has {PICTURES_MAX} pictures at most.");
        return Err(ApiError::field("too_many", "attachments", words));
    }
    let shared = app.clone();
    let asked = Asked { status: StatusCode::CREATED, ..Asked::plain(id, Act::ReportProgress, version) };
    on_job(&app, &caller, command.once, asked, move |c, taken| {
        Box::pin(async move {
            let (change, me) = (&mut taken.change, taken.me);
            let made = progress::add(c, (id, me), (&note, percent), change.now).await?;
            for (position, file) in attachments.iter().enumerate() {
                if !files::bind(c, (*file, me), (id, Some(made)), position).await? {
                    return Err(no_picture());
                }
            }
            change.update = Some("progress_updated");
            change.tell(change.job.client_id, kinds::JOB_PROGRESS, Say::Progress(percent.into()));
            let stored = progress::Progress {
                id: made,
                job_id: id,
                author_id: me,
                note,
                percent: percent.into(),
                created_at_ms: change.now.0,
            };
            let pictures = files::of_jobs(c, &[id]).await?;
            Ok(Some(Reply::Progress(Box::new(shown::report(&shared, &stored, &pictures, (me, change.now))))))
        })
    })
    .await
}

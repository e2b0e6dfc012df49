//! What administrators do is written down in the transaction that does it, and so is every look at somebody's private things;
//! the person concerned can read it.

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{FromRequestParts, State},
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use guildhall_contract::{
    audit::{AuditRow, LookRow},
    rest::{Page, PageMeta, Refusal},
    wire_time::WireTime,
};
use guildhall_db::{
    Committed, Connection,
    audit::{self, Act, Actor, Entry, Filter},
};
use guildhall_market::{accounts::DELETED_NAME, ids::UserId, reports, time::Timestamp};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    address::ClientAddress,
    app::App,
    error::{ApiError, kept, written},
    feature::Feature,
    request::{Caller, Query},
    session::Session,
};

/// Rows of one answer where nobody says how many.
const PAGE_DEFAULT: i64 = 50;
/// Rows that are read at once for a file.
const ROWS_AT_ONCE: i64 = 500;

/// What it brings to the server.
pub const FEATURE: Feature = Feature { routes: Some(routes), ..Feature::named("audit") };

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_audit)).routes(routes!(export_audit)).routes(routes!(list_looks))
}

/// An administrator who asks, with what is noted of where they ask from. Everybody else is refused before anything is done.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// Who.
    pub user: UserId,
    /// With which token.
    pub session: Session,
    by: Actor,
}

impl Administrator {
    /// Whoever asks, if an administrator.
    ///
    /// # Errors
    /// 403.
    pub fn of(caller: &Caller, address: ClientAddress) -> Result<Self, ApiError> {
        if !caller.admin {
            return Err(ApiError::for_administrators());
        }
        let by = Actor { user: Some(caller.user), token: Some(caller.token), address: Some(address.ip.to_string()) };
        Ok(Self { user: caller.user, session: Session { as_admin: true, ..caller.session() }, by })
    }

    /// Writes down what they do, in the transaction that does it.
    ///
    /// # Errors
    /// The database's.
    pub async fn writes(&self, c: &mut Connection, act: &Act<'_>, now: Timestamp) -> Result<(), ApiError> {
        Ok(audit::add(c, &self.by, act, now).await?)
    }
}

impl FromRequestParts<App> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = <Caller as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        let Ok(address) = ClientAddress::from_request_parts(parts, app).await;
        Self::of(&caller, address)
    }
}

/// Writes down that an administrator looks at what is between two others, where those can read it: before anything is shown.
///
/// # Errors
/// The database's.
pub async fn note_look(
    app: &App,
    by: UserId,
    about: [UserId; 2],
    (action, subject, reason): (&'static str, (&'static str, i64), &'static str),
) -> Result<(), ApiError> {
    let now = app.now();
    app.db
        .write::<(), ApiError, _>(move |c| {
            Box::pin(async move {
                let act = Act { action, subject, about: &about, look: true, reason, detail: "{}" };
                audit::add(c, &Actor { user: Some(by), token: None, address: None }, &act, now).await?;
                Ok(Committed::quiet(()))
            })
        })
        .await
}

/// A reason as it is kept.
///
/// # Errors
/// 422 on the field `reason` for none, or a too long one.
pub fn reason(raw: &str) -> Result<String, ApiError> {
    reports::clean(raw).map_err(|refusal| {
        let words = match refusal.code() {
            "empty" => "Say why, in words that the person concerned can read.",
            "too_long" => "The reason is longer than 1,000 characters.",
            _ => "The reason is not valid Unicode.",
        };
        ApiError::field(refusal.code(), "reason", words)
    })
}

/// The name of somebody as it is shown.
fn shown(name: Option<String>) -> Option<String> {
    name.map(|name| if name.is_empty() { DELETED_NAME.to_owned() } else { name })
}

/// A row as administrators see it.
///
/// # Errors
/// 500 when its detail is no JSON.
pub fn row(entry: Entry) -> Result<AuditRow, ApiError> {
    Ok(AuditRow {
        detail: kept(&entry.detail, ("audit", "id", entry.id), "detail")?,
        id: entry.id,
        at: Timestamp(entry.at_ms).into(),
        actor_id: entry.actor_id,
        actor: shown(entry.actor_name),
        device: entry.device,
        address: entry.address,
        action: entry.action,
        subject_kind: entry.subject_kind,
        subject_id: entry.subject_id,
        about_id: entry.about_id,
        about: shown(entry.about_name),
        look: entry.look > 0,
        reason: entry.reason,
    })
}

#[derive(Debug, Deserialize)]
struct AuditQuery {
    actor: Option<i64>,
    about: Option<i64>,
    action: Option<String>,
    from: Option<String>,
    to: Option<String>,
    before: Option<i64>,
    per_page: Option<i64>,
    format: Option<String>,
}

/// Midnight in UTC of a day such as `2026-11-23`, so many days on.
fn day(field: &str, text: &str, on: i64) -> Result<Timestamp, ApiError> {
    let midnight: Result<WireTime, _> = format!("{text}T00:00:00Z").parse();
    let words = || ApiError::invalid(field, format!("`{field}` must be a day such as 2026-11-23, in UTC."));
    midnight.map(|at| at.0.plus_ms(on * guildhall_market::time::DAY_MS)).map_err(|_| words())
}

impl AuditQuery {
    fn filter(&self) -> Result<Filter, ApiError> {
        let action = self.action.clone();
        let plain =
            |text: &String| text.len() <= 64 && text.bytes().all(|b| b.is_ascii_lowercase() || b"._".contains(&b));
        if action.as_ref().is_some_and(|text| !plain(text)) {
            return Err(ApiError::invalid("action", "`action` must be the beginning of a word such as user.suspend."));
        }
        Ok(Filter {
            actor: self.actor.map(UserId),
            subject: None,
            about: self.about.map(UserId),
            action,
            from: self.from.as_deref().map(|text| day("from", text, 0)).transpose()?,
            until: self.to.as_deref().map(|text| day("to", text, 1)).transpose()?,
            before: self.before,
        })
    }
}

/// The rows of one answer, with where the next ones begin.
fn page<T>(rows: Vec<T>, limit: i64, id: impl Fn(&T) -> i64) -> Page<T> {
    let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= limit;
    let next = rows.last().filter(|_| full).map(id);
    let meta = PageMeta { per_page: limit, next, ..PageMeta::default() };
    Page { data: rows, meta }
}

/// What was done on this server and looked at, newest first. For administrators.
#[utoipa::path(get, path = "/api/admin/audit", tag = "admin",
    params(("actor" = Option<i64>, Query), ("about" = Option<i64>, Query), ("action" = Option<String>, Query),
        ("from" = Option<String>, Query), ("to" = Option<String>, Query), ("before" = Option<i64>, Query),
        ("per_page" = Option<i64>, Query)),
    responses((status = 200, body = Page<AuditRow>), (status = 403, body = Refusal), (status = 422, body = Refusal)))]
async fn list_audit(
    State(app): State<App>,
    _: Administrator,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditRow>>, ApiError> {
    let filter = query.filter()?;
    let limit = query.per_page.unwrap_or(PAGE_DEFAULT).clamp(1, 100);
    let mut c = app.db.read().await?;
    let rows = audit::list(&mut c, &filter, limit).await?.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(Json(page(rows, limit, |row: &AuditRow| row.id)))
}

/// The first line of a table for spreadsheets.
const CSV_HEAD: &str =
    "id,at,actor_id,actor,device,address,action,subject_kind,subject_id,about_id,about,look,reason,detail\r\n";

/// A cell as a spreadsheet opens it truly: no cell runs, and none breaks out of its place.
fn cell(text: &str) -> String {
    let runs = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if runs { "'" } else { "" }, text.replace('"', "\"\""))
}

fn csv_line(row: &AuditRow) -> String {
    let id = |id: Option<UserId>| id.map(|id| id.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| cell(text.as_deref().unwrap_or_default());
    format!(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n",
        row.id,
        row.at,
        id(row.actor_id),
        text(&row.actor),
        text(&row.device),
        text(&row.address),
        cell(&row.action),
        cell(&row.subject_kind),
        row.subject_id,
        id(row.about_id),
        text(&row.about),
        row.look,
        cell(&row.reason),
        cell(&row.detail.to_string()),
    )
}

/// The same as a file, all that fit, newest first: a table for spreadsheets, or one JSON object a line. That it was taken is
/// written down. For administrators.
#[utoipa::path(get, path = "/api/admin/audit/export", tag = "admin",
    params(("format" = String, Query, description = "csv or jsonl"), ("actor" = Option<i64>, Query),
        ("about" = Option<i64>, Query), ("action" = Option<String>, Query), ("from" = Option<String>, Query),
        ("to" = Option<String>, Query)),
    responses((status = 200, content_type = "text/csv", body = String), (status = 403, body = Refusal), (status = 422, body = Refusal)))]
async fn export_audit(
    State(app): State<App>,
    administrator: Administrator,
    Query(query): Query<AuditQuery>,
) -> Result<Response, ApiError> {
    let filter = query.filter()?;
    let csv = match query.format.as_deref() {
        Some("csv") => true,
        Some("jsonl") => false,
        _ => return Err(ApiError::invalid("format", "`format` must be csv or jsonl.")),
    };
    let now = app.now();
    let detail = written(&serde_json::json!({
        "format": query.format, "actor": query.actor, "about": query.about, "action": query.action, "from": query.from, "to": query.to,
    }))?;
    app.db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let act = Act {
                    action: "audit.export",
                    subject: ("server", 0),
                    about: &[],
                    look: true,
                    reason: "Taken as a file",
                    detail: &detail,
                };
                administrator.writes(c, &act, now).await?;
                Ok(Committed::quiet(()))
            })
        })
        .await?;
    // A stretch at a time: the file may be larger than the memory.
    let rows = stream::try_unfold((app, Some(Filter { before: None, ..filter }), csv), move |(app, next, csv)| {
        let taken = next.clone();
        async move {
            let Some(mut filter) = taken else { return Ok::<_, std::io::Error>(None) };
            let failed = |_| std::io::Error::other("the audit cannot be read");
            let mut c = app.db.read().await.map_err(failed)?;
            let rows = audit::list(&mut c, &filter, ROWS_AT_ONCE).await.map_err(failed)?;
            drop(c);
            let mut text = if csv && filter.before.is_none() { CSV_HEAD.to_owned() } else { String::new() };
            let full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= ROWS_AT_ONCE;
            filter.before = rows.last().map(|last| last.id);
            for entry in rows {
                let row = row(entry).map_err(|_| std::io::Error::other("a row cannot be read"))?;
                if csv {
                    text.push_str(&csv_line(&row));
                } else {
                    text.push_str(&serde_json::to_string(&row)?);
                    text.push('\n');
                }
            }
            Ok(Some((Bytes::from(text), (app, full.then_some(filter), csv))))
        }
    });
    let (kind, name) =
        if csv { ("text/csv; charset=utf-8", "audit.csv") } else { ("application/jsonl", "audit.jsonl") };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::from_stream(rows)).into_response())
}

#[derive(Debug, Deserialize)]
struct LookQuery {
    before: Option<i64>,
    per_page: Option<i64>,
}

/// Who looked at one's own private things, and what was decided about one, newest first.
#[utoipa::path(get, path = "/api/user/looks", tag = "accounts", params(("before" = Option<i64>, Query), ("per_page" = Option<i64>, Query)),
    responses((status = 200, body = Page<LookRow>)))]
async fn list_looks(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<LookQuery>,
) -> Result<Json<Page<LookRow>>, ApiError> {
    let limit = query.per_page.unwrap_or(PAGE_DEFAULT).clamp(1, 100);
    let mut c = app.db.read().await?;
    Ok(Json(page(looks(&mut c, caller.user, query.before, limit).await?, limit, |row| row.id)))
}

/// Rows about somebody as they may read them: neither from where it was done, nor what else was noted.
///
/// # Errors
/// The database's.
pub async fn looks(
    c: &mut Connection,
    about: UserId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<LookRow>, ApiError> {
    let filter = Filter { about: Some(about), before, ..Filter::default() };
    let look = |entry: Entry| LookRow {
        id: entry.id,
        at: Timestamp(entry.at_ms).into(),
        by: shown(entry.actor_name),
        action: entry.action,
        look: entry.look > 0,
        reason: entry.reason,
    };
    Ok(audit::list(c, &filter, limit).await?.into_iter().map(look).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_runs_and_none_breaks_out() {
        for (text, expected) in [
            ("plain", "\"plain\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("-2", "\"'-2\""),
            ("said \"no\", twice", "\"said \"\"no\"\", twice\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn days_are_in_utc_and_the_last_one_is_whole() {
        let from = day("from", "2026-11-23", 0).expect("a day");
        assert_eq!(day("to", "2026-11-23", 1).expect("a day").0 - from.0, guildhall_market::time::DAY_MS);
        assert!(day("to", "yesterday", 1).is_err());
    }
}

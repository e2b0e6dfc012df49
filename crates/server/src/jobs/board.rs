//! The board of jobs, one's own, and one of them.

use axum::{Json, extract::State};
use guildhall_contract::{
    amounts::Digits,
    jobs::Job as Shown,
    rest::{Data, Page, PageMeta, Refusal},
};
use guildhall_db::{
    Committed, Connection,
    jobs::{
        Job,
        board::{self, Wanted, Whose},
    },
    people,
};
use guildhall_market::{
    ids::JobId,
    jobs::{
        posts::{Category, Priority},
        rights::Viewer,
        steps::{Role, Stage},
        words::terms,
    },
    time::Timestamp,
};
use serde::Deserialize;

use super::{
    bodies::{amount, currency, one_of},
    due::OF_A_JOB,
    looks::note_look,
    parts, shown,
    standing::{found, viewer},
};
use crate::{
    app::App,
    deadlines::carry_out_due,
    error::ApiError,
    request::{Caller, PathId, Query},
};

/// Jobs on a page where nobody says how many.
const PER_PAGE_DEFAULT: i64 = 20;
/// The currency of amounts that are looked for, where nobody says it.
pub const CURRENCY_DEFAULT: &str = "NGN";
/// What is looked at of what was typed, in characters.
const TYPED_MAX: usize = 100;

#[derive(Deserialize)]
pub struct Asked {
    status: Option<String>,
    category: Option<String>,
    priority: Option<String>,
    q: Option<String>,
    place: Option<String>,
    mine: Option<String>,
    currency: Option<String>,
    budget_min: Option<String>,
    budget_max: Option<String>,
    page: Option<i64>,
    per_page: Option<i64>,
}

/// The stage that a status belongs to. How a job stands that was given to somebody follows from its milestones.
fn stage_of(status: &str) -> Result<(Stage, bool), ApiError> {
    if ["in-progress", "submitted", "disputed"].contains(&status) {
        return Ok((Stage::Assigned, true));
    }
    let stage = Stage::from_code(status).ok_or_else(|| {
        let words = "`status` must be draft, open, assigned, in-progress, submitted, disputed, completed or cancelled.";
        ApiError::invalid("status", words)
    })?;
    Ok((stage, stage == Stage::Assigned))
}

fn whose(mine: Option<&str>, stage: Option<Stage>, who: Option<Viewer>) -> Result<Whose, ApiError> {
    let own = |who: Option<Viewer>| who.map(|who| who.user).ok_or_else(ApiError::unauthenticated);
    match mine {
        Some("client" | "posted") => Ok(Whose::Client(own(who)?)),
        Some("artisan" | "working") => Ok(Whose::Artisan(own(who)?)),
        Some("applied") => Ok(Whose::Applicant(own(who)?)),
        Some("1" | "true" | "on" | "yes") => Ok(Whose::Either(own(who)?)),
        None | Some("0" | "false" | "off" | "no") => match stage {
            // Of what is not open, one sees one's own.
            Some(stage) if stage != Stage::Open => Ok(Whose::Either(own(who)?)),
            _ => Ok(Whose::Everybodys),
        },
        Some(_) => Err(ApiError::invalid("mine", "`mine` must be client, artisan, applied or 1.")),
    }
}

fn wanted(asked: &Asked, who: Option<Viewer>) -> Result<(Wanted, bool), ApiError> {
    let (stage, derived) = match asked.status.as_deref() {
        Some(status) => stage_of(status).map(|(stage, derived)| (Some(stage), derived))?,
        None => (None, false),
    };
    let money = currency(asked.currency.as_deref().unwrap_or(CURRENCY_DEFAULT))?;
    let limit = |field: &str, text: &Option<String>| amount(field, text.clone().map(Digits).as_ref(), None, money);
    let (least, most) = (limit("budget_min", &asked.budget_min)?, limit("budget_max", &asked.budget_max)?);
    let named = least.is_some() || most.is_some() || asked.currency.is_some();
    let typed = |text: &Option<String>| text.iter().flat_map(|text| text.chars().take(TYPED_MAX)).collect::<String>();
    let wanted = Wanted {
        whose: whose(asked.mine.as_deref(), stage, who)?,
        stage,
        category: asked
            .category
            .as_deref()
            .map(|word| one_of("category", word, (Category::ALL, Category::code)))
            .transpose()?,
        priority: asked
            .priority
            .as_deref()
            .map(|word| one_of("priority", word, (Priority::ALL, Priority::code)))
            .transpose()?,
        words: terms(&typed(&asked.q), &typed(&asked.place)),
        budget: named.then(|| (money.code().to_owned(), least, most)),
    };
    Ok((wanted, derived))
}

/// Those of one's own jobs that stand so before people: as many as one looks through.
async fn standing_so(c: &mut Connection, wanted: &Wanted, status: &str, now: Timestamp) -> Result<Vec<Job>, ApiError> {
    let all = board::list(c, wanted, (0, board::PAGE_MAX), now).await?;
    let ids: Vec<i64> = all.iter().map(|job| job.id).collect();
    let read = parts::of_jobs(c, &ids).await?;
    Ok(all.into_iter().filter(|job| parts::status(job, &parts::of(&read, job.id)) == status).collect())
}

/// Jobs, the newest first: those that are open, for everybody; with `mine` one's own as a client or as who has them, or those for
/// which one applied.
#[utoipa::path(get, path = "/api/jobs", tag = "jobs",
    params(("status" = Option<String>, Query), ("category" = Option<String>, Query), ("priority" = Option<String>, Query), ("q" = Option<String>, Query),
        ("place" = Option<String>, Query), ("mine" = Option<String>, Query), ("currency" = Option<String>, Query),
        ("budget_min" = Option<String>, Query), ("budget_max" = Option<String>, Query), ("page" = Option<i64>, Query), ("per_page" = Option<i64>, Query)),
    responses((status = 200, body = Page<Shown>), (status = 401, body = Refusal), (status = 422, body = Refusal)))]
pub async fn list_jobs(
    State(app): State<App>,
    caller: Option<Caller>,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<Shown>>, ApiError> {
    let (now, who) = (app.now(), caller.as_ref().map(viewer));
    let (wanted, derived) = wanted(&asked, who)?;
    let per_page = asked.per_page.unwrap_or(PER_PAGE_DEFAULT).clamp(1, 100);
    let current_page = asked.page.unwrap_or(1).clamp(1, i64::MAX / 200);
    let skip = (current_page - 1) * per_page;
    let mut c = app.db.read().await?;
    let (total, jobs) = match asked.status.as_deref().filter(|_| derived) {
        Some(status) => {
            let all = standing_so(&mut c, &wanted, status, now).await?;
            let (skip, most) = (usize::try_from(skip), usize::try_from(per_page).unwrap_or(100));
            let page = all.iter().skip(skip.unwrap_or(usize::MAX)).take(most).cloned().collect();
            (i64::try_from(all.len()).unwrap_or(i64::MAX), page)
        }
        None => {
            let total = board::count(&mut c, &wanted, now).await?;
            (total, board::list(&mut c, &wanted, (skip, per_page), now).await?)
        }
    };
    let data = shown::many(&mut c, &app, who, &jobs, now).await?;
    let last_page = ((total + per_page - 1) / per_page).max(1);
    Ok(Json(Page { data, meta: PageMeta { current_page, per_page, total, last_page, next: None } }))
}

/// One job. What is between its two people, they see alone; an administrator's look at it is written down.
#[utoipa::path(get, path = "/api/jobs/{id}", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = Data<Shown>), (status = 404, body = Refusal)))]
pub async fn get_job(
    State(app): State<App>,
    caller: Option<Caller>,
    PathId(JobId(id)): PathId<JobId>,
) -> Result<Json<Data<Shown>>, ApiError> {
    let (now, who) = (app.now(), caller.as_ref().map(viewer));
    carry_out_due(&app, OF_A_JOB, id, now).await?;
    let mut c = app.db.read().await?;
    let seen = found(&mut c, who, id).await?;
    // Those of somebody who is kept out, or is gone, are not on the board either.
    if matches!(seen.role, Role::Guest | Role::Member) {
        let client = people::get(&mut c, seen.job.client_id).await?;
        client
            .filter(|client| client.suspended_at_ms.is_none() && client.deleted_at_ms.is_none())
            .ok_or_else(ApiError::not_found)?;
    }
    let looked = seen.role == Role::Admin && seen.job.stage != Stage::Open;
    let job = seen.job.clone();
    let data = match who {
        Some(who) => shown::one(&mut c, &app, who, seen.job, now).await?,
        None => {
            let mut found = shown::many(&mut c, &app, None, &[seen.job], now).await?;
            found.pop().ok_or_else(ApiError::broken)?
        }
    };
    drop(c);
    if let Some(who) = who.filter(|_| looked) {
        app.db
            .write::<(), ApiError, _>(move |c| {
                Box::pin(async move {
                    note_look(c, who.user, &job, "job.look", now).await?;
                    Ok(Committed::quiet(()))
                })
            })
            .await?;
    }
    Ok(Json(Data { data }))
}

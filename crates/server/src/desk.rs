//! What administrators see of people and of the server. Every look at what is private is written down where the person can
//! read it; the e-mail address, the devices and what was decided are private, the list is not.

use axum::{Json, extract::State};
use guildhall_contract::{
    desk::{DeskDevice, DeskHealth, DeskNumber, DeskPerson, DeskRow, DeskSuspension, DeskTwoStepAsked},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Committed, Connection,
    audit::{self, Act, Filter},
    people, reports, suspensions, tokens, two_steps,
};
use guildhall_market::{
    accounts::{self, Role},
    ids::UserId,
    reports::State as ReportState,
    time::Timestamp,
    two_step::{REMOVAL_LIFE_MS, State as Stands},
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    audit::{Administrator, reason, row},
    demo::HOUSE,
    error::{ApiError, written},
    feature::Feature,
    health,
    request::{PathId, Query},
};

/// People in one answer.
const PEOPLE_MAX: i64 = 50;
/// What was written down about somebody that their page shows.
const WRITTEN_MAX: i64 = 50;

/// What it brings to the server.
pub const FEATURE: Feature = Feature {
    routes: Some(routes),
    demo: Some(|_, c, _| {
        Box::pin(async move {
            people::set_role(c, HOUSE, Role::Admin.code()).await?;
            Ok(())
        })
    }),
    ..Feature::named("desk")
};

/// The routes of this feature.
fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(find_people)).routes(routes!(look_at_person)).routes(routes!(look_at_health))
}

fn in_list(stored: &people::User) -> DeskRow {
    DeskRow {
        id: stored.id,
        name: stored.shown_name().to_owned(),
        craft: stored.craft.clone(),
        admin: stored.role == Role::Admin,
        verified: stored.verified_at_ms.is_some(),
        suspended: stored.suspended_at_ms.is_some(),
        joined_at: Timestamp(stored.created_at_ms).into(),
    }
}

/// Somebody with what is private. Whoever asks for it has written down why.
///
/// # Errors
/// 404 for nobody.
pub async fn person(c: &mut Connection, id: UserId) -> Result<DeskPerson, ApiError> {
    let stored = people::get(c, id).await?.ok_or_else(ApiError::not_found)?;
    let time = |ms: i64| Timestamp(ms).into();
    let devices = tokens::list(c, id).await?.into_iter().map(|token| DeskDevice {
        name: token.device_name,
        created_at: time(token.created_at_ms),
        last_used_at: token.last_used_at_ms.map(time),
    });
    let devices = devices.collect();
    let suspensions = suspensions::list(c, id).await?.into_iter().map(|one| DeskSuspension {
        reason: one.reason,
        at: time(one.at_ms),
        answer: one.answer,
        lifted_at: one.lifted_at_ms.map(time),
        lift_reason: one.lift_reason,
    });
    let suspensions = suspensions.collect();
    let two_step = two_steps::get(c, id).await?;
    let two_step_asked = match two_step.as_ref().and_then(two_steps::TwoStep::asked) {
        Some(asked) => {
            let by = people::get(c, asked.by).await?.map(|by| by.shown_name().to_owned()).unwrap_or_default();
            Some(DeskTwoStepAsked { by_id: asked.by, by, until: asked.at.plus_ms(REMOVAL_LIFE_MS).into() })
        }
        None => None,
    };
    let about = Filter { about: Some(id), ..Filter::default() };
    let written = audit::list(c, &about, WRITTEN_MAX).await?.into_iter().map(row).collect::<Result<_, _>>()?;
    Ok(DeskPerson {
        person: in_list(&stored),
        email: if stored.deleted_at_ms.is_some() { String::new() } else { stored.email },
        last_seen_at: stored.last_seen_at_ms.map(time),
        devices,
        two_step: two_step.is_some_and(|stored| stored.state == Stands::On),
        two_step_asked,
        suspensions,
        written,
    })
}

#[derive(Deserialize)]
struct Find {
    #[serde(default)]
    q: String,
}

/// Finds people by a part of their name or by their whole e-mail address, suspended ones too. It is written down; whoever was
/// found by the address can read it. For administrators.
#[utoipa::path(get, path = "/api/admin/users", tag = "admin", params(("q" = String, Query)),
    responses((status = 200, body = Data<Vec<DeskRow>>), (status = 403, body = Refusal)))]
async fn find_people(
    State(app): State<App>,
    administrator: Administrator,
    Query(find): Query<Find>,
) -> Result<Json<Data<Vec<DeskRow>>>, ApiError> {
    let q: String = find.q.trim().chars().take(accounts::EMAIL_BYTES_MAX).collect();
    let now = app.now();
    let data = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let email = accounts::clean_email(&q).unwrap_or_default();
                let by_email = match people::credentials(c, &email).await? {
                    Some((id, _)) => people::get(c, UserId(id)).await?,
                    None => None,
                };
                let found = match &by_email {
                    Some(one) => vec![one.clone()],
                    None => people::search_all(c, &q, PEOPLE_MAX).await?,
                };
                let about: Vec<UserId> = by_email.iter().map(|one| one.id).collect();
                // An address is not kept beside whom it belongs to: it goes with the account, and this stays.
                let asked = if q.contains('@') { "an address" } else { q.as_str() };
                let detail = written(&serde_json::json!({ "q": asked, "found": found.len() }))?;
                let reason = if by_email.is_some() { "Found by the e-mail address" } else { "Looked for by name" };
                let act = Act {
                    action: "user.find",
                    subject: ("user", 0),
                    about: &about,
                    look: true,
                    reason,
                    detail: &detail,
                };
                administrator.writes(c, &act, now).await?;
                Ok(Committed::quiet(found.iter().map(in_list).collect::<Vec<_>>()))
            })
        })
        .await?;
    Ok(Json(Data { data }))
}

#[derive(Deserialize)]
struct Look {
    #[serde(default)]
    reason: String,
}

/// One person with what is private, for a reason that they can read. For administrators.
#[utoipa::path(get, path = "/api/admin/users/{id}", tag = "admin", params(("id" = i64, Path), ("reason" = String, Query)),
    responses((status = 200, body = Data<DeskPerson>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 422, body = Refusal)))]
async fn look_at_person(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<UserId>,
    Query(look): Query<Look>,
) -> Result<Json<Data<DeskPerson>>, ApiError> {
    let reason = reason(&look.reason)?;
    let now = app.now();
    let data = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                people::get(c, id).await?.ok_or_else(ApiError::not_found)?;
                let act = Act {
                    action: "user.look",
                    subject: ("user", id.0),
                    about: &[id],
                    look: true,
                    reason: &reason,
                    detail: "{}",
                };
                administrator.writes(c, &act, now).await?;
                Ok(Committed::quiet(person(c, id).await?))
            })
        })
        .await?;
    Ok(Json(Data { data }))
}

/// How the server is, in the numbers that matter. For administrators.
#[utoipa::path(get, path = "/api/admin/health", tag = "admin",
    responses((status = 200, body = Data<DeskHealth>), (status = 403, body = Refusal)))]
async fn look_at_health(State(app): State<App>, _: Administrator) -> Result<Json<Data<DeskHealth>>, ApiError> {
    let complaints = health::complaints(&app).await;
    let sockets = app.hub.sockets().clone();
    let connections = sockets.len();
    // Of every app that speaks here: a call that failed for good was tried again before.
    let webhooks_failed: u64 = (0..app.config.apps.len()).map(|one| sockets.metrics(one).webhooks_failed.get()).sum();
    let deadlines_failed = app.lateness.failures();
    let mut c = app.db.read().await?;
    let states = reports::counts(&mut c).await?;
    let waiting = states
        .iter()
        .filter(|(state, _)| ReportState::from_code(state).is_some_and(ReportState::waits))
        .map(|(_, count)| count)
        .sum();
    let accounts = people::count(&mut c).await?;
    drop(c);
    let writer = app.db.writer_health();
    let panics: u64 = app.vitals.panics().iter().map(|(_, panics)| panics).sum::<u64>()
        + app.hub.sockets().health().panics
        + writer.writer_panics()
        + writer.command_panics();
    let count = |name: &str, value: i64, wrong: bool| DeskNumber { name: name.to_owned(), value, wrong };
    let numbers = vec![
        count("accounts", accounts, false),
        count("connections", i64::try_from(connections).unwrap_or(i64::MAX), false),
        count("reports_waiting", waiting, false),
        count("deadlines_failed", i64::try_from(deadlines_failed).unwrap_or(i64::MAX), deadlines_failed > 0),
        count("webhooks_failed", i64::try_from(webhooks_failed).unwrap_or(i64::MAX), webhooks_failed > 0),
        count("panics", i64::try_from(panics).unwrap_or(i64::MAX), panics > 0),
    ];
    let data = DeskHealth { complaints, version: env!("CARGO_PKG_VERSION").to_owned(), numbers };
    Ok(Json(Data { data }))
}

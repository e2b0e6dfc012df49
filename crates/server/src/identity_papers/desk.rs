//! What administrators decide about: papers, and bank accounts of which the name is nearly right. None decides about themselves,
//! every look is written down where the person can read it, and the decision is told in the words that were given for it.

use axum::{
    Json,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use guildhall_contract::{
    identity_papers::{TwoNames, VerificationFull, VerificationPaper, VerificationRow},
    rest::{Data, Refusal},
    suspensions::ReasonBody,
};
use guildhall_db::{
    Committed, Connection,
    audit::{self as audit_rows, Act, Filter},
    feed,
    identity_papers::{self, Waiting},
    notifications, verifications,
};
use guildhall_market::{
    accounts::DELETED_NAME,
    identity_papers::stands_at_the_top,
    ids::UserId,
    notifications::kinds::{VERIFICATION_APPROVED, VERIFICATION_REJECTED, VERIFICATION_REVOKED},
    time::Timestamp,
    verification::{Action, Kind, Role, State as Stands, step},
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{FEATURE, marked, sealed_for, wiped_after_decision};
use crate::{
    app::App,
    audit::{self, Administrator, row as audit_row},
    deadlines::carry_out_due,
    error::{ApiError, written},
    notifications::notify,
    payout_seals,
    request::{Command, PathId, Query},
    verifications::becomes,
};

/// Rows of one answer.
const ROWS_MAX: i64 = 200;
/// What was written down about one of them that is shown.
const WRITTEN_MAX: i64 = 50;

/// How somebody stands to a verification.
fn role_of(waiting: &Waiting, who: UserId) -> Role {
    if waiting.user_id == who { Role::Owner } else { Role::Admin }
}

fn kind_and_state(waiting: &Waiting) -> Result<(Kind, Stands), ApiError> {
    match (Kind::from_code(&waiting.kind), Stands::from_code(&waiting.state)) {
        (Some(kind), Some(state)) => Ok((kind, state)),
        _ => Err(ApiError::broken()),
    }
}

fn row(waiting: &Waiting, who: UserId, now: Timestamp) -> Result<VerificationRow, ApiError> {
    let (kind, state) = kind_and_state(waiting)?;
    let since = Timestamp(waiting.since_ms);
    Ok(VerificationRow {
        id: waiting.id,
        kind: waiting.kind.clone(),
        slot: waiting.slot.clone(),
        user_id: waiting.user_id,
        name: if waiting.name.is_empty() { DELETED_NAME.to_owned() } else { waiting.name.clone() },
        craft: waiting.craft.clone(),
        state: waiting.state.clone(),
        since: since.into(),
        top: state == Stands::Pending && stands_at_the_top(kind, since, now),
        papers: waiting.papers,
        may_decide: role_of(waiting, who) == Role::Admin,
    })
}

#[derive(Deserialize)]
pub struct Queue {
    state: Option<String>,
}

/// What waits for an administrator, or stands in another state: those that waited too long first, then the oldest; at most 200.
/// It says whose, and nothing of what is in the papers. For administrators.
#[utoipa::path(get, path = "/api/admin/verifications", tag = "admin", params(("state" = Option<String>, Query)),
    responses((status = 200, body = Data<Vec<VerificationRow>>), (status = 403, body = Refusal), (status = 422, body = Refusal)))]
pub async fn list(
    State(app): State<App>,
    administrator: Administrator,
    Query(queue): Query<Queue>,
) -> Result<Json<Data<Vec<VerificationRow>>>, ApiError> {
    let state = queue.state.as_deref().unwrap_or(Stands::Pending.code());
    let state = Stands::from_code(state).filter(|state| *state != Stands::None).ok_or_else(|| {
        ApiError::invalid("state", "`state` must be one of pending, verified, rejected, expired, revoked.")
    })?;
    let now = app.now();
    let found = identity_papers::queue(&mut app.db.read().await?, state, ROWS_MAX).await?;
    let rows = found.iter().map(|waiting| row(waiting, administrator.user, now));
    let (mut top, others): (Vec<_>, Vec<_>) = rows.collect::<Result<Vec<_>, _>>()?.into_iter().partition(|row| row.top);
    top.extend(others);
    Ok(Json(Data { data: top }))
}

/// One that this administrator may look at: it is about somebody else, and the look is written down.
async fn look(
    c: &mut Connection,
    administrator: &Administrator,
    id: i64,
    (action, reason, detail): (&'static str, &str, &str),
    now: Timestamp,
) -> Result<Waiting, ApiError> {
    let waiting = identity_papers::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
    if role_of(&waiting, administrator.user) != Role::Admin {
        return Err(ApiError::forbidden("This is about yourself. Another administrator decides it."));
    }
    let act = Act { action, subject: ("verification", id), about: &[waiting.user_id], look: true, reason, detail };
    administrator.writes(c, &act, now).await?;
    Ok(waiting)
}

/// What somebody who looks sees, as it is noted with the look: another name, account or paper is another one. It says nothing
/// of what they are.
async fn seen(c: &mut Connection, id: i64) -> Result<String, ApiError> {
    let waiting = identity_papers::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
    let value = verifications::by_id(c, id).await?.ok_or_else(ApiError::not_found)?.value;
    let papers: Vec<i64> = identity_papers::of(c, id).await?.into_iter().map(|paper| paper.id).collect();
    // Two accounts may share a bank and their last digits.
    let account = match waiting.kind == Kind::PayoutAccount.code() {
        true => payout_seals::current(c, waiting.user_id, &waiting.slot).await?.map(|account| account.id),
        false => None,
    };
    let all = written(&(&waiting.name, &waiting.state, value, papers, account))?;
    written(&serde_json::json!({ "seen": hex::encode(Sha256::digest(all)) }))
}

/// One with everything, for an administrator whose look or act was written down.
async fn full(
    app: &App,
    c: &mut Connection,
    who: UserId,
    id: i64,
    now: Timestamp,
) -> Result<VerificationFull, ApiError> {
    let waiting = identity_papers::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
    let papers = identity_papers::of(c, id).await?.into_iter().map(|paper| VerificationPaper {
        n: paper.position,
        name: paper.name,
        mime: paper.mime,
        size: paper.size_bytes,
    });
    let papers = papers.collect();
    let about = Filter { subject: Some(("verification", id)), ..Filter::default() };
    let written = audit_rows::list(c, &about, WRITTEN_MAX).await?;
    let written = written.into_iter().map(audit_row).collect::<Result<_, _>>()?;
    let verification = row(&waiting, who, now)?;
    let bank = match waiting.kind == Kind::PayoutAccount.code() {
        true => payout_seals::holder(c, app, waiting.user_id, &waiting.slot).await?,
        false => None,
    };
    let names = bank.map(|bank| TwoNames { here: verification.name.clone(), bank });
    Ok(VerificationFull { verification, reason: waiting.reason, papers, names, written })
}

#[derive(Deserialize)]
pub struct Look {
    #[serde(default)]
    reason: String,
}

/// One of them with what is private, for a reason that the person can read. For administrators, about others than themselves.
#[utoipa::path(get, path = "/api/admin/verifications/{id}", tag = "admin", params(("id" = i64, Path), ("reason" = String, Query)),
    responses((status = 200, body = Data<VerificationFull>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 422, body = Refusal)))]
pub async fn open(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<i64>,
    Query(asked): Query<Look>,
) -> Result<Json<Data<VerificationFull>>, ApiError> {
    let reason = audit::reason(&asked.reason)?;
    let now = app.now();
    carry_out_due(&app, FEATURE.deadlines, id, now).await?;
    let shared = app.clone();
    let data = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let detail = seen(c, id).await?;
                look(c, &administrator, id, ("verification.look", &reason, &detail), now).await?;
                Ok(Committed::quiet(full(&shared, c, administrator.user, id, now).await?))
            })
        })
        .await?;
    Ok(Json(Data { data }))
}

/// The bytes of one paper, for a reason that the person can read. To be kept nowhere. For administrators, about others than
/// themselves.
#[utoipa::path(get, path = "/api/admin/verifications/{id}/papers/{n}", tag = "admin",
    params(("id" = i64, Path), ("n" = i64, Path), ("reason" = String, Query)),
    responses((status = 200, description = "The bytes"), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 422, body = Refusal)))]
pub async fn paper(
    State(app): State<App>,
    administrator: Administrator,
    Path((id, n)): Path<(String, String)>,
    Query(asked): Query<Look>,
) -> Result<Response, ApiError> {
    let number = |text: &str| guildhall_market::ids::parse_plain_decimal(text).ok_or_else(ApiError::not_found);
    let (id, n) = (number(&id)?, number(&n)?);
    let reason = audit::reason(&asked.reason)?;
    let now = app.now();
    carry_out_due(&app, FEATURE.deadlines, id, now).await?;
    let sealed = app
        .db
        .write::<_, ApiError, _>(move |c| {
            Box::pin(async move {
                let detail = written(&serde_json::json!({ "paper": n }))?;
                look(c, &administrator, id, ("verification.look_paper", &reason, &detail), now).await?;
                let sealed = identity_papers::sealed(c, id, n).await?.ok_or_else(ApiError::not_found)?;
                Ok(Committed::quiet(sealed))
            })
        })
        .await?;
    let mime = sealed.mime.clone();
    let opening = app.clone();
    let opened = move || {
        let used_for = sealed_for(&sealed.key, &sealed.mime);
        opening.vault.open_sealed(&used_for, sealed.user_id.0, &sealed.sealed)
    };
    let opened = tokio::task::spawn_blocking(opened).await.ok().flatten();
    let bytes = opened.ok_or_else(|| {
        tracing::error!(
            verification = id,
            paper = n,
            "a paper does not open: the key is another, or the row was changed"
        );
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "This paper cannot be opened: it was sealed with another key, or changed. Ask for it once more.",
        )
    })?;
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, "no-store".into()),
        (header::CONTENT_DISPOSITION, "attachment".into()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".into()),
    ];
    Ok((headers, bytes).into_response())
}

/// What is said of a decision: the action as it is written down, the notice, and its title.
fn said(action: Action, kind: Kind) -> Result<(&'static str, &'static str, &'static str), ApiError> {
    match (action, kind) {
        (Action::Approve, Kind::Identity) => {
            Ok(("verification.approve", VERIFICATION_APPROVED, "Your identity is verified"))
        }
        (Action::Approve, _) => Ok(("verification.approve", VERIFICATION_APPROVED, "Your bank account is verified")),
        (Action::Reject, Kind::Identity) => {
            Ok(("verification.reject", VERIFICATION_REJECTED, "Your papers were not accepted"))
        }
        (Action::Reject, _) => Ok(("verification.reject", VERIFICATION_REJECTED, "Your bank account was not accepted")),
        (Action::Revoke, Kind::Identity) => {
            Ok(("verification.revoke", VERIFICATION_REVOKED, "Your identity is not verified any more"))
        }
        (Action::Revoke, _) => {
            Ok(("verification.revoke", VERIFICATION_REVOKED, "Your bank account is not verified any more"))
        }
        _ => Err(ApiError::broken()),
    }
}

/// Which verification is decided about.
#[derive(Clone, Copy)]
enum Which {
    Number(i64),
    /// Somebody's papers.
    IdentityOf(UserId),
}

async fn decide(
    app: App,
    administrator: Administrator,
    which: Which,
    command: Command<ReasonBody>,
    action: Action,
) -> Result<Response, ApiError> {
    let reason = audit::reason(&command.body.reason)?;
    let (me, shared) = (administrator.user, app.clone());
    app.command(administrator.session, command.once, StatusCode::OK, move |c, now| {
        Box::pin(async move {
            let id = match which {
                Which::Number(id) => id,
                Which::IdentityOf(user) => {
                    let stored = verifications::get(c, user, Kind::Identity, "").await?;
                    let none = || ApiError::new(StatusCode::CONFLICT, "wrong_state", "This person sent no papers.");
                    stored.ok_or_else(none)?.id
                }
            };
            let waiting = identity_papers::hold(c, id).await?.ok_or_else(ApiError::not_found)?;
            let (kind, before) = kind_and_state(&waiting)?;
            if role_of(&waiting, me) != Role::Admin {
                return Err(ApiError::forbidden("This is about yourself. Another administrator decides it."));
            }
            let state = step(kind, before, action, Role::Admin)?;
            // What was looked at is what is decided about: the person may have put something else in its place since.
            if action == Action::Approve
                && audit_rows::last_detail(c, me, "verification.look", ("verification", id)).await?
                    != Some(seen(c, id).await?)
            {
                let words = "It changed since you looked, or you did not look. Open it first.";
                return Err(ApiError::new(StatusCode::CONFLICT, "look_first", words));
            }
            let user = waiting.user_id;
            let value = verifications::by_id(c, id).await?.ok_or_else(ApiError::not_found)?.value;
            let put =
                verifications::Put { user, kind, slot: &waiting.slot, value: &value, state, reason: Some(&reason) };
            let (_, entry) = becomes(c, &put, now).await?;
            let mut events = Vec::new();
            if kind == Kind::Identity {
                match action {
                    Action::Approve => events.extend(marked(c, user, Some(now), now).await?),
                    Action::Revoke => events.extend(marked(c, user, None, now).await?),
                    _ => {}
                }
                // What is taken away later keeps no paper for longer than it was.
                if action != Action::Revoke {
                    wiped_after_decision(c, id, now).await?;
                }
            }
            let (name, notice, title) = said(action, kind)?;
            let detail = written(&serde_json::json!({
                "kind": kind.code(), "slot": waiting.slot, "before": before.code(), "after": state.code(),
            }))?;
            let act = Act {
                action: name,
                subject: ("verification", id),
                about: &[user],
                look: false,
                reason: &reason,
                detail: &detail,
            };
            administrator.writes(c, &act, now).await?;
            let data = written(&serde_json::json!({ "kind": kind.code(), "slot": waiting.slot }))?;
            // Decided again after it was asked for again, it is told again.
            let subject = format!("verification:{id}:{}", now.0);
            let notice = notifications::NewNotification {
                user,
                kind: notice,
                subject: &subject,
                version: 1,
                title,
                body: &reason,
                data: &data,
            };
            let told = std::iter::once(entry).chain(notify(c, &notice, now).await?).collect();
            events.extend(feed::append(c, told, now).await?);
            Ok(Committed { value: Data { data: full(&shared, c, me, id, now).await? }, events })
        })
    })
    .await
}

/// Says yes, with a reason that the person can read. For administrators, about others than themselves.
#[utoipa::path(post, path = "/api/admin/verifications/{id}/approve", tag = "admin", params(("id" = i64, Path)), request_body = ReasonBody,
    responses((status = 200, body = Data<VerificationFull>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn approve(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<i64>,
    command: Command<ReasonBody>,
) -> Result<Response, ApiError> {
    decide(app, administrator, Which::Number(id), command, Action::Approve).await
}

/// Says no, with a reason that the person can read. For administrators, about others than themselves.
#[utoipa::path(post, path = "/api/admin/verifications/{id}/reject", tag = "admin", params(("id" = i64, Path)), request_body = ReasonBody,
    responses((status = 200, body = Data<VerificationFull>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn reject(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<i64>,
    command: Command<ReasonBody>,
) -> Result<Response, ApiError> {
    decide(app, administrator, Which::Number(id), command, Action::Reject).await
}

/// Takes away what was verified, with a reason that the person can read. For administrators, about others than themselves.
#[utoipa::path(post, path = "/api/admin/verifications/{id}/revoke", tag = "admin", params(("id" = i64, Path)), request_body = ReasonBody,
    responses((status = 200, body = Data<VerificationFull>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn revoke(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<i64>,
    command: Command<ReasonBody>,
) -> Result<Response, ApiError> {
    decide(app, administrator, Which::Number(id), command, Action::Revoke).await
}

/// Says yes to the papers that somebody sent. Nobody is verified without any: 409. For administrators, about others than
/// themselves.
#[utoipa::path(post, path = "/api/admin/users/{id}/verify", tag = "admin", params(("id" = i64, Path)), request_body = ReasonBody,
    responses((status = 200, body = Data<VerificationFull>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn verify_user(
    State(app): State<App>,
    administrator: Administrator,
    PathId(id): PathId<UserId>,
    command: Command<ReasonBody>,
) -> Result<Response, ApiError> {
    let person = guildhall_db::people::get(&mut app.db.read().await?, id).await?;
    if person.is_none_or(|person| person.deleted_at_ms.is_some()) {
        return Err(ApiError::not_found());
    }
    decide(app, administrator, Which::IdentityOf(id), command, Action::Approve).await
}

//! What was agreed, and how either side has it changed: by a proposal that the other one accepts.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    amounts::Major,
    jobs::{JobCommand, PlannedMilestone, Proposal as Shown, ProposalMake, ProposedMilestone},
    rest::{Data, Refusal},
};
use guildhall_db::{
    Connection,
    jobs::{
        Job, milestones,
        proposals::{self, NewProposal, Proposal},
    },
};
use guildhall_market::{
    ids::{JobId, UserId},
    jobs::{
        milestones::{Refusal as PartRefusal, Status, rest, rest_within},
        posts::{clean_milestone_title, clean_reason},
        rights::is_party,
        steps::{Act, Role},
    },
    money::amounts::{Currency, major},
    notifications::kinds,
};

use super::{
    agreed::keep_terms,
    applying::Ids,
    bodies::{Exact, amount, refused, stored_currency},
    change::Change,
    command::{Asked, Reply, Taken, on_job},
    finished::ask_whether_finished,
    held::stop_waiting,
    looks::looked_at,
    parts,
    says::Say,
    standing::{sees_from, unchanged, viewer, wrong_state},
};
use crate::{
    app::App,
    error::{ApiError, kept, written},
    request::{Caller, Command, PathId},
};

/// The other one of the two.
///
/// # Errors
/// 500 for a job that nobody has.
pub fn other(job: &Job, me: UserId) -> Result<UserId, ApiError> {
    if me == job.client_id { job.artisan_id.ok_or_else(ApiError::broken) } else { Ok(job.client_id) }
}

fn shown(stored: &Proposal, currency: &str) -> Result<Shown, ApiError> {
    let money = stored_currency(currency)?;
    let planned = stored.milestones.as_deref();
    Ok(Shown {
        id: stored.id,
        job_id: stored.job_id,
        by_id: stored.by_id,
        state: stored.state.clone(),
        reason: stored.reason.clone(),
        price: stored.price_minor.map(|minor| Major(major(minor, money))),
        price_minor: stored.price_minor,
        currency: currency.to_owned(),
        milestones: planned.map(|text| kept(text, ("job_proposals", "id", stored.id), "milestones")).transpose()?,
        terms_version: stored.terms_version,
        created_at: crate::render::time(stored.created_at_ms),
        decided_at: stored.decided_at_ms.map(crate::render::time),
    })
}

fn planned(one: &ProposedMilestone, money: Currency) -> Result<PlannedMilestone, ApiError> {
    let minor = amount("amount", one.amount.as_ref(), one.amount_minor.as_ref(), money)?;
    Ok(PlannedMilestone {
        id: one.id,
        title: clean_milestone_title(&one.title).map_err(|wrong| refused("title", &wrong))?,
        amount_minor: minor.ok_or_else(|| ApiError::invalid("amount", "A milestone needs an `amount`."))?,
        due_at: one.due_at,
    })
}

/// Who proposes: the client plans, the artisan asks that it be planned.
fn act_of(job: Option<&Job>, me: UserId) -> Act {
    if job.is_some_and(|job| job.client_id == me) { Act::Plan } else { Act::ProposePlan }
}

async fn act_for(app: &App, id: i64, me: UserId) -> Result<Act, ApiError> {
    let job = guildhall_db::jobs::get(&mut app.db.read().await?, id).await?;
    Ok(act_of(job.as_ref(), me))
}

/// Proposals to change what was agreed, newest first. For the two of the job; an administrator's look is written down.
#[utoipa::path(get, path = "/api/jobs/{id}/proposals", tag = "jobs", params(("id" = i64, Path)),
    responses((status = 200, body = Data<Vec<Shown>>), (status = 403, body = Refusal), (status = 404, body = Refusal)))]
pub async fn list_proposals(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
) -> Result<Json<Data<Vec<Shown>>>, ApiError> {
    let seen = looked_at(&app, viewer(&caller), id, "job.look_proposals").await?;
    if !is_party(seen.role) {
        return Err(ApiError::forbidden("What was agreed is between the two of the job."));
    }
    let all = proposals::list(&mut app.db.read().await?, id, sees_from(seen.role, &seen.job)).await?;
    let data = all.iter().map(|one| shown(one, &seen.job.currency)).collect::<Result<_, _>>()?;
    Ok(Json(Data { data }))
}

/// Proposes to change what was agreed, in the place of one's own proposal that waits.
#[utoipa::path(post, path = "/api/jobs/{id}/proposals", tag = "jobs", params(("id" = i64, Path)), request_body = ProposalMake,
    responses((status = 201, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn make_proposal(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    Exact(command): Exact<ProposalMake>,
) -> Result<Response, ApiError> {
    let body = command.body;
    let reason = clean_reason(&body.reason).map_err(|wrong| refused("reason", &wrong))?;
    let act = act_for(&app, id, caller.user).await?;
    let asked = Asked { status: StatusCode::CREATED, ..Asked::plain(id, act, body.version) };
    on_job(&app, &caller, command.once, asked, move |c, taken| {
        Box::pin(async move {
            let Taken { change, me, .. } = taken;
            let money = stored_currency(&change.job.currency)?;
            let price = amount("price", body.price.as_ref(), body.price_minor.as_ref(), money)?;
            let parts = body.milestones.as_ref().map(|all| all.iter().map(|one| planned(one, money)).collect());
            let parts: Option<Vec<PlannedMilestone>> = parts.transpose()?;
            if price.is_none() && parts.is_none() {
                return Err(ApiError::invalid("price", "A proposal says a `price`, `milestones`, or both."));
            }
            if let (Some(price), None) = (price, &parts) {
                let there = parts::amounts(&super::parts::of_jobs(c, &[id]).await?);
                rest_within(price, &there).map_err(|refusal| super::parts::refused(&change.job, refusal))?;
            }
            if let Some(parts) = &parts {
                let agreed = price.or(change.job.agreed_minor).unwrap_or_default();
                let amounts: Vec<i64> = parts.iter().map(|one| one.amount_minor).collect();
                rest(agreed, &amounts).map_err(|refusal| super::parts::refused(&change.job, refusal))?;
                check_named(c, &change.job, parts).await?;
            }
            let text = parts.as_ref().map(written).transpose()?;
            let new = NewProposal {
                job: id,
                by: *me,
                reason: &reason,
                price_minor: price,
                milestones: text.as_deref(),
                terms_version: change.job.terms_version,
            };
            let made = proposals::add(c, &new, change.now).await?;
            change.detail.insert("proposal_id".into(), made.id.into());
            change.tell(other(&change.job, *me)?, kinds::JOB_TERMS, Say::Proposed);
            Ok(Some(Reply::Proposal(Box::new(shown(&made, &change.job.currency)?))))
        })
    })
    .await
}

/// Whether those that parts would change are parts of the job that no money is held for.
async fn check_named(c: &mut Connection, job: &Job, wanted: &[PlannedMilestone]) -> Result<(), ApiError> {
    let there = parts::of_jobs(c, &[job.id]).await?;
    let free = |id: i64| there.iter().any(|part| part.planned.id == id && part.status == Status::Planned);
    match wanted.iter().filter_map(|one| one.id).find(|id| !free(*id)) {
        Some(id) => Err(ApiError::invalid("milestones", format!("There is no milestone {id} that can be changed."))),
        None => Ok(()),
    }
}

/// Plans the job as was proposed. Parts that money is held for stay as they are.
async fn plan(c: &mut Connection, change: &mut Change, wanted: &[PlannedMilestone]) -> Result<(), ApiError> {
    check_named(c, &change.job, wanted).await?;
    for part in parts::of_jobs(c, &[change.job.id]).await? {
        let named = wanted.iter().find(|one| one.id == Some(part.planned.id));
        let other_price = named.is_none_or(|one| one.amount_minor != part.planned.amount_minor);
        if part.status == Status::Planned && other_price {
            let unpaid = stop_waiting(c, &change.job, Some(part.planned.id), change.now).await?;
            change.besides.extend(unpaid);
            match named {
                Some(_) => milestones::held_by(c, part.planned.id, None).await?,
                None => milestones::drop_one(c, part.planned.id, change.now).await?,
            }
        }
    }
    for one in wanted {
        let says = (one.title.as_str(), one.amount_minor, one.due_at.map(|at| at.0.0));
        match one.id {
            Some(id) => milestones::set(c, id, says).await?,
            None => drop(milestones::add(c, change.job.id, says, change.now).await?),
        }
    }
    let all = parts::amounts(&parts::of_jobs(c, &[change.job.id]).await?);
    let agreed = change.job.agreed_minor.unwrap_or_default();
    rest(agreed, &all).map_err(|refusal: PartRefusal| parts::refused(&change.job, refusal))?;
    Ok(())
}

/// Whether the parts stay within what is agreed. Where both say other parts and no other price, the parts say what it is.
async fn adds_up(c: &mut Connection, change: &mut Change, parts_say_it: bool) -> Result<(), ApiError> {
    let all = parts::amounts(&parts::of_jobs(c, &[change.job.id]).await?);
    match rest_within(change.job.agreed_minor.unwrap_or_default(), &all) {
        Err(PartRefusal::OverAgreed) if parts_say_it => change.job.agreed_minor = Some(all.iter().sum()),
        checked => drop(checked.map_err(|refusal| parts::refused(&change.job, refusal))?),
    }
    Ok(())
}

async fn answered(
    app: App,
    caller: Caller,
    (id, pid): (i64, i64),
    command: Command<JobCommand>,
    accept: bool,
) -> Result<Response, ApiError> {
    let act = act_for(&app, id, caller.user).await?;
    let asked = Asked::plain(id, act, command.body.version);
    on_job(&app, &caller, command.once.for_ever(), asked, move |c, taken| {
        Box::pin(async move {
            let Taken { change, me, role, .. } = taken;
            debug_assert!(matches!(role, Role::Client | Role::Artisan), "the table says so");
            let waiting = proposals::get(c, id, pid).await?.ok_or_else(ApiError::not_found)?;
            if waiting.by_id == *me {
                return Err(ApiError::forbidden("The other one of the job answers to what you propose."));
            }
            if waiting.state != "open" {
                return Err(wrong_state(&change.job, format!("The proposal is {} already.", waiting.state)));
            }
            let (state, say) = if accept {
                unchanged(Some(waiting.terms_version), change.job.terms_version, &change.job)?;
                let there = change.job.agreed_minor;
                change.job.agreed_minor = waiting.price_minor.or(there);
                if let Some(text) = &waiting.milestones {
                    let wanted: Vec<PlannedMilestone> = kept(text, ("job_proposals", "id", pid), "milestones")?;
                    plan(c, change, &wanted).await?;
                }
                adds_up(c, change, waiting.price_minor.is_none()).await?;
                keep_terms(c, change, Some(pid)).await?;
                ask_whether_finished(c, change).await?;
                change.update = Some("milestone_updated");
                ("accepted", Say::ProposalAccepted)
            } else {
                ("declined", Say::ProposalDeclined)
            };
            let decided = proposals::decide(c, pid, state, change.now).await?;
            change.detail.insert("proposal_id".into(), pid.into());
            change.detail.insert("proposal".into(), state.into());
            change.tell(waiting.by_id, kinds::JOB_TERMS, say);
            Ok(Some(Reply::Proposal(Box::new(shown(&decided, &change.job.currency)?))))
        })
    })
    .await
}

/// Agrees to a proposal of the other one: from now on that is what was agreed. One to terms that do not stand any more is `changed`.
#[utoipa::path(post, path = "/api/jobs/{id}/proposals/{pid}/accept", tag = "jobs", params(("id" = i64, Path), ("pid" = i64, Path)),
    request_body = JobCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn accept_proposal(
    State(app): State<App>,
    caller: Caller,
    Ids(id, pid): Ids,
    command: Command<JobCommand>,
) -> Result<Response, ApiError> {
    answered(app, caller, (id, pid), command, true).await
}

/// Says no to a proposal of the other one.
#[utoipa::path(post, path = "/api/jobs/{id}/proposals/{pid}/decline", tag = "jobs", params(("id" = i64, Path), ("pid" = i64, Path)),
    request_body = JobCommand,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal), (status = 409, body = Refusal)))]
pub async fn decline_proposal(
    State(app): State<App>,
    caller: Caller,
    Ids(id, pid): Ids,
    command: Command<JobCommand>,
) -> Result<Response, ApiError> {
    answered(app, caller, (id, pid), command, false).await
}

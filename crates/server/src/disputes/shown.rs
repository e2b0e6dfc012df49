//! Disputes as their two sides and administrators see them.

use axum::{Json, extract::State};
use guildhall_contract::{
    disputes::{Dispute, DisputeStatement, DisputeUpdated, SplitOf},
    events::DISPUTE_UPDATED,
    rest::{Data, Page, PageMeta, Refusal},
};
use guildhall_db::{
    Connection, Outgoing, disputes as stored,
    escrows::{self, Kept},
    feed,
    jobs::{self, milestones},
    people,
};
use guildhall_market::{
    ids::UserId,
    money::{
        disputes::{ANSWER_WITHIN_MS, Split, State as Stands},
        escrow_steps::{Act, Role, step},
    },
    time::Timestamp,
};
use serde::Deserialize;

use crate::{
    app::App,
    audit::{self, Administrator},
    error::{ApiError, written},
    jobs::shown::party,
    render,
    request::{Caller, PathId, Query},
};

/// Disputes of one answer, where nothing is said.
const PER_PAGE: i64 = 20;

/// What somebody may do in one now.
fn may(dispute: &stored::Dispute, kept: &Kept, who: UserId, role: Role) -> Vec<String> {
    if dispute.state != Stands::Open {
        return Vec::new();
    }
    let proposals = dispute.proposals();
    let (is_side, other) = match role {
        Role::Payer => (true, proposals.payee),
        Role::Payee => (true, proposals.payer),
        _ => (false, None),
    };
    let resolves = step(Act::Resolve, Role::Both, kept.escrow.stage).is_ok() && !kept.escrow.frozen;
    [
        ("answer", is_side),
        ("propose", is_side && resolves),
        ("accept", other.is_some() && resolves),
        ("withdraw", is_side && dispute.opener_id == who),
        ("take", role == Role::Admin && dispute.named_id != Some(who)),
        ("resolve", role == Role::Admin && resolves),
    ]
    .into_iter()
    .filter(|(_, can)| *can)
    .map(|(word, _)| word.to_owned())
    .collect()
}

fn split(split: Option<Split>) -> Option<SplitOf> {
    split.map(|split| SplitOf { to_payee_minor: split.to_payee, to_payer_minor: split.to_payer })
}

/// A dispute without what was said in it.
///
/// # Errors
/// The database's.
async fn plain(
    c: &mut Connection,
    (who, admin): (UserId, bool),
    dispute: &stored::Dispute,
) -> Result<Dispute, ApiError> {
    let kept = escrows::get(c, dispute.escrow_id).await?.ok_or_else(ApiError::broken)?;
    let part = milestones::get(c, kept.subject.id).await?.ok_or_else(ApiError::broken)?;
    let job = jobs::get(c, part.job_id).await?.ok_or_else(ApiError::broken)?;
    let terms = &kept.escrow.terms;
    let users = people::get_many(c, &[terms.payer, terms.payee]).await?;
    let proposals = dispute.proposals();
    let ended = dispute.ended_to_payee.zip(dispute.ended_to_payer);
    Ok(Dispute {
        id: dispute.id,
        payment_id: terms.id.0,
        job_id: job.id,
        job_title: job.title,
        state: dispute.state.code().to_owned(),
        status: dispute.state.seed_word(dispute.named_id.is_some()).to_owned(),
        opener: party(&users, dispute.opener_id),
        payer: party(&users, terms.payer),
        payee: party(&users, terms.payee),
        reason: dispute.reason.clone(),
        held_minor: kept.escrow.held,
        currency: terms.currency.code().to_owned(),
        payer_proposes: split(proposals.payer),
        payee_proposes: split(proposals.payee),
        ended: split(ended.map(|(to_payee, to_payer)| Split { to_payee, to_payer })),
        decision: dispute.decision.clone(),
        answer_by: render::time(dispute.opened_at_ms + ANSWER_WITHIN_MS),
        flagged_at: dispute.flagged_at_ms.map(render::time),
        statements: Vec::new(),
        may: may(dispute, &kept, who, kept.escrow.role_of(who, admin)),
        version: dispute.version,
        opened_at: render::time(dispute.opened_at_ms),
        updated_at: render::time(dispute.changed_at_ms),
    })
}

/// A dispute with everything that was said in it.
///
/// # Errors
/// The database's.
pub async fn whole(
    c: &mut Connection,
    app: &App,
    (who, admin): (UserId, bool),
    id: i64,
    now: Timestamp,
) -> Result<Dispute, ApiError> {
    let dispute = stored::get(c, id).await?.ok_or_else(ApiError::broken)?;
    let mut shown = plain(c, (who, admin), &dispute).await?;
    let (said, files) = (stored::statements(c, id).await?, stored::files(c, id).await?);
    let mut by: Vec<UserId> = said.iter().map(|one| one.user_id).collect();
    by.sort_unstable();
    by.dedup();
    let users = people::get_many(c, &by).await?;
    shown.statements = said
        .iter()
        .map(|one| DisputeStatement {
            by: party(&users, one.user_id),
            words: one.words.clone(),
            attachments: files
                .iter()
                .filter(|given| given.given_with == one.id)
                .map(|given| render::attachment(&given.clone().into(), &app.link_secret, who, now))
                .collect(),
            at: render::time(one.at_ms),
        })
        .collect();
    Ok(shown)
}

/// That a dispute stands otherwise, to the feeds of its two sides.
///
/// # Errors
/// The database's.
pub async fn told(c: &mut Connection, dispute: &stored::Dispute, now: Timestamp) -> Result<Vec<Outgoing>, ApiError> {
    let kept = escrows::get(c, dispute.escrow_id).await?.ok_or_else(ApiError::broken)?;
    let part = milestones::get(c, kept.subject.id).await?.ok_or_else(ApiError::broken)?;
    let body = written(&DisputeUpdated {
        id: dispute.id,
        payment_id: kept.escrow.terms.id.0,
        job_id: part.job_id,
        state: dispute.state.code().to_owned(),
        status: dispute.state.seed_word(dispute.named_id.is_some()).to_owned(),
        version: dispute.version + 1,
        updated_at: now.into(),
    })?;
    let entry = |user| feed::Entry::new(user, DISPUTE_UPDATED, body.clone());
    Ok(feed::append(c, vec![entry(kept.escrow.terms.payer), entry(kept.escrow.terms.payee)], now).await?)
}

/// A dispute of which somebody may know, with its payment.
///
/// # Errors
/// 404.
pub async fn found(c: &mut Connection, caller: &Caller, id: i64) -> Result<(stored::Dispute, Role), ApiError> {
    let dispute = stored::get(c, id).await?.ok_or_else(ApiError::not_found)?;
    let (_, role) = crate::payments::found(c, caller, dispute.escrow_id.0).await?;
    Ok((dispute, role))
}

#[derive(Deserialize)]
pub struct Listed {
    before: Option<i64>,
    per_page: Option<i64>,
}

/// One's disputes, newest first, without what was said.
#[utoipa::path(get, path = "/api/disputes", tag = "disputes", params(("before" = Option<i64>, Query), ("per_page" = Option<i64>, Query)),
    responses((status = 200, body = Page<Dispute>)))]
pub async fn list_disputes(
    State(app): State<App>,
    caller: Caller,
    Query(listed): Query<Listed>,
) -> Result<Json<Page<Dispute>>, ApiError> {
    let per_page = listed.per_page.unwrap_or(PER_PAGE).clamp(1, 100);
    let mut c = app.db.read().await?;
    let mut all = stored::of_party(&mut c, caller.user, listed.before.unwrap_or(i64::MAX), per_page + 1).await?;
    let more = i64::try_from(all.len()).is_ok_and(|found| found > per_page);
    all.truncate(usize::try_from(per_page).unwrap_or(usize::MAX));
    let next = all.last().map(|dispute| dispute.id).filter(|_| more);
    let mut data = Vec::new();
    for dispute in &all {
        data.push(plain(&mut c, (caller.user, false), dispute).await?);
    }
    Ok(Json(Page { data, meta: PageMeta { per_page, next, ..PageMeta::default() } }))
}

/// The open disputes, for administrators: first those whose other side said nothing for five days, then the oldest.
#[utoipa::path(get, path = "/api/admin/disputes", tag = "admin",
    responses((status = 200, body = Data<Vec<Dispute>>), (status = 403, body = Refusal)))]
pub async fn list_open_disputes(
    State(app): State<App>,
    administrator: Administrator,
) -> Result<Json<Data<Vec<Dispute>>>, ApiError> {
    let mut c = app.db.read().await?;
    let mut data = Vec::new();
    for dispute in stored::open_ones(&mut c, stored::PAGE_MAX).await? {
        data.push(plain(&mut c, (administrator.user, true), &dispute).await?);
    }
    Ok(Json(Data { data }))
}

/// One dispute with everything that was said in it. For its two sides; an administrator's look is written down.
#[utoipa::path(get, path = "/api/disputes/{id}", tag = "disputes", params(("id" = i64, Path)),
    responses((status = 200, body = Data<Dispute>), (status = 404, body = Refusal)))]
pub async fn get_dispute(
    State(app): State<App>,
    caller: Caller,
    PathId(id): PathId<i64>,
) -> Result<Json<Data<Dispute>>, ApiError> {
    let (dispute, role) = found(&mut app.db.read().await?, &caller, id).await?;
    let now = app.now();
    if role == Role::Admin {
        let kept = escrows::get(&mut app.db.read().await?, dispute.escrow_id).await?.ok_or_else(ApiError::broken)?;
        let about = [kept.escrow.terms.payer, kept.escrow.terms.payee];
        audit::note_look(&app, caller.user, about, ("dispute.look", ("dispute", id), "To decide it")).await?;
    }
    let data = whole(&mut app.db.read().await?, &app, (caller.user, caller.admin), id, now).await?;
    Ok(Json(Data { data }))
}

//! Jobs as somebody may see them.

use guildhall_contract::{
    amounts::Major,
    attachments::Attachment,
    jobs::{Application as ShownApplication, Job as Shown, JobReview, Progress, Terms},
    people::Party,
};
use guildhall_db::{
    Connection, attachments as stored_files,
    jobs::{
        Job,
        applications::{self, Application},
        files::{self, JobFile},
        progress, proposals,
        reviews::{self, Review},
    },
    people::{self, User},
};
use guildhall_market::{
    accounts::DELETED_NAME,
    ids::UserId,
    jobs::{
        milestones::rest,
        rights::{Viewer, is_party},
        steps::{Role, Stage},
    },
    money::amounts::major,
    time::Timestamp,
};

use super::{
    bodies::stored_currency,
    may,
    parts::{self, Part},
    standing::{role_of, sees_from},
    told::plain_progress,
};
use crate::{
    app::App,
    error::{ApiError, kept},
    render,
};

/// A person as they stand beside something.
pub fn party(users: &[User], id: UserId) -> Party {
    match users.iter().find(|user| user.id == id).map(render::user) {
        Some(user) => Party { id, name: user.name, avatar: user.avatar, craft: user.craft },
        None => Party { id, name: DELETED_NAME.to_owned(), avatar: None, craft: None },
    }
}

/// A picture with a link for somebody.
pub fn picture(app: &App, file: &JobFile, reader: UserId, now: Timestamp) -> Attachment {
    let stored = stored_files::Attachment {
        id: file.id,
        owner_id: file.owner_id,
        message_id: None,
        name: file.name.clone(),
        mime: file.mime.clone(),
        size_bytes: file.size_bytes,
        sha256: file.sha256.clone(),
    };
    render::attachment(&stored, &app.link_secret, reader, now)
}

/// A report of how far the work is, with its pictures.
pub fn report(
    app: &App,
    stored: &progress::Progress,
    files: &[JobFile],
    (reader, now): (UserId, Timestamp),
) -> Progress {
    let its = files.iter().filter(|file| file.progress_id == Some(stored.id));
    Progress { attachments: its.map(|file| picture(app, file, reader, now)).collect(), ..plain_progress(stored) }
}

/// An application.
///
/// # Errors
/// 500 for a currency that is none.
pub fn application(stored: &Application, currency: &str, users: &[User]) -> Result<ShownApplication, ApiError> {
    Ok(ShownApplication {
        id: stored.id,
        job_id: stored.job_id,
        artisan_id: stored.artisan_id,
        artisan: party(users, stored.artisan_id),
        state: stored.state.code().to_owned(),
        proposal: stored.proposal.clone(),
        price: Major(major(stored.price_minor, stored_currency(currency)?)),
        price_minor: stored.price_minor,
        price_named: stored.price_named > 0,
        currency: currency.to_owned(),
        version: stored.version,
        created_at: render::time(stored.created_at_ms),
        updated_at: render::time(stored.changed_at_ms),
    })
}

fn review(stored: &Review, users: &[User]) -> JobReview {
    JobReview {
        author: party(users, stored.author_id),
        subject_id: stored.subject_id,
        stars: stored.stars,
        words: stored.words.clone(),
        created_at: render::time(stored.created_at_ms),
    }
}

/// All that is read of several jobs at once, for one reader.
struct Read {
    parts: Vec<Part>,
    users: Vec<User>,
    own: Vec<Application>,
    pending: Vec<(i64, i64)>,
    files: Vec<JobFile>,
    progress: Vec<progress::Progress>,
    reviews: Vec<Review>,
}

async fn read(c: &mut Connection, who: Option<Viewer>, jobs: &[Job]) -> Result<Read, ApiError> {
    let ids = |of: &dyn Fn(&Job) -> bool| jobs.iter().filter(|job| of(job)).map(|job| job.id).collect::<Vec<i64>>();
    let all = ids(&|_| true);
    let is_mine = |job: &Job| who.is_some_and(|who| who.user == job.client_id);
    let of_party = |job: &Job| is_party(role_of(job, who, None));
    let own = match who {
        Some(who) => applications::last_of_many(c, &all, who.user).await?,
        None => Vec::new(),
    };
    let reviews = reviews::of_jobs(c, &ids(&|job| job.stage == Stage::Completed)).await?;
    let mut people: Vec<UserId> =
        jobs.iter().flat_map(|job| std::iter::once(job.client_id).chain(job.artisan_id)).collect();
    people.extend(who.map(|who| who.user));
    people.sort_unstable();
    people.dedup();
    Ok(Read {
        parts: parts::of_jobs(c, &all).await?,
        users: people::get_many(c, &people).await?,
        own,
        pending: applications::count_pending(c, &ids(&is_mine)).await?,
        files: if who.is_some() { files::of_jobs(c, &all).await? } else { Vec::new() },
        progress: progress::last_of(c, &ids(&|job| of_party(job) && job.artisan_id.is_some())).await?,
        reviews,
    })
}

/// Several jobs as somebody may see them who may know of them.
///
/// # Errors
/// The database's.
pub async fn many(
    c: &mut Connection,
    app: &App,
    who: Option<Viewer>,
    jobs: &[Job],
    now: Timestamp,
) -> Result<Vec<Shown>, ApiError> {
    let read = read(c, who, jobs).await?;
    jobs.iter().map(|job| shown(app, who, job, &read, now)).collect()
}

fn shown(app: &App, who: Option<Viewer>, job: &Job, read: &Read, now: Timestamp) -> Result<Shown, ApiError> {
    let currency = stored_currency(&job.currency)?;
    let own = read.own.iter().find(|one| one.job_id == job.id);
    let role = role_of(job, who, own);
    let (party_of_it, parts) = (is_party(role), parts::of(&read.parts, job.id));
    let reviews: Vec<&Review> = read.reviews.iter().filter(|review| review.job_id == job.id).collect();
    let pending = read.pending.iter().find(|(id, _)| *id == job.id).map_or(0, |(_, count)| *count);
    let facts = may::Facts {
        job,
        role,
        own,
        statuses: &parts::statuses(&parts),
        pending,
        reviewed: reviews.iter().any(|review| who.is_some_and(|who| who.user == review.author_id)),
        now,
    };
    let files = read.files.iter().filter(|file| file.job_id == job.id);
    let seen = |file: &JobFile| who.map(|who| picture(app, file, who.user, now));
    let agreed = job.agreed_minor.filter(|_| party_of_it);
    let moment = |ms: Option<i64>| ms.map(render::time);
    let reports = read.progress.iter().filter(|report| party_of_it && report.job_id == job.id);
    Ok(Shown {
        id: job.id,
        title: job.title.clone(),
        description: job.description.clone(),
        status: parts::status(job, &parts).to_owned(),
        stage: job.stage.code().to_owned(),
        reason: job.reason.clone(),
        category: job.category.code().to_owned(),
        budget: Major(major(job.budget_minor, currency)),
        budget_minor: job.budget_minor,
        currency: job.currency.clone(),
        priority: job.priority.code().to_owned(),
        place: job.place.clone(),
        starts_at: moment(job.starts_at_ms),
        ends_at: moment(job.ends_at_ms),
        closes_at: moment(job.closes_at_ms),
        attachments: files.clone().filter(|file| file.progress_id.is_none()).filter_map(seen).collect(),
        client_id: job.client_id,
        client: party(&read.users, job.client_id),
        artisan_id: job.artisan_id.filter(|_| party_of_it),
        artisan: job.artisan_id.filter(|_| party_of_it).map(|id| party(&read.users, id)),
        milestones: if party_of_it { parts::shown(job, &parts)? } else { Vec::new() },
        progress_updates: who
            .map(|who| reports.map(|stored| report(app, stored, &read.files, (who.user, now))).collect())
            .unwrap_or_default(),
        agreed: agreed.map(|minor| Major(major(minor, currency))),
        agreed_minor: agreed,
        rest_minor: agreed.and_then(|agreed| rest(agreed, &parts::amounts(&parts)).ok()),
        terms_version: if party_of_it { job.terms_version } else { 0 },
        terms: Vec::new(),
        applications_count: (role == Role::Client).then_some(pending),
        my_application: own.map(|own| application(own, &job.currency, &read.users)).transpose()?,
        reviews: reviews
            .iter()
            .filter(|review| review.shown_at_ms.is_some())
            .map(|stored| review(stored, &read.users))
            .collect(),
        may: may::may(&facts),
        payout_lacks: None,
        asked_at: moment(job.asked_at_ms.filter(|_| party_of_it)),
        version: job.version,
        created_at: render::time(job.created_at_ms),
        published_at: moment(job.published_at_ms),
        assigned_at: moment(job.assigned_at_ms.filter(|_| party_of_it)),
        ended_at: moment(job.ended_at_ms),
        updated_at: render::time(job.changed_at_ms),
    })
}

/// One job with everything that somebody may see of it.
///
/// # Errors
/// The database's.
pub async fn one(c: &mut Connection, app: &App, who: Viewer, job: Job, now: Timestamp) -> Result<Shown, ApiError> {
    let mut found = many(c, app, Some(who), std::slice::from_ref(&job), now).await?;
    let mut shown = found.pop().ok_or_else(ApiError::broken)?;
    if shown.terms_version > 0 {
        let currency = stored_currency(&job.currency)?;
        let since = sees_from(role_of(&job, Some(who), None), &job);
        for terms in proposals::terms_of(c, job.id, since).await? {
            shown.terms.push(Terms {
                milestones: kept(&terms.milestones, ("job_terms", "job_id", job.id), "milestones")?,
                version: terms.version,
                agreed: Major(major(terms.agreed_minor, currency)),
                agreed_minor: terms.agreed_minor,
                proposal_id: terms.proposal_id,
                at: render::time(terms.at_ms),
            });
        }
    }
    if shown.may.iter().any(|act| act == "apply") {
        let asked = (job.currency.as_str(), job.budget_minor);
        shown.payout_lacks = lacks(crate::payout_accounts::destination(app, c, who.user, asked, now).await)?;
    }
    Ok(shown)
}

/// What keeps somebody from drawing what they would earn. It keeps nobody from applying: it is said before they do.
fn lacks(destination: Result<i64, ApiError>) -> Result<Option<String>, ApiError> {
    match destination {
        Ok(_) => Ok(None),
        Err(refusal) if refusal.status() == axum::http::StatusCode::CONFLICT => Ok(Some(refusal.code().to_owned())),
        Err(error) => Err(error),
    }
}

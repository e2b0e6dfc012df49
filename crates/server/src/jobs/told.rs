//! What people are told when something happens to a job: events of the feed and of its channel, and notices.

use guildhall_contract::{
    amounts::Major,
    events::{APPLICATION_UPDATED, JOB_UPDATED},
    jobs::{ApplicationUpdated, JobUpdated, Progress},
};
use guildhall_db::{
    Connection, Outgoing, feed,
    jobs::{
        Job,
        applications::Application,
        progress::{self, Progress as Stored},
    },
    notifications::NewNotification,
    people,
};
use guildhall_market::{
    ids::{JobId, UserId},
    money::amounts::major,
    permissions::MarketChannel,
    time::Timestamp,
};

use super::{
    bodies::stored_currency,
    parts::{self, Part},
    says::Say,
};
use crate::{
    error::{ApiError, written},
    notifications::notify,
    render,
};

/// The largest event, bytes: what listeners of the existing systems take.
const EVENT_BYTES_MAX: usize = 10_000;

/// Something that one person is told.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Who.
    pub user: UserId,
    /// The kind.
    pub kind: &'static str,
    /// What.
    pub say: Say,
    /// What it is about, and which version of that: one that was told is not told again. The job as it is, where nothing is said.
    pub about: Option<(String, i64)>,
}

impl Notice {
    /// One about the job.
    pub fn of(user: UserId, kind: &'static str, say: Say) -> Self {
        Self { user, kind, say, about: None }
    }
}

/// A report of progress as an event has it.
pub fn plain_progress(stored: &Stored) -> Progress {
    Progress {
        id: stored.id,
        note: stored.note.clone(),
        percent: stored.percent,
        author_id: stored.author_id,
        created_at: render::time(stored.created_at_ms),
        attachments: Vec::new(),
    }
}

fn body(job: &Job, parts: &[Part], progress: &[Stored], update_type: &str) -> Result<String, ApiError> {
    let currency = stored_currency(&job.currency)?;
    let mut body = JobUpdated {
        id: job.id,
        title: job.title.clone(),
        status: parts::status(job, parts).to_owned(),
        stage: job.stage.code().to_owned(),
        reason: job.reason.clone(),
        category: job.category.code().to_owned(),
        budget: Major(major(job.budget_minor, currency)),
        budget_minor: job.budget_minor,
        currency: job.currency.clone(),
        priority: job.priority.code().to_owned(),
        update_type: update_type.to_owned(),
        client_id: job.client_id,
        artisan_id: job.artisan_id,
        milestones: parts::shown(job, parts)?,
        progress_updates: progress.iter().map(plain_progress).collect(),
        version: job.version,
        updated_at: render::time(job.changed_at_ms),
    };
    let mut text = written(&body)?;
    while text.len() > EVENT_BYTES_MAX && !body.progress_updates.is_empty() {
        body.progress_updates.remove(0);
        text = written(&body)?;
    }
    Ok(text)
}

/// That something about a job changed: for the feeds of its two people, and for its channel.
///
/// # Errors
/// The database's.
pub async fn job_updated(
    c: &mut Connection,
    job: &Job,
    update_type: &'static str,
    except: Option<&str>,
) -> Result<(Vec<feed::Entry>, Outgoing), ApiError> {
    let parts = parts::of_jobs(c, &[job.id]).await?;
    let progress = if job.artisan_id.is_some() { progress::last_of(c, &[job.id]).await? } else { Vec::new() };
    let data = body(job, &parts, &progress, update_type)?;
    let entry = |user| feed::Entry::new(user, JOB_UPDATED, data.clone()).except(except);
    let entries = std::iter::once(job.client_id).chain(job.artisan_id).map(entry).collect();
    let outgoing = Outgoing {
        channel: MarketChannel::of_job(JobId(job.id)),
        event: JOB_UPDATED.to_owned(),
        data: data.as_str().into(),
        seq: None,
        except_socket: except.map(str::to_owned),
    };
    Ok((entries, outgoing))
}

/// That an application was made or decided: for whoever made it, and for the client.
///
/// # Errors
/// 500 where it cannot be written.
pub fn application_updated(
    job: &Job,
    application: &Application,
    except: Option<&str>,
) -> Result<[feed::Entry; 2], ApiError> {
    let body = ApplicationUpdated {
        id: application.id,
        job_id: job.id,
        job_title: job.title.clone(),
        client_id: job.client_id,
        artisan_id: application.artisan_id,
        state: application.state.code().to_owned(),
        price_minor: application.price_minor,
        currency: job.currency.clone(),
        version: application.version,
        updated_at: render::time(application.changed_at_ms),
    };
    let body = written(&body)?;
    let entry = |user| feed::Entry::new(user, APPLICATION_UPDATED, body.clone()).except(except);
    Ok([entry(application.artisan_id), entry(job.client_id)])
}

/// Makes the notices, but for what somebody did themselves, and what somebody did whom the reader blocks or is blocked by, unless the
/// two have the job together.
///
/// # Errors
/// The database's.
pub async fn notices(
    c: &mut Connection,
    job: &Job,
    by: Option<UserId>,
    list: Vec<Notice>,
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let (mut name, mut apart) = (String::new(), Vec::new());
    if let Some(by) = by {
        name = people::get(c, by).await?.map(|user| user.shown_name().to_owned()).unwrap_or_default();
        let blocks = people::blocks_of(c, by).await?;
        apart = blocks.into_iter().map(|(blocker, blocked, _)| if blocker == by { blocked } else { blocker }).collect();
    }
    let (subject, data) = (format!("job:{}", job.id), written(&serde_json::json!({ "job_id": job.id }))?);
    let mut told = Vec::new();
    // What is agreed goes on between the two of it, whoever blocks whom (E106).
    let both = |user: &UserId| *user == job.client_id || Some(*user) == job.artisan_id;
    let deals = job.artisan_id.is_some() && by.as_ref().is_some_and(both);
    for Notice { user, kind, say, about } in list {
        if Some(user) == by || (apart.contains(&user) && !(deals && both(&user))) {
            continue;
        }
        let (title, body) = say.words(&name, job)?;
        let notice = NewNotification {
            user,
            kind,
            subject: about.as_ref().map_or(&subject, |(about, _)| about),
            version: about.as_ref().map_or(job.version, |(_, version)| *version),
            title: &title,
            body: &body,
            data: &data,
        };
        told.extend(notify(c, &notice, now).await?);
    }
    Ok(told)
}

//! What jobs have to do with the life of an account. Nobody leaves in the middle of one; what is open ends when its client
//! leaves, and what was done stays with the other one. Whoever is suspended keeps their jobs and applications: while they are,
//! the board shows none of theirs, nobody applies there, and nobody gives them a job.

use guildhall_db::{
    Connection, deadlines,
    jobs::{Job, applications, leaving, reviews},
};
use guildhall_market::{
    ids::UserId,
    jobs::steps::{Act, Role, Stage, step},
    time::Timestamp,
};
use serde_json::{Value, json};

use super::{change::CLIENT_LEFT, due::somebody_leaves, says::words};
use crate::{
    error::ApiError,
    feature::{Exported, Life},
    render,
};

/// See the [module](self).
pub const LIFE: Life = Life {
    must_end: Some(|c, user, _| Box::pin(must_end(c, user))),
    suspended: None,
    taken_back: None,
    erase: Some(|c, user, now| Box::pin(erase(c, user, now))),
    export: &[
        Exported { name: "jobs", title: "Jobs", page: |c, user, after| Box::pin(jobs(c, user, after)) },
        Exported {
            name: "applications",
            title: "Applications for jobs",
            page: |c, user, after| Box::pin(own_applications(c, user, after)),
        },
        Exported {
            name: "reviews",
            title: "What you said of others after a job",
            page: |c, user, after| Box::pin(own_reviews(c, user, after)),
        },
    ],
};

async fn must_end(c: &mut Connection, user: UserId) -> Result<Vec<String>, ApiError> {
    let sentence = |job: Job| {
        let is_client = job.client_id == user;
        if is_client { words().jobs_must_end_client(&job.title) } else { words().jobs_must_end_artisan(&job.title) }
    };
    Ok(leaving::under_way(c, user).await?.into_iter().map(sentence).collect())
}

async fn erase(c: &mut Connection, user: UserId, now: Timestamp) -> Result<Vec<String>, ApiError> {
    let (mut after, mut gone) = (0, Vec::new());
    loop {
        let page = leaving::of_client(c, user, after).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for job in page {
            match job.stage {
                Stage::Draft => gone.extend(leaving::delete(c, job.id).await?),
                // Whoever waits is told at once, by a change of its own.
                stage if step(Act::Expire, Role::System, stage).is_ok() => {
                    deadlines::set(c, CLIENT_LEFT, job.id, now).await?;
                }
                _ => {}
            }
        }
    }
    somebody_leaves(c, user, now).await?;
    leaving::forget(c, user).await?;
    Ok(gone)
}

type PageOf = Result<(Vec<Value>, Option<i64>), ApiError>;

async fn jobs(c: &mut Connection, user: UserId, after: i64) -> PageOf {
    let found = leaving::of_person(c, user, after).await?;
    let next = found.last().map(|last| last.id);
    let row = |job: Job| {
        json!({
            "id": job.id, "title": job.title, "description": job.description, "stage": job.stage.code(), "reason": job.reason,
            "category": job.category.code(), "priority": job.priority.code(), "place": job.place,
            "budget_minor": job.budget_minor, "agreed_minor": job.agreed_minor, "currency": job.currency,
            "as": if job.client_id == user { "client" } else { "artisan" },
            "client_id": job.client_id, "artisan_id": job.artisan_id, "made_at": render::time(job.created_at_ms),
            "published_at": job.published_at_ms.map(render::time), "assigned_at": job.assigned_at_ms.map(render::time),
            "ended_at": job.ended_at_ms.map(render::time),
        })
    };
    Ok((found.into_iter().map(row).collect(), next))
}

async fn own_applications(c: &mut Connection, user: UserId, after: i64) -> PageOf {
    let found = applications::of(c, user, after, 200).await?;
    let next = found.last().map(|last| last.id);
    let row = |one: applications::Application| {
        json!({
            "id": one.id, "job_id": one.job_id, "state": one.state.code(), "proposal": one.proposal,
            "price_minor": one.price_minor, "made_at": render::time(one.created_at_ms),
            "changed_at": render::time(one.changed_at_ms),
        })
    };
    Ok((found.into_iter().map(row).collect(), next))
}

async fn own_reviews(c: &mut Connection, user: UserId, after: i64) -> PageOf {
    let found = reviews::by(c, user, after, 200).await?;
    let next = found.last().map(|last| last.id);
    let row = |one: reviews::Review| {
        json!({
            "id": one.id, "job_id": one.job_id, "of_id": one.subject_id, "stars": one.stars, "words": one.words,
            "made_at": render::time(one.created_at_ms),
        })
    };
    Ok((found.into_iter().map(row).collect(), next))
}

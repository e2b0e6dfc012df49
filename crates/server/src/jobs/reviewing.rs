//! How it was, as each of the two says once the job is done.

use axum::{extract::State, http::StatusCode, response::Response};
use guildhall_contract::{
    jobs::{Job as Shown, ReviewMake},
    profiles::Review,
    rest::{Data, Refusal},
};
use guildhall_db::{Connection, jobs::reviews, people};
use guildhall_market::{
    ids::{JobId, UserId},
    jobs::{
        reviews::{Refusal as Wrong, clean, may_review},
        steps::Act,
    },
    notifications::kinds,
    time::Timestamp,
};

use super::{
    bodies::refused,
    command::{Asked, on_job},
    says::Say,
    shown::party,
    standing::{as_it_stands, wrong_state},
    terms::other,
};
use crate::{
    app::App,
    error::ApiError,
    render,
    request::{Caller, Command, PathId},
};

/// Says how a job was that is done: once, within 30 days. It can be read once the other one wrote, too, or nobody can any more.
#[utoipa::path(post, path = "/api/jobs/{id}/review", tag = "jobs", params(("id" = i64, Path)), request_body = ReviewMake,
    responses((status = 200, body = Data<Shown>), (status = 403, body = Refusal), (status = 404, body = Refusal),
        (status = 409, body = Refusal), (status = 422, body = Refusal)))]
pub async fn review_job(
    State(app): State<App>,
    caller: Caller,
    PathId(JobId(id)): PathId<JobId>,
    command: Command<ReviewMake>,
) -> Result<Response, ApiError> {
    let ReviewMake { stars, words, version } = command.body;
    let (stars, words) = clean(stars, &words).map_err(|wrong| match wrong {
        Wrong::Words(wrong) => refused("words", &wrong),
        wrong => ApiError::invalid("stars", format!("`stars` cannot be taken: {wrong}.")),
    })?;
    on_job(&app, &caller, command.once, Asked::plain(id, Act::Review, version), move |c, taken| {
        Box::pin(async move {
            let (change, me) = (&mut taken.change, taken.me);
            let before = reviews::of_jobs(c, &[id]).await?;
            let wrote = before.iter().any(|review| review.author_id == me);
            may_review(wrote, change.job.ended_at_ms.map(Timestamp), change.now).map_err(|wrong| match wrong {
                Wrong::Exists => {
                    let words = "You said how it was already.";
                    as_it_stands(ApiError::new(StatusCode::CONFLICT, "exists", words), &change.job)
                }
                wrong => wrong_state(&change.job, format!("It is too late: {wrong}.")),
            })?;
            let about = other(&change.job, me)?;
            reviews::add(c, id, (me, about), (stars, &words), change.now).await?;
            if !before.is_empty() {
                reviews::show(c, id, change.now).await?;
                change.tell(about, kinds::JOB_REVIEWED, Say::Reviewed);
            }
            Ok(None)
        })
    })
    .await
}

/// What can be read of somebody, newest first.
///
/// # Errors
/// The database's.
pub async fn reviews_of(c: &mut Connection, user: UserId) -> Result<Vec<Review>, ApiError> {
    let found = reviews::about(c, user, reviews::PAGE_MAX).await?;
    let authors: Vec<UserId> = found.iter().map(|review| review.author_id).collect();
    let users = people::get_many(c, &authors).await?;
    let shown = |review: reviews::Review| Review {
        author: party(&users, review.author_id),
        stars: review.stars,
        words: Some(review.words),
        created_at: render::time(review.created_at_ms),
    };
    Ok(found.into_iter().map(shown).collect())
}

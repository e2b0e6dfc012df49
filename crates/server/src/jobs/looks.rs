//! What an administrator looks at of a job that is between others is written down, where those can read it.

use guildhall_db::{
    Committed, Connection,
    audit::{self, Act, Actor},
    jobs::Job,
};
use guildhall_market::{
    ids::UserId,
    jobs::{rights::Viewer, steps::Role},
    time::Timestamp,
};

use super::standing::{Found, found};
use crate::{app::App, error::ApiError};

/// Writes a look down.
///
/// # Errors
/// The database's.
pub async fn note_look(
    c: &mut Connection,
    by: UserId,
    job: &Job,
    action: &'static str,
    now: Timestamp,
) -> Result<(), ApiError> {
    let about: Vec<UserId> = std::iter::once(job.client_id).chain(job.artisan_id).collect();
    let act = Act {
        action,
        subject: ("job", job.id),
        about: &about,
        look: true,
        reason: "To keep order on the board",
        detail: "{}",
    };
    Ok(audit::add(c, &Actor { user: Some(by), token: None, address: None }, &act, now).await?)
}

/// A job whose list somebody asks for. An administrator's look is written down before anything is shown.
///
/// # Errors
/// 404 for a job that one may not know of.
pub async fn looked_at(app: &App, who: Viewer, id: i64, action: &'static str) -> Result<Found, ApiError> {
    let seen = found(&mut app.db.read().await?, Some(who), id).await?;
    if seen.role == Role::Admin {
        let (job, now) = (seen.job.clone(), app.now());
        app.db
            .write::<(), ApiError, _>(move |c| {
                Box::pin(async move {
                    note_look(c, who.user, &job, action, now).await?;
                    Ok(Committed::quiet(()))
                })
            })
            .await?;
    }
    Ok(seen)
}

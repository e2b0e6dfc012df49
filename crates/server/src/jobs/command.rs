//! How a command on a job goes: what is due is done first, the job is held, the table of the market decides, and what was done is
//! stored, written down and told in one transaction.

use axum::{http::StatusCode, response::Response};
use futures_util::future::BoxFuture;
use guildhall_contract::{
    jobs::{Application as ShownApplication, Job as ShownJob, Progress, Proposal},
    payments::Payment,
    rest::Data,
};
use guildhall_db::{
    Committed, Connection,
    jobs::{
        self,
        applications::{self, Application},
    },
    people::{self, Two},
};
use guildhall_market::{
    ids::UserId,
    jobs::steps::{Act, Role, Stage},
};
use serde::Serialize;

use super::{
    both,
    change::Change,
    shown,
    standing::{as_known, stepped, unchanged, viewer},
};
use crate::{app::App, error::ApiError, once::Once, request::Caller};

/// What a command answers with.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// The job as it is then.
    Job(Box<ShownJob>),
    /// An application.
    Application(Box<ShownApplication>),
    /// A report of how far the work is.
    Progress(Box<Progress>),
    /// A proposal to change what was agreed.
    Proposal(Box<Proposal>),
    /// Money that is held, or waited for.
    Payment(Box<Payment>),
}

/// Whom a command is about beside whoever gives it: they are there until its commit.
#[derive(Clone, Copy, Debug)]
pub enum With {
    /// Nobody.
    Nobody,
    /// The job's client.
    Client,
    /// Whoever made this application.
    Applicant(i64),
    /// This person.
    Person(UserId),
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Of which job.
    pub job: i64,
    /// What.
    pub act: Act,
    /// The job as it was seen.
    pub version: Option<i64>,
    /// Whom it is about.
    pub with: With,
    /// What it is answered with.
    pub status: StatusCode,
}

impl Asked {
    /// Something that needs nobody else, and is answered with the job.
    pub fn plain(job: i64, act: Act, version: Option<i64>) -> Self {
        Self { job, act, version, with: With::Nobody, status: StatusCode::OK }
    }
}

/// A command that may be carried out.
pub struct Taken {
    /// What it changes.
    pub change: Change,
    /// Who whoever gives it is to the job.
    pub role: Role,
    /// The last application that they made for it.
    pub application: Option<Application>,
    /// The two people whom it is about.
    pub two: Option<Two>,
    /// Whoever gives it.
    pub me: UserId,
}

/// Where the job goes by the table, where the table says it at once.
fn to(act: Act, stage: Option<Stage>) -> Option<Stage> {
    // What it comes to takes more than the stage.
    stage.filter(|_| !matches!(act, Act::Cancel))
}

async fn two_of(c: &mut Connection, me: UserId, job: i64, with: With) -> Result<Option<Two>, ApiError> {
    let other = match with {
        With::Nobody => None,
        With::Client => jobs::get(c, job).await?.map(|job| job.client_id),
        With::Applicant(id) => applications::get(c, job, id).await?.map(|one| one.artisan_id),
        With::Person(user) => Some(user),
    };
    match other.filter(|other| *other != me) {
        Some(other) => Ok(Some(people::two(c, (me, None), other).await?)),
        None => Ok(None),
    }
}

/// Carries a command out: `work` does what is its own, and says what it is answered with before the job is stored.
///
/// # Errors
/// 404 for a job that one may not know of, 403 for what is somebody else's to do, 409 for where it stands, what `work` refuses with,
/// or the database's.
pub async fn on_job<F>(app: &App, caller: &Caller, once: Once, asked: Asked, work: F) -> Result<Response, ApiError>
where
    F: for<'c> FnOnce(&'c mut Connection, &'c mut Taken) -> BoxFuture<'c, Result<Option<Reply>, ApiError>>
        + Clone
        + Send
        + 'static,
{
    both::carry_out(app, asked.job, once.arrived()).await?;
    let (shared, caller) = (app.clone(), caller.clone());
    app.command(caller.session(), once, asked.status, move |c, arrived| {
        Box::pin(async move {
            let (me, viewer) = (caller.user, viewer(&caller));
            let two = two_of(c, me, asked.job, asked.with).await?;
            let job = jobs::hold(c, asked.job).await?.ok_or_else(ApiError::not_found)?;
            let found = as_known(c, Some(viewer), job).await?;
            // A role that was taken while this waited for its turn is none.
            if found.role == Role::Admin {
                crate::session::Session { as_admin: true, ..caller.session() }.still(c).await?;
            }
            let stage = stepped(&found.job, found.role, asked.act)?;
            unchanged(asked.version, found.job.version, &found.job)?;
            let mut change = Change::of(found.job, Some(me), arrived);
            change.socket = caller.socket.clone();
            let mut taken = Taken { change, role: found.role, application: found.application, two, me };
            let reply = work(c, &mut taken).await?;
            // What refuses says how the job stands, and it stands there until nothing refuses any more.
            let before = taken.change.job.stage;
            if let Some(stage) = to(asked.act, stage).filter(|stage| *stage != before) {
                taken.change.goes_to(stage);
            }
            let events = taken.change.finish(c, asked.act).await?;
            let data = match reply {
                Some(reply) => reply,
                None => Reply::Job(Box::new(shown::one(c, &shared, viewer, taken.change.job, taken.change.now).await?)),
            };
            Ok(Committed { value: Data { data }, events })
        })
    })
    .await
}

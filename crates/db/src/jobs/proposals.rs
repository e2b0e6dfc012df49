//! What was agreed, each time anew, and proposals to change it.

use guildhall_market::{ids::UserId, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{query, rows},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 200;

rows! {
    /// What was agreed at one time.
    #[derive(Clone, Debug)]
    pub struct Terms of job_terms by job_id {
        /// 1, 2, 3.
        pub version: i64,
        /// For all of it.
        pub agreed_minor: i64,
        /// The parts, JSON.
        pub milestones: String,
        /// The proposal that changed it.
        pub proposal_id: Option<i64>,
        /// Since when.
        pub at_ms: i64,
        /// Of which job.
        pub job_id: i64,
    }
}

rows! {
    /// A proposal as stored.
    #[derive(Clone, Debug)]
    pub struct Proposal of job_proposals by id {
        /// Which.
        pub id: i64,
        /// Of which job.
        pub job_id: i64,
        /// Who made it.
        pub by_id: UserId,
        /// `open`, `accepted`, `declined`, `replaced`.
        pub state: String,
        /// Why.
        pub reason: String,
        /// For all of it; none: as it is.
        pub price_minor: Option<i64>,
        /// The parts, JSON; none: as they are.
        pub milestones: Option<String>,
        /// The terms that it would change.
        pub terms_version: i64,
        /// When it was made.
        pub created_at_ms: i64,
        /// When it was answered.
        pub decided_at_ms: Option<i64>,
    }
}

/// The columns of [`Proposal`], for `select`.
macro_rules! columns {
    () => {
        "id, job_id, by_id, state, reason, price_minor, milestones, terms_version, created_at_ms, decided_at_ms"
    };
}

/// Keeps what is agreed from now on.
///
/// # Errors
/// The database's.
pub async fn keep_terms(connection: &mut Connection, terms: &Terms) -> Result<(), DbError> {
    query(
        "insert into job_terms (job_id, version, agreed_minor, milestones, proposal_id, at_ms)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(terms.job_id)
    .bind(terms.version)
    .bind(terms.agreed_minor)
    .bind(&terms.milestones)
    .bind(terms.proposal_id)
    .bind(terms.at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// The last terms of a job since a moment, oldest first. At most [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn terms_of(connection: &mut Connection, job: i64, since: Timestamp) -> Result<Vec<Terms>, DbError> {
    let mut found: Vec<Terms> = query(
        "select version, agreed_minor, milestones, proposal_id, at_ms, job_id from job_terms
         where job_id = $1 and at_ms >= $3
         order by version desc
         limit $2",
    )
    .bind(job)
    .bind(PAGE_MAX)
    .bind(since.0)
    .fetch_all(connection)
    .await?;
    found.reverse();
    Ok(found)
}

/// What a new proposal needs.
#[derive(Clone, Debug)]
pub struct NewProposal<'a> {
    /// Of which job.
    pub job: i64,
    /// Who makes it.
    pub by: UserId,
    /// Why.
    pub reason: &'a str,
    /// For all of it.
    pub price_minor: Option<i64>,
    /// The parts, JSON.
    pub milestones: Option<&'a str>,
    /// The terms that it would change.
    pub terms_version: i64,
}

/// Makes a proposal, in the place of one of the same person that waits.
///
/// # Errors
/// The database's.
pub async fn add(connection: &mut Connection, new: &NewProposal<'_>, now: Timestamp) -> Result<Proposal, DbError> {
    query(
        "update job_proposals set state = 'replaced', decided_at_ms = $3
         where job_id = $1 and by_id = $2 and state = 'open'",
    )
    .bind(new.job)
    .bind(new.by.0)
    .bind(now.0)
    .execute(&mut *connection)
    .await?;
    query(concat!(
        "insert into job_proposals
           (job_id, by_id, state, reason, price_minor, milestones, terms_version, created_at_ms)
         values ($1, $2, 'open', $3, $4, $5, $6, $7)
         returning ",
        columns!()
    ))
    .bind(new.job)
    .bind(new.by.0)
    .bind(new.reason)
    .bind(new.price_minor)
    .bind(new.milestones)
    .bind(new.terms_version)
    .bind(now.0)
    .fetch_one(connection)
    .await
}

/// One of a job's.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, job: i64, id: i64) -> Result<Option<Proposal>, DbError> {
    query(concat!("select ", columns!(), " from job_proposals where id = $1 and job_id = $2"))
        .bind(id)
        .bind(job)
        .fetch_optional(connection)
        .await
}

/// Those of a job since a moment, newest first. At most [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn list(connection: &mut Connection, job: i64, since: Timestamp) -> Result<Vec<Proposal>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from job_proposals where job_id = $1 and created_at_ms >= $3 order by id desc limit $2"
    ))
    .bind(job)
    .bind(PAGE_MAX)
    .bind(since.0)
    .fetch_all(connection)
    .await
}

/// Answers one.
///
/// # Errors
/// The database's.
pub async fn decide(connection: &mut Connection, id: i64, state: &str, now: Timestamp) -> Result<Proposal, DbError> {
    query(concat!("update job_proposals set state = $2, decided_at_ms = $3 where id = $1 returning ", columns!()))
        .bind(id)
        .bind(state)
        .bind(now.0)
        .fetch_one(connection)
        .await
}

/// Ends those of a job that wait: nobody has it any more, or it is over.
///
/// # Errors
/// The database's.
pub async fn end_all(connection: &mut Connection, job: i64, now: Timestamp) -> Result<(), DbError> {
    query("update job_proposals set state = 'replaced', decided_at_ms = $2 where job_id = $1 and state = 'open'")
        .bind(job)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(())
}

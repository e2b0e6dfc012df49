//! Jobs as stored: their rows, and holding one for a command.

pub mod applications;
pub mod board;
pub mod files;
pub mod leaving;
pub mod milestones;
pub mod progress;
pub mod proposals;
pub mod reviews;

use guildhall_market::{
    ids::UserId,
    jobs::{
        posts::{Category, Priority},
        steps::Stage,
        words::indexed,
    },
    time::Timestamp,
};

use crate::{
    Connection, DbError,
    sql::{Field, Of, Row, query, query_built, rows},
};

impl Field for Stage {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "a stage of a job"))
    }
}

impl Field for Category {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "a category of jobs"))
    }
}

impl Field for Priority {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "low, medium, high or urgent"))
    }
}

rows! {
    /// A job as stored.
    #[derive(Clone, Debug)]
    pub struct Job of jobs by id {
        /// Which.
        pub id: i64,
        /// Whose.
        pub client_id: UserId,
        /// Who has it.
        pub artisan_id: Option<UserId>,
        /// Where it stands.
        pub stage: Stage,
        /// Why it came to nothing, one word.
        pub reason: Option<String>,
        /// One line.
        pub title: String,
        /// What is to be done.
        pub description: String,
        /// What kind of work.
        pub category: Category,
        /// What the client would pay.
        pub budget_minor: i64,
        /// Of all its amounts.
        pub currency: String,
        /// How soon.
        pub priority: Priority,
        /// Where.
        pub place: Option<String>,
        /// When the work begins.
        pub starts_at_ms: Option<i64>,
        /// Until when it is wanted.
        pub ends_at_ms: Option<i64>,
        /// Until when one can apply.
        pub closes_at_ms: Option<i64>,
        /// What was agreed for all of it.
        pub agreed_minor: Option<i64>,
        /// Counts what was agreed.
        pub terms_version: i64,
        /// 1: somebody said that the work began.
        pub started: i64,
        /// Counts changes.
        pub version: i64,
        /// When it was made.
        pub created_at_ms: i64,
        /// Its place in lists.
        pub listed_at_ms: i64,
        /// When it changed last.
        pub changed_at_ms: i64,
        /// When it was shown.
        pub published_at_ms: Option<i64>,
        /// When it was given to somebody.
        pub assigned_at_ms: Option<i64>,
        /// Since when the client is asked whether it is finished.
        pub asked_at_ms: Option<i64>,
        /// When it ended.
        pub ended_at_ms: Option<i64>,
    }
}

/// The columns of [`Job`], for `select`.
macro_rules! columns {
    () => {
        "id, client_id, artisan_id, stage, reason, title, description, category, budget_minor, currency, priority, place,
         starts_at_ms, ends_at_ms, closes_at_ms, agreed_minor, terms_version, started, version, created_at_ms,
         listed_at_ms, changed_at_ms, published_at_ms, assigned_at_ms, asked_at_ms, ended_at_ms"
    };
}
pub(crate) use columns;

/// What a new job needs.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Whose.
    pub client: UserId,
    /// One line.
    pub title: String,
    /// What is to be done.
    pub description: String,
    /// What kind of work.
    pub category: Category,
    /// What the client would pay.
    pub budget_minor: i64,
    /// In which currency.
    pub currency: String,
}

/// Makes a draft. What else it says is [stored](store) with it.
///
/// # Errors
/// The database's.
pub async fn add(connection: &mut Connection, new: &NewJob, now: Timestamp) -> Result<Job, DbError> {
    query(concat!(
        "insert into jobs
           (client_id, stage, title, description, category, budget_minor, currency, priority, terms_version, started,
            version, created_at_ms, listed_at_ms, changed_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, $9, $9, $9)
         returning ",
        columns!()
    ))
    .bind(new.client.0)
    .bind(Stage::Draft.code())
    .bind(&new.title)
    .bind(&new.description)
    .bind(new.category.code())
    .bind(new.budget_minor)
    .bind(&new.currency)
    .bind(Priority::Medium.code())
    .bind(now.0)
    .fetch_one(connection)
    .await
}

/// Stores all that can change of a job that is held.
///
/// # Errors
/// The database's.
pub async fn store(connection: &mut Connection, job: &Job) -> Result<(), DbError> {
    query(
        "update jobs set artisan_id = $2, stage = $3, reason = $4, title = $5, description = $6, category = $7,
           budget_minor = $8, currency = $9, priority = $10, place = $11, starts_at_ms = $12, ends_at_ms = $13,
           closes_at_ms = $14, agreed_minor = $15, terms_version = $16, started = $17, version = $18,
           listed_at_ms = $19, changed_at_ms = $20, published_at_ms = $21, assigned_at_ms = $22, asked_at_ms = $23,
           ended_at_ms = $24
         where id = $1",
    )
    .bind(job.id)
    .bind(job.artisan_id.map(|user| user.0))
    .bind(job.stage.code())
    .bind(&job.reason)
    .bind(&job.title)
    .bind(&job.description)
    .bind(job.category.code())
    .bind(job.budget_minor)
    .bind(&job.currency)
    .bind(job.priority.code())
    .bind(&job.place)
    .bind(job.starts_at_ms)
    .bind(job.ends_at_ms)
    .bind(job.closes_at_ms)
    .bind(job.agreed_minor)
    .bind(job.terms_version)
    .bind(job.started)
    .bind(job.version)
    .bind(job.listed_at_ms)
    .bind(job.changed_at_ms)
    .bind(job.published_at_ms)
    .bind(job.assigned_at_ms)
    .bind(job.asked_at_ms)
    .bind(job.ended_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// One job.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, id: i64) -> Result<Option<Job>, DbError> {
    query(concat!("select ", columns!(), " from jobs where id = $1")).bind(id).fetch_optional(connection).await
}

/// Several jobs by their numbers, in order.
///
/// # Errors
/// The database's.
pub async fn get_many(connection: &mut Connection, ids: &[i64]) -> Result<Vec<Job>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let list = crate::list(ids.iter().copied());
    query_built(format!("select {} from jobs where id in ({list}) order by id", columns!())).fetch_all(connection).await
}

/// One job, held until the commit: commands on it come one after the other. Held after the people of the command and before any
/// feed.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &mut Connection, id: i64) -> Result<Option<Job>, DbError> {
    if !connection.shares_rows() {
        return get(connection, id).await;
    }
    query(concat!("select ", columns!(), " from jobs where id = $1 for no key update"))
        .bind(id)
        .fetch_optional(connection)
        .await
}

/// Writes the words anew by which a job is found.
///
/// # Errors
/// The database's.
pub async fn index(connection: &mut Connection, job: &Job) -> Result<(), DbError> {
    query("delete from job_words where job_id = $1").bind(job.id).execute(&mut *connection).await?;
    for some in indexed(&job.title, &job.description, job.place.as_deref()).chunks(100) {
        let rows: Vec<String> = (0..some.len()).map(|n| format!("(${}, $1)", n + 2)).collect();
        let insert = query_built(format!("insert into job_words (word, job_id) values {}", rows.join(", ")));
        some.iter().fold(insert.bind(job.id), |insert, word| insert.bind(word)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Notes that somebody was asked about a job. False when they were before.
///
/// # Errors
/// The database's.
pub async fn invite(connection: &mut Connection, job: i64, user: UserId, now: Timestamp) -> Result<bool, DbError> {
    let done = query("insert into job_invitations (job_id, user_id, at_ms) values ($1, $2, $3) on conflict do nothing")
        .bind(job)
        .bind(user.0)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(done > 0)
}

/// How many people were asked about a job.
///
/// # Errors
/// The database's.
pub async fn count_invited(connection: &mut Connection, job: i64) -> Result<i64, DbError> {
    query("select count(*) from job_invitations where job_id = $1").bind(job).fetch_one(connection).await
}

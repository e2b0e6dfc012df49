//! Applications for jobs. Each is a row of its own: whoever withdraws and applies again makes another one.

use guildhall_market::{ids::UserId, jobs::applications::State, time::Timestamp};

use crate::{
    Connection, DbError,
    sql::{Field, Of, Row, query, query_built, rows},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 1_000;

impl Field for State {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "a state of an application"))
    }
}

rows! {
    /// An application as stored.
    #[derive(Clone, Debug)]
    pub struct Application of applications by id {
        /// Which.
        pub id: i64,
        /// For which job.
        pub job_id: i64,
        /// Who made it.
        pub artisan_id: UserId,
        /// Where it stands.
        pub state: State,
        /// In their words.
        pub proposal: String,
        /// What they ask.
        pub price_minor: i64,
        /// 1: they named it.
        pub price_named: i64,
        /// Counts changes.
        pub version: i64,
        /// When it was made.
        pub created_at_ms: i64,
        /// When it changed last.
        pub changed_at_ms: i64,
    }
}

/// The columns of [`Application`], for `select`.
macro_rules! columns {
    () => {
        "id, job_id, artisan_id, state, proposal, price_minor, price_named, version, created_at_ms, changed_at_ms"
    };
}

/// What a new application needs.
#[derive(Clone, Debug)]
pub struct NewApplication<'a> {
    /// For which job.
    pub job: i64,
    /// Who makes it.
    pub artisan: UserId,
    /// In their words.
    pub proposal: &'a str,
    /// What they ask, and whether they named it.
    pub price: (i64, bool),
}

/// Makes an application.
///
/// # Errors
/// The database's.
pub async fn add(
    connection: &mut Connection,
    new: &NewApplication<'_>,
    now: Timestamp,
) -> Result<Application, DbError> {
    query(concat!(
        "insert into applications
           (job_id, artisan_id, state, proposal, price_minor, price_named, version, created_at_ms, changed_at_ms)
         values ($1, $2, $3, $4, $5, $6, 1, $7, $7)
         returning ",
        columns!()
    ))
    .bind(new.job)
    .bind(new.artisan.0)
    .bind(State::Pending.code())
    .bind(new.proposal)
    .bind(new.price.0)
    .bind(i64::from(new.price.1))
    .bind(now.0)
    .fetch_one(connection)
    .await
}

/// One of a job's.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, job: i64, id: i64) -> Result<Option<Application>, DbError> {
    query(concat!("select ", columns!(), " from applications where id = $1 and job_id = $2"))
        .bind(id)
        .bind(job)
        .fetch_optional(connection)
        .await
}

/// One by its number alone, as deadlines name it.
///
/// # Errors
/// The database's.
pub async fn by_id(connection: &mut Connection, id: i64) -> Result<Option<Application>, DbError> {
    query(concat!("select ", columns!(), " from applications where id = $1")).bind(id).fetch_optional(connection).await
}

/// The last one that somebody made for a job.
///
/// # Errors
/// The database's.
pub async fn last_of(connection: &mut Connection, job: i64, artisan: UserId) -> Result<Option<Application>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from applications where artisan_id = $2 and job_id = $1 order by id desc limit 1"
    ))
    .bind(job)
    .bind(artisan.0)
    .fetch_optional(connection)
    .await
}

/// The last ones that somebody made for these jobs.
///
/// # Errors
/// The database's.
pub async fn last_of_many(
    connection: &mut Connection,
    jobs: &[i64],
    artisan: UserId,
) -> Result<Vec<Application>, DbError> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    query_built(format!(
        "select {} from applications
         where id in (
           select max(id) from applications where artisan_id = $1 and job_id in ({}) group by job_id
         )",
        columns!(),
        crate::list(jobs.iter().copied())
    ))
    .bind(artisan.0)
    .fetch_all(connection)
    .await
}

/// Those of a job with an id above `after`, oldest first. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn list(connection: &mut Connection, job: i64, after: i64, limit: i64) -> Result<Vec<Application>, DbError> {
    query(concat!("select ", columns!(), " from applications where job_id = $1 and id > $2 order by id limit $3"))
        .bind(job)
        .bind(after)
        .bind(crate::bounded(limit, PAGE_MAX))
        .fetch_all(connection)
        .await
}

/// Those of a job that somebody made, oldest first. At most [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn list_of(connection: &mut Connection, job: i64, artisan: UserId) -> Result<Vec<Application>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from applications where job_id = $1 and artisan_id = $2 order by id limit $3"
    ))
    .bind(job)
    .bind(artisan.0)
    .bind(PAGE_MAX)
    .fetch_all(connection)
    .await
}

/// How many of each of these jobs wait for the client.
///
/// # Errors
/// The database's.
pub async fn count_pending(connection: &mut Connection, jobs: &[i64]) -> Result<Vec<(i64, i64)>, DbError> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    query_built(format!(
        "select job_id, count(*) from applications where job_id in ({}) and state = 'pending' group by job_id",
        crate::list(jobs.iter().copied())
    ))
    .fetch_all(connection)
    .await
}

/// Decides one.
///
/// # Errors
/// The database's.
pub async fn decide(
    connection: &mut Connection,
    id: i64,
    state: State,
    now: Timestamp,
) -> Result<Application, DbError> {
    query(concat!(
        "update applications set state = $2, passed_over = 0, version = version + 1, changed_at_ms = $3
         where id = $1 returning ",
        columns!()
    ))
    .bind(id)
    .bind(state.code())
    .bind(now.0)
    .fetch_one(connection)
    .await
}

/// Turns all of a job's that stand so into another state, and answers with them.
///
/// # Errors
/// The database's.
pub async fn turn(
    connection: &mut Connection,
    job: i64,
    (from, to): (State, State),
    now: Timestamp,
) -> Result<Vec<Application>, DbError> {
    query(concat!(
        "update applications set state = $3, passed_over = case when state = 'pending' then 1 else 0 end,
           version = version + 1, changed_at_ms = $4
         where job_id = $1 and state = $2
         returning ",
        columns!()
    ))
    .bind(job)
    .bind(from.code())
    .bind(to.code())
    .bind(now.0)
    .fetch_all(connection)
    .await
}

/// Turns those of a job that were passed over when somebody else got it into ones that wait again: of people who are there, and
/// between whom and the client nothing stands.
///
/// # Errors
/// The database's.
pub async fn reopen(
    connection: &mut Connection,
    (job, client): (i64, UserId),
    now: Timestamp,
) -> Result<Vec<Application>, DbError> {
    query(concat!(
        "update applications set state = 'pending', passed_over = 0, version = version + 1, changed_at_ms = $3
         where job_id = $1 and state = 'rejected' and passed_over = 1
         and exists (
           select 1 from users u
           where u.id = artisan_id and u.deleted_at_ms is null and u.suspended_at_ms is null
         )
         and not exists (
           select 1 from blocks b
           where (b.blocker_id = artisan_id and b.blocked_id = $2) or (b.blocker_id = $2 and b.blocked_id = artisan_id)
         )
         returning ",
        columns!()
    ))
    .bind(job)
    .bind(client.0)
    .bind(now.0)
    .fetch_all(connection)
    .await
}

/// Those that somebody made, with an id above `after`, oldest first. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn of(
    connection: &mut Connection,
    artisan: UserId,
    after: i64,
    limit: i64,
) -> Result<Vec<Application>, DbError> {
    query(concat!("select ", columns!(), " from applications where artisan_id = $1 and id > $2 order by id limit $3"))
        .bind(artisan.0)
        .bind(after)
        .bind(crate::bounded(limit, PAGE_MAX))
        .fetch_all(connection)
        .await
}

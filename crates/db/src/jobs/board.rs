//! Lists of jobs: the board that everybody sees, and one's own.

use guildhall_market::{
    ids::UserId,
    jobs::{
        posts::{Category, Priority},
        steps::Stage,
        words::Term,
    },
    time::Timestamp,
};

use super::{Job, columns};
use crate::{
    Connection, DbError,
    sql::{Query, Value, query_built},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 1_000;

/// Which jobs are asked for, by how one stands to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// What everybody sees: open jobs of people who are there, while one can apply.
    Everybodys,
    /// One's own as a client.
    Client(UserId),
    /// Those that one has.
    Artisan(UserId),
    /// Both.
    Either(UserId),
    /// Those for which one applied.
    Applicant(UserId),
}

/// What is asked for. What is absent is any.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whose.
    pub whose: Whose,
    /// Where they stand. Of everybody's, only open ones are there.
    pub stage: Option<Stage>,
    /// What kind of work.
    pub category: Option<Category>,
    /// How soon.
    pub priority: Option<Priority>,
    /// All of these words.
    pub words: Vec<Term>,
    /// A currency, and amounts in it.
    pub budget: Option<(String, Option<i64>, Option<i64>)>,
}

#[derive(Default)]
struct Values(Vec<Value<'static>>);

impl Values {
    fn place(&mut self, value: impl Into<Value<'static>>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    fn bind(self, statement: String) -> Query<'static> {
        self.0.into_iter().fold(query_built(statement), Query::bind)
    }
}

fn conditions(wanted: &Wanted, now: Timestamp, values: &mut Values) -> String {
    let mut all = Vec::new();
    match wanted.whose {
        Whose::Everybodys => {
            all.push(format!("stage = {}", values.place(Stage::Open.code())));
            all.push(format!("(closes_at_ms is null or closes_at_ms > {})", values.place(now.0)));
            let gone = "select 1 from users u
                where u.id = jobs.client_id and (u.suspended_at_ms is not null or u.deleted_at_ms is not null)";
            all.push(format!("not exists ({gone})"));
        }
        Whose::Client(user) => all.push(format!("client_id = {}", values.place(user.0))),
        Whose::Artisan(user) => all.push(format!("artisan_id = {}", values.place(user.0))),
        Whose::Either(user) => {
            let user = values.place(user.0);
            all.push(format!("(client_id = {user} or artisan_id = {user})"));
        }
        Whose::Applicant(user) => {
            let user = values.place(user.0);
            all.push(format!("id in (select job_id from applications where artisan_id = {user})"));
        }
    }
    if let Some(stage) = wanted.stage {
        all.push(format!("stage = {}", values.place(stage.code())));
    }
    if let Some(category) = wanted.category {
        all.push(format!("category = {}", values.place(category.code())));
    }
    if let Some(priority) = wanted.priority {
        all.push(format!("priority = {}", values.place(priority.code())));
    }
    if let Some((currency, least, most)) = &wanted.budget {
        all.push(format!("currency = {}", values.place(currency.clone())));
        all.extend(least.map(|least| format!("budget_minor >= {}", values.place(least))));
        all.extend(most.map(|most| format!("budget_minor <= {}", values.place(most))));
    }
    for term in &wanted.words {
        let has = if term.unfinished {
            let (from, to) = (term.word.clone(), format!("{}{}", term.word, char::MAX));
            format!("word >= {} and word < {}", values.place(from), values.place(to))
        } else {
            format!("word = {}", values.place(term.word.clone()))
        };
        all.push(format!("id in (select job_id from job_words where {has})"));
    }
    all.join(" and ")
}

/// How many there are.
///
/// # Errors
/// The database's.
pub async fn count(connection: &mut Connection, wanted: &Wanted, now: Timestamp) -> Result<i64, DbError> {
    let mut values = Values::default();
    let conditions = conditions(wanted, now, &mut values);
    values.bind(format!("select count(*) from jobs where {conditions}")).fetch_one(connection).await
}

/// The newest first, after `skip` of them. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn list(
    connection: &mut Connection,
    wanted: &Wanted,
    (skip, limit): (i64, i64),
    now: Timestamp,
) -> Result<Vec<Job>, DbError> {
    let mut values = Values::default();
    let conditions = conditions(wanted, now, &mut values);
    let (limit, skip) = (values.place(crate::bounded(limit, PAGE_MAX)), values.place(skip.max(0)));
    let statement = format!(
        "select {} from jobs where {conditions} order by listed_at_ms desc, id desc limit {limit} offset {skip}",
        columns!()
    );
    values.bind(statement).fetch_all(connection).await
}

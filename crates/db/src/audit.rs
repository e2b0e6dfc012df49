//! Who did what, and who looked at whose private things, why.
//!
//! **Invariant:** rows are added and nothing else: there is no function here that changes or deletes one, and the database
//! refuses it.

use guildhall_market::{
    ids::{TokenId, UserId},
    time::Timestamp,
};

use crate::{
    Connection, DbError,
    sql::{query, query_built, rows},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 500;
/// Rows that one statement writes, at most.
const ROWS_AT_ONCE: usize = 100;

rows! {
    /// A row, with the names of the two as they are now.
    #[derive(Clone, Debug)]
    pub struct Entry of audit by id {
        /// Ascending.
        pub id: i64,
        /// When.
        pub at_ms: i64,
        /// Who; none: whoever runs the server.
        pub actor_id: Option<UserId>,
        /// Their name.
        pub actor_name: Option<String>,
        /// From which device.
        pub device: Option<String>,
        /// From which address.
        pub address: Option<String>,
        /// What, such as `user.suspend`.
        pub action: String,
        /// What kind of thing it was done to.
        pub subject_kind: String,
        /// Which one.
        pub subject_id: i64,
        /// Whose it is.
        pub about_id: Option<UserId>,
        /// Their name.
        pub about_name: Option<String>,
        /// 1: nothing was changed.
        pub look: i64,
        /// Why, in words.
        pub reason: String,
        /// Before and after, JSON.
        pub detail: String,
    }
}

/// What was noted when somebody last did or looked at something.
///
/// # Errors
/// The database's.
pub async fn last_detail(
    connection: &mut Connection,
    actor: UserId,
    action: &str,
    (subject_kind, subject_id): (&str, i64),
) -> Result<Option<String>, DbError> {
    query(
        "select detail from audit
         where actor_id = $1 and action = $2 and subject_kind = $3 and subject_id = $4
         order by id desc
         limit 1",
    )
    .bind(actor.0)
    .bind(action)
    .bind(subject_kind)
    .bind(subject_id)
    .fetch_optional(connection)
    .await
}

/// Who does something, and from where.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who; none: whoever runs the server.
    pub user: Option<UserId>,
    /// The token that was shown: its device is noted by its name.
    pub token: Option<TokenId>,
    /// The network address.
    pub address: Option<String>,
}

/// What is done.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    /// A word, such as `user.suspend`.
    pub action: &'static str,
    /// What kind of thing it is done to, and which one.
    pub subject: (&'static str, i64),
    /// Whose it is; each gets a row of its own. Nobody's: one row.
    pub about: &'a [UserId],
    /// Nothing is changed.
    pub look: bool,
    /// Why, in words.
    pub reason: &'a str,
    /// Before and after, JSON.
    pub detail: &'a str,
}

/// Writes down what is done, in the transaction that does it.
///
/// # Errors
/// The database's.
pub async fn add(connection: &mut Connection, by: &Actor, act: &Act<'_>, now: Timestamp) -> Result<(), DbError> {
    let device: Option<String> = match by.token {
        Some(token) => {
            query("select device_name from tokens where id = $1").bind(token.0).fetch_optional(&mut *connection).await?
        }
        None => None,
    };
    let whose: Vec<Option<i64>> =
        if act.about.is_empty() { vec![None] } else { act.about.iter().map(|user| Some(user.0)).collect() };
    for some in whose.chunks(ROWS_AT_ONCE) {
        let rows: Vec<String> = (0..some.len())
            .map(|n| {
                format!(
                    "($1, $2, $3, $4, $5, $6, $7, {}, $8, $9, $10)",
                    if some[n].is_some() { format!("${}", n + 11) } else { "null".into() }
                )
            })
            .collect();
        let mut insert = query_built(format!(
            "insert into audit
               (at_ms, actor_id, device, address, action, subject_kind, subject_id, about_id, look, reason, detail)
             values {}",
            rows.join(", ")
        ))
        .bind(now.0)
        .bind(by.user.map(|user| user.0))
        .bind(device.as_deref())
        .bind(by.address.as_deref())
        .bind(act.action)
        .bind(act.subject.0)
        .bind(act.subject.1)
        .bind(i64::from(act.look))
        .bind(act.reason)
        .bind(act.detail);
        for user in some.iter().flatten() {
            insert = insert.bind(*user);
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

/// Which rows are asked for. What is absent is any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Who did it.
    pub actor: Option<UserId>,
    /// Whose it is.
    pub about: Option<UserId>,
    /// What it was done to: its kind, and which one.
    pub subject: Option<(&'static str, i64)>,
    /// What the action begins with, such as `user.`; letters, dots and underscores.
    pub action: Option<String>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// With a smaller id.
    pub before: Option<i64>,
}

/// Rows that fit, newest first, at most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn list(connection: &mut Connection, filter: &Filter, limit: i64) -> Result<Vec<Entry>, DbError> {
    let pattern = filter
        .action
        .as_deref()
        .map(|begins| format!("{}%", begins.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")));
    query(
        "select a.id, a.at_ms, a.actor_id, actor.name as actor_name, a.device, a.address, a.action, a.subject_kind,
           a.subject_id, a.about_id, about.name as about_name, a.look, a.reason, a.detail
         from audit a
         left join users actor on actor.id = a.actor_id
         left join users about on about.id = a.about_id
         where a.id < $1 and a.at_ms >= $2 and a.at_ms < $3 and ($4 = 0 or a.actor_id = $4) and ($5 = 0 or a.about_id = $5)
         and a.action like $6 escape '\\' and ($7 = '' or (a.subject_kind = $7 and a.subject_id = $8))
         order by a.id desc
         limit $9",
    )
    .bind(filter.before.unwrap_or(i64::MAX))
    .bind(filter.from.map_or(i64::MIN, |at| at.0))
    .bind(filter.until.map_or(i64::MAX, |at| at.0))
    .bind(filter.actor.map_or(0, |user| user.0))
    .bind(filter.about.map_or(0, |user| user.0))
    .bind(pattern.as_deref().unwrap_or("%"))
    .bind(filter.subject.map_or("", |(kind, _)| kind))
    .bind(filter.subject.map_or(0, |(_, id)| id))
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(connection)
    .await
}

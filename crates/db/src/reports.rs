//! Reports, with what was reported as it was at that moment.

use guildhall_market::{
    ids::{MessageId, UserId},
    reports::{EVIDENCE_KEPT_MS, State, Thing},
    time::Timestamp,
};

use crate::{
    Connection, DbError, attachments,
    sql::{Field, Of, Row, query, query_built, rows},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 200;

impl Field for State {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "a state of a report"))
    }
}

impl Field for Thing {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "message, profile or picture"))
    }
}

rows! {
    /// A report as stored.
    #[derive(Clone, Debug)]
    pub struct Report of reports by id {
        /// Which.
        pub id: i64,
        /// Who made it.
        pub reporter_id: UserId,
        /// What is reported.
        pub thing: Thing,
        /// Which one: a message's id, or a person's.
        pub thing_id: i64,
        /// Whom it is about.
        pub concerned_id: UserId,
        /// What the reporter says.
        pub words: String,
        /// The thing as it was, JSON; empty once it is forgotten.
        pub evidence: String,
        /// How far it has come.
        pub state: State,
        /// When it was made.
        pub created_at_ms: i64,
        /// What follows from it: words with commas between them.
        pub measures: String,
        /// Why.
        pub reason: Option<String>,
        /// Who decided.
        pub decided_by_id: Option<UserId>,
        /// When.
        pub decided_at_ms: Option<i64>,
        /// What the person concerned says.
        pub answer: Option<String>,
        /// When.
        pub answered_at_ms: Option<i64>,
        /// Why it ended as it did.
        pub close_reason: Option<String>,
        /// When it ended.
        pub closed_at_ms: Option<i64>,
    }
}

/// The columns of [`Report`], for `select`.
macro_rules! columns {
    () => {
        "id, reporter_id, thing, thing_id, concerned_id, words, evidence, state, created_at_ms, measures, reason,
         decided_by_id, decided_at_ms, answer, answered_at_ms, close_reason, closed_at_ms"
    };
}

/// A file that was frozen with a report.
#[derive(Clone, Debug)]
pub struct File {
    /// A safe name.
    pub name: String,
    /// The media type by content.
    pub mime: String,
    /// Bytes.
    pub size_bytes: i64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}

/// What a new report needs.
#[derive(Clone, Debug)]
pub struct NewReport<'a> {
    /// Who makes it.
    pub reporter: UserId,
    /// What is reported, and which one.
    pub thing: (Thing, i64),
    /// Whom it is about.
    pub concerned: UserId,
    /// What the reporter says, cleaned.
    pub words: &'a str,
    /// JSON.
    pub evidence: &'a str,
    /// What was sent along, kept as long as the report may be decided.
    pub files: &'a [File],
}

/// Keeps a report. `None` when this person reported this thing before.
///
/// # Errors
/// The database's.
pub async fn add(connection: &mut Connection, new: &NewReport<'_>, now: Timestamp) -> Result<Option<i64>, DbError> {
    let id: Option<i64> = query(
        "insert into reports
           (reporter_id, thing, thing_id, concerned_id, words, evidence, state, created_at_ms, measures)
         values ($1, $2, $3, $4, $5, $6, $7, $8, '')
         on conflict (reporter_id, thing, thing_id) do nothing
         returning id",
    )
    .bind(new.reporter.0)
    .bind(new.thing.0.code())
    .bind(new.thing.1)
    .bind(new.concerned.0)
    .bind(new.words)
    .bind(new.evidence)
    .bind(State::Open.code())
    .bind(now.0)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(id) = id else { return Ok(None) };
    for (position, file) in new.files.iter().enumerate() {
        query(
            "insert into report_files (report_id, position, name, mime, size_bytes, sha256)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(i64::try_from(position).unwrap_or(i64::MAX))
        .bind(&file.name)
        .bind(&file.mime)
        .bind(file.size_bytes)
        .bind(&file.sha256)
        .execute(&mut *connection)
        .await?;
    }
    Ok(Some(id))
}

/// How many somebody made since then.
///
/// # Errors
/// The database's.
pub async fn made_since(connection: &mut Connection, reporter: UserId, since: Timestamp) -> Result<i64, DbError> {
    query("select count(*) from reports where reporter_id = $1 and created_at_ms > $2")
        .bind(reporter.0)
        .bind(since.0)
        .fetch_one(connection)
        .await
}

/// One report, held until the commit.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &mut Connection, id: i64) -> Result<Option<Report>, DbError> {
    let statement = if connection.shares_rows() {
        concat!("select ", columns!(), " from reports where id = $1 for update")
    } else {
        concat!("select ", columns!(), " from reports where id = $1")
    };
    query(statement).bind(id).fetch_optional(connection).await
}

/// Reports in a state, or all, with an id below `before`, newest first. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn list(
    connection: &mut Connection,
    state: Option<State>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Report>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from reports where id < $1 and ($2 = '' or state = $2) order by id desc limit $3"
    ))
    .bind(before.unwrap_or(i64::MAX))
    .bind(state.map_or("", State::code))
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(connection)
    .await
}

/// Reports that somebody made, or that were decided about them, with an id above `after`, oldest first. At most `limit`, 1 to
/// [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn of(connection: &mut Connection, person: UserId, after: i64, limit: i64) -> Result<Vec<Report>, DbError> {
    query(concat!(
        "select ",
        columns!(),
        " from reports
         where id > $2 and (reporter_id = $1 or (concerned_id = $1 and state in ('decided', 'answered', 'upheld', 'taken_back')))
         order by id
         limit $3"
    ))
    .bind(person.0)
    .bind(after)
    .bind(crate::bounded(limit, PAGE_MAX))
    .fetch_all(connection)
    .await
}

/// How many reports about somebody there are in each state.
///
/// # Errors
/// The database's.
pub async fn counts(connection: &mut Connection) -> Result<Vec<(String, i64)>, DbError> {
    query("select state, count(*) from reports group by state").fetch_all(connection).await
}

/// Notes a decision.
///
/// # Errors
/// The database's.
pub async fn decide(
    connection: &mut Connection,
    id: i64,
    by: UserId,
    (state, measures, reason): (State, &str, &str),
    now: Timestamp,
) -> Result<(), DbError> {
    query(
        "update reports set state = $2, measures = $3, reason = $4, decided_by_id = $5, decided_at_ms = $6,
           closed_at_ms = case when $7 = 1 then $6 else null end
         where id = $1",
    )
    .bind(id)
    .bind(state.code())
    .bind(measures)
    .bind(reason)
    .bind(by.0)
    .bind(now.0)
    .bind(i64::from(state.is_final()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes the answer.
///
/// # Errors
/// The database's.
pub async fn answer(
    connection: &mut Connection,
    id: i64,
    state: State,
    words: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    query("update reports set state = $2, answer = $3, answered_at_ms = $4 where id = $1")
        .bind(id)
        .bind(state.code())
        .bind(words)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes how it ended after the answer.
///
/// # Errors
/// The database's.
pub async fn close(
    connection: &mut Connection,
    id: i64,
    state: State,
    reason: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    query("update reports set state = $2, close_reason = $3, closed_at_ms = $4 where id = $1")
        .bind(id)
        .bind(state.code())
        .bind(reason)
        .bind(now.0)
        .execute(connection)
        .await?;
    Ok(())
}

rows! {
    /// A frozen file as stored.
    struct StoredFile {
        name: String,
        mime: String,
        size_bytes: i64,
        sha256: String,
    }
}

/// The files of a report, in order.
///
/// # Errors
/// The database's.
pub async fn files(connection: &mut Connection, id: i64) -> Result<Vec<File>, DbError> {
    let found: Vec<StoredFile> =
        query("select name, mime, size_bytes, sha256 from report_files where report_id = $1 order by position")
            .bind(id)
            .fetch_all(connection)
            .await?;
    Ok(found.into_iter().map(of_stored).collect())
}

fn of_stored(file: StoredFile) -> File {
    File { name: file.name, mime: file.mime, size_bytes: file.size_bytes, sha256: file.sha256 }
}

/// The pictures that somebody shows of themselves: the portrait, and for a whole profile those of work, too.
///
/// # Errors
/// The database's.
pub async fn shown_files(connection: &mut Connection, person: UserId, thing: Thing) -> Result<Vec<File>, DbError> {
    let found: Vec<StoredFile> = query(
        "select name, mime, size_bytes, sha256 from attachments
         where owner_id = $1 and (shown_as = 'avatar' or ($2 = 1 and shown_as is not null and shown_as <> 'job'))
         order by id",
    )
    .bind(person.0)
    .bind(i64::from(thing == Thing::Profile))
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().map(of_stored).collect())
}

/// The words of a message, also of one that was deleted while its sealed copy is there.
///
/// # Errors
/// The database's.
pub async fn words_of(connection: &mut Connection, id: MessageId) -> Result<Option<String>, DbError> {
    query(
        "select coalesce(s.body, m.body) from messages m left join sealed_texts s on s.message_id = m.id where m.id = $1",
    )
    .bind(id.0)
    .fetch_optional(connection)
    .await
}

/// Forgets what was frozen for reports that ended long ago, `most` of them at most. How many, and the hashes that no file has
/// any more.
///
/// # Errors
/// The database's.
pub async fn forget_evidence(
    connection: &mut Connection,
    now: Timestamp,
    most: i64,
) -> Result<(u64, Vec<String>), DbError> {
    let ids: Vec<i64> = query(
        "update reports set evidence = '' where id in (
           select id from reports where closed_at_ms <= $1 and evidence <> '' order by closed_at_ms limit $2
         )
         returning id",
    )
    .bind(now.0 - EVIDENCE_KEPT_MS)
    .bind(most)
    .fetch_all(&mut *connection)
    .await?;
    if ids.is_empty() {
        return Ok((0, Vec::new()));
    }
    let list = crate::list(ids.iter().copied());
    let gone: Vec<String> =
        query_built(format!("delete from report_files where report_id in ({list}) returning sha256"))
            .fetch_all(&mut *connection)
            .await?;
    Ok((ids.len() as u64, attachments::unused(connection, gone).await?))
}

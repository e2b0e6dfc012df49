//! What people say about themselves, the pictures on their pages, and how people are found.

use guildhall_market::{
    ids::{AttachmentId, UserId},
    profiles::{PeopleQuery, ShownChanges, Term, WorkKey},
    time::Timestamp,
};

use crate::{
    Connection, DbError, attachments,
    people::{User, columns},
    person_words,
    sql::{FromRow, Query, Row, Value, query, query_built, rows},
};

rows! {
    /// What somebody says about themselves, as stored.
    #[derive(Clone, Debug, Default)]
    pub struct Profile {
        /// In their own words.
        pub words: Option<String>,
        /// Where they work.
        pub place: Option<String>,
        /// Names of languages, in order, one on each line.
        pub languages: String,
        /// How often what stands in others' lists was changed.
        pub shown_changes: i64,
        /// Since when that is counted.
        pub shown_changes_since_ms: i64,
    }
}

impl Profile {
    /// The languages, in order.
    pub fn languages(&self) -> Vec<String> {
        self.languages.lines().map(str::to_owned).collect()
    }

    /// With these languages.
    #[must_use]
    pub fn speaking(mut self, languages: &[String]) -> Self {
        self.languages = languages.join("\n");
        self
    }

    /// How often what stands in others' lists was changed.
    pub fn changes(&self) -> ShownChanges {
        ShownChanges { count: self.shown_changes, since: Timestamp(self.shown_changes_since_ms) }
    }

    /// With another count of that.
    #[must_use]
    pub fn changed(mut self, changes: ShownChanges) -> Self {
        (self.shown_changes, self.shown_changes_since_ms) = (changes.count, changes.since.0);
        self
    }
}

rows! {
    /// A picture of work.
    #[derive(Clone, Debug)]
    pub struct Work of works by attachment_id {
        /// What whoever added it calls it.
        pub key: String,
        /// The picture.
        pub attachment_id: AttachmentId,
        /// What stands under it.
        pub title: Option<String>,
    }
}

/// What somebody says about themselves. Empty where they said nothing yet.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, user: UserId) -> Result<Profile, DbError> {
    let found =
        query("select words, place, languages, shown_changes, shown_changes_since_ms from profiles where user_id = $1")
            .bind(user.0)
            .fetch_optional(connection)
            .await?;
    Ok(found.unwrap_or_default())
}

/// Keeps what somebody says about themselves, and their name and trade. They are found by it from then on.
///
/// # Errors
/// The database's.
pub async fn set(
    connection: &mut Connection,
    user: UserId,
    (name, trade): (&str, Option<&str>),
    profile: &Profile,
    now: Timestamp,
) -> Result<(), DbError> {
    let before: Option<(String, Option<String>, Option<String>)> =
        query("select u.name, u.craft, p.place from users u left join profiles p on p.user_id = u.id where u.id = $1")
            .bind(user.0)
            .fetch_optional(&mut *connection)
            .await?;
    query("update users set name = $2, name_folded = $3, craft = $4 where id = $1")
        .bind(user.0)
        .bind(name)
        .bind(guildhall_market::search::fold(name))
        .bind(trade)
        .execute(&mut *connection)
        .await?;
    query(
        "insert into profiles (user_id, words, place, languages, shown_changes, shown_changes_since_ms, updated_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (user_id) do update
         set words = excluded.words, place = excluded.place, languages = excluded.languages,
             shown_changes = excluded.shown_changes, shown_changes_since_ms = excluded.shown_changes_since_ms,
             updated_at_ms = excluded.updated_at_ms",
    )
    .bind(user.0)
    .bind(&profile.words)
    .bind(&profile.place)
    .bind(&profile.languages)
    .bind(profile.shown_changes)
    .bind(profile.shown_changes_since_ms)
    .bind(now.0)
    .execute(&mut *connection)
    .await?;
    // Words alone change nobody's place in the index.
    let same = |(was, craft, place): (String, Option<String>, Option<String>)| {
        was == name && craft.as_deref() == trade && place == profile.place
    };
    if before.is_some_and(same) { Ok(()) } else { person_words::index(connection, user).await }
}

/// Where the next page of people begins: behind this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The place in the list.
    pub position: String,
    /// Who stands there.
    pub user: UserId,
}

/// Somebody who was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Who.
    pub user: User,
    /// Where they work, as far as they say.
    pub place: Option<String>,
    /// The next page begins behind them.
    pub after: After,
}

impl FromRow for Found {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        let user = User::from_row(row)?;
        let after = After { position: row.named("position")?, user: user.id };
        Ok(Self { user, place: row.named("place")?, after })
    }
}

/// How many rows of the index are counted for one word, at most: more are simply many. Of 100,000 people about as many are
/// looked at where the beginning of a word that so many have comes first as where the people of another word are walked in
/// order until a page of them has it (measured: `scripts/bench-people.mjs`).
const COUNTED_MAX: i64 = 2_000;

/// The terms, the rarest first, and whether so many have even that one that they are not looked at one by one.
async fn rarest_first(connection: &mut Connection, mut terms: Vec<Term>) -> Result<(Vec<Term>, bool), DbError> {
    let mut many = false;
    if terms.len() > 1 {
        let mut values = Values::default();
        let counts: Vec<String> = terms
            .iter()
            .enumerate()
            .map(|(n, term)| {
                let has = values.has("w", term);
                format!(
                    "select {n} as term, count(*) as people
                     from (select 1 from person_words w where {has} limit {COUNTED_MAX}) as counted"
                )
            })
            .collect();
        let counted: Vec<(i64, i64)> = values.bind(counts.join(" union all ")).fetch_all(connection).await?;
        let mut terms_by_count: Vec<(i64, Term)> = Vec::with_capacity(terms.len());
        for (n, term) in terms.into_iter().enumerate() {
            let n = i64::try_from(n).unwrap_or(i64::MAX);
            terms_by_count.push((counted.iter().find(|(of, _)| *of == n).map_or(0, |(_, count)| *count), term));
        }
        // Of two that many have, a whole word: its people stand in order already.
        terms_by_count.sort_by_key(|(count, term)| (*count, term.unfinished));
        many = terms_by_count.first().is_some_and(|(count, _)| *count >= COUNTED_MAX);
        terms = terms_by_count.into_iter().map(|(_, term)| term).collect();
    }
    Ok((terms, many))
}

/// A statement's values, and the `$1`, `$2`, … that stand for them.
#[derive(Default)]
struct Values(Vec<Value<'static>>);

impl Values {
    fn place(&mut self, value: impl Into<Value<'static>>) -> String {
        self.0.push(value.into());
        format!("${}", self.0.len())
    }

    fn has(&mut self, alias: &str, term: &Term) -> String {
        if term.unfinished {
            let (from, to) = (term.word.clone(), format!("{}{}", term.word, char::MAX));
            format!("{alias}.word >= {} and {alias}.word < {}", self.place(from), self.place(to))
        } else {
            format!("{alias}.word = {}", self.place(term.word.clone()))
        }
    }

    /// That whoever has a word in `w` has another one, too, looked for in the words of that one person: PostgreSQL guesses
    /// how many have the beginning of a word, guesses one where it is thousands, and would read them all each time.
    fn has_too(&mut self, term: &Term, on_postgres: bool) -> String {
        let (word, has) = (term.word.clone(), if term.unfinished { String::new() } else { self.has("o", term) });
        let of_that_one = if !term.unfinished {
            format!("{has} and o.position = w.position and o.user_id = w.user_id")
        } else if on_postgres {
            let (from, to) = (self.place(word.clone()), self.place(format!("{word}{}", char::MAX)));
            format!("(o.user_id, o.word) >= (w.user_id, {from}) and (o.user_id, o.word) < (w.user_id, {to})")
        } else {
            format!("o.user_id = w.user_id and {}", self.has("o", term))
        };
        format!("exists (select 1 from person_words o where {of_that_one})")
    }

    fn bind(self, statement: String) -> Query<'static> {
        self.0.into_iter().fold(query_built(statement), Query::bind)
    }
}

/// People of whom everything is true that is asked for, those whom the server vouches for first, then by name. At most
/// `limit`, 1 to 100.
///
/// # Errors
/// The database's.
pub async fn find(
    connection: &mut Connection,
    wanted: &PeopleQuery,
    except: UserId,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Found>, DbError> {
    let Some(terms) = wanted.terms() else { return Ok(Vec::new()) };
    let (terms, many) = rarest_first(connection, terms).await?;
    let Some((first, others)) = terms.split_first() else { return Ok(Vec::new()) };
    let mut values = Values::default();
    // Where many have the beginning of a word, and many the beginning of another, both are read once, and not the one for each
    // of the other.
    let both = many && first.unfinished && connection.is_postgres();
    let mut read = vec![values.has("w", first)];
    let mut conditions = vec![format!("w.user_id <> {}", values.place(except.0))];
    for other in others {
        if both && other.unfinished {
            read.push(values.has("w", other));
        } else {
            conditions.push(values.has_too(other, connection.is_postgres()));
        }
    }
    if let Some(after) = after {
        let (position, user) = (values.place(after.position.clone()), values.place(after.user.0));
        conditions.push(format!("(w.position, w.user_id) > ({position}, {user})"));
    }
    // Only an unfinished word may be the beginning of several of one person's. Those who have a whole word stand in order.
    let grouped = if first.unfinished && read.len() == 1 { "group by w.position, w.user_id" } else { "" };
    let from = match &*read {
        [one] => {
            conditions.push(one.clone());
            "person_words w".to_owned()
        }
        several => {
            let each =
                several.iter().map(|has| format!("select w.position, w.user_id from person_words w where {has}"));
            format!("({}) as w", each.collect::<Vec<_>>().join(" intersect "))
        }
    };
    let statement = format!(
        "select found.position, {}, p.place
         from (
           select w.position, w.user_id from {from}
           where {} {grouped} order by w.position, w.user_id limit {}
         ) found
         join users on users.id = found.user_id
         left join profiles p on p.user_id = found.user_id
         order by found.position, found.user_id",
        columns!(),
        conditions.join(" and "),
        crate::bounded(limit, 100)
    );
    values.bind(statement).fetch_all(connection).await
}

/// The pictures of somebody's work, in their order.
///
/// # Errors
/// The database's.
pub async fn works(connection: &mut Connection, user: UserId) -> Result<Vec<Work>, DbError> {
    query("select key, attachment_id, title from works where user_id = $1 order by position, key")
        .bind(user.0)
        .fetch_all(connection)
        .await
}

/// How many pictures of work somebody has beside one of that key.
///
/// # Errors
/// The database's.
pub async fn count_other_works(connection: &mut Connection, user: UserId, key: &WorkKey) -> Result<i64, DbError> {
    query("select count(*) from works where user_id = $1 and key <> $2")
        .bind(user.0)
        .bind(key.as_str())
        .fetch_one(connection)
        .await
}

/// Puts a picture of work in the place of what has that key. Answers with the hash of the file that nobody has any more.
///
/// # Errors
/// The database's.
pub async fn put_work(
    connection: &mut Connection,
    user: UserId,
    key: &WorkKey,
    (picture, title, position): (AttachmentId, Option<&str>, i64),
) -> Result<Vec<String>, DbError> {
    let before: Option<i64> = query("select attachment_id from works where user_id = $1 and key = $2")
        .bind(user.0)
        .bind(key.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    query(
        "insert into works (user_id, key, attachment_id, title, position) values ($1, $2, $3, $4, $5)
         on conflict (user_id, key) do update
         set attachment_id = excluded.attachment_id, title = excluded.title, position = excluded.position",
    )
    .bind(user.0)
    .bind(key.as_str())
    .bind(picture.0)
    .bind(title)
    .bind(position)
    .execute(&mut *connection)
    .await?;
    match before.filter(|before| *before != picture.0) {
        Some(before) => attachments::forget_shown(connection, user, AttachmentId(before)).await,
        None => Ok(Vec::new()),
    }
}

/// The picture that has a key, if there is one.
///
/// # Errors
/// The database's.
pub async fn work(connection: &mut Connection, user: UserId, key: &WorkKey) -> Result<Option<AttachmentId>, DbError> {
    let found: Option<i64> = query("select attachment_id from works where user_id = $1 and key = $2")
        .bind(user.0)
        .bind(key.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(found.map(AttachmentId))
}

/// Takes a picture of work away. Answers with the hash of the file that nobody has any more; `None` when there was no such
/// picture.
///
/// # Errors
/// The database's.
pub async fn delete_work(
    connection: &mut Connection,
    user: UserId,
    key: &WorkKey,
) -> Result<Option<Vec<String>>, DbError> {
    let gone: Option<i64> = query("delete from works where user_id = $1 and key = $2 returning attachment_id")
        .bind(user.0)
        .bind(key.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    match gone {
        Some(picture) => attachments::forget_shown(connection, user, AttachmentId(picture)).await.map(Some),
        None => Ok(None),
    }
}

/// Sets or takes away one's own picture. Answers with the hash of the file that nobody has any more.
///
/// # Errors
/// The database's.
pub async fn set_avatar(
    connection: &mut Connection,
    user: UserId,
    picture: Option<AttachmentId>,
    address: Option<&str>,
) -> Result<Vec<String>, DbError> {
    query("update users set avatar = $2 where id = $1").bind(user.0).bind(address).execute(&mut *connection).await?;
    let kept = picture.map_or(0, |picture| picture.0);
    let before: Option<i64> =
        query("select id from attachments where owner_id = $1 and shown_as = 'avatar' and id <> $2 limit 1")
            .bind(user.0)
            .bind(kept)
            .fetch_optional(&mut *connection)
            .await?;
    match before {
        Some(before) => attachments::forget_shown(connection, user, AttachmentId(before)).await,
        None => Ok(Vec::new()),
    }
}

/// Takes everything off the page of an account that ends, and them out of the index. The files go with all that were never sent.
///
/// # Errors
/// The database's.
pub async fn forget(connection: &mut Connection, user: UserId) -> Result<(), DbError> {
    for statement in [
        "delete from works where user_id = $1",
        "delete from profiles where user_id = $1",
        "delete from person_words where user_id = $1",
        "update users set avatar = null where id = $1",
    ] {
        query(statement).bind(user.0).execute(&mut *connection).await?;
    }
    Ok(())
}

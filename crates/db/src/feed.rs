//! Each user's feed: their own events, numbered without holes.
//!
//! **Invariant:** the numbers of a user's feed are dense from `oldest` to `latest`, and a row is written in the same
//! transaction as the change that it tells of.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use guildhall_market::{ids::UserId, permissions::MarketChannel, time::Timestamp};

use crate::{
    Connection, DbError, Outgoing,
    sql::{query, query_built, rows},
};

/// Rows in one answer, at most.
pub const PAGE_MAX: i64 = 1_000;

rows! {
    /// One row.
    #[derive(Clone, Debug)]
    pub struct Row {
        /// Its number.
        pub seq: i64,
        /// The event's name.
        pub event: String,
        /// The channel.
        pub channel: String,
        /// The body, JSON.
        pub data: String,
    }
}

rows! {
    /// The ends of a feed.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Ends {
        /// The last number given out, 0 when there is none.
        pub latest: i64,
        /// The oldest number that is kept.
        pub oldest: i64,
    }
}

/// An event that is on its way into a user's feed.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose feed, and whose channel.
    pub user: UserId,
    /// The event's name.
    pub event: &'static str,
    /// Its body, JSON.
    pub data: String,
    /// The socket that must not get it.
    pub except_socket: Option<String>,
    /// A second name under which it leaves, and is not stored.
    pub alias: Option<&'static str>,
}

impl Entry {
    /// An event for all sockets of a user, under one name.
    pub fn new(user: UserId, event: &'static str, data: String) -> Self {
        Self { user, event, data, except_socket: None, alias: None }
    }

    /// The same for all but one of the sockets.
    #[must_use]
    pub fn except(mut self, socket: Option<&str>) -> Self {
        self.except_socket = socket.map(str::to_owned);
        self
    }
}

impl Entry {
    /// What leaves for it, once it has its number.
    fn leave(&self, outgoing: &mut Vec<Outgoing>, channel: String, seq: i64) {
        let event = Outgoing {
            channel,
            event: self.event.to_owned(),
            data: Arc::from(self.data.as_str()),
            seq: Some(seq),
            except_socket: self.except_socket.clone(),
        };
        let alias = self.alias.map(|name| Outgoing { event: name.to_owned(), seq: None, ..event.clone() });
        outgoing.push(event);
        outgoing.extend(alias);
    }
}

/// Feeds that are held until the commit: nobody else takes a number of theirs.
pub struct Held(());

/// Takes hold of feeds, in ascending order of users, or two commands could wait for each other. Whatever must ascend in
/// several feeds, as ids of messages do, is made after this.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &mut Connection, users: &[UserId]) -> Result<Held, DbError> {
    // The writer of SQLite is alone. A single feed is held by taking its number.
    if connection.shares_rows() && users.len() > 1 {
        let places = crate::places(1..=users.len());
        let statement =
            format!("select user_id from feed_heads where user_id in ({places}) order by user_id for update");
        users
            .iter()
            .fold(query_built(statement), |query, user| query.bind(user.0))
            .fetch_all::<i64>(connection)
            .await?;
    }
    Ok(Held(()))
}

/// Rows that one statement writes, at most.
const ROWS_AT_ONCE: usize = 100;

impl Held {
    /// Appends events to the feeds, in this order, and prepares them for their users' channels. All users must be held.
    ///
    /// # Errors
    /// The database's.
    pub async fn append(
        self,
        connection: &mut Connection,
        entries: Vec<Entry>,
        now: Timestamp,
    ) -> Result<Vec<Outgoing>, DbError> {
        if connection.shares_rows() && entries.len() <= ROWS_AT_ONCE {
            return append_at_once(connection, entries, now).await;
        }
        let mut numbers = take_numbers(connection, &entries).await?;
        let mut outgoing = Vec::with_capacity(entries.len());
        for some in entries.chunks(ROWS_AT_ONCE) {
            let rows: Vec<String> =
                (0..some.len()).map(|n| format!("({})", crate::places(n * 6 + 1..=n * 6 + 6))).collect();
            let mut insert = query_built(format!(
                "insert into feed (user_id, seq, event, channel, data, created_at_ms) values {}",
                rows.join(", ")
            ));
            for entry in some {
                let next = numbers.entry(entry.user).or_default();
                let (seq, channel) = (*next, MarketChannel::of_user(entry.user));
                *next += 1;
                insert = insert.bind(entry.user.0).bind(seq).bind(entry.event);
                insert = insert.bind(channel.clone()).bind(&entry.data).bind(now.0);
                entry.leave(&mut outgoing, channel, seq);
            }
            insert.execute(connection).await?;
        }
        Ok(outgoing)
    }
}

/// Takes the numbers and writes the rows in one statement, as PostgreSQL can: others wait for the feeds meanwhile.
async fn append_at_once(
    connection: &mut Connection,
    entries: Vec<Entry>,
    now: Timestamp,
) -> Result<Vec<Outgoing>, DbError> {
    let mut counts: BTreeMap<UserId, i64> = BTreeMap::new();
    // How many of the same feed were before each.
    let before: Vec<i64> = entries
        .iter()
        .map(|entry| {
            let count = counts.entry(entry.user).or_default();
            *count += 1;
            *count
        })
        .collect();
    let people = counts.len();
    let cases: Vec<String> = (0..people).map(|n| format!("when ${} then ${}", n * 2 + 2, n * 2 + 3)).collect();
    let users: Vec<String> = (0..people).map(|n| format!("${}", n * 2 + 2)).collect();
    let rows: Vec<String> = (0..entries.len())
        .map(|n| people * 2 + 2 + n * 5)
        .map(|n| format!("(${n}::bigint, ${}::bigint, ${}::text, ${}::text, ${}::text)", n + 1, n + 2, n + 3, n + 4))
        .collect();
    let statement = format!(
        "with taken as (
           update feed_heads set seq = seq + case user_id {} end where user_id in ({}) returning user_id, seq
         ), told (user_id, back, event, channel, data) as (values {})
         insert into feed (user_id, seq, event, channel, data, created_at_ms)
         select told.user_id, taken.seq - told.back, told.event, told.channel, told.data, $1
         from told join taken on taken.user_id = told.user_id
         returning user_id, seq",
        cases.join(" "),
        users.join(", "),
        rows.join(", ")
    );
    let mut query = query_built(statement).bind(now.0);
    for (user, count) in &counts {
        query = query.bind(user.0).bind(*count);
    }
    for (entry, place) in entries.iter().zip(&before) {
        let back = counts[&entry.user] - place;
        let channel = MarketChannel::of_user(entry.user);
        query = query.bind(entry.user.0).bind(back).bind(entry.event).bind(channel).bind(entry.data.clone());
    }
    let mut last: BTreeMap<UserId, i64> = BTreeMap::new();
    let written: Vec<(i64, i64)> = query.fetch_all(connection).await?;
    if written.len() != entries.len() {
        return Err(sqlx::Error::RowNotFound.into());
    }
    for (user, seq) in written {
        let last = last.entry(UserId(user)).or_default();
        *last = seq.max(*last);
    }
    let mut outgoing = Vec::with_capacity(entries.len());
    for (entry, place) in entries.iter().zip(before) {
        let seq = last[&entry.user] - (counts[&entry.user] - place);
        entry.leave(&mut outgoing, MarketChannel::of_user(entry.user), seq);
    }
    Ok(outgoing)
}

/// The next number of each feed, of which as many are taken as it has entries.
async fn take_numbers(connection: &mut Connection, entries: &[Entry]) -> Result<BTreeMap<UserId, i64>, DbError> {
    let mut counts: BTreeMap<UserId, i64> = BTreeMap::new();
    for entry in entries {
        *counts.entry(entry.user).or_default() += 1;
    }
    let mut numbers = BTreeMap::new();
    let counts: Vec<(UserId, i64)> = counts.into_iter().collect();
    for some in counts.chunks(ROWS_AT_ONCE) {
        let cases: Vec<String> = (0..some.len()).map(|n| format!("when ${} then ${}", n * 2 + 1, n * 2 + 2)).collect();
        let users: Vec<String> = (0..some.len()).map(|n| format!("${}", n * 2 + 1)).collect();
        let statement = format!(
            "update feed_heads set seq = seq + case user_id {} end where user_id in ({}) returning user_id, seq",
            cases.join(" "),
            users.join(", ")
        );
        let query = some.iter().fold(query_built(statement), |query, (user, count)| query.bind(user.0).bind(*count));
        for (user, last) in query.fetch_all::<(i64, i64)>(connection).await? {
            let count = some.iter().find(|(id, _)| id.0 == user).map_or(0, |(_, count)| *count);
            numbers.insert(UserId(user), last - count + 1);
        }
        if some.iter().any(|(user, _)| !numbers.contains_key(user)) {
            return Err(sqlx::Error::RowNotFound.into());
        }
    }
    Ok(numbers)
}

/// Appends events to feeds that nothing else has to wait for.
///
/// # Errors
/// The database's.
pub async fn append(
    connection: &mut Connection,
    entries: Vec<Entry>,
    now: Timestamp,
) -> Result<Vec<Outgoing>, DbError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let users: BTreeSet<UserId> = entries.iter().map(|entry| entry.user).collect();
    let users: Vec<UserId> = users.into_iter().collect();
    hold(connection, &users).await?.append(connection, entries, now).await
}

/// Rows after a number, in order. At most `limit`, 1 to [`PAGE_MAX`].
///
/// # Errors
/// The database's.
pub async fn after(connection: &mut Connection, user: UserId, seq: i64, limit: i64) -> Result<Vec<Row>, DbError> {
    query("select seq, event, channel, data from feed where user_id = $1 and seq > $2 order by seq limit $3")
        .bind(user.0)
        .bind(seq)
        .bind(crate::bounded(limit, PAGE_MAX))
        .fetch_all(connection)
        .await
}

/// The rows of one event that a user's feed got at one moment.
///
/// # Errors
/// The database's.
pub async fn told_at(
    connection: &mut Connection,
    user: UserId,
    event: &str,
    at: Timestamp,
) -> Result<Vec<Row>, DbError> {
    query(
        "select seq, event, channel, data from feed where created_at_ms = $3 and user_id = $1 and event = $2 order by seq",
    )
    .bind(user.0)
    .bind(event)
    .bind(at.0)
    .fetch_all(connection)
    .await
}

/// Puts another body in the place of what a row said, for words that were taken back. Its number stays.
///
/// # Errors
/// The database's.
pub async fn retell(connection: &mut Connection, user: UserId, seq: i64, data: &str) -> Result<(), DbError> {
    query("update feed set data = $3 where user_id = $1 and seq = $2")
        .bind(user.0)
        .bind(seq)
        .bind(data)
        .execute(connection)
        .await?;
    Ok(())
}

/// How far a user's feed reaches.
///
/// # Errors
/// The database's.
pub async fn ends(connection: &mut Connection, user: UserId) -> Result<Ends, DbError> {
    Ok(query("select seq as latest, oldest from feed_heads where user_id = $1")
        .bind(user.0)
        .fetch_optional(connection)
        .await?
        .unwrap_or(Ends { latest: 0, oldest: 1 }))
}

/// How far forgetting got among rows in the order of their age: up to this time, this feed and this number of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgot {
    at_ms: i64,
    user: i64,
    seq: i64,
}

/// Drops rows from before `before` that were not looked at before `from`, about `most` of them: of each feed from its oldest
/// row on, so that it has no holes. Returns how many are gone, and from where to go on; `None` when nothing is left to do.
///
/// # Errors
/// The database's.
pub async fn prune(
    connection: &mut Connection,
    before: Timestamp,
    from: Forgot,
    most: i64,
) -> Result<(u64, Option<Forgot>), DbError> {
    let old: Vec<(i64, i64, i64)> = query(
        "select created_at_ms, user_id, seq from feed
         where created_at_ms >= $1 and created_at_ms < $4 and (created_at_ms, user_id, seq) > ($1, $2, $3)
         order by created_at_ms, user_id, seq
         limit $5",
    )
    .bind(from.at_ms)
    .bind(from.user)
    .bind(from.seq)
    .bind(before.0)
    .bind(most)
    .fetch_all(&mut *connection)
    .await?;
    let Some(&(at_ms, user, seq)) = old.last() else { return Ok((0, None)) };
    let users: BTreeSet<i64> = old.iter().map(|(_, user, _)| *user).collect();
    let users: Vec<UserId> = users.into_iter().map(UserId).collect();
    hold(connection, &users).await?;
    let list = crate::list(users.iter().map(|user| user.0));
    // Each feed to its first row that is kept, which may be before others that are old: a clock that was set back wrote them.
    query_built(format!(
        "update feed_heads
         set oldest = coalesce(
           (select f.seq from feed f
            where f.user_id = feed_heads.user_id and f.seq < feed_heads.oldest + $2 and f.created_at_ms + 0 >= $1
            order by f.seq
            limit 1),
           case when oldest + $2 <= seq then oldest + $2 else seq + 1 end
         )
         where user_id in ({list})"
    ))
    .bind(before.0)
    .bind((most / i64::try_from(users.len()).unwrap_or(i64::MAX)).max(1))
    .execute(&mut *connection)
    .await?;
    let gone = query_built(format!(
        "delete from feed where (user_id, seq) in (
           select f.user_id, f.seq from feed_heads h
           join feed f on f.user_id = h.user_id and f.seq < h.oldest
           where h.user_id in ({list})
         )"
    ))
    .execute(connection)
    .await?;
    let next = if gone > 0 {
        // There may be more of the same feeds.
        Some(from)
    } else {
        // Those wait for what is before them in their feeds.
        (i64::try_from(old.len()).unwrap_or(i64::MAX) >= most).then_some(Forgot { at_ms, user, seq })
    };
    Ok((gone, next))
}

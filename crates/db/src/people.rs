//! People: accounts, profiles, blocks.

use guildhall_market::{
    accounts::Role,
    ids::{TokenId, UserId},
    search::fold,
    time::Timestamp,
    verification::{Kind, State},
};

use crate::{
    Connection, DbError, person_words,
    sql::{FromRow, Row, query, query_built, rows},
};

rows! {
    /// An account as stored.
    #[derive(Clone, Debug)]
    pub struct User of users by id {
        /// Who.
        pub id: UserId,
        /// In lower case.
        pub email: String,
        /// The name.
        pub name: String,
        /// What the person may do.
        pub role: Role,
        /// The trade of an artisan.
        pub craft: Option<String>,
        /// Address of a picture.
        pub avatar: Option<String>,
        /// When the identity was verified.
        pub verified_at_ms: Option<i64>,
        /// When the account was suspended.
        pub suspended_at_ms: Option<i64>,
        /// When the account was deleted.
        pub deleted_at_ms: Option<i64>,
        /// When the person was last connected.
        pub last_seen_at_ms: Option<i64>,
        /// When the account was made.
        pub created_at_ms: i64,
    }
}

impl User {
    /// The name to show.
    pub fn shown_name(&self) -> &str {
        if self.deleted_at_ms.is_some() { guildhall_market::accounts::DELETED_NAME } else { &self.name }
    }
}

/// The columns of [`User`], for `select`.
macro_rules! columns {
    () => {
        "id, email, name, role, craft, avatar, verified_at_ms, suspended_at_ms, deleted_at_ms, last_seen_at_ms, created_at_ms"
    };
}
pub(crate) use columns;

/// What a new account needs.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// In lower case.
    pub email: String,
    /// Cleaned.
    pub name: String,
    /// In PHC form.
    pub password_hash: String,
    /// `member` or `admin`.
    pub role: &'static str,
    /// The trade of an artisan.
    pub craft: Option<String>,
}

/// Somebody already has this e-mail address, or the database failed.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Somebody already has this e-mail address.
    #[error("an account with this e-mail address exists")]
    EmailTaken,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl crate::Refused for CreateError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Db(error) if error.is_conflict())
    }

    fn is_full(&self) -> bool {
        matches!(self, Self::Db(error) if error.is_full())
    }
}

/// Makes an account.
///
/// # Errors
/// [`CreateError::EmailTaken`], or the database's.
pub async fn create(connection: &mut Connection, user: &NewUser, now: Timestamp) -> Result<UserId, CreateError> {
    let id: i64 = query(
        "insert into users (email, name, name_folded, password_hash, role, craft, created_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7)
         returning id",
    )
    .bind(&user.email)
    .bind(&user.name)
    .bind(fold(&user.name))
    .bind(&user.password_hash)
    .bind(user.role)
    .bind(&user.craft)
    .bind(now.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(|e| {
        let e = e;
        if e.violates("users_email_unique", "users.email") { CreateError::EmailTaken } else { CreateError::Db(e) }
    })?;
    query("insert into feed_heads (user_id, seq, oldest) values ($1, 0, 1)").bind(id).execute(&mut *connection).await?;
    person_words::index(connection, UserId(id)).await?;
    Ok(UserId(id))
}

/// Holds a person until the commit: commands about the same one come one after the other, each seeing what the one before it
/// did. On SQLite they do anyway. Held before anything else of theirs.
///
/// # Errors
/// The database's.
pub async fn hold(connection: &mut Connection, user: UserId) -> Result<(), DbError> {
    if connection.shares_rows() {
        // What refers to the person is written meanwhile as before.
        let _: Option<i64> = query("select id from users where id = $1 for no key update")
            .bind(user.0)
            .fetch_optional(connection)
            .await?;
    }
    Ok(())
}

/// One account; `None` when there is none, deleted ones included.
///
/// # Errors
/// The database's.
pub async fn get(connection: &mut Connection, id: UserId) -> Result<Option<User>, DbError> {
    query(concat!("select ", columns!(), " from users where id = $1")).bind(id.0).fetch_optional(connection).await
}

/// Whether somebody is there and not suspended, and signed in with this token. In a command they stay there until its commit:
/// whoever ends the account waits.
///
/// # Errors
/// The database's.
pub async fn is_signed_in(connection: &mut Connection, id: UserId, token: TokenId) -> Result<bool, DbError> {
    // Locks of rows are given past whoever waits for all of them to be free; these are given in order, so that an account
    // whose devices go on and on can be ended. The row is looked at once more behind the wait.
    let statement = if connection.shares_rows() {
        "with there as materialized (select pg_advisory_xact_lock_shared($1))
         select id from users
         where id = $1 and deleted_at_ms is null and suspended_at_ms is null and (select count(*) from there) = 1
         and exists (select 1 from tokens where tokens.id = $2 and user_id = $1 and revoked_at_ms is null)
         for key share of users"
    } else {
        "select id from users where id = $1 and deleted_at_ms is null and suspended_at_ms is null
         and exists (select 1 from tokens where tokens.id = $2 and user_id = $1 and revoked_at_ms is null)"
    };
    let found: Option<i64> = query(statement).bind(id.0).bind(token.0).fetch_optional(connection).await?;
    Ok(found.is_some())
}

/// Waits for the commands in which somebody is there, and holds back those that come, which find them gone. Before anything of
/// theirs is read or ended.
///
/// # Errors
/// The database's.
pub async fn hold_for_the_end(connection: &mut Connection, id: UserId) -> Result<(), DbError> {
    if connection.shares_rows() {
        query("select pg_advisory_xact_lock($1)").bind(id.0).execute(&mut *connection).await?;
    }
    hold(connection, id).await
}

/// One of two people, whether they block the other, and whether they proved their mail address.
struct OfTwo {
    user: User,
    blocks: bool,
    proved: bool,
    signed_in: bool,
}

/// Two different people.
#[derive(Clone, Debug)]
pub struct Two {
    /// The one who was asked for first.
    pub first: Option<User>,
    /// The other one.
    pub second: Option<User>,
    /// Whether one of the two blocks the other.
    pub blocked: bool,
    /// Whether the first one proved their mail address.
    pub first_proved: bool,
    /// Whether the token that was asked about is the first one's and was not revoked.
    pub signed_in: bool,
}

impl FromRow for OfTwo {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            user: User::from_row(row)?,
            blocks: row.named::<i64>("blocks")? > 0,
            proved: row.named::<i64>("proved")? > 0,
            signed_in: row.named::<i64>("signed_in")? > 0,
        })
    }
}

/// Two different people in the order in which they are asked for, deleted ones included, `None` for nobody. The first one
/// perhaps with the token by which they ask.
///
/// # Errors
/// The database's.
pub async fn two(
    connection: &mut Connection,
    (first, token): (UserId, Option<TokenId>),
    second: UserId,
) -> Result<Two, DbError> {
    macro_rules! two {
        ($lock:literal) => {
            concat!(
                "select ",
                columns!(),
                ", (select count(*) from blocks where blocker_id = users.id and (blocked_id = $1 or blocked_id = $2)) as blocks,
                 (select count(*) from verifications where user_id = users.id and kind = $3 and slot = '' and state = $4) as proved,
                 (select count(*) from tokens where tokens.id = $5 and user_id = users.id and revoked_at_ms is null) as signed_in
                 from users where (id = $1 or id = $2)",
                $lock
            )
        };
    }
    // Neither account ends before the commit.
    let statement = if connection.shares_rows() {
        two!(
            " and (select count(*) from (select pg_advisory_xact_lock_shared(who.id)
                     from (select least($1, $2) as id union all select greatest($1, $2)) who) there) = 2
                 for key share of users"
        )
    } else {
        two!("")
    };
    let found: Vec<OfTwo> = query(statement)
        .bind(first.0)
        .bind(second.0)
        .bind(Kind::Email.code())
        .bind(State::Verified.code())
        .bind(token.map_or(0, |token| token.0))
        .fetch_all(connection)
        .await?;
    let blocked = found.iter().any(|one| one.blocks);
    let mut two = Two { first: None, second: None, blocked, first_proved: false, signed_in: false };
    for one in found {
        if one.user.id == first {
            (two.first_proved, two.signed_in) = (one.proved, one.signed_in);
            two.first = Some(one.user);
        } else {
            two.second = Some(one.user);
        }
    }
    Ok(two)
}

/// Several accounts, in no order. Ids of nobody are left out.
///
/// # Errors
/// The database's.
pub async fn get_many(connection: &mut Connection, ids: &[UserId]) -> Result<Vec<User>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    query_built(format!("select {} from users where id in ({})", columns!(), crate::list(ids.iter().map(|id| id.0))))
        .fetch_all(connection)
        .await
}

/// Since when somebody and each of the others are blocked: (who blocks, who is blocked, when).
///
/// # Errors
/// The database's.
pub async fn blocks_of(connection: &mut Connection, user: UserId) -> Result<Vec<(UserId, UserId, Timestamp)>, DbError> {
    let rows: Vec<(i64, i64, i64)> =
        query("select blocker_id, blocked_id, created_at_ms from blocks where blocker_id = $1 or blocked_id = $1")
            .bind(user.0)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(blocker, blocked, at)| (UserId(blocker), UserId(blocked), Timestamp(at))).collect())
}

/// The stored hash of somebody's password. `None` for whoever is nobody, or gone.
///
/// # Errors
/// The database's.
pub async fn password_hash(connection: &mut Connection, id: UserId) -> Result<Option<String>, DbError> {
    query("select password_hash from users where id = $1 and deleted_at_ms is null")
        .bind(id.0)
        .fetch_optional(connection)
        .await
}

/// The id and the password's hash for an e-mail address in lower case; not of deleted accounts.
///
/// # Errors
/// The database's.
pub async fn credentials(connection: &mut Connection, email: &str) -> Result<Option<(i64, String)>, DbError> {
    query("select id, password_hash from users where email = $1 and deleted_at_ms is null")
        .bind(email)
        .fetch_optional(connection)
        .await
}

/// People whose name contains `q`, both folded, by name, suspended ones too: for administrators. At most `limit`, 1 to 100.
///
/// # Errors
/// The database's.
pub async fn search_all(connection: &mut Connection, q: &str, limit: i64) -> Result<Vec<User>, DbError> {
    let pattern = format!("%{}%", fold(q).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    query(concat!(
        "select ",
        columns!(),
        " from users where name_folded like $1 escape '\\' and deleted_at_ms is null order by name_folded, id limit $2"
    ))
    .bind(pattern)
    .bind(crate::bounded(limit, 100))
    .fetch_all(connection)
    .await
}

/// Blocks or unblocks. Doing it twice changes nothing.
///
/// # Errors
/// The database's.
pub async fn set_block(
    connection: &mut Connection,
    blocker: UserId,
    blocked: UserId,
    on: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    if on {
        query("insert into blocks (blocker_id, blocked_id, created_at_ms) values ($1, $2, $3) on conflict do nothing")
            .bind(blocker.0)
            .bind(blocked.0)
            .bind(now.0)
            .execute(connection)
            .await?;
    } else {
        query("delete from blocks where blocker_id = $1 and blocked_id = $2")
            .bind(blocker.0)
            .bind(blocked.0)
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// Whether one of the two blocks the other: (first blocks second, second blocks first).
///
/// # Errors
/// The database's.
pub async fn blocks_between(connection: &mut Connection, a: UserId, b: UserId) -> Result<(bool, bool), DbError> {
    let (first, second) = blocks_since(connection, a, b).await?;
    Ok((first.is_some(), second.is_some()))
}

/// Since when one of the two blocks the other: (first blocks second, second blocks first).
///
/// # Errors
/// The database's.
pub async fn blocks_since(
    connection: &mut Connection,
    a: UserId,
    b: UserId,
) -> Result<(Option<Timestamp>, Option<Timestamp>), DbError> {
    let rows: Vec<(i64, i64)> = query(
        "select blocker_id, created_at_ms from blocks
         where (blocker_id = $1 and blocked_id = $2) or (blocker_id = $2 and blocked_id = $1)",
    )
    .bind(a.0)
    .bind(b.0)
    .fetch_all(connection)
    .await?;
    let since = |who: UserId| rows.iter().find(|(id, _)| *id == who.0).map(|(_, at)| Timestamp(*at));
    Ok((since(a), since(b)))
}

/// Notes that somebody was connected until now.
///
/// # Errors
/// The database's.
pub async fn seen(connection: &mut Connection, id: UserId, now: Timestamp) -> Result<(), DbError> {
    query("update users set last_seen_at_ms = $2 where id = $1").bind(id.0).bind(now.0).execute(connection).await?;
    Ok(())
}

/// Who has a mail address (in lower case), and their name; not deleted ones.
///
/// # Errors
/// The database's.
pub async fn by_email(connection: &mut Connection, email: &str) -> Result<Option<(UserId, String)>, DbError> {
    let found: Option<(i64, String)> = query("select id, name from users where email = $1 and deleted_at_ms is null")
        .bind(email)
        .fetch_optional(connection)
        .await?;
    Ok(found.map(|(id, name)| (UserId(id), name)))
}

/// Gives an account another mail address, in lower case.
///
/// # Errors
/// [`CreateError::EmailTaken`], or the database's.
pub async fn set_email(connection: &mut Connection, id: UserId, email: &str) -> Result<(), CreateError> {
    let set = query("update users set email = $2 where id = $1").bind(id.0).bind(email).execute(connection).await;
    set.map(drop).map_err(|e| {
        if e.violates("users_email_unique", "users.email") { CreateError::EmailTaken } else { CreateError::Db(e) }
    })
}

/// Keeps the hash of another password.
///
/// # Errors
/// The database's.
pub async fn set_password(connection: &mut Connection, id: UserId, password_hash: &str) -> Result<(), DbError> {
    query("update users set password_hash = $2 where id = $1")
        .bind(id.0)
        .bind(password_hash)
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives the person with this address (in lower case) a role, `member` or `admin`. `None` when there is nobody.
///
/// # Errors
/// The database's.
pub async fn set_role(connection: &mut Connection, email: &str, role: &str) -> Result<Option<UserId>, DbError> {
    let id: Option<(i64,)> = query(
        "update users
         set role = $1
         where email = $2 and deleted_at_ms is null
         returning id",
    )
    .bind(role)
    .bind(email)
    .fetch_optional(connection)
    .await?;
    Ok(id.map(|(id,)| UserId(id)))
}

/// Suspends an account, or lifts the suspension.
///
/// # Errors
/// The database's.
pub async fn set_suspended(connection: &mut Connection, id: UserId, at: Option<Timestamp>) -> Result<(), DbError> {
    query("update users set suspended_at_ms = $2 where id = $1")
        .bind(id.0)
        .bind(at.map(|at| at.0))
        .execute(&mut *connection)
        .await?;
    // Nobody finds them meanwhile.
    person_words::index(connection, id).await
}

/// How many accounts there are.
///
/// # Errors
/// The database's.
pub async fn count(connection: &mut Connection) -> Result<i64, DbError> {
    query("select count(*) from users").fetch_one(connection).await
}

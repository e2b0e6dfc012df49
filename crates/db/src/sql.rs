//! Statements, written once, carried out in one of two ways: through the pools of `sqlx`, or straight on the thread of
//! SQLite's writer. Through a pool every statement to SQLite changes threads twice, which under load costs twenty times
//! what SQLite itself does; so the writer, through which everything durable goes, speaks to the library directly.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

#[cfg(debug_assertions)]
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use guildhall_market::{
    accounts::Role,
    ids::{AttachmentId, EscrowId, ID_MAX, MessageId, NotificationId, PayoutId, TokenId, UserId},
    messages::Subject,
};
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr, Transaction, any::AnyRow, pool::PoolConnection};

use crate::DbError;

/// A connection inside a transaction, or a read connection.
pub struct Connection {
    inner: Inner,
    statements: Statements,
}

/// How many statements a database was asked to carry out, transactions aside: what a request costs that no clock shows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Statements(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    count: AtomicU64,
    /// Transactions that were committed.
    transactions: AtomicU64,
    /// Deadlines that were set.
    deadlines: AtomicU64,
    /// Told once one that was set is durable.
    deadline_is_set: tokio::sync::Notify,
    /// Their texts, so that tests can ask how each is carried out.
    #[cfg(debug_assertions)]
    texts: Mutex<BTreeSet<String>>,
}

impl Statements {
    fn add(&self, text: &str) {
        self.0.count.fetch_add(1, Relaxed);
        #[cfg(debug_assertions)]
        {
            let mut texts = self.0.texts.lock().unwrap_or_else(PoisonError::into_inner);
            if !texts.contains(text) {
                texts.insert(text.to_owned());
            }
        }
        #[cfg(not(debug_assertions))]
        let _ = text;
    }

    pub(crate) fn deadlines(&self) -> u64 {
        self.0.deadlines.load(Relaxed)
    }

    pub(crate) fn deadline_is_set(&self) -> &tokio::sync::Notify {
        &self.0.deadline_is_set
    }

    pub(crate) fn transactions(&self) -> u64 {
        self.0.transactions.load(Relaxed)
    }

    pub(crate) fn note_transaction(&self) {
        self.0.transactions.fetch_add(1, Relaxed);
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.count.load(Relaxed)
    }

    #[cfg(debug_assertions)]
    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.texts.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

enum Inner {
    /// For reading.
    Pooled(PoolConnection<sqlx::Any>),
    /// One command on PostgreSQL.
    Transaction(Transaction<'static, sqlx::Any>),
    /// The one connection through which SQLite is written. Its statements block, so it belongs to a thread of its own.
    Direct(rusqlite::Connection),
}

impl Connection {
    pub(crate) fn pooled(connection: PoolConnection<sqlx::Any>, statements: &Statements) -> Self {
        Self { inner: Inner::Pooled(connection), statements: statements.clone() }
    }

    pub(crate) fn transaction(transaction: Transaction<'static, sqlx::Any>, statements: &Statements) -> Self {
        Self { inner: Inner::Transaction(transaction), statements: statements.clone() }
    }

    pub(crate) fn direct(connection: rusqlite::Connection, statements: &Statements) -> Self {
        Self { inner: Inner::Direct(connection), statements: statements.clone() }
    }

    /// Notes that a deadline was set: whoever waits for the next one is told after the commit.
    pub(crate) fn note_deadline(&self) {
        self.statements.0.deadlines.fetch_add(1, Relaxed);
    }

    /// What carries out one more statement.
    fn counted(&mut self, text: &str) -> &mut Inner {
        self.statements.add(text);
        &mut self.inner
    }

    /// Keeps what a transaction did. Nothing to do for other connections.
    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self.inner {
            Inner::Transaction(transaction) => {
                transaction.commit().await?;
                self.statements.note_transaction();
                Ok(())
            }
            Inner::Pooled(_) | Inner::Direct(_) => Ok(()),
        }
    }

    /// Says something about the transaction itself, which counts as no statement.
    pub(crate) async fn say(&mut self, statement: &'static str) -> Result<(), DbError> {
        match &mut self.inner {
            Inner::Direct(direct) => Ok(direct.prepare_cached(statement)?.raw_execute().map(drop)?),
            Inner::Transaction(transaction) => Ok((&mut **transaction).execute(statement).await.map(drop)?),
            Inner::Pooled(_) => Err(DbError::Unavailable),
        }
    }

    /// Whether the transaction is still open: SQLite gives one up by itself when the disk is full, or when it was broken off.
    pub(crate) fn is_open(&self) -> bool {
        match &self.inner {
            Inner::Direct(direct) => !direct.is_autocommit(),
            Inner::Transaction(_) => true,
            Inner::Pooled(_) => false,
        }
    }

    /// Asks or tells SQLite about the connection itself. Answers with the number that it says, if it says one.
    ///
    /// # Errors
    /// The database's.
    pub async fn pragma(&mut self, pragma: &'static str) -> Result<Option<i64>, DbError> {
        query(pragma).fetch_optional(self).await
    }

    /// Whether other commands run at the same moment, so that rows have to be held.
    pub(crate) fn shares_rows(&self) -> bool {
        matches!(self.inner, Inner::Transaction(_))
    }

    /// Whether PostgreSQL answers: what it guesses about its rows has to be helped at times.
    pub(crate) fn is_postgres(&self) -> bool {
        match &self.inner {
            Inner::Pooled(connection) => connection.backend_name() == "PostgreSQL",
            Inner::Transaction(_) => true,
            Inner::Direct(_) => false,
        }
    }

    pub(crate) fn into_direct(self) -> Option<rusqlite::Connection> {
        match self.inner {
            Inner::Direct(connection) => Some(connection),
            Inner::Pooled(_) | Inner::Transaction(_) => None,
        }
    }
}

/// What stands for a `$1`.
pub(crate) enum Value<'q> {
    Integer(i64),
    Text(Cow<'q, str>),
    /// PostgreSQL wants to know of what kind the nothing is.
    NoInteger,
    NoText,
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl<'q> From<&'q str> for Value<'q> {
    fn from(value: &'q str) -> Self {
        Self::Text(value.into())
    }
}

impl<'q> From<&'q String> for Value<'q> {
    fn from(value: &'q String) -> Self {
        Self::Text(value.as_str().into())
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        value.map_or(Self::NoInteger, Self::Integer)
    }
}

impl<'q> From<Option<&'q str>> for Value<'q> {
    fn from(value: Option<&'q str>) -> Self {
        value.map_or(Self::NoText, Self::from)
    }
}

impl<'q> From<&'q Option<String>> for Value<'q> {
    fn from(value: &'q Option<String>) -> Self {
        value.as_deref().into()
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        match self {
            Self::Integer(value) => value.to_sql(),
            Self::Text(text) => text.to_sql(),
            Self::NoInteger | Self::NoText => rusqlite::types::Null.to_sql(),
        }
    }
}

/// A statement with its values, in the subset that both engines understand.
pub(crate) struct Query<'q> {
    sql: sqlx::SqlStr,
    values: Vec<Value<'q>>,
}

/// A statement. Values stand for `$1`, `$2`, … in the order in which they are bound.
pub(crate) fn query<'q>(sql: &'static str) -> Query<'q> {
    Query { sql: sql.into_sql_str(), values: Vec::new() }
}

/// A statement that was put together. Nothing that anybody typed may stand in it.
pub(crate) fn query_built<'q>(sql: String) -> Query<'q> {
    Query { sql: AssertSqlSafe(sql).into_sql_str(), values: Vec::new() }
}

impl<'q> Query<'q> {
    pub(crate) fn bind(mut self, value: impl Into<Value<'q>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Carries it out. Answers with how many rows it changed.
    pub(crate) async fn execute(self, connection: &mut Connection) -> Result<u64, DbError> {
        let connection = match connection.counted(self.sql.as_str()) {
            Inner::Direct(direct) => return Ok(self.prepared(direct, |statement| statement.raw_execute())? as u64),
            Inner::Pooled(pooled) => &mut **pooled,
            Inner::Transaction(transaction) => &mut **transaction,
        };
        Ok(self.bound().execute(connection).await?.rows_affected())
    }

    pub(crate) async fn fetch_all<T: FromRow>(self, connection: &mut Connection) -> Result<Vec<T>, DbError> {
        let connection = match connection.counted(self.sql.as_str()) {
            Inner::Direct(direct) => return self.rows(direct, usize::MAX),
            Inner::Pooled(pooled) => &mut **pooled,
            Inner::Transaction(transaction) => &mut **transaction,
        };
        let rows = self.bound().fetch_all(connection).await?;
        rows.iter().map(|row| T::from_row(&Row::Pooled(row))).collect()
    }

    pub(crate) async fn fetch_optional<T: FromRow>(self, connection: &mut Connection) -> Result<Option<T>, DbError> {
        let connection = match connection.counted(self.sql.as_str()) {
            Inner::Direct(direct) => return Ok(self.rows(direct, 1)?.pop()),
            Inner::Pooled(pooled) => &mut **pooled,
            Inner::Transaction(transaction) => &mut **transaction,
        };
        let row = self.bound().fetch_optional(connection).await?;
        row.map(|row| T::from_row(&Row::Pooled(&row))).transpose()
    }

    pub(crate) async fn fetch_one<T: FromRow>(self, connection: &mut Connection) -> Result<T, DbError> {
        self.fetch_optional(connection).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    fn bound(self) -> sqlx::query::Query<'q, sqlx::Any, <sqlx::Any as sqlx::Database>::Arguments> {
        let mut query = sqlx::query(self.sql);
        for value in self.values {
            query = match value {
                Value::Integer(value) => query.bind(value),
                Value::Text(text) => query.bind(text.into_owned()),
                Value::NoInteger => query.bind(None::<i64>),
                Value::NoText => query.bind(None::<String>),
            };
        }
        query
    }

    fn prepared<R>(
        &self,
        connection: &rusqlite::Connection,
        work: impl FnOnce(&mut rusqlite::CachedStatement<'_>) -> rusqlite::Result<R>,
    ) -> Result<R, DbError> {
        let mut statement = connection.prepare_cached(self.sql.as_str())?;
        for place in 1..=statement.parameter_count() {
            // SQLite numbers `$2` by where it first stands, not by its name.
            let number = statement.parameter_name(place).and_then(|name| name.get(1..)?.parse::<usize>().ok());
            let value = number.and_then(|number| self.values.get(number.checked_sub(1)?));
            let value = value.ok_or(rusqlite::Error::InvalidParameterCount(place, self.values.len()))?;
            statement.raw_bind_parameter(place, value)?;
        }
        Ok(work(&mut statement)?)
    }

    fn rows<T: FromRow>(&self, connection: &rusqlite::Connection, most: usize) -> Result<Vec<T>, DbError> {
        self.prepared(connection, |statement| {
            let (mut rows, mut found) = (statement.raw_query(), Vec::new());
            while found.len() < most
                && let Some(row) = rows.next()?
            {
                found.push(T::from_row(&Row::Direct(row)));
            }
            Ok(found)
        })?
        .into_iter()
        .collect()
    }
}

/// A row of an answer.
pub(crate) enum Row<'r> {
    Pooled(&'r AnyRow),
    Direct(&'r rusqlite::Row<'r>),
}

impl Row<'_> {
    pub(crate) fn named<T: Column>(&self, name: &'static str) -> Result<T, DbError> {
        match self {
            Self::Pooled(row) => Ok(sqlx::Row::try_get(*row, name)?),
            Self::Direct(row) => Ok(row.get(name)?),
        }
    }

    pub(crate) fn at<T: Column>(&self, place: usize) -> Result<T, DbError> {
        match self {
            Self::Pooled(row) => Ok(sqlx::Row::try_get(*row, place)?),
            Self::Direct(row) => Ok(row.get(place)?),
        }
    }
}

/// What a column can be read as.
pub(crate) trait Column:
    for<'r> sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any> + rusqlite::types::FromSql
{
}

impl Column for i64 {}
impl Column for String {}
impl Column for Option<i64> {}
impl Column for Option<String> {}

/// Where a row stands.
#[derive(Clone, Copy)]
pub(crate) struct Of {
    pub(crate) table: &'static str,
    /// The column that tells it from all others.
    pub(crate) key: &'static str,
}

impl Of {
    pub(crate) fn unreadable(
        self,
        row: &Row<'_>,
        column: &'static str,
        found: String,
        expected: &'static str,
    ) -> DbError {
        match row.named(self.key) {
            Ok(id) => DbError::Unreadable { table: self.table, key: self.key, id, column, found, expected },
            Err(error) => error,
        }
    }
}

/// What a field of [`rows`] can be: a column as it is, or a type of the market that not everything stored is one of.
pub(crate) trait Field: Sized {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError>;
}

impl<T: Column> Field for T {
    fn read(row: &Row<'_>, name: &'static str, _: Of) -> Result<Self, DbError> {
        row.named(name)
    }
}

macro_rules! ids {
    ($($id:ident)*) => {
        $(impl Field for $id {
            fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
                let id = row.named(name)?;
                if (1..=ID_MAX).contains(&id) {
                    Ok(Self(id))
                } else {
                    Err(of.unreadable(row, name, id.to_string(), "an id from 1 to 2^53 - 1"))
                }
            }
        }

        impl Field for Option<$id> {
            fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
                let id: Option<i64> = row.named(name)?;
                id.map(|_| $id::read(row, name, of)).transpose()
            }
        })*
    };
}

ids! { UserId MessageId TokenId NotificationId AttachmentId EscrowId PayoutId }

impl Field for Role {
    fn read(row: &Row<'_>, name: &'static str, of: Of) -> Result<Self, DbError> {
        let word: String = row.named(name)?;
        Self::from_code(&word).ok_or_else(|| of.unreadable(row, name, word, "member or admin"))
    }
}

/// Stored in two columns, `subject_kind` and `subject_id`.
impl Field for Subject {
    fn read(row: &Row<'_>, _: &'static str, of: Of) -> Result<Self, DbError> {
        let kind: String = row.named("subject_kind")?;
        Self::from_parts(&kind, row.named("subject_id")?)
            .ok_or_else(|| of.unreadable(row, "subject_kind", kind, "nothing, job or domain"))
    }
}

/// What a row can be read as: a value of its first column, a tuple, or a struct of [`rows`].
pub(crate) trait FromRow: Sized {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError>;
}

impl<T: Column> FromRow for T {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        row.at(0)
    }
}

macro_rules! tuples {
    ($(($($name:ident $place:tt),*))*) => {
        $(impl<$($name: Column),*> FromRow for ($($name,)*) {
            fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
                Ok(($(row.at::<$name>($place)?,)*))
            }
        })*
    };
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
}

/// Declares a struct of which each field is read from the column of its name.
///
/// Behind `of table by key` fields may have types of their own ([`Field`]); what they cannot read is told with the table and
/// the number in the column `key`.
macro_rules! rows {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident of $table:ident by $key:ident {
        $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $kind:ty,)*
    })*) => {
        $(
            $(#[$meta])*
            $vis struct $name { $($(#[$field_meta])* $field_vis $field: $kind,)* }

            impl $crate::sql::FromRow for $name {
                fn from_row(row: &$crate::sql::Row<'_>) -> Result<Self, $crate::DbError> {
                    let of = $crate::sql::Of { table: stringify!($table), key: stringify!($key) };
                    Ok(Self { $($field: $crate::sql::Field::read(row, stringify!($field), of)?,)* })
                }
            }
        )*
    };
    ($($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$meta])*
            $vis struct $name { $($(#[$field_meta])* $field_vis $field: $kind,)* }

            impl $crate::sql::FromRow for $name {
                fn from_row(row: &$crate::sql::Row<'_>) -> Result<Self, $crate::DbError> {
                    Ok(Self { $($field: row.named(stringify!($field))?,)* })
                }
            }
        )*
    };
}
pub(crate) use rows;

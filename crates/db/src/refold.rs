//! Filling in what the program folds for rows that were written before it did.

use guildhall_market::{ids::UserId, search};

use crate::{
    Connection, DbError, person_words, settings,
    sql::{FromRow, query},
};

/// Rows in one transaction.
const ROWS: i64 = 500;
/// The setting that says which folding the rows have.
const SETTING: &str = "folding";
/// The folding of this version. Another number makes every row be folded anew at the next start.
const VERSION: &str = "3";

/// Folds names and texts that are not folded as this version does it. Does nothing when all are.
///
/// # Errors
/// The database's.
pub(crate) async fn run(connection: &mut Connection) -> Result<(), DbError> {
    if settings::get(connection, SETTING).await?.as_deref() == Some(VERSION) {
        return Ok(());
    }
    rows(
        connection,
        "select id, name from users where id > $1 order by id limit $2",
        |(id, name): (i64, String)| (id, search::fold(&name)),
        "update users set name_folded = $2 where id = $1",
    )
    .await?;
    rows(
        connection,
        "select id, body, user_low, user_high from messages where id > $1 order by id limit $2",
        |(id, body, low, high): (i64, String, i64, i64)| (id, search::indexed(&body, &[UserId(low), UserId(high)])),
        "update messages set search_words = $2 where id = $1",
    )
    .await?;
    people(connection).await?;
    settings::set(connection, SETTING, VERSION).await
}

/// Writes the words anew by which people are found.
async fn people(connection: &mut Connection) -> Result<(), DbError> {
    let mut last = 0;
    loop {
        query("begin").execute(connection).await?;
        let some: Vec<i64> = query("select id from users where id > $1 order by id limit $2")
            .bind(last)
            .bind(ROWS)
            .fetch_all(connection)
            .await?;
        for id in &some {
            person_words::index(connection, UserId(*id)).await?;
        }
        query("commit").execute(connection).await?;
        let Some(id) = some.last() else { return Ok(()) };
        last = *id;
    }
}

async fn rows<T: FromRow>(
    connection: &mut Connection,
    select: &'static str,
    fold: impl Fn(T) -> (i64, String),
    update: &'static str,
) -> Result<(), DbError> {
    let mut last = Some(0);
    while let Some(after) = last.take() {
        query("begin").execute(connection).await?;
        let found: Vec<T> = query(select).bind(after).bind(ROWS).fetch_all(connection).await?;
        for (id, folded) in found.into_iter().map(&fold) {
            query(update).bind(id).bind(folded).execute(connection).await?;
            last = Some(id);
        }
        query("commit").execute(connection).await?;
    }
    Ok(())
}

//! Filling in what the program folds for rows that were written before it did.

use guildhall_market::search;

use crate::{Connection, DbError, settings, sql::query};

/// Rows in one transaction.
const ROWS: i64 = 500;
/// The setting that says which folding the rows have.
const SETTING: &str = "folding";
/// The folding of this version. Another number makes every row be folded anew at the next start.
const VERSION: &str = "1";

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
        search::fold,
        "update users set name_folded = $2 where id = $1",
    )
    .await?;
    rows(
        connection,
        "select id, body from messages where id > $1 order by id limit $2",
        search::indexed,
        "update messages set search_words = $2 where id = $1",
    )
    .await?;
    settings::set(connection, SETTING, VERSION).await
}

async fn rows(
    connection: &mut Connection,
    select: &'static str,
    fold: impl Fn(&str) -> String,
    update: &'static str,
) -> Result<(), DbError> {
    let mut last = 0;
    loop {
        query("begin").execute(connection).await?;
        let found: Vec<(i64, String)> = query(select).bind(last).bind(ROWS).fetch_all(connection).await?;
        for (id, text) in &found {
            query(update).bind(*id).bind(fold(text)).execute(connection).await?;
        }
        query("commit").execute(connection).await?;
        match found.last() {
            Some((id, _)) => last = *id,
            None => return Ok(()),
        }
    }
}

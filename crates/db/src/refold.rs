//! Filling in what the program folds for rows that were written before it did.

use guildhall_market::search;
use sqlx::{AnyConnection, Connection};

use crate::{DbError, settings};

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
pub(crate) async fn run(connection: &mut AnyConnection) -> Result<(), DbError> {
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
    connection: &mut AnyConnection,
    select: &'static str,
    fold: impl Fn(&str) -> String,
    update: &'static str,
) -> Result<(), DbError> {
    let mut last = 0;
    loop {
        let mut transaction = connection.begin().await?;
        let found: Vec<(i64, String)> =
            sqlx::query_as(select).bind(last).bind(ROWS).fetch_all(&mut *transaction).await?;
        for (id, text) in &found {
            sqlx::query(update).bind(id).bind(fold(text)).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        match found.last() {
            Some((id, _)) => last = *id,
            None => return Ok(()),
        }
    }
}

//! The two engines have the same tables, columns and indexes. What differs is named here, with its reason.

#[path = "support/postgres.rs"]
mod postgres;

use std::{collections::BTreeSet, sync::Arc};

use guildhall_db::Db;
use sqlx::{Connection, Row};

/// A table's name, a column's, and whether it may be empty; or an index's name.
type Schema = BTreeSet<(String, String, bool)>;

fn of_sqlite(file: &std::path::Path) -> Schema {
    let connection = rusqlite::Connection::open(file).expect("opens");
    let mut statement = connection
        .prepare(
            "select t.name, c.name, not (c.\"notnull\" or c.pk > 0)
             from sqlite_schema t, pragma_table_info(t.name) c
             where t.type = 'table'
             union all
             select '', name, 0 from sqlite_schema where type = 'index' and sql is not null",
        )
        .expect("a statement");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("rows");
    rows.map(|row| row.expect("a row")).collect()
}

async fn of_postgres(url: &str) -> Schema {
    let mut connection = sqlx::PgConnection::connect(url).await.expect("connects");
    let columns = sqlx::query(
        "select table_name::text, column_name::text, is_nullable = 'YES'
         from information_schema.columns
         where table_schema = 'public'
         union all
         select '', i.indexname::text, false
         from pg_indexes i
         where i.schemaname = 'public' and i.indexname not in (select conname from pg_constraint)",
    )
    .fetch_all(&mut connection)
    .await
    .expect("rows");
    columns.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

/// What one engine has alone.
fn is_its_own(name: &str) -> bool {
    // Migrations are noted by the library, and words are indexed in tables of SQLite's own, or in an index of PostgreSQL's.
    ["_sqlx_migrations", "messages_search", "sqlite_"].iter().any(|part| name.starts_with(part))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_engines_have_the_same_tables_columns_and_indexes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("hall.sqlite");
    let server = postgres::Postgres::start();
    let url = server.database("schemas");
    for url in [format!("sqlite:{}", file.display()), url.clone()] {
        Db::open(&url, Arc::new(|_| {})).await.expect("opens").close().await;
    }
    let ours = |schema: Schema| -> Schema {
        schema.into_iter().filter(|(table, name, _)| !is_its_own(table) && !is_its_own(name)).collect()
    };
    let (sqlite, postgres) = (ours(of_sqlite(&file)), ours(of_postgres(&url).await));
    assert!(sqlite.len() > 80, "{}", sqlite.len());
    let only = |a: &Schema, b: &Schema| a.difference(b).cloned().collect::<Vec<_>>();
    assert_eq!(
        (only(&sqlite, &postgres), only(&postgres, &sqlite)),
        (Vec::new(), Vec::new()),
        "SQLite's alone, PostgreSQL's alone"
    );
}

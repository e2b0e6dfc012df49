//! Databases that are out there open with every version that comes: no migration that reached anybody is changed, and
//! those that were made by the one text that was changed open too.

#[path = "support/postgres.rs"]
mod postgres;

use std::{fmt::Write as _, path::Path, sync::Arc};

use guildhall_db::Db;
use sqlx::{AnyConnection, Connection as _, Executor as _, Row as _, migrate::Migrator};

/// Beside this crate. A line for each migration that reached anybody: folder, number, SHA-384. `UPDATE=1` adds new ones and changes none.
const LANDED: &str = "migrations/landed.txt";

#[tokio::test]
async fn no_migration_that_reached_anybody_is_changed() {
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where");
    let here = Path::new(&here);
    let list = here.join(LANDED);
    let landed = std::fs::read_to_string(&list).expect("the list is there");
    let mut now = String::new();
    let mut new = String::new();
    for folder in ["db/migrations/sqlite", "db/migrations/postgres", "cache/migrations/cache", "cache/migrations/own"] {
        let path = here.parent().expect("the crates' folder").join(folder);
        for migration in Migrator::new(path).await.expect("readable migrations").iter() {
            let line = format!("{folder} {:04} {}", migration.version, hex::encode(&*migration.checksum));
            if !landed.lines().any(|known| known == line) {
                let name = format!("{folder} {:04} ", migration.version);
                assert!(
                    !landed.lines().any(|known| known.starts_with(&name)),
                    "{name}was changed. Databases that ran it would not open any more: put its text back, and write a \
                     new migration"
                );
                let _ = writeln!(new, "{line}");
            }
            let _ = writeln!(now, "{line}");
        }
    }
    for known in landed.lines() {
        assert!(
            now.lines().any(|line| line == known),
            "{known} is gone. Databases that ran it would not open any more"
        );
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&list, now).expect("the list is written");
    } else {
        assert_eq!(new, "", "new migrations are noted by UPDATE=1 cargo test --workspace --test landed");
    }
}

/// The hash of migration 15 before it made an index.
async fn as_it_was(url: &str, earlier: &str) {
    let mut connection = AnyConnection::connect(url).await.expect("connects");
    for statement in ["drop index codes_user", "delete from _sqlx_migrations where version = 28"] {
        connection.execute(statement).await.expect("a statement");
    }
    sqlx::query("update _sqlx_migrations set checksum = $1 where version = 15")
        .bind(hex::decode(earlier).expect("hex"))
        .execute(&mut connection)
        .await
        .expect("a statement");
    connection.close().await.expect("closes");
}

async fn has_the_index(url: &str, query: &'static str) -> bool {
    let mut connection = AnyConnection::connect(url).await.expect("connects");
    let rows = sqlx::query(query).fetch_all(&mut connection).await.expect("rows");
    rows.iter().any(|row| row.get::<String, _>(0) == "codes_user")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_made_by_the_text_that_was_changed_opens_and_gets_what_it_lacks() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = postgres::Postgres::start();
    for (url, earlier, indexes) in [
        (
            format!("sqlite:{}", folder.path().join("hall.sqlite").display()),
            "61d9624506367b1e5d34592dd9096a56c5446a328f8b3f44f511456a55fc533e86f48a74d8a79e0f881f56c711c29e2f",
            "select name from sqlite_schema where type = 'index'",
        ),
        (
            server.database("landed"),
            "06cc9e712004aeb541076676011d7f1627c3b38fed296baf93f066e9c1d2bc11cb21e650cf88fa29aacae1d7de31a5f0",
            "select indexname::text from pg_indexes",
        ),
    ] {
        Db::open(&url, Arc::new(|_| {})).await.expect("opens").close().await;
        as_it_was(&url, earlier).await;
        assert!(!has_the_index(&url, indexes).await);
        for _ in 0..2 {
            Db::open(&url, Arc::new(|_| {})).await.unwrap_or_else(|e| panic!("{url}: {e}")).close().await;
        }
        assert!(has_the_index(&url, indexes).await, "{url}");
        as_it_was(&url, "00").await;
        assert!(Db::open(&url, Arc::new(|_| {})).await.is_err(), "a text that nobody knows is refused");
    }
}

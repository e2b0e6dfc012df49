//! A defect takes one command along, never those behind it, and never the writer.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use guildhall_db::{Committed, Db, DbError, Outgoing, settings};

async fn open(on_commit: impl Fn(Vec<Outgoing>) + Send + Sync + 'static) -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("hall.sqlite").display());
    (Db::open(&url, Arc::new(on_commit)).await.expect("it opens"), folder)
}

async fn set(db: &Db, name: &'static str) -> Result<String, DbError> {
    db.write(move |c| Box::pin(async move { settings::get_or_set(c, name, "kept").await.map(Committed::quiet) })).await
}

async fn get(db: &Db, name: &str) -> Option<String> {
    settings::get(&mut db.read().await.expect("a connection"), name).await.expect("it reads")
}

#[tokio::test]
async fn a_command_that_panics_is_one_refused_command() {
    let (db, _folder) = open(|_| {}).await;
    // Those that share a transaction with it, before and behind.
    let bad = db.write::<(), DbError, _>(|c| {
        Box::pin(async move {
            settings::get_or_set(c, "half", "written").await?;
            panic!("a defect")
        })
    });
    let (before, bad, behind) = tokio::join!(set(&db, "before"), bad, set(&db, "behind"));
    assert!(matches!(bad, Err(DbError::Panicked(words)) if words == "a defect"));
    assert_eq!((before.expect("kept"), behind.expect("kept")), ("kept".to_owned(), "kept".to_owned()));
    assert_eq!(get(&db, "half").await, None, "nothing of it is kept");
    assert_eq!((db.writer_health().command_panics(), db.writer_health().writer_panics()), (1, 0));
    set(&db, "after").await.expect("the writer goes on");
}

#[tokio::test]
async fn a_writer_that_panics_goes_on_and_says_so() {
    let broken = Arc::new(AtomicBool::new(true));
    let breaks = Arc::clone(&broken);
    let (db, _folder) = open(move |_| assert!(!breaks.load(Relaxed), "a defect of whoever publishes")).await;
    assert_eq!(set(&db, "one").await.expect("it is durable"), "kept");
    assert_eq!(db.writer_health().writer_panics(), 1);
    assert!(db.writer_health().last_writer_panic().is_some());
    broken.store(false, Relaxed);
    set(&db, "two").await.expect("the writer goes on");
    assert_eq!((get(&db, "one").await, get(&db, "two").await), (Some("kept".into()), Some("kept".into())));
}

/// A write that never ends: SQLite gives up the whole transaction when it is broken off.
const ENDLESS: &str = "insert into server_settings (name, value) select 'endless', ''
    where (with recursive t (n) as (select 1 union all select n + 1 from t) select count(*) from t) > 0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_takes_too_long_is_broken_off_and_takes_nobody_along() {
    let left = Arc::new(std::sync::Mutex::new(0));
    let counted = Arc::clone(&left);
    let (db, _folder) = open(move |events| *counted.lock().expect("not poisoned") += events.len()).await;
    let told = db.write::<(), DbError, _>(|c| {
        Box::pin(async move {
            settings::set(c, "told", "once").await?;
            let event =
                Outgoing { channel: "c".into(), event: "e".into(), data: "{}".into(), seq: None, except_socket: None };
            Ok(Committed { value: (), events: vec![event] })
        })
    });
    let slow =
        db.write::<(), DbError, _>(|c| Box::pin(async move { c.pragma(ENDLESS).await.map(|_| Committed::quiet(())) }));
    let (before, told, slow, behind) = tokio::join!(set(&db, "before"), told, slow, set(&db, "behind"));
    assert!(matches!(slow, Err(DbError::TooSlow)), "{slow:?}");
    told.expect("kept");
    assert_eq!((before.expect("kept"), behind.expect("kept")), ("kept".to_owned(), "kept".to_owned()));
    assert_eq!(get(&db, "told").await.as_deref(), Some("once"));
    assert_eq!(get(&db, "endless").await, None);
    assert_eq!(*left.lock().expect("not poisoned"), 1, "its event left once");
    // What merely waits is no better.
    let waits = db.write::<(), DbError, _>(|_| Box::pin(std::future::pending())).await;
    assert!(matches!(waits, Err(DbError::TooSlow)), "{waits:?}");
    set(&db, "after").await.expect("the writer goes on");
    db.close().await;
    assert!(matches!(set(&db, "closed").await, Err(DbError::Busy)));
}

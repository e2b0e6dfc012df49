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

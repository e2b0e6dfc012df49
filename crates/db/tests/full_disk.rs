//! A full disk refuses the command and keeps what was there. The database is told that it may not grow any more, which
//! SQLite answers exactly as it answers a full disk.

use std::sync::Arc;

use guildhall_db::{Committed, Db, DbError, settings};

async fn keep(db: &Db, name: String, value: String) -> Result<String, DbError> {
    db.write(move |c| Box::pin(async move { settings::get_or_set(c, &name, &value).await.map(Committed::quiet) })).await
}

async fn tell(db: &Db, pragma: &'static str) {
    db.write::<(), DbError, _>(move |c| {
        Box::pin(async move {
            c.pragma(pragma).await?;
            Ok(Committed::quiet(()))
        })
    })
    .await
    .expect("the writer's connection takes a pragma");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_the_command_and_keeps_what_was_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("hall.sqlite").display());
    let db = Db::open(&url, Arc::new(|_| {})).await.expect("a fresh database opens");
    keep(&db, "before".into(), "kept".into()).await.expect("there is room");
    tell(&db, "pragma max_page_count = 1").await;
    let large = "x".repeat(200_000);
    // Several at once share a transaction; each is told, and none of them is half there.
    let waiting = (0..8).map(|n| keep(&db, format!("large-{n}"), large.clone()));
    for refused in futures_util::future::join_all(waiting).await {
        assert!(matches!(refused, Err(DbError::Full)), "{:?}", refused.map(|v| v.len()));
    }
    let mut c = db.read().await.expect("reading goes on");
    assert_eq!(settings::get(&mut c, "before").await.expect("read").as_deref(), Some("kept"));
    assert_eq!(settings::get(&mut c, "large-0").await.expect("read"), None);
    drop(c);
    tell(&db, "pragma max_page_count = 1073741824").await;
    keep(&db, "after".into(), large).await.expect("there is room again, and the writer goes on");
    db.close().await;
}

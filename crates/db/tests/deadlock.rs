//! Two commands that wait for each other on PostgreSQL: one has to give way, and is carried out all the same, once.

#[path = "support/postgres.rs"]
mod postgres;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use guildhall_db::{Committed, Db, DbError, settings};
use tokio::sync::Barrier;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_has_to_give_way_is_tried_again_and_counts_once() {
    let server = postgres::Postgres::start();
    let db = Db::open(&server.database("deadlock"), Arc::new(|_| {})).await.expect("a fresh database opens");
    for name in ["a", "b"] {
        db.write::<(), DbError, _>(move |c| {
            Box::pin(async move { settings::set(c, name, "0").await.map(Committed::quiet) })
        })
        .await
        .expect("stored");
    }
    let (both_hold_one, tries) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
    let add = |first: &'static str, second: &'static str| {
        let (db, both_hold_one, tries) = (db.clone(), Arc::clone(&both_hold_one), Arc::clone(&tries));
        tokio::spawn(async move {
            db.write::<(), DbError, _>(move |c| {
                let (both_hold_one, tries) = (Arc::clone(&both_hold_one), Arc::clone(&tries));
                Box::pin(async move {
                    let number = tries.fetch_add(1, Ordering::SeqCst);
                    for (place, name) in [first, second].into_iter().enumerate() {
                        settings::set(c, name, if number < 2 { "first" } else { "again" }).await?;
                        if place == 0 && number < 2 {
                            both_hold_one.wait().await;
                        }
                    }
                    Ok(Committed::quiet(()))
                })
            })
            .await
        })
    };
    let (one, other) = (add("a", "b"), add("b", "a"));
    one.await.expect("no panic").expect("carried out");
    other.await.expect("no panic").expect("carried out");
    assert_eq!(tries.load(Ordering::SeqCst), 3, "one of the two was tried again");
    let mut c = db.read().await.expect("a connection");
    for name in ["a", "b"] {
        assert_eq!(settings::get(&mut c, name).await.expect("read").as_deref(), Some("again"), "{name}");
    }
}

//! The audit is only added to, on both engines: not even whoever has the database changes what stands there by the way.

#[path = "support/postgres.rs"]
mod postgres;

use std::sync::Arc;

use guildhall_db::{
    Committed, Db, DbError,
    audit::{self, Act, Actor, Filter},
    people,
};
use guildhall_market::{ids::UserId, time::Timestamp};
use sqlx::any::AnyPoolOptions;

const NOW: Timestamp = Timestamp(1_763_856_000_000);

async fn check(url: String) {
    let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
    let mut ids = Vec::new();
    for n in 0..250 {
        let new = people::NewUser {
            email: format!("{n}@example.com"),
            name: format!("Person {n}"),
            password_hash: "hash".into(),
            role: "member",
            craft: None,
        };
        let made = db.write::<UserId, people::CreateError, _>(move |c| {
            Box::pin(async move { people::create(c, &new, NOW).await.map(Committed::quiet) })
        });
        ids.push(made.await.expect("an account"));
    }
    let about = ids.clone();
    let add = move |action: &'static str, about: Vec<UserId>| {
        let db = db.clone();
        async move {
            let written = db.write::<(), DbError, _>(move |c| {
                Box::pin(async move {
                    let by = Actor { user: Some(about[0]), token: None, address: None };
                    let subject = ("server", 0);
                    let act = Act { action, subject, about: &about[1..], look: true, reason: "why", detail: "{}" };
                    audit::add(c, &by, &act, NOW).await.map(Committed::quiet)
                })
            });
            written.await.expect("written");
            db
        }
    };
    add("a.look", about.clone()).await;
    let db = add("b.look", vec![about[0]]).await;
    let mut c = db.read().await.expect("a connection");
    let all = audit::list(&mut c, &Filter::default(), 500).await.expect("read");
    assert_eq!(all.len(), 250, "a row for each of 249, and one about nobody");
    assert_eq!((all[0].about_id, all[0].actor_name.as_deref()), (None, Some("Person 0")));
    let one = Filter { about: Some(ids[7]), ..Filter::default() };
    assert_eq!(audit::list(&mut c, &one, 500).await.expect("read").len(), 1);
    let day = Filter { until: Some(NOW), ..Filter::default() };
    assert!(audit::list(&mut c, &day, 500).await.expect("read").is_empty());
    drop(c);
    sqlx::any::install_default_drivers();
    let pool = AnyPoolOptions::new().max_connections(1).connect(&url).await.expect("connects");
    for statement in ["update audit set reason = 'another'", "delete from audit where id = 1", "delete from audit"] {
        let refused = sqlx::query(statement).execute(&pool).await.expect_err(statement);
        assert!(refused.to_string().contains("only added to"), "{statement}: {refused}");
    }
    pool.close().await;
    let mut c = db.read().await.expect("a connection");
    let still = audit::list(&mut c, &Filter::default(), 500).await.expect("read");
    assert!(still.len() == 250 && still.iter().all(|row| row.reason == "why"));
    drop(c);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_is_only_added_to_on_sqlite() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    check(format!("sqlite:{}", folder.path().join("hall.sqlite").display())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audit_is_only_added_to_on_postgresql() {
    let server = postgres::Postgres::start();
    check(server.database("audit")).await;
}

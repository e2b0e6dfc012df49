//! What only a database server of its own can show: commands that wait for each other, senders that vanish, a server that
//! is away.

use std::{sync::Arc, time::Duration};

use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{postgres_server::Postgres, stranger::Stranger};

async fn world(database: &str) -> World {
    let database = database.to_owned();
    World::start_with(|config| config.database = Some(database)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_delivering_and_deleting_at_once_is_never_an_error() {
    let postgres = Postgres::start();
    let world = world(&postgres.database("mixed")).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    for round in 0..6 {
        let mut ids = Vec::new();
        for n in 0..8 {
            let (from, to) = if n % 2 == 0 { (&ana, &tunde) } else { (&tunde, &ana) };
            ids.push((n, from.send(to, &format!("{round} {n}")).await.body["data"]["id"].as_i64().expect("an id")));
        }
        let up_to = ids.last().expect("some").1;
        let mut asked = Vec::new();
        for (me, other) in [(&ana, &tunde), (&tunde, &ana)] {
            for _ in 0..3 {
                for (path, body) in [
                    ("/api/messages/read", json!({"up_to": up_to, "user_id": other.id})),
                    ("/api/messages/delivered", json!({"up_to": up_to})),
                ] {
                    let me = me.clone();
                    asked.push(tokio::spawn(async move { me.post(path, body).await.status }));
                }
            }
        }
        for (n, id) in ids {
            let me = if n % 2 == 0 { ana.clone() } else { tunde.clone() };
            asked.push(tokio::spawn(async move {
                me.ask(Method::DELETE, &format!("/api/messages/{id}"), None, &[]).await.status
            }));
        }
        for answer in asked {
            let status = answer.await.expect("no panic");
            assert!(status.is_success(), "{status}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_who_vanishes_keeps_no_event_back() {
    let postgres = Postgres::start();
    let world = world(&postgres.database("vanish")).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let mut socket = tunde.listen().await;
    let ana = Arc::new(ana);
    for n in 0..40_u64 {
        let (ana, to) = (Arc::clone(&ana), tunde.clone());
        let asked =
            tokio::spawn(async move { ana.send_with_key(&to, &format!("m{n}"), &format!("k{n}")).await.status });
        // Gone somewhere between the first byte and the answer.
        tokio::time::sleep(Duration::from_micros(300 * n)).await;
        asked.abort();
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let stored = tunde.get(&format!("/api/messages/conversations/{}?per_page=100", ana.id)).await.body;
    let mut stored: Vec<String> = stored["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["content"].as_str().expect("text").to_owned())
        .collect();
    stored.sort();
    assert!(stored.len() > 3, "some were accepted: {stored:?}");
    let mut heard = Vec::new();
    while heard.len() < stored.len() {
        heard.push(socket.hear("message.sent").await["content"].as_str().expect("text").to_owned());
    }
    heard.sort();
    assert_eq!(heard, stored, "every message that is stored was told live");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_database_the_server_says_so_within_three_seconds_and_goes_on_when_it_is_back() {
    let postgres = Postgres::start();
    let world = world(&postgres.database("away")).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    postgres.stop();
    for _ in 0..2 {
        let began = std::time::Instant::now();
        let read = ana.get("/api/user").await;
        assert_eq!((read.status, read.code()), (StatusCode::SERVICE_UNAVAILABLE, "no_database"), "{}", read.body);
        assert!(read.retry_after.is_some());
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    }
    let health = reqwest::get(format!("{}/health", world.url())).await.expect("an answer");
    assert_eq!(health.status(), StatusCode::SERVICE_UNAVAILABLE);
    postgres.resume();
    for _ in 0..50 {
        if ana.send(&tunde, "back").await.status == StatusCode::CREATED {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("it goes on when the database is back");
}

//! A clock that stepped stops nobody: limits on people are measured on one that cannot be set.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use guildhall_db::{Committed, Db, DbError, messages};
use guildhall_market::{ids::UserId, messages::Subject, time::Timestamp};
use guildhall_server::clock::{Clock, HandClock};
use guildhall_testkit::{World, eventually, world::PASSWORD};
use reqwest::StatusCode;
use serde_json::json;

use crate::stranger::Stranger;

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as i64
}

/// What a server leaves behind whose clock was ten days ahead.
async fn write_ten_days_ahead(world: &World, from: i64, to: i64) {
    let url = format!("sqlite:{}", world.server_folder().join("hall.sqlite").display());
    let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
    let new = messages::NewMessage {
        sender: UserId(from),
        recipient: UserId(to),
        subject: Subject::None,
        body: "from the future".into(),
        message_type: "text".into(),
        client_key: None,
        written_at: None,
    };
    let at = Timestamp(now_ms() + 10 * 86_400_000);
    db.write::<_, DbError, _>(move |c| {
        Box::pin(async move { messages::insert(c, &new, at).await.map(Committed::quiet) })
    })
    .await
    .expect("stored");
    db.close().await;
}

#[tokio::test]
async fn e21_a_message_from_ten_days_ahead_stops_neither_writing_nor_signing_in() {
    let mut world = World::start_with(|config| config.message_rate_max = 5).await;
    let person = world.person("Ana").await;
    let (mut ana, mut tunde) = (Stranger::sign_in(&world, &person).await, Stranger::new(&world, "Tunde").await);
    world.stop_server().await;
    write_ten_days_ahead(&world, ana.id, tunde.id).await;
    world.start_server().await;
    (ana.url, tunde.url) = (world.url(), world.url());
    let mut sent = 0;
    for n in 0..14 {
        let answer = ana.send(&tunde, &format!("message {n}")).await;
        match answer.status {
            StatusCode::CREATED => sent += 1,
            _ => {
                assert_eq!((answer.status, answer.retry_after), (StatusCode::TOO_MANY_REQUESTS, Some(1)));
                tokio::time::sleep(std::time::Duration::from_millis(1_000)).await;
            }
        }
    }
    assert!(sent > 10, "only {sent} messages could be sent");
    let newest = tunde.get(&format!("/api/messages/conversations/{}", ana.id)).await.body["data"][0].clone();
    let at = newest["created_at"].as_str().expect("a time");
    assert!(at < "9999" && newest["content"].as_str().expect("text").starts_with("message"), "ordered by id: {newest}");
    let today = tunde.get("/api/user").await.body["data"]["joined_at"].as_str().expect("a time")[..10].to_owned();
    assert_eq!(at[..10], today, "by the true clock");
    // Wrong guesses are forgotten after their minute, not after ten days: the budget is not by the market's time at all.
    for _ in 0..3 {
        ana.post("/api/login", json!({"email": person.email, "password": "wrong password"})).await;
    }
    let answer = ana.post("/api/login", json!({"email": person.email, "password": PASSWORD})).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn e24_a_written_at_far_ahead_is_left_out_and_the_message_is_stored() {
    let world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let send = async |written_at: &str| {
        ana.post("/api/messages", json!({"recipient_id": tunde.id, "content": "x", "written_at": written_at})).await
    };
    let ahead = send("2999-01-01T00:00:00Z").await;
    assert_eq!((ahead.status, &ahead.body["data"]["written_at"]), (StatusCode::CREATED, &serde_json::Value::Null));
    let past = send("2020-02-03T04:05:06+01:00").await;
    assert_eq!(past.body["data"]["written_at"], "2020-02-03T03:05:06.000Z");
    for wrong in ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00", "0000-12-31T00:00:00Z", "yesterday"] {
        let answer = send(wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {}", answer.body);
        assert!(answer.body["message"].as_str().expect("words").contains("0001 to 9999"), "{}", answer.body);
    }
}

#[tokio::test]
async fn e85_refused_and_failed_sends_cost_no_budget() {
    let world = World::start_with(|config| config.message_rate_max = 5).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    for _ in 0..12 {
        let body = json!({"recipient_id": tunde.id, "content": "x", "attachments": [999]});
        assert_eq!(ana.post("/api/messages", body).await.code(), "attachment_missing");
    }
    for n in 0..5 {
        assert_eq!(ana.send_with_key(&tunde, "x", &format!("k{n}")).await.status, StatusCode::CREATED, "{n}");
    }
    // Saying it again says nothing new, and costs nothing.
    for n in 0..5 {
        assert_eq!(ana.send_with_key(&tunde, "x", &format!("k{n}")).await.status, StatusCode::CREATED, "{n} again");
    }
}

fn ms_of(text: &serde_json::Value) -> i64 {
    let at: guildhall_contract::wire_time::WireTime = serde_json::from_value(text.clone()).expect("a time");
    at.0.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_has_the_time_at_which_it_arrived_however_long_it_waits() {
    let clock = HandClock::default();
    let hands = Arc::new(clock.clone());
    let world = World::start_with(|config| config.clock = hands).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    // Somebody else holds the database, so that the server's writer has to wait.
    let url = format!("sqlite:{}", world.server_folder().join("hall.sqlite").display());
    let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
    let (held, release) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let (holds, released) = (Arc::clone(&held), Arc::clone(&release));
    let holding = tokio::spawn(async move {
        db.write::<(), DbError, _>(move |c| {
            let (holds, released) = (Arc::clone(&holds), Arc::clone(&released));
            Box::pin(async move {
                guildhall_db::settings::set(c, "held", "yes").await?;
                holds.notify_one();
                released.notified().await;
                Ok(Committed::quiet(()))
            })
        })
        .await
        .expect("held");
        db.close().await;
    });
    held.notified().await;
    let before = clock.now();
    let sending = ana.send(&tunde, "in time");
    let moving = async {
        tokio::time::sleep(std::time::Duration::from_millis(700)).await;
        clock.advance(std::time::Duration::from_secs(3_600));
        release.notify_one();
    };
    let (answer, ()) = tokio::join!(sending, moving);
    holding.await.expect("no panic");
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let at = ms_of(&answer.body["data"]["created_at"]);
    assert!((0..3_000_000).contains(&(at - before.0)), "an hour late: {}", at - before.0);
    let late = ana.send(&tunde, "an hour later").await;
    assert!(ms_of(&late.body["data"]["created_at"]) - at >= 3_600_000 - 1_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hands_of_a_server_move_everything_that_waits_in_it() {
    let clock = HandClock::default();
    let hands = Arc::new(clock.clone());
    let world = World::start_with(|config| config.clock = hands).await;
    let ana = Stranger::new(&world, "Ana").await;
    let time = async || {
        let body = ana.get("/api/time").await.body;
        let of = |name: &str| body["data"][name].as_f64().expect("milliseconds");
        assert!(of("received_at") <= of("sent_at"), "{body}");
        of("sent_at") as i64
    };
    let before = time().await;
    let kept = || {
        let folders = std::fs::read_dir(world.server_folder().join("files")).into_iter().flatten().flatten();
        folders.map(|folder| std::fs::read_dir(folder.path()).map_or(1, Iterator::count)).sum::<usize>()
    };
    let upload = ana.upload("plan.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n".to_vec()).await;
    assert_eq!((upload.status, kept()), (StatusCode::CREATED, 1), "{}", upload.body);
    // After a day what nobody sent is swept, by the task that wakes every hour.
    let mut hours = 0;
    eventually("what nobody sent is gone", async || {
        clock.advance(std::time::Duration::from_secs(3_600));
        hours += 1;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        kept() == 0
    })
    .await;
    assert!(hours >= 24, "and not before: {hours}");
    assert!(time().await - before >= hours * 3_600_000);
}

//! What administrators say to everybody: who may, what, and who hears it.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use guildhall_market::time::{DAY_MS, HOUR_MS, Timestamp};
use guildhall_server::clock::HandClock;
use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{golden::Story, stranger::Stranger};

const PATH: &str = "/api/admin/announcement";

async fn administrator(world: &World) -> Stranger {
    let boss = Stranger::new(world, "Boss").await;
    assert!(world.server().set_admin("boss@example.com", true).await.expect("the database works"));
    boss
}

fn in_ms(ms: i64) -> Value {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let wall_ms = i64::try_from(wall.as_millis()).expect("for a while yet");
    serde_json::to_value(guildhall_contract::wire_time::WireTime(Timestamp(wall_ms).plus_ms(ms))).expect("a time")
}

#[tokio::test]
async fn administrators_say_it_everybody_hears_it_and_nobody_else_may() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world).await, Stranger::new(&world, "Ana").await);
    let mut socket = ana.listen_to("private-system").await;
    for method in [Method::PUT, Method::DELETE] {
        let body = (method == Method::PUT).then(|| json!({ "text": "I am not the boss" }));
        let refused = ana.ask(method, PATH, body, &[]).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "forbidden"));
        assert_eq!(refused.body["message"], "Announcements are for administrators to make.");
    }
    assert_eq!(ana.get("/api/announcement").await.body["data"], Value::Null, "nothing happened");

    let said = boss.ask(Method::PUT, PATH, Some(json!({ "text": " Back at noon " })), &[]).await;
    assert_eq!((said.status, &said.body["data"]["number"]), (StatusCode::OK, &json!(1)));
    let heard = socket.hear("system.announced").await;
    assert_eq!(heard, said.body["data"]);
    assert_eq!(ana.get("/api/announcement").await.body["data"], said.body["data"]);

    let taken_back = boss.ask(Method::DELETE, PATH, None, &[]).await.body["data"].clone();
    assert_eq!((&taken_back["number"], &taken_back["text"]), (&json!(2), &Value::Null));
    assert_eq!(ana.get("/api/announcement").await.body["data"]["text"], Value::Null);
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_in_words_and_what_is_over_is_over() {
    let clock = HandClock::default();
    let hands = Arc::new(clock.clone());
    let world = World::start_with(|config| config.clock = hands).await;
    let boss = administrator(&world).await;
    let say = async |body: Value| boss.ask(Method::PUT, PATH, Some(body), &[]).await;
    for (text, code) in [(" ".to_owned(), "empty"), ("x".repeat(1_001), "too_long")] {
        let refused = say(json!({ "text": text })).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, code));
        assert!(refused.body["errors"]["text"].is_array(), "{}", refused.body);
    }
    for until in [in_ms(-1_000), in_ms(31 * DAY_MS)] {
        let refused = say(json!({ "text": "x", "until": until })).await;
        let words = "The end must be in the future, and at most 30 days away.";
        assert_eq!(refused.body["errors"]["until"], json!([words]), "{}", refused.body);
    }
    let told = say(json!({ "text": "Back in an hour", "until": in_ms(HOUR_MS) })).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    let now = async || boss.get("/api/announcement").await.body["data"]["text"].clone();
    assert_eq!(now().await, "Back in an hour");
    let mut socket = boss.listen_to("private-system").await;
    clock.advance(Duration::from_secs(2 * 3_600));
    let told = socket.hear("system.announced").await;
    assert_eq!((&told["number"], &told["text"]), (&json!(2), &Value::Null), "whoever sees it is told that it is over");
    assert_eq!(now().await, Value::Null);

    assert_eq!(say(json!({ "text": "For an hour", "until": in_ms(3 * HOUR_MS) })).await.status, StatusCode::OK);
    assert_eq!(say(json!({ "text": "For good" })).await.status, StatusCode::OK);
    clock.advance(Duration::from_secs(24 * 3_600));
    assert_eq!(now().await, "For good", "the end of the one before is not its own");
}

#[tokio::test]
async fn a_key_is_taken_once() {
    let world = World::start().await;
    let boss = administrator(&world).await;
    for _ in 0..2 {
        let body = Some(json!({ "text": "Once" }));
        let said = boss.ask(Method::PUT, PATH, body, &[("Idempotency-Key", "k-1")]).await;
        assert_eq!(said.body["data"]["number"], 1);
    }
}

#[tokio::test]
async fn the_wire_is_what_it_was_to_the_letter() {
    let world = World::start().await;
    let boss = administrator(&world).await;
    let mut story = Story::of(&boss);
    story.get("announcement_none.json", "/api/announcement").await;
    story.ask("announcement_put.json", Method::PUT, PATH, Some(json!({ "text": "Back at noon" }))).await;
    story.ask("announcement_deleted.json", Method::DELETE, PATH, None).await;
    story.end();
}

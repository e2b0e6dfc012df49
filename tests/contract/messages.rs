//! Messages over REST, row by row of the market's edge cases.

use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::stranger::Stranger;

async fn two() -> (World, Stranger, Stranger) {
    let world =
        World::start_with(|config| config.message_rate_max = guildhall_market::messages::RATE_MESSAGES_MAX).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    (world, ana, tunde)
}

async fn two_fast() -> (World, Stranger, Stranger) {
    let world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    (world, ana, tunde)
}

#[tokio::test]
async fn e85_the_sixth_message_within_a_second_is_429_and_is_taken_afterwards() {
    let (_world, ana, tunde) = two().await;
    let burst = futures_util::future::join_all((0..6).map(|n| {
        let (ana, tunde) = (ana.clone(), tunde.clone());
        async move { ana.send(&tunde, &format!("{n}")).await }
    }))
    .await;
    let refused: Vec<_> = burst.iter().filter(|a| a.status == StatusCode::TOO_MANY_REQUESTS).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].retry_after, refused[0].code()), (Some(1), "too_many_messages"));
    tokio::time::sleep(std::time::Duration::from_millis(1_050)).await;
    assert_eq!(ana.send(&tunde, "later").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn e87_two_devices_of_one_user_share_one_budget() {
    let (world, ana, tunde) = two().await;
    let person = guildhall_testkit::Person {
        id: guildhall_market::ids::UserId(ana.id),
        name: "Ana".into(),
        email: "ana@example.com".into(),
    };
    let phone = Stranger::sign_in(&world, &person).await;
    let burst = futures_util::future::join_all((0..6).map(|n| {
        let (device, tunde) = (if n % 2 == 0 { ana.clone() } else { phone.clone() }, tunde.clone());
        async move { device.send(&tunde, "x").await.status }
    }))
    .await;
    assert_eq!(burst.iter().filter(|s| **s == StatusCode::TOO_MANY_REQUESTS).count(), 1);
}

#[tokio::test]
async fn e89_the_same_key_gets_the_first_answer_and_another_body_is_refused() {
    let (_world, ana, tunde) = two_fast().await;
    let first = ana.send_with_key(&tunde, "once", "k1").await;
    let again = ana.send_with_key(&tunde, "once", "k1").await;
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.body, again.body);
    let other = ana.send_with_key(&tunde, "twice", "k1").await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "key_reused"));
    // Keys are each user's own, and a refused command leaves its key free.
    assert_eq!(tunde.send_with_key(&ana, "once", "k1").await.status, StatusCode::CREATED);
    assert_eq!(ana.send_with_key(&tunde, " ", "k2").await.code(), "empty");
    assert_eq!(ana.send_with_key(&tunde, "now", "k2").await.status, StatusCode::CREATED);
    let page = tunde.get(&format!("/api/messages/conversations/{}", ana.id)).await;
    assert_eq!(page.body["data"].as_array().map(Vec::len), Some(3));
    assert_eq!(ana.send_with_key(&tunde, "x", &"k".repeat(256)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn e91_marking_read_twice_by_the_sender_and_by_a_stranger() {
    let (world, ana, tunde) = two_fast().await;
    let lena = Stranger::new(&world, "Lena").await;
    let id = ana.send(&tunde, "read me").await.body["data"]["id"].clone();
    let path = format!("/api/messages/{id}/read");
    let read = async |who: &Stranger, method| who.ask(method, &path, None, &[]).await;
    assert_eq!(read(&ana, Method::PATCH).await.status, StatusCode::FORBIDDEN);
    assert_eq!(read(&lena, Method::PATCH).await.status, StatusCode::NOT_FOUND);
    let first = read(&tunde, Method::PATCH).await;
    assert_eq!((first.status, first.body["data"]["is_read"].as_bool()), (StatusCode::OK, Some(true)));
    assert_eq!(
        read(&tunde, Method::PUT).await.body["data"]["read_at"],
        first.body["data"]["read_at"],
        "the first time counts"
    );
    let feed = ana.get("/api/feed").await;
    let reads = feed.body["data"].as_array().expect("rows").iter().filter(|row| row["event"] == "message.read").count();
    assert_eq!(reads, 1);
}

#[tokio::test]
async fn e92_the_feed_is_dense_and_continues_from_any_number() {
    let (_world, ana, tunde) = two_fast().await;
    for n in 0..10 {
        ana.send(&tunde, &format!("{n}")).await;
    }
    let page = tunde.get("/api/feed?limit=4").await.body;
    let seqs: Vec<i64> = page["data"].as_array().expect("rows").iter().filter_map(|row| row["seq"].as_i64()).collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
    assert_eq!(
        (page["meta"]["latest"].as_i64(), page["meta"]["oldest"].as_i64()),
        (Some(11), Some(1)),
        "ten messages, one notice"
    );
    let rest = tunde.get("/api/feed?after=4").await.body;
    assert_eq!(rest["data"].as_array().map(Vec::len), Some(7));
    assert_eq!(tunde.get("/api/feed?after=99").await.body["data"].as_array().map(Vec::len), Some(0));
    assert_eq!(tunde.get("/api/feed?after=-1").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(tunde.get("/api/feed?after=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn e95_e96_e97_empty_long_and_large_texts() {
    let (_world, ana, tunde) = two_fast().await;
    let check = async |text: &str, status: StatusCode, code: &str| {
        let answer = ana.send(&tunde, text).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{:.20}", text);
    };
    check("", StatusCode::UNPROCESSABLE_ENTITY, "empty").await;
    check("  \u{200B}\u{3164} ", StatusCode::UNPROCESSABLE_ENTITY, "empty").await;
    check("<b></b>", StatusCode::UNPROCESSABLE_ENTITY, "empty").await;
    check(&"x".repeat(1_000), StatusCode::CREATED, "").await;
    check(&"x".repeat(1_001), StatusCode::UNPROCESSABLE_ENTITY, "too_long").await;
    check(&"🎉".repeat(1_000), StatusCode::CREATED, "").await;
    check(&"x".repeat(16 * 1_024 + 1), StatusCode::PAYLOAD_TOO_LARGE, "too_large").await;
    let http = reqwest::Client::new();
    let raw = async |body: String| {
        let answer = http
            .post(format!("{}/api/messages", ana.url))
            .bearer_auth(&ana.token)
            .body(body)
            .send()
            .await
            .expect("an answer");
        (answer.status(), answer.json::<serde_json::Value>().await.expect("JSON")["code"].clone())
    };
    let surrogate = format!("{{\"recipient_id\":{},\"content\":\"a\\ud83d\"}}", tunde.id);
    assert_eq!(raw(surrogate).await, (StatusCode::UNPROCESSABLE_ENTITY, json!("bad_text")));
    assert_eq!(raw("x".repeat(300 * 1_024)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn both_dialects_say_the_same_and_may_not_differ() {
    let (_world, ana, tunde) = two_fast().await;
    let check = async |body: serde_json::Value, status: StatusCode| {
        let answer = ana.post("/api/messages", body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
        answer.body["data"].clone()
    };
    let sent = check(json!({"to_user_id": tunde.id, "body": "F", "domain_id": 4}), StatusCode::CREATED).await;
    assert_eq!(
        (sent["content"].as_str(), sent["domain_id"].as_i64(), sent["job_id"].as_i64()),
        (Some("F"), Some(4), None)
    );
    check(json!({"recipient_id": tunde.id.to_string(), "content": "ids may be text"}), StatusCode::CREATED).await;
    check(json!({"recipient_id": tunde.id, "to_user_id": tunde.id, "content": "a", "body": "a"}), StatusCode::CREATED)
        .await;
    check(json!({"recipient_id": tunde.id, "to_user_id": ana.id, "content": "a"}), StatusCode::UNPROCESSABLE_ENTITY)
        .await;
    check(json!({"recipient_id": tunde.id, "content": "a", "body": "b"}), StatusCode::UNPROCESSABLE_ENTITY).await;
    check(
        json!({"recipient_id": tunde.id, "content": "a", "job_id": 1, "domain_id": 1}),
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
    check(json!({"recipient_id": tunde.id, "content": "a", "job_id": 0}), StatusCode::UNPROCESSABLE_ENTITY).await;
    check(json!({"recipient_id": ana.id, "content": "to myself"}), StatusCode::UNPROCESSABLE_ENTITY).await;
    check(json!({"recipient_id": 9_999, "content": "nobody"}), StatusCode::UNPROCESSABLE_ENTITY).await;
    check(json!({"recipient_id": tunde.id}), StatusCode::UNPROCESSABLE_ENTITY).await;
    check(json!({"content": "whom for?"}), StatusCode::UNPROCESSABLE_ENTITY).await;
    check(
        json!({"recipient_id": tunde.id, "content": "a", "message_type": "system"}),
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await;
}

#[tokio::test]
async fn conversations_are_listed_paged_searched_and_counted() {
    let (world, ana, tunde) = two_fast().await;
    let lena = Stranger::new(&world, "Lena").await;
    for n in 0..25 {
        ana.send(&tunde, &format!("plank {n}")).await;
    }
    lena.send(&tunde, "a question about the stairs").await;
    ana.post("/api/messages", json!({"recipient_id": tunde.id, "content": "about the job", "job_id": 9})).await;

    let list = tunde.get("/api/messages/conversations").await.body;
    let rows: Vec<_> = list["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|r| (r["user"]["name"].clone(), r["job_id"].clone(), r["unread_count"].clone()))
        .collect();
    assert_eq!(
        rows,
        [
            (json!("Ana"), json!(9), json!(1)),
            (json!("Lena"), json!(null), json!(1)),
            (json!("Ana"), json!(null), json!(25))
        ]
    );

    let path = format!("/api/messages/conversations/{}", ana.id);
    let page = tunde.get(&format!("{path}?per_page=10")).await.body;
    assert_eq!(page["data"][0]["content"], "plank 24");
    assert_eq!(page["meta"]["total"], 25);
    assert_eq!(page["meta"]["last_page"], 3);
    let third = tunde.get(&format!("{path}?per_page=10&page=3")).await.body;
    assert_eq!(third["data"].as_array().map(Vec::len), Some(5));
    let older = tunde.get(&format!("{path}?per_page=10&before={}", page["meta"]["next"])).await.body;
    assert_eq!(older["data"][0]["content"], "plank 14");
    assert_eq!(tunde.get(&format!("{path}?per_page=0")).await.body["meta"]["per_page"], 1, "bounded");
    assert_eq!(tunde.get("/api/messages/conversations/99").await.status, StatusCode::NOT_FOUND);

    let count = tunde.get("/api/messages/unread-count").await.body;
    assert_eq!((count["unread_count"].as_i64(), count["data"]["unread_count"].as_i64()), (Some(27), Some(27)));
    assert_eq!(tunde.get("/api/messages/search?q=stai").await.body["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        ana.get("/api/messages/search?q=stai").await.body["data"].as_array().map(Vec::len),
        Some(0),
        "only one's own"
    );

    let newest = page["data"][0]["id"].clone();
    let left = tunde.post("/api/messages/read", json!({"up_to": newest, "user_id": ana.id})).await;
    assert_eq!(left.body["unread_count"], 2);
    let notices = tunde.get("/api/notifications?unread_only=true").await.body;
    assert_eq!(notices["data"].as_array().map(Vec::len), Some(2), "the notice of what was read is read");
}

#[tokio::test]
async fn a_message_is_deleted_by_its_sender_once() {
    let (_world, ana, tunde) = two_fast().await;
    let id = ana.send(&tunde, "a slip").await.body["data"]["id"].clone();
    let path = format!("/api/messages/{id}");
    assert_eq!(tunde.ask(Method::DELETE, &path, None, &[]).await.status, StatusCode::FORBIDDEN);
    let gone = ana.ask(Method::DELETE, &path, None, &[]).await;
    assert_eq!((gone.status, gone.body["data"]["content"].as_str()), (StatusCode::OK, Some("")));
    let again = ana.ask(Method::DELETE, &path, None, &[]).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "wrong_state"));
    assert_eq!(tunde.get("/api/messages/search?q=slip").await.body["data"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn no_event_carries_a_secret() {
    let (_world, ana, tunde) = two_fast().await;
    ana.send_with_key(&tunde, "hello", "my-own-key").await;
    let feed = tunde.get("/api/feed").await.body.to_string();
    for secret in ["@example.com", "password", "my-own-key", ana.token.split('|').nth(1).expect("a secret"), "argon2"] {
        assert!(!feed.contains(secret), "{secret} in {feed}");
    }
    assert!(
        ana.get("/api/feed").await.body.to_string().contains("my-own-key"),
        "the sender's own devices know the key"
    );
}

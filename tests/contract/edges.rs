//! What comes from outside is bounded at the edge, and read as Laravel's clients mean it.

use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stranger::Stranger;

async fn two() -> (World, Stranger, Stranger) {
    let world = World::start().await;
    let people = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    (world, people.0, people.1)
}

#[tokio::test]
async fn a_list_is_no_body() {
    let (_world, ana, tunde) = two().await;
    for body in [json!([tunde.id, null, "hi"]), json!("hi"), json!(7), Value::Null] {
        let answer = ana.post("/api/messages", body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(answer.body["message"].as_str().expect("words").contains("JSON object"), "{}", answer.body);
    }
    let page = tunde.get(&format!("/api/messages/conversations/{}", ana.id)).await.body;
    assert_eq!(page["meta"]["total"], 0);
}

#[tokio::test]
async fn numbers_are_taken_as_text_and_empty_text_means_nothing_was_said() {
    let (_world, ana, tunde) = two().await;
    let to = tunde.id.to_string();
    let about = ana.post("/api/messages", json!({"recipient_id": to, "content": "x", "job_id": "1"})).await;
    assert_eq!((about.status, &about.body["data"]["job_id"]), (StatusCode::CREATED, &json!(1)), "{}", about.body);
    let body =
        json!({"to_user_id": to, "body": "x", "job_id": "", "domain_id": "", "message_type": "", "written_at": ""});
    let plain = ana.post("/api/messages", body).await;
    assert_eq!((plain.status, &plain.body["data"]["job_id"]), (StatusCode::CREATED, &Value::Null), "{}", plain.body);
    assert_eq!(plain.body["data"]["message_type"], "text");
    let up_to = plain.body["data"]["id"].to_string();
    let read =
        tunde.post("/api/messages/read", json!({"up_to": up_to, "user_id": ana.id.to_string(), "job_id": ""})).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.body);
    assert_eq!(tunde.post("/api/messages/delivered", json!({"up_to": up_to})).await.status, StatusCode::NO_CONTENT);
    for path in [
        "/api/messages/conversations?page=&per_page=",
        &format!("/api/messages/conversations/{}?job_id=&domain_id=&page=&per_page=&before=", tunde.id),
        &format!("/api/messages/conversations/{}?job_id=1&page=1", tunde.id),
        "/api/messages/search?q=x&limit=",
        "/api/users?q=",
        "/api/feed?after=&limit=",
        "/api/notifications?limit=&unread_only=&before=",
    ] {
        let answer = ana.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    }
    let wrong = ana.post("/api/messages", json!({"recipient_id": to, "content": "x", "job_id": "one"})).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body["message"].as_str().expect("words").contains("\"one\""), "{}", wrong.body);
    assert_eq!(ana.post("/api/messages", json!({"recipient_id": to, "content": ""})).await.code(), "empty");
}

#[tokio::test]
async fn a_nul_in_a_text_is_refused_or_cleaned_and_never_breaks_anything() {
    let (_world, ana, tunde) = two().await;
    for path in ["/api/users?q=a%00b", "/api/messages/search?q=%00"] {
        let answer = ana.get(path).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(answer.body["message"].as_str().expect("words").contains("NUL"), "{}", answer.body);
    }
    let cleaned = ana.send(&tunde, "a<\u{0}b>c").await;
    assert_eq!(cleaned.body["data"]["content"], "ac");
    let body = json!({"name": "B", "email": "b\u{0}@example.com", "password": PASSWORD});
    assert_eq!(ana.post("/api/register", body).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn people_are_found_as_they_are_written_and_as_they_are_typed() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let body = json!({"name": "Ṣadé ỌLÁYÍNKÁ", "email": "sade@example.com", "password": PASSWORD});
    assert_eq!(ana.post("/api/register", body).await.status, StatusCode::CREATED);
    for typed in ["sade", "Ṣadé", "S\u{323}ade\u{301}", "ọlá", "OLA", "yinka", "Ｓade"] {
        let answer = ana.ask(Method::GET, &format!("/api/users?q={}", urlencoded(typed)), None, &[]).await;
        assert_eq!(answer.body["data"][0]["name"], "Ṣadé ỌLÁYÍNKÁ", "{typed}: {}", answer.body);
    }
}

fn urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

#[tokio::test]
async fn words_are_found_inside_unspaced_scripts_and_with_their_marks() {
    let (_world, ana, tunde) = two().await;
    for content in ["明日東京タワーで会いましょう", "พรุ่งนี้เจอกันที่กรุงเทพ", "Ọ̀ṣun River", "我们在北京见面"]
    {
        assert_eq!(ana.send(&tunde, content).await.status, StatusCode::CREATED);
    }
    for (typed, found) in [
        ("東京", "明日東京タワーで会いましょう"),
        ("タワー", "明日東京タワーで会いましょう"),
        ("กรุงเทพ", "พรุ่งนี้เจอกันที่กรุงเทพ"),
        ("osun", "Ọ̀ṣun River"),
        ("北京", "我们在北京见面"),
        ("riv", "Ọ̀ṣun River"),
    ] {
        let answer = tunde.get(&format!("/api/messages/search?q={}", urlencoded(typed))).await.body;
        assert_eq!(answer["data"][0]["content"], found, "{typed}: {answer}");
    }
    let answer = tunde.get(&format!("/api/messages/search?q={}", urlencoded("京東"))).await.body;
    assert_eq!(answer["data"], json!([]), "the pieces in another order are another word");
}

#[tokio::test]
async fn whether_somebody_is_online_does_not_tell_of_a_block() {
    let (world, ana, tunde) = two().await;
    ana.send(&tunde, "hello").await;
    let mut socket = tunde.listen().await;
    let _ana_is_here = ana.listen().await;
    assert_eq!(socket.hear("presence.updated").await["online"], true);
    assert_eq!(
        ana.ask(Method::POST, &format!("/api/users/{}/block", tunde.id), None, &[]).await.status,
        StatusCode::OK
    );
    let told = socket.hear("presence.updated").await;
    assert_eq!((&told["user_id"], &told["online"]), (&json!(ana.id), &json!(false)), "as if she had left");
    let seen = tunde.get(&format!("/api/users/{}", ana.id)).await.body["data"].clone();
    assert_eq!((&seen["online"], &seen["blocked"]), (&json!(false), &json!(false)), "{seen}");
    assert!(seen["last_seen_at"].is_string() || seen["last_seen_at"].is_null(), "{seen}");
    assert_eq!(
        ana.ask(Method::DELETE, &format!("/api/users/{}/block", tunde.id), None, &[]).await.status,
        StatusCode::OK
    );
    assert_eq!(socket.hear("presence.updated").await["online"], true, "and back");
    // Nothing is told of blocks by somebody who is away anyway.
    let lena = Stranger::new(&world, "Lena").await;
    lena.send(&tunde, "hello").await;
    for method in [Method::POST, Method::POST, Method::DELETE, Method::DELETE] {
        assert_eq!(lena.ask(method, &format!("/api/users/{}/block", tunde.id), None, &[]).await.status, StatusCode::OK);
    }
    ana.send(&tunde, "the last word").await;
    loop {
        let frame = socket.next().await.expect("the socket is open");
        assert!(!frame.to_string().contains("presence.updated"), "{frame}");
        if frame.to_string().contains("the last word") {
            break;
        }
    }
}

#[tokio::test]
async fn whatever_holds_a_token_is_not_kept_by_anybody_between() {
    let (_world, ana, _) = two().await;
    let http = reqwest::Client::new();
    for path in ["/api/user", "/api/tokens", "/api/feed", "/api/notifications"] {
        let answer = http.get(format!("{}{path}", ana.url)).bearer_auth(&ana.token).send().await.expect("an answer");
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path}");
    }
    let body = json!({"email": "ana@example.com", "password": PASSWORD});
    let answer = http.post(format!("{}/api/login", ana.url)).json(&body).send().await.expect("an answer");
    assert_eq!(answer.headers()["cache-control"], "no-store");
}

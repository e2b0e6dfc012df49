//! What comes from outside is bounded at the edge, and read as Laravel's clients mean it.

use std::time::Duration;

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

/// What one person can find out about whether another is here: what they are told, and what they hear when they ask.
struct Watch {
    reader: Stranger,
    socket: crate::stranger::Socket,
    about: i64,
}

impl Watch {
    /// Online or not, and whether anything was told, for so long from now.
    async fn told_within(&mut self, limit: Duration) -> Vec<Value> {
        let end = tokio::time::Instant::now() + limit;
        let mut told = Vec::new();
        while let Ok(frame) = tokio::time::timeout_at(end, self.socket.next()).await {
            let frame = frame.expect("the socket is open");
            let data: Value = serde_json::from_str(frame["data"].as_str().unwrap_or("null")).expect("JSON");
            if frame["event"] == "presence.updated" && data["user_id"] == self.about {
                told.push(data);
            }
        }
        told
    }

    async fn looks(&self) -> Value {
        self.reader.get(&format!("/api/users/{}", self.about)).await.body["data"].clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_cannot_be_told_from_a_departure() {
    const AWAY_AFTER: Duration = Duration::from_millis(1_500);
    let world = World::start_with(|config| config.away_after = AWAY_AFTER).await;
    let (ana, lena, tunde) =
        (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Lena").await, Stranger::new(&world, "Tunde").await);
    let block = async |method| {
        let answer = ana.ask(method, &format!("/api/users/{}/block", tunde.id), None, &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
    };
    let mut seen = Vec::new();
    for (other, blocks) in [(&lena, false), (&ana, true)] {
        other.send(&tunde, "hello").await;
        let mut watch = Watch { reader: tunde.clone(), socket: tunde.listen().await, about: other.id };
        let mut there = Some(other.listen().await);
        assert_eq!(watch.socket.hear("presence.updated").await["online"], true);
        let mut story = Vec::new();
        for away in [AWAY_AFTER / 3, AWAY_AFTER * 2] {
            let before = watch.looks().await["last_seen_at"].clone();
            if blocks {
                block(Method::POST).await;
            } else {
                there.take().expect("there").0.close(None).await.expect("closed");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            let (early, looked) =
                (watch.told_within(AWAY_AFTER / 3 - Duration::from_millis(100)).await, watch.looks().await);
            let late = if away > AWAY_AFTER { watch.told_within(AWAY_AFTER * 5 / 3).await } else { Vec::new() };
            let at = looked["last_seen_at"].clone();
            let recent = at.is_string() && at != before;
            let same_time = late.iter().all(|told| told["last_seen_at"] == at);
            let states = late.iter().map(|told| told["online"].clone()).collect::<Vec<_>>();
            story.push(json!([early, looked["online"], looked["blocked"], recent, states, same_time]));
            if blocks {
                block(Method::DELETE).await;
            } else {
                there = Some(other.listen().await);
            }
            let back = watch.told_within(Duration::from_millis(500)).await;
            let states = back.iter().map(|told| told["online"].clone()).collect::<Vec<_>>();
            story.push(json!([states, watch.looks().await["online"]]));
        }
        seen.push(story);
    }
    let short = json!([[], false, false, true, [], true]);
    let long = json!([[], false, false, true, [false], true]);
    let expected = vec![short, json!([[], true]), long, json!([[true], true])];
    assert_eq!(seen[0], expected, "somebody goes and comes back");
    assert_eq!(seen[1], expected, "somebody blocks and takes it back");
}

#[tokio::test]
async fn nothing_is_told_of_blocks_by_somebody_who_is_away() {
    let world = World::start_with(|config| config.away_after = Duration::from_millis(100)).await;
    let (ana, lena, tunde) =
        (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Lena").await, Stranger::new(&world, "Tunde").await);
    lena.send(&tunde, "hello").await;
    let mut socket = tunde.listen().await;
    for method in [Method::POST, Method::POST, Method::DELETE, Method::DELETE] {
        assert_eq!(lena.ask(method, &format!("/api/users/{}/block", tunde.id), None, &[]).await.status, StatusCode::OK);
        tokio::time::sleep(Duration::from_millis(300)).await;
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

//! Sockets: the handshake, what is refused, who hears what, and what a slow neighbour costs.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::stranger::{Socket, Stranger};

#[tokio::test]
async fn wrong_keys_and_versions_are_refused_with_a_frame_and_the_code() {
    let world = World::start().await;
    for (path, code) in [
        ("/app/wrong?protocol=7", 4001),
        ("/app/mysharpjob-key?client=js", 4008),
        ("/app/mysharpjob-key?protocol=seven", 4006),
        ("/app/mysharpjob-key?protocol=99", 4007),
    ] {
        let mut socket = Socket::open(&world.url(), path).await;
        let error = socket.hear("pusher:error").await;
        assert_eq!(error["code"], code, "{path}");
        assert_eq!(socket.close_code().await, Some(code as u16), "{path}");
    }
    let plain = reqwest::get(format!("{}/app/mysharpjob-key?protocol=7", world.url())).await.expect("an answer");
    assert_eq!(plain.status(), StatusCode::UPGRADE_REQUIRED);
}

#[tokio::test]
async fn both_listeners_answer_the_same() {
    let world = World::start().await;
    let addresses = world.server().addresses();
    for address in [addresses.http, addresses.realtime] {
        let url = format!("http://{address}");
        assert_eq!(reqwest::get(format!("{url}/health")).await.expect("an answer").status(), StatusCode::OK);
        Socket::open(&url, "/app/mysharpjob-key?protocol=7&client=js&version=8.6.0").await.greeting().await;
    }
}

#[tokio::test]
async fn frames_of_the_feed_carry_its_number() {
    let world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let mut socket = tunde.listen().await;
    ana.send(&tunde, "one").await;
    let mut numbered: Vec<(String, Option<i64>)> = Vec::new();
    while numbered.len() < 3 {
        let frame = socket.next().await.expect("open");
        if frame["event"] != "presence.updated" {
            numbered.push((frame["event"].as_str().unwrap_or_default().to_owned(), frame["seq"].as_i64()));
        }
    }
    assert_eq!(
        numbered,
        [
            ("message.sent".into(), Some(1)),
            ("notification.created".into(), Some(2)),
            ("notification.sent".into(), None)
        ]
    );
    let feed = tunde.get("/api/feed").await.body;
    assert_eq!(
        feed["data"].as_array().expect("rows").iter().map(|r| r["event"].clone()).collect::<Vec<_>>(),
        ["message.sent", "notification.created"]
    );
}

#[tokio::test]
async fn e108_a_revoked_token_closes_its_socket_with_4009() {
    let world = World::start().await;
    let person = world.person("Ana").await;
    let (laptop, phone) = (Stranger::sign_in(&world, &person).await, Stranger::sign_in(&world, &person).await);
    let (one, mut two) = (laptop.listen().await, phone.listen().await);
    let id = laptop.token.split('|').next().expect("an id");
    let asked = Instant::now();
    phone.ask(Method::DELETE, &format!("/api/tokens/{id}"), None, &[]).await;
    assert_eq!(one.close_code().await, Some(4009));
    assert!(asked.elapsed() < Duration::from_secs(5));
    two.say(&json!({"event": "pusher:ping", "data": {}})).await;
    two.hear("pusher:pong").await;
}

#[tokio::test]
async fn e111_a_signature_is_good_for_its_socket_and_channel_only() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let mut socket = Socket::open(&ana.url, "/app/mysharpjob-key?protocol=7").await;
    let socket_id = socket.greeting().await;
    let channel = format!("private-user.{}", ana.id);
    let other =
        ana.post("/broadcasting/auth", json!({"socket_id": "1.1", "channel_name": channel})).await.body["auth"].clone();
    let own =
        ana.post("/api/broadcasting/auth", json!({"socket_id": socket_id, "channel_name": channel})).await.body["auth"]
            .clone();
    let mut subscribe = async |channel: &str, auth: &Value| {
        socket.say(&json!({"event": "pusher:subscribe", "data": {"channel": channel, "auth": auth}})).await;
        socket.next().await.expect("open")["event"].clone()
    };
    assert_eq!(subscribe(&channel, &other).await, "pusher:subscription_error");
    assert_eq!(subscribe("private-system", &own).await, "pusher:subscription_error");
    assert_eq!(subscribe(&channel, &Value::Null).await, "pusher:subscription_error");
    assert_eq!(subscribe(&channel, &own).await, "pusher_internal:subscription_succeeded");
    let form = reqwest::Client::new()
        .post(format!("{}/broadcasting/auth", ana.url))
        .bearer_auth(&ana.token)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("socket_id={socket_id}&channel_name={channel}"))
        .send()
        .await
        .expect("an answer");
    assert_eq!(form.json::<Value>().await.expect("JSON")["auth"], own);
}

#[tokio::test]
async fn typing_reaches_people_one_has_written_with_and_nobody_else() {
    let world = World::start().await;
    let (ana, tunde, lena) =
        (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await, Stranger::new(&world, "Lena").await);
    ana.send(&tunde, "hello").await;
    let (mut a, mut t, mut l) = (ana.listen().await, tunde.listen().await, lena.listen().await);
    let typing = |to: i64| json!({"event": "client-typing", "channel": format!("private-user.{}", ana.id), "data": {"recipient_id": to}});
    a.say(&typing(lena.id)).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    a.say(&typing(tunde.id)).await;
    assert_eq!(t.hear("client-typing").await["user_id"], ana.id);
    ana.send(&lena, "now we have").await;
    assert_eq!(l.hear("message.sent").await["content"], "now we have", "nothing came before");
    a.say(&json!({"event": "client-other", "channel": format!("private-user.{}", ana.id), "data": {}})).await;
    assert_eq!(a.hear("pusher:error").await["code"], 4301);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stops_reading_is_closed_and_its_neighbour_misses_nothing() {
    let world = World::start().await;
    let mut slow = Socket::open(&world.url(), "/app/mysharpjob-key?protocol=7").await;
    let mut well = Socket::open(&world.url(), "/app/mysharpjob-key?protocol=7").await;
    for socket in [&mut slow, &mut well] {
        socket.greeting().await;
        socket.say(&json!({"event": "pusher:subscribe", "data": {"channel": "news"}})).await;
        socket.hear("pusher_internal:subscription_succeeded").await;
    }
    let app = guildhall_server::config::demo_app();
    let events = 400;
    let data = "x".repeat(60_000);
    let publishing = async {
        let http = reqwest::Client::new();
        for n in 0..events {
            let body = json!({"name": "big", "channel": "news", "data": format!("{n} {data}")}).to_string();
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
            let mut query: Vec<(String, String)> = vec![
                ("auth_key".into(), app.key.clone()),
                ("auth_timestamp".into(), now.to_string()),
                ("auth_version".into(), "1.0".into()),
                ("body_md5".into(), md5_hex(body.as_bytes())),
            ];
            let signature =
                guildhall_pusher::auth::sign_request(&app.secret, "POST", "/apps/mysharpjob/events", &query);
            query.push(("auth_signature".into(), signature));
            let answer =
                http.post(format!("{}/apps/mysharpjob/events", world.url())).query(&query).body(body).send().await;
            assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
        }
    };
    let reading = async {
        for n in 0..events {
            let data = well.hear("big").await;
            assert!(data.as_str().is_some_and(|d| d.starts_with(&format!("{n} "))), "in order and without a hole: {n}");
        }
    };
    tokio::join!(publishing, reading);
    // The slow one gets what had gone out, and then the reason; never later events with a hole before them.
    let mut expected = 0;
    let code = loop {
        match tokio::time::timeout(Duration::from_secs(20), slow.0.next()).await.expect("an end in time") {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text).expect("JSON");
                if frame["event"] == "big" {
                    assert!(frame["data"].as_str().is_some_and(|d| d.starts_with(&format!("{expected} "))), "no hole");
                    expected += 1;
                }
            }
            Some(Ok(Message::Close(close))) => break close.map(|c| u16::from(c.code)),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break None,
        }
    };
    assert!(expected < events, "it was closed before the end");
    assert!(matches!(code, Some(4100) | None), "{code:?}");
}

fn md5_hex(bytes: &[u8]) -> String {
    use md5::Digest;
    hex::encode(md5::Md5::digest(bytes))
}

#[tokio::test]
async fn a_stopping_server_asks_to_reconnect_at_once() {
    let mut world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let socket = ana.listen().await;
    let stopping = world.stop_server();
    let (code, ()) = tokio::join!(socket.close_code(), stopping);
    assert_eq!(code, Some(4200));
}

#[tokio::test]
async fn garbage_is_answered_in_words_and_the_connection_goes_on() {
    let world = World::start().await;
    let mut socket = Socket::open(&world.url(), "/app/mysharpjob-key?protocol=7").await;
    socket.greeting().await;
    for text in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"event":7}"#,
        r#"{"event":"nonsense"}"#,
        r#"{"event":"pusher:subscribe"}"#,
        &"[".repeat(9_000),
    ] {
        socket.0.send(Message::text(text.to_owned())).await.expect("open");
        assert!(socket.hear("pusher:error").await["message"].as_str().is_some_and(|m| !m.is_empty()), "{text:.20}");
    }
    socket.0.send(Message::binary(vec![1, 2, 3])).await.expect("open");
    socket.hear("pusher:error").await;
    socket.say(&json!({"event": "pusher:ping"})).await;
    socket.hear("pusher:pong").await;
}

//! Outgoing webhooks, taken by a real HTTP server.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use guildhall_pusher::{auth::hmac_hex, settings::Webhook};
use guildhall_testkit::{World, eventually};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::pusher::{Owner, guest};

/// A server that writes down what it is told, and refuses the first calls.
struct Taker {
    url: String,
    calls: Arc<Mutex<Vec<(String, String)>>>,
}

impl Taker {
    async fn start(refuses: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
        let calls: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let taken = Arc::clone(&calls);
        tokio::spawn(async move {
            let mut asked = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = Vec::new();
                let (head, body) = loop {
                    stream.read_buf(&mut bytes).await.expect("a request");
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head.to_lowercase();
                    let length = length.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok());
                    if body.len() >= length.unwrap_or(0) {
                        break (head.to_owned(), body.to_owned());
                    }
                };
                taken.lock().expect("no panic").push((head, body));
                asked += 1;
                let status = if asked <= refuses { "500 Internal Server Error" } else { "200 OK" };
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.expect("taken");
            }
        });
        Self { url, calls }
    }

    fn calls(&self) -> Vec<(String, String)> {
        self.calls.lock().expect("no panic").clone()
    }

    fn events(&self) -> Vec<Value> {
        let bodies = self.calls().into_iter().map(|(_, body)| serde_json::from_str::<Value>(&body).expect("JSON"));
        bodies.flat_map(|body| body["events"].as_array().cloned().unwrap_or_default()).collect()
    }
}

async fn world(hooks: Vec<Webhook>) -> (World, Owner) {
    let mut app = guest("guest");
    app.webhooks = hooks;
    let world = World::start_with(|config| config.apps.push(app)).await;
    let owner = Owner::new(&world, &guest("guest"));
    (world, owner)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn occurrences_are_told_signed_and_together() {
    let (all, some) = (Taker::start(0).await, Taker::start(0).await);
    let (_world, owner) = world(vec![
        Webhook { url: all.url.clone(), events: vec![] },
        Webhook { url: some.url.clone(), events: vec!["member_added".into()] },
    ])
    .await;
    let (mut ana, mut bo) = (owner.connect().await, owner.connect().await);
    ana.listen("cache-a").await;
    ana.hears_next("pusher:cache_miss").await;
    ana.join("presence-a", "ana").await;
    bo.join("presence-a", "bo").await;
    bo.trigger("presence-a", "client-wave", json!({"x": 1})).await;
    bo.nothing_before_pong().await;
    let bo_id = bo.id.to_string();
    bo.socket.0.close(None).await.expect("closed");
    ana.hears_next("pusher_internal:member_added").await;
    ana.hears_next("client-wave").await;
    ana.hears_next("pusher_internal:member_removed").await;
    ana.socket.0.close(None).await.expect("closed");
    let expected = [
        json!({"name": "channel_occupied", "channel": "cache-a"}),
        json!({"name": "cache_miss", "channel": "cache-a"}),
        json!({"name": "channel_occupied", "channel": "presence-a"}),
        json!({"name": "member_added", "channel": "presence-a", "user_id": "ana"}),
        json!({"name": "member_added", "channel": "presence-a", "user_id": "bo"}),
        json!({"name": "client_event", "channel": "presence-a", "event": "client-wave", "data": "{\"x\":1}", "socket_id": bo_id, "user_id": "bo"}),
    ];
    // Who goes is told of after three seconds, in which they might have come back.
    eventually("all is told", async || all.events().len() >= expected.len() + 4).await;
    let told = all.events();
    assert_eq!(told[..expected.len()], expected);
    let mut last: Vec<String> =
        told[expected.len()..].iter().map(|e| e["name"].to_string() + &e["channel"].to_string()).collect();
    last.sort();
    assert_eq!(
        last,
        [
            "\"channel_vacated\"\"cache-a\"",
            "\"channel_vacated\"\"presence-a\"",
            "\"member_removed\"\"presence-a\"",
            "\"member_removed\"\"presence-a\""
        ]
    );
    assert!(all.calls().len() < told.len(), "several are told in one call");
    for (head, body) in all.calls() {
        // In title case: PHP's own servers find no other.
        assert!(head.contains("X-Pusher-Key: guest-key"), "{head}");
        assert!(head.contains(&format!("X-Pusher-Signature: {}", hmac_hex("guest-secret", body.as_bytes()))), "{head}");
        assert!(serde_json::from_str::<Value>(&body).expect("JSON")["time_ms"].is_u64());
    }
    assert!(some.events().iter().all(|event| event["name"] == "member_added"));
    assert_eq!(some.events().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_not_taken_is_made_again_with_the_same_bytes() {
    let taker = Taker::start(1).await;
    let (_world, owner) = world(vec![Webhook { url: taker.url.clone(), events: vec![] }]).await;
    let mut peer = owner.connect().await;
    peer.listen("news").await;
    eventually("it is told again", async || taker.calls().len() == 2).await;
    let calls = taker.calls();
    assert_eq!(calls[0].1, calls[1].1);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(taker.calls().len(), 2, "and not once more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_address_holds_up_only_its_own_and_is_asked_at_once_when_something_happens_after_its_pause() {
    // Refused after 0, 1, 3 and 7 seconds; the next wait would be one of sixteen.
    let (dead, other) = (Taker::start(4).await, Taker::start(0).await);
    let hooks = [&dead, &other].map(|taker| Webhook { url: taker.url.clone(), events: vec![] });
    let (_world, owner) = world(hooks.to_vec()).await;
    let mut peer = owner.connect().await;
    peer.listen("first").await;
    eventually("the other is told", async || !other.events().is_empty()).await;
    eventually("it refused for the fourth time", async || dead.calls().len() == 4).await;
    let silent_since = std::time::Instant::now();
    tokio::time::sleep(Duration::from_millis(4_500)).await;
    assert_eq!(dead.calls().len(), 4, "it rests");
    peer.listen("second").await;
    eventually("it is asked at once", async || dead.calls().len() > 4).await;
    assert!(silent_since.elapsed() < Duration::from_secs(12), "{:?}", silent_since.elapsed());
    assert_eq!(dead.calls()[4].1, dead.calls()[0].1, "with the same bytes");
    eventually("and told the rest", async || dead.calls().len() == 6).await;
    let events = |taker: &Taker| taker.events().into_iter().map(|event| event["channel"].clone()).collect::<Vec<_>>();
    assert_eq!(events(&dead)[4..], [json!("first"), json!("second")]);
    assert_eq!(events(&other), [json!("first"), json!("second")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_broken_link_roster_counts_and_webhooks_say_the_same_at_every_moment() {
    let taker = Taker::start(0).await;
    let (_world, owner) = world(vec![Webhook { url: taker.url.clone(), events: vec![] }]).await;
    let (mut ana, mut bo) = (owner.connect().await, owner.connect().await);
    ana.join("presence-a", "ana").await;
    bo.join("presence-a", "bo").await;
    eventually("both are told", async || taker.events().len() == 3).await;
    // Neither says a word of farewell.
    drop((ana, bo));
    let broken = std::time::Instant::now();
    let asked = async |path: &str, query: &[(&str, &str)]| {
        let (status, answer) = owner.ask(reqwest::Method::GET, path, query, "").await;
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let mut back = None;
    let mut last = None;
    while broken.elapsed() < Duration::from_secs(75) {
        let told_before = taker.events();
        let roster = asked("/channels/presence-a/users", &[]).await;
        let mut here: Vec<&str> =
            roster["users"].as_array().expect("users").iter().filter_map(|u| u["id"].as_str()).collect();
        here.sort_unstable();
        let counts = asked("/channels/presence-a", &[("info", "user_count")]).await;
        let told_after = taker.events();
        assert_eq!(counts["occupied"], !here.is_empty(), "{counts} {here:?}");
        let count = counts["user_count"].as_u64().unwrap_or_default();
        let gone = |told: &[Value], user: &str| {
            let about = |e: &&Value| e["name"] == "member_removed" && e["user_id"] == user;
            told.iter().filter(about).count() == 1
        };
        // What was announced as gone before one looked is gone when one does.
        for user in ["ana", "bo"] {
            assert!(!gone(&told_before, user) || !here.contains(&user), "{user} is announced as gone and here");
        }
        let vacated = told_before.iter().any(|e| e["name"] == "channel_vacated");
        assert!(!vacated || count == 0, "{counts}");
        let away = broken.elapsed();
        if away < Duration::from_secs(28) {
            assert_eq!((count, &here[..], told_after.len()), (2, &["ana", "bo"][..], 3), "after {away:?}");
        }
        if back.is_none() && away > Duration::from_secs(10) {
            let mut peer = owner.connect().await;
            peer.join("presence-a", "bo").await;
            back = Some(peer);
        }
        if count == 1 && here.len() == 1 && last.is_none() {
            assert_eq!(here, ["bo"]);
            last = Some(away);
        }
        if gone(&told_after, "ana") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(last.is_some_and(|away| away >= Duration::from_secs(28)), "{last:?}");
    let told: Vec<Value> = taker.events()[3..].to_vec();
    let removed = json!({"name": "member_removed", "channel": "presence-a", "user_id": "ana"});
    assert_eq!(told, [removed], "and nothing of the one who came back, or of the channel");
    drop(back);
}

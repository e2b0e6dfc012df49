//! What goes over the wire, to the letter: a story is told to a real server, and each answer and each frame is compared with
//! a file under `tests/fixtures/wire`. A change there is a change for every client that nobody here wrote, and has to be
//! meant: `UPDATE=1 cargo test --workspace --test wire golden` writes the files anew, and the review sees the difference.

use std::{fmt::Write, path::PathBuf, time::Duration};

use guildhall_testkit::{World, world::PASSWORD};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::stranger::{Answer, Stranger};

/// The text with everything in its place that is different each time.
fn steady(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), steady_field(name, value))).collect())
        }
        Value::Array(items) => items.iter().map(steady).collect(),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            // JSON inside a string, as frames carry it: what is in it is different each time, too.
            Ok(inner @ Value::Object(_)) => Value::String(steady(&inner).to_string()),
            _ => Value::String(steady_text(text)),
        },
        other => other.clone(),
    }
}

fn steady_field(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("token", Value::String(token)) => format!("{}|SECRET", token.split('|').next().unwrap_or_default()).into(),
        ("hash", Value::String(hash)) if hash.len() == 64 => "HASH".into(),
        ("reference", Value::String(text)) if text.starts_with("gh-") => "gh-REFERENCE".into(),
        ("checkout", Value::String(page)) if page.starts_with("/checkout/gh-") => "/checkout/gh-REFERENCE".into(),
        ("auth", Value::String(auth)) => format!("{}:SIGNATURE", auth.split(':').next().unwrap_or_default()).into(),
        ("socket_id", Value::String(_)) => "1.1".into(),
        ("received_at" | "sent_at", Value::Number(_)) => 1.5.into(),
        ("realtime_port", Value::Number(_)) => 6001.into(),
        ("code", Value::String(code)) if code.bytes().all(|b| b.is_ascii_digit()) => "012345".into(),
        ("version", Value::String(_)) => "VERSION".into(),
        // Noted when there is time for it.
        ("last_used_at" | "last_seen_at" | "address", _) => Value::Null,
        ("url", Value::String(url)) => {
            let path = url.split("&expires=").next().unwrap_or_default();
            format!("{path}&expires=EXPIRES&signature=SIGNATURE").into()
        }
        (_, value) => steady(value),
    }
}

/// Times as one time.
fn steady_text(text: &str) -> String {
    let shape = |text: &str| {
        text.len() == 24
            && text
                .bytes()
                .zip("0000-00-00T00:00:00.000Z".bytes())
                .all(|(found, wanted)| if wanted == b'0' { found.is_ascii_digit() } else { found == wanted })
    };
    if shape(text) { "2026-01-02T03:04:05.678Z".into() } else { text.to_owned() }
}

/// Compares with the file of that name, or writes it.
fn compare(name: &str, found: &str, wrong: &mut String) {
    let path =
        PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where")).join("fixtures/wire").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, found).expect("written");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if kept != found {
        let first = kept.lines().zip(found.lines()).find(|(kept, found)| kept != found);
        let _ = writeln!(wrong, "{name}: {first:?}");
    }
}

/// What somebody asks, and what they are answered.
pub struct Story<'a> {
    told: Vec<(&'static str, String)>,
    who: &'a Stranger,
}

impl<'a> Story<'a> {
    pub fn of(who: &'a Stranger) -> Self {
        Self { told: Vec::new(), who }
    }

    /// Compares what was told with what is kept.
    pub fn end(self) {
        let mut wrong = String::new();
        for (name, text) in &self.told {
            compare(name, text, &mut wrong);
        }
        meant(&wrong);
    }

    fn keep(&mut self, name: &'static str, asked: String, answer: &Answer) {
        let mut shown = Map::new();
        shown.insert("request".into(), asked.into());
        shown.insert("status".into(), answer.status.as_u16().into());
        if let Some(seconds) = answer.retry_after {
            shown.insert("retry_after".into(), seconds.into());
        }
        shown.insert("answer".into(), steady(&answer.body));
        self.told.push((name, format!("{:#}\n", Value::Object(shown))));
    }

    pub async fn ask(&mut self, name: &'static str, method: Method, path: &str, body: Option<Value>) -> Value {
        let asked = body
            .as_ref()
            .map_or_else(|| format!("{method} {path}"), |body| format!("{method} {path} {}", steady(body)));
        let answer = self.who.ask(method, path, body, &[]).await;
        self.keep(name, asked, &answer);
        answer.body
    }

    pub async fn get(&mut self, name: &'static str, path: &str) -> Value {
        self.ask(name, Method::GET, path, None).await
    }

    async fn post(&mut self, name: &'static str, path: &str, body: Value) -> Value {
        self.ask(name, Method::POST, path, Some(body)).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_and_frames_are_what_they_were_to_the_letter() {
    let world = World::start_with(|config| config.message_rate_max = 5).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let mut heard = tunde.listen().await;
    let mut ana_story = Story::of(&ana);
    let story = &mut ana_story;
    story
        .post(
            "register.json",
            "/api/register",
            json!({"name": "Lena", "email": "lena@example.com", "password": PASSWORD}),
        )
        .await;
    story.post("login.json", "/api/login", json!({"email": "ana@example.com", "password": PASSWORD})).await;
    story
        .post("login_refused.json", "/api/login", json!({"email": "ana@example.com", "password": "not the password"}))
        .await;
    story.get("user.json", "/api/user").await;
    story.get("tokens.json", "/api/tokens").await;
    story.get("health.json", "/health").await;
    story.get("time.json", "/api/time").await;
    story.get("users.json", "/api/users?q=tun").await;
    let upload = ana.upload("offer.pdf", b"%PDF-1.7 an offer".to_vec()).await;
    story.keep("attachment.json", "POST /api/attachments, a form with the part `file`".into(), &upload);
    let artisan =
        json!({"recipient_id": tunde.id, "content": "Hello", "job_id": 7, "attachments": [upload.body["data"]["id"]]});
    story.post("message_artisan.json", "/api/messages", artisan).await;
    story
        .post("message_domain.json", "/api/messages", json!({"to_user_id": tunde.id, "body": "Hi", "domain_id": 9}))
        .await;
    let plain =
        story.post("message_plain.json", "/api/messages", json!({"recipient_id": tunde.id, "content": "Plain"})).await;
    story.post("message_to_nobody.json", "/api/messages", json!({"recipient_id": 99, "content": "x"})).await;
    story.post("message_without_words.json", "/api/messages", json!({"recipient_id": tunde.id, "content": " "})).await;
    story.get("conversations.json", "/api/messages/conversations").await;
    story.get("conversation.json", &format!("/api/messages/conversations/{}?job_id=7", tunde.id)).await;
    story.get("search.json", "/api/messages/search?q=plain").await;
    story.get("user_seen.json", &format!("/api/users/{}", tunde.id)).await;
    let mut theirs = Story::of(&tunde);
    theirs.post("delivered.json", "/api/messages/delivered", json!({"up_to": plain["data"]["id"]})).await;
    theirs.get("unread_count.json", "/api/messages/unread-count").await;
    theirs.ask("read.json", Method::PATCH, "/api/messages/1/read", None).await;
    theirs.post("read_up_to.json", "/api/messages/read", json!({"up_to": 2, "user_id": ana.id, "domain_id": 9})).await;
    let notices = theirs.get("notifications.json", "/api/notifications").await;
    theirs.get("notifications_unread_count.json", "/api/notifications/unread-count").await;
    let first = notices["data"][0]["id"].as_str().expect("an id").to_owned();
    theirs.ask("notification_read.json", Method::PATCH, &format!("/api/notifications/{first}/read"), None).await;
    theirs.post("notifications_read_all.json", "/api/notifications/read-all", json!({})).await;
    theirs.ask("notification_deleted.json", Method::DELETE, &format!("/api/notifications/{first}"), None).await;
    theirs.ask("delete_of_another.json", Method::DELETE, "/api/messages/1", None).await;
    story.ask("message_deleted.json", Method::DELETE, &format!("/api/messages/{}", plain["data"]["id"]), None).await;
    story
        .ask("message_deleted_twice.json", Method::DELETE, &format!("/api/messages/{}", plain["data"]["id"]), None)
        .await;
    story.post("blocked.json", &format!("/api/users/{}/block", tunde.id), json!({})).await;
    theirs.post("not_reachable.json", "/api/messages", json!({"recipient_id": ana.id, "content": "x"})).await;
    story.get("not_found.json", "/api/nothing").await;
    story.get("feed_of_the_writer.json", "/api/feed").await;
    theirs.get("feed_of_the_reader.json", "/api/feed").await;
    theirs
        .post(
            "channel_of_another.json",
            "/broadcasting/auth",
            json!({"socket_id": "1.1", "channel_name": "private-user.1"}),
        )
        .await;
    let mut socket = crate::stranger::Socket::open(&world.url(), "/app/mysharpjob-key?protocol=7").await;
    let socket_id = socket.greeting().await;
    let asked = json!({"socket_id": socket_id, "channel_name": format!("private-user.{}", tunde.id)});
    theirs.post("channel.json", "/broadcasting/auth", asked).await;
    theirs.post("user_auth.json", "/broadcasting/user-auth", json!({"socket_id": socket_id})).await;

    // What the reader heard meanwhile, and how the protocol itself sounds.
    heard.say(&json!({"event": "pusher:ping"})).await;
    let mut frames = Vec::new();
    loop {
        let frame = heard.next_within(Duration::from_secs(20)).await.expect("the socket is open");
        let last = frame["event"] == "pusher:pong";
        frames.push(steady(&frame));
        if last {
            break;
        }
    }
    // Who is online is told when there is time for it, not at a place of its own.
    frames.retain(|frame| frame["event"] != "presence.updated");
    let mut door = crate::stranger::Socket::open(&world.url(), "/app/mysharpjob-key?protocol=7").await;
    frames.push(steady(&door.next().await.expect("a greeting")));
    door.say(&json!({"event": "pusher:subscribe", "data": {"channel": "public"}})).await;
    frames.push(steady(&door.next().await.expect("a frame")));
    door.say(&json!({"event": "pusher:subscribe", "data": {"channel": "private-user.1", "auth": "mysharpjob-key:00"}}))
        .await;
    frames.push(steady(&door.next().await.expect("a frame")));
    let mut closed = crate::stranger::Socket::open(&world.url(), "/app/nobody?protocol=7").await;
    frames.push(steady(&closed.next().await.expect("a frame")));

    let mut wrong = String::new();
    for (name, text) in ana_story.told.iter().chain(&theirs.told) {
        compare(name, text, &mut wrong);
    }
    let frames: String = frames.iter().map(|frame| format!("{frame:#}\n")).collect();
    compare("frames.txt", &frames, &mut wrong);
    meant(&wrong);
}

fn meant(wrong: &str) {
    assert!(
        wrong.is_empty(),
        "the wire has changed; where that is meant, run with UPDATE=1 and look at the difference:\n{wrong}"
    );
}

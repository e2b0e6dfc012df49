//! What the command line and the environment say, tried on the program itself.

use guildhall_pusher::auth::App;
use guildhall_testkit::eventually;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::{
    program::Program,
    pusher::{Owner, guest},
    stranger::Socket,
};

fn owner(program: &Program, app: App) -> Owner {
    Owner::at(&url(program), app)
}

fn url(program: &Program) -> String {
    program.realtime.replacen("ws", "http", 1)
}

async fn publish(owner: &Owner, bytes: usize) -> StatusCode {
    let body = json!({ "name": "word", "channel": "news", "data": "x".repeat(bytes) }).to_string();
    owner.ask(Method::POST, "/events", &[], &body).await.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_reverb_says_of_its_app_is_honoured_and_the_rest_is_warned_about() {
    let environment = [
        ("REVERB_APP_ID", "7"),
        ("REVERB_APP_KEY", "reverb-key"),
        ("REVERB_APP_SECRET", "reverb-secret"),
        ("REVERB_APP_ACTIVITY_TIMEOUT", "17"),
        ("REVERB_APP_MAX_MESSAGE_SIZE", "50"),
        ("REVERB_APP_MAX_CONNECTIONS", "1"),
        ("REVERB_APP_PING_INTERVAL", "60"),
        ("REVERB_MAX_REQUEST_SIZE", "10000"),
    ];
    let program = Program::serve(&[], &environment).await;
    let owner = owner(&program, App { id: "7".into(), key: "reverb-key".into(), secret: "reverb-secret".into() });
    let mut socket = Socket::open(&owner.url, "/app/reverb-key?protocol=7").await;
    let greeting = socket.hear("pusher:connection_established").await;
    assert_eq!(greeting["activity_timeout"], 17);
    assert_eq!(Socket::open(&owner.url, "/app/reverb-key?protocol=7").await.close_code().await, Some(4004));
    assert_eq!((publish(&owner, 50).await, publish(&owner, 51).await), (StatusCode::OK, StatusCode::PAYLOAD_TOO_LARGE));
    // As the recorder of Laravel's Pulse asks it.
    let (status, answer) = owner.ask(Method::GET, "/connections", &[], "").await;
    assert_eq!((status, answer), (StatusCode::OK, json!({ "connections": 1 })));
    let said = program.said();
    for name in ["REVERB_APP_PING_INTERVAL", "REVERB_MAX_REQUEST_SIZE"] {
        assert!(said.contains(&format!("{name} is set and has no effect here: ")), "{name}: {said}");
    }
    for name in ["ACTIVITY_TIMEOUT", "MAX_MESSAGE_SIZE", "MAX_CONNECTIONS"] {
        assert!(!said.contains(name) || said.contains("or --activity-timeout"), "{name} is honoured: {said}");
    }
    // A flag that says the same comes first.
    let program = Program::serve(&["--activity-timeout", "19", "--max-connections", "2"], &environment).await;
    let (mut one, mut two) = (
        Socket::open(&url(&program), "/app/reverb-key?protocol=7").await,
        Socket::open(&url(&program), "/app/reverb-key?protocol=7").await,
    );
    assert_eq!(one.hear("pusher:connection_established").await["activity_timeout"], 19);
    assert!(two.hear("pusher:connection_established").await.is_object());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_of_the_command_line_are_those_of_every_app() {
    let program = Program::serve(
        &["--app", "shop:shop-key:shop-secret", "--max-event-bytes", "50", "--max-subscriptions", "2"],
        &[],
    )
    .await;
    for app in [guildhall_server::config::demo_app(), guest("shop").credentials] {
        let owner = owner(&program, app);
        assert_eq!(publish(&owner, 50).await, StatusCode::OK, "{}", owner.app.id);
        assert_eq!(publish(&owner, 51).await, StatusCode::PAYLOAD_TOO_LARGE, "{}", owner.app.id);
        let mut peer = owner.connect().await;
        peer.listen("one").await;
        peer.listen("two").await;
        let frame = peer.subscribe("three", None).await;
        assert_ne!(frame["event"], "pusher_internal:subscription_succeeded", "{frame}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn debug_says_what_goes_on_in_realtime_and_never_what_is_said() {
    let program = Program::serve(&["--debug"], &[]).await;
    let owner = owner(&program, guildhall_server::config::demo_app());
    let (mut ana, mut bo) = (owner.connect().await, owner.connect().await);
    ana.listen("private-room").await;
    bo.listen("private-room").await;
    bo.trigger("private-room", "client-wave", json!({ "words": "unspeakable" })).await;
    ana.hears_next("client-wave").await;
    owner.publish("private-room", "news", "unspeakable").await;
    ana.hears_next("news").await;
    ana.socket.say(&json!({ "event": "pusher:unsubscribe", "data": { "channel": "private-room" } })).await;
    ana.nothing_before_pong().await;
    let id = ana.id;
    ana.socket.0.close(None).await.expect("closed");
    // Colours are for people: what is looked for is the words.
    let plain = |said: String| {
        let mut text = String::new();
        for part in said.split("\u{1b}[") {
            text.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
        }
        text
    };
    let wave = json!({ "event": "client-wave", "channel": "private-room", "data": { "words": "unspeakable" } });
    let bytes = wave.to_string().len();
    let sentences = [
        format!("connected app=\"mysharpjob\" socket={id} address=127.0.0.1"),
        format!("frame in app=\"mysharpjob\" socket={id} event=\"pusher:subscribe\" channel=\"private-room\" bytes="),
        format!("subscribed app=\"mysharpjob\" socket={id} channel=private-room"),
        format!(
            "frame in app=\"mysharpjob\" socket={} event=\"client-wave\" channel=\"private-room\" bytes={bytes}",
            bo.id
        ),
        "event out app=\"mysharpjob\" channel=\"private-room\" bytes=".to_owned(),
        format!("frame out app=\"mysharpjob\" socket={id} event=\"pusher:pong\" bytes="),
        format!("unsubscribed app=\"mysharpjob\" socket={id} channel=private-room"),
        format!("disconnected app=\"mysharpjob\" socket={id} lost=false"),
    ];
    let missing = |said: &str| sentences.iter().find(|sentence| !said.contains(*sentence)).cloned();
    eventually("all of it is said", async || {
        let said = plain(program.said());
        if let Some(sentence) = missing(&said) {
            eprintln!("not yet: {sentence}");
        }
        missing(&said).is_none()
    })
    .await;
    assert!(!program.said().contains("unspeakable"), "bodies are nobody's business");
}

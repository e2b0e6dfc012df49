//! What belongs to whom: sockets to the token that was first, members to their channels, events to those who hold them.

use std::time::Duration;

use futures_util::SinkExt;
use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::{connect_async, tungstenite::client::IntoClientRequest};

use crate::{
    pusher::{Owner, guest},
    stranger::{Socket, Stranger},
};

#[tokio::test]
async fn a_socket_stays_with_the_first_token_it_was_bound_to() {
    let world = World::start().await;
    let person = world.person("Ana").await;
    let (first, second) = (Stranger::sign_in(&world, &person).await, Stranger::sign_in(&world, &person).await);
    let mallory = Stranger::new(&world, "Mallory").await;
    let mut socket = Socket::open(&first.url, "/app/mysharpjob-key?protocol=7").await;
    let socket_id = socket.greeting().await;
    let ask = async |who: &Stranger, path: &str| {
        let channel = format!("private-user.{}", who.id);
        who.post(path, json!({ "socket_id": socket_id, "channel_name": channel })).await
    };
    assert_eq!(ask(&first, "/broadcasting/auth").await.status, StatusCode::OK);
    for path in ["/broadcasting/auth", "/api/broadcasting/auth", "/broadcasting/user-auth"] {
        let refused = ask(&mallory, path).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}: {}", refused.body);
    }
    assert_eq!(ask(&second, "/broadcasting/auth").await.status, StatusCode::OK, "the same person on another device");
    // A stranger's logout does not reach it, nor that of the other device; that of the first does.
    for who in [&mallory, &second] {
        assert_eq!(who.post("/api/logout", json!({})).await.status, StatusCode::NO_CONTENT);
        socket.say(&json!({ "event": "pusher:ping" })).await;
        socket.hear("pusher:pong").await;
    }
    first.post("/api/logout", json!({})).await;
    assert_eq!(socket.close_code().await, Some(4009));
}

#[tokio::test]
async fn an_event_right_behind_the_sign_in_is_heard() {
    let world = World::start_with(|config| config.apps.push(guest("guest"))).await;
    let owner = Owner::new(&world, &guest("guest"));
    for n in 0..20 {
        let mut peer = owner.connect().await;
        let user = format!("user-{n}");
        peer.sign_in(&json!({ "id": user })).await;
        peer.socket.hear("pusher:signin_success").await;
        // The client has not asked for its channel.
        owner.publish(&format!("#server-to-user-{user}"), "greeting", &n.to_string()).await;
        let frame = peer.socket.next().await.expect("open");
        assert_eq!((&frame["event"], &frame["data"]), (&json!("greeting"), &json!(n.to_string())));
        // Asking for it is answered, and doubles nothing.
        peer.listen(&format!("#server-to-user-{user}")).await;
        owner.publish(&format!("#server-to-user-{user}"), "again", "1").await;
        assert_eq!(peer.socket.next().await.expect("open")["event"], "again");
        peer.nothing_before_pong().await;
    }
}

#[tokio::test]
async fn an_address_without_a_query_is_greeted_and_the_sub_protocol_is_echoed() {
    let world = World::start().await;
    let addresses = world.server().addresses();
    for address in [addresses.http, addresses.realtime] {
        let mut request = format!("ws://{address}/app/mysharpjob-key").into_client_request().expect("an address");
        let name = "pusher-channels-protocol-7";
        request.headers_mut().insert("sec-websocket-protocol", name.parse().expect("a header"));
        let (socket, answer) = connect_async(request).await.expect("an upgrade");
        assert_eq!(answer.headers()["sec-websocket-protocol"], name);
        Socket(socket).greeting().await;
    }
}

#[tokio::test]
async fn a_socket_may_hold_ten_thousand_channels() {
    let world = World::start_with(|config| config.apps.push(guest("guest"))).await;
    let owner = Owner::new(&world, &guest("guest"));
    let mut peer = owner.connect().await;
    for n in 0..10_000 {
        let frame = json!({ "event": "pusher:subscribe", "data": { "channel": format!("c{n}") } });
        peer.socket.0.feed(tokio_tungstenite::tungstenite::Message::text(frame.to_string())).await.expect("open");
        if n % 500 == 499 {
            peer.socket.0.flush().await.expect("open");
            for _ in 0..500 {
                assert_eq!(peer.socket.next().await.expect("open")["event"], "pusher_internal:subscription_succeeded");
            }
        }
    }
    owner.publish("c9876", "word", "1").await;
    assert_eq!(peer.socket.next().await.expect("open")["channel"], "c9876");
    assert_eq!(peer.subscribe("one-more", None).await["event"], "pusher:subscription_error");
}

#[tokio::test]
async fn an_app_is_found_by_its_number_too() {
    let world = World::start_with(|config| config.apps.push(guest("guest"))).await;
    let mut owner = Owner::new(&world, &guest("guest"));
    owner.app.id = owner.app.numeric_id();
    let (status, answer) = owner.ask(Method::GET, "/channels", &[], "").await;
    assert_eq!((status, answer), (StatusCode::OK, json!({ "channels": {} })));
}

#[tokio::test]
async fn a_link_that_broke_leaves_roster_counts_and_webhooks_agreed() {
    let world = World::start_with(|config| config.apps.push(guest("guest"))).await;
    let owner = Owner::new(&world, &guest("guest"));
    let mut ana = owner.connect().await;
    ana.join("presence-a", "ana").await;
    drop(ana);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let query = [("info", "user_count,subscription_count")];
    let (_, answer) = owner.ask(Method::GET, "/channels/presence-a", &query, "").await;
    assert_eq!(answer, json!({ "occupied": true, "user_count": 1, "subscription_count": 1 }));
    let query = [("filter_by_prefix", "presence-"), ("info", "user_count")];
    let (_, answer) = owner.ask(Method::GET, "/channels", &query, "").await;
    assert_eq!(answer, json!({ "channels": { "presence-a": { "user_count": 1 } } }));
    // Back with another name: the others hear that the one they knew is gone, and the new one is here.
    let (mut bo, mut again) = (owner.connect().await, owner.connect().await);
    bo.join("presence-a", "bo").await;
    let data = json!({ "user_id": "ana", "user_info": { "name": "Ana the second" } }).to_string();
    let frame = again.subscribe("presence-a", Some(&data)).await;
    assert!(frame["data"].as_str().is_some_and(|text| text.contains("Ana the second")), "{frame}");
    assert_eq!(bo.socket.hear("pusher_internal:member_removed").await["user_id"], "ana");
    let added: Value = bo.socket.hear("pusher_internal:member_added").await;
    assert_eq!(added["user_info"]["name"], "Ana the second");
}

#[tokio::test]
async fn members_who_never_signed_in_are_terminated_too() {
    let world = World::start_with(|config| config.apps.push(guest("guest"))).await;
    let owner = Owner::new(&world, &guest("guest"));
    let (mut ana, mut bo) = (owner.connect().await, owner.connect().await);
    ana.join("presence-a", "ana").await;
    bo.join("presence-a", "bo").await;
    let (status, _) = owner.ask(Method::POST, "/users/ana/terminate_connections", &[], "{}").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(ana.socket.close_code().await, Some(4009));
    assert_eq!(bo.socket.hear("pusher_internal:member_removed").await["user_id"], "ana");
}

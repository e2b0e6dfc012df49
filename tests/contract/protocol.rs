//! The protocol row by row: what is accepted and what is refused, over real sockets.

use std::time::Duration;

use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    pusher::{Owner, Peer, guest},
    stranger::{Socket, Stranger},
};

async fn world_with(change: impl FnOnce(&mut guildhall_pusher::settings::AppSettings)) -> (World, Owner) {
    let mut app = guest("guest");
    change(&mut app);
    let owner_app = app.clone();
    let world = World::start_with(|config| config.apps.push(app)).await;
    let owner = Owner::new(&world, &owner_app);
    (world, owner)
}

#[tokio::test]
async fn each_kind_of_channel_is_admitted_by_its_own_rule() {
    let (_world, owner) = world_with(|_| {}).await;
    let mut peer = owner.connect().await;
    let member = r#"{"user_id":"7"}"#;
    for (channel, data, event) in [
        ("news", None, "pusher_internal:subscription_succeeded"),
        ("private-a", None, "pusher_internal:subscription_succeeded"),
        ("private-encrypted-a", None, "pusher_internal:subscription_succeeded"),
        ("presence-a", Some(member), "pusher_internal:subscription_succeeded"),
        ("presence-b", None, "pusher:subscription_error"),
        ("presence-b", Some("{}"), "pusher:subscription_error"),
        ("bad name", None, "pusher:error"),
        ("news", None, "pusher:error"),
        ("#server-to-user-7", None, "pusher:subscription_error"),
    ] {
        let frame = peer.subscribe(channel, data).await;
        assert_eq!(frame["event"], event, "{channel}: {frame}");
        if event == "pusher:subscription_error" {
            let data: Value = serde_json::from_str(frame["data"].as_str().expect("text")).expect("JSON");
            assert!(data["type"].is_string() && data["error"].is_string() && data["status"].is_u64(), "{data}");
        }
    }
    let wrong = json!({"event": "pusher:subscribe", "data": {"channel": "private-b", "auth": "guest-key:00"}});
    peer.socket.say(&wrong).await;
    assert_eq!(peer.hears_next("pusher:subscription_error").await["status"], 401);
}

#[tokio::test]
async fn e112_members_are_told_once_for_each_user_and_not_for_each_socket() {
    let (_world, owner) = world_with(|_| {}).await;
    let (mut one, mut two, mut three) = (owner.connect().await, owner.connect().await, owner.connect().await);
    assert_eq!(one.join("presence-a", "ana").await["count"], 1);
    let roster = two.join("presence-a", "bo").await;
    assert_eq!((&roster["count"], &roster["hash"]["ana"]["name"]), (&json!(2), &json!("ana")));
    assert_eq!(one.hears_next("pusher_internal:member_added").await["user_id"], "bo");
    assert_eq!(three.join("presence-a", "bo").await["count"], 2);
    one.nothing_before_pong().await;
    // One of two windows is closed: nobody hears of it; then the other one.
    two.socket.say(&json!({"event": "pusher:unsubscribe", "data": {"channel": "presence-a"}})).await;
    two.nothing_before_pong().await;
    one.nothing_before_pong().await;
    three.socket.0.close(None).await.expect("closed");
    assert_eq!(one.hears_next("pusher_internal:member_removed").await["user_id"], "bo");
}

#[tokio::test]
async fn e112_a_member_whose_link_broke_is_back_within_thirty_seconds_unnoticed() {
    let (_world, owner) = world_with(|_| {}).await;
    let (mut ana, mut bo) = (owner.connect().await, owner.connect().await);
    ana.join("presence-a", "ana").await;
    bo.join("presence-a", "bo").await;
    ana.hears_next("pusher_internal:member_added").await;
    // Without a close: as when a train enters a tunnel.
    drop(bo.socket);
    tokio::time::sleep(Duration::from_secs(2)).await;
    ana.nothing_before_pong().await;
    let mut back = owner.connect().await;
    assert_eq!(back.join("presence-a", "bo").await["count"], 2);
    ana.nothing_before_pong().await;
    drop(back.socket);
    let users = owner.ask(Method::GET, "/channels/presence-a/users", &[], "").await.1;
    assert_eq!(users["users"].as_array().map(Vec::len), Some(2), "still thought to be here");
    let gone = tokio::time::timeout(Duration::from_secs(40), async {
        loop {
            let frame = ana.socket.next_within(Duration::from_secs(40)).await.expect("open");
            if frame["event"] == "pusher_internal:member_removed" {
                return frame;
            }
            if frame["event"] == "pusher:ping" {
                ana.socket.say(&json!({"event": "pusher:pong", "data": {}})).await;
            }
        }
    });
    assert!(gone.await.expect("told in time")["data"].as_str().is_some_and(|d| d.contains("\"bo\"")));
}

#[tokio::test]
async fn e38_a_long_roster_shows_some_and_counts_all() {
    let (_world, owner) = world_with(|app| app.limits.members_shown_max = 2).await;
    let mut peers = Vec::new();
    for name in ["a", "b", "c"] {
        let mut peer = owner.connect().await;
        let roster = peer.join("presence-a", name).await;
        peers.push((peer, roster));
    }
    let last = &peers[2].1;
    assert_eq!((&last["count"], &last["ids"]), (&json!(3), &json!(["a", "c"])));
}

#[tokio::test]
async fn cache_channels_show_the_last_event_to_those_who_come_later() {
    let (_world, owner) = world_with(|_| {}).await;
    for channel in ["cache-a", "private-cache-a"] {
        let mut early = owner.connect().await;
        early.listen(channel).await;
        early.hears_next("pusher:cache_miss").await;
        owner.publish(channel, "price", "1").await;
        owner.publish(channel, "price", "2").await;
        assert_eq!(early.hears_next("price").await, json!(1));
        assert_eq!(early.hears_next("price").await, json!(2));
        let mut late = owner.connect().await;
        late.listen(channel).await;
        assert_eq!(late.hears_next("price").await, json!(2));
        late.nothing_before_pong().await;
        let info = owner.ask(Method::GET, &format!("/channels/{channel}"), &[("info", "cache")], "").await.1;
        assert_eq!(info["cache"]["data"], "2");
        assert!(info["cache"]["ttl"].as_i64().is_some_and(|ttl| (1..=1_800).contains(&ttl)), "{info}");
    }
    // Published before anybody came: kept as well.
    owner.publish("cache-b", "price", "3").await;
    let mut peer = owner.connect().await;
    peer.listen("cache-b").await;
    assert_eq!(peer.hears_next("price").await, json!(3));
}

#[tokio::test]
async fn encrypted_channels_pass_their_bodies_through_untouched() {
    let (_world, owner) = world_with(|_| {}).await;
    let mut peer = owner.connect().await;
    peer.listen("private-encrypted-a").await;
    let sealed = r#"{"nonce":"AAAA","ciphertext":"u2=="}"#;
    owner.publish("private-encrypted-a", "secret", sealed).await;
    let frame = peer.socket.next().await.expect("open");
    assert_eq!((&frame["event"], &frame["data"]), (&json!("secret"), &json!(sealed)));
    peer.trigger("private-encrypted-a", "client-x", json!({})).await;
    assert_eq!(peer.hears_next("pusher:error").await["code"], 4301);
}

#[tokio::test]
async fn client_events_go_to_the_others_of_a_private_channel_at_their_rate() {
    let (_world, owner) = world_with(|_| {}).await;
    let (mut ana, mut bo) = (owner.connect().await, owner.connect().await);
    for peer in [&mut ana, &mut bo] {
        peer.listen("private-a").await;
        peer.listen("news").await;
    }
    ana.join("presence-a", "ana").await;
    bo.join("presence-a", "bo").await;
    ana.hears_next("pusher_internal:member_added").await;
    bo.trigger("presence-a", "client-wave", json!({"x": 1})).await;
    let frame = ana.socket.next().await.expect("open");
    assert_eq!(frame, json!({"event": "client-wave", "channel": "presence-a", "data": "{\"x\":1}", "user_id": "bo"}));
    bo.nothing_before_pong().await;
    for (channel, event, data) in [
        ("news", "client-x", json!({})),
        ("private-other", "client-x", json!({})),
        ("private-a", &*format!("client-{}", "x".repeat(194)), json!({})),
        ("private-a", "client-x", json!("x".repeat(100 * 1024 + 1))),
    ] {
        bo.trigger(channel, event, data).await;
        assert_eq!(bo.hears_next("pusher:error").await["code"], 4301, "{channel} {event:.20}");
    }
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    for n in 0..11 {
        bo.trigger("private-a", "client-n", json!(n)).await;
    }
    assert_eq!(bo.hears_next("pusher:error").await["code"], 4301, "the eleventh of a second");
    for n in 0..10 {
        assert_eq!(ana.hears_next("client-n").await, json!(n));
    }
    ana.nothing_before_pong().await;
}

#[tokio::test]
async fn a_signed_in_user_is_reached_watched_and_disconnected() {
    let (_world, owner) = world_with(|_| {}).await;
    let (mut ana, mut bo, mut second) = (owner.connect().await, owner.connect().await, owner.connect().await);
    ana.sign_in(&json!({"id": "ana", "watchlist": ["bo", "cy"]})).await;
    ana.hears_next("pusher:signin_success").await;
    assert_eq!(
        ana.hears_next("pusher_internal:watchlist_events").await,
        json!({"events": [{"name": "offline", "user_ids": ["bo", "cy"]}]})
    );
    bo.sign_in(&json!({"id": "bo"})).await;
    bo.hears_next("pusher:signin_success").await;
    let online = json!({"events": [{"name": "online", "user_ids": ["bo"]}]});
    assert_eq!(ana.hears_next("pusher_internal:watchlist_events").await, online);
    second.sign_in(&json!({"id": "bo"})).await;
    second.hears_next("pusher:signin_success").await;
    ana.nothing_before_pong().await;
    let channel = "#server-to-user-bo";
    assert_eq!(bo.subscribe(channel, None).await["event"], "pusher_internal:subscription_succeeded");
    assert_eq!(ana.subscribe(channel, None).await["event"], "pusher:subscription_error");
    owner.publish(channel, "hello", "{\"x\":1}").await;
    assert_eq!(bo.hears_next("hello").await, json!({"x": 1}));
    ana.nothing_before_pong().await;
    let (status, _) = owner.ask(Method::POST, "/users/bo/terminate_connections", &[], "{}").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(bo.socket.close_code().await, Some(4009));
    assert_eq!(second.socket.close_code().await, Some(4009));
    let offline = json!({"events": [{"name": "offline", "user_ids": ["bo"]}]});
    assert_eq!(ana.hears_next("pusher_internal:watchlist_events").await, offline);
    let mut stranger = owner.connect().await;
    stranger
        .socket
        .say(&json!({"event": "pusher:signin", "data": {"auth": "guest-key:00", "user_data": "{\"id\":\"ana\"}"}}))
        .await;
    assert_eq!(stranger.socket.close_code().await, Some(4009));
}

#[tokio::test]
async fn subscribers_are_told_how_many_they_are_where_the_app_wants_it() {
    let (_world, owner) = world_with(|app| app.subscription_counts = true).await;
    let (mut ana, mut bo) = (owner.connect().await, owner.connect().await);
    let count = async |peer: &mut Peer| {
        peer.hears_next("pusher_internal:subscription_count").await["subscription_count"].clone()
    };
    ana.listen("news").await;
    assert_eq!(count(&mut ana).await, 1);
    bo.listen("news").await;
    assert_eq!(count(&mut bo).await, 2);
    assert_eq!(count(&mut ana).await, 2);
    bo.socket.0.close(None).await.expect("closed");
    assert_eq!(count(&mut ana).await, 1);
    ana.join("presence-a", "ana").await;
    ana.nothing_before_pong().await;
}

#[tokio::test]
async fn apps_do_not_hear_each_other_and_have_their_own_limits() {
    let mut small = guest("small");
    small.limits.connections_max = 1;
    small.limits.subscriptions_max = 1;
    let mut off = guest("off");
    off.enabled = false;
    let mut closed = guest("closed");
    closed.origins = vec!["https://shop.example".into()];
    let apps = [guest("guest"), small.clone(), off.clone(), closed.clone()];
    let world = World::start_with(|config| config.apps.extend(apps)).await;
    let (owner, market) = (Owner::new(&world, &guest("guest")), Owner::market(&world));
    let (mut here, mut there) = (owner.connect().await, market.connect().await);
    here.listen("news").await;
    there.listen("news").await;
    owner.publish("news", "only-here", "{}").await;
    here.hears_next("only-here").await;
    there.nothing_before_pong().await;
    // The market's rules hold on the market's app alone.
    here.listen("private-user.1").await;
    let mut mixed = market.clone();
    mixed.app.secret = owner.app.secret.clone();
    assert_eq!(mixed.ask(Method::GET, "/channels", &[], "").await.0, StatusCode::UNAUTHORIZED);
    mixed.app.id = "nobody".into();
    assert_eq!(mixed.ask(Method::GET, "/channels", &[], "").await.0, StatusCode::NOT_FOUND);
    let few = Owner::new(&world, &small);
    let mut first = few.connect().await;
    first.listen("one").await;
    assert!(first.subscribe("two", None).await["data"].as_str().is_some_and(|d| d.contains("LimitReached")));
    let refused = async |app: &guildhall_pusher::settings::AppSettings, origin: Option<&str>| {
        let path = format!("/app/{}?protocol=7", app.credentials.key);
        let mut socket = Socket::open_from(&world.url(), &path, origin).await;
        let event = socket.next().await.expect("a frame");
        (event["data"]["code"].clone(), socket.close_code().await)
    };
    assert_eq!(refused(&small, None).await, (json!(4004), Some(4004)));
    first.socket.0.close(None).await.expect("closed");
    assert_eq!(refused(&off, None).await, (json!(4003), Some(4003)));
    assert_eq!(Owner::new(&world, &off).ask(Method::GET, "/channels", &[], "").await.0, StatusCode::FORBIDDEN);
    assert_eq!(refused(&closed, Some("https://evil.example")).await, (json!(4009), Some(4009)));
    let path = format!("/app/{}?protocol=7", closed.credentials.key);
    Socket::open_from(&world.url(), &path, Some("https://shop.example")).await.greeting().await;
    for path in ["/app", "/app/", "/app/guest-key/more"] {
        let mut socket = Socket::open(&world.url(), path).await;
        assert_eq!(socket.hear("pusher:error").await["code"], 4005, "{path}");
        assert_eq!(socket.close_code().await, Some(4005), "{path}");
    }
}

#[tokio::test]
async fn a_silent_client_is_asked_and_then_closed_with_4201() {
    let world = World::start_with(|config| {
        config.apps.push(guest("guest"));
        config.activity_timeout_s = 1;
    })
    .await;
    let owner = Owner::new(&world, &guest("guest"));
    let (mut silent, mut well) = (owner.connect().await, owner.connect().await);
    silent.hears_next("pusher:ping").await;
    well.hears_next("pusher:ping").await;
    well.socket.say(&json!({"event": "pusher:pong", "data": {}})).await;
    let answering = async {
        loop {
            if well.socket.next().await.expect("open")["event"] == "pusher:ping" {
                well.socket.say(&json!({"event": "pusher:pong", "data": {}})).await;
            }
        }
    };
    tokio::select! {
        code = silent.socket.close_code_within(Duration::from_secs(40)) => assert_eq!(code, Some(4201)),
        () = answering => unreachable!("it answers for ever"),
    }
}

#[tokio::test]
async fn the_signed_api_refuses_what_is_not_within_its_rules() {
    let (_world, owner) = world_with(|_| {}).await;
    let mut peer = owner.connect().await;
    peer.listen("news").await;
    let event = |change: &dyn Fn(&mut Value)| {
        let mut body = json!({"name": "e", "channel": "news", "data": "{}"});
        change(&mut body);
        body.to_string()
    };
    let many: Vec<String> = (0..101).map(|n| format!("c{n}")).collect();
    for (body, status) in [
        (event(&|b| b["name"] = "x".repeat(201).into()), 400),
        (event(&|b| b["name"] = "".into()), 400),
        (event(&|b| b["channel"] = "x".repeat(165).into()), 400),
        (event(&|b| b["channel"] = "no spaces".into()), 400),
        (event(&|b| b["data"] = "x".repeat(100 * 1024 + 1).into()), 413),
        (event(&|b| b["socket_id"] = "nonsense".into()), 400),
        (event(&|b| b["channels"] = json!(["a"])), 400),
        (json!({"name": "e", "channels": many, "data": ""}).to_string(), 400),
        (json!({"name": "e", "channels": [], "data": ""}).to_string(), 400),
        (json!({"name": "e", "data": ""}).to_string(), 400),
        (json!({"channel": "news"}).to_string(), 400),
        ("{".into(), 400),
    ] {
        let (found, answer) = owner.ask(Method::POST, "/events", &[], &body).await;
        assert_eq!(found.as_u16(), status, "{body:.80}: {answer}");
        assert!(answer["message"].as_str().is_some_and(|m| m.len() > 10), "{answer}");
    }
    let one = json!({"name": "e", "channel": "news", "data": "{}"});
    let batch = |n: usize| json!({"batch": vec![one.clone(); n]}).to_string();
    assert_eq!(owner.ask(Method::POST, "/batch_events", &[], &batch(11)).await.0, StatusCode::BAD_REQUEST);
    let spoilt = json!({"batch": [one, {"name": "e", "channel": "no spaces", "data": ""}]}).to_string();
    assert_eq!(owner.ask(Method::POST, "/batch_events", &[], &spoilt).await.0, StatusCode::BAD_REQUEST);
    peer.nothing_before_pong().await;
    for (method, path, query, status) in [
        (Method::GET, "/channels/news/users", [("x", "y")], 400),
        (Method::GET, "/channels/no%20spaces", [("x", "y")], 400),
        (Method::DELETE, "/channels", [("x", "y")], 405),
        (Method::GET, "/events", [("x", "y")], 405),
        (Method::GET, "/nothing", [("x", "y")], 404),
    ] {
        let (found, answer) = owner.ask(method, path, &query, "").await;
        assert_eq!(found.as_u16(), status, "{path}: {answer}");
    }
    // Within the limits to the last character.
    let body = json!({"name": "e".repeat(200), "channels": &many[..100], "data": "x".repeat(100 * 1024)}).to_string();
    assert_eq!(owner.ask(Method::POST, "/events", &[], &body).await.0, StatusCode::OK);
    assert_eq!(owner.ask(Method::POST, "/batch_events", &[], &batch(10)).await.0, StatusCode::OK);
    for _ in 0..10 {
        peer.hears_next("e").await;
    }
}

#[tokio::test]
async fn the_signed_api_believes_nothing_that_is_not_signed_now_and_whole() {
    let (_world, owner) = world_with(|_| {}).await;
    let mut peer = owner.connect().await;
    peer.listen("news").await;
    let body = json!({"name": "e", "channel": "news", "data": "{}"}).to_string();
    let changes: [(&str, &str); 6] = [
        ("auth_key", "other-key"),
        ("auth_version", "2.0"),
        ("auth_timestamp", "1000000000"),
        ("auth_signature", "00"),
        ("body_md5", "d41d8cd98f00b204e9800998ecf8427e"),
        ("info", "subscription_count"),
    ];
    for (name, value) in changes {
        let change = |pairs: &mut Vec<(String, String)>| match pairs.iter_mut().find(|(n, _)| n == name) {
            Some(pair) => pair.1 = value.into(),
            None => pairs.push((name.into(), value.into())),
        };
        let (status, answer) = owner.ask_as(Method::POST, "/events", &[], &body, change).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{name}: {answer}");
    }
    for name in ["auth_key", "auth_timestamp", "auth_version", "auth_signature", "body_md5"] {
        let (status, _) = owner.ask_as(Method::POST, "/events", &[], &body, |p| p.retain(|(n, _)| n != name)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "without {name}");
    }
    peer.nothing_before_pong().await;
}

#[tokio::test]
async fn a_signed_request_that_is_replayed_later_does_nothing() {
    let (_world, owner) = world_with(|_| {}).await;
    let mut peer = owner.connect().await;
    peer.listen("news").await;
    let body = json!({"name": "e", "channel": "news", "data": "{}"}).to_string();
    let mut caught = Vec::new();
    owner.ask_as(Method::POST, "/events", &[], &body, |pairs| caught = pairs.clone()).await;
    peer.hears_next("e").await;
    let path = format!("/apps/{}/events", owner.app.id);
    assert_eq!(owner.send(Method::POST, &path, &caught, &body).await.0, StatusCode::OK);
    peer.hears_next("e").await;
    tokio::time::sleep(Duration::from_millis(5_100)).await;
    assert_eq!(owner.send(Method::POST, &path, &caught, &body).await.0, StatusCode::OK);
    peer.nothing_before_pong().await;
}

#[tokio::test]
async fn channels_are_listed_with_what_is_asked_about_them() {
    let (_world, owner) = world_with(|_| {}).await;
    let (mut ana, mut bo) = (owner.connect().await, owner.connect().await);
    for peer in [&mut ana, &mut bo] {
        peer.listen("news").await;
        peer.join("presence-a", "ana").await;
    }
    let get = async |path: &str, query: &[(&str, &str)]| owner.ask(Method::GET, path, query, "").await.1;
    assert_eq!(get("/channels", &[]).await, json!({"channels": {"news": {}, "presence-a": {}}}));
    assert_eq!(
        get("/channels", &[("filter_by_prefix", "presence-"), ("info", "user_count,subscription_count")]).await,
        json!({"channels": {"presence-a": {"user_count": 1, "subscription_count": 2}}})
    );
    assert_eq!(
        get("/channels/news", &[("info", "subscription_count")]).await,
        json!({"occupied": true, "subscription_count": 2})
    );
    assert_eq!(get("/channels/empty", &[]).await, json!({"occupied": false}));
    assert_eq!(get("/channels/presence-a/users", &[]).await, json!({"users": [{"id": "ana"}]}));
    let body = json!({"name": "e", "channels": ["news", "presence-a"], "data": "", "info": "user_count,subscription_count", "socket_id": ana.id.to_string()});
    let (_, answer) = owner.ask(Method::POST, "/events", &[], &body.to_string()).await;
    assert_eq!(answer["channels"]["news"], json!({"subscription_count": 2}));
    assert_eq!(answer["channels"]["presence-a"], json!({"user_count": 1, "subscription_count": 2}));
    bo.hears_next("e").await;
    ana.nothing_before_pong().await;
}

#[tokio::test]
async fn e109_an_administrator_who_is_none_any_more_stops_hearing_at_once() {
    let world = World::start().await;
    let (boss, other) = (Stranger::new(&world, "Boss").await, Stranger::new(&world, "Other").await);
    assert_eq!(boss.get("/api/admin/connections").await.status, StatusCode::FORBIDDEN);
    assert!(world.server().set_admin("boss@example.com", true).await.expect("the database works"));
    let mut socket = boss.listen_to("private-admin").await;
    let _other = other.listen().await;
    let owner = Owner::market(&world);
    owner.publish("private-admin", "one", "{}").await;
    socket.hear("one").await;
    let rows = boss.get("/api/admin/connections").await.body["data"].clone();
    let row = rows.as_array().expect("rows").iter().find(|row| row["user_id"] == boss.id).expect("one's own").clone();
    assert_eq!(row["channels"], json!(["private-admin"]));
    assert_eq!(rows.as_array().map(Vec::len), Some(2));
    world.server().set_admin("boss@example.com", false).await.expect("the database works");
    let error = socket.hear("pusher:subscription_error").await;
    assert_eq!((&error["status"], &error["type"]), (&json!(403), &json!("AuthError")));
    owner.publish("private-admin", "two", "{}").await;
    socket.say(&json!({"event": "pusher:ping", "data": {}})).await;
    assert_eq!(socket.next().await.expect("open")["event"], "pusher:pong");
    assert_eq!(boss.get("/api/admin/connections").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_person_signs_in_on_a_socket_with_their_token() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let owner = Owner::market(&world);
    let mut peer = owner.connect().await;
    let asked = json!({"socket_id": peer.id.to_string()});
    let answer = ana.post("/broadcasting/user-auth", asked.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(ana.post("/api/broadcasting/user-auth", asked).await.body, answer.body);
    peer.socket.say(&json!({"event": "pusher:signin", "data": answer.body})).await;
    peer.hears_next("pusher:signin_success").await;
    let channel = format!("#server-to-user-{}", ana.id);
    assert_eq!(peer.subscribe(&channel, None).await["event"], "pusher_internal:subscription_succeeded");
}

#[tokio::test]
async fn counters_tell_what_went_on() {
    let (world, owner) = world_with(|_| {}).await;
    let mut peer = owner.connect().await;
    peer.listen("news").await;
    owner.publish("news", "e", "{}").await;
    peer.hears_next("e").await;
    let expected = [
        "guildhall_connections{app=\"guest\"} 1",
        "guildhall_subscriptions{app=\"guest\"} 1",
        "guildhall_events_total{app=\"guest\",source=\"server\"} 1",
        "guildhall_frames_total{app=\"guest\",direction=\"out\"} 3",
        "guildhall_event_latency_seconds_count{app=\"guest\"} 1",
        "guildhall_connections{app=\"mysharpjob\"} 0",
    ];
    let url = format!("{}/metrics", world.url());
    let read = async || reqwest::get(&url).await.expect("an answer").text().await.expect("text");
    // A loop counts when it has written, which is when the client may have read already.
    guildhall_testkit::eventually("all is counted", async || {
        let text = read().await;
        expected.iter().all(|line| text.lines().any(|found| found == *line))
    })
    .await;
    let text = read().await;
    assert!(text.contains("\nprocess_resident_memory_bytes "), "{text}");
}

use super::*;
use proptest::prelude::*;

use crate::auth::App;

const ID: SocketId = SocketId { place: 1, nonce: 1 };

fn app() -> App {
    App { id: "1".into(), key: "key".into(), secret: "secret".into() }
}

fn open_with(change: impl FnOnce(&mut AppSettings)) -> Connection {
    let mut settings = AppSettings::from(app());
    change(&mut settings);
    Connection::open(Arc::new(settings), ID, 30, 0).0
}

fn open() -> Connection {
    open_with(|_| {})
}

fn subscribe(channel: &str, channel_data: Option<&str>) -> String {
    frame::subscribe(channel, Some(&app().sign_channel(ID, channel, channel_data)), channel_data)
}

fn sign_in(user_data: &str, auth: Option<&str>) -> String {
    let signed = app().sign_user(ID, user_data);
    let data = serde_json::json!({ "auth": auth.unwrap_or(&signed), "user_data": user_data });
    serde_json::json!({ "event": "pusher:signin", "data": data }).to_string()
}

fn sent(outputs: &[Output]) -> String {
    match outputs {
        [Output::Send(text)] => text.clone(),
        other => panic!("expected one frame, found {other:?}"),
    }
}

#[test]
fn subscriptions_need_a_signature_where_the_name_says_so() {
    let mut c = open();
    assert!(matches!(&c.on_text(&frame::subscribe("news", None, None), 1)[..], [Output::Subscribe { .. }]));
    assert!(sent(&c.on_text(&frame::subscribe("private-a", None, None), 1)).contains("AuthError"));
    assert!(sent(&c.on_text(&frame::subscribe("private-a", Some("key:00"), None), 1)).contains("AuthError"));
    assert!(matches!(&c.on_text(&subscribe("private-a", None), 1)[..], [Output::Subscribe { member: None, .. }]));
    assert!(sent(&c.on_text(&subscribe("presence-a", None), 1)).contains("user_id"));
    let outputs = c.on_text(&subscribe("presence-a", Some(r#"{"user_id":"7"}"#)), 1);
    assert!(matches!(&outputs[..], [Output::Subscribe { member: Some(m), .. }] if &*m.user_id == "7"), "{outputs:?}");
}

#[test]
fn a_socket_may_hold_ten_thousand_subscriptions_and_fewer_where_the_app_says_so() {
    for (mut c, max) in [(open(), 10_000), (open_with(|app| app.limits.subscriptions_max = 3), 3)] {
        for i in 0..max {
            assert!(matches!(
                &c.on_text(&frame::subscribe(&format!("c{i}"), None, None), 1)[..],
                [Output::Subscribe { .. }]
            ));
        }
        assert!(sent(&c.on_text(&frame::subscribe("one-more", None, None), 1)).contains("LimitReached"));
    }
}

#[test]
fn an_error_that_does_not_close_has_no_code_that_closes() {
    let mut c = open();
    for channel in ["", "no spaces", &"x".repeat(165)] {
        let error = sent(&c.on_text(&frame::subscribe(channel, None, None), 1));
        assert!(error.contains(r#""code":null"#) && error.contains("channel name"), "{error}");
    }
    assert!(sent(&c.on_text(r#"{"event":"pusher:ping"}"#, 1)).contains("pusher:pong"), "it goes on");
}

#[test]
fn a_private_channel_may_be_signed_with_data_or_without() {
    let data = r#"{"user_id":"7"}"#;
    let with = app().sign_channel(ID, "private-a", Some(data));
    let without = app().sign_channel(ID, "private-a", None);
    let check = |auth: &str, data, admitted| {
        let outputs = open().on_text(&frame::subscribe("private-a", Some(auth), data), 1);
        assert_eq!(matches!(&outputs[..], [Output::Subscribe { member: None, .. }]), admitted, "{outputs:?}");
    };
    check(&with, Some(data), true);
    check(&without, Some(data), true);
    check(&without, None, true);
    check(&with, None, false);
    check(&with, Some("{}"), false);
}

#[test]
fn a_silent_client_is_pinged_and_then_closed() {
    let mut c = open();
    assert_eq!(c.on_deadline(29_999), []);
    assert_eq!(c.on_deadline(30_000), [Output::Send(frame::ping())]);
    assert_eq!(c.on_deadline(59_999), []);
    assert!(matches!(&c.on_deadline(60_000)[..], [_, Output::Close(CloseCode::PongLate)]));
    let mut c = open();
    c.on_deadline(30_000);
    c.on_text(&frame::pong(), 31_000);
    assert_eq!(c.on_deadline(60_000), []);
}

#[test]
fn client_events_are_for_subscribers_and_ten_a_second() {
    let mut c = open();
    let event = frame::client_event("client-typing", "private-a", &serde_json::json!({"x": 1}));
    assert!(sent(&c.on_text(&event, 1)).contains("4301"));
    c.on_text(&subscribe("private-a", None), 1);
    for _ in 0..10 {
        assert!(matches!(&c.on_text(&event, 500)[..], [Output::ClientEvent { data, .. }] if data == r#"{"x":1}"#));
    }
    assert!(sent(&c.on_text(&event, 999)).contains("4301"));
    for _ in 0..10 {
        assert!(matches!(&c.on_text(&event, 1_501)[..], [Output::ClientEvent { .. }]));
    }
    assert!(sent(&c.on_text(&event, 2_500)).contains("4301"), "the second began with its first event");
    assert!(matches!(&c.on_text(&event, 2_501)[..], [Output::ClientEvent { .. }]));
}

#[test]
fn an_app_says_how_many_events_and_how_large() {
    let event = frame::client_event("client-x", "private-a", &serde_json::json!("12345"));
    let mut c = open_with(|app| app.limits.client_events_per_second_max = 1);
    c.on_text(&subscribe("private-a", None), 1);
    assert!(matches!(&c.on_text(&event, 1)[..], [Output::ClientEvent { .. }]));
    assert!(sent(&c.on_text(&event, 1)).contains("More than 1 client events"));
    let mut c = open_with(|app| app.limits.event_data_bytes_max = 4);
    c.on_text(&subscribe("private-a", None), 1);
    assert!(sent(&c.on_text(&event, 1)).contains("larger than 4 bytes"));
    let fits = frame::client_event("client-x", "private-a", &serde_json::json!("1234"));
    assert!(matches!(&c.on_text(&fits, 1)[..], [Output::ClientEvent { .. }]));
    let mut c = open_with(|app| app.client_events = false);
    c.on_text(&subscribe("private-a", None), 1);
    assert!(sent(&c.on_text(&event, 1)).contains("not enabled"));
}

#[test]
fn a_signed_in_user_has_a_channel_and_a_watchlist() {
    let own = frame::subscribe("#server-to-user-7", None, None);
    let mut c = open();
    assert!(sent(&c.on_text(&own, 1)).contains("nobody else"));
    let outputs = c.on_text(&sign_in(r#"{"id":"7","watchlist":["8",9,null]}"#, None), 1);
    let Output::SignedIn { user_id, watchlist } = &outputs[2] else { panic!("{outputs:?}") };
    assert_eq!((&**user_id, watchlist.iter().map(|w| &**w).collect::<String>()), ("7", "89".to_owned()));
    assert!(matches!(&outputs[0], Output::Send(text) if text.contains("pusher:signin_success")));
    assert!(
        matches!(&outputs[1], Output::Subscribe { channel, told: false, .. } if &**channel == "#server-to-user-7"),
        "{outputs:?}"
    );
    // The client's own request for what it has: answered, and counted once.
    assert_eq!(sent(&c.on_text(&own, 1)), frame::subscription_succeeded("#server-to-user-7", "{}"));
    assert_eq!(c.subscriptions().len(), 1);
    let other = frame::subscribe("#server-to-user-8", None, None);
    assert!(sent(&c.on_text(&other, 1)).contains("nobody else"));
    assert!(sent(&c.on_text(&sign_in(r#"{"id":"7"}"#, None), 1)).contains("signin_success"), "again is harmless");
    let outputs = c.on_text(&sign_in(r#"{"id":"8"}"#, None), 1);
    assert!(matches!(&outputs[..], [_, Output::Close(CloseCode::Unauthorised)]), "{outputs:?}");
}

#[test]
fn large_numbers_are_as_many_users_as_there_are_numbers() {
    let mut c = open();
    c.on_text(&sign_in(r#"{"id":100000000000000000001,"watchlist":[100000000000000000003]}"#, None), 1);
    assert_eq!(c.user_id().map(|id| &**id), Some("100000000000000000001"));
    let outputs = c.on_text(&sign_in(r#"{"id":100000000000000000002}"#, None), 1);
    assert!(matches!(&outputs[..], [_, Output::Close(CloseCode::Unauthorised)]), "somebody else: {outputs:?}");
}

#[test]
fn names_and_watchlists_may_be_as_long_as_the_limit() {
    let watching: Vec<String> = (0..WATCHLIST_USERS_MAX).map(|n| n.to_string()).collect();
    let full = serde_json::json!({ "id": "7", "watchlist": watching }).to_string();
    let outputs = open().on_text(&sign_in(&full, None), 1);
    assert!(
        matches!(&outputs[..], [_, _, Output::SignedIn { watchlist, .. }] if watchlist.len() == WATCHLIST_USERS_MAX)
    );
    let mut c = open();
    c.on_text(&subscribe("private-a", None), 1);
    let mut named = |chars: usize| {
        let name = format!("client-{}", "x".repeat(chars - 7));
        c.on_text(&frame::client_event(&name, "private-a", &serde_json::json!(1)), 1)
    };
    assert!(matches!(&named(EVENT_NAME_CHARS_MAX)[..], [Output::ClientEvent { .. }]));
    for chars in [EVENT_NAME_CHARS_MAX + 1, EVENT_NAME_CHARS_MAX * 2] {
        assert!(sent(&named(chars)).contains("longer than 200 characters"));
    }
}

#[test]
fn a_sign_in_that_is_not_signed_or_names_nobody_closes() {
    let watching: Vec<String> = (0..=WATCHLIST_USERS_MAX).map(|n| n.to_string()).collect();
    let too_many = serde_json::json!({ "id": "7", "watchlist": watching }).to_string();
    for text in [
        sign_in(r#"{"id":"7"}"#, Some("key:00")),
        sign_in("{}", None),
        sign_in(r#"{"id":""}"#, None),
        sign_in("nonsense", None),
        sign_in(&too_many, None),
    ] {
        let outputs = open().on_text(&text, 1);
        assert!(matches!(&outputs[..], [_, Output::Close(CloseCode::Unauthorised)]), "{text:.80}: {outputs:?}");
    }
}

#[test]
fn e109_a_right_that_is_lost_takes_its_subscription_along() {
    let mut c = open();
    c.on_text(&subscribe("private-a", None), 1);
    let (gone, words) = c.revoke("private-a", "You are not assigned any more").expect("it was there");
    assert_eq!(&*gone.channel, "private-a");
    assert!(words.contains("subscription_error") && words.contains("not assigned"), "{words}");
    assert!(c.revoke("private-a", "").is_none());
    assert!(c.subscriptions().is_empty());
}

#[test]
fn what_a_connection_is_can_be_asked() {
    let mut c = open();
    assert_eq!((c.last_frame_at(), c.user_id()), (0, None));
    c.on_text(&frame::pong(), 7);
    assert_eq!(c.last_frame_at(), 7);
    c.on_life(9);
    assert_eq!(c.last_frame_at(), 9);
    c.on_text(&sign_in(r#"{"id":"7"}"#, None), 10);
    assert_eq!(c.user_id().map(|id| &**id), Some("7"));
    c.on_text(&frame::subscribe("news", None, None), 11);
    assert!(c.subscription_mut("news").is_some_and(|held| &*held.channel == "news"));
    assert!(c.subscription_mut("other").is_none());
    let mut ended: Vec<_> = c.end().into_iter().map(|held| held.channel.to_string()).collect();
    ended.sort();
    assert_eq!(ended, ["#server-to-user-7", "news"]);
    assert_eq!((c.subscriptions().len(), c.on_text(&frame::ping(), 12)), (0, Vec::new()), "it is over");
}

#[test]
fn a_subscription_is_given_back_once_and_a_signed_in_user_goes_on_subscribing() {
    let mut c = open();
    c.on_text(&sign_in(r#"{"id":"7"}"#, None), 1);
    assert!(matches!(&c.on_text(&frame::subscribe("news", None, None), 1)[..], [Output::Subscribe { .. }]));
    let off = serde_json::json!({ "event": "pusher:unsubscribe", "data": { "channel": "news" } }).to_string();
    let outputs = c.on_text(&off, 1);
    assert!(matches!(&outputs[..], [Output::Unsubscribe(gone)] if &*gone.channel == "news"), "{outputs:?}");
    assert_eq!(c.on_text(&off, 1), []);
}

#[test]
fn a_frame_may_be_as_large_as_the_limit_and_unknown_events_are_named() {
    let padded = |bytes: usize| {
        let frame = r#"{"event":"pusher:ping","data":""}"#;
        frame.replace(r#""data":"""#, &format!(r#""data":"{}""#, "x".repeat(bytes - frame.len())))
    };
    assert_eq!(open().on_text(&padded(FRAME_BYTES_MAX), 1), [Output::Send(frame::pong())]);
    for bytes in [FRAME_BYTES_MAX + 1, FRAME_BYTES_MAX * 2] {
        assert!(sent(&open().on_text(&padded(bytes), 1)).contains("larger than 256 KiB"));
    }
    let unknown = sent(&open().on_text(r#"{"event":"pusher:dance"}"#, 1));
    assert!(unknown.contains("Unknown event") && unknown.contains("pusher:dance"), "{unknown}");
}

proptest! {
    #[test]
    fn every_order_of_frames_keeps_the_limits_and_the_books(
        steps in proptest::collection::vec((0..8_u8, 0..6_usize, 0..40_000_i64), 0..60)
    ) {
        let mut c = open_with(|app| app.limits.subscriptions_max = 4);
        let names = ["news", "private-a", "presence-a", "private-encrypted-a", "cache-a", "private-user.1"];
        let mut held: Vec<Arc<str>> = Vec::new();
        let mut now = 0;
        for (step, at, passed) in steps {
            let name = names[at];
            now += passed;
            let outputs = match step {
                0 | 1 => c.on_text(&subscribe(name, Some(r#"{"user_id":"7"}"#).filter(|_| name.starts_with("presence"))), now),
                2 => c.on_text(&serde_json::json!({"event":"pusher:unsubscribe","data":{"channel":name}}).to_string(), now),
                3 => c.on_text(&frame::client_event("client-a", name, &serde_json::json!({})), now),
                4 => c.on_deadline(now),
                5 => c.on_text(&sign_in(r#"{"id":"7"}"#, None), now),
                6 => c.on_text(&frame::pong(), now),
                _ => c.on_text("{", now),
            };
            for output in outputs {
                match output {
                    Output::Subscribe { channel, .. } => held.push(channel),
                    Output::Unsubscribe(gone) => held.retain(|channel| *channel != gone.channel),
                    Output::ClientEvent { channel, .. } => prop_assert!(held.contains(&channel)),
                    Output::Close(code) => prop_assert_eq!(code, CloseCode::PongLate),
                    Output::Send(_) | Output::SignedIn { .. } => {}
                }
            }
            let mut kept: Vec<_> = c.subscriptions().iter().map(|s| Arc::clone(&s.channel)).collect();
            kept.sort();
            held.sort();
            prop_assert_eq!(&kept, &held, "what was put out and what is kept agree");
            prop_assert!(kept.len() <= 5, "the limit, and the channel of the sign-in");
        }
    }

    #[test]
    fn any_text_is_answered_without_a_panic(text in "\\PC{0,200}") {
        open().on_text(&text, 1);
    }

    #[test]
    fn any_frame_shaped_text_is_answered_without_a_panic(event in "(pusher:[a-z]{0,12}|client-[a-z]{0,3})", data in r#"(\{\}|\[\]|null|1|"x"|\{"channel":("[a-z-]{0,20}"|7|null)\})"#) {
        let mut c = open();
        c.on_text(&format!(r#"{{"event":"{event}","data":{data}}}"#), 1);
        prop_assert!(c.subscriptions().len() <= 1);
    }
}

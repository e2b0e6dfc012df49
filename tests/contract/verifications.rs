//! Verifications and their codes, from outside.

use std::{sync::Arc, time::Duration};

use guildhall_server::clock::HandClock;
use guildhall_testkit::World;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    golden::Story,
    stranger::{Answer, Stranger},
};

const ASK: &str = "/api/verifications/email";
const CONFIRM: &str = "/api/verifications/email/confirm";

async fn world(clock: &HandClock) -> World {
    let clock = Arc::new(clock.clone());
    World::start_with(move |config| config.clock = clock).await
}

async fn of(person: &Stranger, kind: &str) -> Value {
    let list = person.get("/api/verifications").await.body;
    let rows = list["data"].as_array().expect("rows");
    rows.iter().find(|row| row["kind"] == kind).cloned().expect("each kind is listed")
}

/// A code that is not this one.
fn wrong(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &code[..5])
}

async fn asks(person: &Stranger) -> String {
    let asked = person.post(ASK, json!({})).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    // A server of one's own that can send nothing tells it here.
    asked.body["data"]["code"].as_str().expect("a code").to_owned()
}

async fn confirms(person: &Stranger, code: &str) -> Answer {
    person.post(CONFIRM, json!({ "code": code })).await
}

#[tokio::test]
async fn an_address_is_verified_by_the_code_that_was_sent_to_it() {
    let clock = HandClock::default();
    let world = world(&clock).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    assert_eq!(of(&ana, "email").await["state"], "none");
    assert_eq!(of(&ana, "email").await["value"], "ana@example.com");
    assert_eq!(confirms(&ana, "000000").await.code(), "wrong_state", "nothing was asked");
    let code = asks(&ana).await;
    assert_eq!(of(&ana, "email").await["state"], "pending");
    assert_eq!(confirms(&tunde, &code).await.code(), "wrong_state", "somebody else's code opens nothing of one's own");
    asks(&tunde).await;
    assert_eq!(confirms(&tunde, &code).await.code(), "wrong_code");
    assert_eq!(confirms(&ana, &wrong(&code)).await.code(), "wrong_code");
    let done = confirms(&ana, &code).await;
    assert_eq!((done.status, &done.body["data"]["state"]), (StatusCode::OK, &json!("verified")));
    assert_eq!(confirms(&ana, &code).await.code(), "wrong_state", "it is used up");
    let again = ana.post(ASK, json!({})).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "wrong_state"));
    let feed = ana.get("/api/feed?after=0").await.body;
    let told: Vec<&Value> =
        feed["data"].as_array().expect("rows").iter().filter(|row| row["event"] == "verification.changed").collect();
    let states: Vec<&Value> = told.iter().map(|row| &row["data"]["state"]).collect();
    assert_eq!(states, ["pending", "verified"]);
    assert!(!feed.to_string().contains("ana@example.com"), "an address goes over no channel: {feed}");
    let tundes = tunde.get("/api/feed?after=0").await.body.to_string();
    assert!(!tundes.contains("verified"), "nobody else is told: {tundes}");
}

#[tokio::test]
async fn others_of_its_kinds_and_guests_find_nothing() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    for kind in ["payout_account", "domain", "other", "Email", ""] {
        let asked = ana.post(&format!("/api/verifications/{kind}"), json!({})).await;
        assert!(matches!(asked.status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED), "{kind}");
    }
    let guest = ana.guest();
    for answer in [guest.post(ASK, json!({})).await, guest.post(CONFIRM, json!({ "code": "123456" })).await] {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(guest.get("/api/verifications").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ana.get("/api/admin/codes").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn c12_ten_tries_an_hour_over_all_codes_and_a_resend_gives_none_back() {
    let clock = HandClock::default();
    let world = world(&clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    let code = asks(&ana).await;
    for _ in 0..5 {
        assert_eq!(confirms(&ana, &wrong(&code)).await.code(), "wrong_code");
    }
    clock.advance(Duration::from_secs(60));
    assert_eq!(asks(&ana).await, code, "a resend repeats the same code");
    for _ in 0..5 {
        assert_eq!(confirms(&ana, &wrong(&code)).await.code(), "wrong_code");
    }
    let stopped = confirms(&ana, &code).await;
    assert_eq!((stopped.status, stopped.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_tries"));
    assert!(stopped.retry_after.is_some_and(|seconds| (3_000..=3_600).contains(&seconds)), "{:?}", stopped.retry_after);
    assert_eq!(confirms(&ana, "12345").await.code(), "wrong_code", "five digits are no try");
    clock.advance(Duration::from_secs(3_601));
    asks(&ana).await;
    assert_eq!(confirms(&ana, &code).await.status, StatusCode::UNPROCESSABLE_ENTITY, "the code of before has died");
}

#[tokio::test]
async fn c12_many_at_once_are_no_more_than_one_after_the_other() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let code = asks(&ana).await;
    let guess = wrong(&code);
    let answers = futures_util::future::join_all((0..40).map(|_| confirms(&ana, &guess))).await;
    let looked_at = answers.iter().filter(|answer| answer.code() == "wrong_code").count();
    assert_eq!(looked_at, 10);
}

#[tokio::test]
async fn c12_a_late_first_letter_still_opens_and_a_resend_renews_its_life() {
    let clock = HandClock::default();
    let world = world(&clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    let first = asks(&ana).await;
    clock.advance(Duration::from_secs(50 * 60));
    assert_eq!(asks(&ana).await, first);
    clock.advance(Duration::from_secs(59 * 60));
    assert_eq!(of(&ana, "email").await["state"], "pending");
    let done = confirms(&ana, &first).await;
    assert_eq!(
        done.body["data"]["state"], "verified",
        "the code of the first letter, 109 minutes later: {}",
        done.body
    );
}

#[tokio::test]
async fn c12_a_code_by_mail_lives_an_hour_and_then_nothing_is_asked_any_more() {
    let clock = HandClock::default();
    let world = world(&clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    let code = asks(&ana).await;
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(
        confirms(&ana, &code).await.code(),
        "wrong_state",
        "it has lapsed, whether the runner came to it or not"
    );
    assert_eq!(of(&ana, "email").await["state"], "none");
    assert_ne!(asks(&ana).await, code, "another one, but for one time in a million");
}

#[tokio::test]
async fn c12_one_sending_a_minute_and_five_an_hour() {
    let clock = HandClock::default();
    let world = world(&clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    asks(&ana).await;
    let soon = ana.post(ASK, json!({})).await;
    assert_eq!((soon.status, soon.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_codes"));
    assert!(soon.retry_after.is_some_and(|seconds| (1..=60).contains(&seconds)));
    for _ in 0..4 {
        clock.advance(Duration::from_secs(60));
        asks(&ana).await;
    }
    clock.advance(Duration::from_secs(60));
    let enough = ana.post(ASK, json!({})).await;
    assert_eq!(enough.code(), "too_many_codes");
    assert!(enough.retry_after.is_some_and(|seconds| seconds > 3_000), "{:?}", enough.retry_after);
}

#[tokio::test]
async fn c12_twenty_sendings_an_hour_from_one_network_address() {
    let world = World::start().await;
    let mut sent = 0;
    for n in 0..22 {
        let person = Stranger::new(&world, &format!("P{n}")).await;
        sent += usize::from(person.post(ASK, json!({})).await.status == StatusCode::OK);
    }
    assert_eq!(sent, 20);
}

#[tokio::test]
async fn c12_zeros_spaces_hyphens_and_digits_of_any_script() {
    let clock = HandClock::default();
    let world = world(&clock).await;
    let digits = |code: &str, zero: u32| -> String {
        code.bytes().filter_map(|b| char::from_u32(zero + u32::from(b - b'0'))).collect()
    };
    for (n, spelled) in ["spaced", "hyphen", "wide", "arabic", "bengali"].into_iter().enumerate() {
        let person = Stranger::new(&world, &format!("P{n}")).await;
        let code = asks(&person).await;
        let typed = match spelled {
            "spaced" => format!(" {} {} ", &code[..3], &code[3..]),
            "hyphen" => format!("{}-{}", &code[..3], &code[3..]),
            "wide" => digits(&code, 0xFF10),
            "arabic" => digits(&code, 0x0660),
            _ => digits(&code, 0x09E6),
        };
        let done = confirms(&person, &typed).await;
        assert_eq!(done.body["data"]["state"], "verified", "{spelled} {typed:?}: {}", done.body);
    }
}

#[tokio::test]
async fn the_database_holds_no_code_and_the_key_lies_beside_it() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let code = asks(&ana).await;
    let mut files = 0;
    for entry in std::fs::read_dir(world.server_folder()).expect("the folder").flatten() {
        if entry.file_name().to_string_lossy().starts_with("hall.sqlite") {
            let bytes = std::fs::read(entry.path()).expect("a file");
            assert!(!bytes.windows(code.len()).any(|w| w == code.as_bytes()), "{:?} holds a code", entry.path());
            files += 1;
        }
    }
    assert!(files > 0 && world.server_folder().join("vault.key").exists());
}

#[tokio::test]
async fn without_a_mail_server_an_administrator_passes_codes_on_and_no_answer_holds_one() {
    let world = World::start_with(|config| config.codes_in_the_app = false).await;
    let (ana, boss) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Boss").await);
    assert!(world.server().set_admin("boss@example.com", true).await.expect("done"));
    let asked = ana.post(ASK, json!({})).await.body;
    assert_eq!((&asked["data"]["by"], &asked["data"]["code"]), (&json!("administrator"), &Value::Null));
    assert_eq!(boss.get("/api/admin/codes").await.status, StatusCode::UNPROCESSABLE_ENTITY, "not without a reason");
    assert!(crate::audit::rows(&ana.get("/api/user/looks").await.body).is_empty());
    let codes = boss.get("/api/admin/codes?reason=She%20asked%20by%20phone").await.body;
    // A code opens an account: whose it is reads who saw it.
    let looks = ana.get("/api/user/looks").await.body;
    let look = &crate::audit::rows(&looks)[0];
    assert_eq!((&look["action"], &look["reason"]), (&json!("code.look"), &json!("She asked by phone")));
    let row = &codes["data"][0];
    assert_eq!(
        (&row["name"], &row["purpose"], &row["address"]),
        (&json!("Ana"), &json!("email"), &json!("ana@example.com"))
    );
    let done = confirms(&ana, row["code"].as_str().expect("a code")).await;
    assert_eq!(done.body["data"]["state"], "verified");
    assert_eq!(boss.get("/api/admin/codes?reason=x").await.body["data"], json!([]));
    assert_eq!(crate::audit::rows(&ana.get("/api/user/looks").await.body).len(), 1, "nobody's code was seen");
}

#[tokio::test]
async fn a_key_that_is_said_again_gets_the_first_answer() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let post = reqwest::Method::POST;
    let key = [("Idempotency-Key", "once")];
    let first = ana.ask(post.clone(), ASK, Some(json!({})), &key).await;
    let second = ana.ask(post.clone(), ASK, Some(json!({})), &key).await;
    assert_eq!((first.status, first.body.clone()), (second.status, second.body));
    let code = json!({ "code": first.body["data"]["code"] });
    let key = [("Idempotency-Key", "confirmed")];
    let first = ana.ask(post.clone(), CONFIRM, Some(code.clone()), &key).await;
    let second = ana.ask(post, CONFIRM, Some(code), &key).await;
    assert_eq!(first.body["data"]["state"], "verified");
    assert_eq!((first.status, first.body), (second.status, second.body));
}

#[tokio::test]
async fn other_devices_are_told_and_the_one_that_asked_is_not() {
    let world = World::start().await;
    let person = world.person("Ana").await;
    let (laptop, phone) = (Stranger::sign_in(&world, &person).await, Stranger::sign_in(&world, &person).await);
    let mut hears = phone.listen().await;
    asks(&laptop).await;
    let told = hears.hear("verification.changed").await;
    assert_eq!((&told["kind"], &told["state"]), (&json!("email"), &json!("pending")));
}

#[tokio::test]
async fn golden_verifications() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let post = reqwest::Method::POST;
    let mut story = Story::of(&ana);
    let asked = story.ask("verification_asked.json", post.clone(), ASK, Some(json!({}))).await;
    story.ask("verification_asked_too_soon.json", post.clone(), ASK, Some(json!({}))).await;
    let code = asked["data"]["code"].as_str().expect("a code");
    story.ask("verification_wrong_code.json", post.clone(), CONFIRM, Some(json!({ "code": wrong(code) }))).await;
    story.ask("verification_confirmed.json", post.clone(), CONFIRM, Some(json!({ "code": code }))).await;
    story.get("verifications.json", "/api/verifications").await;
    story.get("feed_of_verifications.json", "/api/feed?after=0").await;
    story.ask("password_forgot.json", post, "/api/password/forgot", Some(json!({ "email": "ana@example.com" }))).await;
    story.end();
}

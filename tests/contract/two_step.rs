//! Two-step sign-in, from outside, on both engines: who learns what, what counts as a try, and what a code opens.

use std::{sync::Arc, time::Duration};

use guildhall_server::clock::{Clock, HandClock};
use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use totp_rs::Totp;

use crate::{
    audit::{actions, administrator, rows},
    golden::Story,
    postgres_server::Postgres,
    smtp::{MailServer, USUAL, code_in, undo_in},
    stranger::{Answer, Stranger},
};

const NEW: &str = "another good password";
const HALF_MINUTE: Duration = Duration::from_secs(30);

/// Whether to keep the time of the day when a code is new: a test that takes long must not meet the next half minute.
fn at_the_beginning_of_a_half_minute(clock: &HandClock) {
    let into_ms = clock.now().0.rem_euclid(30_000);
    clock.set_wrong_by(-into_ms);
}

/// A world whose clock is in hand; the clock begins a half minute.
pub async fn world_with(change: impl FnOnce(&mut guildhall_server::ServerConfig)) -> (World, HandClock) {
    let clock = HandClock::default();
    at_the_beginning_of_a_half_minute(&clock);
    let kept = Arc::new(clock.clone());
    let world = World::start_with(move |config| {
        config.clock = kept;
        config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
        config.sign_in.per_account = 100_000;
        config.sign_in.per_account_and_source = 100_000;
        change(config);
    })
    .await;
    (world, clock)
}

/// The same test on both engines.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            let (world, clock) = super::world_with(|_| {}).await;
            super::$name(world, clock).await;
        })* }
        mod postgresql { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            let postgres = super::Postgres::start();
            let database = postgres.database("hall");
            let (world, clock) = super::world_with(move |config| config.database = Some(database)).await;
            super::$name(world, clock).await;
        })* }
    };
}

on_both! {
    nothing_changes_until_the_first_code_was_right_and_then_signing_in_asks_for_one
    a_code_is_of_use_once_also_for_two_at_the_same_moment
    strangers_who_have_the_password_lock_nobody_out
    a_recovery_code_opens_once_and_new_ones_end_the_old
    two_administrators_turn_it_off_for_somebody_who_lost_everything
}

/// An app that makes codes.
pub struct App(Totp);

impl App {
    /// Learns the secret as a camera would.
    pub fn scans(begun: &Answer) -> Self {
        Self(Totp::from_url(begun.body["data"]["uri"].as_str().expect("an address")).expect("an app reads it"))
    }

    /// The code of this half minute.
    pub fn code(&self, clock: &HandClock) -> String {
        self.0.generate(u64::try_from(clock.now().0 / 1_000).expect("after 1970")).to_string()
    }
}

async fn begins(person: &Stranger) -> Answer {
    let begun = person.post("/api/user/two-step", json!({ "password": PASSWORD })).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
    begun
}

/// Turns it on. Answers with the app and the recovery codes; the code of this half minute is used then.
pub async fn turns_on(person: &Stranger, clock: &HandClock) -> (App, Vec<String>) {
    let begun = begins(person).await;
    let app = App::scans(&begun);
    let done = person.post("/api/user/two-step/confirm", json!({ "code": app.code(clock) })).await;
    assert_eq!((done.status, &done.body["data"]["state"]), (StatusCode::OK, &json!("on")), "{}", done.body);
    let codes = begun.body["data"]["codes"].as_array().expect("codes");
    (app, codes.iter().map(|code| code.as_str().expect("text").to_owned()).collect())
}

async fn signs_in_from(place: &str, who: &Stranger, email: &str, password: &str, code: Option<&str>) -> Answer {
    let body = json!({ "email": email, "password": password, "code": code, "device_name": "Another" });
    who.guest().ask(Method::POST, "/api/login", Some(body), &[("X-Forwarded-For", place)]).await
}

/// Signs in from where the account was made.
async fn signs_in(who: &Stranger, email: &str, code: Option<&str>) -> Answer {
    signs_in_from("127.0.0.1", who, email, PASSWORD, code).await
}

fn devices(person: &Answer) -> usize {
    rows(&person.body).len()
}

async fn state(person: &Stranger) -> Value {
    person.get("/api/user/two-step").await.body["data"].clone()
}

/// Another code of six digits.
fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

async fn nothing_changes_until_the_first_code_was_right_and_then_signing_in_asks_for_one(
    world: World,
    clock: HandClock,
) {
    let ana = Stranger::new(&world, "Ana").await;
    assert_eq!(ana.guest().get("/api/user/two-step").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(state(&ana).await, json!({ "state": "none", "since": null, "until": null, "codes_left": 0 }));
    let refused = ana.post("/api/user/two-step", json!({ "password": "not the password" })).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "wrong_password"));
    let early = ana.post("/api/user/two-step/confirm", json!({ "code": "123456" })).await;
    assert_eq!((early.status, early.code()), (StatusCode::CONFLICT, "wrong_state"));
    assert_eq!(state(&ana).await["state"], "none");

    let begun = begins(&ana).await;
    let app = App::scans(&begun);
    assert_eq!(begun.body["data"]["codes"].as_array().map(Vec::len), Some(10));
    assert_eq!(begun.body["data"]["secret"].as_str().map(|secret| secret.replace(' ', "").len()), Some(32));
    assert_eq!(signs_in(&ana, "ana@example.com", None).await.status, StatusCode::OK, "as before while it is set up");
    let code = app.code(&clock);
    let refused = ana.post("/api/user/two-step/confirm", json!({ "code": wrong(&code) })).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "two_step_wrong"));
    let recovery = begun.body["data"]["codes"][0].clone();
    let refused = ana.post("/api/user/two-step/confirm", json!({ "code": recovery })).await;
    assert_eq!(refused.code(), "two_step_wrong", "they count once it is on");
    let before = devices(&ana.get("/api/tokens").await);
    let done = ana.ask(
        Method::POST,
        "/api/user/two-step/confirm",
        Some(json!({ "code": format!("{} {}", &code[..3], &code[3..]) })),
        &[("Idempotency-Key", "on")],
    );
    assert_eq!(done.await.body["data"]["state"], "on");
    // The answer was lost on the way.
    let again = ana.ask(
        Method::POST,
        "/api/user/two-step/confirm",
        Some(json!({ "code": format!("{} {}", &code[..3], &code[3..]) })),
        &[("Idempotency-Key", "on")],
    );
    assert_eq!(again.await.body["data"]["state"], "on");
    assert_eq!(devices(&ana.get("/api/tokens").await), before, "other devices stay signed in");
    assert_eq!(ana.post("/api/user/two-step", json!({ "password": PASSWORD })).await.code(), "wrong_state");

    let notices = rows(&ana.get("/api/notifications").await.body).len();
    let asked = signs_in_from("203.0.113.9", &ana, "ana@example.com", PASSWORD, None).await;
    assert_eq!((asked.status, asked.code()), (StatusCode::UNPROCESSABLE_ENTITY, "two_step_required"));
    assert!(asked.body["errors"]["code"][0].is_string() && asked.body.get("data").is_none(), "{}", asked.body);
    let empty = signs_in(&ana, "ana@example.com", Some("")).await;
    assert_eq!(empty.code(), "two_step_required");
    let refused = signs_in_from("203.0.113.9", &ana, "ana@example.com", "not the password", Some(&code)).await;
    assert_eq!(refused.code(), "invalid_credentials", "a code is no password");
    let nobody = signs_in_from("203.0.113.9", &ana, "nobody@example.com", PASSWORD, None).await;
    assert_eq!(nobody.body, refused.body);
    let refused = signs_in_from("203.0.113.9", &ana, "ana@example.com", PASSWORD, Some(&code)).await;
    assert_eq!(refused.code(), "two_step_wrong", "the one that turned it on is used");
    assert_eq!(devices(&ana.get("/api/tokens").await), before, "nobody was let in");
    assert_eq!(rows(&ana.get("/api/notifications").await.body).len(), notices, "and nobody told of it");
    clock.advance(HALF_MINUTE);
    let done = signs_in(&ana, "ana@example.com", Some(&app.code(&clock))).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(devices(&ana.get("/api/tokens").await), before + 1);
}

async fn a_code_is_of_use_once_also_for_two_at_the_same_moment(world: World, clock: HandClock) {
    let ana = Stranger::new(&world, "Ana").await;
    let (app, codes) = turns_on(&ana, &clock).await;
    for code in [None, Some(&codes[0])] {
        clock.advance(2 * HALF_MINUTE);
        let code = code.cloned().unwrap_or_else(|| app.code(&clock));
        let mut asked = Vec::new();
        for _ in 0..6 {
            let (ana, code) = (ana.clone(), code.clone());
            asked.push(tokio::spawn(async move { signs_in(&ana, "ana@example.com", Some(&code)).await }));
        }
        let (mut inside, mut refused) = (0, 0);
        for answer in asked {
            let answer = answer.await.expect("no panic");
            match answer.code() {
                "" => inside += 1,
                code => {
                    assert_eq!((answer.status, code), (StatusCode::UNPROCESSABLE_ENTITY, "two_step_wrong"));
                    refused += 1;
                }
            }
        }
        assert_eq!((inside, refused), (1, 5), "{code}");
        clock.advance(Duration::from_secs(3_600));
    }
    // One step early and one late, and each of them once.
    let late = app.code(&clock);
    clock.advance(HALF_MINUTE);
    let now = app.code(&clock);
    for code in [&now, &late] {
        assert_eq!(signs_in(&ana, "ana@example.com", Some(code)).await.status, StatusCode::OK);
        assert_eq!(signs_in(&ana, "ana@example.com", Some(code)).await.code(), "two_step_wrong");
    }
    // A clock that was wrong for an hour stops nobody afterwards.
    clock.set_wrong_by(3_600_000);
    assert_eq!(signs_in(&ana, "ana@example.com", Some(&app.code(&clock))).await.status, StatusCode::OK);
    clock.set_wrong_by(-3_600_000);
    clock.advance(HALF_MINUTE);
    assert_eq!(signs_in(&ana, "ana@example.com", Some(&app.code(&clock))).await.status, StatusCode::OK);
}

async fn strangers_who_have_the_password_lock_nobody_out(world: World, clock: HandClock) {
    let ana = Stranger::new(&world, "Ana").await;
    let (app, codes) = turns_on(&ana, &clock).await;
    clock.advance(2 * HALF_MINUTE);
    let code = app.code(&clock);
    // What is no code is no guess.
    for text in ["12345", "no code", "1234567"] {
        for _ in 0..5 {
            assert_eq!(signs_in(&ana, "ana@example.com", Some(text)).await.code(), "two_step_wrong");
        }
    }
    let mut looked_at = 0;
    for n in 0..15 {
        let place = format!("203.0.113.{n}");
        let guess = if n % 2 == 0 { wrong(&code) } else { "0000000000" };
        let answer = signs_in_from(&place, &ana, "ana@example.com", PASSWORD, Some(guess)).await;
        looked_at += usize::from(answer.code() == "two_step_wrong");
    }
    assert_eq!(looked_at, 10, "from wherever they come they have one budget");
    let right = signs_in_from("198.51.100.9", &ana, "ana@example.com", PASSWORD, Some(&code)).await;
    assert_eq!((right.status, right.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_tries"), "not even with it");
    assert!(right.retry_after.is_some_and(|seconds| seconds > 3_000), "{:?}", right.retry_after);
    let right = signs_in_from("198.51.100.9", &ana, "ana@example.com", PASSWORD, Some(&codes[0])).await;
    assert_eq!(right.code(), "too_many_tries");
    // A stolen token guesses out of the same budgets, whatever it asks for.
    let body = json!({ "password": PASSWORD, "code": code });
    let stolen = ana.ask(Method::DELETE, "/api/user/two-step", Some(body), &[("X-Forwarded-For", "198.51.100.9")]);
    assert_eq!(stolen.await.code(), "too_many_tries");
    let owner = signs_in(&ana, "ana@example.com", Some(&code)).await;
    assert_eq!(owner.status, StatusCode::OK, "from where the account was made: {}", owner.body);
    // The owner's own: ten, and then an hour.
    clock.advance(2 * HALF_MINUTE);
    for n in 0..10 {
        let guess = wrong(&app.code(&clock));
        assert_eq!(signs_in(&ana, "ana@example.com", Some(guess)).await.code(), "two_step_wrong", "{n}");
    }
    assert_eq!(signs_in(&ana, "ana@example.com", Some(&app.code(&clock))).await.code(), "too_many_tries");
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(signs_in(&ana, "ana@example.com", Some(&app.code(&clock))).await.status, StatusCode::OK);
}

async fn a_recovery_code_opens_once_and_new_ones_end_the_old(world: World, clock: HandClock) {
    let ana = Stranger::new(&world, "Ana").await;
    let (app, codes) = turns_on(&ana, &clock).await;
    let typed = format!(" {} ", codes[3].to_lowercase().replace('-', " "));
    assert_eq!(signs_in(&ana, "ana@example.com", Some(&typed)).await.status, StatusCode::OK);
    assert_eq!(signs_in(&ana, "ana@example.com", Some(&codes[3])).await.code(), "two_step_wrong");
    assert_eq!(state(&ana).await["codes_left"], 9);
    let renews = async |password: &str, code: Option<&str>| {
        ana.post("/api/user/two-step/codes", json!({ "password": password, "code": code })).await
    };
    assert_eq!(renews(PASSWORD, None).await.code(), "two_step_required");
    assert_eq!(renews("not the password", Some(&codes[4])).await.code(), "wrong_password");
    assert_eq!(state(&ana).await["codes_left"], 9, "and the code still works");
    clock.advance(2 * HALF_MINUTE);
    let done = renews(PASSWORD, Some(&app.code(&clock))).await;
    let new = done.body["data"]["codes"].as_array().expect("codes").clone();
    assert_eq!((new.len(), &state(&ana).await["codes_left"]), (10, &json!(10)));
    assert_eq!(signs_in(&ana, "ana@example.com", Some(&codes[5])).await.code(), "two_step_wrong");
    assert_eq!(signs_in(&ana, "ana@example.com", new[0].as_str()).await.status, StatusCode::OK);
    // Off: with both, and then the password is enough.
    let off = async |code: Option<&str>| {
        ana.ask(Method::DELETE, "/api/user/two-step", Some(json!({ "password": PASSWORD, "code": code })), &[]).await
    };
    assert_eq!(off(None).await.code(), "two_step_required");
    assert_eq!(off(new[1].as_str()).await.body["data"]["state"], "none");
    assert_eq!(signs_in(&ana, "ana@example.com", None).await.status, StatusCode::OK);
    assert_eq!(off(None).await.code(), "wrong_state");
}

async fn two_administrators_turn_it_off_for_somebody_who_lost_everything(world: World, clock: HandClock) {
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let path = format!("/api/admin/users/{}/two-step/off", ana.id);
    let asks = async |who: &Stranger, reason: &str| who.post(&path, json!({ "reason": reason })).await;
    assert_eq!(asks(&ana, "why").await.status, StatusCode::FORBIDDEN);
    assert_eq!(asks(&boss, " ").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(asks(&boss, "why").await.code(), "wrong_state", "it is not on");
    turns_on(&ana, &clock).await;
    // The only one does it alone.
    let done = asks(&boss, "Came with her passport").await;
    assert_eq!((done.status, &done.body["data"]["two_step"]), (StatusCode::OK, &json!(false)), "{}", done.body);
    assert_eq!(signs_in(&ana, "ana@example.com", None).await.status, StatusCode::OK);
    clock.advance(2 * HALF_MINUTE);

    let second = administrator(&world, "Second").await;
    let (app, _) = turns_on(&ana, &clock).await;
    let waits = asks(&boss, "Lost her phone").await;
    assert_eq!(waits.body["data"]["two_step"], true);
    assert_eq!(waits.body["data"]["two_step_asked"]["by"], "Boss");
    assert_eq!(asks(&boss, "Lost her phone").await.code(), "wrong_state", "not twice by the same");
    let told = rows(&second.get("/api/notifications").await.body);
    assert_eq!(told[0]["title"], "Two-step sign-in of Ana: confirm that it is turned off", "{told:?}");
    let hers = rows(&ana.get("/api/notifications").await.body);
    assert!(hers[0]["message"].as_str().is_some_and(|words| words.contains("Lost her phone")), "{hers:?}");
    // She has it after all: whoever shows a code ends it.
    clock.advance(2 * HALF_MINUTE);
    assert_eq!(signs_in(&ana, "ana@example.com", Some(&app.code(&clock))).await.status, StatusCode::OK);
    let looked = second.get(&format!("/api/admin/users/{}?reason=see", ana.id)).await;
    assert_eq!(looked.body["data"]["two_step_asked"], Value::Null);

    assert_eq!(asks(&boss, "Lost her phone").await.status, StatusCode::OK);
    clock.advance(Duration::from_secs(24 * 3_600));
    let late = asks(&second, "Indeed").await;
    assert_eq!(late.body["data"]["two_step_asked"]["by"], "Second", "a day is over: asked anew");
    let done = asks(&boss, "Called her at her number").await;
    assert_eq!(done.body["data"]["two_step"], false, "{}", done.body);
    assert_eq!(signs_in(&ana, "ana@example.com", None).await.status, StatusCode::OK);
    let found = actions(&ana.get("/api/user/looks").await.body);
    assert_eq!(
        found.iter().filter(|action| action.starts_with("user.two_step")).map(String::as_str).collect::<Vec<_>>(),
        ["user.two_step_off", "user.two_step_ask", "user.two_step_ask", "user.two_step_ask", "user.two_step_off"],
    );
    let own = boss.post(&format!("/api/admin/users/{}/two-step/off", boss.id), json!({ "reason": "mine" })).await;
    assert!(own.status == StatusCode::FORBIDDEN || own.code() == "wrong_state", "{}", own.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stolen_token_and_password_meet_two_step_everywhere() {
    let (world, clock) = world_with(|_| {}).await;
    let ana = Stranger::new(&world, "Ana").await;
    let (app, codes) = turns_on(&ana, &clock).await;
    clock.advance(2 * HALF_MINUTE);
    let mut kept = codes.iter();
    for (method, path, body) in [
        (Method::PUT, "/api/user/password", json!({ "old": PASSWORD, "new": NEW })),
        (Method::POST, "/api/user/email", json!({ "email": "thief@example.com", "password": PASSWORD })),
        (Method::DELETE, "/api/user/two-step", json!({ "password": PASSWORD })),
        (Method::POST, "/api/user/two-step/codes", json!({ "password": PASSWORD })),
        (Method::DELETE, "/api/user", json!({ "password": PASSWORD })),
    ] {
        let without = ana.ask(method.clone(), path, Some(body.clone()), &[]).await;
        assert_eq!((without.status, without.code()), (StatusCode::UNPROCESSABLE_ENTITY, "two_step_required"), "{path}");
        let mut with = body;
        with["code"] = wrong(&app.code(&clock)).into();
        let guessed = ana.ask(method, path, Some(with), &[]).await;
        assert_eq!((guessed.status, guessed.code()), (StatusCode::UNPROCESSABLE_ENTITY, "two_step_wrong"), "{path}");
    }
    assert_eq!(state(&ana).await["codes_left"], 10, "and nothing happened");
    // Each of them is carried out with a code, which is used up by it.
    let body = json!({ "old": PASSWORD, "new": NEW, "code": kept.next() });
    assert_eq!(ana.ask(Method::PUT, "/api/user/password", Some(body), &[]).await.status, StatusCode::NO_CONTENT);
    let body = json!({ "email": "new@example.com", "password": NEW, "code": kept.next() });
    assert_eq!(ana.post("/api/user/email", body).await.status, StatusCode::OK);
    assert_eq!(state(&ana).await["codes_left"], 8);
    let body = json!({ "password": NEW, "code": app.code(&clock) });
    assert_eq!(ana.ask(Method::DELETE, "/api/user", Some(body), &[]).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_registration_said_again_is_no_way_past_the_code() {
    let (world, clock) = world_with(|_| {}).await;
    let guest = Stranger::new(&world, "Boss").await.guest();
    let body = json!({ "name": "Ana", "email": "ana@example.com", "password": PASSWORD, "device_name": "Phone" });
    let register =
        async || guest.ask(Method::POST, "/api/register", Some(body.clone()), &[("Idempotency-Key", "made")]).await;
    let made = register().await;
    let ana = guest.with_token(made.body["data"]["token"].as_str().expect("a token"));
    turns_on(&ana, &clock).await;
    assert_eq!(register().await.code(), "two_step_required");
    assert_eq!(ana.post("/api/logout", json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(register().await.code(), "two_step_required");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_had_the_password_alone_keeps_the_owner_out_by_it_for_no_longer_than_a_letter_takes() {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let (world, clock) = world_with(move |config| config.mail = Some(settings)).await;
    let person = world.person("Ana").await;
    let (ana, thief) = (Stranger::sign_in(&world, &person).await, Stranger::sign_in(&world, &person).await);
    ana.post("/api/verifications/email", json!({})).await;
    let code = json!({ "code": code_in(&post.letter_to("ana@example.com", 1).await) });
    assert_eq!(ana.post("/api/verifications/email/confirm", code).await.status, StatusCode::OK);
    turns_on(&thief, &clock).await;
    let letter = post.letter_about("ana@example.com", "Two-step sign-in is on").await;
    let text = letter["text"].as_str().expect("text");
    assert!(text.contains("With it two-step sign-in is off again, and all devices are signed out."), "{text}");
    let back = json!({ "email": "ana@example.com", "code": undo_in(&letter), "password": NEW });
    assert_eq!(ana.guest().post("/api/password/reset", back.clone()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(thief.get("/api/user").await.status, StatusCode::UNAUTHORIZED);
    let done = signs_in_from("127.0.0.1", &ana, "ana@example.com", NEW, None).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(ana.guest().post("/api/password/reset", back).await.code(), "wrong_code", "once");
    // Turned on by the owner, it keeps nobody from leaving, and stands after 72 hours.
    let home = ana.with_token(done.body["data"]["token"].as_str().expect("a token"));
    let begun = home.post("/api/user/two-step", json!({ "password": NEW })).await;
    let app = App::scans(&begun);
    assert_eq!(
        home.post("/api/user/two-step/confirm", json!({ "code": app.code(&clock) })).await.status,
        StatusCode::OK
    );
    let again = undo_in(&post.nth_letter_about("ana@example.com", "Two-step sign-in is on", 2).await);
    clock.advance(Duration::from_secs(72 * 3_600));
    let late = json!({ "email": "ana@example.com", "code": again, "password": "the third good password" });
    assert_eq!(ana.guest().post("/api/password/reset", late).await.code(), "wrong_code");
    let leave = json!({ "password": NEW, "code": app.code(&clock) });
    let left = home.ask(Method::DELETE, "/api/user", Some(leave), &[]).await;
    assert_eq!(left.status, StatusCode::NO_CONTENT, "{}", left.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_chosen_anew_by_mail_does_not_turn_it_off_and_letters_tell_of_it() {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let (world, clock) = world_with(move |config| config.mail = Some(settings)).await;
    let ana = Stranger::new(&world, "Ana").await;
    ana.post("/api/verifications/email", json!({})).await;
    let code = json!({ "code": code_in(&post.letter_to("ana@example.com", 1).await) });
    assert_eq!(ana.post("/api/verifications/email/confirm", code).await.status, StatusCode::OK);
    let mut hears = ana.listen().await;
    let (app, codes) = turns_on(&ana, &clock).await;
    assert_eq!(hears.hear("two_step.changed").await["state"], "setting_up");
    assert_eq!(hears.hear("two_step.changed").await["state"], "on");
    let letter = post.letter_about("ana@example.com", "Two-step sign-in is on").await;
    let text = letter["text"].as_str().expect("text");
    assert!(text.contains("from 127.0.0.1") || text.contains("127.0.0.1"), "{text}");
    assert!(!text.contains(&codes[0]), "no secret of it: {text}");

    ana.guest().post("/api/password/forgot", json!({ "email": "ana@example.com" })).await;
    let code = code_in(&post.letter_about("ana@example.com", "Choose a new password").await);
    let body = json!({ "email": "ana@example.com", "code": code, "password": NEW });
    assert_eq!(ana.guest().post("/api/password/reset", body).await.status, StatusCode::NO_CONTENT);
    let asked = signs_in_from("127.0.0.1", &ana, "ana@example.com", NEW, None).await;
    assert_eq!(asked.code(), "two_step_required");
    clock.advance(2 * HALF_MINUTE);
    let done = signs_in_from("127.0.0.1", &ana, "ana@example.com", NEW, Some(&app.code(&clock))).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let home = ana.with_token(done.body["data"]["token"].as_str().expect("a token"));
    let body = json!({ "password": NEW, "code": codes[0] });
    assert_eq!(home.ask(Method::DELETE, "/api/user/two-step", Some(body), &[]).await.status, StatusCode::OK);
    post.letter_about("ana@example.com", "Two-step sign-in is off").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn setting_it_up_lapses_after_an_hour() {
    let (world, clock) = world_with(|_| {}).await;
    let ana = Stranger::new(&world, "Ana").await;
    let app = App::scans(&begins(&ana).await);
    clock.advance(Duration::from_secs(3_600));
    let late = ana.post("/api/user/two-step/confirm", json!({ "code": app.code(&clock) })).await;
    assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "wrong_state"));
    assert_eq!(state(&ana).await["state"], "none");
    // Begun anew, the one before is void.
    let first = App::scans(&begins(&ana).await);
    let second = App::scans(&begins(&ana).await);
    let void = ana.post("/api/user/two-step/confirm", json!({ "code": first.code(&clock) })).await;
    assert_eq!(void.code(), "two_step_wrong");
    let given_up = ana.ask(Method::DELETE, "/api/user/two-step", Some(json!({ "password": PASSWORD })), &[]).await;
    assert_eq!(given_up.body["data"]["state"], "none");
    let void = ana.post("/api/user/two-step/confirm", json!({ "code": second.code(&clock) })).await;
    assert_eq!(void.code(), "wrong_state");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_it_lies_readable_in_the_database() {
    let (world, clock) = world_with(|_| {}).await;
    let ana = Stranger::new(&world, "Ana").await;
    let begun = begins(&ana).await;
    let app = App::scans(&begun);
    ana.post("/api/user/two-step/confirm", json!({ "code": app.code(&clock) })).await;
    let url = world.server_folder().join("hall.sqlite");
    let c = rusqlite::Connection::open(url).expect("it opens");
    let mut kept = String::new();
    let all = "select sealed from two_steps union all select mark from recovery_codes
               union all select answer from idempotency union all select data from mails";
    let mut statement = c.prepare(all).expect("a statement");
    let texts = statement.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    for text in texts {
        kept.push_str(&text.expect("text"));
    }
    let secret = app.0.secret().as_bytes();
    assert!(!kept.contains(&hex::encode(secret)) && !kept.contains(&app.0.secret().to_base32()));
    for code in begun.body["data"]["codes"].as_array().expect("codes") {
        let code = code.as_str().expect("text");
        assert!(!kept.contains(code) && !kept.contains(&code.replace('-', "")));
    }
    let (_, zip) = ana.download("/api/user/export").await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip)).expect("a zip");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut zip.by_name("two_step.json").expect("it is there"), &mut text).expect("text");
    let told: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&told[0]["state"], &told[0]["recovery_codes_left"]), (&json!("on"), &json!(10)), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_over_the_wire_of_two_step_sign_in() {
    let (world, clock) = world_with(|_| {}).await;
    let ana = Stranger::new(&world, "Ana").await;
    let mut story = Story::of(&ana);
    story.get("two_step.json", "/api/user/two-step").await;
    let begun = begins(&ana).await;
    let names: Vec<&String> = begun.body["data"].as_object().expect("an object").keys().collect();
    assert_eq!(names, ["codes", "secret", "until", "uri"]);
    let code = App::scans(&begun).code(&clock);
    story
        .ask("two_step_wrong.json", Method::POST, "/api/user/two-step/confirm", Some(json!({ "code": wrong(&code) })))
        .await;
    story.ask("two_step_on.json", Method::POST, "/api/user/two-step/confirm", Some(json!({ "code": code }))).await;
    story
        .ask(
            "two_step_required.json",
            Method::POST,
            "/api/login",
            Some(json!({ "email": "ana@example.com", "password": PASSWORD })),
        )
        .await;
    story.get("feed_of_two_step.json", "/api/feed?after=0").await;
    story.end();
}

#[tokio::test]
async fn one_administrator_alone_turns_off_nothing_by_putting_the_others_out_first() {
    let (world, clock) = world_with(|_| {}).await;
    let boss = administrator(&world, "Boss").await;
    let (second, ana) = (administrator(&world, "Second").await, Stranger::new(&world, "Ana").await);
    let off = async |who: &Stranger, of: &Stranger| {
        who.post(&format!("/api/admin/users/{}/two-step/off", of.id), json!({ "reason": "Lost it" })).await
    };
    turns_on(&second, &clock).await;
    turns_on(&ana, &clock).await;
    // Of two, neither does it to the other.
    assert_eq!(off(&boss, &second).await.code(), "wrong_state");
    assert_eq!(state(&second).await["state"], "on");
    let suspended = boss.post(&format!("/api/admin/users/{}/suspend", second.id), json!({ "reason": "x" })).await;
    assert_eq!(suspended.status, StatusCode::OK, "{}", suspended.body);
    let waits = off(&boss, &ana).await;
    assert_eq!((waits.status, &waits.body["data"]["two_step"]), (StatusCode::OK, &json!(true)), "{}", waits.body);
    assert_eq!(off(&boss, &ana).await.code(), "wrong_state");
    // Whoever asked and was put out since has no part in it: the next one asks anew.
    let third = administrator(&world, "Third").await;
    let put_out = third.post(&format!("/api/admin/users/{}/suspend", boss.id), json!({ "reason": "x" })).await;
    assert_eq!(put_out.status, StatusCode::OK, "{}", put_out.body);
    assert_eq!(off(&third, &ana).await.body["data"]["two_step"], true);
    assert_eq!(state(&ana).await["state"], "on");
}

//! The address of an account changes and is taken back; new sign-ins are told; devices are listed with their place.

use std::{sync::Arc, time::Duration};

use guildhall_db::{Committed, Db, DbError, mails};
use guildhall_market::{codes::Carrier, ids::UserId};
use guildhall_server::clock::HandClock;
use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    smtp::{MailServer, USUAL, code_in, undo_in},
    stranger::{Answer, Stranger},
    two_step,
};

const NEW: &str = "another good password";

async fn with_mail() -> (World, MailServer, HandClock) {
    let (post, clock) = (MailServer::start(USUAL), HandClock::default());
    let (settings, kept) = (post.settings(), Arc::new(clock.clone()));
    let world = World::start_with(move |config| {
        config.mail = Some(settings);
        config.clock = kept;
        config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    })
    .await;
    (world, post, clock)
}

async fn signs_in(person: &Stranger, email: &str, password: &str, place: &str) -> Answer {
    let body = json!({ "email": email, "password": password, "device_name": "Thief’s phone" });
    person.ask(Method::POST, "/api/login", Some(body), &[("X-Forwarded-For", place)]).await
}

async fn moves(person: &Stranger, post: &MailServer, email: &str, password: &str) -> Answer {
    let asked = person.post("/api/user/email", json!({ "email": email, "password": password })).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let code = code_in(&post.letter_to(email, 1).await);
    person.post("/api/user/email/confirm", json!({ "email": email, "code": code })).await
}

/// Proves that somebody reads the letters to the address that they have.
async fn proves(person: &Stranger, post: &MailServer, email: &str) {
    assert_eq!(person.post("/api/verifications/email", json!({})).await.status, StatusCode::OK);
    let code = code_in(&post.letter_to(email, 1).await);
    let given = person.post("/api/verifications/email/confirm", json!({ "code": code })).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_proved_before_it_is_the_accounts_and_the_old_one_takes_it_back() {
    let (world, post, _) = with_mail().await;
    let person = world.person("Ana").await;
    let (thief, owner) = (Stranger::sign_in(&world, &person).await, Stranger::sign_in(&world, &person).await);
    proves(&owner, &post, "ana@example.com").await;
    let asks = async |email: &str, password: &str| {
        thief.post("/api/user/email", json!({ "email": email, "password": password })).await
    };
    assert_eq!(asks("new@example.com", "not the password").await.code(), "wrong_password");
    assert_eq!(asks("ana@example.com", PASSWORD).await.code(), "invalid");
    let early = thief.post("/api/user/email/confirm", json!({ "email": "new@example.com", "code": "123456" })).await;
    assert_eq!(early.code(), "wrong_code");
    let done = moves(&thief, &post, "new@example.com", PASSWORD).await;
    assert_eq!((done.status, &done.body["data"]["email"]), (StatusCode::OK, &json!("new@example.com")));
    assert_eq!(signs_in(&thief, "ana@example.com", PASSWORD, "127.0.0.1").await.code(), "invalid_credentials");
    assert_eq!(signs_in(&thief, "new@example.com", PASSWORD, "127.0.0.1").await.status, StatusCode::OK);
    let verified = thief.get("/api/verifications").await.body;
    assert_eq!(
        (&verified["data"][0]["state"], &verified["data"][0]["value"]),
        (&json!("verified"), &json!("new@example.com"))
    );
    // Nobody gets the old one meanwhile.
    let squats =
        thief.post("/api/register", json!({"name": "B", "email": "ana@example.com", "password": PASSWORD})).await;
    assert_eq!(squats.status, StatusCode::ACCEPTED, "a stranger is told nothing");
    post.letter_about("ana@example.com", "already").await;
    let letter = post.letter_about("ana@example.com", "another address").await;
    assert!(letter["text"].as_str().is_some_and(|text| text.contains("new@example.com")), "{letter}");
    let undo = undo_in(&letter);
    // The thief goes on, and changes the password, too.
    let further = moves(&thief, &post, "further@example.com", PASSWORD).await;
    assert_eq!(further.status, StatusCode::OK);
    let changed = thief.ask(
        Method::PUT,
        "/api/user/password",
        Some(json!({ "old": PASSWORD, "new": "the thief’s password" })),
        &[],
    );
    assert_eq!(changed.await.status, StatusCode::NO_CONTENT);
    assert_eq!(owner.get("/api/user").await.status, StatusCode::UNAUTHORIZED);
    let guest = owner.guest();
    let back = async |email: &str, code: &str| {
        guest.post("/api/password/reset", json!({ "email": email, "code": code, "password": NEW })).await
    };
    let wrong = undo.chars().map(|c| if c == '-' { '-' } else { '2' }).collect::<String>();
    assert_eq!(back("ana@example.com", &wrong).await.code(), "wrong_code");
    assert_eq!(back("new@example.com", &undo).await.code(), "wrong_code", "it belongs to the old address");
    // A stranger who tries as many as there may be does not keep the owner out.
    let tries = (0..12).map(|_| back("ana@example.com", &wrong));
    let told: Vec<_> =
        futures_util::future::join_all(tries).await.iter().map(|answer| answer.code().to_owned()).collect();
    assert!(told.contains(&"too_many_tries".to_owned()), "{told:?}");
    assert_eq!(back("ana@example.com", &undo.to_lowercase()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(thief.get("/api/user").await.status, StatusCode::UNAUTHORIZED, "every device is signed out");
    assert_eq!(back("ana@example.com", &undo).await.code(), "too_many_tries", "once: now it is a wrong one as well");
    assert_eq!(
        signs_in(&guest, "further@example.com", "the thief’s password", "127.0.0.1").await.code(),
        "invalid_credentials"
    );
    let home = signs_in(&guest, "ana@example.com", NEW, "127.0.0.1").await;
    assert_eq!((home.status, &home.body["data"]["user"]["email"]), (StatusCode::OK, &json!("ana@example.com")));
    // What the thief was sent takes nothing back any more.
    let undo = undo_in(&post.letter_about("new@example.com", "another address").await);
    assert_eq!(back("new@example.com", &undo).await.code(), "wrong_code");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_72_hours_a_change_of_address_stands() {
    let (world, post, clock) = with_mail().await;
    let ana = Stranger::new(&world, "Ana").await;
    proves(&ana, &post, "ana@example.com").await;
    assert_eq!(moves(&ana, &post, "new@example.com", PASSWORD).await.status, StatusCode::OK);
    let undo = undo_in(&post.letter_about("ana@example.com", "another address").await);
    clock.advance(Duration::from_secs(72 * 3_600));
    let late = json!({ "email": "ana@example.com", "code": undo, "password": NEW });
    assert_eq!(ana.guest().post("/api/password/reset", late).await.code(), "wrong_code");
    let free = ana.post("/api/register", json!({"name": "B", "email": "ana@example.com", "password": PASSWORD})).await;
    assert_eq!(free.status, StatusCode::ACCEPTED, "{}", free.body);
    post.letter_about("ana@example.com", "new account").await;
    let code = code_in(&post.letter_to("ana@example.com", 3).await);
    let body = json!({ "registration": free.body["data"]["registration"], "code": code });
    let made = ana.post("/api/register/confirm", body).await;
    assert_eq!(made.status, StatusCode::CREATED, "the old address is free again: {}", made.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_was_never_proved_takes_nothing_back_and_is_kept_for_nobody() {
    let (world, post, _) = with_mail().await;
    let ana = Stranger::new(&world, "Ana").await;
    // She had mistyped it: its letters are read by a stranger.
    assert_eq!(moves(&ana, &post, "right@example.com", PASSWORD).await.status, StatusCode::OK);
    let form = json!({"name": "B", "email": "ana@example.com", "password": PASSWORD});
    let made = ana.guest().post("/api/register", form).await;
    assert_eq!(made.status, StatusCode::ACCEPTED, "{}", made.body);
    // One about the change would be the first: it would have been written before.
    let first = post.letter_to("ana@example.com", 1).await;
    assert!(first["headers"]["subject"].as_str().is_some_and(|subject| subject.contains("new account")), "{first}");
    // What is proved takes back what comes after it, as ever.
    assert_eq!(moves(&ana, &post, "third@example.com", PASSWORD).await.status, StatusCode::OK);
    let undo = undo_in(&post.letter_about("right@example.com", "another address").await);
    let back = async |email: &str| {
        let body = json!({ "email": email, "code": undo, "password": NEW });
        ana.guest().post("/api/password/reset", body).await
    };
    assert_eq!(back("ana@example.com").await.code(), "wrong_code");
    assert_eq!(back("right@example.com").await.status, StatusCode::NO_CONTENT);
    assert_eq!(post.letters_to("ana@example.com").len(), 1, "nothing but what was asked for with it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_of_somebody_else_is_told_to_be_so_only_to_whoever_reads_its_letters() {
    let (world, post, _) = with_mail().await;
    let (ana, _tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let done = moves(&ana, &post, "tunde@example.com", PASSWORD).await;
    assert_eq!((done.status, done.code()), (StatusCode::UNPROCESSABLE_ENTITY, "email_taken"));
    assert_eq!(ana.get("/api/user").await.body["data"]["email"], "ana@example.com");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_from_a_new_place_is_told_to_the_other_devices_and_the_letter_box() {
    let (world, post, _) = with_mail().await;
    let ana = Stranger::new(&world, "Ana").await;
    ana.post("/api/verifications/email", json!({})).await;
    let code = json!({ "code": code_in(&post.letter_to("ana@example.com", 1).await) });
    assert_eq!(ana.post("/api/verifications/email/confirm", code).await.status, StatusCode::OK);
    let mut hears = ana.listen().await;
    assert_eq!(signs_in(&ana, "ana@example.com", PASSWORD, "203.0.113.7").await.status, StatusCode::OK);
    let told = hears.hear("notification.created").await;
    assert_eq!((&told["type"], &told["title"]), (&json!("session.new"), &json!("New sign-in")), "{told}");
    assert!(
        told["message"].as_str().is_some_and(|words| words.contains("Thief’s phone”, from 203.0.113.7.")),
        "{told}"
    );
    let letter = post.letter_to("ana@example.com", 2).await;
    assert_eq!(letter["headers"]["subject"], "New sign-in to your account at Guildhall");
    assert!(letter["text"].as_str().is_some_and(|text| text.contains("203.0.113.7")), "{letter}");
    // Again from there on the same device: known.
    assert_eq!(signs_in(&ana, "ana@example.com", PASSWORD, "203.0.113.7").await.status, StatusCode::OK);
    let notices = ana.get("/api/notifications").await.body;
    assert_eq!(notices["data"].as_array().map(Vec::len), Some(1), "{notices}");
    assert_eq!(post.letters_to("ana@example.com").len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devices_say_where_they_were_used_last_and_all_others_are_signed_out_at_once() {
    let world = World::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    })
    .await;
    let person = world.person("Ana").await;
    let (laptop, phone) = (Stranger::sign_in(&world, &person).await, Stranger::sign_in(&world, &person).await);
    let socket = phone.listen().await;
    let used = laptop.ask(Method::GET, "/api/user", None, &[("X-Forwarded-For", "198.51.100.4")]).await;
    assert_eq!(used.status, StatusCode::OK);
    let id = laptop.token.split('|').next().and_then(|id| id.parse::<i64>().ok()).expect("an id");
    // Looked at from the other one: each look is a use of its own.
    let place = async || {
        let list = phone.get("/api/tokens").await.body;
        list["data"].as_array().expect("rows").iter().find(|row| row["id"] == id).expect("it is there")["address"]
            .clone()
    };
    guildhall_testkit::eventually("its place is noted", async || place().await == "198.51.100.4").await;
    let ended = laptop.ask(Method::DELETE, "/api/tokens", None, &[]).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(phone.get("/api/user").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(socket.close_code_within(Duration::from_secs(5)).await, Some(4009));
    assert_eq!(laptop.get("/api/tokens").await.body["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_not_deleted_while_a_change_of_its_address_may_be_taken_back_and_its_end_is_told_by_letter() {
    let (world, post, clock) = with_mail().await;
    let ana = Stranger::new(&world, "Ana").await;
    proves(&ana, &post, "ana@example.com").await;
    assert_eq!(moves(&ana, &post, "thief@example.com", PASSWORD).await.status, StatusCode::OK);
    let undo = undo_in(&post.letter_about("ana@example.com", "another address").await);
    let ends = async |person: &Stranger| {
        person.ask(Method::DELETE, "/api/user", Some(json!({ "password": PASSWORD })), &[]).await
    };
    let early = ends(&ana).await;
    assert_eq!((early.status, early.code()), (StatusCode::CONFLICT, "must_end_first"), "{}", early.body);
    let first = early.body["errors"]["first"][0].as_str().unwrap_or_default();
    assert!(first.starts_with("The address of the account was changed. Until 2"), "{first}");
    assert!(
        first
            .ends_with(" UTC whoever reads ana@example.com can take that back; the account can be deleted after that.")
    );
    let back = json!({ "email": "ana@example.com", "code": undo, "password": NEW });
    assert_eq!(ana.guest().post("/api/password/reset", back).await.status, StatusCode::NO_CONTENT, "it is still there");
    // A change that stands holds nobody.
    let tunde = Stranger::new(&world, "Tunde").await;
    proves(&tunde, &post, "tunde@example.com").await;
    assert_eq!(moves(&tunde, &post, "new@example.com", PASSWORD).await.status, StatusCode::OK);
    clock.advance(Duration::from_secs(72 * 3_600));
    assert_eq!(ends(&tunde).await.status, StatusCode::NO_CONTENT);
    let letter = post.letter_about("new@example.com", "is deleted").await;
    assert_eq!(letter["headers"]["subject"], "Your account at Guildhall is deleted");
    let text = letter["text"].as_str().expect("text");
    assert!(text.contains("Hello Tunde,") && text.contains("from 127.0.0.1, by somebody with its password"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recovery_codes_that_a_thief_made_open_nothing_once_the_owner_is_back() {
    let (world, post, clock) = with_mail().await;
    clock.set_wrong_by(-guildhall_server::clock::Clock::now(&clock).0.rem_euclid(30_000));
    let ana = Stranger::new(&world, "Ana").await;
    proves(&ana, &post, "ana@example.com").await;
    let (app, own) = two_step::turns_on(&ana, &clock).await;
    // It is the owner's, and old.
    clock.advance(Duration::from_secs(30 * 24 * 3_600));
    let shown = |clock: &HandClock| json!({ "password": PASSWORD, "code": app.code(clock) });
    let renewed = ana.post("/api/user/two-step/codes", shown(&clock)).await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.body);
    let thiefs = renewed.body["data"]["codes"][0].as_str().expect("a code").to_owned();
    clock.advance(Duration::from_secs(61));
    let mut moves = shown(&clock);
    moves["email"] = json!("thief@example.com");
    assert_eq!(ana.post("/api/user/email", moves).await.status, StatusCode::OK);
    let code = code_in(&post.letter_to("thief@example.com", 1).await);
    let moved = json!({ "email": "thief@example.com", "code": code });
    assert_eq!(ana.post("/api/user/email/confirm", moved).await.status, StatusCode::OK);
    let undo = undo_in(&post.letter_about("ana@example.com", "another address").await);
    let back = json!({ "email": "ana@example.com", "code": undo, "password": NEW });
    assert_eq!(ana.guest().post("/api/password/reset", back).await.status, StatusCode::NO_CONTENT);
    let signs_in = async |code: &str| {
        let body = json!({ "email": "ana@example.com", "password": NEW, "code": code });
        ana.guest().post("/api/login", body).await
    };
    for code in [&thiefs, &own[0]] {
        assert_eq!(signs_in(code).await.code(), "two_step_wrong");
    }
    clock.advance(Duration::from_secs(61));
    let home = signs_in(&app.code(&clock)).await;
    assert_eq!(home.status, StatusCode::OK, "the owner's app goes on: {}", home.body);
    let home = ana.with_token(home.body["data"]["token"].as_str().expect("a token"));
    assert_eq!(home.get("/api/user/two-step").await.body["data"]["codes_left"], 0);
    let told = home.get("/api/notifications").await.body.to_string();
    assert!(told.contains("Your recovery codes open nothing any more"), "{told}");
    post.letter_about("ana@example.com", "Make new recovery codes").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_knows_the_password_voids_no_code_of_the_owners_by_changing_it() {
    let (world, post, _) = with_mail().await;
    let ana = Stranger::new(&world, "Ana").await;
    let guest = ana.guest();
    assert_eq!(guest.post("/api/password/forgot", json!({ "email": "ana@example.com" })).await.status, StatusCode::OK);
    let code = code_in(&post.letter_to("ana@example.com", 1).await);
    let changes = json!({ "old": PASSWORD, "new": "the thief’s password" });
    let changed = ana.ask(Method::PUT, "/api/user/password", Some(changes), &[]).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.body);
    let body = json!({ "email": "ana@example.com", "code": code, "password": NEW });
    assert_eq!(guest.post("/api/password/reset", body).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ana.get("/api/user").await.status, StatusCode::UNAUTHORIZED, "the thief is out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_begun_under_the_password_of_before_comes_to_nothing() {
    let (world, post, clock) = with_mail().await;
    clock.set_wrong_by(-guildhall_server::clock::Clock::now(&clock).0.rem_euclid(30_000));
    let ana = Stranger::new(&world, "Ana").await;
    let body = json!({ "email": "new@example.com", "password": PASSWORD });
    assert_eq!(ana.post("/api/user/email", body).await.status, StatusCode::OK);
    let code = code_in(&post.letter_to("new@example.com", 1).await);
    let begun = ana.post("/api/user/two-step", json!({ "password": PASSWORD })).await;
    assert_eq!(begun.status, StatusCode::OK, "{}", begun.body);
    let app = two_step::App::scans(&begun);
    // On this very device, which a thief may share.
    let changes = json!({ "old": PASSWORD, "new": NEW });
    let changed = ana.ask(Method::PUT, "/api/user/password", Some(changes), &[]).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.body);
    let confirm = json!({ "email": "new@example.com", "code": code });
    assert_eq!(ana.post("/api/user/email/confirm", confirm).await.code(), "wrong_code");
    let first = ana.post("/api/user/two-step/confirm", json!({ "code": app.code(&clock) })).await;
    assert_eq!((first.status, first.code()), (StatusCode::CONFLICT, "wrong_state"), "{}", first.body);
    let home = signs_in(&ana, "ana@example.com", NEW, "127.0.0.1").await;
    assert_eq!(home.status, StatusCode::OK, "nobody is locked out: {}", home.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_who_changes_the_address_back_by_hand_gives_the_thiefs_address_no_way_to_undo_it() {
    let (world, post, _) = with_mail().await;
    let ana = Stranger::new(&world, "Ana").await;
    proves(&ana, &post, "ana@example.com").await;
    assert_eq!(moves(&ana, &post, "thief@example.com", PASSWORD).await.status, StatusCode::OK);
    post.letter_about("ana@example.com", "another address").await;
    let asked = ana.post("/api/user/email", json!({ "email": "ana@example.com", "password": PASSWORD })).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let code = code_in(&post.letter_to("ana@example.com", 3).await);
    let confirm = json!({ "email": "ana@example.com", "code": code });
    let back = ana.post("/api/user/email/confirm", confirm).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
    // A further change is told to whoever reads the owner's, and by then any other letter has gone out.
    assert_eq!(moves(&ana, &post, "third@example.com", PASSWORD).await.status, StatusCode::OK);
    post.letter_about("ana@example.com", "another address").await;
    let told = post.letters_to("thief@example.com");
    let undo = |letter: &Value| letter["headers"]["subject"].as_str().is_some_and(|it| it.contains("another address"));
    assert!(!told.iter().any(undo), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_that_wait_for_a_thiefs_address_are_not_sent_once_the_owner_is_back() {
    let (world, post, _) = with_mail().await;
    let ana = Stranger::new(&world, "Ana").await;
    proves(&ana, &post, "ana@example.com").await;
    assert_eq!(moves(&ana, &post, "thief@example.com", PASSWORD).await.status, StatusCode::OK);
    let undo = undo_in(&post.letter_about("ana@example.com", "another address").await);
    // As while the mail server is away.
    let url = format!("sqlite:{}", world.server_folder().join("hall.sqlite").display());
    let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
    let (user, now) = (UserId(ana.id), guildhall_server::clock::Clock::now(&HandClock::default()));
    let waits = db.write::<_, DbError, _>(move |c| {
        Box::pin(async move {
            let mut waiting = Vec::new();
            for address in ["thief@example.com", "ana@example.com"] {
                let (carrier, kind, data, expires_at) = (Carrier::Mail, "new_sign_in", "{}", None);
                let new = mails::NewMail { user: Some(user), sent: true, address, carrier, kind, data, expires_at };
                let id = mails::queue(c, &new, now).await?;
                let later = mails::Tried::Later(now.plus_ms(3_600_000), "away".into());
                mails::tried(c, id, &later, now).await?;
                waiting.push(id);
            }
            Ok(Committed::quiet(waiting))
        })
    });
    let waiting = waits.await.expect("written");
    let back = json!({ "email": "ana@example.com", "code": undo, "password": NEW });
    assert_eq!(ana.guest().post("/api/password/reset", back).await.status, StatusCode::NO_CONTENT);
    let mut left = Vec::new();
    for id in waiting {
        left.extend(
            mails::get(&mut db.read().await.expect("reads"), id).await.expect("reads").map(|mail| mail.address),
        );
    }
    assert_eq!(left, ["ana@example.com"]);
}

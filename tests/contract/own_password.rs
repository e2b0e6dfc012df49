//! One's own password, from outside: changed, forgotten, and asked for by strangers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use guildhall_market::codes::SENDINGS_PER_SOURCE_MAX;
use guildhall_server::clock::HandClock;
use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    postgres_server::Postgres,
    smtp::{MailServer, USUAL, code_in},
    stranger::{Answer, Stranger},
};

const NEW: &str = "another good password";

async fn changes(person: &Stranger, old: &str, new: &str) -> Answer {
    person.ask(Method::PUT, "/api/user/password", Some(json!({ "old": old, "new": new })), &[]).await
}

async fn signs_in(person: &Stranger, email: &str, password: &str) -> Answer {
    person.post("/api/login", json!({ "email": email, "password": password, "device_name": "Test" })).await
}

/// A world with a mail server, whose clock is in hand.
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

/// From another network address.
async fn from(place: &str, person: &Stranger, path: &str, body: Value) -> Answer {
    person.ask(Method::POST, path, Some(body), &[("X-Forwarded-For", place)]).await
}

#[tokio::test]
async fn a_changed_password_ends_the_other_devices_and_not_this_one() {
    let world = World::start().await;
    let person = world.person("Ana").await;
    let (laptop, phone) = (Stranger::sign_in(&world, &person).await, Stranger::sign_in(&world, &person).await);
    let socket = phone.listen().await;
    for (old, new, field, code) in [
        ("not the password", NEW, "old", "wrong_password"),
        (PASSWORD, "short", "new", "invalid"),
        (PASSWORD, "Password123", "new", "invalid"),
        (PASSWORD, "ana@example.com", "new", "invalid"),
    ] {
        let refused = changes(&laptop, old, new).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, code), "{new}");
        assert!(refused.body["errors"][field][0].is_string(), "{}", refused.body);
    }
    assert_eq!(phone.get("/api/user").await.status, StatusCode::OK, "nothing happened");
    assert_eq!(changes(&laptop, PASSWORD, NEW).await.status, StatusCode::NO_CONTENT);
    assert_eq!(laptop.get("/api/user").await.status, StatusCode::OK);
    assert_eq!(phone.get("/api/user").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(socket.close_code_within(Duration::from_secs(5)).await, Some(4009));
    assert_eq!(signs_in(&laptop, &person.email, PASSWORD).await.code(), "invalid_credentials");
    assert_eq!(signs_in(&laptop, &person.email, NEW).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_stolen_token_does_not_guess_the_password() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let mut looked_at = 0;
    for n in 0..20 {
        looked_at += usize::from(changes(&ana, &format!("a guess, number {n}"), NEW).await.code() == "wrong_password");
    }
    assert_eq!(looked_at, 10);
}

#[tokio::test]
async fn common_passwords_are_refused_at_registration_as_well() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let refused =
        ana.post("/api/register", json!({"name": "B", "email": "b@example.com", "password": "qwertyuiop"})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body["errors"]["password"][0].as_str().is_some_and(|words| words.contains("tried first")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_password_is_chosen_anew_with_the_code_and_everything_else_ends() {
    let (world, post, _) = with_mail().await;
    let person = world.person("Ana").await;
    let (laptop, other) = (Stranger::sign_in(&world, &person).await, Stranger::new(&world, "Tunde").await);
    let guest = laptop.guest();
    let asked = guest.post("/api/password/forgot", json!({ "email": " ANA@example.com " })).await;
    assert_eq!((asked.status, &asked.body["data"]["by"]), (StatusCode::OK, &json!("mail")));
    let letter = post.letter_to("ana@example.com", 1).await;
    assert_eq!(letter["headers"]["subject"], "Choose a new password at Guildhall");
    let code = code_in(&letter);
    let reset = |email: &str, code: &str, password: &str| {
        let body = json!({ "email": email, "code": code, "password": password });
        let guest = guest.clone();
        async move { guest.post("/api/password/reset", body).await }
    };
    assert_eq!(reset("tunde@example.com", &code, NEW).await.code(), "wrong_code", "it opens no other account");
    assert_eq!(reset("ana@example.com", &code, "1234567890").await.code(), "invalid");
    assert_eq!(reset("ana@example.com", &code, NEW).await.status, StatusCode::NO_CONTENT);
    assert_eq!(reset("ana@example.com", &code, PASSWORD).await.code(), "wrong_code", "it is used up");
    assert_eq!(laptop.get("/api/user").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(other.get("/api/user").await.status, StatusCode::OK);
    assert_eq!(signs_in(&guest, &person.email, NEW).await.status, StatusCode::OK);
    let told = post.letter_to("ana@example.com", 2).await;
    assert_eq!(told["headers"]["subject"], "Your password at Guildhall was changed");
    assert!(told["text"].as_str().is_some_and(|text| text.contains(" UTC, from 127.0.0.1.")), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c12_strangers_who_burn_tries_lock_nobody_out_who_was_here_before() {
    let (world, post, _) = with_mail().await;
    let ana = Stranger::new(&world, "Ana").await;
    let guest = ana.guest();
    guest.post("/api/password/forgot", json!({ "email": "ana@example.com" })).await;
    let code = code_in(&post.letter_to("ana@example.com", 1).await);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let body = |code: &str| json!({ "email": "ana@example.com", "code": code, "password": NEW });
    let mut looked_at = 0;
    for n in 0..15 {
        let place = format!("203.0.113.{n}");
        looked_at += usize::from(from(&place, &guest, "/api/password/reset", body(wrong)).await.code() == "wrong_code");
    }
    assert_eq!(looked_at, 10, "from wherever they come they have one budget");
    let stranger = from("198.51.100.9", &guest, "/api/password/reset", body(&code)).await;
    assert_eq!(stranger.code(), "too_many_tries", "even with the right code, from a place never seen");
    let owner = guest.post("/api/password/reset", body(&code)).await;
    assert_eq!(owner.status, StatusCode::NO_CONTENT, "from where the account was made: {}", owner.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgot_and_reset_tell_a_stranger_nothing_in_words() {
    let (world, post, clock) = with_mail().await;
    let ana = Stranger::new(&world, "Ana").await;
    let guest = ana.guest();
    let ask = async |email: &str, n: u8| {
        from(&format!("203.0.113.{n}"), &guest, "/api/password/forgot", json!({ "email": email })).await
    };
    // A whole second, so that both moments are the same to it.
    let (known, unknown) = (ask("ana@example.com", 1).await, ask("nobody@example.com", 2).await);
    let shape = |answer: &Answer| {
        let data = answer.body["data"].as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        (answer.status, data, answer.body["data"]["by"].clone())
    };
    assert_eq!(shape(&known), shape(&unknown));
    let (again, unknown) = (ask("ana@example.com", 3).await, ask("nobody@example.com", 4).await);
    assert_eq!((again.status, again.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_codes"));
    assert_eq!((again.status, again.body, again.retry_after), (unknown.status, unknown.body, unknown.retry_after));
    for n in 0..12 {
        let body = |email: &str| json!({ "email": email, "code": "000000", "password": NEW });
        let place = format!("203.0.113.{n}");
        let known = from(&place, &guest, "/api/password/reset", body("ana@example.com")).await;
        let unknown = from(&place, &guest, "/api/password/reset", body("nobody@example.com")).await;
        assert_eq!((known.status, known.body), (unknown.status, unknown.body), "try {n}");
    }
    clock.advance(Duration::from_secs(60));
    post.letter_to("ana@example.com", 1).await;
    assert!(post.letters_to("nobody@example.com").is_empty());
}

/// The middle one of how long something took.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// How long something takes, seconds.
async fn timed(work: impl Future<Output = ()>) -> f64 {
    let begun = Instant::now();
    work.await;
    begun.elapsed().as_secs_f64()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgot_reset_and_sign_in_tell_a_stranger_nothing_in_time() {
    const COUNT: usize = 60;
    let world = World::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
        // As in earnest: it is the longest part of signing in.
        config.weak_password_hashes = false;
        config.sign_in.per_account = 100_000;
    })
    .await;
    let first = Stranger::at(&world.url(), "P0").await;
    let guest = first.guest();
    for n in 1..COUNT {
        Stranger::at(&world.url(), &format!("P{n}")).await;
    }
    let place = |n: usize| format!("203.0.113.{n}");
    for (path, body) in [
        ("/api/password/forgot", json!({})),
        ("/api/password/reset", json!({ "code": "000000", "password": NEW })),
        ("/api/login", json!({ "password": "not the password" })),
    ] {
        let ask = |n: usize, name: &str| {
            let (mut body, guest, place) = (body.clone(), guest.clone(), place(n));
            body["email"] = format!("{name}{n}@example.com").into();
            async move {
                let answer = from(&place, &guest, path, body).await;
                assert!(answer.status != StatusCode::TOO_MANY_REQUESTS, "{}", answer.body);
            }
        };
        let mut ratios = Vec::new();
        // A machine that had something else to do at the moment is asked again, at other addresses.
        for round in 0..3 {
            let (mut known, mut unknown) = (Vec::new(), Vec::new());
            // In turns, each of the two first as often, so that whatever else the machine does meets both.
            for n in round * COUNT / 3..(round + 1) * COUNT / 3 {
                if n % 2 == 0 {
                    known.push(timed(ask(n, "p")).await);
                    unknown.push(timed(ask(n, "nobody")).await);
                } else {
                    unknown.push(timed(ask(n, "nobody")).await);
                    known.push(timed(ask(n, "p")).await);
                }
            }
            ratios.push(median(known) / median(unknown));
            if (0.7..1.4).contains(&ratios[round]) {
                break;
            }
        }
        assert!(ratios.iter().any(|ratio| (0.7..1.4).contains(ratio)), "{path}: known to unknown {ratios:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_has_one_budget_whatever_its_codes_are_for_at_once_on_postgresql() {
    const EACH: usize = 14;
    const ROUNDS: usize = 4;
    let postgres = Postgres::start();
    let (post, clock) = (MailServer::start(USUAL), HandClock::default());
    let (settings, kept, database) = (post.settings(), Arc::new(clock.clone()), postgres.database("source_budget"));
    let world = World::start_with(move |config| {
        config.mail = Some(settings);
        config.clock = kept;
        config.database = Some(database);
        config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    })
    .await;
    let mut people = Vec::new();
    for n in 0..EACH {
        people.push(Stranger::new(&world, &format!("Person{n:02}")).await);
    }
    for round in 0..ROUNDS {
        let place = &*format!("198.51.100.{round}");
        // Codes for two purposes, each within the budget by itself.
        let asked = people.iter().enumerate().flat_map(|(n, person)| {
            let nobody = json!({ "email": format!("nobody{round}_{n}@example.com") });
            [
                from(place, person, "/api/verifications/email", json!({})),
                from(place, person, "/api/password/forgot", nobody),
            ]
        });
        let answers = futures_util::future::join_all(asked).await;
        let sent = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
        assert!(answers.iter().all(|answer| answer.status == StatusCode::OK || answer.code() == "too_many_codes"));
        assert_eq!(sent, SENDINGS_PER_SOURCE_MAX, "round {round}");
        clock.advance(Duration::from_secs(61));
    }
}

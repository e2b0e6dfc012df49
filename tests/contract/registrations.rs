//! An account is made with the code of a letter, and nobody learns whether an address has one.

use std::{sync::Arc, time::Duration};

use guildhall_server::{ServerConfig, clock::HandClock};
use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    postgres_server::Postgres,
    smtp::{MailServer, USUAL, code_in},
    stranger::{Answer, Stranger},
};

/// A server with a mail server beside it, whose time stands still unless it is turned.
struct Hall {
    world: World,
    post: MailServer,
    clock: HandClock,
    guest: Stranger,
    _postgres: Option<Postgres>,
}

impl Hall {
    async fn start() -> Self {
        Self::on(None).await
    }

    async fn on(postgres: Option<Postgres>) -> Self {
        Self::with(postgres, |_| {}).await
    }

    async fn with(postgres: Option<Postgres>, change: impl FnOnce(&mut ServerConfig)) -> Self {
        let (post, clock) = (MailServer::start(USUAL), HandClock::default());
        let (settings, hand) = (post.settings(), Arc::new(clock.clone()));
        let database = postgres.as_ref().map(|postgres| postgres.database("registrations"));
        let world = World::start_with(move |config| {
            config.mail = Some(settings);
            config.clock = hand;
            config.database = database;
            change(config);
        })
        .await;
        let guest = Stranger::new(&world, "Guest").await.guest();
        Self { world, post, clock, guest, _postgres: postgres }
    }

    async fn begins(&self, name: &str, email: &str, password: &str, key: &str) -> Answer {
        let body = json!({ "name": name, "email": email, "password": password, "trade": "Joiner" });
        self.guest.ask(Method::POST, "/api/register", Some(body), &[("Idempotency-Key", key)]).await
    }

    /// Begins an account. Answers with its secret.
    async fn begun(&self, email: &str, password: &str, key: &str) -> String {
        let begun = self.begins("Ada", email, password, key).await;
        assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
        begun.body["data"]["registration"].as_str().expect("a secret").to_owned()
    }

    async fn gives(&self, registration: &str, code: &str, key: &str) -> Answer {
        let body = json!({ "registration": registration, "code": code });
        self.guest.ask(Method::POST, "/api/register/confirm", Some(body), &[("Idempotency-Key", key)]).await
    }

    async fn code(&self, email: &str, count: usize) -> String {
        code_in(&self.post.letter_to(email, count).await)
    }

    async fn signs_in(&self, email: &str, password: &str) -> StatusCode {
        self.guest.post("/api/login", json!({ "email": email, "password": password })).await.status
    }
}

/// A code that is certainly another.
fn other_than(code: &str) -> String {
    let first = if code.starts_with('1') { "2" } else { "1" };
    format!("{first}{}", &code[1..])
}

async fn whoever_has_the_code_makes_the_account(hall: Hall) {
    let begun = hall.begins("Ada", "ada@example.com", PASSWORD, "first").await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
    assert_eq!((&begun.body["data"]["by"], &begun.body["data"]["token"]), (&json!("mail"), &Value::Null));
    assert_eq!(hall.signs_in("ada@example.com", PASSWORD).await, StatusCode::UNPROCESSABLE_ENTITY, "not there yet");
    let letter = hall.post.letter_to("ada@example.com", 1).await;
    assert_eq!(letter["headers"]["subject"], "Your code for a new account at Guildhall");
    assert!(!letter.to_string().contains("Ada"), "nobody's own words go to an address that nobody proved: {letter}");
    let (registration, code) = (begun.body["data"]["registration"].as_str().expect("a secret"), code_in(&letter));
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let made = hall.gives(registration, &spaced, "second").await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let user = &made.body["data"]["user"];
    assert_eq!((&user["name"], &user["email"]), (&json!("Ada"), &json!("ada@example.com")), "{user}");
    let ada = hall.guest.with_token(made.body["data"]["token"].as_str().expect("a token"));
    let proved = ada.get("/api/verifications").await;
    assert_eq!(proved.body["data"][0]["state"], "verified", "{}", proved.body);
    let tunde = Stranger::new(&hall.world, "Tunde").await;
    assert_eq!(ada.send(&tunde, "Good morning").await.status, StatusCode::CREATED, "as one whose address is proved");
    assert_eq!(hall.signs_in("ada@example.com", PASSWORD).await, StatusCode::OK);
    let used = hall.gives(registration, &code, "third").await;
    assert_eq!((used.status, used.code()), (StatusCode::UNPROCESSABLE_ENTITY, "wrong_code"), "it is used up");
    let again = hall.guest.post("/api/register/again", json!({ "registration": registration })).await;
    assert_eq!(again.code(), "registration_ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_the_code_makes_the_account_and_its_address_is_proved_on_sqlite() {
    whoever_has_the_code_makes_the_account(Hall::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_the_code_makes_the_account_and_its_address_is_proved_on_postgresql() {
    whoever_has_the_code_makes_the_account(Hall::on(Some(Postgres::start())).await).await;
}

async fn at_once_one_account_is_made(hall: Hall) {
    let mine = hall.begun("ada@example.com", "the password of the first", "one").await;
    let my_code = hall.code("ada@example.com", 1).await;
    hall.clock.advance(Duration::from_secs(61));
    let theirs = hall.begun("ada@example.com", "the password of the second", "two").await;
    let their_code = hall.code("ada@example.com", 2).await;
    let all = (0..6).map(|n| {
        let (registration, code) = if n % 2 == 0 { (&mine, &my_code) } else { (&theirs, &their_code) };
        let hall = &hall;
        async move { (n, hall.gives(registration, code, &format!("at-once-{n}")).await) }
    });
    let answers = futures_util::future::join_all(all).await;
    let made: Vec<_> = answers.iter().filter(|(_, answer)| answer.status == StatusCode::CREATED).collect();
    assert_eq!(made.len(), 1, "{:?}", answers.iter().map(|(n, a)| (n, a.status, &a.body)).collect::<Vec<_>>());
    for (_, answer) in &answers {
        assert!(answer.status == StatusCode::CREATED || answer.code() == "wrong_code", "{}", answer.body);
    }
    let (right, wrong) = match made[0].0 % 2 {
        0 => ("the password of the first", "the password of the second"),
        _ => ("the password of the second", "the password of the first"),
    };
    assert_eq!(hall.signs_in("ada@example.com", right).await, StatusCode::OK);
    assert_eq!(hall.signs_in("ada@example.com", wrong).await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_confirmations_at_once_make_one_account_on_sqlite() {
    at_once_one_account_is_made(Hall::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_confirmations_at_once_make_one_account_on_postgresql() {
    at_once_one_account_is_made(Hall::on(Some(Postgres::start())).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_types_a_code_that_a_stranger_caused_makes_no_account_with_the_strangers_password() {
    let hall = Hall::start().await;
    let strangers = hall.begun("ada@example.com", "the password of a stranger", "stranger").await;
    let caused = hall.code("ada@example.com", 1).await;
    hall.clock.advance(Duration::from_secs(61));
    let own = hall.begun("ada@example.com", PASSWORD, "ada").await;
    let code = hall.code("ada@example.com", 2).await;
    assert_eq!(hall.gives(&own, &caused, "a").await.code(), "wrong_code", "it is the other one's");
    assert_eq!(hall.gives(&own, &code, "b").await.status, StatusCode::CREATED);
    assert_eq!(hall.gives(&strangers, &caused, "c").await.code(), "wrong_code", "the address is somebody's");
    assert_eq!(hall.gives(&strangers, &code, "d").await.code(), "wrong_code");
    assert_eq!(hall.signs_in("ada@example.com", "the password of a stranger").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(hall.signs_in("ada@example.com", PASSWORD).await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_told_again_under_its_key_and_nothing_happens_twice() {
    let hall = Hall::start().await;
    let first = hall.begun("ada@example.com", PASSWORD, "key").await;
    assert_eq!(hall.begun("ada@example.com", PASSWORD, "key").await, first, "the same secret, and no wait");
    let other = hall.begins("Ada", "ada@example.com", "another good password", "key").await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "key_reused"));
    let code = hall.code("ada@example.com", 1).await;
    let (made, again) = (hall.gives(&first, &code, "done").await, hall.gives(&first, &code, "done").await);
    assert_eq!((made.status, again.status), (StatusCode::CREATED, StatusCode::CREATED), "{}", again.body);
    assert_eq!(made.body, again.body, "the same token");
    let ada = hall.guest.with_token(again.body["data"]["token"].as_str().expect("a token"));
    assert_eq!(ada.get("/api/tokens").await.body["data"].as_array().map(Vec::len), Some(1));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(hall.post.letters_to("ada@example.com").len(), 1);
    // Signed out since: an old key opens nothing.
    assert_eq!(ada.post("/api/logout", json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(hall.gives(&first, &code, "done").await.code(), "wrong_code");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_has_an_account_is_answered_as_any_other_and_its_owner_is_told_once_an_hour() {
    let hall = Hall::start().await;
    Stranger::new(&hall.world, "Ada").await;
    let known = hall.begins("Eve", "ada@example.com", PASSWORD, "a").await;
    let unknown = hall.begins("Eve", "nobody@example.com", PASSWORD, "b").await;
    assert_eq!((known.status, unknown.status), (StatusCode::ACCEPTED, StatusCode::ACCEPTED));
    let names = |answer: &Answer| answer.body["data"].as_object().map(|data| data.keys().cloned().collect::<Vec<_>>());
    assert_eq!(names(&known), names(&unknown));
    let letter = hall.post.letter_to("ada@example.com", 1).await;
    assert_eq!(letter["headers"]["subject"], "You have an account at Guildhall already");
    let text = letter["text"].as_str().expect("text");
    assert!(text.contains("choose “Forgot it?” where you sign in") && !text.contains("Eve"), "{text}");
    // Whatever is typed is the same wrong code, until there are too many.
    let registration = known.body["data"]["registration"].as_str().expect("a secret");
    for n in 0..10 {
        assert_eq!(hall.gives(registration, &format!("{n:06}"), &format!("try-{n}")).await.code(), "wrong_code");
    }
    assert_eq!(hall.gives(registration, "123456", "one-more").await.code(), "too_many_tries");
    assert_eq!(hall.signs_in("ada@example.com", PASSWORD).await, StatusCode::OK, "the account is as it was");
    // Asked again it is sent "again", and the owner hears nothing more within the hour.
    for minutes in [1, 30] {
        hall.clock.advance(Duration::from_secs(minutes * 60 + 1));
        let again = hall.guest.post("/api/register/again", json!({ "registration": registration })).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(hall.post.letters_to("ada@example.com").len(), 1);
    hall.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(hall.begins("Eve", "ada@example.com", PASSWORD, "c").await.status, StatusCode::ACCEPTED);
    hall.post.letter_to("ada@example.com", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c12_the_code_comes_again_as_it_was_and_tries_are_of_each_ones_own() {
    let hall = Hall::start().await;
    let own = hall.begun("ada@example.com", PASSWORD, "own").await;
    let code = hall.code("ada@example.com", 1).await;
    let at_once = hall.guest.post("/api/register/again", json!({ "registration": own })).await;
    assert_eq!((at_once.status, at_once.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_codes"));
    hall.clock.advance(Duration::from_secs(61));
    let again = hall.guest.post("/api/register/again", json!({ "registration": own })).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    assert_eq!(hall.code("ada@example.com", 2).await, code, "the same digits, so that either letter opens");
    // Somebody else burns the tries of a registration of theirs.
    hall.clock.advance(Duration::from_secs(61));
    let theirs = hall.begun("ada@example.com", "a password of theirs", "theirs").await;
    for n in 0..10 {
        let wrong = hall.gives(&theirs, &other_than(&code), &format!("guess-{n}")).await;
        assert_eq!(wrong.code(), "wrong_code");
    }
    assert_eq!(hall.gives(&theirs, &code, "eleven").await.code(), "too_many_tries");
    // A digit that was left out costs no try, and a dead code opens nothing.
    assert_eq!(hall.gives(&own, "12345", "short").await.code(), "wrong_code");
    hall.clock.advance(Duration::from_secs(60 * 60));
    assert_eq!(hall.gives(&own, &code, "late").await.code(), "wrong_code");
    let again = hall.guest.post("/api/register/again", json!({ "registration": own })).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    assert_eq!(hall.gives(&own, &code, "in-time").await.status, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_began_one_for_somebody_elses_address_never_learns_that_the_owner_finished_theirs() {
    let hall = Hall::start().await;
    let strangers = hall.begun("ada@example.com", "a password of theirs", "theirs").await;
    hall.code("ada@example.com", 1).await;
    let told = async |n: u64| {
        hall.clock.advance(Duration::from_secs(61));
        let again = hall.guest.post("/api/register/again", json!({ "registration": strangers })).await;
        let gives = hall.gives(&strangers, "123456", &format!("try-{n}")).await;
        (again.status, again.code().to_owned(), gives.status, gives.code().to_owned())
    };
    let before = told(1).await;
    hall.clock.advance(Duration::from_secs(61));
    let own = hall.begun("ada@example.com", PASSWORD, "own").await;
    let code = hall.code("ada@example.com", 3).await;
    assert_eq!(hall.gives(&own, &code, "done").await.status, StatusCode::CREATED);
    assert_eq!(told(2).await, before);
    assert_eq!((before.0, &*before.3), (StatusCode::OK, "wrong_code"));
    // Also by how often it may be tried.
    for n in 3..11 {
        assert_eq!(hall.gives(&strangers, "123456", &format!("try-{n}")).await.code(), "wrong_code", "{n}");
    }
    assert_eq!(hall.gives(&strangers, "123456", "eleven").await.code(), "too_many_tries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_who_uses_up_the_letters_to_an_address_keeps_its_owner_from_no_account() {
    let hall = Hall::with(None, |config| config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")]).await;
    let begins = async |place: &str, key: &str| {
        let body = json!({ "name": "Ada", "email": "ada@example.com", "password": PASSWORD });
        let headers = [("Idempotency-Key", key), ("X-Forwarded-For", place)];
        hall.guest.ask(Method::POST, "/api/register", Some(body), &headers).await
    };
    for n in 0..5 {
        let begun = begins("192.0.2.1", &format!("stranger-{n}")).await;
        assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.body);
        hall.clock.advance(Duration::from_secs(61));
    }
    assert_eq!(begins("192.0.2.1", "stranger-5").await.code(), "too_many_codes");
    let own = begins("192.0.2.2", "own").await;
    assert_eq!(own.status, StatusCode::ACCEPTED, "{}", own.body);
    let code = hall.code("ada@example.com", 6).await;
    let registration = own.body["data"]["registration"].as_str().expect("a secret");
    assert_eq!(hall.gives(registration, &code, "done").await.status, StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_ahead_for_a_while_keeps_the_owner_from_no_letter_afterwards() {
    let hall = Hall::start().await;
    Stranger::new(&hall.world, "Ada").await;
    hall.clock.set_wrong_by(3 * 24 * 3_600_000);
    assert_eq!(hall.begins("Eve", "ada@example.com", PASSWORD, "a").await.status, StatusCode::ACCEPTED);
    hall.post.letter_to("ada@example.com", 1).await;
    hall.clock.set_wrong_by(-3 * 24 * 3_600_000);
    assert_eq!(hall.begins("Eve", "ada@example.com", PASSWORD, "b").await.status, StatusCode::ACCEPTED);
    hall.post.letter_to("ada@example.com", 2).await;
}

//! Phones: their numbers, the texts that prove them, and who else has one.

use std::{sync::Arc, time::Duration};

use guildhall_server::{clock::HandClock, config::TextSettings};
use guildhall_testkit::{
    World, eventually,
    texts::{ACCOUNT, Mood, TOKEN, TextProvider},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    postgres_server::Postgres,
    stranger::{Answer, Stranger},
};

const ASK: &str = "/api/verifications/phone";
const NUMBER: &str = "+2348031234567";

async fn world(provider: Option<&TextProvider>, clock: &HandClock) -> World {
    let (clock, address) = (Arc::new(clock.clone()), provider.map(TextProvider::url));
    World::start_with(move |config| {
        config.clock = clock;
        config.texts = address.map(|address| TextSettings {
            address: address.parse().expect("an address"),
            account: ACCOUNT.into(),
            token: TOKEN.into(),
            from: "+15005550006".into(),
        });
    })
    .await
}

async fn asks(person: &Stranger, number: &str) -> Answer {
    person.post(ASK, json!({ "value": number })).await
}

async fn confirms(person: &Stranger, code: &str) -> Answer {
    person.post("/api/verifications/phone/confirm", json!({ "code": code })).await
}

async fn phone_of(person: &Stranger) -> Value {
    let list = person.get("/api/verifications").await.body;
    list["data"].as_array().expect("rows").iter().find(|row| row["kind"] == "phone").cloned().expect("it is listed")
}

fn code_in(words: &str) -> String {
    words.chars().take(6).collect()
}

/// Proves a number on a server that tells its codes in the app.
async fn proves(person: &Stranger, number: &str) {
    let asked = asks(person, number).await;
    let code = asked.body["data"]["code"].as_str().expect("a code").to_owned();
    assert_eq!(confirms(person, &code).await.body["data"]["state"], "verified");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_is_verified_by_the_text_that_was_sent_to_it() {
    let (provider, clock) = (TextProvider::start().await, HandClock::default());
    let world = world(Some(&provider), &clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    assert_eq!(phone_of(&ana).await["state"], "none");
    let asked = asks(&ana, "0803 123 4567").await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let data = &asked.body["data"];
    assert_eq!((&data["by"], &data["code"]), (&json!("sms"), &Value::Null), "the code is in the text alone");
    assert_eq!((&data["verification"]["value"], &data["verification"]["state"]), (&json!(NUMBER), &json!("pending")));
    eventually("the text is there", async || provider.taken().len() == 1).await;
    let (to, words) = provider.taken().remove(0);
    let code = code_in(&words);
    assert_eq!(to, NUMBER);
    assert_eq!(
        words,
        format!(
            "{code} is your code for Guildhall. It works for 10 minutes. Nobody from Guildhall will ever ask you for it."
        )
    );
    assert!(words.len() <= 160 && words.is_ascii(), "one text, not two");
    let done = confirms(&ana, &code).await;
    assert_eq!(done.body["data"]["state"], "verified", "{}", done.body);
    assert_eq!(asks(&ana, NUMBER).await.code(), "wrong_state", "what is proved stays so, and no text goes out for it");
    let feed = ana.get("/api/feed?after=0").await.body.to_string();
    assert!(!feed.contains("8031234567"), "a number goes over no channel: {feed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c12_a_code_by_phone_lives_ten_minutes_and_a_resend_needs_no_number() {
    let clock = HandClock::default();
    let world = world(None, &clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    let first = asks(&ana, NUMBER).await.body["data"]["code"].clone();
    clock.advance(Duration::from_secs(9 * 60));
    let again = ana.post(ASK, json!({})).await.body["data"]["code"].clone();
    assert_eq!(again, first, "a resend repeats the same code");
    clock.advance(Duration::from_secs(9 * 60));
    assert_eq!(phone_of(&ana).await["state"], "pending", "and renews its life");
    clock.advance(Duration::from_secs(60));
    assert_eq!(phone_of(&ana).await["state"], "none");
    assert_eq!(confirms(&ana, first.as_str().expect("a code")).await.code(), "wrong_state");
    let nothing = ana.post(ASK, json!({})).await;
    assert_eq!((nothing.status, nothing.code()), (StatusCode::UNPROCESSABLE_ENTITY, "not_a_phone"));
}

#[tokio::test]
async fn what_is_no_mobile_number_is_refused_and_nothing_is_sent() {
    let provider = TextProvider::start().await;
    let world = world(Some(&provider), &HandClock::default()).await;
    let ana = Stranger::new(&world, "Ana").await;
    for (typed, code) in [
        ("12345", "not_a_phone"),
        ("0803 123 45", "not_a_phone"),
        ("+44 20 7946 0000", "not_mobile"),
        ("+44 906 123 4567", "not_mobile"),
        ("", "not_a_phone"),
    ] {
        let refused = asks(&ana, typed).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, code), "{typed}");
        assert!(refused.body["errors"]["value"].is_array(), "{}", refused.body);
    }
    assert_eq!(phone_of(&ana).await["state"], "none");
    assert_eq!(provider.tried(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_whose_answer_was_lost_is_not_sent_again() {
    let (provider, clock) = (TextProvider::start().await, HandClock::default());
    let world = world(Some(&provider), &clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    provider.be(Mood::LosesItsAnswer);
    asks(&ana, NUMBER).await;
    eventually("it was taken", async || provider.taken().len() == 1).await;
    provider.be(Mood::Takes);
    for _ in 0..10 {
        if provider.looked() > 0 {
            break;
        }
        clock.advance(Duration::from_secs(61));
        provider.advance(Duration::from_secs(61));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(provider.looked() > 0, "what became of it is looked at");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(provider.taken().len(), 1, "{:?}", provider.taken());
    // One that is asked for later says the same words, and is another one: it goes out, though its first answer is lost too.
    let again = ana.post(ASK, json!({})).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    eventually("the second is there", async || provider.taken().len() == 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_was_on_its_way_when_the_server_stopped_is_not_sent_again() {
    let (provider, clock) = (TextProvider::start().await, HandClock::default());
    let mut world = world(Some(&provider), &clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    provider.be(Mood::Silent);
    asks(&ana, NUMBER).await;
    eventually("it was taken", async || provider.taken().len() == 1).await;
    world.stop_server().await;
    provider.be(Mood::Takes);
    // At the same moment, as far as the clock says.
    world.start_server().await;
    eventually("what became of it is looked at", async || provider.looked() > 0).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(provider.taken().len(), 1, "{:?}", provider.taken());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_is_refused_for_a_reason_nobody_knows_holds_up_no_other() {
    let (provider, clock) = (TextProvider::start().await, HandClock::default());
    let world = world(Some(&provider), &clock).await;
    let (ana, bruno) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Bruno").await);
    provider.be(Mood::Refuses(400, 30_008));
    asks(&ana, NUMBER).await;
    eventually("it was refused", async || provider.tried() == 1).await;
    provider.be(Mood::Takes);
    asks(&bruno, "+234 803 765 4321").await;
    // On a clock that stands: nobody waits for the provider to be asked again.
    eventually("the other's is there", async || provider.taken().len() == 1).await;
    assert_eq!(provider.taken()[0].0, "+2348037654321");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_away_or_garbled_gets_the_text_once_when_it_is_back() {
    let (provider, clock) = (TextProvider::start().await, HandClock::default());
    let world = world(Some(&provider), &clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    provider.be(Mood::Garbled);
    asks(&ana, NUMBER).await;
    eventually("it was tried", async || provider.tried() == 1).await;
    provider.be(Mood::Refuses(429, 20429));
    for _ in 0..3 {
        clock.advance(Duration::from_secs(61));
        provider.advance(Duration::from_secs(61));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(provider.taken().is_empty());
    provider.be(Mood::Takes);
    for _ in 0..8 {
        if !provider.taken().is_empty() {
            break;
        }
        clock.advance(Duration::from_secs(61));
        provider.advance(Duration::from_secs(61));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert_eq!(provider.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_the_provider_refuses_is_given_up_and_seen_without_it() {
    let (provider, clock) = (TextProvider::start().await, HandClock::default());
    let world = world(Some(&provider), &clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    let boss = crate::audit::administrator(&world, "Boss").await;
    provider.be(Mood::Refuses(400, 21211));
    asks(&ana, NUMBER).await;
    eventually("it was refused", async || provider.tried() == 1).await;
    eventually("and is given up", async || {
        let seen = boss.get("/api/admin/failed-jobs").await.body;
        seen["data"]["failed"].as_array().is_some_and(|failed| failed.len() == 1)
    })
    .await;
    let seen = boss.get("/api/admin/failed-jobs").await.body;
    let text = &seen["data"]["failed"][0];
    assert!(text["error"].as_str().is_some_and(|error| error.contains("(21211)")), "{text}");
    assert!(!seen.to_string().contains("8031234567") && !seen.to_string().contains(TOKEN), "{seen}");
}

#[tokio::test]
async fn a_number_is_one_persons_and_the_newest_proof_wins() {
    let clock = HandClock::default();
    let world = world(None, &clock).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    proves(&ana, NUMBER).await;
    clock.advance(Duration::from_secs(61));
    proves(&tunde, "0803 123 4567").await;
    let lost = phone_of(&ana).await;
    assert_eq!(lost["state"], "expired");
    assert_eq!(lost["reason"], "Somebody else confirmed this number since. Confirm it again if it is yours.");
    let told = ana.get("/api/notifications").await.body;
    assert!(told.to_string().contains("Somebody else confirmed +234 803 123 4567 since."), "{told}");
    assert!(!told.to_string().contains("Tunde"), "nobody learns whose it is now: {told}");
    assert_eq!(phone_of(&tunde).await["state"], "verified");
}

async fn one_has_it(world: &World, clock: &HandClock) {
    let mut people = Vec::new();
    for n in 0..5 {
        let person = Stranger::new(world, &format!("P{n}")).await;
        let asked = asks(&person, NUMBER).await;
        let code = asked.body["data"]["code"].as_str().expect("a code").to_owned();
        people.push((person, code));
        clock.advance(Duration::from_secs(61));
    }
    let answers = futures_util::future::join_all(people.iter().map(|(person, code)| confirms(person, code))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    let mut verified = 0;
    for (person, _) in &people {
        verified += usize::from(phone_of(person).await["state"] == "verified");
    }
    assert_eq!(verified, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_five_who_prove_one_number_at_once_one_has_it() {
    let clock = HandClock::default();
    one_has_it(&world(None, &clock).await, &clock).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_five_who_prove_one_number_at_once_one_has_it_on_postgresql_too() {
    let postgres = Postgres::start();
    let (clock, database) = (HandClock::default(), postgres.database("phones"));
    let shared = Arc::new(clock.clone());
    let world = World::start_with(move |config| {
        config.database = Some(database);
        config.clock = shared;
    })
    .await;
    one_has_it(&world, &clock).await;
}

#[tokio::test]
async fn another_number_takes_the_place_of_the_one_that_was_proved_and_five_a_day_are_enough() {
    let clock = HandClock::default();
    let world = world(None, &clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    proves(&ana, NUMBER).await;
    let asked = asks(&ana, "0803 123 4568").await.body;
    assert_eq!(phone_of(&ana).await["state"], "pending", "until the new one is proved nothing is");
    let code = asked["data"]["code"].as_str().expect("a code").to_owned();
    assert_eq!(confirms(&ana, &code).await.body["data"]["value"], "+2348031234568");
    for last in ["69", "70", "71"] {
        assert_eq!(asks(&ana, &format!("0803 123 45{last}")).await.status, StatusCode::OK, "{last}");
    }
    let enough = asks(&ana, "0803 123 4572").await;
    assert_eq!((enough.status, enough.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_numbers"));
    clock.advance(Duration::from_secs(24 * 3_600));
    assert_eq!(asks(&ana, "0803 123 4572").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_numbers_at_once_are_no_more_than_one_after_the_other_on_postgresql_too() {
    let postgres = Postgres::start();
    let database = postgres.database("numbers");
    let world = World::start_with(move |config| config.database = Some(database)).await;
    let ana = Stranger::new(&world, "Ana").await;
    let numbers: Vec<String> = (10..25).map(|last| format!("0803 123 45{last}")).collect();
    let answers = futures_util::future::join_all(numbers.iter().map(|number| asks(&ana, number))).await;
    let sent = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(sent, 5, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
}

#[tokio::test]
async fn somebody_who_asks_for_the_same_number_uses_up_nobody_elses_tries() {
    let clock = HandClock::default();
    let world = world(None, &clock).await;
    let (ana, thief) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Thief").await);
    let code = asks(&ana, NUMBER).await.body["data"]["code"].as_str().expect("a code").to_owned();
    clock.advance(Duration::from_secs(61));
    let theirs = asks(&thief, "0803-123-4567").await.body["data"]["code"].as_str().expect("a code").to_owned();
    let wrong = if theirs.starts_with('0') { "100000" } else { "000000" };
    for _ in 0..11 {
        confirms(&thief, wrong).await;
    }
    assert_eq!(confirms(&ana, &code).await.body["data"]["state"], "verified");
}

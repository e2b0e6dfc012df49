//! One command that is said several times at once, as over a link on which answers are lost, is carried out once, and all of them
//! hear that it was: also where it uses up what it looks at first.

use std::time::Duration;

use futures_util::future::join_all;
use guildhall_server::clock::HandClock;
use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::{administrator, rows},
    postgres_server::Postgres,
    stranger::{Answer, Stranger},
    two_step::{App, world_with},
};

/// Says it eight times at once, under one key.
async fn eight_times(who: &Stranger, (method, path): (Method, &str), body: Value) -> Vec<Answer> {
    let key = [("Idempotency-Key", path)];
    let said = (0..8).map(|_| who.ask(method.clone(), path, Some(body.clone()), &key));
    join_all(said).await
}

fn all_are(answers: &[Answer], status: StatusCode) {
    for answer in answers {
        assert_eq!((answer.status, &answer.body), (status, &answers[0].body));
    }
}

async fn what_uses_a_code_up_has_one_answer(world: World, clock: HandClock) {
    let ana = Stranger::new(&world, "Amara").await;
    let told = |asked: &Answer| {
        asked.body["data"]["code"].as_str().unwrap_or_else(|| panic!("told here: {}", asked.body)).to_owned()
    };
    let code = told(&ana.post("/api/verifications/email", json!({})).await);
    let confirm = (Method::POST, "/api/verifications/email/confirm");
    all_are(&eight_times(&ana, confirm, json!({ "code": code })).await, StatusCode::OK);

    let named = ana.ask(Method::PATCH, "/api/user", Some(json!({ "name": "Amara Okonkwo" })), &[]).await;
    assert_eq!(named.status, StatusCode::OK, "{}", named.body);
    let code = told(&ana.post("/api/payout-accounts/code", json!({ "password": PASSWORD })).await);
    let account =
        json!({ "currency": "NGN", "bank_code": "000", "number": "0000000001", "password": PASSWORD, "code": code });
    all_are(&eight_times(&ana, (Method::POST, "/api/payout-accounts"), account).await, StatusCode::CREATED);
    let accounts = ana.get("/api/payout-accounts").await.body;
    assert_eq!(accounts["data"]["accounts"].as_array().map(Vec::len), Some(1), "{accounts}");

    clock.advance(Duration::from_secs(61));
    let new = json!({ "email": "new@example.com", "password": PASSWORD });
    let asked = ana.post("/api/user/email", new).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    // Nobody learns in the app what is sent to an address that is not theirs yet.
    let waits = administrator(&world, "Boss").await.get("/api/admin/codes?reason=asked").await.body;
    let code = rows(&waits).iter().find(|row| row["address"] == "new@example.com").expect("it waits")["code"].clone();
    let body = json!({ "email": "new@example.com", "code": code });
    all_are(&eight_times(&ana, (Method::POST, "/api/user/email/confirm"), body).await, StatusCode::OK);

    let begun = ana.post("/api/user/two-step", json!({ "password": PASSWORD })).await;
    let app = App::scans(&begun);
    let body = json!({ "code": app.code(&clock) });
    all_are(&eight_times(&ana, (Method::POST, "/api/user/two-step/confirm"), body).await, StatusCode::OK);

    clock.advance(Duration::from_secs(30));
    let change = json!({ "old": PASSWORD, "new": "another good password", "code": app.code(&clock) });
    all_are(&eight_times(&ana, (Method::PUT, "/api/user/password"), change).await, StatusCode::NO_CONTENT);

    clock.advance(Duration::from_secs(30));
    let off = json!({ "password": "another good password", "code": app.code(&clock) });
    all_are(&eight_times(&ana, (Method::DELETE, "/api/user/two-step"), off).await, StatusCode::OK);
    // The same key for something else is still nobody's answer.
    let other = json!({ "password": "another good password", "code": "123456" });
    let other =
        ana.ask(Method::DELETE, "/api/user/two-step", Some(other), &[("Idempotency-Key", "/api/user/two-step")]).await;
    assert_eq!(other.code(), "key_reused", "{}", other.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    let (world, clock) = world_with(|config| config.codes_in_the_app = true).await;
    what_uses_a_code_up_has_one_answer(world, clock).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql() {
    let postgres = Postgres::start();
    let database = postgres.database("hall");
    let (world, clock) = world_with(move |config| {
        config.database = Some(database);
        config.codes_in_the_app = true;
    })
    .await;
    what_uses_a_code_up_has_one_answer(world, clock).await;
}

//! Guessing passwords, making accounts in bulk, and what neither may do to honest people.

use std::net::{IpAddr, Ipv4Addr};

use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stranger::Stranger;

/// A client that comes from another address of loopback.
fn from(last: u8) -> reqwest::Client {
    reqwest::Client::builder().local_address(IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))).build().expect("a client")
}

async fn sign_in(http: &reqwest::Client, url: &str, email: &str, password: &str) -> (StatusCode, Value) {
    let body = json!({ "email": email, "password": password, "device_name": "Test" });
    let answer = http.post(format!("{url}/api/login")).json(&body).send().await.expect("an answer");
    (answer.status(), answer.json().await.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixty_guesses_at_once_ten_are_looked_at_and_the_owner_gets_in_from_elsewhere() {
    let world = World::start().await;
    let ana = world.person("Ana").await;
    let thief = from(2);
    let guesses = (0..60).map(|n| {
        let (thief, url, email) = (thief.clone(), world.url(), ana.email.clone());
        tokio::spawn(async move { sign_in(&thief, &url, &email, &format!("guess number {n}")).await.0 })
    });
    let mut looked_at = 0;
    for guess in guesses.collect::<Vec<_>>() {
        match guess.await.expect("no panic") {
            StatusCode::UNPROCESSABLE_ENTITY => looked_at += 1,
            other => assert_eq!(other, StatusCode::TOO_MANY_REQUESTS),
        }
    }
    assert_eq!(looked_at, 10);
    assert_eq!(sign_in(&thief, &world.url(), &ana.email, PASSWORD).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(sign_in(&from(3), &world.url(), &ana.email, PASSWORD).await.0, StatusCode::OK);
}

#[tokio::test]
async fn one_source_makes_so_many_accounts_and_another_its_own() {
    let world = World::start_with(|config| config.sign_in.registrations_per_source = 5).await;
    let register = async |http: &reqwest::Client, n: usize| {
        let body = json!({"name": "A", "email": format!("a{n}@example.com"), "password": PASSWORD});
        http.post(format!("{}/api/register", world.url())).json(&body).send().await.expect("an answer")
    };
    let http = from(2);
    for n in 0..5 {
        assert_eq!(register(&http, n).await.status(), StatusCode::CREATED);
    }
    let refused = register(&http, 5).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    let words: Value = refused.json().await.expect("JSON");
    assert_eq!(words["code"], "too_many_registrations");
    assert_eq!(register(&from(3), 6).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_registration_said_twice_is_one_and_gets_the_first_answer() {
    let world = World::start().await;
    let http = reqwest::Client::new();
    let register = async |key: &str, name: &str, password: &str| {
        let body = json!({"name": name, "email": "ana@example.com", "password": password});
        let request = http.post(format!("{}/api/register", world.url())).header("Idempotency-Key", key).json(&body);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        (answer.status(), answer.json::<Value>().await.expect("JSON"))
    };
    let first = register("one", "Ana", PASSWORD).await;
    assert_eq!(first.0, StatusCode::CREATED, "{}", first.1);
    assert_eq!(register("one", "Ana", PASSWORD).await, first, "the same answer, its token included");
    let token = first.1["data"]["token"].as_str().expect("a token");
    let me = http.get(format!("{}/api/user", world.url())).bearer_auth(token).send().await.expect("an answer");
    assert_eq!(me.status(), StatusCode::OK);
    for (name, password) in [("Anna", PASSWORD), ("Ana", "another long password")] {
        let other = register("one", name, password).await;
        assert_eq!((other.0, other.1["code"].as_str()), (StatusCode::CONFLICT, Some("key_reused")));
    }
    assert_eq!(register("two", "Ana", PASSWORD).await.1["code"], "email_taken");
    // Signed out since: the first token opens nothing any more, and would be no answer.
    let token = |answer: &(StatusCode, Value)| answer.1["data"]["token"].as_str().expect("a token").to_owned();
    let with = async |method: Method, path: &str, token: &str| {
        http.request(method, format!("{}{path}", world.url())).bearer_auth(token).send().await.expect("one").status()
    };
    assert_eq!(with(Method::POST, "/api/logout", &token(&first)).await, StatusCode::NO_CONTENT);
    let again = register("one", "Ana", PASSWORD).await;
    assert_eq!((again.0, &again.1["data"]["user"]), (StatusCode::CREATED, &first.1["data"]["user"]));
    assert_ne!(token(&again), token(&first));
    assert_eq!(with(Method::GET, "/api/user", &token(&again)).await, StatusCode::OK);
    assert_eq!(with(Method::GET, "/api/user", &token(&first)).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn e107_a_suspended_person_gets_no_token_and_a_stranger_is_not_told_so() {
    let world = World::start().await;
    let ana = world.person("Ana").await;
    world.server().suspend(ana.id, true).await.expect("suspended");
    let (status, words) = sign_in(&reqwest::Client::new(), &world.url(), &ana.email, PASSWORD).await;
    assert_eq!((status, words["code"].as_str()), (StatusCode::FORBIDDEN, Some("suspended")));
    let (status, words) = sign_in(&reqwest::Client::new(), &world.url(), &ana.email, "a wrong password").await;
    assert_eq!((status, words["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("invalid_credentials")));
}

#[tokio::test]
async fn revoking_somebody_elses_token_answers_404_and_closes_nothing() {
    let world = World::start().await;
    let (ana, thief) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Eve").await);
    let mut socket = ana.listen().await;
    let id = ana.token.split('|').next().expect("an id");
    let answer = thief.ask(reqwest::Method::DELETE, &format!("/api/tokens/{id}"), None, &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(thief.send(&ana, "still there?").await.status, StatusCode::CREATED);
    assert_eq!(socket.hear("message.sent").await["content"], "still there?");
    assert_eq!(ana.get("/api/user").await.status, StatusCode::OK);
}

//! Accounts, tokens, blocks.

use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::stranger::Stranger;

#[tokio::test]
async fn registering_says_what_is_wrong_with_each_field() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let check = async |body: serde_json::Value, field: &str| {
        let answer = ana.post("/api/register", body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(answer.body["errors"][field][0].is_string(), "{body}: {}", answer.body);
    };
    check(json!({"name": " ", "email": "b@example.com", "password": PASSWORD}), "name").await;
    check(json!({"name": "B", "email": "nonsense", "password": PASSWORD}), "email").await;
    check(json!({"name": "B", "email": "b@example.com", "password": "short"}), "password").await;
    check(json!({"name": "B", "email": "ANA@example.com ", "password": PASSWORD}), "email").await;
    check(json!({"name": "B", "email": "b@example.com"}), "password").await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_have_the_same_answer() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let wrong = ana.post("/api/login", json!({"email": "ana@example.com", "password": "not the password"})).await;
    let unknown = ana.post("/api/login", json!({"email": "nobody@example.com", "password": "not the password"})).await;
    assert_eq!((wrong.status, wrong.code()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid_credentials"));
    assert_eq!(wrong.body, unknown.body);
    for _ in 0..9 {
        ana.post("/api/login", json!({"email": "ana@example.com", "password": "guess"})).await;
    }
    let stopped = ana.post("/api/login", json!({"email": "ana@example.com", "password": PASSWORD})).await;
    assert_eq!((stopped.status, stopped.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_logins"));
    assert!(stopped.retry_after.is_some());
}

#[tokio::test]
async fn tokens_are_listed_revoked_and_stored_hashed() {
    let world = World::start().await;
    let person = world.person("Ana").await;
    let (laptop, phone) = (Stranger::sign_in(&world, &person).await, Stranger::sign_in(&world, &person).await);
    let list = laptop.get("/api/tokens").await.body;
    let rows = list["data"].as_array().expect("rows");
    assert_eq!(rows.len(), 3, "the registration signed in as well");
    assert_eq!(rows.iter().filter(|t| t["current"] == true).count(), 1);
    let phone_id = phone.token.split('|').next().expect("an id");
    assert_eq!(
        laptop.ask(Method::DELETE, &format!("/api/tokens/{phone_id}"), None, &[]).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(phone.get("/api/user").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(laptop.ask(Method::DELETE, "/api/tokens/999", None, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(laptop.get("/api/user").await.body["data"]["email"], "ana@example.com");
    assert_eq!(laptop.post("/api/logout", json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(laptop.get("/api/user").await.status, StatusCode::UNAUTHORIZED);
    let secret = laptop.token.split('|').nth(1).expect("a secret");
    for entry in std::fs::read_dir(world.server_folder()).expect("the folder").flatten().filter(|e| e.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).expect("a file");
        assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{:?} holds a token", entry.path());
        assert!(
            !bytes.windows(PASSWORD.len()).any(|w| w == PASSWORD.as_bytes()),
            "{:?} holds a password",
            entry.path()
        );
    }
}

#[tokio::test]
async fn without_a_valid_token_nothing_is_answered() {
    let world = World::start().await;
    let mut ana = Stranger::new(&world, "Ana").await;
    let good = ana.token.clone();
    let (id, secret) = good.split_once('|').expect("two parts");
    for token in [
        String::new(),
        "x".into(),
        format!("{id}|"),
        format!("{id}|{secret}0"),
        format!("9{id}|{secret}"),
        format!("0{id}|{secret}"),
    ] {
        ana.token = token.clone();
        for path in [
            "/api/user",
            "/api/messages/conversations",
            "/api/feed",
            "/api/notifications",
            "/api/tokens",
            "/api/users?q=a",
        ] {
            assert_eq!(ana.get(path).await.status, StatusCode::UNAUTHORIZED, "{path} with {token:?}");
        }
        assert_eq!(
            ana.post("/broadcasting/auth", json!({"socket_id": "1.1", "channel_name": "private-user.1"})).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn e106_a_block_is_silent_and_both_ways_closed() {
    let world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let blocked = ana.post(&format!("/api/users/{}/block", tunde.id), json!({})).await;
    assert_eq!(blocked.body["data"]["blocked"], true);
    let answer = tunde.send(&ana, "hello?").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "not_reachable"));
    assert!(!answer.body.to_string().to_lowercase().contains("block"));
    assert_eq!(tunde.get(&format!("/api/users/{}", ana.id)).await.body["data"]["blocked"], false);
    assert_eq!(
        ana.ask(Method::DELETE, &format!("/api/users/{}/block", tunde.id), None, &[]).await.body["data"]["blocked"],
        false
    );
    assert_eq!(tunde.send(&ana, "hello").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_suspended_person_is_shut_out_at_once() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let socket = ana.listen().await;
    world.server().suspend(guildhall_market::ids::UserId(ana.id), true).await.expect("suspended");
    assert_eq!(socket.close_code().await, Some(4009));
    let answer = ana.get("/api/user").await;
    assert_eq!((answer.status, answer.code()), (StatusCode::FORBIDDEN, "suspended"));
}

//! Keeping somebody out: at once, with a reason, and never the last who could let them in again.

use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::{actions, administrator, rows},
    golden::Story,
    stranger::Stranger,
    two_step,
};

async fn suspend(boss: &Stranger, who: &Stranger, reason: &str) -> (StatusCode, Value) {
    let answer = boss.post(&format!("/api/admin/users/{}/suspend", who.id), json!({ "reason": reason })).await;
    (answer.status, answer.body)
}

async fn sign_in(who: &Stranger, email: &str, password: &str) -> (StatusCode, Value) {
    let answer = who.post("/api/login", json!({ "email": email, "password": password })).await;
    (answer.status, answer.body)
}

#[tokio::test]
async fn e108_tokens_end_and_sockets_close_at_once() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let sockets = [ana.listen().await, ana.listen_to("private-system").await];
    let (status, body) = suspend(&boss, &ana, " Sold what was not hers ").await;
    assert_eq!((status, &body["data"]["person"]["suspended"]), (StatusCode::OK, &json!(true)), "{body}");
    assert_eq!(body["data"]["suspensions"][0]["reason"], "Sold what was not hers");
    assert_eq!(body["data"]["devices"], json!([]));
    for socket in sockets {
        assert_eq!(socket.close_code().await, Some(4009));
    }
    assert_eq!(ana.get("/api/user").await.status, StatusCode::UNAUTHORIZED);
    // Whoever looks for people does not find them.
    let lena = Stranger::new(&world, "Lena").await;
    assert!(rows(&lena.get("/api/users?q=ana").await.body).is_empty());
    assert_eq!(rows(&boss.get("/api/admin/users?q=ana").await.body)[0]["suspended"], true);
    assert_eq!(suspend(&boss, &ana, "again").await.1["code"], "wrong_state");
}

#[tokio::test]
async fn the_reason_is_told_to_whoever_has_the_password_and_to_nobody_else() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    suspend(&boss, &ana, "Sold what was not hers").await;
    let (status, body) = sign_in(&ana, "ana@example.com", PASSWORD).await;
    assert_eq!((status, &body["code"]), (StatusCode::FORBIDDEN, &json!("suspended")));
    assert_eq!(body["message"], "This account is suspended: Sold what was not hers");
    let (_, wrong) = sign_in(&ana, "ana@example.com", "not the password").await;
    let (_, nobody) = sign_in(&ana, "nobody@example.com", "not the password").await;
    assert_eq!(wrong, nobody, "a stranger is told nothing");
    for path in ["/api/suspended", "/api/suspended/answer"] {
        let ask = async |email: &str, password: &str| {
            let body = json!({ "email": email, "password": password, "words": "It was mine" });
            let answer = ana.post(path, body).await;
            (answer.status, answer.body)
        };
        assert_eq!(ask("ana@example.com", "not the password").await, (StatusCode::UNPROCESSABLE_ENTITY, wrong.clone()));
        assert_eq!(ask("nobody@example.com", PASSWORD).await.1, wrong);
        assert_eq!(ask("boss@example.com", PASSWORD).await.0, StatusCode::NOT_FOUND, "who is not suspended");
    }
}

#[tokio::test]
async fn they_answer_once_and_are_let_in_again() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    suspend(&boss, &ana, "Sold what was not hers").await;
    let credentials = json!({ "email": "ana@example.com", "password": PASSWORD });
    let read = ana.post("/api/suspended", credentials.clone()).await.body;
    assert_eq!((&read["data"]["reason"], &read["data"]["answer"]), (&json!("Sold what was not hers"), &Value::Null));
    let answer =
        json!({ "email": "ana@example.com", "password": PASSWORD, "words": "It was mine. Here is the paper." });
    let told = ana.post("/api/suspended/answer", answer.clone()).await;
    assert_eq!(
        (told.status, &told.body["data"]["answer"]),
        (StatusCode::OK, &json!("It was mine. Here is the paper."))
    );
    assert_eq!(ana.post("/api/suspended/answer", answer).await.status, StatusCode::CONFLICT);
    let seen = boss.get(&format!("/api/admin/users/{}?reason=answer", ana.id)).await.body;
    assert_eq!(seen["data"]["suspensions"][0]["answer"], "It was mine. Here is the paper.");

    let again = boss.post(&format!("/api/admin/users/{}/reinstate", ana.id), json!({ "reason": " " })).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "no end without a reason either");
    let again = boss.post(&format!("/api/admin/users/{}/reinstate", ana.id), json!({ "reason": "It was hers" })).await;
    assert_eq!((again.status, &again.body["data"]["person"]["suspended"]), (StatusCode::OK, &json!(false)));
    assert_eq!(sign_in(&ana, "ana@example.com", PASSWORD).await.0, StatusCode::OK);
    assert_eq!(ana.get("/api/user").await.status, StatusCode::UNAUTHORIZED, "the devices of before stay signed out");
    let mut back = ana.clone();
    let signed_in = sign_in(&ana, "ana@example.com", PASSWORD).await.1;
    back.token = signed_in["data"]["token"].as_str().expect("a token").into();
    assert_eq!(actions(&back.get("/api/user/looks").await.body), ["user.reinstate", "user.look", "user.suspend"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_two_step_sign_in_is_on_the_password_alone_reads_nothing_and_answers_nothing() {
    let (world, clock) = two_step::world_with(|_| {}).await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let (app, codes) = two_step::turns_on(&ana, &clock).await;
    suspend(&boss, &ana, "Sold what was not hers").await;
    let (status, body) = sign_in(&ana, "ana@example.com", PASSWORD).await;
    assert_eq!((status, &body["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("two_step_required")));
    let ask = async |path: &str, code: Option<&str>| {
        let body =
            json!({ "email": "ana@example.com", "password": PASSWORD, "code": code, "words": "I admit everything" });
        let answer = ana.post(path, body).await;
        (answer.code().to_owned(), answer.body["data"]["answer"].clone())
    };
    for path in ["/api/suspended", "/api/suspended/answer"] {
        assert_eq!(ask(path, None).await.0, "two_step_required", "{path}");
        assert_eq!(ask(path, Some("000000")).await.0, "two_step_wrong", "{path}");
    }
    clock.advance(std::time::Duration::from_secs(30));
    // Reading uses nothing up: what signs in next, reads, and answers once.
    let now = app.code(&clock);
    let body = json!({ "email": "ana@example.com", "password": PASSWORD, "code": now });
    assert_eq!(ana.guest().post("/api/login", body).await.code(), "suspended");
    assert_eq!(ask("/api/suspended", Some(&now)).await, (String::new(), Value::Null));
    assert_eq!(ask("/api/suspended/answer", Some(&now)).await.1, "I admit everything");
    assert_eq!(ask("/api/suspended/answer", Some(&now)).await.0, "two_step_wrong", "each code works once");
    assert_eq!(ask("/api/suspended/answer", Some(&codes[0])).await.0, "wrong_state");
}

#[tokio::test]
async fn administrators_are_not_suspended_in_silence_and_never_the_last() {
    let world = World::start().await;
    let (boss, other) = (administrator(&world, "Boss").await, administrator(&world, "Other").await);
    let third = administrator(&world, "Third").await;
    let (status, body) = suspend(&boss, &boss, "a holiday").await;
    assert_eq!((status, &body["code"]), (StatusCode::FORBIDDEN, &json!("forbidden")), "not oneself");
    assert_eq!(suspend(&boss, &other, "left the house").await.0, StatusCode::OK);
    let notices = third.get("/api/notifications").await.body;
    assert_eq!(
        (&notices["data"][0]["type"], &notices["data"][0]["message"]),
        (&json!("account.administrator_suspended"), &json!("left the house"))
    );
    assert_eq!(suspend(&boss, &third, "left as well").await.0, StatusCode::OK);
    assert_eq!(boss.get("/api/user").await.status, StatusCode::OK);
    // Two at the same moment do not put each other out.
    let worlds = World::start().await;
    let (a, b) = (administrator(&worlds, "A").await, administrator(&worlds, "B").await);
    let (first, second) = tokio::join!(suspend(&a, &b, "you"), suspend(&b, &a, "no, you"));
    let taken = [first.0, second.0].iter().filter(|status| **status == StatusCode::OK).count();
    assert_eq!(taken, 1, "{first:?} {second:?}");
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_anything_happens() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    for (reason, code) in [(" ".to_owned(), "empty"), ("x".repeat(1_001), "too_long")] {
        let (status, body) = suspend(&boss, &ana, &reason).await;
        assert_eq!((status, &body["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)));
    }
    assert_eq!(boss.post("/api/admin/users/999/suspend", json!({ "reason": "x" })).await.status, StatusCode::NOT_FOUND);
    let lift = boss.post(&format!("/api/admin/users/{}/reinstate", ana.id), json!({ "reason": "x" })).await;
    assert_eq!((lift.status, lift.code()), (StatusCode::CONFLICT, "wrong_state"));
    assert_eq!(ana.get("/api/user").await.status, StatusCode::OK);
    assert!(rows(&boss.get("/api/admin/audit").await.body).is_empty());
    // Under one key it happens once.
    let path = format!("/api/admin/users/{}/suspend", ana.id);
    for _ in 0..2 {
        let body = Some(json!({ "reason": "once" }));
        let answer = boss.ask(Method::POST, &path, body, &[("Idempotency-Key", "k-1")]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    assert_eq!(rows(&boss.get("/api/admin/audit").await.body).len(), 1);
}

#[tokio::test]
async fn the_wire_is_what_it_was_to_the_letter() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let mut story = Story::of(&boss);
    let path = format!("/api/admin/users/{}/suspend", ana.id);
    story.ask("suspend.json", Method::POST, &path, Some(json!({ "reason": "Not hers to sell" }))).await;
    let credentials = json!({ "email": "ana@example.com", "password": PASSWORD });
    story.ask("suspended_login.json", Method::POST, "/api/login", Some(credentials.clone())).await;
    story.ask("suspended.json", Method::POST, "/api/suspended", Some(credentials)).await;
    story.end();
}

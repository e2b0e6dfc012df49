//! Reports: what is frozen, who may read it, what follows, and what everybody else is not told.

use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::{actions, administrator, rows},
    golden::Story,
    stranger::{Answer, Stranger},
};

async fn report(who: &Stranger, kind: &str, id: &Value) -> Answer {
    who.post("/api/reports", json!({ "kind": kind, "id": id, "words": "He threatens me" })).await
}

async fn decide(boss: &Stranger, id: &Value, measures: &[&str], reason: &str) -> Answer {
    boss.post(&format!("/api/admin/reports/{id}/decide"), json!({ "measures": measures, "reason": reason })).await
}

async fn full(boss: &Stranger, id: &Value) -> Value {
    let answer = boss.get(&format!("/api/admin/reports/{id}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body["data"].clone()
}

#[tokio::test]
async fn e106_a_message_deleted_after_the_report_stays_readable_to_who_decides_and_to_nobody_else() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let bruno = Stranger::new(&world, "Bruno").await;
    let file = bruno.upload("threat.pdf", b"%PDF-1.7 a threat".to_vec()).await.body["data"].clone();
    let before = bruno.send(&ana, "Where do you live?").await.body["data"]["id"].clone();
    let other = bruno.send(&ana, "Something private, not reported").await.body["data"]["id"].clone();
    let body = json!({ "recipient_id": ana.id, "content": "I will come by night", "attachments": [file["id"]] });
    let message = bruno.post("/api/messages", body).await.body["data"]["id"].clone();
    let made = ana
        .post(
            "/api/reports",
            json!({ "kind": "message", "id": message, "words": " He threatens me ", "evidence": [before] }),
        )
        .await;
    assert_eq!((made.status, &made.body["data"]["state"]), (StatusCode::CREATED, &json!("open")), "{}", made.body);
    assert_eq!(made.body["data"]["words"], "He threatens me");
    let id = made.body["data"]["id"].clone();
    assert_eq!(bruno.ask(Method::DELETE, &format!("/api/messages/{message}"), None, &[]).await.status, StatusCode::OK);

    let seen = full(&boss, &id).await;
    let frozen: Vec<(&Value, &Value, &Value)> = seen["frozen"]["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|one| (&one["text"], &one["from"], &one["reported"]))
        .collect();
    let bruno_says = json!("Bruno");
    assert_eq!(
        frozen,
        [
            (&json!("Where do you live?"), &bruno_says, &json!(false)),
            (&json!("I will come by night"), &bruno_says, &json!(true)),
        ]
    );
    assert!(!seen.to_string().contains("Something private"), "that and only that: {other}");
    let sha = seen["files"][0]["sha256"].as_str().expect("a hash").to_owned();
    let (status, bytes) = boss.download(&format!("/api/admin/reports/{id}/files/{sha}")).await;
    assert_eq!((status, bytes.as_slice()), (StatusCode::OK, b"%PDF-1.7 a threat".as_slice()));
    let elsewhere = boss.download(&format!("/api/admin/reports/{id}/files/{}", "0".repeat(64))).await.0;
    assert_eq!(elsewhere, StatusCode::NOT_FOUND);
    let thread = ana.get(&format!("/api/messages/conversations/{}", bruno.id)).await.body;
    assert!(!thread.to_string().contains("by night"), "for the two it is gone");
    assert!(actions(&bruno.get("/api/user/looks").await.body).contains(&"report.look".to_owned()));
}

#[tokio::test]
async fn a_message_deleted_before_the_report_can_still_be_reported_from_its_sealed_copy() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let bruno = Stranger::new(&world, "Bruno").await;
    let message = bruno.send(&ana, "I will come by night").await.body["data"]["id"].clone();
    bruno.ask(Method::DELETE, &format!("/api/messages/{message}"), None, &[]).await;
    let made = report(&ana, "message", &message).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert!(!made.body.to_string().contains("by night"), "whoever reports it is not told again what it said");
    let seen = full(&boss, &made.body["data"]["id"]).await;
    assert_eq!(seen["frozen"]["messages"][0]["text"], "I will come by night");
}

#[tokio::test]
async fn only_what_one_got_can_be_reported_once_and_ten_a_day() {
    let world = World::start().await;
    let (ana, bruno) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Bruno").await);
    let lena = Stranger::new(&world, "Lena").await;
    let message = bruno.send(&ana, "x").await.body["data"]["id"].clone();
    assert_eq!(report(&lena, "message", &message).await.status, StatusCode::NOT_FOUND, "between two others");
    assert_eq!(report(&bruno, "message", &message).await.status, StatusCode::FORBIDDEN, "one's own");
    assert_eq!(report(&ana, "message", &json!(999)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(report(&ana, "profile", &json!(999)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(report(&ana, "profile", &json!(ana.id)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(report(&ana, "picture", &json!(bruno.id)).await.status, StatusCode::NOT_FOUND, "who shows none");
    assert_eq!(report(&ana, "job", &json!(1)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let lenas = lena.send(&ana, "of another conversation").await.body["data"]["id"].clone();
    let body = json!({ "kind": "message", "id": message, "words": "x", "evidence": [lenas] });
    let refused = ana.post("/api/reports", body).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);

    assert_eq!(report(&ana, "message", &message).await.status, StatusCode::CREATED);
    let again = report(&ana, "message", &message).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "reported_before"));
    for n in 1..10 {
        let next = bruno.send(&ana, &format!("{n}")).await.body["data"]["id"].clone();
        assert_eq!(report(&ana, "message", &next).await.status, StatusCode::CREATED, "{n}");
    }
    let next = bruno.send(&ana, "one more").await.body["data"]["id"].clone();
    let refused = report(&ana, "message", &next).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, "too_many_reports"));
    assert_eq!(rows(&ana.get("/api/reports").await.body).len(), 10);
    assert!(rows(&bruno.get("/api/reports").await.body).is_empty(), "nobody is told that they were reported");
}

#[tokio::test]
async fn what_is_decided_is_told_with_its_reason_and_answered_once() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let bruno = Stranger::new(&world, "Bruno").await;
    let message = bruno.send(&ana, "I will come by night").await.body["data"]["id"].clone();
    let id = report(&ana, "message", &message).await.body["data"]["id"].clone();
    assert_eq!(boss.get("/api/notifications").await.body["data"][0]["type"], "report.made");
    let answer = format!("/api/reports/{id}/answer");
    let words = json!({ "words": "It was a joke" });
    assert_eq!(bruno.post(&answer, words.clone()).await.status, StatusCode::NOT_FOUND, "before it is decided");
    for measures in [&["hide", "hide"][..], &["delete"]] {
        assert_eq!(decide(&boss, &id, measures, "x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(decide(&boss, &id, &["warn"], " ").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let decided = decide(&boss, &id, &["hide", "warn"], "Threats are not for here").await;
    assert_eq!(
        (decided.status, &decided.body["data"]["report"]["state"]),
        (StatusCode::OK, &json!("decided")),
        "{}",
        decided.body
    );
    assert_eq!(decide(&boss, &id, &["warn"], "again").await.status, StatusCode::CONFLICT);
    let thread = ana.get(&format!("/api/messages/conversations/{}", bruno.id)).await.body;
    assert!(!thread.to_string().contains("by night"), "hidden: {thread}");
    let notice = bruno.get("/api/notifications").await.body["data"][0].clone();
    assert_eq!((&notice["type"], &notice["message"]), (&json!("report.decided"), &json!("Threats are not for here")));
    let theirs = rows(&bruno.get("/api/reports").await.body)[0].clone();
    assert_eq!((&theirs["mine"], &theirs["may_answer"], &theirs["words"]), (&json!(false), &json!(true), &Value::Null));
    assert!(!bruno.get("/api/reports").await.body.to_string().contains("threatens"), "nor in which words");
    assert!(!notice.to_string().contains("Ana"), "nobody says who reported it");

    assert_eq!(ana.post(&answer, words.clone()).await.status, StatusCode::NOT_FOUND, "whoever reported it");
    let answered = bruno.post(&answer, words.clone()).await;
    assert_eq!((answered.status, &answered.body["data"]["state"]), (StatusCode::OK, &json!("answered")));
    assert_eq!(bruno.post(&answer, words).await.status, StatusCode::CONFLICT);
    assert_eq!(full(&boss, &id).await["answer"], "It was a joke");
    assert_eq!(boss.get("/api/notifications").await.body["data"][0]["type"], "report.answered");
    let close = format!("/api/admin/reports/{id}/close");
    let closed = boss.post(&close, json!({ "uphold": true, "reason": "Not to whom it was sent" })).await;
    assert_eq!(closed.body["data"]["report"]["state"], "upheld");
    assert_eq!(boss.post(&close, json!({ "uphold": false, "reason": "x" })).await.status, StatusCode::CONFLICT);
    let mine = rows(&ana.get("/api/reports").await.body)[0].clone();
    assert_eq!((&mine["state"], &mine["reason"], &mine["measures"]), (&json!("decided"), &Value::Null, &json!([])));
    let written = actions(&boss.get(&format!("/api/admin/audit?about={}", bruno.id)).await.body);
    assert_eq!(written, ["report.uphold", "report.look", "report.decide"]);
}

#[tokio::test]
async fn a_report_goes_from_a_message_to_a_suspension_to_an_answer_to_its_end() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let bruno = Stranger::new(&world, "Bruno").await;
    let socket = bruno.listen().await;
    let message = bruno.send(&ana, "I will come by night").await.body["data"]["id"].clone();
    let id = report(&ana, "message", &message).await.body["data"]["id"].clone();
    assert_eq!(decide(&boss, &id, &["hide", "suspend"], "Threats").await.status, StatusCode::OK);
    assert_eq!(socket.close_code().await, Some(4009));
    let credentials = json!({ "email": "bruno@example.com", "password": PASSWORD, "words": "It was a joke" });
    assert_eq!(bruno.post("/api/suspended", credentials.clone()).await.body["data"]["reason"], "Threats");
    assert_eq!(bruno.post("/api/suspended/answer", credentials.clone()).await.status, StatusCode::OK);
    assert_eq!(full(&boss, &id).await["report"]["state"], "answered");
    let close = format!("/api/admin/reports/{id}/close");
    assert_eq!(
        boss.post(&close, json!({ "uphold": false, "reason": "A joke among friends" })).await.status,
        StatusCode::OK
    );
    let back = bruno.post("/api/login", credentials).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.body);
}

#[tokio::test]
async fn who_is_a_party_neither_looks_nor_decides_and_a_dismissed_report_is_told_to_nobody_it_is_about() {
    let world = World::start().await;
    let (boss, other) = (administrator(&world, "Boss").await, administrator(&world, "Other").await);
    let ana = Stranger::new(&world, "Ana").await;
    let message = other.send(&ana, "Stop selling here").await.body["data"]["id"].clone();
    let id = report(&ana, "message", &message).await.body["data"]["id"].clone();
    for path in [format!("/api/admin/reports/{id}"), format!("/api/admin/reports/{id}/files/{}", "0".repeat(64))] {
        assert_eq!(other.get(&path).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(decide(&other, &id, &[], "nothing").await.status, StatusCode::FORBIDDEN);
    assert!(!other.get("/api/notifications").await.body.to_string().contains("report.made"));
    assert_eq!(rows(&other.get("/api/admin/reports").await.body)[0]["may_decide"], false);
    assert_eq!(decide(&boss, &id, &[], "A plain answer").await.body["data"]["report"]["state"], "dismissed");
    assert!(rows(&other.get("/api/reports").await.body).is_empty());
    assert_eq!(rows(&ana.get("/api/reports").await.body)[0]["state"], "dismissed");
    assert_eq!(
        other.post(&format!("/api/reports/{id}/answer"), json!({ "words": "x" })).await.status,
        StatusCode::NOT_FOUND
    );
    let said = json!({ "words": "Cheaper than Ana", "place": "Lagos" });
    assert_eq!(other.ask(Method::PATCH, "/api/user", Some(said), &[]).await.status, StatusCode::OK);
    let profile = report(&ana, "profile", &json!(other.id)).await.body["data"]["id"].clone();
    assert_eq!(full(&boss, &profile).await["frozen"]["profile"][0], json!({ "name": "name", "text": "Other" }));
    assert_eq!(rows(&boss.get("/api/admin/reports?state=open").await.body).len(), 1);
    assert_eq!(boss.get("/api/admin/reports?state=lost").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(full(&boss, &profile).await["frozen"].to_string().contains("Cheaper than Ana"));
    assert_eq!(decide(&boss, &profile, &["hide"], "That is about somebody else").await.status, StatusCode::OK);
    let seen = ana.get(&format!("/api/users/{}", other.id)).await.body;
    assert!(!seen.to_string().contains("Cheaper") && !seen.to_string().contains("Lagos"), "hidden: {seen}");
    assert!(full(&boss, &profile).await["frozen"].to_string().contains("Cheaper than Ana"), "what was frozen stays");
}

#[tokio::test]
async fn the_wire_is_what_it_was_to_the_letter() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let bruno = Stranger::new(&world, "Bruno").await;
    let message = bruno.send(&ana, "I will come by night").await.body["data"]["id"].clone();
    let mut story = Story::of(&ana);
    let body = json!({ "kind": "message", "id": message, "words": "He threatens me" });
    let made = story.ask("report_make.json", Method::POST, "/api/reports", Some(body.clone())).await;
    story.ask("report_again.json", Method::POST, "/api/reports", Some(body)).await;
    story.get("reports.json", "/api/reports").await;
    story.end();
    let id = made["data"]["id"].clone();
    let mut story = Story::of(&boss);
    story.get("admin_reports.json", "/api/admin/reports").await;
    story.get("admin_report.json", &format!("/api/admin/reports/{id}")).await;
    let body = json!({ "measures": ["warn"], "reason": "Threats are not for here" });
    story.ask("report_decide.json", Method::POST, &format!("/api/admin/reports/{id}/decide"), Some(body)).await;
    story.end();
    let mut story = Story::of(&bruno);
    story.get("reports_about_oneself.json", "/api/reports").await;
    story.end();
}

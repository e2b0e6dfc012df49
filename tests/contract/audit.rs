//! What administrators do and look at is written down, and whom it concerns can read it.

use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{golden::Story, stranger::Stranger, tools::run};

/// An administrator.
pub async fn administrator(world: &World, name: &str) -> Stranger {
    let boss = Stranger::new(world, name).await;
    let email = format!("{}@example.com", name.to_lowercase());
    assert!(world.server().set_admin(&email, true).await.expect("the database works"));
    boss
}

/// The rows of an answer.
pub fn rows(answer: &Value) -> Vec<Value> {
    answer["data"].as_array().unwrap_or_else(|| panic!("rows: {answer}")).clone()
}

/// The actions of rows, newest first.
pub fn actions(answer: &Value) -> Vec<String> {
    rows(answer).iter().map(|row| row["action"].as_str().expect("a word").to_owned()).collect()
}

#[tokio::test]
async fn every_path_of_an_administrator_is_refused_to_everybody_else_and_nothing_is_written() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let reason = json!({ "reason": "I am not the boss" });
    for (method, path, body) in [
        (Method::GET, "/api/admin/audit", None),
        (Method::GET, "/api/admin/audit/export?format=csv", None),
        (Method::GET, "/api/admin/users?q=boss", None),
        (Method::GET, "/api/admin/users/1?reason=x", None),
        (Method::GET, "/api/admin/health", None),
        (Method::GET, "/api/admin/reports", None),
        (Method::GET, "/api/admin/reports/1", None),
        (Method::GET, "/api/admin/reports/1/files/00", None),
        (Method::GET, "/api/admin/connections", None),
        (Method::POST, "/api/admin/users/1/suspend", Some(reason.clone())),
        (Method::POST, "/api/admin/users/1/two-step/off", Some(reason.clone())),
        (Method::POST, "/api/admin/users/1/reinstate", Some(reason.clone())),
        (Method::POST, "/api/admin/reports/1/decide", Some(reason.clone())),
        (Method::POST, "/api/admin/reports/1/close", Some(json!({ "reason": "x", "uphold": true }))),
        (Method::GET, "/api/admin/verifications", None),
        (Method::GET, "/api/admin/verifications/1?reason=x", None),
        (Method::GET, "/api/admin/verifications/1/papers/1?reason=x", None),
        (Method::POST, "/api/admin/verifications/1/approve", Some(reason.clone())),
        (Method::POST, "/api/admin/verifications/1/reject", Some(reason.clone())),
        (Method::POST, "/api/admin/verifications/1/revoke", Some(reason.clone())),
        (Method::POST, "/api/admin/users/1/verify", Some(reason.clone())),
        (Method::PUT, "/api/admin/announcement", Some(json!({ "text": "x" }))),
        (Method::DELETE, "/api/admin/announcement", None),
    ] {
        let refused = ana.ask(method.clone(), path, body.clone(), &[]).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "forbidden"), "{path}");
        let mut nobody = ana.clone();
        nobody.token = "1|nothing".into();
        assert_eq!(nobody.ask(method, path, body, &[]).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert!(rows(&boss.get("/api/admin/audit").await.body).is_empty(), "nothing happened");
}

#[tokio::test]
async fn a_look_is_written_down_with_its_reason_and_read_by_whom_it_concerns() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let path = format!("/api/admin/users/{}", ana.id);
    let refused = boss.get(&path).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "no look without a reason");
    assert_eq!(refused.body["errors"]["reason"], json!(["Say why, in words that the person concerned can read."]));
    let seen = boss.get(&format!("{path}?reason=She%20asked%20for%20help")).await.body;
    assert_eq!(seen["data"]["email"], "ana@example.com");
    assert_eq!(seen["data"]["devices"].as_array().expect("devices").len(), 2);
    assert_eq!(boss.get("/api/admin/users/999?reason=x").await.status, StatusCode::NOT_FOUND);

    boss.get("/api/admin/users?q=an").await;
    assert_eq!(rows(&boss.get("/api/admin/users?q=ana@example.com").await.body).len(), 1);
    assert!(rows(&boss.get("/api/admin/users?q=nobody@example.com").await.body).is_empty());
    boss.get("/api/admin/connections").await;

    let looks = ana.get("/api/user/looks").await.body;
    let told: Vec<(&str, &str)> = looks["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["action"].as_str().expect("a word"), row["reason"].as_str().expect("words")))
        .collect();
    assert_eq!(told, [("user.find", "Found by the e-mail address"), ("user.look", "She asked for help")]);
    assert_eq!(looks["data"][0]["by"], "Boss");
    assert!(looks["data"][0].get("address").is_none() && looks["data"][0].get("detail").is_none());
    let written = boss.get("/api/admin/audit").await.body;
    assert_eq!(actions(&written), ["connections.look", "user.find", "user.find", "user.find", "user.look"]);
    assert_eq!(
        (&written["data"][4]["actor"], &written["data"][4]["device"], &written["data"][4]["address"]),
        (&json!("Boss"), &json!("Stranger"), &json!("127.0.0.1"))
    );
    assert!(!written.to_string().contains("@example.com"), "an address goes with its account, and this stays");
    assert!(rows(&boss.get("/api/user/looks").await.body).is_empty(), "nobody looked at the administrator");
}

#[tokio::test]
async fn an_announcement_is_written_down_once_under_its_key() {
    let world = World::start().await;
    let boss = administrator(&world, "Boss").await;
    for _ in 0..2 {
        let body = Some(json!({ "text": "Back at noon" }));
        boss.ask(Method::PUT, "/api/admin/announcement", body, &[("Idempotency-Key", "k-1")]).await;
    }
    boss.ask(Method::DELETE, "/api/admin/announcement", None, &[]).await;
    let written = boss.get("/api/admin/audit").await.body;
    assert_eq!(actions(&written), ["announcement.delete", "announcement.put"]);
    assert_eq!(written["data"][1]["reason"], "Back at noon");
}

#[tokio::test]
async fn the_audit_is_filtered_paged_and_taken_as_a_file() {
    let world = World::start().await;
    let (boss, other) = (administrator(&world, "Boss").await, administrator(&world, "Other").await);
    let ana = Stranger::new(&world, "Ana").await;
    for n in 0..3 {
        boss.get(&format!("/api/admin/users/{}?reason=look%20{n}", ana.id)).await;
    }
    other.get(&format!("/api/admin/users/{}?reason=%3DHYPERLINK(%22x%22)", boss.id)).await;
    let reasons = async |query: &str| -> Vec<String> {
        let answer = boss.get(&format!("/api/admin/audit?{query}")).await.body;
        rows(&answer).iter().map(|row| row["reason"].as_str().expect("words").to_owned()).collect()
    };
    assert_eq!(reasons(&format!("about={}", ana.id)).await, ["look 2", "look 1", "look 0"]);
    assert_eq!(reasons(&format!("actor={}", other.id)).await, ["=HYPERLINK(\"x\")"]);
    assert_eq!(reasons("action=user.").await.len(), 4);
    assert_eq!(reasons("action=report").await.len(), 0);
    assert_eq!(reasons("from=2100-01-01").await.len(), 0);
    assert_eq!(reasons("to=2100-01-01").await.len(), 4);
    for wrong in ["from=yesterday", "to=1", "action=%25", "action=A"] {
        let refused = boss.get(&format!("/api/admin/audit?{wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let first = boss.get("/api/admin/audit?per_page=3").await.body;
    let next = first["meta"]["next"].as_i64().expect("there are more");
    assert_eq!(reasons(&format!("per_page=3&before={next}")).await, ["look 0"]);

    let (status, table) = boss.download("/api/admin/audit/export?format=csv").await;
    let table = String::from_utf8(table).expect("text");
    assert_eq!(status, StatusCode::OK);
    assert_eq!(table.lines().count(), 1 + 5, "the head, the rows, and that it was taken: {table}");
    assert!(table.contains("\"'=HYPERLINK(\"\"x\"\")\""), "no cell runs: {table}");
    let (_, lines) = boss.download(&format!("/api/admin/audit/export?format=jsonl&about={}", ana.id)).await;
    let lines = String::from_utf8(lines).expect("text");
    let ids: Vec<i64> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].as_i64().expect("an id"))
        .collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(boss.get("/api/admin/audit/export").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(reasons("action=audit.").await.len(), 2);
}

#[tokio::test]
async fn how_the_server_is_is_told_in_numbers() {
    let world = World::start().await;
    let boss = administrator(&world, "Boss").await;
    let _socket = boss.listen().await;
    let told = boss.get("/api/admin/health").await.body;
    assert_eq!(told["data"]["complaints"], json!([]), "{told}");
    let number = |name: &str| {
        let numbers = told["data"]["numbers"].as_array().expect("numbers");
        numbers.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}"))["value"].clone()
    };
    assert_eq!((number("accounts"), number("connections"), number("reports_waiting")), (json!(1), json!(1), json!(0)));
    assert_eq!(
        (number("webhooks_failed"), number("panics"), number("deadlines_failed")),
        (json!(0), json!(0), json!(0))
    );
}

#[tokio::test]
async fn the_wire_is_what_it_was_to_the_letter() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let mut story = Story::of(&boss);
    story.get("admin_users.json", "/api/admin/users?q=ana").await;
    story.get("admin_user.json", &format!("/api/admin/users/{}?reason=asked", ana.id)).await;
    story.get("admin_audit.json", "/api/admin/audit").await;
    story.get("admin_health.json", "/api/admin/health").await;
    story.end();
    let mut story = Story::of(&ana);
    story.get("looks.json", "/api/user/looks").await;
    story.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_is_on_the_command_line_too_and_so_is_what_it_writes_down() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let boss = Stranger::new(&world, "Boss").await;
    let folder = world.server_folder().display().to_string();
    let (done, words) = run(&["admin", "boss@example.com", "--data", &folder], &[]).await;
    assert!(done, "{words}");
    let desk = async |args: &[&str], email: &str| {
        let url = world.url();
        let password = [("GUILDHALL_PASSWORD", guildhall_testkit::world::PASSWORD)];
        run(&[&["desk", "--url", &url, "--email", email], args].concat(), &password).await
    };
    let id = ana.id.to_string();
    let (done, words) = desk(&["suspend", &id, "--reason", "Not hers"], "ana@example.com").await;
    assert!(!done && words.contains("This is for administrators."), "{words}");
    let (done, words) = desk(&["people", "ana"], "boss@example.com").await;
    assert!(done && words.contains("\"name\": \"Ana\""), "{words}");
    let (done, words) = desk(&["suspend", &id, "--reason", "Not hers"], "boss@example.com").await;
    assert!(done && words.contains("\"suspended\": true"), "{words}");
    let (done, words) = desk(&["audit"], "boss@example.com").await;
    assert!(done && words.contains("\"user.suspend\"") && words.contains("\"user.role\""), "{words}");
    let written = boss.get("/api/admin/audit").await.body;
    assert_eq!(actions(&written), ["audit.export", "user.suspend", "user.find", "user.role"]);
    assert_eq!((&written["data"][3]["actor"], &written["data"][3]["about"]), (&Value::Null, &json!("Boss")));
    assert_eq!(written["data"][1]["device"], "guildhall-server desk");
    assert_eq!(rows(&boss.get("/api/tokens").await.body).len(), 2, "it signs out behind itself");
}

//! What a request asks of the database does not grow with what there is: each has its number of statements, which no clock
//! and no machine changes.

use std::time::Duration;

use guildhall_testkit::World;
use reqwest::Method;
use serde_json::json;

use crate::stranger::Stranger;

/// Waits until nothing works in the background, and answers with the count.
async fn at_rest(world: &World) -> u64 {
    let mut before = world.server().statements();
    loop {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let now = world.server().statements();
        if std::mem::replace(&mut before, now) == now {
            return now;
        }
    }
}

/// How many statements something costs.
pub async fn cost<T>(world: &World, work: impl Future<Output = T>) -> u64 {
    let before = at_rest(world).await;
    work.await;
    at_rest(world).await - before
}

/// What each thing costs somebody who has so many conversations.
async fn costs(conversations: usize) -> Vec<(&'static str, u64)> {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let mut others = Vec::new();
    for n in 0..conversations {
        let other = Stranger::new(&world, &format!("Other{n}")).await;
        for text in ["one", "two", "three"] {
            other.send(&ana, &format!("{text} of {n}")).await;
        }
        others.push(other);
    }
    let other = &others[0];
    let thread = format!("/api/messages/conversations/{}", other.id);
    ana.get("/api/notifications").await;
    let mut costs = Vec::new();
    for path in [
        "/api/messages/conversations?per_page=100",
        &thread,
        "/api/messages/search?q=three",
        "/api/notifications",
        "/api/users?q=other",
        "/api/feed?after=0",
    ] {
        let name = if path == thread { "/api/messages/conversations/{id}" } else { path };
        // A test lives as long as its process.
        costs.push((&*Box::leak(name.to_owned().into_boxed_str()), cost(&world, ana.get(path)).await));
    }
    costs.push(("a message that begins a notice", cost(&world, ana.send(other, "an answer")).await));
    costs.push(("a message", cost(&world, other.send(&ana, "four")).await));
    let newest = ana.get(&thread).await.body["data"][0]["id"].clone();
    let read = json!({ "user_id": other.id, "up_to": newest });
    costs.push(("read", cost(&world, ana.post("/api/messages/read", read)).await));
    costs.push(("a message that begins a notice again", cost(&world, other.send(&ana, "five")).await));
    costs.push(("delivered", cost(&world, ana.post("/api/messages/delivered", json!({ "up_to": newest }))).await));
    costs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_asks_more_of_the_database_because_there_is_more() {
    let few = costs(2).await;
    assert_eq!(few, costs(30).await, "with two conversations, and with thirty");
    // The token is one of each.
    let expected = [
        ("/api/messages/conversations?per_page=100", 7),
        ("/api/messages/conversations/{id}", 5),
        ("/api/messages/search?q=three", 3),
        ("/api/notifications", 2),
        ("/api/users?q=other", 2),
        ("/api/feed?after=0", 3),
        ("a message that begins a notice", 9),
        ("a message", 7),
        ("read", 9),
        ("a message that begins a notice again", 9),
        ("delivered", 6),
    ];
    assert_eq!(few, expected);
}

/// How SQLite carries out a statement, step by step.
fn plan(file: &std::path::Path, statement: &str) -> Vec<String> {
    let connection = rusqlite::Connection::open(file).expect("opens");
    let mut explained = connection.prepare(&format!("explain query plan {statement}")).expect(statement);
    let mut rows = explained.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().expect(statement) {
        steps.push(row.get::<_, String>(3).expect("words"));
    }
    steps
}

/// What is read from end to end on purpose, with the reason.
const READ_WHOLE: [(&str, &str); 3] = [
    ("name_folded like", "administrators find suspended people, too, whom no index of words holds; that is seldom"),
    ("from server_settings", "a handful of rows"),
    ("select count(*) from users", "once, at the start, where there is a demo market"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_reads_a_table_from_end_to_end() {
    let world = World::start_with(|config| config.demo = true).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let file = ana.upload("plan.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n".to_vec()).await.body["data"]["id"].clone();
    let message = json!({ "recipient_id": tunde.id, "content": "see", "attachments": [file] });
    let sent =
        ana.ask(Method::POST, "/api/messages", Some(message), &[("idempotency-key", "a-key")]).await.body["data"]["id"]
            .clone();
    for path in [
        &format!("/api/messages/conversations/{}", ana.id),
        "/api/messages/conversations",
        "/api/messages/search?q=see",
        "/api/messages/unread-count",
        "/api/notifications",
        "/api/notifications/unread-count",
        "/api/users?q=ana",
        "/api/users?q=a&trade=b%20&place=c&artisans=1",
        "/api/users",
        &format!("/api/users/{}/works", ana.id),
        &format!("/api/users/{}", ana.id),
        "/api/feed?after=0",
        "/api/tokens",
        "/api/user",
        "/api/user/looks",
        "/api/users/blocked",
        "/api/reports",
        "/api/jobs",
        "/api/jobs?q=kitchen%20isl&place=lagos&category=carpentry&priority=medium&budget_min=1&budget_max=9",
        "/api/jobs?mine=1",
        "/api/jobs?mine=applied",
        "/api/jobs/2",
    ] {
        assert!(tunde.get(path).await.status.is_success(), "{path}");
    }
    tunde.post("/api/messages/delivered", json!({ "up_to": sent })).await;
    tunde.post("/api/messages/read", json!({ "user_id": ana.id, "up_to": sent })).await;
    tunde.post("/api/notifications/read-all", json!({})).await;
    tunde.post(&format!("/api/users/{}/block", ana.id), json!({})).await;
    ana.ask(Method::DELETE, &format!("/api/messages/{sent}"), None, &[]).await;
    ana.ask(Method::PATCH, "/api/user", Some(json!({ "trade": "Joiner", "place": "Lagos" })), &[]).await;
    let mut picture = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(4, 4).write_to(&mut picture, image::ImageFormat::Png).expect("written");
    let picture = ana.upload("work.png", picture.into_inner()).await.body["data"]["id"].clone();
    let work = Some(json!({ "attachment_id": picture, "title": "Doors" }));
    assert!(ana.ask(Method::PUT, "/api/user/works/k", work, &[]).await.status.is_success());
    assert!(ana.ask(Method::DELETE, "/api/user/works/k", None, &[]).await.status.is_success());
    assert!(ana.ask(Method::DELETE, "/api/user/avatar", None, &[]).await.status.is_success());
    let report = json!({ "kind": "message", "id": sent, "words": "x" });
    assert!(tunde.post("/api/reports", report).await.status.is_success());
    assert!(world.server().set_admin("ana@example.com", true).await.expect("the database works"));
    let boss = crate::audit::administrator(&world, "Boss").await;
    for path in [
        "/api/admin/reports",
        "/api/admin/reports/1",
        "/api/admin/audit",
        "/api/admin/users?q=ana",
        &format!("/api/admin/users/{}?reason=x", ana.id),
    ] {
        assert!(boss.get(path).await.status.is_success(), "{path}");
    }
    let body = json!({ "reason": "x" });
    assert!(boss.post(&format!("/api/admin/users/{}/suspend", ana.id), body.clone()).await.status.is_success());
    assert!(boss.post(&format!("/api/admin/users/{}/reinstate", ana.id), body).await.status.is_success());
    let gone = Some(json!({ "password": guildhall_testkit::world::PASSWORD }));
    assert!(tunde.ask(Method::DELETE, "/api/user", gone, &[]).await.status.is_success());
    crate::jobs_statements::walk_through(&world).await;
    at_rest(&world).await;
    let texts = world.server().statement_texts();
    assert!(texts.len() > 40, "only {} statements were seen", texts.len());
    let file = world.server_folder().join("hall.sqlite");
    let mut wrong = Vec::new();
    for text in texts
        .iter()
        .filter(|text| !text.starts_with("pragma") && !text.starts_with("begin") && !text.starts_with("commit"))
    {
        if READ_WHOLE.iter().any(|(part, _)| text.contains(part)) {
            continue;
        }
        let plain_insert = text.starts_with("insert into") && text.contains("values");
        // Rows that stand in the statement; an index of words; and what SQLite prepares for references of an insert, and carries
        // out only where they are broken.
        let harmless = ["VALUES CLAUSE", "VIRTUAL TABLE INDEX"];
        // What an inner query answered with: a page of people, a bounded count, one's own conversations.
        let inner = ["SCAN found", "SCAN counted", "SCAN c"];
        let scans: Vec<String> = plan(&file, text)
            .into_iter()
            .filter(|step| {
                step.starts_with("SCAN")
                    && !plain_insert
                    && !harmless.iter().any(|part| step.contains(part))
                    && !inner.contains(&step.as_str())
                    && !step.starts_with("SCAN (subquery-")
            })
            .collect();
        if !scans.is_empty() {
            wrong.push(format!("{scans:?}: {}", text.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

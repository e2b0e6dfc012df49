//! Papers by which somebody proves who they are, from outside: what is taken, who sees it, what a decision changes, and that
//! nothing of it stays.

use std::{sync::Arc, time::Duration};

use guildhall_server::clock::HandClock;
use guildhall_testkit::{World, world::PASSWORD};
use image::ImageEncoder;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::{actions, administrator, rows},
    golden::Story,
    postgres_server::Postgres,
    stranger::{Answer, Stranger},
};

const PAPERS: &str = "/api/verifications/identity/papers";
const SEND: &str = "/api/verifications/identity";
const QUEUE: &str = "/api/admin/verifications";
/// What stands in a document, and must be found nowhere.
const SECRET: &[u8] = b"PASSPORT A01234567 OF ANA";
const DAY: Duration = Duration::from_secs(86_400);

fn pdf() -> Vec<u8> {
    [b"%PDF-1.7 ", SECRET].concat()
}

/// One white pixel.
fn gif() -> Vec<u8> {
    let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0".to_vec();
    bytes.extend_from_slice(b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;");
    bytes
}

async fn world(clock: &HandClock) -> World {
    let clock = Arc::new(clock.clone());
    World::start_with(move |config| config.clock = clock).await
}

async fn uploads(who: &Stranger, name: &str, bytes: Vec<u8>, key: Option<&str>) -> Answer {
    let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
    let form = reqwest::multipart::Form::new().part("file", part);
    let mut request = reqwest::Client::new().post(format!("{}{PAPERS}", who.url)).bearer_auth(&who.token);
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    let answer = request.multipart(form).send().await.expect("an answer");
    let status = answer.status();
    Answer { status, body: answer.json().await.unwrap_or_default(), retry_after: None }
}

async fn paper(who: &Stranger) -> Value {
    let made = uploads(who, "passport.pdf", pdf(), None).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    made.body["data"]["id"].clone()
}

pub async fn asks(who: &Stranger) {
    let id = paper(who).await;
    let sent = who.post(SEND, json!({ "papers": [id] })).await;
    assert_eq!((sent.status, &sent.body["data"]["state"]), (StatusCode::OK, &json!("pending")), "{}", sent.body);
}

pub async fn state(who: &Stranger) -> Value {
    let list = who.get("/api/verifications").await.body;
    rows(&list).into_iter().find(|row| row["kind"] == "identity").expect("it is listed")
}

async fn waiting(boss: &Stranger) -> Value {
    rows(&boss.get(QUEUE).await.body).first().expect("one waits")["id"].clone()
}

async fn looks(boss: &Stranger, id: &Value) {
    assert_eq!(boss.get(&format!("{QUEUE}/{id}?reason=x")).await.status, StatusCode::OK);
}

async fn decides(boss: &Stranger, id: &Value, what: &str, reason: &str) -> Answer {
    boss.post(&format!("{QUEUE}/{id}/{what}"), json!({ "reason": reason })).await
}

#[tokio::test]
async fn papers_are_sealed_and_seen_for_a_reason_that_their_owner_reads() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    asks(&ana).await;
    let kept = walk(world.server_folder());
    assert!(kept.len() > 2, "{kept:?}");
    for entry in kept {
        let bytes = std::fs::read(&entry).unwrap_or_default();
        for said in [SECRET.to_vec(), hex::encode(SECRET).into_bytes()] {
            assert!(!holds(&bytes, &said), "{entry:?} holds it in clear");
        }
    }
    assert!(!ana.get("/api/feed?after=0").await.body.to_string().contains("passport"), "nor what it is called");
    assert_eq!(boss.get("/api/notifications").await.body["data"][0]["type"], "verification_waiting");
    let row = rows(&boss.get(QUEUE).await.body)[0].clone();
    assert_eq!((&row["name"], &row["papers"], &row["top"]), (&json!("Ana"), &json!(1), &json!(false)));
    assert!(!row.to_string().contains("passport"), "what is private comes with a reason: {row}");
    let id = &row["id"];
    for path in [format!("{QUEUE}/{id}"), format!("{QUEUE}/{id}/papers/1"), format!("{QUEUE}/{id}?reason=%20")] {
        assert_eq!(boss.get(&path).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    assert!(actions(&ana.get("/api/user/looks").await.body).is_empty());
    let full = boss.get(&format!("{QUEUE}/{id}?reason=She%20asked")).await.body["data"].clone();
    assert_eq!(
        full["papers"],
        json!([{ "n": 1, "name": "passport.pdf", "mime": "application/pdf", "size": pdf().len() }])
    );
    let (status, bytes) = boss.download(&format!("{QUEUE}/{id}/papers/1?reason=The%20passport")).await;
    assert_eq!((status, bytes), (StatusCode::OK, pdf()));
    assert_eq!(boss.get(&format!("{QUEUE}/{id}/papers/2?reason=x")).await.status, StatusCode::NOT_FOUND);
    let looks = ana.get("/api/user/looks").await.body;
    assert_eq!(actions(&looks), ["verification.look_paper", "verification.look"]);
    assert_eq!(rows(&looks)[0]["reason"], "The passport");
}

fn holds(bytes: &[u8], said: &[u8]) -> bool {
    bytes.windows(said.len()).any(|window| window == said)
}

fn walk(folder: std::path::PathBuf) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() { found.extend(walk(entry.path())) } else { found.push(entry.path()) }
    }
    found
}

#[tokio::test]
async fn a_photo_is_written_anew_without_the_place_where_it_was_taken() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let mut photo = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut photo);
    encoder.set_exif_metadata(b"II*\0\x08\0\0\0\0\0\0\0\0\0GPS 6.5N 3.3E".to_vec()).expect("JPEG has a place for it");
    encoder.write_image(&[200; 64 * 64], 64, 64, image::ExtendedColorType::L8).expect("written");
    assert!(holds(&photo, b"GPS 6.5N"), "it says where it was taken");
    let made = uploads(&ana, "card.jpg", photo, None).await;
    assert_eq!((made.status, &made.body["data"]["mime"]), (StatusCode::CREATED, &json!("image/jpeg")), "{}", made.body);
    ana.post(SEND, json!({ "papers": [made.body["data"]["id"]] })).await;
    let id = waiting(&boss).await;
    let (_, kept) = boss.download(&format!("{QUEUE}/{id}/papers/1?reason=x")).await;
    assert!(kept.starts_with(b"\xff\xd8") && !holds(&kept, b"GPS") && !holds(&kept, b"Exif"));
}

#[tokio::test]
async fn what_is_no_paper_is_refused_and_nothing_is_asked() {
    let world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    for (bytes, code) in [
        (Vec::new(), "empty_file"),
        (b"plain".to_vec(), "file_type"),
        (gif(), "file_type"),
        (vec![0; 11 << 20], "file_too_large"),
    ] {
        let refused = uploads(&ana, "passport.pdf", bytes, None).await;
        assert_eq!(refused.code(), code, "{}", refused.body);
    }
    let (mine, theirs) = (paper(&ana).await, paper(&tunde).await);
    for papers in
        [json!([]), json!([mine, mine]), json!([1, 2, 3, 4, 5]), json!([theirs]), json!([mine, theirs]), json!([999])]
    {
        let refused = ana.post(SEND, json!({ "papers": papers })).await;
        assert_eq!(
            (refused.status, refused.body["errors"]["papers"].is_array()),
            (StatusCode::UNPROCESSABLE_ENTITY, true)
        );
    }
    assert_eq!(state(&ana).await["state"], "none");
    let guest = ana.guest();
    assert_eq!(guest.post(SEND, json!({ "papers": [mine] })).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(uploads(&guest, "a.pdf", pdf(), None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(ana.post(SEND, json!({ "papers": [mine] })).await.status, StatusCode::OK, "none of them was used up");
    assert_eq!(
        ana.post(SEND, json!({ "papers": [mine] })).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "sent before"
    );
    for _ in 0..8 {
        paper(&ana).await;
    }
    assert_eq!(uploads(&ana, "a.pdf", pdf(), None).await.code(), "unsent_quota");
}

#[tokio::test]
async fn a_paper_or_a_sending_that_is_said_again_under_its_key_is_one() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let first = uploads(&ana, "passport.pdf", pdf(), Some("paper-1")).await;
    let again = uploads(&ana, "passport.pdf", pdf(), Some("paper-1")).await;
    assert_eq!((again.status, &again.body), (StatusCode::CREATED, &first.body));
    assert_eq!(uploads(&ana, "other.pdf", pdf(), Some("paper-1")).await.code(), "key_reused");
    let body = json!({ "papers": [first.body["data"]["id"]] });
    for _ in 0..2 {
        let sent = ana.ask(Method::POST, SEND, Some(body.clone()), &[("Idempotency-Key", "sent")]).await;
        assert_eq!((sent.status, &sent.body["data"]["state"]), (StatusCode::OK, &json!("pending")), "{}", sent.body);
    }
    assert_eq!(rows(&boss.get(QUEUE).await.body)[0]["papers"], 1);
    assert_eq!(rows(&boss.get("/api/notifications").await.body).len(), 1, "told once");
    // An upload that breaks off leaves nothing, and can be said again.
    let address = world.url().replace("http://", "");
    let mut cut = tokio::net::TcpStream::connect(&address).await.expect("connected");
    let head = format!(
        "POST {PAPERS} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: cut\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7 half",
        ana.token
    );
    tokio::io::AsyncWriteExt::write_all(&mut cut, head.as_bytes()).await.expect("sent");
    drop(cut);
    let whole = uploads(&ana, "a.pdf", pdf(), Some("cut")).await;
    assert_eq!(whole.status, StatusCode::CREATED, "{}", whole.body);
}

#[tokio::test]
async fn e114_an_approval_is_told_with_its_reason_marks_the_page_and_is_made_once() {
    let world = World::start().await;
    let (boss, other) = (administrator(&world, "Boss").await, administrator(&world, "Other").await);
    let ana = Stranger::new(&world, "Ana").await;
    asks(&ana).await;
    let id = waiting(&boss).await;
    assert_eq!(decides(&boss, &id, "approve", " ").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(decides(&boss, &id, "revoke", "x").await.code(), "wrong_state", "nothing is verified yet");
    let blind = decides(&boss, &id, "approve", "The passport fits the page").await;
    assert_eq!(
        (blind.status, blind.code()),
        (StatusCode::CONFLICT, "look_first"),
        "nobody approves what they never saw"
    );
    looks(&boss, &id).await;
    let done = decides(&boss, &id, "approve", "The passport fits the page").await;
    assert_eq!(
        (done.status, &done.body["data"]["verification"]["state"]),
        (StatusCode::OK, &json!("verified")),
        "{}",
        done.body
    );
    let second = decides(&other, &id, "reject", "It does not").await;
    assert_eq!((second.status, second.code()), (StatusCode::CONFLICT, "wrong_state"));
    let mine = state(&ana).await;
    assert_eq!((&mine["state"], &mine["reason"]), (&json!("verified"), &json!("The passport fits the page")));
    let notice = ana.get("/api/notifications").await.body["data"][0].clone();
    assert_eq!(
        (&notice["type"], &notice["message"]),
        (&json!("verification_approved"), &json!("The passport fits the page"))
    );
    let page = other.get(&format!("/api/users/{}", ana.id)).await.body["data"].clone();
    assert_eq!((&page["verified"], &page["marks"]), (&json!(true), &json!(["identity"])));
    let told: Vec<String> = rows(&ana.get("/api/feed?after=0").await.body)
        .iter()
        .filter(|row| row["event"] == "verification.changed" || row["event"] == "profile.updated")
        .map(|row| format!("{} {}", row["event"].as_str().unwrap_or(""), row["data"]["state"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(told, ["verification.changed pending", "profile.updated ", "verification.changed verified"]);
    assert_eq!(rows(&boss.get(&format!("{QUEUE}?state=verified")).await.body).len(), 1);
    assert_eq!(boss.get(&format!("{QUEUE}?state=lost")).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    assert_eq!(decides(&boss, &id, "revoke", "The passport was stolen").await.status, StatusCode::OK);
    let page = other.get(&format!("/api/users/{}", ana.id)).await.body["data"].clone();
    assert_eq!((&page["verified"], &page["marks"]), (&json!(false), &json!([])));
    assert_eq!(ana.get("/api/notifications").await.body["data"][0]["type"], "verification_revoked");
    let written = actions(&ana.get("/api/user/looks").await.body);
    assert_eq!(written, ["verification.revoke", "verification.approve", "verification.look"]);
}

#[tokio::test]
async fn a_refusal_says_why_and_asked_anew_the_papers_of_before_are_wiped() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    asks(&ana).await;
    let id = waiting(&boss).await;
    assert_eq!(decides(&boss, &id, "reject", "The photo is too dark").await.status, StatusCode::OK);
    let mine = state(&ana).await;
    assert_eq!((&mine["state"], &mine["reason"]), (&json!("rejected"), &json!("The photo is too dark")));
    let notice = ana.get("/api/notifications").await.body["data"][0].clone();
    assert_eq!(
        (&notice["type"], &notice["message"]),
        (&json!("verification_rejected"), &json!("The photo is too dark"))
    );
    let made = uploads(&ana, "better.pdf", pdf(), None).await.body["data"]["id"].clone();
    assert_eq!(ana.post(SEND, json!({ "papers": [made] })).await.status, StatusCode::OK);
    let full = boss.get(&format!("{QUEUE}/{id}?reason=x")).await.body["data"].clone();
    let names: Vec<&Value> = full["papers"].as_array().expect("papers").iter().map(|paper| &paper["name"]).collect();
    assert_eq!(names, ["better.pdf"]);
    // Approved by the person's number; a device alone, a thief's say, takes nothing of it away.
    let verify = format!("/api/admin/users/{}/verify", ana.id);
    assert_eq!(boss.post(&verify, json!({ "reason": "Now it can be read" })).await.status, StatusCode::OK);
    let other = uploads(&ana, "other.pdf", pdf(), None).await.body["data"]["id"].clone();
    let again = ana.post(SEND, json!({ "papers": [other] })).await;
    assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "wrong_state"), "{}", again.body);
    assert_eq!(boss.get(&format!("/api/users/{}", ana.id)).await.body["data"]["verified"], true);
    let full = boss.get(&format!("{QUEUE}/{id}?reason=x")).await.body["data"].clone();
    assert_eq!(full["papers"][0]["name"], "better.pdf");
}

#[tokio::test]
async fn nobody_is_verified_without_papers_and_no_administrator_by_themselves() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let reason = json!({ "reason": "I know her" });
    let refused = boss.post(&format!("/api/admin/users/{}/verify", ana.id), reason.clone()).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "wrong_state"));
    assert_eq!(boss.post("/api/admin/users/999/verify", reason.clone()).await.status, StatusCode::NOT_FOUND);
    asks(&boss).await;
    let row = rows(&boss.get(QUEUE).await.body)[0].clone();
    assert_eq!(row["may_decide"], false);
    let id = &row["id"];
    for what in ["approve", "reject", "revoke"] {
        assert_eq!(decides(&boss, id, what, "It is me").await.status, StatusCode::FORBIDDEN, "{what}");
    }
    let verify = format!("/api/admin/users/{}/verify", boss.id);
    assert_eq!(boss.post(&verify, reason).await.status, StatusCode::FORBIDDEN);
    for path in [format!("{QUEUE}/{id}?reason=x"), format!("{QUEUE}/{id}/papers/1?reason=x")] {
        assert_eq!(boss.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(state(&boss).await["state"], "pending");
    assert!(actions(&boss.get("/api/admin/audit").await.body).is_empty(), "nothing was done");
    assert_eq!(decides(&boss, &json!(999), "approve", "x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn h10_what_waits_for_five_days_comes_before_what_waits_longer_without_a_rule() {
    let clock = HandClock::default();
    let world = world(&clock).await;
    let boss = administrator(&world, "Boss").await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    asks(&ana).await;
    clock.advance(DAY);
    asks(&tunde).await;
    let seen = async || {
        let list = rows(&boss.get(QUEUE).await.body);
        list.iter()
            .map(|row| (row["name"].as_str().expect("a name").to_owned(), row["top"] == true))
            .collect::<Vec<_>>()
    };
    assert_eq!(seen().await, [("Ana".into(), false), ("Tunde".into(), false)]);
    clock.advance(4 * DAY);
    assert_eq!(seen().await, [("Ana".into(), true), ("Tunde".into(), false)]);
}

/// Decided, and then a day before and on the thirtieth day after it.
async fn wiped_after_thirty_days(world: &World, clock: &HandClock) {
    let (boss, ana) = (administrator(world, "Boss").await, Stranger::new(world, "Ana").await);
    asks(&ana).await;
    let id = waiting(&boss).await;
    clock.advance(4 * DAY);
    looks(&boss, &id).await;
    assert_eq!(decides(&boss, &id, "approve", "It fits").await.status, StatusCode::OK);
    let one = format!("{QUEUE}/{id}/papers/1?reason=x");
    // It goes on by itself meanwhile.
    clock.advance(30 * DAY - Duration::from_secs(60));
    assert_eq!(boss.download(&one).await.0, StatusCode::OK);
    clock.advance(Duration::from_secs(60));
    assert_eq!(boss.download(&one).await.0, StatusCode::NOT_FOUND);
    let full = boss.get(&format!("{QUEUE}/{id}?reason=x")).await.body["data"].clone();
    assert_eq!((&full["papers"], &full["verification"]["state"]), (&json!([]), &json!("verified")));
}

#[tokio::test]
async fn papers_are_wiped_thirty_days_after_the_decision() {
    let clock = HandClock::default();
    wiped_after_thirty_days(&world(&clock).await, &clock).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn papers_are_wiped_thirty_days_after_the_decision_on_postgres_too() {
    let postgres = Postgres::start();
    let (clock, database) = (HandClock::default(), postgres.database("papers"));
    let hand = Arc::new(clock.clone());
    let world = World::start_with(move |config| {
        config.clock = hand;
        config.database = Some(database);
    })
    .await;
    wiped_after_thirty_days(&world, &clock).await;
}

/// The database's file, while no server has it.
fn database(world: &World) -> rusqlite::Connection {
    rusqlite::Connection::open(world.server_folder().join("hall.sqlite")).expect("a database")
}

#[tokio::test]
async fn rows_that_were_exchanged_open_no_more() {
    let mut world = World::start().await;
    let boss = administrator(&world, "Boss").await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    for who in [&ana, &tunde] {
        let ids = [
            paper(who).await,
            uploads(who, "card.pdf", b"%PDF-1.7 card".to_vec(), None).await.body["data"]["id"].clone(),
        ];
        assert_eq!(who.post(SEND, json!({ "papers": ids })).await.status, StatusCode::OK);
    }
    let ids: Vec<Value> = rows(&boss.get(QUEUE).await.body).iter().map(|row| row["id"].clone()).collect();
    world.stop_server().await;
    let kept = database(&world);
    let sealed = |n: i64| -> String {
        let find = "select sealed from identity_papers where user_id = ?1 and position = ?2";
        kept.query_row(find, [ana.id, n], |row| row.get(0)).expect("kept")
    };
    for (n, other) in [(1, sealed(2)), (2, sealed(1))] {
        let swap = "update identity_papers set sealed = ?1 where user_id = ?2 and position = ?3";
        kept.execute(swap, rusqlite::params![other, ana.id, n]).expect("the two of one person");
    }
    // Whole rows but for whose they are.
    let give = "update identity_papers set user_id = ?1 where user_id = ?2";
    kept.execute(give, [boss.id, tunde.id]).expect("of another person");
    drop(kept);
    world.start_server().await;
    for id in ids {
        for n in [1, 2] {
            let answer = reqwest::Client::new()
                .get(format!("{}{QUEUE}/{id}/papers/{n}?reason=x", world.url()))
                .bearer_auth(&boss.token)
                .send()
                .await
                .expect("an answer");
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert!(!holds(&answer.bytes().await.expect("bytes"), b"PDF"));
        }
    }
}

#[tokio::test]
async fn papers_go_with_the_account_and_are_named_in_what_one_takes_along() {
    let mut world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    asks(&ana).await;
    let id = waiting(&boss).await;
    let (_, zip) = ana.download("/api/user/export").await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip)).expect("a zip");
    let named: Value = serde_json::from_reader(zip.by_name("identity-papers.json").expect("the list")).expect("JSON");
    assert_eq!((&named[0]["name"], &named[0]["sent"]), (&json!("passport.pdf"), &json!(true)));
    let gone = ana.ask(Method::DELETE, "/api/user", Some(json!({ "password": PASSWORD })), &[]).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    assert!(rows(&boss.get(QUEUE).await.body).is_empty());
    assert_eq!(boss.download(&format!("{QUEUE}/{id}/papers/1?reason=x")).await.0, StatusCode::NOT_FOUND);
    world.stop_server().await;
    let left: i64 = database(&world)
        .query_row("select (select count(*) from identity_papers) + (select count(*) from deadlines where kind = 'identity_papers')", [], |row| row.get(0))
        .expect("counted");
    assert_eq!(left, 0);
}

#[tokio::test]
async fn golden_identity_papers() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let id = paper(&ana).await;
    let mut story = Story::of(&ana);
    let post = Method::POST;
    story.ask("identity_nothing_sent.json", post.clone(), SEND, Some(json!({ "papers": [] }))).await;
    story.ask("identity_sent.json", post.clone(), SEND, Some(json!({ "papers": [id] }))).await;
    story.end();
    let mut story = Story::of(&boss);
    story.get("admin_verifications.json", QUEUE).await;
    let id = waiting(&boss).await;
    story.get("admin_verification.json", &format!("{QUEUE}/{id}?reason=She%20asked")).await;
    let reason = json!({ "reason": "The passport fits the page" });
    story.ask("admin_verification_approved.json", post, &format!("{QUEUE}/{id}/approve"), Some(reason)).await;
    story.end();
    let mut story = Story::of(&ana);
    story.get("feed_of_an_approval.json", "/api/feed?after=0").await;
    story.end();
}

#[tokio::test]
async fn what_took_the_place_of_what_was_looked_at_is_not_approved_with_it() {
    let clock = HandClock::default();
    let world = world(&clock).await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    asks(&ana).await;
    let id = waiting(&boss).await;
    looks(&boss, &id).await;
    let named = ana.ask(Method::PATCH, "/api/user", Some(json!({ "name": "Aliko Dangote" })), &[]).await;
    assert_eq!(named.status, StatusCode::OK, "{}", named.body);
    assert_eq!(decides(&boss, &id, "approve", "It fits").await.code(), "look_first");
    looks(&boss, &id).await;
    // Papers that took the place of others within the same millisecond are others.
    for later in [0, 1] {
        clock.advance(Duration::from_secs(later));
        asks(&ana).await;
        assert_eq!(decides(&boss, &id, "approve", "It fits").await.code(), "look_first");
        looks(&boss, &id).await;
    }
    assert_eq!(decides(&boss, &id, "approve", "It fits").await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_name_is_not_the_one_that_papers_proved() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let named = async |name: &str| {
        ana.ask(reqwest::Method::PATCH, "/api/user", Some(json!({ "name": name })), &[]).await.body["data"].clone()
    };
    named("Olú Adébáyọ̀").await;
    asks(&ana).await;
    let id = waiting(&boss).await;
    looks(&boss, &id).await;
    assert_eq!(decides(&boss, &id, "approve", "It fits").await.status, StatusCode::OK);
    // The same words in another order and without marks are the same name.
    assert_eq!(named("Adebayo Olu").await["verified"], true);
    let page = named("Aliko Dangote").await;
    assert_eq!((&page["verified"], &page["marks"]), (&json!(false), &json!([])), "{page}");
    let stands = state(&ana).await;
    assert_eq!(
        (&stands["state"], &stands["reason"]),
        (&json!("expired"), &json!("Your name changed since your papers were looked at. Send those of the new one."))
    );
    let seen = boss.get(&format!("/api/users/{}", ana.id)).await.body;
    assert_eq!(seen["data"]["verified"], false, "{seen}");
}

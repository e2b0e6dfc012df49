//! A deleted message is gone everywhere. Files that nobody sends, and those of deleted messages, go too.

use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stranger::Stranger;

const SECRET: &str = "xylophonist";

async fn two() -> (World, Stranger, Stranger) {
    let world = World::start().await;
    let people = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    (world, people.0, people.1)
}

/// Everything that a person can ask for, as text.
async fn everything(person: &Stranger, other: &Stranger) -> String {
    let mut all = String::new();
    for path in [
        "/api/feed".to_owned(),
        "/api/notifications".into(),
        "/api/messages/conversations".into(),
        format!("/api/messages/conversations/{}", other.id),
        format!("/api/messages/search?q={SECRET}"),
    ] {
        let answer = person.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        all.push_str(&answer.body.to_string());
    }
    all
}

/// The server's files hold the words, somewhere.
fn on_disk(world: &World) -> Vec<String> {
    let folder = std::fs::read_dir(world.server_folder()).expect("the folder");
    folder
        .flatten()
        .filter(|entry| entry.path().is_file())
        .filter(|entry| {
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
        })
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[tokio::test]
async fn a_deleted_message_is_gone_everywhere() {
    let (mut world, ana, tunde) = two().await;
    let file = ana.upload(&format!("{SECRET}.pdf"), b"%PDF-1.7 a".to_vec()).await.body["data"]["id"].clone();
    let body = json!({"recipient_id": tunde.id, "content": format!("the {SECRET} comes"), "attachments": [file]});
    let sent = ana.ask(Method::POST, "/api/messages", Some(body.clone()), &[("Idempotency-Key", "k1")]).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    let id = sent.body["data"]["id"].as_i64().expect("an id");
    assert!(everything(&tunde, &ana).await.matches(SECRET).count() >= 5, "it is seen before it is deleted");
    let notice = tunde.get("/api/notifications").await.body["data"][0]["id"].as_str().expect("an id").to_owned();
    let reads = [format!("/api/messages/{id}/read"), format!("/api/notifications/{notice}/read")];
    for path in &reads {
        let read = tunde.ask(Method::PATCH, path, None, &[("Idempotency-Key", path)]).await;
        assert!(read.body.to_string().contains(SECRET), "{path}");
    }
    let mut socket = tunde.listen().await;
    assert_eq!(ana.ask(Method::DELETE, &format!("/api/messages/{id}"), None, &[]).await.status, StatusCode::OK);
    assert_eq!(socket.hear("message.deleted").await["content"], "");
    assert!(socket.hear("notification.deleted").await["id"].is_string());
    for (person, other) in [(&tunde, &ana), (&ana, &tunde)] {
        let all = everything(person, other).await;
        assert!(!all.contains(SECRET), "{all}");
    }
    let again = ana.ask(Method::POST, "/api/messages", Some(body), &[("Idempotency-Key", "k1")]).await;
    assert_eq!((again.status, again.body["data"]["id"].as_i64()), (StatusCode::CREATED, Some(id)));
    assert!(!again.body.to_string().contains(SECRET), "{}", again.body);
    for path in &reads {
        let read = tunde.ask(Method::PATCH, path, None, &[("Idempotency-Key", path)]).await;
        assert_eq!(read.status, StatusCode::OK, "{path}");
        assert!(!read.body.to_string().contains(SECRET), "{path}: {}", read.body);
    }
    let counts = tunde.get("/api/notifications/unread-count").await.body;
    assert_eq!(counts["unread_count"], 0);
    assert_eq!(tunde.get("/api/notifications").await.body["data"], json!([]));
    for reader in [&ana, &tunde] {
        assert_eq!(reader.download(&format!("/api/attachments/{file}")).await.0, StatusCode::NOT_FOUND);
    }
    let twice = ana.ask(Method::DELETE, &format!("/api/messages/{id}"), None, &[]).await;
    assert_eq!((twice.status, twice.code()), (StatusCode::CONFLICT, "wrong_state"));
    // On disk the sealed copy alone is left, and the name of the file that belongs to it.
    world.stop_server().await;
    let url = world.server_folder().join("hall.sqlite");
    let left: String = std::process::Command::new("python3")
        .args(["-c", "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nfor t in ('sealed_texts','attachments'): c.execute(f'delete from {t}')\nc.commit()\nc.execute('vacuum')\nc.close()"])
        .arg(&url)
        .output()
        .map(|out| String::from_utf8_lossy(&out.stderr).into_owned())
        .expect("python3 runs");
    assert_eq!(left, "");
    assert_eq!(on_disk(&world), [] as [&str; 0]);
}

#[tokio::test]
async fn a_notice_for_a_deleted_message_gives_way_to_the_next_unread_one() {
    let (_world, ana, tunde) = two().await;
    let first = ana.send(&tunde, &format!("{SECRET} one")).await.body["data"]["id"].as_i64().expect("an id");
    ana.send(&tunde, "the second").await;
    assert_eq!(ana.ask(Method::DELETE, &format!("/api/messages/{first}"), None, &[]).await.status, StatusCode::OK);
    let notices = tunde.get("/api/notifications").await.body;
    let shown: Vec<&Value> = notices["data"].as_array().expect("rows").iter().map(|row| &row["message"]).collect();
    assert_eq!(shown, ["the second"]);
    assert_eq!(tunde.get("/api/notifications/unread-count").await.body["unread_count"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_nobody_sends_have_a_quota() {
    let (_world, ana, tunde) = two().await;
    let mut files = Vec::new();
    for n in 0..50 {
        let answer = ana.upload(&format!("{n}.pdf"), format!("%PDF-1.7 {n}").into_bytes()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{n}: {}", answer.body);
        files.push(answer.body["data"]["id"].clone());
    }
    let refused = ana.upload("one-more.pdf", b"%PDF-1.7 x".to_vec()).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "unsent_quota"));
    assert!(refused.body["message"].as_str().expect("words").contains("Fifty files"), "{}", refused.body);
    let body = json!({"recipient_id": tunde.id, "content": "see", "attachments": files[..10]});
    assert_eq!(ana.post("/api/messages", body).await.status, StatusCode::CREATED);
    assert_eq!(ana.upload("one-more.pdf", b"%PDF-1.7 x".to_vec()).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_persons_store_has_the_room_that_the_operator_gives() {
    let world = World::start_with(|config| config.store_bytes_per_person_max = 2_000).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let pdf = |fill: u8| [b"%PDF-1.7 ".to_vec(), vec![fill; 1_400]].concat();
    let file = ana.upload("a.pdf", pdf(1)).await.body["data"]["id"].clone();
    let body = json!({"recipient_id": tunde.id, "content": "see", "attachments": [file]});
    let sent = ana.post("/api/messages", body).await;
    let refused = ana.upload("b.pdf", pdf(2)).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "store_full"));
    assert_eq!(tunde.upload("b.pdf", pdf(2)).await.status, StatusCode::CREATED, "everybody has room of their own");
    let id = sent.body["data"]["id"].as_i64().expect("an id");
    assert_eq!(ana.ask(Method::DELETE, &format!("/api/messages/{id}"), None, &[]).await.status, StatusCode::OK);
    assert_eq!(ana.upload("b.pdf", pdf(2)).await.status, StatusCode::CREATED, "deleting gives room");
}

#[tokio::test]
async fn the_same_key_with_another_file_name_is_another_command() {
    let (_world, ana, _) = two().await;
    let upload = async |name: &str| {
        let part = reqwest::multipart::Part::bytes(b"%PDF-1.7 a".to_vec()).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        let request = reqwest::Client::new().post(format!("{}/api/attachments", ana.url)).bearer_auth(&ana.token);
        let answer = request.header("Idempotency-Key", "k").multipart(form).send().await.expect("an answer");
        (answer.status(), answer.json::<Value>().await.expect("JSON"))
    };
    let first = upload("a.pdf").await;
    assert_eq!(first.0, StatusCode::CREATED);
    assert_eq!(upload("a.pdf").await.1["data"]["id"], first.1["data"]["id"]);
    let other = upload("b.pdf").await;
    assert_eq!((other.0, other.1["code"].as_str()), (StatusCode::CONFLICT, Some("key_reused")));
}

#[tokio::test]
async fn bytes_that_nobody_ever_got_are_swept_at_the_next_start_and_others_stay() {
    let (mut world, ana, tunde) = two().await;
    let file = ana.upload("a.pdf", b"%PDF-1.7 kept".to_vec()).await.body["data"].clone();
    let body = json!({"recipient_id": tunde.id, "content": "see", "attachments": [file["id"]]});
    assert_eq!(ana.post("/api/messages", body).await.status, StatusCode::CREATED);
    world.stop_server().await;
    let files = world.server_folder().join("files");
    let place = |hash: &str| files.join(&hash[..2]).join(hash);
    let orphan = "ab".repeat(32);
    let kept = place(file["sha256"].as_str().expect("a hash"));
    std::fs::create_dir_all(place(&orphan).parent().expect("a folder")).expect("made");
    std::fs::write(place(&orphan), "x").expect("written");
    world.start_server().await;
    for _ in 0..100 {
        if !place(&orphan).exists() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(!place(&orphan).exists(), "nobody ever got it");
    assert!(kept.exists(), "it was sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_for_its_size_leaves_no_bytes_behind() {
    let world = World::start_with(|config| config.store_bytes_per_person_max = 3_000_000).await;
    let ana = Stranger::new(&world, "Ana").await;
    let asked = (0..12_u8).map(|n| {
        let ana = ana.clone();
        tokio::spawn(
            async move { ana.upload("a.pdf", [b"%PDF-1.7 ".to_vec(), vec![n; 1_000_000]].concat()).await.status },
        )
    });
    let mut taken = 0;
    for answer in asked.collect::<Vec<_>>() {
        taken += usize::from(answer.await.expect("no panic") == StatusCode::CREATED);
    }
    assert_eq!(taken, 2);
    let files = std::fs::read_dir(world.server_folder().join("files")).expect("the store");
    let stored: usize = files.flatten().map(|f| std::fs::read_dir(f.path()).into_iter().flatten().count()).sum();
    assert_eq!(stored, 2, "what was refused is gone at once");
}

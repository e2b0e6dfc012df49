//! Files over REST.

use guildhall_testkit::World;
use reqwest::StatusCode;
use serde_json::json;

use crate::stranger::Stranger;

pub fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89".to_vec();
    bytes.extend_from_slice(b"\0\0\0\rIDATx\xdacd\xf8\xcfP\x0f\0\x03\x86\x01\x80Z4}k\0\0\0\0IEND\xaeB`\x82");
    bytes
}

async fn three() -> (World, Stranger, Stranger, Stranger) {
    let world = World::start().await;
    let people =
        (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await, Stranger::new(&world, "Lena").await);
    (world, people.0, people.1, people.2)
}

#[tokio::test]
async fn e98_files_are_judged_by_what_they_are() {
    let (_world, ana, _, _) = three().await;
    let check = async |name: &str, bytes: Vec<u8>, status: StatusCode, code: &str| {
        let answer = ana.upload(name, bytes).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{name}: {}", answer.body);
    };
    let mut program = b"\x7fELF".to_vec();
    program.resize(200, 0);
    check("photo.jpg", program, StatusCode::UNPROCESSABLE_ENTITY, "file_type").await;
    let drawing = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".to_vec();
    check("drawing.svg", drawing, StatusCode::UNPROCESSABLE_ENTITY, "file_type").await;
    check("empty.png", Vec::new(), StatusCode::UNPROCESSABLE_ENTITY, "empty_file").await;
    let mut large = png();
    large.resize(10 * 1024 * 1024 + 1, 0);
    check("large.png", large, StatusCode::PAYLOAD_TOO_LARGE, "file_too_large").await;
    // What a PDF holds is never opened by us.
    let mut bomb = b"%PDF-1.7\n".to_vec();
    bomb.resize(50_000, b'0');
    check("bomb.pdf", bomb, StatusCode::CREATED, "").await;
    check("right.png", png(), StatusCode::CREATED, "").await;
}

#[tokio::test]
async fn e99_names_become_safe_and_e100_the_same_bytes_are_stored_once() {
    let (world, ana, tunde, _) = three().await;
    let one = ana.upload("../../\u{202E}gnp.exe", png()).await.body["data"].clone();
    let two = tunde.upload("other.png", png()).await.body["data"].clone();
    assert_eq!(one["name"], "gnp.exe.png");
    assert_eq!(one["sha256"], two["sha256"]);
    assert_ne!(one["id"], two["id"]);
    let stored = std::fs::read_dir(world.server_folder().join("files"))
        .expect("the store")
        .flatten()
        .flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten().flatten())
        .count();
    assert_eq!(stored, 1);
}

#[tokio::test]
async fn e101_a_link_is_for_its_reader_and_a_file_for_its_two_people() {
    let (_world, ana, tunde, lena) = three().await;
    let file = ana.upload("a.png", png()).await.body["data"]["id"].clone();
    let body = json!({"recipient_id": tunde.id, "content": "see", "attachments": [file]});
    let sent = ana.post("/api/messages", body.clone()).await;
    assert_eq!(sent.status, StatusCode::CREATED);
    assert_eq!(ana.post("/api/messages", body).await.code(), "attachment_missing", "a file is sent once");
    let page = tunde.get(&format!("/api/messages/conversations/{}", ana.id)).await.body;
    let link = page["data"][0]["attachments"][0]["url"].as_str().expect("a link").to_owned();
    let (status, bytes) = tunde.download(&link).await;
    assert_eq!((status, &bytes[..8]), (StatusCode::OK, &png()[..8]));
    assert_eq!(tunde.download(&format!("/api/attachments/{file}")).await.0, StatusCode::OK);
    assert_eq!(lena.download(&link).await.0, StatusCode::NOT_FOUND);
    assert_eq!(lena.download(&format!("/api/attachments/{file}")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(ana.download(&link).await.0, StatusCode::NOT_FOUND, "the link of the other");
    let forged = link.replace("expires=", "expires=9");
    assert_eq!(tunde.download(&forged).await.0, StatusCode::NOT_FOUND);
    let bare = reqwest::get(format!("{}{link}", ana.url)).await.expect("an answer");
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        lena.post("/api/messages", json!({"recipient_id": tunde.id, "attachments": [file]})).await.code(),
        "attachment_missing"
    );
}

#[tokio::test]
async fn eleven_files_are_too_many_for_one_message() {
    let (_world, ana, tunde, _) = three().await;
    let ids: Vec<i64> = (1..=11).collect();
    let answer = ana.post("/api/messages", json!({"recipient_id": tunde.id, "content": "x", "attachments": ids})).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::UNPROCESSABLE_ENTITY, "too_many"));
}

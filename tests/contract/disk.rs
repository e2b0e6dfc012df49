//! A disk that is full, really: the server works on a small file system of its own.

use std::{fs::File, io::Write, time::Duration};

use reqwest::StatusCode;
use serde_json::Value;

use crate::{
    program::Program,
    stranger::{Answer, Stranger},
};

async fn health(program: &Program) -> (StatusCode, Option<String>, Value) {
    let answer = reqwest::get(format!("{}/health", program.http)).await.expect("an answer");
    let retry_after = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()).map(str::to_owned);
    (answer.status(), retry_after, answer.json().await.expect("JSON"))
}

/// Fills what is left of the disk.
fn fill(program: &Program) {
    let mut file = File::create(program.file("filler")).expect("made");
    for bytes in [64 * 1024, 1_024, 1] {
        while file.write_all(&vec![b'x'; bytes]).is_ok() {}
    }
}

fn pdf(bytes: usize) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    file.resize(bytes, b'0');
    file
}

fn is_disk_full(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (StatusCode::INSUFFICIENT_STORAGE, "disk_full"), "{}", answer.body);
    assert!(answer.retry_after.is_some_and(|seconds| seconds > 0), "it says when to come again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_by_health_and_by_whatever_is_refused_until_there_is_room_again() {
    let program = Program::serve_on_a_small_disk(40 * 1024).await;
    let (ana, tunde) = (Stranger::at(&program.http, "Ana").await, Stranger::at(&program.http, "Tunde").await);
    assert_eq!(ana.send(&tunde, "there is room").await.status, StatusCode::CREATED);
    assert_eq!(health(&program).await.0, StatusCode::OK);
    fill(&program);
    is_disk_full(&ana.upload("a.pdf", pdf(1_000_000)).await);
    let mut sent = 0;
    let refused = loop {
        // A file of the database may have pages left to use again.
        let answer = ana.send(&tunde, &"x".repeat(900)).await;
        if answer.status != StatusCode::CREATED {
            break answer;
        }
        sent += 1;
        assert!(sent < 20_000, "the disk is full");
        tokio::time::sleep(Duration::from_millis(201)).await;
    };
    is_disk_full(&refused);
    let (status, retry_after, words) = health(&program).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{words}");
    assert!(retry_after.is_some(), "it says when to look again");
    let other =
        reqwest::get(format!("{}/health", program.realtime.replacen("ws", "http", 1))).await.expect("an answer");
    assert_eq!(other.status(), StatusCode::SERVICE_UNAVAILABLE, "on both listeners");
    assert_eq!((words["code"].as_str(), words["status"].as_str()), (Some("unwell"), Some("unwell")));
    assert!(words["message"].as_str().is_some_and(|words| words.contains("disk") && words.contains("full")), "{words}");
    // What is needed for reading on is said all the same, and what there was is read.
    assert_eq!(words["realtime_key"], "mysharpjob-key");
    let read = tunde.get(&format!("/api/messages/conversations/{}", ana.id)).await;
    assert_eq!(read.status, StatusCode::OK);
    assert!(read.body["data"].as_array().is_some_and(|all| !all.is_empty()), "{}", read.body);
    std::fs::remove_file(program.file("filler")).expect("removed");
    let (status, _, words) = health(&program).await;
    assert_eq!(status, StatusCode::OK, "{words}");
    assert_eq!(ana.send(&tunde, "there is room again").await.status, StatusCode::CREATED);
    assert_eq!(ana.upload("a.pdf", pdf(1_000_000)).await.status, StatusCode::CREATED);
}

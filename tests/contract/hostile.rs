//! Bad input of every kind, at every address: an answer in words, never a 5xx, and the neighbours keep talking.

use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stranger::Stranger;

/// Bodies that no handler expects.
fn bodies() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        "",
        "{",
        "[]",
        "null",
        "true",
        "0",
        "\"x\"",
        "{}",
        "{\"id\":null}",
        "{\"recipient_id\":\"x\"}",
        "{\"recipient_id\":-1}",
        "{\"recipient_id\":1.5,\"content\":7}",
        "{\"recipient_id\":99999999999999999999}",
        "{\"content\":{\"a\":[]}}",
        "{\"up_to\":0,\"user_id\":0}",
        "{\"email\":[],\"password\":{}}",
        "{\"socket_id\":1,\"channel_name\":null}",
        "{\"a\":1,\"a\":2}",
        "\u{FEFF}{}",
        "{\"name\":\"\\u0000\"}",
        "a=b&c=%zz",
        "{\"name\":\"\\ud800\"}",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    all.push(vec![0xFF, 0xFE, 0, 1]);
    all.push("[".repeat(100_000).into_bytes());
    all.push(format!("{{\"content\":\"{}\"}}", "x".repeat(200_000)).into_bytes());
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_body_at_any_documented_address_gets_an_answer_below_500() {
    let world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let document: Value =
        reqwest::get(format!("{}/openapi.json", ana.url)).await.expect("an answer").json().await.expect("JSON");
    let http = reqwest::Client::new();
    let mut socket = tunde.listen().await;
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().expect("paths") {
        // Signing out for good would end the story.
        if path == "/api/logout" {
            continue;
        }
        for method in methods.as_object().expect("methods").keys() {
            let method: Method = method.to_uppercase().parse().expect("a method");
            for id in ["1", "0", "-1", "01", "x", "99999999999999999999", "%00", "..%2f..%2fetc"] {
                let path = path
                    .split('/')
                    .map(|part| if part.starts_with('{') { id } else { part })
                    .collect::<Vec<_>>()
                    .join("/");
                if method == Method::DELETE && path.starts_with("/api/tokens") {
                    continue;
                }
                let some: Vec<Vec<u8>> = if id == "1" { bodies() } else { vec![b"{}".to_vec()] };
                for body in some {
                    let kinds = ["application/json", "multipart/form-data; boundary=x"];
                    let kind = kinds[tried % kinds.len()];
                    let request = http.request(method.clone(), format!("{}{path}", ana.url)).bearer_auth(&ana.token);
                    let answer =
                        request.header("content-type", kind).body(body.clone()).send().await.expect("an answer");
                    let status = answer.status();
                    assert!(
                        status.as_u16() < 500,
                        "{method} {path} with {:?}: {status}",
                        String::from_utf8_lossy(&body[..body.len().min(60)])
                    );
                    let page = answer
                        .headers()
                        .get("content-type")
                        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
                    // What a person opens from a letter says no as a page.
                    if page && !path.starts_with("/api/") {
                        assert!(answer.text().await.is_ok_and(|text| text.contains("<p")), "{method} {path}");
                    } else if status.is_client_error() {
                        let refusal: Value =
                            answer.json().await.unwrap_or_else(|_| panic!("{method} {path} refuses in JSON"));
                        assert!(
                            refusal["message"].as_str().is_some_and(|m| !m.is_empty()),
                            "{method} {path}: {refusal}"
                        );
                        assert!(refusal["code"].is_string(), "{method} {path}: {refusal}");
                    }
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 500, "{tried} tries");
    // The neighbours keep talking.
    let sent = ana.send(&tunde, "still here").await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.body);
    loop {
        if socket.hear("message.sent").await["content"] == "still here" {
            break;
        }
    }
}

#[tokio::test]
async fn any_query_and_any_path_get_an_answer_below_500() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    for path in [
        "/",
        "/api",
        "/api/",
        "/api/nothing",
        "/api/messages/",
        "/api/messages/conversations/1/2",
        "/api/users/1e3",
        "/api/messages/search?q=%00%ff",
        "/api/messages/search?q=\"\"*",
        "/api/messages/search?limit=x",
        "/api/users?q=%25%5f%5c",
        "/api/messages/conversations?page=-5&per_page=99999",
        "/api/messages/conversations?page=9223372036854775807",
        "/api/messages/conversations/1?before=-1",
        "/api/messages/conversations/1?job_id=1&domain_id=1",
        "/api/notifications?limit=-1&before=x",
        "/api/notifications?unread_only=maybe",
        "/api/feed?after=9223372036854775807&limit=0",
        "/api/attachments/1?reader=1",
        "/api/attachments/1?signature=x&reader=1&expires=99999999999999",
        "/apps/x/events",
        "/apps/mysharpjob/channels",
        "/app/",
        "/app/%00",
        "/broadcasting/auth",
        "/openapi.json?x",
        "/health?y=%",
    ] {
        let answer = ana.get(path).await;
        assert!(answer.status.as_u16() < 500, "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn a_page_that_points_its_own_name_at_loopback_is_told_off() {
    let world = World::start().await;
    let address = world.server().addresses().http;
    let ask = async |host: &str| {
        let request = reqwest::Client::new().get(format!("http://{address}/health")).header("host", host.to_owned());
        request.send().await.expect("an answer").status()
    };
    assert_eq!(ask("evil.example").await, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(ask("evil.example:8000").await, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(ask("localhost").await, StatusCode::OK);
    assert_eq!(ask("127.0.0.1:1").await, StatusCode::OK);
    assert_eq!(ask("[::1]:1").await, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_names_its_request() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let http = reqwest::Client::new();
    let echoed =
        http.get(format!("{}/health", ana.url)).header("x-request-id", "mine-1").send().await.expect("an answer");
    assert_eq!(echoed.headers()["x-request-id"], "mine-1");
    let made = http.get(format!("{}/nothing", ana.url)).send().await.expect("an answer");
    assert!(made.headers()["x-request-id"].len() > 10);
    assert_eq!(made.json::<Value>().await.expect("JSON")["code"], json!("not_found"));
}

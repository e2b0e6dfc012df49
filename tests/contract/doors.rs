//! Who gets in: hosts, pages, proxies, a second server on the same folder, files that others could read.

use std::time::Duration;

use guildhall_server::{Server, StartError, config::Inspection};
use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::stranger::Stranger;

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused_with_words() {
    let world = World::start().await;
    let config = guildhall_server::ServerConfig::local(world.server_folder());
    let refused = Server::start(config).await.err().expect("refused");
    assert!(matches!(refused, StartError::InUse(_)), "{refused}");
    let words = refused.to_string();
    assert!(words.contains("another server works in the data folder") && words.contains("--data"), "{words}");
    assert_eq!(reqwest::get(format!("{}/health", world.url())).await.expect("an answer").status(), StatusCode::OK);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_what_the_server_keeps_also_what_was_there_before() {
    use std::{
        fs::{self, Permissions},
        os::unix::fs::PermissionsExt,
        path::Path,
    };
    fn check(path: &Path) -> usize {
        let found = path.metadata().expect("there");
        let wanted = if found.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(found.permissions().mode() & 0o777, wanted, "{path:?}");
        let inner = fs::read_dir(path).into_iter().flatten().flatten();
        1 + inner.map(|entry| check(&entry.path())).sum::<usize>()
    }
    let mut world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    assert_eq!(ana.upload("a.pdf", b"%PDF-1.7 a".to_vec()).await.status, StatusCode::CREATED);
    assert!(check(&world.server_folder()) >= 5);
    world.stop_server().await;
    fs::set_permissions(world.server_folder(), Permissions::from_mode(0o755)).expect("ours");
    fs::set_permissions(world.server_folder().join("hall.sqlite"), Permissions::from_mode(0o644)).expect("ours");
    world.start_server().await;
    check(&world.server_folder());
}

async fn with_host(url: &str, host: &str) -> (StatusCode, Value) {
    let answer =
        reqwest::Client::new().get(format!("{url}/health")).header("host", host).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn the_public_host_is_answered_and_another_hears_which_setting_is_missing() {
    let world = World::start().await;
    let (status, words) = with_host(&world.url(), "hall.example").await;
    assert_eq!(status, StatusCode::MISDIRECTED_REQUEST);
    assert!(words["message"].as_str().expect("words").contains("--public-url https://hall.example"), "{words}");
    let world = World::start_with(|config| config.public_host = Some("hall.example".into())).await;
    assert_eq!(with_host(&world.url(), "hall.example").await.0, StatusCode::OK);
    assert_eq!(with_host(&world.url(), "localhost").await.0, StatusCode::OK);
    assert_eq!(with_host(&world.url(), "evil.example").await.0, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn forwarded_addresses_count_from_trusted_proxies_only() {
    let guess = async |url: &str, from: &str| {
        let body = serde_json::json!({"email": "ana@example.com", "password": "wrong password"});
        let request =
            reqwest::Client::new().post(format!("{url}/api/login")).header("x-forwarded-for", from).json(&body);
        request.send().await.expect("an answer").status()
    };
    for (trusted, last) in [
        (vec![], StatusCode::TOO_MANY_REQUESTS),
        (vec!["127.0.0.1".parse().expect("an address")], StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let world = World::start_with(|config| config.trusted_proxies = trusted).await;
        for n in 0..10 {
            assert_eq!(guess(&world.url(), &format!("203.0.113.{n}")).await, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(guess(&world.url(), "203.0.113.200").await, last);
    }
}

#[tokio::test]
async fn what_tells_of_the_server_can_be_kept_to_the_machine_or_a_token() {
    let ask = async |world: &World, path: &str, headers: &[(&str, &str)]| {
        let mut request = reqwest::Client::new().get(format!("{}{path}", world.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("an answer").status()
    };
    let token = Inspection::Token("a token".into());
    for inspection in [Inspection::Loopback, token] {
        let world = World::start_with(|config| config.inspection = inspection.clone()).await;
        for path in ["/metrics", "/openapi.json"] {
            assert_eq!(ask(&world, path, &[]).await, StatusCode::OK, "on the machine itself");
            let forwarded = ("x-forwarded-for", "203.0.113.1");
            assert_eq!(ask(&world, path, &[forwarded]).await, StatusCode::FORBIDDEN, "{path} through a proxy");
            let shown = ask(&world, path, &[forwarded, ("authorization", "Bearer a token")]).await;
            let wanted = if inspection == Inspection::Loopback { StatusCode::FORBIDDEN } else { StatusCode::OK };
            assert_eq!(shown, wanted, "{path} with the token");
        }
        assert_eq!(ask(&world, "/health", &[("x-forwarded-for", "203.0.113.1")]).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_page_of_another_origin_is_answered_by_name_with_credentials() {
    let world = World::start().await;
    let asked = reqwest::Client::new()
        .request(Method::OPTIONS, format!("{}/api/messages", world.url()))
        .header("origin", "http://localhost:5173")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,x-socket-id,idempotency-key")
        .send()
        .await
        .expect("an answer");
    let header =
        |name: &str| asked.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_lowercase();
    assert_eq!(header("access-control-allow-origin"), "http://localhost:5173");
    assert_eq!(header("access-control-allow-credentials"), "true");
    assert!(header("vary").contains("origin"));
    for name in ["authorization", "content-type", "x-socket-id", "idempotency-key"] {
        assert!(header("access-control-allow-headers").contains(name), "{name}");
    }
    let world = World::start_with(|config| config.apps[0].origins = vec!["https://shop.example".into()]).await;
    let allowed = async |origin: &str| {
        let answer = reqwest::Client::new()
            .get(format!("{}/health", world.url()))
            .header("origin", origin)
            .send()
            .await
            .expect("one");
        answer.headers().contains_key("access-control-allow-origin")
    };
    assert!(allowed("https://shop.example").await);
    assert!(!allowed("https://evil.example").await);
}

/// The bytes that come back, until the other side closes.
async fn spoken(url: &str, says: &[u8], within: Duration) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.expect("connected");
    stream.write_all(says).await.expect("sent");
    let mut heard = Vec::new();
    let ended = tokio::time::timeout(within, stream.read_to_end(&mut heard)).await;
    let said = String::from_utf8_lossy(says);
    ended
        .unwrap_or_else(|_| panic!("no end in time behind {said:?}: {}", String::from_utf8_lossy(&heard)))
        .expect("read");
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test]
async fn silence_and_half_a_head_are_not_waited_for() {
    let world = World::start().await;
    let within = Duration::from_secs(25);
    let (http, realtime) = (world.url(), format!("http://{}", world.server().addresses().realtime));
    let began = std::time::Instant::now();
    let halves: [&[u8]; 4] =
        [b"", b"GET /health HT", b"GET /app/mysharpjob-key HT", b"POST /apps/1/events HTTP/1.1\r\nHo"];
    let all = [&http, &realtime].into_iter().flat_map(|url| halves.map(|half| spoken(url, half, within)));
    for heard in futures_util::future::join_all(all).await {
        assert!(heard.is_empty() || heard.starts_with("HTTP/1.1 4"), "{heard}");
    }
    assert!(began.elapsed() >= Duration::from_secs(14), "{:?}", began.elapsed());
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// How long a connection is kept that is sent this again and again, so many milliseconds apart.
async fn kept(address: std::net::SocketAddr, first: Vec<u8>, again: Vec<u8>, apart_ms: u64) -> Duration {
    let stream = TcpStream::connect(address).await.expect("connected");
    let (mut hears, mut says) = stream.into_split();
    says.write_all(&first).await.expect("sent");
    let began = std::time::Instant::now();
    let talk = tokio::spawn(async move {
        while says.write_all(&again).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(apart_ms)).await;
        }
    });
    let mut heard = vec![0; 65_536];
    while began.elapsed() < Duration::from_secs(15) && hears.read(&mut heard).await.is_ok_and(|n| n > 0) {}
    talk.abort();
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_asks_nothing_keeps_no_connection_open() {
    let world = World::start_with(|config| {
        config.patience.idle = Duration::from_secs(2);
        config.patience.head = Duration::from_secs(1);
    })
    .await;
    let addresses = world.server().addresses();
    let preface = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &[])].concat();
    // GET /api/time, in the words of the static table; the connection takes nothing of an answer beyond its head.
    let get = [&[0x82, 0x84 | 0x80, 0x86][..], &[0x41, 9], b"localhost"].concat();
    let no_window = frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]);
    let asked = [preface.clone(), no_window, frame(1, 5, 1, &get)].concat();
    let ping = frame(6, 0, 0, &[7; 8]);
    let http1 = b"GET /api/time HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec();
    let mut all = Vec::new();
    for address in [addresses.http, addresses.realtime] {
        for (name, first, again) in [
            ("pings", preface.clone(), ping.clone()),
            ("settings", preface.clone(), frame(4, 0, 0, &[0, 3, 0, 0, 0, 100])),
            ("priorities", preface.clone(), frame(2, 0, 1, &[0, 0, 0, 0, 16])),
            ("an answer that is not taken", asked.clone(), ping.clone()),
            ("a rest", http1.clone(), Vec::new()),
        ] {
            all.push(async move { (name, kept(address, first, again, 150).await) });
        }
    }
    for (name, kept) in futures_util::future::join_all(all).await {
        assert!(kept < Duration::from_secs(6), "{name}: {kept:?}");
    }
    // Whoever asks is kept.
    let asking = kept(addresses.http, http1.clone(), http1, 500).await;
    assert!(asking > Duration::from_secs(14), "{asking:?}");
}

#[tokio::test]
async fn whoever_closes_their_half_after_the_request_hears_the_answer() {
    let world = World::start().await;
    let (http, realtime) = (world.url(), format!("http://{}", world.server().addresses().realtime));
    for (request, status) in [
        ("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "200"),
        ("GET /apps/1/channels HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"),
        ("GET /apps/1/channels HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "404"),
        ("POST /apps/mysharpjob/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", "401"),
        ("GET /app/mysharpjob-key HTTP/1.1\r\nHost: localhost\r\n\r\n", "426"),
        (
            "POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 42\r\n\r\n{\"email\":\"a@example.com\",\"password\":\"abc\"}",
            "422",
        ),
    ] {
        for url in [&http, &realtime] {
            // Together with the request, and a moment behind it.
            for pause in [None, Some(Duration::from_millis(20))] {
                let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.expect("connected");
                stream.write_all(request.as_bytes()).await.expect("sent");
                if let Some(pause) = pause {
                    tokio::time::sleep(pause).await;
                }
                stream.shutdown().await.expect("half closed");
                let mut heard = Vec::new();
                let whole = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut heard));
                whole.await.expect("an end in time").expect("read");
                let heard = String::from_utf8_lossy(&heard);
                assert!(heard.starts_with(&format!("HTTP/1.1 {status}")), "{url} {request:?}: {heard:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_half_body_is_answered_and_ended() {
    let world = World::start().await;
    let half = b"POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"email\"";
    let heard = spoken(&world.url(), half, Duration::from_secs(45)).await;
    assert!(heard.starts_with("HTTP/1.1 408") && heard.contains("too_slow"), "{heard}");
}

#[tokio::test]
async fn one_address_has_so_many_connections_and_another_its_own() {
    let world = World::start_with(|config| config.connections_per_address_max = 3).await;
    let address = world.server().addresses().http;
    let connect = async |last: u8| {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(std::net::SocketAddr::from(([127, 0, 0, last], 0))).expect("loopback");
        let mut stream = socket.connect(address).await.expect("connected");
        let asked = stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let mut first = [0; 12];
        let heard = match asked {
            Ok(()) => stream.read_exact(&mut first).await.is_ok(),
            Err(_) => false,
        };
        (stream, heard)
    };
    let mut kept = Vec::new();
    for _ in 0..3 {
        let (stream, heard) = connect(9).await;
        assert!(heard);
        kept.push(stream);
    }
    assert!(!connect(9).await.1, "the fourth is not answered");
    assert!(connect(10).await.1, "another address is");
    kept.pop();
    for _ in 0..50 {
        if connect(9).await.1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a place that was given back is taken again");
}

#[tokio::test]
async fn a_length_that_can_be_read_in_two_ways_is_refused_on_both_listeners() {
    let world = World::start().await;
    let addresses = world.server().addresses();
    for lengths in [
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: 2\r\nContent-Length: 2",
        "content-length: 2\r\nContent-Type: application/json\r\nCONTENT-LENGTH:2",
        "Content-Length: 2, 3",
        "Content-Length: +2",
        "Content-Length: 2x",
        "Content-Length: 0x2",
        "Content-Length: -2",
        "Content-Length: ",
        "Content-Length: 99999999999999999999999",
    ] {
        for address in [addresses.http, addresses.realtime] {
            for path in ["/apps/mysharpjob/events", "/api/login"] {
                let request = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\n\r\n{{}}");
                let heard = spoken(&format!("http://{address}"), request.as_bytes(), Duration::from_secs(5)).await;
                assert!(heard.starts_with("HTTP/1.1 400"), "{lengths:?} at {address}{path}: {heard}");
                // And as the second one of a connection, which was a good one until then.
                let second = format!("GET /api/time HTTP/1.1\r\nHost: localhost\r\n\r\n{request}");
                let heard = spoken(&format!("http://{address}"), second.as_bytes(), Duration::from_secs(5)).await;
                assert!(heard.starts_with("HTTP/1.1 200") && heard.contains("HTTP/1.1 400"), "{lengths:?}: {heard}");
            }
        }
    }
}

#[tokio::test]
async fn a_connection_counts_for_its_address_whoever_serves_it() {
    let world = World::start_with(|config| config.connections_per_address_max = 3).await;
    let address = world.server().addresses().realtime;
    let mut kept = Vec::new();
    for n in 0..4 {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(std::net::SocketAddr::from(([127, 0, 0, 9], 0))).expect("loopback");
        let mut stream = socket.connect(address).await.expect("connected");
        // Served by the other half of the server.
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.expect("an answer");
        let expected: &[u8] = if n < 3 { b"HTTP/1.1 200" } else { b"HTTP/1.1 429" };
        assert_eq!(&first, expected, "{n}");
        kept.push(stream);
    }
}

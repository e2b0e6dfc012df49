//! Somebody asks and is gone before the answer: a link that breaks, a request that is reset. What was begun is done, whole.

use std::time::Duration;

use guildhall_testkit::World;
use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::stranger::Stranger;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header in HPACK, in plain letters.
fn header(name: &str, value: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).ok().filter(|length| *length < 127).expect("short");
    [&[0, length(name)], name.as_bytes(), &[length(value)], value.as_bytes()].concat()
}

/// Asks over HTTP/2, and takes the request back so much later.
async fn ask_and_go(who: &Stranger, method: &str, path: &str, after: Duration) {
    let address = who.url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.set_nodelay(true).expect("at once");
    let greeting = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &[])].concat();
    stream.write_all(&greeting).await.expect("sent");
    assert!(stream.read(&mut [0; 1_024]).await.expect("settings") > 0);
    stream.write_all(&frame(4, 1, 0, &[])).await.expect("sent");
    let head = [
        header(":method", method),
        header(":path", path),
        header(":scheme", "http"),
        header(":authority", address),
        header("authorization", &format!("Bearer {}", who.token)),
    ]
    .concat();
    stream.write_all(&frame(1, 5, 1, &head)).await.expect("sent");
    tokio::time::sleep(after).await;
    // RST_STREAM, "cancelled".
    let _ = stream.write_all(&frame(3, 0, 1, &[0, 0, 0, 8])).await;
    let _ = stream.shutdown().await;
    let _ = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut Vec::new())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_revoked_by_somebody_who_hangs_up_takes_its_sockets_along() {
    let world = World::start().await;
    let person = world.person("Ana").await;
    let phone = Stranger::sign_in(&world, &person).await;
    let mut revoked = 0;
    for after_us in (0..24).map(|n| n * 400) {
        let stolen = Stranger::sign_in(&world, &person).await;
        let socket = stolen.listen().await;
        let id = stolen.token.split('|').next().expect("an id").to_owned();
        ask_and_go(&phone, "DELETE", &format!("/api/tokens/{id}"), Duration::from_micros(after_us)).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        // Taken back before it was begun, it is as if it had not been asked.
        if stolen.get("/api/user").await.status == StatusCode::UNAUTHORIZED {
            revoked += 1;
            let code = tokio::time::timeout(Duration::from_secs(5), socket.close_code()).await;
            assert_eq!(code, Ok(Some(4009)), "revoked, and it goes on listening: taken back after {after_us} µs");
        }
    }
    assert!(revoked > 0, "it was never begun");
}

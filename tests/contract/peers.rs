//! Hostile peers of the realtime listener: each does its worst while a neighbour talks, and the neighbour hears everything,
//! in order, without waiting.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, future::join_all};
use guildhall_testkit::World;
use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    pusher::{Owner, Peer, guest},
    stranger::Socket,
};

/// No event may be on its way for longer than this, whatever others do. On an idle machine it takes a millisecond; the
/// limit is that of somebody who watches a countdown.
const LATE: Duration = Duration::from_secs(2);

/// Somebody who publishes to a neighbour and measures how long it takes, until told to stop.
struct Neighbour {
    stop: tokio::sync::oneshot::Sender<()>,
    talking: tokio::task::JoinHandle<usize>,
}

impl Neighbour {
    async fn talks(owner: &Owner) -> Self {
        let owner = owner.clone();
        let mut peer = owner.connect().await;
        peer.listen("neighbours").await;
        let (stop, mut stopped) = tokio::sync::oneshot::channel();
        let talking = tokio::spawn(async move {
            let mut heard = 0;
            while stopped.try_recv().is_err() {
                let sent = Instant::now();
                owner.publish("neighbours", "word", &heard.to_string()).await;
                assert_eq!(peer.hears_next("word").await, json!(heard), "in order, and nothing is missing");
                let took = sent.elapsed();
                assert!(took < LATE, "an event took {took:?}");
                heard += 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            heard
        });
        Self { stop, talking }
    }

    async fn ends_unharmed(self) {
        let _ = self.stop.send(());
        let heard = self.talking.await.expect("the neighbour is unharmed");
        assert!(heard > 0, "the neighbour said something meanwhile");
    }
}

async fn world() -> (World, Owner) {
    let world = World::start_with(|config| config.apps.push(guest("guest"))).await;
    let owner = Owner::new(&world, &guest("guest"));
    (world, owner)
}

fn address(world: &World) -> std::net::SocketAddr {
    world.server().addresses().realtime
}

const UPGRADE: &str = "GET /app/guest-key?protocol=7 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// A socket below WebSocket, greeted.
async fn raw(world: &World) -> TcpStream {
    let mut stream = TcpStream::connect(address(world)).await.expect("it listens");
    stream.write_all(UPGRADE.as_bytes()).await.expect("open");
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("connection_established") {
        assert!(stream.read_buf(&mut seen).await.expect("open") > 0, "it ended early");
    }
    stream
}

/// A client's frame with the mask that changes nothing.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        n @ ..126 => bytes.push(0x80 | n as u8),
        n @ ..65_536 => {
            bytes.push(0xFE);
            bytes.extend((n as u16).to_be_bytes());
        }
        n => {
            bytes.push(0xFF);
            bytes.extend((n as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

/// The close code that a raw socket gets, `None` when it was cut.
async fn close_code(mut stream: TcpStream) -> Option<u16> {
    let mut seen = Vec::new();
    let reading = async { while stream.read_buf(&mut seen).await.is_ok_and(|n| n > 0) {} };
    tokio::time::timeout(Duration::from_secs(10), reading).await.expect("it ends in time");
    let at = seen.windows(2).rposition(|two| two[0] == 0x88 && two[1] < 126)?;
    Some(u16::from_be_bytes([*seen.get(at + 2)?, *seen.get(at + 3)?]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_frames_close_their_own_connection_with_the_code_for_it() {
    let (world, owner) = world().await;
    let neighbour = Neighbour::talks(&owner).await;
    let ping = br#"{"event":"pusher:ping","data":{}}"#;
    let unmasked = [vec![0x81, ping.len() as u8], ping.to_vec()].concat();
    for (bytes, code) in [
        (unmasked, 1002),
        (frame(0xC1, ping), 1002),
        (frame(0x83, ping), 1002),
        (frame(0x80, b"continues nothing"), 1002),
        (frame(0x89, &[0; 126]), 1002),
        (frame(0x81, &[0xFF, 0xFE, 0xFD]), 1007),
        (frame(0x81, &vec![b'x'; 256 * 1024 + 1]), 1009),
        ([vec![0x81, 0xFF], (1_u64 << 40).to_be_bytes().to_vec(), vec![0; 4]].concat(), 1009),
    ] {
        let mut stream = raw(&world).await;
        stream.write_all(&bytes).await.expect("open");
        assert_eq!(close_code(stream).await, Some(code), "{:?}", &bytes[..bytes.len().min(12)]);
    }
    neighbour.ends_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn giant_and_split_frames_are_taken_whole_or_refused() {
    let (world, owner) = world().await;
    let neighbour = Neighbour::talks(&owner).await;
    // The largest message there may be: no frame of the protocol, so it is answered in words.
    let mut stream = raw(&world).await;
    stream.write_all(&frame(0x81, &vec![b'x'; 256 * 1024])).await.expect("open");
    let mut seen = vec![0; 64];
    stream.read_exact(&mut seen).await.expect("an answer");
    assert!(String::from_utf8_lossy(&seen).contains("message"), "{}", String::from_utf8_lossy(&seen));
    // A ping cut into single bytes, and into fragments with a control frame in between.
    let ping = br#"{"event":"pusher:ping","data":{}}"#;
    let mut stream = raw(&world).await;
    for byte in frame(0x81, ping) {
        stream.write_all(&[byte]).await.expect("open");
        stream.flush().await.expect("open");
    }
    stream
        .write_all(&[frame(0x01, &ping[..9]), frame(0x89, b"hi"), frame(0x80, &ping[9..])].concat())
        .await
        .expect("open");
    let mut seen = Vec::new();
    while String::from_utf8_lossy(&seen).matches("pusher:pong").count() < 2 {
        assert!(stream.read_buf(&mut seen).await.expect("open") > 0);
    }
    assert!(seen.windows(4).any(|w| w == [0x8A, 2, b'h', b'i']), "the ping frame was answered in between");
    // Fragments without end are bounded.
    let mut stream = raw(&world).await;
    stream.write_all(&frame(0x01, &vec![b'x'; 200 * 1024])).await.expect("open");
    stream.write_all(&frame(0x00, &vec![b'x'; 200 * 1024])).await.expect("open");
    assert_eq!(close_code(stream).await, Some(1009));
    neighbour.ends_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_frames_and_subscriptions_keeps_nobody_waiting() {
    let (_world, owner) = world().await;
    let neighbour = Neighbour::talks(&owner).await;
    let mut peer = owner.connect().await;
    // More subscriptions in one breath than a socket may hold: the others are refused.
    for n in 0..12_000 {
        let text = json!({"event": "pusher:subscribe", "data": {"channel": format!("c{n}")}}).to_string();
        peer.socket.0.feed(Message::text(text)).await.expect("open");
    }
    peer.socket.0.flush().await.expect("open");
    let (mut held, mut refused) = (0, 0);
    while held + refused < 12_000 {
        match peer.socket.next().await.expect("open")["event"].as_str() {
            Some("pusher_internal:subscription_succeeded") => held += 1,
            Some("pusher:subscription_error") => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((held, refused), (10_000, 2_000));
    // And fifty thousand pings.
    for _ in 0..50_000 {
        peer.socket.0.feed(Message::text(r#"{"event":"pusher:ping","data":{}}"#)).await.expect("open");
    }
    peer.socket.0.flush().await.expect("open");
    neighbour.ends_unharmed().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_connections_keeps_nobody_waiting() {
    let (world, owner) = world().await;
    let neighbour = Neighbour::talks(&owner).await;
    let at = address(&world);
    for _ in 0..10 {
        // Some say nothing, some half a head, some nonsense, some everything and then vanish.
        let all = join_all((0..100).map(|n| async move {
            let mut stream = TcpStream::connect(at).await.expect("it listens");
            let words: &[u8] = match n % 5 {
                0 => b"",
                1 => &UPGRADE.as_bytes()[..60],
                2 => b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
                3 => b"POST /apps/guest/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\nx",
                _ => UPGRADE.as_bytes(),
            };
            let _ = stream.write_all(words).await;
            stream
        }))
        .await;
        drop(all);
    }
    neighbour.ends_unharmed().await;
    let counted = async || {
        let text = reqwest::get(format!("http://{at}/metrics")).await.expect("an answer").text().await.expect("text");
        text.lines().any(|line| line == "guildhall_connections{app=\"guest\"} 0")
    };
    for tries in 0.. {
        if counted().await {
            break;
        }
        assert!(tries < 100, "those who vanished are noticed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_sockets_and_readers_that_stop_harm_nobody() {
    let (world, owner) = world().await;
    let neighbour = Neighbour::talks(&owner).await;
    // Fifty that listen and never read, and a channel with more to say than their buffers take.
    let mut stalled = Vec::new();
    for _ in 0..50 {
        let mut peer: Peer = owner.connect().await;
        peer.listen("loud").await;
        stalled.push(peer);
    }
    let mut well = owner.connect().await;
    well.listen("loud").await;
    let data = "x".repeat(90_000);
    let reading = async {
        for n in 0..150 {
            assert!(well.hears_next("big").await.as_str().is_some_and(|d| d.starts_with(&format!("{n} "))), "{n}");
        }
    };
    let publishing = async {
        for n in 0..150 {
            owner.publish("loud", "big", &format!("{n} {data}")).await;
        }
    };
    tokio::join!(reading, publishing);
    neighbour.ends_unharmed().await;
    let text = reqwest::get(format!("http://{}/metrics", address(&world))).await.expect("an answer").text().await;
    let text = text.expect("text");
    let closed = text.lines().find(|line| line.contains("app=\"guest\",cause=\"slow_reader\"")).expect("counted");
    assert!(closed.ends_with(" 50"), "each of them was closed and counted: {closed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_frame_larger_than_what_may_wait_is_waited_for_on_a_slow_link() {
    let mut app = guest("guest");
    app.limits.waiting_bytes_max = 1_000;
    app.limits.event_data_bytes_max = 4_000_000;
    let world = World::start_with(|config| config.apps.push(app)).await;
    let owner = Owner::new(&world, &guest("guest"));
    let mut peer = owner.connect().await;
    peer.listen("news").await;
    // More than the kernel keeps for a reader that does not read yet, and then a word behind it.
    let data = "x".repeat(3_900_000);
    owner.publish("news", "large", &data).await;
    owner.publish("news", "small", "1").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(peer.hears_next("large").await.as_str().map(str::len), Some(data.len()));
    peer.hears_next("small").await;
    peer.nothing_before_pong().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_keys_and_signatures_by_the_thousand_harm_nobody() {
    let (world, owner) = world().await;
    let neighbour = Neighbour::talks(&owner).await;
    let body = json!({"name": "e", "channel": "neighbours", "data": "{}"}).to_string();
    for _ in 0..20 {
        let wrong = |pairs: &mut Vec<(String, String)>| {
            for pair in pairs.iter_mut().filter(|(name, _)| name == "auth_signature") {
                pair.1 = "0".repeat(64);
            }
        };
        let asked = join_all((0..50).map(|_| owner.ask_as(Method::POST, "/events", &[], &body, wrong))).await;
        assert!(asked.iter().all(|(status, _)| status.as_u16() == 401));
    }
    for code in join_all((0..100).map(|_| async {
        let mut socket = Socket::open(&owner.url, "/app/wrong?protocol=7").await;
        socket.hear("pusher:error").await;
        socket.close_code().await
    }))
    .await
    {
        assert_eq!(code, Some(4001));
    }
    drop(world);
    neighbour.stop.send(()).ok();
    neighbour.talking.await.ok();
}

#[tokio::test]
async fn one_address_has_as_many_connections_as_it_may() {
    let world = World::start_with(|config| {
        config.apps.push(guest("guest"));
        config.connections_per_address_max = 2;
    })
    .await;
    // From 127.0.0.2: a proxy may stand at 127.0.0.1, which is not counted.
    let connect = async || {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.2:0".parse().expect("an address")).expect("loopback has many addresses");
        let mut stream = socket.connect(address(&world)).await.expect("it listens");
        stream.write_all(UPGRADE.as_bytes()).await.expect("open");
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.map(|_| (stream, String::from_utf8_lossy(&first).into_owned()))
    };
    let (one, answer) = connect().await.expect("an answer");
    assert_eq!(answer, "HTTP/1.1 101");
    let _two = connect().await.expect("an answer");
    assert!(connect().await.is_ok_and(|(_, answer)| answer == "HTTP/1.1 429"), "the third is told so");
    for _ in 0..5 {
        raw(&world).await;
    }
    drop(one);
    for tries in 0.. {
        if connect().await.is_ok_and(|(_, answer)| answer == "HTTP/1.1 101") {
            break;
        }
        assert!(tries < 100, "a place is free again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

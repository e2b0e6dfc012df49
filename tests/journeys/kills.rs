//! The server's process is killed during sending, again and again.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use guildhall_market::ids::UserId;
use guildhall_testkit::{Device, FaultProxy, Person, wait::eventually_within, world::PASSWORD};

/// How often it is killed: so often here, as often as `GUILDHALL_KILLS` says in the night.
const KILLS: usize = 50;

fn kills() -> usize {
    std::env::var("GUILDHALL_KILLS").map_or(KILLS, |text| text.parse().expect("GUILDHALL_KILLS is a number"))
}

struct Killable {
    child: Child,
    http: std::net::SocketAddr,
}

/// The server's program, built beside this test.
fn program() -> PathBuf {
    let mut path = std::env::current_exe().expect("this test is a file");
    path.pop();
    path.pop();
    path.push(format!("guildhall-server{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "build it first: cargo build -p guildhall-server ({} is missing)", path.display());
    path
}

#[expect(clippy::zombie_processes, reason = "the caller kills it and waits for its end")]
async fn start(data: &Path) -> Killable {
    let ready = data.join("ready");
    let _ = std::fs::remove_file(&ready);
    let child = Command::new(program())
        .args(["serve", "--http", "127.0.0.1:0", "--realtime", "127.0.0.1:0", "--message-rate", "100000"])
        .arg("--data")
        .arg(data)
        .arg("--ready-file")
        .arg(&ready)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let since = Instant::now();
    loop {
        if let Ok(text) = std::fs::read_to_string(&ready) {
            let line = text.lines().find_map(|l| l.strip_prefix("http http://")).expect("the address");
            return Killable { child, http: line.parse().expect("an address") };
        }
        assert!(since.elapsed() < Duration::from_secs(30), "the server is ready in time");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn register(device: &Device, name: &str) -> Person {
    let email = format!("{}@example.com", name.to_lowercase());
    let session =
        device.register(name, &email).await.unwrap_or_else(|e| panic!("{name} registers with {PASSWORD:?}: {e}"));
    let guildhall_contract::sessions::SessionView::SignedIn { me, .. } = session else { panic!("signed in") };
    device.is_online().await;
    Person { id: UserId(me.id.0), name: name.to_owned(), email }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_the_server_during_sending_lose_and_double_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("server");
    std::fs::create_dir_all(&data).expect("a folder");
    let mut server = start(&data).await;
    let ana_laptop = Device::open(folder.path().join("ana"), FaultProxy::start(server.http).await).await;
    let tunde_laptop = Device::open(folder.path().join("tunde"), FaultProxy::start(server.http).await).await;
    let ana = register(&ana_laptop, "Ana").await;
    let tunde = register(&tunde_laptop, "Tunde").await;

    let mut written = 0;
    for round in 0..kills() {
        for _ in 0..6 {
            ana_laptop.writes(&tunde, &format!("n {written}")).await;
            written += 1;
        }
        // Somewhere in the middle of sending: the instant moves through a few milliseconds from round to round.
        tokio::time::sleep(Duration::from_millis((round as u64 * 7) % 30)).await;
        server.child.kill().expect("kill -9");
        server.child.wait().expect("it is gone");
        server = start(&data).await;
        for device in [&ana_laptop, &tunde_laptop] {
            device.proxy.retarget(server.http);
            device.core().network_changed();
        }
    }
    let expected: Vec<String> = (0..written).map(|n| format!("n {n}")).collect();
    for (device, other) in [(&tunde_laptop, &ana), (&ana_laptop, &tunde)] {
        eventually_within(Duration::from_secs(60 + kills() as u64), "all are there", async || {
            device.core().network_changed();
            device.whole_thread(other).await.iter().filter(|m| m.id.is_some()).count() >= expected.len()
        })
        .await;
        let texts: Vec<String> = device.whole_thread(other).await.into_iter().map(|m| m.body).collect();
        assert_eq!(texts, expected, "in order, none twice");
    }
    server.child.kill().expect("it runs");
    server.child.wait().expect("it ends");
}

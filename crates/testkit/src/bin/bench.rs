//! The benchmarks that need no window: each prints its figure beside the floor measured in the same run, and their
//! ratio. `bench [--messages N]`

use std::{
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use clap::Parser;
use guildhall_contract::{commands::Nothing, ui_events::UiEvent};
use guildhall_testkit::{Device, FaultProxy, Person, World, world::PASSWORD};

#[derive(Parser)]
struct Arguments {
    /// Messages in the cache of the cold start.
    #[arg(long, default_value_t = 100_000)]
    messages: usize,
}

fn line(id: &str, value: f64, unit: &str, floor: f64, floor_is: &str) {
    let ratio = if floor > 0.0 { value / floor } else { 0.0 };
    println!("{id:<44} {value:>10.1} {unit:<8} floor {floor:>10.1} ({floor_is})  ratio {ratio:.2}");
}

fn percentile(sorted: &[f64], p: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * p).round() as usize]
}

/// How often this disk makes 4 KiB durable in a second.
fn syncs_per_second(folder: &Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("floor")).expect("a temporary file");
    let block = [7_u8; 4_096];
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < Duration::from_secs(2) {
        file.write_all(&block).expect("room for the floor");
        file.sync_data().expect("a disk that syncs");
        count += 1;
    }
    f64::from(count) / started.elapsed().as_secs_f64()
}

struct Writer {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Writer {
    async fn sign_in(world: &World, person: &Person) -> Self {
        let http = reqwest::Client::new();
        let body = serde_json::json!({ "email": person.email, "password": PASSWORD });
        let answer = http.post(format!("{}/api/login", world.url())).json(&body).send().await.expect("an answer");
        let answer: serde_json::Value = answer.json().await.expect("JSON");
        let token = answer["data"]["token"].as_str().expect("a token").to_owned();
        Self { http, url: format!("{}/api/messages", world.url()), token }
    }

    async fn send(&self, to: &Person, text: &str) {
        let body = serde_json::json!({ "recipient_id": to.id, "content": text });
        let answer = self.http.post(&self.url).bearer_auth(&self.token).json(&body).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Sends so many messages, so many at a time; how many a second were accepted.
    async fn send_many(&self, to: &Person, count: usize, at_once: usize) -> f64 {
        let started = Instant::now();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let lanes = (0..at_once).map(|_| async {
            loop {
                let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                if n >= count {
                    return;
                }
                self.send(to, &format!("Message {n}: the doors are hung and the grain runs straight across.")).await;
            }
        });
        futures_util::future::join_all(lanes).await;
        count as f64 / started.elapsed().as_secs_f64()
    }
}

async fn accepted(world: &World, folder: &Path) {
    let (ana, tunde) = (world.person("Ana").await, world.person("Tunde").await);
    let writer = Writer::sign_in(world, &ana).await;
    writer.send_many(&tunde, 200, 8).await;
    for at_once in [1, 16, 64] {
        let floor = syncs_per_second(folder);
        let rate = writer.send_many(&tunde, if at_once == 1 { 500 } else { 4_000 }, at_once).await;
        line(&format!("messages accepted, {at_once} at once"), rate, "/s", floor, "fdatasync of 4 KiB, /s");
    }
}

async fn send_to_screen(world: &World) {
    let (ana, ana_device) = world.person_with_device("Bea").await;
    let (tunde, tunde_device) = world.person_with_device("Tobi").await;
    let mut events = tunde_device.core().subscribe();
    let http = reqwest::Client::new();
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    for n in 0..200 {
        let started = Instant::now();
        http.get(format!("{}/api/time", world.url())).send().await.expect("an answer").bytes().await.expect("a body");
        floors.push(started.elapsed().as_secs_f64() * 1_000.0);
        let text = format!("ping {n}");
        let started = Instant::now();
        ana_device.writes(&tunde, &text).await;
        'seen: loop {
            for event in events.next().await.expect("the stream goes on") {
                if let UiEvent::Messages { rows, .. } = event
                    && rows.iter().any(|m| m.body == text)
                {
                    break 'seen;
                }
            }
        }
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    floors.sort_by(f64::total_cmp);
    let floor = percentile(&floors, 0.5);
    line("send to the other's stream of rows, p50", percentile(&times, 0.5), "ms", floor, "one request, p50, ms");
    line(
        "send to the other's stream of rows, p95",
        percentile(&times, 0.95),
        "ms",
        percentile(&floors, 0.95),
        "one request, p95, ms",
    );
    let _ = ana;
}

async fn synced_to(device: &Device) -> i64 {
    device.core().connection_get(Nothing {}).await.expect("always known").synced_to
}

async fn feed_end(device_token: &Writer, world: &World) -> i64 {
    let url = format!("{}/api/feed?after=9007199254740990", world.url());
    let answer = device_token.http.get(url).bearer_auth(&device_token.token).send().await.expect("an answer");
    answer.json::<serde_json::Value>().await.expect("JSON")["meta"]["latest"].as_i64().expect("a number")
}

async fn catch_up(world: &World) {
    let (ana, tunde) = (world.person("Cara").await, world.person("Taiwo").await);
    let device = world.device(&tunde, "laptop").await;
    device.looks_at(None).await;
    device.goes_offline().await;
    let writer = Writer::sign_in(world, &ana).await;
    writer.send_many(&tunde, 10_000, 32).await;
    let reader = Writer::sign_in(world, &tunde).await;
    let latest = feed_end(&reader, world).await;
    let from = synced_to(&device).await;

    let started = Instant::now();
    let mut after = from;
    while after < latest {
        let url = format!("{}/api/feed?after={after}&limit=500", world.url());
        let page = reader.http.get(url).bearer_auth(&reader.token).send().await.expect("an answer");
        let page: guildhall_contract::feed::FeedPage = page.json().await.expect("a page");
        after = page.data.last().expect("a row").seq;
    }
    let floor = started.elapsed().as_secs_f64() * 1_000.0;

    device.proxy.set(guildhall_testkit::Link::Up);
    let started = Instant::now();
    device.core().network_changed();
    while synced_to(&device).await < latest {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let took = started.elapsed().as_secs_f64() * 1_000.0;
    line("catch-up of 10,000 missed events, stored", took, "ms", floor, "fetching and parsing them, ms");
}

async fn cold_start(world: &World, messages: usize) {
    let (ana, tunde) = (world.person("Dayo").await, world.person("Toba").await);
    let folder = world.server_folder().join("../device");
    let proxy = FaultProxy::start(world.server().addresses().http).await;
    let mut device = Device::open(folder.clone(), proxy).await;
    device.sign_in(&tunde).await;
    let writer = Writer::sign_in(world, &ana).await;
    let mut rows = Vec::new();
    for target in [1_000, messages] {
        let there = device.whole_thread(&ana).await.len();
        writer.send_many(&tunde, target.saturating_sub(there), 32).await;
        guildhall_testkit::wait::eventually_within(Duration::from_secs(300), "all are stored", async || {
            tokio::time::sleep(Duration::from_millis(100)).await;
            synced_to(&device).await >= feed_end(&Writer::sign_in_again(&writer, world, &tunde).await, world).await
        })
        .await;
        let mut times = Vec::new();
        for _ in 0..9 {
            device.close().await;
            let started = Instant::now();
            device.reopen().await;
            assert!(!device.conversations().await.is_empty());
            assert!(!device.thread(&ana).await.is_empty());
            times.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        rows.push((target, percentile(&times, 0.5)));
    }
    let (few, many) = (rows[0], rows[1]);
    let id = format!("open the core to list and thread, {} kept", many.0);
    line(&id, many.1, "ms", few.1, &format!("the same with {} kept, ms", few.0));
    device.close().await;
}

impl Writer {
    async fn sign_in_again(other: &Self, world: &World, person: &Person) -> Self {
        static TOKEN: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
        let token = TOKEN.get_or_init(|| async { Self::sign_in(world, person).await.token }).await.clone();
        Self { http: other.http.clone(), url: other.url.clone(), token }
    }
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let world = World::start().await;
    accepted(&world, folder.path()).await;
    send_to_screen(&world).await;
    catch_up(&world).await;
    cold_start(&world, arguments.messages).await;
}

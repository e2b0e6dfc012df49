//! The settings that `docs/proxies.md` gives, tried with the real programs.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use guildhall_testkit::{World, world::PASSWORD};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

const PAGE: &str = include_str!("../../docs/proxies.md");
const HOST: &str = "hall.example";

/// The block of the page in this language, with this machine's ports and files in it.
fn block(language: &str, proxy: u16, server: SocketAddr, folder: &Path) -> String {
    let begin = format!("```{language}\n");
    let from = PAGE.find(&begin).expect("the page has the block") + begin.len();
    let text = &PAGE[from..from + PAGE[from..].find("```").expect("it ends")];
    text.replace("127.0.0.1:8000", &server.to_string())
        .replace("/etc/ssl/hall.example", &folder.to_string_lossy())
        .replace("listen 443 ssl", &format!("listen 127.0.0.1:{proxy} ssl"))
        .replace("*:443", &format!("127.0.0.1:{proxy}"))
        .replace("hall.example {", &format!("https://hall.example:{proxy} {{\n    bind 127.0.0.1"))
}

/// A program that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        for _ in 0..50 {
            if self.0.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(program: &str, arguments: &[&str], folder: &Path) -> Running {
    let log = std::fs::File::create(folder.join("log")).expect("a log");
    let child = Command::new(program)
        .args(arguments)
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn();
    Running(child.unwrap_or_else(|e| panic!("{program} is installed (Debian: nginx, caddy, apache2-bin): {e}")))
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("loopback has a free port").port()
}

fn client(port: u16, from: u8) -> reqwest::Client {
    reqwest::Client::builder()
        .danger_accept_invalid_certs(true)
        .resolve(HOST, SocketAddr::from(([127, 0, 0, 1], port)))
        .local_address(IpAddr::V4(Ipv4Addr::new(127, 0, 0, from)))
        .http1_only()
        .build()
        .expect("a client")
}

/// Everything that has to pass: REST, a file, a socket with an event, and addresses that nobody can invent.
async fn passes(url: &str, port: u16, folder: &Path) {
    let http = client(port, 9);
    let mut health = None;
    for _ in 0..150 {
        if let Ok(answer) = http.get(format!("{url}/health")).send().await {
            health = Some(answer);
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    let health = health.unwrap_or_else(|| panic!("the proxy answers: {}", log()));
    assert_eq!(health.status(), StatusCode::OK, "{}", log());
    let health: Value = health.json().await.expect("JSON");
    assert_eq!(health["realtime_port"], Value::Null, "realtime is where REST is");
    let mut people = Vec::new();
    for name in ["Ana", "Tunde"] {
        let body = json!({"name": name, "email": format!("{name}@example.com"), "password": PASSWORD});
        let answer = http.post(format!("{url}/api/register")).json(&body).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::CREATED);
        let answer: Value = answer.json().await.expect("JSON");
        let token = answer["data"]["token"].as_str().expect("a token").to_owned();
        people.push((answer["data"]["user"]["id"].as_i64().expect("an id"), token));
    }
    let file = reqwest::multipart::Part::bytes([b"%PDF-1.7 ".to_vec(), vec![7; 10 * 1024 * 1024 - 9]].concat())
        .file_name("a.pdf");
    let form = reqwest::multipart::Form::new().part("file", file);
    let sent = http.post(format!("{url}/api/attachments")).bearer_auth(&people[0].1).multipart(form).send().await;
    assert_eq!(sent.expect("an answer").status(), StatusCode::CREATED, "10 MiB pass");

    let upgrade = http
        .get(format!("{url}/app/mysharpjob-key?protocol=7"))
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .send()
        .await
        .expect("an answer");
    assert_eq!(upgrade.status(), StatusCode::SWITCHING_PROTOCOLS, "{}", log());
    let mut socket =
        WebSocketStream::from_raw_socket(upgrade.upgrade().await.expect("upgraded"), Role::Client, None).await;
    let mut hear = async |event: &str, say: Option<Value>| -> Value {
        if let Some(frame) = say {
            socket.send(Message::text(frame.to_string())).await.expect("said");
        }
        loop {
            let next = tokio::time::timeout(Duration::from_secs(10), socket.next()).await.expect("a frame in time");
            let Some(Ok(Message::Text(text))) = next else { panic!("the socket ended before {event}") };
            let frame: Value = serde_json::from_str(&text).expect("JSON");
            if frame["event"] == event {
                return serde_json::from_str(frame["data"].as_str().expect("data")).expect("JSON");
            }
        }
    };
    let greeting = hear("pusher:connection_established", None).await;
    let channel = format!("private-user.{}", people[1].0);
    let asked = json!({"socket_id": greeting["socket_id"], "channel_name": channel});
    let auth = http.post(format!("{url}/broadcasting/auth")).bearer_auth(&people[1].1).json(&asked).send().await;
    let auth: Value = auth.expect("an answer").json().await.expect("JSON");
    let subscribe = json!({"event": "pusher:subscribe", "data": {"channel": channel, "auth": auth["auth"]}});
    hear("pusher_internal:subscription_succeeded", Some(subscribe)).await;
    let body = json!({"recipient_id": people[1].0, "content": "through a proxy"});
    let sent = http.post(format!("{url}/api/messages")).bearer_auth(&people[0].1).json(&body).send().await;
    assert_eq!(sent.expect("an answer").status(), StatusCode::CREATED);
    assert_eq!(hear("message.sent", None).await["content"], "through a proxy");

    // Ten guesses are looked at, whatever the guesser writes into the header; somebody else has their own ten.
    let guess = async |from: u8, n: usize| {
        let body = json!({"email": "ana@example.com", "password": "a wrong password"});
        let request =
            client(port, from).post(format!("{url}/api/login")).header("x-forwarded-for", format!("203.0.113.{n}"));
        request.json(&body).send().await.expect("an answer").status()
    };
    for n in 0..10 {
        assert_eq!(guess(9, n).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(guess(9, 11).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guess(10, 12).await, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn try_out(language: &str, wrap: impl FnOnce(&str, &Path) -> (&'static str, Vec<String>, String)) {
    let world = World::start_with(|config| {
        config.public_host = Some(HOST.into());
        config.trusted_proxies = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    })
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).expect("a certificate");
    std::fs::write(folder.path().join("fullchain.pem"), made.cert.pem()).expect("written");
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).expect("written");
    let port = free_port();
    let text = block(language, port, world.server().addresses().http, folder.path());
    let (program, arguments, text) = wrap(&text, folder.path());
    std::fs::write(folder.path().join("conf"), text).expect("written");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let _running = start(program, &arguments, folder.path());
    passes(&format!("https://{HOST}:{port}"), port, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_with_the_block_of_the_page_passes_everything() {
    try_out("nginx", |block, folder| {
        let shown = folder.to_string_lossy().into_owned();
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {shown}/{kind};"))
            .join("\n");
        let text = format!(
            "daemon off;\npid {shown}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{paths}\n{block}\n}}\n"
        );
        // Its workers give up being root, and have to reach their own folders then.
        let text = if is_root() { format!("user root;\n{text}") } else { text };
        ("nginx", vec!["-p".into(), shown.clone(), "-e".into(), "stderr".into(), "-c".into(), format!("{shown}/conf")], text)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caddy_with_the_block_of_the_page_passes_everything() {
    try_out("caddy", |block, folder| {
        let text = format!("{{\n    admin off\n    auto_https disable_redirects\n}}\n{block}");
        let conf = folder.join("conf").to_string_lossy().into_owned();
        ("caddy", vec!["run".into(), "--adapter".into(), "caddyfile".into(), "--config".into(), conf], text)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apache_with_the_block_of_the_page_passes_everything() {
    try_out("apache", |block, folder| {
        let shown = folder.to_string_lossy().into_owned();
        let modules = ["mpm_event", "authz_core", "socache_shmcb", "ssl", "headers", "proxy", "proxy_http"]
            .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"))
            .join("\n");
        let port = block.split_once("127.0.0.1:").and_then(|(_, rest)| rest.split_once('>')).expect("a port").0;
        let text = format!(
            "ServerRoot {shown}\nServerName localhost\nPidFile {shown}/pid\nErrorLog /dev/stderr\n{modules}\nMutex file:{shown}\nListen 127.0.0.1:{port}\n{block}"
        );
        ("apache2", vec!["-f".into(), format!("{shown}/conf"), "-DFOREGROUND".into()], text)
    })
    .await;
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

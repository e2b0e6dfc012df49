//! The program's other commands, and TLS that is renewed.

use std::{process::Stdio, time::Duration};

use guildhall_testkit::World;
use serde_json::json;
use tokio::process::Command;

use crate::{
    program::{Program, program},
    pusher::Owner,
    stranger::{Socket, Stranger},
};

pub async fn run(args: &[&str], environment: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(program());
    for name in ["PUSHER_APP_ID", "PUSHER_APP_KEY", "PUSHER_APP_SECRET"] {
        command.env_remove(name);
    }
    let out =
        command.args(args).envs(environment.iter().copied()).stdin(Stdio::null()).output().await.expect("it runs");
    (out.status.success(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_goes_step_by_step_and_says_what_to_do() {
    let world = World::start().await;
    let person = world.person("Ana").await;
    let password = guildhall_testkit::world::PASSWORD;
    let url = world.url();
    let (well, words) =
        run(&["doctor", "--url", &url, "--email", &person.email], &[("GUILDHALL_PASSWORD", password)]).await;
    assert!(well, "{words}");
    let steps: Vec<&str> = words
        .lines()
        .filter_map(|l| l.strip_prefix("ok "))
        .map(|l| l.split_whitespace().next().unwrap_or(""))
        .collect();
    assert_eq!(steps, ["DNS", "TCP", "HTTP", "sign-in", "socket", "channel", "event", "clock"], "{words}");
    assert!(!words.contains(password));
    for (args, step, advice) in [
        (vec!["--url", "http://no-such-host.invalid"], "DNS", "spelling"),
        (vec!["--url", "http://127.0.0.1:9"], "TCP", "Is the server running"),
        (vec!["--url", &url, "--key", "wrong"], "socket", "PUSHER_APP_KEY"),
        (vec!["--url", &url, "--secret", "wrong"], "event", "PUSHER_APP_SECRET"),
    ] {
        let (well, words) = run(&[&["doctor"], &args[..]].concat(), &[]).await;
        assert!(!well, "{words}");
        assert!(words.contains(&format!("FAIL  {step}")) && words.contains(advice), "{step}: {words}");
    }
    let (well, words) =
        run(&["doctor", "--url", &url, "--email", &person.email], &[("GUILDHALL_PASSWORD", "wrong one")]).await;
    assert!(!well && words.contains("FAIL  sign-in"), "{words}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cannot_go_on_ends_with_words_and_a_code() {
    // As a whole, with one of its listeners dead: somebody who watches over it starts it again.
    let mut program = Program::serve(&[], &[("GUILDHALL_PANIC_IN", "listener")]).await;
    let ended = program.ended().await;
    assert_eq!(ended.code(), Some(1), "{}", program.said());
    let words = program.said();
    let last = words.lines().last().expect("words");
    assert!(last.starts_with("guildhall-server: the listener on 127.0.0.1:") && last.contains("panicked"), "{words}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broadcast_sends_a_sample_of_each_kind() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let mut socket = ana.listen().await;
    let url = format!("http://{}", world.server().addresses().realtime);
    let user = ana.id.to_string();
    let (well, words) = run(&["broadcast", "--url", &url, "--user", &user], &[]).await;
    assert!(well, "{words}");
    for event in [
        "message.sent",
        "message.read",
        "job.updated",
        "notification.sent",
        "notification.created",
        "bid.placed",
        "auction.countdown",
    ] {
        assert!(socket.hear(event).await.is_object());
        assert!(words.contains(&format!("{event} was sent to private-user.{user}: 1 listening")), "{words}");
    }
    let (well, words) = run(
        &[
            "broadcast",
            "--url",
            &url,
            "--channel",
            &format!("private-user.{user}"),
            "--event",
            "own",
            "--data",
            "{\"x\":1}",
        ],
        &[],
    )
    .await;
    assert!(well, "{words}");
    assert_eq!(socket.hear("own").await, json!({"x": 1}));
    let (well, words) = run(&["broadcast", "--url", &url, "--secret", "wrong"], &[]).await;
    assert!(!well && words.contains("401"), "{words}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apps_and_limits_come_from_a_file_and_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ready, file) = (folder.path().join("ready"), folder.path().join("apps.json"));
    std::fs::write(&file, r#"[{"id":"first","key":"first-key","secret":"s1","maxConnections":1},{"id":"second","key":"second-key","secret":"s2"}]"#).expect("writable");
    let text = |path: &std::path::Path| path.to_str().expect("text").to_owned();
    let (data, apps) = (text(&folder.path().join("data")), text(&file));
    let args = [
        "serve",
        "--http",
        "127.0.0.1:0",
        "--realtime",
        "127.0.0.1:0",
        "--data",
        &data,
        "--apps-file",
        &apps,
        "--app",
        "third:third-key:s3",
    ];
    let mut child = Command::new(program())
        .args(args)
        .args(["--ready-file", &text(&ready)])
        .env_remove("PUSHER_APP_ID")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("it runs");
    for tries in 0.. {
        if ready.exists() {
            break;
        }
        assert!(tries < 200, "it is ready in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let lines = std::fs::read_to_string(&ready).expect("the file");
    let url = |name: &str| {
        lines.lines().find_map(|l| l.strip_prefix(name)).expect("a line").trim().replace("ws://", "http://")
    };
    let (http, realtime) = (url("http "), url("realtime "));
    let health: serde_json::Value =
        reqwest::get(format!("{http}/health")).await.expect("an answer").json().await.expect("JSON");
    assert_eq!(health["realtime_key"], "first-key", "the market speaks on the first of the file");
    for key in ["first-key", "second-key", "third-key"] {
        Socket::open(&realtime, &format!("/app/{key}?protocol=7")).await.greeting().await;
    }
    let _held = Socket::open(&realtime, "/app/first-key?protocol=7").await;
    let mut second = Socket::open(&realtime, "/app/first-key?protocol=7").await;
    assert_eq!(second.hear("pusher:error").await["code"], 4004);
    child.kill().await.expect("it ends");
    std::fs::write(&file, r#"[{"id":"first","key":"first-key"}]"#).expect("writable");
    let (well, words) = run(&args, &[]).await;
    assert!(!well && words.contains("apps.json") && words.contains("app 1") && words.contains("secret"), "{words}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_served_without_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let issue = || {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).expect("a certificate");
        std::fs::write(&certificate, made.cert.pem()).expect("writable");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("writable");
        reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).expect("PEM")
    };
    let first = issue();
    let pair = (certificate.clone(), key.clone());
    let world = World::start_with(|config| config.tls = Some(pair)).await;
    let port = world.server().addresses().http.port();
    let trusts = |root: &reqwest::Certificate| {
        let client = reqwest::Client::builder().tls_built_in_root_certs(false).add_root_certificate(root.clone());
        let client = client.build().expect("a client");
        async move { client.get(format!("https://localhost:{port}/health")).send().await.is_ok() }
    };
    assert!(trusts(&first).await);
    // File times are as fine as the file system has them.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let second = issue();
    guildhall_testkit::eventually("the new one is served", async || trusts(&second).await).await;
    assert!(!trusts(&first).await);
}

#[tokio::test]
async fn the_realtime_listener_answers_everything_else_as_well() {
    let world = World::start().await;
    let owner = Owner::market(&world);
    let http = reqwest::Client::new();
    for path in ["/health", "/openapi.json", "/metrics"] {
        assert!(
            http.get(format!("{}{path}", owner.url)).send().await.expect("an answer").status().is_success(),
            "{path}"
        );
    }
    // One connection for both kinds of request, as a proxy would hold it.
    for _ in 0..3 {
        assert!(owner.ask(reqwest::Method::GET, "/channels", &[], "").await.0.is_success());
        assert_eq!(http.get(format!("{}/nothing", owner.url)).send().await.expect("an answer").status().as_u16(), 404);
        assert_eq!(http.get(format!("{}/app/x", owner.url)).send().await.expect("an answer").status().as_u16(), 426);
    }
}

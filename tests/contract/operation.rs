//! Running it: starting again, damaged files, PostgreSQL behind it.

use guildhall_server::{Server, ServerConfig, StartError};
use guildhall_testkit::World;
use reqwest::StatusCode;

use crate::stranger::Stranger;

#[tokio::test]
async fn a_damaged_database_stops_the_start_with_the_path_and_what_to_do() {
    let mut world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    for n in 0..200 {
        ana.send(&tunde, &format!("so that the file has pages {n} {}", "x".repeat(400))).await;
    }
    world.stop_server().await;
    let path = world.server_folder().join("hall.sqlite");
    let whole = std::fs::read(&path).expect("the file");
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 4] = [
        ("the header", |bytes| bytes[..16].fill(0x55)),
        ("the schema", |bytes| bytes[100..2_000].fill(0xAA)),
        ("a page inside", |bytes| {
            let middle = bytes.len() / 2 / 4_096 * 4_096;
            bytes[middle..middle + 4_096].fill(0xFF);
        }),
        ("the end", |bytes| bytes.truncate(bytes.len() / 2)),
    ];
    for (what, damage) in damages {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        std::fs::write(&path, &bytes).expect("writable");
        let Err(error) = Server::start(ServerConfig::local(world.server_folder())).await else {
            panic!("{what} is damaged and the server started");
        };
        let words = error.to_string();
        assert!(matches!(error, StartError::Open(_)), "{what}: {words}");
        assert!(
            words.contains("hall.sqlite") && words.contains("damaged") && words.contains("backup"),
            "{what}: {words}"
        );
        assert_eq!(std::fs::read(&path).expect("the file").len(), bytes.len(), "{what}: nothing was changed");
    }
    std::fs::write(&path, &whole).expect("writable");
    world.start_server().await;
}

#[tokio::test]
async fn an_address_in_use_and_a_folder_that_is_a_file_are_named() {
    let world = World::start().await;
    let mut config = ServerConfig::local(tempfile::tempdir().expect("a folder").path().join("other"));
    config.http = world.server().addresses().http;
    let error = Server::start(config).await.err().expect("the port is taken").to_string();
    assert!(error.contains(&world.server().addresses().http.to_string()), "{error}");
    let file = tempfile::NamedTempFile::new().expect("a file");
    let error = Server::start(ServerConfig::local(file.path().to_owned()))
        .await
        .err()
        .expect("a file is no folder")
        .to_string();
    assert!(error.contains("data folder"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_talk_over_postgresql() {
    let server = crate::postgres_server::Postgres::start();
    let mut world = World::start_with(|config| config.database = Some(server.database("hall"))).await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    for n in 0..20 {
        ana_laptop.writes(&tunde, &format!("ana {n}")).await;
        tunde_laptop.writes(&ana, &format!("tunde {n}")).await;
    }
    for (device, other) in [(&ana_laptop, &tunde), (&tunde_laptop, &ana)] {
        guildhall_testkit::eventually("all are there", async || {
            device.thread(other).await.iter().filter(|m| m.id.is_some()).count() == 40
        })
        .await;
    }
    world.stop_server().await;
    world.start_server().await;
    let lena = Stranger::new(&world, "Lena").await;
    assert_eq!(lena.get("/api/users?q=tun").await.body["data"][0]["name"], "Tunde");
    assert_eq!(lena.get("/api/messages/search?q=ana").await.status, StatusCode::OK);
    drop(world);
}

#[tokio::test]
async fn without_tls_the_open_is_refused() {
    let program = std::env::current_exe().expect("a file");
    let program = program.parent().and_then(|p| p.parent()).expect("a folder").join("guildhall-server");
    let folder = tempfile::tempdir().expect("a folder");
    let out = std::process::Command::new(program)
        .args(["serve", "--http", "0.0.0.0:0", "--realtime", "127.0.0.1:0", "--data"])
        .arg(folder.path())
        .output()
        .expect("it runs");
    assert!(!out.status.success());
    let words = String::from_utf8_lossy(&out.stderr);
    assert!(words.contains("--tls-cert") && words.contains("--insecure-in-the-open"), "{words}");
}

#[tokio::test]
async fn the_published_secret_is_named_and_never_served_to_others() {
    let program = std::env::current_exe().expect("a file");
    let program = program.parent().and_then(|p| p.parent()).expect("a folder").join("guildhall-server");
    let folder = tempfile::tempdir().expect("a folder");
    let serve = |http: &str, environment: &[(&str, &str)]| {
        let mut command = std::process::Command::new(&program);
        command.args(["serve", "--insecure-in-the-open", "--http", http, "--realtime", "127.0.0.1:0", "--data"]);
        command.arg(folder.path()).arg("--ready-file").arg(folder.path().join("ready"));
        command.env_remove("RUST_LOG").envs(environment.iter().copied());
        command.stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::null());
        let mut child = command.spawn().expect("it runs");
        for _ in 0..200 {
            if folder.path().join("ready").exists() || child.try_wait().expect("a child").is_some() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let served = std::fs::remove_file(folder.path().join("ready")).is_ok();
        let _ = child.kill();
        let out = child.wait_with_output().expect("it ended");
        (served, String::from_utf8_lossy(&out.stderr).into_owned())
    };
    let (served, words) = serve("0.0.0.0:0", &[]);
    assert!(!served && words.contains("published") && words.contains("PUSHER_APP_SECRET"), "{words}");
    let (served, words) = serve("127.0.0.1:0", &[]);
    assert!(served && words.contains("published secret of the demo"), "{words}");
    let own = [("REVERB_APP_ID", "7"), ("REVERB_APP_KEY", "k"), ("REVERB_APP_SECRET", "s")];
    let (served, words) = serve("0.0.0.0:0", &own);
    assert!(served && !words.contains("published"), "{words}");
}

#[tokio::test]
async fn with_a_certificate_both_listeners_speak_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()]).expect("a certificate");
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).expect("writable");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("writable");
    let mut config = ServerConfig::local(folder.path().join("data"));
    config.tls = Some((certificate.clone(), key));
    let server = Server::start(config.clone()).await.unwrap_or_else(|e| panic!("{e}"));
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).expect("our own");
    let trusting = reqwest::Client::builder().add_root_certificate(root).build().expect("a client");
    for address in [server.addresses().http, server.addresses().realtime] {
        let answer = trusting.get(format!("https://{address}/health")).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(reqwest::get(format!("https://{address}/health")).await.is_err(), "nobody vouches for it");
        assert!(reqwest::get(format!("http://{address}/health")).await.is_err(), "plain words are not answered");
    }
    server.shutdown().await;
    config.tls = Some((certificate, folder.path().join("missing.pem")));
    let words = Server::start(config).await.err().expect("there is no key").to_string();
    assert!(words.contains("missing.pem"), "{words}");
}

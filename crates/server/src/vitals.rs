//! Whether the server is well: what it does beside answering requests is kept running, and what panics is counted, told
//! and started again, or ends the process with words.
//!
//! **Invariant:** nothing that the server needs is gone while `/health` says that all is well.

use std::{
    collections::BTreeMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use tokio::{sync::watch, task::JoinHandle};

/// How long after a panic the server still counts as unwell: whoever looks every few seconds must see it.
pub const UNWELL_FOR: Duration = Duration::from_secs(5);
/// Waits before something is started again: the first, and the longest.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(60);

/// How one part is.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    panics: u64,
    last_panic: Option<Instant>,
    /// It is not running now.
    down: bool,
}

/// The parts of a server and how they are. Cheap to clone.
#[derive(Clone)]
pub struct Vitals(Arc<Inner>);

struct Inner {
    parts: Mutex<BTreeMap<&'static str, Part>>,
    fatal: watch::Sender<Option<String>>,
    #[cfg(debug_assertions)]
    injected: watch::Sender<Option<String>>,
}

impl Default for Vitals {
    fn default() -> Self {
        Self(Arc::new(Inner {
            parts: Mutex::default(),
            fatal: watch::Sender::new(None),
            #[cfg(debug_assertions)]
            injected: watch::Sender::new(None),
        }))
    }
}

/// What a panic said.
fn words_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".to_owned())
}

impl Vitals {
    fn parts(&self) -> MutexGuard<'_, BTreeMap<&'static str, Part>> {
        self.0.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something panicked that concerned one thing alone, such as a request: it is counted, and the server stays well.
    pub fn panicked_once(&self, part: &'static str, payload: &(dyn std::any::Any + Send)) {
        tracing::error!(part, words = words_of(payload), "a defect: something panicked");
        self.parts().entry(part).or_default().panics += 1;
    }

    /// Keeps a task running until it ends by itself: `make` is asked for it again after each panic. What the task must not
    /// lose by that belongs outside of it.
    pub fn keep<F>(&self, part: &'static str, mut make: impl FnMut() -> F + Send + 'static) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let vitals = self.clone();
        self.parts().entry(part).or_default();
        tokio::spawn(async move {
            let mut wait = AGAIN_AFTER;
            loop {
                let began = Instant::now();
                let running = std::panic::catch_unwind(AssertUnwindSafe(&mut make));
                let ended = match running {
                    Ok(running) => AssertUnwindSafe(vitals.run(part, running)).catch_unwind().await,
                    Err(payload) => Err(payload),
                };
                let Err(payload) = ended else { return };
                tracing::error!(part, words = words_of(&*payload), "a defect: a task panicked, and is started again");
                {
                    let mut parts = vitals.parts();
                    let known = parts.entry(part).or_default();
                    *known = Part { panics: known.panics + 1, last_panic: Some(Instant::now()), down: true };
                }
                if began.elapsed() > AGAIN_AFTER_MAX {
                    wait = AGAIN_AFTER;
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(AGAIN_AFTER_MAX);
                vitals.parts().entry(part).or_default().down = false;
            }
        })
    }

    /// Does something once, beside everything else. A panic in it is counted.
    pub fn once(&self, part: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let vitals = self.clone();
        tokio::spawn(async move {
            if let Err(payload) = AssertUnwindSafe(work).catch_unwind().await {
                vitals.panicked_once(part, &*payload);
            }
        });
    }

    /// Waits for a part's work.
    #[cfg(not(debug_assertions))]
    pub async fn run<T>(&self, _: &'static str, running: impl Future<Output = T>) -> T {
        running.await
    }

    /// As in a release, with a panic where a test asks for one.
    #[cfg(debug_assertions)]
    pub async fn run<T>(&self, part: &'static str, running: impl Future<Output = T>) -> T {
        let mut injected = self.0.injected.subscribe();
        tokio::select! {
            done = running => done,
            // What it answers holds a lock, and goes at once.
            () = injected.wait_for(|name| name.as_deref() == Some(part)).map(drop) => {
                self.0.injected.send_replace(None);
                panic!("a panic in {part} that was asked for")
            }
        }
    }

    /// Has a part panic. Not in a release.
    #[cfg(debug_assertions)]
    pub fn inject(&self, part: &str) {
        self.0.injected.send_replace(Some(part.to_owned()));
    }

    /// Something is gone that cannot be started again: the process is to end, with these words.
    pub fn fail(&self, words: String) {
        tracing::error!(words, "the server cannot go on");
        self.0.fatal.send_if_modified(|known| {
            let first = known.is_none();
            known.get_or_insert(words);
            first
        });
    }

    /// Waits until the server cannot go on; why.
    pub async fn failed(&self) -> String {
        let mut fatal = self.0.fatal.subscribe();
        let words = fatal.wait_for(Option::is_some).await.ok().and_then(|words| words.clone());
        match words {
            Some(words) => words,
            // It lives as long as this does.
            None => std::future::pending().await,
        }
    }

    /// What is not well now, in words for whoever runs the server.
    pub fn complaints(&self) -> Vec<String> {
        let mut all: Vec<String> = self.0.fatal.borrow().iter().cloned().collect();
        for (part, known) in self.parts().iter() {
            if known.down {
                all.push(format!("{part} panicked and is started again"));
            } else if known.last_panic.is_some_and(|at| at.elapsed() < UNWELL_FOR) {
                all.push(format!("{part} panicked a moment ago"));
            }
        }
        all
    }

    /// Panics since the start, by part.
    pub fn panics(&self) -> Vec<(&'static str, u64)> {
        self.parts().iter().map(|(part, known)| (*part, known.panics)).collect()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{SinkExt, StreamExt};
    use guildhall_pusher::{auth::App, settings::AppSettings};
    use tokio_tungstenite::{connect_async, tungstenite::Message};

    use super::*;
    use crate::{Server, ServerConfig};

    /// Whether all is well, what `/health` says, and what `/metrics` counts.
    async fn look(server: &Server) -> (u16, String, String) {
        let url = format!("http://{}", server.addresses().http);
        let health = reqwest::get(format!("{url}/health")).await.expect("an answer");
        let (status, words) = (health.status().as_u16(), health.text().await.expect("words"));
        let metrics = reqwest::get(format!("{url}/metrics")).await.expect("an answer").text().await.expect("text");
        (status, words, metrics)
    }

    async fn start(folder: &std::path::Path, change: impl FnOnce(&mut ServerConfig)) -> Server {
        let mut config = ServerConfig::local(folder.to_owned());
        config.weak_password_hashes = true;
        change(&mut config);
        Server::start(config).await.expect("it starts")
    }

    fn folder() -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("guildhall-vitals-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&path).expect("a folder");
        path
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_task_that_panics_is_seen_counted_and_started_again() {
        let folder = folder();
        let mut app = AppSettings::from(App { id: "1".into(), key: "k".into(), secret: "s".into() });
        app.webhooks.push(crate::apps::webhook("http://127.0.0.1:9/", Vec::new()).expect("an address"));
        let server = start(&folder, |config| {
            config.apps.push(app);
            (config.demo, config.demo_life) = (true, true);
            config.mail = Some(crate::config::MailSettings {
                host: "127.0.0.1".into(),
                port: 9,
                encryption: crate::config::MailEncryption::None,
                login: None,
                from: "hall@example.com".into(),
                authority: None,
            });
            config.texts = Some(crate::config::TextSettings {
                address: "http://127.0.0.1:9".parse().expect("an address"),
                account: "AC01".into(),
                token: "secret".into(),
                from: "+15005550006".into(),
            });
        })
        .await;
        let vitals = server.vitals().clone();
        let parts: Vec<&str> = vitals.panics().into_iter().map(|(part, _)| part).collect();
        for part in ["deadlines", "demo", "mail", "online", "pruning", "strays", "texts", "typing", "webhooks"] {
            assert!(parts.contains(&part), "{part} is kept: {parts:?}");
        }
        assert_eq!(look(&server).await.0, 200);
        for part in parts {
            vitals.inject(part);
            while !vitals.panics().contains(&(part, 1)) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let (status, words, metrics) = look(&server).await;
            assert_eq!(status, 503, "{part}");
            assert!(words.contains(&format!("{part} panicked")) && words.contains("unwell"), "{words}");
            assert!(metrics.contains(&format!("guildhall_panics_total{{part=\"{part}\"}} 1")), "{metrics}");
        }
        tokio::time::sleep(UNWELL_FOR + AGAIN_AFTER).await;
        let (status, words, _) = look(&server).await;
        assert_eq!(status, 200, "all of them run again: {words}");
        // What panicked does its work: the other listener's strays are served.
        let url = format!("http://{}/api/time", server.addresses().realtime);
        assert_eq!(reqwest::get(url).await.expect("an answer").status().as_u16(), 200);
        server.shutdown().await;
        let _ = std::fs::remove_dir_all(folder);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_loop_that_panics_is_seen_counted_and_goes_on_or_ends_the_server() {
        let folder = folder();
        let server = start(&folder, |config| config.realtime_threads = 1).await;
        let url = format!("ws://{}/app/mysharpjob-key?protocol=7", server.addresses().realtime);
        for n in 1..=5 {
            let (mut socket, _) = connect_async(&url).await.expect("realtime goes on");
            let greeting = socket.next().await.expect("a greeting").expect("a frame").into_text().expect("text");
            let id: serde_json::Value = serde_json::from_str(&greeting).expect("JSON");
            let id: serde_json::Value = serde_json::from_str(id["data"].as_str().expect("text")).expect("JSON");
            let id = id["socket_id"].as_str().expect("an id").parse().expect("an id");
            let auth = crate::config::demo_app().sign_channel(id, "private-room", None);
            let subscribe = guildhall_pusher::frame::subscribe("private-room", Some(&auth), None);
            socket.send(Message::text(subscribe)).await.expect("open");
            let event = r#"{"event":"client-panic","channel":"private-room","data":{}}"#;
            socket.send(Message::text(event)).await.expect("open");
            while let Some(Ok(_)) = socket.next().await {}
            let (status, words, metrics) = look(&server).await;
            assert_eq!(status, 503, "{words}");
            assert!(metrics.contains(&format!("guildhall_panics_total{{part=\"realtime loop\"}} {n}")), "{metrics}");
        }
        let words = tokio::time::timeout(Duration::from_secs(5), server.failed()).await.expect("it cannot go on");
        assert!(words.contains("realtime is dead") && words.contains("a panic that was asked for"), "{words}");
        server.shutdown().await;
        let _ = std::fs::remove_dir_all(folder);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_task_that_renews_the_certificate_is_seen_counted_and_started_again() {
        let folder = folder();
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".into()]).expect("a certificate");
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).expect("written");
        std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
        let server = start(&folder.join("data"), |config| config.tls = Some((certificate, key))).await;
        let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).expect("our own");
        let http = reqwest::Client::builder().add_root_certificate(root).build().expect("a client");
        let look = async |path: &str| {
            let url = format!("https://{}{path}", server.addresses().http);
            let answer = http.get(url).send().await.expect("an answer");
            (answer.status().as_u16(), answer.text().await.expect("text"))
        };
        assert_eq!(look("/health").await.0, 200);
        server.vitals().inject("certificate");
        while !server.vitals().panics().contains(&("certificate", 1)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (status, words) = look("/health").await;
        assert!(status == 503 && words.contains("certificate panicked"), "{words}");
        assert!(look("/metrics").await.1.contains("guildhall_panics_total{part=\"certificate\"} 1"));
        tokio::time::sleep(UNWELL_FOR + AGAIN_AFTER).await;
        assert_eq!(look("/health").await.0, 200, "it runs again");
        server.shutdown().await;
        let _ = std::fs::remove_dir_all(folder);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_listener_that_panics_is_seen_counted_and_ends_the_server() {
        let folder = folder();
        let server = start(&folder, |_| {}).await;
        server.vitals().inject("listener");
        let words = tokio::time::timeout(Duration::from_secs(5), server.failed()).await.expect("it cannot go on");
        assert!(words.contains(&server.addresses().http.to_string()) && words.contains("panicked"), "{words}");
        // The other listener answers as well, and says so.
        let url = format!("http://{}", server.addresses().realtime);
        let health = reqwest::get(format!("{url}/health")).await.expect("an answer");
        assert_eq!(health.status().as_u16(), 503);
        assert!(health.text().await.expect("words").contains("panicked"));
        let metrics = reqwest::get(format!("{url}/metrics")).await.expect("an answer").text().await.expect("text");
        assert!(metrics.contains("guildhall_panics_total{part=\"listener\"} 1"), "{metrics}");
        server.shutdown().await;
        let _ = std::fs::remove_dir_all(folder);
    }

    #[tokio::test]
    async fn what_is_kept_ends_when_it_ends_by_itself() {
        let kept = Vitals::default().keep("short", || std::future::ready(()));
        tokio::time::timeout(Duration::from_secs(5), kept).await.expect("in time").expect("no panic");
    }
}

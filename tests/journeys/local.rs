//! Local mode: the server is inside the app, and may fail as any server does.

use std::{path::PathBuf, sync::Arc};

use guildhall_client::ports::{LocalMode, LocalModeError, LocalServer};
use guildhall_contract::{
    commands::Nothing,
    conversations::ConversationKey,
    messages::MessageSend,
    sessions::{DemoPerson, LocalStart, SessionView},
};
use guildhall_server::{Server, ServerConfig, demo, embedded::Embedded};
use guildhall_testkit::{Device, FaultProxy, eventually};

/// The server inside the app, as the desktop app has it.
struct Inside(Embedded);

fn shown(name: &str, craft: Option<&str>, email: &str) -> DemoPerson {
    let admin = email == demo::HOUSE;
    DemoPerson { name: name.to_owned(), craft: craft.map(str::to_owned), email: email.to_owned(), admin }
}

#[async_trait::async_trait]
impl LocalMode for Inside {
    async fn start(&self) -> Result<LocalServer, LocalModeError> {
        let here = self.0.start().await.map_err(|_| LocalModeError)?;
        let people = here.people.into_iter();
        Ok(LocalServer {
            url: format!("http://{}", here.http),
            people: people.map(|p| (shown(p.name, p.craft, p.email), p.password)).collect(),
        })
    }

    async fn people(&self) -> Vec<DemoPerson> {
        demo::CAST.iter().map(|&(name, craft, email)| shown(name, craft, email)).collect()
    }

    async fn open_window_as(&self, _: &str) -> Result<(), LocalModeError> {
        Err(LocalModeError)
    }
}

struct Story {
    config: ServerConfig,
    inside: Arc<Inside>,
    device: Device,
    other: ConversationKey,
    _folder: tempfile::TempDir,
}

impl Story {
    /// Somebody in local mode, with one message sent.
    async fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = ServerConfig::local(folder.path().join("local"));
        (config.demo, config.weak_password_hashes) = (true, true);
        let mut story = Self {
            inside: Arc::new(Inside(Embedded::new(config.clone()))),
            config,
            device: Device::open(folder.path().join("app"), FaultProxy::start(([127, 0, 0, 1], 9).into()).await).await,
            other: ConversationKey::try_from("1".to_owned()).expect("a key"),
            _folder: folder,
        };
        story.starts().await;
        story.device.core().local_start(LocalStart { email: None }).await.expect("local mode starts");
        story.device.is_online().await;
        let rows = story.device.conversations().await;
        story.other = rows.first().expect("the demo has conversations").key.clone();
        story
    }

    /// The app starts, with the files that are there.
    async fn starts(&mut self) {
        self.device.close().await;
        self.device.local_mode = Some(Arc::clone(&self.inside) as _);
        self.device.reopen().await;
    }

    /// The app ends, its server with it.
    async fn ends(&mut self) {
        self.device.close().await;
        self.inside.0.stop().await;
        self.inside = Arc::new(Inside(Embedded::new(self.config.clone())));
    }

    async fn writes(&self, body: &str) {
        let request = MessageSend { conversation: self.other.clone(), body: body.into() };
        self.device.core().message_send(request).await.expect("accepted");
    }

    async fn is_told_why(&self) {
        eventually("the app says what is missing", async || {
            self.device.link().await.reason.as_deref() == Some("local_server")
        })
        .await;
        assert!(matches!(self.device.session().await, SessionView::SignedIn { local: true, .. }), "and nobody is out");
    }

    async fn all_is_sent(&self) {
        self.device.is_online().await;
        eventually("what waited is sent", async || self.device.link().await.queued == 0).await;
        assert_eq!(self.device.link().await.failed, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_local_server_that_does_not_start_signs_nobody_out_and_is_started_later() {
    let mut story = Story::begin().await;
    story.ends().await;
    // Somebody else works in its folder: it cannot start.
    let other =
        Server::start(ServerConfig { demo: false, ..story.config.clone() }).await.unwrap_or_else(|e| panic!("{e}"));
    story.starts().await;
    story.is_told_why().await;
    assert!(story.device.link().await.retry_at.is_some(), "and when it is tried again");
    assert!(!story.device.conversations().await.is_empty(), "what is on the device is shown");
    story.writes("written without a server").await;
    other.shutdown().await;
    story.device.core().connection_retry(Nothing {}).await.expect("tried");
    story.all_is_sent().await;
    // The next start finds everything as it was.
    story.ends().await;
    story.starts().await;
    story.all_is_sent().await;
    story.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_local_server_that_cannot_go_on_is_started_anew_and_the_app_says_so_until_then() {
    let mut story = Story::begin().await;
    let before = story.inside.0.start().await.unwrap_or_else(|e| panic!("{e}")).http;
    let vitals = story.inside.0.vitals().await.expect("it runs");
    vitals.fail("a defect that a test asked for".into());
    eventually("another one runs", async || story.inside.0.start().await.is_ok_and(|here| here.http != before)).await;
    story.writes("after the first failure").await;
    story.all_is_sent().await;
    // It fails again, and this time it does not start either.
    let folder: PathBuf = story.config.data_dir.clone();
    let aside = folder.with_extension("aside");
    std::fs::rename(&folder, &aside).expect("moved");
    std::fs::write(&folder, "no folder").expect("written");
    let vitals = story.inside.0.vitals().await.expect("it runs");
    vitals.fail("a defect that a test asked for".into());
    story.is_told_why().await;
    story.writes("while there is none").await;
    std::fs::remove_file(&folder).expect("removed");
    std::fs::rename(&aside, &folder).expect("moved back");
    story.all_is_sent().await;
    story.ends().await;
}

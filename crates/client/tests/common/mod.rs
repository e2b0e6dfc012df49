//! What the tests of the core share: ports of their own, and a core with them.
#![allow(dead_code)]

pub mod hall;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use guildhall_client::{
    Core, CoreOptions,
    ports::{Clock, Downloads, Keychain, KeychainError, Notice, Notifier, NotifierError},
};
use guildhall_contract::{commands::*, ui_events::UiEvent, views::*};
use guildhall_market::time::Timestamp;

/// Secrets in memory; can be locked.
#[derive(Default)]
pub struct MemoryKeychain {
    pub secrets: Mutex<HashMap<String, String>>,
    pub locked: AtomicBool,
}

impl MemoryKeychain {
    fn check(&self) -> Result<(), KeychainError> {
        if self.locked.load(Ordering::SeqCst) { Err(KeychainError::Locked) } else { Ok(()) }
    }
}

#[async_trait]
impl Keychain for MemoryKeychain {
    async fn get(&self, account: &str) -> Result<Option<String>, KeychainError> {
        self.check()?;
        Ok(self.secrets.lock().unwrap().get(account).cloned())
    }

    async fn set(&self, account: &str, secret: &str) -> Result<(), KeychainError> {
        self.check()?;
        self.secrets.lock().unwrap().insert(account.into(), secret.into());
        Ok(())
    }

    async fn delete(&self, account: &str) -> Result<(), KeychainError> {
        self.check()?;
        self.secrets.lock().unwrap().remove(account);
        Ok(())
    }
}

/// Remembers what it was asked to show.
#[derive(Default)]
pub struct RecordingNotifier {
    pub shown: Mutex<Vec<Notice>>,
    pub withdrawn: Mutex<Vec<String>>,
}

#[async_trait]
impl Notifier for RecordingNotifier {
    async fn show(&self, notice: Notice) -> Result<(), NotifierError> {
        self.shown.lock().unwrap().push(notice);
        Ok(())
    }

    async fn withdraw(&self, tag: &str) {
        self.withdrawn.lock().unwrap().push(tag.into());
    }

    async fn service_name(&self) -> Option<String> {
        Some("recording".into())
    }
}

/// The wall clock and what tests add to it.
#[derive(Default)]
pub struct MovedClock {
    pub ahead_ms: AtomicI64,
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        Timestamp(wall as i64 + self.ahead_ms.load(Ordering::SeqCst))
    }

    fn local_minute(&self) -> u16 {
        12 * 60
    }
}

pub struct Folder(pub PathBuf);

impl Downloads for Folder {
    fn folder(&self) -> Option<PathBuf> {
        Some(self.0.clone())
    }
}

/// One person's machine: what outlives the app.
#[derive(Clone)]
pub struct Machine {
    pub data_dir: PathBuf,
    pub keychain: Arc<MemoryKeychain>,
    pub notifier: Arc<RecordingNotifier>,
    pub clock: Arc<MovedClock>,
}

impl Machine {
    pub fn new(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            keychain: Arc::default(),
            notifier: Arc::default(),
            clock: Arc::default(),
        }
    }

    pub fn options(&self) -> CoreOptions {
        CoreOptions {
            data_dir: self.data_dir.clone(),
            profile: "main".into(),
            device_name: Some("test".into()),
            keychain: self.keychain.clone(),
            notifier: self.notifier.clone(),
            clicks: None,
            clock: self.clock.clone(),
            local_mode: None,
            downloads: Arc::new(Folder(self.data_dir.join("downloads"))),
            clipboard: None,
        }
    }

    pub async fn open(&self) -> Arc<Core> {
        Core::open(self.options()).await.expect("the core opens")
    }

    /// The folder of the only account.
    pub fn account_folder(&self) -> PathBuf {
        let mut folders = std::fs::read_dir(self.data_dir.join("accounts")).unwrap();
        folders.next().expect("an account").unwrap().path()
    }
}

pub fn key(text: &str) -> ConversationKey {
    ConversationKey::try_from(text.to_owned()).unwrap()
}

pub async fn thread(core: &Core, conversation: &str) -> ThreadView {
    core.thread_get(ThreadQuery { conversation: key(conversation), before: None, limit: 50 }).await.unwrap()
}

pub async fn send(core: &Core, conversation: &str, body: &str) -> MessageView {
    core.message_send(MessageSend { conversation: key(conversation), body: body.into() }).await.unwrap()
}

pub async fn connection(core: &Core) -> ConnectionView {
    core.connection_get(Nothing {}).await.unwrap()
}

/// Waits until something holds, for at most ten seconds.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < Duration::from_secs(10), "not within ten seconds: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub async fn until_online(core: &Core) {
    until("online", || async { connection(core).await.state == ConnectionState::Online }).await;
}

pub async fn until_offline(core: &Core) {
    until("offline", || async { connection(core).await.state == ConnectionState::Offline }).await;
}

/// Collects all events of a core.
pub fn record(core: &Core) -> Arc<Mutex<Vec<UiEvent>>> {
    let events = Arc::new(Mutex::new(Vec::new()));
    let (mut stream, into) = (core.subscribe(), events.clone());
    tokio::spawn(async move {
        while let Some(batch) = stream.next().await {
            into.lock().unwrap().extend(batch);
        }
    });
    events
}

/// Signs person 1 in.
pub async fn sign_in(core: &Core, hall: &hall::Hall) -> SessionView {
    let request =
        SignIn { server_url: hall.url.clone(), email: "1@example.com".into(), password: hall::PASSWORD.into() };
    core.session_sign_in(request).await.unwrap()
}

//! A server, its people, and their devices.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use guildhall_client::{Core, CoreOptions, ports};
use guildhall_contract::{
    commands::Nothing,
    connection::{Attention, ConnectionState, ConnectionView},
    conversations::{ConversationKey, ConversationQuery, ConversationRef, ConversationRow},
    errors::AppError,
    messages::{MessageSend, MessageState, MessageView, ThreadQuery},
    sessions::{Register, RegisterBody, SessionView, SignIn},
    targets::Target,
    ui_events::UiEvent,
};
use guildhall_market::{
    ids::{MessageId, UserId},
    messages::Subject,
    time::Timestamp,
};
use guildhall_server::{Server, ServerConfig};

use crate::{FaultProxy, Link, MemoryKeychain, RecordingNotifier, eventually};
use tokio::sync::mpsc;

/// The password of everybody.
pub const PASSWORD: &str = "a long enough password";

/// A server with a folder of its own.
pub struct World {
    folder: tempfile::TempDir,
    config: ServerConfig,
    server: Option<Server>,
    http: reqwest::Client,
    /// What people do without a device needs one.
    tokens: Mutex<HashMap<UserId, String>>,
}

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

impl World {
    /// Starts a server on SQLite, with room for fast writers.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts a server with settings of one's own.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = ServerConfig::local(folder.path().join("server"));
        config.weak_password_hashes = true;
        // Stories write faster than people; the rate has tests of its own.
        config.message_rate_max = 100_000;
        // Everybody comes from one address here; the budgets of sources have tests of their own.
        config.sign_in.per_source = 100_000;
        config.sign_in.registrations_per_source = 100_000;
        change(&mut config);
        let server = Server::start(config.clone()).await.unwrap_or_else(|e| panic!("the server starts: {e}"));
        Self { folder, config, server: Some(server), http: reqwest::Client::new(), tokens: Mutex::default() }
    }

    /// The running server.
    ///
    /// # Panics
    /// While it is stopped.
    pub fn server(&self) -> &Server {
        self.server.as_ref().expect("the server runs")
    }

    /// The server's folder.
    pub fn server_folder(&self) -> PathBuf {
        self.config.data_dir.clone()
    }

    /// Where a client would connect without a proxy.
    pub fn url(&self) -> String {
        format!("http://{}", self.server().addresses().http)
    }

    /// Stops the server as an operator would.
    pub async fn stop_server(&mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown().await;
        }
    }

    /// Starts the server again with the same data, on another port. Devices follow when they are told
    /// ([`Device::follow`]).
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_server(&mut self) {
        let server =
            Server::start(self.config.clone()).await.unwrap_or_else(|e| panic!("the server starts again: {e}"));
        self.server = Some(server);
    }

    /// Makes an account.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn person(&self, name: &str) -> Person {
        let email = format!("{}@example.com", name.to_lowercase());
        let ask = async |path: &str, body: serde_json::Value| {
            let answer = self.http.post(format!("{}{path}", self.url())).json(&body).send().await;
            let answer = answer.expect("the server answers");
            assert!(answer.status().is_success(), "{name} can come in: {}", answer.status());
            answer.json::<serde_json::Value>().await.expect("JSON")
        };
        let answer = if self.config.mail.is_some() {
            // Where letters are sent an account takes a code: here it is about somebody who is there.
            let (name, email, password) = (name.to_owned(), email.clone(), PASSWORD.to_owned());
            let body = RegisterBody { name, email: email.clone(), password, trade: None, device_name: None };
            self.server().add_person(body).await.unwrap_or_else(|e| panic!("an account is made: {e:?}"));
            ask("/api/login", serde_json::json!({ "email": email, "password": PASSWORD, "device_name": "World" })).await
        } else {
            let body =
                serde_json::json!({ "name": name, "email": email, "password": PASSWORD, "device_name": "World" });
            ask("/api/register", body).await
        };
        let id = answer["data"]["user"]["id"].as_i64().expect("an id");
        let token = answer["data"]["token"].as_str().expect("a token").to_owned();
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(UserId(id), token);
        Person { id: UserId(id), name: name.to_owned(), email }
    }

    /// Somebody writes, without a device of theirs.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn says(&self, from: &Person, to: &Person, body: &str) {
        let message = serde_json::json!({ "recipient_id": to.id.0, "content": body });
        let token = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(&from.id).cloned();
        let token = token.expect("an account that this world made");
        let request = self.http.post(format!("{}/api/messages", self.url())).bearer_auth(token).json(&message);
        let answer = request.send().await.expect("the server answers");
        assert!(answer.status().is_success(), "{} can write {body:?}: {}", from.name, answer.status());
    }

    /// A device of somebody, signed in, behind a link of its own.
    ///
    /// # Panics
    /// When signing in fails.
    pub async fn device(&self, person: &Person, name: &str) -> Device {
        let folder = self.folder.path().join(format!("{}-{name}", person.name));
        let proxy = FaultProxy::start(self.server().addresses().http).await;
        let device = Device::open(folder, proxy).await;
        device.sign_in(person).await;
        device
    }

    /// Somebody new with one device.
    pub async fn person_with_device(&self, name: &str) -> (Person, Device) {
        let person = self.person(name).await;
        let device = self.device(&person, "laptop").await;
        (person, device)
    }
}

/// The time on a device, which a test can move.
#[derive(Default)]
pub struct HandClock {
    ahead_ms: Mutex<i64>,
}

impl HandClock {
    /// Moves this device's clock.
    pub fn advance_ms(&self, ms: i64) {
        *self.ahead_ms.lock().unwrap_or_else(PoisonError::into_inner) += ms;
    }
}

impl ports::Clock for HandClock {
    fn now(&self) -> Timestamp {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX));
        Timestamp(wall + *self.ahead_ms.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn local_minute(&self) -> u16 {
        u16::try_from(self.now().0 / 60_000 % 1_440).unwrap_or(0)
    }
}

struct Folder(PathBuf);

impl ports::Downloads for Folder {
    fn folder(&self) -> Option<PathBuf> {
        Some(self.0.clone())
    }
}

/// One device: a core with real files, behind a link that can be broken.
pub struct Device {
    folder: PathBuf,
    core: Option<Arc<Core>>,
    /// The link.
    pub proxy: FaultProxy,
    /// What was shown to its owner by the system.
    pub notifier: Arc<RecordingNotifier>,
    clicks: Mutex<Option<mpsc::UnboundedSender<ports::Click>>>,
    /// Where its tokens are.
    pub keychain: Arc<MemoryKeychain>,
    /// Its clock.
    pub clock: Arc<HandClock>,
    /// The server inside its app, where it has one, from the next start on.
    pub local_mode: Option<Arc<dyn ports::LocalMode>>,
}

impl Device {
    /// Opens a device with its data in `folder`.
    ///
    /// # Panics
    /// When the core does not open.
    pub async fn open(folder: PathBuf, proxy: FaultProxy) -> Self {
        let mut device = Self {
            folder,
            core: None,
            proxy,
            notifier: Arc::default(),
            clicks: Mutex::default(),
            keychain: Arc::default(),
            clock: Arc::default(),
            local_mode: None,
        };
        device.reopen().await;
        device
    }

    /// Starts the app on this device, with the files that are there.
    ///
    /// # Panics
    /// When the core does not open.
    pub async fn reopen(&mut self) {
        self.core = Some(Core::open(self.options()).await.unwrap_or_else(|e| panic!("the core opens: {e}")));
    }

    /// What the app on this device is started with.
    pub fn options(&self) -> CoreOptions {
        let (sender, clicks) = mpsc::unbounded_channel();
        *self.clicks.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        CoreOptions {
            data_dir: self.folder.clone(),
            profile: "main".into(),
            device_name: Some("Test device".into()),
            keychain: Arc::clone(&self.keychain) as _,
            notifier: Arc::clone(&self.notifier) as _,
            clicks: Some(clicks),
            clock: Arc::clone(&self.clock) as _,
            local_mode: self.local_mode.clone(),
            downloads: Arc::new(Folder(self.folder.join("downloads"))),
            clipboard: None,
        }
    }

    /// Its owner clicks a notice, or a button of it.
    pub fn clicks(&self, tag: &str, action: Option<&str>) {
        let click = ports::Click { tag: tag.to_owned(), action: action.map(str::to_owned) };
        let clicks = self.clicks.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = clicks.as_ref().map(|clicks| clicks.send(click));
    }

    /// Ends the app on this device.
    pub async fn close(&mut self) {
        if let Some(core) = self.core.take() {
            core.shutdown().await;
        }
    }

    /// The core.
    ///
    /// # Panics
    /// While the app is closed.
    pub fn core(&self) -> &Arc<Core> {
        self.core.as_ref().expect("the app runs on this device")
    }

    /// The folder of this device's data.
    pub fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// Signs in and waits until nothing is missing.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn sign_in(&self, person: &Person) {
        let request =
            SignIn { server_url: self.proxy.url(), email: person.email.clone(), password: PASSWORD.into(), code: None };
        let session =
            self.core().session_sign_in(request).await.unwrap_or_else(|e| panic!("{} signs in: {e}", person.name));
        assert!(matches!(session, SessionView::SignedIn { .. }));
        self.is_online().await;
    }

    /// Makes an account from this device and signs in.
    ///
    /// # Errors
    /// As the command.
    pub async fn register(&self, name: &str, email: &str) -> Result<SessionView, AppError> {
        let request = Register {
            server_url: self.proxy.url(),
            name: name.into(),
            email: email.into(),
            password: PASSWORD.into(),
            trade: None,
        };
        self.core().session_register(request).await
    }

    /// Waits until the device is connected and nothing is missing.
    pub async fn is_online(&self) {
        eventually("the device is online", async || self.connection().await == ConnectionState::Online).await;
    }

    /// The state of the connection.
    ///
    /// # Panics
    /// When the core does not answer.
    pub async fn connection(&self) -> ConnectionState {
        self.core().connection_get(Nothing {}).await.expect("the state is always known").state
    }

    /// The session, as the interface sees it.
    ///
    /// # Panics
    /// When the core does not answer.
    pub async fn session(&self) -> SessionView {
        self.core().session_get(Nothing {}).await.expect("it is always known who is here")
    }

    /// All that is known of the connection.
    ///
    /// # Panics
    /// When the core does not answer.
    pub async fn link(&self) -> ConnectionView {
        self.core().connection_get(Nothing {}).await.expect("the state is always known")
    }

    /// The network goes away, and the device notices.
    pub async fn goes_offline(&self) {
        self.proxy.set(Link::Cut);
        eventually("the device is offline", async || self.connection().await == ConnectionState::Offline).await;
    }

    /// The network comes back, and the device notices.
    pub async fn comes_online(&self) {
        self.proxy.set(Link::Up);
        self.core().network_changed();
        self.is_online().await;
    }

    /// The server came back on another port.
    pub fn follow(&self, world: &World) {
        self.proxy.retarget(world.server().addresses().http);
    }

    /// Writes a message. When this answers, it is accepted.
    ///
    /// # Panics
    /// When the core refuses.
    pub async fn writes(&self, to: &Person, body: &str) -> MessageView {
        let request = MessageSend { conversation: with(to), body: body.into() };
        self.core().message_send(request).await.unwrap_or_else(|e| panic!("{body:?} is accepted: {e}"))
    }

    /// The newest messages with somebody, oldest first, at most 200.
    ///
    /// # Panics
    /// When the core refuses.
    pub async fn thread(&self, other: &Person) -> Vec<MessageView> {
        let query = ThreadQuery { conversation: with(other), before: None, limit: 200 };
        self.core().thread_get(query).await.expect("a thread is always there").messages
    }

    /// The id the server gave to the message of this text, as soon as this device knows it: it is told after the
    /// other's device may have shown the message.
    ///
    /// # Panics
    /// When it is not sent.
    pub async fn sent(&self, other: &Person, body: &str) -> MessageId {
        eventually(&format!("{body:?} is sent"), async || self.id_of(other, body).await.is_some()).await;
        self.id_of(other, body).await.expect("just there")
    }

    async fn id_of(&self, other: &Person, body: &str) -> Option<MessageId> {
        self.thread(other).await.into_iter().find(|message| message.body == body)?.id
    }

    /// All messages with somebody that are on this device, oldest first.
    ///
    /// # Panics
    /// When the core refuses.
    pub async fn whole_thread(&self, other: &Person) -> Vec<MessageView> {
        let mut all: Vec<MessageView> = Vec::new();
        loop {
            let query = ThreadQuery { conversation: with(other), before: all.first().map(|m| m.order), limit: 200 };
            let mut page = self.core().thread_get(query).await.expect("a thread is always there").messages;
            if page.is_empty() {
                return all;
            }
            page.append(&mut all);
            all = page;
        }
    }

    /// The texts with somebody, oldest first, at most 200.
    pub async fn texts(&self, other: &Person) -> Vec<String> {
        self.thread(other).await.into_iter().map(|m| m.body).collect()
    }

    /// The states of the messages that this person wrote, oldest first.
    pub async fn states(&self, other: &Person) -> Vec<MessageState> {
        self.thread(other).await.into_iter().filter(|m| m.mine).map(|m| m.state).collect()
    }

    /// Waits until this text from or to somebody is there once.
    pub async fn sees(&self, other: &Person, body: &str) {
        eventually(&format!("{body:?} is there once"), async || {
            self.texts(other).await.iter().filter(|text| *text == body).count() == 1
        })
        .await;
    }

    /// Waits until the conversation with `other` holds just these texts, in this order: what another device sent
    /// reaches this one in its own time.
    ///
    /// # Panics
    /// When it does not come to that.
    pub async fn comes_to(&self, other: &Person, texts: &[&str]) {
        eventually(&format!("just {texts:?}"), async || self.texts(other).await == texts).await;
    }

    /// The conversation list.
    ///
    /// # Panics
    /// When the core refuses.
    pub async fn conversations(&self) -> Vec<ConversationRow> {
        let query = ConversationQuery { unread_only: false, name: None, limit: 100 };
        self.core().conversation_list(query).await.expect("the list is always there")
    }

    /// Looks at a conversation with the window in front, which marks it as read.
    ///
    /// # Panics
    /// When the core refuses.
    pub async fn reads(&self, other: &Person) {
        self.looks_at(Some(other)).await;
        self.core()
            .conversation_read(ConversationRef { conversation: with(other) })
            .await
            .expect("reading is accepted");
    }

    /// Puts the window in front with a conversation open, or away.
    ///
    /// # Panics
    /// When the core refuses.
    pub async fn looks_at(&self, other: Option<&Person>) {
        let attention = Attention { focused: other.is_some(), target: other.map(leads_to) };
        self.core().attention_set(attention).await.expect("attention is accepted");
    }

    /// Unread messages.
    ///
    /// # Panics
    /// When the core refuses.
    pub async fn unread(&self) -> u32 {
        self.core().unread_get(Nothing {}).await.expect("counts are always there").messages
    }

    /// All events from now on.
    pub fn records(&self) -> Arc<Mutex<Vec<UiEvent>>> {
        let events: Arc<Mutex<Vec<UiEvent>>> = Arc::default();
        let (mut stream, into) = (self.core().subscribe(), Arc::clone(&events));
        tokio::spawn(async move {
            while let Some(batch) = stream.next().await {
                into.lock().unwrap_or_else(PoisonError::into_inner).extend(batch);
            }
        });
        events
    }

    /// The folder of the only account on this device.
    ///
    /// # Panics
    /// When there is none.
    pub fn account_folder(&self) -> PathBuf {
        let mut folders = std::fs::read_dir(self.folder.join("accounts")).expect("there is a folder of accounts");
        folders.next().expect("somebody signed in here").expect("readable").path()
    }

    /// Waits for an event that fits.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn hears(&self, what: &str, mut fits: impl FnMut(&UiEvent) -> bool) -> UiEvent {
        let mut stream = self.core().subscribe();
        let waiting = async {
            loop {
                let events = stream.next().await.unwrap_or_else(|| panic!("the stream ended before {what}"));
                if let Some(event) = events.into_iter().find(|event| fits(event)) {
                    return event;
                }
            }
        };
        tokio::time::timeout(crate::wait::PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never heard: {what}"))
    }
}

/// Where what is said with somebody leads.
pub fn leads_to(other: &Person) -> Target {
    Target::of("inbox", with(other))
}

/// The conversation with somebody, about nothing in particular.
pub fn with(other: &Person) -> ConversationKey {
    ConversationKey { user: other.id, subject: Subject::None }
}

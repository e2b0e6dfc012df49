//! What a server can be told. Flags come first, then the environment, then a `.env` file; the names of both Laravel
//! systems are read, so that their block of settings can be pasted.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use guildhall_market::{messages::RATE_MESSAGES_MAX, phones::Region};
use guildhall_pusher::{auth::App, limits::ACTIVITY_TIMEOUT_S, settings::AppSettings};

use url::Url;

use crate::{
    clock::{Chance, Clock, SystemChance, SystemClock},
    patience::{PATIENCE, Patience},
    providers::ProviderSettings,
};

/// Settings of one server.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where REST is served. Port 0 is any free one.
    pub http: SocketAddr,
    /// Where realtime is served. Port 0 is any free one.
    pub realtime: SocketAddr,
    /// The folder of the database and the files.
    pub data_dir: PathBuf,
    /// `postgres://…`; absent for SQLite in the data folder.
    pub database: Option<String>,
    /// Certificate chain and key, PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The realtime apps. The market speaks on the first; the others are guests.
    pub apps: Vec<AppSettings>,
    /// Threads that serve realtime sockets.
    pub realtime_threads: usize,
    /// Realtime connections from one address other than 127.0.0.1 and ::1, where a proxy may stand.
    pub connections_per_address_max: usize,
    /// The name of this hall.
    pub name: String,
    /// Fill an empty database with the demo market.
    pub demo: bool,
    /// Let the people of the demo market write and answer by themselves.
    pub demo_life: bool,
    /// Messages that a user may send in any second.
    pub message_rate_max: usize,
    /// The activity timeout told to realtime clients, seconds.
    pub activity_timeout_s: u64,
    /// Budgets of signing in and registering.
    pub sign_in: SignInLimits,
    /// The host of the address under which clients reach this server, with its port where that is not the scheme's own.
    /// Needed behind a proxy when listening on loopback only.
    pub public_host: Option<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Who may read `/metrics` and `/openapi.json`.
    pub inspection: Inspection,
    /// Bytes that the sent files of one person may take.
    pub store_bytes_per_person_max: i64,
    /// Before `/app/…` and `/apps/…`, beside the plain addresses: `/realtime`, or empty.
    pub path_prefix: String,
    /// How letters leave. Without it they wait, and codes are shown to administrators.
    pub mail: Option<MailSettings>,
    /// Who moves money.
    pub providers: ProviderSettings,
    /// How texts to phones leave. Without it codes are shown to administrators.
    pub texts: Option<TextSettings>,
    /// By whose ways numbers are read that begin without a country's own.
    pub phone_region: Region,
    /// Tell a person's codes in the app itself where no letter can be sent: on a server of one's own, on this machine.
    pub codes_in_the_app: bool,
    /// The file of the key outside of the database; in the data folder where none is named.
    pub key_file: Option<PathBuf>,
    /// How long connections may keep the server waiting.
    pub patience: Patience,
    /// How long somebody may be away before others are told.
    pub away_after: Duration,
    /// Make passwords cheap to check, for tests only: hashing one well takes tens of milliseconds.
    pub weak_password_hashes: bool,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What is drawn at random.
    pub chance: Arc<dyn Chance>,
}

/// A mail server through which letters leave.
#[derive(Clone)]
pub struct MailSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is encrypted.
    pub encryption: MailEncryption,
    /// The name and the password it wants, if it wants any. Never stored.
    pub login: Option<(String, String)>,
    /// Whom letters are from: an address.
    pub from: String,
    /// A certificate (PEM) of an authority to be trusted beside those of the system.
    pub authority: Option<PathBuf>,
}

/// Without the password.
impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, encryption, login, from, authority } = self;
        let user = login.as_ref().map(|(user, _)| user);
        write!(
            f,
            "MailSettings {{ {host}:{port}, {encryption:?}, user {user:?}, from {from}, authority {authority:?} }}"
        )
    }
}

/// A provider through which texts to phones leave, by Twilio's API or one that is the same.
#[derive(Clone)]
pub struct TextSettings {
    /// Where it answers.
    pub address: Url,
    /// The account there: `AC…`.
    pub account: String,
    /// What the account shows. Never stored.
    pub token: String,
    /// Whom texts are from: a number, a name, or a service that chooses one (`MG…`).
    pub from: String,
}

/// Without the token.
impl std::fmt::Debug for TextSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { address, account, from, .. } = self;
        write!(f, "TextSettings {{ {address}, account {account}, from {from} }}")
    }
}

/// How the way to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailEncryption {
    /// From the first byte on; port 465.
    Tls,
    /// After STARTTLS, which the server must offer; port 587.
    #[default]
    StartTls,
    /// Not at all: to a server on this machine. A password is then never sent elsewhere.
    None,
}

/// Budgets of signing in and registering. Each refills within a minute, that of registrations within ten.
#[derive(Clone, Copy, Debug)]
pub struct SignInLimits {
    /// Tries for one account from one source.
    pub per_account_and_source: u32,
    /// Tries from one source, whatever the account.
    pub per_source: u32,
    /// Tries for one account from sources that never signed in to it.
    pub per_account: u32,
    /// Accounts made from one source.
    pub registrations_per_source: u32,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self { per_account_and_source: 10, per_source: 120, per_account: 100, registrations_per_source: 150 }
    }
}

/// Who may read what tells of the server itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Inspection {
    /// Everybody who reaches the server.
    #[default]
    Open,
    /// Requests made on this machine itself, not passed on by a proxy.
    Loopback,
    /// Those, and whoever shows this bearer token.
    Token(String),
}

/// Connections of one address on each listener, unless the operator says otherwise: many phones of one carrier share an
/// address, and each has a socket and a few requests.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 4_096;

/// How long somebody may be away unnoticed (domain edge case 112).
pub const AWAY_AFTER: Duration = Duration::from_secs(30);

/// Bytes that the sent files of one person may take unless the operator says otherwise: 2 GiB.
pub const STORE_BYTES_PER_PERSON_MAX: i64 = 2 * 1024 * 1024 * 1024;

/// The demo's credentials, as the artisan system's document prints them.
pub fn demo_app() -> App {
    App { id: "mysharpjob".into(), key: "mysharpjob-key".into(), secret: "mysharpjob-secret".into() }
}

/// One loop for each two processors: the other half has requests to answer, and the kernel's part of each socket.
pub fn realtime_threads() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get().div_ceil(2))
}

impl ServerConfig {
    /// The app that the market speaks on.
    pub fn market_app(&self) -> &AppSettings {
        self.apps.first().expect("a server has at least one app: every way to make settings puts one in")
    }

    /// The file of the key outside of the database.
    pub fn key_file(&self) -> PathBuf {
        self.key_file.clone().unwrap_or_else(|| self.data_dir.join("vault.key"))
    }

    /// Where the key lies with which statements are signed: beside the other one.
    pub fn signing_key_file(&self) -> PathBuf {
        self.key_file().with_file_name("signing.key")
    }

    /// A server on free ports of loopback.
    pub fn local(data_dir: PathBuf) -> Self {
        Self {
            http: SocketAddr::from(([127, 0, 0, 1], 0)),
            realtime: SocketAddr::from(([127, 0, 0, 1], 0)),
            data_dir,
            database: None,
            tls: None,
            apps: vec![demo_app().into()],
            realtime_threads: realtime_threads(),
            connections_per_address_max: usize::MAX,
            name: "Guildhall".into(),
            demo: false,
            demo_life: false,
            message_rate_max: RATE_MESSAGES_MAX,
            activity_timeout_s: ACTIVITY_TIMEOUT_S,
            sign_in: SignInLimits::default(),
            public_host: None,
            trusted_proxies: Vec::new(),
            inspection: Inspection::default(),
            store_bytes_per_person_max: STORE_BYTES_PER_PERSON_MAX,
            path_prefix: String::new(),
            mail: None,
            // Nothing there moves money.
            providers: ProviderSettings { sandbox: true, ..ProviderSettings::default() },
            texts: None,
            phone_region: Region::default(),
            codes_in_the_app: true,
            key_file: None,
            patience: PATIENCE,
            away_after: AWAY_AFTER,
            weak_password_hashes: false,
            clock: Arc::new(SystemClock),
            chance: Arc::new(SystemChance),
        }
    }
}

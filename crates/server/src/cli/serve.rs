//! `guildhall-server serve`

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    path::PathBuf,
};

use guildhall_market::phones::Region;
use guildhall_pusher::{limits::ACTIVITY_TIMEOUT_S, settings::AppSettings};
use listenfd::ListenFd;

use crate::{
    Inherited, Server, ServerConfig, StartError, address, apps,
    config::{self, Inspection, SignInLimits},
    environment::{self, Asked},
    providers::ProviderSettings,
};

/// Bytes of a MiB.
const MIB: i64 = 1024 * 1024;

#[derive(clap::Args)]
pub struct Serve {
    /// Where REST is served; port 0 is any free one.
    #[arg(long, default_value = "127.0.0.1:8000")]
    http: SocketAddr,
    /// Where realtime is served; port 0 is any free one. [default: REVERB_SERVER_HOST and _PORT, else PUSHER_HOST
    /// and _PORT where the host is an IP address, else 127.0.0.1:6001]
    #[arg(long)]
    realtime: Option<SocketAddr>,
    /// The folder of the database and the files.
    #[arg(long, default_value = "guildhall-data")]
    data: PathBuf,
    /// A PostgreSQL database, postgres://USER@HOST/NAME. Without it, SQLite in the data folder.
    #[arg(long, env = "GUILDHALL_DATABASE")]
    database: Option<String>,
    /// A file to write the bound addresses to, once requests are answered.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// Certificate chain, PEM.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Key of the certificate, PEM.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve other machines without TLS all the same.
    #[arg(long)]
    insecure_in_the_open: bool,
    /// Fill an empty database with the demo market; its people answer by themselves.
    #[arg(long)]
    demo: bool,
    /// The name of this hall, as people see it when they choose a server.
    #[arg(long, default_value = "Guildhall")]
    name: String,
    /// Messages that one person may send in any second.
    #[arg(long, default_value_t = guildhall_market::messages::RATE_MESSAGES_MAX)]
    message_rate: usize,
    /// A further realtime app, for another application: ID:KEY:SECRET. May be given several times.
    #[arg(long = "app", value_name = "ID:KEY:SECRET", value_parser = apps::parse_app)]
    apps: Vec<AppSettings>,
    /// A JSON file of realtime apps with their limits. The first of it is the market's own, unless PUSHER_APP_ID is set.
    #[arg(long, value_name = "FILE")]
    apps_file: Option<PathBuf>,
    /// A site whose pages may connect to the market's app, such as https://shop.example or *.shop.example. May be given
    /// several times; without it all may.
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Realtime connections of the market's app at once. [default: REVERB_APP_MAX_CONNECTIONS, else no limit]
    #[arg(long, value_name = "N")]
    max_connections: Option<usize>,
    /// Client events that one connection may send in any second.
    #[arg(long, value_name = "N")]
    max_client_events: Option<u32>,
    /// Channels that one connection may listen to, for every app. [default: 10000]
    #[arg(long, value_name = "N")]
    max_subscriptions: Option<usize>,
    /// Bytes of one event's data at most, for every app. [default: REVERB_APP_MAX_MESSAGE_SIZE for the market's, else
    /// 102400; Laravel Reverb's is 10000]
    #[arg(long, value_name = "BYTES")]
    max_event_bytes: Option<usize>,
    /// Tell subscribers how many they are.
    #[arg(long)]
    subscription_counts: bool,
    /// An address that is told of channels, members and client events of the market's app. May be given several times.
    #[arg(long = "webhook", value_name = "URL")]
    webhooks: Vec<String>,
    /// Connections from one address other than 127.0.0.1, ::1 and the trusted proxies, on each listener. [default: 4096]
    #[arg(long, value_name = "N")]
    max_connections_per_address: Option<usize>,
    /// The address under which clients reach this server through a proxy, such as https://hall.example. Other hosts are
    /// refused when it listens on loopback only.
    #[arg(long, value_name = "URL", value_parser = address::public_host)]
    public_url: Option<String>,
    /// What stands before /app and /apps for clients whose address has a path, such as /realtime. [default:
    /// REVERB_SERVER_PATH]
    #[arg(long, value_name = "PATH", value_parser = environment::checked_prefix)]
    path_prefix: Option<String>,
    /// A proxy whose X-Forwarded-For is believed. May be given several times.
    #[arg(long = "trusted-proxy", value_name = "IP")]
    trusted_proxies: Vec<IpAddr>,
    /// Only requests made on this machine may read /metrics and /openapi.json.
    #[arg(long)]
    inspect_locally: bool,
    /// Requests made on this machine and those with this bearer token may read /metrics and /openapi.json, nobody else.
    #[arg(long, value_name = "TOKEN", env = "GUILDHALL_INSPECT_TOKEN", hide_env_values = true)]
    inspect_token: Option<String>,
    /// MiB that the sent files of one person may take.
    #[arg(long, value_name = "MIB", default_value_t = config::STORE_BYTES_PER_PERSON_MAX / MIB)]
    store_per_person: i64,
    /// Accounts that may be made from one address within ten minutes.
    #[arg(long, value_name = "N", default_value_t = SignInLimits::default().registrations_per_source)]
    registrations_per_address: u32,
    /// Threads for realtime sockets. [default: one for each two processors]
    #[arg(long, value_name = "N")]
    realtime_threads: Option<usize>,
    /// Seconds of silence after which a realtime client is asked whether it is still there. [default:
    /// REVERB_APP_ACTIVITY_TIMEOUT, else 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3_600))]
    activity_timeout: Option<u64>,
    /// The mail server through which letters leave. [default: MAIL_HOST; without either none leave, and codes are shown to
    /// administrators]
    #[arg(long, value_name = "HOST")]
    mail_host: Option<String>,
    /// Its port. [default: MAIL_PORT, else 465 for tls, 587 for starttls, 25 for none]
    #[arg(long, value_name = "PORT")]
    mail_port: Option<u16>,
    /// How the way there is encrypted: starttls, tls, or none, to this machine only. [default: MAIL_ENCRYPTION or
    /// MAIL_SCHEME, else starttls]
    #[arg(long, value_name = "HOW")]
    mail_encryption: Option<String>,
    /// The name it wants; the password is read from MAIL_PASSWORD, or from a file. [default: MAIL_USERNAME]
    #[arg(long, value_name = "NAME")]
    mail_user: Option<String>,
    /// A file that holds the password for the mail server, and nothing else.
    #[arg(long, value_name = "FILE")]
    mail_password_file: Option<PathBuf>,
    /// Whom letters are from: an address. [default: MAIL_FROM_ADDRESS]
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// A certificate (PEM) of an authority that is trusted for the mail server, beside those of the system.
    #[arg(long, value_name = "FILE")]
    mail_authority: Option<PathBuf>,
    /// The account with which texts to phones are sent, at Twilio or whoever speaks its API; the token is read from
    /// TWILIO_AUTH_TOKEN, or from a file. [default: TWILIO_ACCOUNT_SID; without either none leave]
    #[arg(long, value_name = "ACCOUNT")]
    texts_account: Option<String>,
    /// A file that holds the account's token, and nothing else.
    #[arg(long, value_name = "FILE")]
    texts_token_file: Option<PathBuf>,
    /// Whom texts are from: a number, a name, or a service (MG…). [default: TWILIO_FROM]
    #[arg(long, value_name = "NUMBER")]
    texts_from: Option<String>,
    /// Where the provider of texts answers. [default: https://api.twilio.com]
    #[arg(long, value_name = "URL")]
    texts_address: Option<String>,
    /// The country by whose ways phone numbers are read that begin without a country's own: NG, GH, GB.
    #[arg(long, value_name = "COUNTRY", default_value = "NG")]
    phone_region: Region,
    /// The file of the key with which secrets in the database are sealed. It is made where there is none; several servers
    /// on one database share it. [default: vault.key in the data folder]
    #[arg(long, value_name = "FILE", env = "GUILDHALL_KEY_FILE")]
    key_file: Option<PathBuf>,
    /// Log every request, connection, subscription, frame and event, with its app, channel and size.
    #[arg(long)]
    pub debug: bool,
    /// Write the log as JSON, a line for each entry.
    #[arg(long)]
    pub log_json: bool,
}

impl Serve {
    pub async fn run(self: Box<Self>) -> Result<(), String> {
        let arguments = *self;
        let get = |name: &str| std::env::var(name).ok();
        let inherited = inherited()?;
        let held = |listener: &Option<TcpListener>| listener.as_ref().and_then(|l| l.local_addr().ok());
        let http = held(&inherited.http).unwrap_or(arguments.http);
        let realtime = match held(&inherited.realtime).or(arguments.realtime) {
            Some(address) => address,
            None => environment::realtime(get)?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 6001))),
        };
        for (name, why) in environment::unused(get) {
            tracing::warn!("{name} is set and has no effect here: {why}");
        }
        let asked = environment::asked(get)?;
        let apps = arguments.realtime_apps(get, asked)?;
        match rlimit::increase_nofile_limit(u64::MAX) {
            Ok(descriptors) => tracing::debug!(descriptors, "sockets and files that may be open at once"),
            Err(error) => tracing::warn!(%error, "the limit of open sockets cannot be raised"),
        }
        let tls = arguments.tls_cert.zip(arguments.tls_key);
        for address in [http, realtime] {
            if tls.is_none() && !arguments.insecure_in_the_open && !address.ip().is_loopback() {
                return Err(StartError::InTheOpen(address).to_string());
            }
        }
        let published = config::demo_app().secret;
        if apps.iter().any(|app| app.credentials.secret == published) {
            if let Some(address) = [http, realtime].iter().find(|address| !address.ip().is_loopback()) {
                return Err(format!(
                    "the secret of the demo is published, and with it everybody who reaches {address} could speak for this server: give PUSHER_APP_ID, PUSHER_APP_KEY and PUSHER_APP_SECRET (or REVERB_APP_…, or --apps-file) of your own, or listen on 127.0.0.1"
                ));
            }
            tracing::warn!(
                "this server runs on the published secret of the demo, good for trying only: give PUSHER_APP_ID, PUSHER_APP_KEY and PUSHER_APP_SECRET of your own"
            );
        }
        let mut providers = ProviderSettings::from_environment(get)?;
        // The people of a demo market have accounts at a bank that is none.
        providers.sandbox = arguments.demo;
        let mail = environment::mail(
            get,
            environment::MailArguments {
                host: arguments.mail_host,
                port: arguments.mail_port,
                encryption: arguments.mail_encryption,
                user: arguments.mail_user,
                password_file: arguments.mail_password_file,
                from: arguments.mail_from,
                authority: arguments.mail_authority,
            },
        )?;
        if let Some(mail) = &mail {
            crate::mail::check(mail)?;
        }
        let texts = environment::texts(
            get,
            environment::TextArguments {
                address: arguments.texts_address,
                account: arguments.texts_account,
                token_file: arguments.texts_token_file,
                from: arguments.texts_from,
            },
        )?;
        if let Some(texts) = &texts {
            crate::texts::check(texts)?;
        }
        let config = ServerConfig {
            http,
            realtime,
            mail,
            providers,
            texts,
            phone_region: arguments.phone_region,
            codes_in_the_app: false,
            key_file: arguments.key_file,
            database: arguments.database,
            tls,
            apps: apps.clone(),
            realtime_threads: arguments.realtime_threads.unwrap_or_else(config::realtime_threads),
            connections_per_address_max: arguments
                .max_connections_per_address
                .unwrap_or(config::CONNECTIONS_PER_ADDRESS_MAX),
            activity_timeout_s: arguments.activity_timeout.or(asked.activity_timeout_s).unwrap_or(ACTIVITY_TIMEOUT_S),
            name: arguments.name,
            public_host: arguments.public_url.or_else(|| environment::public_host(get)),
            path_prefix: match &arguments.path_prefix {
                Some(prefix) => prefix.clone(),
                None => environment::path_prefix(get)?,
            },
            trusted_proxies: arguments.trusted_proxies,
            inspection: match arguments.inspect_token {
                Some(token) => Inspection::Token(token),
                None if arguments.inspect_locally => Inspection::Loopback,
                None => Inspection::Open,
            },
            store_bytes_per_person_max: arguments.store_per_person.saturating_mul(MIB),
            sign_in: SignInLimits {
                registrations_per_source: arguments.registrations_per_address,
                ..SignInLimits::default()
            },
            demo: arguments.demo,
            demo_life: arguments.demo,
            message_rate_max: arguments.message_rate,
            ..ServerConfig::local(arguments.data)
        };
        let scheme = if config.tls.is_some() { ("https", "wss") } else { ("http", "ws") };
        let server = Server::start_on(config, inherited).await.map_err(|e| e.to_string())?;
        let bound = server.addresses();
        let lines = format!("http {}://{}\nrealtime {}://{}\n", scheme.0, bound.http, scheme.1, bound.realtime);
        print!("{lines}");
        for credentials in apps.iter().map(|app| &app.credentials) {
            // The number stands for the id in SDKs that take digits only.
            println!("app {} {} {}", credentials.id, credentials.numeric_id(), credentials.key);
        }
        for person in server.demo_people().await.map_err(|e| e.to_string())? {
            println!("demo {} {} {}", person.email, person.password, person.name);
        }
        if let Some(path) = arguments.ready_file {
            // Written aside and renamed, so that whoever waits for the file never reads half of it.
            let part = path.with_extension("part");
            std::fs::write(&part, &lines)
                .and_then(|()| std::fs::rename(&part, &path))
                .map_err(|e| format!("the ready file {} cannot be written: {e}", path.display()))?;
        }
        // So that a test can see what an operator sees then. Not in a release.
        #[cfg(debug_assertions)]
        if let Some(part) = get("GUILDHALL_PANIC_IN") {
            server.vitals().inject(&part);
        }
        let failed = tokio::select! {
            () = interrupted() => None,
            words = server.failed() => Some(words),
        };
        tracing::info!("stopping");
        server.shutdown().await;
        failed.map_or(Ok(()), Err)
    }

    /// The apps: the market's own first, with what the command line says of it, then those given, then the file's.
    fn realtime_apps(&self, get: impl Fn(&str) -> Option<String>, asked: Asked) -> Result<Vec<AppSettings>, String> {
        let mut all = match &self.apps_file {
            Some(path) => apps::read(path)?,
            None => Vec::new(),
        };
        let named =
            ["PUSHER_APP_ID", "REVERB_APP_ID"].iter().find_map(|name| get(name).filter(|id| !id.trim().is_empty()));
        let market = match named {
            // The environment names one of the file's apps: that one, with its limits.
            Some(id) if all.iter().any(|app| app.credentials.id == id) => {
                let at = all.iter().position(|app| app.credentials.id == id).unwrap_or(0);
                all.remove(at)
            }
            None if !all.is_empty() => all.remove(0),
            _ => environment::app(get).into(),
        };
        let market = self.market_app(market, asked)?;
        let mut all = [vec![market], self.apps.clone(), all].concat();
        for limits in all.iter_mut().map(|app| &mut app.limits) {
            limits.event_data_bytes_max = self.max_event_bytes.unwrap_or(limits.event_data_bytes_max);
            limits.subscriptions_max = self.max_subscriptions.unwrap_or(limits.subscriptions_max);
        }
        apps::unique(all)
    }

    fn market_app(&self, mut app: AppSettings, asked: Asked) -> Result<AppSettings, String> {
        app.origins.extend(self.origins.iter().cloned());
        app.subscription_counts |= self.subscription_counts;
        app.client_events &= !asked.no_client_events;
        let limits = &mut app.limits;
        limits.event_data_bytes_max = asked.event_data_bytes_max.unwrap_or(limits.event_data_bytes_max);
        limits.connections_max = self.max_connections.or(asked.connections_max).unwrap_or(limits.connections_max);
        limits.client_events_per_second_max = self.max_client_events.unwrap_or(limits.client_events_per_second_max);
        for address in &self.webhooks {
            app.webhooks.push(apps::webhook(address, Vec::new())?);
        }
        Ok(app)
    }
}

/// The listeners that systemd holds open for this service, if it does: the first for REST, the second for realtime.
fn inherited() -> Result<Inherited, String> {
    let mut held = ListenFd::from_env();
    let mut take = |place: usize| {
        if place >= held.len() {
            return Ok(None);
        }
        held.take_tcp_listener(place)
            .map_err(|e| format!("listener {place} that was handed over is no TCP listener: {e}"))
    };
    Ok(Inherited { http: take(0)?, realtime: take(1)? })
}

async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

//! What a server can be told. Flags come first, then the environment, then a `.env` file; the names of both Laravel
//! systems are read, so that their block of settings can be pasted.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use guildhall_market::messages::RATE_MESSAGES_MAX;
use guildhall_pusher::{auth::App, limits::ACTIVITY_TIMEOUT_S, settings::AppSettings};

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
    /// Make passwords cheap to check, for tests only: hashing one well takes tens of milliseconds.
    pub weak_password_hashes: bool,
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
            weak_password_hashes: false,
        }
    }
}

/// Reads the realtime app and the realtime port from environment names of either system. `get` looks a name up.
pub fn app_from_environment(get: impl Fn(&str) -> Option<String>) -> App {
    let demo = demo_app();
    let read = |name: &str, otherwise: String| get(name).filter(|v| !v.trim().is_empty()).unwrap_or(otherwise);
    App {
        id: read("PUSHER_APP_ID", demo.id),
        key: read("PUSHER_APP_KEY", demo.key),
        secret: read("PUSHER_APP_SECRET", demo.secret),
    }
}

/// The realtime address from environment names of either system, where they give one: `PUSHER_HOST` and `PUSHER_PORT`,
/// or `WEBSOCKETS_HOST` and `WEBSOCKETS_PORT`.
///
/// # Errors
/// A sentence that names the setting and what it should look like.
pub fn realtime_from_environment(get: impl Fn(&str) -> Option<String>) -> Result<Option<SocketAddr>, String> {
    for prefix in ["PUSHER", "WEBSOCKETS"] {
        let (host, port) = (get(&format!("{prefix}_HOST")), get(&format!("{prefix}_PORT")));
        if host.is_none() && port.is_none() {
            continue;
        }
        let host = host.unwrap_or_else(|| "127.0.0.1".into());
        let host = if host == "localhost" { "127.0.0.1".to_owned() } else { host };
        let port = port.unwrap_or_else(|| "6001".into());
        let address = format!("{host}:{port}").parse().map_err(|_| {
            format!("{prefix}_HOST and {prefix}_PORT must be an IP address and a port to listen on, such as 127.0.0.1 and 6001; found {host:?} and {port:?}")
        })?;
        return Ok(Some(address));
    }
    Ok(None)
}

/// Settings of the two systems that have no meaning here, and why, for those that are set.
pub fn unused_settings(get: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, &'static str)> {
    [
        (
            "PUSHER_APP_CLUSTER",
            "clusters exist only at the hosted service; the name is accepted from clients and ignored",
        ),
        ("PUSHER_SCHEME", "give --tls-cert and --tls-key for https"),
        ("BROADCAST_CONNECTION", "broadcasting is inside"),
        ("BROADCAST_DRIVER", "broadcasting is inside"),
        ("QUEUE_CONNECTION", "the queue is inside"),
        ("WEBSOCKETS_ENABLED", "realtime is always on"),
        ("WEBSOCKETS_SCHEME", "give --tls-cert and --tls-key for https"),
    ]
    .into_iter()
    .filter(|(name, _)| get(name).is_some())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
    }

    #[test]
    fn a_pasted_block_of_laravel_settings_is_understood() {
        let get = environment(&[
            ("PUSHER_APP_ID", "42"),
            ("PUSHER_APP_KEY", "k"),
            ("PUSHER_APP_SECRET", "s"),
            ("PUSHER_HOST", "127.0.0.1"),
            ("PUSHER_PORT", "6002"),
            ("PUSHER_APP_CLUSTER", "mt1"),
        ]);
        let app = app_from_environment(&get);
        assert_eq!((app.id.as_str(), app.key.as_str(), app.secret.as_str()), ("42", "k", "s"));
        assert_eq!(realtime_from_environment(&get), Ok(Some("127.0.0.1:6002".parse().expect("an address"))));
        assert_eq!(unused_settings(&get).iter().map(|(n, _)| *n).collect::<Vec<_>>(), ["PUSHER_APP_CLUSTER"]);
    }

    #[test]
    fn without_settings_the_demo_is_served_and_bad_ones_are_named() {
        assert_eq!(app_from_environment(environment(&[])).key, "mysharpjob-key");
        assert_eq!(realtime_from_environment(environment(&[])), Ok(None));
        let words = realtime_from_environment(environment(&[("WEBSOCKETS_PORT", "many")])).expect_err("not a port");
        assert!(words.contains("WEBSOCKETS_PORT") && words.contains("many"), "{words}");
    }
}

//! Settings of the environment, under the names that Laravel applications, Reverb and the demo's systems use, so that their
//! block of settings can be pasted. A name that is set to nothing counts as unset.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use guildhall_pusher::auth::App;
use url::Url;

use crate::config::{MailEncryption, MailSettings, TextSettings, demo_app};

/// Looks a name up; blank is unset.
fn read(get: &impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The realtime app: `PUSHER_APP_*`, else `REVERB_APP_*`, else the demo's.
pub fn app(get: impl Fn(&str) -> Option<String>) -> App {
    let demo = demo_app();
    let part = |part: &str, otherwise: String| {
        let found = ["PUSHER_APP", "REVERB_APP"].iter().find_map(|prefix| read(&get, &format!("{prefix}_{part}")));
        found.unwrap_or(otherwise)
    };
    App { id: part("ID", demo.id), key: part("KEY", demo.key), secret: part("SECRET", demo.secret) }
}

/// Where realtime listens, where the environment says so: `REVERB_SERVER_HOST` and `_PORT`, else `PUSHER_HOST` and `_PORT`,
/// else `WEBSOCKETS_HOST` and `_PORT`. A `PUSHER_HOST` that is a name is where clients find the server, and says nothing of
/// where it listens: neither does its port then.
///
/// # Errors
/// A sentence that names the setting and what it should look like.
pub fn realtime(get: impl Fn(&str) -> Option<String>) -> Result<Option<SocketAddr>, String> {
    for prefix in ["REVERB_SERVER", "PUSHER", "WEBSOCKETS"] {
        let (host_name, port_name) = (format!("{prefix}_HOST"), format!("{prefix}_PORT"));
        let (host, port) = (read(&get, &host_name), read(&get, &port_name));
        if host.is_none() && port.is_none() {
            continue;
        }
        let host = host.unwrap_or_else(|| "127.0.0.1".into());
        let host = if host == "localhost" { "127.0.0.1".to_owned() } else { host };
        let Ok(ip) = host.trim_matches(['[', ']']).parse::<IpAddr>() else {
            if prefix == "REVERB_SERVER" {
                return Err(format!(
                    "{host_name} must be an IP address to listen on, such as 127.0.0.1; found {host:?}"
                ));
            }
            continue;
        };
        let port = port.unwrap_or_else(|| "6001".into());
        let port = port
            .parse::<u16>()
            .map_err(|_| format!("{port_name} must be a port to listen on, such as 6001; found {port:?}"))?;
        return Ok(Some(SocketAddr::new(ip, port)));
    }
    Ok(None)
}

/// The name under which clients find this server, with its port where that is not the usual one: `REVERB_HOST`, else a
/// `PUSHER_HOST` or `WEBSOCKETS_HOST` that is a name.
pub fn public_host(get: impl Fn(&str) -> Option<String>) -> Option<String> {
    ["REVERB", "PUSHER", "WEBSOCKETS"].iter().find_map(|prefix| {
        let host = read(&get, &format!("{prefix}_HOST"))?;
        if host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            return None;
        }
        let port = read(&get, &format!("{prefix}_PORT")).filter(|port| port != "443" && port != "80");
        Some(port.map_or(host.clone(), |port| format!("{host}:{port}")).to_lowercase())
    })
}

/// What the command line says of the mail server.
#[derive(Clone, Debug, Default)]
pub struct MailArguments {
    /// Its name or address.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// How the way there is encrypted.
    pub encryption: Option<String>,
    /// The name it wants.
    pub user: Option<String>,
    /// A file that holds the password.
    pub password_file: Option<PathBuf>,
    /// Whom letters are from.
    pub from: Option<String>,
    /// A certificate of an authority.
    pub authority: Option<PathBuf>,
}

/// The mail server, where one is named: what the command line says, else Laravel's `MAIL_*`.
///
/// # Errors
/// A sentence that names the setting and what it should look like.
pub fn mail(get: impl Fn(&str) -> Option<String>, said: MailArguments) -> Result<Option<MailSettings>, String> {
    // Laravel's own ways without a server: a pasted block may name one all the same.
    if said.host.is_none() && read(&get, "MAIL_MAILER").is_some_and(|mailer| matches!(&*mailer, "log" | "array")) {
        return Ok(None);
    }
    let Some(host) = said.host.or_else(|| read(&get, "MAIL_HOST")) else { return Ok(None) };
    let how = said
        .encryption
        .or_else(|| read(&get, "MAIL_ENCRYPTION"))
        .or_else(|| read(&get, "MAIL_SCHEME"))
        .unwrap_or_else(|| "starttls".into());
    let encryption = match &*how.to_lowercase() {
        "starttls" | "tls_starttls" | "smtp" => MailEncryption::StartTls,
        // Laravel's `tls` on any port but 465 means STARTTLS.
        "tls" if said.port.is_none() && read(&get, "MAIL_PORT").is_some_and(|port| port != "465") => {
            MailEncryption::StartTls
        }
        "tls" | "ssl" | "smtps" => MailEncryption::Tls,
        "none" | "null" => MailEncryption::None,
        _ => {
            return Err(format!(
                "the encryption of the way to the mail server must be starttls, tls or none; found {how:?}"
            ));
        }
    };
    let port = match (said.port, read(&get, "MAIL_PORT")) {
        (Some(port), _) => port,
        (None, Some(port)) => {
            port.parse().map_err(|_| format!("MAIL_PORT must be a port, such as 587; found {port:?}"))?
        }
        (None, None) => match encryption {
            MailEncryption::Tls => 465,
            MailEncryption::StartTls => 587,
            MailEncryption::None => 25,
        },
    };
    let local = host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if encryption == MailEncryption::None && !local {
        return Err(format!(
            "letters hold codes, and without encryption they could be read on the way to {host}: say starttls or tls, or name a server on this machine"
        ));
    }
    let user = said.user.or_else(|| read(&get, "MAIL_USERNAME")).filter(|user| user != "null");
    let password = match said.password_file {
        Some(path) => {
            let text = std::fs::read_to_string(&path).map_err(|e| {
                format!("the file of the mail server's password, {}, cannot be read: {e}", path.display())
            })?;
            Some(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        None => read(&get, "MAIL_PASSWORD").filter(|password| password != "null"),
    };
    let login = match (user, password) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        (Some(_), None) => {
            return Err("the mail server's user has no password: give MAIL_PASSWORD or --mail-password-file".into());
        }
        (None, Some(_)) => {
            return Err("the mail server's password has no user: give MAIL_USERNAME or --mail-user".into());
        }
    };
    let from = said.from.or_else(|| read(&get, "MAIL_FROM_ADDRESS")).ok_or_else(|| {
        "letters need an address that they come from: give MAIL_FROM_ADDRESS or --mail-from, such as hall@example.com"
            .to_owned()
    })?;
    Ok(Some(MailSettings { host, port, encryption, login, from, authority: said.authority }))
}

/// What the command line says of the provider of texts.
#[derive(Clone, Debug, Default)]
pub struct TextArguments {
    /// Where it answers.
    pub address: Option<String>,
    /// The account there.
    pub account: Option<String>,
    /// A file that holds the account's token.
    pub token_file: Option<PathBuf>,
    /// Whom texts are from.
    pub from: Option<String>,
}

/// Where Twilio answers (twilio.com/docs/usage/api).
const TWILIO: &str = "https://api.twilio.com";

/// The provider of texts, where an account is named: what the command line says, else Twilio's own names, which Laravel's
/// packages read too.
///
/// # Errors
/// A sentence that names the setting and what it should look like.
pub fn texts(get: impl Fn(&str) -> Option<String>, said: TextArguments) -> Result<Option<TextSettings>, String> {
    let Some(account) = said.account.or_else(|| read(&get, "TWILIO_ACCOUNT_SID")) else { return Ok(None) };
    if !account.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(format!("an account for texts is letters and digits, such as AC0123…; found {account:?}"));
    }
    let token = match said.token_file {
        Some(path) => {
            let text = std::fs::read_to_string(&path)
                .map_err(|e| format!("the file of the token for texts, {}, cannot be read: {e}", path.display()))?;
            Some(text.trim().to_owned()).filter(|token| !token.is_empty())
        }
        None => read(&get, "TWILIO_AUTH_TOKEN"),
    };
    let token =
        token.ok_or("the account for texts has no token: give TWILIO_AUTH_TOKEN or --texts-token-file".to_owned())?;
    let from = said.from.or_else(|| read(&get, "TWILIO_FROM")).ok_or(
        "texts need somebody whom they are from: give TWILIO_FROM or --texts-from, such as +15005550006 or MG0123…"
            .to_owned(),
    )?;
    let address = said.address.unwrap_or_else(|| TWILIO.into());
    let wrong = || format!("the provider of texts has an address that begins with https://; found {address:?}");
    let url = Url::parse(&address).map_err(|_| wrong())?;
    let host = url.host_str().unwrap_or_default();
    let local = host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !(url.scheme() == "https" || url.scheme() == "http" && local) {
        return Err(wrong());
    }
    Ok(Some(TextSettings { address: url, account, token, from }))
}

/// What stands before `/app` and `/apps`: `REVERB_SERVER_PATH`, such as `/realtime`.
///
/// # Errors
/// A sentence that says what it should look like.
pub fn path_prefix(get: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    read(&get, "REVERB_SERVER_PATH").map_or(Ok(String::new()), |path| checked_prefix(&path))
}

/// A path prefix in its one form: `/realtime`, or empty.
///
/// # Errors
/// A sentence that says what it should look like.
pub fn checked_prefix(path: &str) -> Result<String, String> {
    let path = path.trim_matches('/');
    let fits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let taken = ["api", "app", "apps", "broadcasting", "checkout", "health", "metrics", "openapi.json", "up"];
    match path.split('/').collect::<Vec<_>>()[..] {
        [""] => Ok(String::new()),
        [first, ..] if path.split('/').all(fits) && !taken.contains(&first) => Ok(format!("/{path}")),
        _ => Err(format!(
            "a path prefix is letters, digits, - _ . and /, such as /realtime, and none of ours; found {path:?}"
        )),
    }
}

/// What Reverb's names say of the market's app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// `REVERB_APP_ACTIVITY_TIMEOUT`, seconds.
    pub activity_timeout_s: Option<u64>,
    /// `REVERB_APP_MAX_MESSAGE_SIZE`, bytes of an event's data.
    pub event_data_bytes_max: Option<usize>,
    /// `REVERB_APP_MAX_CONNECTIONS`.
    pub connections_max: Option<usize>,
    /// `REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM` is `none`.
    pub no_client_events: bool,
}

/// Reads what Reverb's names say of the market's app. A flag that says the same comes first.
///
/// # Errors
/// A sentence that names the setting and what it should look like.
pub fn asked(get: impl Fn(&str) -> Option<String>) -> Result<Asked, String> {
    let number = |name: &str, most: u64| {
        let Some(value) = read(&get, name) else { return Ok(None) };
        let number = value.replace('_', "").parse::<u64>().ok().filter(|number| (1..=most).contains(number));
        number.map(Some).ok_or_else(|| format!("{name} must be a number from 1 to {most}; found {value:?}"))
    };
    let size = |name: &str| number(name, u32::MAX.into()).map(|size| size.and_then(|size| usize::try_from(size).ok()));
    let from = read(&get, CLIENT_EVENTS_FROM).unwrap_or_else(|| "members".into());
    if !["members", "all", "none"].contains(&&*from) {
        return Err(format!("{CLIENT_EVENTS_FROM} must be members or none; found {from:?}"));
    }
    Ok(Asked {
        activity_timeout_s: number("REVERB_APP_ACTIVITY_TIMEOUT", 3_600)?,
        event_data_bytes_max: size("REVERB_APP_MAX_MESSAGE_SIZE")?,
        connections_max: size("REVERB_APP_MAX_CONNECTIONS")?,
        no_client_events: from == "none",
    })
}

const CLIENT_EVENTS_FROM: &str = "REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM";

/// Settings that have no meaning here, and why, for those that are set.
pub fn unused(get: impl Fn(&str) -> Option<String>) -> Vec<(&'static str, &'static str)> {
    let scheme = "give --tls-cert and --tls-key for https";
    let inside = "broadcasting is inside";
    let rate = "client events have a limit for each second: give --max-client-events";
    let one = "several servers do not speak to each other yet";
    [
        (
            "PUSHER_APP_CLUSTER",
            "clusters exist only at the hosted service; the name is accepted from clients and ignored",
        ),
        ("PUSHER_SCHEME", scheme),
        ("REVERB_SCHEME", scheme),
        ("WEBSOCKETS_SCHEME", scheme),
        ("BROADCAST_CONNECTION", inside),
        ("BROADCAST_DRIVER", inside),
        ("QUEUE_CONNECTION", "the queue is inside"),
        ("WEBSOCKETS_ENABLED", "realtime is always on"),
        ("REVERB_SERVER", "there is one kind of server"),
        ("REVERB_SCALING_ENABLED", one),
        ("REVERB_SCALING_CHANNEL", one),
        ("REVERB_MAX_REQUEST_SIZE", "a request of the signed API has at most 4 MiB"),
        (
            "REVERB_APP_PING_INTERVAL",
            "a silent client is asked after REVERB_APP_ACTIVITY_TIMEOUT, or --activity-timeout",
        ),
        ("REVERB_APP_RATE_LIMITING_ENABLED", rate),
        ("REVERB_APP_RATE_LIMIT_MAX_ATTEMPTS", rate),
        ("REVERB_APP_RATE_LIMIT_DECAY_SECONDS", rate),
        ("REVERB_APP_RATE_LIMIT_TERMINATE", rate),
        ("REVERB_PULSE_INGEST_INTERVAL", "Pulse asks the signed API"),
        ("REVERB_TELESCOPE_INGEST_INTERVAL", "there is no Telescope here"),
    ]
    .into_iter()
    .filter(|(name, _)| read(&get, name).is_some())
    .chain(
        read(&get, CLIENT_EVENTS_FROM)
            .filter(|from| from == "all")
            .map(|_| (CLIENT_EVENTS_FROM, "client events are taken from those who listen to their channel")),
    )
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + Copy + 'a {
        |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
    }

    fn address(text: &str) -> Option<SocketAddr> {
        Some(text.parse().expect("an address"))
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
        let app = app(get);
        assert_eq!((app.id.as_str(), app.key.as_str(), app.secret.as_str()), ("42", "k", "s"));
        assert_eq!(realtime(get), Ok(address("127.0.0.1:6002")));
        assert_eq!(public_host(get), None);
        assert_eq!(unused(get).iter().map(|(n, _)| *n).collect::<Vec<_>>(), ["PUSHER_APP_CLUSTER"]);
    }

    #[test]
    fn a_pasted_block_of_reverb_settings_is_understood() {
        let get = environment(&[
            ("REVERB_APP_ID", "7"),
            ("REVERB_APP_KEY", "k"),
            ("REVERB_APP_SECRET", "s"),
            ("REVERB_HOST", "WS.hall.example"),
            ("REVERB_PORT", "443"),
            ("REVERB_SCHEME", "https"),
            ("REVERB_SERVER_HOST", "0.0.0.0"),
            ("REVERB_SERVER_PORT", "8081"),
            ("REVERB_SERVER_PATH", "realtime/"),
        ]);
        assert_eq!((app(get).id.as_str(), app(get).key.as_str(), app(get).secret.as_str()), ("7", "k", "s"));
        assert_eq!(realtime(get), Ok(address("0.0.0.0:8081")));
        assert_eq!(public_host(get).as_deref(), Some("ws.hall.example"));
        assert_eq!(path_prefix(get).as_deref(), Ok("/realtime"));
        assert_eq!(unused(get).iter().map(|(n, _)| *n).collect::<Vec<_>>(), ["REVERB_SCHEME"]);
    }

    #[test]
    fn what_reverb_says_of_its_app_is_honoured_and_the_rest_is_named() {
        let get = environment(&[
            ("REVERB_APP_ACTIVITY_TIMEOUT", "20"),
            ("REVERB_APP_MAX_MESSAGE_SIZE", "10_000"),
            ("REVERB_APP_MAX_CONNECTIONS", "500"),
            ("REVERB_APP_ACCEPT_CLIENT_EVENTS_FROM", "none"),
            ("REVERB_APP_PING_INTERVAL", "60"),
            ("REVERB_MAX_REQUEST_SIZE", "10000"),
            ("REVERB_APP_RATE_LIMITING_ENABLED", "true"),
        ]);
        let expected = Asked {
            activity_timeout_s: Some(20),
            event_data_bytes_max: Some(10_000),
            connections_max: Some(500),
            no_client_events: true,
        };
        assert_eq!(asked(get), Ok(expected));
        let named: Vec<_> = unused(get).into_iter().map(|(name, _)| name).collect();
        assert_eq!(named, ["REVERB_MAX_REQUEST_SIZE", "REVERB_APP_PING_INTERVAL", "REVERB_APP_RATE_LIMITING_ENABLED"]);
        assert_eq!(asked(environment(&[("REVERB_APP_MAX_CONNECTIONS", " ")])), Ok(Asked::default()));
        for (name, value) in [
            ("REVERB_APP_ACTIVITY_TIMEOUT", "0"),
            ("REVERB_APP_MAX_MESSAGE_SIZE", "much"),
            ("REVERB_APP_MAX_CONNECTIONS", "-1"),
            (CLIENT_EVENTS_FROM, "nobody"),
        ] {
            let words = asked(environment(&[(name, value)])).expect_err("wrong");
            assert!(words.contains(name) && words.contains(value), "{words}");
        }
        let all = environment(&[(CLIENT_EVENTS_FROM, "all")]);
        assert_eq!(unused(all)[0].0, CLIENT_EVENTS_FROM);
    }

    #[test]
    fn nothing_is_unset_and_a_name_is_where_clients_find_the_server() {
        assert_eq!(realtime(environment(&[("PUSHER_HOST", ""), ("PUSHER_PORT", " ")])), Ok(None));
        let get = environment(&[("PUSHER_HOST", "hall.example"), ("PUSHER_PORT", "8443")]);
        assert_eq!(realtime(get), Ok(None));
        assert_eq!(public_host(get).as_deref(), Some("hall.example:8443"));
    }

    #[test]
    fn without_settings_the_demo_is_served_and_bad_ones_are_named() {
        assert_eq!(app(environment(&[])).key, "mysharpjob-key");
        assert_eq!(realtime(environment(&[])), Ok(None));
        for (name, value) in [("WEBSOCKETS_PORT", "many"), ("REVERB_SERVER_HOST", "hall.example")] {
            let words = realtime(environment(&[(name, value)])).expect_err("wrong");
            assert!(words.contains(name) && words.contains(value), "{words}");
        }
        for wrong in ["api", "a b", "/x//y", "app/k"] {
            assert!(path_prefix(environment(&[("REVERB_SERVER_PATH", wrong)])).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_pasted_block_of_laravel_mail_settings_is_understood() {
        let block = [
            ("MAIL_MAILER", "smtp"),
            ("MAIL_HOST", "smtp.example.com"),
            ("MAIL_PORT", "587"),
            ("MAIL_USERNAME", "hall"),
            ("MAIL_PASSWORD", "secret"),
            ("MAIL_ENCRYPTION", "tls"),
            ("MAIL_FROM_ADDRESS", "hall@example.com"),
        ];
        let read = |changes: &[(&str, &str)]| {
            let all: Vec<(&str, &str)> = changes.iter().chain(&block).copied().collect();
            mail(environment(&all), MailArguments::default())
        };
        let found = read(&[]).expect("understood").expect("a server");
        assert_eq!((&*found.host, found.port, &*found.from), ("smtp.example.com", 587, "hall@example.com"));
        assert_eq!(found.encryption, MailEncryption::StartTls, "Laravel's tls on 587");
        assert_eq!(found.login, Some(("hall".into(), "secret".into())));
        assert!(!format!("{found:?}").contains("secret"), "{found:?}");
        let ways = [("465", MailEncryption::Tls), ("2525", MailEncryption::StartTls)];
        for (port, encryption) in ways {
            let found = read(&[("MAIL_PORT", port)]).expect("understood").expect("a server");
            assert_eq!(found.encryption, encryption, "{port}");
        }
        assert!(read(&[("MAIL_MAILER", "log")]).expect("understood").is_none());
        for (name, value, words) in [
            ("MAIL_PORT", "smtp", "MAIL_PORT"),
            ("MAIL_ENCRYPTION", "rot13", "starttls, tls or none"),
            ("MAIL_ENCRYPTION", "none", "could be read on the way to smtp.example.com"),
            ("MAIL_USERNAME", "null", "no user"),
            ("MAIL_PASSWORD", "null", "no password"),
            ("MAIL_FROM_ADDRESS", "", "MAIL_FROM_ADDRESS"),
        ] {
            let cleared: Vec<_> =
                block.iter().copied().filter(|(known, _)| *known != name).chain([(name, value)]).collect();
            let refused = mail(environment(&cleared), MailArguments::default()).expect_err(name);
            assert!(refused.contains(words), "{name}={value}: {refused}");
        }
        assert!(mail(environment(&[]), MailArguments::default()).expect("nothing is said").is_none());
        let said = MailArguments {
            host: Some("localhost".into()),
            encryption: Some("none".into()),
            from: Some("a@b".into()),
            ..MailArguments::default()
        };
        let found = mail(environment(&[]), said).expect("understood").expect("a server");
        assert_eq!((found.port, found.login, found.encryption), (25, None, MailEncryption::None));
    }

    #[test]
    fn an_account_for_texts_is_whole_or_is_said_to_be_none() {
        let block = [("TWILIO_ACCOUNT_SID", "AC01"), ("TWILIO_AUTH_TOKEN", "secret"), ("TWILIO_FROM", "+15005550006")];
        let found = texts(environment(&block), TextArguments::default()).expect("understood").expect("a provider");
        assert_eq!((found.address.as_str(), &*found.from), ("https://api.twilio.com/", "+15005550006"));
        assert!(!format!("{found:?}").contains("secret"), "{found:?}");
        assert!(texts(environment(&block[1..]), TextArguments::default()).expect("understood").is_none());
        for (name, value, words) in [
            ("TWILIO_ACCOUNT_SID", "AC/../01", "letters and digits"),
            ("TWILIO_AUTH_TOKEN", "", "TWILIO_AUTH_TOKEN"),
            ("TWILIO_FROM", "", "TWILIO_FROM"),
        ] {
            let changed: Vec<_> =
                block.iter().copied().filter(|(known, _)| *known != name).chain([(name, value)]).collect();
            let refused = texts(environment(&changed), TextArguments::default()).expect_err(name);
            assert!(refused.contains(words), "{name}={value}: {refused}");
        }
        let at = |address: &str| {
            let said = TextArguments { address: Some(address.into()), ..TextArguments::default() };
            texts(environment(&block), said)
        };
        for wrong in ["http://sms.example.com", "sms.example.com", "ftp://127.0.0.1"] {
            assert!(at(wrong).expect_err(wrong).contains("https://"), "{wrong}");
        }
        assert!(at("http://127.0.0.1:9").is_ok() && at("https://sms.example.com/v1").is_ok());
    }
}

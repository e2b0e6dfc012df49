//! The realtime apps of a server: read from a file, or given on the command line.
//!
//! The file is JSON: a list of apps, or an object with the list under `apps`. The names that other servers use for the
//! same settings are understood.

use std::path::Path;

use guildhall_pusher::{
    auth::App,
    settings::{AppSettings, Webhook},
};
use serde::{Deserialize, de::IgnoredAny};

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a list of apps, or an object with the list under \"apps\"")]
enum File {
    List(Vec<serde_json::Value>),
    Named { apps: Vec<serde_json::Value> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(alias = "app_id")]
    id: String,
    key: String,
    secret: String,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default = "yes", alias = "enable_client_messages", alias = "enableClientMessages")]
    client_events: bool,
    #[serde(default, alias = "enable_subscription_count", alias = "enableSubscriptionCount")]
    subscription_counts: bool,
    #[serde(default, alias = "allowed_origins", alias = "allowedOrigins")]
    origins: Vec<String>,
    #[serde(default)]
    webhooks: Vec<Hook>,
    #[serde(alias = "max_connections", alias = "maxConnections")]
    connections_max: Option<i64>,
    #[serde(alias = "max_client_events_per_second", alias = "maxClientEventsPerSecond")]
    client_events_per_second_max: Option<i64>,
    #[serde(alias = "max_event_bytes")]
    event_data_bytes_max: Option<i64>,
    /// soketi's, KiB.
    #[serde(rename = "maxEventPayloadInKb")]
    event_data_kib_max: Option<f64>,
    #[serde(alias = "max_subscriptions")]
    subscriptions_max: Option<i64>,
    #[serde(alias = "max_presence_members_shown")]
    members_shown_max: Option<i64>,
    waiting_bytes_max: Option<i64>,
    // Settings of soketi's that have no counterpart here: a whole file of it can be used as it is.
    #[serde(default, alias = "max_backend_events_per_second", rename = "maxBackendEventsPerSecond")]
    _max_backend_events_per_second: IgnoredAny,
    #[serde(default, alias = "max_read_requests_per_second", rename = "maxReadRequestsPerSecond")]
    _max_read_requests_per_second: IgnoredAny,
    #[serde(default, alias = "max_presence_members_per_channel", rename = "maxPresenceMembersPerChannel")]
    _max_presence_members_per_channel: IgnoredAny,
    #[serde(default, alias = "max_presence_member_size_in_kb", rename = "maxPresenceMemberSizeInKb")]
    _max_presence_member_size_in_kb: IgnoredAny,
    #[serde(default, alias = "max_channel_name_length", rename = "maxChannelNameLength")]
    _max_channel_name_length: IgnoredAny,
    #[serde(default, alias = "max_event_channels_at_once", rename = "maxEventChannelsAtOnce")]
    _max_event_channels_at_once: IgnoredAny,
    #[serde(default, alias = "max_event_name_length", rename = "maxEventNameLength")]
    _max_event_name_length: IgnoredAny,
    #[serde(default, alias = "max_event_batch_size", rename = "maxEventBatchSize")]
    _max_event_batch_size: IgnoredAny,
    #[serde(default, alias = "enable_user_authentication", rename = "enableUserAuthentication")]
    _enable_user_authentication: IgnoredAny,
    #[serde(default, alias = "has_client_event_webhooks", rename = "hasClientEventWebhooks")]
    _has_client_event_webhooks: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hook {
    url: String,
    #[serde(default, alias = "event_types", alias = "eventTypes")]
    events: Vec<String>,
}

fn yes() -> bool {
    true
}

/// What webhooks may be told of.
pub const WEBHOOK_EVENTS: [&str; 7] = [
    "channel_occupied",
    "channel_vacated",
    "member_added",
    "member_removed",
    "client_event",
    "cache_miss",
    "subscription_count",
];

impl Entry {
    fn checked(self) -> Result<AppSettings, String> {
        for (name, value) in [("id", &self.id), ("key", &self.key), ("secret", &self.secret)] {
            if value.is_empty() || value.contains(['/', ':', '?', '&', '#']) || value.contains(char::is_whitespace) {
                return Err(format!(
                    "{name} {value:?}: expected letters, digits and signs without / : ? & # or spaces"
                ));
            }
        }
        let mut settings = AppSettings::from(App { id: self.id, key: self.key, secret: self.secret });
        settings.enabled = self.enabled;
        settings.client_events = self.client_events;
        settings.subscription_counts = self.subscription_counts;
        settings.origins = self.origins;
        let limits = &mut settings.limits;
        // Below zero is how others spell "no limit".
        let bounded = |value: Option<i64>| value.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        limits.connections_max = bounded(self.connections_max).unwrap_or(limits.connections_max);
        if let Some(n) = self.client_events_per_second_max {
            limits.client_events_per_second_max = u32::try_from(n).unwrap_or(u32::MAX);
        }
        let kib = self.event_data_kib_max.map(|kib| if kib < 0.0 { -1 } else { (kib * 1_024.0) as i64 });
        limits.event_data_bytes_max = bounded(self.event_data_bytes_max.or(kib)).unwrap_or(limits.event_data_bytes_max);
        limits.subscriptions_max = bounded(self.subscriptions_max).unwrap_or(limits.subscriptions_max);
        limits.members_shown_max = bounded(self.members_shown_max).unwrap_or(limits.members_shown_max).max(1);
        limits.waiting_bytes_max = bounded(self.waiting_bytes_max).unwrap_or(limits.waiting_bytes_max);
        for hook in self.webhooks {
            settings.webhooks.push(webhook(&hook.url, hook.events)?);
        }
        Ok(settings)
    }
}

/// A webhook, its address and its occurrences checked.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn webhook(address: &str, events: Vec<String>) -> Result<Webhook, String> {
    let url = url::Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    if url.is_none() {
        return Err(format!("webhook {address:?}: expected an address that begins with http:// or https://"));
    }
    match events.iter().find(|event| !WEBHOOK_EVENTS.contains(&event.as_str())) {
        Some(unknown) => Err(format!("webhook {address}: {unknown:?} is none of {}", WEBHOOK_EVENTS.join(", "))),
        None => Ok(Webhook { url: address.to_owned(), events }),
    }
}

/// An app as `ID:KEY:SECRET`.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn parse_app(text: &str) -> Result<AppSettings, String> {
    let parts: Vec<&str> = text.split(':').collect();
    let [id, key, secret] = parts[..] else {
        // The text may hold a secret: it is not repeated.
        return Err("expected ID:KEY:SECRET, three parts with two colons between".to_owned());
    };
    let entry = serde_json::json!({ "id": id, "key": key, "secret": secret });
    serde_json::from_value::<Entry>(entry).map_err(|e| e.to_string())?.checked()
}

/// The apps of a file.
///
/// # Errors
/// A sentence that names the file, the app and what would be right.
pub fn read(path: &Path) -> Result<Vec<AppSettings>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|e| format!("the apps file {} cannot be read: {e}", path.display()))?;
    parse(&text).map_err(|words| format!("the apps file {}: {words}", path.display()))
}

fn parse(text: &str) -> Result<Vec<AppSettings>, String> {
    let (File::List(values) | File::Named { apps: values }) = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let apps = values
        .into_iter()
        .enumerate()
        .map(|(n, value)| {
            let entry: Entry = serde_json::from_value(value).map_err(|e| format!("app {}: {e}", n + 1))?;
            entry.checked().map_err(|words| format!("app {}: {words}", n + 1))
        })
        .collect::<Result<Vec<_>, String>>()?;
    if apps.is_empty() { Err("there is no app in it".into()) } else { unique(apps) }
}

/// The same apps, when no id and no key stands twice.
///
/// # Errors
/// A sentence that names what stands twice.
pub fn unique(apps: Vec<AppSettings>) -> Result<Vec<AppSettings>, String> {
    for (n, app) in apps.iter().enumerate() {
        let (id, key) = (&app.credentials.id, &app.credentials.key);
        if apps[..n].iter().any(|other| other.credentials.id == *id || other.credentials.key == *key) {
            return Err(format!("two apps have the id {id:?} or the key {key:?}: each needs its own"));
        }
    }
    Ok(apps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_use_the_names_of_other_servers() {
        let apps = parse(
            r#"[{"id":"1","key":"k","secret":"s"},
                {"id":"2","key":"k2","secret":"s2","maxConnections":-1,"enableClientMessages":false,
                 "maxClientEventsPerSecond":5,"maxEventPayloadInKb":-1,"maxBackendEventsPerSecond":-1,
                 "maxEventBatchSize":"","max_subscriptions":-1,"enabled":false,"allowed_origins":["shop.example"],
                 "webhooks":[{"url":"https://a.example/hook","event_types":["channel_occupied"]}]}]"#,
        )
        .expect("two apps");
        assert_eq!(apps[0].limits, guildhall_pusher::settings::Limits::default());
        let two = &apps[1];
        assert!(!two.enabled && !two.client_events && two.origins == ["shop.example"]);
        assert_eq!((two.limits.event_data_bytes_max, two.limits.subscriptions_max), (usize::MAX, usize::MAX));
        assert_eq!((two.limits.connections_max, two.limits.client_events_per_second_max), (usize::MAX, 5));
        assert_eq!(two.webhooks[0].events, ["channel_occupied"]);
        assert_eq!(parse(r#"{"apps":[{"app_id":"1","key":"k","secret":"s"}]}"#).expect("one").len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |text: &str, words: &str| {
            let error = parse(text).expect_err(text);
            assert!(error.contains(words), "{error}");
        };
        check("{", "EOF");
        check("[]", "no app");
        check("7", "list of apps");
        check(r#"[{"id":"1","key":"k"}]"#, "app 1: missing field `secret`");
        check(r#"[{"id":"1","key":"k","secret":"s","colour":1}]"#, "unknown field `colour`");
        check(r#"[{"id":"1","key":"a b","secret":"s"}]"#, "key \"a b\"");
        check(r#"[{"id":"1","key":"k","secret":"s"},{"id":"1","key":"l","secret":"s"}]"#, "two apps");
        check(r#"[{"id":"1","key":"k","secret":"s","webhooks":[{"url":"ftp://x"}]}]"#, "http://");
        check(r#"[{"id":"1","key":"k","secret":"s","webhooks":[{"url":"http://x","events":["moon"]}]}]"#, "\"moon\"");
    }

    #[test]
    fn an_app_on_the_command_line_has_three_parts() {
        assert_eq!(parse_app("1:k:s").expect("an app").credentials.key, "k");
        let words = parse_app("1:very-secret").expect_err("two parts");
        assert!(words.contains("ID:KEY:SECRET") && !words.contains("very-secret"), "{words}");
    }
}

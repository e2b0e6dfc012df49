//! What one app may do: its credentials, its limits, its switches.

use crate::{
    auth::App,
    limits::{
        CLIENT_EVENTS_PER_SECOND_MAX, EVENT_DATA_BYTES_MAX, MEMBERS_SHOWN_MAX, SUBSCRIPTIONS_PER_SOCKET_MAX,
        WAITING_BYTES_MAX,
    },
};

/// One app of a server.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// Id, key and secret.
    pub credentials: App,
    /// A disabled app refuses connections with 4003 and requests with 403.
    pub enabled: bool,
    /// Whether clients may send client events at all.
    pub client_events: bool,
    /// Whether subscribers are told how many they are (`pusher_internal:subscription_count`).
    pub subscription_counts: bool,
    /// Sites whose pages may connect, as their `Origin` reads or as a bare host name; empty, or `*` among them, for all.
    pub origins: Vec<String>,
    /// Where occurrences are told.
    pub webhooks: Vec<Webhook>,
    /// The limits.
    pub limits: Limits,
}

/// An address that is told of occurrences, signed with the app's secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// `http://` or `https://`.
    pub url: String,
    /// The occurrences wanted, such as `channel_occupied`; empty for all.
    pub events: Vec<String>,
}

/// Limits of one app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; more are refused with 4004.
    pub connections_max: usize,
    /// Subscriptions of one connection.
    pub subscriptions_max: usize,
    /// Client events of one connection in any second.
    pub client_events_per_second_max: u32,
    /// Bytes of one event's data.
    pub event_data_bytes_max: usize,
    /// Members of a presence channel that are listed; above that there is a count.
    pub members_shown_max: usize,
    /// Bytes that may wait for one reader before it is closed with 4100.
    pub waiting_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: usize::MAX,
            subscriptions_max: SUBSCRIPTIONS_PER_SOCKET_MAX,
            client_events_per_second_max: CLIENT_EVENTS_PER_SECOND_MAX,
            event_data_bytes_max: EVENT_DATA_BYTES_MAX,
            members_shown_max: MEMBERS_SHOWN_MAX,
            waiting_bytes_max: WAITING_BYTES_MAX,
        }
    }
}

impl From<App> for AppSettings {
    fn from(credentials: App) -> Self {
        Self {
            credentials,
            enabled: true,
            client_events: true,
            subscription_counts: false,
            origins: Vec::new(),
            webhooks: Vec::new(),
            limits: Limits::default(),
        }
    }
}

impl AppSettings {
    /// Whether a page of this origin may connect. A program that is no browser sends none and may.
    pub fn admits_origin(&self, origin: Option<&str>) -> bool {
        let Some(origin) = origin.filter(|_| !self.origins.is_empty()) else { return true };
        let host = origin.split_once("://").map_or(origin, |(_, rest)| rest);
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        self.origins.iter().any(|allowed| {
            let one = allowed.trim_end_matches('/');
            // Laravel Reverb's own default.
            one == "*"
                || one.eq_ignore_ascii_case(origin)
                || one.eq_ignore_ascii_case(host)
                || one.eq_ignore_ascii_case(name)
                || one.strip_prefix("*.").is_some_and(|domain| {
                    name.len() > domain.len() + 1
                        && name.as_bytes()[name.len() - domain.len() - 1] == b'.'
                        && name.as_bytes()[name.len() - domain.len()..].eq_ignore_ascii_case(domain.as_bytes())
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_matched_whole_by_host_or_below_a_domain() {
        let mut app = AppSettings::from(App { id: "1".into(), key: "k".into(), secret: "s".into() });
        assert!(app.admits_origin(Some("https://anywhere.example")));
        app.origins = vec!["https://shop.example".into(), "localhost".into(), "*.hall.example".into()];
        let check = |origin, expected| assert_eq!(app.admits_origin(origin), expected, "{origin:?}");
        check(None, true);
        check(Some("https://shop.example"), true);
        check(Some("http://shop.example"), false);
        check(Some("https://shop.example.evil.example"), false);
        check(Some("http://localhost:5173"), true);
        check(Some("https://a.hall.example"), true);
        check(Some("https://a.hall.example:444"), true);
        check(Some("https://hall.example"), false);
        check(Some("https://evilhall.example"), false);
        check(Some("https://.hall.example"), false);
        check(Some(""), false);
        app.origins.push("*".into());
        assert!(app.admits_origin(Some("https://anywhere.example")), "the star is everybody");
    }
}

//! What is counted, for each app, and how it reads for Prometheus.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Upper bounds of the latency histogram, microseconds.
const BOUNDS_US: [u64; 12] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000];

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident: $kind:literal, $metric:literal, $labels:literal;)*) => {
        /// The counters of one app.
        #[derive(Debug, Default)]
        pub struct AppMetrics {
            $($(#[$doc])* pub $name: Counter,)*
            latency: [AtomicU64; BOUNDS_US.len() + 1],
            latency_sum_us: AtomicU64,
        }

        const ROWS: &[Row] = &[$(Row { metric: $metric, kind: $kind, labels: $labels, read: |m| m.$name.get() },)*];
    };
}

struct Row {
    metric: &'static str,
    kind: &'static str,
    labels: &'static str,
    read: fn(&AppMetrics) -> u64,
}

/// A number that goes up, and down for what is there now.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    /// Takes away what was added before.
    pub fn sub(&self, n: u64) {
        self.0.fetch_sub(n, Relaxed);
    }

    /// Reads.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

counters! {
    /// Connections that are open.
    connections: "gauge", "guildhall_connections", "";
    /// Connections since the start.
    connected: "counter", "guildhall_connections_total", "";
    /// Connections refused.
    refused: "counter", "guildhall_connections_refused_total", "";
    /// Subscriptions that are held.
    subscriptions: "gauge", "guildhall_subscriptions", "";
    /// Frames from clients.
    frames_in: "counter", "guildhall_frames_total", "direction=\"in\"";
    /// Frames to clients.
    frames_out: "counter", "guildhall_frames_total", "direction=\"out\"";
    /// Bytes from clients.
    bytes_in: "counter", "guildhall_bytes_total", "direction=\"in\"";
    /// Bytes to clients.
    bytes_out: "counter", "guildhall_bytes_total", "direction=\"out\"";
    /// Events published, one for each channel.
    published: "counter", "guildhall_events_total", "source=\"server\"";
    /// Client events passed on.
    client_events: "counter", "guildhall_events_total", "source=\"client\"";
    /// Client events refused.
    client_events_refused: "counter", "guildhall_client_events_refused_total", "";
    /// Signed requests that came again and were not carried out twice.
    replays: "counter", "guildhall_replays_total", "";
    /// Connections closed because their reader was too slow.
    closed_slow: "counter", "guildhall_closed_total", "cause=\"slow_reader\"";
    /// Connections closed because no pong came.
    closed_silent: "counter", "guildhall_closed_total", "cause=\"no_pong\"";
    /// Connections closed for what they sent.
    closed_broken: "counter", "guildhall_closed_total", "cause=\"protocol\"";
    /// Connections closed because a right was taken away.
    closed_unauthorised: "counter", "guildhall_closed_total", "cause=\"unauthorised\"";
    /// Connections whose link broke.
    lost: "counter", "guildhall_closed_total", "cause=\"link_lost\"";
    /// Webhook calls that were taken.
    webhooks_sent: "counter", "guildhall_webhooks_total", "outcome=\"sent\"";
    /// Webhook calls that failed for good.
    webhooks_failed: "counter", "guildhall_webhooks_total", "outcome=\"failed\"";
}

impl AppMetrics {
    /// Notes how long an event took from being published to being written to the last of its sockets of one loop.
    pub fn took(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.iter().position(|bound| us <= *bound).unwrap_or(BOUNDS_US.len());
        self.latency[bucket].fetch_add(1, Relaxed);
        self.latency_sum_us.fetch_add(us, Relaxed);
    }
}

/// Writes the counters of all apps in the text format of Prometheus.
pub fn render<'a>(apps: impl Iterator<Item = (&'a str, &'a AppMetrics)> + Clone) -> String {
    let mut text = String::new();
    let mut last = "";
    for row in ROWS {
        if row.metric != last {
            let _ = writeln!(text, "# TYPE {} {}", row.metric, row.kind);
            last = row.metric;
        }
        for (app, metrics) in apps.clone() {
            let comma = if row.labels.is_empty() { "" } else { "," };
            let app = escape(app);
            let _ = writeln!(text, "{}{{app=\"{app}\"{comma}{}}} {}", row.metric, row.labels, (row.read)(metrics));
        }
    }
    text.push_str("# TYPE guildhall_event_latency_seconds histogram\n");
    for (app, metrics) in apps {
        let app = escape(app);
        let mut sum = 0;
        for (n, bucket) in metrics.latency.iter().enumerate() {
            sum += bucket.load(Relaxed);
            let bound = BOUNDS_US.get(n).map_or("+Inf".to_owned(), |us| (*us as f64 / 1e6).to_string());
            let _ = writeln!(text, "guildhall_event_latency_seconds_bucket{{app=\"{app}\",le=\"{bound}\"}} {sum}");
        }
        let seconds = metrics.latency_sum_us.load(Relaxed) as f64 / 1e6;
        let _ = writeln!(text, "guildhall_event_latency_seconds_sum{{app=\"{app}\"}} {seconds}");
        let _ = writeln!(text, "guildhall_event_latency_seconds_count{{app=\"{app}\"}} {sum}");
    }
    text
}

fn escape(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_is_declared_once_and_counted_for_each_app() {
        let (one, two) = (AppMetrics::default(), AppMetrics::default());
        one.frames_out.add(3);
        two.connections.add(2);
        two.connections.sub(1);
        one.took(Duration::from_micros(300));
        one.took(Duration::from_secs(5));
        let text = render([("a", &one), ("b\"", &two)].into_iter());
        assert!(text.contains("guildhall_frames_total{app=\"a\",direction=\"out\"} 3\n"), "{text}");
        assert!(text.contains("guildhall_connections{app=\"b\\\"\"} 1\n"), "{text}");
        assert!(text.contains("guildhall_event_latency_seconds_bucket{app=\"a\",le=\"0.0005\"} 1\n"), "{text}");
        assert!(text.contains("guildhall_event_latency_seconds_bucket{app=\"a\",le=\"+Inf\"} 2\n"), "{text}");
        assert_eq!(text.matches("# TYPE guildhall_frames_total").count(), 1);
    }
}

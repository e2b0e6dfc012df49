//! Outgoing webhooks: occurrences are told to an app's own addresses, signed with its secret, some at a time, and again
//! when nobody took them.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use guildhall_pusher::{
    auth::hmac_hex,
    settings::{AppSettings, Webhook},
};
use guildhall_realtime::{Notice, metrics::AppMetrics};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::Instant};

/// Occurrences that may wait for one address. More are left out, and counted.
pub const QUEUE_MAX: usize = 10_000;
/// Occurrences in one call (as the hosted service does it).
const BATCH_MAX: usize = 50;
/// How long the first of them waits for others.
const GATHER: Duration = Duration::from_millis(250);
/// How long one call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// Waits between tries: five minutes in all, as the hosted service tries.
const RETRY_AFTER_S: [u64; 7] = [1, 2, 4, 16, 32, 64, 181];

/// One occurrence: its name, and its body.
pub type Occurrence = (&'static str, Value);

/// An occurrence, of a notice.
pub fn occurrence(notice: &Notice) -> (usize, Occurrence) {
    match *notice {
        Notice::Occupied { app, channel } => (app, named("channel_occupied", json!({ "channel": channel }))),
        Notice::Vacated { app, channel } => (app, named("channel_vacated", json!({ "channel": channel }))),
        Notice::MemberAdded { app, channel, user_id } => {
            (app, named("member_added", json!({ "channel": channel, "user_id": user_id })))
        }
        Notice::MemberRemoved { app, channel, user_id } => {
            (app, named("member_removed", json!({ "channel": channel, "user_id": user_id })))
        }
        Notice::CacheMiss { app, channel } => (app, named("cache_miss", json!({ "channel": channel }))),
        Notice::SubscriptionCount { app, channel, count } => {
            (app, named("subscription_count", json!({ "channel": channel, "subscription_count": count })))
        }
        Notice::ClientEvent { app, channel, event, data, socket, user_id } => {
            let mut body = json!({ "channel": channel, "event": event, "data": data, "socket_id": socket.to_string() });
            if let Some(user_id) = user_id {
                body["user_id"] = user_id.into();
            }
            (app, named("client_event", body))
        }
    }
}

fn named(name: &'static str, mut body: Value) -> Occurrence {
    body["name"] = name.into();
    (name, body)
}

/// What one address is told, and the calls to it.
pub struct Caller {
    hook: Webhook,
    app: AppSettings,
    metrics: Arc<AppMetrics>,
    http: reqwest::Client,
    told: mpsc::Receiver<Occurrence>,
}

impl Caller {
    /// A caller, and where it is told.
    ///
    /// # Errors
    /// When the system gives no HTTP client.
    pub fn new(
        hook: Webhook,
        app: AppSettings,
        metrics: Arc<AppMetrics>,
    ) -> Result<(Self, mpsc::Sender<Occurrence>), reqwest::Error> {
        let (sender, told) = mpsc::channel(QUEUE_MAX);
        // An address that answers with another one is not followed: what is signed goes where it was meant to go.
        let http =
            reqwest::Client::builder().timeout(CALL_TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok((Self { hook, app, metrics, http, told }, sender))
    }

    /// Calls until the hub is gone.
    pub async fn run(mut self) {
        let mut waiting = Vec::new();
        while let Some(first) = self.told.recv().await {
            waiting.push(first);
            let until = Instant::now() + GATHER;
            while waiting.len() < BATCH_MAX {
                match tokio::time::timeout_at(until, self.told.recv()).await {
                    Ok(Some(next)) => waiting.push(next),
                    Ok(None) | Err(_) => break,
                }
            }
            let wanted = |name: &str| self.hook.events.is_empty() || self.hook.events.iter().any(|e| e == name);
            let events: Vec<Value> = waiting.drain(..).filter(|(name, _)| wanted(name)).map(|(_, body)| body).collect();
            if !events.is_empty() {
                self.deliver(events).await;
            }
        }
    }

    async fn deliver(&self, events: Vec<Value>) {
        let time_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as u64);
        // The same bytes at each try, so that whoever gets it twice can tell.
        let body = json!({ "time_ms": time_ms, "events": events }).to_string();
        let mut waits = VecDeque::from(RETRY_AFTER_S);
        loop {
            let error = match self.call(&body).await {
                Ok(()) => return self.metrics.webhooks_sent.add(1),
                Err(error) => error,
            };
            let Some(seconds) = waits.pop_front() else {
                tracing::error!(url = self.hook.url, error, events = events.len(), "a webhook was given up");
                return self.metrics.webhooks_failed.add(1);
            };
            tracing::warn!(url = self.hook.url, error, seconds, "a webhook was not taken and is tried again");
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
    }

    async fn call(&self, body: &str) -> Result<(), String> {
        let credentials = &self.app.credentials;
        let request = self
            .http
            .post(&self.hook.url)
            .header("content-type", "application/json")
            .header("x-pusher-key", &credentials.key)
            .header("x-pusher-signature", hmac_hex(&credentials.secret, body.as_bytes()));
        let answer = request.body(body.to_owned()).send().await.map_err(|e| e.without_url().to_string())?;
        if answer.status().is_success() { Ok(()) } else { Err(format!("answered with {}", answer.status())) }
    }
}

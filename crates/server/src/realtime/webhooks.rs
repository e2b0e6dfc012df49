//! Outgoing webhooks: occurrences are told to an app's own addresses, signed with its secret, some at a time, and again
//! when nobody took them.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use guildhall_pusher::{
    auth::hmac_hex,
    settings::{AppSettings, Webhook},
};
use guildhall_realtime::{Notice, metrics::AppMetrics};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::clock::{Clock, Steady};

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

/// How long somebody may be gone without anybody being told (as the hosted service has it).
const RETURN_WITHIN: Duration = Duration::from_secs(3);
/// After this long an occurrence that is new ends the wait for the next try: what could not be reached may be back.
const TRIED_ANEW_AFTER: Duration = Duration::from_secs(4);

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
    clock: Arc<dyn Clock>,
    http: reqwest::Client,
    told: mpsc::Receiver<Occurrence>,
    leaving: Leaving,
    /// Gathered, and not called out yet.
    waiting: Vec<Occurrence>,
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
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, mpsc::Sender<Occurrence>), reqwest::Error> {
        let (sender, told) = mpsc::channel(QUEUE_MAX);
        // An address that answers with another one is not followed: what is signed goes where it was meant to go.
        let http = reqwest::Client::builder()
            .timeout(CALL_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            // `X-Pusher-Key`: PHP under Apache, and its own server, find the headers of a webhook only like this.
            .http1_title_case_headers()
            .build()?;
        Ok((Self { hook, app, metrics, clock, http, told, leaving: Leaving::default(), waiting: Vec::new() }, sender))
    }

    /// Calls until the hub is gone.
    pub async fn run(&mut self) {
        let mut open = true;
        while open || !self.leaving.is_empty() || !self.waiting.is_empty() {
            let until = self.clock.steady() + GATHER;
            // Nothing is gathered yet: whatever comes first begins it.
            let (next, gathering) = (self.leaving.next(), !self.waiting.is_empty());
            tokio::select! {
                told = self.told.recv(), if open => match told {
                    Some(occurrence) => self.waiting.extend(self.leaving.pass(occurrence, self.clock.steady())),
                    None => open = false,
                },
                () = self.clock.sleep_until(next.unwrap_or(until)), if next.is_some() && open => {}
                () = std::future::ready(()), if gathering || !open => {}
            }
            self.waiting.extend(self.leaving.gone(if open {
                self.clock.steady()
            } else {
                self.clock.steady() + RETURN_WITHIN
            }));
            if self.waiting.is_empty() {
                continue;
            }
            while open && self.waiting.len() < BATCH_MAX {
                tokio::select! {
                    told = self.told.recv() => match told {
                        Some(next) => self.waiting.extend(self.leaving.pass(next, self.clock.steady())),
                        None => open = false,
                    },
                    () = self.clock.sleep_until(until) => break,
                }
            }
            let wanted = |name: &str| self.hook.events.is_empty() || self.hook.events.iter().any(|e| e == name);
            let count = self.waiting.len().min(BATCH_MAX);
            let events: Vec<Value> =
                self.waiting.drain(..count).filter(|(name, _)| wanted(name)).map(|(_, body)| body).collect();
            if !events.is_empty() {
                self.deliver(events).await;
            }
        }
    }

    async fn deliver(&mut self, events: Vec<Value>) {
        let time_ms = self.clock.now().0;
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
            let pause = Duration::from_secs(seconds);
            self.clock.sleep(pause.min(TRIED_ANEW_AFTER)).await;
            let rest = self.clock.sleep(pause.saturating_sub(TRIED_ANEW_AFTER));
            if pause <= TRIED_ANEW_AFTER || self.waiting.len() >= QUEUE_MAX {
                continue;
            }
            tokio::select! {
                () = rest => {}
                // Something new happened after a while of silence: the address is asked at once.
                Some(occurrence) = self.told.recv() => self.waiting.extend(self.leaving.pass(occurrence, self.clock.steady())),
            }
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

/// Those who went a moment ago: if they come back, nobody is told of either.
#[derive(Default)]
struct Leaving {
    /// By when each is told of, with its key, oldest first. A key that is not in `bodies` any more has come back.
    order: VecDeque<(Steady, u64)>,
    keys: HashMap<(&'static str, String, String), u64>,
    bodies: HashMap<u64, ((&'static str, String, String), Occurrence)>,
    made: u64,
}

impl Leaving {
    fn is_empty(&self) -> bool {
        self.bodies.is_empty()
    }

    /// When the next one is told of.
    fn next(&self) -> Option<Steady> {
        self.order.front().map(|(at, _)| *at)
    }

    /// Lets an occurrence pass, keeps it for a while, or takes it with the leave that it undoes.
    fn pass(&mut self, occurrence: Occurrence, now: Steady) -> Option<Occurrence> {
        let text = |name: &str| occurrence.1[name].as_str().unwrap_or_default().to_owned();
        let key = |kind| (kind, text("channel"), text("user_id"));
        match occurrence.0 {
            "channel_vacated" | "member_removed" => {
                let key = key(if occurrence.0 == "channel_vacated" { "channel" } else { "member" });
                self.made += 1;
                self.order.push_back((now + RETURN_WITHIN, self.made));
                self.keys.insert(key.clone(), self.made);
                self.bodies.insert(self.made, (key, occurrence));
                None
            }
            "channel_occupied" | "member_added" => {
                let key = key(if occurrence.0 == "channel_occupied" { "channel" } else { "member" });
                match self.keys.remove(&key) {
                    Some(made) => self.bodies.remove(&made).map_or(Some(occurrence), |_| None),
                    None => Some(occurrence),
                }
            }
            _ => Some(occurrence),
        }
    }

    /// Those who stayed away.
    fn gone(&mut self, now: Steady) -> Vec<Occurrence> {
        let mut gone = Vec::new();
        while let Some((_, made)) = self.order.front().copied().filter(|(at, _)| *at <= now) {
            self.order.pop_front();
            if let Some((key, occurrence)) = self.bodies.remove(&made) {
                self.keys.remove(&key);
                gone.push(occurrence);
            }
        }
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &'static str, user: &str) -> Occurrence {
        named(name, json!({ "channel": "presence-a", "user_id": user }))
    }

    #[test]
    fn a_return_within_three_seconds_is_told_to_nobody() {
        let (mut leaving, now) = (Leaving::default(), Steady::now());
        assert!(leaving.pass(told("channel_occupied", ""), now).is_some());
        for _ in 0..2 {
            assert!(leaving.pass(told("member_removed", "7"), now).is_none());
            assert!(leaving.pass(told("channel_vacated", ""), now).is_none());
            assert!(leaving.pass(told("channel_occupied", ""), now).is_none());
            assert!(leaving.pass(told("member_added", "7"), now).is_none());
        }
        assert!(leaving.pass(told("member_added", "8"), now).is_some(), "somebody else");
        assert!(leaving.gone(now + RETURN_WITHIN).is_empty() && leaving.is_empty());
        leaving.pass(told("member_removed", "7"), now);
        leaving.pass(told("channel_vacated", ""), now);
        assert!(leaving.gone(now + RETURN_WITHIN - Duration::from_millis(1)).is_empty());
        let gone: Vec<&str> = leaving.gone(now + RETURN_WITHIN).iter().map(|(name, _)| *name).collect();
        assert_eq!(gone, ["member_removed", "channel_vacated"]);
        assert!(leaving.pass(told("member_added", "7"), now).is_some());
    }
}

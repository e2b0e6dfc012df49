//! `guildhall-server broadcast`: test events of each kind, sent as an application's own server would send them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use guildhall_pusher::auth::{App, md5_hex, sign_request};
use serde_json::{Value, json};
use url::Url;

use crate::config::demo_app;

/// The app's credentials, from the command line or the environment.
#[derive(clap::Args)]
pub struct Credentials {
    /// The app's id.
    #[arg(long, env = "PUSHER_APP_ID", default_value_t = demo_app().id)]
    app_id: String,
    /// The app's key. [default: what the server says]
    #[arg(long, env = "PUSHER_APP_KEY")]
    key: Option<String>,
    /// The app's secret.
    #[arg(long, env = "PUSHER_APP_SECRET", hide_env_values = true)]
    secret: Option<String>,
}

impl Credentials {
    /// The app; `told` is the key that the server names.
    pub fn app(&self, told: Option<&str>) -> App {
        let demo = demo_app();
        let key = self.key.clone().or_else(|| told.map(str::to_owned)).unwrap_or_else(|| demo.key.clone());
        // The demo's secret is in every document: with the demo's key it is meant.
        let secret = self.secret.clone().unwrap_or_else(|| if key == demo.key { demo.secret } else { String::new() });
        App { id: self.app_id.clone(), key, secret }
    }
}

/// Sends one event, or a sample of each kind that the two Laravel systems know.
#[derive(clap::Args)]
pub struct Broadcast {
    /// Where realtime is served.
    #[arg(long, default_value = "http://127.0.0.1:6001")]
    url: Url,
    #[command(flatten)]
    app: Credentials,
    /// Send the samples to this user's channel, private-user.ID.
    #[arg(long, default_value_t = 1)]
    user: i64,
    /// Send this event instead of the samples; may be the name of a sample.
    #[arg(long)]
    event: Option<String>,
    /// The channel. [default: the user's]
    #[arg(long)]
    channel: Option<String>,
    /// The event's data, JSON. [default: the sample's, or {}]
    #[arg(long)]
    data: Option<String>,
}

/// A sample of each event, with the fields that listeners of the two systems read. Ids are of things that do not exist.
fn samples(user: i64, now: &str) -> Vec<(&'static str, Value)> {
    let ends = "2030-01-01T12:00:00.000Z";
    vec![
        (
            "message.sent",
            json!({ "id": 0, "sender_id": 0, "recipient_id": user, "content": "This is a test", "message_type": "text",
                    "job_id": null, "attachments": [], "is_read": false, "created_at": now,
                    "sender": { "id": 0, "name": "Test", "avatar": null },
                    "from_user_id": 0, "to_user_id": user, "domain_id": null, "body": "This is a test",
                    "from_user": { "id": 0, "name": "Test", "avatar": null }, "domain": null }),
        ),
        (
            "message.read",
            json!({ "message_id": 0, "read_at": now, "from_user_id": user, "to_user_id": 0, "domain_id": null }),
        ),
        (
            "job.updated",
            json!({ "id": 0, "title": "A test job", "status": "in-progress", "category": "carpentry", "budget": 15000,
                    "budget_minor": 1_500_000, "currency": "NGN", "priority": "medium", "update_type": "status_changed",
                    "client_id": user, "artisan_id": null, "milestones": [], "progress_updates": [], "updated_at": now }),
        ),
        (
            "notification.sent",
            json!({ "id": "test", "type": "test", "title": "Test", "message": "This is a test", "data": {}, "created_at": now }),
        ),
        (
            "notification.created",
            json!({ "id": "test", "type": "test", "title": "Test", "message": "This is a test",
                    "data": { "title": "Test", "message": "This is a test" }, "created_at": now, "read_at": null }),
        ),
        (
            "bid.placed",
            json!({ "domain_id": 0, "bid_id": 0, "bidder_id": 0, "amount": 100, "amount_minor": 10_000, "currency": "USD",
                    "current_highest": 100, "is_winning": true, "created_at": now, "bidder": { "id": 0, "name": "Bidder 1" },
                    "domain": { "id": 0, "name": "test.example", "auction_end": ends } }),
        ),
        (
            "auction.countdown",
            json!({ "domain_id": 0, "seconds_left": 60, "is_ending": true, "is_ended": false, "server_time": now,
                    "ends_at": ends, "domain": { "id": 0, "name": "test.example", "auction_end": ends } }),
        ),
    ]
}

impl Broadcast {
    pub async fn run(self) -> Result<(), String> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().map_err(|e| e.to_string())?;
        let app = self.app.app(None);
        if app.secret.is_empty() {
            return Err("give the app's secret: --secret, or PUSHER_APP_SECRET".into());
        }
        let channel = self.channel.unwrap_or_else(|| format!("private-user.{}", self.user));
        let now = time_text();
        let all = samples(self.user, &now);
        let chosen: Vec<(String, String)> = match self.event {
            Some(name) => {
                let sample = all.iter().find(|(known, _)| *known == name).map(|(_, data)| data.to_string());
                vec![(name, self.data.or(sample).unwrap_or_else(|| "{}".into()))]
            }
            None => all.into_iter().map(|(name, data)| (name.to_owned(), data.to_string())).collect(),
        };
        for (name, data) in chosen {
            let body = json!({ "name": name, "channel": channel, "data": data, "info": "subscription_count" });
            let answer = post_signed(&http, &self.url, &app, &body).await?;
            let count = &answer["channels"][&channel]["subscription_count"];
            println!("{name} was sent to {channel}: {count} listening");
        }
        Ok(())
    }
}

/// Posts an event to the signed HTTP API.
///
/// # Errors
/// What the server or the network said.
pub async fn post_signed(http: &reqwest::Client, realtime: &Url, app: &App, body: &Value) -> Result<Value, String> {
    let body = body.to_string();
    let path = format!("/apps/{}/events", app.id);
    let mut query: Vec<(String, String)> = vec![
        ("auth_key".into(), app.key.clone()),
        ("auth_timestamp".into(), format!("{:.0}", (wall_ms() / 1_000.0).floor())),
        ("auth_version".into(), "1.0".into()),
        ("body_md5".into(), md5_hex(body.as_bytes())),
    ];
    query.push(("auth_signature".into(), sign_request(&app.secret, "POST", &path, &query)));
    let mut url = realtime.clone();
    let scheme = if matches!(url.scheme(), "wss" | "https") { "https" } else { "http" };
    // Both are of the special kind: that cannot fail.
    let _ = url.set_scheme(scheme);
    url.set_path(&path);
    let request = http.post(url).query(&query).header("content-type", "application/json").body(body);
    let answer = request.send().await.map_err(|e| format!("the server cannot be reached: {e}"))?;
    let status = answer.status();
    let text = answer.text().await.map_err(|e| e.to_string())?;
    let body: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    if status.is_success() {
        Ok(body)
    } else {
        Err(format!("{status}: {}", body["message"].as_str().unwrap_or("refused")))
    }
}

/// Milliseconds since 1970, with a fraction.
pub fn wall_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64() * 1_000.0)
}

fn time_text() -> String {
    let now = guildhall_market::time::Timestamp(wall_ms() as i64);
    guildhall_contract::wire_time::WireTime::from(now).to_string()
}

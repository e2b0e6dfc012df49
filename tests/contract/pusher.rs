//! A client of the protocol that knows an app's secret: it signs its own subscriptions and requests, as an application's
//! own server would.

use guildhall_pusher::{
    auth::{App, md5_hex, sign_request},
    settings::AppSettings,
    socket_id::SocketId,
};
use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::stranger::Socket;

/// A guest app with its own credentials.
pub fn guest(id: &str) -> AppSettings {
    App { id: id.into(), key: format!("{id}-key"), secret: format!("{id}-secret") }.into()
}

/// Somebody who has an app's secret and a server's address.
#[derive(Clone)]
pub struct Owner {
    pub url: String,
    pub app: App,
    http: reqwest::Client,
}

/// A connection and its id.
pub struct Peer {
    pub socket: Socket,
    pub id: SocketId,
    app: App,
}

impl Owner {
    pub fn new(world: &World, app: &AppSettings) -> Self {
        Self::of(world, app.credentials.clone())
    }

    pub fn market(world: &World) -> Self {
        Self::of(world, guildhall_server::config::demo_app())
    }

    fn of(world: &World, app: App) -> Self {
        // The realtime listener, whose loops answer by themselves; strangers ask the other one.
        Self::at(&format!("http://{}", world.server().addresses().realtime), app)
    }

    /// At a server of which only the address is known.
    pub fn at(url: &str, app: App) -> Self {
        Self { url: url.to_owned(), app, http: reqwest::Client::new() }
    }

    /// A connection that was greeted.
    pub async fn connect(&self) -> Peer {
        let mut socket =
            Socket::open(&self.url, &format!("/app/{}?protocol=7&client=js&version=8.6", self.app.key)).await;
        let id = socket.greeting().await.parse().expect("a socket id");
        Peer { socket, id, app: self.app.clone() }
    }

    /// Asks the signed HTTP API.
    pub async fn ask(&self, method: Method, path: &str, query: &[(&str, &str)], body: &str) -> (StatusCode, Value) {
        self.ask_as(method, path, query, body, |_| {}).await
    }

    /// As [`ask`](Self::ask), the query changed after it was signed.
    pub async fn ask_as(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: &str,
        change: impl FnOnce(&mut Vec<(String, String)>),
    ) -> (StatusCode, Value) {
        let path = format!("/apps/{}{path}", self.app.id);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
        let mut pairs: Vec<(String, String)> = vec![
            ("auth_key".into(), self.app.key.clone()),
            ("auth_timestamp".into(), now.to_string()),
            ("auth_version".into(), "1.0".into()),
        ];
        if !body.is_empty() {
            pairs.push(("body_md5".into(), md5_hex(body.as_bytes())));
        }
        pairs.extend(query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let signature = sign_request(&self.app.secret, method.as_str(), &path, &pairs);
        pairs.push(("auth_signature".into(), signature));
        change(&mut pairs);
        self.send(method, &path, &pairs, body).await
    }

    /// Sends a request as it is given.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(String, String)],
        body: &str,
    ) -> (StatusCode, Value) {
        let request = self.http.request(method, format!("{}{path}", self.url)).query(query).body(body.to_owned());
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Publishes an event.
    pub async fn publish(&self, channel: &str, event: &str, data: &str) {
        let body = json!({ "name": event, "channel": channel, "data": data }).to_string();
        let (status, answer) = self.ask(Method::POST, "/events", &[], &body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
}

impl Peer {
    /// Asks for a subscription, signed as its name needs it; the next frame about it.
    pub async fn subscribe(&mut self, channel: &str, channel_data: Option<&str>) -> Value {
        let auth = self.app.sign_channel(self.id, channel, channel_data);
        let signed = channel.starts_with("private-") || channel.starts_with("presence-");
        let mut data = json!({ "channel": channel });
        if signed {
            data["auth"] = auth.into();
        }
        if let Some(channel_data) = channel_data {
            data["channel_data"] = channel_data.into();
        }
        self.socket.say(&json!({ "event": "pusher:subscribe", "data": data })).await;
        loop {
            let frame = self.socket.next().await.expect("open");
            if frame["channel"] == channel || frame["event"] == "pusher:error" {
                return frame;
            }
        }
    }

    /// Listens; panics when it may not.
    pub async fn listen(&mut self, channel: &str) {
        let frame = self.subscribe(channel, None).await;
        assert_eq!(frame["event"], "pusher_internal:subscription_succeeded", "{frame}");
    }

    /// Joins a presence channel; the roster as it was told.
    pub async fn join(&mut self, channel: &str, user: &str) -> Value {
        let data = json!({ "user_id": user, "user_info": { "name": user } }).to_string();
        let frame = self.subscribe(channel, Some(&data)).await;
        assert_eq!(frame["event"], "pusher_internal:subscription_succeeded", "{frame}");
        serde_json::from_str::<Value>(frame["data"].as_str().expect("text")).expect("JSON")["presence"].clone()
    }

    /// Signs in with this `user_data`.
    pub async fn sign_in(&mut self, user_data: &Value) {
        let user_data = user_data.to_string();
        let auth = self.app.sign_user(self.id, &user_data);
        self.socket.say(&json!({ "event": "pusher:signin", "data": { "auth": auth, "user_data": user_data } })).await;
    }

    /// Sends a client event.
    pub async fn trigger(&mut self, channel: &str, event: &str, data: Value) {
        self.socket.say(&json!({ "event": event, "channel": channel, "data": data })).await;
    }

    /// A round trip: everything sent before has been looked at, and nothing but this answer is in between.
    pub async fn nothing_before_pong(&mut self) {
        self.socket.say(&json!({ "event": "pusher:ping", "data": {} })).await;
        let frame = self.socket.next().await.expect("open");
        assert_eq!(frame["event"], "pusher:pong", "{frame}");
    }

    /// The next frame must be this event; its data.
    pub async fn hears_next(&mut self, event: &str) -> Value {
        let frame = self.socket.next().await.expect("open");
        assert_eq!(frame["event"], event, "{frame}");
        match &frame["data"] {
            Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| text.clone().into()),
            other => other.clone(),
        }
    }
}

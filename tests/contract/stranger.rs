//! A client that knows nothing but the wire.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use guildhall_testkit::{Person, World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, protocol::CloseFrame},
};

/// Somebody with a token.
#[derive(Clone)]
pub struct Stranger {
    pub url: String,
    pub id: i64,
    pub token: String,
    http: reqwest::Client,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
    pub retry_after: Option<i64>,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl Stranger {
    /// Makes an account and signs in.
    pub async fn new(world: &World, name: &str) -> Self {
        let person = world.person(name).await;
        Self::sign_in(world, &person).await
    }

    /// Makes an account at a server of which only the address is known.
    pub async fn at(url: &str, name: &str) -> Self {
        let http = reqwest::Client::new();
        let body =
            json!({ "name": name, "email": format!("{}@example.com", name.to_lowercase()), "password": PASSWORD });
        let answer = http.post(format!("{url}/api/register")).json(&body).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::CREATED);
        let answer: Value = answer.json().await.expect("JSON");
        let token = answer["data"]["token"].as_str().expect("a token").to_owned();
        let id = answer["data"]["user"]["id"].as_i64().expect("an id");
        Self { url: url.to_owned(), id, token, http }
    }

    /// Signs in once more.
    pub async fn sign_in(world: &World, person: &Person) -> Self {
        let http = reqwest::Client::new();
        let body = json!({ "email": person.email, "password": PASSWORD, "device_name": "Stranger" });
        let answer = http.post(format!("{}/api/login", world.url())).json(&body).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        let answer: Value = answer.json().await.expect("JSON");
        let token = answer["data"]["token"].as_str().expect("a token").to_owned();
        Self { url: world.url(), id: person.id.0, token, http }
    }

    /// The same without a token.
    pub fn guest(&self) -> Self {
        self.with_token("")
    }

    /// The same with another token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        read(request.send().await.expect("an answer")).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None, &[]).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body), &[]).await
    }

    pub async fn send(&self, to: &Stranger, content: &str) -> Answer {
        self.post("/api/messages", json!({ "recipient_id": to.id, "content": content })).await
    }

    pub async fn send_with_key(&self, to: &Stranger, content: &str, key: &str) -> Answer {
        let body = json!({ "recipient_id": to.id, "content": content });
        self.ask(Method::POST, "/api/messages", Some(body), &[("Idempotency-Key", key)]).await
    }

    pub async fn upload(&self, name: &str, bytes: Vec<u8>) -> Answer {
        let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        let request = self.http.post(format!("{}/api/attachments", self.url)).bearer_auth(&self.token).multipart(form);
        read(request.send().await.expect("an answer")).await
    }

    pub async fn download(&self, path: &str) -> (StatusCode, Vec<u8>) {
        let answer =
            self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send().await.expect("an answer");
        (answer.status(), answer.bytes().await.expect("bytes").to_vec())
    }

    /// A socket that listens to one's own channel.
    pub async fn listen(&self) -> Socket {
        self.listen_to(&format!("private-user.{}", self.id)).await
    }

    /// A socket that listens to a channel one may listen to.
    pub async fn listen_to(&self, channel: &str) -> Socket {
        let mut socket = Socket::open(&self.url, "/app/mysharpjob-key?protocol=7").await;
        let socket_id = socket.greeting().await;
        let answer = self.post("/broadcasting/auth", json!({ "socket_id": socket_id, "channel_name": channel })).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        socket
            .say(&json!({ "event": "pusher:subscribe", "data": { "channel": channel, "auth": answer.body["auth"] } }))
            .await;
        socket.hear("pusher_internal:subscription_succeeded").await;
        socket
    }
}

async fn read(answer: reqwest::Response) -> Answer {
    let status = answer.status();
    let retry_after = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
    let text = answer.text().await.unwrap_or_default();
    Answer { status, retry_after, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
}

/// A bare socket.
pub struct Socket(pub WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>);

impl Socket {
    pub async fn open(url: &str, path: &str) -> Self {
        let address = format!("{}{path}", url.replacen("http", "ws", 1));
        Self(connect_async(address).await.expect("the upgrade is accepted").0)
    }

    /// As a browser would, from a page of this origin.
    pub async fn open_from(url: &str, path: &str, origin: Option<&str>) -> Self {
        let mut request = format!("{}{path}", url.replacen("http", "ws", 1)).into_client_request().expect("an address");
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().expect("a header"));
        }
        Self(connect_async(request).await.expect("the upgrade is accepted").0)
    }

    /// The socket id of the greeting.
    pub async fn greeting(&mut self) -> String {
        let data = self.hear("pusher:connection_established").await;
        data["socket_id"].as_str().expect("a socket id").to_owned()
    }

    pub async fn say(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).await.expect("the socket is open");
    }

    /// The next frame, whole; `None` when the connection ended.
    pub async fn next(&mut self) -> Option<Value> {
        self.next_within(Duration::from_secs(20)).await
    }

    /// As [`next`](Self::next), with a limit of one's own.
    pub async fn next_within(&mut self, limit: Duration) -> Option<Value> {
        loop {
            let message = tokio::time::timeout(limit, self.0.next()).await.expect("a frame in time")?;
            match message.ok()? {
                Message::Text(text) => return Some(serde_json::from_str(&text).expect("frames are JSON")),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    /// The data of the next frame of this event; others are passed over.
    pub async fn hear(&mut self, event: &str) -> Value {
        loop {
            let frame = self.next().await.unwrap_or_else(|| panic!("the connection ended before {event}"));
            if frame["event"] == event {
                return match &frame["data"] {
                    Value::String(text) => serde_json::from_str(text).unwrap_or(Value::String(text.clone())),
                    other => other.clone(),
                };
            }
        }
    }

    /// Reads on until the connection ends; the code that it was closed with.
    pub async fn close_code(self) -> Option<u16> {
        self.close_code_within(Duration::from_secs(20)).await
    }

    /// As [`close_code`](Self::close_code), with a limit of one's own between two frames.
    pub async fn close_code_within(mut self, limit: Duration) -> Option<u16> {
        loop {
            let message = tokio::time::timeout(limit, self.0.next()).await.expect("an end in time");
            match message? {
                Ok(Message::Close(Some(CloseFrame { code, .. }))) => return Some(code.into()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }
}

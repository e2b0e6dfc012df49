//! A small server that does what it is told: the peer of the core in its tests. It stores, numbers and pushes like the real one,
//! and fails on request.
#![allow(dead_code)]

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{
        Path, Query, Request, State as Shared,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use guildhall_contract::{rest::MessageBody, wire_time::WireTime};
use guildhall_market::time::Timestamp;
use guildhall_pusher::{frame, socket_id::SocketId};
use serde_json::{Value, json};
use tokio::sync::broadcast;

/// What happens to a message instead of the usual.
#[derive(Clone, Debug)]
pub enum Fault {
    /// An answer with this status and code; nothing is stored.
    Refuse(u16, &'static str),
    /// It is stored, and the answer is lost on the way.
    LoseAnswer,
    /// The event goes out long before the answer.
    EchoFirst,
    /// Asked for patience, in seconds.
    Patience(u64),
}

#[derive(Clone)]
enum Push {
    Frame(i64, String),
    Close(u16),
}

#[derive(Default)]
pub struct State {
    /// Token to person.
    pub tokens: HashMap<String, i64>,
    pub messages: Vec<MessageBody>,
    pub feeds: HashMap<i64, Vec<Value>>,
    /// Numbers below are forgotten.
    pub oldest: i64,
    /// Keys and texts of all tries to send, in order.
    pub tries: Vec<(String, String)>,
    pub keys: HashMap<String, usize>,
    pub faults: VecDeque<Fault>,
    /// No request is answered well, and no connection is made.
    pub down: bool,
    /// Events are stored but not pushed.
    pub mute: bool,
    pub delivered: Vec<i64>,
    pub reads: Vec<Value>,
    pub uploads: Vec<String>,
    pub feed_requests: usize,
}

#[derive(Clone)]
pub struct Hall {
    state: Arc<Mutex<State>>,
    push: broadcast::Sender<Push>,
    pub url: String,
}

/// Person 1 signs in as this; everybody's password is the same.
pub const PASSWORD: &str = "correct horse";

fn now() -> WireTime {
    let wall = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    WireTime(Timestamp(wall as i64))
}

fn party(id: i64) -> Value {
    json!({"id": id, "name": format!("Person {id}"), "avatar": null, "craft": null})
}

fn user(id: i64) -> Value {
    json!({"id": id, "name": format!("Person {id}"), "avatar": null, "role": "member", "online": id % 2 == 0})
}

impl Hall {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (push, _) = broadcast::channel(4_096);
        let hall = Self { state: Arc::default(), push, url };
        hall.state().oldest = 1;
        let router = Router::new()
            .route("/health", get(health))
            .route("/api/login", post(login))
            .route("/api/logout", post(async || StatusCode::NO_CONTENT))
            .route("/api/tokens", get(async || Json(json!({"data": []}))))
            .route("/api/feed", get(feed))
            .route("/api/messages", post(send))
            .route("/api/messages/conversations", get(conversations))
            .route("/api/messages/conversations/{id}", get(thread))
            .route("/api/messages/read", post(read))
            .route("/api/messages/delivered", post(delivered))
            .route("/api/notifications", get(async || Json(json!({"data": []}))))
            .route("/api/attachments", post(upload))
            .route("/broadcasting/auth", post(async || Json(json!({"auth": "key:signature"}))))
            .route("/app/{key}", get(socket))
            .layer(middleware::from_fn_with_state(hall.clone(), door))
            .with_state(hall.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        hall
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn fault(&self, fault: Fault) {
        self.state().faults.push_back(fault);
    }

    /// The server is gone: connections end, requests fail.
    pub fn down(&self) {
        self.state().down = true;
        let _ = self.push.send(Push::Close(1001));
    }

    pub fn up(&self) {
        self.state().down = false;
    }

    /// All tokens are revoked, and their sockets closed.
    pub fn revoke(&self) {
        self.state().tokens.clear();
        let _ = self.push.send(Push::Close(4009));
    }

    pub fn close_sockets(&self, code: u16) {
        let _ = self.push.send(Push::Close(code));
    }

    /// Somebody writes, without a request.
    pub fn write(&self, from: i64, to: i64, body: &str) -> i64 {
        self.store(from, to, body, None, &Value::Null)
    }

    fn store(&self, from: i64, to: i64, body: &str, key: Option<&str>, written_at: &Value) -> i64 {
        let mut state = self.state();
        let id = state.messages.len() as i64 + 1;
        let at = now().to_string();
        let mut message: MessageBody = serde_json::from_value(json!({
            "id": id, "sender_id": from, "recipient_id": to, "content": body, "message_type": "text", "job_id": null,
            "attachments": [], "is_read": false, "created_at": at, "sender": party(from), "from_user_id": from, "to_user_id": to,
            "domain_id": null, "body": body, "from_user": party(from), "domain": null, "recipient": party(to),
            "written_at": written_at, "delivered_at": null, "read_at": null, "deleted_at": null
        }))
        .unwrap();
        message.client_key = key.map(str::to_owned);
        state.messages.push(message.clone());
        let mute = state.mute;
        for person in [from, to] {
            if person != from {
                message.client_key = None;
            }
            let feed = state.feeds.entry(person).or_default();
            let seq = feed.len() as i64 + 1;
            let channel = format!("private-user.{person}");
            let data = serde_json::to_value(&message).unwrap();
            feed.push(json!({"seq": seq, "event": "message.sent", "channel": channel, "data": data}));
            if !mute {
                let text = frame::event("message.sent", &channel, &data.to_string(), Some(seq), None);
                let _ = self.push.send(Push::Frame(person, text));
            }
        }
        id
    }

    /// An event that is not of the feed.
    pub fn push(&self, to: i64, event: &str, data: Value) {
        let channel = format!("private-user.{to}");
        let _ = self.push.send(Push::Frame(to, frame::event(event, &channel, &data.to_string(), None, None)));
    }

    /// The keys of the messages that are stored, in order.
    pub fn texts(&self) -> Vec<String> {
        self.state().messages.iter().map(|message| message.content.clone()).collect()
    }

    fn caller(&self, headers: &HeaderMap) -> Result<i64, StatusCode> {
        let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        token.and_then(|token| self.state().tokens.get(token).copied()).ok_or(StatusCode::UNAUTHORIZED)
    }
}

async fn door(Shared(hall): Shared<Hall>, request: Request, next: Next) -> Response {
    if hall.state().down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        let refusal = json!({"message": "Sign in first.", "code": "unauthenticated"});
        return (StatusCode::UNAUTHORIZED, Json(refusal)).into_response();
    }
    response
}

async fn health() -> Json<Value> {
    Json(
        json!({"status": "ok", "service": "guildhall", "name": "Test hall", "version": "0", "realtime_key": "k", "realtime_port": null}),
    )
}

/// The number before the @ is who it is.
async fn login(Shared(hall): Shared<Hall>, Json(body): Json<Value>) -> Response {
    let id: Option<i64> = body["email"].as_str().and_then(|email| email.split('@').next()?.parse().ok());
    let (Some(id), Some(PASSWORD)) = (id, body["password"].as_str()) else {
        let refusal = json!({"message": "Wrong.", "code": "invalid_credentials"});
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(refusal)).into_response();
    };
    let token = format!("{id}|{}", uuid::Uuid::new_v4());
    hall.state().tokens.insert(token.clone(), id);
    let mut me = user(id);
    me["email"] = body["email"].clone();
    Json(json!({"data": {"token": token, "user": me}})).into_response()
}

#[derive(serde::Deserialize)]
struct FeedQuery {
    after: i64,
    limit: usize,
}

async fn feed(
    Shared(hall): Shared<Hall>,
    headers: HeaderMap,
    Query(query): Query<FeedQuery>,
) -> Result<Json<Value>, StatusCode> {
    let me = hall.caller(&headers)?;
    let mut state = hall.state();
    state.feed_requests += 1;
    let oldest = state.oldest;
    let rows = state.feeds.entry(me).or_default();
    let newer: Vec<_> = rows
        .iter()
        .filter(|row| row["seq"].as_i64().unwrap() > query.after.max(oldest - 1))
        .take(query.limit)
        .cloned()
        .collect();
    Ok(Json(json!({"data": newer, "meta": {"latest": rows.len(), "oldest": oldest}})))
}

async fn send(Shared(hall): Shared<Hall>, headers: HeaderMap, Json(body): Json<Value>) -> Result<Response, StatusCode> {
    let me = hall.caller(&headers)?;
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    let (to, text) = (body["recipient_id"].as_i64().unwrap(), body["content"].as_str().unwrap().to_owned());
    let fault = {
        let mut state = hall.state();
        state.tries.push((key.clone(), text.clone()));
        state.faults.pop_front()
    };
    let refusal = |code: &str| Json(json!({"message": "No.", "code": code}));
    match fault {
        Some(Fault::Refuse(status, code)) => {
            return Ok((StatusCode::from_u16(status).unwrap(), refusal(code)).into_response());
        }
        Some(Fault::Patience(seconds)) => {
            let headers = [("retry-after", seconds.to_string())];
            return Ok((StatusCode::TOO_MANY_REQUESTS, headers, refusal("too_fast")).into_response());
        }
        _ => {}
    }
    let known = hall.state().keys.get(&key).copied();
    let index = match known {
        Some(index) => index,
        None => {
            let id = hall.store(me, to, &text, Some(&key), &body["written_at"]);
            hall.state().keys.insert(key, id as usize - 1);
            id as usize - 1
        }
    };
    match fault {
        Some(Fault::LoseAnswer) => return Ok(StatusCode::BAD_GATEWAY.into_response()),
        Some(Fault::EchoFirst) => tokio::time::sleep(Duration::from_millis(400)).await,
        _ => {}
    }
    let message = hall.state().messages[index].clone();
    Ok((StatusCode::CREATED, Json(json!({"data": message}))).into_response())
}

fn between(state: &State, me: i64, other: i64) -> Vec<MessageBody> {
    let pair = |m: &&MessageBody| {
        (m.sender_id.0, m.recipient_id.0) == (me, other) || (m.sender_id.0, m.recipient_id.0) == (other, me)
    };
    state.messages.iter().rev().filter(pair).cloned().collect()
}

async fn conversations(Shared(hall): Shared<Hall>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let me = hall.caller(&headers)?;
    let state = hall.state();
    let mut rows = Vec::new();
    for other in 1..10 {
        let all = between(&state, me, other);
        let Some(last) = all.first().filter(|_| other != me) else { continue };
        let unread = all.iter().filter(|m| m.sender_id.0 == other && m.read_at.is_none()).count();
        rows.push(json!({"user": user(other), "job_id": null, "domain_id": null, "last_message": last, "unread_count": unread}));
    }
    let meta = json!({"current_page": 1, "per_page": 100, "total": rows.len(), "last_page": 1, "next": null});
    Ok(Json(json!({"data": rows, "meta": meta})))
}

#[derive(serde::Deserialize)]
struct ThreadQuery {
    before: Option<i64>,
    per_page: usize,
}

async fn thread(
    Shared(hall): Shared<Hall>,
    headers: HeaderMap,
    Path(other): Path<i64>,
    Query(query): Query<ThreadQuery>,
) -> Result<Json<Value>, StatusCode> {
    let me = hall.caller(&headers)?;
    let mut all = between(&hall.state(), me, other);
    all.retain(|message| query.before.is_none_or(|before| message.id.0 < before));
    let more = all.len() > query.per_page;
    all.truncate(query.per_page);
    let next = all.last().filter(|_| more).map(|message| message.id);
    let meta = json!({"current_page": 1, "per_page": query.per_page, "total": 0, "last_page": 1, "next": next});
    Ok(Json(json!({"data": all, "meta": meta})))
}

async fn read(
    Shared(hall): Shared<Hall>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    hall.caller(&headers)?;
    let up_to = body["up_to"].as_i64().unwrap();
    let mut state = hall.state();
    for message in state.messages.iter_mut().filter(|m| m.sender_id.0 == body["user_id"] && m.id.0 <= up_to) {
        message.read_at = Some(now());
    }
    state.reads.push(body);
    Ok(Json(json!({"data": {"unread_count": 0}, "unread_count": 0})))
}

async fn delivered(
    Shared(hall): Shared<Hall>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<StatusCode, StatusCode> {
    hall.caller(&headers)?;
    hall.state().delivered.push(body["up_to"].as_i64().unwrap());
    Ok(StatusCode::NO_CONTENT)
}

async fn upload(
    Shared(hall): Shared<Hall>,
    headers: HeaderMap,
    _body: axum::body::Bytes,
) -> Result<Json<Value>, StatusCode> {
    hall.caller(&headers)?;
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    let mut state = hall.state();
    state.uploads.push(key);
    let id = state.uploads.len();
    Ok(Json(json!({"data": {"id": id, "name": "a.png", "mime": "image/png", "size": 1, "sha256": "", "url": ""}})))
}

async fn socket(Shared(hall): Shared<Hall>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(move |socket| serve(hall, socket))
}

async fn serve(hall: Hall, mut socket: WebSocket) {
    let mut pushes = hall.push.subscribe();
    let mut channel: Option<String> = None;
    let _ = socket.send(Message::text(frame::connection_established(SocketId { place: 1, nonce: 2 }, 30))).await;
    loop {
        tokio::select! {
            message = socket.recv() => {
                let Some(Ok(message)) = message else { return };
                let Message::Text(text) = message else { continue };
                let Ok(got) = frame::Frame::parse(&text) else { continue };
                let answer = match got.event.as_ref() {
                    "pusher:ping" => frame::pong(),
                    "pusher:subscribe" => {
                        let name = got.value()["channel"].as_str().unwrap().to_owned();
                        channel = Some(name.clone());
                        frame::subscription_succeeded(&name, "{}")
                    }
                    _ => continue,
                };
                let _ = socket.send(Message::text(answer)).await;
            }
            push = pushes.recv() => match push {
                Ok(Push::Frame(person, text)) if channel == Some(format!("private-user.{person}")) => {
                    let _ = socket.send(Message::text(text)).await;
                }
                Ok(Push::Close(code)) => {
                    let _ = socket.send(Message::Close(Some(CloseFrame { code, reason: "".into() }))).await;
                    return;
                }
                _ => {}
            },
        }
    }
}

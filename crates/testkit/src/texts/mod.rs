//! A provider of texts as Twilio documents its "Messages": what it answers was recorded from there, with its slowness, its
//! refusals and the answers that get lost. It knows nothing of whoever calls it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::{
    Form, Json, Router,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};

/// A text as its sender gave it in, and as lists and answers show it.
const MESSAGE: &str = include_str!("message.json");
/// The account that it knows.
pub const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
/// What that account shows.
pub const TOKEN: &str = "a token for texts";

/// What it does with the next texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// Takes them.
    #[default]
    Takes,
    /// Takes them, and its answer gets lost on the way.
    LosesItsAnswer,
    /// Takes them, and never answers.
    Silent,
    /// Says no, with a status and one of its documented codes.
    Refuses(u16, i64),
    /// Says something that no provider of texts would say.
    Garbled,
}

#[derive(Debug, Default)]
struct Inner {
    texts: Vec<Value>,
    mood: Mood,
    tried: usize,
    looked: usize,
    ahead: Duration,
}

/// The provider. It ends with whoever holds it.
pub struct TextProvider {
    inner: Arc<Mutex<Inner>>,
    address: SocketAddr,
    serving: tokio::task::JoinHandle<()>,
}

impl Drop for TextProvider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct New {
    to: String,
    from: Option<String>,
    messaging_service_sid: Option<String>,
    body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Look {
    to: Option<String>,
    page_size: Option<usize>,
}

impl TextProvider {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub async fn start() -> Self {
        let inner = Arc::new(Mutex::new(Inner::default()));
        let router = Router::new()
            .route("/2010-04-01/Accounts/{account}/Messages.json", post(take).get(list))
            .with_state(Arc::clone(&inner));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { inner, address, serving }
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it took so far: number and words, oldest first.
    pub fn taken(&self) -> Vec<(String, String)> {
        let part = |text: &Value, name: &str| text[name].as_str().unwrap_or_default().to_owned();
        self.lock().texts.iter().map(|text| (part(text, "to"), part(text, "body"))).collect()
    }

    /// How often a text was given in, whatever became of it.
    pub fn tried(&self) -> usize {
        self.lock().tried
    }

    /// How often somebody looked at what was sent.
    pub fn looked(&self) -> usize {
        self.lock().looked
    }

    /// What it does from now on.
    pub fn be(&self, mood: Mood) {
        self.lock().mood = mood;
    }

    /// Moves its own clock on.
    pub fn advance(&self, by: Duration) {
        self.lock().ahead += by;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().expect("nobody panicked")
    }
}

impl Inner {
    fn date(&self, zone: &str) -> String {
        let at: chrono::DateTime<chrono::Utc> = (SystemTime::now() + self.ahead).into();
        format!("{} {zone}", at.format("%a, %d %b %Y %H:%M:%S"))
    }

    /// An answer, dated by its own clock.
    fn says(&self, status: StatusCode, body: impl IntoResponse) -> Response {
        let mut answer = (status, body).into_response();
        if let Ok(date) = HeaderValue::from_str(&self.date("GMT")) {
            answer.headers_mut().insert(header::DATE, date);
        }
        answer
    }

    fn refuses(&self, status: u16, code: i64, words: &str) -> Response {
        let more = format!("https://www.twilio.com/docs/errors/{code}");
        let body = json!({ "code": code, "message": words, "more_info": more, "status": status });
        self.says(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), Json(body))
    }

    fn knows(&self, account: &str, headers: &HeaderMap) -> bool {
        let basic = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        account == ACCOUNT && basic == format!("Basic {}", BASE64_STANDARD.encode(format!("{ACCOUNT}:{TOKEN}")))
    }
}

async fn take(
    State(inner): State<Arc<Mutex<Inner>>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(new): Form<New>,
) -> Response {
    let mut inner = inner.lock().expect("nobody panicked");
    inner.tried += 1;
    if !inner.knows(&account, &headers) {
        return inner.refuses(401, 20003, "Authenticate");
    }
    match inner.mood {
        Mood::Refuses(status, code) => {
            let words = format!("The 'To' number {} is not a valid phone number.", new.to);
            return inner.refuses(status, code, &words);
        }
        Mood::Garbled => return inner.says(StatusCode::OK, "<html>please sign in to the network</html>"),
        Mood::Takes | Mood::LosesItsAnswer | Mood::Silent => {}
    }
    let mut text: Value = serde_json::from_str(MESSAGE).expect("JSON");
    let date = inner.date("+0000");
    text["sid"] = json!(format!("SM{:032x}", inner.texts.len()));
    text["date_created"] = json!(date);
    text["date_updated"] = json!(date);
    text["to"] = json!(new.to);
    text["body"] = json!(new.body);
    text["from"] = json!(new.from);
    text["messaging_service_sid"] = json!(new.messaging_service_sid);
    inner.texts.push(text.clone());
    match inner.mood {
        Mood::LosesItsAnswer => {
            let broken =
                futures_util::stream::once(async { Err::<Vec<u8>, _>(std::io::Error::other("the link broke")) });
            inner.says(StatusCode::CREATED, Body::from_stream(broken))
        }
        Mood::Silent => {
            let silence = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
            inner.says(StatusCode::CREATED, Body::from_stream(silence))
        }
        _ => inner.says(StatusCode::CREATED, Json(text)),
    }
}

async fn list(
    State(inner): State<Arc<Mutex<Inner>>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Query(look): Query<Look>,
) -> Response {
    let mut inner = inner.lock().expect("nobody panicked");
    inner.looked += 1;
    if !inner.knows(&account, &headers) {
        return inner.refuses(401, 20003, "Authenticate");
    }
    if inner.mood == Mood::Garbled {
        return inner.says(StatusCode::OK, "<html>please sign in to the network</html>");
    }
    let theirs = |text: &&Value| look.to.as_deref().is_none_or(|to| text["to"] == to);
    let newest: Vec<Value> =
        inner.texts.iter().rev().filter(theirs).take(look.page_size.unwrap_or(50)).cloned().collect();
    let body =
        json!({ "messages": newest, "page": 0, "page_size": look.page_size.unwrap_or(50), "next_page_uri": null });
    inner.says(StatusCode::OK, Json(body))
}

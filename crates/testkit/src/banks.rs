//! A stand-in for the two providers, written from their documents alone and sharing nothing with the adapters: what they answer
//! about accounts and banks, and how they fail.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::task::JoinHandle;

/// The key that it takes.
pub const KEY: &str = "sk_test_of_the_hall";

/// How it answers about accounts; it lists banks as long as it takes the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As documented: whose the account is.
    Well(&'static str),
    /// As documented: there is no such account.
    Unknown,
    /// As documented, too late.
    Slow(Duration),
    /// It broke, in HTML.
    Down,
    /// It asks for patience.
    TooMany,
    /// It succeeded, and says no name.
    NoName,
    /// It is about another account.
    Lies,
    /// It says "no" with the status of a yes.
    Inconclusive,
    /// No JSON.
    Garbage,
    /// It leads elsewhere.
    Elsewhere,
    /// Longer than anybody reads.
    Endless,
}

/// What it was asked: method, path with query, and body.
pub type Asked = (String, String, String);

struct Shared {
    mood: Mutex<Mood>,
    asked: Mutex<Vec<Asked>>,
}

/// The stand-in, on a free port of loopback.
pub struct Banks {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Banks {
    /// Starts it.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub async fn start(mood: Mood) -> Self {
        let shared = Arc::new(Shared { mood: Mutex::new(mood), asked: Mutex::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { address, shared, serving }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// It answers so from now on.
    pub fn set(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Banks {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn told(status: u16, body: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_owned()).into_response()
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    let where_to = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let asked = (parts.method.to_string(), where_to, text.clone());
    shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    let paystack = !parts.uri.path().starts_with("/v3/");
    let key = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if key != Some(&format!("Bearer {KEY}")) {
        return if paystack {
            told(401, r#"{"status":false,"message":"Invalid key"}"#)
        } else {
            told(401, r#"{"status":"error","message":"Invalid authorization key","data":null}"#)
        };
    }
    let mood = *shared.mood.lock().unwrap_or_else(PoisonError::into_inner);
    match (parts.method.as_str(), parts.uri.path()) {
        ("GET", "/bank") if parts.uri.query().is_some_and(|query| query.contains("next=second")) => told(
            200,
            r#"{"status":true,"message":"Banks retrieved","data":[
                {"name":"Zenith Bank","slug":"zenith-bank","code":"057","longcode":"057150013","active":true,"country":"Nigeria","currency":"NGN","type":"nuban","is_deleted":false,"id":21},
                {"name":"Gone Bank","slug":"gone","code":"999","active":false,"country":"Nigeria","currency":"NGN","type":"nuban","is_deleted":true,"id":22}],
                "meta":{"next":null,"previous":"first","perPage":1}}"#,
        ),
        ("GET", "/bank") => told(
            200,
            r#"{"status":true,"message":"Banks retrieved","data":[
                {"name":"Guaranty Trust Bank","slug":"guaranty-trust-bank","code":"058","longcode":"058152036","active":true,"country":"Nigeria","currency":"NGN","type":"nuban","is_deleted":false,"id":9}],
                "meta":{"next":"second","previous":null,"perPage":1}}"#,
        ),
        ("GET", "/v3/banks/NG") => told(
            200,
            r#"{"status":"success","message":"Banks fetched successfully","data":[
                {"id":191,"code":"044","name":"Access Bank"},{"id":177,"code":"058","name":"GTBank Plc"}]}"#,
        ),
        ("GET", "/bank/resolve") => {
            let query = parts.uri.query().unwrap_or_default();
            let number = query.split('&').find_map(|pair| pair.strip_prefix("account_number=")).unwrap_or_default();
            about(mood, true, number).await
        }
        ("POST", "/v3/accounts/resolve") => {
            let number = text.split("\"account_number\":\"").nth(1).and_then(|rest| rest.split('"').next());
            about(mood, false, number.unwrap_or_default()).await
        }
        _ => told(404, r#"{"status":"error","message":"not found"}"#),
    }
}

/// What it says of an account.
async fn about(mood: Mood, paystack: bool, number: &str) -> Response {
    let found = |number: &str, name: &str| {
        let name = if name.is_empty() { "null".to_owned() } else { format!("\"{name}\"") };
        if paystack {
            format!(
                r#"{{"status":true,"message":"Account number resolved","data":{{"account_number":"{number}","account_name":{name},"bank_id":9}}}}"#
            )
        } else {
            format!(
                r#"{{"status":"success","message":"Account details fetched","data":{{"account_number":"{number}","account_name":{name}}}}}"#
            )
        }
    };
    match mood {
        Mood::Well(name) => told(200, &found(number, name)),
        Mood::Slow(wait) => {
            tokio::time::sleep(wait).await;
            told(200, &found(number, "OKONKWO AMARA"))
        }
        Mood::Unknown if paystack => told(
            422,
            r#"{"status":false,"message":"Could not resolve account name. Check parameters or try again.","type":"validation_error","code":"invalid_params"}"#,
        ),
        Mood::Unknown => told(
            400,
            r#"{"status":"error","message":"Sorry, recipient account could not be validated. Please try again","data":null}"#,
        ),
        Mood::Down => {
            (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], "<h1>Bad gateway</h1>").into_response()
        }
        Mood::TooMany => told(429, r#"{"status":false,"message":"Too many requests"}"#),
        Mood::NoName => told(200, &found(number, "")),
        Mood::Lies => told(200, &found("9999999999", "OKONKWO AMARA")),
        Mood::Inconclusive if paystack => told(200, r#"{"status":false,"message":"Unknown bank response"}"#),
        Mood::Inconclusive => told(200, r#"{"status":"pending","message":"Try later","data":null}"#),
        Mood::Garbage => told(200, "{\"status\":tr"),
        Mood::Elsewhere => {
            (StatusCode::FOUND, [(header::LOCATION, "http://127.0.0.1:1/elsewhere")], "").into_response()
        }
        Mood::Endless => told(200, &format!("{{\"status\":true,\"more\":\"{}\"}}", "x".repeat(3 << 20))),
    }
}

//! A stand-in for what the two providers do with charges, written from their documents alone and sharing nothing with the adapters:
//! how a charge is begun, what is said of it, the news with their signatures, and how all of it fails.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use ring::hmac;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// The key that it takes.
pub const KEY: &str = "sk_test_of_the_hall";
/// What its news carry, where they carry a word in place of a signature.
pub const NEWS_HASH: &str = "a word that was set there";

/// Which of the two it stands in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// <https://paystack.com/docs/api/transaction>
    Paystack,
    /// <https://developer.flutterwave.com/v3.0/reference>
    Flutterwave,
}

/// How a charge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// The page is open, or was never.
    Open,
    /// Somebody paid, and this much, in hundredths, in this currency.
    Paid(i64, &'static str),
    /// The bank said no.
    Declined,
}

struct Charge {
    id: i64,
    minor: i64,
    currency: String,
    stands: Stands,
}

#[derive(Default)]
struct Kept {
    charges: BTreeMap<String, Charge>,
    down: bool,
    slow: Option<Duration>,
    asked: usize,
}

struct Shared {
    of: Of,
    address: SocketAddr,
    kept: Mutex<Kept>,
}

/// The stand-in, on a free port of loopback.
pub struct Checkouts {
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

impl Checkouts {
    /// Starts it.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub async fn start(of: Of) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared { of, address, kept: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { shared, serving }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A charge stands so from now on.
    ///
    /// # Panics
    /// For a reference that was never begun.
    pub fn set(&self, reference: &str, stands: Stands) {
        self.kept().charges.get_mut(reference).expect("it was begun").stands = stands;
    }

    /// A charge that nobody here began: the merchant's other shop did.
    pub fn add(&self, reference: &str, minor: i64, currency: &'static str) {
        let mut kept = self.kept();
        let id = 9_000 + i64::try_from(kept.charges.len()).unwrap_or_default();
        let charge = Charge { id, minor, currency: currency.to_owned(), stands: Stands::Paid(minor, currency) };
        kept.charges.insert(reference.to_owned(), charge);
    }

    /// It answers with an error page, or not.
    pub fn down(&self, down: bool) {
        self.kept().down = down;
    }

    /// It answers so late.
    pub fn slow(&self, wait: Option<Duration>) {
        self.kept().slow = wait;
    }

    /// How often it was asked anything.
    pub fn asked(&self) -> usize {
        self.kept().asked
    }

    /// The references that were begun, in no order that means anything.
    pub fn references(&self) -> Vec<String> {
        self.kept().charges.keys().cloned().collect()
    }

    /// The body of its news about a charge, spaced and ordered as no serialiser of ours would, and the header that goes with it.
    pub fn news(&self, reference: &str) -> (String, (&'static str, String)) {
        let kept = self.kept();
        let charge = &kept.charges[reference];
        match self.shared.of {
            Of::Paystack => {
                let body = format!(
                    "{{ \"data\":{{\"id\" : {},\"reference\":\"{reference}\", \"amount\":{} ,\"currency\":\"{}\",\"status\":\"success\"}},\n\"event\":\"charge.success\"}}",
                    charge.id, charge.minor, charge.currency
                );
                let key = hmac::Key::new(hmac::HMAC_SHA512, KEY.as_bytes());
                let signature = hex::encode(hmac::sign(&key, body.as_bytes()));
                (body, ("x-paystack-signature", signature))
            }
            Of::Flutterwave => {
                let body = format!(
                    "{{\"data\" : {{ \"tx_ref\":\"{reference}\",\"id\":{}, \"status\":\"successful\"}} , \"event\":\"charge.completed\"}}",
                    charge.id
                );
                (body, ("verif-hash", NEWS_HASH.to_owned()))
            }
        }
    }
}

impl Drop for Checkouts {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn told(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Hundredths as a number in whole ones, as Flutterwave has amounts.
fn whole(minor: i64) -> Value {
    serde_json::from_str(&format!("{}.{:02}", minor / 100, minor % 100)).unwrap_or(Value::Null)
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let said = match serde_json::from_slice::<Value>(&body) {
        Ok(said) => said,
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => return told(400, &json!({ "status": "error", "message": "Invalid JSON" })),
    };
    let (slow, down) = {
        let mut kept = shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.asked += 1;
        (kept.slow, kept.down)
    };
    if let Some(wait) = slow {
        tokio::time::sleep(wait).await;
    }
    if down {
        return (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], "<h1>Bad gateway</h1>")
            .into_response();
    }
    let key = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if key != Some(&format!("Bearer {KEY}")) {
        return told(401, &json!({ "status": false, "message": "Invalid key" }));
    }
    let mut kept = shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
    let path = parts.uri.path().to_owned();
    match (shared.of, parts.method.as_str(), path.as_str()) {
        (Of::Paystack, "POST", "/transaction/initialize") => {
            let (Some(reference), Some(minor)) = (said["reference"].as_str(), said["amount"].as_i64()) else {
                return told(400, &json!({ "status": false, "message": "Invalid Amount Sent" }));
            };
            if !said["email"].as_str().is_some_and(|email| email.contains('@')) {
                return told(400, &json!({ "status": false, "message": "Invalid Email Address Passed" }));
            }
            begin(&mut kept, reference, minor, &said["currency"]);
            told(
                200,
                &json!({ "status": true, "message": "Authorization URL created", "data": {
                    "authorization_url": format!("http://{}/pay/{reference}", shared.address),
                    "access_code": "0peioxfhpn", "reference": reference } }),
            )
        }
        (Of::Paystack, "GET", path) if path.starts_with("/transaction/verify/") => {
            let reference = path.trim_start_matches("/transaction/verify/");
            let Some(charge) = kept.charges.get(reference) else {
                return told(
                    400,
                    &json!({ "status": false, "message": "Transaction reference not found.", "type": "validation_error",
                        "code": "transaction_not_found" }),
                );
            };
            let (status, minor, currency, fees, words) = match charge.stands {
                Stands::Open => ("abandoned", charge.minor, charge.currency.as_str(), Value::Null, Value::Null),
                Stands::Paid(minor, currency) => {
                    ("success", minor, currency, json!(minor * 15 / 1_000), json!("Approved"))
                }
                Stands::Declined => {
                    ("failed", charge.minor, charge.currency.as_str(), Value::Null, json!("Insufficient Funds"))
                }
            };
            told(
                200,
                &json!({ "status": true, "message": "Verification successful", "data": { "id": charge.id, "domain": "test",
                    "status": status, "reference": reference, "amount": minor, "currency": currency, "fees": fees,
                    "gateway_response": words, "channel": "card" } }),
            )
        }
        (Of::Flutterwave, "POST", "/v3/payments") => {
            let hundredths =
                said["amount"].as_str().map(|text| text.replace('.', "")).and_then(|text| text.parse().ok());
            let (Some(reference), Some(minor)) = (said["tx_ref"].as_str(), hundredths) else {
                return told(400, &json!({ "status": "error", "message": "amount is required", "data": null }));
            };
            begin(&mut kept, reference, minor, &said["currency"]);
            told(
                200,
                &json!({ "status": "success", "message": "Hosted Link",
                    "data": { "link": format!("http://{}/pay/{reference}", shared.address) } }),
            )
        }
        (Of::Flutterwave, "GET", "/v3/transactions/verify_by_reference") => {
            let query = parts.uri.query().unwrap_or_default();
            let reference = query.split('&').find_map(|pair| pair.strip_prefix("tx_ref=")).unwrap_or_default();
            let charge = kept.charges.get(reference).filter(|charge| charge.stands != Stands::Open);
            let Some(charge) = charge else {
                return told(
                    400,
                    &json!({ "status": "error", "message": "No transaction was found for this id", "data": null }),
                );
            };
            let (status, minor, currency, words) = match charge.stands {
                Stands::Open => ("pending", charge.minor, charge.currency.as_str(), "pending"),
                Stands::Paid(minor, currency) => ("successful", minor, currency, "Approved"),
                Stands::Declined => ("failed", charge.minor, charge.currency.as_str(), "Insufficient Funds"),
            };
            told(
                200,
                &json!({ "status": "success", "message": "Transaction fetched successfully", "data": { "id": charge.id,
                    "tx_ref": reference, "flw_ref": "FLW-MOCK", "amount": whole(minor), "charged_amount": whole(minor),
                    "app_fee": whole(minor * 14 / 1_000), "currency": currency, "status": status,
                    "processor_response": words } }),
            )
        }
        _ => told(404, &json!({ "status": "error", "message": "not found" })),
    }
}

fn begin(kept: &mut Kept, reference: &str, minor: i64, currency: &Value) {
    let id = 4_000 + i64::try_from(kept.charges.len()).unwrap_or_default();
    let currency = currency.as_str().unwrap_or_default().to_owned();
    kept.charges.insert(reference.to_owned(), Charge { id, minor, currency, stands: Stands::Open });
}

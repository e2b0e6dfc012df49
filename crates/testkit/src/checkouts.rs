//! A stand-in for what the two providers do with money, written from their documents alone and sharing nothing with the adapters:
//! how a charge is begun, what is said of it, the news with their signatures, transfers to banks, and how all of it fails.

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

/// What becomes of transfers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bank {
    /// They arrive.
    #[default]
    Takes,
    /// It is asked, and says nothing yet.
    Waits,
    /// It does not take them.
    Declines,
    /// The answer to whoever sends is lost, and the transfer stands.
    TakesAndIsSilent,
    /// The request is lost: nothing stands.
    IsNotReached,
    /// A word that stands in no document.
    SaysSomethingNew,
}

struct Sent {
    id: i64,
    minor: i64,
    bank: Bank,
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
    /// Further transactions, by number: of which reference, and how much in hundredths.
    again: BTreeMap<i64, (String, i64)>,
    transfers: BTreeMap<String, Sent>,
    bank: Bank,
    sends: usize,
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

    /// What becomes of the transfers that come from now on.
    pub fn bank(&self, bank: Bank) {
        self.kept().bank = bank;
    }

    /// What becomes of those that wait.
    pub fn decide(&self, bank: Bank) {
        for sent in self.kept().transfers.values_mut() {
            sent.bank = bank;
        }
    }

    /// How often something was to be sent, and what stands: how many transfers, and their sum in hundredths.
    pub fn sent(&self) -> (usize, usize, i64) {
        let kept = self.kept();
        (kept.sends, kept.transfers.len(), kept.transfers.values().map(|sent| sent.minor).sum())
    }

    /// A page is paid once more: another transaction of the same reference, and the news of it.
    ///
    /// # Panics
    /// For a reference that was never begun.
    pub fn paid_again(&self, reference: &str, minor: i64) -> (String, (&'static str, String)) {
        let mut kept = self.kept();
        let id = 8_000 + i64::try_from(kept.again.len()).unwrap_or_default();
        assert!(kept.charges.contains_key(reference), "it was begun");
        kept.again.insert(id, (reference.to_owned(), minor));
        let body = format!(
            "{{\"data\":{{\"tx_ref\":\"{reference}\",\"id\":{id},\"status\":\"successful\"}},\"event\":\"charge.completed\"}}"
        );
        (body, ("verif-hash", NEWS_HASH.to_owned()))
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
            match kept.charges.get(reference) {
                Some(charge) => transaction(charge.id, reference, charge),
                None => no_transaction(),
            }
        }
        (Of::Flutterwave, "GET", path) if path.starts_with("/v3/transactions/") => {
            let id = path.trim_start_matches("/v3/transactions/").trim_end_matches("/verify").parse().unwrap_or(0);
            if let Some((reference, minor)) = kept.again.get(&id) {
                let charge = Charge { id, minor: *minor, currency: "NGN".into(), stands: Stands::Paid(*minor, "NGN") };
                return transaction(id, reference, &charge);
            }
            match kept.charges.iter().find(|(_, charge)| charge.id == id) {
                Some((reference, charge)) => transaction(id, reference, charge),
                None => no_transaction(),
            }
        }
        _ => of_banks(&shared, &mut kept, (&parts, &said)),
    }
}

fn no_transaction() -> Response {
    told(400, &json!({ "status": "error", "message": "No transaction was found for this id", "data": null }))
}

/// What Flutterwave says of a transaction. Of a page that nobody used it knows none.
fn transaction(id: i64, reference: &str, charge: &Charge) -> Response {
    let (status, minor, currency, words) = match charge.stands {
        Stands::Open => return no_transaction(),
        Stands::Paid(minor, currency) => ("successful", minor, currency, "Approved"),
        Stands::Declined => ("failed", charge.minor, charge.currency.as_str(), "Insufficient Funds"),
    };
    told(
        200,
        &json!({ "status": "success", "message": "Transaction fetched successfully", "data": { "id": id,
            "tx_ref": reference, "flw_ref": "FLW-MOCK", "amount": whole(minor), "charged_amount": whole(minor + minor * 14 / 1_000),
            "app_fee": whole(minor * 14 / 1_000), "currency": currency, "status": status,
            "processor_response": words } }),
    )
}

/// What it does with bank accounts and transfers.
fn of_banks(shared: &Shared, kept: &mut Kept, (parts, said): (&axum::http::request::Parts, &Value)) -> Response {
    let query = parts.uri.query().unwrap_or_default();
    let of_query =
        |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    let holder = "OKONKWO AMARA GRACE";
    match (shared.of, parts.method.as_str(), parts.uri.path()) {
        (Of::Paystack, "GET", "/bank") => told(
            200,
            &json!({ "status": true, "message": "Banks retrieved", "data": [{ "name": "Guaranty Trust Bank", "code": "058",
                "active": true, "currency": "NGN", "type": "nuban", "is_deleted": false, "id": 9 }], "meta": { "next": null } }),
        ),
        (Of::Paystack, "GET", "/bank/resolve") => told(
            200,
            &json!({ "status": true, "message": "Account number resolved",
                "data": { "account_number": of_query("account_number"), "account_name": holder, "bank_id": 9 } }),
        ),
        (Of::Flutterwave, "GET", "/v3/banks/NG") => told(
            200,
            &json!({ "status": "success", "message": "Banks fetched successfully", "data": [{ "id": 177, "code": "058", "name": "GTBank Plc" }] }),
        ),
        (Of::Flutterwave, "POST", "/v3/accounts/resolve") => told(
            200,
            &json!({ "status": "success", "message": "Account details fetched",
                "data": { "account_number": said["account_number"], "account_name": holder } }),
        ),
        (Of::Paystack, "POST", "/transferrecipient") => told(
            201,
            &json!({ "status": true, "message": "Transfer recipient created successfully", "data": { "active": true,
                "recipient_code": format!("RCP_{}", said["account_number"].as_str().unwrap_or_default()), "type": "nuban" } }),
        ),
        (Of::Paystack, "POST", "/transfer") | (Of::Flutterwave, "POST", "/v3/transfers") => {
            sends(shared.of, kept, said)
        }
        (Of::Paystack, "GET", path) if path.starts_with("/transfer/verify/") => {
            let reference = path.trim_start_matches("/transfer/verify/").to_owned();
            match kept.transfers.get(&reference) {
                Some(sent) => told(
                    200,
                    &json!({ "status": true, "message": "Transfer retrieved", "data": of_paystack(&reference, sent) }),
                ),
                None => told(
                    404,
                    &json!({ "status": false, "message": "Transfer not found", "code": "transfer_not_found" }),
                ),
            }
        }
        (Of::Flutterwave, "GET", "/v3/transfers") => {
            let reference = of_query("reference").to_owned();
            let found: Vec<Value> =
                kept.transfers.get(&reference).map(|sent| of_flutterwave(&reference, sent)).into_iter().collect();
            told(200, &json!({ "status": "success", "message": "Transfers fetched", "data": found }))
        }
        _ => told(404, &json!({ "status": "error", "message": "not found" })),
    }
}

fn of_paystack(reference: &str, sent: &Sent) -> Value {
    let status = match sent.bank {
        Bank::Takes | Bank::TakesAndIsSilent => "success",
        Bank::Declines => "reversed",
        Bank::SaysSomethingNew => "on_the_moon",
        Bank::Waits | Bank::IsNotReached => "pending",
    };
    json!({ "id": sent.id, "amount": sent.minor, "currency": "NGN", "reference": reference, "source": "balance",
        "status": status, "transfer_code": "TRF_1", "fees": 1_000 })
}

fn of_flutterwave(reference: &str, sent: &Sent) -> Value {
    let status = match sent.bank {
        Bank::Takes | Bank::TakesAndIsSilent => "SUCCESSFUL",
        Bank::Declines => "FAILED",
        Bank::SaysSomethingNew => "ON_THE_MOON",
        Bank::Waits | Bank::IsNotReached => "NEW",
    };
    json!({ "id": sent.id, "amount": whole(sent.minor), "currency": "NGN", "debit_currency": "NGN", "reference": reference,
        "status": status, "fee": 10.0, "complete_message": if sent.bank == Bank::Declines { "DISBURSE FAILED" } else { "" } })
}

fn sends(of: Of, kept: &mut Kept, said: &Value) -> Response {
    kept.sends += 1;
    let minor = match of {
        Of::Paystack => said["amount"].as_i64(),
        Of::Flutterwave => said["amount"].as_str().map(|text| text.replace('.', "")).and_then(|text| text.parse().ok()),
    };
    let (Some(reference), Some(minor)) = (said["reference"].as_str(), minor) else {
        return told(400, &json!({ "status": false, "message": "amount and reference are required" }));
    };
    let lost = || (StatusCode::GATEWAY_TIMEOUT, "").into_response();
    if kept.bank == Bank::IsNotReached {
        return lost();
    }
    if kept.transfers.contains_key(reference) {
        return told(
            400,
            &json!({ "status": if of == Of::Paystack { json!(false) } else { json!("error") },
                "message": "Please provide a unique reference. Reference already exists on a transfer" }),
        );
    }
    let sent = Sent { id: 7_000 + i64::try_from(kept.transfers.len()).unwrap_or_default(), minor, bank: kept.bank };
    let shown = match of {
        Of::Paystack => {
            json!({ "status": true, "message": "Transfer has been queued", "data": of_paystack(reference, &sent) })
        }
        Of::Flutterwave => {
            json!({ "status": "success", "message": "Transfer Queued Successfully", "data": of_flutterwave(reference, &sent) })
        }
    };
    let silent = sent.bank == Bank::TakesAndIsSilent;
    kept.transfers.insert(reference.to_owned(), sent);
    if silent { lost() } else { told(200, &shown) }
}

fn begin(kept: &mut Kept, reference: &str, minor: i64, currency: &Value) {
    let id = 4_000 + i64::try_from(kept.charges.len()).unwrap_or_default();
    let currency = currency.as_str().unwrap_or_default().to_owned();
    kept.charges.insert(reference.to_owned(), Charge { id, minor, currency, stands: Stands::Open });
}

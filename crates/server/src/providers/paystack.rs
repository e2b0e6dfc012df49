//! Paystack, as <https://paystack.com/docs/api/verification>, <https://paystack.com/docs/api/miscellaneous>,
//! <https://paystack.com/docs/api/transaction> and <https://paystack.com/docs/payments/webhooks> document it.

use axum::http::HeaderMap;
use futures_util::future::BoxFuture;
use hmac::{Hmac, Mac};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sha2::Sha512;

use super::port::{
    Accounts, Bank, Became, Charges, Checkout, Forged, News, Paid, ProviderError, Reached, Transfer, Transfers, Went,
    asked, banks_in, currency_in, holder_in, number_in, page_in, words_in,
};

/// Banks of one page, and pages, at most.
const PER_PAGE: &str = "100";
const PAGES_MAX: usize = 20;

/// The adapter.
#[derive(Debug)]
pub struct Paystack {
    http: Client,
    reached: Reached,
}

impl Paystack {
    pub fn new(http: Client, reached: Reached) -> Self {
        Self { http, reached }
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<(StatusCode, Value), ProviderError> {
        let url = format!("{}{path}", self.reached.url);
        asked(self.http.get(url).bearer_auth(&self.reached.key.0).query(query)).await
    }

    async fn all_banks(&self, currency: &str) -> Result<Vec<Bank>, ProviderError> {
        let (mut banks, mut next) = (Vec::new(), String::new());
        for _ in 0..PAGES_MAX {
            let mut query = vec![("currency", currency), ("use_cursor", "true"), ("perPage", PER_PAGE)];
            if !next.is_empty() {
                query.push(("next", &next));
            }
            let (status, said) = self.get("/bank", &query).await?;
            if !status.is_success() || said["status"] != Value::Bool(true) {
                return Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16())));
            }
            banks.extend(banks_in(&said["data"])?);
            match said["meta"]["next"].as_str().filter(|text| !text.is_empty() && **text != *next) {
                Some(text) => next = text.to_owned(),
                None => return Ok(banks),
            }
        }
        Ok(banks)
    }
}

impl Accounts for Paystack {
    fn name(&self) -> &'static str {
        "paystack"
    }

    fn currencies(&self) -> &'static [&'static str] {
        &["GHS", "NGN"]
    }

    fn minimum_minor(&self, currency: &str) -> i64 {
        // ₦100 and GH₵1: below that transfers are refused.
        if currency == "NGN" { 10_000 } else { 100 }
    }

    fn banks<'a>(&'a self, currency: &'a str) -> BoxFuture<'a, Result<Vec<Bank>, ProviderError>> {
        Box::pin(self.all_banks(currency))
    }

    fn holder<'a>(&'a self, bank: &'a str, number: &'a str) -> BoxFuture<'a, Result<String, ProviderError>> {
        Box::pin(async move {
            let (status, said) = self.get("/bank/resolve", &[("account_number", number), ("bank_code", bank)]).await?;
            match (status, &said["status"]) {
                (StatusCode::OK, Value::Bool(true)) => holder_in(&said["data"], number),
                // "Could not resolve account name. Check parameters or try again."
                (StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY, Value::Bool(false)) => {
                    Err(ProviderError::Unknown)
                }
                _ => Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16()))),
            }
        })
    }
}

impl Paystack {
    /// Whether something is of the other mode than our key: a test card pays nothing real.
    fn is_of_another_mode(&self, data: &Value) -> bool {
        let mode = match &self.reached.key.0 {
            key if key.starts_with("sk_live_") => "live",
            key if key.starts_with("sk_test_") => "test",
            _ => return false,
        };
        data["domain"].as_str().is_some_and(|domain| domain != mode)
    }
}

/// What each word for a transfer means (<https://paystack.com/docs/transfers/managing-transfers>).
fn went_in(data: &Value) -> Result<Went, ProviderError> {
    let why = || {
        let said = [&data["gateway_response"], &data["failures"], &data["message"]];
        said.into_iter().find(|said| said.is_string()).map_or_else(|| "The bank did not take it.".to_owned(), words_in)
    };
    match data["status"].as_str() {
        Some("success") => Ok(Went::There(data["fees"].as_i64().or(data["fee_charged"].as_i64()).unwrap_or(0).max(0))),
        Some("failed" | "reversed" | "abandoned" | "blocked" | "rejected") => Ok(Went::Not(why())),
        Some("otp") => Ok(Went::NotYet(true)),
        Some(_) => Ok(Went::NotYet(false)),
        None => Err(ProviderError::Inconclusive("it does not say how it stands".into())),
    }
}

impl Transfers for Paystack {
    fn name(&self) -> &'static str {
        Accounts::name(self)
    }

    fn send<'a>(&'a self, transfer: Transfer<'a>) -> BoxFuture<'a, Result<Went, ProviderError>> {
        Box::pin(async move {
            let post = async |path: &str, body: Value| {
                let url = format!("{}{path}", self.reached.url);
                asked(self.http.post(url).bearer_auth(&self.reached.key.0).json(&body)).await
            };
            let code = transfer.currency.code();
            // The same recipient is the same to the provider, however often it is named.
            let recipient = json!({
                "type": if code == "GHS" { "ghipss" } else { "nuban" },
                "name": transfer.holder,
                "account_number": transfer.number,
                "bank_code": transfer.bank,
                "currency": code,
            });
            let (status, said) = post("/transferrecipient", recipient).await?;
            let recipient = said["data"]["recipient_code"].as_str().filter(|_| status.is_success());
            let recipient = recipient.ok_or_else(|| ProviderError::Inconclusive("it names no recipient".into()))?;
            let body = json!({
                "source": "balance",
                "amount": transfer.amount,
                "currency": code,
                "recipient": recipient,
                "reference": transfer.reference,
                "reason": "Guildhall",
            });
            let (status, said) = post("/transfer", body).await?;
            match (status, &said["status"]) {
                (StatusCode::OK | StatusCode::CREATED, Value::Bool(true)) => went_in(&said["data"]),
                // Also where the reference stands already: what became of that one is asked for.
                _ => Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16()))),
            }
        })
    }

    fn went<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Went, ProviderError>> {
        Box::pin(async move {
            let (status, said) = self.get(&format!("/transfer/verify/{reference}"), &[]).await?;
            match (status, &said["status"]) {
                (StatusCode::OK, Value::Bool(true)) if said["data"]["reference"].as_str() == Some(reference) => {
                    went_in(&said["data"])
                }
                (StatusCode::OK, Value::Bool(true)) => {
                    Err(ProviderError::Inconclusive("it is about another transfer".into()))
                }
                // "Transfer not found"
                (StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND, Value::Bool(false)) => Err(ProviderError::Unknown),
                _ => Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16()))),
            }
        })
    }
}

impl Charges for Paystack {
    fn name(&self) -> &'static str {
        Accounts::name(self)
    }

    fn takes(&self) -> &'static [&'static str] {
        &["GHS", "KES", "NGN", "USD", "ZAR"]
    }

    fn begin<'a>(&'a self, checkout: Checkout<'a>) -> BoxFuture<'a, Result<String, ProviderError>> {
        Box::pin(async move {
            let url = format!("{}/transaction/initialize", self.reached.url);
            let mut body = json!({
                "email": checkout.email,
                "amount": checkout.amount,
                "currency": checkout.currency.code(),
                "reference": checkout.reference,
                "metadata": { "title": checkout.title },
            });
            if let Some(back) = checkout.back {
                body["callback_url"] = back.into();
            }
            let (status, said) = asked(self.http.post(url).bearer_auth(&self.reached.key.0).json(&body)).await?;
            if status != StatusCode::OK || said["status"] != Value::Bool(true) {
                return Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16())));
            }
            page_in(&said["data"]["authorization_url"], &self.reached.url)
        })
    }

    fn became<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Became, ProviderError>> {
        Box::pin(async move {
            let (status, said) = self.get(&format!("/transaction/verify/{reference}"), &[]).await?;
            let data = &said["data"];
            match (status, &said["status"]) {
                (StatusCode::OK, Value::Bool(true)) => {}
                // "Transaction reference not found."
                (StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND, Value::Bool(false)) => {
                    return Err(ProviderError::Unknown);
                }
                _ => return Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16()))),
            }
            if data["reference"].as_str() != Some(reference) {
                return Err(ProviderError::Inconclusive("it is about another charge".into()));
            }
            if self.is_of_another_mode(data) {
                return Err(ProviderError::Inconclusive("it is of another mode than the key".into()));
            }
            match data["status"].as_str() {
                Some("success") => {
                    let whole = |said: &Value| said.as_i64().filter(|minor| *minor >= 0);
                    let amount =
                        whole(&data["amount"]).ok_or_else(|| ProviderError::Inconclusive("it has no amount".into()))?;
                    Ok(Became::Paid(Paid {
                        transaction: number_in(&data["id"])?,
                        amount,
                        currency: currency_in(&data["currency"])?,
                        fee: whole(&data["fees"]).unwrap_or(0),
                    }))
                }
                Some("failed" | "reversed") => Ok(Became::Nothing(words_in(&data["gateway_response"]))),
                // Said of a page that nobody has used yet as well.
                Some("abandoned") => Ok(Became::Open),
                Some(_) => Ok(Became::Pending),
                None => Err(ProviderError::Inconclusive("it does not say how it stands".into())),
            }
        })
    }

    fn news(&self, headers: &HeaderMap, body: &[u8]) -> Result<Option<News>, Forged> {
        let shown =
            headers.get("x-paystack-signature").and_then(|value| hex::decode(value.as_bytes()).ok()).ok_or(Forged)?;
        let mut mac = Hmac::<Sha512>::new_from_slice(self.reached.key.0.as_bytes()).map_err(|_| Forged)?;
        mac.update(body);
        mac.verify_slice(&shown).map_err(|_| Forged)?;
        let Ok(said) = serde_json::from_slice::<Value>(body) else { return Ok(None) };
        let of_a_charge = said["event"].as_str().is_some_and(|event| event.starts_with("charge."))
            && !self.is_of_another_mode(&said["data"]);
        // Its references are one transaction each.
        let news = |reference: &str| News { reference: reference.to_owned(), transaction: None };
        Ok(said["data"]["reference"].as_str().filter(|_| of_a_charge).map(news))
    }
}

//! Paystack, as <https://paystack.com/docs/api/verification> and <https://paystack.com/docs/api/miscellaneous> document it.

use futures_util::future::BoxFuture;
use reqwest::{Client, StatusCode};
use serde_json::Value;

use super::port::{Accounts, Bank, ProviderError, Reached, asked, banks_in, holder_in};

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

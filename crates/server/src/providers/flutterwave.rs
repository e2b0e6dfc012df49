//! Flutterwave, as <https://developer.flutterwave.com/v3.0/reference> documents its third version.

use futures_util::future::BoxFuture;
use reqwest::{Client, StatusCode};
use serde_json::json;

use super::port::{Accounts, Bank, ProviderError, Reached, asked, banks_in, holder_in};

/// The adapter.
#[derive(Debug)]
pub struct Flutterwave {
    http: Client,
    reached: Reached,
}

impl Flutterwave {
    pub fn new(http: Client, reached: Reached) -> Self {
        Self { http, reached }
    }
}

impl Accounts for Flutterwave {
    fn name(&self) -> &'static str {
        "flutterwave"
    }

    /// Whose an account is it says of Nigerian banks only.
    fn currencies(&self) -> &'static [&'static str] {
        &["NGN"]
    }

    fn minimum_minor(&self, _: &str) -> i64 {
        // ₦100: below that transfers are refused.
        10_000
    }

    fn banks<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<Bank>, ProviderError>> {
        Box::pin(async move {
            let url = format!("{}/v3/banks/NG", self.reached.url);
            let (status, said) = asked(self.http.get(url).bearer_auth(&self.reached.key.0)).await?;
            if !status.is_success() || said["status"] != "success" {
                return Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16())));
            }
            banks_in(&said["data"])
        })
    }

    fn holder<'a>(&'a self, bank: &'a str, number: &'a str) -> BoxFuture<'a, Result<String, ProviderError>> {
        Box::pin(async move {
            let url = format!("{}/v3/accounts/resolve", self.reached.url);
            let body = json!({ "account_number": number, "account_bank": bank });
            let (status, said) = asked(self.http.post(url).bearer_auth(&self.reached.key.0).json(&body)).await?;
            match (status, said["status"].as_str()) {
                (StatusCode::OK, Some("success")) => holder_in(&said["data"], number),
                // "Sorry, recipient account could not be validated. Please try again"
                (StatusCode::BAD_REQUEST, Some("error")) => Err(ProviderError::Unknown),
                _ => Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16()))),
            }
        })
    }
}

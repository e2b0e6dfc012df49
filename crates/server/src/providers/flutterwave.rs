//! Flutterwave, as <https://developer.flutterwave.com/v3.0/reference> documents its third version.

use axum::http::HeaderMap;
use futures_util::future::BoxFuture;
use guildhall_market::money::amounts::major;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use super::port::{
    Accounts, Bank, Became, Charges, Checkout, Forged, Key, News, Paid, ProviderError, Reached, Transfer, Transfers,
    Went, asked, banks_in, currency_in, holder_in, major_in, number_in, page_in, words_in,
};

/// The adapter.
#[derive(Debug)]
pub struct Flutterwave {
    http: Client,
    reached: Reached,
    /// What its news carry. Without it none are believed.
    news_hash: Option<Key>,
}

impl Flutterwave {
    pub fn new(http: Client, reached: Reached, news_hash: Option<Key>) -> Self {
        Self { http, reached, news_hash }
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

/// What each word for a transfer means (<https://developer.flutterwave.com/v3.0/reference/transfers>).
fn went_in(data: &Value, currency: &Value) -> Result<Went, ProviderError> {
    match data["status"].as_str() {
        Some("SUCCESSFUL") => {
            let fee = currency_in(currency).and_then(|currency| major_in(&data["fee"], currency)).unwrap_or(0);
            Ok(Went::There(fee))
        }
        Some("FAILED") => Ok(Went::Not(words_in(&data["complete_message"]))),
        Some(_) => Ok(Went::NotYet(false)),
        None => Err(ProviderError::Inconclusive("it does not say how it stands".into())),
    }
}

impl Transfers for Flutterwave {
    fn name(&self) -> &'static str {
        Accounts::name(self)
    }

    fn send<'a>(&'a self, transfer: Transfer<'a>) -> BoxFuture<'a, Result<Went, ProviderError>> {
        Box::pin(async move {
            let url = format!("{}/v3/transfers", self.reached.url);
            let body = json!({
                "account_bank": transfer.bank,
                "account_number": transfer.number,
                "amount": major(transfer.amount, transfer.currency),
                "currency": transfer.currency.code(),
                "debit_currency": transfer.currency.code(),
                "beneficiary_name": transfer.holder,
                "narration": "Guildhall",
                "reference": transfer.reference,
            });
            let (status, said) = asked(self.http.post(url).bearer_auth(&self.reached.key.0).json(&body)).await?;
            if status != StatusCode::OK || said["status"] != "success" {
                // Also where the reference stands already: what became of that one is asked for.
                return Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16())));
            }
            went_in(&said["data"], &said["data"]["currency"])
        })
    }

    fn went<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Went, ProviderError>> {
        Box::pin(async move {
            let url = format!("{}/v3/transfers", self.reached.url);
            let request = self.http.get(url).bearer_auth(&self.reached.key.0).query(&[("reference", reference)]);
            let (status, said) = asked(request).await?;
            let found = said["data"].as_array().filter(|_| status == StatusCode::OK && said["status"] == "success");
            let found =
                found.ok_or_else(|| ProviderError::Inconclusive(format!("the status is {}", status.as_u16())))?;
            let its = found.iter().find(|one| one["reference"].as_str() == Some(reference));
            its.ok_or(ProviderError::Unknown).and_then(|data| went_in(data, &data["currency"]))
        })
    }
}

impl Flutterwave {
    /// What an answer says of the charge of a reference.
    async fn said_of(&self, request: RequestBuilder, reference: &str) -> Result<Became, ProviderError> {
        let (status, said) = asked(request.bearer_auth(&self.reached.key.0)).await?;
        let data = &said["data"];
        match (status, said["status"].as_str()) {
            (StatusCode::OK, Some("success")) => {}
            // "No transaction was found for this id"
            (StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND, Some("error")) => return Err(ProviderError::Unknown),
            _ => return Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16()))),
        }
        if data["tx_ref"].as_str() != Some(reference) {
            return Err(ProviderError::Inconclusive("it is about another charge".into()));
        }
        match data["status"].as_str() {
            Some("successful") => {
                let currency = currency_in(&data["currency"])?;
                // None, or smaller than the currency's smallest coin: it comes with the settlement.
                let fee = major_in(&data["app_fee"], currency).unwrap_or(0);
                Ok(Became::Paid(Paid {
                    transaction: number_in(&data["id"])?,
                    amount: major_in(&data["amount"], currency)?,
                    currency,
                    fee,
                }))
            }
            Some("failed") => Ok(Became::Nothing(words_in(&data["processor_response"]))),
            Some(_) => Ok(Became::Pending),
            None => Err(ProviderError::Inconclusive("it does not say how it stands".into())),
        }
    }
}

impl Charges for Flutterwave {
    fn name(&self) -> &'static str {
        Accounts::name(self)
    }

    fn takes(&self) -> &'static [&'static str] {
        &["GHS", "KES", "NGN", "TZS", "UGX", "USD", "XAF", "XOF", "ZAR"]
    }

    fn begin<'a>(&'a self, checkout: Checkout<'a>) -> BoxFuture<'a, Result<String, ProviderError>> {
        Box::pin(async move {
            let url = format!("{}/v3/payments", self.reached.url);
            let mut body = json!({
                "tx_ref": checkout.reference,
                "amount": major(checkout.amount, checkout.currency),
                "currency": checkout.currency.code(),
                "customer": { "email": checkout.email },
                "customizations": { "title": checkout.title },
            });
            if let Some(back) = checkout.back {
                body["redirect_url"] = back.into();
            }
            let (status, said) = asked(self.http.post(url).bearer_auth(&self.reached.key.0).json(&body)).await?;
            if status != StatusCode::OK || said["status"] != "success" {
                return Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16())));
            }
            page_in(&said["data"]["link"], &self.reached.url)
        })
    }

    fn became<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Became, ProviderError>> {
        Box::pin(async move {
            let url = format!("{}/v3/transactions/verify_by_reference", self.reached.url);
            self.said_of(self.http.get(url).query(&[("tx_ref", reference)]), reference).await
        })
    }

    /// A page may be paid twice, and a card may fail before another one is taken: each is a transaction of its own.
    fn became_of<'a>(&'a self, about: &'a News) -> BoxFuture<'a, Result<Became, ProviderError>> {
        let Some(transaction) = &about.transaction else { return self.became(&about.reference) };
        Box::pin(async move {
            let url = format!("{}/v3/transactions/{transaction}/verify", self.reached.url);
            self.said_of(self.http.get(url), &about.reference).await
        })
    }

    fn news(&self, headers: &HeaderMap, body: &[u8]) -> Result<Option<News>, Forged> {
        let shown = headers.get("verif-hash").ok_or(Forged)?;
        let known = self.news_hash.as_ref().ok_or(Forged)?;
        if !bool::from(shown.as_bytes().ct_eq(known.0.as_bytes())) {
            return Err(Forged);
        }
        let Ok(said) = serde_json::from_slice::<Value>(body) else { return Ok(None) };
        let of_a_charge = said["event"].as_str().is_some_and(|event| event.starts_with("charge."));
        // A number alone: it goes into an address.
        let transaction = said["data"]["id"].as_u64().map(|id| id.to_string());
        let news = |reference: &str| News { reference: reference.to_owned(), transaction };
        Ok(said["data"]["tx_ref"].as_str().filter(|_| of_a_charge).map(news))
    }
}

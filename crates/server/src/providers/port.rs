//! The port: what a provider does, and what its answers are read with.

use futures_util::future::BoxFuture;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

/// The longest answer that is read, bytes: some hundred banks are 100 KiB.
const ANSWER_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A secret key. It is not printed.
#[derive(Clone)]
pub struct Key(pub(super) String);

impl Key {
    /// A key as it was found.
    pub fn new(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// A provider that is reached over the network.
#[derive(Clone, Debug)]
pub struct Reached {
    /// Its key.
    pub key: Key,
    /// Where it is, without a slash at the end; its own address unless a test says otherwise.
    pub url: String,
}

/// A bank that a provider pays to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    /// As the provider calls it.
    pub code: String,
    /// As people call it.
    pub name: String,
}

/// Why a provider says nothing that can be used. Only [`Unknown`](Self::Unknown) says something about an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// There is no such account, or no such bank.
    #[error("the provider knows no such account")]
    Unknown,
    /// Our key is none, or may not do this.
    #[error("the provider does not take our key")]
    Key,
    /// Too much was asked.
    #[error("the provider asks for patience")]
    Busy,
    /// No answer, or none that can be used.
    #[error("the provider's answer cannot be used: {0}")]
    Inconclusive(String),
}

/// What a provider does with accounts.
pub trait Accounts: Send + Sync + std::fmt::Debug {
    /// Its word, as it is stored.
    fn name(&self) -> &'static str;

    /// The currencies of accounts of which it knows whose they are, ISO 4217.
    fn currencies(&self) -> &'static [&'static str];

    /// The smallest sum that it sends, minor units.
    fn minimum_minor(&self, currency: &str) -> i64;

    /// The banks for a currency.
    fn banks<'a>(&'a self, currency: &'a str) -> BoxFuture<'a, Result<Vec<Bank>, ProviderError>>;

    /// The name of whose an account is, as the bank writes it.
    fn holder<'a>(&'a self, bank: &'a str, number: &'a str) -> BoxFuture<'a, Result<String, ProviderError>>;
}

/// Asks, and reads the answer as JSON with its status. What is no JSON at all is none of the provider's.
///
/// # Errors
/// All but [`ProviderError::Unknown`], which only the adapter can read.
pub async fn asked(request: RequestBuilder) -> Result<(StatusCode, Value), ProviderError> {
    // Without the address: an account's number may stand in it.
    let broken = |error: reqwest::Error| ProviderError::Inconclusive(error.without_url().to_string());
    let mut answer = request.send().await.map_err(broken)?;
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(ProviderError::Inconclusive("it is too long".into()));
        }
        body.extend_from_slice(&chunk);
    }
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(ProviderError::Key),
        StatusCode::TOO_MANY_REQUESTS => return Err(ProviderError::Busy),
        status if status.is_server_error() || status.is_redirection() => {
            return Err(ProviderError::Inconclusive(format!("the status is {}", status.as_u16())));
        }
        _ => {}
    }
    let said = serde_json::from_slice(&body).map_err(|_| ProviderError::Inconclusive("it is no JSON".into()))?;
    Ok((status, said))
}

/// A number that may have been written as one, and lost its zeros.
fn same_number(said: &Value, asked: &str) -> bool {
    let said = match said {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return false,
    };
    said.trim().trim_start_matches('0').eq_ignore_ascii_case(asked.trim_start_matches('0'))
}

/// The name in an answer about an account, if it is one and about this one.
///
/// # Errors
/// [`ProviderError::Inconclusive`].
pub fn holder_in(data: &Value, number: &str) -> Result<String, ProviderError> {
    if !same_number(&data["account_number"], number) {
        return Err(ProviderError::Inconclusive("it is about another account".into()));
    }
    let name = data["account_name"].as_str().map(str::trim).filter(|name| !name.is_empty());
    name.map(|name| name.chars().take(200).collect())
        .ok_or_else(|| ProviderError::Inconclusive("it has no name".into()))
}

/// The banks in an answer.
///
/// # Errors
/// [`ProviderError::Inconclusive`].
pub fn banks_in(data: &Value) -> Result<Vec<Bank>, ProviderError> {
    let rows = data.as_array().ok_or_else(|| ProviderError::Inconclusive("it has no banks".into()))?;
    let stands = |row: &&Value| row["active"] != Value::Bool(false) && row["is_deleted"] != Value::Bool(true);
    let bank = |row: &Value| {
        Some(Bank { code: row["code"].as_str()?.to_owned(), name: row["name"].as_str()?.trim().to_owned() })
    };
    Ok(rows.iter().filter(stands).filter_map(bank).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_lost_its_zeros_is_the_same_and_another_is_not() {
        for (said, asked, same) in [
            (serde_json::json!("0123456789"), "0123456789", true),
            (serde_json::json!(123_456_789), "0123456789", true),
            (serde_json::json!("123456780"), "0123456789", false),
            (serde_json::json!(null), "0123456789", false),
            (serde_json::json!(""), "0123456789", false),
        ] {
            assert_eq!(same_number(&said, asked), same, "{said}");
        }
    }
}

//! The port: what a provider does, and what its answers are read with.

use axum::http::HeaderMap;
use futures_util::future::BoxFuture;
use guildhall_market::money::amounts::{Currency, read_either};
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
    /// There is no such account, bank or charge.
    #[error("the provider knows no such account or charge")]
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

/// What somebody is asked to pay.
#[derive(Clone, Copy, Debug)]
pub struct Checkout<'a> {
    /// Our own reference: with it a charge is found again.
    pub reference: &'a str,
    /// Minor units.
    pub amount: i64,
    /// In which currency.
    pub currency: Currency,
    /// Who pays.
    pub email: &'a str,
    /// What for, for whoever reads the page.
    pub title: &'a str,
    /// Where the page leads to afterwards, where this server is reached by a name.
    pub back: Option<&'a str>,
}

/// What became of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Became {
    /// Nobody paid, and somebody still may.
    Open,
    /// Somebody paid, and nobody knows yet whether it came.
    Pending,
    /// It came to nothing so far, as the provider says why. On some pages one tries again.
    Nothing(String),
    /// The money is there.
    Paid(Paid),
}

/// Money that a provider says is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// The provider's own number for it, the same whoever brings the news.
    pub transaction: String,
    /// Minor units.
    pub amount: i64,
    /// In which currency.
    pub currency: Currency,
    /// What the provider kept of it, minor units.
    pub fee: i64,
}

/// What news are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The reference of a charge.
    pub reference: String,
    /// The provider's own number for it, where one reference may have several.
    pub transaction: Option<String>,
}

/// News that does not come from whom it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forged;

/// What a provider does with charges.
pub trait Charges: Send + Sync + std::fmt::Debug {
    /// Its word, as it is stored.
    fn name(&self) -> &'static str;

    /// The currencies that it takes, ISO 4217.
    fn takes(&self) -> &'static [&'static str];

    /// Begins a charge. Answers with where one pays: an address, which begins with `/` where it is this server's own.
    fn begin<'a>(&'a self, checkout: Checkout<'a>) -> BoxFuture<'a, Result<String, ProviderError>>;

    /// What became of the charge of a reference.
    fn became<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Became, ProviderError>>;

    /// What became of one transaction of a reference, where there may be several.
    fn became_of<'a>(&'a self, about: &'a News) -> BoxFuture<'a, Result<Became, ProviderError>> {
        self.became(&about.reference)
    }

    /// What news are about, if they are about a charge. They are looked at as the bytes that came.
    ///
    /// # Errors
    /// [`Forged`].
    fn news(&self, headers: &HeaderMap, body: &[u8]) -> Result<Option<News>, Forged>;
}

/// What is sent to somebody's bank.
#[derive(Clone, Copy, Debug)]
pub struct Transfer<'a> {
    /// Our own reference, the same however often it is sent.
    pub reference: &'a str,
    /// Minor units.
    pub amount: i64,
    /// In which currency.
    pub currency: Currency,
    /// The bank, as the provider calls it.
    pub bank: &'a str,
    /// The number of the account.
    pub number: &'a str,
    /// Whose it is.
    pub holder: &'a str,
}

/// What became of a transfer, as a provider says. A word that nobody has heard of says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Went {
    /// It arrived; the provider kept so much besides, minor units.
    There(i64),
    /// It did not, for certain: it never went, or came back. As the provider says why.
    Not(String),
    /// Nobody knows yet. `true`: somebody has to approve it at the provider.
    NotYet(bool),
}

/// What a provider does with transfers.
pub trait Transfers: Send + Sync + std::fmt::Debug {
    /// Its word, as it is stored.
    fn name(&self) -> &'static str;

    /// Sends. One that was sent under this reference before is not sent again. An error says nothing about whether it went.
    fn send<'a>(&'a self, transfer: Transfer<'a>) -> BoxFuture<'a, Result<Went, ProviderError>>;

    /// What became of the transfer of a reference; [`ProviderError::Unknown`] where the provider never saw it.
    fn went<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<Went, ProviderError>>;
}

/// An amount that a provider wrote in major units, as minor ones.
///
/// # Errors
/// [`ProviderError::Inconclusive`].
pub fn major_in(said: &Value, currency: Currency) -> Result<i64, ProviderError> {
    // A number is written as it was read: up to fifteen digits the shortest way to write a float is what stood there.
    let text = match said {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    };
    let read = read_either(text.as_deref(), None, currency).ok().flatten();
    read.ok_or_else(|| ProviderError::Inconclusive("it has no amount".into()))
}

/// The currency in an answer.
///
/// # Errors
/// [`ProviderError::Inconclusive`].
pub fn currency_in(said: &Value) -> Result<Currency, ProviderError> {
    said.as_str()
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| ProviderError::Inconclusive("it has no currency".into()))
}

/// A provider's own number in an answer, written as a number or as text.
///
/// # Errors
/// [`ProviderError::Inconclusive`].
pub fn number_in(said: &Value) -> Result<String, ProviderError> {
    match said {
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) if !text.is_empty() && text.len() <= 100 => Ok(text.clone()),
        _ => Err(ProviderError::Inconclusive("it has no number of its own".into())),
    }
}

/// Where one pays, in an answer: an address that a browser may be sent to.
///
/// # Errors
/// [`ProviderError::Inconclusive`].
pub fn page_in(said: &Value, reached: &str) -> Result<String, ProviderError> {
    let page = said.as_str().and_then(|text| reqwest::Url::parse(text).ok());
    // In the clear it is only led to where the provider itself is in the clear: a stand-in.
    let may =
        |page: &reqwest::Url| page.scheme() == "https" || reached.starts_with("http://") && page.scheme() == "http";
    page.filter(may).map(String::from).ok_or_else(|| ProviderError::Inconclusive("it has no page to pay on".into()))
}

/// Words of a provider's, as they are kept.
pub fn words_in(said: &Value) -> String {
    let words: String = said.as_str().unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect();
    if words.trim().is_empty() { "The payment did not go through.".into() } else { words.trim().to_owned() }
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

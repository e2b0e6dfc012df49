//! Reading what is asked of jobs: bodies whose numbers are taken as they were written, digit by digit.

use axum::extract::{FromRequest, Request};
use guildhall_contract::amounts::Digits;
use guildhall_market::money::amounts::{Currency, read_either};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use crate::{
    app::App,
    error::ApiError,
    once::Once,
    request::{Command, JSON_BYTES_MAX, parse_json, read_body},
};

/// A command whose numbers no float has touched.
pub struct Exact<T>(pub Command<T>);

/// Fields of which empty text says that there is nothing any more, or is judged by the rules.
const EMPTY_IS_SAID: [&str; 7] = ["title", "description", "place", "proposal", "note", "reason", "words"];

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // Whatever is no object, or no JSON, is refused with the words that all have.
    parse_json::<serde::de::IgnoredAny>(bytes)?;
    let unreadable = |error: serde_json::Error| {
        let words = error.to_string();
        let words = words.split(" at line ").next().unwrap_or_default();
        let field = words.split('`').nth(1).filter(|_| words.starts_with("missing field")).unwrap_or("body");
        ApiError::invalid(field, format!("The body cannot be read as JSON of the expected form: {words}."))
    };
    let mut said: BTreeMap<String, &RawValue> = serde_json::from_slice(bytes).map_err(unreadable)?;
    said.retain(|name, value| value.get() != "\"\"" || EMPTY_IS_SAID.contains(&name.as_str()));
    let text = crate::error::written(&said)?;
    serde_json::from_str(&text).map_err(unreadable)
}

impl<T: DeserializeOwned> FromRequest<App> for Exact<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(body, JSON_BYTES_MAX, "256 KiB").await?;
        let once = Once::new(&app.vault, &parts.headers, (&parts.method, parts.uri.path(), &bytes), app.now())?;
        let body = if bytes.is_empty() { parse(b"{}")? } else { parse(&bytes)? };
        Ok(Self(Command { body, once }))
    }
}

/// An amount that is said in major units, in minor ones, or in both.
///
/// # Errors
/// 422 `bad_amount` on the field for what is none, and for two that are not the same.
pub fn amount(
    field: &str,
    major: Option<&Digits>,
    minor: Option<&Digits>,
    currency: Currency,
) -> Result<Option<i64>, ApiError> {
    let text = |digits: &Digits| digits.0.clone();
    let (major, minor) = (major.map(text), minor.map(text));
    read_either(major.as_deref(), minor.as_deref(), currency).map_err(|_| {
        let digits = currency.digits();
        let words = format!(
            "`{field}` must be an amount in {currency}: digits, and at most {digits} behind a point; in minor units the same amount as an integer."
        );
        ApiError::field("bad_amount", field, words)
    })
}

/// A currency.
///
/// # Errors
/// 422 on the field `currency`.
pub fn currency(code: &str) -> Result<Currency, ApiError> {
    code.parse().map_err(|wrong: guildhall_market::money::amounts::NoCurrency| {
        ApiError::invalid("currency", format!("The currency cannot be used: {wrong}."))
    })
}

/// The currency of something stored.
///
/// # Errors
/// 500: what is stored was one.
pub fn stored_currency(code: &str) -> Result<Currency, ApiError> {
    code.parse().map_err(|_| {
        tracing::error!(code, "a defect: this currency was stored and is none");
        ApiError::broken()
    })
}

/// One of the words of a list.
///
/// # Errors
/// 422 on the field, with the words that there are.
pub fn one_of<T: Copy>(field: &str, word: &str, (all, code): (&[T], fn(T) -> &'static str)) -> Result<T, ApiError> {
    all.iter().copied().find(|known| code(*known) == word).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|known| code(*known)).collect();
        ApiError::invalid(field, format!("`{field}` must be one of {}.", words.join(", ")))
    })
}

/// Says what a rule of the market refused as input.
pub fn refused(field: &str, refusal: &guildhall_market::jobs::posts::Refusal) -> ApiError {
    let words = format!("`{field}` cannot be taken: {refusal}.");
    ApiError::field(refusal.code(), field, words)
}

#[cfg(test)]
mod tests {
    use guildhall_contract::jobs::JobPut;

    use super::*;

    #[test]
    fn numbers_are_read_digit_by_digit_and_empty_text_is_nothing() {
        let read: JobPut =
            parse(br#"{"budget": 0.10, "budget_minor": "10", "currency": "", "place": "", "ends_at": null}"#)
                .expect("a body");
        assert_eq!(read.budget, Some(Digits("0.10".into())));
        assert_eq!((read.currency, read.place.as_deref()), (None, Some("")));
        assert_eq!((read.starts_at, read.ends_at), (None, Some(None)));
        let naira = currency("NGN").expect("a currency");
        assert_eq!(
            amount("budget", read.budget.as_ref(), read.budget_minor.as_ref(), naira).expect("the same"),
            Some(10)
        );
        let large = Digits("9007199254740.993".into());
        assert_eq!(amount("budget", Some(&large), None, naira).expect_err("three digits").code(), "bad_amount");
        for wrong in [&b"[]"[..], b"{", b"1", b"{\"version\": \"x\"}"] {
            assert_eq!(
                parse::<JobPut>(wrong).expect_err("refused").status(),
                axum::http::StatusCode::UNPROCESSABLE_ENTITY
            );
        }
    }
}

//! Asks the server, and remembers what it said: without a link the last answer is given, and when it was true.
//!
//! **Invariant:** what the server says one may not know (any more) is forgotten here as well.

use guildhall_contract::{errors::AppError, known::Known, rest::Data};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    Core,
    rest::{self, ApiError},
};

/// What is put behind an address.
pub(crate) type Query = Vec<(&'static str, String)>;

/// Answers are kept under their address.
fn address(path: &str, query: &Query) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    let start = path.len() + 1;
    let mut text = form_urlencoded::Serializer::for_suffix(format!("{path}?"), start);
    text.extend_pairs(query);
    text.finish()
}

impl Core {
    /// The whole answer to a question, with its `data` and what stands beside it.
    pub(crate) async fn known_answer<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Query,
    ) -> Result<Known<T>, AppError> {
        self.known_where(path, query, |_| true).await
    }

    /// The same, and kept only where it may be: what an administrator looks at is other people's.
    pub(crate) async fn known_where<T: DeserializeOwned>(
        &self,
        path: &str,
        query: Query,
        keeps: impl FnOnce(&T) -> bool,
    ) -> Result<Known<T>, AppError> {
        let account = self.account()?;
        let kept_as = address(path, &query);
        let asked = if account.online() {
            rest::json::<Value>(account.api.request(Method::GET, path).query(&query)).await
        } else {
            Err(ApiError::Unreachable { reason: "closed" })
        };
        match asked {
            Ok(answer) => {
                // What cannot be read is not remembered: what could be read before is better.
                let data = T::deserialize(&answer).map_err(|error| {
                    tracing::warn!(path, %error, "an answer cannot be read");
                    AppError::from(ApiError::Garbled)
                })?;
                if keeps(&data) {
                    // Where there is no room it is shown all the same.
                    let put = account.cache.put_answer(&kept_as, &answer.to_string(), account.now()).await;
                    let _ = account.cached(put);
                }
                Ok(Known { data, as_of: None })
            }
            Err(ApiError::Refused { status, refusal }) => {
                if matches!(status, 403 | 404 | 410) {
                    account.cached(account.cache.forget_answer(&kept_as).await)?;
                }
                account.answered(Err(ApiError::Refused { status, refusal }))
            }
            Err(error @ ApiError::Unauthorized) => account.answered(Err(error)),
            Err(error) => {
                let kept = account.cached(account.cache.answer(&kept_as).await)?;
                let read = kept.and_then(|(body, at)| Some((serde_json::from_str(&body).ok()?, at)));
                match read {
                    Some((data, at)) => Ok(Known { data, as_of: Some(at) }),
                    None => account.answered(Err(error)),
                }
            }
        }
    }

    /// The same of what belongs to the two of a job or payment: kept for them, and never for an administrator who looks.
    pub(crate) async fn known_of_two<T: DeserializeOwned>(&self, path: &str) -> Result<Known<T>, AppError> {
        let admin = self.account()?.who.me().admin;
        Ok(self.known_where::<Data<T>>(path, Query::new(), |_| !admin).await?.map(|answer| answer.data))
    }

    /// The same of an answer that is nothing but `data`.
    pub(crate) async fn known<T: DeserializeOwned>(&self, path: &str) -> Result<Known<T>, AppError> {
        Ok(self.known_answer::<Data<T>>(path, Query::new()).await?.map(|answer| answer.data))
    }

    /// Says something under a key: whoever says it again under the same one says the same thing. Its answer may take as long as a
    /// provider's.
    pub(crate) async fn said_once<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        (key, body): (&str, &impl Serialize),
    ) -> Result<T, AppError> {
        let account = self.account()?;
        let request = account.api.request(method, path).header("Idempotency-Key", key).json(body);
        let answer = rest::json::<Data<T>>(request.timeout(rest::PROVIDER_TIMEOUT)).await;
        Ok(account.answered(answer.map_err(|error| error.nothing_came_of_it().for_a_person("too_often")))?.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_one_address_and_another_one_another() {
        let query = |q: &str| vec![("q", q.to_owned()), ("page", "2".to_owned())];
        assert_eq!(address("/api/jobs", &Query::new()), "/api/jobs");
        assert_eq!(address("/api/jobs", &query("a b&c=d")), "/api/jobs?q=a+b%26c%3Dd&page=2");
        assert_ne!(address("/api/jobs", &query("a")), address("/api/jobs", &query("a&page=2")));
    }
}

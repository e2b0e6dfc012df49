//! Reading what Laravel's clients send: form fields put into JSON, so that numbers are text and "not given" is empty text.

use serde::{Deserialize, Deserializer, de};

/// A number that may be given as decimal text, may be empty text, and may be left out.
///
/// # Errors
/// The deserializer's, with what was found, for anything else.
pub fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Number(i64),
        Text(String),
        Other(serde_json::Value),
    }
    match Option::<Given>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Given::Number(number)) => Ok(Some(number)),
        Some(Given::Text(text)) if text.is_empty() => Ok(None),
        Some(Given::Text(text)) => text
            .parse()
            .map(Some)
            .map_err(|_| de::Error::custom(format_args!("expected a whole number, found the text {text:?}"))),
        Some(Given::Other(other)) => Err(de::Error::custom(format_args!("expected a whole number, found {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Given {
        #[serde(default, deserialize_with = "number")]
        n: Option<i64>,
    }

    #[test]
    fn numbers_are_read_as_laravels_clients_send_them() {
        let check = |json: &str, expected: Option<Option<i64>>| {
            assert_eq!(serde_json::from_str::<Given>(json).ok().map(|given| given.n), expected, "{json}");
        };
        check("{}", Some(None));
        check(r#"{"n":null}"#, Some(None));
        check(r#"{"n":""}"#, Some(None));
        check(r#"{"n":"7"}"#, Some(Some(7)));
        check(r#"{"n":7}"#, Some(Some(7)));
        check(r#"{"n":"x"}"#, None);
        check(r#"{"n":1.5}"#, None);
        check(r#"{"n":[1]}"#, None);
        check(r#"{"n":"99999999999999999999"}"#, None);
    }
}

//! Identifiers. Each kind of thing has its own type, so that a function cannot mix them up.

use serde::{Deserialize, Deserializer, Serialize, de};
use ts_rs::TS;

/// The largest integer that JSON numbers keep exactly (2^53 − 1). Our ids stay below it.
pub const ID_MAX: i64 = 9_007_199_254_740_991;

fn deserialize_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    struct Visitor;
    impl de::Visitor<'_> for Visitor {
        type Value = i64;

        fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
            f.write_str("an id: an integer from 1 to 2^53 - 1, or the same as decimal text")
        }

        fn visit_i64<E: de::Error>(self, value: i64) -> Result<i64, E> {
            if (1..=ID_MAX).contains(&value) {
                Ok(value)
            } else {
                Err(E::invalid_value(de::Unexpected::Signed(value), &self))
            }
        }

        fn visit_u64<E: de::Error>(self, value: u64) -> Result<i64, E> {
            i64::try_from(value)
                .map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
                .and_then(|v| self.visit_i64(v))
        }

        fn visit_str<E: de::Error>(self, value: &str) -> Result<i64, E> {
            parse_plain_decimal(value).ok_or_else(|| E::invalid_value(de::Unexpected::Str(value), &self))
        }
    }
    deserializer.deserialize_any(Visitor)
}

/// Reads an id written as a plain decimal: no sign, no leading zero, no space. `None` for anything else.
///
/// Channel names carry ids in this form, and `private-user.01` must not be another spelling of `private-user.1`.
pub fn parse_plain_decimal(text: &str) -> Option<i64> {
    let plain =
        !text.is_empty() && text.len() <= 16 && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    if !plain {
        return None;
    }
    text.parse().ok().filter(|id| (1..=ID_MAX).contains(id))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        pub struct $name(#[serde(deserialize_with = "deserialize_id")] pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse_plain_decimal(text).map(Self).ok_or(NotAnId)
            }
        }
    )*};
}

/// The text is not a plain decimal from 1 to 2^53 − 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected a plain decimal from 1 to 9007199254740991, without sign, zeros in front or spaces")]
pub struct NotAnId;

ids! {
    /// A person with an account on one server.
    UserId;
    /// A message. Increasing per server: a later message has the greater id.
    MessageId;
    /// A file sent with a message.
    AttachmentId;
    /// A bearer token, one per signed-in device.
    TokenId;
    /// A commission of work.
    JobId;
    /// A listing: a domain name that somebody sells. A listing's id is the id in both of its channels.
    DomainId;
    /// A stored notice to one person.
    NotificationId;
    /// Money that is held for somebody about one thing.
    EscrowId;
    /// Money on its way from a balance to a bank.
    PayoutId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_matched_as_plain_decimals() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(parse_plain_decimal(text), expected, "{text:?}");
        check("1", Some(1));
        check("9007199254740991", Some(ID_MAX));
        check("9007199254740992", None);
        check("0", None);
        check("01", None);
        check("1 ", None);
        check("+1", None);
        check("-1", None);
        check("１", None);
        check("", None);
    }

    #[test]
    fn an_id_is_read_from_an_integer_or_from_text_never_from_a_fraction() {
        let check = |json: &str, expected: Option<i64>| {
            assert_eq!(serde_json::from_str::<UserId>(json).ok().map(|id| id.0), expected, "{json}")
        };
        check("7", Some(7));
        check("\"7\"", Some(7));
        check("7.0", None);
        check("\"07\"", None);
        check("0", None);
        check("-7", None);
        check("true", None);
        check("null", None);
        check("9007199254740993", None);
        let refused = serde_json::from_str::<UserId>("true").expect_err("no id").to_string();
        assert!(
            refused.contains("expected an id: an integer from 1 to 2^53 - 1, or the same as decimal text"),
            "{refused}"
        );
    }
}

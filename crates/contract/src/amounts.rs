//! Amounts on the public wire: each is spelled twice, in minor units as an integer and in major units as a JSON number for clients
//! of the existing systems. Neither is ever counted with as a float.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use ts_rs::TS;
use utoipa::openapi::{
    RefOr,
    schema::{ObjectBuilder, Schema, Type},
};

/// An amount in major units as an answer has it: a JSON number, `15000` or `15000.5`.
#[derive(Clone, Debug, PartialEq, Eq, TS)]
#[ts(type = "number")]
pub struct Major(pub String);

impl Serialize for Major {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (whole, part) = self.0.split_once('.').unwrap_or((&self.0, ""));
        if part.bytes().all(|b| b == b'0')
            && let Ok(whole) = whole.parse::<i64>()
        {
            return serializer.serialize_i64(whole);
        }
        // Up to 10^15 minor units no two amounts are the same float, and the shortest way to write one is the amount itself.
        let number: f64 = self.0.parse().map_err(serde::ser::Error::custom)?;
        serializer.serialize_f64(number)
    }
}

impl<'de> Deserialize<'de> for Major {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Number::deserialize(deserializer).map(|number| Self(number.to_string()))
    }
}

impl utoipa::PartialSchema for Major {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Number).build().into()
    }
}

impl utoipa::ToSchema for Major {}

/// A number of a request as it was written, digit by digit, also where it stands as text. Only read from JSON itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(type = "string")]
pub struct Digits(pub String);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get().trim();
        if text.starts_with('"') {
            serde_json::from_str(text).map(Self).map_err(de::Error::custom)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl utoipa::PartialSchema for Digits {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Number).build().into()
    }
}

impl utoipa::ToSchema for Digits {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_numbers_without_rounding() {
        for (text, expected) in [
            ("15000.00", "15000"),
            ("15000.50", "15000.5"),
            ("0.01", "0.01"),
            ("9999999999999.99", "9999999999999.99"),
            ("10000000000000.00", "10000000000000"),
            ("1000", "1000"),
        ] {
            let written = serde_json::to_string(&Major(text.into())).expect("a number");
            assert_eq!(written, expected);
            assert_eq!(serde_json::from_str::<Major>(&written).expect("a number"), Major(expected.into()));
        }
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for (text, expected) in [
            ("15000.10", "15000.10"),
            ("\"15000.10\"", "15000.10"),
            ("1e3", "1e3"),
            ("9007199254740993", "9007199254740993"),
        ] {
            assert_eq!(serde_json::from_str::<Digits>(text).expect("a number"), Digits(expected.into()));
        }
        assert_eq!(serde_json::from_str::<Option<Digits>>("null").expect("nothing"), None);
    }
}

//! Times on the public wire: RFC 3339, UTC, milliseconds, `Z`.

use guildhall_market::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};
use ts_rs::TS;

/// The first and the last moment that can be written with four digits for the year, as RFC 3339 wants, and that the
/// date types of PHP, Python and JavaScript take: years 0001 to 9999 in UTC, milliseconds since 1970.
const RANGE_MS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// A [`Timestamp`] that is written as `2026-11-23T09:30:00.000Z` and read from RFC 3339 with any number of decimals
/// and any offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, TS)]
#[ts(type = "string")]
pub struct WireTime(pub Timestamp);

impl From<Timestamp> for WireTime {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl std::fmt::Display for WireTime {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        // A time that cannot be written is shown as the nearest that can: one bad row must not spoil a whole answer.
        let ms = self.0.0.clamp(*RANGE_MS.start(), *RANGE_MS.end());
        let text = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
            .ok()
            .and_then(|at| at.format(format).ok())
            .ok_or(std::fmt::Error)?;
        f.write_str(&text)
    }
}

/// The text is not a time in RFC 3339, or outside the years 0001 to 9999 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time: expected RFC 3339 within the years 0001 to 9999 in UTC, such as 2026-11-23T09:30:00.000Z")]
pub struct NotATime;

impl std::str::FromStr for WireTime {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| NotATime)?;
        i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000))
            .ok()
            .filter(|ms| RANGE_MS.contains(ms))
            .map(|ms| Self(Timestamp(ms)))
            .ok_or(NotATime)
    }
}

impl Serialize for WireTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WireTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl utoipa::PartialSchema for WireTime {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for WireTime {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_milliseconds_and_read_with_any_decimals() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(text.parse::<WireTime>().ok().map(|at| at.to_string()).as_deref(), expected, "{text}")
        };
        check("2025-10-02T12:00:00Z", Some("2025-10-02T12:00:00.000Z"));
        check("2025-10-02T12:00:00.000000Z", Some("2025-10-02T12:00:00.000Z"));
        check("2025-10-02T12:00:00.1239Z", Some("2025-10-02T12:00:00.123Z"));
        check("2025-10-02T13:00:00.5+01:00", Some("2025-10-02T12:00:00.500Z"));
        check("2025-10-02", None);
        check("yesterday", None);
    }

    #[test]
    fn times_outside_the_years_1_to_9999_in_utc_are_refused_and_never_written() {
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(text.parse::<WireTime>().ok().map(|at| at.0.0), expected, "{text}")
        };
        check("9999-12-31T23:59:59-01:00", None);
        check("0000-01-01T00:00:00+01:00", None);
        check("0000-12-31T23:59:59.999Z", None);
        check("0001-01-01T00:00:00+00:01", None);
        check("0001-01-01T00:00:00Z", Some(*RANGE_MS.start()));
        check("9999-12-31T23:59:59.999Z", Some(*RANGE_MS.end()));
        check("9999-12-31T23:59:59.9999Z", Some(*RANGE_MS.end()));
        for ms in [i64::MIN, i64::MAX, *RANGE_MS.start() - 1, *RANGE_MS.end() + 1] {
            let written = WireTime(Timestamp(ms)).to_string();
            assert!(written.parse::<WireTime>().is_ok(), "{ms} is written as {written}");
        }
    }
}

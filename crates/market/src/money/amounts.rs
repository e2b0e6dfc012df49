//! Amounts: integers of minor units in a named currency, never a float, never without the currency.

use std::{fmt, str::FromStr};

/// The largest amount, minor units (H7).
pub const AMOUNT_MAX: i64 = 1_000_000_000_000_000;
/// Hundredths of a per cent in one whole.
pub const BPS_ALL: i64 = 10_000;

/// A currency of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Its three letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Its sign, such as ₦.
    pub fn sign(self) -> String {
        self.0.symbol().to_string()
    }

    /// Digits behind the point: 2 for NGN, 0 for XOF, 3 for KWD.
    pub fn digits(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// By its letters.
impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// It is no currency of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency has three capital letters, such as NGN")]
pub struct NoCurrency;

impl FromStr for Currency {
    type Err = NoCurrency;

    fn from_str(text: &str) -> Result<Self, NoCurrency> {
        iso_currency::Currency::from_code(text).filter(|known| known.code() == text).map(Self).ok_or(NoCurrency)
    }
}

/// What is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an amount is 1 to 10^15 minor units")]
pub struct BadAmount;

/// An amount of minor units, 1 to [`AMOUNT_MAX`].
///
/// # Errors
/// [`BadAmount`].
pub fn amount(minor: i64) -> Result<i64, BadAmount> {
    if (1..=AMOUNT_MAX).contains(&minor) { Ok(minor) } else { Err(BadAmount) }
}

/// Reads an amount in major units, `15000` or `15000.00`: digits of ASCII and at most one point with as many digits behind it as
/// the currency has. No sign, no separator, no exponent: what could be read in two ways is read in none.
///
/// # Errors
/// [`BadAmount`].
pub fn read_major(text: &str, currency: Currency) -> Result<i64, BadAmount> {
    let (whole, part) = match text.split_once('.') {
        Some((_, "")) => return Err(BadAmount),
        Some((whole, part)) => (whole, part),
        None => (text, ""),
    };
    let plain = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    let behind = currency.digits() as usize;
    // More digits than the currency has mean something only where they are zeros: nothing is rounded.
    let (kept, beyond) = part.split_at_checked(behind).unwrap_or((part, ""));
    let zeros = beyond.bytes().all(|b| b == b'0');
    if whole.is_empty() || whole.len() > 16 || part.len() > 16 || !plain(whole) || !plain(part) || !zeros {
        return Err(BadAmount);
    }
    let digits: String =
        whole.chars().chain(kept.chars()).chain(std::iter::repeat_n('0', behind - kept.len())).collect();
    digits.parse().map_err(|_| BadAmount).and_then(amount)
}

/// Reads an amount that is said in major units, in minor ones, or in both. `None` where it is said in neither.
///
/// # Errors
/// [`BadAmount`], also for two that are not the same.
pub fn read_either(major: Option<&str>, minor: Option<&str>, currency: Currency) -> Result<Option<i64>, BadAmount> {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let major = major.map(|text| read_major(text, currency)).transpose()?;
    let minor = minor.map(|text| {
        let digits = Some(text).filter(|text| plain(text)).ok_or(BadAmount)?;
        digits.parse().map_err(|_| BadAmount).and_then(amount)
    });
    match (major, minor.transpose()?) {
        (Some(major), Some(minor)) if major != minor => Err(BadAmount),
        (major, minor) => Ok(major.or(minor)),
    }
}

/// An amount in major units, as it is read: `15000.00`. Nothing is rounded.
pub fn major(minor: i64, currency: Currency) -> String {
    let digits = currency.digits() as usize;
    let sign = if minor < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, part) = text.split_at(text.len() - digits);
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// An amount as people read it in a sentence: `₦15,000`, `$0.50`.
pub fn spoken(minor: i64, currency: Currency) -> String {
    let text = major(minor, currency);
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let (minus, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    let part = if part.bytes().all(|b| b == b'0') { String::new() } else { format!(".{part}") };
    format!("{minus}{}{}{part}", currency.sign(), groups.join(","))
}

/// The fee on what was released in all, half up (3.4): it depends on the total alone, so that any cutting of a release pays the
/// same.
///
/// `bps` is 0 to [`BPS_ALL`].
pub fn fee(released: i64, bps: i64) -> i64 {
    let exact = i128::from(released) * i128::from(bps);
    i64::try_from((exact + i128::from(BPS_ALL / 2)) / i128::from(BPS_ALL)).unwrap_or(i64::MAX)
}

/// Splits an amount by weights: each gets its share rounded down, and what is left goes by the largest remainder, ties to the
/// earlier one. Weights of zero in all get nothing.
pub fn split(minor: i64, weights: &[u32]) -> Vec<i64> {
    let all: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if all == 0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<i128> = weights.iter().map(|weight| i128::from(minor) * i128::from(*weight)).collect();
    let mut parts: Vec<i64> = exact.iter().map(|exact| i64::try_from(exact / all).unwrap_or(0)).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|n| std::cmp::Reverse(exact[*n] % all));
    let left = usize::try_from(minor - parts.iter().sum::<i64>()).unwrap_or(0);
    for n in order.into_iter().take(left) {
        parts[n] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    #[test]
    fn people_read_amounts_with_their_sign() {
        for (minor, code, expected) in [
            (1_500_000, "NGN", "₦15,000"),
            (123_456_789, "NGN", "₦1,234,567.89"),
            (50, "USD", "$0.50"),
            (-100_000, "NGN", "-₦1,000"),
        ] {
            assert_eq!(spoken(minor, currency(code)), expected);
        }
    }

    #[test]
    fn an_amount_is_said_in_one_way_or_twice_the_same() {
        let naira = currency("NGN");
        for (major, minor, expected) in [
            (None, None, Ok(None)),
            (Some("15000"), None, Ok(Some(1_500_000))),
            (None, Some("1500050"), Ok(Some(1_500_050))),
            (Some("15000.5"), Some("1500050"), Ok(Some(1_500_050))),
            (Some("15000"), Some("15000"), Err(BadAmount)),
            (Some("1e3"), None, Err(BadAmount)),
            (None, Some("15.0"), Err(BadAmount)),
            (None, Some("-5"), Err(BadAmount)),
            (None, Some("0"), Err(BadAmount)),
            (None, Some(""), Err(BadAmount)),
        ] {
            assert_eq!(read_either(major, minor, naira), expected, "{major:?} {minor:?}");
        }
    }

    #[test]
    fn currencies_are_three_capital_letters_and_know_their_digits() {
        for (code, digits) in [("NGN", 2), ("USD", 2), ("XOF", 0), ("JPY", 0), ("KWD", 3)] {
            assert_eq!((currency(code).to_string(), currency(code).digits()), (code.to_owned(), digits));
        }
        for wrong in ["", "ngn", "NG", "NGNN", "XXZ", "₦"] {
            assert_eq!(wrong.parse::<Currency>(), Err(NoCurrency), "{wrong:?}");
        }
    }

    #[test]
    fn e66_amounts_in_major_units_are_read_in_one_way_or_not_at_all() {
        let naira = |text| read_major(text, currency("NGN"));
        for (text, minor) in [("15000.00", 1_500_000), ("15000", 1_500_000), ("0.01", 1), ("15000.5", 1_500_050)] {
            assert_eq!(naira(text), Ok(minor), "{text}");
        }
        assert_eq!(naira("007.10"), Ok(710));
        assert_eq!(naira("15000.000"), Ok(1_500_000), "zeros say nothing more");
        for wrong in [
            "15,000",
            "₦15,000",
            "1.5e4",
            "1E4",
            "-0",
            "-1",
            "+1",
            "",
            ".5",
            "5.",
            "0",
            "0.00",
            "0.001",
            "१५०००",
            "null",
            " 15000",
            "15000 ",
            "1.2.3",
            "1.234,56",
            "0x10",
            "NaN",
            "99999999999999999",
        ] {
            assert_eq!(naira(wrong), Err(BadAmount), "{wrong:?}");
        }
        assert_eq!(naira("10000000000000.00"), Ok(AMOUNT_MAX));
        assert_eq!(naira("10000000000000.01"), Err(BadAmount));
        assert_eq!(read_major("1000", currency("XOF")), Ok(1_000));
        assert_eq!(read_major("1000.5", currency("XOF")), Err(BadAmount), "there is no half");
        assert_eq!(read_major("1.5", currency("KWD")), Ok(1_500));
    }

    #[test]
    fn e30_e31_an_amount_is_from_one_to_ten_to_the_fifteenth() {
        assert_eq!((amount(1), amount(AMOUNT_MAX)), (Ok(1), Ok(AMOUNT_MAX)));
        for wrong in [0, -1, AMOUNT_MAX + 1, i64::MIN, i64::MAX] {
            assert_eq!(amount(wrong), Err(BadAmount), "{wrong}");
        }
    }

    #[test]
    fn amounts_are_written_with_all_their_digits() {
        for (minor, code, text) in [
            (1_500_000, "NGN", "15000.00"),
            (1, "NGN", "0.01"),
            (0, "NGN", "0.00"),
            (-5, "USD", "-0.05"),
            (1_000, "XOF", "1000"),
            (1_500, "KWD", "1.500"),
        ] {
            assert_eq!(major(minor, currency(code)), text);
        }
    }

    #[test]
    fn a_fee_is_rounded_half_up_on_the_total() {
        assert_eq!([fee(333, 750), fee(666, 750), fee(999, 750)], [25, 50, 75]);
        assert_eq!((fee(5, 1_000), fee(4, 1_000)), (1, 0), "half goes up");
        assert_eq!((fee(AMOUNT_MAX, BPS_ALL), fee(AMOUNT_MAX, 0)), (AMOUNT_MAX, 0));
    }

    #[test]
    fn a_split_gives_the_remainder_to_the_largest_rests_and_ties_to_the_earlier() {
        assert_eq!(split(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(split(1_000, &[1, 2, 4]), [143, 286, 571]);
        assert_eq!(split(5, &[0, 0]), [0, 0]);
        assert_eq!(split(1, &[1, 1]), [1, 0]);
        assert_eq!(split(7, &[]), [0; 0]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(minor in 1..=AMOUNT_MAX, code in prop::sample::select(vec!["NGN", "XOF", "KWD"])) {
            prop_assert_eq!(read_major(&major(minor, currency(code)), currency(code)), Ok(minor));
        }

        #[test]
        fn l4_any_cutting_pays_the_same_fee_and_no_part_more_than_itself(
            parts in prop::collection::vec(1..1_000_000_i64, 1..12), bps in 0..=BPS_ALL,
        ) {
            let (mut released, mut paid) = (0, 0);
            for part in &parts {
                let of_part = fee(released + part, bps) - fee(released, bps);
                prop_assert!((0..=*part).contains(&of_part));
                released += part;
                paid += of_part;
            }
            prop_assert_eq!(paid, fee(released, bps));
        }

        #[test]
        fn a_split_adds_up(minor in 0..=AMOUNT_MAX, weights in prop::collection::vec(0..1_000_u32, 1..20)) {
            let parts = split(minor, &weights);
            let all: i64 = parts.iter().sum();
            prop_assert_eq!(all, if weights.iter().all(|weight| *weight == 0) { 0 } else { minor });
            prop_assert!(parts.iter().zip(&weights).all(|(part, weight)| *part >= 0 && (*weight > 0 || *part == 0)));
        }
    }
}

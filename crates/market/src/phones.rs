//! Phone numbers, compared in international form: however somebody writes a number, it is one and the same.

use std::str::FromStr;

use phonenumber::{Mode, Type, country};

use crate::codes::digit_of;

/// Different numbers to which one account may have codes sent within a day: a person has few phones, and each text costs.
pub const NUMBERS_PER_DAY_MAX: usize = 5;
/// Longest input that is looked at, bytes: fifteen digits (ITU-T E.164, 6.2.1) of four bytes, with as much between them.
const TYPED_BYTES_MAX: usize = 128;

/// A country by whose ways numbers are read that begin without a country's own: `NG`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Region(country::Id);

impl Region {
    /// Its two letters.
    pub fn code(&self) -> &str {
        self.0.as_ref()
    }
}

impl std::fmt::Debug for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Where the market began, and most of its people live.
impl Default for Region {
    fn default() -> Self {
        Self(country::NG)
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(word: &str) -> Result<Self, UnknownRegion> {
        country::Id::from_str(&word.to_ascii_uppercase()).map(Self).map_err(|_| UnknownRegion)
    }
}

/// No country has these letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a country is two letters, such as NG, GH or GB")]
pub struct UnknownRegion;

/// A number that a text can reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mobile {
    e164: String,
    shown: String,
}

/// Why something is no number of a mobile phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMobile {
    /// It is no number at all, or none that its country gives out.
    #[error("this is no phone number: type it with its country, such as +234 803 123 4567")]
    NoNumber,
    /// It is one that no text reaches: of a desk, a service, a box that takes calls.
    #[error("no text reaches this number: codes go to mobile phones")]
    NotMobile,
}

impl Mobile {
    /// What somebody typed: `0803 123 4567` where the country is known, `+234 803…` or `00234 803…` everywhere, digits of any
    /// script, whatever stands between them.
    ///
    /// # Errors
    /// [`NotMobile`].
    pub fn typed(text: &str, region: Region) -> Result<Self, NotMobile> {
        if text.len() > TYPED_BYTES_MAX {
            return Err(NotMobile::NoNumber);
        }
        let mut plain = String::with_capacity(text.len());
        for c in text.trim().chars() {
            match (digit_of(c), c) {
                (Some(digit), _) => plain.push(char::from(b'0' + digit)),
                (None, '+' | '＋' | '﹢') => plain.push('+'),
                // A number that goes on behind a letter is another one, or none: `x12`, `;ext=`, words.
                (None, c) if c.is_alphanumeric() => return Err(NotMobile::NoNumber),
                (None, ';' | '=' | '#' | '*') => return Err(NotMobile::NoNumber),
                (None, _) => {}
            }
        }
        if let Some(rest) = plain.strip_prefix("00") {
            plain = format!("+{rest}");
        }
        // One plus, and in front.
        if plain.rfind('+').is_some_and(|at| at > 0) {
            return Err(NotMobile::NoNumber);
        }
        // One that says its country is read by that one's ways alone: by others' ways its own zero would be a prefix.
        let by = (!plain.starts_with('+')).then_some(region.0);
        let number = phonenumber::parse(by, &plain).map_err(|_| NotMobile::NoNumber)?;
        if !phonenumber::is_valid(&number) {
            return Err(NotMobile::NoNumber);
        }
        let database = &phonenumber::metadata::DATABASE;
        let mobile = match number.number_type(database) {
            Type::Mobile | Type::FixedLineOrMobile => true,
            // The crate looks without the zero with which the numbers of some countries begin, also from abroad.
            Type::Unknown => {
                let national = number.national().to_string();
                let mobile = number.metadata(database).and_then(|country| country.descriptors().mobile());
                mobile.is_some_and(|mobile| mobile.is_match(&national))
            }
            _ => false,
        };
        if !mobile {
            return Err(NotMobile::NotMobile);
        }
        let e164 = number.format().mode(Mode::E164).to_string();
        // What is kept is compared letter by letter, and goes to whoever sends: digits behind a plus, and nothing else.
        let fits = |digits: &str| (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !e164.strip_prefix('+').is_some_and(fits) {
            return Err(NotMobile::NoNumber);
        }
        Ok(Self { e164, shown: number.format().mode(Mode::International).to_string() })
    }

    /// The one form: `+2348031234567` (ITU-T E.164).
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// As people read it: `+234 803 123 4567`.
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// A number in its one form as people read it; as it is where it cannot be read.
pub fn shown(e164: &str) -> String {
    Mobile::typed(e164, Region::default()).map_or_else(|_| e164.to_owned(), |number| number.shown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(text: &str) -> Result<String, NotMobile> {
        Mobile::typed(text, Region::default()).map(|number| number.e164)
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in [
            "0803 123 4567",
            "08031234567",
            "+2348031234567",
            "+234 (0) 803-123-4567",
            "00234 803 123 4567",
            "＋234 ８０３ １２３ ４５６７",
            "٠٨٠٣١٢٣٤٥٦٧",
            "  0803.123.4567\u{200f} ",
            "803 123 4567",
        ] {
            assert_eq!(typed(text).as_deref(), Ok("+2348031234567"), "{text:?}");
        }
        assert_eq!(shown("+2348031234567"), "+234 803 123 4567");
        let ghana: Region = "gh".parse().expect("a country");
        assert_eq!(Mobile::typed("024 123 4567", ghana).map(|n| n.e164).as_deref(), Ok("+233241234567"));
        assert_eq!(Mobile::typed("+1 202-555-0143", ghana).map(|n| n.e164).as_deref(), Ok("+12025550143"));
    }

    #[test]
    fn a_zero_that_belongs_to_the_number_stays() {
        for (text, expected) in [
            ("+225 07 08 12 34 56", "+2250708123456"),
            ("+242 06 123 4567", "+242061234567"),
            ("+229 01 97 12 34 56", "+2290197123456"),
        ] {
            assert_eq!(typed(text).as_deref(), Ok(expected), "{text}");
            assert_eq!(typed(&shown(expected)).as_deref(), Ok(expected), "as it is shown: {}", shown(expected));
        }
        assert_eq!(typed("+39 06 1234 5678"), Err(NotMobile::NotMobile), "a desk in Rome");
    }

    #[test]
    fn what_is_no_mobile_number_is_refused_for_what_it_is() {
        for text in [
            "",
            "+",
            "12345",
            "0803 123 45",
            "+234 803 123 4567 89",
            "+999 123 456 789",
            "++2348031234567",
            "0803+1234567",
            "+234 803 CALL NOW",
            "08031234567;ext=5",
            "08031234567 x5",
            "tel:+2348031234567",
        ] {
            assert_eq!(typed(text), Err(NotMobile::NoNumber), "{text:?}");
        }
        assert_eq!(typed(&"1".repeat(200)), Err(NotMobile::NoNumber));
        for text in ["+44 20 7946 0000", "+44 906 123 4567"] {
            assert_eq!(typed(text), Err(NotMobile::NotMobile), "{text:?}");
        }
        assert_eq!("Nigeria".parse::<Region>(), Err(UnknownRegion));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_number_or_is_refused(text in "\\PC{0,40}") {
            let _ = typed(&text);
        }

        #[test]
        fn the_one_form_is_read_as_itself(local in "[789][01][0-9]{8}", country in "(\\+234|0|00234|\\+44|\\+1|\\+91)") {
            if let Ok(number) = typed(&format!("{country}{local}")) {
                prop_assert_eq!(typed(&number), Ok(number.clone()));
                prop_assert_eq!(typed(&shown(&number)), Ok(number));
            }
        }
    }
}

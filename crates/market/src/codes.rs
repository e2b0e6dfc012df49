//! Codes of six digits that prove who reads a letter box or holds a phone: what counts as the same code, how long one lives, how
//! often one may be sent and tried.
//!
//! Tries and sendings are counted over all codes of an address and purpose, so that asking again gives nobody another try.
//! Tries from places that were never seen with the account have a budget of their own: strangers lock nobody out.

use icu_properties::{
    CodePointMapData,
    props::{DefaultIgnorableCodePoint, GeneralCategory},
};

use crate::{
    process::coded,
    time::{HOUR_MS, MINUTE_MS, Timestamp},
};

/// Digits of a code.
pub const CODE_DIGITS: usize = 6;
/// Tries within an hour over all codes of an address and purpose: for each of those who were here before, and strangers.
pub const TRIES_MAX: usize = 10;
/// Sendings to an address within an hour that network addresses may cause which caused one already.
pub const SENDINGS_PER_ADDRESS_MAX: usize = 5;
/// Sendings to a mail address within an hour in all: where strangers used up those five, whoever asks from elsewhere still gets
/// one. A text costs money: for phones there are five in all.
pub const SENDINGS_PER_ADDRESS_IN_ALL_MAX: usize = 15;
/// Sendings that one network address may cause within an hour, whatever they are for.
pub const SENDINGS_PER_SOURCE_MAX: usize = 20;
/// The time between two sendings to an address.
pub const BETWEEN_SENDINGS_MS: i64 = MINUTE_MS;
/// The time over which tries and sendings are counted.
pub const COUNTED_OVER_MS: i64 = HOUR_MS;
/// How far ahead of a command what was noted before it may be, milliseconds: a command has the time at which it arrived, and
/// others that came after it may have had their turn first.
pub const AHEAD_MAX_MS: i64 = 5 * MINUTE_MS;
/// Longest input that is looked at, bytes: six digits of four bytes with as much between them.
const TYPED_BYTES_MAX: usize = 128;

/// How a code travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A letter by mail.
    Mail,
    /// A text to a phone.
    Phone,
}

impl Carrier {
    /// Its word, as it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Phone => "phone",
        }
    }

    /// How long a code lives after it was sent last, milliseconds.
    pub const fn life_ms(self) -> i64 {
        match self {
            Self::Mail => 60 * MINUTE_MS,
            Self::Phone => 10 * MINUTE_MS,
        }
    }
}

/// What a code is for. One for something else opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Proves that somebody reads the address of their account.
    Email,
    /// Proves that somebody holds a phone.
    Phone,
    /// Lets somebody choose a new password.
    Password,
    /// Proves that somebody reads the address that is to become the one of their account.
    NewEmail,
    /// Lets somebody name the bank account to which they are paid.
    PayoutAccount,
    /// Proves that somebody who makes an account reads the address that it is to have.
    Register,
    /// Takes a change of address back. Its codes are longer, and are others'; only tries are counted here.
    Undo,
    /// The second step of signing in. Its codes are made by an app; only tries are counted here.
    SecondStep,
}

coded!(Purpose {
    Email "email", Phone "phone", Password "password", NewEmail "new_email", PayoutAccount "payout_account",
    Register "register", Undo "undo", SecondStep "second_step",
});

impl Purpose {
    /// How its codes travel.
    pub const fn carrier(self) -> Carrier {
        match self {
            Self::Phone => Carrier::Phone,
            Self::Email
            | Self::Password
            | Self::NewEmail
            | Self::PayoutAccount
            | Self::Register
            | Self::Undo
            | Self::SecondStep => Carrier::Mail,
        }
    }
}

/// A code. Its digits are for whoever it was sent to: it is not shown where values are printed for us.
#[derive(Clone, Copy)]
pub struct Code([u8; CODE_DIGITS]);

impl Code {
    /// The code of eight random bytes. Each of the million is as likely as any other, but for one part in 2^44.
    pub fn from_random(bytes: [u8; 8]) -> Self {
        let mut left = u64::from_be_bytes(bytes) % 1_000_000;
        let mut digits = [0; CODE_DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit = u8::try_from(left % 10).unwrap_or(0);
            left /= 10;
        }
        Self(digits)
    }

    /// What somebody typed: spaces, hyphens and what nobody sees fall away, digits of any script count. `None` unless these are
    /// six: a code is text, and no number whose zeros could be left out.
    pub fn typed(text: &str) -> Option<Self> {
        if text.len() > TYPED_BYTES_MAX {
            return None;
        }
        let mut digits = text.chars().filter(|c| !falls_away(*c));
        let mut code = [0; CODE_DIGITS];
        for place in &mut code {
            *place = digit_of(digits.next()?)?;
        }
        digits.next().is_none().then_some(Self(code))
    }

    /// What somebody typed as it is sent: the same code is the same text. What is no code goes as it is, and is refused.
    pub fn as_sent(text: &str) -> String {
        Self::typed(text).map_or_else(|| text.trim().to_owned(), |code| code.to_string())
    }

    /// Its digits, 0 to 9, for whoever compares them without telling by the time how many were right.
    pub fn digits(&self) -> &[u8; CODE_DIGITS] {
        &self.0
    }
}

/// Its digits as they are written.
impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code")
    }
}

fn falls_away(c: char) -> bool {
    c.is_whitespace()
        || c == '\u{2212}'
        || CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::DashPunctuation
        || icu_properties::CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

fn is_digit(c: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::DecimalNumber
}

/// What a digit of any script is worth. They stand in tens, each from zero to nine, and where several tens stand side by side
/// they begin together (The Unicode Standard, 4.6): so what counts is how far one is from where they begin.
pub(crate) fn digit_of(c: char) -> Option<u8> {
    if !is_digit(c) {
        return None;
    }
    let before = (0..u32::from(c)).rev().take_while(|before| char::from_u32(*before).is_some_and(is_digit)).count();
    u8::try_from(before % 10).ok()
}

/// Not yet: how long it is until then, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// At least 1.
    pub wait_ms: i64,
}

fn counts(at: Timestamp, now: Timestamp) -> bool {
    at.since_ms(now) <= AHEAD_MAX_MS
}

/// Until fewer than `most` of these moments are within an hour. What stands far ahead of `now` was noted by a clock that was
/// wrong then: it counts for nothing, or one wrong hour would stop somebody for as long as it was wrong by.
fn until_fewer(most: usize, moments: &[Timestamp], now: Timestamp) -> Result<(), Wait> {
    let mut counted: Vec<Timestamp> =
        moments.iter().copied().filter(|at| counts(*at, now) && now.since_ms(*at) < COUNTED_OVER_MS).collect();
    counted.sort_unstable();
    match counted.len().checked_sub(most) {
        None => Ok(()),
        Some(too_many) => Err(Wait { wait_ms: counted[too_many].plus_ms(COUNTED_OVER_MS).since_ms(now).max(1) }),
    }
}

/// What was sent within the hour.
#[derive(Clone, Debug, Default)]
pub struct Sendings {
    /// To the address, whoever caused it.
    pub to_address: Vec<Timestamp>,
    /// Those among them that the same network address caused.
    pub to_address_from_source: Vec<Timestamp>,
    /// That the network address caused, to whatever address.
    pub from_source: Vec<Timestamp>,
}

/// Whether a code may be sent to an address now.
///
/// # Errors
/// [`Wait`].
pub fn may_send(sent: &Sendings, carrier: Carrier, now: Timestamp) -> Result<(), Wait> {
    let Sendings { to_address, to_address_from_source, from_source } = sent;
    let first = !to_address_from_source.iter().any(|at| counts(*at, now));
    let most = match carrier {
        Carrier::Mail if first => SENDINGS_PER_ADDRESS_IN_ALL_MAX,
        Carrier::Mail | Carrier::Phone => SENDINGS_PER_ADDRESS_MAX,
    };
    let last = to_address.iter().copied().filter(|at| counts(*at, now)).max();
    if let Some(wait_ms) = last.map(|last| BETWEEN_SENDINGS_MS - now.since_ms(last)).filter(|wait_ms| *wait_ms > 0) {
        return Err(Wait { wait_ms });
    }
    until_fewer(most, to_address, now)?;
    until_fewer(SENDINGS_PER_SOURCE_MAX, from_source, now)
}

/// Whether a code may be tried now, after tries at these moments out of the same budget.
///
/// # Errors
/// [`Wait`].
pub fn may_try(tries: &[Timestamp], now: Timestamp) -> Result<(), Wait> {
    until_fewer(TRIES_MAX, tries, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_763_856_000_000);

    fn before(minutes: &[i64]) -> Vec<Timestamp> {
        minutes.iter().map(|minutes| NOW.plus_ms(-minutes * MINUTE_MS)).collect()
    }

    fn typed(text: &str) -> Option<String> {
        Code::typed(text).map(|code| code.to_string())
    }

    #[test]
    fn c12_a_code_is_text_of_six_digits_of_any_script() {
        for text in [
            "012345",
            "012 345",
            " 012-345\n",
            "0 1 2 3 4 5",
            "０１２３４５",
            "٠١٢٣٤٥",
            "۰۱۲۳۴۵",
            "०१२३४५",
            "߀߁߂߃߄߅",
            "𞥐𞥑𞥒𞥓𞥔𞥕",
            "𝟎𝟏𝟐𝟑𝟒𝟓",
            "𝟘𝟙𝟚𝟛𝟜𝟝",
            "0١２३45",
            "012\u{2011}345",
            "012\u{2013}345",
            "\u{200B}012\u{2060}345\u{FEFF}",
        ] {
            assert_eq!(typed(text).as_deref(), Some("012345"), "{text:?}");
        }
        for text in
            ["12345", "0123456", "", "      ", "01234a", "0.12345", "O12345", "½12345", "⁰12345", "-", "一二三四五六"]
        {
            assert_eq!(typed(text), None, "{text:?}");
        }
        assert_eq!(typed(&format!("012345{}", " ".repeat(TYPED_BYTES_MAX))), None);
    }

    #[test]
    fn every_digit_of_unicode_is_worth_what_stands_at_its_place() {
        let all: Vec<char> = (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|c| is_digit(*c)).collect();
        assert!(all.len() > 600 && all.len().is_multiple_of(10), "{}", all.len());
        for ten in all.chunks(10) {
            let worth: Vec<Option<u8>> = ten.iter().map(|c| digit_of(*c)).collect();
            assert_eq!(worth, (0..10).map(Some).collect::<Vec<_>>(), "{ten:?}");
        }
    }

    #[test]
    fn c12_codes_by_mail_live_an_hour_and_by_phone_ten_minutes() {
        let lives = [Purpose::Email, Purpose::Phone, Purpose::Password, Purpose::NewEmail, Purpose::Register]
            .map(|purpose| purpose.carrier().life_ms() / MINUTE_MS);
        assert_eq!(lives, [60, 10, 60, 60, 60]);
    }

    #[test]
    fn c12_ten_tries_an_hour_over_all_codes() {
        assert_eq!(may_try(&before(&[1; 9]), NOW), Ok(()));
        assert_eq!(may_try(&before(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 50]), NOW), Err(Wait { wait_ms: 10 * MINUTE_MS }));
        assert_eq!(may_try(&before(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 60]), NOW), Ok(()), "the oldest is an hour old");
        // Nobody gets that many; were there more, all but nine have to be an hour old.
        let many = before(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 40, 50]);
        assert_eq!(may_try(&many, NOW), Err(Wait { wait_ms: 40 * MINUTE_MS }));
    }

    #[test]
    fn c12_one_sending_a_minute_five_an_hour_to_an_address_twenty_from_a_network_address() {
        let second = |ms: i64| vec![NOW.plus_ms(-ms)];
        for carrier in [Carrier::Mail, Carrier::Phone] {
            let here = |at: Vec<Timestamp>| {
                let (to_address_from_source, from_source) = (at.clone(), Vec::new());
                may_send(&Sendings { to_address: at, to_address_from_source, from_source }, carrier, NOW)
            };
            assert_eq!(here(Vec::new()), Ok(()));
            assert_eq!(here(second(59_999)), Err(Wait { wait_ms: 1 }));
            assert_eq!(here(second(60_000)), Ok(()));
            assert_eq!(here(before(&[2, 10, 20, 30])), Ok(()));
            assert_eq!(here(before(&[2, 10, 20, 30, 40])), Err(Wait { wait_ms: 20 * MINUTE_MS }));
            let elsewhere = |at| may_send(&Sendings { from_source: at, ..Sendings::default() }, carrier, NOW);
            assert_eq!(elsewhere(before(&[5; 19])), Ok(()));
            assert_eq!(elsewhere(before(&[5; 20])), Err(Wait { wait_ms: 55 * MINUTE_MS }));
        }
    }

    #[test]
    fn strangers_who_use_up_an_address_keep_nobody_from_one_letter_from_elsewhere() {
        let sent = |to_address: Vec<Timestamp>, mine: Vec<Timestamp>| Sendings {
            to_address,
            to_address_from_source: mine,
            from_source: Vec::new(),
        };
        let five = before(&[2, 10, 20, 30, 40]);
        let first = sent(five.clone(), Vec::new());
        assert_eq!(may_send(&first, Carrier::Mail, NOW), Ok(()));
        assert!(may_send(&first, Carrier::Phone, NOW).is_err(), "texts cost money");
        assert!(may_send(&sent(five, before(&[20])), Carrier::Mail, NOW).is_err(), "one, and no more");
        let fifteen = sent(before(&[30; 15]), Vec::new());
        assert_eq!(may_send(&fifteen, Carrier::Mail, NOW), Err(Wait { wait_ms: 30 * MINUTE_MS }));
        let just_now = sent(vec![NOW.plus_ms(-1)], Vec::new());
        assert_eq!(may_send(&just_now, Carrier::Mail, NOW), Err(Wait { wait_ms: 59_999 }));
    }

    #[test]
    fn a_clock_that_was_wrong_for_an_hour_stops_nobody_afterwards() {
        let ahead = before(&[-60; 30]);
        let sent =
            Sendings { to_address: ahead.clone(), to_address_from_source: ahead.clone(), from_source: ahead.clone() };
        assert_eq!((may_try(&ahead, NOW), may_send(&sent, Carrier::Mail, NOW)), (Ok(()), Ok(())));
        let waited_in_line = vec![NOW.plus_ms(700); 10];
        assert_eq!(may_try(&waited_in_line, NOW), Err(Wait { wait_ms: COUNTED_OVER_MS + 700 }), "others came after it");
    }

    #[test]
    fn codes_have_all_their_zeros_and_are_not_printed_for_us() {
        assert_eq!(Code::from_random([0; 8]).to_string(), "000000");
        assert_eq!(Code::from_random(1_000_042_u64.to_be_bytes()).to_string(), "000042");
        assert_eq!(format!("{:?}", Code::from_random(123_456_u64.to_be_bytes())), "Code");
        assert_eq!(Code::from_random(123_456_u64.to_be_bytes()).digits(), &[1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn each_purpose_has_one_word() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_code(purpose.code()), Some(*purpose));
        }
        assert_eq!(Purpose::from_code("other"), None);
    }
}

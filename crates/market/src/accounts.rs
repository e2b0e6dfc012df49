//! People: what a name, an e-mail address and a password must look like, and the roles an account can have.

use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizer;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::text::{is_dropped, is_visible};

/// What an account may do beyond what its relations to things allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A person who works, hires, sells or bids.
    Member,
    /// A person who may administer the server.
    Admin,
}

impl Role {
    /// The word stored and sent for this role.
    pub fn code(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }

    /// The role for a stored word; `None` for a word that this version does not know.
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "member" => Some(Self::Member),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }
}

/// Longest name, in code points.
pub const NAME_CODE_POINTS_MAX: usize = 100;
/// Longest raw name that is looked at at all, in bytes: room for the longest name with markup around it.
pub const RAW_NAME_BYTES_MAX: usize = 2 * 1024;
/// Longest e-mail address, in bytes (RFC 5321, 4.5.3.1.3, less the angle brackets).
pub const EMAIL_BYTES_MAX: usize = 254;
/// Shortest password, in code points. NIST SP 800-63B asks for 8; the sign-in screen promises 10.
pub const PASSWORD_CODE_POINTS_MIN: usize = 10;
/// Longest password, in bytes: bounds the work of hashing one.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// So many code points are taken in every script, as UTF-8 has at most 4 bytes for each: what people are told.
pub const PASSWORD_CODE_POINTS_SAFE: usize = PASSWORD_BYTES_MAX / 4;
/// The name shown in place of somebody who deleted the account.
pub const DELETED_NAME: &str = "Deleted user";

/// A field of a registration that cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefusal {
    /// No visible character, or more than [`NAME_CODE_POINTS_MAX`].
    #[error("The name must have 1 to {NAME_CODE_POINTS_MAX} characters.")]
    Name,
    /// Not of the form `somebody@somewhere`, or too long.
    #[error("The email must be an address such as ada@example.com, at most {EMAIL_BYTES_MAX} characters.")]
    Email,
    /// Too short or too long.
    #[error(
        "Choose a password of at least {PASSWORD_CODE_POINTS_MIN} characters, and at most {PASSWORD_CODE_POINTS_SAFE}."
    )]
    Password,
    /// One of those that are tried first, or the account's own name or address.
    #[error(
        "This password is one of those that are tried first. Choose another one, such as four words that do not belong together."
    )]
    CommonPassword,
}

impl AccountRefusal {
    /// The name of the field that was wrong.
    pub fn field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Password | Self::CommonPassword => "password",
        }
    }
}

/// A name as it will be stored: markup and invisible characters gone, on one line.
///
/// # Errors
/// [`AccountRefusal::Name`] when nothing visible or too much is left.
pub fn clean_name(raw: &str) -> Result<String, AccountRefusal> {
    if raw.len() > RAW_NAME_BYTES_MAX {
        return Err(AccountRefusal::Name);
    }
    let name = crate::text::clean(raw).map_err(|_| AccountRefusal::Name)?;
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() > NAME_CODE_POINTS_MAX { Err(AccountRefusal::Name) } else { Ok(name) }
}

/// An e-mail address as it is compared: trimmed, in lower case, without characters that nobody sees (they come along when an
/// address is copied), and with its letters put together one way: keyboards differ in that.
///
/// # Errors
/// [`AccountRefusal::Email`] when it cannot be an address. Whether mail arrives there is another matter.
pub fn clean_email(raw: &str) -> Result<String, AccountRefusal> {
    if raw.len() > RAW_NAME_BYTES_MAX {
        return Err(AccountRefusal::Email);
    }
    let seen = |c: &char| c.is_whitespace() || c.is_control() || (is_visible(*c) && !is_dropped(*c));
    let lower: String =
        raw.trim_matches(|c: char| c.is_whitespace() || !seen(&c)).to_lowercase().chars().filter(seen).collect();
    let email = ComposingNormalizer::new_nfc().normalize(&lower).into_owned();
    let (local, host) = email.rsplit_once('@').ok_or(AccountRefusal::Email)?;
    let plausible = !local.is_empty()
        && !host.is_empty()
        && !host.starts_with('.')
        && !host.ends_with('.')
        && email.len() <= EMAIL_BYTES_MAX
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | ',' | ';'));
    if plausible { Ok(email) } else { Err(AccountRefusal::Email) }
}

/// Whether a new password is acceptable.
///
/// # Errors
/// [`AccountRefusal::Password`] when it is too short or too long.
pub fn check_password(password: &str) -> Result<(), AccountRefusal> {
    let long_enough = password.chars().count() >= PASSWORD_CODE_POINTS_MIN;
    if long_enough && password.len() <= PASSWORD_BYTES_MAX { Ok(()) } else { Err(AccountRefusal::Password) }
}

/// Passwords that everybody who guesses tries first, folded and in order. Only those that are long enough stand in it.
const COMMON_PASSWORDS: &str = include_str!("../data/common_passwords.txt");
/// Different characters that a password has at least: one key that is held down is no password.
const DIFFERENT_CHARACTERS_MIN: usize = 3;

/// As passwords are compared with those that are common: whatever keyboard or spelling they were typed with.
fn folded_password(password: &str) -> String {
    let composed = ComposingNormalizer::new_nfkc().normalize(password).into_owned();
    icu_casemap::CaseMapper::new().fold_string(&composed).into_owned()
}

/// Whether a new password of somebody is acceptable: also none of those that are tried first, and not their own name or address.
///
/// # Errors
/// [`AccountRefusal::Password`] and [`AccountRefusal::CommonPassword`].
pub fn check_new_password(password: &str, name: &str, email: &str) -> Result<(), AccountRefusal> {
    static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| COMMON_PASSWORDS.lines().collect());
    check_password(password)?;
    let folded = folded_password(password);
    let mut different: Vec<char> = folded.chars().collect();
    different.sort_unstable();
    different.dedup();
    let local = email.rsplit_once('@').map_or(email, |(local, _)| local);
    let own = [name, email, local].iter().any(|own| folded_password(own) == folded);
    if own || different.len() < DIFFERENT_CHARACTERS_MIN || COMMON.binary_search(&folded.as_str()).is_ok() {
        return Err(AccountRefusal::CommonPassword);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_one_word_and_an_unknown_word_is_none() {
        assert_eq!((Role::Member.code(), Role::Admin.code()), ("member", "admin"));
        for role in [Role::Member, Role::Admin] {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        for word in ["", "owner", "Admin", "admin "] {
            assert_eq!(Role::from_code(word), None, "{word:?}");
        }
    }

    #[test]
    fn the_limits_are_the_ones_that_are_promised() {
        let limits =
            [NAME_CODE_POINTS_MAX, RAW_NAME_BYTES_MAX, EMAIL_BYTES_MAX, PASSWORD_CODE_POINTS_MIN, PASSWORD_BYTES_MAX];
        assert_eq!(limits, [100, 2_048, 254, 10, 1_024]);
    }

    #[test]
    fn each_refusal_names_its_field() {
        let fields = [AccountRefusal::Name, AccountRefusal::Email, AccountRefusal::Password].map(AccountRefusal::field);
        assert_eq!(fields, ["name", "email", "password"]);
    }

    #[test]
    fn emails_are_compared_in_lower_case_and_must_look_like_one() {
        let check =
            |raw: &str, expected: Option<&str>| assert_eq!(clean_email(raw).ok().as_deref(), expected, "{raw:?}");
        check(" Ada@Example.COM ", Some("ada@example.com"));
        check("ada@localhost", Some("ada@localhost"));
        check("ada\u{200B}@example.com\u{202C}", Some("ada@example.com"));
        check("\u{FEFF} ada@exam\u{AD}ple.com \u{200E}", Some("ada@example.com"));
        check("jose\u{301}@example.com", Some("jos\u{E9}@example.com"));
        check("\u{200B}@example.com", None);
        check("ada\0@example.com", None);
        check("ada\n@example.com", None);
        check("ada", None);
        check("@example.com", None);
        check("ada@", None);
        check("ada b@example.com", None);
        check("<ada@example.com>", None);
        check(&format!("{}@example.com", "a".repeat(242)), Some(&format!("{}@example.com", "a".repeat(242))));
        check(&format!("{}@example.com", "a".repeat(243)), None);
        check(&format!("{}@example.com", " ".repeat(2_000)), None);
        let padded = |bytes: usize| format!("ada@example.com{}", " ".repeat(bytes - 15));
        check(&padded(RAW_NAME_BYTES_MAX), Some("ada@example.com"));
        check(&padded(RAW_NAME_BYTES_MAX + 1), None);
        check(&padded(RAW_NAME_BYTES_MAX * 2), None);
    }

    #[test]
    fn names_are_plain_text_on_one_line() {
        let check =
            |raw: &str, expected: Option<&str>| assert_eq!(clean_name(raw).ok().as_deref(), expected, "{raw:?}");
        check("  Ṣadé\n Ọláyínká ", Some("Ṣadé Ọláyínká"));
        check("<b>Eve</b>", Some("Eve"));
        check("\u{202E}evE", Some("evE"));
        check(" ", None);
        check(&"x".repeat(100), Some(&"x".repeat(100)));
        check(&"x".repeat(101), None);
        check(&format!("<b>{}</b>", "Ṣ".repeat(100)), Some(&"Ṣ".repeat(100)));
        check(&format!("Eve{}", " ".repeat(RAW_NAME_BYTES_MAX - 3)), Some("Eve"));
        check(&format!("Eve{}", " ".repeat(RAW_NAME_BYTES_MAX - 2)), None);
    }

    #[test]
    fn passwords_that_are_tried_first_are_refused_however_they_are_typed() {
        let check = |password: &str| check_new_password(password, "Ada Lovelace-Byron", "ada.lovelace@example.com");
        for common in [
            "password123",
            "PassWord123",
            "ｐａｓｓｗｏｒｄ１２３",
            "1234567890",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "ababababababab",
            "Ada Lovelace-Byron",
            "ada.lovelace@example.com",
            "ADA.LOVELACE",
        ] {
            assert_eq!(check(common), Err(AccountRefusal::CommonPassword), "{common}");
        }
        for good in ["a long enough password", "password1234 and more", "correct hor", "ábĉdéfghíj"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check("short"), Err(AccountRefusal::Password));
    }

    #[test]
    fn the_list_of_common_passwords_is_folded_in_order_and_of_those_that_are_long_enough() {
        let lines: Vec<&str> = COMMON_PASSWORDS.lines().collect();
        assert!(lines.len() > 1_000 && lines.is_sorted(), "{}", lines.len());
        for line in lines {
            assert_eq!(folded_password(line), line);
            assert!(line.chars().count() >= PASSWORD_CODE_POINTS_MIN, "{line}");
        }
    }

    #[test]
    fn passwords_have_ten_characters_or_more() {
        assert!(check_password("correct hor").is_ok());
        assert_eq!(check_password("short"), Err(AccountRefusal::Password));
        assert!(check_password("0123456789").is_ok());
        assert_eq!(check_password("012345678"), Err(AccountRefusal::Password));
        assert!(check_password(&"x".repeat(1_024)).is_ok());
        assert_eq!(check_password(&"x".repeat(1_025)), Err(AccountRefusal::Password));
        // What people are told holds in every script, and speaks of characters.
        assert_eq!(
            AccountRefusal::Password.to_string(),
            "Choose a password of at least 10 characters, and at most 256."
        );
        let different: String = ('\u{10000}'..).take(PASSWORD_CODE_POINTS_SAFE).collect();
        assert!(check_password(&different).is_ok());
    }
}

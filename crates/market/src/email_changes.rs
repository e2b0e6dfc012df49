//! The mail address of an account changes: the new one is proved first, and whoever reads the old one may take it back.

use crate::time::{HOUR_MS, Timestamp};

/// How long the old address may take it back, milliseconds.
pub const UNDO_MS: i64 = 72 * HOUR_MS;
/// Characters of the code with which it is taken back: 80 bits, for it lives for days.
pub const UNDO_CHARS: usize = 16;
/// The characters that it is made of: none that is taken for another (Crockford's base 32).
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Whether a change that was made then may still be taken back.
pub fn may_undo(changed: Timestamp, now: Timestamp) -> bool {
    now.since_ms(changed) < UNDO_MS
}

/// The code of random bytes, in groups of four. One character for each of the first sixteen bytes.
pub fn undo_code(bytes: &[u8; 32]) -> String {
    let chars: Vec<char> = bytes[..UNDO_CHARS].iter().map(|b| char::from(ALPHABET[usize::from(b % 32)])).collect();
    chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// What somebody typed as such a code: without spaces and hyphens, in capital letters, with what is easily taken for another
/// character as that. `None` for anything else, such as a code of six digits.
pub fn typed_undo_code(text: &str) -> Option<String> {
    typed_as(text, UNDO_CHARS)
}

/// The same for a code of so many characters.
pub(crate) fn typed_as(text: &str, chars: usize) -> Option<String> {
    if text.len() > 8 * chars {
        return None;
    }
    let typed: Option<String> = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}'))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            c => ALPHABET.iter().map(|b| char::from(*b)).find(|known| *known == c),
        })
        .collect();
    typed.filter(|typed| typed.len() == chars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_taken_back_for_three_days() {
        let at = Timestamp(1_763_856_000_000);
        for (after_ms, may) in [(0, true), (UNDO_MS - 1, true), (UNDO_MS, false), (UNDO_MS + 1, false), (-5, true)] {
            assert_eq!(may_undo(at, at.plus_ms(after_ms)), may, "{after_ms}");
        }
    }

    #[test]
    fn an_undo_code_is_typed_however_one_likes() {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n * 7);
        let code = undo_code(&bytes);
        assert_eq!(code, "07EN-W3AH-RZ6D-MV29", "{code}");
        for typed in
            [code.clone(), code.to_lowercase(), code.replace('-', " "), code.replace('0', "o").replace('1', "l")]
        {
            assert_eq!(typed_undo_code(&typed), Some(code.replace('-', "")), "{typed}");
        }
        assert_eq!(typed_undo_code("o1il-0000-0000-0000").as_deref(), Some("0111000000000000"));
        for typed in ["", "012345", "07EN-W3AH-RZ6D-MV2", "07EN-W3AH-RZ6D-MV298", "07EN-W3AH-RZ6D-MVU9"] {
            assert_eq!(typed_undo_code(typed), None, "{typed}");
        }
    }
}

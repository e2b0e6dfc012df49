//! What a person typed, made safe to store and to show as plain text.
//!
//! [`clean`] drops markup and invisible tricks and keeps people's words: `I <3 you` stays what it is. It knows nothing
//! about HTML entities (they are left as typed) and does not normalise Unicode.
//!
//! **Invariant:** the result never contains `<` directly before a letter, `/`, `!` or `?`, and cleaning it again
//! changes nothing.

mod markup;

/// The longest message body after cleaning, in code points. Both seed systems validate the same limit.
pub const BODY_CODE_POINTS_MAX: usize = 1_000;

/// The longest raw body that is looked at at all, in bytes: more is refused before any work is done on it.
pub const RAW_BODY_BYTES_MAX: usize = 16 * 1024;

/// Why a text cannot be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextRefusal {
    /// The text is not Unicode: it contains an unpaired surrogate.
    #[error("the text is not valid Unicode")]
    BadText,
    /// Nothing visible is left after cleaning.
    #[error("nothing visible is left after cleaning")]
    Empty,
    /// More than [`BODY_CODE_POINTS_MAX`] code points are left after cleaning.
    #[error("the text is longer than {BODY_CODE_POINTS_MAX} characters")]
    TooLong,
}

impl TextRefusal {
    /// The reason code used on the wire and in the vectors.
    pub fn code(self) -> &'static str {
        match self {
            Self::BadText => "bad_text",
            Self::Empty => "empty",
            Self::TooLong => "too_long",
        }
    }
}

/// Cleans a body given as UTF-16 code units, as a JSON string may spell it.
///
/// # Errors
/// [`TextRefusal::BadText`] for an unpaired surrogate, otherwise as [`clean`].
pub fn clean_utf16(units: &[u16]) -> Result<String, TextRefusal> {
    String::from_utf16(units).map_err(|_| TextRefusal::BadText).and_then(|text| clean(&text))
}

/// Cleans a message body.
///
/// # Errors
/// [`TextRefusal::Empty`] when nothing visible is left, [`TextRefusal::TooLong`] above [`BODY_CODE_POINTS_MAX`].
pub fn clean(raw: &str) -> Result<String, TextRefusal> {
    let text = strip(raw);
    let text = text.trim();
    if !text.chars().any(is_visible) {
        return Err(TextRefusal::Empty);
    }
    if text.chars().count() > BODY_CODE_POINTS_MAX {
        return Err(TextRefusal::TooLong);
    }
    Ok(text.to_owned())
}

/// Lines folded, invisible characters dropped, markup removed. Length and emptiness are the caller's to judge.
///
/// The work is linear in the length, whatever is in it.
pub fn strip(raw: &str) -> String {
    let mut text: Vec<char> = Vec::with_capacity(raw.len());
    let mut previous_cr = false;
    for c in raw.chars() {
        match c {
            '\r' => text.push('\n'),
            '\n' if previous_cr => {}
            '\u{2028}' | '\u{2029}' => text.push('\n'),
            c if is_dropped(c) => {}
            c => text.push(c),
        }
        previous_cr = c == '\r';
    }
    if text.contains(&'<') { markup::remove(text) } else { text.into_iter().collect() }
}

/// As [`strip`], of the first [`RAW_BODY_BYTES_MAX`] only: for a text that is refused anyway, to show what is left of it.
pub fn strip_bounded(raw: &str) -> String {
    let end = (0..=RAW_BODY_BYTES_MAX.min(raw.len())).rev().find(|end| raw.is_char_boundary(*end)).unwrap_or(0);
    strip(&raw[..end])
}

/// Whether something that leaves ink is in `raw` and not in what cleaning made of it. Spaces, line ends and characters
/// that nobody sees do not count.
pub fn shows_less(raw: &str, cleaned: &str) -> bool {
    let ink = |text: &'_ str| text.chars().filter(|c| is_visible(*c) && !is_dropped(*c)).count();
    ink(cleaned) < ink(raw)
}

pub(crate) fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{B}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{180E}'
        | '\u{202A}'..='\u{202E}' | '\u{FFF9}'..='\u{FFFB}')
}

/// Whether a character leaves ink, or stands for something that does. Joiners, marks, fillers and selectors alone
/// do not make a message.
pub(crate) fn is_visible(c: char) -> bool {
    !(c.is_whitespace()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D159}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(typed: &str, expected: Result<&str, TextRefusal>) {
        assert_eq!(clean(typed).as_deref(), expected.as_ref().copied(), "{typed:?}");
    }

    #[test]
    fn t4_markup_goes_and_words_stay() {
        check("<b>Hello</b> world", Ok("Hello world"));
        check("I <3 you", Ok("I <3 you"));
        check("a < b and c > d", Ok("a < b and c > d"));
        check("1<2 and 3>2", Ok("1<2 and 3>2"));
        check("price <5000 naira", Ok("price <5000 naira"));
        check("a<b then c>d", Ok("ad"));
        check("x<y", Ok("x< y"));
        check("<script>alert(1)</script>Hi", Ok("Hi"));
        check("<<b>script>alert(1)<</b>/script>", Err(TextRefusal::Empty));
        check("<scr<script>ipt>alert(1)</scr</script>ipt>", Ok("< script>"));
        check("<img src=x onerror=alert(1)>ok", Ok("ok"));
        check("<img src=x onerror=alert(1)", Ok("< img src=x onerror=alert(1)"));
        check("<a href=\"x>y\">link</a>", Ok("link"));
        check("<a href=\"x>y", Ok("< a href=\"x>y"));
        check("<b title='it's'>q</b>", Ok("q"));
        check("<!-- hidden -->shown", Ok("shown"));
        check("<!-- never closed", Ok("< !-- never closed"));
        check("<?php echo 1; ?>after", Ok("after"));
        check("email <me@example.com> ok", Ok("email < me@example.com> ok"));
        check("see <https://x.y/z>", Ok("see < https://x.y/z>"));
        check("<me@x onmouseover=alert(1)>hi", Ok("< me@x onmouseover=alert(1)>hi"));
        check("</3 broken", Ok("< /3 broken"));
        check("<>empty", Ok("<>empty"));
        check("&lt;b&gt;", Ok("&lt;b&gt;"));
        check("<br>a<br/>b", Ok("ab"));
        check("a<\u{0}b>c", Ok("ac"));
        check("<scr\u{200B}ipt>alert(1)</scr\u{200B}ipt>hey", Ok("hey"));
        check("＜script＞", Ok("＜script＞"));
        check("₦15,000 <em>paid</em>", Ok("₦15,000 paid"));
        check(&"<b>".repeat(5_000), Err(TextRefusal::Empty));
        check("<o:p>x</o:p>", Ok("x"));
        check("<STYLE>p{}</style >seen", Ok("seen"));
    }

    #[test]
    fn the_limits_and_the_codes_are_the_ones_that_are_promised() {
        assert_eq!((BODY_CODE_POINTS_MAX, RAW_BODY_BYTES_MAX), (1_000, 16_384));
        let codes = [TextRefusal::BadText, TextRefusal::Empty, TextRefusal::TooLong].map(TextRefusal::code);
        assert_eq!(codes, ["bad_text", "empty", "too_long"]);
    }

    #[test]
    fn t5_e95_nothing_visible_is_refused_as_empty() {
        for typed in ["", "   \n\t", "\u{200B}\u{200B}", "\u{200D}", "\u{3164}", "\u{2800}", "\u{FE0F}\u{AD}"] {
            check(typed, Err(TextRefusal::Empty));
        }
        for c in ['a', '.', '\u{301}', '\u{17B6}', '\u{2010}', '\u{2070}', '\u{FFA1}', '\u{FFFC}', '\u{E1000}'] {
            check(&c.to_string(), Ok(&c.to_string()));
        }
    }

    #[test]
    fn t5_e96_a_thousand_code_points_are_accepted_and_one_more_is_too_long() {
        check(&"é".repeat(1_000), Ok(&"é".repeat(1_000)));
        check(&"a".repeat(1_001), Err(TextRefusal::TooLong));
        // Counted after cleaning: markup does not use up anybody's words.
        check(&format!("<b>{}</b>", "a".repeat(1_000)), Ok(&"a".repeat(1_000)));
    }

    #[test]
    fn e97_a_thousand_emoji_are_accepted() {
        check(&"🎉".repeat(1_000), Ok(&"🎉".repeat(1_000)));
    }

    #[test]
    fn t3_invisible_tricks_go_and_joiners_stay() {
        check("\u{202E}gnp.exe", Ok("gnp.exe"));
        check("👨\u{200D}👩\u{200D}👧 ok", Ok("👨\u{200D}👩\u{200D}👧 ok"));
        check("مرحبا <b>سعر</b> ٥٠٠٠", Ok("مرحبا سعر ٥٠٠٠"));
        check("a\u{2066}b\u{2069}", Ok("a\u{2066}b\u{2069}"));
    }

    #[test]
    fn t2_every_kind_of_line_end_becomes_one_line_feed() {
        check("a\r\nb\rc\u{2028}d\u{2029}e\n\nf", Ok("a\nb\nc\nd\ne\n\nf"));
        check("a\r\r\nb", Ok("a\n\nb"));
    }

    #[test]
    fn t1_unpaired_surrogates_are_refused() {
        assert_eq!(clean_utf16(&[0x61, 0xD83D]), Err(TextRefusal::BadText));
        assert_eq!(clean_utf16(&[0xD83C, 0xDF89]).as_deref(), Ok("🎉"));
    }

    #[test]
    fn what_was_left_out_is_known_and_what_nobody_sees_does_not_count() {
        let check = |raw: &str, less| assert_eq!(shows_less(raw, &strip(raw)), less, "{raw:?}");
        check("List<String> x", true);
        check("if a<b and c>d", true);
        check("<img src=x>", true);
        check("a<b", false);
        check("I <3 you", false);
        check("  a \r\n b\u{200B}\u{7F} ", false);
    }

    fn assert_clean(text: &str) {
        let chars: Vec<char> = text.chars().collect();
        for pair in chars.windows(2) {
            assert!(
                !(pair[0] == '<' && (pair[1].is_ascii_alphabetic() || matches!(pair[1], '/' | '!' | '?'))),
                "{text:?}"
            );
        }
        assert_eq!(strip(text), text, "cleaning again changed {text:?}");
    }

    proptest! {
        #[test]
        fn the_result_holds_no_markup_and_is_stable(raw in ".{0,80}") {
            assert_clean(&strip(&raw));
        }

        #[test]
        fn the_result_of_hostile_markup_is_stable(parts in proptest::collection::vec(prop_oneof![
            Just("<"), Just(">"), Just("/"), Just("<script>"), Just("</script>"), Just("<!--"), Just("-->"), Just("b"), Just(" "),
            Just("="), Just("\""), Just("'"), Just("?"), Just("!"), Just("style"), Just("\u{200B}"), Just("\r"), Just("a:b"), Just("3"),
        ], 0..40)) {
            assert_clean(&strip(&parts.concat()));
        }
    }

    #[test]
    fn hostile_bodies_of_the_largest_size_are_cleaned_in_reasonable_work() {
        for part in
            ["<!--", "<b", "<", "<<b>", "</", "<a href=\"", "<script>", "<?", "<a@", "<a =\"", "<style", "</script "]
        {
            assert_clean(&strip(&part.repeat(RAW_BODY_BYTES_MAX / part.len())));
        }
    }

    #[test]
    fn of_a_text_that_is_refused_anyway_the_beginning_is_shown() {
        assert_eq!(strip_bounded("<b>short</b>"), "short");
        assert_eq!(strip_bounded(&"a".repeat(RAW_BODY_BYTES_MAX + 5)).len(), RAW_BODY_BYTES_MAX);
        let split = format!("{}é", "a".repeat(RAW_BODY_BYTES_MAX - 1));
        assert_eq!(strip_bounded(&split).len(), RAW_BODY_BYTES_MAX - 1, "no half of a character");
    }
}

//! How people and texts are found: one folding for everything that is typed to find something, on the server, in the
//! cache and in every filter.
//!
//! `Ṣadé`, `sade` and `S̩ADE´` are one name to whoever looks for it. Nothing here is ever shown: what is shown is what was
//! written.

use icu_casemap::CaseMapper;
use icu_normalizer::DecomposingNormalizer;
use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup, Script},
};

use crate::ids::UserId;

/// Words of a query that are looked at, at most.
pub const QUERY_WORDS_MAX: usize = 16;
/// The longest piece that is indexed, in characters. A longer word is several pieces in a row, in the index as in a query.
pub const PIECE_CHARACTERS_MAX: usize = 64;

/// A text as it is compared when somebody looks for it: compatibility decomposition (NFKD), marks and invisible characters
/// off, full case folding. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    let nfkd = DecomposingNormalizer::new_nfkd();
    let categories = CodePointMapData::<GeneralCategory>::new();
    let seen = |c: &char| {
        let category = categories.get(*c);
        !GeneralCategoryGroup::Mark.contains(category) && category != GeneralCategory::Format
    };
    let bare = |text: &str| nfkd.normalize(text).chars().filter(seen).collect::<String>();
    // Folding can bring marks of its own, and what it brings may have a decomposition.
    bare(&CaseMapper::new().fold_string(&bare(text)))
}

/// Whether words of this script stand together without spaces, so that each character is a piece of its own and words are
/// found inside of longer runs.
fn is_unspaced(script: Script) -> bool {
    matches!(
        script,
        Script::Han
            | Script::Hiragana
            | Script::Katakana
            | Script::Bopomofo
            | Script::Thai
            | Script::Lao
            | Script::Khmer
            | Script::Myanmar
    )
}

/// The words of a text, folded, each as the pieces that stand in the index one after the other.
pub fn words(text: &str) -> impl Iterator<Item = Vec<String>> {
    let scripts = CodePointMapData::<Script>::new();
    let folded = fold(text);
    let words: Vec<Vec<String>> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut pieces: Vec<String> = Vec::new();
            let (mut length, mut alone) = (0, true);
            for c in word.chars() {
                let unspaced = is_unspaced(scripts.get(c));
                match pieces.last_mut().filter(|_| !unspaced && !alone && length < PIECE_CHARACTERS_MAX) {
                    Some(piece) => {
                        piece.push(c);
                        length += 1;
                    }
                    None => {
                        pieces.push(c.into());
                        length = 1;
                    }
                }
                alone = unspaced;
            }
            pieces
        })
        .collect();
    words.into_iter()
}

/// A piece as it stands in the index of one reader: no other reader's begins like it, whatever is written.
fn piece_of(reader: UserId, piece: &str) -> String {
    format!("u{reader}x{piece}")
}

/// What an index of words is given of a text that these people may read: for each of them all pieces in order, marked as
/// theirs, with spaces between them. Whoever looks for something is so led to what is their own, and to nothing of all
/// others'.
pub fn indexed(text: &str, readers: &[UserId]) -> String {
    let pieces: Vec<String> = words(text).flatten().collect();
    let of_each = readers.iter().flat_map(|reader| pieces.iter().map(|piece| piece_of(*reader, piece)));
    of_each.collect::<Vec<_>>().join(" ")
}

/// What a query of one reader asks for: every word, each as a phrase of pieces as they are [`indexed`]; the last piece of the
/// last word may be unfinished. At most [`QUERY_WORDS_MAX`] words; empty for a query without a letter or digit.
pub fn query(text: &str, reader: UserId) -> Vec<Vec<String>> {
    let word_of = |word: Vec<String>| word.iter().map(|piece| piece_of(reader, piece)).collect();
    words(text).take(QUERY_WORDS_MAX).map(word_of).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_found_as_they_are_written_and_as_they_are_typed() {
        for (written, typed) in [
            ("Ṣadé", "sade"),
            ("S\u{323}ade\u{301}", "ṢADÉ"),
            ("ỌLÁ", "ola"),
            ("Ọláyínká", "olayinka"),
            ("Straße", "STRASSE"),
            ("İstanbul", "istanbul"),
            ("Ｆｕｌｌ", "full"),
            ("ﬁne", "FINE"),
            ("ΣΊΣΥΦΟΣ", "σισυφος"),
            ("Nnamdi\u{200D}", "nnamdi"),
        ] {
            assert_eq!(fold(written), fold(typed), "{written} and {typed}");
        }
        assert_ne!(fold("Ana"), fold("Anu"));
    }

    /// All pieces in order, as nobody's.
    fn pieces(text: &str) -> String {
        words(text).flatten().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_without_spaces_between_them_are_single_pieces() {
        assert_eq!(pieces("Hello, Wörld 3x!"), "hello world 3x");
        assert_eq!(pieces("私は東京"), "私 は 東 京");
        assert_eq!(pieces("ไทย ok"), "ไ ท ย ok");
        assert_eq!(pieces("iPhone東京15"), "iphone 東 京 15");
        assert_eq!(pieces("?!"), "");
        let long = "x".repeat(PIECE_CHARACTERS_MAX + 1);
        assert_eq!(pieces(&long), format!("{} x", "x".repeat(PIECE_CHARACTERS_MAX)));
    }

    #[test]
    fn each_reader_has_an_index_of_their_own() {
        let (ana, tunde) = (UserId(1), UserId(12));
        assert_eq!(indexed("Hello 東京", &[ana, tunde]), "u1xhello u1x東 u1x京 u12xhello u12x東 u12x京");
        assert_eq!(indexed("?!", &[ana, tunde]), "");
        assert_eq!(query("東京 tow", tunde), [vec!["u12x東".to_owned(), "u12x京".into()], vec!["u12xtow".into()]]);
        assert_eq!(query(&"a ".repeat(40), ana).len(), QUERY_WORDS_MAX);
        assert!(query("?!", ana).is_empty());
    }

    #[test]
    fn nobodys_words_begin_like_anothers_whatever_is_written() {
        let (ana, tunde) = (UserId(1), UserId(12));
        for text in ["2xhello", "x2x", "u12xhello", "12xhello", "x"] {
            let theirs = indexed(text, &[tunde]);
            for own in query(text, ana).concat() {
                assert!(!theirs.split(' ').any(|piece| piece.starts_with(&own)), "{own} in {theirs}");
            }
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in ".{0,40}") {
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }

        #[test]
        fn what_is_indexed_is_found_by_itself(text in ".{0,40}") {
            let again = pieces(&pieces(&text));
            prop_assert_eq!(again, pieces(&text));
        }
    }
}

//! The words by which jobs are found: of title, description and place, folded as everything that is typed to find something.

use std::collections::BTreeSet;

use crate::search::{QUERY_WORDS_MAX, words};

/// Stands before a word of the place: no word of a text begins so.
const OF_PLACE: char = '@';

/// A word that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// As it is indexed.
    pub word: String,
    /// It may go on.
    pub unfinished: bool,
}

/// The words of a job, each once, in order. Those of the place stand twice: as any, and marked.
pub fn indexed(title: &str, description: &str, place: Option<&str>) -> Vec<String> {
    let of = |text: &str| words(text).flatten().collect::<Vec<_>>();
    let place = of(place.unwrap_or_default());
    let marked: Vec<String> = place.iter().map(|word| format!("{OF_PLACE}{word}")).collect();
    let all: BTreeSet<String> = of(title).into_iter().chain(of(description)).chain(place).chain(marked).collect();
    all.into_iter().collect()
}

/// What is looked for where somebody typed this for the words, and this for the place. The last word of each may be unfinished,
/// unless something follows it.
pub fn terms(q: &str, place: &str) -> Vec<Term> {
    let of = |text: &str, mark: &str| {
        let mut found: Vec<Term> = words(text)
            .flatten()
            .take(QUERY_WORDS_MAX)
            .map(|word| Term { word: format!("{mark}{word}"), unfinished: false })
            .collect();
        if let Some(last) = found.last_mut() {
            last.unfinished = text.chars().next_back().is_some_and(char::is_alphanumeric);
        }
        found
    };
    let mut all = of(q, "");
    all.extend(of(place, &OF_PLACE.to_string()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_the_place_is_found_by_itself_too() {
        assert_eq!(indexed("Mend the Röof", "the roof", Some("Ìkẹjà")), ["@ikeja", "ikeja", "mend", "roof", "the"]);
        let term = |word: &str, unfinished| Term { word: word.to_owned(), unfinished };
        assert_eq!(terms("Roof me", ""), [term("roof", false), term("me", true)]);
        assert_eq!(terms("roof ", "IKEJ"), [term("roof", false), term("@ikej", true)]);
        assert_eq!(terms(" ,; ", ""), []);
        assert_eq!(terms(&"a ".repeat(40), "").len(), QUERY_WORDS_MAX);
    }
}

//! Whether a bank's name for somebody and the one here are one person's (C21). A bank writes it its own way: the surname first,
//! initials, capitals, a title.
//!
//! Names are compared as sets of words without case, marks, punctuation and titles. Single letters are initials, and prove
//! nothing by themselves: otherwise two equal ones would be two words in common.

use std::collections::BTreeSet;

use crate::search::fold;

/// What is said before a name and is none.
const TITLES: &[&str] = &[
    "alhaja",
    "alhaji",
    "alh",
    "arc",
    "barr",
    "barrister",
    "bro",
    "chief",
    "deacon",
    "dr",
    "engr",
    "esq",
    "hajia",
    "hajiya",
    "hon",
    "madam",
    "mallam",
    "master",
    "miss",
    "mr",
    "mrs",
    "ms",
    "mx",
    "otunba",
    "pastor",
    "pst",
    "prof",
    "professor",
    "rev",
    "reverend",
    "sir",
    "sis",
];
/// What stands in many names and tells nobody apart: what a business is called besides its name, and small words within names.
const COMMON: &[&str] = &[
    "abu",
    "africa",
    "al",
    "and",
    "bin",
    "bint",
    "co",
    "company",
    "concept",
    "concepts",
    "da",
    "de",
    "del",
    "della",
    "den",
    "der",
    "di",
    "do",
    "dos",
    "du",
    "el",
    "enterprise",
    "enterprises",
    "ghana",
    "global",
    "group",
    "holdings",
    "ibn",
    "inc",
    "incorporated",
    "int",
    "international",
    "intl",
    "investment",
    "investments",
    "kenya",
    "la",
    "le",
    "limited",
    "llc",
    "llp",
    "logistics",
    "los",
    "ltd",
    "multi",
    "nig",
    "nigeria",
    "of",
    "plc",
    "resources",
    "san",
    "service",
    "services",
    "solution",
    "solutions",
    "sons",
    "st",
    "store",
    "stores",
    "the",
    "trading",
    "van",
    "venture",
    "ventures",
    "von",
    "works",
    "y",
];
/// Words of a name that are looked at, at most. A longer one is compared by the first of them.
const WORDS_MAX: usize = 16;

/// How two names stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// They are one person's: two words are equal, or one is and the others begin as the initials say.
    Same,
    /// One word is in common: somebody has to look.
    Near,
    /// Nothing is in common.
    Different,
}

/// The words of a name as they are compared, each once: those that say something, and initials.
fn words(name: &str) -> (BTreeSet<String>, Vec<char>) {
    // An apostrophe stands within a word: O'Brien is OBRIEN at the bank.
    let bare: String = fold(name).chars().filter(|c| !matches!(c, '\'' | '’' | 'ʼ' | '‘' | '`' | '´')).collect();
    let (mut whole, mut initials) = (BTreeSet::new(), BTreeSet::new());
    for word in bare.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(WORDS_MAX) {
        let mut letters = word.chars();
        match (letters.next(), letters.next()) {
            // In scripts without case one letter may be a whole name.
            (Some(only), None) if only.is_lowercase() => drop(initials.insert(only)),
            _ if TITLES.contains(&word) => {}
            _ => drop(whole.insert(word.to_owned())),
        }
    }
    (whole, initials.into_iter().collect())
}

/// Whether each of the words begins as one of the letters says, each letter is used once, and none is left over.
fn begin_as(mut words: Vec<&str>, mut letters: Vec<char>) -> bool {
    // Each letter fits the words that begin with it and no others: which of them takes it makes no difference.
    words.sort_unstable();
    letters.sort_unstable();
    words.len() == letters.len() && words.iter().zip(&letters).all(|(word, letter)| word.starts_with(*letter))
}

fn without_common(words: BTreeSet<String>) -> BTreeSet<String> {
    words.into_iter().filter(|word| !COMMON.contains(&word.as_str())).collect()
}

/// Whether two names say the same words, whatever their order, case and marks: one is the other, written differently.
pub fn same_words(one: &str, other: &str) -> bool {
    words(one) == words(other)
}

/// How the name here and the one that a bank says stand to each other. Which is which makes no difference.
pub fn likeness(here: &str, bank: &str) -> Likeness {
    let ((ours, our_letters), (theirs, their_letters)) = (words(here), words(bank));
    let telling = |word: &&String| !COMMON.contains(&word.as_str());
    let equal = ours.intersection(&theirs).filter(telling).count();
    if ours.intersection(&theirs).next().is_none() {
        return Likeness::Different;
    }
    if equal >= 2 {
        return Likeness::Same;
    }
    // What many are called proves nothing by itself; where it is all there is, somebody looks.
    if equal == 0 {
        return Likeness::Near;
    }
    let (ours, theirs) = (without_common(ours), without_common(theirs));
    let only =
        |of: &'_ BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> { of.difference(other).cloned().collect() };
    let (our_others, their_others) = (only(&ours, &theirs), only(&theirs, &ours));
    // A letter that stands on both sides says the same on both.
    let mut ours_left = our_letters.clone();
    let mut theirs_left = their_letters;
    ours_left.retain(|letter| match theirs_left.iter().position(|other| other == letter) {
        Some(at) => {
            theirs_left.remove(at);
            false
        }
        None => true,
    });
    let shared = our_letters.len() - ours_left.len();
    let some = shared + our_others.len() + their_others.len() > 0;
    let fit = begin_as(our_others.iter().map(String::as_str).collect(), theirs_left)
        && begin_as(their_others.iter().map(String::as_str).collect(), ours_left);
    if some && fit { Likeness::Same } else { Likeness::Near }
}

/// A name of somebody else, so that only whoever knows it knows it again: the first letter of each word.
pub fn masked(name: &str) -> String {
    let first = |word: &str| word.chars().next().map(|first| format!("{first}•••"));
    name.split_whitespace().take(WORDS_MAX).filter_map(first).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn c21_the_bank_writes_the_name_its_own_way() {
        use Likeness::*;
        for (here, bank, expected) in [
            ("Oluwaseun Adébáyọ̀", "ADEBAYO OLUWASEUN JOHN", Same),
            ("Adebayo Segun Irving", "A S IRVING", Same),
            ("Segun Irving", "IRVING, S.", Same),
            ("S. Irving", "SEGUN IRVING", Same),
            ("A Segun Irving", "ADEBAYO S IRVING", Same),
            ("Ngozi Okafor-Bello", "MRS. NGOZI  OKAFOR-BELLO", Same),
            ("Ngozi Okafor", "OKAFOR-BELLO NGOZI", Same),
            ("Sean O'Brien", "OBRIEN SEAN", Same),
            ("Musa Ibrahim", "MUSA VENTURES LTD", Near),
            ("Chidi Okafor", "EMEKA OKAFOR", Near),
            ("Ada Irving", "A S IRVING", Near),
            ("Segun Irving", "T IRVING", Near),
            ("Irving", "IRVING", Near),
            ("Dr. Chief Okafor", "DR CHIEF BELLO", Different),
            ("A B Okafor", "A B IRVING", Different),
            ("Amara Okonkwo", "KWAME MENSAH", Different),
            ("", "KWAME MENSAH", Different),
            ("Mr", "MR", Different),
            ("李 明", "明 李", Same),
        ] {
            assert_eq!(likeness(here, bank), expected, "{here:?} and {bank:?}");
        }
    }

    #[test]
    fn a_masked_name_says_its_first_letters_alone() {
        assert_eq!(masked("ADEBAYO OLUWASEUN"), "A••• O•••");
        assert_eq!(masked("  "), "");
    }

    fn name() -> impl Strategy<Value = Vec<String>> {
        let word = prop_oneof!["[A-Z]", "[A-Za-z]{2,8}", "(Mr|Dr|CHIEF)", "[ÀÉỌṢ][a-zéọ]{1,5}", "\\PC{1,4}"];
        prop::collection::vec(word, 0..6)
    }

    #[test]
    fn what_many_are_called_tells_nobody_apart() {
        use Likeness::*;
        for (here, bank, expected) in [
            ("Musa Ventures Ltd", "KWAME VENTURES LTD", Near),
            ("Dela Global Services Limited", "OTHER GLOBAL SERVICES LIMITED", Near),
            ("Maria de la Cruz", "PEDRO DE LA TORRE", Near),
            ("Maria de la Cruz", "DE LA CRUZ MARIA", Same),
            ("Musa Ventures Ltd", "MUSA VENTURES LIMITED", Near),
            ("Musa Danjuma Ventures", "DANJUMA MUSA VENTURES LTD", Same),
        ] {
            assert_eq!(likeness(here, bank), expected, "{here} / {bank}");
            assert_eq!(likeness(bank, here), expected, "{bank} / {here}");
        }
        assert!(same_words("Oluwaseun Adébáyọ̀", "ADEBAYO Oluwaseun"));
        assert!(!same_words("Olu Adebayo", "Olu Dangote") && !same_words("Olu Adebayo", "Olu Adebayo Dangote"));
    }

    proptest! {
        /// Neither which is which, nor the order of words, case, marks, punctuation or a title makes a difference.
        #[test]
        fn c21_nothing_but_the_set_of_words_counts(here in name(), bank in name(), turn in 0..6_usize) {
            let (one, other) = (here.join(" "), bank.join(" "));
            let found = likeness(&one, &other);
            prop_assert_eq!(likeness(&other, &one), found);
            let mut turned = here.clone();
            if !turned.is_empty() {
                let by = turn % turned.len();
                turned.rotate_left(by);
            }
            prop_assert_eq!(likeness(&turned.join("  "), &other), found);
            prop_assert_eq!(likeness(&one.to_uppercase(), &other.to_lowercase()), found);
            prop_assert_eq!(likeness(&format!("Mrs. {one}"), &other), found);
            prop_assert_eq!(likeness(&here.join(", "), &bank.join(" - ")), found);
        }

        /// Whoever has two words of a name in common is that person, with whatever else; who has none never is.
        #[test]
        fn c21_two_in_common_are_enough_and_none_never(
            first in "[a-z]{3,8}x", second in "[a-z]{3,8}y", more in prop::collection::vec("[b-y]{3,6}z", 0..4), letters in "[A-Z]( [A-Z]){0,3}",
        ) {
            let bank = format!("{} {second} {first}", more.join(" "));
            prop_assert_eq!(likeness(&format!("{first} {second}"), &bank), Likeness::Same);
            let stranger = format!("{letters} {}", more.join(" "));
            prop_assert_eq!(likeness(&format!("{letters} {first} {second}"), &stranger), Likeness::Different);
        }

        #[test]
        fn a_mask_tells_no_word(name in name()) {
            let name = name.join(" ");
            let told = masked(&name);
            for word in name.split_whitespace().filter(|word| word.chars().count() > 1 && !word.contains('•')) {
                prop_assert!(!told.contains(word), "{told} tells {word}");
            }
        }
    }
}

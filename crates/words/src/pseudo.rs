//! The made-up language: English one can still read, with other letters, and longer by a third. The interface has the same
//! table (`ui/src/lib/pseudo.ts`); a test compares them.

/// The letters of English and those that stand for them.
pub const LETTERS: &[(char, char)] = &[
    ('a', 'á'),
    ('b', 'ƀ'),
    ('c', 'ç'),
    ('d', 'ð'),
    ('e', 'é'),
    ('f', 'ƒ'),
    ('g', 'ĝ'),
    ('h', 'ĥ'),
    ('i', 'í'),
    ('j', 'ĵ'),
    ('k', 'ķ'),
    ('l', 'ļ'),
    ('m', 'ɱ'),
    ('n', 'ñ'),
    ('o', 'ó'),
    ('p', 'þ'),
    ('q', 'ʠ'),
    ('r', 'ŕ'),
    ('s', 'š'),
    ('t', 'ţ'),
    ('u', 'ú'),
    ('v', 'ṽ'),
    ('w', 'ŵ'),
    ('x', 'ẋ'),
    ('y', 'ý'),
    ('z', 'ž'),
    ('A', 'Á'),
    ('B', 'Ɓ'),
    ('C', 'Ç'),
    ('D', 'Ð'),
    ('E', 'É'),
    ('F', 'Ƒ'),
    ('G', 'Ĝ'),
    ('H', 'Ĥ'),
    ('I', 'Í'),
    ('J', 'Ĵ'),
    ('K', 'Ķ'),
    ('L', 'Ļ'),
    ('M', 'Ṁ'),
    ('N', 'Ñ'),
    ('O', 'Ó'),
    ('P', 'Þ'),
    ('Q', 'Ǫ'),
    ('R', 'Ŕ'),
    ('S', 'Š'),
    ('T', 'Ţ'),
    ('U', 'Ú'),
    ('V', 'Ṽ'),
    ('W', 'Ŵ'),
    ('X', 'Ẋ'),
    ('Y', 'Ý'),
    ('Z', 'Ž'),
];

/// A piece of a sentence in the made-up language: vowels are doubled.
#[must_use]
pub fn text(text: &str) -> String {
    let mut said = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        let other = LETTERS.iter().find(|(letter, _)| *letter == c).map_or(c, |(_, other)| *other);
        said.push(other);
        if "aeiou".contains(c) {
            said.push(other);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_another_and_none_twice() {
        let letters: String = LETTERS.iter().map(|(letter, _)| letter).collect();
        assert_eq!(letters, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        let mut others: Vec<char> = LETTERS.iter().map(|(_, other)| *other).collect();
        others.sort_unstable();
        others.dedup();
        assert_eq!(others.len(), 52);
    }

    #[test]
    fn vowels_are_said_twice() {
        assert_eq!(text("Send 3"), "Šééñð 3");
    }
}

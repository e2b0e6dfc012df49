//! What all processes share that are tables: words for what stands in them, and how the row of something that somebody does is
//! found.

/// Gives the values of an enum their words: `ALL`, `code` and `from_code`.
macro_rules! coded {
    ($name:ident { $($value:ident $word:literal),* $(,)? }) => {
        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$value),*];

            /// Its word, as it is stored and said on the wire.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$value => $word),* }
            }

            /// What the word means. `None` for one that this version does not know.
            pub fn from_code(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.code() == word)
            }
        }
    };
}
pub(crate) use coded;

/// Why no row is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// There is none of theirs: this role never does that.
    Forbidden,
    /// There are, and none from where it stands.
    WrongState,
}

/// The row that is taken: of those that are `theirs`, by what is done and by whom, the one from where it `stands`. Rights come
/// before states: who may not do a thing learns nothing of how it stands.
///
/// # Errors
/// [`Missing`].
pub fn row<'t, Step>(
    theirs: impl Iterator<Item = &'t Step>,
    stands: impl Fn(&Step) -> bool,
) -> Result<&'t Step, Missing> {
    let mut theirs = theirs.peekable();
    if theirs.peek().is_none() {
        return Err(Missing::Forbidden);
    }
    theirs.find(|step| stands(step)).ok_or(Missing::WrongState)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Fruit {
        Apple,
        Pear,
    }

    coded!(Fruit { Apple "apple", Pear "pear" });

    #[test]
    fn a_word_is_read_as_it_is_written_and_others_mean_nothing() {
        assert_eq!(Fruit::ALL, [Fruit::Apple, Fruit::Pear]);
        assert!(Fruit::ALL.iter().all(|fruit| Fruit::from_code(fruit.code()) == Some(*fruit)));
        for word in ["", "Apple", "apple ", "plum"] {
            assert_eq!(Fruit::from_code(word), None, "{word:?}");
        }
    }

    #[test]
    fn rights_are_asked_for_before_the_state() {
        let rows = [(1, 'a'), (2, 'b')];
        let of = |who, from| row(rows.iter().filter(move |row| row.0 == who), |row| row.1 == from);
        assert_eq!(of(1, 'a'), Ok(&(1, 'a')));
        assert_eq!(of(1, 'b'), Err(Missing::WrongState));
        assert_eq!((of(3, 'a'), of(3, 'c')), (Err(Missing::Forbidden), Err(Missing::Forbidden)));
    }
}

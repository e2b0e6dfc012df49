//! Rows of lists that are kept current by events.

/// A row of a list that is kept current by events.
pub trait Row: Clone {
    /// What names it within its list.
    type Key: Clone + Ord;

    /// Its name.
    fn key(&self) -> Self::Key;

    /// Puts rows that are told together into the order in which they are told. As they are named, unless a list says more.
    fn in_order(_rows: &mut [Self]) {}
}

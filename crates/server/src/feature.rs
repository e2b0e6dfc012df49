//! What one feature of the market brings to the server: everything that general code asks of it, in one value.

use crate::{deadlines::Handler, retention::Retention};

/// One feature.
#[derive(Clone, Copy)]
pub struct Feature {
    /// Its name, one word.
    pub name: &'static str,
    /// What happens by itself at its moment.
    pub deadlines: &'static [Handler],
    /// What is forgotten after a while.
    pub retention: &'static [Retention],
}

impl Feature {
    /// One that brings nothing yet.
    pub const fn named(name: &'static str) -> Self {
        Self { name, deadlines: &[], retention: &[] }
    }
}

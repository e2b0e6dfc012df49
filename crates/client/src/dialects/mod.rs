//! One adapter for each kind of server: what a server spells differently is spelled there and nowhere else.

pub(crate) mod guildhall;

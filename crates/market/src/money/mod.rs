//! Money: what an amount is, the book in which every movement stands, and the rules of escrows and payouts.
//!
//! Everything here decides and nothing is kept: whoever carries a command out keeps what it became and posts its
//! [entries](book::Entry), all together or none.

pub mod amounts;
pub mod book;
pub mod chain;
pub mod disputes;
pub mod escrow_steps;
pub mod escrows;
pub mod house;
pub mod payouts;
pub mod signed;
pub mod statements;

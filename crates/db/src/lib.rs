//! The server's database.
//!
//! Embedded it is SQLite, hosted it is PostgreSQL. Queries are written once, in the subset that both understand: `$1`
//! parameters, `bigint` for milliseconds and flags, JSON as text, `returning`, `on conflict`. Migrations, the write
//! path ([`writer`]), full-text search and two statements in which PostgreSQL does what SQLite does in two differ, and nothing else. Knows neither HTTP nor wire types.

pub mod announcements;
pub mod attachments;
pub mod audit;
pub mod charges;
pub mod codes;
pub mod conversations;
pub mod deadlines;
pub mod departures;
pub mod disputes;
pub mod email_changes;
pub mod error;
pub mod escrow_steps;
pub mod escrows;
pub mod feed;
pub mod idempotency;
pub mod identity_papers;
pub mod jobs;
pub mod ledger;
mod lineage;
pub mod mail_preferences;
pub mod mails;
pub mod messages;
pub mod notifications;
pub mod open;
pub mod payout_accounts;
pub mod payouts;
pub mod people;
mod person_words;
pub mod profiles;
mod refold;
pub mod registrations;
pub mod reports;
pub mod sandbox;
pub mod saved_replies;
pub mod settings;
pub mod sign_ins;
mod sql;
pub mod suspensions;
pub mod tokens;
pub mod two_steps;
pub mod verifications;
mod write;
pub mod writer;

pub use error::{DbError, OpenError, Refused};
pub use open::{Db, Engine};
pub use sql::Connection;
pub use writer::{Committed, Outgoing, WriteResult, WriterHealth};

/// Numbers of our own as they stand in a statement: the two engines spell lists of parameters differently.
pub(crate) fn list(ids: impl Iterator<Item = i64>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(", ")
}

/// `$1, $2, …` for these numbers.
pub(crate) fn places(numbers: std::ops::RangeInclusive<usize>) -> String {
    numbers.map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// `limit` within 1 and `most`.
pub(crate) fn bounded(limit: i64, most: i64) -> i64 {
    limit.clamp(1, most)
}

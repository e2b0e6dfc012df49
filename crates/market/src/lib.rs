//! The market's values and rules.
//!
//! Pure: nothing here is async, does input or output, reads a clock, draws randomness or logs. `now` and every
//! random value are parameters, so a rule can be replayed from a log and tested as a table.

pub mod accounts;
pub mod announcements;
pub mod attachments;
pub mod codes;
pub mod email_changes;
pub mod identity_papers;
pub mod ids;
pub mod jobs;
pub mod mail_preferences;
pub mod mails;
pub mod messages;
pub mod money;
pub mod names;
pub mod notifications;
pub mod outages;
pub mod payout_accounts;
pub mod permissions;
pub mod phones;
mod process;
pub mod profiles;
pub mod reports;
pub mod saved_replies;
pub mod search;
pub mod text;
pub mod time;
pub mod two_step;
pub mod verification;

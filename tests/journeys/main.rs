//! Stories: a real server and real clients in one process, with the network between them broken on purpose.

mod accounts;
mod announcements;
mod between;
mod copies;
mod deleted;
mod departures;
mod devices;
mod garbled;
mod identity_papers;
mod jobs;
mod kills;
mod ledger;
mod local;
mod mail_preferences;
mod networks;
mod offline;
mod payout_accounts;
mod profiles;
mod registrations;
mod saved_replies;
mod sending;
#[path = "../support/smtp.rs"]
mod smtp;
mod storm;
mod syncing;
mod talk;
mod two_step;

//! Everything that crosses a wire, between the interface and the core and between client and server.
//!
//! Each feature has a file with its bodies and views, and its rows of the tables ([`features`]). The tables become the
//! commands of the bridge ([`commands`]), the events of the realtime wire and the feed ([`events`]), the stream to the
//! interface ([`ui_events`]) and all of it as TypeScript ([`typescript`]). Does no input or output and holds no rule.

// The tables are gathered feature by feature, each a step of its own.
#![recursion_limit = "256"]

pub mod amounts;
pub mod announcements;
pub mod attachments;
pub mod audit;
pub mod blocks;
pub mod bytes;
pub mod codes;
pub mod commands;
pub mod configuration;
pub mod connection;
pub mod conversation_key;
pub mod conversations;
pub mod departures;
pub mod desk;
pub mod devices;
pub mod disputes;
pub mod email_changes;
pub mod errors;
pub mod events;
pub mod features;
pub mod feed;
pub mod identity_papers;
pub mod jobs;
pub mod known;
pub mod lenient;
pub mod mail_preferences;
pub mod mend;
pub mod messages;
pub mod notifications;
pub mod passwords;
pub mod payments;
pub mod payout_accounts;
pub mod payouts;
pub mod people;
pub mod profiles;
pub mod registrations;
pub mod reports;
pub mod rest;
pub mod rows;
pub mod saved_replies;
pub mod sessions;
pub mod settings;
pub mod suspensions;
pub mod targets;
pub mod two_step;
pub mod typescript;
pub mod ui_events;
mod unprinted;
pub mod verifications;
pub mod wallet;
pub mod wire_time;

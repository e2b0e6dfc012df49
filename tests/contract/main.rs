//! The wire as strangers see it: REST, sockets, refusals, bad input, on a real server.

mod account_safety;
mod accounts;
mod announcements;
mod attachments;
mod audit;
mod belonging;
mod clocks;
mod crowd;
mod departures;
mod disk;
mod doors;
mod edges;
mod forgotten;
mod golden;
mod guessing;
mod hostile;
mod mail;
mod mail_preferences;
mod messages;
mod openapi;
mod operation;
mod own_password;
mod peers;
mod phones;
mod postgres;
#[path = "../../crates/db/tests/support/postgres.rs"]
mod postgres_server;
mod profiles;
mod program;
mod protocol;
mod proxies;
mod pusher;
mod realtime;
mod reports;
mod saved_replies;
mod settings;
#[path = "../support/smtp.rs"]
mod smtp;
mod statements;
mod stranger;
mod suspensions;
mod tools;
mod two_step;
mod vanished;
mod verifications;
mod webhooks;

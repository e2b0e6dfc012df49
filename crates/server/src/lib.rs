//! The marketplace server: REST, realtime and tasks behind one value.
//!
//! [`Server::start`] opens the database, binds the listeners and serves until [`Server::shutdown`]. It is the same
//! server inside the desktop app (local mode) and as the program `guildhall-server`. Knows neither clients nor Tauri.

pub mod address;
pub mod admin;
pub mod announcements;
pub mod app;
pub mod apps;
pub mod attachments;
pub mod audit;
pub mod auth;
pub mod blocks;
pub mod bodies;
pub mod broadcasting;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connections;
pub mod credentials;
pub mod deadlines;
pub mod demo;
pub mod departures;
pub mod desk;
pub mod door;
mod drain;
pub mod embedded;
pub mod environment;
pub mod error;
pub mod fair_turns;
pub mod feature;
pub mod features;
pub mod feed;
pub mod forgotten;
mod heads;
pub mod health;
pub mod lateness;
pub mod message_rates;
pub mod messages;
pub mod notifications;
pub mod once;
pub mod openapi;
pub mod passwords;
pub mod patience;
pub mod people;
pub mod pictures;
mod private;
pub mod profiles;
pub mod realtime;
pub mod render;
pub mod reports;
pub mod request;
pub mod retention;
mod room;
pub mod router;
pub mod saved_replies;
pub mod secrets;
pub mod serve;
pub mod sign_in_guard;
pub mod suspensions;
pub mod system;
pub mod tls;
pub mod vitals;

pub use config::ServerConfig;
pub use serve::{Addresses, Inherited, Server, StartError};

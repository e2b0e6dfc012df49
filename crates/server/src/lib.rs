//! The marketplace server: REST, realtime and tasks behind one value.
//!
//! [`Server::start`] opens the database, binds the listeners and serves until [`Server::shutdown`]. It is the same
//! server inside the desktop app (local mode) and as the program `guildhall-server`. Knows neither clients nor Tauri.

pub mod address;
pub mod admin;
pub mod app;
pub mod apps;
pub mod attachments;
pub mod auth;
pub mod bounded;
pub mod broadcasting;
pub mod cli;
pub mod clock;
pub mod config;
pub mod deadlines;
pub mod demo;
pub mod embedded;
pub mod environment;
pub mod error;
pub mod fair_turns;
pub mod feature;
pub mod features;
pub mod feed;
mod heads;
pub mod lateness;
pub mod messages;
pub mod notifications;
pub mod openapi;
pub mod passwords;
pub mod people;
pub mod pictures;
mod private;
pub mod realtime;
pub mod render;
pub mod request;
pub mod retention;
mod room;
pub mod serve;
pub mod sign_in_guard;
pub mod system;
mod take_back;
pub mod tasks;
pub mod tls;
pub mod vitals;

pub use config::ServerConfig;
pub use serve::{Addresses, Inherited, Server, StartError};

//! The core of the app: everything between the interface and the server, without either.
//!
//! A host makes a [`Core`] with its [`ports`], calls one method for each row of the command table, and reads the stream of
//! [`Core::subscribe`]. What the core promises: what it accepted is not lost, nothing is sent twice, and the state of the
//! connection is always known. It names neither Tauri, nor an operating system, nor the server's crate.

// The tables of the contract are gathered feature by feature, each a step of its own.
#![recursion_limit = "256"]

mod account;
mod address;
mod answers;
mod behind;
mod channels;
mod chores;
mod chosen;
mod commands;
mod conversation_rows;
mod copies;
mod core;
mod device;
mod dialects;
mod edits;
mod error;
mod identity;
mod kinds;
mod link;
mod link_state;
mod message_notices;
mod notices;
mod outbox;
mod pages;
mod parts;
pub mod ports;
mod publisher;
mod registration;
mod rest;
mod route;
mod session;
mod shown;
mod stream;
mod sync;
mod tasks;
mod unanswered;

pub use crate::{
    core::{Core, CoreOptions, OpenError},
    stream::EventStream,
};

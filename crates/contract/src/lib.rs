//! Everything that crosses a wire, between the interface and the core and between client and server.
//!
//! Three parts: the REST and event bodies of the server ([`rest`], [`events`], [`channels`]), the typed bridge between
//! the interface and the core ([`commands`], [`views`], [`ui_events`], [`errors`]), and the generator that writes the
//! bridge out as TypeScript ([`typescript`]). Does no input or output and holds no rule.

pub mod channels;
pub mod codes;
pub mod commands;
pub mod errors;
pub mod events;
pub mod lenient;
pub mod mend;
pub mod rest;
pub mod typescript;
pub mod ui_events;
pub mod views;
pub mod wire_time;

//! Worlds for tests: a real server and real clients in one process, with faults as verbs.
//!
//! Used by tests and by the browser host only; nothing of the app depends on it.

pub mod banks;
pub mod checkouts;
pub mod faults;
pub mod keychain;
pub mod notifier;
pub mod texts;
pub mod wait;
pub mod webhost;
pub mod world;

pub use faults::{FaultProxy, Link, Meddling, Page};
pub use keychain::MemoryKeychain;
pub use notifier::{Recorded, RecordingNotifier};
pub use wait::eventually;
pub use world::{Device, Person, World};

//! What the app keeps on this device, in two files for each account.
//!
//! [`own`] holds what only this device has: waiting messages, drafts, chosen files, settings. It is written through to the
//! disk at every commit and never thrown away. [`known`] is a copy of what the server knows; it may lose its tail in a power
//! cut and is set aside and fetched again when it is damaged. Never reaches the network.

pub mod error;
pub mod files;
#[cfg(test)]
mod full;
pub mod known;
pub mod own;

pub use error::StoreError;
pub use known::Cache;
pub use own::Own;

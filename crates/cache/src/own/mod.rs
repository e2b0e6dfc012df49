//! What only this device has. Every commit is on the disk before it is answered, and nothing is dropped unless the user or
//! the server's acceptance says so. A damaged file is set aside, and the newest good copy takes its place.

mod copies;
mod drafts;
mod edits;
mod files;
mod ledger;
mod link;
mod outbox;
mod store;

pub use copies::Restoration;
pub use drafts::Draft;
pub use edits::Edit;
pub use files::{ChosenFile, NewFile};
pub use ledger::Told;
pub use outbox::{Entry, EntryState, NewEntry, OutboxCounts};
pub use store::Own;

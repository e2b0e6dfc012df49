//! A copy of what the server knows, for one account. It can be fetched again at any time, and so is never mourned.
//!
//! **Invariant:** taking in the same thing twice changes nothing, and older never overwrites newer.
//! **Invariant:** the number up to which the feed is applied and the rows that it changed move in one transaction.

mod answers;
pub mod cold;
mod conversation_rows;
mod conversations;
mod departures;
mod feed;
mod kind;
mod kinds;
mod message_events;
mod messages;
mod notifications;
mod opening;
pub mod people;
pub mod profiles;
mod ranges;
mod rows;
pub mod saved_replies;
mod store;

pub use conversation_rows::ConversationChanges;
pub use conversations::{KnownConversation, loaded_conversations};
pub use feed::Applied;
pub use kind::{Changes, Loaded};
pub use messages::{Arrived, Confirmed, Deleted, MessageChanges, Window};
pub use notifications::{NotificationChanges, loaded_notices};
pub use opening::Found;
pub use people::PeopleChanges;
pub use rows::Attached;
pub use store::Cache;

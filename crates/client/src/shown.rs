//! The notices of the system that are shown now.

use std::{
    collections::HashMap,
    sync::{Mutex, atomic::AtomicBool},
};

use guildhall_contract::conversations::ConversationKey;
use guildhall_market::ids::MessageId;

/// Notices that are shown now.
#[derive(Default)]
pub(crate) struct Shown {
    /// By tag, and the message whose words a notice shows.
    pub(crate) tags: Mutex<HashMap<String, Option<MessageId>>>,
    /// That no service shows them was said.
    pub(crate) warned: AtomicBool,
}

impl Shown {
    /// Whether the notice of a conversation shows the words of this message.
    pub(crate) fn shows(&self, conversation: &ConversationKey, id: MessageId) -> bool {
        let tags = self.tags.lock().expect("no panic while held");
        tags.get(&conversation.to_string()).is_some_and(|shown| *shown == Some(id))
    }
}

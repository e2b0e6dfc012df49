//! The notices of the system that are shown now.

use std::{
    collections::HashMap,
    sync::{Mutex, atomic::AtomicBool},
};

/// Notices that are shown now.
#[derive(Default)]
pub(crate) struct Shown {
    /// By tag, and what a notice is about.
    pub(crate) tags: Mutex<HashMap<String, Option<String>>>,
    /// That no service shows them was said.
    pub(crate) warned: AtomicBool,
}

impl Shown {
    /// Whether the notice that leads to `target` is about this.
    pub(crate) fn shows(&self, target: &str, subject: &str) -> bool {
        let tags = self.tags.lock().expect("no panic while held");
        tags.get(target).is_some_and(|shown| shown.as_deref() == Some(subject))
    }

    /// What the notice that leads to `target` is about, if there is one.
    pub(crate) fn subject(&self, target: &str) -> Option<String> {
        self.tags.lock().expect("no panic while held").get(target).cloned().flatten()
    }
}

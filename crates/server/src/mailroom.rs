//! Where those who write letters meet whoever sends them.

use tokio::sync::{Notify, futures::Notified};

/// Wakes whoever sends letters.
#[derive(Debug, Default)]
pub struct Mailroom(Notify);

impl Mailroom {
    /// A letter was committed, or may have been: it need not wait for the next look.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits for that.
    pub fn woken(&self) -> Notified<'_> {
        self.0.notified()
    }
}

//! Where those who write letters meet whoever sends them.

use guildhall_market::codes::Carrier;
use tokio::sync::{Notify, futures::Notified};

/// Wakes whoever sends letters and texts.
#[derive(Debug, Default)]
pub struct Mailroom {
    mail: Notify,
    phone: Notify,
}

impl Mailroom {
    /// Something was committed that is to be sent, or may have been: it need not wait for the next look.
    pub fn wake(&self) {
        self.mail.notify_one();
        self.phone.notify_one();
    }

    /// Waits for that.
    pub fn woken(&self, carrier: Carrier) -> Notified<'_> {
        match carrier {
            Carrier::Mail => self.mail.notified(),
            Carrier::Phone => self.phone.notified(),
        }
    }
}

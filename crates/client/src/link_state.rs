//! What is known of the link, and what is true only while it stands, such as who is online.
//!
//! **Invariant:** one lock holds both, so nothing is called online that was lost meanwhile, and nothing that was found
//! out over one connection is said after its end.

use guildhall_contract::connection::ConnectionState;
use guildhall_market::time::Timestamp;

use crate::parts::Facts;

/// Names one connection, from its beginning to its end. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Made(u64);

/// The state of the connection, as the tasks keep it.
pub(crate) struct LinkState {
    pub(crate) state: ConnectionState,
    pub(crate) since: Timestamp,
    pub(crate) retry_at: Option<Timestamp>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) round_trip_ms: Option<u32>,
    made: u64,
    /// What was found out over the connection that stands.
    facts: Facts,
}

impl LinkState {
    /// Before the first connection.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            state: ConnectionState::Connecting,
            since: now,
            retry_at: None,
            reason: None,
            round_trip_ms: None,
            made: 0,
            facts: Facts::default(),
        }
    }

    fn turn(&mut self, state: ConnectionState, now: Timestamp) {
        if self.state != state {
            self.since = now;
        }
        self.state = state;
    }

    /// A connection was made; what was missed must be fetched over it.
    pub(crate) fn made(&mut self, now: Timestamp) -> Made {
        self.made += 1;
        self.retry_at = None;
        self.turn(ConnectionState::Syncing, now);
        Made(self.made)
    }

    /// The connection that stands, if one does.
    pub(crate) fn standing(&self) -> Option<Made> {
        matches!(self.state, ConnectionState::Syncing | ConnectionState::Online).then_some(Made(self.made))
    }

    /// Whether this connection stands.
    pub(crate) fn stands(&self, made: Made) -> bool {
        self.standing() == Some(made)
    }

    /// Nothing is missing any more, as far as this connection goes. Whether it just became online by that.
    pub(crate) fn caught_up(&mut self, made: Made, now: Timestamp) -> bool {
        if !self.stands(made) || self.state == ConnectionState::Online {
            return false;
        }
        self.reason = None;
        self.turn(ConnectionState::Online, now);
        true
    }

    /// There is no connection. What was found out over it is unknown from now on, and answered.
    pub(crate) fn lost(&mut self, now: Timestamp, reason: &'static str, retry_at: Option<Timestamp>) -> Facts {
        self.turn(ConnectionState::Offline, now);
        self.retry_at = retry_at;
        self.reason = Some(reason);
        self.round_trip_ms = None;
        std::mem::take(&mut self.facts)
    }

    /// What is found out over this connection, to be added to. `None` when it does not stand any more.
    pub(crate) fn over(&mut self, made: Made) -> Option<&mut Facts> {
        self.stands(made).then_some(&mut self.facts)
    }

    /// What was found out over the connection that stands.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000);

    #[test]
    fn a_drop_while_catching_up_is_not_overwritten_by_online() {
        let mut link = LinkState::new(NOW);
        let first = link.made(NOW);
        link.lost(NOW, "closed", None);
        assert!(!link.caught_up(first, NOW), "it caught up over a link that is gone");
        assert_eq!(link.state, ConnectionState::Offline);
        let second = link.made(NOW);
        assert!(!link.caught_up(first, NOW), "what was caught up over the first says nothing of the second");
        assert_eq!(link.state, ConnectionState::Syncing);
        assert!(link.caught_up(second, NOW));
        assert!(!link.caught_up(second, NOW), "once");
    }

    #[test]
    fn what_was_found_out_over_a_connection_is_unknown_without_it() {
        let mut link = LinkState::new(NOW);
        let first = link.made(NOW);
        link.over(first).expect("it stands").of::<Vec<u8>>().push(7);
        assert_eq!(link.facts().get(), Some(&vec![7_u8]));
        let unsaid = link.lost(NOW, "closed", None);
        assert_eq!((unsaid.get(), link.facts().get::<Vec<u8>>()), (Some(&vec![7_u8]), None));
        assert!(link.over(first).is_none(), "after the end");
        link.made(NOW);
        assert!(link.over(first).is_none(), "over the one before");
        assert!(link.lost(NOW, "closed", None).get::<Vec<u8>>().is_none());
    }
}

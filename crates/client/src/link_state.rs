//! What is known of the link, and what is true only while it stands: who is online, who types.
//!
//! **Invariant:** one lock holds both, so nothing is called online that was lost meanwhile, and nothing that was found
//! out over one connection is said after its end.

use std::collections::{HashMap, HashSet};

use guildhall_contract::{connection::ConnectionState, conversations::ConversationKey};
use guildhall_market::{ids::UserId, time::Timestamp};

/// Names one connection, from its beginning to its end. Never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Made(u64);

/// The state of the connection, as the tasks keep it.
#[derive(Clone, Debug)]
pub(crate) struct LinkState {
    pub(crate) state: ConnectionState,
    pub(crate) since: Timestamp,
    pub(crate) retry_at: Option<Timestamp>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) round_trip_ms: Option<u32>,
    made: u64,
    presence: HashMap<UserId, bool>,
    asked: HashSet<UserId>,
    typing: HashMap<ConversationKey, UserId>,
}

/// What was said over a connection, and is unknown without it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Unsaid {
    /// People of whom it was known whether they are online.
    pub(crate) people: Vec<UserId>,
    /// Who was typing, and where.
    pub(crate) typing: Vec<(ConversationKey, UserId)>,
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
            presence: HashMap::new(),
            asked: HashSet::new(),
            typing: HashMap::new(),
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

    /// There is no connection.
    pub(crate) fn lost(&mut self, now: Timestamp, reason: &'static str, retry_at: Option<Timestamp>) -> Unsaid {
        self.turn(ConnectionState::Offline, now);
        self.retry_at = retry_at;
        self.reason = Some(reason);
        self.round_trip_ms = None;
        self.asked.clear();
        Unsaid { people: self.presence.drain().map(|(id, _)| id).collect(), typing: self.typing.drain().collect() }
    }

    /// Notes who is online, as it was found out over this connection. Whether it counts.
    pub(crate) fn note(&mut self, made: Made, people: impl IntoIterator<Item = (UserId, bool)>) -> bool {
        let counts = self.stands(made);
        if counts {
            self.presence.extend(people);
        }
        counts
    }

    /// Whether somebody is online, as far as is known.
    pub(crate) fn online(&self, id: UserId) -> Option<bool> {
        self.presence.get(&id).copied()
    }

    /// Whether one must ask about somebody: it is unknown, and nobody asked over this connection yet.
    pub(crate) fn must_ask(&mut self, id: UserId) -> bool {
        self.standing().is_some() && !self.presence.contains_key(&id) && self.asked.insert(id)
    }

    /// Somebody types. Whether that may be said.
    pub(crate) fn types(&mut self, made: Made, conversation: &ConversationKey, user: UserId) -> bool {
        let counts = self.stands(made);
        if counts {
            self.typing.insert(conversation.clone(), user);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use guildhall_market::messages::Subject;

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
    fn an_answer_that_comes_after_the_end_says_nothing_of_who_is_online() {
        let (mut link, somebody) = (LinkState::new(NOW), UserId(7));
        let first = link.made(NOW);
        assert!(link.note(first, [(somebody, true)]));
        assert_eq!(link.online(somebody), Some(true));
        let unsaid = link.lost(NOW, "closed", None);
        assert_eq!((unsaid.people, link.online(somebody)), (vec![somebody], None));
        assert!(!link.note(first, [(somebody, true)]), "after the end");
        link.made(NOW);
        assert!(!link.note(first, [(somebody, true)]), "over the one before");
        assert_eq!(link.online(somebody), None);
        assert!(link.must_ask(somebody) && !link.must_ask(somebody), "once for each connection");
    }

    #[test]
    fn nobody_types_after_the_link_is_gone() {
        let (mut link, somebody) = (LinkState::new(NOW), UserId(7));
        let conversation = ConversationKey { user: somebody, subject: Subject::None };
        let made = link.made(NOW);
        assert!(link.types(made, &conversation, somebody));
        assert_eq!(link.lost(NOW, "closed", None).typing, [(conversation.clone(), somebody)]);
        assert!(!link.types(made, &conversation, somebody));
        assert_eq!(link.lost(NOW, "closed", None), Unsaid::default());
    }
}

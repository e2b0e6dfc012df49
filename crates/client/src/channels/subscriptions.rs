//! What one connection is subscribed to, and what it must ask for next: pure, driven by the link.

use std::collections::BTreeMap;

/// Authorisations that are asked for at once: a thousand channels after a reconnect must not be a thousand requests at once.
const ASKING_MAX: usize = 4;

/// How far one subscription is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The server is being asked whether we may.
    Authorising,
    /// The server was asked to subscribe, or did.
    Asked,
    /// We may not, and never asked to subscribe.
    Denied,
    /// The server did not take the subscription, or ended it.
    Refused,
    /// Whether we may could not be asked: again from this moment on, milliseconds on the link's own clock.
    Again(i64),
}

/// What the link must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Ask the server whether we may listen.
    Authorise(String),
    /// Say that we listen no longer.
    Unsubscribe(String),
}

/// What came of an authorisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Authorised {
    /// We may.
    Yes,
    /// We may not.
    No,
    /// It is not known: again from this moment on.
    Later(i64),
}

/// The subscriptions of one connection, by channel, each with the holding that it is for.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(BTreeMap<String, (u64, Phase)>);

impl Subscriptions {
    /// Brings what is subscribed to into line with what is held.
    pub(crate) fn reconcile<'a>(&mut self, held: impl Iterator<Item = (&'a str, u64)>, now: i64) -> Vec<Ask> {
        let held: BTreeMap<&str, u64> = held.collect();
        let mut asks = Vec::new();
        self.0.retain(|channel, (holding, phase)| {
            let stays = held.get(channel.as_str()) == Some(holding);
            // Also behind a refusal, which may have been for a subscription of before: the last one may yet be taken.
            if !stays && matches!(phase, Phase::Asked | Phase::Refused) {
                asks.push(Ask::Unsubscribe(channel.clone()));
            }
            stays
        });
        let mut asking = self.asking();
        for (channel, holding) in held {
            let due = match self.0.get(channel) {
                None => true,
                Some((_, Phase::Again(at))) => *at <= now,
                Some(_) => false,
            };
            if due && asking < ASKING_MAX {
                asking += 1;
                self.0.insert(channel.to_owned(), (holding, Phase::Authorising));
                asks.push(Ask::Authorise(channel.to_owned()));
            }
        }
        asks
    }

    fn asking(&self) -> usize {
        self.0.values().filter(|(_, phase)| *phase == Phase::Authorising).count()
    }

    /// The server said whether we may. Whether it must be asked to subscribe now.
    pub(crate) fn authorised(&mut self, channel: &str, authorised: Authorised) -> bool {
        let Some((_, phase)) = self.0.get_mut(channel).filter(|(_, phase)| *phase == Phase::Authorising) else {
            // Nobody wants it any more, or an earlier answer was enough.
            return false;
        };
        *phase = match authorised {
            Authorised::Yes => Phase::Asked,
            Authorised::No => Phase::Denied,
            Authorised::Later(at) => Phase::Again(at),
        };
        authorised == Authorised::Yes
    }

    /// The server let us listen. Whether we still want to. What it says last counts: a refusal before it was for a subscription
    /// of before.
    pub(crate) fn subscribed(&mut self, channel: &str) -> bool {
        match self.0.get_mut(channel) {
            Some((_, phase)) if matches!(phase, Phase::Asked | Phase::Refused) => {
                *phase = Phase::Asked;
                true
            }
            _ => false,
        }
    }

    /// The server refused or ended a subscription. Whether it was one of these.
    pub(crate) fn refused(&mut self, channel: &str) -> bool {
        match self.0.get_mut(channel) {
            Some((_, phase)) if *phase == Phase::Asked => {
                *phase = Phase::Refused;
                true
            }
            _ => false,
        }
    }

    /// Whether events of this channel are for us.
    pub(crate) fn has(&self, channel: &str) -> bool {
        self.0.get(channel).is_some_and(|(_, phase)| *phase == Phase::Asked)
    }

    /// When to look again, if nothing happens before; milliseconds on the link's own clock. While as many as may are asked for,
    /// only an answer makes room.
    pub(crate) fn deadline(&self) -> Option<i64> {
        if self.asking() >= ASKING_MAX {
            return None;
        }
        let again =
            self.0.values().filter_map(|(_, phase)| if let Phase::Again(at) = phase { Some(*at) } else { None });
        again.min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_as_many_as_may_are_asked_for_nothing_is_looked_at_again_and_again() {
        let names: Vec<String> = (0..=ASKING_MAX).map(|n| format!("private-{n}")).collect();
        let held = || names.iter().zip(1..).map(|(name, holding)| (name.as_str(), holding));
        let mut subscriptions = Subscriptions::default();
        assert_eq!(subscriptions.reconcile(held(), 0).len(), ASKING_MAX);
        // The first cannot be asked for now, and the last takes its place: both it and three others get no answer.
        subscriptions.authorised(&names[0], Authorised::Later(1_000));
        assert_eq!(subscriptions.reconcile(held(), 0), [Ask::Authorise(names[ASKING_MAX].clone())]);
        assert!(subscriptions.reconcile(held(), 2_000).is_empty());
        assert_eq!(subscriptions.deadline(), None, "an answer wakes it, not the clock");
        subscriptions.authorised(&names[1], Authorised::Yes);
        assert_eq!(subscriptions.deadline(), Some(1_000));
        assert_eq!(subscriptions.reconcile(held(), 2_000), [Ask::Authorise(names[0].clone())]);
    }
}

//! The one list of the kinds of things that are known here. A new one is one line.

use guildhall_contract::events;

use super::{cold::Cold, kind::Kind, message_events, notifications, people};

/// All kinds, in the order in which they begin anew. A new one is one line here.
pub(super) static KINDS: &[&dyn Kind] = &[
    &people::People,
    &super::profiles::Profiles,
    &message_events::Messages,
    &notifications::Notifications,
    &super::saved_replies::SavedReplies,
    &super::departures::Departures,
    &Cold { topic: "verifications", events: &[events::VERIFICATION_CHANGED] },
    &Cold { topic: "two_step", events: &[events::TWO_STEP_CHANGED] },
    &Cold { topic: "mail_preferences", events: &[events::MAIL_PREFERENCE_CHANGED] },
    &Cold { topic: "jobs", events: &[events::JOB_UPDATED, events::APPLICATION_UPDATED] },
    &Cold { topic: "payments", events: &[events::ESCROW_UPDATED] },
    &Cold { topic: "disputes", events: &[events::DISPUTE_UPDATED] },
    &Cold { topic: "payouts", events: &[events::PAYOUT_UPDATED] },
];

/// Which kind applies an event; none for one of a newer server.
pub(super) fn kind_of(event: &str) -> Option<&'static dyn Kind> {
    KINDS.iter().copied().find(|kind| kind.events().contains(&event))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use guildhall_contract::events::EVENTS;

    use super::*;

    #[test]
    fn every_event_of_the_feed_has_one_kind_that_applies_it() {
        let mut seen = BTreeSet::new();
        for event in KINDS.iter().flat_map(|kind| kind.events()) {
            assert!(seen.insert(*event), "{event} is applied twice");
        }
        let expected: BTreeSet<&str> = EVENTS.iter().filter(|event| event.in_feed).map(|event| event.name).collect();
        assert_eq!(seen, expected);
    }
}

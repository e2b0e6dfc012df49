//! The one list of the kinds of things that an account holds, in the order in which changes of them are told.

mod announcements;
mod cold;
mod mail_preferences;
mod messages;
mod notifications;
mod people;
pub(crate) mod profiles;
mod progress;
mod saved_replies;
mod two_step;
mod verifications;

pub(crate) use self::notifications::AllHere;
use crate::account::Kind;

/// All kinds. A new one is one line here, beside that of its file.
pub(crate) static KINDS: &[&dyn Kind] = &[
    &people::People,
    &profiles::Profiles,
    &messages::Messages,
    &notifications::Notifications,
    &saved_replies::SavedReplies,
    &progress::ProgressReports,
    &announcements::Announcements,
    &cold::Cold,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use guildhall_contract::events::{EVENTS, NOTIFICATION_SENT};

    use super::*;

    #[test]
    fn every_event_of_the_moment_has_one_kind_that_hears_it() {
        let mut heard = BTreeSet::new();
        for event in KINDS.iter().flat_map(|kind| kind.moments()) {
            assert!(heard.insert(*event), "{event} is heard twice");
        }
        // The double of an event that is in the feed, for listeners of another system.
        let expected = EVENTS.iter().filter(|event| event.of_the_moment() && event.name != NOTIFICATION_SENT);
        assert_eq!(heard, expected.map(|event| event.name).collect());
    }
}

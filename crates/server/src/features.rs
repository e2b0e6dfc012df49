//! The features of this server: the one place that names them all.

use crate::{admin, attachments, auth, broadcasting, feature::Feature, feed, messages, notifications, people, system};

/// Every feature, one line each, in the order of the document.
pub static FEATURES: &[Feature] = &[
    system::FEATURE,
    auth::FEATURE,
    crate::registrations::FEATURE,
    people::FEATURE,
    crate::profiles::FEATURE,
    messages::FEATURE,
    attachments::FEATURE,
    notifications::FEATURE,
    crate::saved_replies::FEATURE,
    crate::jobs::FEATURE,
    crate::announcements::FEATURE,
    crate::audit::FEATURE,
    crate::suspensions::FEATURE,
    crate::reports::FEATURE,
    crate::blocks::FEATURE,
    crate::desk::FEATURE,
    crate::departures::FEATURE,
    feed::FEATURE,
    broadcasting::FEATURE,
    crate::mail::FEATURE,
    crate::texts::FEATURE,
    crate::codes::FEATURE,
    crate::verifications::FEATURE,
    crate::identity_papers::FEATURE,
    crate::payout_accounts::FEATURE,
    crate::wallet::FEATURE,
    crate::payments::FEATURE,
    crate::own_password::FEATURE,
    crate::email_change::FEATURE,
    crate::two_step::FEATURE,
    crate::mail_preferences::FEATURE,
    admin::FEATURE,
];

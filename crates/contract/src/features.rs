//! The features, one name each. A feature's file holds what crosses the wires for it, and its rows of the tables; what is
//! made of all rows - the commands, the events, the stream to the interface - is an expansion of this list.
//!
//! Three tables are gathered from the features: `commands` (see [`commands`](crate::commands)), `events` (see
//! [`events`](crate::events)), and `rows` and
//! `states` of the stream to the interface (see [`ui_events`](crate::ui_events)). A feature that has no rows in one of them says nothing about it.

/// The list.
#[macro_export]
#[doc(hidden)]
macro_rules! with_features {
    ($($then:tt)*) => {
        $crate::gather! { $($then)*
            sessions_rows
            settings_rows
            connection_rows
            people_rows
            profiles_rows
            conversations_rows
            messages_rows
            attachments_rows
            notifications_rows
            devices_rows
            saved_replies_rows
            jobs_rows
            announcements_rows
            audit_rows
            suspensions_rows
            reports_rows
            blocks_rows
            desk_rows
            departures_rows
            verifications_rows
            identity_papers_rows
            payout_accounts_rows
            configuration_rows
            wallet_rows
            payments_rows
            payouts_rows
            disputes_rows
            passwords_rows
            registrations_rows
            email_changes_rows
            two_step_rows
            mail_preferences_rows
        }
    };
}

/// Calls the macro `$with` with the rows of one table, those of every feature, in the order of the list. Whoever asks for `rows`
/// gets them in braces, and the `states` after them.
#[macro_export]
macro_rules! for_each_row {
    ($table:ident, $with:ident) => {
        $crate::with_features! { $table $with [] }
    };
}

/// Hands the rows that were gathered so far to the next feature, and in the end to whoever wants them.
#[macro_export]
#[doc(hidden)]
macro_rules! gather {
    (rows $with:ident [$($rows:tt)*]) => {
        $crate::with_features! { states $with [{ $($rows)* }] }
    };
    ($table:ident $with:ident [$($rows:tt)*]) => {
        $with! { $($rows)* }
    };
    ($table:ident $with:ident [$($rows:tt)*] $next:ident $($rest:ident)*) => {
        $crate::$next! { $table $with [$($rows)*] $($rest)* }
    };
}

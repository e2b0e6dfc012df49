//! The bodies of all commands, one file for each feature. The names and types are those of the command table.

mod administration;
pub(crate) mod attachments;
mod configuration;
mod connection;
mod conversations;
mod departures;
mod devices;
mod disputes;
mod email_changes;
mod identity_papers;
mod jobs;
mod local;
mod messages;
mod notifications;
mod passwords;
mod payments;
mod payout_accounts;
mod payouts;
mod people;
mod profiles;
mod registrations;
mod sessions;
mod settings;
mod wallet;

pub(crate) use self::departures::save_text;

use guildhall_contract::errors::AppError;

/// Every row of the table has a body with exactly its types.
macro_rules! check {
    ($($(#[$doc:meta])* $name:ident($request:ty) -> $response:ty as $($role:ident)|+;)*) => {
        #[allow(dead_code)]
        async fn every_command_has_a_body(core: &crate::Core) {
            $(
                let body = async |request: $request| -> Result<$response, AppError> { core.$name(request).await };
                let _ = body;
            )*
        }
    };
}
guildhall_contract::for_each_command!(check);

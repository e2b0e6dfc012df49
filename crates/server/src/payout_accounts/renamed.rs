//! Somebody has another name: an account that the bank knows under the name of before is looked at anew.

use guildhall_db::{Connection, feed, payout_accounts as stored_accounts, verifications};
use guildhall_market::{
    ids::UserId,
    names::likeness,
    payout_accounts::follows,
    time::Timestamp,
    verification::{Action, Kind, Role, step},
};
use guildhall_words::{DEFAULT, written_in};

use crate::{app::App, error::ApiError, payout_seals::holder_of, verifications::becomes};

/// Ends what was verified of accounts whose holder has no longer the person's name: a name that is taken for a moment opens
/// nothing. Answers with what their devices are told.
///
/// # Errors
/// The database's.
pub async fn renamed(
    app: &App,
    c: &mut Connection,
    (user, name): (UserId, &str),
    now: Timestamp,
) -> Result<Vec<feed::Entry>, ApiError> {
    let mut told = Vec::new();
    for account in stored_accounts::current(c, user).await? {
        let slot = account.currency.as_str();
        let Some(stored) = verifications::get(c, user, Kind::PayoutAccount, slot).await? else { continue };
        let Ok(state) = step(stored.kind, stored.state, Action::Expire, Role::System) else { continue };
        // Sealed with a key that is gone, it is compared with nothing: nobody knows any more whose it is.
        let same =
            holder_of(app, &account).is_some_and(|holder| follows(likeness(name, &holder)) == Some(Action::Prove));
        if same {
            continue;
        }
        let reason = written_in(DEFAULT).verification_account_name_changed();
        let put =
            verifications::Put { user, kind: stored.kind, slot, value: &stored.value, state, reason: Some(&reason) };
        told.push(becomes(c, &put, now).await?.1);
    }
    Ok(told)
}

//! A bank account as its owner sees it.

use guildhall_contract::payout_accounts::PayoutAccount;
use guildhall_db::{payout_accounts as stored_accounts, verifications};
use guildhall_market::{
    time::Timestamp,
    verification::{Kind, Then, deadline},
};

/// An account with how it stands.
pub fn shown(account: &stored_accounts::PayoutAccount, verification: &verifications::Verification) -> PayoutAccount {
    let since = Timestamp(verification.since_ms);
    let usable = deadline(Kind::PayoutAccount, verification.state).filter(|due| due.then == Then::Usable);
    PayoutAccount {
        id: account.id,
        currency: account.currency.clone(),
        provider: account.provider.clone(),
        bank: account.bank_name.clone(),
        number: account.tail.clone(),
        state: verification.state.code().into(),
        reason: verification.reason.clone(),
        since: since.into(),
        usable_from: usable.map(|due| since.plus_ms(due.after_ms).into()),
    }
}

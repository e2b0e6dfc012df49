//! What of bank accounts is sealed, and for what: for itself alone, so that rows that are exchanged open no more.

use guildhall_db::{
    Connection,
    payout_accounts::{self, PayoutAccount},
};
use guildhall_market::ids::UserId;

use crate::{app::App, error::ApiError};

/// For what the number of an account is sealed.
pub fn number_for(key: &str) -> String {
    format!("payout account {key} number")
}

/// For what the name that the bank says is sealed.
pub fn holder_for(key: &str) -> String {
    format!("payout account {key} holder")
}

/// The account of somebody for a currency.
///
/// # Errors
/// The database's.
pub async fn current(c: &mut Connection, user: UserId, currency: &str) -> Result<Option<PayoutAccount>, ApiError> {
    Ok(payout_accounts::current(c, user).await?.into_iter().find(|account| account.currency == currency))
}

/// The name that the bank says of somebody, for an administrator whose look was written down.
///
/// # Errors
/// The database's; 500 for a row that was sealed with another key.
pub async fn holder(c: &mut Connection, app: &App, user: UserId, currency: &str) -> Result<Option<String>, ApiError> {
    let Some(account) = current(c, user, currency).await? else { return Ok(None) };
    holder_of(app, &account).map(Some).ok_or_else(ApiError::broken)
}

/// The name that the bank says of an account. `None` for a row that was sealed with another key.
pub fn holder_of(app: &App, account: &PayoutAccount) -> Option<String> {
    let opened = app.vault.open_sealed(&holder_for(&account.key), account.user_id.0, &account.sealed_holder)?;
    String::from_utf8(opened).ok()
}

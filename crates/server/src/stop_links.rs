//! The addresses by which bank accounts are stopped from letters: made of a row and the key outside of the database, for whoever
//! sends the letter and whoever takes the address.

use guildhall_db::{DbError, payout_accounts};
use guildhall_market::ids::UserId;
use subtle::ConstantTimeEq;

use crate::app::App;

/// What proves that somebody got the letter about an account.
fn signature(app: &App, account: i64, user: UserId) -> String {
    hex::encode(app.vault.mark("stop payout account", &[&account.to_be_bytes(), &user.0.to_be_bytes()]))
}

/// Whether this is it, told in the same time however much of it is right.
pub fn is_genuine(app: &App, account: i64, user: UserId, shown: &str) -> bool {
    signature(app, account, user).as_bytes().ct_eq(shown.as_bytes()).into()
}

/// The address, for the letters about an account. `None` where this server does not know under which name it is reached, and for an
/// account that is no more.
///
/// # Errors
/// The database's.
pub async fn address(app: &App, account: i64) -> Result<Option<String>, DbError> {
    let Some(host) = &app.config.public_host else { return Ok(None) };
    let stored = payout_accounts::get(&mut app.db.read().await?, account).await?;
    Ok(stored.map(|stored| {
        format!("https://{host}/payout-accounts/{account}/stop?signature={}", signature(app, account, stored.user_id))
    }))
}

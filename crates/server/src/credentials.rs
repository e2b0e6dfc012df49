//! An address and a password, proven in the same time whoever they are of.

use guildhall_db::people;
use guildhall_market::{accounts, ids::UserId};

use crate::{address::ClientAddress, app::App, error::ApiError};

/// What a failed sign-in is answered with, whatever was wrong.
pub fn wrong() -> ApiError {
    ApiError::field("invalid_credentials", "email", "The email and the password do not belong together.")
}

/// Whose address and password these are. Whatever is wrong has the same answer in the same time, and counts as a guess.
///
/// # Errors
/// 422 `invalid_credentials`, 429 for too many guesses.
pub async fn prove(app: &App, address: ClientAddress, email: &str, password: String) -> Result<UserId, ApiError> {
    if password.len() > accounts::PASSWORD_BYTES_MAX || email.len() > 4 * accounts::EMAIL_BYTES_MAX {
        return Err(wrong());
    }
    let email = accounts::clean_email(email).unwrap_or_default();
    // Counted before anything is looked at: many at once are no more than one after the other.
    app.sign_in_guard.try_sign_in(&email, address.source())?;
    let mut connection = app.db.read().await?;
    let found = people::credentials(&mut connection, &email).await?;
    drop(connection);
    let (user, stored) = found.map_or((None, None), |(id, hash)| (Some(UserId(id)), Some(hash)));
    let fits = app.passwords.matches(address.source(), password, stored).await?;
    user.filter(|_| fits).ok_or_else(wrong)
}

//! An address and a password, proven in the same time whoever they are of.

use guildhall_db::people;
use guildhall_market::{accounts, ids::UserId};

use crate::{address::ClientAddress, app::App, error::ApiError, second_step};

/// What a failed sign-in is answered with, whatever was wrong.
pub fn wrong() -> ApiError {
    ApiError::field("invalid_credentials", "email", "The email and the password do not belong together.")
}

/// Whether this is the password of somebody who is signed in, asked for once more before what cannot be undone. Whoever has a
/// token may still not guess it faster than anybody else.
///
/// # Errors
/// 422 `wrong_password` on the field, 429 for too many guesses.
pub async fn own(
    app: &App,
    address: ClientAddress,
    person: &people::User,
    password: String,
    field: &str,
) -> Result<(), ApiError> {
    let wrong = || ApiError::field("wrong_password", field, "This is not the password of this account.");
    if password.len() > accounts::PASSWORD_BYTES_MAX {
        return Err(wrong());
    }
    let been_there = app.sign_in_guard.try_sign_in(&person.email, address.source())?;
    let mut connection = app.db.read().await?;
    let stored = people::credentials(&mut connection, &person.email).await?.filter(|(id, _)| *id == person.id.0);
    drop(connection);
    let hash = stored.map(|(_, hash)| hash);
    if !app.passwords.matches(address.source(), been_there, password, hash).await? {
        return Err(wrong());
    }
    app.sign_in_guard.signed_in(&person.email, address.source());
    Ok(())
}

/// The same with the second step, where two-step sign-in is on: before whatever a stolen token must not be enough for. `password`
/// has the name of its field with it; the code is refused on `code`. What comes back is used up in the transaction of the
/// command.
///
/// # Errors
/// As [`own`]; 422 `two_step_required` and `two_step_wrong`, 429 `too_many_tries`.
pub async fn again(
    app: &App,
    address: ClientAddress,
    person: &people::User,
    (password, field): (String, &str),
    code: Option<&str>,
) -> Result<second_step::Proof, ApiError> {
    own(app, address, person, password, field).await?;
    second_step::attempt(app, person.id, code, address, app.now()).await
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
    let been_there = app.sign_in_guard.try_sign_in(&email, address.source())?;
    let mut connection = app.db.read().await?;
    let found = people::credentials(&mut connection, &email).await?;
    drop(connection);
    let (user, stored) = found.map_or((None, None), |(id, hash)| (Some(UserId(id)), Some(hash)));
    let fits = app.passwords.matches(address.source(), been_there, password, stored).await?;
    user.filter(|_| fits).ok_or_else(wrong)
}

//! An address and a password, proven in the same time whoever they are of.
//!
//! A password is looked at outside of any transaction, for that takes long. So what was proven is looked at once more where it
//! opens something: whoever chose another password meanwhile, or signed that device out, has shut the door.

use guildhall_db::{Connection, people};
use guildhall_market::{accounts, ids::UserId};

use crate::{address::ClientAddress, app::App, error::ApiError, request::Caller, second_step, session::Session};

/// What a failed sign-in is answered with, whatever was wrong.
pub fn wrong() -> ApiError {
    ApiError::field("invalid_credentials", "email", "The email and the password do not belong together.")
}

/// A password that was right when it was looked at.
#[derive(Clone, Debug)]
#[must_use = "it may have been changed since it was looked at"]
pub struct Password {
    user: UserId,
    /// As it was stored then.
    hash: String,
    /// Of whoever is signed in already: with which token, and the field of the password.
    of: Option<(Session, &'static str)>,
}

impl Password {
    /// The password of somebody that fitted the hash that is stored.
    pub fn known(user: UserId, hash: String) -> Self {
        Self { user, hash, of: None }
    }

    /// Whose it is.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Goes on only while it is still their password, and they are still signed in. The person is held from then on: both stay so
    /// until the commit.
    ///
    /// # Errors
    /// 401 where the token was revoked meanwhile, 422 as for a wrong password where there is another one.
    pub async fn still(&self, c: &mut Connection) -> Result<(), ApiError> {
        match self.of {
            Some((session, _)) => session.hold(c).await?,
            None => people::hold(c, self.user).await?,
        }
        // Each has a salt of its own: the same one chosen anew is another one.
        if people::password_hash(c, self.user).await?.as_ref() == Some(&self.hash) {
            return Ok(());
        }
        Err(self.of.map_or_else(wrong, |(_, field)| wrong_own(field)))
    }
}

/// A password with the second step, where two-step sign-in is on.
#[derive(Clone, Debug)]
#[must_use = "a code that is not used up opens things again"]
pub struct Proof {
    password: Password,
    step: second_step::Proof,
}

impl Proof {
    /// A password that was right, and what was shown beside it.
    pub fn new(password: Password, step: second_step::Proof) -> Self {
        Self { password, step }
    }

    /// Whose they are.
    pub fn user(&self) -> UserId {
        self.password.user
    }

    /// Uses it up, where the password still holds. The person is held from then on.
    ///
    /// # Errors
    /// As [`Password::still`] and [`second_step::Proof::use_up`].
    pub async fn use_up(&self, c: &mut Connection) -> Result<(), ApiError> {
        self.password.still(c).await?;
        self.step.use_up(c).await
    }
}

fn wrong_own(field: &str) -> ApiError {
    ApiError::field("wrong_password", field, "This is not the password of this account.")
}

/// Whether this is the password of somebody who is signed in, asked for once more before what cannot be undone. Whoever has a
/// token may still not guess it faster than anybody else. It is [looked at once more](Password::still) in the transaction of the
/// command.
///
/// # Errors
/// 422 `wrong_password` on the field, 429 for too many guesses.
pub async fn own(
    app: &App,
    (caller, address): (&Caller, ClientAddress),
    person: &people::User,
    password: String,
    field: &'static str,
) -> Result<Password, ApiError> {
    if password.len() > accounts::PASSWORD_BYTES_MAX {
        return Err(wrong_own(field));
    }
    let been_there = app.sign_in_guard.try_sign_in(&person.email, address.source())?;
    let stored = people::password_hash(&mut app.db.read().await?, person.id).await?;
    if !app.passwords.matches(address.source(), been_there, password, stored.clone()).await? {
        return Err(wrong_own(field));
    }
    app.sign_in_guard.signed_in(&person.email, address.source());
    let hash = stored.ok_or_else(|| wrong_own(field))?;
    Ok(Password { user: person.id, hash, of: Some((caller.session(), field)) })
}

/// The same with the second step, where two-step sign-in is on: before whatever a stolen token must not be enough for. `password`
/// has the name of its field with it; the code is refused on `code`. What comes back is used up in the transaction of the
/// command.
///
/// # Errors
/// As [`own`]; 422 `two_step_required` and `two_step_wrong`, 429 `too_many_tries`.
pub async fn again(
    app: &App,
    (caller, address): (&Caller, ClientAddress),
    person: &people::User,
    (password, field): (String, &'static str),
    code: Option<&str>,
) -> Result<Proof, ApiError> {
    let password = own(app, (caller, address), person, password, field).await?;
    let step = second_step::attempt(app, person.id, code, address, app.now()).await?;
    Ok(Proof { password, step })
}

/// Whose address and password these are. Whatever is wrong has the same answer in the same time, and counts as a guess.
///
/// # Errors
/// 422 `invalid_credentials`, 429 for too many guesses.
pub async fn prove(app: &App, address: ClientAddress, email: &str, password: String) -> Result<Password, ApiError> {
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
    let fits = app.passwords.matches(address.source(), been_there, password, stored.clone()).await?;
    match (user.filter(|_| fits), stored) {
        (Some(user), Some(hash)) => Ok(Password::known(user, hash)),
        _ => Err(wrong()),
    }
}

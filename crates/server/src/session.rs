//! Who asked with which token, for whoever waits: much may happen before a command has its turn.

use guildhall_db::{Connection, people};
use guildhall_market::{
    accounts::Role,
    ids::{TokenId, UserId},
};

use crate::error::ApiError;

/// Who asked with which token: what is looked at once more when the turn of a command has come.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// Who.
    pub user: UserId,
    /// The token that was shown.
    pub token: TokenId,
    /// Whether they ask as an administrator.
    pub as_admin: bool,
}

impl Session {
    /// Goes on only while the account is there, not suspended, and signed in with this token; for an administrator, while they are
    /// one.
    ///
    /// # Errors
    /// 401 for whoever is none any more, 403 for whoever is no administrator any more.
    pub async fn still(self, c: &mut Connection) -> Result<(), ApiError> {
        let there = people::is_signed_in(c, self.user, self.token).await?;
        if !there {
            return Err(ApiError::unauthenticated());
        }
        if self.as_admin && people::get(c, self.user).await?.is_none_or(|user| user.role != Role::Admin) {
            return Err(ApiError::for_administrators());
        }
        Ok(())
    }

    /// The same for what must not happen once that device was signed out: the person is held, and stays signed in until the commit.
    ///
    /// # Errors
    /// 401 for whoever is none any more.
    pub async fn hold(self, c: &mut Connection) -> Result<(), ApiError> {
        // Whoever ends the account waits first for who is there, and holds the person then: in the same order here.
        self.still(c).await?;
        people::hold(c, self.user).await?;
        // Whoever held the person before may have signed the device out.
        self.still(c).await
    }
}

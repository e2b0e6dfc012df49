//! `registration_*`

use guildhall_contract::{commands::Nothing, errors::AppError, registrations::RegistrationCode, sessions::SessionView};
use guildhall_market::codes::Code;

use crate::Core;

impl Core {
    /// Gives the code of the account that is being made here.
    pub async fn registration_confirm(&self, request: RegistrationCode) -> Result<SessionView, AppError> {
        self.confirm_registration(Code::as_sent(&request.code)).await
    }

    /// Has that code sent once more.
    pub async fn registration_again(&self, _: Nothing) -> Result<SessionView, AppError> {
        self.send_registration_again().await
    }

    /// Goes on with no account that is being made here.
    pub async fn registration_drop(&self, _: Nothing) -> Result<SessionView, AppError> {
        Ok(self.drop_registration().await)
    }
}

//! Letters that one may do without: asked for when somebody looks, never without a link. An event says that it is time to ask anew.

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    mail_preferences::{MailPreference, MailPreferences as Wire},
    mend::Mended,
    rest::Data,
};
use reqwest::Method;

use crate::{
    Core,
    rest::{self, ApiError},
};

const PATH: &str = "/api/user/mail-preferences";

impl Core {
    /// Which letters one wants.
    pub async fn mail_preferences_get(&self, _: Nothing) -> Result<Option<Wire>, AppError> {
        let account = self.account()?;
        match rest::json::<Data<Mended<Wire>>>(account.api.request(Method::GET, PATH)).await {
            Ok(Data { data: Mended(preferences) }) => Ok(Some(preferences)),
            Err(ApiError::Refused { status: 404 | 405, .. }) => Ok(None),
            Err(error) => account.answered(Err(error)),
        }
    }

    /// Says whether one wants letters of a kind.
    pub async fn mail_preference_set(&self, request: MailPreference) -> Result<Wire, AppError> {
        let account = self.account()?;
        let said = account.api.request(Method::PATCH, PATH);
        let said = said.header("Idempotency-Key", uuid::Uuid::new_v4().to_string()).json(&request);
        let Data { data: Mended(preferences) } = account.answered(rest::json::<Data<Mended<Wire>>>(said).await)?;
        Ok(preferences)
    }
}

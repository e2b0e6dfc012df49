//! Letters that one may do without: asked for when somebody looks, never without a link. An event says that it is time to ask anew.

use std::sync::Arc;

use async_trait::async_trait;
use guildhall_cache::{
    StoreError,
    known::{Changes, mail_preferences::MailPreferenceChanges},
};
use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    mail_preferences::{MailPreference, MailPreferences as Wire},
    mend::Mended,
    rest::Data,
    ui_events::UiEvent,
};
use reqwest::Method;

use crate::{
    Core,
    account::{Account, Kind},
    rest::{self, ApiError},
};

/// What the interface asks for anew.
const TOPIC: &str = "mail_preferences";
const PATH: &str = "/api/user/mail-preferences";

/// The kind.
pub(crate) struct MailPreferences;

#[async_trait]
impl Kind for MailPreferences {
    async fn tell(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError> {
        if changes.peek::<MailPreferenceChanges>().is_some() {
            account.ui.send(UiEvent::Stale { topic: TOPIC.into(), of: None });
        }
        Ok(())
    }
}

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

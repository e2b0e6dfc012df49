//! `device_*`

use guildhall_contract::{
    commands::Nothing,
    devices::{DeviceRef, DeviceView},
    errors::AppError,
};

use crate::Core;

impl Core {
    /// The devices that are signed in.
    pub async fn device_list(&self, _: Nothing) -> Result<Vec<DeviceView>, AppError> {
        let account = self.account()?;
        let tokens = account.answered(account.api.tokens().await)?;
        let view = |token: guildhall_contract::devices::Token| DeviceView {
            id: token.id,
            name: token.name,
            created_at: token.created_at.0,
            last_used_at: token.last_used_at.map(|at| at.0),
            address: token.address,
            current: token.current,
        };
        Ok(tokens.into_iter().map(view).collect())
    }

    /// Signs a device out.
    pub async fn device_revoke(&self, request: DeviceRef) -> Result<Nothing, AppError> {
        let account = self.account()?;
        account.answered(account.api.revoke_token(request.id).await)?;
        Ok(Nothing {})
    }

    /// Signs all other devices out.
    pub async fn device_revoke_others(&self, _: Nothing) -> Result<Nothing, AppError> {
        let account = self.account()?;
        account.answered(crate::rest::done(account.api.request(reqwest::Method::DELETE, "/api/tokens")).await)?;
        Ok(Nothing {})
    }
}

//! `password_*`

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    mend::Mended,
    passwords::{
        CodeUnderWay, CodeUnderWayView, ForgotBody, PasswordChange, PasswordForgotten, PasswordPut, PasswordReset,
        ResetBody,
    },
    rest::Data,
};
use guildhall_market::accounts::{check_new_password, clean_email};
use reqwest::Method;

use super::sessions::{invalid, server};
use crate::{
    Core,
    rest::{self, Api},
};

impl Core {
    /// Changes one's password. All other devices are signed out.
    pub async fn password_change(&self, request: PasswordChange) -> Result<Nothing, AppError> {
        let account = self.account()?;
        let put = PasswordPut { old: request.old, new: request.new, code: request.code };
        let said = self.unanswered.once("password", &put, async |key: &str| {
            let request = account.api.request(Method::PUT, "/api/user/password").header("Idempotency-Key", key);
            rest::done(request.json(&put)).await
        });
        let answer = said.await.map_err(|error| error.for_a_person("too_many_logins"));
        account.answered(answer).map(|()| Nothing {})
    }

    /// Asks a server for a code with which a new password can be chosen.
    pub async fn password_forgot(&self, request: PasswordForgotten) -> Result<CodeUnderWayView, AppError> {
        let api = Api::new(server(&request.server_url)?);
        let email = clean_email(&request.email).map_err(invalid)?;
        let ask = api.request(Method::POST, "/api/password/forgot").json(&ForgotBody { email });
        let answer = rest::json::<Data<Mended<CodeUnderWay>>>(ask).await;
        let Data { data: Mended(sent) } = answer.map_err(|error| error.for_a_person("too_many_codes"))?;
        Ok(sent.into())
    }

    /// Chooses a new password with the code. All devices are signed out.
    pub async fn password_reset(&self, request: PasswordReset) -> Result<Nothing, AppError> {
        let api = Api::new(server(&request.server_url)?);
        let email = clean_email(&request.email).map_err(invalid)?;
        check_new_password(&request.password, "", &email).map_err(invalid)?;
        let body = ResetBody { email, code: request.code, password: request.password };
        let answer = rest::done(api.request(Method::POST, "/api/password/reset").json(&body)).await;
        answer.map_err(|error| error.for_a_person("too_many_tries"))?;
        Ok(Nothing {})
    }
}

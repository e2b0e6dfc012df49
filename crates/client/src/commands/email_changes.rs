//! `email_change*`

use guildhall_contract::{
    email_changes::{EmailBody, EmailChange, EmailChangeConfirming, EmailConfirmBody},
    errors::AppError,
    mend::Mended,
    passwords::{CodeUnderWay, CodeUnderWayView},
    rest::Data,
    sessions::{OwnUser, SessionView},
    ui_events::UiEvent,
};
use guildhall_market::{accounts::clean_email, codes::Code};
use reqwest::Method;

use super::sessions::invalid;
use crate::{Core, account::Account, rest};

impl Core {
    /// The account has this address from now on: that is what one signs in with.
    fn has_email(&self, account: &Account, email: &str) -> SessionView {
        account.who.has_email(email);
        {
            let mut device = self.device.lock().expect("no panic while held");
            if let Some(last) = &mut device.account {
                email.clone_into(&mut last.email);
            }
            device.save();
        }
        let session = self.session_view();
        account.ui.send(UiEvent::Session { session: session.clone() });
        session
    }

    /// Asks for a code to the address that is to become the account's.
    pub async fn email_change(&self, request: EmailChange) -> Result<CodeUnderWayView, AppError> {
        let account = self.account()?;
        let email = clean_email(&request.email).map_err(invalid)?;
        let body = EmailBody { email, password: request.password, code: request.code };
        let ask = account.api.request(Method::POST, "/api/user/email").json(&body);
        let answer =
            rest::json::<Data<Mended<CodeUnderWay>>>(ask).await.map_err(|error| error.for_a_person("too_many_codes"));
        account.answered(answer).map(|Data { data: Mended(sent) }| sent.into())
    }

    /// Gives that code: from then on the account has the address.
    pub async fn email_change_confirm(&self, request: EmailChangeConfirming) -> Result<SessionView, AppError> {
        let account = self.account()?;
        let email = clean_email(&request.email).map_err(invalid)?;
        let body = EmailConfirmBody { email, code: Code::as_sent(&request.code) };
        let said = self.unanswered.once("email", &body, async |key: &str| {
            let confirm = account.api.request(Method::POST, "/api/user/email/confirm").header("Idempotency-Key", key);
            rest::json::<Data<OwnUser>>(confirm.json(&body)).await
        });
        let answer = said.await.map_err(|error| error.for_a_person("too_many_tries"));
        let Data { data: OwnUser { email, .. } } = account.answered(answer)?;
        Ok(self.has_email(&account, &email))
    }
}

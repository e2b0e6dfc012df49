//! An account is made: at once, or with the code of a letter that proves its address.
//!
//! What opens a registration beside the code is known only here: in the keychain, and in memory. The code may be typed on
//! another day and after the app was closed.

use guildhall_contract::{
    errors::AppError,
    registrations::{RegistrationAgainBody, RegistrationConfirmBody},
    sessions::{RegisterBody, Registering, SessionView},
};
use guildhall_pusher::auth::hmac_hex;
use url::Url;

use crate::{
    address,
    core::{Core, Session},
    device::KeptRegistration,
    dialects::guildhall::Registered,
    rest::Api,
    session::ours,
};

/// What was filled in, fit to be sent.
pub(crate) struct Form {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) trade: Option<String>,
}

/// Somebody who is here makes no account.
fn nothing_begun() -> AppError {
    AppError::Refused { reason: "registration_ended".into(), message: String::new() }
}

impl Core {
    /// Begins to make an account.
    pub(crate) async fn register(&self, base: Url, form: Form) -> Result<SessionView, AppError> {
        let _alone = self.changing.lock().await;
        let api = Api::new(base.clone());
        let Form { name, email, password, trade } = form;
        let device_name = Some(self.device_name.clone());
        let body = RegisterBody { name, email, password, trade, device_name };
        let said = (base.as_str(), &body);
        let answer = self.unanswered.once("register", &said, async |key: &str| api.register(&body, key).await).await;
        let answer = answer.map_err(|error| error.for_a_person("too_many_registrations").into());
        match ours(&api, answer).await? {
            Registered::There(signed_in) => self.arrive(base, false, &api, signed_in).await,
            Registered::CodeSent(begun) => {
                self.forget_registration().await;
                let begun = begun.0;
                let view = Registering::new(address::shown(&base), body.email, &begun.code);
                let kept_as = format!("registration-{}", uuid::Uuid::new_v4());
                if let Err(error) = self.ports.keychain.set(&kept_as, &begun.registration).await {
                    tracing::info!(%error, "a registration lasts as long as the app runs");
                }
                self.keep_registration(Some(begun.registration));
                {
                    let mut device = self.device.lock().expect("no panic while held");
                    device.registering = Some(KeptRegistration { view, kept_as });
                    device.save();
                }
                self.told_of_registration();
                Ok(self.session_view())
            }
        }
    }

    /// Gives the code. Said again after a lost answer it is the same command, also when the app was closed meanwhile.
    pub(crate) async fn confirm_registration(&self, code: String) -> Result<SessionView, AppError> {
        let _alone = self.changing.lock().await;
        let (base, registration) = self.registration().await?;
        let api = Api::new(base.clone());
        let key = hmac_hex(&registration, format!("confirmed {code}").as_bytes());
        let answer = api.registration_confirm(&RegistrationConfirmBody { registration, code }, &key).await;
        let answer = answer.map_err(|error| error.for_a_person("too_many_tries").into());
        let signed_in = ours(&api, answer).await?;
        self.arrive(base, false, &api, signed_in).await
    }

    /// Has the code sent once more.
    pub(crate) async fn send_registration_again(&self) -> Result<SessionView, AppError> {
        let _alone = self.changing.lock().await;
        let (base, registration) = self.registration().await?;
        let api = Api::new(base);
        let answer = api.registration_again(&RegistrationAgainBody { registration }).await;
        let answer = answer.map_err(|error| error.for_a_person("too_many_codes").into());
        let sent = match ours(&api, answer).await {
            Err(AppError::Invalid { reason, message, .. }) if reason == "registration_ended" => {
                self.forget_registration().await;
                self.told_of_registration();
                return Err(AppError::Refused { reason, message });
            }
            answer => answer?,
        };
        {
            let mut device = self.device.lock().expect("no panic while held");
            if let Some(kept) = &mut device.registering {
                let Registering { server_url, email, .. } = kept.view.clone();
                kept.view = Registering::new(server_url, email, &sent);
            }
            device.save();
        }
        self.told_of_registration();
        Ok(self.session_view())
    }

    /// Goes on without.
    pub(crate) async fn drop_registration(&self) -> SessionView {
        let _alone = self.changing.lock().await;
        self.forget_registration().await;
        self.told_of_registration();
        self.session_view()
    }

    /// Where an account is being made, and what opens it beside the code.
    async fn registration(&self) -> Result<(Url, String), AppError> {
        let kept = self.device.lock().expect("no panic while held").registering.clone().ok_or_else(nothing_begun)?;
        let in_memory = self.registration_secret.lock().expect("no panic while held").clone();
        let secret = match in_memory {
            Some(secret) => Some(secret),
            // Locked is no answer: it may be opened in a moment.
            None => self.ports.keychain.get(&kept.kept_as).await.map_err(|_| AppError::Unavailable)?,
        };
        let base = address::parse(&kept.view.server_url).ok_or_else(nothing_begun)?;
        match secret {
            Some(secret) => Ok((base, secret)),
            None => {
                self.forget_registration().await;
                self.told_of_registration();
                Err(nothing_begun())
            }
        }
    }

    /// In memory, for where the keychain does not give it.
    fn keep_registration(&self, secret: Option<String>) {
        *self.registration_secret.lock().expect("no panic while held") = secret;
    }

    /// Keeps nothing of an account that was being made.
    pub(crate) async fn forget_registration(&self) {
        self.keep_registration(None);
        let gone = {
            let mut device = self.device.lock().expect("no panic while held");
            let gone = device.registering.take();
            if gone.is_some() {
                device.save();
            }
            gone
        };
        if let Some(gone) = gone {
            let _ = self.ports.keychain.delete(&gone.kept_as).await;
        }
    }

    /// Nobody is here, and the screen says what is under way.
    fn told_of_registration(&self) {
        let out = match &*self.session.read().expect("no panic while held") {
            Session::Out { because, kept } => Some((*because, *kept)),
            Session::In(_) => None,
        };
        if let Some((because, kept)) = out {
            self.set_session(Session::Out { because, kept });
        }
    }
}

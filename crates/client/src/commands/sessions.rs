//! `session_*` and `server_*`

use std::time::Instant;

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    sessions::{Register, ServerAddress, ServerCheck, ServerView, SessionView, SignIn},
};
use guildhall_market::{
    accounts::{AccountRefusal, check_new_password, clean_email, clean_name},
    profiles::clean_trade,
};

use crate::{
    Core, address,
    registration::Form,
    rest::{Api, ApiError, SERVICE},
    session::Credentials,
};

pub(super) fn invalid(refusal: AccountRefusal) -> AppError {
    AppError::Invalid { field: refusal.field().into(), reason: "invalid".into(), message: refusal.to_string() }
}

pub(super) fn server(typed: &str) -> Result<url::Url, AppError> {
    address::parse(typed).ok_or_else(|| AppError::Invalid {
        field: "server_url".into(),
        reason: "invalid".into(),
        message: guildhall_words::current().core_address(),
    })
}

impl Core {
    /// Who is signed in here.
    pub async fn session_get(&self, _: Nothing) -> Result<SessionView, AppError> {
        Ok(self.session_view())
    }

    /// Signs in with an existing account.
    pub async fn session_sign_in(&self, request: SignIn) -> Result<SessionView, AppError> {
        let base = server(&request.server_url)?;
        let email = clean_email(&request.email).map_err(invalid)?;
        self.enter(base, false, Credentials { email, password: request.password, code: request.code }).await
    }

    /// Begins to make an account: signs in, or waits for the code of a letter.
    pub async fn session_register(&self, request: Register) -> Result<SessionView, AppError> {
        let base = server(&request.server_url)?;
        let name = clean_name(&request.name).map_err(invalid)?;
        let email = clean_email(&request.email).map_err(invalid)?;
        check_new_password(&request.password, &name, &email).map_err(invalid)?;
        let trade = clean_trade(request.trade.as_deref().unwrap_or_default()).map_err(|refusal| AppError::Invalid {
            field: refusal.field().into(),
            reason: "invalid".into(),
            message: guildhall_words::current().profiles_bad_trade(),
        })?;
        self.register(base, Form { name, email, password: request.password, trade }).await
    }

    /// Signs out. The outbox stays.
    pub async fn session_sign_out(&self, _: Nothing) -> Result<SessionView, AppError> {
        Ok(self.sign_out().await)
    }

    /// The servers that were used, the last one first.
    pub async fn server_list(&self, _: Nothing) -> Result<Vec<ServerView>, AppError> {
        Ok(self.device.lock().expect("no panic while held").servers.clone())
    }

    /// Looks whether a server is there and speaks our language.
    pub async fn server_check(&self, request: ServerAddress) -> Result<ServerCheck, AppError> {
        let failed = |url: String, failure: &str| ServerCheck {
            url,
            name: None,
            round_trip_ms: None,
            failure: Some(failure.into()),
        };
        let Some(base) = address::parse(&request.url) else { return Ok(failed(request.url, "not_an_address")) };
        let url = address::shown(&base);
        let api = Api::new(base);
        let first = match api.health().await {
            Ok(health) => health,
            // Whoever answered is none of ours.
            Err(error) if error.reason() == "intercepted" => return Ok(failed(url, "not_guildhall")),
            Err(ApiError::Unreachable { reason }) => return Ok(failed(url, reason)),
            Err(_) => return Ok(failed(url, "not_guildhall")),
        };
        if first.service != SERVICE {
            return Ok(failed(url, "not_guildhall"));
        }
        // The first request paid for the connection; the second is what every later one costs.
        let begin = Instant::now();
        let round_trip_ms = api.health().await.ok().and_then(|_| u32::try_from(begin.elapsed().as_millis()).ok());
        Ok(ServerCheck { url, name: Some(first.name), round_trip_ms, failure: None })
    }
}

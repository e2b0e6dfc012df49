//! Who is here: coming, going, and being recognised at the start.
//!
//! The token lives in the keychain and in memory. It is never in a file of ours, and never in the log.

use std::{sync::Arc, time::Duration};

use guildhall_cache::{Cache, Own};
use guildhall_contract::{
    errors::AppError,
    sessions::{LoginBody, OwnUser, SessionView, SignedIn, SignedOutBecause, TokenStore},
    ui_events::UiEvent,
};
use url::Url;

use crate::{
    account::{Account, AccountError},
    address, chosen,
    core::{Core, Session},
    device::LastAccount,
    error,
    kinds::KINDS,
    link,
    ports::{KeychainError, LocalServer},
    rest::{Api, ApiError, SERVICE},
    tasks,
};

/// The pause between two looks into a keychain, or at a server inside this app, that does not answer, at first and at most.
const KEYCHAIN_PAUSE_MIN: Duration = Duration::from_secs(1);
const KEYCHAIN_PAUSE_MAX: Duration = Duration::from_secs(15);

/// How somebody says who they are.
pub(crate) struct Credentials {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) code: Option<String>,
}

/// An answer; where something that is none of ours stands at the address, that.
pub(crate) async fn ours<T>(api: &Api, answer: Result<T, AppError>) -> Result<T, AppError> {
    match answer {
        Err(AppError::Unreachable { reason }) if reason == "intercepted" && !is_ours(api).await => {
            Err(AppError::Unreachable { reason: "not_guildhall".into() })
        }
        answer => answer,
    }
}

/// Whether a server of our kind answers there: where another answers, it is the address that is wrong.
async fn is_ours(api: &Api) -> bool {
    api.health().await.is_ok_and(|health| health.service == SERVICE)
}

impl Core {
    /// Opens the account that was signed in last, from its files, and wakes it up beside.
    pub(crate) async fn restore(self: &Arc<Self>) -> Result<(), AccountError> {
        let (last, signed_in) = {
            let device = self.device.lock().expect("no panic while held");
            (device.account.clone(), device.signed_in)
        };
        let Some(last) = last else { return Ok(()) };
        if !signed_in || (last.local && self.ports.local_mode.is_none()) {
            let kept = self.kept_messages(&last).await;
            *self.session.write().expect("no panic while held") = Session::Out { because: None, kept };
            return Ok(());
        }
        let account = self.open_account(&last).await?;
        *self.session.write().expect("no panic while held") = Session::In(account.clone());
        let core = self.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = core.stop.cancelled() => {}
                () = core.wake_up(&account, &last) => {}
            }
        });
        Ok(())
    }

    async fn open_account(&self, last: &LastAccount) -> Result<Arc<Account>, AccountError> {
        let accounts = self.data_dir.join("accounts");
        let (ui, ports, revoked) = (self.ui.clone(), self.ports.clone(), self.revoked.clone());
        let account = Account::open(&accounts, last, ui, ports, revoked, KINDS).await?;
        // Before anybody can choose a new one.
        chosen::forget_left(&account).await;
        Ok(account)
    }

    /// Gives a restored account its token, and its server if that is inside this app.
    async fn wake_up(&self, account: &Arc<Account>, last: &LastAccount) {
        tasks::look_after_files(account);
        if last.local {
            let kept = match last.token_store {
                TokenStore::Keychain => self.ports.keychain.get(&last.folder).await,
                TokenStore::SessionOnly => Ok(None),
            };
            match self.token_of_local_mode(account, last, kept.ok().flatten()).await {
                Some(token) => tasks::start(account, token),
                // Signed out, or somebody else came meanwhile.
                None if account.life.stop.is_cancelled() => {}
                None => self.leave(None).await,
            }
            return;
        }
        let kept = match last.token_store {
            TokenStore::Keychain => self.token_from_keychain(account, &last.folder).await,
            TokenStore::SessionOnly => {
                // It was never kept: no later start finds it.
                let mut device = self.device.lock().expect("no panic while held");
                device.signed_in = false;
                device.save();
                None
            }
        };
        match kept {
            Some(token) => tasks::start(account, token),
            // Signed out, or somebody else came meanwhile.
            None if account.life.stop.is_cancelled() => {}
            None => self.leave(Some(SignedOutBecause::KeychainUnavailable)).await,
        }
    }

    /// The token, as soon as the keychain gives it; `None` when it says that it has none.
    ///
    /// A keychain that is locked or not there yet says nothing about who is signed in: what is on this device is shown,
    /// and the keychain is asked again.
    async fn token_from_keychain(&self, account: &Arc<Account>, folder: &str) -> Option<String> {
        let mut pause = KEYCHAIN_PAUSE_MIN;
        loop {
            let reason = match self.ports.keychain.get(folder).await {
                Ok(token) => return token,
                Err(KeychainError::Locked) => "keychain_locked",
                Err(KeychainError::Unavailable) => "keychain_unavailable",
            };
            tracing::info!(reason, pause_ms = pause.as_millis() as u64, "the token is not at hand");
            link::offline(account, reason, Some(pause)).await;
            tokio::select! {
                () = account.life.stop.cancelled() => return None,
                () = account.link.wake.notified() => {}
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(KEYCHAIN_PAUSE_MAX),
            }
        }
    }

    /// The token, as soon as the server inside this app gives one; `None` when this person is not in its market any more.
    ///
    /// A server that does not start says nothing about who is signed in: what is on this device is shown, and it is started
    /// again.
    async fn token_of_local_mode(
        &self,
        account: &Arc<Account>,
        last: &LastAccount,
        kept: Option<String>,
    ) -> Option<String> {
        let mut pause = KEYCHAIN_PAUSE_MIN;
        loop {
            match self.wake_up_locally(account, last, kept.clone()).await {
                Ok(token) => return Some(token),
                Err(AppError::NotFound | AppError::SignedOut | AppError::InvalidCredentials) => return None,
                Err(error) => tracing::warn!(%error, "the server inside this app is not there"),
            }
            link::offline(account, link::NO_LOCAL_SERVER, Some(pause)).await;
            tokio::select! {
                () = account.life.stop.cancelled() => return None,
                () = account.link.wake.notified() => {}
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(KEYCHAIN_PAUSE_MAX),
            }
        }
    }

    async fn wake_up_locally(
        &self,
        account: &Account,
        last: &LastAccount,
        token: Option<String>,
    ) -> Result<String, AppError> {
        let server = self.local_server().await?;
        let base = address::parse(&server.url).ok_or(AppError::Unavailable)?;
        account.move_to(&base);
        if let Some(token) = token {
            account.api.set_token(Some(token.clone()));
            if account.api.tokens().await.is_ok() {
                return Ok(token);
            }
            account.api.set_token(None);
        }
        let password = password_of(&server, &last.email)?;
        let credentials = Credentials { email: last.email.clone(), password, code: None };
        let signed_in = self.ask(&Api::new(base), credentials).await?;
        if signed_in.user.user.id.0 != last.user_id {
            return Err(AppError::SignedOut);
        }
        let _ = self.ports.keychain.set(&last.folder, &signed_in.token).await;
        Ok(signed_in.token)
    }

    pub(crate) async fn local_server(&self) -> Result<LocalServer, AppError> {
        let local = self.ports.local_mode.as_ref().ok_or(AppError::Unavailable)?;
        local.start().await.map_err(|error| error::internal(&error))
    }

    async fn ask(&self, api: &Api, credentials: Credentials) -> Result<SignedIn, AppError> {
        let Credentials { email, password, code } = credentials;
        let device_name = Some(self.device_name.clone());
        let answer = api.login(&LoginBody { email, password, code, device_name }).await;
        answer.map_err(|error| match error {
            ApiError::Unauthorized => AppError::InvalidCredentials,
            error => error.for_a_person("too_many_logins").into(),
        })
    }

    /// Signs somebody in at a server.
    pub(crate) async fn enter(
        &self,
        base: Url,
        local: bool,
        credentials: Credentials,
    ) -> Result<SessionView, AppError> {
        let _alone = self.changing.lock().await;
        let api = Api::new(base.clone());
        let signed_in = ours(&api, self.ask(&api, credentials).await).await?;
        self.arrive(base, local, &api, signed_in).await
    }

    /// Somebody is here with a token that was made for them just now. Nobody comes or goes meanwhile.
    pub(crate) async fn arrive(
        &self,
        base: Url,
        local: bool,
        api: &Api,
        signed_in: SignedIn,
    ) -> Result<SessionView, AppError> {
        let SignedIn { token, user: OwnUser { user, email } } = signed_in;
        let name = match api.health().await {
            Ok(health) if !health.name.is_empty() => health.name,
            _ => base.host_str().unwrap_or_default().to_owned(),
        };
        self.close_present().await;
        // Trying it out on this machine ends nothing that was begun elsewhere.
        if !local {
            self.forget_registration().await;
        }
        let server = if local { "local".to_owned() } else { address::slug(&base) };
        let mut last = LastAccount {
            folder: format!("{server}-{}", user.id),
            user_id: user.id.0,
            name: user.name,
            craft: user.craft,
            verified: user.verified,
            admin: user.role == "admin",
            email,
            server_url: address::shown(&base),
            local,
            token_store: TokenStore::SessionOnly,
        };
        let account = match self.open_account(&last).await {
            Ok(account) => account,
            Err(error) => {
                // The token was made for nothing: it must not stay valid.
                api.set_token(Some(token));
                let _ = api.logout().await;
                self.set_session(Session::Out { because: None, kept: 0 });
                return Err(error.into());
            }
        };
        if self.ports.keychain.set(&last.folder, &token).await.is_ok() {
            last.token_store = TokenStore::Keychain;
            account.who.kept_in(TokenStore::Keychain);
        }
        {
            let mut device = self.device.lock().expect("no panic while held");
            if local {
                device.local_email = Some(last.email.clone());
            } else {
                device.remember_server(&last.server_url, &name);
            }
            device.use_settings(account.settings());
            device.account = Some(last);
            device.signed_in = true;
            device.save();
        }
        tasks::start(&account, token);
        self.set_session(Session::In(account.clone()));
        // After it: what is said to somebody is said once it is known who is here.
        tasks::look_after_files(&account);
        Ok(self.session_view())
    }

    /// Signs out: revokes the token if the server can be reached, forgets it here. The outbox stays.
    pub(crate) async fn sign_out(&self) -> SessionView {
        if let Ok(account) = self.account() {
            let folder = account.files.folder.clone();
            self.leave(None).await;
            let _ = tokio::time::timeout(std::time::Duration::from_secs(5), account.api.logout()).await;
            drop(account);
            if let Err(error) = Cache::erase(&folder) {
                tracing::warn!(%error, "the cache cannot be removed");
            }
        }
        self.session_view()
    }

    /// Ends the session here.
    pub(crate) async fn leave(&self, because: Option<SignedOutBecause>) {
        let _alone = self.changing.lock().await;
        let Ok(account) = self.account() else { return };
        let kept = tasks::close(&account).await;
        let folder =
            account.files.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        drop(account);
        // A keychain that has no token today may have it at the next start: then they are still signed in.
        if because != Some(SignedOutBecause::KeychainUnavailable) {
            let _ = self.ports.keychain.delete(&folder).await;
            let mut device = self.device.lock().expect("no panic while held");
            device.signed_in = false;
            device.save();
        }
        self.set_session(Session::Out { because, kept });
    }

    /// Nobody is offered on this device who was here last.
    pub(crate) async fn forget_account(&self) {
        let _alone = self.changing.lock().await;
        {
            let mut device = self.device.lock().expect("no panic while held");
            device.account = None;
            device.save();
        }
        self.set_session(Session::Out { because: None, kept: 0 });
    }

    /// Closes the account that is here, if any, because somebody else comes.
    async fn close_present(&self) {
        let Ok(account) = self.account() else { return };
        // Closed before it is logged out: its link must not take the end of its own token for a revocation.
        let kept = tasks::close(&account).await;
        let _ = tokio::time::timeout(std::time::Duration::from_secs(3), account.api.logout()).await;
        *self.session.write().expect("no panic while held") = Session::Out { because: None, kept };
    }

    pub(crate) fn set_session(&self, session: Session) {
        *self.session.write().expect("no panic while held") = session;
        self.ui.send(UiEvent::Reset);
        self.ui.send(UiEvent::Session { session: self.session_view() });
    }

    async fn kept_messages(&self, last: &LastAccount) -> u32 {
        let folder = self.data_dir.join("accounts").join(&last.folder);
        if !folder.join("own.sqlite").exists() {
            return 0;
        }
        let Ok(own) = Own::open(&folder).await else { return 0 };
        let counts = own.outbox_counts().await.unwrap_or_default();
        own.close().await;
        counts.queued + counts.failed
    }
}

/// The password of a person of the demo market.
pub(crate) fn password_of(server: &LocalServer, email: &str) -> Result<String, AppError> {
    let found = server.people.iter().find(|(person, _)| person.email.eq_ignore_ascii_case(email));
    found.map(|(_, password)| password.clone()).ok_or(AppError::NotFound)
}

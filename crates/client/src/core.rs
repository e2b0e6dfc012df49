//! The core as its host sees it: opened once, asked through commands, listened to through a stream.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, RwLock},
};

use guildhall_contract::{
    errors::AppError,
    sessions::{SessionView, SignedOutBecause},
    targets::Target,
    ui_events::UiEvent,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    account::{Account, AccountError},
    device::Device,
    ports::{Click, Clipboard, Clock, Downloads, Keychain, LocalMode, Notifier, Ports},
    stream::{EventStream, Listeners},
    unanswered::Unanswered,
};

/// What a core is made of.
pub struct CoreOptions {
    /// The folder of all data. Accounts are in `accounts/`, profiles in `profiles/`.
    pub data_dir: PathBuf,
    /// The name of this window's profile: it remembers who was here last.
    pub profile: String,
    /// The name of this device in the list of devices.
    pub device_name: Option<String>,
    /// Where the token is kept.
    pub keychain: Arc<dyn Keychain>,
    /// Shows notices.
    pub notifier: Arc<dyn Notifier>,
    /// Clicks on notices.
    pub clicks: Option<mpsc::UnboundedReceiver<Click>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The server inside this app, where the host has one.
    pub local_mode: Option<Arc<dyn LocalMode>>,
    /// Where saved files go.
    pub downloads: Arc<dyn Downloads>,
    /// What was copied elsewhere, where the page cannot read it itself.
    pub clipboard: Option<Arc<dyn Clipboard>>,
}

/// Why a core was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another window or another instance of the app has the account open.
    #[error("the account is open in another window")]
    AccountInUse,
    /// The folder of the data cannot be used.
    #[error("the data folder cannot be used: {0}")]
    Folder(#[from] std::io::Error),
    /// The files of the account cannot be used. Nothing was changed in them.
    #[error("the files of the account cannot be used: {0}")]
    Files(String),
}

/// Who is here.
pub(crate) enum Session {
    /// Nobody.
    Out {
        /// Why.
        because: Option<SignedOutBecause>,
        /// Messages kept for the next sign-in.
        kept: u32,
    },
    /// Somebody.
    In(Arc<Account>),
}

/// The core of one window.
pub struct Core {
    pub(crate) data_dir: PathBuf,
    pub(crate) device_name: String,
    pub(crate) ports: Ports,
    pub(crate) ui: Arc<Listeners>,
    pub(crate) device: Mutex<Device>,
    pub(crate) session: RwLock<Session>,
    /// What opens an account that is being made, beside the code of the letter.
    pub(crate) registration_secret: Mutex<Option<String>>,
    pub(crate) unanswered: Unanswered,
    /// Held while somebody comes or goes.
    pub(crate) changing: tokio::sync::Mutex<()>,
    pub(crate) revoked: mpsc::UnboundedSender<()>,
    pub(crate) stop: CancellationToken,
}

impl Core {
    /// Opens the account that was here last from its files, at once; its token is fetched and the connection made beside.
    ///
    /// # Errors
    /// [`OpenError`]; nothing runs then.
    pub async fn open(options: CoreOptions) -> Result<Arc<Self>, OpenError> {
        guildhall_cache::files::private_folder(&options.data_dir)?;
        let device = Device::load(&options.data_dir, &options.profile)?;
        let CoreOptions { data_dir, keychain, notifier, clock, local_mode, downloads, clipboard, .. } = options;
        let (revoked, mut revocations) = mpsc::unbounded_channel();
        let core = Arc::new(Self {
            data_dir,
            device_name: options
                .device_name
                .filter(|name| !name.trim().is_empty())
                .unwrap_or_else(|| guildhall_words::current().app_name()),
            ports: Ports { keychain, notifier, clock, local_mode, downloads, clipboard },
            ui: Arc::new(Listeners::default()),
            device: Mutex::new(device),
            session: RwLock::new(Session::Out { because: None, kept: 0 }),
            registration_secret: Mutex::default(),
            unanswered: Unanswered::default(),
            changing: tokio::sync::Mutex::default(),
            revoked,
            stop: CancellationToken::new(),
        });
        core.restore().await.map_err(|error| match error {
            AccountError::InUse => OpenError::AccountInUse,
            error => OpenError::Files(error.to_string()),
        })?;

        let (weak, stop) = (Arc::downgrade(&core), core.stop.clone());
        let mut clicks = options.clicks;
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    Some(()) = revocations.recv() => {
                        let Some(core) = weak.upgrade() else { break };
                        // Whoever has a token that stands came after the one who lost theirs.
                        if core.account().is_ok_and(|account| !account.api.has_token()) {
                            core.leave(Some(SignedOutBecause::Revoked)).await;
                        }
                    }
                    Some(click) = next_click(&mut clicks) => {
                        let Some(core) = weak.upgrade() else { break };
                        core.clicked(click).await;
                    }
                }
            }
        });
        Ok(core)
    }

    /// The stream of what changes. Its first batch begins with a reset: ask for everything then.
    pub fn subscribe(&self) -> EventStream {
        self.ui.subscribe()
    }

    /// Puts a server first on the sign-in screen. An address that cannot be one is left out.
    pub fn offer_server(&self, address: &str) {
        let Some(base) = crate::address::parse(address) else { return };
        let mut device = self.device.lock().expect("no panic while held");
        let name = base.host_str().unwrap_or(address).to_owned();
        device.remember_server(&crate::address::shown(&base), &name);
        device.save();
    }

    /// A notice was clicked: opens what it leads to, or does what its button says.
    async fn clicked(&self, Click { tag, action }: Click) {
        let target = Target::from(&*tag);
        let Some(action) = action else {
            // The one for all that is old, and one that was only tried, lead nowhere.
            if target.part.is_some() {
                self.ui.send(UiEvent::Open { target });
            }
            return;
        };
        let Ok(account) = self.account() else { return };
        for kind in account.kinds {
            if kind.acts(&account, &target, &action).await {
                return;
            }
        }
        tracing::warn!(target = tag, action, "nobody does what the button of a notice says");
    }

    /// The network came back or changed: connect at once, or see whether the connection survived.
    pub fn network_changed(&self) {
        if let Ok(account) = self.account() {
            account.link.wake.notify_one();
        }
    }

    /// Ends all work and closes the files. What was accepted is kept.
    pub async fn shutdown(&self) {
        let _alone = self.changing.lock().await;
        self.stop.cancel();
        let session = std::mem::replace(
            &mut *self.session.write().expect("no panic while held"),
            Session::Out { because: None, kept: 0 },
        );
        if let Session::In(account) = session {
            crate::tasks::close(&account).await;
        }
        self.ui.close();
    }

    /// Whoever is signed in.
    pub(crate) fn account(&self) -> Result<Arc<Account>, AppError> {
        match &*self.session.read().expect("no panic while held") {
            Session::In(account) => Ok(account.clone()),
            Session::Out { .. } => Err(AppError::SignedOut),
        }
    }

    pub(crate) fn session_view(&self) -> SessionView {
        let device = self.device.lock().expect("no panic while held");
        match &*self.session.read().expect("no panic while held") {
            Session::In(account) => account.who.view(),
            Session::Out { because, kept } => {
                let last = device.account.as_ref().filter(|last| !last.local);
                let server_url = last
                    .map(|last| last.server_url.clone())
                    .or_else(|| device.servers.first().map(|server| server.url.clone()));
                SessionView::SignedOut {
                    because: *because,
                    kept_messages: *kept,
                    server_url,
                    email: last.map(|last| last.email.clone()),
                    registering: device.registering.as_ref().map(|kept| kept.view.clone()),
                }
            }
        }
    }
}

async fn next_click(clicks: &mut Option<mpsc::UnboundedReceiver<Click>>) -> Option<Click> {
    match clicks {
        Some(receiver) => match receiver.recv().await {
            Some(click) => Some(click),
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}

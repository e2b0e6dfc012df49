//! What the core needs from the machine it runs on. Each is a trait, so that hosts and tests bring their own.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use guildhall_contract::sessions::DemoPerson;
pub use guildhall_market::time::Timestamp;

/// Where secrets are kept between starts. Every call answers within three seconds, whatever the system does.
#[async_trait]
pub trait Keychain: Send + Sync {
    /// The secret of an account; `None` when there is none.
    async fn get(&self, account: &str) -> Result<Option<String>, KeychainError>;
    /// Keeps a secret, in place of an older one.
    async fn set(&self, account: &str, secret: &str) -> Result<(), KeychainError>;
    /// Forgets a secret. One that is not there is forgotten already.
    async fn delete(&self, account: &str) -> Result<(), KeychainError>;
}

/// Why the keychain did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// There is none here, or it does not answer.
    #[error("the system has no keychain that answers")]
    Unavailable,
    /// It is there, but locked, and nobody unlocked it.
    #[error("the keychain is locked")]
    Locked,
}

/// A notice for the system to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Names it: a newer one with the same tag takes its place. It comes back when the notice is clicked.
    pub tag: String,
    /// One line.
    pub title: String,
    /// Plain text, never markup. May be empty.
    pub body: String,
    /// Whether a sound goes with it.
    pub sound: bool,
    /// How urgent it is: a service may show what is critical although it is set to be quiet.
    pub urgency: Urgency,
    /// What a click on it does, for services that say it.
    pub open: String,
    /// Buttons, three at most. A service that has none shows none.
    pub actions: Vec<NoticeAction>,
}

/// How urgent a notice is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Urgency {
    /// It can wait for a look.
    Low,
    /// As any message.
    #[default]
    Normal,
    /// It is of no use later.
    Critical,
}

/// A button of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeAction {
    /// Names it, for whoever does it; never `default`, which is a click on the notice itself.
    pub id: &'static str,
    /// What stands on it.
    pub label: String,
}

/// A click on a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Click {
    /// The tag of the notice.
    pub tag: String,
    /// The id of the button; `None` for the notice itself.
    pub action: Option<String>,
}

/// The system's notices. Clicks on them come back through the channel in the core's options.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Shows a notice, in place of an older one with the same tag.
    async fn show(&self, notice: Notice) -> Result<(), NotifierError>;
    /// Takes a notice back, if it is still there.
    async fn withdraw(&self, tag: &str);
    /// The name of the service that shows them; `None` when none answers.
    async fn service_name(&self) -> Option<String>;
}

/// No service showed the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no notification service answers")]
pub struct NotifierError;

/// The time on this machine.
pub trait Clock: Send + Sync {
    /// Wall clock.
    fn now(&self) -> Timestamp;
    /// Minutes since local midnight, 0 to 1439.
    fn local_minute(&self) -> u16;
}

/// A server inside this app.
#[async_trait]
pub trait LocalMode: Send + Sync {
    /// Starts the server if it does not run yet.
    async fn start(&self) -> Result<LocalServer, LocalModeError>;
    /// The people of its demo market, without starting it.
    async fn people(&self) -> Vec<DemoPerson>;
    /// Opens another window, signed in as somebody else of the demo market.
    async fn open_window_as(&self, email: &str) -> Result<(), LocalModeError>;
}

/// A server that runs inside this app.
#[derive(Clone)]
pub struct LocalServer {
    /// Its address.
    pub url: String,
    /// The people of its demo market, with their passwords.
    pub people: Vec<(DemoPerson, String)>,
}

/// Local mode did not start. The log says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("local mode did not start")]
pub struct LocalModeError;

/// What was copied in any program.
#[async_trait]
pub trait Clipboard: Send + Sync {
    /// The first `count_max` files that were copied, or the picture as a PNG file. None where words were copied, and
    /// none when nothing answers within five seconds.
    async fn files(&self, count_max: usize, bytes_max: usize) -> Vec<Copied>;
}

/// A file that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name, without folders.
    pub name: String,
    /// Its content; `None` when it is larger than was asked for.
    pub bytes: Option<Vec<u8>>,
}

/// Where saved files go.
pub trait Downloads: Send + Sync {
    /// The folder; `None` when this host has none.
    fn folder(&self) -> Option<PathBuf>;
}

/// The ports, to hand around.
#[derive(Clone)]
pub(crate) struct Ports {
    pub(crate) keychain: Arc<dyn Keychain>,
    pub(crate) notifier: Arc<dyn Notifier>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) local_mode: Option<Arc<dyn LocalMode>>,
    pub(crate) downloads: Arc<dyn Downloads>,
    pub(crate) clipboard: Option<Arc<dyn Clipboard>>,
}

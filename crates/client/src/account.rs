//! One signed-in account: its files, its connection and the tasks that serve it.

use std::{
    collections::{HashMap, HashSet},
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use guildhall_cache::{
    Cache, Own, StoreError,
    known::{Changes, Found, Loaded},
};
use guildhall_contract::{
    connection::{Attention, ConnectionView},
    conversations::ConversationKey,
    errors::AppError,
    feed::FeedRow,
    people::PersonView,
    sessions::{SessionView, TokenStore},
    settings::Settings,
    ui_events::{Toast, UiEvent},
};
use guildhall_market::{
    ids::{MessageId, UserId},
    time::{MINUTE_MS, Timestamp},
};
use tokio::sync::{Notify, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::{
    device::LastAccount,
    error,
    link_state::{LinkState, Made},
    ports::Ports,
    rest::{Api, ApiError},
    shown::Shown,
    stream::Hub,
};

/// Frames that wait to be applied; about the memory of a few thousand messages.
pub(crate) const WAITING_MAX: usize = 4_096;
/// What is to be done, in order.
#[derive(Debug)]
pub(crate) enum Job {
    /// The link is there: fetch what was missed.
    CatchUp,
    /// An event came over the link.
    Frame(FeedRow),
    /// Ask for the conversations and notices: a count became unsure, or it is unknown who is online.
    Lists,
}

/// Why the cache is not at the server's state.
pub(crate) enum Behind {
    /// The server does not say.
    Api(ApiError),
    /// It cannot be stored.
    Store,
}

impl From<ApiError> for Behind {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// A kind of things, as the client sees it: how it is loaded, told and reacted to. What is general goes over the kinds of the
/// account and names none.
#[async_trait]
pub(crate) trait Kind: Send + Sync {
    /// Asks for its present state, when everything is loaded anew.
    async fn load(&self, _account: &Arc<Account>) -> Result<Option<Loaded>, ApiError> {
        Ok(None)
    }

    /// Everything was loaded anew: does again what only this device knows of.
    async fn loaded(&self, _account: &Arc<Account>) {}

    /// Asks for what no event tells: after a connection was made, and when a list became unsure.
    async fn refresh(&self, _account: &Arc<Account>) -> Result<(), Behind> {
        Ok(())
    }

    /// Brings what is the user's own into line with changes of the feed, before they are told.
    async fn settle(&self, _account: &Arc<Account>, _changes: &Changes) -> Result<(), StoreError> {
        Ok(())
    }

    /// Tells what changed, as it is now.
    async fn tell(&self, account: &Arc<Account>, changes: &Changes) -> Result<(), StoreError>;

    /// Does what follows from changes of the feed, after they were told. `live` says that they came over the link and not from
    /// catching up.
    async fn react(&self, _account: &Arc<Account>, _changes: &Changes, _live: bool) {}

    /// Its events of the moment: never stored, never missed.
    fn moments(&self) -> &'static [&'static str] {
        &[]
    }

    /// One of them came, over this connection.
    async fn moment(&self, _account: &Arc<Account>, _made: Made, _event: &str, _data: serde_json::Value) {}
}

/// One account on one server, open.
pub(crate) struct Account {
    pub(crate) folder: PathBuf,
    /// Held as long as the account is open: nobody else opens the same files.
    pub(crate) lock: File,
    pub(crate) me: RwLock<PersonView>,
    pub(crate) user: UserId,
    pub(crate) email: String,
    pub(crate) server_url: RwLock<String>,
    pub(crate) local: bool,
    pub(crate) token_store: RwLock<TokenStore>,
    pub(crate) own: Own,
    pub(crate) cache: Cache,
    pub(crate) api: Api,
    pub(crate) hub: Arc<Hub>,
    pub(crate) ports: Ports,
    /// Held while rows are built and told, so that what is told last is what is true last.
    pub(crate) publishing: tokio::sync::Mutex<()>,
    pub(crate) link: Mutex<LinkState>,
    pub(crate) attention: Mutex<Attention>,
    pub(crate) settings: RwLock<Settings>,
    pub(crate) wake_outbox: Notify,
    /// Told to whoever waits for an answer over connections of before.
    pub(crate) link_again: Notify,
    /// Told to whoever fetches over connections of before, when there is a new one.
    pub(crate) link_made: Notify,
    /// All notices are here: the server need not be asked for older ones.
    pub(crate) all_notices: AtomicBool,
    disk_full_told_at: Mutex<Option<Timestamp>>,
    pub(crate) wake_link: Notify,
    pub(crate) wake_chores: Notify,
    /// Told when something was taken out of `own` that no copy may bring back.
    pub(crate) wake_copies: Notify,
    /// Told when `own` turned out to be damaged.
    pub(crate) own_damaged: Notify,
    /// What is to be applied. Bounded: a server that sends faster than can be stored waits.
    pub(crate) sync: mpsc::Sender<Job>,
    pub(crate) frames: mpsc::UnboundedSender<String>,
    pub(crate) typing: Mutex<HashMap<ConversationKey, Timestamp>>,
    /// Pages of history that are being fetched, or that must be once the link is back.
    pub(crate) fetching: Mutex<HashSet<(ConversationKey, Option<MessageId>)>>,
    pub(crate) wanted: Mutex<HashMap<ConversationKey, Option<MessageId>>>,
    /// Messages that were tried again and again over a link that stands: how often, and what came of it last.
    pub(crate) in_vain: Mutex<HashMap<ConversationKey, (u32, &'static str)>>,
    /// Messages sent since the link came back, while the user was not told yet.
    pub(crate) sent_since_offline: Mutex<Option<u32>>,
    pub(crate) notices: Shown,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    pub(crate) revoked: mpsc::UnboundedSender<()>,
    rebuilding: AtomicBool,
    pub(crate) started: AtomicBool,
    pub(crate) receivers: Mutex<Option<(mpsc::Receiver<Job>, mpsc::UnboundedReceiver<String>)>>,
    pub(crate) found: Found,
    /// The kinds of things that it holds.
    pub(crate) kinds: &'static [&'static dyn Kind],
}

/// Why an account was not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    /// Another window or another instance has it open.
    #[error("the account is open in another window")]
    InUse,
    /// A file refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The remembered address is none.
    #[error("the address of the server cannot be read")]
    Address,
}

impl From<std::io::Error> for AccountError {
    fn from(error: std::io::Error) -> Self {
        Self::Store(StoreError::Io(error))
    }
}

impl From<AccountError> for AppError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::InUse => Self::Refused {
                reason: "account_in_use".into(),
                message: guildhall_words::current().core_account_in_use(),
            },
            AccountError::Store(error) => error::store(error),
            AccountError::Address => error::internal(&error),
        }
    }
}

impl Account {
    /// Opens the files. Nothing is connected yet.
    pub(crate) async fn open(
        accounts: &Path,
        last: &LastAccount,
        hub: Arc<Hub>,
        ports: Ports,
        revoked: mpsc::UnboundedSender<()>,
        kinds: &'static [&'static dyn Kind],
    ) -> Result<Arc<Self>, AccountError> {
        let base = Url::parse(&last.server_url).map_err(|_| AccountError::Address)?;
        let folder = accounts.join(&last.folder);
        guildhall_cache::files::private_folder(&folder)?;
        let lock = File::options().create(true).append(true).open(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(AccountError::InUse),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let own = Own::open(&folder).await?;
        let (cache, found) = Cache::open(&folder).await?;
        let settings = own.settings().await?;
        let user = UserId(last.user_id);
        let me = PersonView {
            id: user,
            name: last.name.clone(),
            craft: last.craft.clone(),
            verified: last.verified,
            admin: last.admin,
            online: None,
            last_seen_at: None,
            blocked: false,
        };
        let (sync, sync_jobs) = mpsc::channel(WAITING_MAX);
        let (frames, outgoing) = mpsc::unbounded_channel();
        let now = ports.clock.now();
        let link = LinkState::new(now);
        Ok(Arc::new(Self {
            folder,
            lock,
            me: RwLock::new(me),
            user,
            email: last.email.clone(),
            server_url: RwLock::new(last.server_url.clone()),
            local: last.local,
            token_store: RwLock::new(last.token_store),
            own,
            cache,
            api: Api::new(base),
            hub,
            ports,
            publishing: tokio::sync::Mutex::default(),
            link: Mutex::new(link),
            attention: Mutex::new(Attention { focused: false, conversation: None }),
            settings: RwLock::new(settings),
            wake_outbox: Notify::new(),
            link_again: Notify::new(),
            link_made: Notify::new(),
            all_notices: AtomicBool::new(false),
            disk_full_told_at: Mutex::default(),
            wake_link: Notify::new(),
            wake_chores: Notify::new(),
            wake_copies: Notify::new(),
            own_damaged: Notify::new(),
            sync,
            frames,
            typing: Mutex::default(),
            fetching: Mutex::default(),
            wanted: Mutex::default(),
            in_vain: Mutex::default(),
            sent_since_offline: Mutex::default(),
            notices: Shown::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            revoked,
            rebuilding: AtomicBool::new(false),
            started: AtomicBool::new(false),
            receivers: Mutex::new(Some((sync_jobs, outgoing))),
            found,
            kinds,
        }))
    }

    /// Runs something for as long as the account is open.
    pub(crate) fn spawn(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// The server answers under this address from now on.
    pub(crate) fn move_to(&self, base: &Url) {
        self.api.set_base(base.clone());
        *self.server_url.write().expect("no panic while held") = crate::address::shown(base);
    }

    /// The server no longer takes the token.
    pub(crate) fn lost_token(&self) {
        self.api.set_token(None);
        let _ = self.revoked.send(());
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    pub(crate) fn view(&self) -> SessionView {
        SessionView::SignedIn {
            me: self.me.read().expect("no panic while held").clone(),
            email: self.email.clone(),
            server_url: self.server_url.read().expect("no panic while held").clone(),
            local: self.local,
            token_store: *self.token_store.read().expect("no panic while held"),
        }
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings.read().expect("no panic while held").clone()
    }

    pub(crate) fn online(&self) -> bool {
        self.standing().is_some()
    }

    /// The connection that stands, to say later whether an answer came over it.
    pub(crate) fn standing(&self) -> Option<Made> {
        self.link.lock().expect("no panic while held").standing()
    }

    /// Notes who is online, from an answer that was asked for while this connection stood.
    pub(crate) fn note_presence(&self, made: Option<Made>, people: impl IntoIterator<Item = (UserId, bool)>) {
        if let Some(made) = made {
            self.link.lock().expect("no panic while held").note(made, people);
        }
    }

    /// The state of the connection, complete.
    pub(crate) async fn connection(&self) -> Result<ConnectionView, AppError> {
        let counts = self.owned(self.own.outbox_counts().await)?;
        let synced_to = self.kept(self.cache.synced_to().await)?.unwrap_or(0);
        let link = self.link.lock().expect("no panic while held").clone();
        Ok(ConnectionView {
            state: link.state,
            since: link.since,
            retry_at: link.retry_at,
            reason: link.reason.map(str::to_owned),
            queued: counts.queued,
            failed: counts.failed,
            synced_to,
            round_trip_ms: link.round_trip_ms,
            held_up: self.held_up(counts.queued),
        })
    }

    /// Tells the state of the connection.
    pub(crate) async fn publish_connection(&self) {
        let _one_at_a_time = self.publishing.lock().await;
        if let Ok(connection) = self.connection().await {
            self.hub.send(UiEvent::Connection { connection });
        }
    }

    /// What came of a look into `own`.
    pub(crate) fn owned<T>(&self, result: Result<T, StoreError>) -> Result<T, AppError> {
        if matches!(result, Err(StoreError::Damaged)) {
            self.own_damaged.notify_one();
        }
        self.kept(result)
    }

    fn kept<T>(&self, result: Result<T, StoreError>) -> Result<T, AppError> {
        result.map_err(|error| {
            if matches!(error, StoreError::Full) {
                self.tell_disk_full();
            }
            error::store(error)
        })
    }

    /// Says at most once a minute that the disk is full: the tasks go on trying.
    fn tell_disk_full(&self) {
        let now = self.now();
        let mut told_at = self.disk_full_told_at.lock().expect("no panic while held");
        if told_at.is_none_or(|at| now.since_ms(at).abs() >= MINUTE_MS) {
            *told_at = Some(now);
            self.hub.send(UiEvent::Toast { toast: Toast::DiskFull });
        }
    }

    /// What came of a look into the cache. A damaged one is rebuilt beside.
    pub(crate) fn cached<T>(self: &Arc<Self>, result: Result<T, StoreError>) -> Result<T, AppError> {
        if matches!(result, Err(StoreError::Damaged)) {
            let account = self.clone();
            self.spawn(async move { account.rebuild().await });
        }
        self.kept(result)
    }

    /// Sets the cache aside and loads everything anew.
    pub(crate) async fn rebuild(self: &Arc<Self>) {
        if self.rebuilding.swap(true, Ordering::SeqCst) {
            return;
        }
        let rebuilt = self.cache.rebuild().await;
        self.rebuilding.store(false, Ordering::SeqCst);
        if let Err(error) = rebuilt {
            tracing::error!(%error, "the cache cannot be rebuilt");
            return;
        }
        self.hub.send(UiEvent::Toast { toast: Toast::CacheRebuilt });
        self.hub.send(UiEvent::Reset);
        let _ = self.sync.send(Job::CatchUp).await;
    }

    /// An answer of the server, or why there is none. A token that is not taken ends the session.
    pub(crate) fn answered<T>(&self, result: Result<T, ApiError>) -> Result<T, AppError> {
        if matches!(result, Err(ApiError::Unauthorized)) {
            self.lost_token();
        }
        result.map_err(Into::into)
    }

    /// Stores and tells what a fetch brought.
    pub(crate) async fn took(self: &Arc<Self>, result: Result<Changes, StoreError>) -> Result<(), AppError> {
        let changes = self.cached(result)?;
        self.publish(&changes).await;
        Ok(())
    }
}

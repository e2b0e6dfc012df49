//! One signed-in account: its files, its connection and the tasks that serve it.

use std::{
    any::Any,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use guildhall_cache::{
    Cache, Own, StoreError,
    known::{Changes, Found, Loaded},
    own::Edit,
};
use guildhall_contract::{
    connection::{Attention, ConnectionView},
    errors::AppError,
    feed::FeedRow,
    settings::Settings,
    targets::Target,
    ui_events::{Toast, UiEvent},
};
use guildhall_market::time::{MINUTE_MS, Timestamp};
use tokio::sync::{Notify, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

use crate::{
    behind::Behind,
    channels::{
        known::{Numbers, Standing},
        roster::Roster,
    },
    device::LastAccount,
    error,
    identity::Identity,
    link_state::{LinkState, Made},
    parts::{Facts, Parts},
    ports::Ports,
    rest::{Api, ApiError},
    shown::Shown,
    stream::Listeners,
};

/// Frames that wait to be applied; about the memory of a few thousand messages.
pub(crate) const WAITING_MAX: usize = 4_096;
/// What is to be done, in order.
#[derive(Debug)]
pub(crate) enum ToSync {
    /// The link is there: fetch what was missed.
    CatchUp,
    /// An event came over the link.
    Frame(FeedRow),
    /// Ask for the conversations and notices: a count became unsure, or it is unknown who is online.
    Lists,
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

    /// The name under which changes of it wait that were made here. `None`: they are said to the server at once, or not made.
    fn edits(&self) -> Option<&'static str> {
        None
    }

    /// What a person calls the thing that such a change is of: for words about it.
    fn called(&self, edit: &Edit) -> String {
        edit.subject.clone()
    }

    /// Says such a change to the server, under its key, and keeps what the server made of it.
    async fn say(&self, _account: &Arc<Account>, _edit: &Edit) -> Result<(), Behind> {
        Ok(())
    }

    /// Such a change was taken or will never be: tells what the thing is now.
    async fn said(&self, _account: &Arc<Account>, _edit: &Edit) {}

    /// Nothing is missing any more over the link: what waited for it goes.
    async fn linked(&self, _account: &Arc<Account>) {}

    /// The link is gone, and with it what was found out over it, which is `unsaid`.
    async fn unlinked(&self, _account: &Arc<Account>, _unsaid: &Facts) {}

    /// Somebody looks at a target now: does what follows, such as that it was read.
    async fn attends(&self, _account: &Arc<Account>, _target: &Target) -> Result<(), AppError> {
        Ok(())
    }

    /// Does what a button of a notice says that leads to a target. Whether it is one of its own.
    async fn acts(&self, _account: &Arc<Account>, _target: &Target, _action: &str) -> bool {
        false
    }

    /// Its channels that are listened to as long as the account is open. Others are held with [`Account::listen`].
    fn channels(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether a channel is one of its own.
    fn hears(&self, channel: &str) -> bool {
        self.channels().contains(&channel)
    }

    /// The numbers of an event on such a channel. `None`: it is of the moment, and told as it comes.
    fn numbers(&self, _event: &str, _data: &serde_json::Value) -> Option<Numbers> {
        None
    }

    /// Fetches everything of such a channel behind a number, or all there is, and applies it. Answers the last number that is
    /// known now; `None` where there is nothing yet.
    async fn fetch(&self, _account: &Arc<Account>, _channel: &str, _after: Option<i64>) -> Result<Option<i64>, Behind> {
        Ok(None)
    }

    /// The next event of such a channel, in order.
    async fn heard(&self, _account: &Arc<Account>, _channel: &str, _event: &str, _data: serde_json::Value) {}

    /// How it stands with such a channel from now on.
    async fn stands(&self, _account: &Arc<Account>, _channel: &str, _standing: Standing) {}

    /// Who is on such a presence channel now.
    async fn present(&self, _account: &Arc<Account>, _channel: &str, _roster: &Roster) {}

    /// Its events of the moment: never stored, never missed.
    fn moments(&self) -> &'static [&'static str] {
        &[]
    }

    /// One of them came, over this connection.
    async fn moment(&self, _account: &Arc<Account>, _made: Made, _event: &str, _data: serde_json::Value) {}
}

/// One account on one server, open.
pub(crate) struct Account {
    pub(crate) who: Identity,
    pub(crate) files: Files,
    pub(crate) own: Own,
    pub(crate) cache: Cache,
    pub(crate) api: Api,
    pub(crate) ui: Arc<Listeners>,
    pub(crate) ports: Ports,
    pub(crate) link: Link,
    pub(crate) attention: Mutex<Attention>,
    pub(crate) settings: RwLock<Settings>,
    pub(crate) notices: Shown,
    /// Held while rows are built and told, so that what is told last is what is true last.
    pub(crate) publishing: tokio::sync::Mutex<()>,
    /// What is to be applied. Bounded: a server that sends faster than can be stored waits.
    pub(crate) sync: mpsc::Sender<ToSync>,
    pub(crate) life: Life,
    parts: Parts,
    /// The kinds of things that it holds.
    pub(crate) kinds: &'static [&'static dyn Kind],
}

/// What is known of its files beside what is in them.
pub(crate) struct Files {
    pub(crate) folder: PathBuf,
    /// Held as long as the account is open: nobody else opens the same files.
    pub(crate) lock: File,
    pub(crate) found: Found,
    /// Told when `own` turned out to be damaged.
    pub(crate) own_damaged: Notify,
    /// Told when something was taken out of `own` that no copy may bring back.
    pub(crate) wake_copies: Notify,
    rebuilding: AtomicBool,
    disk_full_told_at: Mutex<Option<Timestamp>>,
}

/// Its connection, as everybody sees it.
pub(crate) struct Link {
    pub(crate) state: Mutex<LinkState>,
    /// Told when there may be a link now.
    pub(crate) wake: Notify,
    /// Told to whoever waits for an answer over connections of before.
    pub(crate) again: Notify,
    /// Told to whoever fetches over connections of before, when there is a new one.
    pub(crate) made: Notify,
    pub(crate) frames: mpsc::UnboundedSender<String>,
}

/// The tasks that serve it, and how they end.
pub(crate) struct Life {
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    pub(crate) started: AtomicBool,
    /// What the tasks listen to, until they are started.
    pub(crate) receivers: Mutex<Option<(mpsc::Receiver<ToSync>, mpsc::UnboundedReceiver<String>)>>,
    revoked: mpsc::UnboundedSender<()>,
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

/// The longest that whoever has an account's files is waited for: a process that was killed keeps its locks until the last of
/// its threads has left the kernel.
const IN_USE_WITHIN: Duration = Duration::from_secs(2);

impl Account {
    /// Opens the files. Nothing is connected yet.
    pub(crate) async fn open(
        accounts: &Path,
        last: &LastAccount,
        ui: Arc<Listeners>,
        ports: Ports,
        revoked: mpsc::UnboundedSender<()>,
        kinds: &'static [&'static dyn Kind],
    ) -> Result<Arc<Self>, AccountError> {
        let base = Url::parse(&last.server_url).map_err(|_| AccountError::Address)?;
        let folder = accounts.join(&last.folder);
        guildhall_cache::files::private_folder(&folder)?;
        let lock = File::options().create(true).append(true).open(folder.join("lock"))?;
        let until = tokio::time::Instant::now() + IN_USE_WITHIN;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tokio::time::Instant::now() < until => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                Err(TryLockError::WouldBlock) => return Err(AccountError::InUse),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        let own = Own::open(&folder).await?;
        let (cache, found) = Cache::open(&folder).await?;
        let settings = own.settings().await?;
        let who = Identity::of(last);
        // Of a damaged cache it is told where it is noticed first.
        if let Ok(Some(page)) = cache.profile(who.user).await {
            who.is_now(&guildhall_cache::known::people::person_of(&page.user));
        }
        let (sync, to_sync) = mpsc::channel(WAITING_MAX);
        let (frames, outgoing) = mpsc::unbounded_channel();
        Ok(Arc::new(Self {
            who,
            files: Files {
                folder,
                lock,
                found,
                own_damaged: Notify::new(),
                wake_copies: Notify::new(),
                rebuilding: AtomicBool::new(false),
                disk_full_told_at: Mutex::default(),
            },
            own,
            cache,
            api: Api::new(base),
            ui,
            link: Link {
                state: Mutex::new(LinkState::new(ports.clock.now())),
                wake: Notify::new(),
                again: Notify::new(),
                made: Notify::new(),
                frames,
            },
            ports,
            attention: Mutex::new(Attention { focused: false, target: None }),
            settings: RwLock::new(settings),
            notices: Shown::default(),
            publishing: tokio::sync::Mutex::default(),
            sync,
            life: Life {
                stop: CancellationToken::new(),
                tasks: TaskTracker::new(),
                started: AtomicBool::new(false),
                receivers: Mutex::new(Some((to_sync, outgoing))),
                revoked,
            },
            parts: Parts::default(),
            kinds,
        }))
    }

    /// What a mechanism or a kind keeps of this account while it is open.
    pub(crate) fn part<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        self.parts.get()
    }

    /// Runs something for as long as the account is open.
    pub(crate) fn spawn(self: &Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.life.stop.clone();
        self.life.tasks.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// The server answers under this address from now on.
    pub(crate) fn move_to(&self, base: &Url) {
        self.api.set_base(base.clone());
        self.who.moved_to(base);
    }

    /// The server no longer takes the token.
    pub(crate) fn lost_token(&self) {
        self.api.set_token(None);
        let _ = self.life.revoked.send(());
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings.read().expect("no panic while held").clone()
    }

    pub(crate) fn online(&self) -> bool {
        self.standing().is_some()
    }

    /// The connection that stands, to say later whether an answer came over it.
    pub(crate) fn standing(&self) -> Option<Made> {
        self.link.state.lock().expect("no panic while held").standing()
    }

    /// The state of the connection, complete.
    pub(crate) async fn connection(&self) -> Result<ConnectionView, AppError> {
        let counts = self.owned(self.own.outbox_counts().await)?;
        let synced_to = self.kept(self.cache.synced_to().await)?.unwrap_or(0);
        let held_up = self.held_up(counts.queued);
        let link = self.link.state.lock().expect("no panic while held");
        Ok(ConnectionView {
            state: link.state,
            since: link.since,
            retry_at: link.retry_at,
            reason: link.reason.map(str::to_owned),
            queued: counts.queued,
            failed: counts.failed,
            synced_to,
            round_trip_ms: link.round_trip_ms,
            held_up,
        })
    }

    /// What came of a look into `own`.
    pub(crate) fn owned<T>(&self, result: Result<T, StoreError>) -> Result<T, AppError> {
        if matches!(result, Err(StoreError::Damaged)) {
            self.files.own_damaged.notify_one();
        }
        self.kept(result)
    }

    fn kept<T>(&self, result: Result<T, StoreError>) -> Result<T, AppError> {
        result.map_err(|error| {
            if matches!(error, StoreError::Full) {
                self.tell_disk_full();
            }
            // Whoever asks while the account is left is told so; nothing broke.
            if matches!(error, StoreError::Closed) && self.life.stop.is_cancelled() {
                return AppError::SignedOut;
            }
            error::store(error)
        })
    }

    /// Says at most once a minute that the disk is full: the tasks go on trying.
    fn tell_disk_full(&self) {
        let now = self.now();
        let mut told_at = self.files.disk_full_told_at.lock().expect("no panic while held");
        if told_at.is_none_or(|at| now.since_ms(at).abs() >= MINUTE_MS) {
            *told_at = Some(now);
            self.ui.send(UiEvent::Toast { toast: Toast::DiskFull });
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
        if self.files.rebuilding.swap(true, Ordering::SeqCst) {
            return;
        }
        let rebuilt = self.cache.rebuild().await;
        self.files.rebuilding.store(false, Ordering::SeqCst);
        if let Err(error) = rebuilt {
            tracing::error!(%error, "the cache cannot be rebuilt");
            return;
        }
        self.ui.send(UiEvent::Toast { toast: Toast::CacheRebuilt });
        self.ui.send(UiEvent::Reset);
        let _ = self.sync.send(ToSync::CatchUp).await;
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

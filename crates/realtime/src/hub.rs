//! The handle to everything realtime: starting the loops, publishing, asking, stopping. Cheap to clone.

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use guildhall_pusher::{close::CloseCode, frame, settings::AppSettings, socket_id::SocketId};
use mio::{Poll, Waker};

use crate::{
    directory::{ChannelInfo, Directory},
    event_loop::{EventLoop, WAKER},
    inbox::{Bound, Command, ConnectionInfo, Inbox, NewSocket},
    metrics::{self, AppMetrics},
    replays::Replays,
};

/// Loops at most: a socket id has room for 256.
const LOOPS_MAX: usize = 64;
/// How long an answer about connections is waited for.
const REPORT_TIMEOUT: Duration = Duration::from_secs(2);

/// Something happened that others may want to know. Told while the directory is locked: whoever hears it must not block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "app is the number of the app, channel and user_id are their names")]
pub enum Notice<'a> {
    /// The first socket listens.
    Occupied { app: usize, channel: &'a str },
    /// The last one went.
    Vacated { app: usize, channel: &'a str },
    /// A member came.
    MemberAdded { app: usize, channel: &'a str, user_id: &'a str },
    /// A member went, and is not back.
    MemberRemoved { app: usize, channel: &'a str, user_id: &'a str },
    /// Somebody came to a cache channel that has nothing to show.
    CacheMiss { app: usize, channel: &'a str },
    /// The subscribers were told how many they are.
    SubscriptionCount { app: usize, channel: &'a str, count: usize },
    /// A client event is passed on.
    ClientEvent {
        app: usize,
        channel: &'a str,
        event: &'a str,
        data: &'a str,
        socket: SocketId,
        user_id: Option<&'a str>,
    },
}

/// What is done with a client event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Passed on to the others of the channel.
    Pass,
    /// Somebody else takes care of it: [`Watcher::take`] is called.
    Take,
    /// Refused with these words.
    Refuse(&'static str),
}

/// A client event that is taken care of elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The socket it came from.
    pub socket: SocketId,
    /// The channel.
    pub channel: Arc<str>,
    /// The event's name.
    pub event: String,
    /// Its data, as text.
    pub data: String,
}

/// Whoever wants to know what happens, and decides what the protocol leaves open. Never blocks.
pub trait Watcher: Send + Sync {
    /// Something happened.
    fn notice(&self, _: Notice) {}

    /// What is done with a client event that the protocol allows.
    fn judge(&self, _app: usize, _channel: &str, _event: &str) -> Verdict {
        Verdict::Pass
    }

    /// A client event that [`judge`](Self::judge) kept back. Words when it cannot be taken.
    ///
    /// # Errors
    /// What the client is told.
    fn take(&self, _: Taken) -> Result<(), &'static str> {
        Ok(())
    }

    /// A connection to the realtime listener that wants something else. Dropping it closes it.
    fn stray(&self, _: Stray) {}
}

/// A connection that wants something else than realtime.
pub struct Stray {
    /// The socket, not blocking.
    pub stream: std::net::TcpStream,
    /// What it said so far.
    pub arrived: Vec<u8>,
    /// Where it comes from.
    pub address: IpAddr,
}

/// Nobody wants to know.
pub struct Nobody;

impl Watcher for Nobody {}

/// How the loops run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Event loops, each a thread.
    pub loops: usize,
    /// The activity timeout told to clients, seconds.
    pub activity_timeout_s: u64,
    /// Connections from one address; those from 127.0.0.1 and ::1 are not counted, for a proxy may stand there.
    pub connections_per_address_max: usize,
}

pub(crate) struct Shared {
    pub options: Options,
    pub directory: Mutex<Directory>,
    pub inboxes: Arc<[Inbox]>,
    pub settings: Vec<Arc<AppSettings>>,
    pub metrics: Vec<Arc<AppMetrics>>,
    pub watcher: Arc<dyn Watcher>,
    pub started: Instant,
    /// When the directory has something to do next; `i64::MAX` for never.
    pub due_at: AtomicI64,
    pub draining: AtomicBool,
    pub addresses: Mutex<HashMap<IpAddr, usize>>,
    pub replays: Mutex<Replays>,
    pub next_loop: AtomicUsize,
    /// Whether only this machine reaches the listener.
    pub loopback_only: AtomicBool,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Shared {
    pub fn directory(&self) -> MutexGuard<'_, Directory> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a connection in, unless the app is disabled or full, or the server stops.
    pub fn admit(&self, app: usize) -> Result<(), (CloseCode, String)> {
        let (settings, metrics) = (&self.settings[app], &self.metrics[app]);
        let refusal = if self.draining.load(Relaxed) {
            (CloseCode::Reconnect, "The server is stopping. Reconnect.".to_owned())
        } else if !settings.enabled {
            (CloseCode::AppDisabled, "The app is disabled".to_owned())
        } else if usize::try_from(metrics.connections.get()).is_ok_and(|n| n >= settings.limits.connections_max) {
            (
                CloseCode::OverQuota,
                format!("The app has {} connections, as many as it may", settings.limits.connections_max),
            )
        } else {
            metrics.connections.add(1);
            metrics.connected.add(1);
            return Ok(());
        };
        metrics.refused.add(1);
        Err(refusal)
    }

    /// A connection from an address is gone.
    pub fn leave_address(&self, address: IpAddr, counted: bool) {
        if !counted {
            return;
        }
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = addresses.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&address);
            }
        }
    }

    /// Milliseconds since the start.
    pub fn now(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// Does what is due in the directory and notes when the next thing is.
    pub fn pass_time(&self, now: i64) {
        if self.due_at.load(Relaxed) <= now {
            let mut directory = self.directory();
            let next = directory.pass_time(now);
            self.due_at.store(next.unwrap_or(i64::MAX), Relaxed);
        }
    }

    /// Carries out work on the directory; what it put off is remembered.
    pub fn with_directory<T>(&self, work: impl FnOnce(&mut Directory, i64) -> T) -> T {
        let now = self.now();
        let mut directory = self.directory();
        let result = work(&mut directory, now);
        if let Some(next) = directory.next_due()
            && self.due_at.fetch_min(next, Relaxed) > next
        {
            // The first loop looks after what is due, and may have meant to sleep longer.
            self.inboxes[0].nudge();
        }
        result
    }
}

/// See the module.
#[derive(Clone)]
pub struct Hub(pub(crate) Arc<Shared>);

/// An event could not be taken: too much waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many events wait to be sent")]
pub struct OverCapacity;

impl Hub {
    /// Starts the loops for these apps, which count into these counters.
    ///
    /// # Errors
    /// When the system gives no event queue or no thread.
    pub fn start(
        apps: Vec<(AppSettings, Arc<AppMetrics>)>,
        options: Options,
        watcher: Arc<dyn Watcher>,
    ) -> io::Result<Self> {
        let polls = (0..options.loops.clamp(1, LOOPS_MAX)).map(|_| Poll::new()).collect::<io::Result<Vec<_>>>()?;
        let inboxes: Arc<[Inbox]> =
            polls.iter().map(|poll| Ok(Inbox::new(Waker::new(poll.registry(), WAKER)?))).collect::<io::Result<_>>()?;
        let (settings, metrics): (Vec<_>, Vec<_>) = apps.into_iter().map(|(app, m)| (Arc::new(app), m)).unzip();
        let both = settings.iter().cloned().zip(metrics.iter().cloned()).collect();
        let shared = Arc::new(Shared {
            options,
            directory: Mutex::new(Directory::new(both, Arc::clone(&inboxes), Arc::clone(&watcher))),
            inboxes,
            settings,
            metrics,
            watcher,
            started: Instant::now(),
            due_at: AtomicI64::new(i64::MAX),
            draining: AtomicBool::new(false),
            addresses: Mutex::default(),
            replays: Mutex::default(),
            next_loop: AtomicUsize::new(0),
            loopback_only: AtomicBool::new(false),
            threads: Mutex::default(),
        });
        let mut threads = Vec::new();
        for (index, poll) in polls.into_iter().enumerate() {
            let shared = Arc::clone(&shared);
            let run = move || EventLoop::new(index, poll, shared).run();
            threads.push(std::thread::Builder::new().name(format!("realtime-{index}")).spawn(run)?);
        }
        *shared.threads.lock().unwrap_or_else(PoisonError::into_inner) = threads;
        Ok(Self(shared))
    }

    /// The number of the app with this key.
    pub fn app_by_key(&self, key: &str) -> Option<usize> {
        self.0.settings.iter().position(|app| app.credentials.key == key)
    }

    /// The number of the app with this id.
    pub fn app_by_id(&self, id: &str) -> Option<usize> {
        self.0.settings.iter().position(|app| app.credentials.id == id)
    }

    /// The settings of an app.
    pub fn app(&self, app: usize) -> &Arc<AppSettings> {
        &self.0.settings[app]
    }

    /// The counters of an app.
    pub fn metrics(&self, app: usize) -> &Arc<AppMetrics> {
        &self.0.metrics[app]
    }

    /// Connections that are open.
    pub fn len(&self) -> usize {
        self.0.metrics.iter().map(|m| usize::try_from(m.connections.get()).unwrap_or(0)).sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All counters, in the text format of Prometheus.
    pub fn render_metrics(&self) -> String {
        let ids = self.0.settings.iter().map(|app| app.credentials.id.as_str());
        metrics::render(ids.zip(self.0.metrics.iter().map(AsRef::as_ref)))
    }

    /// Accepts from a listener: upgrades and the signed API are answered by the loops, the rest is handed to
    /// [`Watcher::stray`].
    ///
    /// # Errors
    /// When the listener cannot be used without blocking.
    pub fn listen(&self, listener: std::net::TcpListener) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let loopback_only = listener.local_addr()?.ip().is_loopback();
        let listener = mio::net::TcpListener::from_std(listener);
        self.0.inboxes[0].push(Command::Listen { listener, loopback_only });
        Ok(())
    }

    /// Takes over a socket whose upgrade was answered.
    pub fn adopt(&self, socket: NewSocket) {
        let turn = self.0.next_loop.fetch_add(1, Relaxed) % self.0.inboxes.len();
        self.0.inboxes[turn].push(Command::Adopt(Box::new(socket)));
    }

    /// Sends an event to all who listen to a channel, but for one socket.
    ///
    /// # Errors
    /// [`OverCapacity`] when the loops are too far behind to take more.
    pub fn publish(&self, app: usize, event: &Published) -> Result<(), OverCapacity> {
        let except = event.except_socket.and_then(|id| id.parse().ok());
        self.publish_as(app, event, except, None)
    }

    /// As [`publish`](Self::publish), with the member who sent it.
    pub(crate) fn publish_as(
        &self,
        app: usize,
        event: &Published,
        except: Option<SocketId>,
        user_id: Option<&str>,
    ) -> Result<(), OverCapacity> {
        if self.0.inboxes.iter().any(Inbox::is_full) {
            return Err(OverCapacity);
        }
        let text = frame::event(event.event, event.channel, event.data, event.seq, user_id);
        self.0.with_directory(|d, now| d.publish(app, event.channel, &text, event.data, except, now));
        Ok(())
    }

    /// Sends a text to one socket.
    pub fn send_to(&self, socket: SocketId, text: &str) {
        let frame = crate::websocket::text_frame(text);
        self.command_for(socket, Command::Send { socket, frame });
    }

    /// Notes for whom a socket was authorised, so that it falls with them.
    pub fn bind(&self, socket: SocketId, bound: Bound) {
        self.command_for(socket, Command::Bind { socket, bound });
    }

    fn command_for(&self, socket: SocketId, command: Command) {
        let index = usize::try_from(socket.place % 256).unwrap_or(usize::MAX);
        if let Some(inbox) = self.0.inboxes.get(index) {
            inbox.push(command);
        }
    }

    /// Closes the sockets that were authorised with a token.
    pub fn close_token(&self, token: i64) {
        self.close_bound(None, Some(token));
    }

    /// Closes the sockets that were authorised for a user.
    pub fn close_user(&self, user: i64) {
        self.close_bound(Some(user), None);
    }

    fn close_bound(&self, user: Option<i64>, token: Option<i64>) {
        for inbox in &*self.0.inboxes {
            inbox.push(Command::CloseBound { user, token, code: CloseCode::Unauthorised });
        }
    }

    /// Takes a right away: the sockets authorised for a user do not listen to a channel any more, and are told why.
    pub fn revoke(&self, app: usize, channel: &str, user: i64, why: &str) {
        let (channel, why): (Arc<str>, Arc<str>) = (channel.into(), why.into());
        for inbox in &*self.0.inboxes {
            inbox.push(Command::Revoke { app, channel: Arc::clone(&channel), user, why: Arc::clone(&why) });
        }
    }

    /// Closes all connections of a signed-in user.
    pub fn terminate(&self, app: usize, user_id: &str) {
        self.0.directory().terminate(app, user_id);
    }

    /// What is known of a channel; `None` when nobody listens and nothing is kept.
    pub fn channel(&self, app: usize, name: &str) -> Option<ChannelInfo> {
        self.0.with_directory(|d, now| d.channel(app, name, now))
    }

    /// The channels that somebody listens to and whose name begins so, by name.
    pub fn channels(&self, app: usize, prefix: &str) -> Vec<(Arc<str>, ChannelInfo)> {
        self.0.with_directory(|d, now| d.channels(app, prefix, now))
    }

    /// The members of a presence channel.
    pub fn members(&self, app: usize, name: &str) -> Vec<String> {
        self.0.directory().members(app, name)
    }

    /// Whether somebody listens to a channel.
    pub fn is_occupied(&self, app: usize, name: &str) -> bool {
        self.channel(app, name).is_some_and(|info| info.subscription_count > 0)
    }

    /// Every connection, as far as the loops answer in time. Blocks for two seconds at most.
    pub fn connections(&self) -> Vec<ConnectionInfo> {
        let (sender, receiver) = mpsc::channel();
        for inbox in &*self.0.inboxes {
            inbox.push(Command::Report(sender.clone()));
        }
        drop(sender);
        let until = Instant::now() + REPORT_TIMEOUT;
        let mut all = Vec::new();
        while let Ok(some) = receiver.recv_timeout(until.saturating_duration_since(Instant::now())) {
            all.extend(some);
        }
        all.sort_by_key(|info| info.socket_id.place);
        all
    }

    /// Lets nobody in any more and asks all to reconnect at once.
    pub fn drain(&self) {
        self.0.draining.store(true, Relaxed);
        for inbox in &*self.0.inboxes {
            inbox.push(Command::Drain);
        }
    }

    /// Waits until the loops ended, which they do within seconds of [`drain`](Self::drain). Blocks.
    pub fn join(&self) {
        let threads = std::mem::take(&mut *self.0.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("an event loop panicked");
            }
        }
    }
}

/// An event to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Published<'a> {
    /// The channel.
    pub channel: &'a str,
    /// The event's name.
    pub event: &'a str,
    /// Its data, as text.
    pub data: &'a str,
    /// Its number in the feed of the channel's user.
    pub seq: Option<i64>,
    /// The socket that does not get it.
    pub except_socket: Option<&'a str>,
}

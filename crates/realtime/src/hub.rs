//! The handle to everything realtime: starting the loops, publishing, asking, stopping. Cheap to clone.

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use guildhall_pusher::{close::CloseCode, frame, settings::AppSettings, socket_id::SocketId};
use mio::{Poll, Waker};

use crate::{
    clock::Clock,
    directory::{ChannelInfo, Directory},
    event_loop::{EventLoop, WAKER},
    inbox::{Binding, Bound, Command, ConnectionInfo, Inbox, NewSocket},
    keeper::{self, Keeper, LoopHealth},
    metrics::{self, AppMetrics},
    queue::Guarded,
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

    /// A loop panicked. When it does not go on, realtime is dead until the process is started again.
    fn loop_panicked(&self, _words: &str, _goes_on: bool) {}
}

/// A connection that wants something else than realtime.
pub struct Stray {
    /// The socket, not blocking.
    pub stream: std::net::TcpStream,
    /// What it said so far.
    pub arrived: Vec<u8>,
    /// Where it comes from.
    pub address: IpAddr,
    /// To be kept for as long as the connection lasts.
    pub seat: Seat,
}

/// One of the connections that an address may have; given back when dropped.
pub struct Seat {
    pub(crate) shared: Arc<Shared>,
    pub(crate) address: IpAddr,
    pub(crate) counted: bool,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.shared.leave_address(self.address, self.counted);
    }
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
    pub directory: Guarded<Directory>,
    pub inboxes: Arc<[Inbox]>,
    pub settings: Vec<Arc<AppSettings>>,
    pub metrics: Vec<Arc<AppMetrics>>,
    pub watcher: Arc<dyn Watcher>,
    pub clock: Clock,
    pub keeper: Keeper,
    pub draining: AtomicBool,
    pub addresses: Mutex<HashMap<IpAddr, usize>>,
    pub replays: Mutex<Replays>,
    pub next_loop: AtomicUsize,
    /// Whether only this machine reaches the listener.
    pub loopback_only: AtomicBool,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Shared {
    /// Takes a connection in, unless the app is disabled or full, or the server stops.
    pub fn admit(&self, app: usize) -> Result<(), (CloseCode, String)> {
        let (settings, metrics) = (&self.settings[app], &self.metrics[app]);
        let refusal = if self.draining.load(Relaxed) {
            (CloseCode::Restart, "The server restarts".to_owned())
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
        self.clock.now()
    }

    /// Does what is due in the directory.
    pub fn pass_time(&self, now: i64) {
        self.directory.when_due(now, |directory| directory.pass_time(now));
    }

    /// Carries out work on the directory; what it put off is remembered.
    pub fn with_directory<T>(&self, work: impl FnOnce(&mut Directory, i64) -> T) -> T {
        let now = self.now();
        // The first loop looks after what is due, and may have meant to sleep longer.
        self.directory.with(|| self.inboxes[0].nudge(), |directory| work(directory, now))
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
        let (hub, loops) = Self::build(apps, options, watcher, Clock::system())?;
        let mut threads = Vec::new();
        for event_loop in loops {
            let name = format!("realtime-{}", event_loop.index());
            threads.push(std::thread::Builder::new().name(name).spawn(move || keeper::keep(event_loop))?);
        }
        *hub.0.threads.lock().unwrap_or_else(PoisonError::into_inner) = threads;
        Ok(hub)
    }

    /// The hub and its loops, which nobody runs yet.
    pub(crate) fn build(
        apps: Vec<(AppSettings, Arc<AppMetrics>)>,
        options: Options,
        watcher: Arc<dyn Watcher>,
        clock: Clock,
    ) -> io::Result<(Self, Vec<EventLoop>)> {
        let polls = (0..options.loops.clamp(1, LOOPS_MAX)).map(|_| Poll::new()).collect::<io::Result<Vec<_>>>()?;
        let inboxes: Arc<[Inbox]> =
            polls.iter().map(|poll| Ok(Inbox::new(Waker::new(poll.registry(), WAKER)?))).collect::<io::Result<_>>()?;
        let (settings, metrics): (Vec<_>, Vec<_>) = apps.into_iter().map(|(app, m)| (Arc::new(app), m)).unzip();
        let both = settings.iter().cloned().zip(metrics.iter().cloned()).collect();
        let shared = Arc::new(Shared {
            options,
            directory: Guarded::new(Directory::new(both, Arc::clone(&inboxes), Arc::clone(&watcher))),
            keeper: Keeper::new(),
            inboxes,
            settings,
            metrics,
            watcher,
            clock,
            draining: AtomicBool::new(false),
            addresses: Mutex::default(),
            replays: Mutex::default(),
            next_loop: AtomicUsize::new(0),
            loopback_only: AtomicBool::new(false),
            threads: Mutex::default(),
        });
        let event_loop = |(index, poll)| EventLoop::new(index, poll, Arc::clone(&shared));
        let loops = polls.into_iter().enumerate().map(event_loop).collect();
        Ok((Self(shared), loops))
    }

    /// The number of the app with this key.
    pub fn app_by_key(&self, key: &str) -> Option<usize> {
        self.0.settings.iter().position(|app| app.credentials.key == key)
    }

    /// The number of the app with this id, or whose [number](guildhall_pusher::auth::App::numeric_id) stands for it.
    pub fn app_by_id(&self, id: &str) -> Option<usize> {
        let apps = &self.0.settings;
        let named = apps.iter().position(|app| app.credentials.id == id);
        named.or_else(|| apps.iter().position(|app| app.credentials.numeric_id() == id))
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
        if !self.has_room() {
            return Err(OverCapacity);
        }
        self.send_out(app, event, except, user_id);
        Ok(())
    }

    /// Whether events are taken now, or too much waits.
    pub(crate) fn has_room(&self) -> bool {
        !self.0.inboxes.iter().any(Inbox::is_full)
    }

    /// As [`publish`](Self::publish), for the rest of what was begun while there was [room](Self::has_room).
    pub(crate) fn publish_anyway(&self, app: usize, event: &Published) {
        self.send_out(app, event, event.except_socket.and_then(|id| id.parse().ok()), None);
    }

    fn send_out(&self, app: usize, event: &Published, except: Option<SocketId>, user_id: Option<&str>) {
        let text = frame::event(event.event, event.channel, event.data, event.seq, user_id);
        self.0.with_directory(|d, now| d.publish(app, event.channel, &text, event.data, except, now));
    }

    /// Sends a text to one socket.
    pub fn send_to(&self, socket: SocketId, text: &str) {
        let frame = crate::websocket::text_frame(text);
        if let Some(inbox) = self.inbox_of(socket) {
            inbox.push(Command::Send { socket, frame });
        }
    }

    /// Notes for whom a socket was authorised, so that it falls with them. The first binding stays. `answer` is called by the
    /// loop that has the socket and must not block; what [`close_token`](Self::close_token) is told after that finds the
    /// socket. Where the right to `channel` was [taken away](Self::revoke) before, and is there again, say so with
    /// [`grant`](Self::grant).
    pub fn bind(
        &self,
        socket: SocketId,
        bound: Bound,
        channel: Option<&str>,
        answer: impl FnOnce(Binding) + Send + 'static,
    ) {
        let channel = channel.map(Arc::from);
        match self.inbox_of(socket) {
            Some(inbox) => inbox.push(Command::Bind { socket, bound, channel, answer: Box::new(answer) }),
            None => answer(Binding::Unknown),
        }
    }

    /// Gives the right to a channel again to a socket that lost it, unless it was lost once more since it was bound.
    pub fn grant(&self, socket: SocketId, channel: &str, lost: u64) {
        if let Some(inbox) = self.inbox_of(socket) {
            inbox.push(Command::Grant { socket, channel: channel.into(), lost });
        }
    }

    fn inbox_of(&self, socket: SocketId) -> Option<&Inbox> {
        self.0.inboxes.get(usize::try_from(socket.place % 256).unwrap_or(usize::MAX))
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

    /// Takes a right away: the sockets authorised for a user do not listen to a channel any more, and are told why. The
    /// signature that they still have is worth nothing until the right is [given again](Self::grant).
    pub fn revoke(&self, app: usize, channel: &str, user: i64, why: &str) {
        let (channel, why): (Arc<str>, Arc<str>) = (channel.into(), why.into());
        for inbox in &*self.0.inboxes {
            inbox.push(Command::Revoke { app, channel: Arc::clone(&channel), user, why: Arc::clone(&why) });
        }
    }

    /// Closes all connections of a user: those who signed in, and those who are members of presence channels as the user.
    pub fn terminate(&self, app: usize, user_id: &str) {
        self.0.with_directory(|d, _| d.terminate(app, user_id));
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
        self.0.with_directory(|d, _| d.members(app, name))
    }

    /// Whether somebody listens to a channel, or is still listed as a member of it.
    pub fn is_occupied(&self, app: usize, name: &str) -> bool {
        self.channel(app, name).is_some_and(|info| info.subscription_count > 0)
    }

    /// How the loops are, as far as they have noticed themselves.
    pub fn health(&self) -> LoopHealth {
        self.0.keeper.health(self.0.now())
    }

    /// Asks each loop for a sign of life: `answer` is made for each and called by it, and dropped by a loop that is gone.
    pub fn ask_for_life<F: FnOnce() + Send + 'static>(&self, mut answer: impl FnMut() -> F) {
        for inbox in &*self.0.inboxes {
            inbox.push(Command::Live(Box::new(answer())));
        }
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
            // A panic was told and counted where it happened.
            let _ = thread.join();
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

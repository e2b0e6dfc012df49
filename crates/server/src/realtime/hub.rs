//! The market's side of the hub: whose sockets fall with which token, who is online, which client events are the market's
//! own. Sockets, channels and rosters are the realtime room's.

use std::{
    collections::HashSet,
    io,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use guildhall_contract::events::CLIENT_TYPING;
use guildhall_db::Outgoing;
use guildhall_market::{
    ids::{TokenId, UserId},
    permissions::MarketChannel,
    time::Timestamp,
};
use guildhall_pusher::{settings::AppSettings, socket_id::SocketId};
use guildhall_realtime::{
    Binding, Bound, Notice, Options, Published, Stray, Taken, Verdict, Watcher, metrics::AppMetrics,
};
use tokio::sync::{mpsc, oneshot};

use super::webhooks::{self, Occurrence};
use crate::{clock::Clock, vitals::Vitals};

/// Connections that want something else and may wait to be served.
const STRAYS_MAX: usize = 1_024;
/// The number of the app that the market itself speaks on; others are guests of this server.
pub const MARKET: usize = 0;
/// Changes of who is online that may wait for the task that tells of them.
const ONLINE_QUEUE_MAX: usize = 4_096;
/// Signs of typing that may wait to be passed on; a sign that comes too late is worth nothing.
const TYPING_QUEUE_MAX: usize = 1_024;

/// How long a loop may take to answer for one of its sockets.
const BIND_TIMEOUT: Duration = Duration::from_secs(2);

/// Somebody's first socket came, or the last one went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlineChange {
    /// The first one came.
    Came(UserId),
    /// The last one went.
    Went(UserId),
    /// A block came between two people: to one of them the other is away.
    Parted {
        /// To whom.
        reader: UserId,
        /// Who is away.
        about: UserId,
        /// Since when.
        at: Timestamp,
    },
    /// No block is between two people any more.
    Rejoined {
        /// To whom the other may be here again.
        reader: UserId,
        /// Who.
        about: UserId,
    },
}

/// What the hub tells the market.
pub struct Told {
    /// Who came and went.
    pub online: mpsc::Receiver<OnlineChange>,
    /// Signs of typing.
    pub typing: mpsc::Receiver<Taken>,
    /// Connections that want something else than realtime.
    pub strays: mpsc::Receiver<Stray>,
    /// Those who call webhooks.
    pub callers: Vec<webhooks::Caller>,
}

struct Market {
    vitals: Vitals,
    online: mpsc::Sender<OnlineChange>,
    typing: mpsc::Sender<Taken>,
    strays: mpsc::Sender<Stray>,
    /// The webhooks of each app.
    hooks: Vec<Vec<mpsc::Sender<Occurrence>>>,
}

impl Watcher for Market {
    fn notice(&self, notice: Notice) {
        if self.hooks.iter().any(|hooks| !hooks.is_empty()) {
            let (app, occurrence) = webhooks::occurrence(&notice);
            for hook in self.hooks.get(app).into_iter().flatten() {
                if hook.try_send(occurrence.clone()).is_err() {
                    tracing::error!(event = occurrence.0, "a webhook is not told: too much waits for its address");
                }
            }
        }
        let (channel, came): (&str, fn(UserId) -> OnlineChange) = match notice {
            Notice::Occupied { app: MARKET, channel } => (channel, OnlineChange::Came),
            Notice::Vacated { app: MARKET, channel } => (channel, OnlineChange::Went),
            _ => return,
        };
        if let Some(MarketChannel::User(user)) = MarketChannel::parse(channel)
            && self.online.try_send(came(user)).is_err()
        {
            tracing::warn!("a change of who is online was left out: too many wait");
        }
    }

    fn judge(&self, app: usize, channel: &str, event: &str) -> Verdict {
        #[cfg(test)]
        assert_ne!(event, "client-panic", "a panic that was asked for");
        match MarketChannel::parse(channel).filter(|_| app == MARKET) {
            None => Verdict::Pass,
            Some(MarketChannel::User(_)) if event == CLIENT_TYPING => Verdict::Take,
            Some(_) => {
                Verdict::Refuse("Client events are not taken on this channel, but for client-typing on one's own")
            }
        }
    }

    fn stray(&self, stray: Stray) {
        if self.strays.try_send(stray).is_err() {
            tracing::warn!("a connection is closed: too many wait to be served");
        }
    }

    fn loop_panicked(&self, words: &str, goes_on: bool) {
        if !goes_on {
            self.vitals.fail(format!("realtime is dead: an event loop panicked and cannot go on ({words})"));
        }
    }

    fn take(&self, taken: Taken) -> Result<(), &'static str> {
        self.typing.try_send(taken).map_err(|_| "Too many signs of typing wait")
    }
}

/// The hub. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    sockets: guildhall_realtime::Hub,
    online: mpsc::Sender<OnlineChange>,
    /// People of the demo market who seem to be here.
    seeming: Arc<RwLock<HashSet<UserId>>>,
}

impl Hub {
    /// Starts the loops, the market's own app first among the apps.
    ///
    /// # Errors
    /// When the system gives no event queue or no thread.
    pub fn start(
        apps: Vec<AppSettings>,
        options: Options,
        vitals: Vitals,
        clock: &Arc<dyn Clock>,
    ) -> io::Result<(Self, Told)> {
        let (online, online_told) = mpsc::channel(ONLINE_QUEUE_MAX);
        let (typing, typing_told) = mpsc::channel(TYPING_QUEUE_MAX);
        let (strays, strays_told) = mpsc::channel(STRAYS_MAX);
        let mut hooks: Vec<Vec<_>> = Vec::new();
        let mut callers = Vec::new();
        let metrics: Vec<Arc<AppMetrics>> = apps.iter().map(|_| Arc::default()).collect();
        for (app, metrics) in apps.iter().zip(&metrics) {
            let mut senders = Vec::new();
            for hook in &app.webhooks {
                let made = webhooks::Caller::new(hook.clone(), app.clone(), Arc::clone(metrics), Arc::clone(clock));
                let (caller, sender) = made.map_err(io::Error::other)?;
                callers.push(caller);
                senders.push(sender);
            }
            hooks.push(senders);
        }
        let both = apps.into_iter().zip(metrics).collect();
        let changes = online.clone();
        let sockets =
            guildhall_realtime::Hub::start(both, options, Arc::new(Market { vitals, online, typing, strays, hooks }))?;
        let told = Told { online: online_told, typing: typing_told, strays: strays_told, callers };
        Ok((Self { sockets, online: changes, seeming: Arc::default() }, told))
    }

    /// Whether each event loop answers, within two seconds.
    pub async fn is_alive(&self) -> bool {
        let mut answers = Vec::new();
        self.sockets.ask_for_life(|| {
            let (answer, answered) = oneshot::channel();
            answers.push(answered);
            move || {
                let _ = answer.send(());
            }
        });
        let all = futures_util::future::join_all(answers);
        tokio::time::timeout(BIND_TIMEOUT, all).await.is_ok_and(|all| all.iter().all(Result::is_ok))
    }

    /// The sockets, channels and rosters themselves.
    pub fn sockets(&self) -> &guildhall_realtime::Hub {
        &self.sockets
    }

    /// Sends an event of the market to all who listen to its channel.
    pub fn publish(&self, event: &Outgoing) {
        self.send(&Published {
            channel: &event.channel,
            event: &event.event,
            data: &event.data,
            seq: event.seq,
            except_socket: event.except_socket.as_deref(),
        });
    }

    /// Sends what is not stored, such as a sign of typing.
    pub fn send(&self, event: &Published) {
        if self.sockets.publish(MARKET, event).is_err() {
            // What is stored is fetched: its number is missing in the feed of whoever listens.
            tracing::error!(channel = event.channel, event = event.event, "too much waits: an event was not sent");
        }
    }

    /// Notes that a socket was authorised with a token, so that it falls with it, and for a channel. `None` when its loop
    /// does not answer.
    pub async fn bind(&self, socket: SocketId, user: UserId, token: TokenId, channel: Option<&str>) -> Option<Binding> {
        let (answer, answered) = oneshot::channel();
        let bound = Bound { user: user.0, token: token.0 };
        // Whoever asked may have gone: then nobody wants to know.
        self.sockets.bind(socket, bound, channel, move |binding| {
            let _ = answer.send(binding);
        });
        tokio::time::timeout(BIND_TIMEOUT, answered).await.ok()?.ok()
    }

    /// Closes the sockets that were authorised with a token.
    pub fn close_token(&self, token: TokenId) {
        self.sockets.close_token(token.0);
    }

    /// Closes all sockets of a user.
    pub fn close_user(&self, user: UserId) {
        self.sockets.close_user(user.0);
    }

    /// A right was lost: the person's sockets do not listen to the channel any more, and are told why.
    pub fn revoke(&self, channel: &str, user: UserId, why: &str) {
        self.sockets.revoke(MARKET, channel, user.0, why);
    }

    /// A block came between two people at this time, or went: told to `reader`, as a departure and a return are.
    pub fn part(&self, reader: UserId, about: UserId, apart_at: Option<Timestamp>) {
        let change = match apart_at {
            Some(at) => OnlineChange::Parted { reader, about, at },
            None => OnlineChange::Rejoined { reader, about },
        };
        if self.online.try_send(change).is_err() {
            tracing::warn!("a change of who is online was left out: too many wait");
        }
    }

    /// Whether somebody is here, as others see it.
    pub fn is_online(&self, user: UserId) -> bool {
        self.seeming.read().unwrap_or_else(PoisonError::into_inner).contains(&user) || self.has_socket(user)
    }

    /// Whether somebody has a socket that listens to their own channel.
    pub fn has_socket(&self, user: UserId) -> bool {
        self.sockets.is_occupied(MARKET, &MarketChannel::of_user(user))
    }

    /// Lets somebody of the demo market seem to be here, since they answer.
    pub fn let_seem_online(&self, user: UserId) {
        self.seeming.write().unwrap_or_else(PoisonError::into_inner).insert(user);
    }
}

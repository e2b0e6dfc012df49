//! What one event loop is asked to do by others, in order.
//!
//! **Invariant:** every loop sees what concerns a channel in the order in which the directory took it.

use std::{
    net::IpAddr,
    sync::{Arc, mpsc},
    time::Instant,
};

use guildhall_pusher::{close::CloseCode, socket_id::SocketId};
use mio::{
    Waker,
    net::{TcpListener, TcpStream},
};

use crate::{directory::ChannelId, queue::Queue, stream::Stream};

/// Bytes of events that may wait for one loop. Above, publishing is refused until it has caught up.
pub const WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A socket whose upgrade was answered.
pub struct NewSocket {
    /// The bytes.
    pub stream: Stream,
    /// What arrived behind the upgrade already.
    pub early: Vec<u8>,
    /// The app, or why there is none.
    pub app: Result<usize, (CloseCode, String)>,
    /// Where it comes from.
    pub address: IpAddr,
    /// What the client says it is, such as `js 8.6.0`.
    pub client: Option<Arc<str>>,
}

/// Who a socket was authorised for: numbers that mean something to whoever bound them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The user.
    pub user: i64,
    /// The token.
    pub token: i64,
}

/// How a socket was bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// It is bound to the user now, or was before: it falls with the first token it was bound with. The number says which
    /// loss of the right to the channel counts still, for [`Hub::grant`](crate::Hub::grant).
    Bound(Option<u64>),
    /// It is bound to another user, and stays so.
    Taken,
    /// There is no such socket here.
    Unknown,
}

/// One connection, as an administrator sees it.
#[derive(Clone, Debug)]
pub struct ConnectionInfo {
    /// `123.456`
    pub socket_id: SocketId,
    /// The app's id.
    pub app: String,
    /// Where it comes from.
    pub address: IpAddr,
    /// What the client says it is.
    pub client: Option<Arc<str>>,
    /// The user it was authorised for.
    pub bound: Option<Bound>,
    /// The user who signed in on it.
    pub user_id: Option<Arc<str>>,
    /// The channels it listens to.
    pub channels: Vec<Arc<str>>,
    /// Frames from it.
    pub frames_in: u64,
    /// Bytes that wait because it does not read.
    pub waiting_bytes: usize,
    /// Milliseconds since it connected, and since it was last heard of.
    pub age_ms: (i64, i64),
    /// The last error it was told.
    pub last_error: Option<String>,
}

pub(crate) enum Command {
    Adopt(Box<NewSocket>),
    /// A socket that was accepted.
    Accepted {
        stream: TcpStream,
        address: IpAddr,
    },
    /// A listener to accept from. For the first loop.
    Listen {
        listener: TcpListener,
        loopback_only: bool,
    },
    /// An event for the subscribers of a channel.
    Event {
        channel: ChannelId,
        frame: Arc<[u8]>,
        except: Option<SocketId>,
        since: Option<Instant>,
    },
    /// Lets a socket listen, and tells it so.
    Join {
        socket: SocketId,
        channel: ChannelId,
        name: Arc<str>,
        frames: Vec<Arc<[u8]>>,
    },
    /// A frame for one socket.
    Send {
        socket: SocketId,
        frame: Arc<[u8]>,
    },
    Close {
        socket: SocketId,
        code: CloseCode,
    },
    /// Notes for whom a socket was authorised, and for which channel. The answer is given by the loop, which alone knows
    /// the socket.
    Bind {
        socket: SocketId,
        bound: Bound,
        channel: Option<Arc<str>>,
        answer: Box<dyn FnOnce(Binding) + Send>,
    },
    /// The right to a channel is given again, if it was not lost anew.
    Grant {
        socket: SocketId,
        channel: Arc<str>,
        lost: u64,
    },
    /// Closes the sockets that are members of presence channels as this user.
    CloseMember {
        app: usize,
        user_id: Arc<str>,
    },
    CloseBound {
        user: Option<i64>,
        token: Option<i64>,
        code: CloseCode,
    },
    Revoke {
        app: usize,
        channel: Arc<str>,
        user: i64,
        why: Arc<str>,
    },
    Report(mpsc::Sender<Vec<ConnectionInfo>>),
    /// A sign of life is wanted.
    Live(Box<dyn FnOnce() + Send>),
    #[cfg(test)]
    Panic,
    /// Everybody is asked to reconnect elsewhere; the loop ends when all are gone.
    Drain,
}

impl Command {
    fn bytes(&self) -> usize {
        match self {
            Self::Event { frame, .. } | Self::Send { frame, .. } => frame.len(),
            Self::Join { frames, .. } => frames.iter().map(|f| f.len()).sum(),
            _ => 0,
        }
    }
}

pub(crate) struct Inbox {
    queue: Queue<Command>,
    waker: Waker,
}

impl Inbox {
    pub fn new(waker: Waker) -> Self {
        Self { queue: Queue::default(), waker }
    }

    /// Adds a command, and wakes the loop if it may sleep.
    pub fn push(&self, command: Command) {
        let bytes = command.bytes();
        if self.queue.push(command, bytes) {
            self.nudge();
        }
    }

    /// Wakes the loop.
    pub fn nudge(&self) {
        if let Err(error) = self.waker.wake() {
            tracing::error!(%error, "an event loop cannot be woken");
        }
    }

    /// Takes all commands there are; `into` is empty before.
    pub fn take(&self, into: &mut Vec<Command>) {
        self.queue.take(into);
    }

    pub fn is_full(&self) -> bool {
        self.queue.waiting_bytes() > WAITING_BYTES_MAX
    }
}

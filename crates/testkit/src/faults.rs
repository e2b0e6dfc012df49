//! A proxy that breaks things: cut links, black holes, answers that get lost on the way back.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// What the link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Everything goes through.
    Up,
    /// Connections are closed at once, new ones too.
    Cut,
    /// Connections stay open and nothing goes through, in either direction.
    BlackHole,
    /// Requests go through; of the answers nothing comes back, and then the connection is closed.
    AnswersLost,
    /// Everything goes through, each piece this many milliseconds late.
    Slow(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    link: Link,
    /// Counts up to end all connections that are open.
    cuts: u64,
}

/// A TCP proxy in front of a server.
pub struct FaultProxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    target: Arc<Mutex<SocketAddr>>,
    accepting: JoinHandle<()>,
}

impl FaultProxy {
    /// Listens on a free port of loopback and passes on to `target`.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let (state, watched) = watch::channel(State { link: Link::Up, cuts: 0 });
        let target = Arc::new(Mutex::new(target));
        let towards = Arc::clone(&target);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let target = *towards.lock().unwrap_or_else(PoisonError::into_inner);
                tokio::spawn(pass(client, target, watched.clone()));
            }
        });
        Self { address, state, target, accepting }
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes what the link does, from now on.
    pub fn set(&self, link: Link) {
        self.state.send_modify(|state| state.link = link);
    }

    /// Ends all connections; new ones go through.
    pub fn cut_once(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }

    /// Passes new connections on to another address: the server came back elsewhere.
    pub fn retarget(&self, target: SocketAddr) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.set(Link::Cut);
    }
}

async fn pass(client: TcpStream, target: SocketAddr, mut state: watch::Receiver<State>) {
    let cuts = state.borrow().cuts;
    if state.borrow().link == Link::Cut {
        return;
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = pump(from_client, to_server, state.clone(), false);
    let back = pump(from_server, to_client, state.clone(), true);
    let cut = state.wait_for(|now| now.cuts != cuts || now.link == Link::Cut);
    tokio::select! {
        () = there => {}
        () = back => {}
        _ = cut => {}
    }
}

async fn pump(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut state: watch::Receiver<State>,
    is_answer: bool,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 {
            return;
        }
        let link = state.borrow().link;
        match link {
            Link::Up => {}
            Link::Cut => return,
            Link::Slow(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
            // What was on the way when the hole opened is gone with the connection.
            Link::BlackHole => drop(state.wait_for(|now| now.link == Link::Cut).await),
            Link::AnswersLost if is_answer => return,
            Link::AnswersLost => {}
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

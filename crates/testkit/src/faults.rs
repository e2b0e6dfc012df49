//! A proxy that breaks things: cut links, black holes, answers that get lost on the way back.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
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
    /// Answers to requests come this many milliseconds late; what is pushed over a WebSocket comes at once.
    SlowAnswers(u64),
    /// Somebody in between answers every request: a captive portal, a proxy, a page about a deployment.
    Intercepted(Page),
    /// In answers and pushes, every one of the first becomes the second, which is as long.
    Garbled {
        /// What is looked for.
        find: &'static str,
        /// What stands there instead.
        put: &'static str,
    },
    /// The same for new `POST` requests; everything else goes through.
    PostsIntercepted(Page),
    /// What the server pushes over a WebSocket is lost on the way; requests and their answers go through. Nothing may be
    /// on the way when this begins or ends: it takes whole frames.
    PushesLost,
}

/// What happens to one `POST` request instead of the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meddling {
    /// It never reaches the server; this is the answer.
    Answered(Page),
    /// The server carries it out; this takes the place of its answer.
    AnswerReplaced(Page),
}

/// What somebody in between answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// `Content-Type`.
    pub kind: &'static str,
    /// The words.
    pub body: &'static str,
    /// `Retry-After`, in seconds.
    pub retry_after_s: Option<u64>,
}

impl Page {
    /// A page of somebody else's.
    pub const fn html(status: u16, body: &'static str) -> Self {
        Self { status, kind: "text/html", body, retry_after_s: None }
    }

    /// An answer as our own server gives them, or as somebody else does who speaks JSON.
    pub const fn json(status: u16, body: &'static str) -> Self {
        Self { status, kind: "application/json", body, retry_after_s: None }
    }

    /// The same, asking for patience.
    #[must_use]
    pub const fn retry_after_s(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    fn answer(self) -> String {
        let Self { status, kind, body, retry_after_s } = self;
        let patience = retry_after_s.map_or_else(String::new, |seconds| format!("Retry-After: {seconds}\r\n"));
        // A 204 has no body, whatever anybody says.
        let body = if status == 204 { "" } else { body };
        format!(
            "HTTP/1.1 {status} Somebody Else\r\nContent-Type: {kind}\r\nLocation: http://portal.example/\r\n\
             {patience}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    }
}

/// One direction of a connection, where both pumps may write.
#[derive(Clone)]
struct Half(Arc<tokio::sync::Mutex<OwnedWriteHalf>>);

impl Half {
    fn new(half: OwnedWriteHalf) -> Self {
        Self(Arc::new(tokio::sync::Mutex::new(half)))
    }

    async fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().await.write_all(bytes).await
    }

    async fn write_last(&self, bytes: &[u8]) {
        let mut half = self.0.lock().await;
        let _ = half.write_all(bytes).await;
        let _ = half.shutdown().await;
    }
}

/// The state, and counters that only grow: each step of one is an order to the connections that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    link: Link,
    cuts: u64,
    /// Of WebSockets, with a code; everything else is cut.
    closes: (u64, u16),
}

/// What one side wrote down or was told to do, shared by all connections.
#[derive(Default)]
struct Notes {
    /// Method and path of each request that began and was passed on.
    requests: Mutex<Vec<String>>,
    /// `POST` requests that began, meddled with or not, with the key that each carried.
    keys: Mutex<Vec<(String, String)>>,
    /// What happens to the next `POST` requests to a path, in order.
    meddlings: Mutex<VecDeque<(&'static str, Meddling)>>,
}

impl Notes {
    fn meddling(&self, request: &str) -> Option<Meddling> {
        let mut meddlings = locked(&self.meddlings);
        let is = |of: &str| if of.starts_with('/') { request.strip_prefix("POST ") == Some(of) } else { request == of };
        let (at, _) = meddlings.iter().enumerate().find(|(_, (of, _))| is(of))?;
        meddlings.remove(at).map(|(_, meddling)| meddling)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A TCP proxy in front of a server.
pub struct FaultProxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    target: Arc<Mutex<SocketAddr>>,
    notes: Arc<Notes>,
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
        let (state, watched) = watch::channel(State { link: Link::Up, cuts: 0, closes: (0, 0) });
        let target = Arc::new(Mutex::new(target));
        let notes: Arc<Notes> = Arc::default();
        let (towards, heard) = (Arc::clone(&target), Arc::clone(&notes));
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let target = *locked(&towards);
                tokio::spawn(pass(client, target, watched.clone(), Arc::clone(&heard)));
            }
        });
        Self { address, state, target, notes, accepting }
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes what the link does, from now on. Somebody in between ends the connections that are open.
    pub fn set(&self, link: Link) {
        self.state.send_modify(|state| {
            state.cuts += u64::from(matches!(link, Link::Intercepted(_)));
            state.link = link;
        });
    }

    /// Ends all connections; new ones go through.
    pub fn cut_once(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }

    /// Closes all WebSockets with a code, as the server would, and cuts everything else; new connections go through.
    /// Nothing may be on the way to the client just then: the close would land inside a frame.
    pub fn close_sockets(&self, code: u16) {
        self.state.send_modify(|state| state.closes = (state.closes.0 + 1, code));
    }

    /// Passes new connections on to another address: the server came back elsewhere.
    pub fn retarget(&self, target: SocketAddr) {
        *locked(&self.target) = target;
    }

    /// The requests that began since this was asked last, such as `GET /health`, without their queries.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut *locked(&self.notes.requests))
    }

    /// What happens to the next `POST` request to `path`, after whatever was planned for it before. `PUT /path` means another
    /// method.
    pub fn meddle(&self, path: &'static str, meddling: Meddling) {
        locked(&self.notes.meddlings).push_back((path, meddling));
    }

    /// The keys of all `POST` requests to `path` so far, in order, also of those that were meddled with.
    pub fn keys(&self, path: &str) -> Vec<String> {
        let wanted = format!("POST {path}");
        locked(&self.notes.keys).iter().filter(|(request, _)| *request == wanted).map(|(_, key)| key.clone()).collect()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.set(Link::Cut);
    }
}

async fn pass(client: TcpStream, target: SocketAddr, mut state: watch::Receiver<State>, notes: Arc<Notes>) {
    let cuts = state.borrow().cuts;
    let link = state.borrow().link;
    match link {
        Link::Cut => return,
        Link::Intercepted(page) => return intercept(client, page).await,
        _ => {}
    }
    let Ok(server) = TcpStream::connect(target).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (to_server, to_client) = (Half::new(to_server), Half::new(to_client));
    let replacement: Replacement = Arc::default();
    let asking = Asking { notes, back: to_client.clone(), replacement: Arc::clone(&replacement) };
    let there = pump(from_client, to_server, state.clone(), Err(asking));
    let back = pump(from_server, to_client, state.clone(), Ok(replacement));
    let cut = state.wait_for(|now| now.cuts != cuts || now.link == Link::Cut);
    tokio::select! {
        () = there => {}
        () = back => {}
        _ = cut => {}
    }
}

/// Reads a request to its end, answers it, and closes.
async fn intercept(mut client: TcpStream, page: Page) {
    let mut buffer = vec![0; 16 * 1024];
    // A request has ended when nothing more comes: enough for what reads requests only to answer all of them alike.
    let quiet = Duration::from_millis(50);
    while let Ok(Ok(1..)) = tokio::time::timeout(quiet, client.read(&mut buffer)).await {}
    let _ = client.write_all(page.answer().as_bytes()).await;
    let _ = client.shutdown().await;
}

/// The method and the path of a request, where a piece begins one.
fn request_of(piece: &[u8]) -> Option<String> {
    let line = std::str::from_utf8(&piece[..piece.iter().position(|byte| *byte == b'\r')?]).ok()?;
    let (request, _) = line.rsplit_once(" HTTP/1.1")?;
    Some(request.split('?').next().unwrap_or_default().to_owned())
}

/// The key that a request carries in its head.
fn key_of(piece: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(piece);
    let (_, key) = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("idempotency-key"))?;
    Some(key.to_owned())
}

/// What takes the place of a connection's next answer.
type Replacement = Arc<Mutex<Option<Page>>>;

/// What the side of requests needs.
struct Asking {
    notes: Arc<Notes>,
    back: Half,
    replacement: Replacement,
}

impl Asking {
    /// Writes a request down, and says what answers it when it must not go on.
    fn begins(&self, request: String, piece: &[u8], link: Link) -> Option<Page> {
        let is_post = request.starts_with("POST ");
        if is_post {
            locked(&self.notes.keys).push((request.clone(), key_of(piece).unwrap_or_default()));
        }
        if let (Link::PostsIntercepted(page), true) = (link, is_post) {
            return Some(page);
        }
        match self.notes.meddling(&request) {
            Some(Meddling::Answered(page)) => return Some(page),
            Some(Meddling::AnswerReplaced(page)) => *locked(&self.replacement) = Some(page),
            None => {}
        }
        locked(&self.notes.requests).push(request);
        None
    }
}

/// Passes on one direction: answers with what may take their place, or requests.
async fn pump(mut from: OwnedReadHalf, to: Half, mut state: watch::Receiver<State>, role: Result<Replacement, Asking>) {
    let is_answer = role.is_ok();
    let closes = state.borrow().closes.0;
    let mut is_socket = false;
    let mut orders = state.clone();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            Some(code) = async { orders.wait_for(|now| now.closes.0 != closes).await.ok().map(|now| now.closes.1) },
                if is_answer => {
                let [high, low] = u16::to_be_bytes(code);
                if is_socket {
                    to.write_last(&[0x88, 2, high, low]).await;
                }
                return;
            }
        };
        let Ok(read @ 1..) = read else { return };
        if let (true, Link::Garbled { find, put }) = (is_answer, state.borrow().link) {
            assert_eq!(find.len(), put.len(), "lengths are told in heads");
            for at in 0..read.saturating_sub(find.len() - 1) {
                if buffer[at..].starts_with(find.as_bytes()) {
                    buffer[at..at + put.len()].copy_from_slice(put.as_bytes());
                }
            }
        }
        let piece = &buffer[..read];
        is_socket |= is_answer && piece.starts_with(b"HTTP/1.1 101 ");
        let link = state.borrow().link;
        match &role {
            Ok(replacement) => {
                let page = locked(replacement).take();
                if let Some(page) = page {
                    return to.write_last(page.answer().as_bytes()).await;
                }
            }
            Err(asking) => {
                let page = request_of(piece).and_then(|request| asking.begins(request, piece, link));
                if let Some(page) = page {
                    // Whatever else belongs to the request goes nowhere.
                    asking.back.write_last(page.answer().as_bytes()).await;
                    let quiet = Duration::from_millis(200);
                    while let Ok(Ok(1..)) = tokio::time::timeout(quiet, from.read(&mut buffer)).await {}
                    return;
                }
            }
        }
        match link {
            Link::Up | Link::PostsIntercepted(_) | Link::Garbled { .. } => {}
            Link::Cut | Link::Intercepted(_) => return,
            Link::Slow(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
            Link::SlowAnswers(ms) if is_answer && !is_socket => tokio::time::sleep(Duration::from_millis(ms)).await,
            Link::PushesLost if is_socket => continue,
            Link::SlowAnswers(_) | Link::PushesLost => {}
            // What was on the way when the hole opened is gone with the connection.
            Link::BlackHole => drop(state.wait_for(|now| now.link == Link::Cut).await),
            Link::AnswersLost if is_answer => return,
            Link::AnswersLost => {}
        }
        if to.write(piece).await.is_err() {
            return;
        }
    }
}

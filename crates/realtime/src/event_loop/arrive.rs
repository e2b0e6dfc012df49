//! How sockets arrive: accepted by the listener and heard out about what they want, or handed over by somebody who has
//! answered their upgrade.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed},
    time::{SystemTime, UNIX_EPOCH},
};

use guildhall_pusher::{close::CloseCode, connection::Connection, frame};
use mio::{
    Interest, Token,
    net::{TcpListener, TcpStream},
};

use super::{CLOSE_MS, EventLoop};
use crate::{
    api,
    batch::Chain,
    door::{self, ApiRequest, Upgrade, Wish},
    hub::{Hub, Seat, Stray},
    inbox::{Command, NewSocket},
    socket::{Http, Rare, Socket, State},
    stream::Stream,
    websocket::{close_frame, text_frame},
};

/// The token of the listener.
pub const LISTENER: Token = Token(usize::MAX - 1);
/// How long a connection may take for one request, and how long it may rest between two, milliseconds.
const HTTP_MS: i64 = 15_000;
const HTTP_REST_MS: i64 = 60_000;
/// How long accepting rests when the system gives no more sockets, milliseconds.
const ACCEPT_REST_MS: i64 = 100;

/// The listener of the first loop.
pub struct Door {
    pub listener: TcpListener,
    /// When to try again after the system had no socket to give.
    pub again_at: Option<i64>,
}

impl EventLoop {
    /// Accepts whoever waits; the sockets go to the loops in turn.
    pub(super) fn accept(&mut self) {
        loop {
            let Some(door) = self.door.as_mut() else { return };
            door.again_at = None;
            match door.listener.accept() {
                Ok((stream, address)) => {
                    let address = address.ip().to_canonical();
                    let turn = self.shared.next_loop.fetch_add(1, Relaxed) % self.shared.inboxes.len();
                    if turn == self.index {
                        self.admit(stream, address);
                    } else {
                        self.shared.inboxes[turn].push(Command::Accepted { stream, address });
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return,
                Err(e) if matches!(e.kind(), io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted) => {}
                Err(error) => {
                    tracing::warn!(%error, "no connection can be accepted for a moment");
                    door.again_at = Some(self.now + ACCEPT_REST_MS);
                    return;
                }
            }
        }
    }

    /// Takes in a socket that was accepted and has said nothing yet.
    pub(super) fn admit(&mut self, stream: TcpStream, address: IpAddr) {
        if self.shared.draining.load(Relaxed) {
            return;
        }
        // A socket that is gone already is found out when it is read.
        let _ = stream.set_nodelay(true);
        let until = self.now + HTTP_MS;
        let state = State::Http(Box::new(Http { until, arrived: Vec::new() }));
        if let Some((place, _)) = self.place(Stream::Plain(stream), address, None, state) {
            self.look_at(place, until);
        }
    }

    /// Takes in a socket whose upgrade was answered elsewhere.
    pub(super) fn adopt(&mut self, new: NewSocket) {
        let NewSocket { stream, early, app, address, client } = new;
        let buffered = stream.is_buffered();
        let state = State::Closing { until: self.now + CLOSE_MS };
        let Some((place, nonce)) = self.place(stream, address, client, state) else { return };
        self.open(place, nonce, app, &[]);
        let id = self.id(place, nonce);
        #[cfg(test)]
        self.log.push(crate::simulation::Log::Adopted(id));
        if !early.is_empty() {
            self.early.push((id, early));
        }
        if buffered {
            // Bytes that came through TLS together with the upgrade make no event of their own.
            self.again.push(place);
        }
    }

    /// Gives a socket its place; `None` when it cannot have one.
    fn place(
        &mut self,
        mut stream: Stream,
        address: IpAddr,
        client: Option<Arc<str>>,
        state: State,
    ) -> Option<(u32, u32)> {
        let Some(counted_address) = self.admit_address(address) else {
            tracing::debug!(%address, "too many connections from one address");
            // A reason, where one can be given: who spoke HTTP gets its status, who speaks WebSocket its code.
            let code = CloseCode::OverCapacity.number();
            let words = "Too many connections from one address";
            let bytes = match state {
                State::Http(_) => {
                    b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec()
                }
                _ => [text_frame(&frame::error(Some(code), words)), close_frame(code, words)].concat(),
            };
            let _ = stream.write(&bytes);
            stream.finish();
            return None;
        };
        let entry = self.sockets.vacant_entry();
        let place = entry.key() as u32;
        let nonce = rand::random::<u32>();
        let interests = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = self.poll.registry().register(&mut stream, Token(entry.key()), interests) {
            tracing::error!(%error, "a socket cannot be watched");
            self.shared.leave_address(address, counted_address);
            return None;
        }
        let rare = Rare {
            address,
            counted_address,
            client,
            bound: None,
            revoked: BTreeMap::new(),
            connected_at: self.now,
            frames_in: 0,
            last_error: None,
            said_all: false,
        };
        entry.insert(Socket {
            stream,
            state,
            nonce,
            timer: 0,
            app: None,
            chain: Chain::default(),
            reader: Default::default(),
            backlog: None,
            rare: Box::new(rare),
        });
        Some((place, nonce))
    }

    fn admit_address(&self, address: IpAddr) -> Option<bool> {
        let max = self.shared.options.connections_per_address_max;
        // A proxy on this machine speaks for everybody.
        if max == usize::MAX || address == Ipv4Addr::LOCALHOST || address == Ipv6Addr::LOCALHOST {
            return Some(false);
        }
        let mut addresses = self.shared.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let count = addresses.entry(address).or_default();
        (*count < max).then(|| *count += 1).map(|()| true)
    }

    /// Greets a client whose upgrade is answered, or says why not. `answer`: what must go before, as one piece with the
    /// first frame, which it does not count beside.
    fn open(&mut self, place: u32, nonce: u32, app: Result<usize, (CloseCode, String)>, answer: &[u8]) {
        let app = app.and_then(|app| self.shared.admit(app).map(|()| app));
        let socket = &mut self.sockets[place as usize];
        match app {
            Ok(app) => {
                let settings = Arc::clone(&self.shared.settings[app]);
                let timeout_s = self.shared.options.activity_timeout_s;
                socket.app = u32::try_from(app).ok();
                let id = self.id(place, nonce);
                let (connection, greeting) = Connection::open(settings, id, timeout_s, self.now);
                let deadline = connection.deadline();
                let (name, address) =
                    (&self.shared.settings[app].credentials.id, self.sockets[place as usize].rare.address);
                tracing::debug!(app = name, socket = %id, %address, "connected");
                self.sockets[place as usize].state = State::Open(Box::new(connection));
                self.look_at(place, deadline);
                self.send(place, [answer, &text_frame(&greeting)].concat().into());
            }
            Err((code, words)) => {
                tracing::debug!(code = code.number(), words, "a connection is refused");
                let until = self.now + CLOSE_MS;
                socket.state = State::Closing { until };
                self.look_at(place, until);
                // The client waits for the reason as for the answer to its connection.
                let reason = text_frame(&frame::error(Some(code.number()), &words));
                self.send(place, [answer, &reason].concat().into());
                self.send(place, close_frame(code.number(), &words));
            }
        }
    }

    /// Somebody who has not been upgraded says something.
    pub(super) fn on_request(&mut self, place: u32, bytes: &[u8]) {
        let (until, rests_until) = (self.now + HTTP_MS, self.now + HTTP_REST_MS);
        let Some(socket) = self.get(place) else { return };
        let State::Http(http) = &mut socket.state else { return };
        if http.arrived.is_empty() {
            http.until = until;
        }
        http.arrived.extend_from_slice(bytes);
        let mut arrived = std::mem::take(&mut http.arrived);
        loop {
            let loopback_only = self.shared.loopback_only.load(Relaxed);
            match door::look(&arrived, loopback_only) {
                Wish::Unclear => {
                    let Some(socket) = self.get(place) else { return };
                    if let State::Http(http) = &mut socket.state {
                        if arrived.is_empty() {
                            http.until = rests_until;
                        }
                        http.arrived = arrived;
                    }
                    return;
                }
                Wish::Upgrade(upgrade) => return self.upgrade(place, upgrade, &arrived),
                Wish::Api(request) => {
                    let keep = self.answer(place, &request, &arrived);
                    arrived.drain(..request.body.end);
                    if !keep {
                        return;
                    }
                }
                Wish::Other => return self.hand_over(place, arrived),
            }
        }
    }

    fn upgrade(&mut self, place: u32, upgrade: Upgrade, arrived: &[u8]) {
        let (path, query) = upgrade.target.split_once('?').unwrap_or((&upgrade.target, ""));
        let chosen = door::choose(&Hub(Arc::clone(&self.shared)), path, query, upgrade.origin.as_deref());
        let early = arrived[upgrade.length..].to_vec();
        let nonce = self.sockets[place as usize].nonce;
        self.sockets[place as usize].rare.client = chosen.client;
        self.open(place, nonce, chosen.app, upgrade.answer.as_bytes());
        if !early.is_empty() {
            self.early.push((self.id(place, nonce), early));
        }
    }

    /// Answers a request to the signed API. Whether the connection stays open.
    fn answer(&mut self, place: u32, request: &ApiRequest, arrived: &[u8]) -> bool {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let hub = Hub(Arc::clone(&self.shared));
        let body = &arrived[request.body.clone()];
        let asked = api::Request {
            method: &request.method,
            path,
            prefix: "",
            query,
            body,
            now_s: i64::try_from(now_s).unwrap_or(i64::MAX),
        };
        let answer = api::answer(&hub, asked);
        let made;
        let id = match &request.request_id {
            Some(id) => id,
            None => {
                made = format!("{:016x}", rand::random::<u64>());
                &made
            }
        };
        tracing::debug!(request.id = id, method = request.method, path, status = answer.status, "request");
        let text = format!(
            "HTTP/1.1 {} {}\r\ncontent-type: application/json\r\naccess-control-allow-origin: *\r\nx-request-id: {id}\r\ncontent-length: {}\r\n{}{}\r\n{}",
            answer.status,
            answer.reason(),
            answer.body.len(),
            if request.keep { "" } else { "connection: close\r\n" },
            answer.retry_after_s().map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default(),
            answer.body
        );
        self.send(place, text.as_bytes().into());
        if !request.keep {
            let until = self.now + CLOSE_MS;
            let socket = &mut self.sockets[place as usize];
            let nonce = socket.nonce;
            socket.state = State::Closing { until };
            self.look_at(place, until);
            self.finishing.push(self.id(place, nonce));
        }
        request.keep
    }

    /// Gives a connection to the rest of the server, with what it said so far.
    fn hand_over(&mut self, place: u32, arrived: Vec<u8>) {
        // An answer that has not left yet would be overtaken.
        self.flush();
        let Some(socket) = self.get(place) else { return };
        if socket.backlog.is_some() {
            return self.remove(place, true);
        }
        let mut socket = self.sockets.remove(place as usize);
        let _ = self.poll.registry().deregister(&mut socket.stream);
        let address = socket.rare.address;
        // It counts on for its address, whoever serves it.
        let seat = Seat { shared: Arc::clone(&self.shared), address, counted: socket.rare.counted_address };
        if let Stream::Plain(stream) = socket.stream {
            self.shared.watcher.stray(Stray { stream: stream.into(), arrived, address, seat });
        }
    }
}

//! The real hub and loops, the clients at their other ends, and the model beside them.

use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
};

use guildhall_pusher::{auth::App, frame::Frame, settings::AppSettings, socket_id::SocketId};
use mio::Token;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};

use super::{
    draw::{self, Act, Say},
    model::{Heard, Item, Model, Phase},
    pipe::{Client as Pipe, pipe},
};
use crate::{
    clock::{Clock, Other},
    event_loop::{EventLoop, Ready},
    hub::{Hub, Nobody, Options, Published},
    inbox::{Binding, Bound, NewSocket},
    stream::Stream,
};

/// Bytes that may wait for one reader.
const WAITING_BYTES_MAX: usize = 1_500;

/// A client: its end of the link, and how far it has come.
struct Client {
    pipe: Pipe,
    /// Whether it reads.
    reads: bool,
    /// What it read that is no whole frame yet.
    heard: Vec<u8>,
    /// How much of what is expected it has heard.
    got: usize,
    /// What it said as a whole, and no loop has heard.
    said: Vec<Say>,
    /// The rest of something that it said by half.
    half: Option<(Vec<u8>, Say)>,
    /// The system has room for it again.
    writable: bool,
    /// It was found too slow.
    was_cut: bool,
}

type Answers = Arc<Mutex<Vec<Option<Binding>>>>;

pub struct World {
    rng: StdRng,
    hub: Hub,
    loops: Vec<EventLoop>,
    model: Model,
    clients: Vec<Client>,
    answers: Answers,
    /// The number of the last binding of each client.
    bindings: Vec<(usize, usize)>,
    said: u64,
    ending: bool,
}

fn app() -> App {
    App { id: "1".into(), key: "key".into(), secret: "secret".into() }
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut settings = AppSettings::from(app());
        settings.limits.client_events_per_second_max = u32::MAX;
        settings.limits.waiting_bytes_max = WAITING_BYTES_MAX;
        let loops = rng.random_range(1..=3);
        let options = Options { loops, activity_timeout_s: 1_000_000, connections_per_address_max: usize::MAX };
        let apps = vec![(settings, Arc::default())];
        let (hub, event_loops) =
            Hub::build(apps, options, Arc::new(Nobody), Clock::by_hand()).expect("an event queue for each loop");
        Self {
            rng,
            hub,
            loops: event_loops,
            model: Model::new(loops, app()),
            clients: Vec::new(),
            answers: Answers::default(),
            bindings: Vec::new(),
            said: 0,
            ending: false,
        }
    }

    /// One thing happens.
    pub fn step(&mut self) {
        self.said += 1;
        match self.rng.random_range(0..100) {
            0 if self.rng.random_bool(0.2) => self.many_arrive(),
            0..38 => self.client_says(),
            38..66 => {
                let act = draw::act(&mut self.rng, self.clients.len(), self.said);
                self.act(&act);
            }
            66..92 => {
                let at = self.rng.random_range(0..self.loops.len());
                self.turn(at);
            }
            92..95 => self.client_changes(),
            95..97 => {
                let ms = self.rng.random_range(1..12_000);
                self.hub.0.clock.turn(ms);
                self.model.now += ms;
            }
            _ => self.client_reads(),
        }
    }

    fn many_arrive(&mut self) {
        for _ in 0..self.rng.random_range(8..48) {
            let act = draw::arrival(&mut self.rng);
            self.act(&act);
        }
    }

    fn some_client(&mut self) -> Option<usize> {
        if self.clients.is_empty() {
            return None;
        }
        // The newer ones more often: the older ones are over.
        let newest = self.clients.len();
        let from = newest.saturating_sub(14);
        Some(self.rng.random_range(from..newest))
    }

    fn client_says(&mut self) {
        let Some(n) = self.some_client() else { return };
        if self.model.clients[n].id.is_none() || self.clients[n].pipe.is_over() {
            return;
        }
        if let Some((rest, say)) = self.clients[n].half.take() {
            self.clients[n].pipe.say(&rest);
            self.clients[n].said.push(say);
            return;
        }
        let say = draw::say(&mut self.rng, n, self.said);
        let bytes = self.bytes_of(n, say);
        if self.rng.random_bool(0.05) {
            let at = self.rng.random_range(1..bytes.len());
            self.clients[n].pipe.say(&bytes[..at]);
            self.clients[n].half = Some((bytes[at..].to_vec(), say));
        } else {
            self.clients[n].pipe.say(&bytes);
            self.clients[n].said.push(say);
            // Somebody who says it twice is gone before the first one is answered, and the place may be taken at once.
            if matches!(say, Say::Close) && self.rng.random_bool(0.5) {
                self.clients[n].pipe.say(&bytes);
                self.clients[n].said.push(say);
                self.many_arrive();
            }
        }
    }

    fn bytes_of(&self, n: usize, say: Say) -> Vec<u8> {
        match self.model.text_of(n, say) {
            Some(text) => masked(1, text.as_bytes()),
            None => masked(8, &1_000_u16.to_be_bytes()),
        }
    }

    fn client_changes(&mut self) {
        let Some(n) = self.some_client() else { return };
        match self.rng.random_range(0..10) {
            0..5 => self.clients[n].reads = !self.clients[n].reads,
            5..7 => self.clients[n].pipe.half_close(),
            _ => {
                self.clients[n].pipe.break_off();
                // From now on the loop may find out at any time, by writing too.
                self.model.clients[n].lost = true;
            }
        }
    }

    /// Another thread does something now.
    fn act(&mut self, act: &Act) {
        if let Act::Grant { client, channel } = act {
            let last = self.bindings.iter().rev().find(|(bound, _)| bound == client).map(|(_, n)| *n);
            let answer = last.and_then(|n| self.answers.lock().expect("one thread")[n]);
            if let (Some(Binding::Bound(Some(lost))), Some(id)) = (answer, self.model.clients[*client].id) {
                self.hub.grant(id, channel, lost);
                self.model.grant(*client, channel, lost);
            }
            return;
        }
        self.do_it(act, true)();
        self.model.act(act);
    }

    /// What is to be done for an act. `now`: or by another thread, in the middle of a turn.
    fn do_it(&mut self, act: &Act, now: bool) -> Other {
        let hub = self.hub.clone();
        match act.clone() {
            Act::Open { room, early, broken } => {
                let n = self.clients.len();
                let (end, client) = pipe(room);
                if broken {
                    client.break_off();
                }
                self.clients.push(Client {
                    pipe: client,
                    reads: true,
                    heard: Vec::new(),
                    got: 0,
                    said: Vec::new(),
                    half: None,
                    writable: false,
                    was_cut: false,
                });
                let early = early.iter().flat_map(|say| self.bytes_of(n, *say)).collect();
                let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
                let new = NewSocket { stream: Stream::Memory(end), early, app: Ok(0), address, client: None };
                Box::new(move || hub.adopt(new))
            }
            Act::Publish { channel, n, except } => {
                let except = except.and_then(|client| self.model.clients[client].id);
                Box::new(move || {
                    let data = serde_json::json!({ "n": n }).to_string();
                    let event = Published { channel, event: "news", data: &data, seq: None, except_socket: None };
                    hub.publish_as(0, &event, except, None).expect("there is room");
                })
            }
            Act::Bind { client, user, token, channel } => {
                let n = self.bindings.len();
                self.bindings.push((client, n));
                let answers = Arc::clone(&self.answers);
                answers.lock().expect("one thread").push(None);
                let id = self.model.clients[client].id;
                Box::new(move || {
                    let answer = move |binding| answers.lock().expect("one thread")[n] = Some(binding);
                    match id {
                        Some(id) => hub.bind(id, Bound { user, token }, Some(channel), answer),
                        None => answer(Binding::Unknown),
                    }
                })
            }
            Act::CloseToken(token) => Box::new(move || hub.close_token(token)),
            Act::CloseUser(user) => Box::new(move || hub.close_user(user)),
            Act::Revoke { channel, user } => Box::new(move || hub.revoke(0, channel, user, "gone")),
            Act::Terminate(user) => Box::new(move || hub.terminate(0, &user.to_string())),
            Act::Grant { .. } => unreachable!("done elsewhere, and never in between: {now}"),
        }
    }

    /// What other threads may do in the middle of a turn: what needs nobody who is not here yet.
    fn others(&mut self) -> (Vec<Other>, VecDeque<Vec<Act>>) {
        let (mut to_do, mut acts) = (Vec::new(), VecDeque::new());
        if self.ending || self.rng.random_bool(0.5) {
            return (to_do, acts);
        }
        for _ in 0..self.rng.random_range(1..3) {
            let act = draw::act(&mut self.rng, self.clients.len(), self.said);
            let in_between = match act {
                Act::Publish { except: None, .. } | Act::Open { .. } => true,
                Act::Grant { .. } | Act::Bind { .. } | Act::Publish { .. } => false,
                Act::CloseToken(_) | Act::CloseUser(_) | Act::Revoke { .. } | Act::Terminate(_) => true,
            };
            if in_between {
                to_do.push(self.do_it(&act, false));
                acts.push_back(vec![act]);
            }
        }
        (to_do, acts)
    }

    /// A loop has its turn: some of its clients are heard, in some order.
    fn turn(&mut self, at: usize) {
        let mut mine: Vec<usize> = (0..self.clients.len())
            .filter(|n| {
                // Who lost the place is not told of: it may be somebody else's.
                let known = &self.model.clients[*n];
                known.at == at && known.id.is_some_and(|id| self.loops[at].has(id))
            })
            .filter(|n| {
                let client = &self.clients[*n];
                client.pipe.has_said() || client.pipe.is_over() || client.writable
            })
            .collect();
        mine.shuffle(&mut self.rng);
        mine.truncate(self.rng.random_range(1..12));
        let (mut ready, mut heard) = (Vec::new(), Vec::new());
        for n in mine {
            let client = &mut self.clients[n];
            let id = self.model.clients[n].id.expect("it has one");
            let over = client.pipe.is_over();
            ready.push(Ready {
                token: Token((id.place >> 8) as usize),
                readable: client.pipe.has_said() || over,
                writable: std::mem::take(&mut client.writable),
                ended: over,
            });
            let readable = client.pipe.has_said() || over;
            let said = std::mem::take(&mut client.said);
            let broken = client.pipe.is_broken();
            heard.push(Heard { client: n, said, readable, half_closed: over && !broken, broken });
        }
        let (to_do, acts) = self.others();
        self.hub.0.clock.let_others(to_do);
        self.loops[at].turn(ready.into_iter());
        // Those whose moment did not come do it now.
        while self.hub.0.clock.interrupt() {}
        let log = std::mem::take(&mut self.loops[at].log);
        self.model.turn(at, heard, acts, log);
        self.loops[at].check_books();
        self.check_slow();
        for n in 0..self.clients.len() {
            if self.model.clients[n].at == at {
                self.hear(n);
            }
        }
        self.compare();
    }

    /// Whoever was found too slow just now had much to hear that they did not: nobody else is taken for one.
    fn check_slow(&mut self) {
        for (client, known) in self.clients.iter_mut().zip(&self.model.clients) {
            let Some(cut) = known.cut.filter(|_| !std::mem::replace(&mut client.was_cut, known.cut.is_some())) else {
                continue;
            };
            // A greeting is shorter than that.
            let length = |item: &Item| if let Item::Text(text) = item { text.len() + 4 } else { 200 };
            let unheard: usize = known.expected[client.got.min(cut)..cut].iter().map(length).sum();
            assert!(unheard > WAITING_BYTES_MAX, "too slow with {unheard} bytes: {known:?}");
        }
    }

    fn client_reads(&mut self) {
        if let Some(n) = self.some_client() {
            self.hear(n);
        }
    }

    /// A client that reads compares what it hears with what it should.
    fn hear(&mut self, n: usize) {
        let (client, known) = (&mut self.clients[n], &self.model.clients[n]);
        if !client.reads || client.pipe.is_broken() {
            return;
        }
        let bytes = client.pipe.hear();
        client.writable |= !bytes.is_empty();
        client.heard.extend(bytes);
        while let Some((item, length)) = item(&client.heard) {
            client.heard.drain(..length);
            let right = known.expected.get(client.got) == Some(&item);
            let cut = known.cut.filter(|cut| client.got <= *cut && known.expected.get(*cut) == Some(&item));
            match (right, cut) {
                (true, _) => client.got += 1,
                (false, Some(cut)) => client.got = cut + 1,
                (false, None) => panic!(
                    "client {n} heard {item:?} instead of {:?}; it knows {known:?}",
                    known.expected.get(client.got)
                ),
            }
        }
        // What is left out on a connection that stays open would be missed here.
        if known.phase == Phase::Open && client.heard.is_empty() && bytes_waiting(&self.loops[known.at], known.id) == 0
        {
            assert_eq!(client.got, known.expected.len(), "client {n} has heard all there is: {known:?}");
        }
    }

    /// What the directory says of each channel.
    fn compare(&mut self) {
        for (name, channel) in &self.model.channels {
            let info = self.hub.channel(0, name).unwrap_or_default();
            assert_eq!(info.subscription_count, channel.holders.len() + channel.roster.away(), "{name}");
            assert_eq!(info.user_count, channel.roster.len(), "{name}");
            let members: Vec<&str> = channel.roster.user_ids().collect();
            assert_eq!(self.hub.members(0, name), members, "{name}");
        }
        let answers = self.answers.lock().expect("one thread");
        for (n, binding) in self.model.bindings.iter().enumerate() {
            assert_eq!(answers[n], *binding, "binding {n}");
        }
    }

    /// Everybody reads what is left, and goes; nothing is remembered of anybody.
    pub fn end(mut self) {
        self.ending = true;
        for n in 0..self.clients.len() {
            self.clients[n].reads = true;
        }
        for _ in 0..4 {
            for n in 0..self.clients.len() {
                self.hear(n);
            }
            self.all_turn();
        }
        for n in 0..self.clients.len() {
            self.clients[n].pipe.break_off();
            self.model.clients[n].lost = true;
        }
        while self.model.clients.iter().any(|client| client.phase != Phase::Over) {
            self.all_turn();
        }
        self.hub.0.clock.turn(3_600_000);
        self.model.now += 3_600_000;
        self.all_turn();
        self.all_turn();
        assert!(self.loops.iter().all(EventLoop::is_empty), "a loop remembers a channel");
        assert!(self.hub.0.with_directory(|d, _| d.is_empty()), "the directory remembers somebody");
        assert_eq!((self.hub.metrics(0).subscriptions.get(), self.hub.len()), (0, 0));
    }

    fn all_turn(&mut self) {
        for _ in 0..=self.clients.len() / 6 {
            for at in 0..self.loops.len() {
                self.turn(at);
            }
        }
    }
}

fn bytes_waiting(event_loop: &EventLoop, id: Option<SocketId>) -> usize {
    id.map_or(0, |id| event_loop.waiting_bytes(id))
}

/// A client's frame.
fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [1, 2, 3, 4];
    let mut bytes = vec![0x80 | opcode];
    match payload.len() {
        short @ 0..126 => bytes.push(0x80 | short as u8),
        long => {
            bytes.push(0x80 | 126);
            bytes.extend((long as u16).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// The first whole frame of a server, and its length.
fn item(bytes: &[u8]) -> Option<(Item, usize)> {
    let (length, from) = match *bytes.get(1)? {
        126 => (usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
        short => (usize::from(short), 2),
    };
    let payload = bytes.get(from..from + length)?;
    let item = match bytes[0] & 15 {
        8 => Item::Close(payload.get(..2).map_or(0, |code| u16::from_be_bytes([code[0], code[1]]))),
        _ => {
            let text = std::str::from_utf8(payload).expect("text");
            let greeting = Frame::parse(text).is_ok_and(|f| f.event == "pusher:connection_established");
            if greeting { Item::Greeting } else { Item::Text(text.to_owned()) }
        }
    };
    Some((item, from + length))
}

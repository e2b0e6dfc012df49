//! What must come of it all, in names and sets: no numbers of channels, no places, no tags.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use guildhall_pusher::{
    auth::App,
    channel, frame,
    limits::CACHE_MS,
    presence::{Joined, Member, RETURN_MS, Roster},
    socket_id::SocketId,
};
use serde_json::json;

use super::{
    Log,
    draw::{Act, Say},
};
use crate::inbox::Binding;

/// Something that a client hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// With an id that nobody can foretell.
    Greeting,
    Text(String),
    Close(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Arriving,
    Open,
    Over,
}

#[derive(Debug)]
pub struct Client {
    pub at: usize,
    pub id: Option<SocketId>,
    pub phase: Phase,
    held: Vec<(String, Option<Member>)>,
    joined: BTreeSet<String>,
    bound: Option<(i64, i64)>,
    revoked: BTreeMap<String, u64>,
    user: Option<String>,
    pub expected: Vec<Item>,
    /// It was too slow: what it gets ends somewhere before this, with whole frames, and goes on here.
    pub cut: Option<usize>,
    /// Its link broke: it gets a beginning of what is expected.
    pub lost: bool,
}

#[derive(Debug)]
enum Waits {
    Adopt(usize, Vec<Say>),
    Event { channel: String, text: String, except: Option<usize> },
    Join { client: usize, channel: String, frames: Vec<String> },
    Bind { client: usize, user: i64, token: i64, channel: String, n: usize },
    Grant { client: usize, channel: String, lost: u64 },
    CloseBound { user: Option<i64>, token: Option<i64> },
    Revoke { channel: String, user: i64 },
    Close(usize),
    CloseMember(String),
}

#[derive(Default)]
struct Loop {
    inbox: VecDeque<Waits>,
    early: Vec<(usize, Vec<Say>)>,
    losses: u64,
    /// Commands carried out so far.
    carried_out: u64,
}

#[derive(Default)]
pub struct Channel {
    pub holders: BTreeSet<usize>,
    pub roster: Roster,
    cached: Option<(String, i64)>,
}

pub struct Model {
    pub clients: Vec<Client>,
    pub channels: BTreeMap<String, Channel>,
    pub now: i64,
    /// What each binding must have been answered with, by its number.
    pub bindings: Vec<Option<Binding>>,
    loops: Vec<Loop>,
    users: BTreeMap<String, BTreeMap<SocketId, usize>>,
    due: BTreeSet<(i64, String)>,
    next_loop: usize,
    app: App,
    log: VecDeque<Log>,
    ended: Vec<SocketId>,
    others: VecDeque<Vec<Act>>,
}

/// A client whose turn it is.
pub struct Heard {
    pub client: usize,
    pub said: Vec<Say>,
    /// Whether the loop reads from it, whatever is whole of what it said.
    pub readable: bool,
    pub half_closed: bool,
    pub broken: bool,
}

impl Model {
    pub fn new(loops: usize, app: App) -> Self {
        Self {
            clients: Vec::new(),
            channels: BTreeMap::new(),
            now: 0,
            bindings: Vec::new(),
            loops: (0..loops).map(|_| Loop::default()).collect(),
            users: BTreeMap::new(),
            due: BTreeSet::new(),
            next_loop: 0,
            app,
            log: VecDeque::new(),
            ended: Vec::new(),
            others: VecDeque::new(),
        }
    }

    /// Another thread did something. `lost`: what a binding had said, for a grant; `n` its number, for a binding.
    pub fn act(&mut self, act: &Act) {
        match act {
            Act::Open { early, broken, .. } => {
                let at = self.next_loop % self.loops.len();
                self.next_loop += 1;
                self.loops[at].inbox.push_back(Waits::Adopt(self.clients.len(), early.clone()));
                self.clients.push(Client {
                    at,
                    id: None,
                    phase: Phase::Arriving,
                    held: Vec::new(),
                    joined: BTreeSet::new(),
                    bound: None,
                    revoked: BTreeMap::new(),
                    user: None,
                    expected: Vec::new(),
                    cut: None,
                    lost: *broken,
                });
            }
            Act::Publish { channel, n, except } => {
                let data = json!({ "n": n }).to_string();
                let text = frame::event("news", channel, &data, None, None);
                let except = except.filter(|client| self.clients[*client].id.is_some());
                self.publish(channel, text, except);
            }
            Act::Bind { client, user, token, channel } => {
                let n = self.bindings.len();
                self.bindings.push(None);
                let Client { at, id: Some(_), .. } = self.clients[*client] else {
                    self.bindings[n] = Some(Binding::Unknown);
                    return;
                };
                let bind =
                    Waits::Bind { client: *client, user: *user, token: *token, channel: (*channel).to_owned(), n };
                self.loops[at].inbox.push_back(bind);
            }
            // Needs what was answered: see `grant`.
            Act::Grant { .. } => {}
            Act::CloseToken(token) => self.tell_all(|| Waits::CloseBound { user: None, token: Some(*token) }),
            Act::CloseUser(user) => self.tell_all(|| Waits::CloseBound { user: Some(*user), token: None }),
            Act::Revoke { channel, user } => {
                self.tell_all(|| Waits::Revoke { channel: (*channel).to_owned(), user: *user });
            }
            Act::Terminate(user) => {
                let user = user.to_string();
                let sockets: Vec<usize> =
                    self.users.get(&user).into_iter().flat_map(|sockets| sockets.values().copied()).collect();
                for client in sockets {
                    let at = self.clients[client].at;
                    self.loops[at].inbox.push_back(Waits::Close(client));
                }
                self.tell_all(|| Waits::CloseMember(user.clone()));
            }
        }
    }

    pub fn grant(&mut self, client: usize, channel: &str, lost: u64) {
        let at = self.clients[client].at;
        self.loops[at].inbox.push_back(Waits::Grant { client, channel: channel.to_owned(), lost });
    }

    fn tell_all(&mut self, make: impl Fn() -> Waits) {
        for each in &mut self.loops {
            each.inbox.push_back(make());
        }
    }

    fn publish(&mut self, name: &str, text: String, except: Option<usize>) {
        let now = self.now;
        if channel::is_cache(name) {
            self.channels.entry(name.to_owned()).or_default().cached = Some((text.clone(), now + CACHE_MS));
        }
        self.event(name, text, except);
    }

    /// Tells the loops that have anybody who holds the channel.
    fn event(&mut self, name: &str, text: String, except: Option<usize>) {
        let holders = self.channels.get(name).into_iter().flat_map(|channel| &channel.holders);
        let loops: BTreeSet<usize> = holders.map(|client| self.clients[*client].at).collect();
        for at in loops {
            let event = Waits::Event { channel: name.to_owned(), text: text.clone(), except };
            self.loops[at].inbox.push_back(event);
        }
    }

    /// A loop had its turn: these were heard, in this order, other threads came in between at each subscription, and this
    /// is what could not be foretold.
    pub fn turn(&mut self, at: usize, heard: Vec<Heard>, others: VecDeque<Vec<Act>>, log: Vec<Log>) {
        self.log = log.into();
        self.others = others;
        self.ended.clear();
        for Heard { client, said, readable, half_closed, broken } in heard {
            let place = self.clients[client].id.map(|id| id.place);
            self.found_broken(place);
            if readable {
                self.hear_early(at);
            }
            if !broken {
                self.hear(client, said);
            }
            if half_closed || broken {
                self.lose(client);
            }
            self.found_broken(place);
        }
        self.drain(at);
        self.hear_early(at);
        self.foretold();
        self.written(Log::Flush);
        if at == 0 {
            self.pass_time();
        }
        self.drain(at);
        self.hear_early(at);
        self.foretold();
        self.written(Log::Flush);
        assert!(self.log.is_empty(), "{:?}", self.log);
        while let Some(acts) = self.others.pop_front() {
            acts.iter().for_each(|act| self.act(act));
        }
    }

    fn hear_early(&mut self, at: usize) {
        for (client, said) in std::mem::take(&mut self.loops[at].early) {
            self.foretold();
            assert_eq!(self.log.pop_front(), self.clients[client].id.map(Log::Early));
            self.hear(client, said);
        }
    }

    /// What was gathered was written: it may show that somebody is too slow, or gone.
    fn written(&mut self, begin: Log) {
        assert_eq!(self.log.pop_front(), Some(begin));
        while let Some(Log::Ended(id)) = self.log.front().copied() {
            self.log.pop_front();
            let client = self.clients.iter().position(|c| c.id == Some(id)).expect("a client of ours");
            assert_eq!(self.clients[client].phase, Phase::Open, "what is over ends again");
            if self.clients[client].lost {
                self.end(client, true, Vec::new());
            } else {
                let words = "The reader is too slow";
                self.clients[client].cut = Some(self.clients[client].expected.len());
                self.end(client, false, closing(4100, words));
            }
            self.ended.pop();
        }
        assert_eq!(self.log.pop_front(), Some(Log::Written));
    }

    /// Those who had to end have ended, in this order.
    fn foretold(&mut self) {
        for id in std::mem::take(&mut self.ended) {
            assert_eq!(self.log.pop_front(), Some(Log::Ended(id)), "these ended, and in this order");
        }
    }

    /// A link that broke is found out at its place: by writing what waited there, before anything is read, or by reading for
    /// somebody who had the place before.
    fn found_broken(&mut self, place: Option<u64>) {
        self.foretold();
        let Some(Log::Ended(id)) = self.log.front().copied().filter(|_| place.is_some()) else { return };
        let broken = |c: &Client| c.id == Some(id) && c.lost && c.phase == Phase::Open && place == Some(id.place);
        if let Some(client) = self.clients.iter().position(broken) {
            self.end(client, true, Vec::new());
            self.foretold();
        }
    }

    fn pass_time(&mut self) {
        while let Some((at, name)) = self.due.first().cloned().filter(|(at, _)| *at <= self.now) {
            self.due.remove(&(at, name.clone()));
            let now = self.now;
            let gone = self.channels.get_mut(&name).map(|c| c.roster.expire(now)).unwrap_or_default();
            for user in gone {
                self.event(&name, removed(&name, &user), None);
            }
        }
    }

    fn drain(&mut self, at: usize) {
        while let Some(waits) = self.loops[at].inbox.pop_front() {
            self.carry_out(at, waits);
            self.foretold();
            self.loops[at].carried_out += 1;
            let here = self.loops[at].carried_out;
            if let Some(Log::Burst(behind)) = self.log.front().copied() {
                assert!(behind >= here, "a loop wrote behind {behind} commands, and the model is at {here}");
                if behind == here {
                    self.written(Log::Burst(behind));
                }
            }
        }
    }

    fn carry_out(&mut self, at: usize, waits: Waits) {
        match waits {
            Waits::Adopt(client, early) => {
                self.foretold();
                let Some(Log::Adopted(id)) = self.log.pop_front() else { panic!("a socket got no place") };
                let known = &mut self.clients[client];
                known.id = Some(id);
                known.phase = Phase::Open;
                known.expected.push(Item::Greeting);
                if !early.is_empty() {
                    self.loops[at].early.push((client, early));
                }
            }
            Waits::Event { channel, text, except } => {
                for client in 0..self.clients.len() {
                    if self.clients[client].at == at && Some(client) != except && self.listens(client, &channel) {
                        self.expect(client, &text);
                    }
                }
            }
            Waits::Join { client, channel, frames } => {
                let known = &mut self.clients[client];
                if known.phase == Phase::Open && known.held.iter().any(|(held, _)| *held == channel) {
                    known.joined.insert(channel);
                    frames.iter().for_each(|text| self.expect(client, text));
                }
            }
            Waits::Bind { client, user, token, channel, n } => {
                let known = &mut self.clients[client];
                self.bindings[n] = Some(match known.phase {
                    Phase::Open if known.bound.get_or_insert((user, token)).0 == user => {
                        Binding::Bound(known.revoked.get(&channel).copied())
                    }
                    Phase::Open => Binding::Taken,
                    Phase::Arriving | Phase::Over => Binding::Unknown,
                });
            }
            Waits::Grant { client, channel, lost } => {
                let revoked = &mut self.clients[client].revoked;
                if revoked.get(&channel) == Some(&lost) {
                    revoked.remove(&channel);
                }
            }
            Waits::CloseBound { user, token } => {
                let meant = |c: &Client| c.bound.is_some_and(|(u, t)| Some(u) == user || Some(t) == token);
                self.in_order(at, meant).into_iter().for_each(|client| self.unauthorise(client));
            }
            Waits::Revoke { channel, user } => {
                for client in self.in_order(at, |c| c.bound.is_some_and(|(u, _)| u == user)) {
                    self.loops[at].losses += 1;
                    let lost = self.loops[at].losses;
                    self.clients[client].revoked.insert(channel.clone(), lost);
                    if let Some(member) = self.let_go(client, &channel) {
                        self.leave(client, &channel, member.as_ref(), false);
                        self.expect(client, &frame::subscription_error(&channel, "AuthError", "gone", 403));
                    }
                }
            }
            Waits::Close(client) => self.unauthorise(client),
            Waits::CloseMember(user) => {
                let is = |member: &Option<Member>| member.as_ref().is_some_and(|m| *m.user_id == *user);
                let meant = |c: &Client| c.held.iter().any(|(_, member)| is(member));
                self.in_order(at, meant).into_iter().for_each(|client| self.unauthorise(client));
            }
        }
    }

    /// The open clients of a loop that are meant, as they stand there.
    fn in_order(&self, at: usize, meant: impl Fn(&Client) -> bool) -> Vec<usize> {
        let mut found: Vec<usize> = (0..self.clients.len())
            .filter(|n| self.clients[*n].at == at && self.clients[*n].phase == Phase::Open && meant(&self.clients[*n]))
            .collect();
        found.sort_by_key(|n| self.clients[*n].id.map(|id| id.place));
        found
    }

    fn listens(&self, client: usize, channel: &str) -> bool {
        self.clients[client].phase == Phase::Open && self.clients[client].joined.contains(channel)
    }

    fn expect(&mut self, client: usize, text: &str) {
        self.clients[client].expected.push(Item::Text(text.to_owned()));
    }

    fn unauthorise(&mut self, client: usize) {
        self.end(client, false, closing(4009, "No longer authorised"));
    }

    fn lose(&mut self, client: usize) {
        self.clients[client].lost = true;
        self.end(client, true, Vec::new());
    }

    fn end(&mut self, client: usize, lost: bool, last: Vec<Item>) {
        if self.clients[client].phase != Phase::Open {
            return;
        }
        self.clients[client].phase = Phase::Over;
        self.ended.extend(self.clients[client].id);
        self.clients[client].joined.clear();
        for (name, member) in std::mem::take(&mut self.clients[client].held) {
            self.leave(client, &name, member.as_ref(), lost);
        }
        if let (Some(user), Some(id)) = (self.clients[client].user.take(), self.clients[client].id)
            && let Some(sockets) = self.users.get_mut(&user)
        {
            sockets.remove(&id);
        }
        self.clients[client].expected.extend(last);
    }

    /// A connection does not hold a channel any more; what it was there.
    fn let_go(&mut self, client: usize, channel: &str) -> Option<Option<Member>> {
        let known = &mut self.clients[client];
        let at = known.held.iter().position(|(held, _)| held == channel)?;
        known.joined.remove(channel);
        Some(known.held.swap_remove(at).1)
    }

    fn leave(&mut self, client: usize, name: &str, member: Option<&Member>, lost: bool) {
        let now = self.now;
        let channel = self.channels.get_mut(name).expect("somebody held it");
        assert!(channel.holders.remove(&client));
        let Some(member) = member else { return };
        if lost {
            if channel.roster.lose(&member.user_id, now) {
                self.due.insert((now + RETURN_MS, name.to_owned()));
            }
        } else if channel.roster.leave(&member.user_id) {
            self.event(name, removed(name, &member.user_id), None);
        }
    }

    fn hear(&mut self, client: usize, said: Vec<Say>) {
        for say in said {
            if self.clients[client].phase != Phase::Open {
                return;
            }
            match say {
                Say::Ping => self.expect(client, &frame::pong()),
                Say::Close => self.end(client, false, vec![Item::Close(1000)]),
                Say::Subscribe { channel, user, info } => {
                    let member = channel.starts_with("presence-").then(|| member(user, info));
                    self.subscribe(client, channel, member, true);
                }
                Say::Unsubscribe { channel } => {
                    if let Some(member) = self.let_go(client, channel) {
                        self.leave(client, channel, member.as_ref(), false);
                    }
                }
                Say::Event { channel, n } => {
                    let held = self.clients[client].held.iter().find(|(held, _)| held == channel);
                    let Some((_, member)) = held else {
                        let words = "Client events need a subscription to their channel";
                        self.expect(client, &frame::error(Some(4301), words));
                        continue;
                    };
                    let user = member.as_ref().map(|m| m.user_id.to_string());
                    let data = json!({ "n": n }).to_string();
                    let text = frame::event("client-news", channel, &data, None, user.as_deref());
                    self.publish(channel, text, Some(client));
                }
                Say::SignIn { user } => self.sign_in(client, user),
            }
        }
    }

    fn sign_in(&mut self, client: usize, user: i64) {
        let text = frame::signin_success(&user_data(user));
        let user = user.to_string();
        match &self.clients[client].user {
            Some(known) if *known == user => self.expect(client, &text),
            Some(_) => self.end(client, false, closing(4009, "Another user is signed in on this connection")),
            None => {
                self.expect(client, &text);
                self.clients[client].user = Some(user.clone());
                self.subscribe(client, &format!("#server-to-user-{user}"), None, false);
                if let (Phase::Open, Some(id)) = (self.clients[client].phase, self.clients[client].id) {
                    self.users.entry(user).or_default().insert(id, client);
                }
            }
        }
    }

    fn subscribe(&mut self, client: usize, name: &str, member: Option<Member>, told: bool) {
        let known = &mut self.clients[client];
        if known.held.iter().any(|(held, _)| held == name) {
            return self.expect(client, &frame::error(None, &format!("Existing subscription to channel {name}")));
        }
        if known.revoked.contains_key(name) {
            let words = "The right was taken away: ask anew";
            return self.expect(client, &frame::subscription_error(name, "AuthError", words, 403));
        }
        known.held.push((name.to_owned(), member.clone()));
        let at = known.at;
        let now = self.now;
        let channel = self.channels.entry(name.to_owned()).or_default();
        let joined = member.as_ref().map(|member| channel.roster.join(member));
        let mut frames = Vec::new();
        match &member {
            Some(member) => {
                let roster = channel.roster.snapshot(1_000, Some(&member.user_id));
                frames.push(frame::subscription_succeeded(name, &roster));
            }
            None if told => frames.push(frame::subscription_succeeded(name, "{}")),
            None => {}
        }
        if channel::is_cache(name) {
            let cached = channel.cached.as_ref().filter(|(_, until)| *until > now);
            frames.push(cached.map_or_else(|| frame::cache_miss(name), |(text, _)| text.clone()));
        }
        if let Some(member) = &member {
            if joined == Some(Joined::Changed) {
                self.event(name, removed(name, &member.user_id), None);
            }
            if joined != Some(Joined::Known) {
                let text = frame::event("pusher_internal:member_added", name, &member.added(), None, None);
                self.event(name, text, None);
            }
        }
        self.channels.entry(name.to_owned()).or_default().holders.insert(client);
        self.loops[at].inbox.push_back(Waits::Join { client, channel: name.to_owned(), frames });
        for act in self.others.pop_front().unwrap_or_default() {
            self.act(&act);
        }
        self.drain(at);
    }

    /// The bytes of what a client says.
    pub fn text_of(&self, client: usize, say: Say) -> Option<String> {
        let id = self.clients.get(client).and_then(|c| c.id).unwrap_or(SocketId { place: 0, nonce: 0 });
        Some(match say {
            Say::Subscribe { channel, user, info } => {
                let data = channel.starts_with("presence-").then(|| channel_data(user, info));
                let signed = channel.starts_with('p').then(|| self.app.sign_channel(id, channel, data.as_deref()));
                frame::subscribe(channel, signed.as_deref(), data.as_deref())
            }
            Say::Unsubscribe { channel } => {
                json!({ "event": "pusher:unsubscribe", "data": { "channel": channel } }).to_string()
            }
            Say::Event { channel, n } => frame::client_event("client-news", channel, &json!({ "n": n })),
            Say::SignIn { user } => {
                let data = user_data(user);
                let auth = self.app.sign_user(id, &data);
                json!({ "event": "pusher:signin", "data": { "auth": auth, "user_data": data } }).to_string()
            }
            Say::Ping => frame::ping(),
            Say::Close => return None,
        })
    }
}

fn closing(code: u16, words: &str) -> Vec<Item> {
    vec![Item::Text(frame::error(Some(code), words)), Item::Close(code)]
}

fn removed(name: &str, user_id: &str) -> String {
    frame::event("pusher_internal:member_removed", name, &Member::removed(user_id), None, None)
}

fn channel_data(user: i64, info: u8) -> String {
    json!({ "user_id": user.to_string(), "user_info": { "n": info } }).to_string()
}

fn member(user: i64, info: u8) -> Member {
    Member::parse(&channel_data(user, info)).expect("a member")
}

fn user_data(user: i64) -> String {
    json!({ "id": user.to_string() }).to_string()
}

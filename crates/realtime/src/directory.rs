//! Every channel, roster and signed-in user of a process, under one lock: its one owner.
//!
//! Whatever concerns a channel is put into the loops' inboxes while the lock is held, so that all loops see it in one
//! order: a roster is right for each member whoever joins at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Instant,
};

use guildhall_pusher::{
    channel::{self, Kind},
    close::CloseCode,
    frame,
    limits::{CACHE_MS, COUNT_EVERY_MS, COUNTED_AT_ONCE_MAX},
    presence::{Joined, Member, RETURN_MS, Roster},
    settings::AppSettings,
    socket_id::SocketId,
    subscriptions::Subscription,
};

use crate::{
    hub::{Notice, Watcher},
    inbox::{Command, Inbox},
    metrics::AppMetrics,
    queue::Timed,
    websocket::text_frame,
};

/// The number of a channel while somebody listens, or something of it is kept. Its place is used again, with another
/// generation: what still holds the number of a channel that is gone means nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelId {
    /// Small numbers, for tables.
    pub index: u32,
    generation: u32,
}

/// Gives out [`ChannelId`]s.
#[derive(Default)]
struct Ids {
    free: Vec<ChannelId>,
    given: u32,
}

impl Ids {
    fn give(&mut self) -> ChannelId {
        self.free.pop().unwrap_or_else(|| {
            let index = self.given;
            self.given = self.given.checked_add(1).expect("memory ends long before four billion channels");
            ChannelId { index, generation: 0 }
        })
    }

    fn take_back(&mut self, id: ChannelId) {
        // A place whose generations are used up is given up.
        if let Some(generation) = id.generation.checked_add(1) {
            self.free.push(ChannelId { generation, ..id });
        }
    }
}

/// What is known of a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelInfo {
    /// Sockets that listen, and on a presence channel links that broke whose member may still come back.
    pub subscription_count: usize,
    /// Members, on a presence channel.
    pub user_count: usize,
    /// The last event's data and the seconds it is kept for, on a cache channel.
    pub cache: Option<(Arc<str>, i64)>,
}

struct Cached {
    frame: Arc<[u8]>,
    data: Arc<str>,
    until: i64,
}

struct Channel {
    id: ChannelId,
    subscriptions: usize,
    /// How many of them each loop has.
    by_loop: Box<[u32]>,
    roster: Option<Box<Roster>>,
    cached: Option<Box<Cached>>,
    counted_at: i64,
}

#[derive(Default)]
struct User {
    /// Each socket, with the users whose coming and going it wants to hear of.
    sockets: BTreeMap<SocketId, Box<[Arc<str>]>>,
    /// When somebody whose link broke counts as gone.
    until: Option<i64>,
}

/// What has to be looked at when its time comes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Roster(usize, Arc<str>),
    Count(usize, Arc<str>),
    Cache(usize, Arc<str>),
    User(usize, Arc<str>),
}

/// One app and what is going on in it.
pub(crate) struct App {
    pub settings: Arc<AppSettings>,
    pub metrics: Arc<AppMetrics>,
    channels: HashMap<Arc<str>, Channel>,
    users: HashMap<Arc<str>, User>,
    /// Who wants to hear of a user.
    watchers: HashMap<Arc<str>, BTreeSet<SocketId>>,
}

pub(crate) struct Directory {
    pub apps: Vec<App>,
    ids: Ids,
    due: BTreeMap<i64, BTreeSet<Due>>,
    inboxes: Arc<[Inbox]>,
    watcher: Arc<dyn Watcher>,
}

impl Directory {
    pub fn new(
        apps: Vec<(Arc<AppSettings>, Arc<AppMetrics>)>,
        inboxes: Arc<[Inbox]>,
        watcher: Arc<dyn Watcher>,
    ) -> Self {
        let apps = apps
            .into_iter()
            .map(|(settings, metrics)| App {
                settings,
                metrics,
                channels: HashMap::new(),
                users: HashMap::new(),
                watchers: HashMap::new(),
            })
            .collect();
        Self { apps, ids: Ids::default(), due: BTreeMap::new(), inboxes, watcher }
    }

    /// The loop that a socket lives in.
    fn inbox(&self, socket: SocketId) -> Option<&Inbox> {
        self.inboxes.get(loop_of(socket))
    }

    fn later(&mut self, at: i64, due: Due) {
        self.due.entry(at).or_default().insert(due);
    }

    /// Adds a socket to a channel: the others hear of a new member, and the socket, if it asked, that it listens now.
    pub fn subscribe(
        &mut self,
        app: usize,
        socket: SocketId,
        name: &Arc<str>,
        member: Option<&Member>,
        told: bool,
        now: i64,
    ) {
        let kind = channel::kind(name);
        let loops = self.inboxes.len();
        let at = &mut self.apps[app];
        let ids = &mut self.ids;
        let name = match at.channels.get_key_value(name) {
            Some((known, _)) => Arc::clone(known),
            None => Arc::clone(name),
        };
        let entry = at.channels.entry(Arc::clone(&name)).or_insert_with(|| Channel::new(ids, loops));
        if !entry.is_occupied() {
            tell(&*self.watcher, Notice::Occupied { app, channel: &name });
        }
        let mut frames = Vec::with_capacity(1);
        if let Some(member) = member {
            let joined = entry.roster.get_or_insert_default().join(member);
            if joined == Joined::Changed {
                removed(&self.inboxes, entry, &name, &member.user_id);
                tell(&*self.watcher, Notice::MemberRemoved { app, channel: &name, user_id: &member.user_id });
            }
            if joined != Joined::Known {
                let text = frame::event("pusher_internal:member_added", &name, &member.added(), None, None);
                send(&self.inboxes, entry, &text_frame(&text), None, None);
                tell(&*self.watcher, Notice::MemberAdded { app, channel: &name, user_id: &member.user_id });
            }
            let roster = entry.roster.get_or_insert_default();
            let snapshot = roster.snapshot(at.settings.limits.members_shown_max, Some(&member.user_id));
            frames.push(text_frame(&frame::subscription_succeeded(&name, &snapshot)));
        } else if told {
            frames.push(text_frame(&frame::subscription_succeeded(&name, "{}")));
        }
        entry.subscriptions += 1;
        entry.by_loop[loop_of(socket)] += 1;
        at.metrics.subscriptions.add(1);
        if channel::is_cache(&name) {
            match entry.cached.as_ref().filter(|c| c.until > now) {
                Some(cached) => frames.push(Arc::clone(&cached.frame)),
                None => {
                    frames.push(text_frame(&frame::cache_miss(&name)));
                    tell(&*self.watcher, Notice::CacheMiss { app, channel: &name });
                }
            }
        }
        // The loop carries it out in its turn, if the socket still holds the channel then: what was sent before is for
        // those who were here before.
        let join = Command::Join { socket, channel: entry.id, name: Arc::clone(&name), frames };
        self.inboxes[loop_of(socket)].push(join);
        if at.settings.subscription_counts && kind != Ok(Kind::Presence) {
            self.count(app, &name, now);
        }
    }

    /// Takes a socket off a channel. `lost` when its link broke: then a member has half a minute to come back.
    ///
    /// # Panics
    /// When the socket's loop has no subscription to the channel: then nothing here can be trusted, and going on could
    /// send somebody what is not for them.
    pub fn unsubscribe(&mut self, app: usize, socket: SocketId, subscription: &Subscription, lost: bool, now: i64) {
        let Subscription { channel: name, member, .. } = subscription;
        let at = &mut self.apps[app];
        let entry = at.channels.get_mut(name).expect("a channel is known as long as a socket holds it");
        let count = &mut entry.by_loop[loop_of(socket)];
        *count = count.checked_sub(1).expect("a loop gives back what it took, once");
        entry.subscriptions -= 1;
        at.metrics.subscriptions.sub(1);
        let mut returns = false;
        if let (Some(user_id), Some(roster)) = (member, entry.roster.as_mut()) {
            if lost {
                returns = roster.lose(user_id, now);
            } else if roster.leave(user_id) {
                removed(&self.inboxes, entry, name, user_id);
                tell(&*self.watcher, Notice::MemberRemoved { app, channel: name, user_id });
            }
        }
        let empty = entry.subscriptions == 0;
        // A member whose link broke is still listed: so the channel is not empty yet for anybody.
        if !entry.is_occupied() {
            tell(&*self.watcher, Notice::Vacated { app, channel: name });
        }
        let counts = at.settings.subscription_counts && entry.roster.is_none() && !empty;
        if returns {
            self.later(now + RETURN_MS, Due::Roster(app, Arc::clone(name)));
        }
        if counts {
            self.count(app, name, now);
        }
        self.forget_if_unused(app, name);
    }

    /// Whether nothing is remembered of anybody.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.ids.free.len() == self.ids.given as usize
            && self.apps.iter().all(|a| a.channels.is_empty() && a.users.is_empty() && a.watchers.is_empty())
    }

    /// Whether no socket of a loop is in any channel.
    pub fn is_clear_of(&self, index: usize) -> bool {
        self.apps.iter().flat_map(|app| app.channels.values()).all(|entry| entry.by_loop[index] == 0)
    }

    fn forget_if_unused(&mut self, app: usize, name: &Arc<str>) {
        let channels = &mut self.apps[app].channels;
        let unused = channels.get(name).is_some_and(|c| !c.is_occupied() && c.cached.is_none());
        if unused && let Some(gone) = channels.remove(name) {
            self.ids.take_back(gone.id);
        }
    }

    /// Tells the subscribers how many they are: at once, or when it is time for a channel with many.
    fn count(&mut self, app: usize, name: &Arc<str>, now: i64) {
        let Some(entry) = self.apps[app].channels.get_mut(name) else { return };
        let due = entry.counted_at + COUNT_EVERY_MS;
        if entry.subscriptions > COUNTED_AT_ONCE_MAX && now < due {
            return self.later(due, Due::Count(app, Arc::clone(name)));
        }
        entry.counted_at = now;
        let count = entry.subscriptions;
        send(&self.inboxes, entry, &text_frame(&frame::subscription_count(name, count)), None, None);
        tell(&*self.watcher, Notice::SubscriptionCount { app, channel: name, count });
    }

    /// Sends a frame to all who listen to a channel, but for one socket. False when nobody does.
    pub fn publish(
        &mut self,
        app: usize,
        name: &str,
        text: &str,
        data: &str,
        except: Option<SocketId>,
        now: i64,
    ) -> bool {
        let loops = self.inboxes.len();
        let at = &mut self.apps[app];
        let keeps = channel::is_cache(name);
        if keeps && !at.channels.contains_key(name) {
            at.channels.insert(name.into(), Channel::new(&mut self.ids, loops));
        }
        let Some(entry) = at.channels.get_mut(name) else { return false };
        let (app_id, to) = (&at.settings.credentials.id, entry.subscriptions);
        tracing::debug!(app = app_id, channel = name, bytes = text.len(), to, "event out");
        let frame = text_frame(text);
        if keeps {
            let until = now + CACHE_MS;
            let cached = Box::new(Cached { frame: Arc::clone(&frame), data: data.into(), until });
            if entry.cached.replace(cached).is_none() {
                self.due.entry(until).or_default().insert(Due::Cache(app, name.into()));
            }
        }
        send(&self.inboxes, entry, &frame, except, Some(Instant::now()));
        entry.subscriptions > 0
    }

    /// Somebody signed in on a socket, and wants to hear of some users.
    pub fn sign_in(&mut self, app: usize, socket: SocketId, user_id: &Arc<str>, watchlist: &[Arc<str>]) {
        let at = &mut self.apps[app];
        let user = at.users.entry(Arc::clone(user_id)).or_default();
        let new = user.sockets.is_empty() && user.until.take().is_none();
        user.sockets.insert(socket, watchlist.into());
        if new {
            self.tell_watchers(app, user_id, true);
        }
        let at = &mut self.apps[app];
        let (mut online, mut offline) = (Vec::new(), Vec::new());
        for watched in watchlist {
            at.watchers.entry(Arc::clone(watched)).or_default().insert(socket);
            if at.users.contains_key(watched) { online.push(&**watched) } else { offline.push(&**watched) }
        }
        if !watchlist.is_empty() {
            let frame = text_frame(&frame::watchlist_events(&online, &offline));
            if let Some(inbox) = self.inbox(socket) {
                inbox.push(Command::Send { socket, frame });
            }
        }
    }

    /// A signed-in socket is gone.
    pub fn sign_out(&mut self, app: usize, socket: SocketId, user_id: &Arc<str>, lost: bool, now: i64) {
        let at = &mut self.apps[app];
        let Some(user) = at.users.get_mut(user_id) else { return };
        let Some(watchlist) = user.sockets.remove(&socket) else { return };
        for watched in watchlist {
            if let Some(sockets) = at.watchers.get_mut(&watched) {
                sockets.remove(&socket);
                if sockets.is_empty() {
                    at.watchers.remove(&watched);
                }
            }
        }
        if !user.sockets.is_empty() {
            return;
        }
        if lost {
            user.until = Some(now + RETURN_MS);
            self.later(now + RETURN_MS, Due::User(app, Arc::clone(user_id)));
        } else {
            at.users.remove(user_id);
            self.tell_watchers(app, user_id, false);
        }
    }

    fn tell_watchers(&self, app: usize, user_id: &Arc<str>, came: bool) {
        let Some(sockets) = self.apps[app].watchers.get(user_id) else { return };
        let one: &[&str] = &[user_id];
        let (online, offline) = if came { (one, &[][..]) } else { (&[][..], one) };
        let frame = text_frame(&frame::watchlist_events(online, offline));
        for socket in sockets {
            if let Some(inbox) = self.inbox(*socket) {
                inbox.push(Command::Send { socket: *socket, frame: Arc::clone(&frame) });
            }
        }
    }

    /// Closes all connections of a user: those who signed in, and those who are members of presence channels as the user.
    pub fn terminate(&self, app: usize, user_id: &str) {
        for socket in self.apps[app].users.get(user_id).into_iter().flat_map(|user| user.sockets.keys()) {
            if let Some(inbox) = self.inbox(*socket) {
                inbox.push(Command::Close { socket: *socket, code: CloseCode::Unauthorised });
            }
        }
        let user_id: Arc<str> = user_id.into();
        for inbox in &*self.inboxes {
            inbox.push(Command::CloseMember { app, user_id: Arc::clone(&user_id) });
        }
    }

    /// Does what is due.
    pub fn pass_time(&mut self, now: i64) {
        while let Some(first) = self.due.first_entry().filter(|first| *first.key() <= now) {
            for due in first.remove() {
                match due {
                    Due::Roster(app, name) => self.expire_members(app, &name, now),
                    Due::Count(app, name) => self.count(app, &name, now),
                    Due::Cache(app, name) => {
                        let Some(entry) = self.apps[app].channels.get_mut(&name) else { continue };
                        entry.cached = entry.cached.take().filter(|cached| cached.until > now);
                        match &entry.cached {
                            Some(newer) => {
                                let until = newer.until;
                                self.later(until, Due::Cache(app, name));
                            }
                            None => self.forget_if_unused(app, &name),
                        }
                    }
                    Due::User(app, user_id) => {
                        let users = &mut self.apps[app].users;
                        if users
                            .get(&user_id)
                            .is_some_and(|u| u.sockets.is_empty() && u.until.is_some_and(|t| t <= now))
                        {
                            users.remove(&user_id);
                            self.tell_watchers(app, &user_id, false);
                        }
                    }
                }
            }
        }
    }

    fn expire_members(&mut self, app: usize, name: &Arc<str>, now: i64) {
        let Some(entry) = self.apps[app].channels.get_mut(name) else { return };
        let gone = entry.roster.as_mut().map(|roster| roster.expire(now)).unwrap_or_default();
        for user_id in gone {
            removed(&self.inboxes, entry, name, &user_id);
            tell(&*self.watcher, Notice::MemberRemoved { app, channel: name, user_id: &user_id });
            if !entry.is_occupied() {
                tell(&*self.watcher, Notice::Vacated { app, channel: name });
            }
        }
        self.forget_if_unused(app, name);
    }

    /// What is known of a channel; `None` when nobody listens and nothing is kept.
    pub fn channel(&self, app: usize, name: &str, now: i64) -> Option<ChannelInfo> {
        self.apps[app].channels.get(name).map(|entry| entry.info(now))
    }

    /// The channels that somebody listens to and whose name begins so, by name.
    pub fn channels(&self, app: usize, prefix: &str, now: i64) -> Vec<(Arc<str>, ChannelInfo)> {
        let mut found: Vec<_> = self.apps[app]
            .channels
            .iter()
            .filter(|(name, entry)| entry.is_occupied() && name.starts_with(prefix))
            .map(|(name, entry)| (Arc::clone(name), entry.info(now)))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// The members of a presence channel.
    pub fn members(&self, app: usize, name: &str) -> Vec<String> {
        let roster = self.apps[app].channels.get(name).and_then(|entry| entry.roster.as_ref());
        roster.map(|r| r.user_ids().map(str::to_owned).collect()).unwrap_or_default()
    }
}

impl Timed for Directory {
    fn next_due(&self) -> Option<i64> {
        self.due.keys().next().copied()
    }
}

impl Channel {
    fn new(ids: &mut Ids, loops: usize) -> Self {
        let id = ids.give();
        let by_loop = vec![0; loops].into_boxed_slice();
        Self { id, subscriptions: 0, by_loop, roster: None, cached: None, counted_at: i64::MIN / 2 }
    }

    /// Whether somebody listens, or is still listed as a member.
    fn is_occupied(&self) -> bool {
        self.subscriptions > 0 || self.roster.as_ref().is_some_and(|roster| !roster.is_empty())
    }

    fn info(&self, now: i64) -> ChannelInfo {
        ChannelInfo {
            // A link that broke counts as long as its member is listed.
            subscription_count: self.subscriptions + self.roster.as_ref().map_or(0, |roster| roster.away()),
            user_count: self.roster.as_ref().map_or(0, |roster| roster.len()),
            cache: self
                .cached
                .as_ref()
                .filter(|cached| cached.until > now)
                .map(|cached| (Arc::clone(&cached.data), (cached.until - now + 999) / 1_000)),
        }
    }
}

fn loop_of(socket: SocketId) -> usize {
    usize::try_from(socket.place % 256).unwrap_or(usize::MAX)
}

/// Tells what happened. Whoever listens must not take the directory down with a defect of their own.
fn tell(watcher: &dyn Watcher, notice: Notice) {
    if std::panic::catch_unwind(AssertUnwindSafe(|| watcher.notice(notice))).is_err() {
        tracing::error!("a defect: whoever is told of channels panicked");
    }
}

fn removed(inboxes: &[Inbox], entry: &Channel, name: &str, user_id: &str) {
    let text = frame::event("pusher_internal:member_removed", name, &Member::removed(user_id), None, None);
    send(inboxes, entry, &text_frame(&text), None, None);
}

/// Puts an event into the inbox of each loop that has subscribers.
fn send(inboxes: &[Inbox], entry: &Channel, frame: &Arc<[u8]>, except: Option<SocketId>, since: Option<Instant>) {
    for (inbox, _) in inboxes.iter().zip(&entry.by_loop).filter(|(_, count)| **count > 0) {
        inbox.push(Command::Event { channel: entry.id, frame: Arc::clone(frame), except, since });
    }
}

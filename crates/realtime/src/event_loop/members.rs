//! Which sockets of a loop listen to which channel: what a fan-out goes through.
//!
//! Who may be in it is decided by the directory, under its lock; a loop carries that out in the order of its inbox.
//!
//! **Invariant:** a socket stands in a channel's list exactly when its connection holds a subscription whose tag says
//! where. A list is there only while somebody stands in it, and has the number of its channel, generation included. Where
//! the books do not agree the loop panics, which closes its sockets: rather nobody gets anything than the wrong one.

use std::{sync::Arc, time::Instant};

use guildhall_pusher::{socket_id::SocketId, subscriptions::Subscription};

use super::EventLoop;
use crate::{
    directory::ChannelId,
    inbox::{Binding, Bound},
    socket::Socket,
};

/// In [`Subscription::tag`]: the directory counts the socket, the loop has not come to it yet.
pub const COUNTED: u64 = 1;

/// In [`Subscription::tag`]: the channel's place in the loop's table, and where the socket stands in its list.
fn tag(index: u32, at: u32) -> u64 {
    (u64::from(index) + 1) << 32 | u64::from(at)
}

fn untag(tag: u64) -> Option<(u32, u32)> {
    let index = u32::try_from((tag >> 32).checked_sub(1)?).ok()?;
    Some((index, tag as u32))
}

struct Listeners {
    id: ChannelId,
    app: usize,
    name: Arc<str>,
    places: Vec<u32>,
}

/// By the place of the channel's number.
#[derive(Default)]
pub struct Members(Vec<Option<Listeners>>);

impl EventLoop {
    /// Gives an event to all who listen to a channel, but for one.
    pub(super) fn event(
        &mut self,
        channel: ChannelId,
        frame: Arc<[u8]>,
        except: Option<SocketId>,
        since: Option<Instant>,
    ) {
        let except = except.and_then(|id| self.find(id));
        let Some(Some(listeners)) = self.members.0.get(channel.index as usize) else { return };
        if listeners.id != channel {
            return;
        }
        let frame = self.batch.add(frame, since.map(|since| (listeners.app, since)));
        for place in &listeners.places {
            if Some(*place) == except {
                continue;
            }
            let Some(socket) = self.sockets.get_mut(*place as usize) else { continue };
            if self.batch.append(&mut socket.chain, frame) {
                self.dirty.push(*place);
            }
        }
    }

    /// Lets a socket listen, if it still holds the channel: it may have left, or lost the right, or closed, since it asked.
    pub(super) fn join(&mut self, socket: SocketId, channel: ChannelId, name: Arc<str>, frames: Vec<Arc<[u8]>>) {
        let Some(place) = self.find(socket) else { return };
        let Some(app) = self.sockets[place as usize].app else { return };
        let held = self.sockets[place as usize].connection().and_then(|c| c.subscription_mut(&name));
        // It may also have left and asked again: then the first of two is enough, and the other finds it done.
        let Some(held) = held.filter(|held| held.tag == COUNTED) else { return };
        let index = channel.index as usize;
        if self.members.0.len() <= index {
            self.members.0.resize_with(index + 1, || None);
        }
        let listeners = self.members.0[index].get_or_insert_with(|| Listeners {
            id: channel,
            app: app as usize,
            name: Arc::clone(&name),
            places: Vec::new(),
        });
        assert_eq!(listeners.id, channel, "whoever listened to a channel that is gone has left its list");
        held.tag = tag(channel.index, listeners.places.len() as u32);
        // One name for all who listen.
        held.channel = Arc::clone(&listeners.name);
        listeners.places.push(place);
        for frame in frames {
            self.send(place, frame);
        }
    }

    /// Takes a socket out of a channel's list; the last of the list takes its place.
    pub(super) fn part(&mut self, place: u32, subscription: &Subscription) {
        let Some((index, at)) = untag(subscription.tag) else { return };
        let slot = self.members.0.get_mut(index as usize);
        let listeners = slot.and_then(Option::as_mut).expect("a list is there while somebody stands in it");
        let taken = listeners.places.swap_remove(at as usize);
        assert_eq!(taken, place, "a tag says where its own socket stands");
        let name = Arc::clone(&listeners.name);
        match listeners.places.get(at as usize).copied() {
            Some(moved) => {
                let connection = self.sockets.get_mut(moved as usize).and_then(Socket::connection);
                let held = connection.and_then(|c| c.subscription_mut(&name));
                held.expect("whoever stands in a list holds its channel").tag = tag(index, at);
            }
            None if listeners.places.is_empty() => self.members.0[index as usize] = None,
            None => {}
        }
    }

    /// Notes for whom a socket was authorised.
    pub(super) fn bind(&mut self, socket: SocketId, bound: Bound, channel: Option<Arc<str>>) -> Binding {
        let Some(place) = self.find(socket).filter(|place| self.is_open(*place)) else { return Binding::Unknown };
        let rare = &mut self.sockets[place as usize].rare;
        // The first one stays: who could bind a socket anew could keep it open when its token is revoked, or have it closed
        // with their own.
        if rare.bound.get_or_insert(bound).user != bound.user {
            return Binding::Taken;
        }
        Binding::Bound(channel.and_then(|channel| rare.revoked.get(&channel).copied()))
    }

    /// The right to a channel is there again, if it was not lost anew since somebody looked.
    pub(super) fn grant(&mut self, socket: SocketId, channel: &str, lost: u64) {
        let Some(place) = self.find(socket) else { return };
        let revoked = &mut self.sockets[place as usize].rare.revoked;
        if revoked.get(channel) == Some(&lost) {
            revoked.remove(channel);
        }
    }

    /// A right is taken away: the socket does not listen any more, and is told why.
    pub(super) fn revoke(&mut self, place: u32, app: usize, channel: &Arc<str>, why: &str) {
        if !self.is_open(place) {
            return;
        }
        self.losses += 1;
        let lost = self.losses;
        let socket = &mut self.sockets[place as usize];
        let nonce = socket.nonce;
        socket.rare.revoked.insert(Arc::clone(channel), lost);
        let Some((gone, words)) = socket.connection().and_then(|c| c.revoke(channel, why)) else { return };
        let id = self.id(place, nonce);
        self.leave(app, id, &gone);
        self.say(place, &words);
    }

    /// Whether a socket's user lost the right to a channel since it was signed for it.
    pub(super) fn is_revoked(&self, place: u32, channel: &str) -> bool {
        self.sockets[place as usize].rare.revoked.contains_key(channel)
    }

    /// A subscription that the connection does not have any more ends.
    pub(super) fn leave(&mut self, app: usize, id: SocketId, gone: &Subscription) {
        self.part((id.place >> 8) as u32, gone);
        self.shared.with_directory(|d, now| d.unsubscribe(app, id, gone, false, now));
    }
}

#[cfg(test)]
impl EventLoop {
    /// Fails where the books do not agree.
    pub fn check_books(&self) {
        let mut stand = 0;
        for (index, listeners) in self.members.0.iter().enumerate() {
            let Some(listeners) = listeners else { continue };
            assert_eq!(listeners.id.index as usize, index);
            assert!(!listeners.places.is_empty(), "an empty list of {}", listeners.name);
            for (at, place) in listeners.places.iter().enumerate() {
                stand += 1;
                let socket = self.sockets.get(*place as usize).expect("somebody stands in a list who is gone");
                let crate::socket::State::Open(connection) = &socket.state else { panic!("a closed one in a list") };
                let held = connection.subscriptions().iter().find(|s| s.channel == listeners.name);
                assert_eq!(held.expect("in a list without a subscription").tag, tag(index as u32, at as u32));
            }
        }
        let sockets = self.sockets.iter().filter_map(|(_, socket)| match &socket.state {
            crate::socket::State::Open(connection) => Some(connection.subscriptions().len()),
            _ => None,
        });
        assert_eq!(stand, sockets.sum::<usize>(), "between two turns whoever holds a channel stands in its list");
    }

    /// Whether a socket has its place.
    pub fn has(&self, id: SocketId) -> bool {
        self.sockets.get((id.place >> 8) as usize).is_some_and(|socket| socket.nonce == id.nonce)
    }

    /// Bytes that wait for a socket.
    pub fn waiting_bytes(&self, id: SocketId) -> usize {
        let socket = self.sockets.get((id.place >> 8) as usize).filter(|socket| socket.nonce == id.nonce);
        socket.and_then(|socket| socket.backlog.as_ref()).map_or(0, |backlog| backlog.bytes)
    }

    /// Whether nobody listens to anything.
    pub fn is_empty(&self) -> bool {
        self.members.0.iter().all(Option::is_none)
    }
}

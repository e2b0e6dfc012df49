//! What may happen, drawn from a seed.

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

/// Channels of every kind, few enough to meet on, and coming and going all the time.
pub const CHANNELS: [&str; 9] = [
    "news",
    "lot-1",
    "lot-2",
    "cache-rates",
    "private-user.1",
    "private-user.2",
    "private-room",
    "presence-room",
    "presence-lot",
];
pub const USERS: i64 = 3;

/// What a client says.
#[derive(Clone, Copy, Debug)]
pub enum Say {
    Subscribe { channel: &'static str, user: i64, info: u8 },
    Unsubscribe { channel: &'static str },
    Event { channel: &'static str, n: u64 },
    SignIn { user: i64 },
    Ping,
    Close,
}

/// What threads do that are no loops. Clients by their number.
#[derive(Clone, Debug)]
pub enum Act {
    /// A socket arrives; it says something right behind its upgrade, and may be gone before it is taken in.
    Open {
        room: usize,
        early: Vec<Say>,
        broken: bool,
    },
    Publish {
        channel: &'static str,
        n: u64,
        except: Option<usize>,
    },
    Bind {
        client: usize,
        user: i64,
        token: i64,
        channel: &'static str,
    },
    /// As far as the binding before it said that a right was lost.
    Grant {
        client: usize,
        channel: &'static str,
    },
    CloseToken(i64),
    CloseUser(i64),
    Revoke {
        channel: &'static str,
        user: i64,
    },
    Terminate(i64),
}

pub fn channel(rng: &mut StdRng) -> &'static str {
    CHANNELS.choose(rng).expect("not empty")
}

pub fn say(rng: &mut StdRng, client: usize, n: u64) -> Say {
    let own = client as i64 % USERS;
    match rng.random_range(0..100) {
        0..45 => {
            let user = if rng.random_bool(0.8) { own } else { rng.random_range(0..USERS) };
            Say::Subscribe { channel: channel(rng), user, info: rng.random_range(0..3) }
        }
        45..75 => Say::Unsubscribe { channel: channel(rng) },
        75..88 => {
            let takes: Vec<_> = CHANNELS.iter().filter(|name| name.starts_with('p')).collect();
            Say::Event { channel: takes.choose(rng).expect("some"), n }
        }
        88..94 => Say::SignIn { user: if rng.random_bool(0.95) { own } else { rng.random_range(0..USERS) } },
        94..98 => Say::Ping,
        _ => Say::Close,
    }
}

fn early(rng: &mut StdRng) -> Vec<Say> {
    let many = rng.random_range(0..3);
    (0..many).map(|_| Say::Subscribe { channel: CHANNELS[rng.random_range(0..4)], user: 0, info: 0 }).collect()
}

/// One of many who arrive at once, so many that they are greeted before all are taken in. Some are gone by then, and their
/// places are somebody else's.
pub fn arrival(rng: &mut StdRng) -> Act {
    Act::Open { room: 1 << 16, early: early(rng), broken: rng.random_bool(0.5) }
}

pub fn act(rng: &mut StdRng, clients: usize, n: u64) -> Act {
    let client = rng.random_range(0..clients.max(1));
    match rng.random_range(0..100) {
        0..10 => Act::Open { room: if rng.random_bool(0.3) { 700 } else { 1 << 16 }, early: early(rng), broken: false },
        10..55 => {
            let except = Some(client).filter(|_| clients > 0 && rng.random_bool(0.2));
            Act::Publish { channel: channel(rng), n, except }
        }
        55..75 if clients > 0 => {
            let own = client as i64 % USERS;
            let user = if rng.random_bool(0.9) { own } else { rng.random_range(0..USERS) };
            Act::Bind { client, user, token: user * 10 + rng.random_range(0..2), channel: channel(rng) }
        }
        75..81 if clients > 0 => Act::Grant { client, channel: channel(rng) },
        81..88 => Act::CloseToken(rng.random_range(0..USERS) * 10 + rng.random_range(0..2)),
        88..90 => Act::CloseUser(rng.random_range(0..USERS)),
        90..98 => Act::Revoke { channel: channel(rng), user: rng.random_range(0..USERS) },
        98..100 => Act::Terminate(rng.random_range(0..USERS)),
        _ => Act::Publish { channel: channel(rng), n, except: None },
    }
}

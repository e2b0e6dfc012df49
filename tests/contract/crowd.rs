//! A thousand members of one presence channel: whoever joins at once, every roster is right.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use futures_util::future::join_all;
use guildhall_testkit::World;
use serde_json::Value;

use crate::{
    pusher::{Owner, Peer, guest},
    stranger::Socket,
};

const CHANNEL: &str = "presence-hall";
/// Sockets in all: 1,000 members, of whom every twentieth has five.
const MEMBERS: usize = 1_000;

/// A roster as one client keeps it: what it was shown, and what it was told since.
struct Roster {
    ids: BTreeSet<String>,
    added: HashMap<String, usize>,
}

impl Roster {
    fn shown(presence: &Value) -> Self {
        let ids: BTreeSet<String> = serde_json::from_value(presence["ids"].clone()).expect("ids");
        assert_eq!(presence["count"].as_u64(), Some(ids.len() as u64), "the count is that of the list");
        Self { ids, added: HashMap::new() }
    }

    fn apply(&mut self, frame: &Value) {
        let data = || serde_json::from_str::<Value>(frame["data"].as_str().expect("text")).expect("JSON");
        match frame["event"].as_str() {
            Some("pusher_internal:member_added") => {
                let id = data()["user_id"].as_str().expect("an id").to_owned();
                *self.added.entry(id.clone()).or_default() += 1;
                assert!(self.ids.insert(id), "nobody is added who is there");
            }
            Some("pusher_internal:member_removed") => {
                let id = data()["user_id"].as_str().expect("an id").to_owned();
                assert!(self.ids.remove(&id), "nobody is removed who is not there");
            }
            Some("pusher:ping") => {}
            other => panic!("{other:?}"),
        }
    }

    async fn follow(&mut self, socket: &mut Socket, until: impl Fn(&BTreeSet<String>) -> bool) {
        while !until(&self.ids) {
            let frame = socket.next_within(Duration::from_secs(60)).await.expect("open");
            self.apply(&frame);
        }
    }
}

fn name(n: usize) -> String {
    format!("member-{n:04}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_join_at_once_half_leave_and_every_roster_is_right() {
    let world = World::start_with(|config| {
        config.apps.push(guest("guest"));
        config.activity_timeout_s = 120;
        config.realtime_threads = 2;
    })
    .await;
    let owner = Owner::new(&world, &guest("guest"));
    let mut peers: Vec<(String, Peer)> = Vec::new();
    for n in 0..MEMBERS {
        let sockets = if n % 20 == 0 { 5 } else { 1 };
        let some = join_all((0..sockets).map(|_| owner.connect())).await;
        peers.extend(some.into_iter().map(|peer| (name(n), peer)));
    }
    let all: BTreeSet<String> = (0..MEMBERS).map(name).collect();
    let joining = peers.into_iter().map(|(name, mut peer)| {
        let all = all.clone();
        tokio::spawn(async move {
            let mut roster = Roster::shown(&peer.join(CHANNEL, &name).await);
            roster.follow(&mut peer.socket, |ids| *ids == all).await;
            assert!(roster.added.values().all(|times| *times == 1), "each is told once");
            (name, peer, roster)
        })
    });
    let joined: Vec<_> = join_all(joining).await.into_iter().map(|one| one.expect("the roster is right")).collect();
    // Half of the members close all of their sockets; the others hear of each once, when its last socket goes.
    let (leaving, staying): (Vec<_>, Vec<_>) =
        joined.into_iter().partition(|(name, _, _)| name.ends_with(['0', '1', '2', '3', '4']));
    let left: BTreeSet<String> = staying.iter().map(|(name, _, _)| name.clone()).collect();
    let staying = staying.into_iter().map(|(_, mut peer, mut roster)| {
        let left = left.clone();
        tokio::spawn(async move { roster.follow(&mut peer.socket, |ids| *ids == left).await })
    });
    let staying: Vec<_> = staying.collect();
    for (_, mut peer, _) in leaving {
        peer.socket.0.close(None).await.expect("closed");
    }
    for one in join_all(staying).await {
        one.expect("the roster is right");
    }
    let users = owner.ask(reqwest::Method::GET, &format!("/channels/{CHANNEL}/users"), &[], "").await.1;
    assert_eq!(users["users"].as_array().map(Vec::len), Some(MEMBERS / 2));
}

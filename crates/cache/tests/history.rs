//! Whatever happens, and however it is learnt: what is here equals what a fresh device would fetch.
//!
//! A small model of the server makes random histories. One cache follows by the feed, with repeats, pages that come late and
//! reads made here; another loads everything at the end. They must not differ.

mod common;

use std::collections::BTreeMap;

use common::{ME, conversation, key, message, reload, row, sent, time};
use guildhall_cache::{Cache, known::ConversationChanges};
use guildhall_contract::{
    conversations::Conversation,
    feed::FeedRow,
    messages::{MessageBody, MessageView, Older},
};
use guildhall_market::{ids::MessageId, time::Timestamp};
use proptest::prelude::*;
use serde_json::json;

/// Everybody but me.
const OTHERS: [i64; 2] = [2, 3];

#[derive(Default, Clone)]
struct Server {
    messages: BTreeMap<i64, MessageBody>,
    feed: Vec<FeedRow>,
    now: i64,
}

impl Server {
    fn push(&mut self, event: &str, data: serde_json::Value) {
        let seq = self.feed.len() as i64 + 1;
        self.feed.push(row(seq, event, data));
    }

    fn between(&self, other: i64) -> impl Iterator<Item = &MessageBody> {
        self.messages.values().filter(move |m| m.sender_id.0 == other || m.recipient_id.0 == other)
    }

    fn send(&mut self, other: i64, mine: bool) {
        let id = self.messages.len() as i64 * 3 + 1;
        let (from, to) = if mine { (1, other) } else { (other, 1) };
        let mut body = message(id, from, to, &format!("message {id}"));
        body.client_key = mine.then(|| format!("key-{id}"));
        self.feed.push(sent(self.feed.len() as i64 + 1, &body));
        self.messages.insert(id, body);
    }

    fn read(&mut self, other: i64, by_me: bool, nth: usize) {
        let (writer, reader) = if by_me { (other, 1) } else { (1, other) };
        let written: Vec<i64> = self.between(other).filter(|m| m.sender_id.0 == writer).map(|m| m.id.0).collect();
        let Some(up_to) = written.get(nth % written.len().max(1)).copied() else { return };
        let at = serde_json::from_value(time(100_000 + self.now)).unwrap();
        let mut newest = None;
        for id in written.into_iter().filter(|id| *id <= up_to) {
            let body = self.messages.get_mut(&id).unwrap();
            if body.read_at.is_none() && body.deleted_at.is_none() {
                body.read_at = Some(at);
                body.is_read = true;
                body.delivered_at = body.delivered_at.or(Some(at));
                newest = Some(id);
            }
        }
        if let Some(newest) = newest {
            let data = json!({"message_id": newest, "up_to": newest, "read_at": at, "from_user_id": writer, "to_user_id": reader,
                "domain_id": null, "job_id": null});
            self.push("message.read", data);
        }
    }

    fn deliver(&mut self, other: i64) {
        let at = serde_json::from_value(time(100_000 + self.now)).unwrap();
        let mut newest = None;
        for body in self.messages.values_mut().filter(|m| m.recipient_id.0 == other && m.delivered_at.is_none()) {
            body.delivered_at = Some(at);
            newest = Some(body.id);
        }
        if let Some(newest) = newest {
            self.push(
                "message.delivered",
                json!({"up_to": newest, "delivered_at": at, "from_user_id": 1, "to_user_id": other}),
            );
        }
    }

    fn delete(&mut self, nth: usize) {
        let ids: Vec<i64> = self.messages.values().filter(|m| m.deleted_at.is_none()).map(|m| m.id.0).collect();
        let Some(id) = ids.get(nth % ids.len().max(1)) else { return };
        let at = serde_json::from_value(time(100_000 + self.now)).unwrap();
        let body = self.messages.get_mut(id).unwrap();
        body.deleted_at = Some(at);
        body.content.clear();
        body.body.clear();
        let data = serde_json::to_value(&*body).unwrap();
        self.push("message.deleted", data);
    }

    fn list(&self) -> Vec<Conversation> {
        let of = |other: &i64| {
            let last = self.between(*other).last()?.clone();
            let unread = self
                .between(*other)
                .filter(|m| m.sender_id.0 == *other && m.read_at.is_none() && m.deleted_at.is_none())
                .count();
            Some(conversation(last, unread as i64))
        };
        OTHERS.iter().filter_map(of).collect()
    }

    fn page(&self, other: i64, before: Option<i64>, rows: usize) -> (Vec<MessageBody>, bool) {
        let mut found: Vec<_> =
            self.between(other).filter(|m| before.is_none_or(|before| m.id.0 < before)).cloned().collect();
        found.reverse();
        let more = found.len() > rows;
        found.truncate(rows);
        (found, !more)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Send {
        other: usize,
        mine: bool,
    },
    Read {
        other: usize,
        by_me: bool,
        nth: usize,
    },
    Deliver {
        other: usize,
    },
    Delete {
        nth: usize,
    },
    /// The client takes so many new rows of the feed, after some that it had before.
    Follow {
        rows: usize,
        again: usize,
    },
    /// The client asks for a page, and gets it later.
    Ask {
        other: usize,
        newest: bool,
        rows: usize,
    },
    /// A page that was asked for arrives.
    Arrive,
    /// The client asks for the list of conversations.
    List,
    /// The client lost the feed and begins anew.
    Reload,
}

fn step() -> impl Strategy<Value = Step> {
    let other = 0..OTHERS.len();
    prop_oneof![
        6 => (other.clone(), any::<bool>()).prop_map(|(other, mine)| Step::Send { other, mine }),
        2 => (other.clone(), any::<bool>(), 0..20usize).prop_map(|(other, by_me, nth)| Step::Read { other, by_me, nth }),
        1 => other.clone().prop_map(|other| Step::Deliver { other }),
        1 => (0..40usize).prop_map(|nth| Step::Delete { nth }),
        5 => (1..6usize, 0..4usize).prop_map(|(rows, again)| Step::Follow { rows, again }),
        2 => (other, any::<bool>(), 1..5usize).prop_map(|(other, newest, rows)| Step::Ask { other, newest, rows }),
        2 => Just(Step::Arrive),
        1 => Just(Step::List),
        1 => Just(Step::Reload),
    ]
}

struct Late {
    other: i64,
    before: Option<i64>,
    page: Vec<MessageBody>,
    beginning: bool,
    epoch: i64,
}

async fn follow(cache: &Cache, server: &Server, rows: usize, again: usize) -> bool {
    let from = cache.synced_to().await.unwrap().unwrap_or(0) as usize;
    let begin = from.saturating_sub(again);
    let end = (from + rows).min(server.feed.len());
    let applied = cache.apply(ME, &server.feed[begin.min(end)..end]).await.unwrap();
    assert!(!applied.gap);
    applied.changes.of::<ConversationChanges>().counts_unsure
}

/// Scrolls to the beginning of a conversation, fetching what is missing.
async fn everything(cache: &Cache, server: &Server, other: i64) -> Vec<MessageView> {
    let key = key(&other.to_string());
    let mut all: Vec<MessageView> = Vec::new();
    loop {
        let before = all.first().and_then(|message| message.id);
        let window = cache.window(&key, before, 7).await.unwrap();
        if window.older == Older::Gap {
            let missing = window.missing_before;
            let (page, beginning) = server.page(other, missing.map(|id| id.0), 5);
            let epoch = cache.epoch().await.unwrap();
            cache.put_page(ME, &key, &page, missing, beginning, epoch).await.unwrap().unwrap();
            continue;
        }
        let older = window.older;
        let mut window = window;
        for message in &mut window.messages {
            // Marks that came before their message tell the moment of the last one, which is later by a little.
            message.delivered_at = message.delivered_at.map(|_| Timestamp(0));
            message.read_at = message.read_at.map(|_| Timestamp(0));
        }
        all.splice(0..0, window.messages);
        if older == Older::Beginning {
            return all;
        }
    }
}

async fn check(steps: Vec<Step>) {
    let folder = tempfile::tempdir().unwrap();
    let (cache, _) = Cache::open(folder.path()).await.unwrap();
    reload(&cache, ME, &[], &[], 0, false).await.unwrap();
    let mut server = Server::default();
    let mut late: Vec<Late> = Vec::new();
    let mut unsure = false;
    for step in steps {
        server.now += 1;
        match step {
            Step::Send { other, mine } => server.send(OTHERS[other], mine),
            Step::Read { other, by_me, nth } => server.read(OTHERS[other], by_me, nth),
            Step::Deliver { other } => server.deliver(OTHERS[other]),
            Step::Delete { nth } => server.delete(nth),
            Step::Follow { rows, again } => unsure |= follow(&cache, &server, rows, again).await,
            Step::Ask { other, newest, rows } => {
                let other = OTHERS[other];
                let window = cache.window(&key(&other.to_string()), None, 3).await.unwrap();
                let before = if newest { None } else { window.missing_before.map(|id| id.0) };
                let (page, beginning) = server.page(other, before, rows);
                late.push(Late { other, before, page, beginning, epoch: cache.epoch().await.unwrap() });
            }
            Step::Arrive => {
                if let Some(Late { other, before, page, beginning, epoch }) = late.pop() {
                    let key = key(&other.to_string());
                    let taken = cache.put_page(ME, &key, &page, before.map(MessageId), beginning, epoch).await.unwrap();
                    unsure |= taken.is_some_and(|changes| changes.of::<ConversationChanges>().counts_unsure);
                }
            }
            Step::List => {
                let synced_to = cache.synced_to().await.unwrap().unwrap();
                let as_of = Some(server.feed.len() as i64).filter(|latest| *latest == synced_to);
                cache.put_conversations(ME, &server.list(), as_of).await.unwrap();
            }
            Step::Reload => {
                reload(&cache, ME, &server.list(), &[], server.feed.len() as i64, false).await.unwrap();
                unsure = false;
            }
        }
    }
    unsure |= follow(&cache, &server, usize::MAX / 2, 0).await;
    if unsure {
        cache.put_conversations(ME, &server.list(), Some(server.feed.len() as i64)).await.unwrap();
    }

    let other_folder = tempfile::tempdir().unwrap();
    let (fresh, _) = Cache::open(other_folder.path()).await.unwrap();
    reload(&fresh, ME, &server.list(), &[], server.feed.len() as i64, false).await.unwrap();
    for other in OTHERS {
        assert_eq!(everything(&cache, &server, other).await, everything(&fresh, &server, other).await, "with {other}");
    }
    let row = |known: guildhall_cache::known::KnownConversation| {
        (known.key, known.last.map(|last| (last.id, last.state, last.body)), known.last_at, known.unread)
    };
    let rows = |list: Vec<_>| list.into_iter().map(row).collect::<Vec<_>>();
    assert_eq!(
        rows(cache.conversations(false, 10).await.unwrap()),
        rows(fresh.conversations(false, 10).await.unwrap())
    );
    assert_eq!(cache.unread().await.unwrap(), fresh.unread().await.unwrap());
}

proptest! {
    // Each takes long: no more than that, and fewer where `PROPTEST_CASES` says so.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.min(64), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn following_equals_fetching_anew(steps in prop::collection::vec(step(), 1..60)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(check(steps));
    }
}

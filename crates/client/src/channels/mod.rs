//! Channels beside a person's own: held for as long as somebody looks at what they are about, each with its own numbers.
//!
//! A kind says which channels it hears, what number an event has, and how what was missed is fetched; everything else is done
//! here: one subscription however many hold it, events in order and each once, a fetch behind every gap and every new
//! connection, who is there.

pub(crate) mod known;
pub(crate) mod roster;
#[cfg(test)]
mod simulation;
pub(crate) mod subscriptions;

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use futures_util::FutureExt;
use serde_json::Value;
use tokio::{
    sync::{Notify, mpsc},
    task::{AbortHandle, JoinSet},
};

use self::known::{Channels, Heard, Step};
use crate::{
    account::{Account, Kind},
    behind::Behind,
    outbox,
    rest::ApiError,
};

/// What the link heard that waits to be taken in. The link waits when it is full.
const NEWS_MAX: usize = 4_096;
/// The longest pause between two tries to fetch what was missed.
const FETCH_PAUSE_MAX: Duration = Duration::from_secs(8);

/// What the link heard of channels.
#[derive(Debug)]
pub(crate) enum News {
    /// The server let us listen, and said this with it.
    Subscribed { channel: String, data: Value },
    /// It does not, or not any more.
    Refused { channel: String, status: u16 },
    /// An event.
    Heard { channel: String, event: String, data: Value },
    /// The connection is gone, and all subscriptions with it.
    Lost,
}

/// What is kept of an account: its channels, and the way from the link to them.
pub(crate) struct Listened {
    known: Mutex<Channels>,
    /// Told when other channels are held than before.
    pub(crate) changed: Notify,
    pub(crate) news: mpsc::Sender<News>,
    receiver: Mutex<Option<mpsc::Receiver<News>>>,
    always: Mutex<Vec<Listening>>,
    /// The fetch under way for each channel: of no use once nobody holds it.
    fetching: Mutex<HashMap<String, AbortHandle>>,
}

impl Default for Listened {
    fn default() -> Self {
        let (news, receiver) = mpsc::channel(NEWS_MAX);
        Self {
            known: Mutex::default(),
            changed: Notify::new(),
            news,
            receiver: Mutex::new(Some(receiver)),
            always: Mutex::default(),
            fetching: Mutex::default(),
        }
    }
}

impl Listened {
    /// The channels that are held, each with its holding.
    pub(crate) fn held(&self) -> Vec<(String, u64)> {
        let known = self.known.lock().expect("no panic while held");
        known.held().map(|(channel, holding)| (channel.to_owned(), holding)).collect()
    }

    fn take(&self, account: &Account, news: News) -> Vec<Step> {
        let mut known = self.known.lock().expect("no panic while held");
        match news {
            News::Subscribed { channel, data } => known.subscribed(&channel, &data),
            News::Refused { channel, status } => known.refused(&channel, status),
            News::Lost => known.lost(),
            News::Heard { channel, event, data } => {
                let numbers = kind_of(account, &channel).and_then(|kind| kind.numbers(&event, &data));
                known.heard(&channel, Heard { event, data, numbers })
            }
        }
    }
}

/// Holds a channel: it is listened to until this is dropped, and everybody else's too.
#[must_use = "a channel is listened to as long as this is kept"]
pub(crate) struct Listening {
    account: Weak<Account>,
    channel: String,
}

impl Drop for Listening {
    fn drop(&mut self) {
        let Some(account) = self.account.upgrade() else { return };
        let listened = account.part::<Listened>();
        let free = listened.known.lock().expect("no panic while held").release(&self.channel);
        if free {
            if let Some(fetch) = listened.fetching.lock().expect("no panic while held").remove(&self.channel) {
                fetch.abort();
            }
            listened.changed.notify_one();
        }
    }
}

impl Account {
    /// Listens to a channel, which one of the kinds must hear, for as long as the answer is kept.
    pub(crate) fn listen(self: &Arc<Self>, channel: &str) -> Listening {
        debug_assert!(kind_of(self, channel).is_some(), "no kind hears {channel}");
        let listened = self.part::<Listened>();
        if listened.known.lock().expect("no panic while held").hold(channel) {
            listened.changed.notify_one();
        }
        Listening { account: Arc::downgrade(self), channel: channel.to_owned() }
    }
}

fn kind_of<'a>(account: &'a Account, channel: &str) -> Option<&'a &'static dyn Kind> {
    account.kinds.iter().find(|kind| kind.hears(channel))
}

/// Takes in what the link hears, for as long as the account is open.
pub(crate) async fn run(account: Arc<Account>) {
    let listened = account.part::<Listened>();
    let Some(mut news) = listened.receiver.lock().expect("no panic while held").take() else { return };
    let always = account.kinds.iter().flat_map(|kind| kind.channels()).map(|channel| account.listen(channel)).collect();
    *listened.always.lock().expect("no panic while held") = always;
    let mut fetches: JoinSet<(String, u64, Option<Option<i64>>)> = JoinSet::new();
    loop {
        let steps = tokio::select! {
            Some(news) = news.recv() => listened.take(&account, news),
            Some(done) = fetches.join_next(), if !fetches.is_empty() => match done {
                Ok((channel, holding, known)) => {
                    listened.known.lock().expect("no panic while held").fetched(&channel, holding, known)
                }
                // Nobody holds its channel any more.
                Err(_) => Vec::new(),
            }
        };
        for step in steps {
            carry_out(&account, step, &mut fetches).await;
        }
    }
}

async fn carry_out(account: &Arc<Account>, step: Step, fetches: &mut JoinSet<(String, u64, Option<Option<i64>>)>) {
    match step {
        Step::Apply { channel, heard } => {
            let Some(kind) = kind_of(account, &channel) else { return };
            kind.heard(account, &channel, &heard.event, heard.data).await;
        }
        Step::Stands { channel, standing } => {
            let Some(kind) = kind_of(account, &channel) else { return };
            kind.stands(account, &channel, standing).await;
        }
        Step::Present { channel, roster } => {
            let Some(kind) = kind_of(account, &channel) else { return };
            kind.present(account, &channel, &roster).await;
        }
        Step::Fetch { channel, holding, after, failures } => {
            let (account, of) = (account.clone(), channel.clone());
            let listened = account.part::<Listened>();
            let task = fetches.spawn(async move {
                // One that breaks must not leave its channel behind for ever.
                let fetching = AssertUnwindSafe(fetch(&account, &channel, after, failures)).catch_unwind();
                let known = fetching.await.unwrap_or_else(|_| {
                    tracing::error!(channel, "fetching what was missed of a channel broke");
                    None
                });
                (channel, holding, known)
            });
            listened.fetching.lock().expect("no panic while held").insert(of, task);
        }
    }
}

async fn fetch(account: &Arc<Account>, channel: &str, after: Option<i64>, failures: u32) -> Option<Option<i64>> {
    let kind = kind_of(account, channel)?;
    if failures > 0 {
        tokio::select! {
            () = tokio::time::sleep(outbox::pause(failures - 1).min(FETCH_PAUSE_MAX)) => {}
            () = account.link.made.notified() => {}
        }
    }
    match kind.fetch(account, channel, after).await {
        Ok(known) => Some(known),
        Err(Behind::Api(ApiError::Unauthorized)) => {
            account.lost_token();
            None
        }
        Err(_) => {
            tracing::info!(channel, failures, "what was missed of a channel could not be fetched");
            None
        }
    }
}

//! Who is online: told to the people one has a conversation with, calmly. Somebody who is back within half a minute
//! was never away.
//!
//! **Invariant:** to the one who is blocked, a block is a departure like any other: away at once for whoever asks, told after
//! the same wait, with the same words.

use std::collections::HashMap;

use guildhall_contract::{events::PRESENCE_UPDATED, people::PresenceUpdated};
use guildhall_db::{Committed, DbError, Outgoing, conversations, people};
use guildhall_market::{ids::UserId, permissions::MarketChannel, time::Timestamp};
use tokio::sync::mpsc;

use crate::{app::App, clock::Steady, error::written, realtime::hub::OnlineChange};

/// A departure that nobody was told of yet.
#[derive(Clone, Copy)]
struct Departure {
    told_at: Steady,
    left_at: Timestamp,
}

/// Who went, and who seems to have gone to one person alone.
#[derive(Default)]
struct Departures {
    of: HashMap<UserId, Departure>,
    /// By (who is told, of whom).
    from: HashMap<(UserId, UserId), Departure>,
}

/// The keys of what is due by now, which is taken out.
fn take_due<K: Copy + Eq + std::hash::Hash>(map: &mut HashMap<K, Departure>, now: Steady) -> Vec<(K, Timestamp)> {
    let due: Vec<K> = map.iter().filter(|(_, departure)| departure.told_at <= now).map(|(key, _)| *key).collect();
    due.into_iter().filter_map(|key| map.remove(&key).map(|departure| (key, departure.left_at))).collect()
}

/// Tells of changes until the hub is gone.
pub async fn run(app: App, changes: &mut mpsc::Receiver<OnlineChange>) {
    let mut departures = Departures::default();
    loop {
        let next = departures.of.values().chain(departures.from.values()).map(|departure| departure.told_at).min();
        tokio::select! {
            change = changes.recv() => match change {
                Some(change) => departures.heed(&app, change).await,
                None => return,
            },
            () = app.config.clock.sleep_until(next.unwrap_or_else(|| app.config.clock.steady())), if next.is_some() => {
                let now = app.config.clock.steady();
                for (user, left_at) in take_due(&mut departures.of, now) {
                    tell(&app, user, false, left_at).await;
                }
                for ((reader, about), left_at) in take_due(&mut departures.from, now) {
                    send(&app, reader, about, false, left_at);
                }
            }
        }
    }
}

impl Departures {
    async fn heed(&mut self, app: &App, change: OnlineChange) {
        let departure = Departure { told_at: app.config.clock.steady() + app.config.away_after, left_at: app.now() };
        match change {
            OnlineChange::Came(user) => {
                // Back within the half minute: nobody needs to know.
                if self.of.remove(&user).is_none() {
                    note(app, user, departure.left_at).await;
                    tell(app, user, true, departure.left_at).await;
                }
            }
            OnlineChange::Went(user) => {
                note(app, user, departure.left_at).await;
                self.of.insert(user, departure);
            }
            OnlineChange::Parted { reader, about, at } => {
                // Whoever was about to be away is away when they would have been.
                let real = self.of.get(&about).copied();
                let seeming = Departure { left_at: at, ..departure };
                if let Some(departure) = real.or_else(|| app.hub.is_online(about).then_some(seeming)) {
                    self.from.insert((reader, about), departure);
                }
            }
            OnlineChange::Rejoined { reader, about } => {
                if self.from.remove(&(reader, about)).is_none() && app.hub.is_online(about) {
                    send(app, reader, about, true, departure.left_at);
                }
            }
        }
    }
}

/// Notes that somebody was here until now.
async fn note(app: &App, user: UserId, now: Timestamp) {
    let noted = app.db.write::<(), DbError, _>(move |c| {
        Box::pin(async move { people::seen(c, user, now).await.map(Committed::quiet) })
    });
    if let Err(error) = noted.await {
        tracing::warn!(%error, "it could not be noted when somebody was here");
    }
}

async fn tell(app: &App, user: UserId, online: bool, at: Timestamp) {
    let told = async {
        let mut c = app.db.read().await?;
        let blocks = people::blocks_of(&mut c, user).await?;
        for partner in conversations::partners(&mut c, user).await? {
            if !blocks.iter().any(|(blocker, blocked, _)| *blocker == partner || *blocked == partner) {
                send(app, partner, user, online, at);
            }
        }
        Ok::<_, DbError>(())
    };
    if let Err(error) = told.await {
        tracing::warn!(%error, "nobody could be told who is online");
    }
}

fn send(app: &App, reader: UserId, about: UserId, online: bool, at: Timestamp) {
    let body = PresenceUpdated { user_id: about, online, last_seen_at: Some(at.into()) };
    // Logged there; an empty event would be read as one.
    let Ok(data) = written(&body) else { return };
    app.hub.publish(&Outgoing {
        channel: MarketChannel::of_user(reader),
        event: PRESENCE_UPDATED.to_owned(),
        data: data.into(),
        seq: None,
        except_socket: None,
    });
}

//! Who is online: told to the people one has a conversation with, calmly. Somebody who is back within half a minute
//! was never away.

use std::{collections::HashMap, time::Duration};

use guildhall_contract::{channels::PRESENCE_UPDATED, events::PresenceUpdated};
use guildhall_db::{Committed, DbError, Outgoing, conversations, people};
use guildhall_market::{ids::UserId, permissions::MarketChannel, time::Timestamp};
use tokio::{sync::mpsc, time::Instant};

use crate::{app::App, realtime::hub::OnlineChange};

/// How long somebody may be away unnoticed (domain edge case 112).
const RETURN_WITHIN: Duration = Duration::from_secs(30);

/// Tells of changes until the hub is gone.
pub async fn run(app: App, changes: &mut mpsc::Receiver<OnlineChange>) {
    let mut leaving: HashMap<UserId, Instant> = HashMap::new();
    loop {
        let next = leaving.values().min().copied();
        tokio::select! {
            change = changes.recv() => match change {
                // Back within the half minute: nobody needs to know.
                Some(OnlineChange::Came(user)) => if leaving.remove(&user).is_none() {
                    tell(&app, user, true).await;
                },
                Some(OnlineChange::Went(user)) => drop(leaving.insert(user, Instant::now() + RETURN_WITHIN)),
                None => return,
            },
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                let now = Instant::now();
                let gone: Vec<UserId> = leaving.iter().filter(|(_, at)| **at <= now).map(|(user, _)| *user).collect();
                for user in gone {
                    leaving.remove(&user);
                    tell(&app, user, false).await;
                }
            }
        }
    }
}

async fn tell(app: &App, user: UserId, online: bool) {
    let now = app.now();
    if let Err(error) = publish(app, user, online, now).await {
        tracing::warn!(%error, "nobody could be told who is online");
    }
}

async fn publish(app: &App, user: UserId, online: bool, now: Timestamp) -> Result<(), DbError> {
    app.db
        .write::<(), DbError, _>(move |c| {
            Box::pin(async move { people::seen(c, user, now).await.map(Committed::quiet) })
        })
        .await?;
    let mut c = app.db.read().await?;
    let partners = conversations::partners(&mut c, user).await?;
    let body = PresenceUpdated { user_id: user, online, last_seen_at: Some(now.into()) };
    let data: std::sync::Arc<str> = serde_json::to_string(&body).unwrap_or_default().into();
    for partner in partners {
        let (blocks, blocked) = people::blocks_between(&mut c, user, partner).await?;
        if !blocks && !blocked {
            app.hub.publish(&Outgoing {
                channel: MarketChannel::of_user(partner),
                event: PRESENCE_UPDATED.to_owned(),
                data: std::sync::Arc::clone(&data),
                seq: None,
                except_socket: None,
            });
        }
    }
    Ok(())
}

//! Signs of typing: passed on to somebody one has a conversation with, at most one a second, never stored.

use std::{collections::HashMap, time::Duration};

use guildhall_contract::{
    channels::CLIENT_TYPING,
    events::{TypingReceived, TypingSent},
};
use guildhall_db::{DbError, conversations, people};
use guildhall_market::{ids::UserId, permissions::MarketChannel};
use guildhall_pusher::{close::CloseCode, frame, socket_id::SocketId};
use guildhall_realtime::{Published, Taken};
use tokio::{sync::mpsc, time::Instant};

use crate::app::App;

/// Between two signs of one socket.
const EVERY: Duration = Duration::from_secs(1);
/// Sockets whose last sign is remembered before the old ones are forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// Passes signs on until the hub is gone.
pub async fn run(app: App, signs: &mut mpsc::Receiver<Taken>) {
    let mut last: HashMap<SocketId, Instant> = HashMap::new();
    while let Some(sign) = signs.recv().await {
        let now = Instant::now();
        if last.get(&sign.socket).is_some_and(|at| now - *at < EVERY) {
            continue;
        }
        if last.len() >= REMEMBERED_MAX {
            last.retain(|_, at| now - *at < EVERY);
        }
        last.insert(sign.socket, now);
        if let Err(error) = pass_on(&app, &sign).await {
            tracing::debug!(%error, "a sign of typing was left out");
        }
    }
}

async fn pass_on(app: &App, sign: &Taken) -> Result<(), DbError> {
    let Some(MarketChannel::User(writer)) = MarketChannel::parse(&sign.channel) else { return Ok(()) };
    let Ok(sent) = serde_json::from_str::<TypingSent>(&sign.data) else {
        let words = "client-typing needs a numeric \"recipient_id\" in its data";
        let text = frame::error(Some(CloseCode::ClientEvent.number()), words);
        app.hub.sockets().send_to(sign.socket, &text);
        return Ok(());
    };
    let reader = sent.recipient_id;
    let mut c = app.db.read().await?;
    let (blocks, blocked) = people::blocks_between(&mut c, writer, reader).await?;
    if !blocks && !blocked && conversations::exists(&mut c, writer, reader).await? {
        tell(app, reader, &TypingReceived { user_id: writer, job_id: sent.job_id, domain_id: sent.domain_id });
    }
    Ok(())
}

/// Tells somebody that another one types.
pub fn tell(app: &App, reader: UserId, body: &TypingReceived) {
    let channel = MarketChannel::of_user(reader);
    let data = serde_json::to_string(body).unwrap_or_default();
    app.hub.send(&Published { channel: &channel, event: CLIENT_TYPING, data: &data, seq: None, except_socket: None });
}

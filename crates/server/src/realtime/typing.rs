//! Signs of typing: passed on to somebody one has a conversation with, at most one a second, never stored.

use std::{collections::HashMap, time::Duration};

use guildhall_contract::{
    conversations::{TypingReceived, TypingSent},
    events::CLIENT_TYPING,
};
use guildhall_db::{DbError, conversations, people};
use guildhall_market::{ids::UserId, permissions::MarketChannel};
use guildhall_pusher::{close::CloseCode, frame, socket_id::SocketId};
use guildhall_realtime::{Published, Taken};
use tokio::sync::mpsc;

use crate::{app::App, clock::Steady, error::written};

/// Between two signs of one socket.
const EVERY: Duration = Duration::from_secs(1);
/// Sockets whose last sign is remembered before the old ones are forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// Passes signs on until the hub is gone.
pub async fn run(app: App, signs: &mut mpsc::Receiver<Taken>) {
    let mut last: HashMap<SocketId, Steady> = HashMap::new();
    while let Some(sign) = signs.recv().await {
        let Some(sent) = understood(&app, &sign) else { continue };
        let now = app.config.clock.steady();
        if last.get(&sign.socket).is_some_and(|at| now - *at < EVERY) {
            continue;
        }
        if last.len() >= REMEMBERED_MAX {
            last.retain(|_, at| now - *at < EVERY);
        }
        last.insert(sign.socket, now);
        if let Err(error) = pass_on(&app, &sign, sent).await {
            tracing::debug!(%error, "a sign of typing was left out");
        }
    }
}

/// What a sign says; one that says nothing is answered in words, however many there are.
fn understood(app: &App, sign: &Taken) -> Option<TypingSent> {
    let sent = serde_json::from_str::<TypingSent>(&sign.data).ok();
    if sent.is_none() {
        let words = "client-typing needs a numeric \"recipient_id\" in its data";
        let text = frame::error(Some(CloseCode::ClientEvent.number()), words);
        app.hub.sockets().send_to(sign.socket, &text);
    }
    sent
}

async fn pass_on(app: &App, sign: &Taken, sent: TypingSent) -> Result<(), DbError> {
    let Some(MarketChannel::User(writer)) = MarketChannel::parse(&sign.channel) else { return Ok(()) };
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
    // Logged there; who types is known a moment later anyway.
    let Ok(data) = written(body) else { return };
    app.hub.send(&Published { channel: &channel, event: CLIENT_TYPING, data: &data, seq: None, except_socket: None });
}

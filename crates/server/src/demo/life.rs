//! The demo's people answer by themselves, so that one person alone sees a living market. Somebody who has a window
//! open speaks for themselves and is left alone.

use std::time::Duration;

use guildhall_contract::conversations::TypingReceived;
use guildhall_db::{conversations, messages};
use guildhall_market::{
    ids::{MessageId, UserId},
    time::MINUTE_MS,
};

use super::CAST;
use crate::{
    app::App,
    error::ApiError,
    messages::{
        marks::read_as,
        sending::{Outgoing, send_as},
    },
    realtime::typing,
};

/// How often people look at their messages.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long somebody seems to write.
const WRITES_FOR: Duration = Duration::from_millis(2_500);
/// Messages older than this are not answered any more: nobody replies to last week on start-up.
const ANSWERS_WITHIN_MS: i64 = 3 * MINUTE_MS;

/// Those of the cast, by place, who are about; the others look at their messages now and then.
const PRESENT: [i64; 5] = [2, 3, 4, 6, 8];

const ANSWERS: &[&str] = &[
    "Got it. Let me look at the calendar and come back to you.",
    "That works for me.",
    "I'm in the shop until six, send whatever you need.",
    "Can you send a photo? Then I can tell you for certain.",
    "Understood. I'll measure again tomorrow morning.",
    "Good question. I'd rather do it properly than quickly.",
    "Yes, and it won't change the price.",
    "Noted. I'll write as soon as it is done.",
];

/// Answers until it is aborted.
pub async fn run(app: App) {
    for place in PRESENT {
        app.hub.let_seem_online(UserId(place));
    }
    loop {
        app.config.clock.sleep(LOOK_EVERY).await;
        for place in 1..=CAST.len() {
            let me = UserId(i64::try_from(place).unwrap_or(i64::MAX));
            if app.hub.has_socket(me) {
                continue;
            }
            if let Err(error) = answer(&app, me).await {
                tracing::debug!(?error, "a demo answer was left out");
            }
        }
    }
}

/// Reads and answers the newest message of each conversation that waits for one.
async fn answer(app: &App, me: UserId) -> Result<(), ApiError> {
    let now = app.now();
    let waiting: Vec<messages::Message> = {
        let mut c = app.db.read().await?;
        let rows = conversations::list(&mut c, me, 0, 20).await?;
        let unread: Vec<MessageId> = rows.iter().filter(|row| row.unread > 0).map(|row| row.last_message_id).collect();
        messages::get_many(&mut c, &unread).await?
    };
    for message in waiting {
        let writer = message.sender_id;
        // Two people of the cast who are both away would talk to each other for ever.
        let fresh = now.0 - message.created_at_ms < ANSWERS_WITHIN_MS;
        if writer == me || !fresh || !app.hub.has_socket(writer) {
            continue;
        }
        read_as(app, (me, writer), message.subject, message.id).await?;
        type_at(app, me, writer);
        app.config.clock.sleep(WRITES_FOR).await;
        let text = ANSWERS[app.config.chance.pick(ANSWERS.len())];
        let out = Outgoing {
            recipient: writer,
            subject: message.subject,
            body: text.to_owned(),
            message_type: "text".into(),
            attachments: Vec::new(),
            written_at: None,
        };
        send_as(app, me, out).await?;
    }
    Ok(())
}

fn type_at(app: &App, me: UserId, reader: UserId) {
    typing::tell(app, reader, &TypingReceived { user_id: me, job_id: None, domain_id: None });
}

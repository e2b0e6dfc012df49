//! The server's end: lines of any text, with time passing in between, and a secret that signs what begins right.
#![no_main]

use std::sync::Arc;

use guildhall_pusher::{auth::App, connection::Connection, settings::AppSettings, socket_id::SocketId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let app = App { id: "1".into(), key: "key".into(), secret: "secret".into() };
    let mut settings = AppSettings::from(app.clone());
    settings.limits.subscriptions_max = 8;
    let id = SocketId { place: 1, nonce: 1 };
    let (mut connection, _) = Connection::open(Arc::new(settings), id, 30, 0);
    let mut now = 0;
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(text) = std::str::from_utf8(line) else { continue };
        now += i64::from(line.len() as u32) * 100;
        // `SIGN` stands for the right signature of a channel, so that the states behind it are reached.
        let signed = text.replace("SIGN", &app.sign_channel(id, "private-a", None));
        connection.on_text(&signed, now);
        connection.on_deadline(now);
        assert!(connection.subscriptions().len() <= 8);
    }
});

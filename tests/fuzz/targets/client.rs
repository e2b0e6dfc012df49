//! The client's end: lines of any text from a server that may be anybody.
#![no_main]

use guildhall_pusher::client::{Connection, Liveness};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut connection = Connection::new(Liveness::default(), 0);
    let mut now = 0;
    for line in data.split(|byte| *byte == b'\n') {
        now += i64::from(line.len() as u32) * 100;
        if let Ok(text) = std::str::from_utf8(line) {
            connection.on_text(text, now);
        }
        connection.poll(now);
    }
});

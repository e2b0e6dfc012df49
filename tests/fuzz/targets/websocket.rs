//! WebSocket frames from a client that may be anybody, cut anywhere.
#![no_main]

use guildhall_realtime::websocket::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((cut, bytes)) = data.split_first() else { return };
    let mut reader = Reader::default();
    for part in bytes.chunks(usize::from(*cut).max(1)) {
        if reader.take(&mut part.to_vec(), 1_000, |_| {}).is_err() {
            return;
        }
    }
});

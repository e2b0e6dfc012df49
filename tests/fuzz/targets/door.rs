//! The first bytes of a connection.
#![no_main]

use guildhall_realtime::door::look;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for loopback_only in [true, false] {
        look(data, loopback_only);
    }
});

//! An instance of the app that is ending while the next begins.
//!
//! A process that was killed, or crashed, keeps its name on the session bus and the locks on its files until the last of its
//! threads has left the kernel; one that waits for a slow disk may take seconds over it. To hand over to it would end the
//! next instance together with it, and whoever pressed the icon would see nothing.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use zbus::blocking::{Connection, connection::Builder, fdo::DBusProxy};

/// The longest that an instance which says nothing is waited for.
const ENDING_WITHIN: Duration = Duration::from_secs(10);
/// The longest that one which is alive takes to answer: its bus has a thread of its own.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// Waits while somebody has `name` on the session bus who does not answer, at most [`ENDING_WITHIN`].
/// Without a session bus there is nobody to wait for.
pub fn let_end(name: &str) {
    let Ok(bus) = Builder::session().and_then(|builder| builder.method_timeout(ANSWERED_WITHIN).build()) else {
        return;
    };
    let until = Instant::now() + ENDING_WITHIN;
    while Instant::now() < until && has_owner(&bus, name) && !answers(&bus, name) {
        sleep(Duration::from_millis(50));
    }
}

fn has_owner(bus: &Connection, name: &str) -> bool {
    let Ok(name) = name.try_into() else { return false };
    DBusProxy::new(bus).and_then(|proxy| Ok(proxy.name_has_owner(name)?)).unwrap_or(false)
}

fn answers(bus: &Connection, name: &str) -> bool {
    bus.call_method(Some(name), "/", Some("org.freedesktop.DBus.Peer"), "Ping", &()).is_ok()
}

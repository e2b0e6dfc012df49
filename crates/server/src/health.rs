//! How the whole server is: its parts, the event loops, the database and the disk.

use crate::{app::App, room, vitals::UNWELL_FOR};

/// What is not well now, of all that a server consists of. Waits for a sign of life of the event loops, two seconds at most.
pub async fn complaints(app: &App) -> Vec<String> {
    let mut all = app.vitals.complaints();
    let health = app.hub.sockets().health();
    if health.dead {
        all.push("an event loop is gone: no realtime".to_owned());
    } else {
        if health.last_panic_ms.is_some_and(|ms| ms < i64::try_from(UNWELL_FOR.as_millis()).unwrap_or(i64::MAX)) {
            all.push("an event loop panicked a moment ago".to_owned());
        }
        if !app.hub.is_alive().await {
            all.push("an event loop does not answer".to_owned());
        }
    }
    if !app.db.is_writing() {
        all.push("the database's writer is gone: nothing is stored any more".to_owned());
    }
    if app.db.writer_health().last_writer_panic().is_some_and(|ago| ago < UNWELL_FOR) {
        all.push("the database's writer panicked a moment ago".to_owned());
    }
    all.extend(room::complaint(app).await);
    all
}

/// Panics since the start in the text format of Prometheus.
pub fn render_panics(app: &App) -> String {
    let mut text = String::from("# TYPE guildhall_panics_total counter\n");
    let writer = app.db.writer_health();
    let others = [
        ("realtime loop", app.hub.sockets().health().panics),
        ("database writer", writer.writer_panics()),
        ("database command", writer.command_panics()),
    ];
    for (part, panics) in app.vitals.panics().into_iter().chain(others) {
        text.push_str(&format!("guildhall_panics_total{{part=\"{part}\"}} {panics}\n"));
    }
    text
}

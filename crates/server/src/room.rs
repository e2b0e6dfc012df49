//! Whether there is room to store something: on the disk of the data folder, and where the database is.

use guildhall_db::{Committed, DbError, settings};
use guildhall_market::attachments::BYTES_MAX;

use crate::app::App;

/// Room that must be left, bytes: for one file more, and some for the database.
const ROOM_MIN: u64 = BYTES_MAX as u64 + 6 * 1024 * 1024;
/// What is written to see whether the database has room again, bytes: some pages of it.
const PROBE_BYTES: usize = 32 * 1024;

/// What is wrong, in words for whoever runs the server.
pub async fn complaint(app: &App) -> Option<String> {
    let folder = app.config.data_dir.clone();
    let asked = folder.clone();
    let left = tokio::task::spawn_blocking(move || fs4::available_space(asked)).await;
    match left {
        Ok(Ok(left)) if left < ROOM_MIN => {
            return Some(format!("the disk of {} is full: {left} bytes are left", folder.display()));
        }
        Ok(Ok(_)) => {}
        Ok(Err(error)) => return Some(format!("the data folder {} cannot be looked at: {error}", folder.display())),
        Err(error) => tracing::error!(%error, "a defect: looking at the disk panicked"),
    }
    // The database may be on another disk: it said so, and is asked whether it is over.
    if app.db.writer_health().is_full() && !has_room(app).await {
        return Some("the database's disk is full: nothing is stored".to_owned());
    }
    None
}

/// Writes something and takes it away again.
async fn has_room(app: &App) -> bool {
    for probe in ["x".repeat(PROBE_BYTES), String::new()] {
        let written = app
            .db
            .write::<(), DbError, _>(move |c| {
                Box::pin(async move { settings::set(c, "probe", &probe).await.map(Committed::quiet) })
            })
            .await;
        if let Err(error) = written {
            tracing::warn!(%error, "the database still has no room");
            return false;
        }
    }
    true
}

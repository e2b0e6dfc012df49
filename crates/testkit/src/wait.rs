//! Waiting for what must come true.

use std::time::{Duration, Instant};

/// How long anything in a test may take.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again and again until the answer is yes.
///
/// # Panics
/// After [`PATIENCE`], with what was waited for.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    eventually_within(PATIENCE, what, &mut is_so).await;
}

/// The same with a limit of one's own.
///
/// # Panics
/// After `limit`, with what was waited for.
pub async fn eventually_within(limit: Duration, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < limit, "after {limit:?} it still was not so: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

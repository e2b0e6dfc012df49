//! Bounds that only a wrong shape would break: one commit for each event, counting instead of keeping counts, offsets.

mod common;

use std::time::{Duration, Instant};

use common::{ME, key, message, reload, sent};
use guildhall_cache::Cache;

#[tokio::test]
async fn ten_thousand_missed_messages_are_taken_in_within_seconds_and_read_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (cache, _) = Cache::open(folder.path()).await.unwrap();
    reload(&cache, ME, &[], &[], 0, false).await.unwrap();
    let feed: Vec<_> =
        (1..=10_000).map(|n| sent(n, &message(n, 2 + n % 50, 1, "a message of usual length, more or less"))).collect();
    let begin = Instant::now();
    for page in feed.chunks(500) {
        cache.apply(ME, page).await.unwrap();
    }
    let taken = begin.elapsed();
    println!("10,000 messages in {taken:?}");
    // Unoptimised and on a busy machine; the release build takes a fraction of a second.
    assert!(taken < Duration::from_secs(10), "{taken:?}");
    let begin = Instant::now();
    assert_eq!(cache.conversations(false, 100).await.unwrap().len(), 50);
    assert_eq!(cache.window(&key("2"), None, 50).await.unwrap().messages.len(), 50);
    assert_eq!(cache.unread().await.unwrap().messages, 10_000);
    let read = begin.elapsed();
    println!("list, window and counts in {read:?}");
    assert!(read < Duration::from_secs(1), "{read:?}");
}

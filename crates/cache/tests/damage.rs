//! A damaged cache is set aside and begins anew; what is the user's own stays.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::{ME, conversation, key, message, reload, sent};
use guildhall_cache::{Cache, Own, known::Found, own::NewEntry};
use guildhall_market::time::Timestamp;

/// An account with some hundred messages, closed well.
async fn account(folder: &Path) {
    let own = Own::open(folder).await.unwrap();
    let entry =
        NewEntry { key: "waiting".into(), conversation: key("2"), body: "kept".into(), written_at: Timestamp(1) };
    own.accept(&entry).await.unwrap();
    own.set_draft(&key("3"), "draft", Timestamp(1)).await.unwrap();
    own.close().await;
    let (cache, found) = Cache::open(folder).await.unwrap();
    assert_eq!(found, Found::Sound);
    reload(&cache, ME, &[conversation(message(1, 2, 1, "first"), 1)], &[], 0, false).await.unwrap();
    let long = "x".repeat(900);
    let feed: Vec<_> = (1..=400).map(|n| sent(n, &message(n + 1, 2, 1, &long))).collect();
    cache.apply(ME, &feed).await.unwrap();
    cache.close().await;
}

fn file(folder: &Path) -> PathBuf {
    folder.join("cache.sqlite")
}

fn change(folder: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(file(folder)).unwrap();
    change(&mut bytes);
    fs::write(file(folder), bytes).unwrap();
}

async fn check(name: &str, expected: Found, damage: impl FnOnce(&Path)) {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path();
    account(folder).await;
    damage(folder);
    let (cache, found) = Cache::open(folder).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(found, expected, "{name}");
    if found == Found::Rebuilt {
        assert_eq!(cache.synced_to().await.unwrap(), None, "{name}: everything is to be loaded");
        assert!(cache.conversations(false, 10).await.unwrap().is_empty(), "{name}");
        let aside =
            fs::read_dir(folder).unwrap().flatten().any(|e| e.file_name().to_string_lossy().contains(".damaged-"));
        assert!(aside, "{name}: the damaged file can be looked into");
    }
    // It works, whatever it was.
    reload(&cache, ME, &[conversation(message(1, 2, 1, "first"), 1)], &[], 400, false).await.unwrap();
    assert!(cache.quick_check().await, "{name}");
    cache.close().await;
    let own = Own::open(folder).await.unwrap();
    assert_eq!(own.entries(&key("2")).await.unwrap().len(), 1, "{name}");
    assert_eq!(own.draft(&key("3")).await.unwrap().as_deref(), Some("draft"), "{name}");
}

#[tokio::test]
async fn damage_that_shows_at_once_is_cured_at_once() {
    check("untouched", Found::Sound, |_| {}).await;
    check("header", Found::Rebuilt, |f| change(f, |bytes| bytes[..16].fill(0))).await;
    check("all zeros", Found::Rebuilt, |f| change(f, |bytes| bytes.fill(0))).await;
    check("page size", Found::Rebuilt, |f| change(f, |bytes| bytes[16..18].fill(0xEE))).await;
    check("schema page", Found::Rebuilt, |f| change(f, |bytes| bytes[100..4_000].fill(0xA5))).await;
    check("truncated to half", Found::Rebuilt, |f| change(f, |bytes| bytes.truncate(bytes.len() / 2))).await;
    check("truncated to a few bytes", Found::Rebuilt, |f| change(f, |bytes| bytes.truncate(10))).await;
    check("zero length", Found::Rebuilt, |f| change(f, Vec::clear)).await;
    check("a text file", Found::Rebuilt, |f| fs::write(file(f), "not a database ".repeat(1_000)).unwrap()).await;
    check("a folder of the future", Found::Rebuilt, |f| {
        change(f, |bytes| {
            // Write and read version 9: made by a SQLite that does not exist yet.
            bytes[18] = 9;
            bytes[19] = 9;
        });
    })
    .await;
}

#[tokio::test]
async fn a_log_of_garbage_is_not_read() {
    check("garbage beside", Found::Sound, |f| fs::write(f.join("cache.sqlite-wal"), vec![0xA5; 50_000]).unwrap()).await;
    check("a cut log", Found::Sound, |f| fs::write(f.join("cache.sqlite-wal"), [0x37, 0x7f, 0x06, 0x82]).unwrap())
        .await;
    check("a stale index of the log", Found::Sound, |f| {
        fs::write(f.join("cache.sqlite-shm"), vec![0xFF; 32_768]).unwrap()
    })
    .await;
}

#[tokio::test]
async fn a_damaged_page_is_found_by_the_check_after_an_unclean_end() {
    let temp = tempfile::tempdir().unwrap();
    account(temp.path()).await;
    fs::write(temp.path().join("cache.open"), "").unwrap();
    change(temp.path(), |bytes| {
        let page = bytes.len() / 2 / 4096 * 4096;
        bytes[page..page + 4096].fill(0x5A);
    });
    let (cache, found) = Cache::open(temp.path()).await.unwrap();
    assert_eq!(found, Found::Unclean);
    assert!(!cache.quick_check().await);
    cache.rebuild().await.unwrap();
    assert!(cache.quick_check().await);
    assert_eq!(cache.synced_to().await.unwrap(), None);
    cache.close().await;
    let (_, found) = Cache::open(temp.path()).await.unwrap();
    assert_eq!(found, Found::Sound);
}

#[tokio::test]
async fn an_unclean_end_is_noticed_and_a_clean_one_is_not() {
    let temp = tempfile::tempdir().unwrap();
    account(temp.path()).await;
    let (cache, found) = Cache::open(temp.path()).await.unwrap();
    assert_eq!(found, Found::Sound);
    drop(cache);
    let (_, found) = Cache::open(temp.path()).await.unwrap();
    assert_eq!(found, Found::Unclean);
}

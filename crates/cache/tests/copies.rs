//! What only this device has outlives the damage of its file: the newest good copy takes its place.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use common::key;
use guildhall_cache::{
    Own,
    own::{NewEntry, NewFile, Restoration},
};
use guildhall_market::time::Timestamp;

async fn accept(own: &Own, text: &str) {
    let entry = NewEntry { key: text.into(), conversation: key("2"), body: text.into(), written_at: Timestamp(1) };
    own.accept(&entry).await.unwrap();
}

async fn waiting(own: &Own) -> Vec<String> {
    own.entries(&key("2")).await.unwrap().into_iter().map(|entry| entry.body).collect()
}

/// A copy at 1,000 with one message and a file of several pages, a second at 2,000 with two, and three messages in the end.
async fn account(folder: &Path) {
    let own = Own::open(folder).await.unwrap();
    assert_eq!(own.restoration(), None);
    let file = NewFile {
        local_id: "f".into(),
        upload_key: "u".into(),
        conversation: key("2"),
        name: "f.png".into(),
        mime: "image/png".into(),
        bytes: vec![7; 40_000],
        keep_location: false,
    };
    own.add_file(&file).await.unwrap();
    accept(&own, "one").await;
    own.set_draft(&key("3"), "draft", Timestamp(1)).await.unwrap();
    assert!(own.copy(Timestamp(1_000)).await.unwrap());
    accept(&own, "two").await;
    assert!(own.copy(Timestamp(2_000)).await.unwrap());
    accept(&own, "three").await;
    own.close().await;
}

fn copies(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join("copies")).unwrap().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn change(path: PathBuf, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

async fn check(name: &str, damage: impl FnOnce(&mut Vec<u8>)) {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path();
    account(folder).await;
    change(folder.join("own.sqlite"), damage);
    let damaged = fs::read(folder.join("own.sqlite")).unwrap();

    let own = Own::open(folder).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(waiting(&own).await, ["one", "two"], "{name}: all that the newest copy had");
    assert_eq!(own.draft(&key("3")).await.unwrap().as_deref(), Some("draft"), "{name}");
    let Restoration { copied_at, aside } = own.restoration().unwrap_or_else(|| panic!("{name}: it is to be told"));
    assert_eq!(copied_at, Some(Timestamp(2_000)), "{name}");
    assert_eq!(fs::read(aside.unwrap()).unwrap().len(), damaged.len(), "{name}: the damaged file is kept");
    accept(&own, "four").await;
    own.close().await;

    // It is told until somebody knows, and the restored file is as good as any.
    let own = Own::open(folder).await.unwrap();
    assert_eq!(waiting(&own).await, ["one", "two", "four"], "{name}");
    assert_eq!(own.restoration().unwrap().copied_at, Some(Timestamp(2_000)), "{name}");
    own.restoration_told().unwrap();
    assert_eq!(own.restoration(), None, "{name}");
    own.close().await;
}

#[tokio::test]
async fn the_newest_copy_takes_the_place_of_a_damaged_file() {
    check("header", |bytes| bytes[..16].fill(0)).await;
    check("all zeros", |bytes| bytes.fill(0)).await;
    check("page size", |bytes| bytes[16..18].fill(0xEE)).await;
    check("schema page", |bytes| bytes[100..4_000].fill(0xA5)).await;
    check("a page of a table", |bytes| bytes[8_192..12_288].fill(0x5A)).await;
    check("a page in the middle", |bytes| {
        let page = bytes.len() / 2 / 4_096 * 4_096;
        bytes[page..page + 4_096].fill(0x5A);
    })
    .await;
    check("the last page", |bytes| {
        let from = bytes.len() - 4_096;
        bytes[from..].fill(0xFF);
    })
    .await;
    check("truncated to half", |bytes| bytes.truncate(bytes.len() / 2)).await;
    check("truncated by a page", |bytes| bytes.truncate(bytes.len() - 4_096)).await;
    check("truncated to a few bytes", |bytes| bytes.truncate(10)).await;
    check("zero length", Vec::clear).await;
    check("a text file", |bytes| *bytes = "not a database ".repeat(1_000).into_bytes()).await;
}

#[tokio::test]
async fn a_file_that_is_gone_comes_back_from_its_copy() {
    let temp = tempfile::tempdir().unwrap();
    account(temp.path()).await;
    fs::remove_file(temp.path().join("own.sqlite")).unwrap();
    let own = Own::open(temp.path()).await.unwrap();
    assert_eq!(waiting(&own).await, ["one", "two"]);
    assert_eq!(own.restoration(), Some(Restoration { copied_at: Some(Timestamp(2_000)), aside: None }));
}

#[tokio::test]
async fn an_older_copy_helps_when_the_newest_is_damaged_as_well() {
    let temp = tempfile::tempdir().unwrap();
    account(temp.path()).await;
    change(temp.path().join("own.sqlite"), |bytes| bytes.fill(0));
    change(temp.path().join("copies/2000.sqlite"), |bytes| bytes[4_096..8_192].fill(0x5A));
    let own = Own::open(temp.path()).await.unwrap();
    assert_eq!(waiting(&own).await, ["one"]);
    assert_eq!(own.restoration().unwrap().copied_at, Some(Timestamp(1_000)));
}

#[tokio::test]
async fn without_any_good_copy_everything_begins_anew_and_the_damaged_file_stays() {
    let temp = tempfile::tempdir().unwrap();
    account(temp.path()).await;
    fs::remove_dir_all(temp.path().join("copies")).unwrap();
    change(temp.path().join("own.sqlite"), |bytes| bytes[..16].fill(0));
    let own = Own::open(temp.path()).await.unwrap();
    assert!(waiting(&own).await.is_empty());
    let Restoration { copied_at: None, aside: Some(aside) } = own.restoration().unwrap() else { panic!("it is told") };
    assert!(fs::metadata(aside).unwrap().len() > 40_000);
    own.close().await;
    change(temp.path().join("own.sqlite"), |bytes| bytes[..16].fill(0));
    Own::open(temp.path()).await.unwrap();
    let aside = fs::read_dir(temp.path()).unwrap().flatten();
    let aside = aside.filter(|entry| entry.file_name().to_string_lossy().contains("damaged")).count();
    assert_eq!(aside, 2, "not one of them is deleted");
}

#[tokio::test]
async fn copies_rotate_and_are_made_only_after_changes() {
    let temp = tempfile::tempdir().unwrap();
    let own = Own::open(temp.path()).await.unwrap();
    for n in 1..=5 {
        accept(&own, &format!("message {n}")).await;
        assert!(own.copy(Timestamp(n * 1_000)).await.unwrap());
        assert!(!own.copy(Timestamp(n * 1_000 + 1)).await.unwrap(), "nothing changed");
    }
    assert_eq!(copies(temp.path()), ["3000.sqlite", "4000.sqlite", "5000.sqlite"]);
    // The clock was set back: the copy is the newest all the same.
    accept(&own, "message 6").await;
    assert!(own.copy(Timestamp(10)).await.unwrap());
    assert_eq!(copies(temp.path()), ["4000.sqlite", "5000.sqlite", "5001.sqlite"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let rights = |path: &str| fs::metadata(temp.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((rights("copies"), rights("copies/5001.sqlite")), (0o700, 0o600), "for nobody else");
    }
}

#[tokio::test]
async fn damage_while_the_file_is_open_makes_no_copy_and_is_cured_in_place() {
    let temp = tempfile::tempdir().unwrap();
    account(temp.path()).await;
    let own = Own::open(temp.path()).await.unwrap();
    // Pages of the chosen file's bytes: nothing else meets them.
    change(temp.path().join("own.sqlite"), |bytes| {
        let from = bytes.len() - 2 * 4_096;
        bytes[from..].fill(0x5A);
    });
    own.set_draft(&key("4"), "lost with the rotation", Timestamp(1)).await.unwrap();
    assert!(own.copy(Timestamp(3_000)).await.is_err(), "a damaged file is no copy");
    assert_eq!(copies(temp.path()), ["1000.sqlite", "2000.sqlite"], "what was good stays");
    own.restore().await.unwrap();
    assert_eq!(waiting(&own).await, ["one", "two"]);
    accept(&own, "three").await;
    assert!(own.copy(Timestamp(3_000)).await.unwrap());
    assert_eq!(own.restoration().unwrap().copied_at, Some(Timestamp(2_000)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_or_writes_while_the_file_is_replaced_is_served_by_the_next() {
    let temp = tempfile::tempdir().unwrap();
    account(temp.path()).await;
    let own = Arc::new(Own::open(temp.path()).await.unwrap());
    let over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..8)
        .map(|reader| {
            let (own, over) = (own.clone(), over.clone());
            tokio::spawn(async move {
                let mut times = 0;
                while !over.load(Ordering::SeqCst) {
                    assert!(own.is_whole().await.unwrap(), "a file that is replaced is not damaged");
                    own.entries(&key("2")).await.unwrap();
                    own.set_draft(&key(&format!("{}", 10 + reader)), "draft", Timestamp(1)).await.unwrap();
                    times += 1;
                }
                times
            })
        })
        .collect();
    for _ in 0..10 {
        own.restore().await.unwrap();
    }
    over.store(true, Ordering::SeqCst);
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
    own.close().await;
    assert!(own.entries(&key("2")).await.is_err(), "closed for good, nobody waits");
}

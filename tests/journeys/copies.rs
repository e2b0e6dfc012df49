//! The file with the user's own unsent things is damaged: a copy takes its place, and nobody gets anything twice.

use std::{
    fs,
    path::{Path, PathBuf},
};

use guildhall_contract::{
    commands::Nothing,
    messages::{MessageRef, MessageState},
    ui_events::{Toast, UiEvent},
};
use guildhall_testkit::{World, eventually};

fn account_folder(profile: &Path) -> PathBuf {
    let mut accounts = fs::read_dir(profile.join("accounts")).expect("somebody was signed in");
    accounts.next().expect("an account").expect("readable").path()
}

/// The copies of an account, oldest first.
fn copies(account: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(account.join("copies")).expect("copies were made");
    let mut copies: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    copies.sort();
    copies
}

fn damage(file: &Path) {
    let mut bytes = fs::read(file).expect("it was there");
    bytes[..4_096].fill(0xA5);
    fs::write(file, bytes).expect("it can be written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_brings_back_what_waited_and_sends_nothing_twice() {
    let world = World::start().await;
    let (ana, mut ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    let account = account_folder(ana_laptop.folder());
    ana_laptop.goes_offline().await;
    ana_laptop.writes(&tunde, "sent after the copy").await;
    ana_laptop.close().await;
    let with_the_first = copies(&account).pop().expect("the app copies at its end what changed");

    ana_laptop.clock.advance_ms(600_000);
    ana_laptop.reopen().await;
    ana_laptop.comes_online().await;
    eventually("it is sent", async || {
        matches!(ana_laptop.states(&tunde).await[..], [MessageState::Sent | MessageState::Delivered])
    })
    .await;
    tunde_laptop.sees(&ana, "sent after the copy").await;
    ana_laptop.close().await;

    // The disk lost the file, the newer copies, and the cache that would know what was sent: only the server can tell.
    for newer in copies(&account).into_iter().filter(|copy| *copy != with_the_first) {
        damage(&newer);
    }
    damage(&account.join("own.sqlite"));
    damage(&account.join("cache.sqlite"));
    ana_laptop.reopen().await;
    let told =
        ana_laptop.hears("what happened", |event| matches!(event, UiEvent::Toast { toast: Toast::OwnRestored { .. } }));
    let UiEvent::Toast { toast: Toast::OwnRestored { copied_at: Some(copied_at), aside } } = told.await else {
        panic!("there was a copy");
    };
    assert_eq!(
        Some(format!("{}.sqlite", copied_at.0).as_str()),
        with_the_first.file_name().and_then(|name| name.to_str())
    );
    assert!(Path::new(&aside).exists(), "the damaged file can be looked into");
    eventually("the server said that it has it", async || {
        matches!(ana_laptop.states(&tunde).await[..], [MessageState::Sent | MessageState::Delivered])
            && ana_laptop.core().connection_get(Nothing {}).await.is_ok_and(|c| c.queued == 0)
    })
    .await;
    tunde_laptop.comes_to(&ana, &["sent after the copy"]).await;

    // What waits in the copy and nowhere else is sent, once.
    ana_laptop.goes_offline().await;
    ana_laptop.writes(&tunde, "waiting in the copy").await;
    ana_laptop.close().await;
    damage(&account.join("own.sqlite"));
    ana_laptop.reopen().await;
    assert_eq!(ana_laptop.texts(&tunde).await, ["sent after the copy", "waiting in the copy"]);
    ana_laptop.comes_online().await;
    tunde_laptop.sees(&ana, "waiting in the copy").await;
    tunde_laptop.writes(&ana, "I have both").await;
    ana_laptop.sees(&tunde, "I have both").await;
    assert_eq!(tunde_laptop.texts(&ana).await, ["sent after the copy", "waiting in the copy", "I have both"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_dropped_does_not_come_back_from_a_copy() {
    let world = World::start().await;
    let (_, ana_laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    let account = account_folder(ana_laptop.folder());
    ana_laptop.goes_offline().await;
    let regretted = ana_laptop.writes(&tunde, "regretted").await;
    eventually("a copy holds it", async || newest_copy_says(&account, "regretted")).await;
    let dropped = async || ana_laptop.core().message_discard(MessageRef { key: regretted.key.clone() }).await.is_ok();
    eventually("it is dropped, between two tries to send it", dropped).await;
    eventually("the newest copy does not", async || !newest_copy_says(&account, "regretted")).await;
}

fn newest_copy_says(account: &Path, words: &str) -> bool {
    let Some(copy) = account.join("copies").exists().then(|| copies(account).pop()).flatten() else { return false };
    let bytes = fs::read(copy).unwrap_or_default();
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}

//! What is here follows the server, whatever was missed, and the user is told of what matters.

mod common;

use std::sync::atomic::Ordering;

use common::{Machine, connection, hall::Hall, key, record, sign_in, thread, until, until_offline, until_online};
use guildhall_client::Core;
use guildhall_contract::{
    commands::{Attention, ConversationRef, Nothing, ThreadQuery},
    ui_events::{Toast, UiEvent},
    views::{ConnectionState, Older},
};

async fn count(core: &Core) -> usize {
    let query = ThreadQuery { conversation: key("2"), before: None, limit: 200 };
    core.thread_get(query).await.unwrap().messages.len()
}

async fn unread(core: &Core) -> u32 {
    core.unread_get(Nothing {}).await.unwrap().messages
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_fetched_page_by_page_and_told_in_one_summary() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let machine = Machine::new(folder.path());
    let core = machine.open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    hall.down();
    until_offline(&core).await;
    for n in 0..1_200 {
        hall.write(2, 1, &format!("missed {n}"));
    }
    // An hour later, as far as this machine knows.
    machine.clock.ahead_ms.store(3_600_000, Ordering::SeqCst);
    hall.up();
    core.network_changed();
    until_online(&core).await;
    assert_eq!(connection(&core).await.synced_to, 1_200);
    assert_eq!(unread(&core).await, 1_200);
    assert_eq!(count(&core).await, 200);
    until("one summary a page", || async { !machine.notifier.shown.lock().unwrap().is_empty() }).await;
    let shown = machine.notifier.shown.lock().unwrap().clone();
    assert!(shown.iter().all(|notice| notice.tag == "summary"), "{shown:?}");
    until("the server knows that it arrived", || async { hall.state().delivered.last() == Some(&1_200) }).await;
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e92_a_missing_number_is_fetched() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let core = Machine::new(folder.path()).open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    hall.write(2, 1, "one");
    hall.state().mute = true;
    hall.write(2, 1, "two");
    hall.write(2, 1, "three");
    hall.state().mute = false;
    hall.write(2, 1, "four");
    until("all four", || async { count(&core).await == 4 && connection(&core).await.synced_to == 4 }).await;
    assert_eq!(unread(&core).await, 4);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_does_not_go_back_far_enough_leaves_a_gap_in_sight_that_fills() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let core = Machine::new(folder.path()).open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    hall.write(2, 1, "before");
    until("the first", || async { count(&core).await == 1 }).await;
    hall.down();
    until_offline(&core).await;
    for n in 0..30 {
        hall.write(2, 1, &format!("missed {n}"));
    }
    hall.state().oldest = 20;
    hall.up();
    core.network_changed();
    until_online(&core).await;
    assert_eq!(unread(&core).await, 31);
    let events = record(&core);
    let view = thread(&core, "2").await;
    assert!(view.messages.len() == 1 && view.older == Older::Gap, "a hole is never shown as continuity");
    until("the gap is filled", || async {
        let events = events.lock().unwrap();
        events.iter().any(|event| matches!(event, UiEvent::ThreadStale { conversation } if *conversation == key("2")))
    })
    .await;
    let view = thread(&core, "2").await;
    assert_eq!((view.messages.len(), view.older), (31, Older::Beginning));
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_without_a_link_is_told_later() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let core = Machine::new(folder.path()).open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    hall.write(2, 1, "one");
    until("it arrived", || async { unread(&core).await == 1 }).await;
    hall.down();
    until_offline(&core).await;
    core.conversation_read(ConversationRef { conversation: key("2") }).await.unwrap();
    assert_eq!(unread(&core).await, 0);
    hall.up();
    core.network_changed();
    until("the server heard of it", || async { hall.state().reads.len() == 1 }).await;
    assert_eq!(hall.state().reads[0]["up_to"], 1);
    until_online(&core).await;
    assert_eq!(unread(&core).await, 0, "the server's older count does not come back");
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_goes_to_whoever_is_not_looking() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let machine = Machine::new(folder.path());
    let core = machine.open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    let events = record(&core);
    hall.write(2, 1, "not looking");
    until("a notice", || async { machine.notifier.shown.lock().unwrap().len() == 1 }).await;
    let notice = machine.notifier.shown.lock().unwrap()[0].clone();
    assert_eq!((notice.tag.as_str(), notice.title.as_str(), notice.body.as_str()), ("2", "Person 2", "not looking"));

    // Looking at another conversation: inside the app.
    core.attention_set(Attention { focused: true, conversation: Some(key("3")) }).await.unwrap();
    hall.write(2, 1, "elsewhere");
    until("a toast", || async {
        let events = events.lock().unwrap();
        events.iter().any(|e| matches!(e, UiEvent::Toast { toast: Toast::Message { body, .. } } if body == "elsewhere"))
    })
    .await;

    // Looking at this one: nothing, and it is read.
    core.attention_set(Attention { focused: true, conversation: Some(key("2")) }).await.unwrap();
    assert_eq!(*machine.notifier.withdrawn.lock().unwrap(), ["2"]);
    hall.write(2, 1, "looking");
    until("it is here and read", || async { count(&core).await == 3 && unread(&core).await == 0 }).await;
    assert_eq!(machine.notifier.shown.lock().unwrap().len(), 1);

    // Hidden contents, then quiet.
    core.attention_set(Attention { focused: false, conversation: None }).await.unwrap();
    let mut settings = core.settings_get(Nothing {}).await.unwrap();
    settings.hide_content = true;
    core.settings_set(settings.clone()).await.unwrap();
    hall.write(2, 1, "secret");
    until("a second notice", || async { machine.notifier.shown.lock().unwrap().len() == 2 }).await;
    let notice = machine.notifier.shown.lock().unwrap()[1].clone();
    assert!(!notice.title.contains("Person") && notice.body.is_empty());
    (settings.quiet, settings.quiet_from_min, settings.quiet_to_min) = (true, 11 * 60, 13 * 60);
    core.settings_set(settings).await.unwrap();
    hall.write(2, 1, "quiet");
    until("it is here", || async { count(&core).await == 5 }).await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(machine.notifier.shown.lock().unwrap().len(), 2);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_when_to_come_back() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let core = Machine::new(folder.path()).open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    hall.close_sockets(4200);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    until_online(&core).await;
    // Not at once, but within a minute, or when the user or the network says so.
    hall.close_sockets(4001);
    until_offline(&core).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let view = connection(&core).await;
    assert_eq!((view.state, view.reason.as_deref()), (ConnectionState::Offline, Some("unfit")));
    assert!(view.retry_at.is_some());
    core.connection_retry(Nothing {}).await.unwrap();
    until_online(&core).await;
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_cache_comes_back_from_the_server() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let machine = Machine::new(folder.path());
    let core = machine.open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    for n in 0..20 {
        hall.write(2, 1, &format!("message {n}"));
    }
    until("they arrived", || async { count(&core).await == 20 }).await;
    core.shutdown().await;
    let file = machine.account_folder().join("cache.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[..100].fill(0);
    std::fs::write(&file, bytes).unwrap();

    let core = machine.open().await;
    let events = record(&core);
    until_online(&core).await;
    until("everything is back", || async { count(&core).await == 20 }).await;
    assert_eq!(unread(&core).await, 20);
    let told =
        || async { events.lock().unwrap().iter().any(|e| matches!(e, UiEvent::Toast { toast: Toast::CacheRebuilt })) };
    until("the user is told", told).await;
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_and_presence_are_of_the_moment() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let core = Machine::new(folder.path()).open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    hall.write(2, 1, "hello");
    until("it arrived", || async { count(&core).await == 1 }).await;
    until("it is known who is online", || async { thread(&core, "2").await.person.online == Some(true) }).await;
    let events = record(&core);
    hall.push(1, "client-typing", serde_json::json!({"user_id": 2, "job_id": null, "domain_id": null}));
    until("somebody types", || async { events.lock().unwrap().iter().any(|e| matches!(e, UiEvent::Typing { .. })) })
        .await;
    hall.push(
        1,
        "presence.updated",
        serde_json::json!({"user_id": 2, "online": false, "last_seen_at": "2026-11-23T09:30:00.000Z"}),
    );
    until("somebody went", || async { thread(&core, "2").await.person.online == Some(false) }).await;
    assert!(thread(&core, "2").await.person.last_seen_at.is_some());
    hall.down();
    until_offline(&core).await;
    assert_eq!(thread(&core, "2").await.person.online, None, "unknown while there is no link");
    core.shutdown().await;
}

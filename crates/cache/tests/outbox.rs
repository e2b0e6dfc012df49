//! What only this device has: accepted messages, their order and keys, files, drafts.

mod common;

use common::key;
use guildhall_cache::{
    Own,
    own::{Entry, EntryState, NewEntry, NewFile},
};
use guildhall_contract::messages::SendFailure;
use guildhall_market::{
    ids::{AttachmentId, MessageId},
    time::Timestamp,
};

fn new(id: &str, conversation: &str) -> NewEntry {
    NewEntry {
        key: id.into(),
        conversation: key(conversation),
        body: format!("text of {id}"),
        written_at: Timestamp(5),
    }
}

fn file(id: &str, conversation: &str) -> NewFile {
    NewFile {
        local_id: id.into(),
        upload_key: format!("upload-{id}"),
        conversation: key(conversation),
        name: format!("{id}.png"),
        mime: "image/png".into(),
        bytes: vec![7; 1_000],
        keep_location: false,
    }
}

fn keys(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.key.as_str()).collect()
}

fn refusal() -> SendFailure {
    SendFailure { reason: "too_long".into(), message: "Too long.".into() }
}

#[tokio::test]
async fn messages_are_kept_in_order_and_one_of_each_conversation_is_next() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::open(folder.path()).await.unwrap();
    for (id, conversation) in [("a", "2"), ("b", "2"), ("c", "3"), ("d", "2-job-9")] {
        own.accept(&new(id, conversation)).await.unwrap();
    }
    assert_eq!(keys(&own.entries(&key("2")).await.unwrap()), ["a", "b"]);
    assert_eq!(keys(&own.heads().await.unwrap()), ["a", "c", "d"]);
    assert_eq!(keys(&own.last_entries().await.unwrap()), ["b", "c", "d"]);

    assert!(own.start_sending("a").await.unwrap());
    assert!(!own.start_sending("a").await.unwrap(), "it is on its way already");
    own.fail("a", &refusal()).await.unwrap();
    assert_eq!(keys(&own.heads().await.unwrap()), ["b", "c", "d"], "a failed one lets the next go on");
    assert!(own.done("b").await.unwrap());
    assert!(!own.done("b").await.unwrap());
    let counts = own.outbox_counts().await.unwrap();
    assert_eq!((counts.queued, counts.failed), (2, 1));
}

#[tokio::test]
async fn what_was_on_its_way_when_the_app_ended_waits_again_under_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::open(folder.path()).await.unwrap();
    own.accept(&new("a", "2")).await.unwrap();
    own.start_sending("a").await.unwrap();
    assert!(!own.discard("a").await.unwrap(), "what is being sent cannot be dropped");
    drop(own);
    let own = Own::open(folder.path()).await.unwrap();
    let entry = own.entry("a").await.unwrap().unwrap();
    assert_eq!((entry.state, entry.body.as_str(), entry.written_at), (EntryState::Waiting, "text of a", Timestamp(5)));
    own.start_sending("a").await.unwrap();
    own.wait_again("a", Timestamp(100)).await.unwrap();
    let entry = own.entry("a").await.unwrap().unwrap();
    assert_eq!((entry.attempts, entry.next_try_at), (1, Timestamp(100)));
    own.hurry().await.unwrap();
    assert_eq!(own.entry("a").await.unwrap().unwrap().next_try_at, Timestamp(0));
}

#[tokio::test]
async fn an_edited_message_is_another_one_at_the_same_place() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::open(folder.path()).await.unwrap();
    own.add_file(&file("f", "2")).await.unwrap();
    own.accept(&new("a", "2")).await.unwrap();
    own.accept(&new("b", "2")).await.unwrap();
    own.fail("a", &refusal()).await.unwrap();
    assert_eq!(own.entry("a").await.unwrap().unwrap().failure, Some(refusal()));
    let retried = own.retry("a", Some(("a2", "shorter"))).await.unwrap().unwrap();
    assert_eq!((retried.body.as_str(), retried.state, retried.failure), ("shorter", EntryState::Waiting, None));
    assert_eq!(retried.files.len(), 1);
    assert_eq!(keys(&own.entries(&key("2")).await.unwrap()), ["a2", "b"]);
    assert!(own.entry("a").await.unwrap().is_none());
    assert!(own.retry("nothing", None).await.unwrap().is_none());
}

#[tokio::test]
async fn a_message_takes_the_chosen_files_along_and_the_draft_away() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::open(folder.path()).await.unwrap();
    own.add_file(&file("one", "2")).await.unwrap();
    own.add_file(&file("two", "2")).await.unwrap();
    own.add_file(&file("other", "3")).await.unwrap();
    own.set_draft(&key("2"), "half a thought", Timestamp(1)).await.unwrap();
    own.set_draft(&key("3"), "another", Timestamp(1)).await.unwrap();
    let entry = own.accept(&new("a", "2")).await.unwrap();
    assert_eq!(entry.files.iter().map(|file| file.local_id.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(own.draft(&key("2")).await.unwrap(), None);
    assert_eq!(own.draft(&key("3")).await.unwrap().as_deref(), Some("another"));
    assert!(own.chosen_files(&key("2")).await.unwrap().is_empty());
    assert_eq!(own.chosen_files(&key("3")).await.unwrap().len(), 1);

    assert!(!own.remove_file("one").await.unwrap(), "it belongs to a message now");
    own.uploaded("one", AttachmentId(77)).await.unwrap();
    assert_eq!(own.entry("a").await.unwrap().unwrap().files[0].server_id, Some(AttachmentId(77)));
    assert_eq!(own.file_bytes("one").await.unwrap().unwrap().len(), 1_000);
    own.done("a").await.unwrap();
    assert_eq!(own.file_bytes("one").await.unwrap(), None, "the server has it now");
    assert!(own.file("two").await.unwrap().is_none());
    assert!(own.remove_file("other").await.unwrap());
    assert_eq!(own.file_bytes("other").await.unwrap(), None);
}

#[tokio::test]
async fn read_marks_and_stretches_without_a_link_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::open(folder.path()).await.unwrap();
    own.keep_read(&key("2"), MessageId(5)).await.unwrap();
    own.keep_read(&key("2"), MessageId(3)).await.unwrap();
    assert_eq!(own.kept_reads().await.unwrap(), [(key("2"), MessageId(5))]);
    own.keep_read(&key("2"), MessageId(9)).await.unwrap();
    own.read_sent(&key("2"), MessageId(5)).await.unwrap();
    assert_eq!(own.kept_reads().await.unwrap(), [(key("2"), MessageId(9))], "a greater one came meanwhile");
    own.read_sent(&key("2"), MessageId(9)).await.unwrap();
    assert!(own.kept_reads().await.unwrap().is_empty());

    assert!(!own.link_back(Timestamp(1)).await.unwrap());
    own.link_lost(Timestamp(10)).await.unwrap();
    own.link_lost(Timestamp(20)).await.unwrap();
    assert!(own.link_back(Timestamp(30)).await.unwrap());
    own.link_lost(Timestamp(40)).await.unwrap();
    let spans = own.offline_spans(Timestamp(0)).await.unwrap();
    let pairs: Vec<_> = spans.iter().map(|span| (span.from.0, span.to.map(|to| to.0))).collect();
    assert_eq!(pairs, [(10, Some(30)), (40, None)]);
    assert_eq!(own.offline_spans(Timestamp(31)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let account = folder.path().join("account");
    let own = Own::open(&account).await.unwrap();
    own.accept(&new("a", "2")).await.unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&account), 0o700);
    for entry in std::fs::read_dir(&account).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

/// What a child process of [`accepted_messages_survive_a_kill`] does: accepts messages and says so, until it is killed.
#[tokio::test]
#[ignore = "run by the test below, in a process of its own"]
async fn child_accepts_until_killed() {
    use std::io::Write;
    let Ok(folder) = std::env::var("GUILDHALL_TEST_FOLDER") else { return };
    let own = Own::open(std::path::Path::new(&folder)).await.unwrap();
    for n in 0.. {
        let id = format!("{}-{n}", std::process::id());
        own.accept(&new(&id, "2")).await.unwrap();
        println!("accepted {id}");
        std::io::stdout().flush().unwrap();
    }
}

#[tokio::test]
async fn accepted_messages_survive_a_kill() {
    use std::{
        io::Read,
        process::{Command, Stdio},
    };
    let folder = tempfile::tempdir().unwrap();
    let mut accepted: Vec<String> = Vec::new();
    for cycle in 0..10u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child_accepts_until_killed", "--exact", "--ignored", "--nocapture"])
            .env("GUILDHALL_TEST_FOLDER", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(150 + cycle * 17)).await;
        child.kill().unwrap();
        let mut said = String::new();
        child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        child.wait().unwrap();
        // The last line may be cut in the middle.
        let whole = said.rsplit_once('\n').map_or("", |(whole, _)| whole);
        accepted.extend(whole.lines().filter_map(|line| line.split_once("accepted ").map(|(_, id)| id.to_owned())));
    }
    assert!(accepted.len() > 10, "the children did accept messages: {}", accepted.len());
    let own = Own::open(folder.path()).await.unwrap();
    let kept: std::collections::HashSet<String> =
        own.entries(&key("2")).await.unwrap().into_iter().map(|entry| entry.key).collect();
    for id in accepted {
        assert!(kept.contains(&id), "{id} was accepted and is gone");
    }
}

//! Nothing is lost and nothing is sent twice, whatever the server and the link answer.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use guildhall_client::{Core, OpenError, ports::KeychainError};
use guildhall_contract::{
    attachments::AttachmentAdd,
    bytes::Bytes,
    errors::AppError,
    messages::{MessageRef, MessageRetry, MessageSend, MessageState},
    people::PersonBlock,
    sessions::{SessionView, SignedOutBecause, TokenStore},
    ui_events::{Toast, UiEvent},
};
use guildhall_testkit::{Device, Link, Meddling, Page, Person, World, eventually, world::with};

const MESSAGES: &str = "/api/messages";
const LOST: Meddling = Meddling::AnswerReplaced(Page::html(502, "Bad gateway"));

fn refused(status: u16, body: &'static str) -> Meddling {
    Meddling::Answered(Page::json(status, body))
}

async fn all_are_sent(device: &Device, to: &Person, count: usize) {
    eventually("all are sent", async || {
        let states = device.states(to).await;
        states.len() == count
            && states.iter().all(|state| matches!(state, MessageState::Sent | MessageState::Delivered))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_tried_again_under_its_own_key_and_in_order() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    // Without pushes: an echo would settle what has no answer.
    laptop.proxy.set(Link::PushesLost);
    // Refused for now, stored without an answer, asked for patience: all of the first message, then the second's turn.
    let busy = r#"{"message":"No.","code":"unavailable"}"#;
    laptop.proxy.meddle(MESSAGES, refused(503, busy));
    laptop.proxy.meddle(MESSAGES, LOST);
    let patience = Page::json(429, r#"{"message":"No.","code":"too_fast"}"#).retry_after_s(0);
    laptop.proxy.meddle(MESSAGES, Meddling::Answered(patience));
    let written = [laptop.writes(&tunde, "one").await, laptop.writes(&tunde, "two").await];
    assert!(written.iter().all(|message| message.state == MessageState::Waiting));
    all_are_sent(&laptop, &tunde, 2).await;
    let keys = laptop.proxy.keys(MESSAGES);
    assert_eq!(keys.len(), 5, "{keys:?}");
    assert!(keys[..4].iter().all(|key| *key == keys[0]) && keys[4] != keys[0], "{keys:?}");
    let shown: Vec<String> = laptop.thread(&tunde).await.into_iter().map(|message| message.key).collect();
    assert_eq!(shown, written.map(|message| message.key), "the rows stay who they are");
    let desk = world.device(&tunde, "desk").await;
    eventually("each once, in order", async || desk.texts(&ana).await == ["one", "two"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_message_waits_for_its_writer_and_another_text_is_another_message() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let (tunde, desk) = world.person_with_device("Tunde").await;
    let block = async |blocked| desk.core().person_block(PersonBlock { id: ana.id, blocked }).await.expect("accepted");
    block(true).await;
    let first = laptop.writes(&tunde, "one").await;
    eventually("it failed", async || laptop.link().await.failed == 1).await;
    let failed = laptop.thread(&tunde).await.remove(0);
    assert_eq!((failed.state, failed.failure.expect("why").reason.as_str()), (MessageState::Failed, "not_reachable"));
    block(false).await;

    let retry = MessageRetry { key: first.key.clone(), body: Some("one, politely".into()) };
    let edited = laptop.core().message_retry(retry).await.expect("accepted");
    assert_ne!(edited.key, first.key, "the old key is never used again");
    all_are_sent(&laptop, &tunde, 1).await;
    let keys = laptop.proxy.keys(MESSAGES);
    assert_eq!((keys.len(), keys.iter().collect::<HashSet<_>>().len()), (2, 2), "{keys:?}");
    let gone = laptop.core().message_discard(MessageRef { key: first.key }).await;
    assert_eq!(gone.expect_err("it became another"), AppError::NotFound);

    laptop.proxy.meddle(MESSAGES, refused(422, r#"{"message":"No.","code":"too_long"}"#));
    let dropped = laptop.writes(&tunde, "three").await;
    eventually("it failed", async || laptop.link().await.failed == 1).await;
    laptop.core().message_discard(MessageRef { key: dropped.key }).await.expect("dropped");
    assert_eq!(laptop.texts(&tunde).await, ["one, politely"]);
    desk.sees(&ana, "one, politely").await;
    assert_eq!(desk.texts(&ana).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e93_an_echo_before_the_answer_is_one_message_at_every_moment() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let (tunde, desk) = world.person_with_device("Tunde").await;
    let events = laptop.records();
    laptop.proxy.set(Link::SlowAnswers(400));
    let written = laptop.writes(&tunde, "hello").await;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(700) {
        let messages = laptop.thread(&tunde).await;
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert_eq!(messages[0].key, written.key);
    }
    all_are_sent(&laptop, &tunde, 1).await;
    for event in events.lock().expect("not poisoned").iter() {
        if let UiEvent::Messages { rows, removed, .. } = event {
            assert!(removed.is_empty(), "no removal and insertion");
            assert!(rows.iter().all(|row| row.key == written.key));
        }
    }
    desk.comes_to(&ana, &["hello"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_keychain_the_session_lasts_until_the_end_and_the_outbox_longer() {
    let world = World::start().await;
    let ana = world.person("Ana").await;
    let (tunde, desk) = world.person_with_device("Tunde").await;
    let proxy = guildhall_testkit::FaultProxy::start(world.server().addresses().http).await;
    let mut laptop = Device::open(world.server_folder().join("../laptop"), proxy).await;
    laptop.keychain.fail(Some(KeychainError::Locked));
    laptop.sign_in(&ana).await;
    assert!(matches!(laptop.session().await, SessionView::SignedIn { token_store: TokenStore::SessionOnly, .. }));
    laptop.goes_offline().await;
    laptop.writes(&tunde, "kept").await;
    laptop.close().await;
    laptop.reopen().await;
    eventually("signed out, and it says why", async || {
        let because = SignedOutBecause::KeychainUnavailable;
        matches!(laptop.session().await, SessionView::SignedOut { because: Some(b), kept_messages: 1, .. } if b == because)
    })
    .await;
    laptop.keychain.fail(None);
    laptop.proxy.set(Link::Up);
    laptop.sign_in(&ana).await;
    desk.sees(&ana, "kept").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_is_in_no_file_and_a_second_window_cannot_open_the_account() {
    let world = World::start().await;
    let (_ana, mut laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    laptop.writes(&tunde, "hello").await;
    all_are_sent(&laptop, &tunde, 1).await;
    let second = Core::open(laptop.options()).await;
    assert!(matches!(second.err(), Some(OpenError::AccountInUse)));
    laptop.close().await;

    let secrets = laptop.keychain.take_all();
    let token = secrets.values().next().expect("the keychain has it");
    let secret = token.rsplit('|').next().expect("a token").trim_end_matches(['"', '}']).to_owned();
    assert!(secret.len() >= 32, "the secret part of the token: {}", secret.len());
    let mut folders = vec![laptop.folder().clone()];
    let mut looked_at = 0;
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("readable").flatten() {
            if entry.file_type().expect("known").is_dir() {
                folders.push(entry.path());
                continue;
            }
            looked_at += 1;
            let bytes = std::fs::read(entry.path()).expect("readable");
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{}", entry.path().display());
        }
    }
    assert!(looked_at >= 3, "there are files to look at: {looked_at}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_are_judged_before_they_are_accepted_and_files_are_uploaded_once() {
    let world = World::start().await;
    let (_ana, laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    let no = async |body: String| {
        let request = MessageSend { conversation: with(&tunde), body };
        match laptop.core().message_send(request).await.expect_err("not accepted") {
            AppError::Invalid { field, reason, .. } => (field, reason),
            error => panic!("{error}"),
        }
    };
    assert_eq!(no(" \u{200B} ".into()).await, ("body".into(), "empty".into()));
    assert_eq!(no("x".repeat(1_001)).await, ("body".into(), "too_long".into()));

    let add = async |name: &str, text: &str| {
        let request = AttachmentAdd {
            conversation: with(&tunde),
            name: name.into(),
            bytes: Bytes(text.into()),
            keep_location: false,
        };
        laptop.core().attachment_add(request).await
    };
    assert!(matches!(add("../a.exe", "MZ").await, Err(AppError::Attachment { .. })));
    let draft = add("../plan.exe", "%PDF-1.7\n1 0 obj\n<<>>\nendobj\n").await.expect("a document");
    assert_eq!(draft.name, "plan.exe.pdf", "named as what it is");
    // Without pushes: an echo would settle what has no answer.
    laptop.proxy.set(Link::PushesLost);
    laptop.proxy.meddle(MESSAGES, refused(500, r#"{"message":"No.","code":"internal"}"#));
    laptop.proxy.meddle(MESSAGES, LOST);
    laptop.writes(&tunde, "").await;
    all_are_sent(&laptop, &tunde, 1).await;
    assert_eq!(laptop.proxy.keys(MESSAGES).len(), 3);
    assert_eq!(laptop.proxy.keys("/api/attachments").len(), 1, "three tries, one upload");
    assert_eq!(laptop.thread(&tunde).await[0].attachments[0].name, "plan.exe.pdf");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_of_the_unsent_things_is_cured_while_the_app_runs() {
    let world = World::start().await;
    let (ana, mut laptop) = world.person_with_device("Ana").await;
    let (tunde, desk) = world.person_with_device("Tunde").await;
    laptop.goes_offline().await;
    laptop.writes(&tunde, "kept").await;
    laptop.close().await;

    laptop.reopen().await;
    let events = laptop.records();
    let regretted = laptop.writes(&tunde, "regretted").await;
    let file = laptop.account_folder().join("own.sqlite");
    let mut bytes = std::fs::read(&file).expect("readable");
    bytes[4_096..].fill(0xA5);
    std::fs::write(&file, bytes).expect("writable");
    // Dropping it meets the damage, or the copy that is made then does.
    let _ = laptop.core().message_discard(MessageRef { key: regretted.key }).await;
    eventually("the user is told", async || {
        let events = events.lock().expect("not poisoned");
        events.iter().any(|event| matches!(event, UiEvent::Toast { toast: Toast::OwnRestored { .. } }))
    })
    .await;
    assert_eq!(laptop.texts(&tunde).await, ["kept"]);
    laptop.writes(&tunde, "afterwards").await;
    laptop.comes_online().await;
    desk.sees(&ana, "afterwards").await;
    assert_eq!(desk.texts(&ana).await, ["kept", "afterwards"]);
}

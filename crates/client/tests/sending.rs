//! Nothing is lost and nothing is sent twice, whatever the server and the link do.

mod common;

use std::{collections::HashSet, time::Duration};

use common::{
    Machine, connection,
    hall::{Fault, Hall},
    key, record, send, sign_in, thread, until, until_offline, until_online,
};
use guildhall_contract::{
    commands::{AttachmentAdd, ConversationQuery, DraftSet, MessageRef, MessageRetry, MessageSend, Nothing},
    errors::AppError,
    ui_events::{Toast, UiEvent},
    views::{MessageState, SessionView, SignedOutBecause, TokenStore},
};

async fn states(core: &guildhall_client::Core) -> Vec<(String, MessageState)> {
    thread(core, "2").await.messages.into_iter().map(|message| (message.body, message.state)).collect()
}

async fn until_sent(core: &guildhall_client::Core, count: usize) {
    let all_sent = || async {
        let states = states(core).await;
        states.len() == count && states.iter().all(|(_, state)| *state == MessageState::Sent)
    };
    until("all are sent", all_sent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_tried_again_under_its_own_key_and_in_order() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let core = Machine::new(folder.path()).open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    // Without events: an echo would settle what has no answer.
    hall.state().mute = true;
    // Refused for now, stored without an answer, asked for patience: all of the first message, then the second's turn.
    hall.fault(Fault::Refuse(503, "busy"));
    hall.fault(Fault::LoseAnswer);
    hall.fault(Fault::Patience(0));
    let written = [send(&core, "2", "one").await, send(&core, "2", "two").await];
    assert!(written.iter().all(|message| message.state == MessageState::Waiting));
    until_sent(&core, 2).await;
    assert_eq!(hall.texts(), ["one", "two"]);
    let tries = hall.state().tries.clone();
    assert_eq!(tries.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["one", "one", "one", "one", "two"]);
    assert_eq!(tries.iter().map(|(key, _)| key).collect::<HashSet<_>>().len(), 2);
    let keys: Vec<String> = thread(&core, "2").await.messages.into_iter().map(|message| message.key).collect();
    assert_eq!(keys, written.map(|message| message.key));
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_stays_and_the_next_goes_on() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let core = Machine::new(folder.path()).open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    hall.fault(Fault::Refuse(403, "not_reachable"));
    let refused = send(&core, "2", "one").await;
    send(&core, "2", "two").await;
    until("one failed, two sent", || async {
        states(&core).await == [("two".to_owned(), MessageState::Sent), ("one".to_owned(), MessageState::Failed)]
    })
    .await;
    let failed = thread(&core, "2").await.messages.pop().unwrap();
    assert_eq!(failed.failure.unwrap().reason, "not_reachable");
    assert_eq!(connection(&core).await.failed, 1);

    // Another text is another message; the old key is never used again.
    let edited = core
        .message_retry(MessageRetry { key: refused.key.clone(), body: Some("one, politely".into()) })
        .await
        .unwrap();
    assert_ne!(edited.key, refused.key);
    until_sent(&core, 2).await;
    assert_eq!(hall.texts(), ["two", "one, politely"]);
    assert_eq!(core.message_discard(MessageRef { key: refused.key }).await.unwrap_err(), AppError::NotFound);

    hall.fault(Fault::Refuse(422, "too_long"));
    let dropped = send(&core, "2", "three").await;
    until("it failed", || async { connection(&core).await.failed == 1 }).await;
    core.message_discard(MessageRef { key: dropped.key }).await.unwrap();
    assert_eq!(states(&core).await.len(), 2);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e93_an_echo_before_the_answer_is_one_message_at_every_moment() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let core = Machine::new(folder.path()).open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    let events = record(&core);
    hall.fault(Fault::EchoFirst);
    let written = send(&core, "2", "hello").await;
    let begin = std::time::Instant::now();
    while begin.elapsed() < Duration::from_millis(700) {
        let messages = thread(&core, "2").await.messages;
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert_eq!(messages[0].key, written.key);
    }
    until_sent(&core, 1).await;
    for event in events.lock().unwrap().iter() {
        if let UiEvent::Messages { rows, removed, .. } = event {
            assert!(removed.is_empty(), "no removal and insertion");
            assert!(rows.iter().all(|row| row.key == written.key));
        }
    }
    assert_eq!(hall.texts().len(), 1);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e88_what_was_written_without_a_link_is_sent_after_a_restart_once_and_in_order() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let machine = Machine::new(folder.path());
    let core = machine.open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    hall.down();
    until_offline(&core).await;
    for n in 0..5 {
        send(&core, "2", &format!("message {n}")).await;
    }
    core.draft_set(DraftSet { conversation: key("3"), body: "half a thought".into() }).await.unwrap();
    assert_eq!(connection(&core).await.queued, 5);
    core.shutdown().await;

    let core = machine.open().await;
    assert!(
        matches!(core.session_get(Nothing {}).await.unwrap(), SessionView::SignedIn { .. }),
        "at once, from the files"
    );
    assert_eq!(states(&core).await.len(), 5);
    let query = ConversationQuery { unread_only: false, name: None, limit: 10 };
    let rows = core.conversation_list(query).await.unwrap();
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().any(|row| row.draft.as_deref() == Some("half a thought")));
    let events = record(&core);
    until_offline(&core).await;
    hall.up();
    core.connection_retry(Nothing {}).await.unwrap();
    until_sent(&core, 5).await;
    assert_eq!(hall.texts(), (0..5).map(|n| format!("message {n}")).collect::<Vec<_>>());
    until("the user is told", || async {
        let events = events.lock().unwrap();
        events.iter().any(|event| matches!(event, UiEvent::Toast { toast: Toast::BackOnline { sent: 5 } }))
    })
    .await;
    assert!(!thread(&core, "2").await.offline.is_empty());
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn e108_a_revoked_token_keeps_the_outbox_for_the_same_person() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let machine = Machine::new(folder.path());
    let core = machine.open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    hall.fault(Fault::Patience(60));
    send(&core, "2", "kept").await;
    until("it was tried", || async { hall.state().tries.len() == 1 }).await;
    hall.revoke();
    let revoked = || async {
        let session = core.session_get(Nothing {}).await.unwrap();
        matches!(session, SessionView::SignedOut { because: Some(SignedOutBecause::Revoked), kept_messages: 1, .. })
    };
    until("signed out", revoked).await;
    assert!(machine.keychain.secrets.lock().unwrap().is_empty());
    assert_eq!(
        core.message_send(MessageSend { conversation: key("2"), body: "x".into() }).await.unwrap_err(),
        AppError::SignedOut
    );
    // Told again after a restart.
    core.shutdown().await;
    let core = machine.open().await;
    assert!(matches!(core.session_get(Nothing {}).await.unwrap(), SessionView::SignedOut { kept_messages: 1, .. }));
    sign_in(&core, &hall).await;
    until_sent(&core, 1).await;
    assert_eq!(hall.texts(), ["kept"]);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_the_session_lasts_until_the_end() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let machine = Machine::new(folder.path());
    machine.keychain.locked.store(true, std::sync::atomic::Ordering::SeqCst);
    let core = machine.open().await;
    let view = sign_in(&core, &hall).await;
    assert!(matches!(view, SessionView::SignedIn { token_store: TokenStore::SessionOnly, .. }));
    hall.down();
    send(&core, "2", "kept").await;
    core.shutdown().await;
    let core = machine.open().await;
    let out = || async {
        let session = core.session_get(Nothing {}).await.unwrap();
        matches!(
            session,
            SessionView::SignedOut { because: Some(SignedOutBecause::KeychainUnavailable), kept_messages: 1, .. }
        )
    };
    until("signed out", out).await;
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_in_no_file_and_a_second_window_cannot_open_the_account() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let machine = Machine::new(folder.path());
    let core = machine.open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    send(&core, "2", "hello").await;
    until_sent(&core, 1).await;
    let second = guildhall_client::Core::open(machine.options()).await;
    assert!(matches!(second.err(), Some(guildhall_client::OpenError::AccountInUse)));
    core.shutdown().await;

    let token = hall.state().tokens.keys().next().unwrap().clone();
    let secret = token.split('|').nth(1).unwrap().as_bytes().to_owned();
    let mut folders = vec![folder.path().to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap().flatten() {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{}", entry.path().display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_judged_before_they_are_accepted_and_files_are_uploaded_once() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let core = Machine::new(folder.path()).open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    let refused =
        async |body: String| match core.message_send(MessageSend { conversation: key("2"), body }).await.unwrap_err() {
            AppError::Invalid { field, reason, .. } => (field, reason),
            error => panic!("{error}"),
        };
    assert_eq!(refused(" \u{200B} ".into()).await, ("body".into(), "empty".into()));
    assert_eq!(refused("x".repeat(1_001)).await, ("body".into(), "too_long".into()));

    let png = [&[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a][..], &[0; 64]].concat();
    let add = |base64: String| AttachmentAdd {
        conversation: key("2"),
        name: "../a.exe".into(),
        base64,
        keep_location: false,
    };
    assert!(matches!(core.attachment_add(add(STANDARD.encode("MZ"))).await, Err(AppError::Attachment { .. })));
    let draft = core.attachment_add(add(STANDARD.encode(&png))).await.unwrap();
    assert_eq!(draft.name, "a.exe.png");
    assert_eq!(thread(&core, "2").await.attachments, [draft]);
    hall.fault(Fault::Refuse(500, "broken"));
    hall.fault(Fault::LoseAnswer);
    send(&core, "2", "").await;
    assert!(thread(&core, "2").await.attachments.is_empty());
    until_sent(&core, 1).await;
    assert_eq!(hall.state().uploads.len(), 1, "three tries, one upload");
    assert_eq!(hall.texts(), [""]);
    core.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_of_the_unsent_things_is_cured_while_the_app_runs() {
    let (folder, hall) = (tempfile::tempdir().unwrap(), Hall::start().await);
    let machine = Machine::new(folder.path());
    let core = machine.open().await;
    sign_in(&core, &hall).await;
    until_online(&core).await;
    hall.down();
    until_offline(&core).await;
    send(&core, "2", "kept").await;
    core.shutdown().await;

    let core = machine.open().await;
    let events = record(&core);
    let regretted = send(&core, "2", "regretted").await;
    let file = machine.account_folder().join("own.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[4_096..].fill(0xA5);
    std::fs::write(&file, bytes).unwrap();
    // Dropping it meets the damage, or the copy that is made then does.
    let _ = core.message_discard(MessageRef { key: regretted.key }).await;
    let told = || async {
        events.lock().unwrap().iter().any(|e| matches!(e, UiEvent::Toast { toast: Toast::OwnRestored { .. } }))
    };
    until("the user is told", told).await;
    let kept: Vec<String> = states(&core).await.into_iter().map(|(text, _)| text).collect();
    assert_eq!(kept, ["kept"]);
    send(&core, "2", "afterwards").await;
    hall.up();
    core.network_changed();
    until_sent(&core, 2).await;
    assert_eq!(hall.texts(), ["kept", "afterwards"]);
    core.shutdown().await;
}

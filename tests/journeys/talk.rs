//! Two people talk.

use base64::{Engine, engine::general_purpose::STANDARD};
use guildhall_contract::{
    attachments::AttachmentAdd,
    bytes::Bytes,
    commands::Nothing,
    conversations::{ConversationKey, ConversationRef},
    errors::AppError,
    messages::{MessageDelete, MessageSend, MessageState},
    notifications::NotificationQuery,
    people::PersonBlock,
    ui_events::UiEvent,
};
use guildhall_testkit::{Device, World, eventually, wait::eventually_within, world::with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_arrives_at_once_and_its_states_come_back() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;

    let accepted = ana_laptop.writes(&tunde, "Is the <b>fridge</b> bay ready?").await;
    assert!(matches!(accepted.state, MessageState::Waiting | MessageState::Sending));
    tunde_laptop.sees(&ana, "Is the fridge bay ready?").await;
    eventually("delivered", async || ana_laptop.states(&tunde).await == [MessageState::Delivered]).await;
    assert_eq!(tunde_laptop.unread().await, 1);

    tunde_laptop.reads(&ana).await;
    eventually("read", async || ana_laptop.states(&tunde).await == [MessageState::Read]).await;
    assert_eq!(tunde_laptop.unread().await, 0);
    // The key that the interface holds on to stayed the same all the way.
    assert_eq!(ana_laptop.thread(&tunde).await[0].key, accepted.key);

    let rows = tunde_laptop.conversations().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].person.name.as_str(), rows[0].unread), ("Ana", 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_be_sent_is_known_before_it_is_sent() {
    let world = World::start().await;
    let (_ana, laptop) = world.person_with_device("Ana").await;
    let (tunde, _) = world.person_with_device("Tunde").await;
    let preview = async |body: &str| {
        let request = MessageSend { conversation: with(&tunde), body: body.into() };
        let view = laptop.core().message_preview(request).await.expect("a preview");
        (view.body, view.shows_less, view.reason)
    };
    assert_eq!(preview(" plain ").await, ("plain".into(), false, None));
    assert_eq!(preview("List<String> x").await, ("List x".into(), true, None));
    assert_eq!(preview("if a<b and c>d").await, ("if ad".into(), true, None));
    assert_eq!(preview("<b>").await, (String::new(), true, Some("empty".into())));
    assert_eq!(preview("\u{200B}").await, (String::new(), false, Some("empty".into())));
    assert_eq!(preview(&"x".repeat(1_001)).await.2, Some("too_long".into()));
    let (far, _, reason) = preview(&"é".repeat(100_000)).await;
    assert_eq!((far.len() <= 16 * 1024, reason), (true, Some("too_long".into())));
    let sent = laptop.writes(&tunde, "List<String> x").await;
    assert_eq!(sent.body, "List x", "it is what was shown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_is_seen_by_the_other_and_never_stored() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    ana_laptop.writes(&tunde, "hello").await;
    tunde_laptop.sees(&ana, "hello").await;
    let listening = tunde_laptop.hears("typing", |event| matches!(event, UiEvent::Typing { .. }));
    let typing = async {
        loop {
            let request = ConversationRef { conversation: with(&tunde) };
            ana_laptop.core().conversation_typing(request).await.expect("accepted");
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        heard = listening => {
            let expected = ConversationKey { ..with(&ana) };
            assert!(matches!(heard, UiEvent::Typing { conversation, user_id, .. } if conversation == expected && user_id == ana.id));
        }
        () = typing => unreachable!("it types for ever"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_sent_with_a_message_and_opened_by_the_other() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    ana_laptop
        .core()
        .attachment_add(AttachmentAdd {
            conversation: with(&tunde),
            name: "../doors.png".into(),
            bytes: Bytes(STANDARD.decode(png).expect("base64")),
            keep_location: false,
        })
        .await
        .expect("a picture is taken");
    ana_laptop.writes(&tunde, "Doors hung dry.").await;
    tunde_laptop.sees(&ana, "Doors hung dry.").await;
    let message = tunde_laptop.thread(&ana).await.remove(0);
    assert_eq!(message.attachments.len(), 1);
    assert_eq!(message.attachments[0].name, "doors.png");
    let request = guildhall_contract::attachments::AttachmentRef { id: message.attachments[0].id, local_id: None };
    let content = tunde_laptop.core().attachment_get(request).await.expect("the recipient may open it");
    // Written anew by the server, so that nothing hides in it.
    assert_eq!(content.mime, "image/png");
    assert!(content.bytes.0.starts_with(b"\x89PNG\r\n"), "it is still a PNG");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_message_is_gone_for_both_and_leaves_a_trace() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    ana_laptop.writes(&tunde, "a slip").await;
    tunde_laptop.sees(&ana, "a slip").await;
    let id = ana_laptop.sent(&tunde, "a slip").await;
    ana_laptop.core().message_delete(MessageDelete { id }).await.expect("one's own");
    for (device, other) in [(&ana_laptop, &tunde), (&tunde_laptop, &ana)] {
        eventually("gone, with a trace", async || {
            let thread = device.thread(other).await;
            thread.len() == 1 && thread[0].deleted && thread[0].body.is_empty()
        })
        .await;
    }
    assert_eq!(tunde_laptop.unread().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e106_a_blocked_persons_message_fails_without_telling_of_a_block_and_the_next_goes_on() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    ana_laptop.core().person_block(PersonBlock { id: tunde.id, blocked: true }).await.expect("accepted");
    tunde_laptop.writes(&ana, "are you there?").await;
    eventually("it fails", async || tunde_laptop.states(&ana).await == [MessageState::Failed]).await;
    let failure = tunde_laptop.thread(&ana).await[0].failure.clone().expect("a reason");
    assert_eq!(failure.reason, "not_reachable");
    assert!(!failure.message.to_lowercase().contains("block"), "{}", failure.message);
    ana_laptop.core().person_block(PersonBlock { id: tunde.id, blocked: false }).await.expect("accepted");
    tunde_laptop.writes(&ana, "and now?").await;
    ana_laptop.sees(&tunde, "and now?").await;
    assert!(tunde_laptop.states(&ana).await.contains(&MessageState::Failed), "it stays until its writer decides");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_reaches_somebody_who_is_not_looking_and_only_them() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    tunde_laptop.looks_at(None).await;
    ana_laptop.writes(&tunde, "one").await;
    eventually("shown", async || tunde_laptop.notifier.shown().len() == 1).await;
    let notice = tunde_laptop.notifier.shown().remove(0);
    assert!(notice.title.contains("Ana") && notice.body.contains("one"), "{notice:?}");
    assert!(ana_laptop.notifier.shown().is_empty(), "none for one's own");

    // The same conversation keeps its place: one notice for each, replaced.
    for text in ["two", "three", "four", "five"] {
        ana_laptop.writes(&tunde, text).await;
    }
    eventually("the last is shown", async || {
        tunde_laptop.notifier.shown().last().is_some_and(|notice| notice.body.contains("five"))
    })
    .await;
    let tags: std::collections::HashSet<_> = tunde_laptop.notifier.shown().into_iter().map(|n| n.tag).collect();
    assert_eq!(tags.len(), 1);

    // Whoever looks is not told.
    tunde_laptop.reads(&ana).await;
    tunde_laptop.notifier.take();
    ana_laptop.writes(&tunde, "six").await;
    tunde_laptop.sees(&ana, "six").await;
    assert!(tunde_laptop.notifier.shown().is_empty());

    let query = NotificationQuery { before: None, unread_only: false, limit: 10 };
    eventually("the centre holds a notice", async || {
        !tunde_laptop.core().notification_list(query.clone()).await.expect("a list").is_empty()
    })
    .await;
    let state = tunde_laptop.core().connection_get(Nothing {}).await.expect("known");
    assert_eq!((state.queued, state.failed), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e94_a_conversation_taken_out_of_the_list_comes_back_with_the_next_message() {
    let world = World::start().await;
    let (ana, mut ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    tunde_laptop.writes(&ana, "before").await;
    ana_laptop.sees(&tunde, "before").await;
    let remove =
        async |device: &Device| device.core().conversation_remove(ConversationRef { conversation: with(&tunde) }).await;
    ana_laptop.goes_offline().await;
    ana_laptop.writes(&tunde, "on its way").await;
    let refused = remove(&ana_laptop).await.expect_err("what waits must not be out of sight");
    assert!(matches!(refused, AppError::Refused { reason, .. } if reason == "waiting"));
    ana_laptop.comes_online().await;
    tunde_laptop.sees(&ana, "on its way").await;
    eventually("nothing waits", async || remove(&ana_laptop).await.is_ok()).await;
    assert!(ana_laptop.conversations().await.is_empty());
    assert_eq!(ana_laptop.unread().await, 0, "what is out of sight is not unread");
    ana_laptop.close().await;
    ana_laptop.reopen().await;
    assert!(ana_laptop.conversations().await.is_empty(), "and it stays out");

    tunde_laptop.writes(&ana, "after").await;
    ana_laptop
        .hears("the row is back", |event| {
            matches!(event, UiEvent::Conversations { rows, .. } if rows.iter().any(|row| row.key == with(&tunde)))
        })
        .await;
    // The message may be fetched with the list a moment before the feed counts it.
    eventually("the new message is shown and counts", async || {
        let row = ana_laptop.conversations().await.remove(0);
        row.last.is_some_and(|last| last.snippet == "after") && row.unread == 1
    })
    .await;
    assert_eq!(ana_laptop.texts(&tunde).await, ["before", "on its way", "after"], "nothing was deleted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_left_is_shown_as_gone_since_when() {
    let world = World::start().await;
    let (ana, mut ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, laptop) = world.person_with_device("Tunde").await;
    ana_laptop.writes(&tunde, "hello").await;
    laptop.sees(&ana, "hello").await;
    let shown = async || laptop.conversations().await.remove(0).person;
    eventually("known to be here", async || shown().await.online == Some(true)).await;
    ana_laptop.close().await;
    // Half a minute: somebody whose link broke is not gone yet.
    eventually_within(std::time::Duration::from_secs(60), "gone", async || shown().await.online == Some(false)).await;
    assert!(shown().await.last_seen_at.is_some(), "since when");
}

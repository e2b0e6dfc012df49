//! The network goes away and comes back; answers get lost; the server restarts.

use std::time::{Duration, Instant};

use guildhall_contract::{
    connection::ConnectionState,
    conversations::{ConversationQuery, DraftSet},
    messages::{MessageState, ThreadQuery},
    people::PersonQuery,
    ui_events::{Toast, UiEvent},
};
use guildhall_testkit::{Link, World, eventually, wait::eventually_within, world::with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_offline_then_both_ways_and_nothing_is_lost_or_doubled() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    tunde_laptop.writes(&ana, "before").await;
    ana_laptop.sees(&tunde, "before").await;

    ana_laptop.goes_offline().await;
    ana_laptop.clock.advance_ms(3_600_000);
    for n in 0..20 {
        ana_laptop.writes(&tunde, &format!("ana {n}")).await;
        tunde_laptop.writes(&ana, &format!("tunde {n}")).await;
    }
    assert_eq!(ana_laptop.texts(&tunde).await.len(), 21, "what was here is readable, what was written is in the list");
    assert!(ana_laptop.states(&tunde).await.iter().all(|state| *state == MessageState::Waiting));
    tunde_laptop.sees(&ana, "tunde 19").await;

    ana_laptop.comes_online().await;
    for (device, other) in [(&ana_laptop, &tunde), (&tunde_laptop, &ana)] {
        eventually("all are there", async || device.texts(other).await.len() == 41).await;
        let texts = device.texts(other).await;
        for name in ["ana", "tunde"] {
            let own: Vec<&String> = texts.iter().filter(|text| text.starts_with(name)).collect();
            let expected: Vec<String> = (0..20).map(|n| format!("{name} {n}")).collect();
            assert_eq!(own, expected.iter().collect::<Vec<_>>(), "in order, none twice");
        }
    }
    assert_eq!(ana_laptop.texts(&tunde).await, tunde_laptop.texts(&ana).await, "both see the same order");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e88_written_without_a_network_app_closed_opened_on_another_day() {
    let world = World::start().await;
    let (ana, mut ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    ana_laptop.goes_offline().await;
    ana_laptop.writes(&tunde, "first").await;
    ana_laptop.writes(&tunde, "second").await;
    let draft = DraftSet { conversation: with(&tunde), body: "half a thou".into() };
    ana_laptop.core().draft_set(draft).await.expect("kept");
    ana_laptop.close().await;

    ana_laptop.clock.advance_ms(86_400_000);
    ana_laptop.reopen().await;
    assert_eq!(ana_laptop.texts(&tunde).await, ["first", "second"], "readable before there is a network");
    assert_eq!(ana_laptop.conversations().await[0].draft.as_deref(), Some("half a thou"));
    assert_eq!(ana_laptop.link().await.queued, 2);

    let events = ana_laptop.records();
    ana_laptop.comes_online().await;
    tunde_laptop.sees(&ana, "second").await;
    eventually("the user is told of what went", async || {
        let events = events.lock().expect("not poisoned");
        events.iter().any(|event| matches!(event, UiEvent::Toast { toast: Toast::BackOnline { sent: 2 } }))
    })
    .await;
    let query = ThreadQuery { conversation: with(&tunde), before: None, limit: 50 };
    let spans = ana_laptop.core().thread_get(query).await.expect("a thread").offline;
    assert!(!spans.is_empty(), "the thread shows when there was no link");
    assert_eq!(tunde_laptop.texts(&ana).await, ["first", "second"]);
    let first = tunde_laptop.thread(&ana).await.remove(0);
    assert!(first.sent_at.expect("sent") >= first.written_at, "the time written goes along");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e89_an_answer_lost_after_the_commit_gives_one_message() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    ana_laptop.proxy.set(Link::AnswersLost);
    ana_laptop.writes(&tunde, "only once").await;
    tunde_laptop.sees(&ana, "only once").await;
    assert_ne!(ana_laptop.states(&tunde).await, [MessageState::Failed], "the sender does not know yet");
    ana_laptop.comes_online().await;
    eventually("the sender knows", async || {
        matches!(ana_laptop.states(&tunde).await[..], [MessageState::Sent | MessageState::Delivered])
    })
    .await;
    assert_eq!(tunde_laptop.texts(&ana).await, ["only once"]);
    assert_eq!(ana_laptop.texts(&tunde).await, ["only once"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_restart_in_the_middle_of_sending_loses_and_doubles_nothing() {
    let mut world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    for n in 0..60 {
        ana_laptop.writes(&tunde, &format!("n {n}")).await;
    }
    world.stop_server().await;
    for n in 60..80 {
        ana_laptop.writes(&tunde, &format!("n {n}")).await;
    }
    world.start_server().await;
    for device in [&ana_laptop, &tunde_laptop] {
        device.follow(&world);
        device.comes_online().await;
    }
    let expected: Vec<String> = (0..80).map(|n| format!("n {n}")).collect();
    eventually("all are there, in order, none twice", async || tunde_laptop.texts(&ana).await == expected).await;
    eventually("the sender knows", async || {
        ana_laptop.states(&tunde).await.iter().all(|s| matches!(s, MessageState::Sent | MessageState::Delivered))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_black_hole_is_noticed_within_fifteen_seconds() {
    let world = World::start().await;
    let (_ana, ana_laptop) = world.person_with_device("Ana").await;
    ana_laptop.proxy.set(Link::BlackHole);
    eventually_within(std::time::Duration::from_secs(17), "the silent link is noticed", async || {
        ana_laptop.connection().await == ConnectionState::Offline
    })
    .await;
    ana_laptop.proxy.set(Link::Cut);
    ana_laptop.comes_online().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_found_as_they_are_typed_with_and_without_a_network() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let (sade, phone) = world.person_with_device("Ṣadé").await;
    phone.writes(&ana, "hello").await;
    laptop.sees(&sade, "hello").await;
    for online in [true, false] {
        if !online {
            laptop.goes_offline().await;
        }
        for typed in ["sade", "S\u{323}ADE\u{301}", "adé"] {
            let query = ConversationQuery { unread_only: false, name: Some(typed.into()), limit: 10 };
            let rows = laptop.core().conversation_list(query).await.expect("a list");
            assert_eq!(rows.len(), 1, "{typed} in the list");
            let people = laptop.core().person_search(PersonQuery { q: typed.into() }).await.expect("people");
            assert!(people.iter().any(|person| person.name == "Ṣadé"), "{typed} among people");
        }
        let query = ConversationQuery { unread_only: false, name: Some("tunde".into()), limit: 10 };
        assert!(laptop.core().conversation_list(query).await.expect("a list").is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_short_restart_the_app_is_back_soon() {
    let mut world = World::start().await;
    let (_ana, laptop) = world.person_with_device("Ana").await;
    for (gap_s, at_most_s) in [(0.0, 2.0), (0.3, 2.0), (1.0, 3.0), (3.0, 5.0)] {
        let began = Instant::now();
        world.stop_server().await;
        tokio::time::sleep(Duration::from_secs_f64(gap_s).saturating_sub(began.elapsed())).await;
        world.start_server().await;
        laptop.follow(&world);
        // What the stop and the start took themselves is none of the app's.
        let beyond = began.elapsed().saturating_sub(Duration::from_secs_f64(gap_s));
        laptop.is_online().await;
        let back = began.elapsed();
        println!("gap {gap_s} s, with {beyond:.1?} of stopping and starting: back after {back:.1?}");
        assert!(back <= Duration::from_secs_f64(at_most_s) + beyond.mul_f64(1.5), "{gap_s} s: {back:?} {beyond:?}");
    }
}

//! Somebody stands between the app and its server: a captive portal, a proxy, a page about a deployment, a keychain that
//! is locked. None of them says anything about a message, a token or a person.

use std::time::Duration;

use guildhall_client::ports::{Keychain, KeychainError};
use guildhall_contract::{
    commands::Nothing,
    connection::ConnectionState,
    conversations::ConversationRef,
    errors::AppError,
    messages::{MessageDelete, MessageState},
    sessions::{SessionView, SignedOutBecause},
    ui_events::UiEvent,
};
use guildhall_testkit::{Device, Link, Page, World, eventually, world::with};

const PORTAL: &str = "<!doctype html><title>Welcome to Café Wi-Fi</title>";

fn page(status: u16) -> Link {
    Link::Intercepted(Page::html(status, PORTAL))
}

async fn is_signed_in(device: &Device) -> bool {
    matches!(device.session().await, SessionView::SignedIn { .. })
}

async fn tokens(device: &Device) -> usize {
    device.keychain.count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_somebody_in_between_neither_signs_out_nor_fails_a_message() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    let json = |status, body| Link::Intercepted(Page::json(status, body));
    let mut answers: Vec<Link> =
        [200, 204, 302, 400, 401, 403, 404, 405, 407, 409, 410, 413, 422, 451, 500, 511].map(page).to_vec();
    answers.extend([401, 403, 404, 413, 422].map(|status| json(status, r#"{"message":"No."}"#)));
    answers.extend([401, 404].map(|status| json(status, r#"{"code":401,"message":"No."}"#)));
    answers.push(json(401, ""));
    answers.push(json(200, "{}"));
    let mut expected = Vec::new();
    for (n, answer) in answers.into_iter().enumerate() {
        ana_laptop.proxy.set(answer);
        eventually("the link is lost", async || ana_laptop.connection().await == ConnectionState::Offline).await;
        let text = format!("in spite of answer {n}");
        let accepted = ana_laptop.writes(&tunde, &text).await;
        expected.push(text);
        ana_laptop.proxy.requests();
        let _ = ana_laptop.core().connection_retry(Nothing {}).await;
        ana_laptop.core().network_changed();
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(is_signed_in(&ana_laptop).await, "{answer:?} signed out");
        assert_eq!(tokens(&ana_laptop).await, 1, "{answer:?} deleted the token");
        let state = ana_laptop.thread(&tunde).await.into_iter().find(|m| m.key == accepted.key).expect("kept").state;
        assert!(matches!(state, MessageState::Waiting | MessageState::Sending), "{answer:?}: {state:?}");
        if n % 8 == 7 {
            ana_laptop.comes_online().await;
        }
    }
    ana_laptop.comes_online().await;
    eventually("all arrive, in order, once", async || tunde_laptop.texts(&ana).await == expected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_no_answer_to_a_question_either() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    ana_laptop.writes(&tunde, "still here").await;
    let id = ana_laptop.sent(&tunde, "still here").await;
    for status in [200, 404] {
        ana_laptop.proxy.set(page(status));
        // The first request may still meet the connections that were cut.
        eventually("the page is recognised", async || {
            let said = ana_laptop.core().message_delete(MessageDelete { id }).await;
            assert!(matches!(said, Err(AppError::Unreachable { .. })), "{status}: {said:?}");
            said == Err(AppError::Unreachable { reason: "intercepted".into() })
        })
        .await;
        assert!(!ana_laptop.thread(&tunde).await[0].deleted, "a page of {status} deleted nothing");
    }
    assert!(!tunde_laptop.thread(&ana).await[0].deleted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_own_no_still_counts() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;
    tunde_laptop
        .core()
        .person_block(guildhall_contract::people::PersonBlock { id: ana.id, blocked: true })
        .await
        .expect("blocked");
    ana_laptop.writes(&tunde, "not wanted").await;
    eventually("failed", async || ana_laptop.states(&tunde).await == [MessageState::Failed]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_closed_as_unfit_is_tried_again_within_a_minute_with_the_key_asked_anew() {
    let world = World::start().await;
    let (_ana, laptop) = world.person_with_device("Ana").await;
    for code in [4001, 4003, 4004] {
        laptop.proxy.requests();
        laptop.proxy.close_sockets(code);
        eventually("the close is seen", async || laptop.connection().await == ConnectionState::Offline).await;
        let link = laptop.link().await;
        assert_eq!(link.reason.as_deref(), Some("unfit"), "{code}");
        let wait_ms = link.retry_at.expect("a next try is planned").since_ms(link.since);
        assert!((59_000..=60_000).contains(&wait_ms), "{code}: {wait_ms}");
        laptop.core().network_changed();
        laptop.is_online().await;
        assert!(laptop.proxy.requests().contains(&"GET /health".to_owned()), "{code}: the key is asked anew");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_close_as_not_authorised_signs_out_only_when_the_server_confirms_it() {
    let world = World::start().await;
    let (_ana, laptop) = world.person_with_device("Ana").await;
    for _ in 0..3 {
        laptop.proxy.close_sockets(4009);
        eventually("noticed", async || laptop.connection().await == ConnectionState::Offline).await;
        laptop.core().network_changed();
        laptop.is_online().await;
        assert!(is_signed_in(&laptop).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_that_the_server_does_not_take_is_told_as_held_up() {
    let world = World::start().await;
    let (_ana, laptop) = world.person_with_device("Ana").await;
    let (tunde, _) = world.person_with_device("Tunde").await;
    let portal = Page::html(413, PORTAL);
    laptop.proxy.set(Link::PostsIntercepted(portal));
    laptop.writes(&tunde, "standing in the queue").await;
    eventually("it is said that nothing moves", async || {
        let link = laptop.link().await;
        link.state == ConnectionState::Online && link.queued == 1 && link.held_up.as_deref() == Some("intercepted")
    })
    .await;
    laptop
        .hears(
            "so is everybody who listens",
            |event| matches!(event, UiEvent::Connection { connection } if connection.held_up.is_some()),
        )
        .await;
    laptop.proxy.set(Link::Up);
    laptop.core().connection_retry(Nothing {}).await.expect("tried");
    eventually("it went", async || laptop.link().await.queued == 0).await;
    assert_eq!(laptop.link().await.held_up, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keychain_that_does_not_answer_at_the_start_signs_nobody_out() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, mut laptop) = world.person_with_device("Tunde").await;
    ana_laptop.writes(&tunde, "from before").await;
    laptop.sees(&ana, "from before").await;
    for (fault, reason) in
        [(KeychainError::Locked, "keychain_locked"), (KeychainError::Unavailable, "keychain_unavailable")]
    {
        laptop.close().await;
        laptop.keychain.fail(Some(fault));
        laptop.reopen().await;
        eventually("the reason is told", async || laptop.link().await.reason.as_deref() == Some(reason)).await;
        assert!(is_signed_in(&laptop).await);
        assert!(laptop.link().await.retry_at.is_some(), "and when it is asked again");
        assert_eq!(laptop.texts(&ana).await[0], "from before", "what is on the device is shown");
        laptop.writes(&ana, reason).await;
        laptop.keychain.fail(None);
        laptop.is_online().await;
        ana_laptop.sees(&tunde, reason).await;
    }
    // Still locked, and the app is closed: the next start finds everything as it was.
    laptop.close().await;
    laptop.keychain.fail(Some(KeychainError::Locked));
    laptop.reopen().await;
    laptop.close().await;
    laptop.keychain.fail(None);
    laptop.reopen().await;
    laptop.is_online().await;
    // Signing out works without a keychain.
    laptop.close().await;
    laptop.keychain.fail(Some(KeychainError::Locked));
    laptop.reopen().await;
    laptop.core().session_sign_out(Nothing {}).await.expect("signed out");
    assert!(matches!(laptop.session().await, SessionView::SignedOut { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keychain_that_lost_the_token_is_asked_again_at_the_next_start() {
    let world = World::start().await;
    let (_ana, mut laptop) = world.person_with_device("Ana").await;
    laptop.close().await;
    let secrets = laptop.keychain.take_all();
    laptop.reopen().await;
    eventually("asked to sign in", async || {
        matches!(
            laptop.session().await,
            SessionView::SignedOut { because: Some(SignedOutBecause::KeychainUnavailable), .. }
        )
    })
    .await;
    laptop.close().await;
    for (account, secret) in secrets {
        laptop.keychain.set(&account, &secret).await.expect("kept");
    }
    laptop.reopen().await;
    laptop.is_online().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_types_and_nobody_is_online_after_the_link_is_gone() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, laptop) = world.person_with_device("Tunde").await;
    laptop.writes(&ana, "hello").await;
    ana_laptop.sees(&tunde, "hello").await;
    eventually("known to be online", async || laptop.conversations().await[0].person.online == Some(true)).await;
    let mut stream = laptop.core().subscribe();
    let request = || ConversationRef { conversation: with(&tunde) };
    ana_laptop.core().conversation_typing(request()).await.expect("accepted");
    let mut until = None;
    let hearing = async {
        while until != Some(0) {
            for event in stream.next().await.expect("the core runs") {
                if let UiEvent::Typing { until_ms, .. } = event {
                    until = Some(until_ms.0);
                    laptop.proxy.set(Link::Cut);
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), hearing).await.expect("typing is taken back with the link");
    eventually("unknown", async || laptop.conversations().await[0].person.online.is_none()).await;
}

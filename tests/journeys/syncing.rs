//! What is here follows the server, whatever was missed, and the user is told of what matters.

use guildhall_contract::{
    commands::Nothing,
    connection::Attention,
    conversations::{ConversationKey, ConversationRef},
    messages::{MessageState, Older, ThreadQuery},
    targets::Target,
    ui_events::{Toast, UiEvent},
};
use guildhall_db::{Db, feed};
use guildhall_market::{ids::UserId, messages::Subject, time::Timestamp};
use guildhall_testkit::{Device, Link, Person, World, eventually, world::with};

async fn says_many(world: &World, from: &Person, to: &Person, count: usize) {
    // Several at once, as a busy evening does; each is in the feed before its answer comes.
    for first in (0..count).step_by(16) {
        let several = (first..count.min(first + 16)).map(async |n| world.says(from, to, &format!("missed {n}")).await);
        futures_util::future::join_all(several).await;
    }
}

fn told(device: &Device) -> impl Fn(fn(&UiEvent) -> bool) -> bool + use<> {
    let events = device.records();
    move |fits| events.lock().expect("not poisoned").iter().any(fits)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_is_fetched_page_by_page_and_told_in_one_summary() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let (tunde, desk) = world.person_with_device("Tunde").await;
    laptop.goes_offline().await;
    // More than a page of the feed holds.
    says_many(&world, &tunde, &ana, 1_200).await;
    // An hour later, as far as this device knows.
    laptop.clock.advance_ms(3_600_000);
    laptop.proxy.requests();
    laptop.comes_online().await;
    assert_eq!(laptop.unread().await, 1_200);
    assert_eq!(laptop.whole_thread(&tunde).await.len(), 1_200);
    let pages = laptop.proxy.requests().into_iter().filter(|request| request == "GET /api/feed").count();
    assert!(pages >= 2, "page by page: {pages}");
    eventually("a summary", async || !laptop.notifier.shown().is_empty()).await;
    let shown = laptop.notifier.shown();
    assert!(shown.iter().all(|notice| notice.tag == "summary"), "{shown:?}");
    eventually("their writer knows that they arrived", async || {
        let states = desk.states(&ana).await;
        states.len() == 200 && states.iter().all(|state| *state == MessageState::Delivered)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e92_a_missing_number_is_fetched() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    world.says(&tunde, &ana, "one").await;
    laptop.sees(&tunde, "one").await;
    let all_is_quiet = async || {
        // The receipts of the first message are on their way still; the proxy takes whole frames only.
        let mut before = laptop.link().await.synced_to;
        eventually("nothing comes any more", async || {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            let now = laptop.link().await.synced_to;
            std::mem::replace(&mut before, now) == now
        })
        .await;
    };
    all_is_quiet().await;
    laptop.proxy.set(Link::PushesLost);
    world.says(&tunde, &ana, "two").await;
    world.says(&tunde, &ana, "three").await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(laptop.texts(&tunde).await, ["one"], "the pushes are lost");
    laptop.proxy.set(Link::Up);
    laptop.proxy.requests();
    world.says(&tunde, &ana, "four").await;
    laptop.sees(&tunde, "four").await;
    eventually("all four", async || laptop.texts(&tunde).await == ["one", "two", "three", "four"]).await;
    assert_eq!(laptop.unread().await, 4);
    assert!(laptop.proxy.requests().contains(&"GET /api/feed".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_that_does_not_go_back_far_enough_leaves_a_gap_in_sight_that_fills() {
    let mut world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    world.says(&tunde, &ana, "before").await;
    laptop.sees(&tunde, "before").await;
    laptop.goes_offline().await;
    says_many(&world, &tunde, &ana, 20).await;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let forgotten = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    says_many(&world, &tunde, &ana, 10).await;
    world.stop_server().await;
    // What retention does after weeks.
    let file = world.server_folder().join("hall.sqlite");
    let db = Db::open(&format!("sqlite:{}", file.display()), std::sync::Arc::new(|_| {})).await.expect("opens");
    let mut connection = db.read().await.expect("a connection");
    let before = Timestamp(i64::try_from(forgotten).expect("within i64"));
    let gone = feed::prune(&mut connection, before, feed::Forgot::default(), 1_000).await.expect("pruned").0;
    assert!(gone >= 20, "{gone}");
    drop(connection);
    db.close().await;
    world.start_server().await;

    laptop.follow(&world);
    let told = told(&laptop);
    laptop.comes_online().await;
    assert_eq!(laptop.unread().await, 31);
    let view = async || {
        let query = ThreadQuery { conversation: with(&tunde), before: None, limit: 50 };
        laptop.core().thread_get(query).await.expect("a thread")
    };
    let first = view().await;
    assert_eq!(first.older, Older::Gap, "a hole is never shown as continuity: {} messages", first.messages.len());
    eventually("the gap is filled", async || told(|event| matches!(event, UiEvent::Stale { .. }))).await;
    let whole = view().await;
    assert_eq!((whole.messages.len(), whole.older), (31, Older::Beginning));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_without_a_link_is_told_later() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let (tunde, desk) = world.person_with_device("Tunde").await;
    desk.writes(&ana, "one").await;
    laptop.sees(&tunde, "one").await;
    assert_eq!(laptop.unread().await, 1);
    laptop.goes_offline().await;
    laptop.core().conversation_read(ConversationRef { conversation: with(&tunde) }).await.expect("accepted");
    assert_eq!(laptop.unread().await, 0);
    laptop.comes_online().await;
    eventually("its writer knows", async || desk.states(&ana).await == [MessageState::Read]).await;
    assert_eq!(laptop.unread().await, 0, "the server's older count does not come back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_says_what_the_settings_allow_and_where_one_looks() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    let told = told(&laptop);
    let shown = async |count: usize| {
        eventually("a notice", async || laptop.notifier.shown().len() == count).await;
        let notice = laptop.notifier.shown().pop().expect("shown");
        (notice.title, notice.body)
    };
    world.says(&tunde, &ana, "not looking").await;
    assert_eq!(shown(1).await, ("Tunde".into(), "not looking".into()));

    // Looking at another conversation: inside the app.
    let elsewhere = ConversationKey { user: UserId(tunde.id.0 + 1), subject: Subject::None };
    laptop
        .core()
        .attention_set(Attention { focused: true, target: Some(Target::of("inbox", elsewhere)) })
        .await
        .expect("accepted");
    world.says(&tunde, &ana, "elsewhere").await;
    eventually("a toast", async || {
        told(|event| matches!(event, UiEvent::Toast { toast: Toast::News { body, .. } } if body == "elsewhere"))
    })
    .await;
    assert_eq!(laptop.notifier.shown().len(), 1);

    // Hidden contents, then quiet.
    laptop.looks_at(None).await;
    let mut settings = laptop.core().settings_get(Nothing {}).await.expect("settings");
    settings.hide_content = true;
    laptop.core().settings_set(settings.clone()).await.expect("accepted");
    world.says(&tunde, &ana, "secret").await;
    assert_eq!(shown(2).await, ("New message".into(), String::new()));
    let now = guildhall_client::ports::Clock::local_minute(&*laptop.clock);
    settings.quiet = true;
    (settings.quiet_from_min, settings.quiet_to_min) = ((now + 1_439) % 1_440, (now + 60) % 1_440);
    laptop.core().settings_set(settings).await.expect("accepted");
    world.says(&tunde, &ana, "quiet").await;
    laptop.sees(&tunde, "quiet").await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(laptop.notifier.shown().len(), 2, "nothing in quiet hours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_cache_comes_back_from_the_server() {
    let world = World::start().await;
    let (ana, mut laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    says_many(&world, &tunde, &ana, 20).await;
    eventually("they arrived", async || laptop.texts(&tunde).await.len() == 20).await;
    laptop.close().await;
    let file = laptop.account_folder().join("cache.sqlite");
    let mut bytes = std::fs::read(&file).expect("readable");
    bytes[..100].fill(0);
    std::fs::write(&file, bytes).expect("writable");

    laptop.reopen().await;
    let told = told(&laptop);
    laptop.is_online().await;
    eventually("everything is back", async || laptop.texts(&tunde).await.len() == 20).await;
    assert_eq!(laptop.unread().await, 20);
    eventually("the user is told", async || {
        told(|event| matches!(event, UiEvent::Toast { toast: Toast::CacheRebuilt }))
    })
    .await;
}

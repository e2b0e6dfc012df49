//! Why somebody was told of something, or not.

use guildhall_client::ports::NoticeAction;
use guildhall_contract::{notifications::LedgerQuery, settings::Settings, targets::Target, ui_events::UiEvent};
use guildhall_testkit::{Device, Recorded, World, eventually, world::leads_to};

/// The outcomes of what is in the ledger, the oldest first, and why a notice was taken back.
async fn outcomes(device: &Device) -> Vec<(String, Option<String>)> {
    let query = LedgerQuery { before: None, limit: 50 };
    let mut rows = device.core().notification_ledger(query).await.expect("a ledger");
    rows.reverse();
    rows.into_iter().map(|row| (row.outcome, row.taken_back)).collect()
}

fn told(words: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
    words.iter().map(|(outcome, back)| ((*outcome).to_owned(), back.map(str::to_owned))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_has_a_line_in_the_ledger_that_says_why_one_was_told_or_not() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, mut laptop) = world.person_with_device("Tunde").await;
    laptop.looks_at(None).await;
    ana_laptop.writes(&tunde, "shown by the system").await;
    eventually("the first is told", async || outcomes(&laptop).await == told(&[("system", None)])).await;

    laptop.reads(&ana).await;
    eventually("and taken back", async || outcomes(&laptop).await == told(&[("system", Some("read"))])).await;

    ana_laptop.writes(&tunde, "in view").await;
    eventually("the second is in view", async || {
        outcomes(&laptop).await == told(&[("system", Some("read")), ("in_view", None)])
    })
    .await;

    laptop.looks_at(None).await;
    let off = Settings { desktop: false, ..Settings::default() };
    laptop.core().settings_set(off).await.expect("set");
    ana_laptop.writes(&tunde, "not wanted").await;
    let all = told(&[("system", Some("read")), ("in_view", None), ("off", None)]);
    eventually("the third is not wanted", async || outcomes(&laptop).await == all).await;
    assert!(outcomes(&ana_laptop).await.is_empty(), "one's own messages are no news");

    laptop.close().await;
    laptop.reopen().await;
    assert_eq!(outcomes(&laptop).await, all, "it is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_click_on_a_notice_opens_what_it_leads_to_and_its_button_marks_it_read() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, laptop) = world.person_with_device("Tunde").await;
    let phone = world.device(&tunde, "phone").await;
    laptop.looks_at(None).await;
    ana_laptop.writes(&tunde, "Can you come on Monday?").await;
    eventually("it is shown", async || !laptop.notifier.shown().is_empty()).await;
    let notice = laptop.notifier.shown().remove(0);
    assert_eq!(notice.tag, format!("inbox/{}", ana.id));
    assert_eq!(notice.actions, [NoticeAction { id: "mark_read", label: "Mark as read".into() }]);

    let told = laptop.records();
    let opens = |wanted: &Target| {
        let told = told.lock().expect("records");
        told.iter().any(|event| matches!(event, UiEvent::Open { target } if target == wanted))
    };
    laptop.clicks(&notice.tag, None);
    eventually("it opens", async || opens(&leads_to(&ana))).await;
    assert_eq!(laptop.unread().await, 1, "opening is what reads it, not the click");
    laptop.clicks("summary", None);
    laptop.clicks(&notice.tag, Some("of-another-version"));

    laptop.clicks(&notice.tag, Some("mark_read"));
    eventually("it is read on all devices", async || laptop.unread().await == 0 && phone.unread().await == 0).await;
    let taken_back = Recorded::Withdrawn(notice.tag.clone());
    eventually("and its notice is gone", async || laptop.notifier.take().contains(&taken_back)).await;
    assert!(!opens(&Target::from("summary")), "it leads nowhere");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_button_of_a_notice_marks_what_it_told_of_and_nothing_that_came_behind_it() {
    let world = World::start().await;
    let (_, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, laptop) = world.person_with_device("Tunde").await;
    let phone = world.device(&tunde, "phone").await;
    laptop.looks_at(None).await;
    ana_laptop.writes(&tunde, "Good night").await;
    eventually("it is shown", async || !laptop.notifier.shown().is_empty()).await;
    let notice = laptop.notifier.shown().remove(0);
    // As in hours of quiet: of what comes now nobody is told, and the notice of before stands.
    let quiet = Settings { desktop: false, ..Settings::default() };
    laptop.core().settings_set(quiet).await.expect("set");
    ana_laptop.writes(&tunde, "The saw is broken, do not come").await;
    eventually("both are here", async || laptop.unread().await == 2 && phone.unread().await == 2).await;

    laptop.clicks(&notice.tag, Some("mark_read"));
    eventually("what it told of is read", async || laptop.unread().await < 2 && phone.unread().await < 2).await;
    assert_eq!((laptop.unread().await, phone.unread().await), (1, 1), "nobody was told of the second");
    let taken_back = Recorded::Withdrawn(notice.tag.clone());
    eventually("its notice is gone", async || laptop.notifier.take().contains(&taken_back)).await;
}

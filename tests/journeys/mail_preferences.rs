//! Letters that one may do without, on real devices.

use guildhall_contract::{commands::Nothing, mail_preferences::MailPreference, ui_events::UiEvent};
use guildhall_testkit::{World, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_device_says_of_letters_the_other_one_shows() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let phone = world.device(&ana, "phone").await;
    phone.is_online().await;
    let wanted = async || {
        let known = phone.core().mail_preferences_get(Nothing {}).await.expect("asked").expect("the server has them");
        assert!(!known.sends, "it has no mail server");
        known.kinds[0].wanted
    };
    assert!(wanted().await);
    let told = phone.records();
    let said = MailPreference { kind: "unread_messages".into(), wanted: false };
    let kept = laptop.core().mail_preference_set(said).await.expect("kept");
    assert!(!kept.kinds[0].wanted);
    let stale = |event: &UiEvent| matches!(event, UiEvent::Stale { topic, .. } if topic == "mail_preferences");
    eventually("the phone is told", async || told.lock().expect("no panic").iter().any(stale)).await;
    assert!(!wanted().await);
    let newer = MailPreference { kind: "news_of_a_newer_server".into(), wanted: true };
    laptop.core().mail_preference_set(newer).await.expect_err("there are no such letters");
}

//! Saved replies on several devices, with and without a link.

use guildhall_contract::{
    commands::Nothing,
    errors::AppError,
    saved_replies::{SavedReplyRef, SavedReplySet},
    ui_events::{Toast, UiEvent},
};
use guildhall_testkit::{
    Device, World, eventually,
    faults::{FaultProxy, Meddling, Page},
};

async fn keeps(device: &Device, key: &str, text: &str) {
    let set = SavedReplySet { key: key.into(), text: text.into(), instead_of: None };
    device.core().saved_reply_set(set).await.expect("a name and a text");
}

/// Name, text and whether it waits.
async fn list(device: &Device) -> Vec<(String, String, bool)> {
    let rows = device.core().saved_reply_list(Nothing {}).await.expect("a list");
    rows.into_iter().map(|row| (row.key, row.text, row.waiting)).collect()
}

fn kept(rows: &[(&str, &str)]) -> Vec<(String, String, bool)> {
    rows.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned(), false)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_devices_have_the_same_at_once() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let phone = world.device(&ana, "phone").await;
    let told = phone.records();
    keeps(&laptop, "thanks", "Thank you!").await;
    eventually("it is there", async || list(&phone).await == kept(&[("thanks", "Thank you!")])).await;
    let is_row = |event: &UiEvent| matches!(event, UiEvent::SavedReplies { rows, .. } if rows.len() == 1);
    eventually("the interface is told", async || told.lock().expect("records").iter().any(is_row)).await;
    keeps(&phone, "thanks", "Thanks a lot!").await;
    eventually("it is changed", async || list(&laptop).await == kept(&[("thanks", "Thanks a lot!")])).await;
    laptop.core().saved_reply_delete(SavedReplyRef { key: "thanks".into() }).await.expect("it is there");
    eventually("it is gone", async || list(&phone).await.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_link_they_are_changed_all_the_same_and_go_out_once() {
    let world = World::start().await;
    let (ana, mut laptop) = world.person_with_device("Ana").await;
    let phone = world.device(&ana, "phone").await;
    keeps(&laptop, "old", "To be deleted").await;
    eventually("it is there", async || list(&phone).await.len() == 1).await;
    eventually("it waits no more", async || list(&laptop).await == kept(&[("old", "To be deleted")])).await;

    laptop.goes_offline().await;
    keeps(&laptop, "hours", "9 to 4").await;
    keeps(&laptop, "hours", "9 to 5").await;
    laptop.core().saved_reply_delete(SavedReplyRef { key: "old".into() }).await.expect("it is there");
    let here = [("hours".to_owned(), "9 to 5".to_owned(), true)];
    assert_eq!(list(&laptop).await, here);
    // Also after the app was closed.
    laptop.close().await;
    laptop.reopen().await;
    assert_eq!(list(&laptop).await, here);
    assert_eq!(list(&phone).await, kept(&[("old", "To be deleted")]));

    laptop.comes_online().await;
    eventually("the phone has it", async || list(&phone).await == kept(&[("hours", "9 to 5")])).await;
    eventually("nothing waits", async || list(&laptop).await == kept(&[("hours", "9 to 5")])).await;
    let requests = laptop.proxy.requests();
    let said: Vec<&String> = requests.iter().filter(|request| request.ends_with("/api/saved-replies/hours")).collect();
    assert_eq!(said, ["PUT /api/saved-replies/hours"], "the first of two texts never went out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_refuses_later_is_said_and_is_as_before() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let phone = world.device(&ana, "phone").await;
    for n in 0..99 {
        keeps(&phone, &format!("r{n}"), "x").await;
    }
    eventually("all are there", async || list(&laptop).await.len() == 99).await;
    laptop.goes_offline().await;
    keeps(&laptop, "mine", "one hundred").await;
    keeps(&phone, "faster", "one hundred").await;
    eventually("the phone was faster", async || list(&phone).await.iter().all(|(_, _, waits)| !waits)).await;
    laptop.comes_online().await;
    laptop
        .hears("why it was not kept", |event| {
            matches!(event, UiEvent::Toast { toast: Toast::ChangeRefused { name, reason, .. } } if name == "mine" && reason == "too_many")
        })
        .await;
    eventually("both are the same", async || list(&laptop).await == list(&phone).await).await;
    assert!(!list(&laptop).await.iter().any(|(key, ..)| key == "mine"));
}

#[tokio::test]
async fn names_and_texts_are_judged_at_once() {
    let world = World::start().await;
    let (_, laptop) = world.person_with_device("Ana").await;
    let set = |key: &str, text: &str| {
        laptop.core().saved_reply_set(SavedReplySet { key: key.into(), text: text.into(), instead_of: None })
    };
    let refused = set("two words", "x").await.expect_err("no name");
    let AppError::Invalid { field, message, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(
        (&*field, &*message),
        ("key", "The name must be one word of at most 32 letters, digits, - or _, such as thanks.")
    );
    assert!(
        matches!(set("x", " ").await, Err(AppError::Invalid { field, reason, .. }) if field == "text" && reason == "empty")
    );
    let nothing = laptop.core().saved_reply_delete(SavedReplyRef { key: "x".into() }).await;
    assert!(matches!(nothing, Err(AppError::NotFound)));
}

/// The answer of the first try is lost, somebody else is faster than the second, and that is answered with the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_late_brings_nothing_old_back() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let phone = world.device(&ana, "phone").await;
    let lost = || Meddling::AnswerReplaced(Page::html(502, "<h1>Bad Gateway</h1>"));
    laptop.proxy.meddle("PUT /api/saved-replies/x", lost());
    keeps(&laptop, "x", "mine").await;
    eventually("the server has it", async || list(&phone).await == kept(&[("x", "mine")])).await;
    keeps(&phone, "x", "theirs").await;
    eventually("both have what came last", async || {
        list(&laptop).await == kept(&[("x", "theirs")]) && list(&phone).await == kept(&[("x", "theirs")])
    })
    .await;

    laptop.proxy.meddle("DELETE /api/saved-replies/x", lost());
    laptop.core().saved_reply_delete(SavedReplyRef { key: "x".into() }).await.expect("it is there");
    eventually("it is gone", async || list(&phone).await.is_empty()).await;
    keeps(&phone, "x", "again").await;
    eventually("both have it", async || {
        list(&laptop).await == kept(&[("x", "again")]) && list(&phone).await == kept(&[("x", "again")])
    })
    .await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(list(&laptop).await, kept(&[("x", "again")]), "and it stays");
}

/// A server without this feature, and one that says nonsense, are synced with all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_saved_replies_is_synced_with_all_the_same() {
    for page in [
        Page::json(404, r#"{"message": "There is nothing here.", "code": "not_found"}"#),
        Page::json(200, r#"{"data": [7, {"key": "x", "text": "kept"}, {"text": "y"}]}"#),
    ] {
        let world = World::start().await;
        let ana = world.person("Ana").await;
        let proxy = FaultProxy::start(world.server().addresses().http).await;
        proxy.meddle("GET /api/saved-replies", Meddling::Answered(page));
        let folder = tempfile::tempdir().expect("a folder");
        let laptop = Device::open(folder.path().to_owned(), proxy).await;
        laptop.sign_in(&ana).await;
        laptop.is_online().await;
        let rows = list(&laptop).await;
        assert!(rows.len() <= 1 && rows.iter().all(|(key, ..)| key == "x"), "{rows:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_is_renamed_although_there_are_as_many_as_there_may_be() {
    let world = World::start().await;
    let (_, laptop) = world.person_with_device("Ana").await;
    for n in 0..100 {
        keeps(&laptop, &format!("r{n}"), "x").await;
    }
    let set = SavedReplySet { key: "renamed".into(), text: "x".into(), instead_of: Some("r7".into()) };
    laptop.core().saved_reply_set(set).await.expect("as many as before");
    eventually("the server has all", async || list(&laptop).await.iter().all(|(_, _, waits)| !waits)).await;
    let names: Vec<String> = list(&laptop).await.into_iter().map(|(key, ..)| key).collect();
    assert_eq!(names.len(), 100);
    assert!(names.contains(&"renamed".to_owned()) && !names.contains(&"r7".to_owned()), "{names:?}");
}

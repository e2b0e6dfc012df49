//! A message is deleted: its words are gone from the device that received it, wherever they stood.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};
use guildhall_contract::{
    attachments::AttachmentAdd,
    bytes::Bytes,
    commands::Nothing,
    messages::MessageDelete,
    notifications::NotificationQuery,
    ui_events::{Toast, UiEvent},
};
use guildhall_testkit::{Device, World, eventually, notifier::Recorded, world::with};

const WORD: &str = "xylophone";

/// The files below a folder that hold the word, in any letter case.
fn files_with_the_word(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        if entry.file_type().expect("a type").is_dir() {
            found.extend(files_with_the_word(&entry.path()));
        } else {
            let bytes = std::fs::read(entry.path()).unwrap_or_default().to_ascii_lowercase();
            if bytes.windows(WORD.len()).any(|part| part == WORD.as_bytes()) {
                found.push(entry.path().display().to_string());
            }
        }
    }
    found
}

async fn says(device: &Device) -> String {
    let core = device.core();
    let query = NotificationQuery { before: None, unread_only: false, limit: 100 };
    let notices = core.notification_list(query).await.expect("a list");
    format!("{:?} {:?}", device.conversations().await, notices)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_message_is_gone_from_the_device_of_the_other() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, laptop) = world.person_with_device("Tunde").await;
    ana_laptop.writes(&tunde, "before").await;
    laptop.sees(&ana, "before").await;
    laptop.reads(&ana).await;
    laptop.looks_at(None).await;
    laptop.notifier.take();

    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
    let file = AttachmentAdd {
        conversation: with(&tunde),
        name: format!("{WORD}.png"),
        bytes: Bytes(STANDARD.decode(png).expect("base64")),
        keep_location: false,
    };
    ana_laptop.core().attachment_add(file).await.expect("a picture");
    ana_laptop.writes(&tunde, &format!("the word is {WORD}")).await;
    laptop.sees(&ana, &format!("the word is {WORD}")).await;
    eventually("the notice shows it", async || format!("{:?}", laptop.notifier.shown()).contains(WORD)).await;
    eventually("so does the page of notices", async || says(&laptop).await.contains(WORD)).await;
    assert!(!files_with_the_word(laptop.folder()).is_empty(), "the search finds it");
    laptop.notifier.take();

    let id = ana_laptop.sent(&tunde, &format!("the word is {WORD}")).await;
    ana_laptop.core().message_delete(MessageDelete { id }).await.expect("one's own");
    eventually("deleted there", async || laptop.thread(&ana).await.iter().any(|message| message.deleted)).await;
    eventually("the notice is taken back", async || {
        laptop.notifier.take().iter().any(|record| matches!(record, Recorded::Withdrawn(_)))
    })
    .await;
    for device in [&laptop, &ana_laptop] {
        eventually("nothing says it", async || !says(device).await.contains(WORD)).await;
    }
    assert!(!format!("{:?}", laptop.thread(&ana).await).contains(WORD));
    let counts = laptop.core().unread_get(Nothing {}).await.expect("counts");
    assert_eq!((counts.messages, counts.conversations), (0, 0));
    eventually("no file of the recipient holds it", async || files_with_the_word(laptop.folder()).is_empty()).await;
    eventually("nor one of the writer", async || files_with_the_word(ana_laptop.folder()).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_deleted_while_one_was_away_is_never_shown_nor_told() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, laptop) = world.person_with_device("Tunde").await;
    ana_laptop.writes(&tunde, "before").await;
    laptop.sees(&ana, "before").await;
    laptop.goes_offline().await;
    laptop.notifier.take();
    ana_laptop.writes(&tunde, &format!("the word is {WORD}")).await;
    eventually("sent", async || ana_laptop.link().await.queued == 0).await;
    let id = ana_laptop.sent(&tunde, &format!("the word is {WORD}")).await;
    ana_laptop.core().message_delete(MessageDelete { id }).await.expect("one's own");
    laptop.comes_online().await;
    eventually("the trace is there", async || laptop.thread(&ana).await.iter().any(|message| message.deleted)).await;
    assert!(!format!("{:?}", laptop.notifier.shown()).contains(WORD));
    eventually("nothing says it", async || !says(&laptop).await.contains(WORD)).await;
    eventually("no file holds it", async || files_with_the_word(laptop.folder()).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_not_the_one_a_notice_shows_leaves_the_notice_alone() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, laptop) = world.person_with_device("Tunde").await;
    laptop.looks_at(None).await;
    ana_laptop.writes(&tunde, &format!("the word is {WORD}")).await;
    ana_laptop.writes(&tunde, "and this stays").await;
    laptop.sees(&ana, "and this stays").await;
    eventually("shown", async || format!("{:?}", laptop.notifier.shown()).contains("this stays")).await;
    laptop.notifier.take();
    let id = ana_laptop.sent(&tunde, &format!("the word is {WORD}")).await;
    ana_laptop.core().message_delete(MessageDelete { id }).await.expect("one's own");
    eventually("deleted there", async || laptop.thread(&ana).await[0].deleted).await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(laptop.notifier.take().is_empty());
    assert_eq!(laptop.unread().await, 1);
    let mut stream = laptop.core().subscribe();
    let said = tokio::time::timeout(std::time::Duration::from_millis(100), stream.next()).await;
    assert!(
        !matches!(said, Ok(Some(events)) if events.iter().any(|e| matches!(e, UiEvent::Toast { toast: Toast::News { .. } })))
    );
}

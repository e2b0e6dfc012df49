//! A server says things that cannot be read: one row costs that row, never the list, never the connection.

use guildhall_contract::{commands::Nothing, connection::ConnectionState, mend::UNREADABLE};
use guildhall_testkit::{Link, World, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_that_cannot_be_parsed_leaves_nobody_syncing_for_ever() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    for n in 0..5 {
        ana_laptop.writes(&tunde, &format!("n {n}")).await;
    }
    eventually("sent", async || ana_laptop.link().await.queued == 0).await;
    for (name, put) in [
        ("\"created_at\":\"20", "\"created_at\":\"XX"),
        ("\"created_at\":\"20", "\"created_at\":\"-0"),
        ("\"written_at\":\"20", "\"written_at\":\"0:"),
        ("\"content\":\"n 3\"", "\"content\":[1,2]"),
        ("\"sender\":{\"id\"", "\"sender\":{\"is\""),
        ("\"attachments\":[]", "\"attachments\":77"),
        ("\"is_read\":false", "\"is_read\":\"\"   "),
    ] {
        let device = world.device(&tunde, &format!("{put:?}").replace(|c: char| !c.is_ascii_alphanumeric(), "_")).await;
        device.goes_offline().await;
        device.proxy.set(Link::Garbled { find: name, put });
        ana_laptop.writes(&tunde, "while away").await;
        eventually("sent", async || ana_laptop.link().await.queued == 0).await;
        device.core().network_changed();
        eventually(&format!("online in spite of {put}"), async || device.connection().await == ConnectionState::Online)
            .await;
        eventually(&format!("all rows are there in spite of {put}"), async || {
            let thread = device.thread(&ana).await;
            thread.iter().filter(|message| message.body.starts_with("n ") || message.message_type == UNREADABLE).count()
                >= 5
        })
        .await;
        assert_eq!(device.conversations().await.len(), 1, "{put}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_cannot_be_read_is_shown_as_such_and_the_others_go_on() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, laptop) = world.person_with_device("Tunde").await;
    laptop.goes_offline().await;
    for text in ["before", "broken", "after"] {
        ana_laptop.writes(&tunde, text).await;
    }
    eventually("sent", async || ana_laptop.link().await.queued == 0).await;
    // Its words in both dialects, and the text of its notice.
    laptop.proxy.set(Link::Garbled { find: "\"broken\"", put: "{\"a\":12}" });
    laptop.core().network_changed();
    laptop.is_online().await;
    eventually("all three are there", async || {
        let rows = laptop.thread(&ana).await;
        let seen: Vec<_> = rows.iter().map(|row| (row.body.as_str(), row.message_type.as_str())).collect();
        seen == [("before", "text"), ("", UNREADABLE), ("after", "text")]
    })
    .await;
    let counts = laptop.core().unread_get(Nothing {}).await.expect("counts");
    assert_eq!(counts.messages, 3);
}

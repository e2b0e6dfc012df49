//! Several devices of one person, and a token that is taken away.

use guildhall_contract::{
    commands::Nothing,
    connection::ConnectionState,
    devices::DeviceRef,
    sessions::{SessionView, SignedOutBecause},
};
use guildhall_testkit::{World, eventually, notifier::Recorded, wait::eventually_within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e90_three_devices_get_it_once_and_read_on_one_is_read_on_all() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    let devices = [
        world.device(&tunde, "laptop").await,
        world.device(&tunde, "desktop").await,
        world.device(&tunde, "workshop").await,
    ];
    for device in &devices {
        device.looks_at(None).await;
    }
    ana_laptop.writes(&tunde, "to all three").await;
    for device in &devices {
        device.sees(&ana, "to all three").await;
        eventually("counted and shown", async || device.unread().await == 1 && device.notifier.shown().len() == 1)
            .await;
    }
    devices[0].reads(&ana).await;
    for device in &devices {
        eventually("read on all", async || device.unread().await == 0).await;
    }
    // Read elsewhere takes the notice back.
    eventually("withdrawn", async || devices[1].notifier.take().iter().any(|r| matches!(r, Recorded::Withdrawn(_))))
        .await;

    // What one device writes is on the others, once.
    devices[2].writes(&ana, "from the workshop").await;
    for device in &devices {
        device.sees(&ana, "from the workshop").await;
    }
    ana_laptop.comes_to(&tunde, &["to all three", "from the workshop"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e108_a_revoked_token_closes_the_line_and_keeps_the_outbox_for_its_owner() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let tunde = world.person("Tunde").await;
    let mut laptop = world.device(&tunde, "laptop").await;
    let desktop = world.device(&tunde, "desktop").await;

    laptop.goes_offline().await;
    laptop.writes(&ana, "kept for me").await;
    let devices = desktop.core().device_list(Nothing {}).await.expect("a list");
    let other =
        devices.iter().filter(|d| !d.current && d.name == "Test device").max_by_key(|d| d.id).expect("the laptop");
    desktop.core().device_revoke(DeviceRef { id: other.id }).await.expect("one's own");
    laptop.proxy.set(guildhall_testkit::Link::Up);
    laptop.core().network_changed();
    eventually("signed out, with a reason", async || {
        let session = laptop.core().session_get(Nothing {}).await.expect("always known");
        matches!(session, SessionView::SignedOut { because: Some(SignedOutBecause::Revoked), kept_messages: 1, .. })
    })
    .await;
    assert_eq!(laptop.connection().await, ConnectionState::Idle);
    assert_eq!(laptop.keychain.count(), 0);
    laptop.close().await;
    laptop.reopen().await;
    assert!(matches!(laptop.session().await, SessionView::SignedOut { kept_messages: 1, .. }), "and it is told again");

    // Somebody else on the same device sends nothing of it.
    let lena = world.person("Lena").await;
    laptop.sign_in(&lena).await;
    laptop.core().session_sign_out(Nothing {}).await.expect("signed out");
    assert!(ana_laptop.conversations().await.is_empty());

    laptop.sign_in(&tunde).await;
    ana_laptop.sees(&tunde, "kept for me").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_revoked_while_connected_closes_the_socket_within_five_seconds() {
    let world = World::start().await;
    let tunde = world.person("Tunde").await;
    let laptop = world.device(&tunde, "laptop").await;
    let desktop = world.device(&tunde, "desktop").await;
    let devices = desktop.core().device_list(Nothing {}).await.expect("a list");
    let other = devices.iter().find(|d| !d.current && d.name == "Test device").expect("the laptop");
    desktop.core().device_revoke(DeviceRef { id: other.id }).await.expect("one's own");
    eventually_within(std::time::Duration::from_secs(5), "signed out", async || {
        let session = laptop.core().session_get(Nothing {}).await.expect("always known");
        matches!(session, SessionView::SignedOut { because: Some(SignedOutBecause::Revoked), .. })
    })
    .await;
    assert_eq!(desktop.connection().await, ConnectionState::Online, "the other device is unharmed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_in_again_where_one_is_signed_in_leaves_one_signed_in() {
    let world = World::start().await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    for _ in 0..8 {
        laptop.sign_in(&ana).await;
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        let session = laptop.core().session_get(Nothing {}).await.expect("always known");
        assert!(matches!(session, SessionView::SignedIn { .. }), "{session:?}");
    }
}

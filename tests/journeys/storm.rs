//! Two hundred cuts of the connection during a thousand messages both ways.

use std::time::Duration;

use guildhall_contract::messages::MessageView;
use guildhall_testkit::{World, wait::eventually_within};

const MESSAGES_EACH: usize = 500;
const CUTS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_messages_over_two_hundred_cuts_are_there_in_order_and_none_twice() {
    let world = World::start().await;
    let (ana, ana_laptop) = world.person_with_device("Ana").await;
    let (tunde, tunde_laptop) = world.person_with_device("Tunde").await;

    let writing = async {
        for n in 0..MESSAGES_EACH {
            ana_laptop.writes(&tunde, &format!("ana {n}")).await;
            tunde_laptop.writes(&ana, &format!("tunde {n}")).await;
        }
    };
    let cutting = async {
        for n in 0..CUTS {
            let device = if n % 2 == 0 { &ana_laptop } else { &tunde_laptop };
            device.proxy.cut_once();
            device.core().network_changed();
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    };
    tokio::join!(writing, cutting);

    for (device, other) in [(&ana_laptop, &tunde), (&tunde_laptop, &ana)] {
        eventually_within(Duration::from_secs(120), "all thousand are there", async || {
            device.core().network_changed();
            let all = device.whole_thread(other).await;
            all.len() >= 2 * MESSAGES_EACH && all.iter().all(|m| m.id.is_some())
        })
        .await;
        let all = device.whole_thread(other).await;
        assert_eq!(all.len(), 2 * MESSAGES_EACH, "none twice");
        for name in ["ana", "tunde"] {
            let own: Vec<&str> =
                all.iter().map(|m: &MessageView| m.body.as_str()).filter(|b| b.starts_with(name)).collect();
            let expected: Vec<String> = (0..MESSAGES_EACH).map(|n| format!("{name} {n}")).collect();
            assert_eq!(own, expected, "in order");
        }
    }
    let ids = |all: Vec<MessageView>| all.into_iter().map(|m| m.id).collect::<Vec<_>>();
    assert_eq!(
        ids(ana_laptop.whole_thread(&tunde).await),
        ids(tunde_laptop.whole_thread(&ana).await),
        "both hold the same"
    );
}

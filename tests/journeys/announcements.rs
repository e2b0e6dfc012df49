//! What an administrator says reaches every device, over a channel beside the person's own: at once, after a gap, after a time
//! without a link.

use std::{sync::Arc, time::Duration};

use guildhall_client::ports::Clock;
use guildhall_contract::{announcements::AnnouncementView, commands::Nothing, ui_events::UiEvent, wire_time::WireTime};
use guildhall_market::time::HOUR_MS;
use guildhall_server::clock::HandClock;
use guildhall_testkit::{Device, Person, World, eventually, faults::Link, world::PASSWORD};
use serde_json::{Value, json};

struct Administrator {
    url: String,
    token: String,
}

impl Administrator {
    async fn of(world: &World) -> Self {
        let boss: Person = world.person("Boss").await;
        assert!(world.server().set_admin(&boss.email, true).await.expect("the database works"));
        let body = json!({ "email": boss.email, "password": PASSWORD });
        let answer = reqwest::Client::new().post(format!("{}/api/login", world.url())).json(&body).send().await;
        let body: Value = answer.expect("an answer").json().await.expect("JSON");
        Self { url: world.url(), token: body["data"]["token"].as_str().expect("a token").to_owned() }
    }

    async fn says(&self, text: Option<&str>, until: Option<Value>) {
        let url = format!("{}/api/admin/announcement", self.url);
        let http = reqwest::Client::new();
        let request = match text {
            Some(text) => http.put(url).json(&json!({ "text": text, "until": until })),
            None => http.delete(url),
        };
        let answer = request.bearer_auth(&self.token).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
    }
}

async fn seen(device: &Device) -> Option<AnnouncementView> {
    device.core().announcement_get(Nothing {}).await.expect("somebody is here")
}

async fn sees(device: &Device, text: Option<&str>) {
    let what = format!("{text:?} is seen");
    eventually(&what, async || seen(device).await.map(|said| said.text).as_deref() == text).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_hears_it_at_once_and_whoever_comes_later() {
    let world = World::start().await;
    let boss = Administrator::of(&world).await;
    let (ana, laptop) = world.person_with_device("Ana").await;
    let (_, other) = world.person_with_device("Tunde").await;
    // Its own subscription comes behind the link: it fetches what there is, and only then what comes counts.
    sees(&laptop, None).await;
    let told = laptop.records();
    boss.says(Some("Back at noon"), None).await;
    for device in [&laptop, &other] {
        sees(device, Some("Back at noon")).await;
    }
    let is_it = |event: &UiEvent| matches!(event, UiEvent::Announced { announcement: Some(_) });
    eventually("the interface is told", async || told.lock().expect("records").iter().any(is_it)).await;
    let phone = world.device(&ana, "phone").await;
    sees(&phone, Some("Back at noon")).await;
    boss.says(None, None).await;
    for device in [&laptop, &other, &phone] {
        sees(device, None).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_is_fetched_when_the_next_number_shows_the_gap() {
    let world = World::start().await;
    let boss = Administrator::of(&world).await;
    let (_, laptop) = world.person_with_device("Ana").await;
    let asked = || laptop.proxy.requests().into_iter().filter(|request| request == "GET /api/announcement").count();
    eventually("what there is was asked for", async || asked() > 0).await;
    for words in ["One", "Two"] {
        boss.says(Some(words), None).await;
        sees(&laptop, Some(words)).await;
    }
    assert_eq!(asked(), 0, "what comes in order is not fetched");
    laptop.proxy.set(Link::PushesLost);
    boss.says(Some("Three"), None).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(seen(&laptop).await.map(|said| said.text).as_deref(), Some("Two"));
    laptop.proxy.set(Link::Up);
    boss.says(Some("Four"), None).await;
    sees(&laptop, Some("Four")).await;
    assert_eq!(asked(), 1, "the gap is fetched, once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_and_taken_back_without_a_link_is_known_when_it_returns() {
    let world = World::start().await;
    let boss = Administrator::of(&world).await;
    let (_, laptop) = world.person_with_device("Ana").await;
    boss.says(Some("Before"), None).await;
    sees(&laptop, Some("Before")).await;
    laptop.goes_offline().await;
    boss.says(Some("Meanwhile"), None).await;
    boss.says(None, None).await;
    assert_eq!(seen(&laptop).await.map(|said| said.text).as_deref(), Some("Before"), "the last that was heard");
    laptop.comes_online().await;
    sees(&laptop, None).await;
    boss.says(Some("After"), None).await;
    sees(&laptop, Some("After")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_over_goes_by_the_servers_clock_whatever_ones_own_says() {
    let clock = HandClock::default();
    let hands = Arc::new(clock.clone());
    let world = World::start_with(|config| config.clock = hands).await;
    let boss = Administrator::of(&world).await;
    let (_, laptop) = world.person_with_device("Ana").await;
    let until = WireTime(laptop.clock.now().plus_ms(HOUR_MS));
    boss.says(Some("For an hour"), Some(serde_json::to_value(until).expect("a time"))).await;
    sees(&laptop, Some("For an hour")).await;
    laptop.clock.advance_ms(2 * HOUR_MS);
    laptop.goes_offline().await;
    laptop.comes_online().await;
    sees(&laptop, Some("For an hour")).await;
    clock.advance(Duration::from_secs(2 * 3_600));
    sees(&laptop, None).await;
}

//! Letters that somebody may do without, with a real mail server: when one is written and to whom, what it says, and how it is
//! ended by whoever reads it.

use std::{sync::Arc, time::Duration};

use guildhall_server::{ServerConfig, clock::HandClock};
use guildhall_testkit::{World, eventually};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    golden::Story,
    postgres_server::Postgres,
    smtp::{MailServer, USUAL, code_in},
    stranger::Stranger,
};

const HOUR: Duration = Duration::from_secs(3_600);

async fn world_with(change: impl FnOnce(&mut ServerConfig)) -> (World, MailServer, HandClock) {
    let (post, clock) = (MailServer::start(USUAL), HandClock::default());
    let (settings, kept) = (post.settings(), Arc::new(clock.clone()));
    let world = World::start_with(move |config| {
        config.mail = Some(settings);
        config.clock = kept;
        config.public_host = Some("hall.test".into());
        change(config);
    })
    .await;
    (world, post, clock)
}

/// Somebody whose address is proved. `count` letters went to it before.
async fn proved(world: &World, post: &MailServer, name: &str) -> Stranger {
    let person = Stranger::new(world, name).await;
    person.post("/api/verifications/email", json!({})).await;
    let code = json!({ "code": code_in(&post.letter_to(&format!("{}@example.com", name.to_lowercase()), 1).await) });
    assert_eq!(person.post("/api/verifications/email/confirm", code).await.status, StatusCode::OK);
    person
}

/// Lets time pass, an hour at a time and then some: whoever looks after letters looks.
async fn pass(clock: &HandClock, hours: u32) {
    for _ in 0..hours {
        clock.advance(HOUR);
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
    for _ in 0..3 {
        clock.advance(Duration::from_secs(31));
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
}

fn unread(post: &MailServer, address: &str) -> Vec<Value> {
    let about = |letter: &Value| letter["headers"]["subject"].as_str().is_some_and(|it| it.contains("unread message"));
    post.letters_to(address).into_iter().filter(about).collect()
}

/// The letter number `count` about unread messages, from 1. Time passes until it is there, a little at a time: whoever looks after
/// letters may be late on a busy machine.
async fn told(post: &MailServer, clock: &HandClock, address: &str, count: usize) -> Value {
    for _ in 0..400 {
        if let Some(letter) = unread(post, address).into_iter().nth(count - 1) {
            return letter;
        }
        clock.advance(HOUR / 12);
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    panic!("no letter number {count} to {address}: {:?}", post.letters_to(address));
}

/// The path of the link in a letter.
fn link_in(letter: &Value) -> String {
    let header = letter["headers"]["list-unsubscribe"].as_str().expect("a header").replace(['\r', '\n', ' '], "");
    let link = header.trim_start_matches('<').trim_end_matches('>').to_owned();
    let text = letter["text"].as_str().expect("text");
    assert!(text.contains(&link), "{link} stands in {text}");
    link.strip_prefix("https://hall.test").expect("under the address of the hall").to_owned()
}

async fn who_is_away_is_told_once_a_day_who_wrote_and_nothing_of_what(
    world: World,
    post: MailServer,
    clock: HandClock,
) {
    let ana = proved(&world, &post, "Ana").await;
    let (bruno, lena) = (proved(&world, &post, "Bruno").await, proved(&world, &post, "Lena").await);
    bruno.send(&ana, "the secret plan").await;
    bruno.send(&ana, "and another").await;
    pass(&clock, 3).await;
    assert_eq!(unread(&post, "ana@example.com").len(), 0, "three hours are not long");
    lena.send(&ana, "hello").await;
    let letter = told(&post, &clock, "ana@example.com", 1).await;
    assert_eq!(letter["headers"]["subject"], "You have 3 unread messages at Guildhall");
    assert_eq!(letter["headers"]["list-unsubscribe-post"], "List-Unsubscribe=One-Click");
    let whole = letter.to_string();
    assert!(whole.contains("Lena, Bruno"), "{whole}");
    assert!(!whole.contains("secret") && !whole.contains("hello"), "nothing of the words: {whole}");
    link_in(&letter);
    // The same messages are told of once, new ones a day later.
    pass(&clock, 30).await;
    assert_eq!(unread(&post, "ana@example.com").len(), 1);
    lena.send(&ana, "again").await;
    told(&post, &clock, "ana@example.com", 2).await;
    bruno.send(&ana, "so soon").await;
    pass(&clock, 19).await;
    assert_eq!(unread(&post, "ana@example.com").len(), 2, "one a day");
    told(&post, &clock, "ana@example.com", 3).await;
    // What is read, and whom one blocked, is nothing to be told of.
    let last = bruno.send(&ana, "read at once").await.body["data"]["id"].clone();
    ana.post("/api/messages/read", json!({ "up_to": last, "user_id": bruno.id })).await;
    lena.send(&ana, "from somebody blocked").await;
    ana.post(&format!("/api/users/{}/block", lena.id), json!({})).await;
    pass(&clock, 40).await;
    assert_eq!(unread(&post, "ana@example.com").len(), 3);
    assert!(unread(&post, "bruno@example.com").is_empty() && unread(&post, "lena@example.com").is_empty());
}

mod sqlite {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_is_away_is_told_once_a_day_who_wrote_and_nothing_of_what() {
        let (world, post, clock) = super::world_with(|_| {}).await;
        super::who_is_away_is_told_once_a_day_who_wrote_and_nothing_of_what(world, post, clock).await;
    }
}

mod postgresql {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn who_is_away_is_told_once_a_day_who_wrote_and_nothing_of_what() {
        let postgres = super::Postgres::start();
        let database = postgres.database("hall");
        let (world, post, clock) = super::world_with(move |config| config.database = Some(database)).await;
        super::who_is_away_is_told_once_a_day_who_wrote_and_nothing_of_what(world, post, clock).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_here_or_proved_no_address_is_sent_nothing() {
    let (world, post, clock) = world_with(|_| {}).await;
    let (ana, bruno) = (proved(&world, &post, "Ana").await, Stranger::new(&world, "Bruno").await);
    let socket = ana.listen().await;
    ana.send(&bruno, "are you there").await;
    assert_eq!(bruno.send(&ana, "and you").await.status, StatusCode::CREATED, "who was written to may answer");
    pass(&clock, 20).await;
    assert!(unread(&post, "ana@example.com").is_empty(), "a device is connected");
    assert!(unread(&post, "bruno@example.com").is_empty(), "nobody proved that address");
    drop(socket);
    pass(&clock, 3).await;
    assert!(unread(&post, "ana@example.com").is_empty(), "it was connected three hours ago");
    told(&post, &clock, "ana@example.com", 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_the_letter_ends_them_in_one_click_and_opening_the_link_ends_nothing() {
    let (world, post, clock) = world_with(|_| {}).await;
    let (ana, bruno) = (proved(&world, &post, "Ana").await, proved(&world, &post, "Bruno").await);
    bruno.send(&ana, "hello").await;
    let path = link_in(&told(&post, &clock, "ana@example.com", 1).await);
    let http = reqwest::Client::new();
    let wanted = async || ana.get("/api/user/mail-preferences").await.body["data"]["kinds"][0]["wanted"].clone();
    let at = |path: &str| format!("{}{path}", world.url());
    let page = http.get(at(&path)).send().await.expect("an answer");
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    let html = page.text().await.expect("text");
    assert!(html.contains("<form method=\"post\">") && !html.contains("Ana"), "{html}");
    assert_eq!(wanted().await, true, "opened by whatever looks through letters");
    // A link that somebody made up, or that is of somebody else.
    for bad in [
        path.replace("&s=", "&s=0"),
        path.replace(&format!("u={}", ana.id), &format!("u={}", bruno.id)),
        path.replace("unread_messages", "code"),
        "/mail/unsubscribe".into(),
    ] {
        let answer = http.post(at(&bad)).body("List-Unsubscribe=One-Click").send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{bad}");
    }
    assert_eq!(wanted().await, true);
    let mut hears = ana.listen().await;
    for _ in 0..2 {
        let one_click = http
            .post(at(&path))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click");
        assert_eq!(one_click.send().await.expect("an answer").status(), StatusCode::OK, "also once more");
    }
    let event = hears.hear("mail_preference.changed").await;
    assert_eq!((&event["kind"], &event["wanted"]), (&json!("unread_messages"), &json!(false)), "{event}");
    drop(hears);
    assert_eq!(wanted().await, false);
    bruno.send(&ana, "more").await;
    pass(&clock, 40).await;
    assert_eq!(unread(&post, "ana@example.com").len(), 1);
    // Letters about safety come all the same.
    ana.guest().post("/api/password/forgot", json!({ "email": "ana@example.com" })).await;
    let letter = post.letter_about("ana@example.com", "Choose a new password").await;
    assert!(letter["headers"].get("list-unsubscribe").is_none(), "{letter}");
    // And she has them again when she says so.
    let body = json!({ "kind": "unread_messages", "wanted": true });
    let again = ana.ask(Method::PATCH, "/api/user/mail-preferences", Some(body), &[]).await;
    assert_eq!(again.body["data"]["kinds"][0]["wanted"], true);
    bruno.send(&ana, "and more").await;
    told(&post, &clock, "ana@example.com", 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_that_waits_is_taken_back_by_whoever_ends_them() {
    let (world, mut post, clock) = world_with(|_| {}).await;
    let (ana, bruno) = (proved(&world, &post, "Ana").await, proved(&world, &post, "Bruno").await);
    post.stop();
    bruno.send(&ana, "hello").await;
    let waits = async || {
        let c = rusqlite::Connection::open(world.server_folder().join("hall.sqlite")).expect("it opens");
        let waiting = "select count(*) from mails where kind = 'unread_messages' and next_try_at_ms is not null";
        c.query_row(waiting, [], |row| row.get::<_, i64>(0)).expect("a number") == 1
    };
    pass(&clock, 4).await;
    eventually("a letter waits for the mail server", waits).await;
    let body = json!({ "kind": "unread_messages", "wanted": false });
    ana.ask(Method::PATCH, "/api/user/mail-preferences", Some(body), &[]).await;
    post.resume();
    pass(&clock, 3).await;
    assert!(unread(&post, "ana@example.com").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_wants_is_ones_own_and_goes_along() {
    let world = World::start().await;
    let (ana, bruno) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Bruno").await);
    assert_eq!(ana.guest().get("/api/user/mail-preferences").await.status, StatusCode::UNAUTHORIZED);
    let mut story = Story::of(&ana);
    let shown = story.get("mail_preferences.json", "/api/user/mail-preferences").await;
    assert_eq!(shown["data"]["sends"], false, "there is no mail server");
    let put = json!({ "kind": "code", "wanted": false });
    let path = "/api/user/mail-preferences";
    story.ask("mail_preference_of_safety.json", Method::PATCH, path, Some(put)).await;
    let put = json!({ "kind": "unread_messages", "wanted": false });
    story.ask("mail_preference_set.json", Method::PATCH, path, Some(put)).await;
    story.get("feed_of_mail_preferences.json", "/api/feed").await;
    story.end();
    assert_eq!(bruno.get("/api/user/mail-preferences").await.body["data"]["kinds"][0]["wanted"], true);
    let (_, zip) = ana.download("/api/user/export").await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip)).expect("a zip");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut zip.by_name("mail_preferences.json").expect("there"), &mut text).expect("text");
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON")[0]["wanted"], false);
}

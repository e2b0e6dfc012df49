//! Bank accounts from outside: what naming one takes, whose it is, who is told, and the stop.

use std::{sync::Arc, time::Duration};

use guildhall_server::{
    clock::HandClock,
    config::ServerConfig,
    providers::{Key, ProviderSettings, Reached},
};
use guildhall_testkit::{
    World,
    banks::{Banks, KEY, Mood},
    world::PASSWORD,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::{actions, administrator, rows},
    golden::Story,
    identity_papers,
    postgres_server::Postgres,
    smtp::{MailServer, USUAL, code_in, undo_in},
    stranger::{Answer, Stranger},
    two_step,
};

const PATH: &str = "/api/payout-accounts";
const HOUR: Duration = Duration::from_secs(3_600);

async fn world(clock: &HandClock, change: impl FnOnce(&mut ServerConfig)) -> World {
    let clock = Arc::new(clock.clone());
    World::start_with(move |config| {
        config.clock = clock;
        change(config);
    })
    .await
}

/// Somebody of this name, whose email is confirmed.
pub async fn somebody(world: &World, first: &str, name: &str) -> Stranger {
    let who = Stranger::new(world, first).await;
    let asked = who.post("/api/verifications/email", json!({})).await;
    let code = asked.body["data"]["code"].as_str().expect("told here").to_owned();
    assert_eq!(who.post("/api/verifications/email/confirm", json!({ "code": code })).await.status, StatusCode::OK);
    let named = who.ask(Method::PATCH, "/api/user", Some(json!({ "name": name })), &[]).await;
    assert_eq!(named.status, StatusCode::OK, "{}", named.body);
    who
}

/// A code, told here.
async fn code(who: &Stranger) -> String {
    let asked = who.post(&format!("{PATH}/code"), json!({ "password": PASSWORD })).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    asked.body["data"]["code"].as_str().expect("told here").to_owned()
}

fn account(number: &str, code: &str) -> Value {
    json!({ "currency": "NGN", "bank_code": "000", "number": number, "password": PASSWORD, "code": code })
}

pub async fn adds(who: &Stranger, number: &str) -> Answer {
    let code = code(who).await;
    who.post(PATH, account(number, &code)).await
}

async fn list(who: &Stranger) -> Vec<Value> {
    who.get(PATH).await.body["data"]["accounts"].as_array().expect("accounts").clone()
}

/// The hours between two moments. The clock goes on by itself meanwhile, so a minute more is none.
fn hours(from: &Value, to: &Value) -> i64 {
    (since(to) - since(from)) / 3_600_000
}

fn since(text: &Value) -> i64 {
    let at: guildhall_contract::wire_time::WireTime = serde_json::from_value(text.clone()).expect("a time");
    at.0.0
}

/// The whole way, on either engine.
async fn the_whole_way(world: &World, clock: &HandClock) {
    let ana = somebody(world, "Amara", "Amara Okonkwo").await;
    let other_device = ana.clone();
    let mut hears = other_device.listen().await;
    assert_eq!(ana.get(PATH).await.body["data"], json!({ "accounts": [], "currencies": ["NGN", "USD"] }));
    let banks = ana.get(&format!("{PATH}/banks?currency=NGN")).await.body;
    assert_eq!(banks["data"], json!([{ "code": "000", "name": "Sandbox Bank" }]));
    assert_eq!(ana.get(&format!("{PATH}/banks?currency=XAU")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = adds(&ana, "0000 000-001").await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let made = made.body["data"].clone();
    assert_eq!((&made["state"], &made["number"]), (&json!("verified"), &json!("•••• 0001")));
    assert_eq!(since(&made["usable_from"]) - since(&made["since"]), 72 * 3_600_000);
    let told = hears.hear("verification.changed").await;
    assert_eq!((&told["kind"], &told["state"]), (&json!("payout_account"), &json!("verified")));
    let feed = ana.get("/api/feed?after=0").await.body.to_string();
    assert!(feed.contains("payout_account_added") && !feed.contains("0000000001"), "{feed}");
    assert_eq!(list(&ana).await, std::slice::from_ref(&made));
    // Another one in its place begins anew, and one of another name leaves what stands.
    clock.advance(HOUR);
    let refused = adds(&ana, "0000000005").await.body["data"].clone();
    assert_eq!((&refused["id"], &refused["state"]), (&json!(0), &json!("rejected")));
    assert_eq!(refused["reason"], "The bank knows this account under another name: S••• E•••.");
    assert_eq!(list(&ana).await, std::slice::from_ref(&made), "nothing is lost");
    clock.advance(HOUR);
    let replaced = adds(&ana, "0000000011").await.body["data"].clone();
    assert_ne!(replaced["id"], made["id"]);
    assert_eq!(hours(&made["usable_from"], &replaced["usable_from"]), 2);
    assert_eq!(list(&ana).await.len(), 1, "one for each currency");
    let path = format!("{PATH}/{}/stop", made["id"]);
    assert_eq!(ana.post(&path, json!({})).await.code(), "wrong_state", "another stands in its place");
    let path = format!("{PATH}/{}/stop", replaced["id"]);
    for _ in 0..2 {
        let stopped = ana.post(&path, json!({})).await;
        assert_eq!((stopped.status, &stopped.body["data"]["state"]), (StatusCode::OK, &json!("revoked")));
        assert_eq!(stopped.body["data"]["usable_from"], Value::Null);
    }
    let gone = format!("{PATH}/{}", replaced["id"]);
    assert_eq!(ana.ask(Method::DELETE, &gone, None, &[]).await.status, StatusCode::NO_CONTENT);
    assert!(list(&ana).await.is_empty());
}

#[tokio::test]
async fn c19_an_account_is_named_replaced_stopped_and_taken_away() {
    let clock = HandClock::default();
    the_whole_way(&world(&clock, |_| {}).await, &clock).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c19_an_account_is_named_replaced_stopped_and_taken_away_on_postgres_too() {
    let postgres = Postgres::start();
    let (clock, database) = (HandClock::default(), postgres.database("payouts"));
    the_whole_way(&world(&clock, move |config| config.database = Some(database)).await, &clock).await;
}

#[tokio::test]
async fn c21_a_name_that_is_taken_for_a_moment_opens_nothing() {
    let clock = HandClock::default();
    let world = world(&clock, |_| {}).await;
    let renames = async |who: &Stranger, name: &str| {
        let named = who.ask(Method::PATCH, "/api/user", Some(json!({ "name": name })), &[]).await;
        assert_eq!(named.status, StatusCode::OK, "{}", named.body);
    };
    let ana = somebody(&world, "Amara", "Amara Okonkwo").await;
    assert_eq!(adds(&ana, "0000000001").await.body["data"]["state"], "verified");
    renames(&ana, "OKONKWO, Amara").await;
    assert_eq!(list(&ana).await[0]["state"], "verified", "the same words");
    renames(&ana, "Amara Ngozi Okonkwo").await;
    assert_eq!(list(&ana).await[0]["state"], "verified", "the bank's name still says who it is");
    let mut hears = ana.listen().await;
    renames(&ana, "Harmless Person").await;
    let account = list(&ana).await[0].clone();
    assert_eq!(
        (&account["state"], &account["reason"], &account["usable_from"]),
        (
            &json!("expired"),
            &json!(
                "Your name changed, and the bank knows this account under another one. Name your account once more."
            ),
            &Value::Null
        )
    );
    assert_eq!(hears.hear("verification.changed").await["state"], "expired");
    renames(&ana, "Amara Okonkwo").await;
    assert_eq!(list(&ana).await[0]["state"], "expired", "it is looked at anew");
    clock.advance(HOUR);
    assert_eq!(adds(&ana, "0000000001").await.body["data"]["state"], "verified");
}

#[tokio::test]
async fn c19_it_takes_the_password_and_a_code_to_an_address_that_was_proved_before() {
    let clock = HandClock::default();
    let world = world(&clock, |_| {}).await;
    let new = Stranger::new(&world, "New").await;
    let unproved = new.post(&format!("{PATH}/code"), json!({ "password": PASSWORD })).await;
    assert_eq!(
        (unproved.status, unproved.body["errors"]["email"].is_array()),
        (StatusCode::UNPROCESSABLE_ENTITY, true)
    );
    let ana = somebody(&world, "Amara", "Amara Okonkwo").await;
    let wrong = ana.post(&format!("{PATH}/code"), json!({ "password": "not the password" })).await;
    assert_eq!(wrong.code(), "wrong_password");
    let early = ana.post(PATH, account("0000000001", "123456")).await;
    assert_eq!(early.code(), "wrong_code", "none was asked for");
    let code = code(&ana).await;
    let mut body = account("0000000001", &code);
    body["password"] = json!("not the password");
    assert_eq!(ana.post(PATH, body).await.code(), "wrong_password");
    for (field, value) in [("currency", "EUR"), ("bank_code", "999"), ("number", "12/34567")] {
        let mut body = account("0000000001", &code);
        body[field] = json!(value);
        let refused = ana.post(PATH, body).await;
        assert_eq!(
            (refused.status, refused.body["errors"][field].is_array()),
            (StatusCode::UNPROCESSABLE_ENTITY, true),
            "{field}"
        );
    }
    assert!(list(&ana).await.is_empty(), "nothing happened");
    let guest = ana.guest();
    for answer in [
        guest.get(PATH).await,
        guest.post(PATH, account("0000000001", &code)).await,
        guest.post(&format!("{PATH}/1/stop"), json!({})).await,
    ] {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let key = [("Idempotency-Key", "once")];
    let first = ana.ask(Method::POST, PATH, Some(account("0000000001", &code)), &key).await;
    let again = ana.ask(Method::POST, PATH, Some(account("0000000001", &code)), &key).await;
    assert_eq!((first.status, &first.body), (StatusCode::CREATED, &again.body));
    assert_eq!(ana.post(PATH, account("0000000001", &code)).await.code(), "wrong_code", "it is used up");
    let stop = format!("{PATH}/{}/stop", first.body["data"]["id"]);
    assert_eq!(new.post(&stop, json!({})).await.status, StatusCode::NOT_FOUND, "somebody else's");
    assert_eq!(list(&ana).await[0]["state"], "verified");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c19_where_two_step_sign_in_is_on_its_code_is_asked_for_too() {
    let (world, clock) = two_step::world_with(|_| {}).await;
    let ana = somebody(&world, "Amara", "Amara Okonkwo").await;
    let (_, codes) = two_step::turns_on(&ana, &clock).await;
    let asks = async |code: Option<&str>| {
        ana.post(&format!("{PATH}/code"), json!({ "password": PASSWORD, "code": code })).await
    };
    assert_eq!(asks(None).await.code(), "two_step_required");
    assert_eq!(asks(Some("123456")).await.code(), "two_step_wrong");
    assert_eq!(asks(Some(&codes[0])).await.status, StatusCode::OK);
    assert_eq!(asks(Some(&codes[0])).await.code(), "two_step_wrong", "it is used up");
}

#[tokio::test]
async fn an_accounts_number_and_the_banks_name_lie_nowhere_in_clear() {
    let world = World::start().await;
    let ana = somebody(&world, "Amara", "Amara Okonkwo").await;
    assert_eq!(adds(&ana, "7365102481").await.status, StatusCode::CREATED);
    let mut files = 0;
    for entry in std::fs::read_dir(world.server_folder()).expect("the folder").flatten() {
        if entry.file_name().to_string_lossy().starts_with("hall.sqlite") {
            let bytes = std::fs::read(entry.path()).expect("a file");
            for said in [&b"7365102481"[..], b"OKONKWO AMARA GRACE"] {
                assert!(!bytes.windows(said.len()).any(|window| window == said), "{:?}", entry.path());
            }
            files += 1;
        }
    }
    assert!(files > 0);
    assert!(!ana.get(PATH).await.body.to_string().contains("736510"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c19_all_addresses_are_told_and_the_code_goes_to_the_one_of_before() {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let world = World::start_with(move |config| {
        config.mail = Some(settings);
        config.public_host = Some("hall.example.com".into());
    })
    .await;
    let person = world.person("Amara").await;
    let (thief, owner) = (Stranger::sign_in(&world, &person).await, Stranger::sign_in(&world, &person).await);
    owner.post("/api/verifications/email", json!({})).await;
    let code = code_in(&post.letter_to("amara@example.com", 1).await);
    owner.post("/api/verifications/email/confirm", json!({ "code": code })).await;
    owner.ask(Method::PATCH, "/api/user", Some(json!({ "name": "Amara Okonkwo" })), &[]).await;
    // Whoever has the password and a device makes the address theirs first.
    thief.post("/api/user/email", json!({ "email": "thief@example.com", "password": PASSWORD })).await;
    let code = code_in(&post.letter_to("thief@example.com", 1).await);
    thief.post("/api/user/email/confirm", json!({ "email": "thief@example.com", "code": code })).await;
    let asked = thief.post(&format!("{PATH}/code"), json!({ "password": PASSWORD })).await.body;
    assert_eq!((&asked["data"]["address"], &asked["data"]["code"]), (&json!("amara@example.com"), &Value::Null));
    let letter = post.letter_about("amara@example.com", "A bank account at").await;
    assert!(
        post.letters_to("thief@example.com").iter().all(|letter| !letter.to_string().contains("A bank account at"))
    );
    // Had they read it, too: both addresses hear of it, and both letters stop it.
    let made = thief.post(PATH, account("0000000001", &code_in(&letter))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    post.letter_about("thief@example.com", "A new bank account").await;
    let letter = post.letter_about("amara@example.com", "A new bank account").await;
    let text = letter["text"].as_str().expect("text");
    assert!(text.contains("•••• 0001") && !text.contains("0000000001") && text.contains("72 hours"), "{text}");
    let link = text.lines().find(|line| line.starts_with("https://hall.example.com/")).expect("a link").to_owned();
    let path = link.trim().replace("https://hall.example.com", "");
    let http = reqwest::Client::new();
    let get = async |path: &str| http.get(format!("{}{path}", world.url())).send().await.expect("an answer");
    let page = get(&path).await;
    assert_eq!(page.status(), StatusCode::OK);
    let page = page.text().await.expect("text");
    assert!(page.contains("<form method=\"post\">") && page.contains("•••• 0001"), "{page}");
    assert_eq!(list(&owner).await[0]["state"], "verified", "to open it does nothing");
    let last = path.pop_hex();
    assert_eq!(get(&last).await.status(), StatusCode::NOT_FOUND, "another signature");
    let posted = http.post(format!("{}{last}", world.url())).send().await.expect("an answer");
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);
    for _ in 0..2 {
        let stopped = http.post(format!("{}{path}", world.url())).send().await.expect("an answer");
        assert_eq!(stopped.status(), StatusCode::OK);
        assert!(stopped.text().await.expect("text").contains("It is stopped"));
    }
    let mine = list(&owner).await[0].clone();
    assert_eq!((&mine["state"], &mine["reason"]), (&json!("revoked"), &json!("It was stopped from a letter to you.")));
    let notices = owner.get("/api/notifications").await.body;
    let kinds: Vec<&Value> = notices["data"].as_array().expect("rows").iter().map(|row| &row["type"]).collect();
    assert_eq!(kinds.iter().filter(|kind| kind.as_str().is_some_and(|it| it.starts_with("payout_account"))).count(), 2);
}

trait PopHex {
    fn pop_hex(&self) -> String;
}

impl PopHex for String {
    /// The same with another last digit.
    fn pop_hex(&self) -> String {
        let last = if self.ends_with('0') { '1' } else { '0' };
        format!("{}{last}", &self[..self.len() - 1])
    }
}

#[tokio::test]
async fn c21_names_that_are_nearly_one_are_looked_at_with_both_before_the_administrator() {
    let clock = HandClock::default();
    let world = world(&clock, |_| {}).await;
    let boss = administrator(&world, "Boss").await;
    let kwame = somebody(&world, "Kwame", "Kwame Mensah").await;
    let made = adds(&kwame, "0000000004").await.body["data"].clone();
    assert_eq!((&made["state"], &made["usable_from"]), (&json!("pending"), &Value::Null));
    let row = rows(&boss.get("/api/admin/verifications").await.body)[0].clone();
    assert_eq!(
        (&row["kind"], &row["slot"], &row["name"]),
        (&json!("payout_account"), &json!("NGN"), &json!("Kwame Mensah"))
    );
    assert!(!row.to_string().contains("VENTURES"), "what the bank says comes with a reason");
    assert_eq!(boss.get("/api/notifications").await.body["data"][0]["type"], "verification_waiting");
    let path = format!("/api/admin/verifications/{}", row["id"]);
    let full = boss.get(&format!("{path}?reason=To%20compare")).await.body["data"].clone();
    assert_eq!(full["names"], json!({ "here": "Kwame Mensah", "bank": "KWAME VENTURES LTD" }));
    assert_eq!(actions(&kwame.get("/api/user/looks").await.body), ["verification.look"]);
    // Another account of the same bank with the same last digits is not the one that was looked at.
    clock.advance(Duration::from_secs(61));
    let other = adds(&kwame, "9990000004").await;
    assert_eq!(
        (other.status, &other.body["data"]["state"]),
        (StatusCode::CREATED, &json!("pending")),
        "{}",
        other.body
    );
    let early = boss.post(&format!("{path}/approve"), json!({ "reason": "It is his own firm" })).await;
    assert_eq!(early.code(), "look_first", "{}", early.body);
    assert_eq!(boss.get(&format!("{path}?reason=To%20compare")).await.status, StatusCode::OK);
    let made = other.body["data"].clone();
    clock.advance(HOUR);
    let done = boss.post(&format!("{path}/approve"), json!({ "reason": "It is his own firm" })).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let mine = list(&kwame).await[0].clone();
    assert_eq!(mine["state"], "verified");
    assert_eq!(hours(&made["since"], &mine["usable_from"]), 73, "72 hours from the decision on");
    let first = rows(&kwame.get("/api/notifications").await.body)[0].clone();
    assert_eq!((&first["type"], &first["message"]), (&json!("verification_approved"), &json!("It is his own firm")));
    for (first, name, number, state) in [
        ("Oluwaseun", "Oluwaseun Adébáyọ̀", "0000000006", "verified"),
        ("Chidi", "Chidi Eze", "0000000003", "verified"),
        ("Yusuf", "Yusuf Danjuma", "0000000001", "rejected"),
    ] {
        let who = somebody(&world, first, name).await;
        assert_eq!(adds(&who, number).await.body["data"]["state"], state, "{name}");
    }
}

#[tokio::test]
async fn c21_five_tries_a_day_and_what_nobody_answers_costs_none() {
    let clock = HandClock::default();
    let world = world(&clock, |_| {}).await;
    let ana = somebody(&world, "Amara", "Amara Okonkwo").await;
    let code = code(&ana).await;
    for _ in 0..2 {
        let silent = ana.post(PATH, account("0000000009", &code)).await;
        assert_eq!((silent.status, silent.code()), (StatusCode::SERVICE_UNAVAILABLE, "busy"));
    }
    // Many at once are no more than one after the other.
    let answers = futures_util::future::join_all((0..7).map(|_| ana.post(PATH, account("0000000000", &code)))).await;
    let looked: Vec<&str> = answers.iter().map(Answer::code).collect();
    assert_eq!(looked.iter().filter(|code| **code == "invalid").count(), 5, "{looked:?}");
    assert_eq!(looked.iter().filter(|code| **code == "too_many_tries").count(), 2, "{looked:?}");
    clock.advance(24 * HOUR);
    assert_eq!(adds(&ana, "0000000001").await.body["data"]["state"], "verified");
}

async fn with_provider(paystack: bool, banks: &Banks, key: &str) -> World {
    let reached = Reached { key: Key::new(key.to_owned()), url: banks.url() };
    let settings = ProviderSettings {
        paystack: paystack.then(|| reached.clone()),
        flutterwave: (!paystack).then_some(reached),
        answer_within: Duration::from_millis(700),
        ..ProviderSettings::default()
    };
    World::start_with(move |config| config.providers = settings).await
}

#[tokio::test]
async fn a_provider_is_asked_as_documented_and_believed_only_where_it_answers_so() {
    for paystack in [true, false] {
        let banks = Banks::start(Mood::Down).await;
        let world = with_provider(paystack, &banks, KEY).await;
        let ana = somebody(&world, "Amara", "Amara Okonkwo").await;
        let listed = ana.get(&format!("{PATH}/banks?currency=NGN")).await.body["data"].clone();
        let expected = if paystack {
            json!([{ "code": "058", "name": "Guaranty Trust Bank" }, { "code": "057", "name": "Zenith Bank" }])
        } else {
            json!([{ "code": "044", "name": "Access Bank" }, { "code": "058", "name": "GTBank Plc" }])
        };
        assert_eq!(listed, expected);
        let mut code = code(&ana).await;
        let body = |code: &str| {
            let mut body = account("0123456789", code);
            body["bank_code"] = json!("058");
            body
        };
        let silent = [
            Mood::Down,
            Mood::TooMany,
            Mood::NoName,
            Mood::Lies,
            Mood::Inconclusive,
            Mood::Garbage,
            Mood::Elsewhere,
            Mood::Endless,
            Mood::Slow(Duration::from_secs(2)),
        ];
        for mood in silent {
            banks.set(mood);
            let answer = ana.post(PATH, body(&code)).await;
            assert_eq!((answer.status, answer.code()), (StatusCode::SERVICE_UNAVAILABLE, "busy"), "{mood:?}");
            assert!(list(&ana).await.is_empty(), "{mood:?}");
        }
        banks.set(Mood::Well("OKONKWO  AMARA"));
        let made = ana.post(PATH, body(&code)).await;
        assert_eq!(
            (made.status, &made.body["data"]["state"]),
            (StatusCode::CREATED, &json!("verified")),
            "{}",
            made.body
        );
        let asked = banks.asked().pop().expect("asked");
        let wanted = if paystack {
            ("GET".into(), "/bank/resolve?account_number=0123456789&bank_code=058".into(), String::new())
        } else {
            (
                "POST".into(),
                "/v3/accounts/resolve".into(),
                r#"{"account_bank":"058","account_number":"0123456789"}"#.into(),
            )
        };
        assert_eq!(asked, wanted);
        let lists = banks.asked().iter().filter(|(_, path, _)| !path.contains("resolve")).count();
        assert_eq!(lists, if paystack { 2 } else { 1 }, "the list is kept for a day");
        code.clear();
    }
}

#[tokio::test]
async fn an_unknown_account_is_said_so_and_a_wrong_key_is_nobodys_business() {
    for paystack in [true, false] {
        let banks = Banks::start(Mood::Unknown).await;
        let world = with_provider(paystack, &banks, KEY).await;
        let ana = somebody(&world, "Amara", "Amara Okonkwo").await;
        let mut body = account("0123456789", &code(&ana).await);
        body["bank_code"] = json!("058");
        let unknown = ana.post(PATH, body).await;
        assert_eq!(
            (unknown.status, unknown.body["errors"]["number"].is_array()),
            (StatusCode::UNPROCESSABLE_ENTITY, true)
        );
        let world = with_provider(paystack, &banks, "sk_test_of_somebody_else").await;
        let ana = Stranger::new(&world, "Amara").await;
        let refused = ana.get(&format!("{PATH}/banks?currency=NGN")).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::SERVICE_UNAVAILABLE, "busy"));
        assert!(!refused.body.to_string().contains("sk_test"));
    }
}

#[tokio::test]
async fn accounts_go_with_the_account_and_are_named_in_what_one_takes_along() {
    let mut world = World::start().await;
    let ana = somebody(&world, "Amara", "Amara Okonkwo").await;
    adds(&ana, "0000000001").await;
    let (_, zip) = ana.download("/api/user/export").await;
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip)).expect("a zip");
    let named: Value = serde_json::from_reader(zip.by_name("payout-accounts.json").expect("the list")).expect("JSON");
    assert_eq!((&named[0]["number"], &named[0]["state"]), (&json!("•••• 0001"), &json!("verified")));
    let gone = ana.ask(Method::DELETE, "/api/user", Some(json!({ "password": PASSWORD })), &[]).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.body);
    world.stop_server().await;
    let kept = rusqlite::Connection::open(world.server_folder().join("hall.sqlite")).expect("a database");
    let left: i64 = kept
        .query_row(
            "select (select count(*) from payout_accounts) + (select count(*) from payout_account_tries)",
            [],
            |row| row.get(0),
        )
        .expect("counted");
    assert_eq!(left, 0);
}

#[tokio::test]
async fn golden_payout_accounts() {
    let world = World::start().await;
    let ana = somebody(&world, "Amara", "Amara Okonkwo").await;
    let mut story = Story::of(&ana);
    let post = Method::POST;
    let password = json!({ "password": PASSWORD });
    let asked = story.ask("payout_code.json", post.clone(), "/api/payout-accounts/code", Some(password)).await;
    let code = asked["data"]["code"].as_str().expect("told here").to_owned();
    story.ask("payout_account_wrong_number.json", post.clone(), PATH, Some(account("12", &code))).await;
    let made = story.ask("payout_account.json", post.clone(), PATH, Some(account("0000000001", &code))).await;
    story.get("payout_accounts.json", PATH).await;
    let stop = format!("{PATH}/{}/stop", made["data"]["id"]);
    story.ask("payout_account_stopped.json", post, &stop, None).await;
    story.get("feed_of_a_payout_account.json", "/api/feed?after=0").await;
    story.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_thief_set_up_ends_with_the_change_that_the_owner_takes_back() {
    let (post, clock) = (MailServer::start(USUAL), HandClock::default());
    let settings = post.settings();
    let world = world(&clock, move |config| config.mail = Some(settings)).await;
    let ana = Stranger::new(&world, "Ana").await;
    let named = ana.ask(Method::PATCH, "/api/user", Some(json!({ "name": "Amara Okonkwo" })), &[]).await;
    assert_eq!(named.status, StatusCode::OK, "{}", named.body);
    let proof = async |email: &str, nth: usize| code_in(&post.letter_to(email, nth).await);
    ana.post("/api/verifications/email", json!({})).await;
    let code = json!({ "code": proof("ana@example.com", 1).await });
    assert_eq!(ana.post("/api/verifications/email/confirm", code).await.status, StatusCode::OK);
    // Whoever sits at the owner's machine reads the letters there, names an account, and turns a second step on.
    clock.advance(Duration::from_secs(61));
    assert_eq!(ana.post(&format!("{PATH}/code"), json!({ "password": PASSWORD })).await.status, StatusCode::OK);
    let named = ana.post(PATH, account("0000000001", &proof("ana@example.com", 2).await)).await;
    assert!(named.status.is_success(), "{}", named.body);
    identity_papers::asks(&ana).await;
    let (app, _) = two_step::turns_on(&ana, &clock).await;
    clock.advance(Duration::from_secs(61));
    let moves = json!({ "email": "thief@example.com", "password": PASSWORD, "code": app.code(&clock) });
    let asked = ana.post("/api/user/email", moves).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    let moved = json!({ "email": "thief@example.com", "code": proof("thief@example.com", 1).await });
    assert_eq!(ana.post("/api/user/email/confirm", moved).await.status, StatusCode::OK);
    let undo = undo_in(&post.letter_about("ana@example.com", "another address").await);
    let back = json!({ "email": "ana@example.com", "code": undo, "password": "another good password" });
    assert_eq!(ana.guest().post("/api/password/reset", back).await.status, StatusCode::NO_CONTENT);
    // The owner gets in with the new password alone, and nothing is paid to the thief's account.
    let home = json!({ "email": "ana@example.com", "password": "another good password", "device_name": "Home" });
    let home = ana.guest().post("/api/login", home).await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.body);
    let owner = ana.with_token(home.body["data"]["token"].as_str().expect("a token"));
    let accounts = list(&owner).await;
    assert_eq!(accounts[0]["state"], "revoked", "{accounts:?}");
    // Nor does an administrator look at a thief's papers as if they were the owner's.
    let papers = identity_papers::state(&owner).await;
    assert_eq!(papers["state"], "revoked", "{papers}");
    let why = papers["reason"].as_str().unwrap_or_default();
    assert!(why.starts_with("It was asked for shortly before you took your account back."), "{papers}");
    let told = owner.get("/api/notifications").await.body.to_string();
    for words in ["A bank account was stopped", "It was turned on shortly before you took your account back"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

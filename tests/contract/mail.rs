//! Letters, through a real mail server: encrypted, after a login, again when it was away, and not again when it says no.

use std::{sync::Arc, time::Duration};

use guildhall_contract::sessions::RegisterBody;
use guildhall_server::{
    clock::HandClock,
    config::{MailEncryption, MailSettings},
};
use guildhall_testkit::{World, eventually, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    smtp::{How, MailServer, USUAL, code_in},
    stranger::Stranger,
};

async fn world(settings: MailSettings, clock: &HandClock) -> World {
    let clock = Arc::new(clock.clone());
    World::start_with(move |config| {
        config.mail = Some(settings);
        config.clock = clock;
    })
    .await
}

async fn asks(person: &Stranger) -> Value {
    let asked = person.post("/api/verifications/email", json!({})).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
    asked.body["data"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_goes_out_encrypted_after_a_login_as_text_and_html() {
    let post = MailServer::start(USUAL);
    let world = world(post.settings(), &HandClock::default()).await;
    let ana = Stranger::new(&world, "Ana").await;
    let asked = asks(&ana).await;
    assert_eq!((&asked["by"], &asked["code"]), (&json!("mail"), &Value::Null), "the code is in the letter alone");
    let letter = post.letter_to("ana@example.com", 1).await;
    assert_eq!((&letter["encrypted"], &letter["authenticated"]), (&json!(true), &json!(true)), "{letter}");
    assert_eq!(letter["sender"], "hall@hall.test");
    let header = |name: &str| letter["headers"][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(header("subject"), "Confirm your address at Guildhall");
    assert_eq!(header("from"), "Guildhall <hall@hall.test>");
    assert_eq!(header("auto-submitted"), "auto-generated");
    assert!(header("message-id").ends_with("@hall.test>"), "{letter}");
    assert!(!header("list-unsubscribe").contains("http"), "nobody can turn off what is about their safety");
    let code = code_in(&letter);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert!(letter["html"].as_str().is_some_and(|html| html.contains(&spaced)), "{letter}");
    let confirmed = ana.post("/api/verifications/email/confirm", json!({ "code": spaced })).await;
    assert_eq!(confirmed.body["data"]["state"], "verified", "{}", confirmed.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_encrypted_from_the_first_byte_or_on_this_machine_is_spoken_to_as_well() {
    for how in [How { encryption: MailEncryption::Tls, ..USUAL }, How { encryption: MailEncryption::None, login: None }]
    {
        let post = MailServer::start(how);
        let world = world(post.settings(), &HandClock::default()).await;
        asks(&Stranger::new(&world, "Ana").await).await;
        let letter = post.letter_to("ana@example.com", 1).await;
        assert_eq!(letter["encrypted"], json!(how.encryption == MailEncryption::Tls), "{how:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_password_and_no_letter_goes_to_a_server_with_another_certificate() {
    let (post, other) = (MailServer::start(USUAL), MailServer::start(USUAL));
    let settings = MailSettings { authority: Some(other.certificate()), ..post.settings() };
    let clock = HandClock::default();
    let world = world(settings, &clock).await;
    asks(&Stranger::new(&world, "Ana").await).await;
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        clock.advance(Duration::from_secs(300));
    }
    assert!(post.said().is_empty(), "{:?}", post.said());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_was_away_for_a_day_gets_what_is_still_of_use_once() {
    let mut post = MailServer::start(USUAL);
    let clock = HandClock::default();
    let mut world = world(post.settings(), &clock).await;
    let ana = Stranger::new(&world, "Ana").await;
    asks(&ana).await;
    let code = json!({ "code": code_in(&post.letter_to("ana@example.com", 1).await) });
    assert_eq!(ana.post("/api/verifications/email/confirm", code).await.status, StatusCode::OK);
    post.stop();
    let forgot = ana.guest().post("/api/password/forgot", json!({ "email": "ana@example.com" })).await;
    assert_eq!(forgot.status, StatusCode::OK);
    let changed = json!({ "old": PASSWORD, "new": "another good password" });
    let changed = ana.ask(Method::PUT, "/api/user/password", Some(changed), &[]).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.body);
    for hour in 0..24 {
        clock.advance(Duration::from_secs(3_600));
        tokio::time::sleep(Duration::from_millis(20)).await;
        if hour == 12 {
            // What waits is in the database, and outlives the server.
            world.stop_server().await;
            world.start_server().await;
        }
    }
    post.resume();
    for _ in 0..4 {
        clock.advance(Duration::from_secs(15 * 60));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let letter = post.letter_to("ana@example.com", 2).await;
    assert_eq!(letter["headers"]["subject"], "Your password at Guildhall was changed", "{letter}");
    assert_eq!(post.letters_to("ana@example.com").len(), 2, "once, and a code that has died is sent to nobody");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_refused_is_given_up_and_one_that_has_to_wait_is_tried_later() {
    let post = MailServer::start(USUAL);
    let clock = HandClock::default();
    let world = world(post.settings(), &clock).await;
    let (refused, later) = (Stranger::new(&world, "Refused").await, Stranger::new(&world, "Later").await);
    asks(&refused).await;
    asks(&later).await;
    let count = |what: &str| post.said().iter().filter(|said| said[what].is_string()).count();
    eventually("both were tried", async || count("refused") == 1 && count("later") == 1).await;
    // What became of the first try may be noted a moment later, and the wait counts from there.
    for _ in 0..20 {
        if count("later") > 1 {
            break;
        }
        clock.advance(Duration::from_secs(61));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(count("later") > 1, "the one that has to wait is tried again");
    assert_eq!(count("refused"), 1, "no is no");
    // What was given up is seen by administrators, without the address, and tried again when they say so.
    let boss = crate::audit::administrator(&world, "Boss").await;
    assert_eq!(refused.get("/api/admin/failed-jobs").await.status, StatusCode::FORBIDDEN);
    let seen = boss.get("/api/admin/failed-jobs").await.body["data"].clone();
    let letter = &seen["failed"][0];
    assert_eq!((&seen["sends"], &letter["name"], &letter["kind"]), (&json!(true), &json!("Refused"), &json!("code")));
    assert!(!seen.to_string().contains("refused@example.com"), "{seen}");
    let again = format!("/api/admin/failed-jobs/{}/retry", letter["id"]);
    assert_eq!(refused.post(&again, json!({})).await.status, StatusCode::FORBIDDEN);
    assert_eq!(boss.post("/api/admin/failed-jobs/999999/retry", json!({})).await.status, StatusCode::NOT_FOUND);
    assert_eq!(letter["may_retry"], true, "{letter}");
    assert_eq!(boss.post(&again, json!({})).await.status, StatusCode::OK);
    eventually("it is tried again", async || count("refused") == 2).await;
    let written = boss.get("/api/admin/audit?action=letter.").await.body;
    assert_eq!(crate::audit::rows(&written)[0]["action"], "letter.retry");
    clock.advance(Duration::from_secs(2 * 60 * 60));
    eventually("it is given up again", async || boss.post(&again, json!({})).await.code() == "wrong_state").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_an_address_that_nobody_proved_go_codes_alone_and_nobodys_words() {
    let post = MailServer::start(USUAL);
    let world = world(post.settings(), &HandClock::default()).await;
    let guest = Stranger::new(&world, "Ana").await.guest();
    let body = RegisterBody {
        name: "Win a car at evil.example".into(),
        email: "victim@example.com".into(),
        password: PASSWORD.into(),
        trade: None,
        device_name: None,
    };
    world.server().add_person(body).await.expect("as before letters could be sent");
    let made = guest.post("/api/login", json!({ "email": "victim@example.com", "password": PASSWORD })).await;
    let thief = guest.with_token(made.body["data"]["token"].as_str().expect("a token"));
    asks(&thief).await;
    let changed = json!({ "old": PASSWORD, "new": "another good password" });
    let changed = thief.ask(Method::PUT, "/api/user/password", Some(changed), &[]).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.body);
    let login =
        json!({ "email": "victim@example.com", "password": "another good password", "device_name": "evil.example" });
    let signed = thief.ask(Method::POST, "/api/login", Some(login), &[("X-Forwarded-For", "203.0.113.7")]).await;
    assert_eq!(signed.status, StatusCode::OK);
    post.letter_to("victim@example.com", 1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let letters = post.letters_to("victim@example.com");
    assert_eq!(letters.len(), 1, "the code, and nothing else: {letters:?}");
    assert!(!letters[0].to_string().contains("evil.example"), "{letters:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_writes_to_strangers_before_their_address_is_proved_and_everybody_answers() {
    let post = MailServer::start(USUAL);
    let world = world(post.settings(), &HandClock::default()).await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let refused = ana.send(&tunde, "Good morning").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "email_unverified"));
    assert!(
        tunde.get("/api/messages/conversations").await.body["data"].as_array().is_some_and(Vec::is_empty),
        "nothing reached"
    );
    asks(&ana).await;
    let code = json!({ "code": code_in(&post.letter_to("ana@example.com", 1).await) });
    assert_eq!(ana.post("/api/verifications/email/confirm", code).await.status, StatusCode::OK);
    assert_eq!(ana.send(&tunde, "Good morning").await.status, StatusCode::CREATED);
    assert_eq!(
        tunde.send(&ana, "Good morning to you").await.status,
        StatusCode::CREATED,
        "whoever is asked may answer"
    );
    let lena = Stranger::new(&world, "Lena").await;
    assert_eq!(tunde.send(&lena, "And you?").await.code(), "email_unverified");
}

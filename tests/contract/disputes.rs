//! Disputes from outside: who says what, who may divide what is held, and that nothing moves by silence.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::{administrator, rows},
    golden::Story,
    jobs::{DAY, notices, ok, proved, refused, seen},
    payments::{Hall, balance, payment},
    postgres_server::Postgres,
    stranger::{Answer, Stranger},
};

const WHY: &str = "Half of the tiles are loose.";

async fn disputes(who: &Stranger, payment: i64) -> Answer {
    who.post(&format!("/api/payments/{payment}/dispute"), json!({ "reason": WHY })).await
}

async fn does(who: &Stranger, id: i64, what: &str, body: Value) -> Answer {
    who.post(&format!("/api/disputes/{id}/{what}"), body).await
}

fn split(to_payee: i64, to_payer: i64) -> Value {
    json!({ "to_payee_minor": to_payee, "to_payer_minor": to_payer })
}

fn id_of(answer: Answer) -> i64 {
    ok(answer)["id"].as_i64().expect("an id")
}

async fn the_two_settle_it_themselves(hall: Hall) {
    let Hall { ana, bruno, job, .. } = &hall;
    let held = hall.held(500_000).await;
    assert_eq!(
        refused(&ana.post(&format!("/api/payments/{held}/dispute"), json!({ "reason": "Bad." })).await),
        (422, "too_short")
    );
    let half = json!({ "reason": WHY, "to_payee_minor": 1 });
    assert_eq!(refused(&ana.post(&format!("/api/payments/{held}/dispute"), half).await), (422, "bad_split"));
    let id = id_of(disputes(ana, held).await);
    assert_eq!(refused(&disputes(bruno, held).await), (409, "wrong_state"));
    let stands = payment(bruno, held).await;
    assert_eq!((&stands["state"], &stands["may"]), (&json!("disputed"), &json!([])));
    assert_eq!(seen(bruno, *job).await["status"], "disputed");
    assert_eq!(notices(bruno).await.last().map(String::as_str), Some("payment_disputed"));
    let mine = ok(bruno.get(&format!("/api/disputes/{id}")).await);
    assert_eq!((&mine["status"], &mine["may"]), (&json!("raised"), &json!(["answer", "propose"])));
    assert_eq!(mine["statements"][0]["words"], WHY);
    let file = bruno.upload("tiles.png", crate::attachments::png()).await;
    let file = file.body["data"]["id"].as_i64().expect("an id");
    let answer = json!({ "reason": "They were not, when I left.", "attachments": [file] });
    let said = ok(does(bruno, id, "answer", answer).await);
    let url = said["statements"][1]["attachments"][0]["url"].as_str().expect("a link").to_owned();
    assert_eq!(bruno.download(&url).await.0, StatusCode::OK);
    let hers = ok(ana.get(&format!("/api/disputes/{id}")).await);
    let hers = hers["statements"][1]["attachments"][0]["url"].as_str().expect("a link").to_owned();
    assert_eq!(ana.download(&hers).await.0, StatusCode::OK, "she sees what he shows");
    assert_eq!(refused(&does(ana, id, "propose", split(1, 2)).await), (422, "bad_split"), "E57");
    let first = ok(does(ana, id, "propose", split(200_000, 300_000)).await);
    assert_eq!(first["payer_proposes"], json!({ "to_payee_minor": 200_000, "to_payer_minor": 300_000 }));
    assert_eq!(
        refused(&does(ana, id, "accept", split(200_000, 300_000)).await),
        (409, "wrong_state"),
        "nobody accepts their own"
    );
    ok(does(ana, id, "propose", split(250_000, 250_000)).await);
    assert_eq!(refused(&does(bruno, id, "accept", split(200_000, 300_000)).await), (409, "changed"));
    let stale = json!({ "to_payee_minor": 250_000, "to_payer_minor": 250_000, "version": 1 });
    assert_eq!(refused(&does(bruno, id, "accept", stale).await), (409, "changed"));
    let ended = ok(does(bruno, id, "accept", split(250_000, 250_000)).await);
    assert_eq!((&ended["state"], &ended["may"]), (&json!("resolved"), &json!([])));
    assert_eq!((balance(bruno).await, balance(ana).await), (225_000, 250_000));
    assert_eq!(payment(ana, held).await["label"], "split");
    for who in [ana, bruno] {
        assert!(notices(who).await.contains(&"dispute_resolved".to_owned()) || who.id == bruno.id);
        assert_eq!(rows(&who.get("/api/disputes").await.body).len(), 1);
    }
    assert_eq!(refused(&does(ana, id, "answer", json!({ "reason": "But" })).await), (409, "wrong_state"));

    // E82: both propose the same.
    let held = hall.held(100_000).await;
    let id = id_of(disputes(bruno, held).await);
    let (one, other) = tokio::join!(
        does(ana, id, "propose", split(60_000, 40_000)),
        does(bruno, id, "propose", split(60_000, 40_000))
    );
    assert!(one.status == StatusCode::OK && other.status == StatusCode::OK, "{} {}", one.body, other.body);
    assert_eq!(ok(ana.get(&format!("/api/disputes/{id}")).await)["state"], "resolved");
    assert_eq!(balance(bruno).await, 225_000 + 54_000);
}

async fn nothing_moves_by_silence_and_an_administrator_decides(hall: Hall) {
    let Hall { world, clock, ana, bruno, .. } = &hall;
    let (boss, other) = (administrator(world, "Boss").await, administrator(world, "Vera").await);
    let lena = proved(world, "Lena").await;
    let held = hall.held(300_000).await;
    ok(bruno.post(&format!("/api/payments/{held}/submit"), json!({ "note": "It is all done, have a look." })).await);
    clock.advance(6 * DAY);
    let before = payment(ana, held).await["clock"]["at"].clone();
    assert!(before.is_string());
    let id = id_of(disputes(ana, held).await);
    let stopped = payment(ana, held).await["clock"].clone();
    assert!(stopped["at"].is_null() && stopped["left_ms"].as_i64().expect("ms") <= 86_400_000, "{stopped}");
    for what in ["answer", "propose", "accept", "withdraw", "take", "resolve"] {
        let body = json!({ "reason": "Because it is so.", "to_payee_minor": 300_000, "to_payer_minor": 0 });
        assert_eq!(does(&lena, id, what, body.clone()).await.status, StatusCode::NOT_FOUND, "{what}");
        if ["take", "resolve"].contains(&what) {
            assert_eq!(refused(&does(bruno, id, what, body).await), (403, "forbidden"), "{what}");
        } else if what != "withdraw" {
            assert_eq!(refused(&does(&boss, id, what, body).await), (403, "forbidden"), "{what}");
        }
    }
    assert_eq!(refused(&does(bruno, id, "withdraw", json!({})).await), (403, "forbidden"), "she began it");
    assert_eq!(lena.get(&format!("/api/disputes/{id}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(refused(&ana.get("/api/admin/disputes").await), (403, "forbidden"));
    clock.advance(5 * DAY);
    let mut list = Vec::new();
    for _ in 0..100 {
        list = rows(&boss.get("/api/admin/disputes").await.body);
        if list[0]["flagged_at"].is_string() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(list[0]["flagged_at"].is_string(), "{list:?}");
    clock.advance(60 * DAY);
    assert_eq!(payment(ana, held).await["held_minor"], 300_000, "nothing moves by itself");
    assert_eq!(ok(does(&boss, id, "take", json!({})).await)["status"], "investigating");
    let decide = |words: &str| json!({ "reason": words, "to_payee_minor": 100_000, "to_payer_minor": 200_000 });
    assert_eq!(refused(&does(&boss, id, "resolve", decide("No.")).await), (422, "too_short"));
    let (words, others) = (decide("One third of the work is there."), decide("I see it otherwise."));
    let (one, two) = tokio::join!(does(&boss, id, "resolve", words), does(&other, id, "resolve", others));
    let done = [&one, &two].iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(done, 1, "E114: {} {}", one.body, two.body);
    let ended = ok(bruno.get(&format!("/api/disputes/{id}")).await);
    assert!(ended["decision"].as_str().is_some_and(|words| words.len() > 10), "{ended}");
    assert_eq!((balance(bruno).await, balance(ana).await), (90_000, 200_000));
    assert!(notices(bruno).await.contains(&"dispute_resolved".to_owned()));

    // E54: withdrawn, the clock goes on with what was left.
    let held = hall.held(50_000).await;
    ok(bruno.post(&format!("/api/payments/{held}/submit"), json!({ "note": "It is all done, have a look." })).await);
    clock.advance(6 * DAY);
    let id = id_of(disputes(bruno, held).await);
    clock.advance(20 * DAY);
    assert_eq!(ok(does(bruno, id, "withdraw", json!({})).await)["status"], "none");
    assert_eq!(payment(ana, held).await["stage"], "in_review");
    clock.advance(DAY);
    for _ in 0..100 {
        if payment(ana, held).await["label"] == "released" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("it is not released: {}", payment(ana, held).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wire_is_what_it_was_to_the_letter() {
    let hall = Hall::on(None).await;
    let held = hall.held(500_000).await;
    let before = rows(&hall.ana.get("/api/feed?after=0").await.body).len();
    let mut story = Story::of(&hall.ana);
    let body = json!({ "reason": WHY, "to_payee_minor": 0, "to_payer_minor": 500_000 });
    story.ask("dispute_begun.json", Method::POST, &format!("/api/payments/{held}/dispute"), Some(body)).await;
    ok(does(&hall.bruno, 1, "answer", json!({ "reason": "They were not, when I left." })).await);
    story.ask("dispute_proposed.json", Method::POST, "/api/disputes/1/propose", Some(split(250_000, 250_000))).await;
    story.ask("dispute_refused.json", Method::POST, "/api/disputes/1/accept", Some(split(1, 499_999))).await;
    story.ask("dispute_withdrawn.json", Method::POST, "/api/disputes/1/withdraw", Some(json!({}))).await;
    story.get("disputes.json", "/api/disputes").await;
    story.get("feed_of_disputes.json", &format!("/api/feed?after={before}")).await;
    story.end();
}

mod sqlite {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_two_settle_it_themselves() {
        super::the_two_settle_it_themselves(Hall::on(None).await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nothing_moves_by_silence_and_an_administrator_decides() {
        super::nothing_moves_by_silence_and_an_administrator_decides(Hall::on(None).await).await;
    }
}

mod postgresql {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_two_settle_it_themselves() {
        super::the_two_settle_it_themselves(Hall::on(Some(Postgres::start())).await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nothing_moves_by_silence_and_an_administrator_decides() {
        super::nothing_moves_by_silence_and_an_administrator_decides(Hall::on(Some(Postgres::start())).await).await;
    }
}

//! Paying through the two providers as their documents have it: what begins, what is said of it, and whose news are believed.

use std::time::Duration;

use guildhall_server::providers::{Key, ProviderSettings, Reached};
use guildhall_testkit::checkouts::{Checkouts, KEY, NEWS_HASH, Of, Stands};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::rows,
    jobs::{notices, ok, refused},
    payments::{Hall, checkout, id_of, payment},
    stranger::Stranger,
};

/// A hall with one of the providers.
struct Shop {
    hall: Hall,
    provider: Checkouts,
    of: Of,
}

impl Shop {
    async fn of(of: Of) -> Self {
        let provider = Checkouts::start(of).await;
        let reached = Some(Reached { key: Key::new(KEY.into()), url: provider.url() });
        let hall = Hall::with(move |config| {
            let mut settings =
                ProviderSettings { answer_within: Duration::from_secs(2), ..ProviderSettings::default() };
            match of {
                Of::Paystack => settings.paystack = reached,
                Of::Flutterwave => {
                    settings.flutterwave = reached;
                    settings.flutterwave_news = Some(Key::new(NEWS_HASH.into()));
                }
            }
            config.providers = settings;
            config.public_host = Some("hall.example".into());
        })
        .await;
        Self { hall, provider, of }
    }

    fn name(&self) -> &'static str {
        match self.of {
            Of::Paystack => "paystack",
            Of::Flutterwave => "flutterwave",
        }
    }

    /// News as they come.
    async fn tells(&self, body: String, header: (&str, &str)) -> StatusCode {
        let url = format!("{}/api/webhooks/{}", self.hall.ana.url, self.name());
        let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
        request.header(header.0, header.1).send().await.expect("an answer").status()
    }

    async fn comes_back(&self, reference: &str) -> String {
        let word = if self.of == Of::Paystack { "trxref" } else { "status=successful&tx_ref" };
        let url = format!("{}/api/payments/return/{}?{word}={reference}", self.hall.ana.url, self.name());
        reqwest::get(url).await.expect("an answer").text().await.expect("a page")
    }
}

/// The reference of the last attempt.
fn reference(payment: &Value) -> String {
    payment["attempts"].as_array().expect("attempts").last().expect("one")["reference"]
        .as_str()
        .expect("text")
        .to_owned()
}

async fn news_are_believed_in_so_far_as_the_provider_says_so(shop: Shop) {
    let Shop { hall, provider, .. } = &shop;
    let waiting = hall.waits(123_456).await;
    let (id, reference) = (id_of(&waiting), reference(&waiting));
    assert_eq!(checkout(&waiting), format!("{}/pay/{reference}", provider.url()));
    assert_eq!(waiting["attempts"][0]["provider"], shop.name());
    // E48: the news say yes, the provider does not.
    let (body, (name, signature)) = provider.news(&reference);
    assert_eq!(shop.tells(body.clone(), (name, &signature)).await, StatusCode::OK);
    assert_eq!(payment(&hall.ana, id).await["state"], "awaiting_funds");
    assert!(shop.comes_back(&reference).await.contains("does not know yet"));
    // E46: whoever else says so is not asked about, and nothing is asked.
    provider.set(&reference, Stands::Paid(123_456, "NGN"));
    let before = provider.asked();
    let mut wrong = signature.clone();
    wrong.replace_range(0..1, if wrong.starts_with('0') { "1" } else { "0" });
    for shown in [wrong.as_str(), "", "00"] {
        assert_eq!(shop.tells(body.clone(), (name, shown)).await, StatusCode::UNAUTHORIZED, "{shown}");
    }
    if shop.of == Of::Paystack {
        // E47: over the bytes that came, not over what they mean.
        let spaced = body.replace("\n", " ");
        assert_eq!(shop.tells(spaced, (name, &signature)).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(shop.tells(body.clone(), ("x-other", "1")).await, StatusCode::UNAUTHORIZED);
    assert_eq!((provider.asked(), &payment(&hall.ana, id).await["state"]), (before, &json!("awaiting_funds")));
    assert_eq!(shop.tells(body.clone(), (name, &signature)).await, StatusCode::OK);
    let held = payment(&hall.ana, id).await;
    assert_eq!((&held["state"], &held["held_minor"]), (&json!("held"), &json!(123_456)));
    assert_eq!(held["postings"].as_array().map(Vec::len), Some(2), "the price, and what the provider kept: {held}");
    // E41: again, by every way there is.
    for _ in 0..3 {
        assert_eq!(shop.tells(body.clone(), (name, &signature)).await, StatusCode::OK);
        assert!(shop.comes_back(&reference).await.contains("It arrived."));
    }
    assert_eq!(payment(&hall.ana, id).await, held);
    assert!(shop.comes_back("gh-of-nobody").await.contains("no such payment"));
}

async fn a_provider_that_is_away_loses_nothing(shop: Shop) {
    let Shop { hall, provider, .. } = &shop;
    provider.down(true);
    let part = ok(hall
        .ana
        .post(&format!("/api/jobs/{}/milestones", hall.job), json!({ "title": "Tiles", "amount": 500 }))
        .await);
    let part = part["milestones"][0]["id"].as_i64().expect("an id");
    assert_eq!(refused(&hall.funds(part, json!({})).await), (503, "provider_unreachable"));
    assert!(rows(&hall.ana.get("/api/payments").await.body).is_empty(), "nothing was begun");
    provider.down(false);
    let keyed = async |body: Value| {
        let path = format!("/api/jobs/{}/milestones/{part}/fund", hall.job);
        hall.ana.ask(Method::POST, &path, Some(body), &[("Idempotency-Key", "one")]).await
    };
    provider.slow(Some(Duration::from_secs(3)));
    assert_eq!(refused(&keyed(json!({})).await), (503, "provider_unreachable"), "an answer has a limit");
    provider.slow(None);
    let waiting = ok(keyed(json!({})).await);
    assert_eq!(ok(keyed(json!({})).await), waiting, "said again it is the same");
    let (id, reference) = (id_of(&waiting), reference(&waiting));
    // She pays, and nobody says so: no news, no way back, and the provider is away when it is asked.
    provider.set(&reference, Stands::Paid(50_000, "NGN"));
    provider.down(true);
    hall.clock.advance(Duration::from_secs(90));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(payment(&hall.ana, id).await["state"], "awaiting_funds");
    provider.down(false);
    let mut state = Value::Null;
    for _ in 0..100 {
        hall.clock.advance(Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
        state = payment(&hall.ana, id).await["state"].clone();
        if state == "held" {
            break;
        }
    }
    assert_eq!(state, "held", "it is asked by itself");
}

async fn what_does_not_fit_is_kept(shop: Shop) {
    let Shop { hall, provider, .. } = &shop;
    let boss = crate::audit::administrator(&hall.world, "Boss").await;
    for (minor, currency, reason) in [(99_999, "NGN", "wrong_amount"), (100_000, "USD", "wrong_currency")] {
        let waiting = hall.waits(100_000).await;
        let (id, reference) = (id_of(&waiting), reference(&waiting));
        provider.set(&reference, Stands::Paid(minor, currency));
        assert!(shop.comes_back(&reference).await.contains("kept safe"), "{reason}");
        let stands = payment(&hall.ana, id).await;
        assert_eq!((&stands["state"], &stands["attempts"][0]["reason"]), (&json!("awaiting_funds"), &json!(reason)));
        // She pays once more, and rightly.
        let again = ok(hall.ana.post(&format!("/api/payments/{id}/pay"), json!({})).await);
        let reference = self::reference(&again);
        provider.set(&reference, Stands::Declined);
        assert!(shop.comes_back(&reference).await.contains("Nothing was taken so far."));
        assert_eq!(payment(&hall.ana, id).await["attempts"][1]["reason"], "Insufficient Funds");
        provider.set(&reference, Stands::Paid(100_000, "NGN"));
        assert!(shop.comes_back(&reference).await.contains("It arrived."), "a bank that thought again");
        assert_eq!(payment(&hall.ana, id).await["state"], "held");
    }
    // C18: the same account sells in another shop as well, and that is none of ours. What bears our mark and is known to nobody is.
    let mark: String = provider.references()[0].chars().take("gh-01234567-".len()).collect();
    let before = provider.asked();
    for (reference, asked) in [("ORDER-1001".to_owned(), 0), (format!("{mark}{}", "0".repeat(32)), 2)] {
        provider.add(&reference, 70_000, "NGN");
        for _ in 0..2 {
            let (body, (name, signature)) = provider.news(&reference);
            assert_eq!(shop.tells(body, (name, &signature)).await, StatusCode::OK);
        }
        assert_eq!(provider.asked() - before, asked, "{reference}");
    }
    let mut told = 0;
    for _ in 0..100 {
        told = notices(&boss).await.iter().filter(|kind| *kind == "payment_kept").count();
        if told == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(told, 3, "each once");
    // Administrators see what is kept, send it back at the provider, and say so.
    assert_eq!(refused(&hall.ana.get("/api/admin/suspense").await), (403, "forbidden"));
    let kept = rows(&boss.get("/api/admin/suspense").await.body);
    let sums: Vec<(&Value, &Value)> = kept.iter().map(|one| (&one["amount_minor"], &one["currency"])).collect();
    assert_eq!(
        sums,
        [(&json!(99_999), &json!("NGN")), (&json!(100_000), &json!("USD")), (&json!(70_000), &json!("NGN"))]
    );
    let path = |n: usize| format!("/api/admin/suspense/{}/return", kept[n]["id"]);
    let body = |reference: &str| json!({ "reference": reference, "reason": "It was another amount." });
    assert_eq!(refused(&hall.ana.post(&path(0), body("R1")).await), (403, "forbidden"));
    assert_eq!(refused(&boss.post(&path(0), body(" ")).await), (422, "invalid"));
    let (one, other) = (path(0), path(0));
    let (one, other) = tokio::join!(boss.post(&one, body("R1")), boss.post(&other, body("R1")));
    let done = [&one, &other].iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(done, 1, "{} {}", one.body, other.body);
    assert_eq!(refused(&boss.post(&path(2), body("R1")).await), (409, "exists"), "one number, one return");
    ok(boss.post(&path(2), body("R2")).await);
    assert_eq!(rows(&boss.get("/api/admin/suspense").await.body).len(), 1);
    let hers = notices(&hall.ana).await.iter().filter(|kind| *kind == "payment_kept").count();
    assert_eq!(hers, 2, "also of one in another currency");
    let guest: Stranger = boss.guest();
    assert_eq!(guest.post("/api/webhooks/nobody", json!({})).await.status, StatusCode::NOT_FOUND);
}

async fn a_card_that_was_declined_is_followed_by_another_on_the_same_page(shop: Shop) {
    let Shop { hall, provider, .. } = &shop;
    let waiting = hall.waits(60_000).await;
    let (id, reference) = (id_of(&waiting), reference(&waiting));
    provider.set(&reference, Stands::Declined);
    assert!(shop.comes_back(&reference).await.contains("Nothing was taken so far."));
    assert_eq!(notices(&hall.ana).await.last().map(String::as_str), Some("payment_failed"));
    // Nobody says that she took another card.
    provider.set(&reference, Stands::Paid(60_000, "NGN"));
    let mut state = Value::Null;
    for _ in 0..100 {
        hall.clock.advance(Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
        state = payment(&hall.ana, id).await["state"].clone();
        if state == "held" {
            break;
        }
    }
    assert_eq!(state, "held", "it is asked about by itself");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e42_a_page_that_is_paid_twice_is_two_payments() {
    let shop = Shop::of(Of::Flutterwave).await;
    let Shop { hall, provider, .. } = &shop;
    let waiting = hall.waits(60_000).await;
    let (id, reference) = (id_of(&waiting), reference(&waiting));
    provider.set(&reference, Stands::Paid(60_000, "NGN"));
    let (body, (name, signature)) = provider.news(&reference);
    assert_eq!(shop.tells(body, (name, &signature)).await, StatusCode::OK);
    assert_eq!(payment(&hall.ana, id).await["state"], "held");
    let (body, (name, signature)) = provider.paid_again(&reference, 60_000);
    provider.down(true);
    assert_eq!(shop.tells(body.clone(), (name, &signature)).await, StatusCode::SERVICE_UNAVAILABLE, "say it again");
    provider.down(false);
    for _ in 0..3 {
        assert_eq!(shop.tells(body.clone(), (name, &signature)).await, StatusCode::OK);
    }
    let kept: Vec<Value> = payment(&hall.ana, id).await["postings"]
        .as_array()
        .expect("postings")
        .iter()
        .filter(|line| line["letter"] == "L-suspense")
        .cloned()
        .collect();
    assert_eq!((kept.len(), &kept[0]["amount_minor"]), (1, &json!(60_000)));
    assert_eq!(notices(&hall.ana).await.last().map(String::as_str), Some("payment_kept"));
    assert_eq!(payment(&hall.ana, id).await["held_minor"], 60_000);
}

macro_rules! with_each {
    ($($name:ident),* $(,)?) => {
        mod paystack {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(Shop::of(Of::Paystack).await).await;
            })*
        }
        mod flutterwave {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(Shop::of(Of::Flutterwave).await).await;
            })*
        }
    };
}

with_each!(
    news_are_believed_in_so_far_as_the_provider_says_so,
    a_provider_that_is_away_loses_nothing,
    what_does_not_fit_is_kept,
    a_card_that_was_declined_is_followed_by_another_on_the_same_page,
);

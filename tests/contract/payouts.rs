//! Money on its way to a bank, as strangers see it: asked for, sent once, and back on the balance only after a conclusive no.

use std::time::Duration;

use guildhall_server::providers::{Key, ProviderSettings, Reached};
use guildhall_testkit::{
    checkouts::{Bank, Checkouts, KEY, Of, Stands},
    world::PASSWORD,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::rows,
    golden::Story,
    jobs::{DAY, notices, ok, refused},
    payments::{Hall, balance, checkout, chooses, id_of, payment},
    postgres_server::Postgres,
    stranger::{Answer, Stranger},
};

const PATH: &str = "/api/payouts";

/// Bruno names a bank account, as the one whose it is.
async fn names_account(bruno: &Stranger, bank: &str) {
    let named = bruno.ask(Method::PATCH, "/api/user", Some(json!({ "name": "Amara Grace Okonkwo" })), &[]).await;
    assert_eq!(named.status, StatusCode::OK, "{}", named.body);
    let code = bruno.post("/api/payout-accounts/code", json!({ "password": PASSWORD })).await;
    let code = code.body["data"]["code"].as_str().expect("told here").to_owned();
    let account =
        json!({ "currency": "NGN", "bank_code": bank, "number": "0123456781", "password": PASSWORD, "code": code });
    assert_eq!(ok(bruno.post("/api/payout-accounts", account).await)["state"], "verified");
}

/// Gives Bruno a bank account, usable by now, and a million kobo less the fee.
async fn earns(hall: &Hall) {
    let bruno = &hall.bruno;
    names_account(bruno, "000").await;
    let early = draw(bruno, 100).await;
    assert_eq!(refused(&early), (409, "no_route"), "C19: three days later");
    hall.clock.advance(4 * DAY);
    let waiting = hall.waits(1_000_000).await;
    let id = id_of(&waiting);
    chooses(&hall.ana, &checkout(&waiting), "pay").await;
    ok(hall.ana.post(&format!("/api/payments/{id}/release"), json!({})).await);
}

async fn draw(who: &Stranger, minor: i64) -> Answer {
    who.post(PATH, json!({ "currency": "NGN", "amount_minor": minor })).await
}

async fn state(who: &Stranger, id: i64) -> Value {
    let all = rows(&who.get(PATH).await.body);
    all.into_iter().find(|payout| payout["id"] == id).expect("it is there")
}

/// Lets time pass until a payout stands so.
async fn stands(hall: &Hall, id: i64, wanted: &str) -> Value {
    let mut last = Value::Null;
    for _ in 0..100 {
        last = state(&hall.bruno, id).await;
        if last["state"] == wanted {
            return last;
        }
        hall.clock.advance(Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is not {wanted}: {last}");
}

async fn money_goes_to_the_bank_of_whose_it_is(hall: Hall) {
    earns(&hall).await;
    let bruno = &hall.bruno;
    assert_eq!(balance(bruno).await, 900_000);
    for (body, code) in [
        (json!({ "currency": "NGN", "amount_minor": 0 }), "bad_amount"),
        (json!({ "currency": "NGN", "amount": "1.005" }), "bad_amount"),
        (json!({ "currency": "naira", "amount_minor": 5 }), "invalid"),
        (json!({ "currency": "NGN", "amount_minor": 900_001 }), "insufficient_funds"),
    ] {
        assert_eq!(refused(&bruno.post(PATH, body).await), (422, code));
    }
    assert_eq!(refused(&draw(bruno, 99).await), (409, "below_minimum"), "C26");
    assert_eq!(refused(&draw(&hall.ana, 100).await), (409, "no_route"), "C26");
    let preview = ok(bruno.get(&format!("{PATH}/preview?currency=NGN&amount=5000")).await);
    assert_eq!((&preview["left_minor"], &preview["bank"]), (&json!(400_000), &json!("Sandbox Bank")));
    let key = [("Idempotency-Key", "draw-once")];
    let body = || Some(json!({ "currency": "NGN", "amount": 5000 }));
    let first = ok(bruno.ask(Method::POST, PATH, body(), &key).await);
    let again = ok(bruno.ask(Method::POST, PATH, body(), &key).await);
    assert_eq!(first, again, "said again it is the same");
    assert_eq!((&first["state"], &first["may"], balance(bruno).await), (&json!("queued"), &json!(["cancel"]), 400_000));
    let wallet = ok(bruno.get("/api/wallet").await);
    assert_eq!(wallet["balances"][0]["on_its_way_minor"], 500_000);
    let id = id_of(&first);
    assert_eq!(hall.ana.post(&format!("{PATH}/{id}/cancel"), json!({})).await.status, StatusCode::NOT_FOUND);
    let back = ok(bruno.post(&format!("{PATH}/{id}/cancel"), json!({})).await);
    assert_eq!((&back["state"], balance(bruno).await), (&json!("failed"), 900_000));
    let second = ok(bruno.post(&format!("{PATH}/{id}/retry"), json!({})).await);
    assert_ne!(second["reference"], first["reference"], "with a debit and a reference of its own");
    let paid = stands(&hall, id_of(&second), "paid").await;
    assert_eq!((&paid["may"], balance(bruno).await), (&json!([]), 400_000));
    assert_eq!(notices(bruno).await.last().map(String::as_str), Some("payout_updated"));
    assert_eq!(refused(&bruno.post(&format!("{PATH}/{}/cancel", paid["id"]), json!({})).await), (409, "wrong_state"));
    assert_eq!(refused(&bruno.post(&format!("{PATH}/{}/retry", paid["id"]), json!({})).await), (409, "wrong_state"));
    // What was paid out is nobody's to pay.
    let page = format!("/checkout/{}", paid["reference"].as_str().expect("text"));
    assert_eq!(bruno.get(&page).await.status, StatusCode::NOT_FOUND);
    // A bank that does not take it: back on the balance, with the reason.
    let declined = ok(draw(bruno, 100_013).await);
    let failed = stands(&hall, id_of(&declined), "failed").await;
    assert_eq!((&failed["reason"], balance(bruno).await), (&json!("The sandbox's bank did not take it."), 400_000));
    assert_eq!(failed["may"], json!(["retry"]));
    // One of which nobody ever knows is on its way, however long.
    let unknown = ok(draw(bruno, 100_014).await);
    stands(&hall, id_of(&unknown), "processing").await;
    hall.clock.advance(30 * DAY);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((&state(bruno, id_of(&unknown)).await["state"], balance(bruno).await), (&json!("processing"), 299_986));
}

async fn e58_two_that_race_for_one_balance_are_not_both_paid(hall: Hall) {
    earns(&hall).await;
    let bruno = &hall.bruno;
    for _ in 0..3 {
        let there = balance(bruno).await;
        let half = there / 2 + 1;
        let (one, other) = tokio::join!(draw(bruno, half), draw(bruno, half));
        let done = [&one, &other].iter().filter(|answer| answer.status == StatusCode::CREATED).count();
        assert_eq!(done, 1, "{} {}", one.body, other.body);
        let refusal = if one.status == StatusCode::CREATED { &other } else { &one };
        assert_eq!(refused(refusal), (422, "insufficient_funds"));
        assert_eq!(balance(bruno).await, there - half);
    }
}

async fn nothing_is_sent_twice_whatever_the_provider_says(of: Of) {
    let provider = Checkouts::start(of).await;
    let reached = Some(Reached { key: Key::new(KEY.into()), url: provider.url() });
    let hall = Hall::with(move |config| {
        let mut settings = ProviderSettings { answer_within: Duration::from_secs(2), ..ProviderSettings::default() };
        match of {
            Of::Paystack => settings.paystack = reached,
            Of::Flutterwave => settings.flutterwave = reached,
        }
        config.providers = settings;
    })
    .await;
    let bruno = &hall.bruno;
    hall.earns_through(&provider).await;
    let there = balance(bruno).await;
    let all = async |bank: Bank| {
        provider.bank(bank);
        id_of(&ok(draw(bruno, 100_000).await))
    };
    let id = all(Bank::Takes).await;
    stands(&hall, id, "paid").await;
    assert_eq!(provider.sent(), (1, 1, 100_000));
    // E61: the answer is lost. It is asked about, and never sent again.
    let id = all(Bank::TakesAndIsSilent).await;
    stands(&hall, id, "paid").await;
    assert_eq!(provider.sent(), (2, 2, 200_000));
    // C3: a word that nobody has heard of is no answer, and neither is "not yet"; then it did not arrive.
    let id = all(Bank::SaysSomethingNew).await;
    stands(&hall, id, "processing").await;
    provider.decide(Bank::Waits);
    hall.clock.advance(DAY);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(state(bruno, id).await["state"], "processing");
    provider.decide(Bank::Declines);
    stands(&hall, id, "failed").await;
    assert_eq!((provider.sent(), balance(bruno).await), ((3, 3, 300_000), there - 200_000));
    // It never saw it: it is sent again under the same reference, and stands once.
    let id = all(Bank::IsNotReached).await;
    for _ in 0..100 {
        if provider.sent().0 == 5 {
            break;
        }
        hall.clock.advance(Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    provider.bank(Bank::Takes);
    stands(&hall, id, "paid").await;
    assert_eq!((provider.sent(), balance(bruno).await), ((6, 4, 400_000), there - 300_000));
    // C16: three times, and never seen. It stays under way for somebody to look at.
    let id = all(Bank::IsNotReached).await;
    for _ in 0..100 {
        if provider.sent().0 == 9 {
            break;
        }
        hall.clock.advance(Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    hall.clock.advance(DAY);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!((provider.sent().0, &state(bruno, id).await["state"]), (9, &json!("processing")));
    assert_eq!(balance(bruno).await, there - 400_000);
}

impl Hall {
    /// Bruno earns a million kobo less the fee, paid in at this provider, and has a bank account.
    async fn earns_through(&self, provider: &Checkouts) {
        let bruno = &self.bruno;
        names_account(bruno, "058").await;
        self.clock.advance(4 * DAY);
        let waiting = self.waits(1_000_000).await;
        let reference = waiting["attempts"][0]["reference"].as_str().expect("text");
        provider.set(reference, Stands::Paid(1_000_000, "NGN"));
        let name = waiting["attempts"][0]["provider"].as_str().expect("a word");
        let url = format!("{}/api/payments/return/{name}?reference={reference}", bruno.url);
        assert_eq!(reqwest::get(url).await.expect("an answer").status(), StatusCode::OK);
        let id = id_of(&waiting);
        assert_eq!(payment(&self.ana, id).await["state"], "held");
        ok(self.ana.post(&format!("/api/payments/{id}/release"), json!({})).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wire_is_what_it_was_to_the_letter() {
    let hall = Hall::on(None).await;
    earns(&hall).await;
    let bruno = &hall.bruno;
    let before = rows(&bruno.get("/api/feed?after=0").await.body).len();
    let mut story = Story::of(bruno);
    story.get("payout_preview.json", "/api/payouts/preview?currency=NGN&amount=5000").await;
    let body = json!({ "currency": "NGN", "amount": "5000.13", "amount_minor": 500_013 });
    story.ask("payout_asked.json", Method::POST, PATH, Some(body)).await;
    let id = rows(&bruno.get(PATH).await.body)[0]["id"].as_i64().expect("an id");
    stands(&hall, id, "failed").await;
    story.get("payouts.json", PATH).await;
    story.ask("payout_refused.json", Method::POST, &format!("{PATH}/{id}/cancel"), None).await;
    story.get("feed_of_payouts.json", &format!("/api/feed?after={before}")).await;
    story.end();
}

mod sqlite {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn money_goes_to_the_bank_of_whose_it_is() {
        super::money_goes_to_the_bank_of_whose_it_is(Hall::on(None).await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn e58_two_that_race_for_one_balance_are_not_both_paid() {
        super::e58_two_that_race_for_one_balance_are_not_both_paid(Hall::on(None).await).await;
    }
}

mod postgresql {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn money_goes_to_the_bank_of_whose_it_is() {
        super::money_goes_to_the_bank_of_whose_it_is(Hall::on(Some(Postgres::start())).await).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn e58_two_that_race_for_one_balance_are_not_both_paid() {
        super::e58_two_that_race_for_one_balance_are_not_both_paid(Hall::on(Some(Postgres::start())).await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paystack_is_sent_to_once() {
    nothing_is_sent_twice_whatever_the_provider_says(Of::Paystack).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flutterwave_is_sent_to_once() {
    nothing_is_sent_twice_whatever_the_provider_says(Of::Flutterwave).await;
}

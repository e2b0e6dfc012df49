//! Money that is held between two, as strangers see it: paid in, released, given back, by people and by silence.

use std::sync::Arc;

use guildhall_contract::wire_time::WireTime;
use guildhall_market::time::{HOUR_MS, MINUTE_MS};
use guildhall_server::{clock::HandClock, config::ServerConfig};
use guildhall_testkit::{World, eventually};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::{administrator, rows},
    golden::Story,
    jobs::{DAY, act, given, notices, ok, proved, refused, seen, updates},
    postgres_server::Postgres,
    stranger::{Answer, Stranger},
};

/// What the two agreed, kobo.
const AGREED: i64 = 1_500_050;

/// A job of Ana's that Bruno has, in a hall whose clock is set by hand.
pub struct Hall {
    pub world: World,
    pub clock: HandClock,
    pub ana: Stranger,
    pub bruno: Stranger,
    pub job: i64,
    _postgres: Option<Postgres>,
}

impl Hall {
    pub async fn on(postgres: Option<Postgres>) -> Self {
        let database = postgres.as_ref().map(|postgres| postgres.database("payments"));
        let mut hall = Self::with(move |config| config.database = database).await;
        hall._postgres = postgres;
        hall
    }

    pub async fn with(change: impl FnOnce(&mut ServerConfig)) -> Self {
        let clock = HandClock::default();
        let by_hand = Arc::new(clock.clone());
        let world = World::start_with(move |config| {
            config.clock = by_hand;
            change(config);
        })
        .await;
        let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
        let job = given(&ana, &bruno).await;
        Self { world, clock, ana, bruno, job, _postgres: None }
    }

    /// Plans a part of the job of so many kobo.
    async fn part(&self, minor: i64) -> i64 {
        let body = json!({ "title": "Tiles", "amount_minor": minor });
        let job = ok(self.ana.post(&format!("/api/jobs/{}/milestones", self.job), body).await);
        job["milestones"].as_array().expect("parts").last().expect("one")["id"].as_i64().expect("an id")
    }

    pub async fn funds(&self, part: i64, body: Value) -> Answer {
        self.ana.post(&format!("/api/jobs/{}/milestones/{part}/fund", self.job), body).await
    }

    /// A payment that waits for its money.
    pub async fn waits(&self, minor: i64) -> Value {
        let part = self.part(minor).await;
        ok(self.funds(part, json!({})).await)
    }

    /// A payment whose money is held.
    pub async fn held(&self, minor: i64) -> i64 {
        let payment = self.waits(minor).await;
        chooses(&self.ana, &checkout(&payment), "pay").await;
        id_of(&payment)
    }

    /// No server runs for so long; then one does.
    async fn away_for(&mut self, time: std::time::Duration) {
        self.world.stop_server().await;
        self.clock.advance(time);
        self.world.start_server().await;
        for who in [&mut self.ana, &mut self.bruno] {
            who.url = self.world.url();
        }
    }

    async fn does(&self, who: &Stranger, id: i64, what: &str, body: Value) -> Answer {
        who.post(&format!("/api/payments/{id}/{what}"), body).await
    }

    /// What somebody can draw, kobo.
    async fn balance(&self, who: &Stranger) -> i64 {
        balance(who).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_holds_for_everybody_is_what_is_done_and_holds_no_secret() {
    let hall = Hall::with(|config| {
        config.providers.paystack = Some(guildhall_server::providers::Reached {
            key: guildhall_server::providers::Key::new("sk_live_of_nobody".into()),
            url: "http://127.0.0.1:9".into(),
        });
    })
    .await;
    let guest = hall.ana.guest();
    let answer = guest.get("/api/config").await;
    assert!(!answer.body.to_string().contains("sk_live"), "{}", answer.body);
    let said = ok(answer);
    let names: Vec<&str> =
        said["providers"].as_array().expect("providers").iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["paystack", "sandbox"], "in the order in which they are offered");
    // What is said of the fee is what a payment bears.
    let payment = ok(hall.funds(hall.part(100_000).await, json!({ "source": "sandbox" })).await);
    assert_eq!(said["job_fee_bps"], payment["fee_bps"]);
    assert_eq!((&said["currency"], &said["job_review_ms"]), (&json!("NGN"), &json!(7 * 86_400_000)));
}

pub async fn balance(who: &Stranger) -> i64 {
    ok(who.get("/api/wallet").await)["balances"][0]["balance_minor"].as_i64().unwrap_or(0)
}

pub fn id_of(payment: &Value) -> i64 {
    payment["id"].as_i64().expect("an id")
}

/// Where the last attempt is paid.
pub fn checkout(payment: &Value) -> String {
    let attempts = payment["attempts"].as_array().expect("attempts");
    attempts.last().expect("one")["checkout"].as_str().expect("a page").to_owned()
}

/// Presses a button of the sandbox's page. Answers with what the page says then.
pub async fn chooses(who: &Stranger, page: &str, choice: &str) -> String {
    let form = [("choice", choice)];
    let answer = reqwest::Client::new().post(format!("{}{page}", who.url)).form(&form).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.expect("a page")
}

pub async fn payment(who: &Stranger, id: i64) -> Value {
    ok(who.get(&format!("/api/payments/{id}")).await)
}

/// What moved, as `letter from to amount`.
fn moved(postings: &Value) -> Vec<String> {
    let line = |one: &Value| {
        let word = |name: &str| one[name].as_str().expect("a word").to_owned();
        format!("{} {} {} {}", word("letter"), word("debit"), word("credit"), one["amount_minor"])
    };
    postings.as_array().expect("postings").iter().map(line).collect()
}

async fn money_is_held_until_the_work_is_accepted(hall: Hall) {
    let Hall { ana, bruno, job, .. } = &hall;
    let waiting = hall.waits(1_000_000).await;
    let id = id_of(&waiting);
    assert_eq!((&waiting["state"], &waiting["amount_minor"]), (&json!("awaiting_funds"), &json!(1_000_000)));
    assert_eq!(waiting["may"], json!(["pay", "cancel"]));
    let page = checkout(&waiting);
    assert!(page.starts_with("/checkout/gh-"), "{page}");
    assert_eq!(payment(bruno, id).await["attempts"], json!([]), "how she pays is hers");
    let shown = reqwest::get(format!("{}{page}", ana.url)).await.expect("an answer").text().await.expect("a page");
    assert!(shown.contains("₦10,000 for “Tiles”") && shown.contains("No money moves"), "{shown}");
    assert!(chooses(ana, &page, "pay").await.contains("It arrived."));
    assert!(chooses(ana, &page, "decline").await.contains("It arrived."), "what was chosen stays");
    let held = payment(bruno, id).await;
    assert_eq!(
        (&held["state"], &held["held_minor"], &held["label"]),
        (&json!("held"), &json!(1_000_000), &json!("held"))
    );
    assert_eq!(
        moved(&held["postings"]),
        ["L-fund cash:sandbox escrow 1000000", "L-provider-fee provider_fees cash:sandbox 15000"]
    );
    let of_job = seen(bruno, *job).await;
    let part = &of_job["milestones"][0];
    assert_eq!(
        (&part["state"], &part["status"], &part["payment_id"]),
        (&json!("funded"), &json!("in-progress"), &json!(id))
    );
    assert_eq!((&of_job["status"], &of_job["stage"]), (&json!("in-progress"), &json!("assigned")));
    assert_eq!(notices(bruno).await.last().map(String::as_str), Some("payment_received"));
    assert_eq!(updates(bruno).await.last().map(String::as_str), Some("milestone_updated"));

    assert_eq!(refused(&hall.does(bruno, id, "submit", json!({ "note": "Done." })).await), (422, "nothing_submitted"));
    let note = json!({ "note": "All tiles lie, and the gutter hangs." });
    let submitted = ok(hall.does(bruno, id, "submit", note.clone()).await);
    assert_eq!((&submitted["stage"], &submitted["clock"]["then"]), (&json!("in_review"), &json!("review_passes")));
    assert_eq!(seen(ana, *job).await["status"], "submitted");
    assert_eq!(notices(ana).await.last().map(String::as_str), Some("work_submitted"));
    assert_eq!(refused(&hall.does(ana, id, "request-changes", json!({})).await), (422, "too_short"));
    ok(hall.does(ana, id, "request-changes", json!({ "reason": "Two tiles are loose." })).await);
    let submitted = ok(hall.does(bruno, id, "submit", note).await);

    let preview = ok(ana.get(&format!("/api/payments/{id}/preview?action=release&amount=4000")).await);
    assert_eq!(
        (&preview["to_payee_minor"], &preview["fee_minor"], &preview["held_minor"]),
        (&json!(360_000), &json!(40_000), &json!(600_000))
    );
    let version = preview["version"].clone();
    let stale = json!({ "amount": 4000, "version": 1 });
    assert_eq!(refused(&hall.does(ana, id, "release", stale).await), (409, "changed"));
    let part = ok(hall.does(ana, id, "release", json!({ "amount": 4000, "version": version })).await);
    assert_eq!(
        (&part["label"], &part["held_minor"], &part["fee_minor"]),
        (&json!("partially_released"), &json!(600_000), &json!(40_000))
    );
    assert_eq!(part["clock"], submitted["clock"], "the clock runs on for the rest");
    assert_eq!(moved(&part["postings"])[2..], moved(&preview["postings"])[..], "what was looked at is what moved");
    let ended = ok(hall.does(ana, id, "release", json!({})).await);
    assert_eq!((&ended["state"], &ended["label"], &ended["may"]), (&json!("closed"), &json!("released"), &json!([])));
    assert_eq!(hall.balance(bruno).await, 900_000);
    assert_eq!(notices(bruno).await.last().map(String::as_str), Some("payment_released"));
    let words: Vec<&Value> = ended["steps"].as_array().expect("steps").iter().map(|step| &step["act"]).collect();
    assert_eq!(words, ["fund", "submit", "request_changes", "submit", "release", "release"]);
    assert_eq!(ended["steps"][2]["words"], "Two tiles are loose.");
    assert_eq!(ended["steps"][4]["amount_minor"], 400_000);
    assert_eq!(refused(&hall.does(ana, id, "release", json!({})).await), (409, "wrong_state"));

    // Everything that is planned is paid: she is asked, and says nothing.
    assert!(seen(ana, *job).await["asked_at"].is_string());
    assert!(seen(ana, *job).await["may"].as_array().expect("words").contains(&json!("keep_open")));
    hall.clock.advance(14 * DAY);
    assert_eq!(seen(ana, *job).await["status"], "completed");
}

async fn silence_pays_and_gives_back_at_its_moment(hall: Hall) {
    let Hall { ana, bruno, clock, .. } = &hall;
    let (first, second) = (hall.held(300_001).await, hall.held(200_000).await);
    ok(hall.does(bruno, first, "submit", json!({ "note": "It is all done, have a look." })).await);
    ok(hall.does(ana, second, "request-refund", json!({ "reason": "Nobody came." })).await);
    assert_eq!(notices(bruno).await.last().map(String::as_str), Some("refund_requested"));
    clock.advance(6 * DAY);
    // E53: what is handed in while a refund is asked for takes its place.
    let third = hall.held(10_000).await;
    ok(hall.does(ana, third, "request-refund", json!({ "reason": "Nobody came." })).await);
    let stands = payment(ana, third).await;
    assert_eq!((&stands["stage"], &stands["clock"]["then"]), (&json!("in_reply"), &json!("reply_passes")));
    let stands = ok(hall.does(bruno, third, "submit", json!({ "note": "I was there, and here it is." })).await);
    assert_eq!((&stands["stage"], &stands["clock"]["then"]), (&json!("in_review"), &json!("review_passes")));
    ok(hall.does(bruno, third, "refund", json!({})).await);
    clock.advance(DAY);
    // The clock first: whoever comes at the deadline finds it done.
    assert_eq!(
        refused(&hall.does(ana, first, "request-changes", json!({ "reason": "Not so." })).await),
        (409, "wrong_state")
    );
    assert_eq!(
        refused(&hall.does(bruno, second, "submit", json!({ "note": "Late, but here it is now." })).await),
        (409, "wrong_state")
    );
    let (first, second) = (payment(ana, first).await, payment(ana, second).await);
    assert_eq!((&first["label"], &second["label"]), (&json!("released"), &json!("refunded")));
    assert_eq!(
        (hall.balance(bruno).await, hall.balance(ana).await),
        (270_001, 210_000),
        "half a kobo of the fee is rounded up once"
    );
    assert_eq!(first["steps"][2]["by"], Value::Null);
    let told = notices(ana).await;
    assert!(told.contains(&"payment_refunded".to_owned()) && told.contains(&"job_all_paid".to_owned()), "{told:?}");

    // What came back pays for the next part, with no provider.
    let part = hall.part(150_000).await;
    let paid = ok(hall.funds(part, json!({ "source": "balance" })).await);
    assert_eq!((&paid["state"], hall.balance(ana).await), (&json!("held"), 60_000));
    assert_eq!(moved(&paid["postings"]), ["L-fund-balance payer escrow 150000"]);
    let waiting = hall.waits(70_000).await;
    let short = hall.does(ana, id_of(&waiting), "pay", json!({ "source": "balance" })).await;
    assert_eq!(refused(&short), (409, "insufficient_funds"));
    let back = ok(hall.does(bruno, id_of(&paid), "refund", json!({ "amount_minor": 150_000 })).await);
    assert_eq!((&back["label"], hall.balance(ana).await), (&json!("refunded"), 210_000));
    let now = ok(hall.does(ana, id_of(&waiting), "pay", json!({ "source": "balance" })).await);
    assert_eq!((&now["state"], hall.balance(ana).await), (&json!("held"), 140_000));
}

async fn time_in_which_no_server_ran_is_given_back(mut hall: Hall) {
    let hour = std::time::Duration::from_secs(3_600);
    let (away, later) = (hall.held(500_000).await, hall.held(200_000).await);
    ok(hall.does(&hall.bruno, away, "submit", json!({ "note": "All of it, as it was agreed." })).await);
    hall.clock.advance(2 * DAY);
    ok(hall.does(&hall.bruno, later, "submit", json!({ "note": "The second one, as it was agreed." })).await);
    let moment = |at: &Value| serde_json::from_value::<WireTime>(at.clone()).expect("a time").0;
    let until = async |hall: &Hall, id: i64| {
        let stands = payment(&hall.ana, id).await;
        (stands["stage"].clone(), moment(&stands["clock"]["at"]))
    };
    let ((_, first), (_, second)) = (until(&hall, away).await, until(&hall, later).await);
    hall.clock.advance(5 * DAY - hour);

    // It ends while no server runs: nobody could look at it, so nobody's silence has paid.
    hall.away_for(6 * hour).await;
    let in_review = json!("in_review");
    let (stage, put_off) = until(&hall, away).await;
    let by = put_off.since_ms(first);
    assert_eq!(stage, in_review);
    // The clock of the test goes on beside what it is set.
    assert!((6 * HOUR_MS..6 * HOUR_MS + MINUTE_MS).contains(&by), "{by}");
    assert_eq!(until(&hall, later).await, (in_review.clone(), second), "it ends in two days, which is time enough");
    for who in [&hall.ana, &hall.bruno] {
        let told = notices(who).await;
        assert_eq!(told.iter().filter(|kind| *kind == "time_given_back").count(), 1, "{told:?}");
    }
    let boss = administrator(&hall.world, "Nadia").await;
    let log = boss.get("/api/admin/audit?action=payment.put_off").await;
    let log = rows(&log.body);
    assert_eq!((log.len(), &log[0]["detail"]["put_off_ms"]), (1, &json!(by)), "{log:?}");

    // A restart is none, and gives nothing.
    hall.away_for(std::time::Duration::from_secs(240)).await;
    assert_eq!(until(&hall, away).await, (in_review, put_off));

    // Three days in all: then it ends, however long the server was away.
    hall.away_for(90 * hour).await;
    eventually("it ends", async || payment(&hall.ana, away).await["label"] == "released").await;
    let ended = payment(&hall.ana, away).await;
    let last = ended["steps"].as_array().expect("steps").last().expect("one");
    assert_eq!(moment(&last["at"]), first.plus_ms(72 * HOUR_MS));
    // The other one fell into it, and has its whole length back.
    assert_eq!(until(&hall, later).await.1, second.plus_ms(72 * HOUR_MS));
}

async fn c14_whoever_says_nothing_is_reminded_before_money_moves(hall: Hall) {
    let hour = std::time::Duration::from_secs(3_600);
    let id = hall.held(500_000).await;
    let told = async |who: &Stranger| {
        let rows = rows(&who.get("/api/notifications?limit=100").await.body);
        let ends = rows.iter().filter(|row| row["type"] == "silence_ends");
        ends.map(|row| row["message"].as_str().expect("words").to_owned()).collect::<Vec<_>>()
    };
    let ends = async |who: &Stranger, count: usize, words: &str| {
        eventually("they are reminded", async || told(who).await.len() >= count).await;
        let all = told(who).await;
        assert_eq!((all.len(), all[0].as_str()), (count, words));
    };
    ok(hall.does(&hall.bruno, id, "submit", json!({ "note": "All of it, as it was agreed." })).await);
    let pays = |time: &str| {
        format!(
            "Within {time} ₦5,000 for “Mend the roof” goes to the artisan, unless you release it, ask for changes or dispute it \
             before."
        )
    };
    hall.clock.advance(84 * hour);
    ends(&hall.ana, 1, &pays("4 days")).await;
    hall.clock.advance(60 * hour);
    ends(&hall.ana, 2, &pays("24 hours")).await;
    hall.clock.advance(22 * hour);
    ends(&hall.ana, 3, &pays("2 hours")).await;
    assert_eq!(told(&hall.bruno).await, Vec::<String>::new(), "he waits for nobody's silence");

    // Asked for changes, nothing runs; asked for the money back, it is the other one's silence.
    ok(hall.does(&hall.ana, id, "request-changes", json!({ "reason": "Two tiles are loose." })).await);
    hall.clock.advance(20 * hour);
    ok(hall.does(&hall.ana, id, "request-refund", json!({ "reason": "Nobody came." })).await);
    hall.clock.advance(6 * DAY);
    let back = "Within 24 hours ₦5,000 for “Mend the roof” goes back to the client, unless you hand the work in or \
                dispute it before.";
    eventually("he is reminded", async || told(&hall.bruno).await.first().is_some_and(|words| words == back)).await;
    assert_eq!(told(&hall.ana).await.len(), 3);
}

async fn everybody_does_what_is_theirs_alone(hall: Hall) {
    let Hall { world, ana, bruno, .. } = &hall;
    let id = hall.held(500_000).await;
    let lena = proved(world, "Lena").await;
    for path in [format!("/api/payments/{id}"), format!("/api/payments/{id}/preview?action=release")] {
        assert_eq!(lena.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(lena.guest().get(&path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert!(rows(&lena.get("/api/payments").await.body).is_empty());
    let reason = || json!({ "reason": "Because.", "note": "Twenty characters are here." });
    for what in ["submit", "request-changes", "request-refund", "release", "refund", "cancel", "pay"] {
        assert_eq!(hall.does(&lena, id, what, reason()).await.status, StatusCode::NOT_FOUND, "{what}");
    }
    for (who, what) in [
        (ana, "submit"),
        (ana, "refund"),
        (bruno, "request-changes"),
        (bruno, "request-refund"),
        (bruno, "withdraw-refund-request"),
        (bruno, "release"),
        (bruno, "pay"),
    ] {
        assert_eq!(refused(&hall.does(who, id, what, reason()).await), (403, "forbidden"), "{what}");
    }
    assert_eq!(refused(&hall.does(ana, id, "dance", json!({})).await), (404, "not_found"));
    for (amount, code) in [(json!(0), "bad_amount"), (json!("1.005"), "bad_amount"), (json!(5000.01), "too_much")] {
        assert_eq!(refused(&hall.does(ana, id, "release", json!({ "amount": amount })).await), (422, code), "E56");
    }
    let lists = |who: &Stranger| {
        let who = who.clone();
        async move { rows(&who.get("/api/payments").await.body).iter().map(id_of).collect::<Vec<i64>>() }
    };
    assert_eq!((lists(ana).await, lists(bruno).await), (vec![id], vec![id]));
    let part = hall.part(1_000).await;
    let path = format!("/api/jobs/{}/milestones/{part}/fund", hall.job);
    assert_eq!(refused(&bruno.post(&path, json!({})).await), (403, "forbidden"));
    assert_eq!(lena.post(&path, json!({})).await.status, StatusCode::NOT_FOUND, "the job is between the two");
    assert_eq!(refused(&hall.funds(999, json!({})).await), (404, "not_found"));
    assert_eq!(refused(&hall.funds(part, json!({ "at_most_minor": 999 })).await), (409, "price_moved"));
    let nowhere = hall.funds(part, json!({ "source": "cowries" })).await;
    assert_eq!(refused(&nowhere), (422, "invalid"));
    assert!(nowhere.body["message"].as_str().expect("words").contains("sandbox, balance"), "{}", nowhere.body);
    assert_eq!(balance(bruno).await, 0, "nothing of it moved anything");

    // Money stands in the way of whoever would part, and what is handed in is paid by whoever says that it is done.
    assert_eq!(refused(&act(ana, hall.job, "cancel").await), (409, "money_held"));
    assert_eq!(refused(&act(bruno, hall.job, "unassign").await), (409, "was_funded"));
    assert_eq!(refused(&act(ana, hall.job, "complete").await), (409, "wrong_state"), "work is owed");
    ok(hall.does(bruno, id, "submit", json!({ "note": "It is all done, have a look." })).await);
    assert_eq!(ok(act(ana, hall.job, "complete").await)["status"], "completed");
    assert_eq!((&payment(ana, id).await["label"], balance(bruno).await), (&json!("released"), 450_000));
}

async fn what_is_paid_twice_or_wrongly_is_kept_and_never_lost(hall: Hall) {
    let Hall { world, ana, bruno, .. } = &hall;
    let waiting = hall.waits(100_000).await;
    let id = id_of(&waiting);
    let told = async |kind: &str| notices(ana).await.iter().filter(|told| *told == kind).count();
    let first = checkout(&waiting);
    assert!(chooses(ana, &first, "decline").await.contains("Nothing was taken so far."));
    let failed = payment(ana, id).await;
    assert_eq!((&failed["attempts"][0]["state"], &failed["state"]), (&json!("failed"), &json!("awaiting_funds")));
    assert_eq!(failed["attempts"][0]["checkout"], Value::Null);
    let again = checkout(&ok(hall.does(ana, id, "pay", json!({})).await));
    chooses(ana, &again, "decline").await;
    assert_eq!(told("payment_failed").await, 2, "each is told");
    let second = checkout(&ok(hall.does(ana, id, "pay", json!({})).await));
    let fourth = checkout(&ok(hall.does(ana, id, "pay", json!({})).await));
    let third = checkout(&ok(hall.does(ana, id, "pay", json!({ "source": "sandbox" })).await));
    assert!(chooses(ana, &second, "pay").await.contains("It arrived."));
    // E42: the other page was open still, and she pays there as well.
    assert!(chooses(ana, &third, "pay").await.contains("kept safe"));
    assert!(chooses(ana, &fourth, "pay").await.contains("kept safe"));
    assert_eq!(told("payment_kept").await, 2, "each is told, also of one job that did not change");
    let hers = moved(&payment(ana, id).await["postings"]);
    assert!(hers.iter().any(|line| line.starts_with("L-suspense")), "{hers:?}");
    let his = moved(&payment(bruno, id).await["postings"]);
    assert!(!his.iter().any(|line| line.starts_with("L-suspense")), "that she paid twice is hers: {his:?}");
    let stands = payment(ana, id).await;
    assert_eq!((&stands["held_minor"], &stands["attempts"][4]["reason"]), (&json!(100_000), &json!("not_awaiting")));
    assert_eq!(notices(ana).await.last().map(String::as_str), Some("payment_kept"));
    // E76: a part that is dropped while its page is open.
    let dropped = hall.waits(50_000).await;
    let part = dropped["milestone_id"].clone();
    let path = format!("/api/jobs/{}/milestones/{part}", hall.job);
    ok(ana.ask(Method::DELETE, &path, None, &[]).await);
    assert_eq!(payment(ana, id_of(&dropped)).await["state"], "cancelled");
    assert!(chooses(ana, &checkout(&dropped), "pay").await.contains("kept safe"));
    // One that she does not want to pay any more.
    let other = hall.waits(40_000).await;
    ok(hall.does(ana, id_of(&other), "cancel", json!({})).await);
    let parts = seen(ana, hall.job).await["milestones"].clone();
    assert_eq!(
        (&parts[1]["state"], &parts[1]["payment_id"]),
        (&json!("planned"), &Value::Null),
        "and can be paid anew"
    );
    assert_eq!(refused(&hall.does(ana, id_of(&other), "pay", json!({})).await), (409, "wrong_state"));
    let admin = administrator(world, "Ada").await;
    let back = hall.does(&admin, id, "refund", json!({})).await;
    assert_eq!(refused(&back), (422, "invalid"), "an administrator says why");
    let back = ok(hall.does(&admin, id, "refund", json!({ "reason": "They agreed on the phone." })).await);
    assert_eq!(back["steps"].as_array().expect("steps").last().expect("one")["words"], "They agreed on the phone.");
    assert_eq!(notices(bruno).await.last().map(String::as_str), Some("payment_refunded"));
    assert_eq!(hall.balance(ana).await, 100_000);
}

async fn what_is_agreed_and_what_is_paid_do_not_part(hall: Hall) {
    let Hall { world, clock, ana, bruno, job, .. } = &hall;
    let terms = async || seen(ana, *job).await["terms_version"].as_i64().expect("a number");
    // He proposes two parts; she pays for all of it before he hears yes.
    let parts = json!({ "reason": "In two parts", "milestones": [{ "title": "Tiles", "amount_minor": 750_025 }, { "title": "Gutter", "amount_minor": 750_025 }] });
    let proposal = ok(bruno.post(&format!("/api/jobs/{job}/proposals"), parts).await)["id"].clone();
    let before = terms().await;
    let whole = ok(ana.post(&format!("/api/jobs/{job}/milestones/rest/fund"), json!({})).await);
    chooses(ana, &checkout(&whole), "pay").await;
    assert!(terms().await > before, "what is agreed has another number");
    let late = act(ana, *job, &format!("proposals/{proposal}/accept")).await;
    assert_eq!(refused(&late), (409, "changed"));
    assert_eq!(seen(ana, *job).await["agreed_minor"], AGREED);
    assert_eq!(
        refused(&ana.post(&format!("/api/jobs/{job}/milestones/rest/fund"), json!({})).await),
        (409, "wrong_state")
    );
    let part = whole["milestone_id"].as_i64().expect("an id");
    assert_eq!(refused(&hall.funds(part, json!({})).await), (409, "wrong_state"), "no page is asked for");

    // All is paid: she is asked. A part more, and nobody takes her silence for a yes.
    ok(hall.does(ana, id_of(&whole), "release", json!({})).await);
    assert!(seen(ana, *job).await["asked_at"].is_string());
    let more = json!({ "reason": "And the chimney", "price": 20_000 });
    let more = ok(bruno.post(&format!("/api/jobs/{job}/proposals"), more).await)["id"].clone();
    ok(act(ana, *job, &format!("proposals/{more}/accept")).await);
    let chimney = hall.part(100_000).await;
    assert_eq!(seen(ana, *job).await["asked_at"], Value::Null, "there is more to do");
    clock.advance(15 * DAY);
    assert_eq!(seen(ana, *job).await["stage"], "assigned");
    ok(ana.ask(Method::DELETE, &format!("/api/jobs/{job}/milestones/{chimney}"), None, &[]).await);
    assert!(seen(ana, *job).await["asked_at"].is_string(), "and now there is not");

    // A payment that nobody makes is waited for thirty days.
    let waiting = hall.waits(100_000).await;
    clock.advance(30 * DAY);
    let late = hall.does(ana, id_of(&waiting), "pay", json!({})).await;
    assert_eq!(refused(&late), (409, "wrong_state"));
    let parts = seen(ana, *job).await["milestones"].clone();
    assert_eq!((&parts[1]["state"], &parts[1]["payment_id"]), (&json!("planned"), &Value::Null));

    // Two parts that are handed in, paid by one command: he hears of each. Files are read by whoever decides, who leaves a trace.
    let (one, other) = (hall.held(100_000).await, hall.held(100_000).await);
    let file = bruno.upload("tiles.png", crate::attachments::png()).await.body["data"]["id"].clone();
    ok(hall.does(bruno, one, "submit", json!({ "attachments": [file] })).await);
    ok(hall.does(bruno, other, "submit", json!({ "note": "The gutter is done as well." })).await);
    let boss = administrator(world, "Boss").await;
    let seen_by = payment(&boss, one).await;
    let steps = seen_by["steps"].as_array().expect("steps").clone();
    let url = steps.last().expect("one")["attachments"][0]["url"].as_str().expect("a link").to_owned();
    assert_eq!(boss.download(&url).await.0, StatusCode::OK);
    let looks: Vec<Value> = rows(&ana.get("/api/user/looks").await.body);
    assert!(looks.iter().any(|look| look["action"] == "attachment.look"), "{looks:?}");
    let before = notices(bruno).await.iter().filter(|kind| *kind == "payment_released").count();
    ok(act(ana, *job, "complete").await);
    let after = notices(bruno).await.iter().filter(|kind| *kind == "payment_released").count();
    assert_eq!(after - before, 2);
    let parts = seen(ana, *job).await["milestones"].clone();
    assert!(parts.as_array().expect("parts").iter().all(|part| part["state"] == "paid"), "{parts}");
}

async fn one_command_moves_money_once(hall: Hall) {
    let Hall { ana, job, .. } = &hall;
    let path = format!("/api/jobs/{job}/milestones/rest/fund");
    let ask = async |key: &str| ana.ask(Method::POST, &path, Some(json!({})), &[("Idempotency-Key", key)]).await;
    let (a, b, c, d) = tokio::join!(ask("once"), ask("once"), ask("once"), ask("other"));
    let same: Vec<Value> =
        [a, b, c].into_iter().filter(|answer| answer.status == StatusCode::CREATED).map(ok).collect();
    assert!(same.is_empty() || same.len() == 3, "{same:?}");
    assert!(same.windows(2).all(|two| two[0] == two[1]), "{same:?}");
    let all = rows(&ana.get("/api/payments").await.body);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(same.is_empty(), d.status == StatusCode::CREATED, "{}", d.body);
    assert_eq!(
        (&all[0]["amount_minor"], &all[0]["title"]),
        (&json!(AGREED), &json!("Mend the roof")),
        "all that no part plans"
    );
    let id = id_of(&all[0]);
    chooses(ana, &checkout(&payment(ana, id).await), "pay").await;
    let release = async |key: &str, minor: i64| {
        let body = json!({ "amount_minor": minor });
        ana.ask(Method::POST, &format!("/api/payments/{id}/release"), Some(body), &[("Idempotency-Key", key)]).await
    };
    let (a, b, c, d) = tokio::join!(release("r", 1_000), release("r", 1_000), release("r", 1_000), release("s", 1_000));
    for answer in [&a, &b, &c, &d] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    assert_eq!(payment(ana, id).await["released_minor"], 2_000, "two commands, however often they were said");
    assert_eq!(refused(&release("r", 1_001).await), (409, "key_reused"));
    // E50: two keys at once for all of it.
    let all = async |key: &str| {
        ana.ask(Method::POST, &format!("/api/payments/{id}/release"), Some(json!({})), &[("Idempotency-Key", key)])
            .await
    };
    let (one, other) = tokio::join!(all("t"), all("u"));
    let done = [&one, &other].iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(done, 1, "{} {}", one.body, other.body);
    let fee = (AGREED + 5) / 10;
    assert_eq!(hall.balance(&hall.bruno).await, AGREED - fee, "E55: the fee of the whole, however it was cut");
}

#[tokio::test]
async fn the_wire_is_what_it_was_to_the_letter() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let job = given(&ana, &bruno).await;
    let before = rows(&ana.get("/api/feed?after=0").await.body).len();
    let mut story = Story::of(&ana);
    let fund = format!("/api/jobs/{job}/milestones/rest/fund");
    story.ask("payment_begun.json", Method::POST, &fund, Some(json!({ "at_most_minor": AGREED }))).await;
    let page = checkout(&payment(&ana, 1).await);
    chooses(&ana, &page, "decline").await;
    story.ask("payment_once_more.json", Method::POST, "/api/payments/1/pay", Some(json!({}))).await;
    let page = checkout(&payment(&ana, 1).await);
    chooses(&ana, &page, "pay").await;
    let note = json!({ "note": "All tiles lie, and the gutter hangs." });
    ok(bruno.post("/api/payments/1/submit", note).await);
    story.get("payment_preview.json", "/api/payments/1/preview?action=release&amount_minor=1000").await;
    let part = json!({ "amount": "10.00", "amount_minor": 1000 });
    story.ask("payment_released.json", Method::POST, "/api/payments/1/release", Some(part)).await;
    story.ask("payment_refused.json", Method::POST, "/api/payments/1/refund", Some(json!({}))).await;
    story.get("payments.json", "/api/payments").await;
    story.get("feed_of_payments.json", &format!("/api/feed?after={before}")).await;
    story.end();
}

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(Hall::on(None).await).await;
            })*
        }
        mod postgresql {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(Hall::on(Some(Postgres::start())).await).await;
            })*
        }
    };
}

on_both!(
    money_is_held_until_the_work_is_accepted,
    silence_pays_and_gives_back_at_its_moment,
    everybody_does_what_is_theirs_alone,
    time_in_which_no_server_ran_is_given_back,
    c14_whoever_says_nothing_is_reminded_before_money_moves,
    what_is_paid_twice_or_wrongly_is_kept_and_never_lost,
    one_command_moves_money_once,
    what_is_agreed_and_what_is_paid_do_not_part,
);

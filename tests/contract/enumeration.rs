//! Who has an account is nobody's business: a known and an unknown address are answered alike, in words and in time.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use guildhall_testkit::{World, world::PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    postgres_server::Postgres,
    smtp::{MailServer, USUAL},
    stranger::Stranger,
};

/// Pairs of requests of a round: one for an address that is known, one for another that is not.
const PAIRS: usize = 15;
/// Rounds, each for addresses of its own. What tells the two apart does so in every one; what the machine does meanwhile does not.
const ROUNDS: usize = 4;
/// What the medians may differ by. Leaving the hash out makes it ten times as fast; this machine is shared with others.
const RATIO_MAX: f64 = 1.6;

/// An answer, without what is different each time.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: u16,
    headers: BTreeSet<String>,
    shape: Value,
}

/// The names of what is in it, and the words where they are said to a person.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let said = matches!(name.as_str(), "message" | "code" | "errors" | "by");
                (name.clone(), if said { value.clone() } else { shape(value) })
            })
            .collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => "text".into(),
        Value::Number(_) => "number".into(),
        other => other.clone(),
    }
}

/// Each asks from a place of its own: budgets of sources have tests of their own.
async fn ask(http: &reqwest::Client, url: &str, n: usize, asked: &(Method, String, Option<Value>)) -> (Seen, Duration) {
    let (method, path, body) = asked;
    let mut request = http.request(method.clone(), format!("{url}{path}"));
    request = request.header("X-Forwarded-For", format!("198.51.{}.{}", n / 250, n % 250));
    if let Some(body) = body {
        request = request.json(body);
    }
    let begun = Instant::now();
    let answer = request.send().await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().keys().map(ToString::to_string).collect());
    let body: Value = answer.json().await.expect("JSON");
    (Seen { status, headers, shape: shape(&body) }, begun.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Asks for known and unknown addresses in turns, round after round until one tells nothing by its time.
async fn alike(what: &str, url: &str, asks: impl Fn(&str) -> (Method, String, Option<Value>)) {
    let mut told = Vec::new();
    for round in 0..ROUNDS {
        let (known, unknown) = medians(what, url, round * PAIRS, &asks).await;
        if known.max(unknown) / known.min(unknown) < RATIO_MAX {
            return;
        }
        told.push((known, unknown));
    }
    panic!("{what}: seconds for known addresses and for unknown ones, in every round: {told:?}");
}

/// The medians of a round, in seconds: for known addresses and for unknown ones.
async fn medians(
    what: &str,
    url: &str,
    first: usize,
    asks: impl Fn(&str) -> (Method, String, Option<Value>),
) -> (f64, f64) {
    let http = reqwest::Client::new();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in first..first + PAIRS {
        // As long as each other, and whoever is first in a pair is the other one in the next.
        let addresses = [format!("known{n:02}@example.com"), format!("nobody{n:02}@example.co")];
        let order = if n % 2 == 0 { [0, 1] } else { [1, 0] };
        let mut seen = [None, None];
        for which in order {
            let (answer, took) = ask(&http, url, 2 * n + which, &asks(&addresses[which])).await;
            if which == 0 {
                known.push(took)
            } else {
                unknown.push(took)
            }
            seen[which] = Some(answer);
        }
        assert_eq!(seen[0], seen[1], "{what}");
    }
    (median(known).as_secs_f64(), median(unknown).as_secs_f64())
}

async fn nobody_learns_who_has_an_account(database: Option<String>) {
    let post = MailServer::start(USUAL);
    let settings = post.settings();
    let world = World::start_with(move |config| {
        config.mail = Some(settings);
        config.database = database;
        // As they are in earnest: with the weakest there is, leaving one out would not be seen.
        config.weak_password_hashes = false;
        config.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    })
    .await;
    for n in 0..PAIRS * ROUNDS {
        world.person(&format!("Known{n:02}")).await;
    }
    let asker = Stranger::new(&world, "Asker").await;
    let url = world.url();
    alike("signing in", &url, |email| {
        let body = json!({ "email": email, "password": format!("not {PASSWORD}"), "device_name": "Test" });
        (Method::POST, "/api/login".into(), Some(body))
    })
    .await;
    alike("a forgotten password", &url, |email| {
        (Method::POST, "/api/password/forgot".into(), Some(json!({ "email": email })))
    })
    .await;
    alike("a new password with a wrong code", &url, |email| {
        let body = json!({ "email": email, "code": "000000", "password": "another good password" });
        (Method::POST, "/api/password/reset".into(), Some(body))
    })
    .await;
    alike("a new account", &url, |email| {
        let body = json!({ "name": "Eve", "email": email, "password": PASSWORD });
        (Method::POST, "/api/register".into(), Some(body))
    })
    .await;
    // People are found by what they show of themselves, and by no address.
    let by_name = asker.get("/api/users?q=Known00").await.body;
    assert_eq!(by_name["data"][0]["name"], "Known00", "they can be found: {by_name}");
    let mut found = Vec::new();
    for email in ["known00@example.com", "nobody00@example.co"] {
        let answer = asker.get(&format!("/api/users?q={email}")).await;
        found.push((answer.status.as_u16(), answer.body));
    }
    assert_eq!(found[0], found[1], "searching for people");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_learns_who_has_an_account_on_sqlite() {
    nobody_learns_who_has_an_account(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_learns_who_has_an_account_on_postgresql() {
    let postgres = Postgres::start();
    nobody_learns_who_has_an_account(Some(postgres.database("enumeration"))).await;
}

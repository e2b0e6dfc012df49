//! Commands on one job at the same moment: they are taken one after another, on both engines.

use guildhall_testkit::World;
use reqwest::StatusCode;
use serde_json::json;

use crate::{
    jobs::{act, applied, given, ok, open, proved, refused, seen},
    postgres_server::Postgres,
    stranger::{Answer, Stranger},
};

struct Hall {
    world: World,
    _postgres: Option<Postgres>,
}

impl Hall {
    async fn on(postgres: Option<Postgres>) -> Self {
        let database = postgres.as_ref().map(|postgres| postgres.database("jobs"));
        let world = World::start_with(move |config| config.database = database).await;
        Self { world, _postgres: postgres }
    }

    async fn people(&self) -> (Stranger, Stranger, Stranger) {
        let world = &self.world;
        (proved(world, "Ana").await, proved(world, "Bruno").await, proved(world, "Lena").await)
    }
}

/// Which of several were done. The others were refused for how the thing stood, or for being no more to be known of.
fn done(answers: &[&Answer]) -> usize {
    for answer in answers {
        let ours =
            answer.status == StatusCode::OK || matches!(refused(answer), (409, "wrong_state") | (404, "not_found"));
        assert!(ours, "{} {}", answer.status, answer.body);
    }
    answers.iter().filter(|answer| answer.status == StatusCode::OK).count()
}

async fn e70_of_two_that_are_accepted_at_once_one_wins(hall: Hall) {
    let (ana, bruno, lena) = hall.people().await;
    for _ in 0..5 {
        let job = open(&ana).await;
        let (first, second) = (applied(&bruno, job).await, applied(&lena, job).await);
        let accept = |id: i64| format!("applications/{id}/accept");
        let (one, other) = (accept(first), accept(second));
        let (one, other) = tokio::join!(act(&ana, job, &one), act(&ana, job, &other));
        assert_eq!(done(&[&one, &other]), 1);
        let winner = if one.status == StatusCode::OK { bruno.id } else { lena.id };
        assert_eq!(seen(&ana, job).await["artisan_id"], winner);
        let states: Vec<String> = crate::audit::rows(&ana.get(&format!("/api/jobs/{job}/applications")).await.body)
            .iter()
            .map(|row| row["state"].as_str().expect("a word").to_owned())
            .collect();
        let (accepted, rejected) = (states.contains(&"accepted".into()), states.contains(&"rejected".into()));
        assert!(accepted && rejected, "{states:?}");
    }
}

async fn of_a_yes_and_a_withdrawal_one_wins(hall: Hall) {
    let (ana, bruno, _) = hall.people().await;
    for _ in 0..5 {
        let job = open(&ana).await;
        let id = applied(&bruno, job).await;
        let (yes, back) = (format!("applications/{id}/accept"), format!("applications/{id}/withdraw"));
        let (yes, back) = tokio::join!(act(&ana, job, &yes), act(&bruno, job, &back));
        // Whoever has the job by then is none who applied any more.
        let late = refused(&back) == (403, "forbidden");
        assert!(late && yes.status == StatusCode::OK || done(&[&yes, &back]) == 1, "{} {}", yes.body, back.body);
        let stage = seen(&ana, job).await["stage"].clone();
        assert_eq!(stage == json!("assigned"), yes.status == StatusCode::OK);
    }
}

async fn of_many_commands_each_is_one_version(hall: Hall) {
    let (ana, bruno, _) = hall.people().await;
    let job = given(&ana, &bruno).await;
    let before = seen(&ana, job).await["version"].as_i64().expect("a number");
    let path = format!("/api/jobs/{job}/progress");
    let report = async |n: i64| ok(bruno.post(&path, json!({ "note": format!("step {n}"), "percent": n })).await);
    futures_util::future::join_all((0..20).map(report)).await;
    assert_eq!(seen(&ana, job).await["version"], before + 20);
    let feed = crate::audit::rows(&ana.get("/api/feed?after=0&limit=1000").await.body);
    let versions: Vec<i64> = feed
        .iter()
        .filter(|row| row["event"] == "job.updated")
        .filter_map(|row| row["data"]["version"].as_i64())
        .collect();
    assert!(versions.is_sorted() && versions.last() == Some(&(before + 20)), "{versions:?}");
}

async fn of_two_ends_at_once_one_is_the_end(hall: Hall) {
    let (ana, bruno, _) = hall.people().await;
    for _ in 0..5 {
        let job = given(&ana, &bruno).await;
        let (part, cancel) = tokio::join!(act(&ana, job, "unassign"), act(&bruno, job, "cancel"));
        let late = refused(&cancel) == (403, "forbidden");
        assert!(late && part.status == StatusCode::OK || done(&[&part, &cancel]) == 1, "{} {}", part.body, cancel.body);
    }
}

/// The same test on both engines.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            super::$name(super::Hall::on(None).await).await;
        })* }
        mod postgresql { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            super::$name(super::Hall::on(Some(super::Postgres::start())).await).await;
        })* }
    };
}

on_both! {
    e70_of_two_that_are_accepted_at_once_one_wins
    of_a_yes_and_a_withdrawal_one_wins
    of_many_commands_each_is_one_version
    of_two_ends_at_once_one_is_the_end
}

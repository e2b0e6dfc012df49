//! Cases of jobs that a market gets wrong, each under its number, and what happens by itself.

use guildhall_server::clock::HandClock;
use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::{actions, administrator, rows},
    jobs::{
        DAY, act, applied, apply, complete_by_hand, draft, given, notices, ok, open, proved, refused, roof, seen,
        updates, world_at,
    },
    stranger::Stranger,
};

#[tokio::test]
async fn e74_applicants_keep_their_price_and_are_told_when_the_budget_is_another_one() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let job = open(&ana).await;
    let application = applied(&bruno, job).await;
    let patch = Some(json!({ "currency": "USD", "budget": 1 }));
    let other = ana.ask(Method::PATCH, &format!("/api/jobs/{job}"), patch, &[]).await;
    assert_eq!(refused(&other), (422, "invalid"), "the prices that people named are in naira");
    let patch = Some(json!({ "budget_minor": 100 }));
    ok(ana.ask(Method::PATCH, &format!("/api/jobs/{job}"), patch, &[]).await);
    assert_eq!(notices(&bruno).await, ["job_changed"]);
    assert_eq!(updates(&ana).await.last().map(String::as_str), Some("details_changed"));
    ok(act(&ana, job, &format!("applications/{application}/accept")).await);
    assert_eq!(seen(&bruno, job).await["agreed_minor"], 1_500_050, "what the budget was when they applied");
}

#[tokio::test]
async fn e75_nobody_applies_for_their_own_job_or_twice_and_whoever_withdrew_may_again() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let job = open(&ana).await;
    assert_eq!(refused(&apply(&ana, job).await), (409, "own_listing"));
    let first = applied(&bruno, job).await;
    assert_eq!(refused(&apply(&bruno, job).await), (409, "exists"));
    ok(act(&bruno, job, &format!("applications/{first}/withdraw")).await);
    let second = applied(&bruno, job).await;
    assert_ne!(first, second, "who accepts the first one means another offer");
    let gone = act(&ana, job, &format!("applications/{first}/accept")).await;
    assert_eq!((refused(&gone), &gone.body["state"]), ((409, "wrong_state"), &json!("withdrawn")));
    ok(act(&ana, job, &format!("applications/{second}/reject")).await);
    assert_eq!(refused(&apply(&bruno, job).await), (409, "exists"), "after a no");
    assert_eq!(notices(&bruno).await, ["job_application_rejected"]);
}

#[tokio::test]
async fn nobody_applies_or_is_asked_past_a_block() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let lena = proved(&world, "Lena").await;
    let job = open(&ana).await;
    let waiting = applied(&lena, job).await;
    for other in [&bruno, &lena] {
        ok(ana.post(&format!("/api/users/{}/block", other.id), json!({})).await);
    }
    assert_eq!(refused(&apply(&bruno, job).await), (403, "not_reachable"));
    let invite = ana.post(&format!("/api/jobs/{job}/invite"), json!({ "user_id": bruno.id })).await;
    assert_eq!(refused(&invite), (403, "not_reachable"));
    let accept = act(&ana, job, &format!("applications/{waiting}/accept")).await;
    assert_eq!(refused(&accept), (403, "not_reachable"));
    assert!(notices(&bruno).await.is_empty());
}

#[tokio::test]
async fn e106_what_two_agreed_goes_on_whoever_blocks_whom() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let job = given(&ana, &bruno).await;
    ok(bruno.post(&format!("/api/users/{}/block", ana.id), json!({})).await);
    ok(bruno.post(&format!("/api/jobs/{job}/proposals"), json!({ "reason": "More tiles", "price": 20000 })).await);
    assert_eq!(notices(&ana).await.last().map(String::as_str), Some("job_terms"));
    // Parts that both agree to and no price beside them: they say what it is.
    let parts = json!({ "reason": "In two parts", "milestones": [{ "title": "Tiles", "amount": 12000 }, { "title": "Gutter", "amount": 9000 }] });
    let made = ok(ana.post(&format!("/api/jobs/{job}/proposals"), parts).await);
    ok(act(&bruno, job, &format!("proposals/{}/accept", made["id"])).await);
    let stands = seen(&bruno, job).await;
    assert_eq!((&stands["agreed_minor"], &stands["rest_minor"]), (&json!(2_100_000), &json!(0)));
}

#[tokio::test]
async fn a_client_asks_people_each_once() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let job = open(&ana).await;
    let path = format!("/api/jobs/{job}/invite");
    ok(ana.post(&path, json!({ "user_id": bruno.id })).await);
    assert_eq!(notices(&bruno).await, ["job_invited"]);
    assert_eq!(refused(&ana.post(&path, json!({ "user_id": bruno.id })).await), (409, "exists"));
    assert_eq!(refused(&ana.post(&path, json!({ "user_id": ana.id })).await), (422, "invalid"));
    assert_eq!(refused(&ana.post(&path, json!({ "user_id": 999 })).await), (404, "not_found"));
    let told = &rows(&bruno.get("/api/notifications").await.body)[0];
    assert_eq!((&told["data"]["job_id"], &told["title"]), (&json!(job), &json!("A job for you?")));
}

#[tokio::test]
async fn the_closing_day_ends_a_job_whoever_asks_first() {
    let clock = HandClock::default();
    let world = world_at(&clock).await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let now: Value = ana.get("/api/time").await.body["data"]["sent_at"].clone();
    let closes = now.as_f64().expect("a time") as i64 + 10 * 86_400_000;
    let mut body = roof();
    let at = guildhall_contract::wire_time::WireTime(guildhall_market::time::Timestamp(closes)).to_string();
    (body["closes_at"], body["publish"]) = (json!(at), json!(true));
    let job = ok(ana.post("/api/jobs", body).await)["id"].as_i64().expect("an id");
    let waiting = applied(&bruno, job).await;
    clock.advance(11 * DAY);
    let late = act(&ana, job, &format!("applications/{waiting}/accept")).await;
    assert_eq!((refused(&late), &late.body["state"]), ((409, "wrong_state"), &json!("cancelled")));
    let ended = seen(&ana, job).await;
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("cancelled"), &json!("expired")));
    assert_eq!(notices(&bruno).await, ["job_cancelled"]);
    assert!(rows(&bruno.get("/api/jobs").await.body).is_empty());
}

#[tokio::test]
async fn what_nobody_pays_for_is_asked_about_at_thirty_days_and_ends_at_sixty() {
    let clock = HandClock::default();
    let world = world_at(&clock).await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let job = given(&ana, &bruno).await;
    clock.advance(30 * DAY);
    assert_eq!(seen(&ana, job).await["status"], "assigned");
    assert!(notices(&bruno).await.contains(&"job_unfunded".to_owned()));
    assert!(notices(&ana).await.contains(&"job_unfunded".to_owned()));
    clock.advance(30 * DAY);
    let late = act(&bruno, job, "start").await;
    assert_eq!(refused(&late), (409, "wrong_state"));
    assert_eq!(seen(&bruno, job).await["reason"], "unfunded");
    assert_eq!(notices(&bruno).await.last().map(String::as_str), Some("job_cancelled"));
}

#[tokio::test]
async fn after_a_parting_the_others_wait_again_and_the_channel_is_closed() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let lena = proved(&world, "Lena").await;
    let job = open(&ana).await;
    let (of_bruno, of_lena) = (applied(&bruno, job).await, applied(&lena, job).await);
    let kofi = proved(&world, "Kofi").await;
    let of_kofi = applied(&kofi, job).await;
    ok(act(&ana, job, &format!("applications/{of_kofi}/reject")).await);
    let channel = format!("private-job.{job}");
    let may_listen = async |who: &Stranger| {
        who.post("/broadcasting/auth", json!({ "socket_id": "1.1", "channel_name": channel })).await.status
    };
    assert_eq!(may_listen(&bruno).await, StatusCode::FORBIDDEN, "who applied hears of it otherwise");
    ok(act(&ana, job, &format!("applications/{of_bruno}/accept")).await);
    assert_eq!((may_listen(&bruno).await, may_listen(&ana).await), (StatusCode::OK, StatusCode::OK));
    let boss = administrator(&world, "Boss").await;
    assert_eq!((may_listen(&lena).await, may_listen(&boss).await), (StatusCode::FORBIDDEN, StatusCode::FORBIDDEN));
    let mut socket = bruno.listen_to(&channel).await;
    let told = ok(bruno.post(&format!("/api/jobs/{job}/progress"), json!({ "note": "I begin", "percent": 1 })).await);
    let heard = socket.hear("job.updated").await;
    assert_eq!((&heard["update_type"], &heard["progress_updates"][0]["id"]), (&json!("progress_updated"), &told["id"]));
    let part = json!({ "title": "Tiles", "amount": 5000 });
    ok(ana.post(&format!("/api/jobs/{job}/milestones"), part).await);
    ok(act(&ana, job, "unassign").await);
    socket.hear("pusher:subscription_error").await;
    assert_eq!(may_listen(&bruno).await, StatusCode::FORBIDDEN);
    let again = seen(&ana, job).await;
    assert_eq!((&again["status"], &again["agreed"], &again["milestones"]), (&json!("open"), &Value::Null, &json!([])));
    let states: Vec<Value> = rows(&ana.get(&format!("/api/jobs/{job}/applications")).await.body)
        .iter()
        .map(|row| row["state"].clone())
        .collect();
    let expected = ["rejected", "pending", "rejected"];
    assert_eq!(states, expected, "whoever is sent away, whoever waits again, and whoever was told no");
    assert_eq!(notices(&lena).await, ["job_application_rejected", "job_unassigned"]);
    ok(act(&ana, job, &format!("applications/{of_lena}/accept")).await);
    // What was between the client and whoever had it before stays between the two.
    let reports = async |who: &Stranger| rows(&who.get(&format!("/api/jobs/{job}/progress")).await.body).len();
    assert_eq!((reports(&lena).await, reports(&ana).await), (0, 1));
    let stands = seen(&lena, job).await;
    assert_eq!((&stands["progress_updates"], stands["terms"].as_array().map(Vec::len)), (&json!([]), Some(1)));
    assert_eq!(seen(&ana, job).await["terms"].as_array().map(Vec::len), Some(3));
    ok(act(&lena, job, "unassign").await);
    ok(apply(&lena, job).await);
}

#[tokio::test]
async fn reviews_are_read_once_both_wrote_or_thirty_days_later() {
    let clock = HandClock::default();
    let world = world_at(&clock).await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let ended = ana.get("/api/time").await.body["data"]["sent_at"].as_f64().expect("a time") as i64;
    let (first, second) = (given(&ana, &bruno).await, given(&ana, &bruno).await);
    let review = async |who: &Stranger, job: i64, stars: i64| {
        who.post(&format!("/api/jobs/{job}/review"), json!({ "stars": stars, "words": "As it should be." })).await
    };
    assert_eq!(refused(&review(&ana, first, 5).await), (409, "wrong_state"), "it is not done");
    for job in [first, second] {
        complete_by_hand(&world, job, ended);
    }
    assert_eq!(refused(&review(&ana, first, 6).await), (422, "invalid"));
    ok(review(&ana, first, 4).await);
    assert_eq!(refused(&review(&ana, first, 5).await), (409, "exists"));
    assert_eq!(seen(&bruno, first).await["reviews"], json!([]), "nobody answers to what they read");
    let of = async |who: &Stranger| rows(&ana.get(&format!("/api/users/{}/reviews", who.id)).await.body);
    assert!(of(&bruno).await.is_empty());
    ok(review(&bruno, first, 3).await);
    assert_eq!(seen(&bruno, first).await["reviews"][0]["stars"], 4);
    assert_eq!((of(&bruno).await[0]["stars"].clone(), of(&ana).await[0]["stars"].clone()), (json!(4), json!(3)));

    ok(review(&ana, second, 2).await);
    clock.advance(30 * DAY);
    assert_eq!(refused(&review(&bruno, second, 1).await), (409, "wrong_state"));
    assert_eq!(of(&bruno).await.len(), 2, "it can be read");
    assert_eq!(notices(&bruno).await.last().map(String::as_str), Some("job_reviewed"));
    let listens = json!({ "socket_id": "1.1", "channel_name": format!("private-job.{second}") });
    assert_eq!(bruno.post("/broadcasting/auth", listens).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn e84_the_review_of_somebody_who_left_stays_from_a_deleted_user() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let ended = ana.get("/api/time").await.body["data"]["sent_at"].as_f64().expect("a time") as i64;
    let job = given(&ana, &bruno).await;
    complete_by_hand(&world, job, ended);
    for who in [&ana, &bruno] {
        ok(who.post(&format!("/api/jobs/{job}/review"), json!({ "rating": 5, "comment": "Well done." })).await);
    }
    let gone = Some(json!({ "password": PASSWORD }));
    assert_eq!(ana.ask(Method::DELETE, "/api/user", gone, &[]).await.status, StatusCode::NO_CONTENT);
    let about = rows(&bruno.get(&format!("/api/users/{}/reviews", bruno.id)).await.body);
    assert_eq!((&about[0]["author"]["name"], &about[0]["words"]), (&json!("Deleted user"), &json!("Well done.")));
    assert_eq!(seen(&bruno, job).await["client"]["name"], "Deleted user");
}

#[tokio::test]
async fn e105_nobody_leaves_in_the_middle_of_a_job_and_what_is_open_ends() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let lena = proved(&world, "Lena").await;
    let job = given(&ana, &bruno).await;
    let leave =
        async |who: &Stranger| who.ask(Method::DELETE, "/api/user", Some(json!({ "password": PASSWORD })), &[]).await;
    for who in [&ana, &bruno] {
        let first = leave(who).await;
        assert_eq!(refused(&first), (409, "must_end_first"));
        assert!(first.body["errors"]["first"][0].as_str().is_some_and(|words| words.contains("Mend the roof")));
    }
    ok(act(&bruno, job, "cancel").await);
    let (waits, drafted) = (open(&ana).await, draft(&ana).await);
    applied(&bruno, waits).await;
    applied(&lena, waits).await;
    assert_eq!(leave(&bruno).await.status, StatusCode::NO_CONTENT);
    guildhall_testkit::eventually("the application is taken back", async || {
        seen(&ana, waits).await["applications_count"] == 1
    })
    .await;
    assert_eq!(leave(&ana).await.status, StatusCode::NO_CONTENT);
    guildhall_testkit::eventually("the job ends", async || notices(&lena).await.contains(&"job_cancelled".to_owned()))
        .await;
    let ended = seen(&lena, waits).await;
    assert_eq!((&ended["reason"], &ended["client"]["name"]), (&json!("client_left"), &json!("Deleted user")));
    let boss = administrator(&world, "Boss").await;
    assert_eq!(boss.get(&format!("/api/jobs/{drafted}")).await.status, StatusCode::NOT_FOUND, "drafts are gone");
}

#[tokio::test]
async fn e107_of_whoever_is_suspended_the_board_shows_nothing_and_nobody_deals_with_them() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let (lena, boss) = (proved(&world, "Lena").await, administrator(&world, "Boss").await);
    let (of_ana, of_lena) = (open(&ana).await, open(&lena).await);
    let waiting = applied(&ana, of_lena).await;
    let path = format!("/api/admin/users/{}", ana.id);
    ok(boss.post(&format!("{path}/suspend"), json!({ "reason": "x" })).await);
    assert_eq!(rows(&bruno.get("/api/jobs").await.body).len(), 1);
    assert_eq!(bruno.get(&format!("/api/jobs/{of_ana}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(refused(&apply(&bruno, of_ana).await), (403, "not_reachable"));
    let accept = format!("applications/{waiting}/accept");
    assert_eq!(refused(&act(&lena, of_lena, &accept).await), (403, "not_reachable"));
    ok(boss.post(&format!("{path}/reinstate"), json!({ "reason": "x" })).await);
    ok(apply(&bruno, of_ana).await);
    ok(act(&lena, of_lena, &accept).await);
}

#[tokio::test]
async fn an_administrator_cancels_with_a_reason_and_their_looks_are_written_down() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let boss = administrator(&world, "Boss").await;
    let job = given(&ana, &bruno).await;
    seen(&boss, job).await;
    for list in ["applications", "progress", "proposals"] {
        assert_eq!(boss.get(&format!("/api/jobs/{job}/{list}")).await.status, StatusCode::OK);
    }
    let path = format!("/api/jobs/{job}/cancel");
    assert_eq!(refused(&boss.post(&path, json!({})).await), (422, "invalid"));
    ok(boss.post(&path, json!({ "reason": "This is no honest job" })).await);
    let looks = actions(&ana.get("/api/user/looks").await.body);
    let expected = ["job.cancel", "job.look_proposals", "job.look_progress", "job.look_applications", "job.look"];
    assert_eq!(looks, expected);
    let audit = actions(&boss.get("/api/admin/audit?action=job.").await.body);
    for action in ["job.publish", "job.apply", "job.accept_application", "job.cancel"] {
        assert!(audit.contains(&action.to_owned()), "{audit:?}");
    }
    assert_eq!(notices(&bruno).await.last().map(String::as_str), Some("job_cancelled"));
}

#[tokio::test]
async fn what_was_agreed_is_changed_by_both_and_keeps_its_versions() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let job = given(&ana, &bruno).await;
    let of = |what: &str| format!("/api/jobs/{job}/{what}");
    let add = async |who: &Stranger, amount: i64| {
        who.post(&of("milestones"), json!({ "title": "Tiles", "amount_minor": amount })).await
    };
    assert_eq!(refused(&add(&bruno, 100).await), (403, "forbidden"), "the artisan proposes");
    let planned = ok(add(&ana, 1_000_000).await);
    assert_eq!((&planned["rest_minor"], &planned["terms_version"]), (&json!(500_050), &json!(2)));
    assert_eq!(
        (&planned["milestones"][0]["status"], &planned["milestones"][0]["state"]),
        (&json!("pending"), &json!("planned"))
    );
    assert_eq!(refused(&add(&ana, 500_051).await), (409, "over_agreed"));
    let tiles = planned["milestones"][0]["id"].as_i64().expect("an id");
    let proposal = json!({
        "reason": "The gutter is rotten, too.", "price_minor": 1_800_000,
        "milestones": [{ "id": tiles, "title": "Tiles", "amount_minor": 1_000_000 }, { "title": "Gutter", "amount_minor": 800_000 }],
    });
    let made = ok(bruno.post(&of("proposals"), proposal).await);
    let (accept, own) = (format!("proposals/{}/accept", made["id"]), made["id"].clone());
    assert_eq!(refused(&act(&bruno, job, &accept).await), (403, "forbidden"), "not one's own");
    assert_eq!(ok(act(&ana, job, &accept).await)["state"], "accepted");
    assert_eq!(refused(&act(&ana, job, &accept).await), (409, "wrong_state"));
    let stands = seen(&bruno, job).await;
    assert_eq!((&stands["agreed_minor"], &stands["rest_minor"]), (&json!(1_800_000), &json!(0)));
    let versions: Vec<(Value, Value)> = stands["terms"]
        .as_array()
        .expect("terms")
        .iter()
        .map(|one| (one["agreed_minor"].clone(), one["proposal_id"].clone()))
        .collect();
    let (before, after) = (json!(1_500_050), json!(1_800_000));
    assert_eq!(versions, [(before.clone(), Value::Null), (before, Value::Null), (after, own)]);
    let less = ana.post(&of("proposals"), json!({ "reason": "Less work", "price": 17000 })).await;
    assert_eq!(refused(&less), (409, "over_agreed"), "the parts come to more");
    // What was proposed to terms that do not stand any more is nobody's yes.
    let late = ok(ana.post(&of("proposals"), json!({ "reason": "More work", "price": 19000 })).await);
    let change = Some(json!({ "title": "All tiles" }));
    ok(ana.ask(Method::PATCH, &of(&format!("milestones/{tiles}")), change, &[]).await);
    let accept = act(&bruno, job, &format!("proposals/{}/accept", late["id"])).await;
    assert_eq!(refused(&accept), (409, "changed"));
    ok(act(&bruno, job, &format!("proposals/{}/decline", late["id"])).await);
    let dropped = ok(ana.ask(Method::DELETE, &of(&format!("milestones/{tiles}")), None, &[]).await);
    assert_eq!((dropped["milestones"].as_array().map(Vec::len), &dropped["rest_minor"]), (Some(1), &json!(1_000_000)));
    assert!(updates(&bruno).await.ends_with(&[
        "milestone_updated".into(),
        "milestone_updated".into(),
        "milestone_updated".into()
    ]));
}

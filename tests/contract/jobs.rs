//! Jobs from their draft to their end, as strangers see them.

use std::{sync::Arc, time::Duration};

use guildhall_server::clock::HandClock;
use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::{administrator, rows},
    golden::Story,
    stranger::{Answer, Stranger},
};

pub const DAY: Duration = Duration::from_secs(86_400);

/// A server whose clock is set by hand.
pub async fn world_at(clock: &HandClock) -> World {
    let clock = Arc::new(clock.clone());
    World::start_with(move |config| config.clock = clock).await
}

/// Confirms somebody's address.
pub async fn proves(person: &Stranger) {
    let asked = person.post("/api/verifications/email", json!({})).await;
    let code = asked.body["data"]["code"].as_str().unwrap_or_else(|| panic!("a code: {}", asked.body)).to_owned();
    let done = person.post("/api/verifications/email/confirm", json!({ "code": code })).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
}

/// Somebody whose address is confirmed.
pub async fn proved(world: &World, name: &str) -> Stranger {
    let person = Stranger::new(world, name).await;
    proves(&person).await;
    person
}

pub fn roof() -> Value {
    json!({
        "title": "Mend the roof", "description": "Twelve tiles and a gutter, before the rains.",
        "category": "masonry", "budget": 15000.5, "place": "Ìkẹjà, Lagos",
    })
}

/// What an answer says that has to be yes.
pub fn ok(answer: Answer) -> Value {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
    answer.body["data"].clone()
}

/// Status and reason of a refusal.
pub fn refused(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.code())
}

pub async fn draft(client: &Stranger) -> i64 {
    ok(client.post("/api/jobs", roof()).await)["id"].as_i64().expect("an id")
}

pub async fn open(client: &Stranger) -> i64 {
    let mut body = roof();
    body["publish"] = true.into();
    ok(client.post("/api/jobs", body).await)["id"].as_i64().expect("an id")
}

pub async fn apply(who: &Stranger, job: i64) -> Answer {
    let body = json!({ "proposal": "I have mended many roofs like it." });
    who.post(&format!("/api/jobs/{job}/applications"), body).await
}

pub async fn applied(who: &Stranger, job: i64) -> i64 {
    ok(apply(who, job).await)["id"].as_i64().expect("an id")
}

pub async fn act(who: &Stranger, job: i64, what: &str) -> Answer {
    who.post(&format!("/api/jobs/{job}/{what}"), json!({})).await
}

/// A job that the client gave to the artisan.
pub async fn given(client: &Stranger, artisan: &Stranger) -> i64 {
    let job = open(client).await;
    let application = applied(artisan, job).await;
    ok(act(client, job, &format!("applications/{application}/accept")).await);
    job
}

pub async fn seen(who: &Stranger, job: i64) -> Value {
    ok(who.get(&format!("/api/jobs/{job}")).await)
}

/// The update types that somebody's feed tells of a job, in order.
pub async fn updates(who: &Stranger) -> Vec<String> {
    let feed = rows(&who.get("/api/feed?after=0&limit=1000").await.body);
    let of_jobs = feed.iter().filter(|row| row["event"] == "job.updated");
    of_jobs.map(|row| row["data"]["update_type"].as_str().expect("a word").to_owned()).collect()
}

/// The kinds of somebody's notices, oldest first.
pub async fn notices(who: &Stranger) -> Vec<String> {
    let mut all = rows(&who.get("/api/notifications?limit=100").await.body);
    all.reverse();
    all.iter().map(|row| row["type"].as_str().expect("a word").to_owned()).collect()
}

/// Does what needs money with the database alone, as it would stand after all was paid.
pub fn complete_by_hand(world: &World, job: i64, ended_at_ms: i64) {
    let file = world.server_folder().join("hall.sqlite");
    let db = rusqlite::Connection::open(file).expect("opens");
    db.busy_timeout(Duration::from_secs(10)).expect("set");
    db.execute("update jobs set stage = 'completed', ended_at_ms = ?2 where id = ?1", [job, ended_at_ms]).expect("set");
    db.execute(
        "insert into deadlines (kind, subject, due_at_ms) values ('job_after_the_end', ?1, ?2)",
        [job, ended_at_ms + 30 * 86_400_000],
    )
    .expect("set");
    db.execute("delete from deadlines where kind like 'job_unfunded%' and subject = ?1", [job]).expect("gone");
}

#[tokio::test]
async fn a_job_goes_from_its_draft_to_work_that_is_reported() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let lena = proved(&world, "Lena").await;
    let job = draft(&ana).await;
    let made = seen(&ana, job).await;
    assert_eq!((&made["status"], &made["version"]), (&json!("draft"), &json!(1)));
    assert_eq!((&made["budget"], &made["budget_minor"]), (&json!(15000.5), &json!(1_500_050)));
    assert_eq!((&made["currency"], &made["priority"]), (&json!("NGN"), &json!("medium")));
    assert_eq!(made["may"], json!(["publish", "delete", "edit", "cancel"]));
    assert_eq!(bruno.get(&format!("/api/jobs/{job}")).await.status, StatusCode::NOT_FOUND, "a draft is its client's");

    assert_eq!(ok(act(&ana, job, "publish").await)["status"], "open");
    assert_eq!(seen(&bruno, job).await["may"], json!(["apply"]));
    assert_eq!(ana.guest().get(&format!("/api/jobs/{job}")).await.status, StatusCode::OK, "guests browse");
    let body = json!({ "proposal": "I have mended many roofs like it.", "price": "14000", "price_minor": 1_400_000 });
    let first = ok(bruno.post(&format!("/api/jobs/{job}/applications"), body).await);
    assert_eq!((&first["price"], &first["price_named"]), (&json!(14000), &json!(true)));
    let second = ok(apply(&lena, job).await);
    assert_eq!((&second["price_minor"], &second["price_named"]), (&json!(1_500_050), &json!(false)), "the budget");
    assert_eq!(seen(&ana, job).await["applications_count"], 2);

    let accept = format!("/api/jobs/{job}/applications/{}/accept", first["id"]);
    let moved = ana.post(&accept, json!({ "price_minor": 1 })).await;
    assert_eq!(refused(&moved), (409, "price_moved"));
    let old = ana.post(&accept, json!({ "version": 7 })).await;
    assert_eq!(refused(&old), (409, "changed"));
    assert_eq!(ok(ana.post(&accept, json!({ "price": 14000, "version": 1 })).await)["state"], "accepted");
    let stands = seen(&bruno, job).await;
    assert_eq!((&stands["status"], &stands["agreed_minor"]), (&json!("assigned"), &json!(1_400_000)));
    assert_eq!((&stands["artisan_id"], &stands["rest_minor"]), (&json!(bruno.id), &json!(1_400_000)));
    assert_eq!(seen(&lena, job).await["artisan_id"], Value::Null, "who has it is between the two");
    assert_eq!(notices(&lena).await, ["job_application_rejected"]);
    assert_eq!(notices(&bruno).await, ["job_application_accepted"]);

    assert_eq!(ok(act(&bruno, job, "start").await)["status"], "in-progress");
    let report = json!({ "note": "Half of the tiles lie.", "percent": 50 });
    let told = ok(bruno.post(&format!("/api/jobs/{job}/progress"), report).await);
    assert_eq!((&told["percent"], &told["author_id"]), (&json!(50), &json!(bruno.id)));
    assert_eq!(seen(&ana, job).await["progress_updates"][0]["note"], "Half of the tiles lie.");
    assert_eq!(rows(&ana.get(&format!("/api/jobs/{job}/progress")).await.body).len(), 1);
    assert_eq!(
        updates(&ana).await,
        [
            "status_changed",
            "application_received",
            "application_received",
            "application_accepted",
            "status_changed",
            "progress_updated"
        ]
    );
    assert_eq!(updates(&bruno).await, ["application_accepted", "status_changed", "progress_updated"]);
    assert!(updates(&lena).await.is_empty());
    assert_eq!(
        notices(&ana).await,
        ["job_application_received", "job_application_received", "job_started", "job_progress"]
    );
    let done = act(&ana, job, "complete").await;
    assert_eq!(refused(&done), (409, "nothing_submitted"), "no money was there, so nothing was handed in");
    assert_eq!((&done.body["state"], &done.body["version"]), (&json!("assigned"), &seen(&ana, job).await["version"]));
}

#[tokio::test]
async fn what_a_job_says_has_bounds_and_amounts_are_never_floats() {
    let world = World::start().await;
    let ana = proved(&world, "Ana").await;
    for (field, value, code) in [
        ("title", json!("Roof"), "too_short"),
        ("title", json!("x".repeat(201)), "too_long"),
        ("description", json!("Short"), "too_short"),
        ("category", json!("singing"), "invalid"),
        ("priority", json!("soon"), "invalid"),
        ("budget", json!("1e3"), "bad_amount"),
        ("budget", json!("15,000"), "bad_amount"),
        ("budget", json!(1.005), "bad_amount"),
        ("budget", json!(-1), "bad_amount"),
        ("budget", json!(0), "bad_amount"),
        ("budget_minor", json!(1_500_051), "bad_amount"),
        ("currency", json!("naira"), "invalid"),
        ("ends_at", json!("yesterday"), "invalid"),
        ("closes_at", json!("2001-01-01T00:00:00Z"), "invalid"),
        ("attachments", json!([999]), "attachment_missing"),
    ] {
        let mut body = roof();
        body[field] = value.clone();
        let answer = ana.post("/api/jobs", body).await;
        assert_eq!(refused(&answer), (422, code), "{field} {value} {}", answer.body);
    }
    let mut without = roof();
    without.as_object_mut().expect("an object").remove("budget");
    assert_eq!(ana.post("/api/jobs", without).await.body["errors"]["budget"][0], "A job needs a `budget`.");
    assert!(rows(&ana.get("/api/jobs?mine=1").await.body).is_empty(), "nothing of it was kept");
    // What no float holds is kept to the last unit.
    let mut large = roof();
    large["budget"] = json!("9999999999999.99");
    assert_eq!(ok(ana.post("/api/jobs", large).await)["budget_minor"], 999_999_999_999_999_i64);
}

#[tokio::test]
async fn a_key_is_taken_once_and_an_old_version_does_nothing() {
    let world = World::start().await;
    let ana = proved(&world, "Ana").await;
    let make = async || ana.ask(Method::POST, "/api/jobs", Some(roof()), &[("Idempotency-Key", "k-1")]).await;
    let (first, again) = (ok(make().await), ok(make().await));
    assert_eq!(first, again);
    assert_eq!(rows(&ana.get("/api/jobs?mine=client").await.body).len(), 1);
    let job = first["id"].as_i64().expect("an id");
    let path = format!("/api/jobs/{job}");
    let patch = async |body: Value| ana.ask(Method::PATCH, &path, Some(body), &[]).await;
    assert_eq!(ok(patch(json!({ "title": "Mend the whole roof", "version": 1 })).await)["version"], 2);
    let old = patch(json!({ "title": "Something else", "version": 1 })).await;
    assert_eq!((refused(&old), &old.body["version"]), ((409, "changed"), &json!(2)));
    assert_eq!(ok(patch(json!({ "place": "", "priority": "urgent" })).await)["place"], Value::Null);
    assert_eq!(seen(&ana, job).await["title"], "Mend the whole roof");
    assert_eq!(ana.ask(Method::DELETE, &path, None, &[]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ana.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_publishes_or_applies_whose_address_is_not_confirmed() {
    let world = World::start().await;
    let (ana, bruno) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Bruno").await);
    let job = draft(&ana).await;
    assert_eq!(refused(&act(&ana, job, "publish").await), (403, "email_unverified"));
    assert_eq!(seen(&ana, job).await["status"], "draft");
    proves(&ana).await;
    ok(act(&ana, job, "publish").await);
    assert_eq!(refused(&apply(&bruno, job).await), (403, "email_unverified"));
    proves(&bruno).await;
    ok(apply(&bruno, job).await);
}

#[tokio::test]
async fn c26_who_could_not_be_paid_is_told_before_they_apply() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let job = open(&ana).await;
    assert_eq!(seen(&bruno, job).await["payout_lacks"], "no_route");
    assert_eq!(seen(&ana, job).await["payout_lacks"], Value::Null, "who pays needs no account");
    ok(apply(&bruno, job).await);
}

#[tokio::test]
async fn the_board_is_filtered_and_paged() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    for (title, category, budget, place) in [
        ("Mend the roof", "masonry", 100, "Ìkẹjà, Lagos"),
        ("Paint a façade", "painting", 200, "Abuja"),
        ("Build a wall", "masonry", 300, "Lagos Island"),
    ] {
        let body = json!({ "title": title, "description": "As it is said above.", "category": category, "budget": budget, "place": place, "publish": true });
        ok(ana.post("/api/jobs", body).await);
    }
    draft(&ana).await;
    let titles = async |who: &Stranger, query: &str| -> Vec<String> {
        let answer = who.get(&format!("/api/jobs{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
        rows(&answer.body).iter().map(|row| row["title"].as_str().expect("a title").to_owned()).collect()
    };
    assert_eq!(titles(&bruno, "").await, ["Build a wall", "Paint a façade", "Mend the roof"]);
    assert_eq!(titles(&bruno.guest(), "?status=open").await.len(), 3);
    assert_eq!(titles(&bruno, "?category=masonry").await, ["Build a wall", "Mend the roof"]);
    assert_eq!(titles(&bruno, "?q=facade").await, ["Paint a façade"], "folded as everything that is typed");
    assert_eq!(titles(&bruno, "?q=WALL%20buil").await, ["Build a wall"]);
    assert!(titles(&bruno, "?q=wal%20buil").await.is_empty(), "only the last word may go on");
    assert_eq!(titles(&bruno, "?place=lagos").await, ["Build a wall", "Mend the roof"]);
    assert_eq!(titles(&bruno, "?place=ikej").await, ["Mend the roof"]);
    assert_eq!(titles(&bruno, "?budget_min=150&budget_max=250.50").await, ["Paint a façade"]);
    assert!(titles(&bruno, "?currency=USD").await.is_empty());
    assert!(titles(&bruno, "?mine=1").await.is_empty());
    assert!(titles(&bruno, "?status=draft").await.is_empty(), "of what is not open one sees one's own");
    assert_eq!(titles(&ana, "?status=draft").await, ["Mend the roof"]);
    assert_eq!(titles(&ana, "?mine=client").await.len(), 4);
    let page = bruno.get("/api/jobs?per_page=2&page=2").await.body;
    assert_eq!((rows(&page).len(), &page["meta"]["total"], &page["meta"]["last_page"]), (1, &json!(3), &json!(2)));
    for (query, field) in
        [("?status=gone", "status"), ("?mine=x", "mine"), ("?budget_min=x", "budget_min"), ("?category=x", "category")]
    {
        let wrong = bruno.get(&format!("/api/jobs{query}")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body["errors"][field].is_array(), "{query}: {}", wrong.body);
    }
    assert_eq!(bruno.guest().get("/api/jobs?mine=1").await.status, StatusCode::UNAUTHORIZED);
    let job = given(&ana, &bruno).await;
    assert_eq!(titles(&ana, "?status=assigned").await.len(), 1);
    assert!(titles(&ana, "?status=in-progress").await.is_empty());
    ok(act(&bruno, job, "start").await);
    assert_eq!(titles(&bruno, "?status=in-progress").await.len(), 1);
    assert_eq!((titles(&bruno, "?mine=artisan").await.len(), titles(&bruno, "?mine=applied").await.len()), (1, 1));
}

#[tokio::test]
async fn pictures_are_those_of_whoever_may_see_the_job() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(4, 4).write_to(&mut bytes, image::ImageFormat::Png).expect("written");
    let bytes = bytes.into_inner();
    let picture = ok(ana.upload("roof.png", bytes.clone()).await)["id"].clone();
    let mut body = roof();
    body["attachments"] = json!([picture]);
    let made = ok(ana.post("/api/jobs", body.clone()).await);
    let job = made["id"].as_i64().expect("an id");
    let path = format!("/api/attachments/{picture}");
    assert_eq!(bruno.download(&path).await.0, StatusCode::NOT_FOUND, "of a draft");
    assert_eq!(refused(&ana.post("/api/jobs", body).await), (422, "attachment_missing"), "it is used");
    ok(act(&ana, job, "publish").await);
    let shown = seen(&bruno, job).await["attachments"][0]["url"].as_str().expect("a link").to_owned();
    assert_eq!(bruno.download(&shown).await.0, StatusCode::OK);
    assert_eq!(ana.guest().get(&format!("/api/jobs/{job}")).await.body["data"]["attachments"], json!([]));
    let application = applied(&bruno, job).await;
    ok(act(&ana, job, &format!("applications/{application}/accept")).await);
    let photo = ok(bruno.upload("tiles.png", bytes).await)["id"].clone();
    let report = json!({ "note": "See the tiles", "percent": 10, "attachments": [photo] });
    ok(bruno.post(&format!("/api/jobs/{job}/progress"), report).await);
    assert_eq!(ana.download(&format!("/api/attachments/{photo}")).await.0, StatusCode::OK);
    let lena = proved(&world, "Lena").await;
    assert_eq!(lena.download(&format!("/api/attachments/{photo}")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(lena.download(&path).await.0, StatusCode::NOT_FOUND, "it is not open any more");
    // Whoever reports somebody brings nothing to light that is between two others.
    let words = json!({ "kind": "profile", "id": bruno.id, "words": "He never came" });
    let reported = ok(lena.post("/api/reports", words).await);
    let boss = crate::audit::administrator(&world, "Boss").await;
    let frozen = ok(boss.get(&format!("/api/admin/reports/{}", reported["id"])).await);
    assert_eq!(frozen["files"], json!([]), "{frozen}");
    let removed = ana.ask(Method::PATCH, &format!("/api/jobs/{job}"), Some(json!({ "attachments": [] })), &[]).await;
    assert_eq!(refused(&removed), (409, "wrong_state"), "what was agreed on is not changed any more");
}

#[tokio::test]
async fn the_wire_is_what_it_was_to_the_letter() {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    let boss = administrator(&world, "Boss").await;
    let before = rows(&ana.get("/api/feed?after=0").await.body).len();
    let mut story = Story::of(&ana);
    let mut body = roof();
    body["closes_at"] = json!("2999-01-01T00:00:00Z");
    story.ask("job_made.json", Method::POST, "/api/jobs", Some(body)).await;
    story.ask("job_published.json", Method::POST, "/api/jobs/1/publish", Some(json!({ "version": 1 }))).await;
    ok(apply(&bruno, 1).await);
    story.get("job_applications.json", "/api/jobs/1/applications").await;
    story.ask("job_invited.json", Method::POST, "/api/jobs/1/invite", Some(json!({ "user_id": boss.id }))).await;
    story
        .ask("job_accepted.json", Method::POST, "/api/jobs/1/applications/1/accept", Some(json!({ "price": 15000.5 })))
        .await;
    let part = json!({ "title": "Tiles", "amount": 9000 });
    story.ask("job_milestone_added.json", Method::POST, "/api/jobs/1/milestones", Some(part)).await;
    let report = json!({ "note": "Half of the tiles lie.", "percent": 50 });
    ok(bruno.post("/api/jobs/1/progress", report).await);
    let proposal = json!({ "reason": "The gutter is rotten, too.", "price": 16000 });
    ok(bruno.post("/api/jobs/1/proposals", proposal).await);
    story.get("job_proposals.json", "/api/jobs/1/proposals").await;
    story.ask("job_proposal_accepted.json", Method::POST, "/api/jobs/1/proposals/1/accept", Some(json!({}))).await;
    story.get("job_progress.json", "/api/jobs/1/progress").await;
    story.get("job.json", "/api/jobs/1").await;
    story.get("jobs.json", "/api/jobs?mine=1").await;
    story.ask("job_complete_refused.json", Method::POST, "/api/jobs/1/complete", None).await;
    story
        .ask("job_cancelled.json", Method::POST, "/api/jobs/1/cancel", Some(json!({ "reason": "We move out." })))
        .await;
    story.get("feed_of_jobs.json", &format!("/api/feed?after={before}")).await;
    story.end();
}

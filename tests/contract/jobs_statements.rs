//! What jobs ask of the database: every command once, and lists that ask no more of it because there is more.

use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::jobs::{act, applied, draft, given, ok, open, proved};

/// Gives each command once, for whoever looks at what it asks of the database.
pub async fn walk_through(world: &World) {
    let (ana, bruno) = (proved(world, "Client").await, proved(world, "Artisan").await);
    let job = open(&ana).await;
    let of = |what: &str| format!("/api/jobs/{job}/{what}");
    ok(ana.ask(Method::PATCH, &format!("/api/jobs/{job}"), Some(json!({ "priority": "low" })), &[]).await);
    ok(ana.post(&of("invite"), json!({ "user_id": bruno.id })).await);
    let first = applied(&bruno, job).await;
    ok(act(&bruno, job, &format!("applications/{first}/withdraw")).await);
    let again = applied(&bruno, job).await;
    ok(act(&ana, job, &format!("applications/{again}/accept")).await);
    ok(act(&bruno, job, "start").await);
    ok(bruno.post(&of("progress"), json!({ "note": "Half", "percent": 50 })).await);
    ok(ana.post(&of("milestones"), json!({ "title": "Tiles", "amount": 10 })).await);
    let made = ok(bruno.post(&of("proposals"), json!({ "reason": "More tiles", "price": 20000 })).await);
    ok(act(&ana, job, &format!("proposals/{}/accept", made["id"])).await);
    for what in ["applications", "progress", "proposals"] {
        assert_eq!(ana.get(&of(what)).await.status, StatusCode::OK);
    }
    ok(act(&ana, job, "unassign").await);
    ok(act(&ana, job, "cancel").await);
    let thrown = draft(&ana).await;
    assert_eq!(ana.ask(Method::DELETE, &format!("/api/jobs/{thrown}"), None, &[]).await.status, StatusCode::NO_CONTENT);
    let gone = Some(json!({ "password": guildhall_testkit::world::PASSWORD }));
    assert!(bruno.ask(Method::DELETE, "/api/user", gone, &[]).await.status.is_success());
}

/// What lists cost a client with so many jobs, and so many applications for one of them.
async fn costs(many: usize) -> Vec<(&'static str, u64)> {
    let world = World::start().await;
    let (ana, bruno) = (proved(&world, "Ana").await, proved(&world, "Bruno").await);
    for _ in 0..many {
        given(&ana, &bruno).await;
        applied(&bruno, open(&ana).await).await;
    }
    let job = given(&ana, &bruno).await;
    for n in 0..many {
        ok(bruno.post(&format!("/api/jobs/{job}/progress"), json!({ "note": "More", "percent": n })).await);
        ok(ana.post(&format!("/api/jobs/{job}/milestones"), json!({ "title": "Part", "amount": 1 })).await);
    }
    let mut all = Vec::new();
    for (name, who, path) in [
        ("the board", &bruno, "/api/jobs".to_owned()),
        ("a search", &bruno, "/api/jobs?q=roof&place=lagos".to_owned()),
        ("one's own", &ana, "/api/jobs?mine=1&per_page=100".to_owned()),
        ("by how they stand", &ana, "/api/jobs?status=assigned".to_owned()),
        ("a job", &ana, format!("/api/jobs/{job}")),
        ("applications", &ana, format!("/api/jobs/{job}/applications")),
        ("progress", &ana, format!("/api/jobs/{job}/progress")),
        ("proposals", &ana, format!("/api/jobs/{job}/proposals")),
        ("reviews", &ana, format!("/api/users/{}/reviews", bruno.id)),
    ] {
        all.push((name, crate::statements::cost(&world, who.get(&path)).await));
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_list_asks_more_of_the_database_because_there_is_more() {
    let few = costs(2).await;
    assert_eq!(few, costs(15).await, "with a few, and with many");
    let most = few.iter().map(|(_, count)| *count).max();
    assert!(most.is_some_and(|most| most <= 14), "{few:?}");
}

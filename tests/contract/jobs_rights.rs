//! Who may do what to a job, path by path and role by role, and every command in every stage. What is refused changes nothing.

use guildhall_market::jobs::steps::{Act, Role, Stage, step};
use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::administrator,
    jobs::{act, applied, complete_by_hand, draft, ok, open, proved, refused, seen},
    stranger::Stranger,
};

struct Cast {
    world: World,
    client: Stranger,
    artisan: Stranger,
    applicant: Stranger,
    member: Stranger,
    admin: Stranger,
}

impl Cast {
    async fn new() -> Self {
        let world = World::start().await;
        let client = proved(&world, "Ana").await;
        let (artisan, applicant) = (proved(&world, "Bruno").await, proved(&world, "Lena").await);
        let (member, admin) = (proved(&world, "Moses").await, administrator(&world, "Boss").await);
        Self { world, client, artisan, applicant, member, admin }
    }

    fn all(&self) -> [(Role, Stranger); 6] {
        [
            (Role::Guest, self.client.guest()),
            (Role::Member, self.member.clone()),
            (Role::Client, self.client.clone()),
            (Role::Applicant, self.applicant.clone()),
            (Role::Artisan, self.artisan.clone()),
            (Role::Admin, self.admin.clone()),
        ]
    }

    /// A job in a stage, the application that waits or waited, and the artisan's.
    async fn job(&self, stage: Stage) -> (i64, i64) {
        let job = if stage == Stage::Draft { draft(&self.client).await } else { open(&self.client).await };
        if stage == Stage::Draft {
            // Of another job.
            return (job, 1);
        }
        let waiting = applied(&self.applicant, job).await;
        if stage == Stage::Open {
            return (job, waiting);
        }
        let taken = applied(&self.artisan, job).await;
        ok(act(&self.client, job, &format!("applications/{taken}/accept")).await);
        match stage {
            Stage::Completed => {
                let now = self.client.get("/api/time").await.body["data"]["sent_at"].as_f64().expect("a time");
                complete_by_hand(&self.world, job, now as i64);
            }
            Stage::Cancelled => drop(ok(act(&self.client, job, "cancel").await)),
            _ => {}
        }
        (job, waiting)
    }
}

/// The commands as they are spelled, with a body that is right.
fn commands(job: i64, application: i64) -> Vec<(Act, Method, String, Value)> {
    let of = |what: &str| format!("/api/jobs/{job}{what}");
    let post = |act, what: &str, body| (act, Method::POST, of(what), body);
    vec![
        post(Act::Publish, "/publish", json!({})),
        (Act::Edit, Method::PATCH, of(""), json!({ "priority": "high" })),
        post(Act::Invite, "/invite", json!({ "user_id": 1 })),
        post(Act::Apply, "/applications", json!({ "proposal": "I have mended many roofs." })),
        post(Act::WithdrawApplication, &format!("/applications/{application}/withdraw"), json!({})),
        post(Act::RejectApplication, &format!("/applications/{application}/reject"), json!({})),
        post(Act::AcceptApplication, &format!("/applications/{application}/accept"), json!({})),
        post(Act::Start, "/start", json!({})),
        post(Act::ReportProgress, "/progress", json!({ "note": "It goes on", "percent": 5 })),
        post(Act::Plan, "/milestones", json!({ "title": "Tiles", "amount": 10 })),
        post(Act::Complete, "/complete", json!({})),
        post(Act::KeepOpen, "/keep-open", json!({})),
        post(Act::Review, "/review", json!({ "stars": 5, "words": "Well done" })),
        post(Act::Unassign, "/unassign", json!({})),
        post(Act::Cancel, "/cancel", json!({ "reason": "Not any more" })),
        (Act::Delete, Method::DELETE, of(""), json!({})),
    ]
}

/// What the role sees of a job in this stage.
fn knows(role: Role, stage: Stage) -> bool {
    match role {
        Role::Client | Role::Admin => true,
        Role::Artisan | Role::Applicant => stage != Stage::Draft,
        _ => stage == Stage::Open,
    }
}

/// Who somebody is: before anything was given the one who has it later is anybody.
fn role_in(role: Role, stage: Stage) -> Role {
    match role {
        Role::Artisan if matches!(stage, Stage::Draft | Stage::Open) => Role::Member,
        Role::Applicant if stage == Stage::Draft => Role::Member,
        role => role,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_of_every_role_in_every_stage_is_done_or_refused_and_then_nothing_happened() {
    let cast = Cast::new().await;
    for stage in Stage::ALL.iter().copied() {
        let (mut job, mut application) = cast.job(stage).await;
        for (role, who) in cast.all() {
            let role = role_in(role, stage);
            for n in 0..commands(job, application).len() {
                let (act, method, path, body) = commands(job, application).swap_remove(n);
                let before = seen(&cast.client, job).await;
                let answer = who.ask(method, &path, Some(body), &[]).await;
                let expected = match step(act, role, stage) {
                    _ if role == Role::Guest => Err((401, "unauthenticated")),
                    _ if !knows(role, stage) => Err((404, "not_found")),
                    // The client of a job is told in words of their own that nobody applies for it.
                    _ if act == Act::Apply && role == Role::Client => Err((409, "own_listing")),
                    Err(guildhall_market::jobs::steps::StepRefusal::Forbidden) => Err((403, "forbidden")),
                    Err(_) => Err((409, "wrong_state")),
                    Ok(_) if act == Act::Apply && role == Role::Applicant => Err((409, "exists")),
                    Ok(_) if act == Act::Complete => Err((409, "nothing_submitted")),
                    Ok(_) if act == Act::KeepOpen => Err((409, "wrong_state")),
                    Ok(_) if act == Act::Invite => Err((422, "invalid")),
                    Ok(_) => Ok(()),
                };
                let told = format!("{act:?} by {role:?} in {stage:?}: {} {}", answer.status, answer.body);
                match expected {
                    Ok(()) => {
                        assert!(answer.status.is_success(), "{told}");
                        // The next one begins where this one did.
                        (job, application) = cast.job(stage).await;
                    }
                    Err(expected) => {
                        // Somebody who is one of the two by now may have said how it was, or begun, before.
                        assert_eq!(refused(&answer), expected, "{told}");
                        assert_eq!(seen(&cast.client, job).await, before, "{told}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn lists_are_for_those_whom_they_concern() {
    let cast = Cast::new().await;
    let (drafted, _) = cast.job(Stage::Draft).await;
    let (given, _) = cast.job(Stage::Assigned).await;
    let (opened, _) = cast.job(Stage::Open).await;
    for (role, who) in cast.all() {
        for (job, stage) in [(drafted, Stage::Draft), (opened, Stage::Open), (given, Stage::Assigned)] {
            let role = role_in(role, stage);
            let of = async |what: &str| who.get(&format!("/api/jobs/{job}{what}")).await.status;
            let expected = if knows(role, stage) { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(of("").await, expected, "{role:?} {stage:?}");
            if role == Role::Guest {
                for list in ["/applications", "/progress", "/proposals"] {
                    assert_eq!(of(list).await, StatusCode::UNAUTHORIZED, "{list}");
                }
                continue;
            }
            assert_eq!(of("/applications").await, expected, "{role:?} {stage:?}");
            let party = matches!(role, Role::Client | Role::Artisan | Role::Admin);
            let between = if party || expected != StatusCode::OK { expected } else { StatusCode::FORBIDDEN };
            for list in ["/progress", "/proposals"] {
                assert_eq!(of(list).await, between, "{role:?} {stage:?} {list}");
            }
        }
    }
    let listed = async |who: &Stranger| {
        crate::audit::rows(&who.get(&format!("/api/jobs/{given}/applications")).await.body).len()
    };
    assert_eq!((listed(&cast.client).await, listed(&cast.admin).await), (2, 2));
    assert_eq!((listed(&cast.applicant).await, listed(&cast.artisan).await), (1, 1), "one's own");
    let public = seen(&cast.applicant, given).await;
    assert_eq!((&public["agreed"], &public["artisan_id"], &public["terms"]), (&Value::Null, &Value::Null, &json!([])));
    for path in ["/api/jobs/x", "/api/jobs/01", "/api/jobs/999", "/api/jobs/1/applications/x/accept"] {
        let answer = if path.ends_with("accept") {
            cast.client.post(path, json!({})).await
        } else {
            cast.client.get(path).await
        };
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

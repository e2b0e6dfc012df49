//! What a person takes along, and the end of an account.

use std::io::Read;

use guildhall_testkit::{World, world::PASSWORD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    audit::{administrator, rows},
    golden::Story,
    postgres_server::Postgres,
    stranger::{Answer, Stranger},
};

async fn delete(who: &Stranger, password: &str) -> Answer {
    who.ask(Method::DELETE, "/api/user", Some(json!({ "password": password })), &[]).await
}

/// A file of a zip.
fn unpacked(zip: &[u8], name: &str) -> Vec<u8> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip)).expect("a zip");
    let mut bytes = Vec::new();
    zip.by_name(name).unwrap_or_else(|e| panic!("{name}: {e}")).read_to_end(&mut bytes).expect("whole");
    bytes
}

#[tokio::test]
async fn everything_of_ones_own_is_in_the_file_and_nothing_of_others() {
    let world = World::start().await;
    let (boss, ana) = (administrator(&world, "Boss").await, Stranger::new(&world, "Ana").await);
    let (bruno, lena) = (Stranger::new(&world, "Bruno").await, Stranger::new(&world, "Lena").await);
    let file = ana.upload("offer <1>.pdf", b"%PDF-1.7 an offer".to_vec()).await.body["data"]["id"].clone();
    let body = json!({ "recipient_id": bruno.id, "content": "I <3 you & \"yours\"", "attachments": [file] });
    ana.post("/api/messages", body).await;
    for n in 0..450 {
        bruno.send(&ana, &format!("number {n}")).await;
    }
    lena.send(&bruno, "between two others").await;
    ana.ask(Method::PUT, "/api/saved-replies/hours", Some(json!({ "text": "From 9 to 5" })), &[]).await;
    ana.post(&format!("/api/users/{}/block", lena.id), json!({})).await;
    ana.post("/api/reports", json!({ "kind": "profile", "id": lena.id, "words": "No such person" })).await;
    boss.get(&format!("/api/admin/users/{}?reason=asked", ana.id)).await;

    let (status, zip) = ana.download("/api/user/export").await;
    assert_eq!(status, StatusCode::OK);
    let list = |name: &str| -> Vec<Value> {
        let found: Value = serde_json::from_slice(&unpacked(&zip, &format!("{name}.json"))).expect("JSON");
        found.as_array().expect("a list").clone()
    };
    assert_eq!(list("account")[0]["email"], "ana@example.com");
    let messages = list("messages");
    assert_eq!(messages.len(), 451, "of many pages each once");
    assert_eq!((&messages[0]["text"], &messages[0]["to"]), (&json!("I <3 you & \"yours\""), &json!("Bruno")));
    assert!(!String::from_utf8_lossy(&unpacked(&zip, "messages.json")).contains("between two others"));
    let page = String::from_utf8(unpacked(&zip, "messages.html")).expect("text");
    assert!(page.contains("I &lt;3 you &amp; &quot;yours&quot;") && !page.contains("<3"), "words are no markup");
    let place = list("files")[0]["file"].as_str().expect("a place").to_owned();
    assert_eq!(unpacked(&zip, &place), b"%PDF-1.7 an offer");
    assert_eq!(list("saved_replies")[0]["text"], "From 9 to 5");
    assert_eq!(list("blocked")[0]["user_id"], lena.id);
    assert_eq!(list("reports")[0]["words"], "No such person");
    assert_eq!(list("devices").len(), 2);
    assert_eq!(list("looks")[0]["reason"], "asked");
    assert_eq!(list("notifications").len(), 1);
    let index = String::from_utf8(unpacked(&zip, "index.html")).expect("text");
    assert!(index.contains("href=\"messages.html\"") && index.contains("href=\"reports.json\""), "{index}");
}

#[tokio::test]
async fn e104_what_was_said_stays_with_the_others_from_a_deleted_user() {
    let world = World::start().await;
    let (ana, bruno) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Bruno").await);
    ana.send(&bruno, "Here is the plan").await;
    bruno.send(&ana, "Thank you").await;
    ana.ask(Method::PUT, "/api/saved-replies/hours", Some(json!({ "text": "From 9 to 5" })), &[]).await;
    let (own, mut others) = (ana.listen().await, bruno.listen().await);
    let refused = delete(&ana, "not the password").await;
    assert_eq!(
        (refused.status, &refused.body["errors"]["password"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!(["This is not the password of this account."]))
    );
    assert_eq!(ana.get("/api/user").await.status, StatusCode::OK, "nothing happened");

    assert_eq!(delete(&ana, PASSWORD).await.status, StatusCode::NO_CONTENT);
    assert_eq!(own.close_code().await, Some(4009));
    assert_eq!(others.hear("person.deleted").await["user_id"], ana.id);
    assert_eq!(ana.get("/api/user").await.status, StatusCode::UNAUTHORIZED);
    let seen = bruno.get(&format!("/api/users/{}", ana.id)).await.body;
    assert_eq!((&seen["data"]["id"], &seen["data"]["name"]), (&json!(ana.id), &json!("Deleted user")));
    let thread = bruno.get(&format!("/api/messages/conversations/{}", ana.id)).await.body;
    let told: Vec<(&Value, &Value)> =
        thread["data"].as_array().expect("rows").iter().map(|row| (&row["content"], &row["sender"]["name"])).collect();
    assert_eq!(told, [(&json!("Thank you"), &json!("Bruno")), (&json!("Here is the plan"), &json!("Deleted user"))]);
    let list = bruno.get("/api/messages/conversations").await.body;
    assert!(list.to_string().contains("Deleted user") && !list.to_string().contains("\"Ana\""), "{list}");
    assert!(rows(&bruno.get("/api/users?q=ana").await.body).is_empty());
    let to_nobody = bruno.send(&ana, "Are you there?").await;
    assert_eq!((to_nobody.status, to_nobody.code()), (StatusCode::FORBIDDEN, "not_reachable"));
    let wrong = ana.post("/api/login", json!({ "email": "ana@example.com", "password": PASSWORD })).await;
    assert_eq!(wrong.code(), "invalid_credentials", "as for an address that nobody has");

    let again = Stranger::new(&world, "Ana").await;
    assert_ne!(again.id, ana.id, "the address is free again, and somebody else's");
    assert!(rows(&again.get("/api/messages/conversations").await.body).is_empty());
    assert!(rows(&again.get("/api/saved-replies").await.body).is_empty());
}

#[tokio::test]
async fn e105_what_must_end_first_is_said_in_words() {
    let world = World::start().await;
    let boss = administrator(&world, "Boss").await;
    let refused = delete(&boss, PASSWORD).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "must_end_first"));
    let words = "You are the last administrator of this server. Give the role to somebody else.";
    assert_eq!(refused.body["errors"]["first"], json!([words]));
    assert_eq!(boss.get("/api/user").await.status, StatusCode::OK);
    administrator(&world, "Other").await;
    assert_eq!(delete(&boss, PASSWORD).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn people_whom_one_blocked_are_listed_by_name_and_for_oneself_alone() {
    let world = World::start().await;
    let (ana, bruno) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Bruno").await);
    let zoe = Stranger::new(&world, "Zoe").await;
    for other in [&zoe, &bruno] {
        ana.post(&format!("/api/users/{}/block", other.id), json!({})).await;
    }
    let names = async |who: &Stranger| -> Vec<Value> {
        rows(&who.get("/api/users/blocked").await.body).iter().map(|row| row["name"].clone()).collect()
    };
    assert_eq!(names(&ana).await, ["Bruno", "Zoe"]);
    assert!(names(&bruno).await.is_empty(), "they are not told");
    ana.ask(Method::DELETE, &format!("/api/users/{}/block", zoe.id), None, &[]).await;
    assert_eq!(names(&ana).await, ["Bruno"]);
    ana.send(&bruno, "refused").await;
    ana.send(&zoe, "Good-bye").await;
    let mut story = Story::of(&ana);
    story.get("users_blocked.json", "/api/users/blocked").await;
    let body = Some(json!({ "password": "not the password" }));
    story.ask("user_delete_refused.json", Method::DELETE, "/api/user", body).await;
    story.ask("user_delete.json", Method::DELETE, "/api/user", Some(json!({ "password": PASSWORD }))).await;
    story.end();
    let mut story = Story::of(&zoe);
    story.get("feed_of_departures.json", "/api/feed?after=0").await;
    story.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_its_turn_behind_the_end_of_an_account_does_nothing() {
    nothing_is_done_behind_the_end(World::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_its_turn_behind_the_end_of_an_account_does_nothing_on_postgresql() {
    let server = Postgres::start();
    let database = server.database("behind_the_end");
    nothing_is_done_behind_the_end(World::start_with(move |config| config.database = Some(database)).await).await;
}

async fn nothing_is_done_behind_the_end(world: World) {
    let ana = Stranger::new(&world, "Ana").await;
    for round in 0..10 {
        let leaving = Stranger::new(&world, &format!("Leaving{round}")).await;
        // As fast as it goes, until the door is closed.
        let goes_on = async |lane: usize| {
            for n in 0..10_000 {
                let said = json!({ "words": format!("Still here, {lane} {n}") });
                let answer = leaving.ask(Method::PATCH, "/api/user", Some(said), &[]).await;
                if answer.status != StatusCode::OK {
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
                    return;
                }
            }
        };
        let leaves = async {
            let body = Some(json!({ "password": PASSWORD }));
            assert_eq!(leaving.ask(Method::DELETE, "/api/user", body, &[]).await.status, StatusCode::NO_CONTENT);
        };
        let lanes = futures_util::future::join_all((0..8).map(goes_on));
        tokio::join!(lanes, leaves);
        let page = ana.get(&format!("/api/users/{}", leaving.id)).await.body["data"].clone();
        assert_eq!((&page["name"], &page["words"]), (&json!("Deleted user"), &Value::Null), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_signed_out_while_they_take_things_along_gets_no_more_of_them() {
    let world = World::start().await;
    let person = world.person("Ana").await;
    let (thief, owner) = (Stranger::sign_in(&world, &person).await, Stranger::sign_in(&world, &person).await);
    let tunde = Stranger::new(&world, "Tunde").await;
    // More than what is on its way at any moment.
    let (mut noise, mut sent) = (7_u32, Vec::new());
    for n in 0..4 {
        let mut bytes = b"%PDF-1.7 ".to_vec();
        bytes.extend(
            std::iter::repeat_with(|| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                noise.to_be_bytes()[0]
            })
            .take(9 << 20),
        );
        let kept = owner.upload(&format!("paper{n}.pdf"), bytes).await;
        assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.body);
        sent.push(kept.body["data"]["id"].clone());
    }
    let message = json!({ "recipient_id": tunde.id, "content": "My papers", "attachments": sent });
    assert_eq!(owner.post("/api/messages", message).await.status, StatusCode::CREATED);
    let url = format!("{}/api/user/export", world.url());
    let mut zip = reqwest::Client::new().get(url).bearer_auth(&thief.token).send().await.expect("an answer");
    assert_eq!(zip.status(), StatusCode::OK);
    let mut taken = zip.chunk().await.expect("a piece").expect("not the end").len();
    assert_eq!(owner.ask(Method::DELETE, "/api/tokens", None, &[]).await.status, StatusCode::NO_CONTENT);
    let broke_off = loop {
        match zip.chunk().await {
            Ok(Some(piece)) => taken += piece.len(),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broke_off && taken < 28 << 20, "{taken} bytes, broken off: {broke_off}");
}

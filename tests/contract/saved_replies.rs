//! Saved replies: one's own, by name, on all devices; nobody else's business.

use guildhall_testkit::World;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{golden::Story, stranger::Stranger};

async fn put(who: &Stranger, key: &str, text: &str) -> (StatusCode, Value) {
    let answer = who.ask(Method::PUT, &format!("/api/saved-replies/{key}"), Some(json!({ "text": text })), &[]).await;
    (answer.status, answer.body)
}

async fn names(who: &Stranger) -> Vec<String> {
    let list = who.get("/api/saved-replies").await.body;
    list["data"].as_array().expect("a list").iter().map(|row| row["key"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn they_are_kept_changed_and_deleted_by_name_and_nobody_else_sees_them() {
    let world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let (status, body) = put(&ana, "Thanks", "  Thank you!  ").await;
    assert_eq!(
        (status, &body["data"]["key"], &body["data"]["text"]),
        (StatusCode::OK, &json!("thanks"), &json!("Thank you!"))
    );
    put(&ana, "hours", "We are open from 9 to 5.").await;
    put(&ana, "THANKS", "Thank you very much!").await;
    assert_eq!(names(&ana).await, ["hours", "thanks"]);
    let one = ana.get("/api/saved-replies/thanks").await.body;
    assert_eq!(one["data"]["text"], "Thank you very much!");

    assert!(names(&tunde).await.is_empty());
    assert_eq!(tunde.get("/api/saved-replies/thanks").await.status, StatusCode::NOT_FOUND);
    let theirs = tunde.ask(Method::DELETE, "/api/saved-replies/thanks", None, &[]).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);

    assert_eq!(ana.ask(Method::DELETE, "/api/saved-replies/thanks", None, &[]).await.status, StatusCode::NO_CONTENT);
    assert_eq!(names(&ana).await, ["hours"]);
    let feed = ana.get("/api/feed?after=0").await.body;
    let told: Vec<(&Value, &Value)> = feed["data"]
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| row["event"] == "saved.updated")
        .map(|row| (&row["data"]["key"], &row["data"]["text"]))
        .collect();
    let (thanks, hours) = (json!("thanks"), json!("hours"));
    let texts = [json!("Thank you!"), json!("We are open from 9 to 5."), json!("Thank you very much!"), Value::Null];
    assert_eq!(told, [(&thanks, &texts[0]), (&hours, &texts[1]), (&thanks, &texts[2]), (&thanks, &texts[3])]);
    assert!(tunde.get("/api/feed?after=0").await.body["data"].as_array().expect("rows").is_empty());
}

#[tokio::test]
async fn names_texts_and_their_number_have_bounds_that_are_said() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    for name in ["two%20words", "a.b", "-x", &"a".repeat(33)] {
        let (status, body) = put(&ana, name, "x").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let words = "The name must be one word of at most 32 letters, digits, - or _, such as thanks.";
        assert_eq!(body["errors"]["key"], json!([words]), "{name}");
    }
    for (text, code) in [(" ".to_owned(), "empty"), ("x".repeat(1_001), "too_long")] {
        let (status, body) = put(&ana, "ok", &text).await;
        assert_eq!((status, &body["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)));
        assert!(body["errors"]["text"].is_array(), "{body}");
    }
    for n in 0..100 {
        assert_eq!(put(&ana, &format!("r{n}"), "x").await.0, StatusCode::OK);
    }
    let (status, body) = put(&ana, "one-more", "x").await;
    assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("too_many")));
    assert_eq!(put(&ana, "r7", "changed").await.0, StatusCode::OK, "one that is there may be changed");
    assert_eq!(names(&ana).await.len(), 100);
}

#[tokio::test]
async fn a_key_is_taken_once() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let send = async |text: &str| {
        let body = Some(json!({ "text": text }));
        ana.ask(Method::PUT, "/api/saved-replies/x", body, &[("Idempotency-Key", "k-1")]).await
    };
    assert_eq!(send("first").await.status, StatusCode::OK);
    put(&ana, "x", "second").await;
    assert_eq!(send("first").await.body["data"]["text"], "first", "the answer of the first time");
    assert_eq!(ana.get("/api/saved-replies/x").await.body["data"]["text"], "second");
}

#[tokio::test]
async fn the_wire_is_what_it_was_to_the_letter() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let mut story = Story::of(&ana);
    let body = Some(json!({"text": "Thank you!"}));
    story.ask("saved_reply_put.json", Method::PUT, "/api/saved-replies/thanks", body).await;
    story.get("saved_replies.json", "/api/saved-replies").await;
    story.ask("saved_reply_refused.json", Method::PUT, "/api/saved-replies/a.b", Some(json!({"text": "x"}))).await;
    story.ask("saved_reply_deleted.json", Method::DELETE, "/api/saved-replies/thanks", None).await;
    story.get("feed_of_saved_replies.json", "/api/feed?after=0").await;
    story.end();
}

//! Pages of people: one's own to change, everybody's to see; and people found by them.

use guildhall_server::clock::HandClock;
use guildhall_testkit::World;
use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};

use crate::{golden::Story, stranger::Stranger};

/// A picture of one colour.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let colours = image::RgbImage::from_pixel(width, height, image::Rgb([170, 90, 40]));
    colours.write_to(&mut bytes, image::ImageFormat::Png).expect("written");
    bytes.into_inner()
}

async fn patch(who: &Stranger, body: Value) -> (StatusCode, Value) {
    let answer = who.ask(Method::PATCH, "/api/user", Some(body), &[]).await;
    (answer.status, answer.body)
}

async fn face(who: &Stranger, name: &str, bytes: Vec<u8>) -> (StatusCode, Value) {
    let form = multipart::Form::new().part("file", multipart::Part::bytes(bytes).file_name(name.to_owned()));
    let request = reqwest::Client::new().put(format!("{}/api/user/avatar", who.url)).bearer_auth(&who.token);
    let answer = request.multipart(form).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

/// Names of people who are found, of one page.
async fn found(who: &Stranger, query: &str) -> Vec<String> {
    let answer = who.get(&format!("/api/users?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
    let rows = answer.body["data"].as_array().expect("a list").iter();
    rows.map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
}

/// Names and bodies of events in somebody's feed.
async fn feed(who: &Stranger) -> Vec<(String, Value)> {
    let rows = who.get("/api/feed?after=0").await.body["data"].as_array().expect("rows").clone();
    rows.into_iter().map(|row| (row["event"].as_str().expect("a name").to_owned(), row["data"].clone())).collect()
}

#[tokio::test]
async fn what_one_says_is_seen_by_everybody_and_told_to_those_one_writes_with() {
    let world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let lena = Stranger::new(&world, "Lena").await;
    ana.send(&tunde, "Hello").await;
    let said = json!({
        "name": " Tunde  Bákàrè ", "trade": "Joiner", "place": "Surulere, Lagos", "words": "I measure twice.",
        "languages": ["Yorùbá", "English", "english"],
    });
    let (status, body) = patch(&tunde, said).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    for who in [&tunde, &ana, &lena] {
        let page = who.get(&format!("/api/users/{}", tunde.id)).await.body["data"].clone();
        let shown = [&page["name"], &page["craft"], &page["place"], &page["words"], &page["languages"]];
        let expected = [
            json!("Tunde Bákàrè"),
            json!("Joiner"),
            json!("Surulere, Lagos"),
            json!("I measure twice."),
            json!(["Yorùbá", "English"]),
        ];
        assert_eq!(shown, expected.each_ref());
    }
    assert_eq!(found(&lena, "q=bak").await, ["Tunde Bákàrè"]);
    assert_eq!(found(&lena, "trade=joiner&place=lagos").await, ["Tunde Bákàrè"]);
    // What is left out stays, what is empty goes.
    let (_, body) = patch(&tunde, json!({ "trade": "", "words": "Once is enough." })).await;
    assert_eq!((&body["data"]["craft"], &body["data"]["place"]), (&Value::Null, &json!("Surulere, Lagos")));
    let (_, body) = patch(&tunde, json!({ "words": null, "place": "" })).await;
    assert_eq!((&body["data"]["words"], &body["data"]["place"]), (&json!("Once is enough."), &Value::Null));

    let pages = |rows: &[(String, Value)]| rows.iter().filter(|(event, _)| event == "profile.updated").count();
    assert_eq!(pages(&feed(&tunde).await), 3, "each is told to one's own devices");
    let told: Vec<Value> =
        feed(&ana).await.into_iter().filter(|(event, _)| event == "person.updated").map(|(_, data)| data).collect();
    assert_eq!(told.len(), 2, "only what stands in lists: {told:?}");
    assert_eq!((&told[0]["name"], &told[0]["craft"]), (&json!("Tunde Bákàrè"), &json!("Joiner")));
    assert!(feed(&lena).await.is_empty(), "strangers are told nothing");
    assert!(!feed(&ana).await.iter().any(|(_, data)| data.to_string().contains("measure twice")));
}

#[tokio::test]
async fn what_is_too_long_is_said_field_by_field_and_nothing_is_changed() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    for (field, value, words) in [
        ("name", json!(" "), "The name must have 1 to 100 characters."),
        ("trade", json!("x".repeat(61)), "The trade must be one line of at most 60 characters, such as Joiner."),
        (
            "place",
            json!("x".repeat(81)),
            "The place must be one line of at most 80 characters, such as Surulere, Lagos.",
        ),
        ("words", json!("x".repeat(1_001)), ""),
        (
            "languages",
            json!(["x".repeat(41)]),
            "The languages must be at most 8 names of at most 40 characters, such as English.",
        ),
    ] {
        let (status, body) = patch(&ana, json!({ "place": "Lagos", field: value })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {body}");
        let told = body["errors"][field][0].as_str().unwrap_or_default();
        assert!(!told.is_empty() && (words.is_empty() || told == words), "{field}: {body}");
    }
    assert_eq!(ana.get(&format!("/api/users/{}", ana.id)).await.body["data"]["place"], Value::Null);
}

#[tokio::test]
async fn what_others_see_in_their_lists_changes_twenty_times_a_day() {
    let clock = HandClock::default();
    let hands = std::sync::Arc::new(clock.clone());
    let world = World::start_with(|config| config.clock = hands).await;
    let ana = Stranger::new(&world, "Ana").await;
    for n in 0..20 {
        assert_eq!(patch(&ana, json!({ "name": format!("Ana {n}") })).await.0, StatusCode::OK);
    }
    let (status, body) = patch(&ana, json!({ "name": "Ana once more" })).await;
    assert_eq!((status, &body["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_often")));
    assert_eq!(patch(&ana, json!({ "words": "Still mine to say." })).await.0, StatusCode::OK);
    clock.advance(std::time::Duration::from_secs(24 * 60 * 60));
    assert_eq!(patch(&ana, json!({ "name": "Ana once more" })).await.0, StatusCode::OK);
}

#[tokio::test]
async fn ones_own_picture_is_square_small_and_everybodys_to_see() {
    let world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    ana.send(&tunde, "Hello").await;
    let (status, body) = face(&tunde, "me.png", picture(900, 400)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let address = body["data"]["avatar"].as_str().expect("an address").to_owned();
    assert!(address.starts_with("/api/attachments/"), "{address}");
    let (status, bytes) = ana.download(&address).await;
    assert_eq!(status, StatusCode::OK);
    let kept = image::load_from_memory(&bytes).expect("a picture");
    assert_eq!((kept.width(), kept.height()), (256, 256));
    let told = feed(&ana).await;
    assert_eq!(
        told.last().map(|(event, data)| (event.as_str(), data["avatar"].clone())),
        Some(("person.updated", json!(address)))
    );
    // The one before goes, bytes and all.
    let (_, body) = face(&tunde, "other.png", picture(300, 300)).await;
    assert_ne!(body["data"]["avatar"], json!(address));
    assert_eq!(ana.download(&address).await.0, StatusCode::NOT_FOUND);
    for (name, bytes) in [("a.pdf", b"%PDF-1.7 a".to_vec()), ("a.gif", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec())] {
        let (status, body) = face(&tunde, name, bytes).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {body}");
        assert_eq!(body["errors"]["file"], json!(["The picture must be a JPEG, PNG or WebP file."]), "{name}");
    }
    let gone = tunde.ask(Method::DELETE, "/api/user/avatar", None, &[]).await;
    assert_eq!((gone.status, &gone.body["data"]["avatar"]), (StatusCode::OK, &Value::Null));
    let files = std::fs::read_dir(world.server_folder().join("files")).expect("the store");
    let left = files.flatten().flat_map(|folder| std::fs::read_dir(folder.path()).into_iter().flatten()).count();
    assert_eq!(left, 0, "no bytes are left");
}

#[tokio::test]
async fn pictures_of_work_are_ones_own_to_show_and_to_take_away() {
    let world = World::start().await;
    let (ana, tunde) = (Stranger::new(&world, "Ana").await, Stranger::new(&world, "Tunde").await);
    let doors = tunde.upload("doors.png", picture(40, 30)).await.body["data"]["id"].clone();
    let stairs = tunde.upload("stairs.png", picture(30, 40)).await.body["data"]["id"].clone();
    let sheet = tunde.upload("sheet.pdf", b"%PDF-1.7 a".to_vec()).await.body["data"]["id"].clone();
    let put = async |who: &Stranger, key: &str, body: Value| {
        let answer = who.ask(Method::PUT, &format!("/api/user/works/{key}"), Some(body), &[]).await;
        (answer.status, answer.body)
    };
    let works = async |who: &Stranger| -> Vec<(Value, Value)> {
        let list = who.get(&format!("/api/users/{}/works", tunde.id)).await.body["data"].clone();
        list.as_array().expect("a list").iter().map(|work| (work["key"].clone(), work["title"].clone())).collect()
    };
    // Somebody else's picture is nobody's to show, nor is what is none.
    for (who, file) in [(&ana, &doors), (&tunde, &sheet), (&tunde, &json!(999_999))] {
        let (status, body) = put(who, "k1", json!({ "attachment_id": file })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    assert_eq!(
        put(&tunde, "k1", json!({ "title": "Doors" })).await.0,
        StatusCode::UNPROCESSABLE_ENTITY,
        "without a picture"
    );
    assert_eq!(put(&tunde, "K 1", json!({ "attachment_id": doors })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    put(&tunde, "k1", json!({ "attachment_id": doors, "title": " Iroko doors ", "position": 1 })).await;
    put(&tunde, "k2", json!({ "attachment_id": stairs, "position": 0 })).await;
    assert_eq!(works(&ana).await, [(json!("k2"), Value::Null), (json!("k1"), json!("Iroko doors"))]);
    assert_eq!(ana.download(&format!("/api/attachments/{doors}")).await.0, StatusCode::OK);
    let sent =
        tunde.post("/api/messages", json!({ "recipient_id": ana.id, "content": "", "attachments": [doors] })).await;
    assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "what is shown is not sent: {}", sent.body);
    // Its title may be changed without it, and twice is once.
    let (status, _) = put(&tunde, "k1", json!({ "title": "Doors", "position": 1 })).await;
    assert_eq!((status, works(&ana).await.len()), (StatusCode::OK, 2));
    let theirs = ana.ask(Method::DELETE, "/api/user/works/k1", None, &[]).await;
    assert_eq!((theirs.status, works(&ana).await.len()), (StatusCode::NOT_FOUND, 2));
    assert_eq!(tunde.ask(Method::DELETE, "/api/user/works/k1", None, &[]).await.status, StatusCode::OK);
    assert_eq!(ana.download(&format!("/api/attachments/{doors}")).await.0, StatusCode::NOT_FOUND);
    for n in 0..23 {
        let file = tunde.upload("one.png", picture(n + 1, 1)).await.body["data"]["id"].clone();
        assert_eq!(put(&tunde, &format!("n{n}"), json!({ "attachment_id": file })).await.0, StatusCode::OK);
    }
    let (status, body) = put(&tunde, "more", json!({ "attachment_id": doors })).await;
    assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("too_many")));
    let reviews = ana.get(&format!("/api/users/{}/reviews", tunde.id)).await;
    assert_eq!((reviews.status, reviews.body), (StatusCode::OK, json!({ "data": [] })));
    assert_eq!(ana.get("/api/users/999999/works").await.status, StatusCode::NOT_FOUND);
    assert_eq!(ana.get("/api/users/999999/reviews").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn people_come_page_by_page_and_a_bad_page_is_said_to_be_one() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    for n in 0..23 {
        patch(&Stranger::new(&world, &format!("Worker{n:02}")).await, json!({ "name": format!("Worker {n:02}") }))
            .await;
    }
    let first = ana.get("/api/users?q=worker").await.body;
    let next = first["next"].as_str().expect("there are more").to_owned();
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    let second = ana.get(&format!("/api/users?q=worker&after={next}")).await.body;
    let (first, more) = (first["data"].as_array().expect("a list"), second["data"].as_array().expect("a list"));
    let names: Vec<&str> = first.iter().chain(more).map(|row| row["name"].as_str().expect("a name")).collect();
    let expected: Vec<String> = (0..23).map(|n| format!("Worker {n:02}")).collect();
    assert_eq!((names, &second["next"]), (expected.iter().map(String::as_str).collect(), &Value::Null));
    assert_eq!(found(&ana, "artisans=1").await, [""; 0]);
    let bad = ana.get("/api/users?q=worker&after=x").await;
    assert_eq!((bad.status, bad.body["errors"]["after"].is_array()), (StatusCode::UNPROCESSABLE_ENTITY, true));
}

#[tokio::test]
async fn the_wire_is_what_it_was_to_the_letter() {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let tunde = Stranger::new(&world, "Tunde").await;
    tunde.send(&ana, "Hello").await;
    patch(&tunde, json!({ "trade": "Joiner" })).await;
    let mut story = Story::of(&ana);
    let said = json!({ "trade": "Potter", "place": "Enugu", "words": "Bowls.", "languages": ["Igbo"] });
    story.ask("profile_patched.json", Method::PATCH, "/api/user", Some(said)).await;
    story.get("profile.json", &format!("/api/users/{}", ana.id)).await;
    story.ask("profile_refused.json", Method::PATCH, "/api/user", Some(json!({ "trade": "x".repeat(61) }))).await;
    story.get("works.json", &format!("/api/users/{}/works", ana.id)).await;
    story.get("reviews.json", &format!("/api/users/{}/reviews", ana.id)).await;
    story.get("feed_of_profile.json", "/api/feed?after=0").await;
    story.end();
}

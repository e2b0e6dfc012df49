//! The document of the interface is made from the code, and says what is there.

use guildhall_testkit::World;
use serde_json::Value;

#[tokio::test]
async fn every_documented_address_exists_and_every_promised_one_is_documented() {
    let world = World::start().await;
    let document: Value =
        reqwest::get(format!("{}/openapi.json", world.url())).await.expect("an answer").json().await.expect("JSON");
    let mut documented: Vec<String> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().expect("methods").keys().map(move |m| format!("{} {path}", m.to_uppercase()))
        })
        .collect();
    documented.sort();
    // What there is was reviewed: `UPDATE=1` writes the list anew, and the review sees the difference.
    let file = &(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where") + "/fixtures/paths.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, documented.join("\n") + "\n").expect("written");
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let promised: Vec<&str> = kept.lines().collect();
    assert_eq!(documented, promised);
}

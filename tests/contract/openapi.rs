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
    let mut promised: Vec<&str> = "\
        GET /health|GET /api/time|POST /api/register|POST /api/login|POST /api/logout|GET /api/user|GET /api/tokens|\
        DELETE /api/tokens/{id}|GET /api/users|GET /api/users/{id}|POST /api/users/{id}/block|DELETE /api/users/{id}/block|\
        GET /api/feed|POST /api/messages|GET /api/messages/conversations|GET /api/messages/conversations/{userId}|\
        PATCH /api/messages/{id}/read|PUT /api/messages/{id}/read|POST /api/messages/read|POST /api/messages/delivered|\
        GET /api/messages/unread-count|DELETE /api/messages/{id}|GET /api/messages/search|POST /api/attachments|\
        GET /api/attachments/{id}|GET /api/notifications|GET /api/notifications/unread-count|PATCH /api/notifications/{id}/read|\
        PUT /api/notifications/{id}/read|POST /api/notifications/read-all|DELETE /api/notifications/{id}|\
        POST /broadcasting/auth|POST /api/broadcasting/auth|\
        POST /broadcasting/user-auth|POST /api/broadcasting/user-auth|GET /metrics|GET /api/admin/connections"
        .split('|')
        .collect();
    promised.sort_unstable();
    assert_eq!(documented, promised);
}

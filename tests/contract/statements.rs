//! What a request asks of the database does not grow with what there is: each has its number of statements, which no clock
//! and no machine changes.

use std::time::Duration;

use guildhall_testkit::World;
use serde_json::json;

use crate::stranger::Stranger;

/// Waits until nothing works in the background, and answers with the count.
async fn at_rest(world: &World) -> u64 {
    let mut before = world.server().statements();
    loop {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let now = world.server().statements();
        if std::mem::replace(&mut before, now) == now {
            return now;
        }
    }
}

async fn cost<T>(world: &World, work: impl Future<Output = T>) -> u64 {
    let before = at_rest(world).await;
    work.await;
    at_rest(world).await - before
}

/// What each thing costs somebody who has so many conversations.
async fn costs(conversations: usize) -> Vec<(&'static str, u64)> {
    let world = World::start().await;
    let ana = Stranger::new(&world, "Ana").await;
    let mut others = Vec::new();
    for n in 0..conversations {
        let other = Stranger::new(&world, &format!("Other{n}")).await;
        for text in ["one", "two", "three"] {
            other.send(&ana, &format!("{text} of {n}")).await;
        }
        others.push(other);
    }
    let other = &others[0];
    let thread = format!("/api/messages/conversations/{}", other.id);
    ana.get("/api/notifications").await;
    let mut costs = Vec::new();
    for path in [
        "/api/messages/conversations?per_page=100",
        &thread,
        "/api/messages/search?q=three",
        "/api/notifications",
        "/api/users?q=other",
        "/api/feed?after=0",
    ] {
        let name = if path == thread { "/api/messages/conversations/{id}" } else { path };
        // A test lives as long as its process.
        costs.push((&*Box::leak(name.to_owned().into_boxed_str()), cost(&world, ana.get(path)).await));
    }
    costs.push(("a message that begins a notice", cost(&world, ana.send(other, "an answer")).await));
    costs.push(("a message", cost(&world, other.send(&ana, "four")).await));
    let newest = ana.get(&thread).await.body["data"][0]["id"].clone();
    let read = json!({ "user_id": other.id, "up_to": newest });
    costs.push(("read", cost(&world, ana.post("/api/messages/read", read)).await));
    costs.push(("a message that begins a notice again", cost(&world, other.send(&ana, "five")).await));
    costs.push(("delivered", cost(&world, ana.post("/api/messages/delivered", json!({ "up_to": newest }))).await));
    costs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_asks_more_of_the_database_because_there_is_more() {
    let few = costs(2).await;
    assert_eq!(few, costs(30).await, "with two conversations, and with thirty");
    // The token is one of each.
    let expected = [
        ("/api/messages/conversations?per_page=100", 7),
        ("/api/messages/conversations/{id}", 5),
        ("/api/messages/search?q=three", 3),
        ("/api/notifications", 2),
        ("/api/users?q=other", 2),
        ("/api/feed?after=0", 3),
        ("a message that begins a notice", 11),
        ("a message", 9),
        ("read", 7),
        ("a message that begins a notice again", 11),
        ("delivered", 5),
    ];
    assert_eq!(few, expected);
}

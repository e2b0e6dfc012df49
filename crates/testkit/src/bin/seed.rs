//! Fills the cache of a profile with history, as if it had been fetched: `seed --data-dir DIR --messages 100000`. For
//! benchmarks of the window; the app must not run. The server of the profile knows nothing of these messages.

use std::{fs, path::PathBuf};

use clap::Parser;
use guildhall_cache::Cache;
use guildhall_contract::{
    conversations::{Conversation, ConversationKey},
    messages::MessageBody,
    wire_time::WireTime,
};
use guildhall_market::{
    ids::{MessageId, UserId},
    time::Timestamp,
};
use serde_json::{Value, json};

/// The same for any number of messages: what differs is how much is kept, not how much is shown.
const CONVERSATIONS: i64 = 50;
/// Far above what a demo market hands out.
const FIRST_PERSON: i64 = 1_000_000;
const FIRST_MESSAGE: i64 = 1_000_000;
/// Rows of one transaction, as the core takes them in.
const PAGE: usize = 500;
/// Between two messages; the last is of the moment.
const APART_MS: i64 = 1_000;

#[derive(Parser)]
struct Arguments {
    /// The data folder of an app in which somebody was signed in.
    #[arg(long)]
    data_dir: PathBuf,
    /// How many messages to keep, over all conversations.
    #[arg(long)]
    messages: i64,
}

fn message(me: UserId, n: i64, of: i64, now_ms: i64) -> MessageBody {
    let other = FIRST_PERSON + n % CONVERSATIONS;
    let (from, to) = if n / CONVERSATIONS % 2 == 0 { (other, me.0) } else { (me.0, other) };
    let at = WireTime(Timestamp(now_ms - (of - n) * APART_MS));
    let party = |id: i64| json!({"id": id, "name": format!("Person {id}"), "avatar": null, "craft": null});
    let text = format!("Message {n}: the doors are hung, the hinges oiled, and the varnish wants another day to dry.");
    let body = json!({
        "id": FIRST_MESSAGE + n, "sender_id": from, "recipient_id": to, "content": text, "message_type": "text", "job_id": null,
        "attachments": [], "is_read": true, "created_at": at, "sender": party(from), "from_user_id": from, "to_user_id": to,
        "domain_id": null, "body": text, "from_user": party(from), "domain": null, "recipient": party(to), "written_at": at,
        "delivered_at": at, "read_at": at, "deleted_at": null
    });
    serde_json::from_value(body).expect("as a server writes it")
}

#[tokio::main]
async fn main() {
    let Arguments { data_dir, messages } = Arguments::parse();
    let profile: Value = fs::read_dir(data_dir.join("profiles"))
        .expect("a data folder of the app")
        .filter_map(|entry| serde_json::from_slice(&fs::read(entry.ok()?.path()).ok()?).ok())
        .find(|profile: &Value| profile["account"].is_object())
        .expect("somebody was signed in");
    let me = UserId(profile["account"]["user_id"].as_i64().expect("an account has a number"));
    let folder =
        data_dir.join("accounts").join(profile["account"]["folder"].as_str().expect("an account has a folder"));
    let (cache, _) = Cache::open(&folder).await.expect("the cache opens");
    let epoch = cache.epoch().await.expect("readable");
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let now_ms = i64::try_from(since.as_millis()).expect("before the year 292278994");
    let mut list: Vec<Conversation> = Vec::new();
    for person in 0..CONVERSATIONS {
        let key = ConversationKey::try_from((FIRST_PERSON + person).to_string()).expect("a key");
        // Newest first, as a server answers.
        let all: Vec<MessageBody> = (0..messages)
            .rev()
            .filter(|n| n % CONVERSATIONS == person)
            .map(|n| message(me, n, messages, now_ms))
            .collect();
        let Some(last) = all.first() else { continue };
        let user =
            json!({"id": FIRST_PERSON + person, "name": format!("Person {person}"), "avatar": null, "role": "member"});
        let row = json!({"user": user, "job_id": null, "domain_id": null, "last_message": last, "unread_count": 0});
        list.push(serde_json::from_value(row).expect("as a server writes it"));
        let mut before: Option<MessageId> = None;
        let pages = all.chunks(PAGE).count();
        for (n, page) in all.chunks(PAGE).enumerate() {
            cache
                .put_page(me, &key, page, before, n + 1 == pages, epoch)
                .await
                .expect("there is room")
                .expect("nobody loads anew meanwhile");
            before = page.last().map(|message| message.id);
        }
    }
    cache.put_conversations(me, &list, None).await.expect("there is room");
    cache.close().await;
    println!("{messages} messages in {} conversations", list.len());
}

//! What happens when the disk is full. A page limit stands in for the disk: SQLite reports both in the same way.

use guildhall_contract::conversations::ConversationKey;
use guildhall_market::time::Timestamp;

use crate::{
    Own, StoreError,
    own::{NewEntry, NewFile},
};

fn key() -> ConversationKey {
    ConversationKey::try_from("2".to_owned()).expect("a key")
}

async fn pages(own: &Own) -> i64 {
    sqlx::query_scalar("pragma page_count")
        .fetch_one(&mut *own.write().await.expect("a connection"))
        .await
        .expect("a count")
}

/// The limit is the connection's: it is set again when that may be a new one.
async fn limit(own: &Own, pages: i64) {
    let sql = sqlx::AssertSqlSafe(format!("pragma max_page_count = {pages}"));
    sqlx::query(sql).execute(&mut *own.write().await.expect("a connection")).await.expect("a limit");
}

#[tokio::test]
async fn a_full_disk_is_said_so_and_what_was_there_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = Own::open(folder.path()).await.expect("it opens");
    let entry = |n: usize| NewEntry {
        key: format!("k{n}"),
        conversation: key(),
        body: "x".repeat(1_000),
        written_at: Timestamp(1),
    };
    own.accept(&entry(0)).await.expect("there is room");
    own.set_draft(&key(), "before", Timestamp(1)).await.expect("there is room");
    let room = pages(&own).await + 2;
    limit(&own, room).await;

    let file = NewFile {
        local_id: "f".into(),
        upload_key: "u".into(),
        conversation: key(),
        name: "f.png".into(),
        mime: "image/png".into(),
        bytes: vec![1; 100_000],
        keep_location: false,
    };
    assert!(matches!(own.add_file(&file).await, Err(StoreError::Full)));
    assert!(own.chosen_files(&key()).await.expect("reads go on").is_empty(), "nothing is half there");

    let mut accepted = 1;
    let refused = loop {
        limit(&own, room).await;
        match own.accept(&entry(accepted)).await {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Full), "{refused}");
    assert_eq!(own.entries(&key()).await.expect("reads go on").len(), accepted);

    limit(&own, room + 1_000).await;
    own.accept(&entry(accepted)).await.expect("there is room again");
    own.close().await;
    let own = Own::open(folder.path()).await.expect("it opens");
    assert_eq!(own.entries(&key()).await.expect("all are there").len(), accepted + 1);
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = Own::open(folder.path()).await.expect("it opens");
    {
        let mut tx = own.begin().await.expect("a transaction");
        sqlx::query("insert into drafts (conversation, body, changed_at_ms) values ('2', 'x', 1)")
            .execute(&mut *tx)
            .await
            .expect("a row");
    }
    assert_eq!(own.draft(&key()).await.expect("reads go on"), None);
}

//! The ledger of notices: bounded, without words, and with what became of a notice later.

use guildhall_cache::{Own, own::Told};
use guildhall_market::time::Timestamp;

fn told(n: i64, target: &str, outcome: &str) -> Told {
    Told {
        at: Timestamp(n),
        event: "message.sent".into(),
        subject: format!("message {n}"),
        target: target.into(),
        outcome: outcome.into(),
    }
}

#[tokio::test]
async fn the_ledger_keeps_the_newest_thousand_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::open(folder.path()).await.unwrap();
    own.note_told(&(1..=1_500).map(|n| told(n, "2", "quiet")).collect::<Vec<_>>()).await.unwrap();
    own.note_told(&[told(1_501, "2", "system")]).await.unwrap();
    let rows = own.ledger(None, 5_000).await.unwrap();
    assert_eq!((rows.len(), rows[0].at, rows[999].at), (1_000, Timestamp(1_501), Timestamp(502)));
    let before = own.ledger(Some(rows[0].id), 1).await.unwrap();
    assert_eq!(before[0].at, Timestamp(1_500));
}

#[tokio::test]
async fn only_the_notice_that_is_shown_is_taken_back_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let own = Own::open(folder.path()).await.unwrap();
    own.note_told(&[told(1, "2", "system"), told(2, "3", "system"), told(3, "2", "system"), told(4, "2", "in_view")])
        .await
        .unwrap();
    own.note_taken_back("2", "read", Timestamp(9)).await.unwrap();
    own.note_taken_back("2", "deleted", Timestamp(10)).await.unwrap();
    own.note_outcome("message 2", "no_service").await.unwrap();
    let rows = own.ledger(None, 10).await.unwrap();
    let seen: Vec<_> = rows.iter().rev().map(|row| (row.outcome.as_str(), row.taken_back.as_deref())).collect();
    assert_eq!(seen, [("system", None), ("no_service", None), ("system", Some("read")), ("in_view", None)]);
}

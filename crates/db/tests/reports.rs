//! What is frozen for a report is kept as long as it may be decided and answered, whatever becomes of the thing itself, and
//! forgotten long after; on both engines.

#[path = "support/postgres.rs"]
mod postgres;

use std::sync::Arc;

use guildhall_db::{
    Committed, Db, DbError,
    attachments::{self, NewAttachment},
    messages, people,
    reports::{self, File, NewReport},
};
use guildhall_market::{
    ids::{AttachmentId, MessageId, UserId},
    messages::Subject,
    reports::{EVIDENCE_KEPT_MS, State, Thing},
    time::{DAY_MS, Timestamp},
};

const NOW: Timestamp = Timestamp(1_763_856_000_000);
const HASH: &str = "0123456789abcdef";

macro_rules! command {
    ($db:expr, |$c:ident| $work:expr) => {{
        let done: Result<_, DbError> =
            $db.write(move |$c| Box::pin(async move { $work.await.map(Committed::quiet) })).await;
        done.expect("carried out")
    }};
}

async fn check(url: String) {
    let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
    for name in ["ana", "bruno"] {
        let new = people::NewUser {
            email: format!("{name}@example.com"),
            name: name.into(),
            password_hash: "hash".into(),
            role: "member",
            craft: None,
        };
        let made = db.write::<UserId, people::CreateError, _>(move |c| {
            Box::pin(async move { people::create(c, &new, NOW).await.map(Committed::quiet) })
        });
        made.await.expect("an account");
    }
    let (ana, bruno) = (UserId(1), UserId(2));
    let new = messages::NewMessage {
        sender: bruno,
        recipient: ana,
        subject: Subject::None,
        body: "words".into(),
        message_type: "text".into(),
        client_key: None,
        written_at: None,
    };
    let message: MessageId = command!(db, |c| messages::insert(c, &new, NOW));
    let file = NewAttachment {
        owner: bruno,
        name: "a.pdf".into(),
        mime: "application/pdf",
        size_bytes: 3,
        sha256: HASH.into(),
    };
    let id: AttachmentId = command!(db, |c| attachments::insert(c, &file, NOW));
    command!(db, |c| attachments::bind(c, id, bruno, message, 0));
    let report = command!(db, |c| async {
        let files = [File { name: "a.pdf".into(), mime: "application/pdf".into(), size_bytes: 3, sha256: HASH.into() }];
        let new = NewReport {
            reporter: ana,
            thing: (Thing::Message, message.0),
            concerned: bruno,
            words: "w",
            evidence: "{}",
            files: &files,
        };
        reports::add(c, &new, NOW).await
    })
    .expect("the first one");
    // The message and its sealed copy are gone: the file lies there still.
    command!(db, |c| messages::delete(c, message, NOW));
    let late = NOW.plus_ms(1_000 * DAY_MS);
    let (gone, unused) = command!(db, |c| messages::purge_sealed(c, late, 10));
    assert_eq!((gone, unused), (1, Vec::new()), "frozen with the report");
    let far = NOW.plus_ms(3_000 * DAY_MS);
    assert_eq!(command!(db, |c| reports::forget_evidence(c, far, 10)).0, 0, "nobody decided yet");
    command!(db, |c| reports::decide(c, report, ana, (State::Decided, "warn", "why"), NOW));
    assert_eq!(command!(db, |c| reports::forget_evidence(c, far, 10)).0, 0, "it may be answered");
    command!(db, |c| reports::answer(c, report, State::Answered, "no", NOW));
    command!(db, |c| reports::close(c, report, State::Upheld, "yes", NOW));
    let before = NOW.plus_ms(EVIDENCE_KEPT_MS - 1);
    assert_eq!(command!(db, |c| reports::forget_evidence(c, before, 10)).0, 0, "a millisecond too early");
    let then = NOW.plus_ms(EVIDENCE_KEPT_MS);
    assert_eq!(command!(db, |c| reports::forget_evidence(c, then, 10)), (1, vec![HASH.to_owned()]));
    let kept = command!(db, |c| reports::hold(c, report)).expect("the report itself stays");
    assert_eq!((kept.evidence.as_str(), kept.state), ("", State::Upheld));
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_frozen_outlives_the_thing_on_sqlite() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    check(format!("sqlite:{}", folder.path().join("hall.sqlite").display())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_frozen_outlives_the_thing_on_postgresql() {
    let server = postgres::Postgres::start();
    check(server.database("reports")).await;
}

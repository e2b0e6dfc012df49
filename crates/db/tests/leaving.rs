//! Suspension and the end of an account, on both engines: what goes, what stays, and what a person may take along before.

#[path = "support/postgres.rs"]
mod postgres;

use std::sync::Arc;

use guildhall_db::{
    Committed, Db, DbError,
    attachments::{self, NewAttachment},
    departures, messages, people,
    reports::{self, NewReport},
    suspensions, tokens,
};
use guildhall_market::{
    ids::{AttachmentId, MessageId, UserId},
    messages::Subject,
    reports::{State, Thing},
    time::Timestamp,
};

const NOW: Timestamp = Timestamp(1_763_856_000_000);
const LATER: Timestamp = Timestamp(1_763_856_001_000);

macro_rules! command {
    ($db:expr, |$c:ident| $work:expr) => {{
        let done: Result<_, DbError> =
            $db.write(move |$c| Box::pin(async move { $work.await.map(Committed::quiet) })).await;
        done.expect("carried out")
    }};
}

async fn person(db: &Db, name: &str, role: &'static str) -> UserId {
    let new = people::NewUser {
        email: format!("{name}@example.com"),
        name: name.into(),
        password_hash: format!("hash of {name}"),
        role,
        craft: Some("Joiner".into()),
    };
    let made = db.write::<UserId, people::CreateError, _>(move |c| {
        Box::pin(async move { people::create(c, &new, NOW).await.map(Committed::quiet) })
    });
    made.await.expect("an account")
}

async fn write(db: &Db, sender: UserId, recipient: UserId, body: &str) -> MessageId {
    let new = messages::NewMessage {
        sender,
        recipient,
        subject: Subject::None,
        body: body.into(),
        message_type: "text".into(),
        client_key: None,
        written_at: None,
    };
    command!(db, |c| messages::insert(c, &new, NOW))
}

async fn suspended(db: &Db, ana: UserId, boss: UserId) {
    command!(db, |c| tokens::create(c, ana, "hash", "Phone", NOW));
    assert_eq!(command!(db, |c| suspensions::hold_administrators(c)), [boss]);
    let id = command!(db, |c| suspensions::begin(c, ana, Some(boss), "why", Some(7), NOW));
    assert_eq!(command!(db, |c| suspensions::end_tokens(c, ana, NOW)), 1);
    let standing = command!(db, |c| suspensions::standing(c, ana)).expect("it stands");
    assert_eq!((standing.id, standing.reason.as_str(), standing.report_id), (id, "why", Some(7)));
    let told = people::get(&mut db.read().await.expect("a connection"), ana).await.expect("read").expect("there");
    assert_eq!(told.suspended_at_ms, Some(NOW.0));
    assert!(command!(db, |c| suspensions::answer(c, id, "no", LATER)));
    assert!(!command!(db, |c| suspensions::answer(c, id, "again", LATER)), "once");
    command!(db, |c| suspensions::lift(c, ana, "over", LATER));
    assert!(command!(db, |c| suspensions::standing(c, ana)).is_none());
    let all = command!(db, |c| suspensions::list(c, ana));
    assert_eq!((all.len(), all[0].answer.as_deref(), all[0].lift_reason.as_deref()), (1, Some("no"), Some("over")));
}

async fn reported(db: &Db, ana: UserId, bruno: UserId, boss: UserId) {
    let mut ids = Vec::new();
    for (reporter, thing) in [(ana, (Thing::Profile, bruno.0)), (bruno, (Thing::Profile, ana.0))] {
        let concerned = UserId(thing.1);
        let id = command!(db, |c| async {
            let new = NewReport { reporter, thing, concerned, words: "w", evidence: "{}", files: &[] };
            let first = reports::add(c, &new, NOW).await?;
            assert_eq!(reports::add(c, &new, LATER).await?, None, "each once");
            Ok(first)
        });
        ids.push(id.expect("the first one"));
    }
    // Numbers that were drawn for nothing are none: they need not follow each other.
    let (first, second) = (ids[0], ids[1]);
    assert_eq!(command!(db, |c| reports::made_since(c, ana, NOW.plus_ms(-1))), 1);
    assert_eq!(command!(db, |c| reports::made_since(c, ana, NOW)), 0);
    assert_eq!(command!(db, |c| reports::counts(c)), [("open".to_owned(), 2)]);
    assert_eq!(command!(db, |c| reports::list(c, Some(State::Open), None, 10)).len(), 2);
    assert_eq!(command!(db, |c| reports::list(c, Some(State::Decided), None, 10)).len(), 0);
    assert_eq!(command!(db, |c| reports::list(c, None, Some(second), 10)).len(), 1);
    assert_eq!(command!(db, |c| reports::of(c, ana, 0, 10)).len(), 1, "what is open is nobody's whom it is about");
    command!(db, |c| reports::decide(c, second, boss, (State::Dismissed, "", "no"), LATER));
    assert_eq!(command!(db, |c| reports::of(c, ana, 0, 10)).len(), 1);
    command!(db, |c| reports::decide(c, first, boss, (State::Decided, "warn", "yes"), LATER));
    assert_eq!(command!(db, |c| reports::of(c, bruno, 0, 10)).len(), 2);
    assert_eq!(command!(db, |c| reports::hold(c, second)).expect("there").closed_at_ms, Some(LATER.0));
    assert_eq!(command!(db, |c| reports::hold(c, first)).expect("there").closed_at_ms, None, "it may be answered");
}

async fn check(url: String) {
    let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
    let (boss, ana) = (person(&db, "boss", "admin").await, person(&db, "ana", "member").await);
    let (bruno, lena) = (person(&db, "bruno", "member").await, person(&db, "lena", "member").await);
    suspended(&db, ana, boss).await;
    reported(&db, ana, bruno, boss).await;
    let mine = write(&db, ana, bruno, "one").await;
    write(&db, lena, ana, "two").await;
    write(&db, lena, bruno, "not hers").await;
    for (owner, message, hash) in [(ana, Some(mine), "aa"), (ana, None, "bb")] {
        let file =
            NewAttachment { owner, name: "a.pdf".into(), mime: "application/pdf", size_bytes: 3, sha256: hash.into() };
        let id: AttachmentId = command!(db, |c| attachments::insert(c, &file, NOW));
        if let Some(message) = message {
            command!(db, |c| attachments::bind(c, id, owner, message, 0));
        }
    }
    command!(db, |c| people::set_block(c, ana, lena, true, NOW));
    command!(db, |c| people::set_block(c, bruno, ana, true, NOW));
    assert_eq!(command!(db, |c| departures::acquaintances(c, ana)), [bruno, lena]);
    assert_eq!(command!(db, |c| departures::blocked(c, ana)).iter().map(|one| one.id).collect::<Vec<_>>(), [lena.0]);
    let first = command!(db, |c| departures::messages(c, ana, 0, 1));
    assert_eq!((first[0].body.as_str(), first[0].recipient_name.as_str()), ("one", "bruno"));
    let after = first[0].id;
    let rest = command!(db, |c| departures::messages(c, ana, after, 10));
    assert_eq!(rest.iter().map(|row| row.body.as_str()).collect::<Vec<_>>(), ["two"]);
    assert_eq!(command!(db, |c| departures::files(c, ana, 0, 10)).len(), 1, "what was not sent is no file yet");
    assert_eq!(command!(db, |c| departures::password_of(c, ana)).as_deref(), Some("hash of ana"));

    assert_eq!(command!(db, |c| departures::erase(c, ana)), ["bb"]);
    assert!(command!(db, |c| departures::delete(c, ana, LATER)));
    assert!(!command!(db, |c| departures::delete(c, ana, LATER)), "once");
    let mut c = db.read().await.expect("a connection");
    let gone = people::get(&mut c, ana).await.expect("read").expect("the id stays");
    assert_eq!((gone.shown_name(), gone.craft.as_deref(), gone.deleted_at_ms), ("Deleted user", None, Some(LATER.0)));
    assert!(people::credentials(&mut c, "ana@example.com").await.expect("read").is_none());
    assert!(departures::password_of(&mut c, ana).await.expect("read").is_none());
    assert!(people::search_all(&mut c, "ana", 10).await.expect("read").is_empty());
    assert_eq!(people::blocks_between(&mut c, bruno, ana).await.expect("read"), (false, false));
    let kept = messages::get(&mut c, mine).await.expect("read").expect("what was said stays");
    assert_eq!((kept.body.as_str(), kept.sender_id), ("one", ana));
    assert_eq!(attachments::of_messages(&mut c, &[mine]).await.expect("read").len(), 1);
    drop(c);
    assert_ne!(person(&db, "ana", "member").await, ana, "the address is free");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_and_what_stays_on_sqlite() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    check(format!("sqlite:{}", folder.path().join("hall.sqlite").display())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_and_what_stays_on_postgresql() {
    let server = postgres::Postgres::start();
    check(server.database("leaving")).await;
}

//! Every query of this room, run on SQLite and on a real PostgreSQL. Both engines pass the same suite.

#[path = "support/postgres.rs"]
mod postgres;

use std::sync::{Arc, LazyLock, Mutex, Weak};

use guildhall_db::{
    Committed, Db, DbError, Engine, attachments, codes, conversations, deadlines, email_changes, feed,
    idempotency::{self, Keep},
    mail_preferences, mails, messages, notifications, people, settings, sign_ins, tokens, two_steps, verifications,
};
use guildhall_market::{
    codes::{Carrier, Purpose},
    email_changes::UNDO_MS,
    ids::{JobId, MessageId, NotificationId, UserId},
    messages::Subject,
    time::Timestamp,
    two_step,
    verification::{Kind, Standing, State},
};

const NOW: Timestamp = Timestamp(1_763_856_000_000);

/// Events that left: name and number.
type Left = Vec<(String, Option<i64>)>;

struct Opened {
    db: Db,
    left: Arc<Mutex<Left>>,
    _folder: tempfile::TempDir,
    _server: Option<Arc<postgres::Postgres>>,
}

/// One server for all tests of this file, gone with the last of them.
static SERVER: LazyLock<Mutex<Weak<postgres::Postgres>>> = LazyLock::new(Mutex::default);

async fn open(engine: Engine, name: &str) -> Opened {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (server, url) = match engine {
        Engine::Sqlite => (None, format!("sqlite:{}", folder.path().join("hall.sqlite").display())),
        Engine::Postgres => {
            let mut slot = SERVER.lock().expect("no test panics while it starts the server");
            let server = slot.upgrade().unwrap_or_else(|| Arc::new(postgres::Postgres::start()));
            *slot = Arc::downgrade(&server);
            let url = server.database(name);
            (Some(server), url)
        }
    };
    let left = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&left);
    let hook = Arc::new(move |events: Vec<guildhall_db::Outgoing>| {
        seen.lock().expect("the hook does not panic").extend(events.into_iter().map(|e| (e.event, e.seq)));
    });
    let db = Db::open(&url, hook).await.expect("a fresh database opens");
    Opened { db, left, _folder: folder, _server: server }
}

async fn person(db: &Db, name: &'static str) -> UserId {
    db.write(move |c| {
        Box::pin(async move {
            let new = people::NewUser {
                email: format!("{name}@example.com"),
                name: name.into(),
                password_hash: "hash".into(),
                role: "member",
                craft: (name == "tunde").then(|| "Joiner".to_owned()),
            };
            people::create(c, &new, NOW).await.map(Committed::quiet)
        })
    })
    .await
    .unwrap_or_else(|e| panic!("{name}: {e}"))
}

async fn write_message(db: &Db, sender: UserId, recipient: UserId, subject: Subject, body: &str, at: i64) -> MessageId {
    let new = messages::NewMessage {
        sender,
        recipient,
        subject,
        body: body.into(),
        message_type: "text".into(),
        client_key: Some(format!("key-{body}")),
        written_at: None,
    };
    db.write::<_, DbError, _>(move |c| {
        Box::pin(async move { messages::insert(c, &new, Timestamp(NOW.0 + at)).await.map(Committed::quiet) })
    })
    .await
    .expect("a message is stored")
}

/// Runs a command without events.
macro_rules! command {
    ($db:expr, |$c:ident| $work:expr) => {
        $db.write::<_, DbError, _>(move |$c| Box::pin(async move { $work.await.map(Committed::quiet) }))
            .await
            .expect("the command is carried out")
    };
}

/// Declares each test once and runs it on both engines.
macro_rules! on_both_engines {
    ($($name:ident)*) => {
        mod sqlite { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            super::$name(super::open(guildhall_db::Engine::Sqlite, stringify!($name)).await).await;
        })* }
        mod postgresql { $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
            super::$name(super::open(guildhall_db::Engine::Postgres, stringify!($name)).await).await;
        })* }
    };
}

on_both_engines! {
    what_cannot_be_read_is_told_with_its_row
    accounts_are_found_by_address_and_name
    tokens_are_listed_and_revoked
    conversations_are_one_for_each_person_and_subject
    reading_marks_count_once
    delivery_marks_answer_with_each_writer
    deleted_texts_are_gone_and_sealed
    messages_are_found_by_the_beginning_of_a_word
    two_people_are_found_in_order_with_their_blocks_and_what_they_write_is_as_it_is_read
    files_are_bound_once_and_seen_by_their_two_people
    files_are_counted_and_swept
    what_was_told_can_be_retold
    a_notice_is_taken_back_with_its_words
    notices_are_made_once_for_each_version
    feeds_are_dense_and_their_events_leave_after_the_commit
    many_events_are_numbered_at_once_in_each_feed
    a_refused_command_leaves_nothing_and_spoils_nothing
    parts_of_one_command_fail_by_themselves
    keys_are_remembered_with_their_first_answer
    commands_of_the_same_moment_all_get_in
    old_rows_are_pruned_and_the_oldest_number_moves
    feeds_are_forgotten_in_chunks_without_holes
    deadlines_are_kept_one_for_each_subject_and_taken_once
    settings_keep_their_first_value
    letters_wait_are_tried_given_up_and_forgotten
    codes_are_one_for_each_address_and_their_tries_are_counted
    verifications_stand_as_they_were_put
    addresses_are_taken_back_with_all_that_came_after
    letters_that_one_may_do_without_tell_of_what_is_unread_once
    two_step_sign_in_stands_as_it_was_put_and_its_codes_are_used_once
    places_are_new_once
}

async fn accounts_are_found_by_address_and_name(o: Opened) {
    let (ana, tunde) = (person(&o.db, "ana").await, person(&o.db, "tunde").await);
    let mut c = o.db.read().await.expect("a connection");
    let taken =
        o.db.write(|c| {
            Box::pin(async move {
                let new = people::NewUser {
                    email: "ana@example.com".into(),
                    name: "Other".into(),
                    password_hash: String::new(),
                    role: "member",
                    craft: None,
                };
                people::create(c, &new, NOW).await.map(Committed::quiet)
            })
        })
        .await;
    assert!(matches!(taken, Err(people::CreateError::EmailTaken)), "{taken:?}");
    assert_eq!(people::credentials(&mut c, "ana@example.com").await.expect("read"), Some((ana.0, "hash".into())));
    assert_eq!(people::credentials(&mut c, "nobody@example.com").await.expect("read"), None);
    person(&o.db, "Ṣadé").await;
    assert_eq!(people::count(&mut c).await.expect("read"), 3);
    command!(o.db, |c| people::set_block(c, ana, tunde, true, NOW));
    command!(o.db, |c| people::set_block(c, ana, tunde, true, NOW));
    assert_eq!(people::blocks_between(&mut c, ana, tunde).await.expect("read"), (true, false));
    assert_eq!(people::blocks_between(&mut c, tunde, ana).await.expect("read"), (false, true));
    command!(o.db, |c| people::set_block(c, ana, tunde, false, NOW));
    assert_eq!(people::blocks_between(&mut c, ana, tunde).await.expect("read"), (false, false));
    command!(o.db, |c| people::seen(c, ana, NOW));
    command!(o.db, |c| people::set_suspended(c, ana, Some(NOW)));
    let stored = people::get(&mut c, ana).await.expect("read").expect("ana");
    assert_eq!((stored.last_seen_at_ms, stored.suspended_at_ms), (Some(NOW.0), Some(NOW.0)));
}

async fn tokens_are_listed_and_revoked(o: Opened) {
    let (ana, tunde) = (person(&o.db, "ana").await, person(&o.db, "tunde").await);
    let first = command!(o.db, |c| tokens::create(c, ana, "h1", "Laptop", NOW));
    let second = command!(o.db, |c| tokens::create(c, ana, "h2", "Phone", NOW));
    let mut c = o.db.read().await.expect("a connection");
    assert_eq!(
        tokens::list(&mut c, ana).await.expect("read").iter().map(|t| t.id).collect::<Vec<_>>(),
        [second, first]
    );
    assert!(!command!(o.db, |c| tokens::revoke(c, tunde, first, NOW)), "nobody revokes another's token");
    assert!(command!(o.db, |c| people::is_signed_in(c, ana, first)));
    assert!(!command!(o.db, |c| people::is_signed_in(c, tunde, first)), "with a token of their own");
    assert!(command!(o.db, |c| tokens::revoke(c, ana, first, NOW)));
    assert!(!command!(o.db, |c| tokens::revoke(c, ana, first, NOW)));
    assert!(!command!(o.db, |c| people::is_signed_in(c, ana, first)));
    for (token, stands) in [(Some(first), false), (Some(second), true), (None, false)] {
        let two = command!(o.db, |c| people::two(c, (ana, token), tunde));
        assert_eq!(two.signed_in, stands, "{token:?}");
        assert!(!command!(o.db, |c| people::two(c, (tunde, token), ana)).signed_in);
    }
    assert!(tokens::bearer(&mut c, first).await.expect("read").is_none());
    command!(o.db, |c| tokens::used(c, second, "192.0.2.1", NOW));
    let bearer = tokens::bearer(&mut c, second).await.expect("read").expect("it stands");
    assert_eq!((bearer.user_id, bearer.secret_hash.as_str(), bearer.last_used_at_ms), (ana, "h2", Some(NOW.0)));
}

async fn conversations_are_one_for_each_person_and_subject(o: Opened) {
    let (ana, tunde, lena) = (person(&o.db, "ana").await, person(&o.db, "tunde").await, person(&o.db, "lena").await);
    let job = Subject::Job(JobId(5));
    write_message(&o.db, ana, tunde, Subject::None, "one", 1).await;
    let two = write_message(&o.db, tunde, ana, Subject::None, "two", 2).await;
    let three = write_message(&o.db, tunde, ana, job, "three", 3).await;
    let four = write_message(&o.db, lena, ana, Subject::None, "four", 4).await;
    let mut c = o.db.read().await.expect("a connection");
    let rows = conversations::list(&mut c, ana, 0, 20).await.expect("read");
    let shown: Vec<_> = rows.iter().map(|r| (r.other_id, r.subject, r.last_message_id, r.unread)).collect();
    assert_eq!(shown, [(lena, Subject::None, four, 1), (tunde, job, three, 1), (tunde, Subject::None, two, 1)]);
    assert_eq!(conversations::count(&mut c, ana).await.expect("read"), 3);
    assert_eq!(conversations::list(&mut c, ana, 1, 1).await.expect("read")[0].last_message_id, three);
    assert_eq!(conversations::partners(&mut c, ana).await.expect("read"), [lena, tunde]);
    assert!(conversations::exists(&mut c, ana, lena).await.expect("read"));
    assert!(!conversations::exists(&mut c, tunde, lena).await.expect("read"));
    let page = messages::between(&mut c, (ana, tunde), Subject::None, None, 0, 10).await.expect("read");
    assert_eq!(page.iter().map(|m| m.body.as_str()).collect::<Vec<_>>(), ["two", "one"]);
    assert_eq!((page[0].sender_name.as_str(), page[0].sender_craft.as_deref()), ("tunde", Some("Joiner")));
    let older = messages::between(&mut c, (ana, tunde), Subject::None, Some(two), 0, 10).await.expect("read");
    assert_eq!(older.iter().map(|m| m.body.as_str()).collect::<Vec<_>>(), ["one"]);
    assert_eq!(conversations::count_messages(&mut c, ana, tunde, Subject::None).await.expect("read"), 2);
    assert_eq!(messages::get_many(&mut c, &[two, four]).await.expect("read").len(), 2);
}

async fn reading_marks_count_once(o: Opened) {
    let (ana, tunde) = (person(&o.db, "ana").await, person(&o.db, "tunde").await);
    let first = write_message(&o.db, ana, tunde, Subject::None, "a", 1).await;
    let second = write_message(&o.db, ana, tunde, Subject::None, "b", 2).await;
    let mut c = o.db.read().await.expect("a connection");
    assert_eq!(messages::unread_count(&mut c, tunde).await.expect("read"), 2);
    assert!(command!(o.db, |c| messages::mark_read(c, first, NOW)));
    assert!(!command!(o.db, |c| messages::mark_read(c, first, NOW)));
    assert_eq!(
        command!(o.db, |c| messages::mark_read_up_to(c, (tunde, ana), Subject::None, second, NOW)),
        Some(second)
    );
    assert_eq!(command!(o.db, |c| messages::mark_read_up_to(c, (tunde, ana), Subject::None, second, NOW)), None);
    assert_eq!(messages::unread_count(&mut c, tunde).await.expect("read"), 0);
}

async fn delivery_marks_answer_with_each_writer(o: Opened) {
    let (ana, tunde, lena) = (person(&o.db, "ana").await, person(&o.db, "tunde").await, person(&o.db, "lena").await);
    write_message(&o.db, ana, lena, Subject::None, "a", 1).await;
    let b = write_message(&o.db, ana, lena, Subject::None, "b", 2).await;
    let d = write_message(&o.db, tunde, lena, Subject::None, "c", 3).await;
    assert_eq!(command!(o.db, |c| messages::mark_delivered_up_to(c, lena, d, NOW)), [(ana, b), (tunde, d)]);
    assert_eq!(command!(o.db, |c| messages::mark_delivered_up_to(c, lena, d, NOW)), []);
}

async fn deleted_texts_are_gone_and_sealed(o: Opened) {
    let (ana, tunde) = (person(&o.db, "ana").await, person(&o.db, "tunde").await);
    let id = write_message(&o.db, ana, tunde, Subject::None, "secret", 1).await;
    command!(o.db, |c| messages::delete(c, id, NOW));
    let mut c = o.db.read().await.expect("a connection");
    let stored = messages::get(&mut c, id).await.expect("read").expect("a trace stays");
    assert_eq!((stored.body.as_str(), stored.deleted_at_ms), ("", Some(NOW.0)));
    assert_eq!(messages::unread_count(&mut c, tunde).await.expect("read"), 0);
    let none = Vec::<String>::new();
    assert_eq!(command!(o.db, |c| messages::purge_sealed(c, NOW, 10)), (0, none.clone()));
    assert_eq!(command!(o.db, |c| messages::purge_sealed(c, NOW.plus_ms(180 * 86_400_000), 10)), (1, none));
}

async fn two_people_are_found_in_order_with_their_blocks_and_what_they_write_is_as_it_is_read(o: Opened) {
    let (ana, tunde, lena) = (person(&o.db, "ana").await, person(&o.db, "tunde").await, person(&o.db, "lena").await);
    let mut c = o.db.read().await.expect("a connection");
    let two = async |c: &mut _, a, b| {
        let found = people::two(c, (a, None), b).await.expect("read");
        (found.first.map(|user| user.name), found.second.map(|user| user.name), found.blocked)
    };
    let (a, t) = (Some("ana".to_owned()), Some("tunde".to_owned()));
    assert_eq!(two(&mut c, ana, tunde).await, (a.clone(), t.clone(), false));
    assert_eq!(two(&mut c, tunde, ana).await, (t.clone(), a.clone(), false));
    assert_eq!(two(&mut c, UserId(99), tunde).await, (None, t.clone(), false));
    assert_eq!(two(&mut c, tunde, UserId(99)).await, (t.clone(), None, false));
    command!(o.db, |c| people::set_block(c, tunde, ana, true, NOW));
    command!(o.db, |c| people::set_block(c, lena, tunde, true, NOW));
    assert_eq!(two(&mut c, ana, tunde).await, (a.clone(), t.clone(), true), "whoever of the two blocks");
    assert_eq!(two(&mut c, tunde, ana).await, (t, a, true));
    assert!(!people::two(&mut c, (ana, None), lena).await.expect("read").blocked, "others do not count");
    for (kind, state, proved) in [
        (Kind::Phone, State::Verified, false),
        (Kind::Email, State::Pending, false),
        (Kind::Email, State::Verified, true),
    ] {
        let put = verifications::Put { user: ana, kind, slot: "", value: "v", state, reason: None };
        command!(o.db, |c| verifications::put(c, &put, NOW));
        assert_eq!(
            people::two(&mut c, (ana, None), lena).await.expect("read").first_proved,
            proved,
            "{kind:?} {state:?}"
        );
        assert!(!people::two(&mut c, (lena, None), ana).await.expect("read").first_proved, "the other's says nothing");
    }
    for (key, written_at) in [(Some("k".to_owned()), Some(Timestamp(7))), (None, None)] {
        for subject in [Subject::Job(JobId(5)), Subject::None] {
            let (body, message_type) = ("words".to_owned(), "text".to_owned());
            let (sender, recipient, client_key) = (tunde, ana, key.clone());
            let new = messages::NewMessage { sender, recipient, subject, body, message_type, client_key, written_at };
            let people::Two { first: me, second: other, .. } =
                people::two(&mut c, (tunde, None), ana).await.expect("read");
            let again = new.clone();
            let id = command!(o.db, |c| messages::insert(c, &new, NOW));
            let stored = again.stored(id, &me.expect("there"), &other.expect("there"), NOW);
            let read = messages::get(&mut c, id).await.expect("read").expect("there");
            assert_eq!(format!("{stored:?}"), format!("{read:?}"));
        }
    }
}

async fn messages_are_found_by_the_beginning_of_a_word(o: Opened) {
    let (ana, tunde, lena) = (person(&o.db, "ana").await, person(&o.db, "tunde").await, person(&o.db, "lena").await);
    let hit = write_message(&o.db, ana, tunde, Subject::None, "The iroko cabinets are ready", 1).await;
    write_message(&o.db, tunde, lena, Subject::None, "Other cabinets", 2).await;
    let mut c = o.db.read().await.expect("a connection");
    let engine = o.db.engine();
    let mut find = async |who: UserId, q: &str| -> Vec<i64> {
        messages::search(&mut c, engine, who, q, 10).await.expect(q).iter().map(|m| m.id.0).collect()
    };
    assert_eq!(find(ana, "iroko cab").await, [hit.0]);
    assert_eq!(find(lena, "iroko").await, [] as [i64; 0]);
    let tokyo = write_message(&o.db, ana, tunde, Subject::None, "明日東京タワーで", 3).await;
    let bangkok = write_message(&o.db, ana, tunde, Subject::None, "เจอกันที่กรุงเทพ", 4).await;
    let osun = write_message(&o.db, ana, tunde, Subject::None, "Ọ̀ṣun, STRASSE 12", 5).await;
    for (q, hit) in
        [("東京", tokyo), ("京タ", tokyo), ("กรุงเทพ", bangkok), ("osun", osun), ("Straße 1", osun), ("ọṣ", osun)]
    {
        assert_eq!(find(tunde, q).await, [hit.0], "{q}");
    }
    assert_eq!(find(tunde, "京東").await, [] as [i64; 0], "another order is another word");
    for q in ["", "*", "\"", "' or 1=1 --", "a & b | !", "NEAR(", "\u{0}"] {
        find(ana, q).await;
    }
    command!(o.db, |c| messages::delete(c, hit, NOW));
    assert!(
        messages::search(&mut o.db.read().await.expect("a connection"), engine, ana, "iroko", 10)
            .await
            .expect("read")
            .is_empty()
    );
}

async fn files_are_bound_once_and_seen_by_their_two_people(o: Opened) {
    let (ana, tunde, lena) = (person(&o.db, "ana").await, person(&o.db, "tunde").await, person(&o.db, "lena").await);
    let new = attachments::NewAttachment {
        owner: ana,
        name: "a.png".into(),
        mime: "image/png",
        size_bytes: 3,
        sha256: "00".into(),
    };
    let id = command!(o.db, |c| attachments::insert(c, &new, NOW));
    let message = write_message(&o.db, ana, tunde, Subject::None, "see", 1).await;
    let mut c = o.db.read().await.expect("a connection");
    assert!(attachments::for_reader(&mut c, id, tunde).await.expect("read").is_none(), "not sent yet");
    assert!(!command!(o.db, |c| attachments::bind(c, id, tunde, message, 0)), "not the sender's");
    assert!(command!(o.db, |c| attachments::bind(c, id, ana, message, 0)));
    assert!(!command!(o.db, |c| attachments::bind(c, id, ana, message, 0)), "sent before");
    assert!(attachments::for_reader(&mut c, id, tunde).await.expect("read").is_some());
    assert!(attachments::for_reader(&mut c, id, lena).await.expect("read").is_none(), "E101");
    assert_eq!(attachments::of_messages(&mut c, &[message]).await.expect("read")[0].name, "a.png");
    command!(o.db, |c| messages::delete(c, message, NOW));
    assert!(attachments::for_reader(&mut c, id, tunde).await.expect("read").is_none(), "gone with its message");
}

async fn files_are_counted_and_swept(o: Opened) {
    let (ana, tunde) = (person(&o.db, "ana").await, person(&o.db, "tunde").await);
    let file = |sha256: &str, size_bytes: i64| attachments::NewAttachment {
        owner: ana,
        name: "a.png".into(),
        mime: "image/png",
        size_bytes,
        sha256: sha256.into(),
    };
    let (old, shared, sent) = (file("aa", 10), file("bb", 100), file("bb", 100));
    command!(o.db, |c| attachments::insert(c, &old, NOW));
    command!(o.db, |c| attachments::insert(c, &shared, NOW));
    let sent = command!(o.db, |c| attachments::insert(c, &sent, NOW));
    let message = write_message(&o.db, ana, tunde, Subject::None, "see", 1).await;
    assert!(command!(o.db, |c| attachments::bind(c, sent, ana, message, 0)));
    let mut c = o.db.read().await.expect("a connection");
    let held = attachments::held(&mut c, ana).await.expect("read");
    assert_eq!((held.unsent_files, held.unsent_bytes, held.all_bytes), (2, 110, 210));
    let none = Vec::<String>::new();
    assert_eq!(command!(o.db, |c| attachments::forget_unsent(c, NOW, 10)), (0, none.clone()), "not before their time");
    let mut gone = vec![
        command!(o.db, |c| attachments::forget_unsent(c, NOW.plus_ms(1), 1)),
        command!(o.db, |c| attachments::forget_unsent(c, NOW.plus_ms(1), 1)),
    ];
    gone.sort();
    assert_eq!(gone, [(1, none.clone()), (1, vec!["aa".to_owned()])], "the other's bytes are still sent");
    assert_eq!(command!(o.db, |c| attachments::forget_unsent(c, NOW.plus_ms(1), 1)), (0, none.clone()));
    assert!(command!(o.db, |c| messages::delete(c, message, NOW)));
    assert!(!command!(o.db, |c| messages::delete(c, message, NOW)), "once");
    let held = attachments::held(&mut c, ana).await.expect("read");
    assert_eq!((held.unsent_files, held.unsent_bytes, held.all_bytes), (0, 0, 0));
    assert_eq!(
        command!(o.db, |c| messages::purge_sealed(c, NOW.plus_ms(1), 10)),
        (0, none),
        "kept with the sealed copy"
    );
    let purged = command!(o.db, |c| messages::purge_sealed(c, NOW.plus_ms(180 * 86_400_000), 10));
    assert_eq!(purged, (1, vec!["bb".to_owned()]), "and gone with it");
}

async fn what_was_told_can_be_retold(o: Opened) {
    let ana = person(&o.db, "ana").await;
    command!(o.db, |c| async move {
        feed::append(c, vec![feed::Entry::new(ana, "e", "{\"id\":1}".into())], NOW).await.map(drop)
    });
    command!(o.db, |c| async move {
        feed::append(c, vec![feed::Entry::new(ana, "f", "{\"id\":1}".into())], NOW).await.map(drop)
    });
    let mut c = o.db.read().await.expect("a connection");
    let told = feed::told_at(&mut c, ana, "e", NOW).await.expect("read");
    assert_eq!(told.iter().map(|row| row.seq).collect::<Vec<_>>(), [1]);
    assert!(feed::told_at(&mut c, ana, "e", NOW.plus_ms(1)).await.expect("read").is_empty());
    command!(o.db, |c| feed::retell(c, ana, 1, "{}"));
    let rows = feed::after(&mut c, ana, 0, 10).await.expect("read");
    assert_eq!(rows.iter().map(|row| row.data.as_str()).collect::<Vec<_>>(), ["{}", "{\"id\":1}"]);
}

async fn a_notice_is_taken_back_with_its_words(o: Opened) {
    let ana = person(&o.db, "ana").await;
    let make = command!(o.db, |c| async move {
        let new = notifications::NewNotification {
            user: ana,
            kind: "k",
            subject: "s",
            version: 7,
            title: "Secret title",
            body: "secret",
            data: "{}",
        };
        notifications::create(c, &new, NOW).await
    });
    let id = make.expect("made");
    let taken = command!(o.db, |c| notifications::take_back(c, ana, "k", "s", 7, NOW)).expect("it was there");
    assert_eq!((taken.id, taken.created_at_ms, taken.read_at_ms), (id, NOW.0, None));
    assert!(command!(o.db, |c| notifications::take_back(c, ana, "k", "s", 8, NOW)).is_none());
    let mut c = o.db.read().await.expect("a connection");
    assert!(notifications::get(&mut c, ana, id).await.expect("read").is_none());
}

async fn notices_are_made_once_for_each_version(o: Opened) {
    let ana = person(&o.db, "ana").await;
    let make = |version| {
        let db = o.db.clone();
        async move {
            command!(db, |c| async move {
                let new = notifications::NewNotification {
                    user: ana,
                    kind: "test",
                    subject: "s",
                    version,
                    title: "T",
                    body: "B",
                    data: "{}",
                };
                notifications::create(c, &new, NOW).await
            })
        }
    };
    let first = make(1).await.expect("new");
    assert_eq!(make(1).await, None);
    let second = make(2).await.expect("new");
    let mut c = o.db.read().await.expect("a connection");
    assert_eq!(notifications::unread_count(&mut c, ana, NOW).await.expect("read"), 2);
    assert!(notifications::has_unread(&mut c, ana, "test", "s").await.expect("read"));
    assert!(command!(o.db, |c| notifications::mark_read(c, ana, first, NOW)));
    assert!(!command!(o.db, |c| notifications::mark_read(c, ana, first, NOW)));
    let unread = notifications::list(&mut c, ana, None, true, 20, NOW).await.expect("read");
    assert_eq!(unread.iter().map(|n| n.id).collect::<Vec<_>>(), [second]);
    assert_eq!(notifications::list(&mut c, ana, Some(second.0), false, 20, NOW).await.expect("read").len(), 1);
    assert_eq!(command!(o.db, |c| notifications::mark_subject_read(c, ana, "test", "s", NOW)), [second.0]);
    assert_eq!(command!(o.db, |c| notifications::mark_all_read(c, ana, NOW)), None);
    let third = make(3).await.expect("new");
    assert_eq!(command!(o.db, |c| notifications::mark_all_read(c, ana, NOW)), Some(third.0));
    assert!(command!(o.db, |c| notifications::delete(c, ana, first, NOW)));
    assert!(!command!(o.db, |c| notifications::delete(c, ana, NotificationId(first.0), NOW)));
    assert!(notifications::get(&mut c, ana, first).await.expect("read").is_none());
}

async fn feeds_are_dense_and_their_events_leave_after_the_commit(o: Opened) {
    let ana = person(&o.db, "ana").await;
    for n in 1..=3 {
        o.db.write::<_, DbError, _>(move |c| {
            Box::pin(async move {
                let entry = feed::Entry::new(ana, "message.sent", format!("{{\"n\":{n}}}"));
                Ok(Committed { value: (), events: feed::append(c, vec![entry], NOW).await? })
            })
        })
        .await
        .expect("appended");
    }
    let mut c = o.db.read().await.expect("a connection");
    let rows = feed::after(&mut c, ana, 1, 100).await.expect("read");
    assert_eq!(rows.iter().map(|r| (r.seq, r.data.as_str())).collect::<Vec<_>>(), [(2, "{\"n\":2}"), (3, "{\"n\":3}")]);
    assert_eq!(feed::ends(&mut c, ana).await.expect("read"), feed::Ends { latest: 3, oldest: 1 });
    let left = o.left.lock().expect("the hook does not panic").clone();
    assert_eq!(left, [1, 2, 3].map(|n| ("message.sent".to_owned(), Some(n))));
}

async fn many_events_are_numbered_at_once_in_each_feed(o: Opened) {
    let mut people = Vec::new();
    for n in 0..120 {
        people.push(person(&o.db, Box::leak(format!("person{n}").into_boxed_str())).await);
    }
    // Two for everybody, those of the last first, and one of them under a second name.
    let entries: Vec<feed::Entry> = (0..240)
        .map(|n| feed::Entry {
            alias: (n == 0).then_some("e.alias"),
            ..feed::Entry::new(
                people[119 - n % 120],
                if n < 120 { "first" } else { "second" },
                format!("{{\"n\":{n}}}"),
            )
        })
        .collect();
    let before = o.db.statements();
    o.db.write::<_, DbError, _>(move |c| {
        let entries = entries.clone();
        Box::pin(async move { Ok(Committed { value: (), events: feed::append(c, entries, NOW).await? }) })
    })
    .await
    .expect("appended");
    assert!(o.db.statements() - before <= 6, "{}", o.db.statements() - before);
    let mut c = o.db.read().await.expect("a connection");
    for (n, who) in people.iter().enumerate() {
        let rows = feed::after(&mut c, *who, 0, 10).await.expect("read");
        let told: Vec<_> = rows.iter().map(|row| (row.seq, row.event.as_str(), row.data.clone())).collect();
        let data = |n: usize| format!("{{\"n\":{n}}}");
        assert_eq!(told, [(1, "first", data(119 - n)), (2, "second", data(239 - n))]);
    }
    let left = o.left.lock().expect("the hook does not panic").clone();
    assert_eq!((left.len(), &left[0], &left[1]), (241, &("first".into(), Some(1)), &("e.alias".into(), None)));
}

async fn a_refused_command_leaves_nothing_and_spoils_nothing(o: Opened) {
    let ana = person(&o.db, "ana").await;
    let commands = (0..40).map(|n| {
        let db = o.db.clone();
        async move {
            db.write::<i64, DbError, _>(move |c| {
                Box::pin(async move {
                    let events = feed::append(c, vec![feed::Entry::new(ana, "e", "{}".into())], NOW).await?;
                    if n % 3 == 0 {
                        Err(DbError::Busy)
                    } else {
                        Ok(Committed { value: events[0].seq.expect("numbered"), events })
                    }
                })
            })
            .await
        }
    });
    let mut numbers: Vec<i64> = futures_util::future::join_all(commands).await.into_iter().flatten().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=26).collect::<Vec<_>>(), "26 of 40 were accepted and their numbers have no holes");
    assert_eq!(o.left.lock().expect("the hook does not panic").len(), 26);
}

async fn parts_of_one_command_fail_by_themselves(o: Opened) {
    let ana = person(&o.db, "ana").await;
    let before = o.db.transactions();
    let db = o.db.clone();
    let parts = o.db.write::<Vec<Result<(), String>>, DbError, _>(move |c| {
        Box::pin(async move {
            let (mut told, mut events) = (Vec::new(), Vec::new());
            for n in 0..40 {
                let part = db.apart(c, |c| {
                    Box::pin(async move {
                        let events = feed::append(c, vec![feed::Entry::new(ana, "e", "{}".into())], NOW).await?;
                        match n % 4 {
                            0 => Err(DbError::Busy),
                            1 => panic!("a panic that was asked for"),
                            _ => Ok(events),
                        }
                    })
                });
                told.push(part.await?.map(|left| events.extend(left)).map_err(|e: DbError| e.to_string()));
            }
            Ok(Committed { value: told, events })
        })
    });
    let told = parts.await.expect("the command itself is carried out");
    for (n, part) in told.into_iter().enumerate() {
        match n % 4 {
            0 => assert_eq!(part.expect_err("refused"), "the database takes no commands now"),
            1 => assert!(part.expect_err("broken off").ends_with("a panic that was asked for")),
            _ => part.expect("kept"),
        }
    }
    let numbers: Vec<_> = o.left.lock().expect("the hook does not panic").iter().map(|(_, seq)| *seq).collect();
    assert_eq!(numbers, (1..=20).map(Some).collect::<Vec<_>>(), "no number is lost with a part that failed");
    assert_eq!(feed::after(&mut o.db.read().await.expect("a connection"), ana, 0, 100).await.expect("read").len(), 20);
    assert_eq!((o.db.transactions() - before, o.db.writer_health().command_panics()), (1, 10));
}

async fn keys_are_remembered_with_their_first_answer(o: Opened) {
    let ana = person(&o.db, "ana").await;
    assert_eq!(
        command!(o.db, |c| async move {
            let known = idempotency::claim(c, ana, "k", "hash", NOW, Keep::AWhile).await?;
            idempotency::remember(c, ana, "k", 201, "{\"id\":1}").await?;
            Ok::<_, DbError>(known)
        }),
        idempotency::Known::New
    );
    let again = |hash: &'static str| {
        let db = o.db.clone();
        async move { command!(db, |c| idempotency::claim(c, ana, "k", hash, NOW, Keep::AWhile)) }
    };
    assert_eq!(again("hash").await, idempotency::Known::Same(201, "{\"id\":1}".into()));
    assert_eq!(again("other").await, idempotency::Known::Other);
    let keep = |key: &'static str, keep: Keep| {
        let db = o.db.clone();
        async move { command!(db, |c| idempotency::claim(c, ana, key, "hash", NOW, keep)) }
    };
    assert_eq!(keep("money", Keep::ForEver).await, idempotency::Known::New);
    for key in ["l", "m"] {
        assert_eq!(keep(key, Keep::AWhile).await, idempotency::Known::New);
    }
    let prune = async || command!(o.db, |c| idempotency::prune(c, NOW.plus_ms(1), 2));
    assert_eq!((prune().await, prune().await, prune().await), (2, 1, 0), "three in chunks of two; money's never");
    assert_ne!(keep("money", Keep::AWhile).await, idempotency::Known::New);
}

async fn commands_of_the_same_moment_all_get_in(o: Opened) {
    let ana = person(&o.db, "ana").await;
    let commands = (0..200).map(|n| {
        let db = o.db.clone();
        async move {
            db.write::<(), DbError, _>(move |c| {
                Box::pin(async move {
                    // The same key from many tasks: one is first, the others wait for it and see its answer.
                    match idempotency::claim(c, ana, &format!("k{}", n / 10), "h", NOW, Keep::AWhile).await? {
                        idempotency::Known::New => {
                            let events = feed::append(c, vec![feed::Entry::new(ana, "e", "{}".into())], NOW).await?;
                            idempotency::remember(c, ana, &format!("k{}", n / 10), 201, "{}").await?;
                            Ok(Committed { value: (), events })
                        }
                        known => {
                            assert_eq!(known, idempotency::Known::Same(201, "{}".into()));
                            Ok(Committed::quiet(()))
                        }
                    }
                })
            })
            .await
        }
    });
    for result in futures_util::future::join_all(commands).await {
        result.expect("accepted");
    }
    let mut c = o.db.read().await.expect("a connection");
    assert_eq!(feed::ends(&mut c, ana).await.expect("read").latest, 20);
}

async fn old_rows_are_pruned_and_the_oldest_number_moves(o: Opened) {
    let (ana, tunde) = (person(&o.db, "ana").await, person(&o.db, "tunde").await);
    for (who, at) in [(ana, 0), (ana, 10), (ana, 20), (tunde, 0)] {
        command!(o.db, |c| async move {
            let entry = feed::Entry::new(who, "e", "{}".into());
            feed::append(c, vec![entry], NOW.plus_ms(at)).await.map(drop)
        });
    }
    assert_eq!(forget_feeds(&o.db, NOW.plus_ms(20), 10).await, [3, 0]);
    let mut c = o.db.read().await.expect("a connection");
    assert_eq!(feed::ends(&mut c, ana).await.expect("read"), feed::Ends { latest: 3, oldest: 3 });
    assert_eq!(feed::ends(&mut c, tunde).await.expect("read"), feed::Ends { latest: 1, oldest: 2 });
    assert_eq!(feed::ends(&mut c, UserId(99)).await.expect("read"), feed::Ends { latest: 0, oldest: 1 });
}

/// Forgets in chunks of `most` until nothing is left, and answers with what each did.
async fn forget_feeds(db: &Db, before: Timestamp, most: i64) -> Vec<u64> {
    let (mut from, mut all) = (Some(feed::Forgot::default()), Vec::new());
    while let Some(now) = from {
        let (gone, next) = command!(db, |c| feed::prune(c, before, now, most));
        all.push(gone);
        from = next;
        assert!(all.len() < 1_000, "it comes to an end");
    }
    all
}

async fn feeds_are_forgotten_in_chunks_without_holes(o: Opened) {
    let mut people = Vec::new();
    for name in ["ana", "tunde", "lena", "kofi"] {
        people.push(person(&o.db, name).await);
    }
    let tell = async |who: UserId, at: &[i64]| {
        for at in at.iter().copied() {
            command!(o.db, |c| async move {
                feed::append(c, vec![feed::Entry::new(who, "e", "{}".into())], NOW.plus_ms(at)).await.map(drop)
            });
        }
    };
    // Three long ones, one of which ends with what is kept, and one whose clock was an hour ahead and was set back.
    tell(people[0], &(0..40).collect::<Vec<_>>()).await;
    tell(people[1], &(0..30).chain([90, 91]).collect::<Vec<_>>()).await;
    tell(people[2], &[5]).await;
    tell(people[3], &[1, 2, 3_600_000, 4, 5, 6, 7, 8, 9, 10, 11]).await;
    let all = forget_feeds(&o.db, NOW.plus_ms(50), 7).await;
    assert!(all.iter().all(|gone| *gone <= 7), "{all:?}");
    assert_eq!(all.iter().sum::<u64>(), 40 + 30 + 1 + 2);
    let mut c = o.db.read().await.expect("a connection");
    let expected = [(40, 41), (32, 31), (1, 2), (11, 3)];
    for (who, (latest, oldest)) in people.iter().zip(expected) {
        assert_eq!(feed::ends(&mut c, *who).await.expect("read"), feed::Ends { latest, oldest });
        let kept: Vec<i64> =
            feed::after(&mut c, *who, 0, 1_000).await.expect("read").iter().map(|row| row.seq).collect();
        assert_eq!(kept, (oldest..=latest).collect::<Vec<_>>(), "no holes");
    }
    // What waited goes when what was before it is old.
    assert_eq!(forget_feeds(&o.db, NOW.plus_ms(3_600_001), 7).await.iter().sum::<u64>(), 2 + 9);
}

async fn deadlines_are_kept_one_for_each_subject_and_taken_once(o: Opened) {
    let db = &o.db;
    for (kind, subject, at) in [("b", 1, 20), ("a", 1, 10), ("a", 2, 10), ("a", 3, 30), ("a", 1, 15)] {
        command!(db, |c| deadlines::set(c, kind, subject, Timestamp(at)));
        // Told after the commit, whoever began to wait when.
        tokio::time::timeout(std::time::Duration::from_secs(5), db.deadline_set()).await.expect("told");
    }
    let due = async |now: i64, after: Option<&deadlines::Deadline>, limit: i64| {
        let mut c = db.read().await.expect("a connection");
        deadlines::due(&mut c, Timestamp(now), after, limit).await.expect("read")
    };
    let named = |all: &[deadlines::Deadline]| -> Vec<(String, i64, i64)> {
        all.iter().map(|d| (d.kind.clone(), d.subject, d.due_at_ms)).collect()
    };
    let all = due(29, None, 10).await;
    assert_eq!(named(&all), [("a".into(), 2, 10), ("a".into(), 1, 15), ("b".into(), 1, 20)], "moved, and in order");
    assert_eq!(due(29, None, 2).await, all[..2]);
    assert_eq!(due(29, Some(&all[1]), 2).await, all[2..]);
    assert_eq!(due(10, None, 10).await, all[..1], "due at its moment");
    assert_eq!(due(9, None, 10).await, []);
    let mut c = db.read().await.expect("a connection");
    assert_eq!(deadlines::next(&mut c, Timestamp(20)).await.expect("read"), Some(Timestamp(30)));
    assert_eq!(deadlines::next(&mut c, Timestamp(30)).await.expect("read"), None);
    let of_one = deadlines::due_for(&mut c, &["a", "b", "c"], 1, Timestamp(20)).await.expect("read");
    assert_eq!(of_one, all[1..]);
    assert_eq!(deadlines::due_for(&mut c, &["b"], 1, Timestamp(19)).await.expect("read"), []);
    let (first, moved) = (all[1].clone(), deadlines::Deadline { due_at_ms: 10, ..all[1].clone() });
    assert!(!command!(db, |c| async move { deadlines::take(c, &moved).await }), "it was moved");
    let take = async || {
        let first = first.clone();
        command!(db, |c| async move { deadlines::take(c, &first).await })
    };
    assert_eq!((take().await, take().await), (true, false), "once");
    assert!(command!(db, |c| deadlines::clear(c, "b", 1)));
    assert!(!command!(db, |c| deadlines::clear(c, "b", 1)));
    assert_eq!(named(&due(99, None, 10).await), [("a".into(), 2, 10), ("a".into(), 3, 30)]);
}

async fn settings_keep_their_first_value(o: Opened) {
    assert_eq!(command!(o.db, |c| settings::get_or_set(c, "secret", "a")), "a");
    assert_eq!(command!(o.db, |c| settings::get_or_set(c, "secret", "b")), "a");
    let mut c = o.db.read().await.expect("a connection");
    assert_eq!(settings::get(&mut c, "nothing").await.expect("read"), None);
}

/// Tells the database something behind the back of this room.
async fn damage(db: &Db, statement: &'static str) {
    db.write::<_, DbError, _>(move |c| Box::pin(async move { c.pragma(statement).await.map(Committed::quiet) }))
        .await
        .unwrap_or_else(|e| panic!("{statement}: {e}"));
}

async fn what_cannot_be_read_is_told_with_its_row(o: Opened) {
    let (ana, tunde) = (person(&o.db, "ana").await, person(&o.db, "tunde").await);
    let token = command!(o.db, |c| tokens::create(c, ana, "h", "Laptop", NOW));
    let message = write_message(&o.db, ana, tunde, Subject::None, "hello", 1).await;
    damage(&o.db, "update users set role = 'owner' where name = 'ana'").await;
    damage(&o.db, "update messages set subject_kind = 'house'").await;
    damage(&o.db, "update conversations set subject_kind = 'house'").await;
    let mut c = o.db.read().await.expect("a connection");
    let told = |error: DbError| error.to_string();

    let role = format!("the row of users with id {ana} cannot be read: role is \"owner\", expected member or admin");
    assert_eq!(told(people::get(&mut c, ana).await.expect_err("no role is made up")), role);
    assert_eq!(told(people::get_many(&mut c, &[tunde, ana]).await.expect_err("nor left out")), role);
    let bearer = tokens::bearer(&mut c, token).await.expect_err("nor is anybody let in with one");
    assert_eq!(told(bearer), role.replace("with id", "with user_id"));
    let house = |table: &str, key: &str| {
        format!(
            "the row of {table} with {key} {message} cannot be read: subject_kind is \"house\", \
             expected nothing, job or domain"
        )
    };
    assert_eq!(told(messages::get(&mut c, message).await.expect_err("no subject is made up")), house("messages", "id"));
    let list = conversations::list(&mut c, tunde, 0, 10).await.expect_err("nor in a list");
    assert_eq!(told(list), house("conversations", "last_message_id"));
    drop(c);

    // A number that is no id, in a column that the engines guard in their own ways.
    damage(
        &o.db,
        match o.db.engine() {
            Engine::Sqlite => "update tokens set id = -1",
            Engine::Postgres => {
                "insert into tokens (id, user_id, secret_hash, device_name, created_at_ms) overriding system value
                 select -1, user_id, 'h', 'Phone', 1 from tokens"
            }
        },
    )
    .await;
    let mut c = o.db.read().await.expect("a connection");
    let id = "the row of tokens with id -1 cannot be read: id is \"-1\", expected an id from 1 to 2^53 - 1";
    assert_eq!(told(tokens::list(&mut c, ana).await.expect_err("no id is made up")), id);
    drop(c);

    command!(o.db, |c| idempotency::claim(c, ana, "k", "hash", NOW, Keep::AWhile));
    damage(&o.db, "update idempotency set status = 70000").await;
    let again: Result<idempotency::Known, DbError> =
        o.db.write(move |c| {
            Box::pin(
                async move { Ok(Committed::quiet(idempotency::claim(c, ana, "k", "hash", NOW, Keep::AWhile).await?)) },
            )
        })
        .await;
    let words = format!(
        "the row of idempotency with actor_id {ana} cannot be read: status is \"70000\", expected an HTTP status"
    );
    assert_eq!(told(again.expect_err("it is not told again as success")), words);
}

async fn letters_wait_are_tried_given_up_and_forgotten(o: Opened) {
    let ana = person(&o.db, "ana").await;
    let write = async |user: Option<UserId>, kind: &'static str, expires: Option<Timestamp>| {
        command!(o.db, |c| mails::queue(
            c,
            &mails::NewMail {
                user,
                sent: user.is_some(),
                address: "ana@example.com",
                carrier: Carrier::Mail,
                kind,
                data: "{}",
                expires_at: expires
            },
            NOW
        ))
    };
    let phone = mails::NewMail {
        user: Some(ana),
        sent: true,
        address: "+2348031234567",
        carrier: Carrier::Phone,
        kind: "code",
        data: "{}",
        expires_at: None,
    };
    command!(o.db, |c| mails::queue(c, &phone, NOW));
    {
        // Each way has its own, and what goes one way keeps nothing on the other waiting.
        let mut c = o.db.read().await.expect("a connection");
        assert_eq!(mails::due(&mut c, Carrier::Phone, NOW, 10).await.expect("read").len(), 1);
        assert_eq!(mails::next(&mut c, Carrier::Mail).await.expect("read"), None);
        let since = async |c: &mut _, at| mails::addresses_since(c, ana, Carrier::Phone, at).await.expect("read");
        assert_eq!(since(&mut c, NOW.plus_ms(-1)).await, ["+2348031234567"]);
        assert!(since(&mut c, NOW).await.is_empty());
    }
    command!(o.db, |c| mails::take_back(c, Some(ana), "code", "+2348031234567"));
    let first = write(Some(ana), "code", Some(NOW.plus_ms(1_000))).await;
    let second = write(Some(ana), "news", None).await;
    let nobodys = write(None, "code", None).await;
    let due = async |at: i64| -> Vec<i64> {
        let mut c = o.db.read().await.expect("a connection");
        mails::due(&mut c, Carrier::Mail, NOW.plus_ms(at), 10).await.expect("read").iter().map(|mail| mail.id).collect()
    };
    assert_eq!(due(0).await, [first, second], "nobody's is never sent");
    assert_eq!(due(-1).await, [0; 0]);
    command!(o.db, |c| mails::tried(c, first, &mails::Tried::Later(NOW.plus_ms(500), "later".into()), NOW));
    command!(o.db, |c| mails::tried(c, second, &mails::Tried::Failed("no".into()), NOW));
    assert_eq!((due(0).await, due(500).await), (vec![], vec![first]));
    {
        let mut c = o.db.read().await.expect("a connection");
        assert_eq!(mails::next(&mut c, Carrier::Mail).await.expect("read"), Some(NOW.plus_ms(500)));
        assert_eq!(mails::counts(&mut c).await.expect("read"), (1, 1));
        let failed = mails::failed(&mut c, None, 10).await.expect("read");
        assert_eq!(
            failed.iter().map(|mail| (mail.id, mail.error.as_deref())).collect::<Vec<_>>(),
            [(second, Some("no"))]
        );
        assert!(mails::failed(&mut c, Some(second), 10).await.expect("read").is_empty());
        let waiting = mails::waiting(&mut c, 0, 10).await.expect("read");
        assert_eq!(waiting.iter().map(|mail| (mail.id, mail.tries)).collect::<Vec<_>>(), [(first, 1)]);
    }
    assert!(command!(o.db, |c| mails::retry(c, second, NOW)) && !command!(o.db, |c| mails::retry(c, second, NOW)));
    assert_eq!(due(0).await, [second]);
    command!(o.db, |c| mails::tried(c, first, &mails::Tried::Failed("no".into()), NOW));
    assert!(!command!(o.db, |c| mails::retry(c, first, NOW.plus_ms(1_000))), "of no use any more");
    command!(o.db, |c| mails::take_back(c, Some(ana), "news", "ana@example.com"));
    assert_eq!(due(0).await, [0; 0]);
    let later = NOW.plus_ms(10);
    assert_eq!(command!(o.db, |c| mails::forget_nobodys(c, later, 10)), 1, "nobody's goes at once");
    let mut c = o.db.read().await.expect("a connection");
    assert!(mails::get(&mut c, nobodys).await.expect("read").is_none());
    drop(c);
    let third = write(Some(ana), "news", None).await;
    assert_eq!(command!(o.db, |c| mails::forget(c, later, NOW, 10)), 1, "what is over goes");
    assert_eq!(command!(o.db, |c| mails::forget(c, NOW, later, 10)), 1, "and what waits for too long");
    let mut c = o.db.read().await.expect("a connection");
    assert!(mails::get(&mut c, third).await.expect("read").is_none());
}

async fn codes_are_one_for_each_address_and_their_tries_are_counted(o: Opened) {
    let ana = person(&o.db, "ana").await;
    let sent = |nonce: &str| codes::Sent { nonce: nonce.into(), expires_at_ms: NOW.0 + 10 };
    let (one, two, nobodys) = (sent("one"), sent("two"), sent("nobody"));
    command!(o.db, |c| codes::put(c, Purpose::Email, "a@example.com", Some(ana), &one));
    command!(o.db, |c| codes::put(c, Purpose::Email, "a@example.com", Some(ana), &two));
    command!(o.db, |c| codes::put(c, Purpose::Email, "b@example.com", None, &nobodys));
    {
        let mut c = o.db.read().await.expect("a connection");
        let found = codes::get(&mut c, Purpose::Email, "a@example.com", Some(ana)).await.expect("read");
        assert_eq!(found.map(|sent| sent.nonce).as_deref(), Some("two"));
        assert!(codes::get(&mut c, Purpose::Password, "a@example.com", Some(ana)).await.expect("read").is_none());
        let live = codes::live(&mut c, NOW).await.expect("read");
        assert_eq!(live.iter().map(|live| (live.user_id, live.purpose)).collect::<Vec<_>>(), [(ana, Purpose::Email)]);
        assert!(codes::live(&mut c, NOW.plus_ms(10)).await.expect("read").is_empty());
    }
    assert!(!command!(o.db, |c| codes::take(c, Purpose::Email, "a@example.com", ana, "one")));
    assert!(command!(o.db, |c| codes::take(c, Purpose::Email, "a@example.com", ana, "two")));
    for n in 0..12 {
        command!(o.db, |c| async move {
            codes::hold(c, Purpose::Email, "a@example.com", NOW).await?;
            codes::note_try(c, Purpose::Email, "a@example.com", false, NOW.plus_ms(n)).await?;
            codes::note_sending(c, Purpose::Email, "a@example.com", "192.0.2.1", NOW.plus_ms(n)).await
        });
    }
    {
        let mut c = o.db.read().await.expect("a connection");
        let tries = codes::tries(&mut c, Purpose::Email, "a@example.com", false, NOW.plus_ms(20)).await.expect("read");
        assert_eq!((tries.len(), tries.first().copied()), (10, Some(NOW.plus_ms(11))), "no more than there may be");
        assert!(codes::tries(&mut c, Purpose::Email, "a@example.com", true, NOW).await.expect("read").is_empty());
        for (purpose, source, expected) in [
            (Purpose::Email, "192.0.2.1", (12, 12, 12)),
            (Purpose::Email, "192.0.2.2", (12, 0, 0)),
            (Purpose::Password, "192.0.2.2", (0, 0, 0)),
        ] {
            let sent = codes::sendings(&mut c, purpose, "a@example.com", source, NOW).await.expect("read");
            let counts = (sent.to_address.len(), sent.to_address_from_source.len(), sent.from_source.len());
            assert_eq!(counts, expected, "{purpose:?} {source}");
        }
    }
    command!(o.db, |c| codes::clear(c, Purpose::Email, ana));
    assert_eq!(command!(o.db, |c| codes::forget(c, NOW.plus_ms(100), 100)), 12 + 12 + 1 + 1);
}

async fn verifications_stand_as_they_were_put(o: Opened) {
    let (ana, tunde) = (person(&o.db, "ana").await, person(&o.db, "tunde").await);
    let put = async |user: UserId, kind: Kind, slot: &'static str, state: State, at: i64| {
        command!(o.db, |c| verifications::put(
            c,
            &verifications::Put { user, kind, slot, value: "v", state, reason: (at > 5).then_some("why") },
            NOW.plus_ms(at)
        ))
    };
    let first = put(ana, Kind::Email, "", State::Pending, 0).await;
    put(ana, Kind::PayoutAccount, "NGN", State::Pending, 0).await;
    put(ana, Kind::PayoutAccount, "USD", State::Verified, 0).await;
    assert_eq!(put(ana, Kind::Email, "", State::Verified, 9).await, first);
    let mut c = o.db.read().await.expect("a connection");
    let all = verifications::list(&mut c, ana).await.expect("read");
    assert_eq!(
        all.iter().map(|one| (one.kind, one.slot.as_str(), one.state)).collect::<Vec<_>>(),
        [
            (Kind::Email, "", State::Verified),
            (Kind::PayoutAccount, "NGN", State::Pending),
            (Kind::PayoutAccount, "USD", State::Verified)
        ]
    );
    let one = verifications::by_id(&mut c, first).await.expect("read").expect("there");
    assert_eq!((one.user_id, one.since_ms, one.reason.as_deref()), (ana, NOW.0 + 9, Some("why")));
    assert!(verifications::get(&mut c, tunde, Kind::Email, "").await.expect("read").is_none());
    let others = verifications::of_others(&mut c, tunde, Kind::Email, "v").await.expect("read");
    assert_eq!(others.iter().map(|one| one.user_id).collect::<Vec<_>>(), [ana]);
    assert!(verifications::of_others(&mut c, ana, Kind::Email, "v").await.expect("read").is_empty());
    let standing = verifications::standing(&mut c, ana).await.expect("read");
    assert_eq!(standing, Standing { email: true, phone: false, identity: false });
}

async fn two_step_sign_in_stands_as_it_was_put_and_its_codes_are_used_once(o: Opened) {
    use two_step::{Asked, State};
    let (ana, boss) = (person(&o.db, "ana").await, person(&o.db, "boss").await);
    command!(o.db, |c| two_steps::put(c, ana, State::SettingUp, "sealed", NOW));
    command!(o.db, |c| two_steps::ask_removal(c, ana, Some(Asked { by: boss, at: NOW })));
    let read = async || two_steps::get(&mut o.db.read().await.expect("a connection"), ana).await.expect("read");
    let stored = read().await.expect("there");
    assert_eq!((stored.state, stored.sealed.as_str(), stored.since_ms), (State::SettingUp, "sealed", NOW.0));
    assert_eq!(stored.asked(), Some(Asked { by: boss, at: NOW }));
    command!(o.db, |c| two_steps::put(c, ana, State::On, "other", NOW.plus_ms(1)));
    let stored = read().await.expect("there");
    assert_eq!((stored.state, stored.since_ms, stored.asked()), (State::On, NOW.0 + 1, None));
    command!(o.db, |c| two_steps::ask_removal(c, ana, Some(Asked { by: boss, at: NOW })));
    command!(o.db, |c| two_steps::ask_removal(c, ana, None));
    assert_eq!(read().await.expect("there").asked(), None);
    assert!(command!(o.db, |c| two_steps::use_step(c, ana, 7, 0)));
    assert!(!command!(o.db, |c| two_steps::use_step(c, ana, 7, 0)), "once");
    assert!(command!(o.db, |c| two_steps::use_step(c, boss, 7, 0)), "another person's is another one");
    assert!(command!(o.db, |c| two_steps::was_used(c, ana, 7)) && !command!(o.db, |c| two_steps::was_used(c, ana, 8)));
    assert!(command!(o.db, |c| two_steps::use_step(c, ana, 9, 8)));
    assert!(!command!(o.db, |c| two_steps::was_used(c, ana, 7)), "long ago, and forgotten");
    let marks = |all: &[&str]| all.iter().map(|&mark| mark.to_owned()).collect::<Vec<_>>();
    let (first, second) = (marks(&["a", "b"]), marks(&["c"]));
    command!(o.db, |c| two_steps::set_recovery(c, ana, &first, NOW));
    assert!(command!(o.db, |c| two_steps::use_recovery(c, ana, "a")));
    assert!(!command!(o.db, |c| two_steps::use_recovery(c, ana, "a")), "once");
    assert!(!command!(o.db, |c| two_steps::use_recovery(c, boss, "b")));
    assert!(command!(o.db, |c| two_steps::has_recovery(c, ana, "b")));
    command!(o.db, |c| two_steps::set_recovery(c, ana, &second, NOW.plus_ms(7)));
    assert!(!command!(o.db, |c| two_steps::has_recovery(c, ana, "b")));
    assert_eq!(read().await.map(|stored| stored.codes_at_ms), Some(NOW.plus_ms(7).0));
    assert_eq!(command!(o.db, |c| two_steps::recovery_left(c, ana)), 1);
    command!(o.db, |c| two_steps::clear(c, ana));
    assert!(read().await.is_none() && !command!(o.db, |c| two_steps::was_used(c, ana, 9)));
    assert_eq!(command!(o.db, |c| two_steps::recovery_left(c, ana)), 0);
}

async fn letters_that_one_may_do_without_tell_of_what_is_unread_once(o: Opened) {
    use guildhall_market::mail_preferences::Kind::UnreadMessages;
    let (ana, bruno, lena) = (person(&o.db, "ana").await, person(&o.db, "bruno").await, person(&o.db, "lena").await);
    assert!(command!(o.db, |c| mail_preferences::wants(c, ana, UnreadMessages)), "until one says otherwise");
    command!(o.db, |c| mail_preferences::set(c, ana, UnreadMessages, false));
    assert!(!command!(o.db, |c| mail_preferences::wants(c, ana, UnreadMessages)));
    assert!(command!(o.db, |c| mail_preferences::wants(c, bruno, UnreadMessages)));
    let first = write_message(&o.db, bruno, ana, Subject::None, "one", 5).await;
    let second = write_message(&o.db, lena, ana, Subject::None, "two", 7).await;
    let third = write_message(&o.db, bruno, ana, Subject::Job(JobId(5)), "three", 9).await;
    write_message(&o.db, ana, bruno, Subject::None, "mine", 9).await;
    let unread = async |after: i64| {
        let found = command!(o.db, |c| mail_preferences::unread(c, ana, after));
        found.into_iter().map(|one| (one.name, one.count, one.newest)).collect::<Vec<_>>()
    };
    assert_eq!(unread(0).await, [("bruno".into(), 2, third.0), ("lena".into(), 1, second.0)]);
    assert_eq!(unread(first.0).await, [("bruno".into(), 1, third.0), ("lena".into(), 1, second.0)]);
    command!(o.db, |c| messages::mark_read(c, third, NOW));
    command!(o.db, |c| people::set_block(c, ana, lena, true, NOW));
    assert_eq!(unread(0).await, [("bruno".into(), 1, first.0)]);
    assert_eq!(command!(o.db, |c| mail_preferences::last_letter(c, ana)), None);
    command!(o.db, |c| mail_preferences::note_letter(c, ana, 3, NOW));
    command!(o.db, |c| mail_preferences::note_letter(c, ana, 4, NOW.plus_ms(1)));
    assert_eq!(command!(o.db, |c| mail_preferences::last_letter(c, ana)), Some((NOW.plus_ms(1), 4)));
    command!(o.db, |c| deadlines::set_first(c, "unread_letter", 1, NOW));
    command!(o.db, |c| deadlines::set_first(c, "unread_letter", 1, NOW.plus_ms(9)));
    let due = command!(o.db, |c| deadlines::due_for(c, &["unread_letter"], 1, NOW));
    assert_eq!(due.first().map(|due| due.due_at_ms), Some(NOW.0), "the first one stays");
    command!(o.db, |c| mail_preferences::clear(c, ana));
    assert!(command!(o.db, |c| mail_preferences::wants(c, ana, UnreadMessages)));
    assert_eq!(command!(o.db, |c| mail_preferences::last_letter(c, ana)), None);
}

async fn addresses_are_taken_back_with_all_that_came_after(o: Opened) {
    let (ana, tunde) = (person(&o.db, "ana").await, person(&o.db, "tunde").await);
    let taken =
        o.db.write(move |c| {
            Box::pin(async move { people::set_email(c, ana, "tunde@example.com").await.map(Committed::quiet) })
        })
        .await;
    assert!(matches!(taken, Err(people::CreateError::EmailTaken)), "{taken:?}");
    let add = async |user: UserId, old: &'static str, at: i64| {
        command!(o.db, |c| email_changes::add(c, user, old, "nonce", NOW.plus_ms(at)))
    };
    let (first, second) = (add(ana, "ana@example.com", 0).await, add(ana, "b@example.com", 5).await);
    let others = add(tunde, "tunde@example.com", 5).await;
    let change = {
        let mut c = o.db.read().await.expect("a connection");
        assert!(email_changes::of_old(&mut c, "ana@example.com", NOW.plus_ms(UNDO_MS)).await.expect("read").is_empty());
        let found = email_changes::of_old(&mut c, "ana@example.com", NOW.plus_ms(UNDO_MS - 1)).await.expect("read");
        assert_eq!(found.iter().map(|change| change.id).collect::<Vec<_>>(), [first]);
        found.into_iter().next().expect("one")
    };
    let again = change.clone();
    assert!(command!(o.db, |c| email_changes::take_from(c, &change)));
    assert!(!command!(o.db, |c| email_changes::take_from(c, &again)));
    let mut c = o.db.read().await.expect("a connection");
    assert!(email_changes::get(&mut c, second).await.expect("read").is_none(), "it came after");
    assert!(email_changes::get(&mut c, others).await.expect("read").is_some(), "somebody else's");
}

async fn places_are_new_once(o: Opened) {
    let (ana, tunde) = (person(&o.db, "ana").await, person(&o.db, "tunde").await);
    let note = async |user: UserId, source: &'static str, device: &'static str, at: i64| {
        command!(o.db, |c| sign_ins::note(c, user, source, device, NOW.plus_ms(at)))
    };
    assert!(note(ana, "192.0.2.1", "Laptop", 0).await && !note(ana, "192.0.2.1", "Laptop", 1).await);
    assert!(note(ana, "192.0.2.1", "Phone", 2).await && note(tunde, "192.0.2.1", "Laptop", 3).await);
    let mut c = o.db.read().await.expect("a connection");
    assert!(sign_ins::was_here(&mut c, ana, "192.0.2.1").await.expect("read"));
    assert!(!sign_ins::was_here(&mut c, ana, "192.0.2.2").await.expect("read"));
    drop(c);
    let ended = {
        let first = command!(o.db, |c| tokens::create(c, ana, "h1", "Laptop", NOW));
        let second = command!(o.db, |c| tokens::create(c, ana, "h2", "Phone", NOW));
        assert_eq!(command!(o.db, |c| tokens::revoke_others(c, ana, Some(second), NOW)), [first]);
        command!(o.db, |c| tokens::revoke_others(c, ana, None, NOW)) == [second]
    };
    assert!(ended);
}

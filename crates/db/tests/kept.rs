//! What is kept beside the messages is what counting them would say: after whatever was done, all at once too, and for what an
//! older version has left.

#[path = "support/postgres.rs"]
mod postgres;

use std::{path::Path, sync::Arc};

use guildhall_db::{Committed, Connection, Db, DbError, conversations, messages, people};
use guildhall_market::{
    ids::{JobId, MessageId, UserId},
    messages::Subject,
    time::Timestamp,
};
use sqlx::{Row, any::AnyPoolOptions, migrate::Migrator};

const NOW: Timestamp = Timestamp(1_763_856_000_000);

/// Runs a command without events.
macro_rules! command {
    ($db:expr, |$c:ident| $work:expr) => {
        $db.write(move |$c: &mut Connection| Box::pin(async move { $work.await.map(Committed::quiet) })).await
    };
}

async fn open(url: &str) -> Db {
    Db::open(url, Arc::new(|_| {})).await.expect("opens")
}

/// Runs a test on both engines.
async fn on_both<T: Future<Output = ()>>(name: &str, test: impl Fn(String) -> T) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    test(format!("sqlite:{}", folder.path().join("hall.sqlite").display())).await;
    let server = postgres::Postgres::start();
    test(server.database(name)).await;
}

/// Counts anew what is kept, and answers with how many conversations there are.
async fn compare(url: &str) -> i64 {
    let pool = AnyPoolOptions::new().max_connections(1).connect(url).await.expect("connects");
    let differing = sqlx::query(
        "select count(*) from conversations c
         where c.message_count <> (
           select count(*) from messages m
           where m.user_low = c.user_low and m.user_high = c.user_high
           and m.subject_kind = c.subject_kind and m.subject_id = c.subject_id
         ) or c.unread_low <> (
           select count(*) from messages m
           where m.recipient_id = c.user_low and m.user_low = c.user_low and m.user_high = c.user_high
           and m.subject_kind = c.subject_kind and m.subject_id = c.subject_id
           and m.read_at_ms is null and m.deleted_at_ms is null
         ) or c.unread_high <> (
           select count(*) from messages m
           where m.recipient_id = c.user_high and m.user_low = c.user_low and m.user_high = c.user_high
           and m.subject_kind = c.subject_kind and m.subject_id = c.subject_id
           and m.read_at_ms is null and m.deleted_at_ms is null
         )",
    );
    assert_eq!(differing.fetch_one(&pool).await.expect("a row").get::<i64, _>(0), 0, "conversations that count wrong");
    let differing = sqlx::query(
        "select count(*) from users u
         where u.conversation_count <> (
           select count(*) from conversations c where c.user_low = u.id or c.user_high = u.id
         )",
    );
    assert_eq!(differing.fetch_one(&pool).await.expect("a row").get::<i64, _>(0), 0, "people who count wrong");
    let all = sqlx::query("select count(*) from conversations").fetch_one(&pool).await.expect("a row").get(0);
    pool.close().await;
    all
}

/// The same draws each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % n
    }
}

async fn write(db: Db, (sender, recipient): (UserId, UserId), subject: Subject) -> MessageId {
    let new = messages::NewMessage {
        sender,
        recipient,
        subject,
        body: "words".into(),
        message_type: "text".into(),
        client_key: None,
        written_at: None,
    };
    command!(db, |c| messages::insert(c, &new, NOW)).unwrap_or_else(|e: DbError| panic!("written: {e}"))
}

/// Whatever can be done to messages, `steps` times.
async fn live(db: Db, people: Vec<UserId>, seed: u64, steps: usize) {
    let (mut dice, mut known) = (Dice(seed), Vec::new());
    for _ in 0..steps {
        let (a, b) = (dice.below(people.len()), dice.below(people.len() - 1));
        let pair = (people[a], people[if b >= a { b + 1 } else { b }]);
        let subject = if dice.below(2) == 0 { Subject::None } else { Subject::Job(JobId(5)) };
        // Others do things to the same ones at the same moment: the lowest ids are everybody's.
        let id = MessageId(1 + i64::try_from(dice.below(40)).expect("small"));
        match dice.below(6) {
            0 | 1 => known.push(write(db.clone(), pair, subject).await),
            2 => {
                let done: Result<_, DbError> = command!(db, |c| messages::mark_read(c, id, NOW));
                done.expect("read");
            }
            3 | 4 => {
                let up_to = *known.last().unwrap_or(&id);
                let done: Result<_, DbError> =
                    command!(db, |c| messages::mark_read_up_to(c, pair, subject, up_to, NOW));
                done.expect("read");
            }
            _ => {
                let done: Result<_, DbError> = command!(db, |c| messages::delete(c, id, NOW));
                done.expect("deleted");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_kept_is_what_counting_says_whatever_is_done_at_once() {
    on_both("kept", async |url| {
        let db = open(&url).await;
        let mut people = Vec::new();
        for name in ["ana", "tunde", "lena"] {
            let new = people::NewUser {
                email: format!("{name}@example.com"),
                name: name.into(),
                password_hash: "hash".into(),
                role: "member",
                craft: None,
            };
            people.push(command!(db, |c| people::create(c, &new, NOW)).expect("a person"));
        }
        let lives = (0..6).map(|seed| tokio::spawn(live(db.clone(), people.clone(), seed, 60)));
        for life in lives.collect::<Vec<_>>() {
            life.await.expect("nothing failed");
        }
        assert_eq!(compare(&url).await, 6, "each pair, with a subject and without");
        let mut c = db.read().await.expect("a connection");
        for who in people {
            let rows = conversations::list(&mut c, who, 0, 100).await.expect("read");
            assert_eq!(conversations::count(&mut c, who).await.expect("read"), 4);
            let unread: i64 = rows.iter().map(|row| row.unread).sum();
            assert_eq!(messages::unread_count(&mut c, who).await.expect("read"), unread);
        }
        drop(c);
        db.close().await;
    })
    .await;
}

/// Makes a database as the version with the first migrations left it.
async fn as_an_older_version(url: &str, migrations: &str, last: u32, rows: &[&'static str]) {
    sqlx::any::install_default_drivers();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let from =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where")).join("migrations").join(migrations);
    for entry in std::fs::read_dir(from).expect("the migrations").flatten() {
        let name = entry.file_name().into_string().expect("a plain name");
        if name[..4].parse::<u32>().expect("a number") <= last {
            std::fs::copy(entry.path(), folder.path().join(name)).expect("copied");
        }
    }
    let address = if url.starts_with("sqlite:") { format!("{url}?mode=rwc") } else { url.to_owned() };
    let pool = AnyPoolOptions::new().max_connections(1).connect(&address).await.expect("connects");
    Migrator::new(folder.path()).await.expect("migrations").run(&pool).await.expect("migrated");
    for statement in rows {
        sqlx::query(*statement).execute(&pool).await.unwrap_or_else(|e| panic!("{statement}: {e}"));
    }
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_older_version_left_is_counted_once_and_found_by_its_words() {
    const ROWS: [&str; 5] = [
        "insert into users (email, name, name_folded, password_hash, role, created_at_ms)
         values ('a', 'Ana', 'ana', 'h', 'member', 1), ('t', 'Tunde', 'tunde', 'h', 'member', 1),
           ('l', 'Lena', 'lena', 'h', 'member', 1)",
        "insert into messages (sender_id, recipient_id, user_low, user_high, subject_kind, subject_id, body, search_words,
           message_type, created_at_ms, read_at_ms, deleted_at_ms)
         values (1, 2, 1, 2, '', 0, 'Iroko cabinets', 'iroko cabinets', 'text', 1, 2, null),
           (2, 1, 1, 2, '', 0, 'which iroko', 'which iroko', 'text', 1, null, null),
           (2, 1, 1, 2, '', 0, 'this one', 'this one', 'text', 1, null, null),
           (1, 2, 1, 2, '', 0, '', '', 'text', 1, null, 3),
           (1, 2, 1, 2, 'job', 5, 'iroko for the job', 'iroko for the job', 'text', 1, null, null),
           (3, 2, 2, 3, '', 0, 'iroko too', 'iroko too', 'text', 1, null, null)",
        "insert into conversations (user_low, user_high, subject_kind, subject_id, last_message_id)
         values (1, 2, '', 0, 4), (1, 2, 'job', 5, 5), (2, 3, '', 0, 6)",
        "insert into server_settings (name, value) values ('folding', '1')",
        "insert into deadlines (kind, subject, due_at_ms) values ('a', 1, 1)",
    ];
    on_both("older", async |url| {
        let engine = if url.starts_with("sqlite:") { "sqlite" } else { "postgres" };
        as_an_older_version(&url, engine, 5, &ROWS).await;
        let db = open(&url).await;
        assert_eq!(compare(&url).await, 3);
        let (ana, tunde, lena) = (UserId(1), UserId(2), UserId(3));
        let mut c = db.read().await.expect("a connection");
        let messages =
            async |c: &mut _, a, b, subject| conversations::count_messages(c, a, b, subject).await.expect("read");
        assert_eq!(messages(&mut c, ana, tunde, Subject::None).await, 4);
        assert_eq!(messages(&mut c, tunde, ana, Subject::Job(JobId(5))).await, 1);
        assert_eq!(messages(&mut c, ana, lena, Subject::None).await, 0);
        let unread = async |c: &mut _, who| -> Vec<i64> {
            conversations::list(c, who, 0, 10).await.expect("read").iter().map(|row| row.unread).collect()
        };
        assert_eq!(unread(&mut c, ana).await, [0, 2]);
        assert_eq!(unread(&mut c, tunde).await, [1, 1, 0]);
        assert_eq!(unread(&mut c, lena).await, [0]);
        for (who, q, expected) in [(ana, "iroko", vec![5, 2, 1]), (lena, "irok", vec![6]), (tunde, "this on", vec![3])]
        {
            let found = messages::search(&mut c, db.engine(), who, q, 10).await.expect("found");
            assert_eq!(found.iter().map(|message| message.id.0).collect::<Vec<_>>(), expected, "{who}: {q}");
        }
        drop(c);
        // And it goes on from there, what was indexed before being taken out with its text.
        let gone: Result<_, DbError> = command!(db, |c| messages::delete(c, MessageId(2), NOW));
        assert!(gone.expect("deleted"));
        let mut c = db.read().await.expect("a connection");
        assert_eq!(messages::search(&mut c, db.engine(), ana, "which", 10).await.expect("found").len(), 0);
        assert_eq!(unread(&mut c, ana).await, [0, 1]);
        drop(c);
        write(db.clone(), (lena, ana), Subject::None).await;
        assert_eq!(compare(&url).await, 4);
        db.close().await;
        // Opened once more, nothing is filled in again.
        open(&url).await.close().await;
        assert_eq!(compare(&url).await, 4);
    })
    .await;
}

//! Looking for words costs what one's own messages are, in a market that is full of the same words.

#[path = "support/postgres.rs"]
mod postgres;

use std::{path::Path, sync::Arc};

use guildhall_db::{Committed, Db, DbError, Engine, messages, people};
use guildhall_market::{
    ids::{MessageId, UserId},
    messages::Subject,
    time::Timestamp,
};
use sqlx::{Connection, Row};

const NOW: Timestamp = Timestamp(1_763_856_000_000);
const QUERY: &str = "iroko cab";

async fn told(db: &Db, statement: &'static str) {
    db.write::<_, DbError, _>(move |c| Box::pin(async move { c.pragma(statement).await.map(Committed::quiet) }))
        .await
        .unwrap_or_else(|e| panic!("{statement}: {e}"));
}

async fn person(db: &Db, name: &'static str) -> UserId {
    let new = people::NewUser {
        email: format!("{name}@example.com"),
        name: name.into(),
        password_hash: "hash".into(),
        role: "member",
        craft: None,
    };
    db.write(move |c| {
        let new = new.clone();
        Box::pin(async move { people::create(c, &new, NOW).await.map(Committed::quiet) })
    })
    .await
    .expect("a person")
}

async fn write(db: &Db, (sender, recipient): (UserId, UserId), body: &str) -> MessageId {
    let new = messages::NewMessage {
        sender,
        recipient,
        subject: Subject::None,
        body: body.into(),
        message_type: "text".into(),
        client_key: None,
        written_at: None,
    };
    db.write::<_, DbError, _>(move |c| {
        let new = new.clone();
        Box::pin(async move { messages::insert(c, &new, NOW).await.map(Committed::quiet) })
    })
    .await
    .expect("a message")
}

/// Ana has three messages with the words, and two others have a hundred thousand, older and newer ones. Answers with hers.
async fn full_market(db: &Db) -> (UserId, UserId, Vec<i64>) {
    let (ana, tunde, lena) = (person(db, "ana").await, person(db, "tunde").await, person(db, "lena").await);
    write(db, (tunde, lena), "The iroko cabinets are ready").await;
    let copy = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 50000)
         insert into messages (sender_id, recipient_id, user_low, user_high, subject_kind, subject_id, body, search_words,
           message_type, created_at_ms)
         select m.sender_id, m.recipient_id, m.user_low, m.user_high, '', 0, m.body, m.search_words, 'text', m.created_at_ms
         from messages m, n
         where m.id = 1";
    told(db, copy).await;
    let mut own = Vec::new();
    for pair in [(ana, tunde), (tunde, ana), (lena, ana)] {
        own.insert(0, write(db, pair, "Iroko cabinets of mine").await.0);
    }
    told(db, copy).await;
    (ana, tunde, own)
}

async fn found(db: &Db, user: UserId) -> Vec<i64> {
    let mut c = db.read().await.expect("a connection");
    let found = messages::search(&mut c, db.engine(), user, QUERY, 20).await.expect("found");
    found.iter().map(|message| message.id.0).collect()
}

/// How many entries of the index stand below what a query names, and how many messages the index answers with.
fn entries(file: &Path, asked: &str) -> (i64, i64) {
    let connection = rusqlite::Connection::open(file).expect("opens");
    let vocabulary = "create virtual table temp.vocabulary using fts5vocab ('main', 'messages_search', 'row')";
    connection.execute_batch(vocabulary).expect("the words of the index");
    let read = asked.split(['"', ' ', '*']).filter(|piece| !piece.is_empty()).map(|piece| {
        // As many as begin so: a piece that has to be whole reads no more.
        let below = "select coalesce(sum(doc), 0) from temp.vocabulary where term >= ?1 and term < ?1 || char(1114111)";
        connection.query_row(below, [piece], |row| row.get::<_, i64>(0)).expect("a number")
    });
    let matched = "select count(*) from messages_search where messages_search match ?1";
    (read.sum(), connection.query_row(matched, [asked], |row| row.get(0)).expect("a number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_reads_of_the_index_what_is_ones_own_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("hall.sqlite");
    let db = Db::open(&format!("sqlite:{}", file.display()), Arc::new(|_| {})).await.expect("opens");
    let (ana, tunde, own) = full_market(&db).await;
    assert_eq!(found(&db, ana).await, own);
    let asked = messages::words_asked(Engine::Sqlite, ana, QUERY).expect("words");
    assert_eq!(entries(&file, &asked), (6, 3), "two words of three messages");
    // Those who have many get the newest of them.
    let many = found(&db, tunde).await;
    assert!(many.len() == 20 && many.is_sorted_by(|a, b| a > b) && many[0] == 100_004, "{many:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_reads_of_the_index_what_is_ones_own_alone() {
    let server = postgres::Postgres::start();
    let url = server.database("search");
    let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
    let (ana, tunde, own) = full_market(&db).await;
    assert_eq!(found(&db, ana).await, own);
    let statements = db.statement_texts();
    let statement = statements.iter().find(|text| text.contains("to_tsquery")).expect("it was carried out");
    let mut connection = sqlx::PgConnection::connect(&url).await.expect("connects");
    // Whether the planner knows the words already or not.
    for known in [false, true] {
        if known {
            sqlx::query("analyze messages").execute(&mut connection).await.expect("analysed");
        }
        let explained = format!("explain (analyze, buffers, costs off, timing off, summary off) {statement}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(explained))
            .bind(messages::words_asked(Engine::Postgres, ana, QUERY).expect("words"))
            .bind(ana.0)
            .bind(20_i64)
            .fetch_all(&mut connection)
            .await
            .expect("explained");
        let plan = rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n");
        assert!(plan.contains("Bitmap Index Scan on messages_search"), "{plan}");
        // The first line about pages counts all those below it.
        let pages = plan.lines().find_map(|line| line.trim().strip_prefix("Buffers: shared ")).expect("pages");
        let read: u64 = pages.split(' ').filter_map(|part| part.split('=').nth(1)?.parse::<u64>().ok()).sum();
        assert!(read < 150, "{read} pages of eight KiB were read:\n{plan}");
    }
    let many = found(&db, tunde).await;
    assert!(many.len() == 20 && many.is_sorted_by(|a, b| a > b), "{many:?}");
}

/// Letters to whoever cuts the words, and none to one of the two indexes: what stands behind one becomes a word of
/// the index without an owner, so anybody can write one that looks like another person's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_write_hides_nothing_of_ones_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = postgres::Postgres::start();
    for url in [format!("sqlite:{}", folder.path().join("hall.sqlite").display()), server.database("hidden")] {
        let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
        let (ana, tunde, lena) = (person(&db, "ana").await, person(&db, "tunde").await, person(&db, "lena").await);
        let own = write(&db, (tunde, ana), "Iroko cabinets of mine").await.0;
        for letter in ['\u{1F170}', '\u{1F171}', '\u{19B0}', '\u{9F4}'] {
            for _ in 0..20 {
                write(&db, (tunde, lena), &format!("x{letter}u{ana}xiroko x{letter}u{ana}xcabinets")).await;
            }
        }
        assert_eq!(found(&db, ana).await, [own], "{url}");
        assert_eq!(found(&db, lena).await, [0; 0], "{url}");
        db.close().await;
    }
}

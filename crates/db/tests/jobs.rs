//! Jobs as stored, on both engines: held one after another, found by their words, with one live application for each artisan.

#[path = "support/postgres.rs"]
mod postgres;

use std::sync::Arc;

use guildhall_db::{
    Committed, Db, DbError,
    attachments::{self, NewAttachment},
    departures,
    jobs::{
        self, NewJob,
        applications::{self, NewApplication},
        board::{self, Wanted, Whose},
        files, leaving, milestones, progress,
        proposals::{self, NewProposal, Terms},
        reviews,
    },
    people,
};
use guildhall_market::{
    ids::UserId,
    jobs::{
        applications::State,
        posts::{Category, Priority},
        steps::Stage,
        words::terms,
    },
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

async fn person(db: &Db, name: &str) -> UserId {
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
    made.await.expect("an account")
}

fn everybodys(q: &str) -> Wanted {
    Wanted {
        whose: Whose::Everybodys,
        stage: None,
        category: Some(Category::Masonry),
        priority: Some(Priority::High),
        words: terms(q, ""),
        budget: Some(("NGN".into(), Some(50), Some(100))),
    }
}

async fn check(url: String) {
    let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
    let (ana, bruno, lena) = (person(&db, "ana").await, person(&db, "bruno").await, person(&db, "lena").await);
    let new = NewJob {
        client: ana,
        title: "Mend the roof".into(),
        description: "Twelve tiles and a gutter.".into(),
        category: Category::Masonry,
        budget_minor: 100,
        currency: "NGN".into(),
    };
    let mut job = command!(db, |c| jobs::add(c, &new, NOW));
    assert_eq!((job.stage, job.version, job.priority), (Stage::Draft, 0, Priority::Medium));
    (job.stage, job.version, job.priority, job.place) = (Stage::Open, 3, Priority::High, Some("Ìkẹjà".into()));
    let stored = job.clone();
    command!(db, |c| async {
        jobs::store(c, &stored).await?;
        jobs::index(c, &stored).await
    });
    let id = job.id;
    let held = command!(db, |c| jobs::hold(c, id)).expect("it is there");
    assert_eq!((held.stage, held.version, held.place.as_deref()), (Stage::Open, 3, Some("Ìkẹjà")));
    let mut c = db.read().await.expect("reads");
    for (q, found) in [("", 1), ("roof", 1), ("tiles gut", 1), ("ikej", 1), ("til gutter", 0), ("wall", 0)] {
        let wanted = everybodys(q);
        assert_eq!(board::count(&mut c, &wanted, NOW).await.expect("counts"), found, "{q}");
        assert_eq!(board::list(&mut c, &wanted, (0, 20), NOW).await.expect("rows").len() as i64, found, "{q}");
    }
    drop(c);

    // One that lives for each artisan; those that were turned down when somebody else got it wait again.
    let mut waiting = Vec::new();
    for artisan in [bruno, lena] {
        let made = command!(db, |c| async {
            let new = NewApplication { job: id, artisan, proposal: "I can do it.", price: (90, true) };
            applications::add(c, &new, NOW).await
        });
        waiting.push(made.id);
    }
    let twice: Result<(), DbError> = db
        .write(move |c| {
            Box::pin(async move {
                let new = NewApplication { job: id, artisan: bruno, proposal: "Again.", price: (80, true) };
                applications::add(c, &new, NOW).await.map(|_| Committed::quiet(()))
            })
        })
        .await;
    assert!(twice.is_err(), "one lives already");
    let (first, second) = (waiting[0], waiting[1]);
    command!(db, |c| applications::decide(c, first, State::Accepted, LATER));
    let rejected = command!(db, |c| applications::turn(c, id, (State::Pending, State::Rejected), LATER));
    assert_eq!(rejected.iter().map(|one| (one.id, one.state)).collect::<Vec<_>>(), [(second, State::Rejected)]);
    assert_eq!(command!(db, |c| applications::reopen(c, (id, ana), LATER)).len(), 1);
    command!(db, |c| applications::decide(c, second, State::Rejected, LATER));
    assert!(command!(db, |c| applications::reopen(c, (id, ana), LATER)).is_empty(), "a plain no stays one");
    command!(db, |c| applications::decide(c, second, State::Pending, LATER));
    let mut c = db.read().await.expect("reads");
    assert_eq!(applications::count_pending(&mut c, &[id]).await.expect("counts"), [(id, 1)]);
    assert_eq!(applications::last_of_many(&mut c, &[id], bruno).await.expect("rows").len(), 1);
    assert_eq!(applications::last_of(&mut c, id, lena).await.expect("a row").map(|one| one.version), Some(5));
    assert_eq!(
        board::count(&mut c, &Wanted { whose: Whose::Applicant(lena), ..everybodys("") }, NOW).await.expect("counts"),
        1
    );
    drop(c);

    command!(db, |c| milestones::add(c, id, ("Tiles", 40, None), NOW));
    let gutter = command!(db, |c| milestones::add(c, id, ("Gutter", 50, Some(LATER.0)), NOW));
    command!(db, |c| milestones::set(c, gutter, ("All gutters", 60, None)));
    let parts = milestones::of_jobs(&mut db.read().await.expect("reads"), &[id]).await.expect("rows");
    let titles: Vec<(&str, i64)> = parts.iter().map(|part| (part.title.as_str(), part.amount_minor)).collect();
    assert_eq!(titles, [("Tiles", 40), ("All gutters", 60)]);
    command!(db, |c| milestones::drop_one(c, gutter, LATER));
    assert_eq!(milestones::of_jobs(&mut db.read().await.expect("reads"), &[id]).await.expect("rows").len(), 1);
    command!(db, |c| milestones::drop_all(c, id, LATER));

    let kept =
        Terms { version: 1, agreed_minor: 90, milestones: "[]".into(), proposal_id: None, at_ms: NOW.0, job_id: id };
    command!(db, |c| proposals::keep_terms(c, &kept));
    for reason in ["first", "second"] {
        command!(db, |c| async {
            let new =
                NewProposal { job: id, by: bruno, reason, price_minor: Some(95), milestones: None, terms_version: 1 };
            proposals::add(c, &new, NOW).await
        });
    }
    let all = proposals::list(&mut db.read().await.expect("reads"), id, Timestamp(0)).await.expect("rows");
    let states: Vec<&str> = all.iter().map(|one| one.state.as_str()).collect();
    assert_eq!(states, ["open", "replaced"], "one of each person waits");
    let open = all[0].id;
    assert_eq!(command!(db, |c| proposals::decide(c, open, "accepted", LATER)).state, "accepted");
    command!(db, |c| proposals::end_all(c, id, LATER));
    for (since, found) in [(NOW, 1), (LATER, 0)] {
        let terms = proposals::terms_of(&mut db.read().await.expect("reads"), id, since).await.expect("rows");
        assert_eq!(terms.len(), found);
    }

    for n in 0..25_u8 {
        command!(db, |c| progress::add(c, (id, bruno), ("On", n), NOW));
    }
    let mut c = db.read().await.expect("reads");
    let last = progress::last_of(&mut c, &[id]).await.expect("rows");
    assert_eq!((last.len(), last[0].percent, last[19].percent), (20, 5, 24), "the last, oldest first");
    assert_eq!(progress::count(&mut c, id, NOW).await.expect("counts"), 25);
    assert_eq!(progress::list(&mut c, (id, NOW), (20, 100)).await.expect("rows").len(), 5);
    drop(c);

    // A picture of a job stays when whoever gave it leaves, and goes with a draft.
    let picture =
        NewAttachment { owner: ana, name: "roof.png".into(), mime: "image/png", size_bytes: 3, sha256: "00ff".into() };
    let file = command!(db, |c| attachments::insert(c, &picture, NOW));
    assert!(command!(db, |c| files::bind(c, (file, ana), (id, None), 0)));
    assert!(!command!(db, |c| files::bind(c, (file, ana), (id, None), 0)), "it is used");
    let mut c = db.read().await.expect("reads");
    assert!(attachments::for_reader(&mut c, file, lena).await.expect("a row").is_some(), "the job is open");
    assert_eq!(files::of_jobs(&mut c, &[id]).await.expect("rows").len(), 1);
    drop(c);
    assert!(command!(db, |c| departures::erase(c, ana)).is_empty());
    assert_eq!(files::of_jobs(&mut db.read().await.expect("reads"), &[id]).await.expect("rows").len(), 1);

    command!(db, |c| reviews::add(c, id, (ana, bruno), (5, "Well done."), NOW));
    let mut c = db.read().await.expect("reads");
    assert!(reviews::about(&mut c, bruno, 20).await.expect("rows").is_empty(), "nobody reads it yet");
    drop(c);
    assert_eq!(command!(db, |c| reviews::show(c, id, LATER)).len(), 1);
    assert_eq!(reviews::about(&mut db.read().await.expect("reads"), bruno, 20).await.expect("rows").len(), 1);
    assert!(command!(db, |c| jobs::invite(c, id, lena, NOW)) && !command!(db, |c| jobs::invite(c, id, lena, NOW)));
    command!(db, |c| leaving::forget(c, lena));
    assert_eq!(command!(db, |c| jobs::count_invited(c, id)), 0);

    let new = NewJob { title: "A draft".into(), ..new_draft(lena) };
    let draft = command!(db, |c| jobs::add(c, &new, NOW)).id;
    let file = command!(db, |c| attachments::insert(
        c,
        &NewAttachment { owner: lena, name: "a.png".into(), mime: "image/png", size_bytes: 3, sha256: "11ff".into() },
        NOW
    ));
    command!(db, |c| files::bind(c, (file, lena), (draft, None), 0));
    assert_eq!(leaving::of_client(&mut db.read().await.expect("reads"), lena, 0).await.expect("rows").len(), 1);
    assert_eq!(command!(db, |c| leaving::delete(c, draft)), ["11ff"], "what nobody has any more");
    assert!(jobs::get(&mut db.read().await.expect("reads"), draft).await.expect("a look").is_none());
    db.close().await;
}

fn new_draft(client: UserId) -> NewJob {
    NewJob {
        client,
        title: String::new(),
        description: "As it is said above.".into(),
        category: Category::Painting,
        budget_minor: 1,
        currency: "NGN".into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    check(format!("sqlite:{}", folder.path().join("hall.sqlite").display())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql() {
    let server = postgres::Postgres::start();
    check(server.database("jobs")).await;
}

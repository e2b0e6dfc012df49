//! Pages of people, and how people are found: on both engines the same, held to the rules of the market.

#[path = "support/postgres.rs"]
mod postgres;

use std::sync::Arc;

use guildhall_db::{
    Committed, Db, DbError, attachments, departures, people,
    profiles::{self, After, Profile},
};
use guildhall_market::{
    ids::{AttachmentId, UserId},
    profiles::{PeopleQuery, place_in_list},
    time::Timestamp,
};
use rand::{Rng, SeedableRng, rngs::SmallRng, seq::IndexedRandom};

const NOW: Timestamp = Timestamp(1_763_856_000_000);

macro_rules! command {
    ($db:expr, |$c:ident| $work:expr) => {
        $db.write::<_, DbError, _>(move |$c| Box::pin(async move { $work.await.map(Committed::quiet) }))
            .await
            .expect("the command is carried out")
    };
}

/// Both engines, freshly opened, each with what keeps it alive.
async fn both(name: &str, test: impl AsyncFn(Db)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = postgres::Postgres::start();
    for url in [format!("sqlite:{}", folder.path().join("hall.sqlite").display()), server.database(name)] {
        let db = Db::open(&url, Arc::new(|_| {})).await.expect("opens");
        test(db.clone()).await;
        db.close().await;
    }
}

async fn person(db: &Db, n: usize, name: &str, trade: Option<&str>, place: Option<&str>) -> UserId {
    let new = people::NewUser {
        email: format!("p{n}@example.com"),
        name: name.into(),
        password_hash: "hash".into(),
        role: "member",
        craft: trade.map(str::to_owned),
    };
    let id = db
        .write(move |c| Box::pin(async move { people::create(c, &new, NOW).await.map(Committed::quiet) }))
        .await
        .expect("a person");
    if let Some(place) = place {
        let (name, trade, place) = (name.to_owned(), trade.map(str::to_owned), place.to_owned());
        command!(db, |c| async move {
            let profile = Profile { place: Some(place), ..Profile::default() };
            profiles::set(c, id, (&name, trade.as_deref()), &profile, NOW).await
        });
    }
    id
}

/// All pages of what is found.
async fn found(db: &Db, wanted: &PeopleQuery, except: UserId, page: i64) -> Vec<UserId> {
    let mut c = db.read().await.expect("a connection");
    let (mut all, mut after): (Vec<UserId>, Option<After>) = (Vec::new(), None);
    loop {
        let some = profiles::find(&mut c, wanted, except, after.as_ref(), page).await.expect("found");
        let whole = some.len() as i64 == page;
        after = some.last().map(|one| one.after.clone());
        all.extend(some.into_iter().map(|one| one.user.id));
        if !whole {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_found_as_the_rules_say_page_by_page() {
    const NAMES: [&str; 8] = ["Ṣadé", "Tunde", "Bákàrè", "Lena", "Lagos", "Ọlá", "Oladele", "_%"];
    const TRADES: [&str; 4] = ["Joiner", "Master joiner", "Potter", "Électricien"];
    const PLACES: [&str; 4] = ["Surulere, Lagos", "Lagos Island", "Kumasi", "Lekki"];
    both("found", async |db| {
        let mut random = SmallRng::seed_from_u64(0x5EED);
        let mut market = Vec::new();
        for n in 0..120 {
            let name = format!("{} {}", NAMES.choose(&mut random).unwrap(), NAMES.choose(&mut random).unwrap());
            let trade = random.random_bool(0.6).then(|| *TRADES.choose(&mut random).unwrap());
            let place = random.random_bool(0.6).then(|| *PLACES.choose(&mut random).unwrap());
            let id = person(&db, n, &name, trade, place).await;
            market.push((place_in_list(&name, false), id, (name, trade, place)));
        }
        market.sort_unstable();
        let me = market[7].1;
        let typed = |random: &mut SmallRng, from: &[&str]| -> String {
            let words = from.choose(random).unwrap();
            match random.random_range(0..4) {
                0 => String::new(),
                1 => words.chars().take(2).collect(),
                2 => format!("{words} "),
                _ => (*words).to_owned(),
            }
        };
        for n in 0..150 {
            let wanted = PeopleQuery {
                q: typed(&mut random, &NAMES),
                trade: typed(&mut random, &TRADES),
                place: typed(&mut random, &PLACES),
                artisans: random.random_bool(0.2),
            };
            let expected: Vec<UserId> = market
                .iter()
                .filter(|(_, id, (name, trade, place))| *id != me && wanted.finds(name, *trade, *place))
                .map(|(_, id, _)| *id)
                .collect();
            let page = [1, 3, 7, 20][n % 4];
            assert_eq!(found(&db, &wanted, me, page).await, expected, "{wanted:?}, {page} at a time");
        }
    })
    .await;
}

/// Where thousands have the beginning of each of two words they are found in another way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_words_that_very_many_have_find_those_who_have_both() {
    /// So many that nine of ten are more than are counted.
    const PEOPLE: usize = 2_400;
    both("many", async |db| {
        let mut random = SmallRng::seed_from_u64(0xC0DE);
        let mut new = Vec::new();
        for n in 0..PEOPLE {
            let mut one_of = |common: [&'static str; 2], rare| {
                if random.random_bool(0.9) { common[random.random_range(0..2)] } else { rare }
            };
            let trade = Some(one_of(["Joinery", "Joiners’ master"], "Potter"));
            let place = Some(one_of(["Surulere", "Surulere Two"], "Kumasi"));
            new.push((n, format!("Ada {}", one_of(["Obiora", "Obioma"], "Eze")), trade, place));
        }
        let mut market = Vec::new();
        for some in new.chunks(200) {
            let some = some.to_vec();
            market.extend(command!(db, |c| async move {
                let mut made = Vec::new();
                for (n, name, trade, place) in some {
                    let email = format!("p{n}@example.com");
                    let craft = trade.map(str::to_owned);
                    let user = people::NewUser { email, name, password_hash: "-".into(), role: "member", craft };
                    let id = people::create(c, &user, NOW).await.expect("free");
                    let profile = Profile { place: place.map(str::to_owned), ..Profile::default() };
                    profiles::set(c, id, (&user.name, trade), &profile, NOW).await?;
                    made.push((place_in_list(&user.name, false), id, (user.name, trade, place)));
                }
                Ok::<_, DbError>(made)
            }));
        }
        market.sort_unstable();
        let me = market[7].1;
        let of = |q: &str, trade: &str, place: &str, artisans| PeopleQuery {
            q: q.into(),
            trade: trade.into(),
            place: place.into(),
            artisans,
        };
        for wanted in [
            of("", "joiner", "surule", false),
            of("obio", "joiner", "surule", false),
            of("ada ", "joiner", "surule", true),
            of("", "joiner", "surulere ", false),
            of("obioma", "potter", "surule", false),
            of("", "joiner", "kumasi", false),
        ] {
            let expected: Vec<UserId> = market
                .iter()
                .filter(|(_, id, (name, trade, place))| *id != me && wanted.finds(name, *trade, *place))
                .map(|(_, id, _)| *id)
                .collect();
            assert!(expected.len() > 50, "{wanted:?}: {}", expected.len());
            assert_eq!(found(&db, &wanted, me, 97).await, expected, "{wanted:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_changes_is_found_as_they_are_now_and_who_is_suspended_not_at_all() {
    both("changes", async |db| {
        let me = person(&db, 0, "Ana", None, None).await;
        let tunde = person(&db, 1, "Tunde", Some("Joiner"), Some("Lagos")).await;
        let finds = async |q: &str| found(&db, &PeopleQuery { q: q.into(), ..PeopleQuery::default() }, me, 20).await;
        assert_eq!((finds("tunde").await, finds("joiner").await), (vec![tunde], vec![tunde]));
        command!(db, |c| async move {
            let profile = Profile { words: Some("I measure twice.".into()), ..Profile::default() };
            let profile = profile.speaking(&["Yorùbá".into(), "English".into()]);
            profiles::set(c, tunde, ("Lena", None), &profile, NOW).await
        });
        assert_eq!((finds("tunde").await, finds("joiner").await, finds("lagos").await), (vec![], vec![], vec![]));
        assert_eq!(finds("lena").await, [tunde]);
        let stored = profiles::get(&mut db.read().await.expect("a connection"), tunde).await.expect("read");
        assert_eq!((stored.words.as_deref(), stored.place.as_deref()), (Some("I measure twice."), None));
        assert_eq!(stored.languages(), ["Yorùbá", "English"]);
        command!(db, |c| people::set_suspended(c, tunde, Some(NOW)));
        assert!(finds("lena").await.is_empty());
        command!(db, |c| people::set_suspended(c, tunde, None));
        assert_eq!(finds("lena").await, [tunde]);
    })
    .await;
}

async fn upload(db: &Db, owner: UserId, content: &str, mime: &'static str) -> AttachmentId {
    let new =
        attachments::NewAttachment { owner, name: "a.jpg".into(), mime, size_bytes: 1_000, sha256: content.repeat(64) };
    command!(db, |c| async move { attachments::insert(c, &new, NOW).await })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_of_a_page_are_everybodys_to_see_and_go_with_it() {
    both("pictures", async |db| {
        let (ana, tunde) = (person(&db, 0, "Ana", None, None).await, person(&db, 1, "Tunde", None, None).await);
        let doors = upload(&db, tunde, "a", "image/jpeg").await;
        let sheet = upload(&db, tunde, "b", "application/pdf").await;
        let seen = async |id: AttachmentId| {
            let mut c = db.read().await.expect("a connection");
            attachments::for_reader(&mut c, id, ana).await.expect("read").is_some()
        };
        assert!(!seen(doors).await, "it was uploaded, and shown to nobody");
        assert!(!command!(db, |c| attachments::show(c, doors, ana, "work")), "it is somebody else's");
        assert!(!command!(db, |c| attachments::show(c, sheet, tunde, "work")), "it is no picture");
        assert!(command!(db, |c| attachments::show(c, doors, tunde, "work")));
        assert!(!command!(db, |c| attachments::show(c, doors, tunde, "avatar")), "it is used");
        assert!(seen(doors).await && !seen(sheet).await);
        // What is shown does not count among what waits to be sent, and does not go with it.
        let held = attachments::held(&mut db.read().await.expect("a connection"), tunde).await.expect("read");
        assert_eq!((held.unsent_files, held.unsent_bytes, held.all_bytes), (1, 1_000, 2_000));
        let (gone, unused) = command!(db, |c| attachments::forget_unsent(c, NOW.plus_ms(1), 10));
        assert_eq!((gone, unused), (1, vec!["b".repeat(64)]));

        let key = || "k1".parse().expect("a key");
        assert!(
            command!(db, |c| async move { profiles::put_work(c, tunde, &key(), (doors, Some("Doors"), 0)).await })
                .is_empty()
        );
        let stairs = upload(&db, tunde, "c", "image/jpeg").await;
        command!(db, |c| attachments::show(c, stairs, tunde, "work"));
        let gone = command!(db, |c| async move { profiles::put_work(c, tunde, &key(), (stairs, None, 1)).await });
        assert_eq!(gone, ["a".repeat(64)], "the one before it");
        let works = profiles::works(&mut db.read().await.expect("a connection"), tunde).await.expect("read");
        assert_eq!(
            works.iter().map(|w| (&*w.key, w.attachment_id, w.title.is_some())).collect::<Vec<_>>(),
            [("k1", stairs, false)]
        );
        let face = upload(&db, tunde, "d", "image/jpeg").await;
        command!(db, |c| attachments::show(c, face, tunde, "avatar"));
        assert!(command!(db, |c| profiles::set_avatar(c, tunde, Some(face), Some("/there"))).is_empty());
        command!(db, |c| profiles::forget(c, tunde));
        let gone = command!(db, |c| departures::erase(c, tunde));
        assert_eq!(gone.len(), 2);
        let mut c = db.read().await.expect("a connection");
        assert!(profiles::works(&mut c, tunde).await.expect("read").is_empty());
        let stored = people::get(&mut c, tunde).await.expect("read").expect("still there");
        assert!(stored.avatar.is_none());
        let nobody = PeopleQuery { q: "tunde".into(), ..PeopleQuery::default() };
        assert!(found(&db, &nobody, ana, 20).await.is_empty());
    })
    .await;
}

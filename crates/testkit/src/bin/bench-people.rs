//! How long it takes to find people among many, in the database of a server: `bench-people URL [--people N]`. Prints the median
//! and the 99th percentile of each kind of question, in milliseconds, beside a query that reads one row.

use std::{sync::Arc, time::Instant};

use clap::Parser;
use guildhall_db::{Committed, Db, people, profiles};
use guildhall_market::{ids::UserId, profiles::PeopleQuery, time::Timestamp};
use rand::{Rng, SeedableRng, rngs::SmallRng, seq::IndexedRandom};

#[derive(Parser)]
struct Arguments {
    /// The database: `sqlite:PATH` or `postgres://…`. It is filled first where it is empty.
    url: String,
    /// People in it.
    #[arg(long, default_value_t = 100_000)]
    people: usize,
}

const FIRST: [&str; 24] = [
    "Adébáyọ̀",
    "Amara",
    "Babátúndé",
    "Bọ́lá",
    "Chidi",
    "Chinedu",
    "Danjuma",
    "Efua",
    "Emeka",
    "Fátimá",
    "Ifeoma",
    "Ibrahim",
    "Kwame",
    "Lena",
    "Marcus",
    "Ngozi",
    "Ọláyínká",
    "Ṣadé",
    "Tunde",
    "Uche",
    "Yusuf",
    "Zainab",
    "Kofi",
    "Abena",
];
const LAST: [&str; 20] = [
    "Adéyẹmí",
    "Bákàrè",
    "Bello",
    "Eze",
    "Hartwig",
    "Mensah",
    "Musa",
    "Nwosu",
    "Ọbasanjọ́",
    "Okafor",
    "Okonkwo",
    "Ọláyínká",
    "Owusu",
    "Reid",
    "Sani",
    "Umeh",
    "Abubakar",
    "Asante",
    "Boateng",
    "Danjuma",
];
const TRADES: [&str; 12] = [
    "Joiner",
    "Electrician",
    "Plumber",
    "Bricklayer",
    "Potter",
    "Blacksmith",
    "Tailor",
    "Painter",
    "Tiler",
    "Welder",
    "Upholsterer",
    "Leather worker",
];
const PLACES: [&str; 14] = [
    "Surulere, Lagos",
    "Yaba, Lagos",
    "Ikeja, Lagos",
    "Lekki, Lagos",
    "Ibadan",
    "Abuja",
    "Enugu",
    "Kano",
    "Port Harcourt",
    "Accra",
    "Kumasi",
    "Abeokuta",
    "Benin City",
    "Jos",
];

fn one_of<'a>(random: &mut SmallRng, words: &[&'a str]) -> &'a str {
    words.choose(random).copied().unwrap_or_default()
}

async fn fill(db: &Db, count: usize) {
    const AT_ONCE: usize = 500;
    let mut random = SmallRng::seed_from_u64(7);
    let now = Timestamp(1_763_856_000_000);
    let market: Vec<_> = (0..count)
        .map(|n| {
            let name = format!("{} {}", one_of(&mut random, &FIRST), one_of(&mut random, &LAST));
            let trade = random.random_bool(0.5).then(|| one_of(&mut random, &TRADES).to_owned());
            let place = random.random_bool(0.8).then(|| one_of(&mut random, &PLACES).to_owned());
            let new = people::NewUser {
                email: format!("p{n}@example.com"),
                name,
                password_hash: "-".into(),
                role: "member",
                craft: trade,
            };
            (new, place)
        })
        .collect();
    for some in market.chunks(AT_ONCE) {
        let some = some.to_vec();
        db.write::<_, people::CreateError, _>(move |c| {
            Box::pin(async move {
                for (new, place) in some {
                    let id = people::create(c, &new, now).await?;
                    let profile = profiles::Profile { place, ..profiles::Profile::default() };
                    profiles::set(c, id, (&new.name, new.craft.as_deref()), &profile, now).await?;
                }
                Ok(Committed::quiet(()))
            })
        })
        .await
        .expect("room for people");
    }
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let db = Db::open(&arguments.url, Arc::new(|_| {})).await.expect("a database");
    let mut c = db.read().await.expect("a connection");
    if people::count(&mut c).await.expect("a count") == 0 {
        fill(&db, arguments.people).await;
    }
    let me = UserId(1);
    let mut random = SmallRng::seed_from_u64(11);
    type Ask = fn(&mut SmallRng) -> PeopleQuery;
    let questions: [(&str, Ask); 7] = [
        ("nothing: everybody", |_| PeopleQuery::default()),
        ("nothing: artisans", |_| PeopleQuery { artisans: true, ..PeopleQuery::default() }),
        ("one letter", |random| PeopleQuery {
            q: one_of(random, &FIRST).chars().take(1).collect(),
            ..PeopleQuery::default()
        }),
        ("three letters", |random| PeopleQuery {
            q: one_of(random, &FIRST).chars().take(3).collect(),
            ..PeopleQuery::default()
        }),
        ("a whole name", |random| PeopleQuery {
            q: format!("{} {}", one_of(random, &FIRST), one_of(random, &LAST)),
            ..PeopleQuery::default()
        }),
        ("trade and place", |random| PeopleQuery {
            trade: one_of(random, &TRADES).into(),
            place: one_of(random, &PLACES).into(),
            ..PeopleQuery::default()
        }),
        ("a letter, artisans, in a place", |random| PeopleQuery {
            q: one_of(random, &FIRST).chars().take(1).collect(),
            place: one_of(random, &PLACES).into(),
            artisans: true,
            ..PeopleQuery::default()
        }),
    ];
    let percentile = |times: &mut Vec<f64>, p: f64| {
        times.sort_by(f64::total_cmp);
        times[((times.len() - 1) as f64 * p).round() as usize]
    };
    for (what, ask) in questions {
        let (mut times, mut floor) = (Vec::new(), Vec::new());
        for _ in 0..300 {
            let wanted = ask(&mut random);
            let started = Instant::now();
            profiles::find(&mut c, &wanted, me, None, 21).await.expect("found");
            times.push(started.elapsed().as_secs_f64() * 1_000.0);
            let started = Instant::now();
            people::get(&mut c, me).await.expect("read");
            floor.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        println!(
            "{what:<32} p50 {:>7.2} ms  p99 {:>7.2} ms   one row: p50 {:.2} ms",
            percentile(&mut times, 0.5),
            percentile(&mut times, 0.99),
            percentile(&mut floor, 0.5)
        );
    }
    drop(c);
    db.close().await;
}

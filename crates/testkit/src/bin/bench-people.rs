//! How long it takes to find people among many, in the database of a server: `bench-people URL [--people N]`. Prints the median
//! and the 99th percentile of each kind of question, in milliseconds, beside a query that reads one row.

use std::{sync::Arc, time::Instant};

use clap::Parser;
use guildhall_db::{Committed, Db, people, profiles};
use guildhall_market::{ids::UserId, profiles::PeopleQuery, time::Timestamp};
use rand::{
    Rng, SeedableRng,
    distr::{Distribution, weighted::WeightedIndex},
    rngs::SmallRng,
    seq::{IndexedRandom, SliceRandom},
};

#[derive(Parser)]
struct Arguments {
    /// The database: `sqlite:PATH` or `postgres://…`. It is filled first where it is empty.
    url: String,
    /// People in it.
    #[arg(long, default_value_t = 100_000)]
    people: usize,
}

/// Different first names, last names, trades and places. What people call themselves is unevenly spread: the most common last name
/// of a country is that of some in a hundred, and most are those of a few.
const FIRST_NAMES: usize = 2_000;
const LAST_NAMES: usize = 5_000;
const TRADES: usize = 80;
const PLACES: usize = 120;
/// How much more common the first of them is than the others: the weight of the one at place n is 1/n to this power (Zipf).
const UNEVENNESS: f64 = 0.8;

/// Words, the more common ones first, with how common they are.
struct Words {
    words: Vec<String>,
    spread: WeightedIndex<f64>,
}

impl Words {
    /// So many, of two or three syllables, with the letters that people there write.
    fn new(random: &mut SmallRng, count: usize) -> Self {
        const BEGINNINGS: [&str; 20] =
            ["b", "d", "f", "g", "k", "l", "m", "n", "r", "s", "t", "w", "y", "j", "ch", "gb", "kw", "ṣ", "z", "h"];
        const ENDS: [&str; 13] = ["a", "e", "i", "o", "u", "á", "é", "ọ́", "ẹ̀", "an", "in", "ọla", "ade"];
        let mut words = std::collections::BTreeSet::new();
        while words.len() < count {
            let mut word = String::new();
            for _ in 0..random.random_range(2..4) {
                word += BEGINNINGS.choose(random).copied().unwrap_or_default();
                word += ENDS.choose(random).copied().unwrap_or_default();
            }
            let mut letters = word.chars();
            let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
            words.insert(first + letters.as_str());
        }
        let mut words: Vec<String> = words.into_iter().collect();
        words.shuffle(random);
        let spread = WeightedIndex::new((1..=count).map(|n| (n as f64).powf(-UNEVENNESS))).expect("weights");
        Self { words, spread }
    }

    /// One of them, the common ones more often.
    fn one(&self, random: &mut SmallRng) -> &str {
        &self.words[self.spread.sample(random)]
    }
}

/// What the people of the market are called.
struct Market {
    first: Words,
    last: Words,
    trades: Words,
    places: Words,
}

impl Market {
    fn new() -> Self {
        let random = &mut SmallRng::seed_from_u64(5);
        Self {
            first: Words::new(random, FIRST_NAMES),
            last: Words::new(random, LAST_NAMES),
            trades: Words::new(random, TRADES),
            places: Words::new(random, PLACES),
        }
    }

    fn name(&self, random: &mut SmallRng) -> String {
        format!("{} {}", self.first.one(random), self.last.one(random))
    }
}

/// The first letters of a word.
fn beginning(word: &str, letters: usize) -> String {
    word.chars().take(letters).collect()
}

async fn fill(db: &Db, market: &Market, count: usize) {
    const AT_ONCE: usize = 500;
    let mut random = SmallRng::seed_from_u64(7);
    let now = Timestamp(1_763_856_000_000);
    let people: Vec<_> = (0..count)
        .map(|n| {
            let name = market.name(&mut random);
            let trade = random.random_bool(0.5).then(|| market.trades.one(&mut random).to_owned());
            let place = random.random_bool(0.8).then(|| market.places.one(&mut random).to_owned());
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
    for some in people.chunks(AT_ONCE) {
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
    let (market, mut c) = (Market::new(), db.read().await.expect("a connection"));
    if people::count(&mut c).await.expect("a count") == 0 {
        fill(&db, &market, arguments.people).await;
    }
    let me = UserId(1);
    let mut random = SmallRng::seed_from_u64(11);
    type Ask = fn(&Market, &mut SmallRng) -> PeopleQuery;
    let questions: [(&str, Ask); 7] = [
        ("nothing: everybody", |_, _| PeopleQuery::default()),
        ("nothing: artisans", |_, _| PeopleQuery { artisans: true, ..PeopleQuery::default() }),
        ("one letter", |market, random| PeopleQuery {
            q: beginning(market.first.one(random), 1),
            ..PeopleQuery::default()
        }),
        ("three letters", |market, random| PeopleQuery {
            q: beginning(market.first.one(random), 3),
            ..PeopleQuery::default()
        }),
        ("a whole name", |market, random| PeopleQuery { q: market.name(random), ..PeopleQuery::default() }),
        ("trade and place", |market, random| PeopleQuery {
            trade: market.trades.one(random).into(),
            place: market.places.one(random).into(),
            ..PeopleQuery::default()
        }),
        ("a letter, artisans, in a place", |market, random| PeopleQuery {
            q: beginning(market.first.one(random), 1),
            place: market.places.one(random).into(),
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
            let wanted = ask(&market, &mut random);
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

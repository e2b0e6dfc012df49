//! Jobs of the people of the demo market, in several stages. Nothing in them is real.

use guildhall_db::{
    Connection,
    jobs::{
        self, Job, NewJob,
        applications::{self, NewApplication},
        milestones, progress, proposals, reviews,
    },
};
use guildhall_market::{
    ids::UserId,
    jobs::{
        applications::State,
        posts::{Category, Priority},
        steps::Stage,
    },
    time::{DAY_MS, Timestamp},
};

use crate::error::{ApiError, written};

/// Places in the cast.
const AMARA: i64 = 1;
const TUNDE: i64 = 2;
const SADE: i64 = 3;
const LENA: i64 = 4;
const BOLA: i64 = 5;
const KWAME: i64 = 7;
const CHIDI: i64 = 8;
const NGOZI: i64 = 10;

/// How far one of them is.
enum At {
    Draft,
    /// Who applied, what they say, and their price.
    Open(&'static [(i64, &'static str, Option<i64>)]),
    /// Who has it, for how much, its parts, and how far it is.
    Begun(i64, i64, &'static [Part], &'static [(&'static str, u8)]),
    /// Who did it, for how much, its one part, and what the two say of each other.
    Done(i64, i64, &'static [Part], [(i64, &'static str); 2]),
}

/// A part of the work: what it is, kobo, and in how many days it is wanted, counted from now.
type Part = (&'static str, i64, i64);

/// One in which some parts are paid, one is looked at, one is held and one is to be paid in.
pub const KITCHEN: &str = "Iroko kitchen cabinets and island";
/// One that is done.
pub const CHAIRS: &str = "Eight dining chairs, new seats";
/// One about which the two disagree.
pub const PANTRY: &str = "Rewire the pantry and the cold room";
/// One that is done, of which something came back.
pub const DIMMERS: &str = "Dimmers in the dining room";
/// One that began.
pub const WARDROBE: &str = "Wardrobe for the guest room";

/// Days ago, whose, title, description, category, budget in kobo, place, how far.
type Row = (i64, i64, &'static str, &'static str, Category, i64, &'static str, At);

const JOBS: &[Row] = &[
    (
        42,
        AMARA,
        KITCHEN,
        "Carcasses, doors and an island for a hotel kitchen of 24 square metres. Drawings are there; the fridge bay is the tight spot.",
        Category::Carpentry,
        190_000_000,
        "Yaba, Lagos",
        At::Begun(
            TUNDE,
            185_000_000,
            &[
                ("Survey and drawings", 15_000_000, -37),
                ("Timber and machining", 60_000_000, -22),
                ("Carcasses and doors", 55_000_000, 0),
                ("Fitting on site", 40_000_000, 8),
                ("Finishing and snags", 15_000_000, 15),
            ],
            &[
                ("Timber is in and settles in the shop.", 15),
                ("Carcasses are glued and square within a millimetre.", 40),
                ("Doors hung dry. The grain runs straight across.", 60),
            ],
        ),
    ),
    (
        3,
        AMARA,
        "Move a meter board and test the circuits",
        "The board hangs where the annex will have its door. It moves two metres; a test sheet for every circuit afterwards.",
        Category::Electrical,
        24_000_000,
        "Ikoyi, Lagos",
        At::Open(&[
            (
                BOLA,
                "I can do it on a Saturday, with the power off for an hour, and bring the test sheet signed.",
                Some(22_500_000),
            ),
            (CHIDI, "Two metres need a new feed. I would look at the earth rod while I am there.", None),
        ]),
    ),
    (
        1,
        NGOZI,
        "Two garden gates, 1.14 m, forged",
        "For a yard wall of laterite, hung on pins that are there. Forged where it shows, and painted black.",
        Category::Welding,
        42_000_000,
        "Enugu",
        At::Open(&[(
            KWAME,
            "Forged hinges and a latch that a child can lift. Five weeks with the transport.",
            Some(44_000_000),
        )]),
    ),
    (
        2,
        LENA,
        "Cushions for eleven window seats",
        "Foam and covers for eleven seats of 160 cm; the cloth is here. Zips at the back, piping in green.",
        Category::Tailoring,
        33_000_000,
        "Victoria Island, Lagos",
        At::Open(&[]),
    ),
    (
        1,
        LENA,
        "Nine display plinths for a gallery",
        "Birch ply, sprayed white, dead level, with a recess at the foot. Delivered to the first floor; the lift takes two metres.",
        Category::Carpentry,
        96_000_000,
        "Victoria Island, Lagos",
        At::Open(&[(
            TUNDE,
            "I would cut them on one day so that the white is one batch, and level each on site with a feeler gauge.",
            Some(92_000_000),
        )]),
    ),
    (
        2,
        NGOZI,
        "Repair twenty-two church pews",
        "Loose tenons and split seats; one of them is beyond saving. They can be taken out six at a time, not on a Sunday.",
        Category::Carpentry,
        78_000_000,
        "Ibadan",
        At::Open(&[]),
    ),
    (
        4,
        LENA,
        "Shop counter with a glass front",
        "Four metres of counter, shelving to the ceiling behind it, and a flap to get through. The shop opens on the first of the month.",
        Category::Carpentry,
        135_000_000,
        "Surulere, Lagos",
        At::Open(&[]),
    ),
    (
        5,
        NGOZI,
        "Leak under the kitchen of a clinic",
        "Water comes through the ceiling below whenever the sinks are used together. The plan of the pipes is from 1988.",
        Category::Plumbing,
        21_000_000,
        "Enugu",
        At::Open(&[]),
    ),
    (
        0,
        AMARA,
        "Paint the staff rooms",
        "Three rooms, two coats, white. To be finished before the rains.",
        Category::Painting,
        18_000_000,
        "Ikoyi, Lagos",
        At::Draft,
    ),
    (
        48,
        AMARA,
        CHAIRS,
        "Strip to the frame, new webbing and horsehair, covered with the green cloth.",
        Category::Tailoring,
        36_000_000,
        "Ikoyi, Lagos",
        At::Done(
            SADE,
            36_000_000,
            &[("All eight chairs", 36_000_000, -34)],
            [
                (5, "Sat on all eight of them. Not one creaks, and the piping is exactly the green we meant."),
                (5, "Clear about what she wanted, and the chairs were emptied and waiting when I came."),
            ],
        ),
    ),
    (
        16,
        AMARA,
        PANTRY,
        "Twelve points in the pantry and a feed for the cold room, with a test sheet for every circuit.",
        Category::Electrical,
        52_000_000,
        "Ikoyi, Lagos",
        At::Begun(
            BOLA,
            50_000_000,
            &[("First fix", 18_000_000, -10), ("Second fix and test sheets", 32_000_000, -4)],
            &[("Conduit is in the walls, the boxes are level.", 35), ("All points are on. The cold room runs.", 90)],
        ),
    ),
    (
        26,
        AMARA,
        DIMMERS,
        "Six dimmers for the dining room, warm lamps, no hum. The old switches are to be taken out.",
        Category::Electrical,
        9_600_000,
        "Ikoyi, Lagos",
        At::Done(
            CHIDI,
            9_600_000,
            &[("Six dimmers", 9_600_000, -8)],
            [
                (4, "They dim without a hum. One came a day later than said, and he took that off the price himself."),
                (5, "Paid the same evening. The room was clear when I came."),
            ],
        ),
    ),
    (
        6,
        NGOZI,
        WARDROBE,
        "Two doors and a row of drawers between two walls that are not quite square. Birch ply with iroko edges.",
        Category::Carpentry,
        64_000_000,
        "Enugu",
        At::Begun(
            TUNDE,
            64_000_000,
            &[
                ("Boards and hardware", 21_500_000, 4),
                ("Made in the workshop", 29_000_000, 18),
                ("Fitted", 13_500_000, 25),
            ],
            &[("Measured twice: the left wall leans by 9 mm, and the drawings say so now.", 10)],
        ),
    ),
    (
        4,
        LENA,
        "Railing for the roof terrace",
        "Eleven metres of railing, forged where one touches it, hot-dip galvanised and painted the grey of the window frames.",
        Category::Welding,
        88_000_000,
        "Victoria Island, Lagos",
        At::Begun(
            KWAME,
            86_000_000,
            &[("Posts set", 26_000_000, 12), ("Railing fitted and painted", 60_000_000, 30)],
            &[],
        ),
    ),
];

async fn make(c: &mut Connection, row: &Row, now: Timestamp) -> Result<Job, ApiError> {
    let (days, client, title, description, category, budget_minor, place, _) = row;
    let at = now.plus_ms(-days * DAY_MS - 60_000);
    let new = NewJob {
        client: UserId(*client),
        title: (*title).to_owned(),
        description: (*description).to_owned(),
        category: *category,
        budget_minor: *budget_minor,
        currency: "NGN".to_owned(),
    };
    let mut job = jobs::add(c, &new, at).await?;
    job.place = Some((*place).to_owned());
    job.priority = Priority::Medium;
    jobs::index(c, &job).await?;
    Ok(job)
}

async fn apply(
    c: &mut Connection,
    job: &Job,
    (artisan, proposal, price): (i64, &str, Option<i64>),
    at: Timestamp,
) -> Result<i64, ApiError> {
    let price = (price.unwrap_or(job.budget_minor), price.is_some());
    let new = NewApplication { job: job.id, artisan: UserId(artisan), proposal, price };
    Ok(applications::add(c, &new, at).await?.id)
}

async fn give(c: &mut Connection, job: &mut Job, artisan: i64, agreed: i64, at: Timestamp) -> Result<(), ApiError> {
    let id =
        apply(c, job, (artisan, "I have done this before, and could begin within the week.", Some(agreed)), at).await?;
    applications::decide(c, id, State::Accepted, at).await?;
    (job.stage, job.artisan_id, job.agreed_minor) = (Stage::Assigned, Some(UserId(artisan)), Some(agreed));
    (job.assigned_at_ms, job.terms_version) = (Some(at.0), 1);
    let terms = proposals::Terms {
        version: 1,
        agreed_minor: agreed,
        milestones: written(&[(); 0])?,
        proposal_id: None,
        at_ms: at.0,
        job_id: job.id,
    };
    Ok(proposals::keep_terms(c, &terms).await?)
}

async fn plan(c: &mut Connection, job: &Job, parts: &[Part], now: Timestamp) -> Result<(), ApiError> {
    for (title, minor, days) in parts {
        let due = now.plus_ms(days * DAY_MS);
        milestones::add(c, job.id, (title, *minor, Some(due.0)), Timestamp(job.created_at_ms)).await?;
    }
    Ok(())
}

/// Fills them in.
///
/// # Errors
/// The database's.
pub async fn fill(c: &mut Connection, now: Timestamp) -> Result<(), ApiError> {
    for row in JOBS {
        let mut job = make(c, row, now).await?;
        let at = Timestamp(job.created_at_ms);
        if !matches!(row.7, At::Draft) {
            job.stage = Stage::Open;
            job.published_at_ms = Some(at.0);
        }
        match &row.7 {
            At::Draft => {}
            At::Open(applied) => {
                for one in *applied {
                    apply(c, &job, *one, at.plus_ms(60_000)).await?;
                }
            }
            At::Begun(artisan, agreed, parts, reports) => {
                give(c, &mut job, *artisan, *agreed, at.plus_ms(60_000)).await?;
                job.started = i64::from(!reports.is_empty());
                plan(c, &job, parts, now).await?;
                for (n, (note, percent)) in (1..).zip(*reports) {
                    progress::add(c, (job.id, UserId(*artisan)), (note, *percent), at.plus_ms(n * DAY_MS)).await?;
                }
            }
            At::Done(artisan, agreed, parts, said) => {
                give(c, &mut job, *artisan, *agreed, at.plus_ms(60_000)).await?;
                plan(c, &job, parts, now).await?;
                let end = at.plus_ms(14 * DAY_MS);
                (job.stage, job.started, job.ended_at_ms) = (Stage::Completed, 1, Some(end.0));
                let (client, artisan) = (job.client_id, UserId(*artisan));
                for ((author, subject), (stars, words)) in [(client, artisan), (artisan, client)].into_iter().zip(said)
                {
                    reviews::add(c, job.id, (author, subject), (*stars, words), end).await?;
                }
                reviews::show(c, job.id, end).await?;
            }
        }
        job.version = 1;
        jobs::store(c, &job).await?;
    }
    Ok(())
}

//! The real directory and the real loops, with sockets in memory and a clock turned by hand, in interleavings drawn from a
//! seed, against a small model that knows names and sets only.
//!
//! **Invariant:** a frame of channel C reaches exactly the sockets that hold C when its turn comes, in order, none twice
//! and none left out; a socket that closes has a whole beginning of what it would have got. And when everybody is gone,
//! nothing is remembered of anybody.
//!
//! `cargo test` tries new seeds for some seconds, and those of `seeds.txt`, which failed once. `GUILDHALL_SIMULATION_STEPS`
//! asks for so many steps instead, `GUILDHALL_SIMULATION_SEED` for one seed.

mod draw;
mod model;
pub mod pipe;
mod threads;
mod world;

use std::time::{Duration, Instant};

use guildhall_pusher::socket_id::SocketId;

use self::world::World;

/// What happens in a loop that a model of names cannot foretell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// A socket got its place.
    Adopted(SocketId),
    /// What a socket said right behind its upgrade is heard, whether it is still there or not.
    Early(SocketId),
    /// The protocol is over on a socket.
    Ended(SocketId),
    /// What was gathered is written, at the end of a turn.
    Flush,
    /// The same, in the middle of one, since it has become much: behind so many commands of this loop.
    Burst(u64),
    /// It is written, and whoever was found slow or gone has ended.
    Written,
}

/// Steps of one seed.
const STEPS: u64 = 600;
/// How long new seeds are tried.
const FOR: Duration = Duration::from_secs(12);

/// Runs one seed, after so many steps of others. Answers how many it were then, or fails with the seed in words.
fn run(seed: u64, before: u64) -> u64 {
    let outcome = std::panic::catch_unwind(|| {
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step();
        }
        world.end();
    });
    if let Err(payload) = outcome {
        eprintln!("after {before} steps seed {seed} failed: add it to simulation/seeds.txt");
        std::panic::resume_unwind(payload);
    }
    before + STEPS
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")))
}

#[test]
fn seeds_that_failed_once_pass() {
    for line in include_str!("seeds.txt").lines() {
        let seed = line.split_whitespace().next().filter(|word| !word.starts_with('#'));
        if let Some(seed) = seed {
            run(seed.parse().expect("a line begins with a seed"), 0);
        }
    }
}

#[test]
fn a_frame_reaches_exactly_the_sockets_that_hold_its_channel() {
    if let Some(seed) = setting("GUILDHALL_SIMULATION_SEED") {
        run(seed, 0);
        return;
    }
    let wanted = setting("GUILDHALL_SIMULATION_STEPS");
    let (started, mut steps) = (Instant::now(), 0);
    // Another set of seeds each time: what is found is kept in the file.
    let mut seed = rand::random::<u32>().into();
    while wanted.map_or_else(|| started.elapsed() < FOR, |wanted| steps < wanted) {
        steps = run(seed, steps);
        seed += 1;
    }
    println!("{steps} steps in {:.1} s, seeds up to {seed}", started.elapsed().as_secs_f64());
}
